//! The parameters in the query.

use super::text::{self, Parameter, Understood};
use super::{ParameterLocation, ParameterProblem, ParameterRefusal};
use async_trait::async_trait;
use dpd_types::{
    AuditQuery, ChangesQuery, DeleteQuery, DryRunQuery, EntriesQuery, NoQuery, PageQuery,
    TableCountersQuery, TableDumpQuery,
};
use dropshot::{
    ApiEndpointBodyContentType, ExtensionMode, ExtractorMetadata, HttpError, Query, RequestContext,
    ServerContext, SharedExtractor,
};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::json;

/// The query parameters, or why they were refused. In place of [`dropshot::Query`], which ignores
/// a parameter that it does not know: `?dryrun=true` would write.
///
/// An unknown, repeated, missing or malformed parameter is refused, and so is any but `limit`
/// beside a `page_token`.
#[derive(Clone, Debug)]
pub struct QueryParams<T>(Result<T, ParameterRefusal>);

/// A struct whose fields are the query parameters of an operation.
pub trait QueryType: DeserializeOwned + JsonSchema + Send + Sync + 'static {
    /// Of an operation that answers in pages: the parameters that must be there unless
    /// `page_token` is. (What must always be there is a field that is neither an [`Option`] nor
    /// has a default.)
    const FIRST_PAGE_NEEDS: Option<&'static [&'static str]> = None;
}

impl QueryType for NoQuery {}
impl QueryType for DryRunQuery {}
impl QueryType for AuditQuery {}
impl QueryType for DeleteQuery {}
impl QueryType for TableDumpQuery {}
impl QueryType for TableCountersQuery {}
impl QueryType for PageQuery {
    const FIRST_PAGE_NEEDS: Option<&'static [&'static str]> = Some(&[]);
}
impl QueryType for EntriesQuery {
    const FIRST_PAGE_NEEDS: Option<&'static [&'static str]> = Some(&[]);
}
impl QueryType for ChangesQuery {
    const FIRST_PAGE_NEEDS: Option<&'static [&'static str]> = Some(&["from"]);
}

impl<T> QueryParams<T> {
    /// The parameters, or the first that was refused.
    pub fn into_result(self) -> Result<T, ParameterRefusal> {
        self.0
    }
}

#[async_trait]
impl<T: QueryType> SharedExtractor for QueryParams<T> {
    async fn from_request<Context: ServerContext>(
        rqctx: &RequestContext<Context>,
    ) -> Result<Self, HttpError> {
        Ok(Self(read(rqctx.request.uri().query().unwrap_or_default())))
    }

    /// As dropshot's; and an operation that answers in pages is marked so, which is what client
    /// generators look for.
    fn metadata(content_type: ApiEndpointBodyContentType) -> ExtractorMetadata {
        let mut metadata = Query::<T>::metadata(content_type);
        if let Some(needs) = T::FIRST_PAGE_NEEDS {
            metadata.extension_mode = ExtensionMode::Paginated(json!({ "required": needs }));
        }
        metadata
    }
}

/// Reads what stands behind the question mark.
fn read<T: QueryType>(query: &str) -> Result<T, ParameterRefusal> {
    let given = pairs(query);
    let names: Vec<String> = given.iter().map(|parameter| parameter.name.clone()).collect();
    let Understood { value, known } = text::read(ParameterLocation::Query, given)?;
    let Some(first_page_needs) = T::FIRST_PAGE_NEEDS else { return Ok(value) };

    let has = |name: &str| names.iter().any(|given| given == name);
    let (parameter, problem) = if has(PAGE_TOKEN) {
        let beside = names.iter().find(|name| ![PAGE_TOKEN, LIMIT].contains(&name.as_str()));
        (beside.cloned(), ParameterProblem::BesidePageToken)
    } else {
        let missing = first_page_needs.iter().find(|name| !has(name));
        (missing.map(|name| (*name).to_owned()), ParameterProblem::Missing)
    };
    match parameter {
        None => Ok(value),
        Some(parameter) => {
            let location = ParameterLocation::Query;
            Err(ParameterRefusal { location, parameter, problem, known })
        }
    }
}

const PAGE_TOKEN: &str = "page_token";
const LIMIT: &str = "limit";

/// The query's names and values. Any text has some: what is not UTF-8 becomes U+FFFD, which no
/// parameter allows.
fn pairs(query: &str) -> Vec<Parameter> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap_or_default();
    pairs.into_iter().map(|(name, value)| Parameter { name, value }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn refusal<T: QueryType>(query: &str) -> String {
        read::<T>(query).err().map(|refusal| refusal.to_string()).unwrap_or_default()
    }

    #[rstest]
    #[case("", false)]
    #[case("dry_run=false", false)]
    #[case("dry_run=true", true)]
    #[case("dry%5Frun=%74rue", true)]
    fn a_known_parameter_is_read(#[case] query: &str, #[case] dry_run: bool) {
        assert_eq!(read(query), Ok(DryRunQuery { dry_run }));
    }

    #[rstest]
    #[case::unknown("dryrun=true", "unknown query parameter `dryrun`")]
    #[case::repeated(
        "dry_run=true&dry_run=true",
        "query parameter `dry_run` is given more than once"
    )]
    #[case::malformed(
        "dry_run=1",
        "query parameter `dry_run` is \"1\": expected `true` or `false`"
    )]
    #[case::no_value("dry_run", "query parameter `dry_run` is \"\": expected `true` or `false`")]
    #[case::no_name("=true", "unknown query parameter ``")]
    #[case::not_utf_8("%FF=true", "unknown query parameter `\u{fffd}`")]
    fn what_is_not_understood_is_refused_with_the_known_ones(
        #[case] query: &str,
        #[case] refused: &str,
    ) {
        let takes = "; this operation takes `dry_run`";
        assert_eq!(refusal::<DryRunQuery>(query), format!("{refused}{takes}"));
    }

    #[test]
    fn an_operation_without_parameters_takes_none() {
        assert_eq!(refusal::<NoQuery>(""), "");
        assert_eq!(
            refusal::<NoQuery>("generation=7"),
            "unknown query parameter `generation`; this operation takes none"
        );
    }

    #[rstest]
    #[case::always(refusal::<TableDumpQuery>(""), "from_hardware")]
    #[case::on_the_first_page(refusal::<ChangesQuery>("limit=7"), "from")]
    #[case::never(refusal::<EntriesQuery>("limit=7"), "")]
    #[case::not_on_later_pages(refusal::<ChangesQuery>("page_token=t"), "")]
    fn what_is_needed_must_be_there(#[case] refused: String, #[case] parameter: &str) {
        if parameter.is_empty() {
            assert_eq!(refused, "");
        } else {
            let required = format!("query parameter `{parameter}` is required; ");
            assert!(refused.starts_with(&required), "{refused}");
        }
    }

    #[test]
    fn beside_a_page_token_only_a_limit_can_stand() {
        assert_eq!(refusal::<EntriesQuery>("page_token=t&limit=7"), "");
        let refused = refusal::<EntriesQuery>("vni=100&page_token=t");
        assert!(refused.starts_with("query parameter `vni` cannot stand beside `page_token`"));
    }
}
