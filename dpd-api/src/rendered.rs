//! Answers that are large enough to hold up others while they are rendered.

use crate::ApiError;
use dpd_types::Page;
use dropshot::{Body, HttpError, HttpResponse, HttpResponseOk};
use http::{Response, StatusCode, header};
use schemars::JsonSchema;
use serde::Serialize;
use std::marker::PhantomData;

/// A 200 answer with a `T`, rendered already.
///
/// dropshot renders a typed answer on the reactor's thread, where a page of 10,000 entries keeps
/// every other request waiting. Make this on a blocking thread instead. In the OpenAPI document it
/// is the same as [`HttpResponseOk<T>`].
pub struct Rendered<T> {
    json: Vec<u8>,
    shape: PhantomData<fn() -> T>,
}

impl<T: Serialize> Rendered<T> {
    /// Renders `value`. Fails, with status 500, only for a type that JSON cannot express.
    pub fn new(value: &T) -> Result<Self, ApiError> {
        let json = serde_json::to_vec(value)
            .map_err(|error| HttpError::for_internal_error(error.to_string()))?;
        Ok(Self { json, shape: PhantomData })
    }
}

impl<T: Serialize> Rendered<Page<T>> {
    /// Renders a page.
    pub fn page(items: Vec<T>, next_page: Option<String>) -> Result<Self, ApiError> {
        Self::new(&Page { items, next_page })
    }
}

impl<T> HttpResponse for Rendered<T>
where
    T: JsonSchema + Serialize + Send + Sync + 'static,
{
    fn to_result(self) -> Result<Response<Body>, HttpError> {
        Ok(Response::builder()
            .status(StatusCode::OK)
            .header(header::CONTENT_TYPE, dropshot::CONTENT_TYPE_JSON)
            .body(self.json.into())?)
    }

    fn response_metadata() -> dropshot::ApiEndpointResponse {
        HttpResponseOk::<T>::response_metadata()
    }

    fn status_code(&self) -> StatusCode {
        StatusCode::OK
    }
}
