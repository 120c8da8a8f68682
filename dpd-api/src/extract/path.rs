//! The parameters in the path.

use super::text::{self, Parameter};
use super::{ParameterLocation, ParameterRefusal};
use async_trait::async_trait;
use dropshot::{
    ApiEndpointBodyContentType, ExtractorMetadata, HttpError, Path, RequestContext, ServerContext,
    SharedExtractor,
};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// The path parameters, or why they were refused. In place of [`dropshot::Path`].
#[derive(Clone, Debug)]
pub struct PathParams<T>(Result<T, ParameterRefusal>);

impl<T> PathParams<T> {
    /// The parameters, or the first that was refused.
    pub fn into_result(self) -> Result<T, ParameterRefusal> {
        self.0
    }
}

#[async_trait]
impl<T> SharedExtractor for PathParams<T>
where
    T: DeserializeOwned + JsonSchema + Send + Sync + 'static,
{
    async fn from_request<Context: ServerContext>(
        rqctx: &RequestContext<Context>,
    ) -> Result<Self, HttpError> {
        // dropshot has split the path at slashes and then decoded each part, so that a text may
        // hold a slash that was written as `%2F`.
        let given: Path<BTreeMap<String, String>> = Path::from_request(rqctx).await?;
        let given = given.into_inner().into_iter().map(|(name, value)| Parameter { name, value });
        let read = text::read(ParameterLocation::Path, given.collect());
        Ok(Self(read.map(|understood| understood.value)))
    }

    fn metadata(content_type: ApiEndpointBodyContentType) -> ExtractorMetadata {
        Path::<T>::metadata(content_type)
    }
}
