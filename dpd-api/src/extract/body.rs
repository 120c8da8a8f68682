//! The body.

use super::BodyRefusal;
use super::read::{self, Limits};
use async_trait::async_trait;
use dropshot::{
    ApiEndpointBodyContentType, Body, ExclusiveExtractor, ExtractorMetadata, HttpError,
    RequestContext, ServerContext, TypedBody,
};
use http::{HeaderMap, Request, header};
use schemars::JsonSchema;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::error::Category;
use std::marker::PhantomData;
use std::time::Duration;

/// A body of JSON that was received but not read yet, or why it was refused. In place of
/// [`dropshot::TypedBody`], which reads it on the reactor's thread, twice as slowly, and answers a
/// body that is too large with 400.
///
/// The body counts, not what the client calls it: `curl -d` says
/// `application/x-www-form-urlencoded` whatever it sends. The content type is only looked at to
/// explain a body that is not JSON.
#[derive(Debug)]
pub struct JsonBody<T> {
    received: Result<Received, BodyRefusal>,
    shape: PhantomData<fn() -> T>,
}

#[derive(Debug)]
struct Received {
    bytes: Vec<u8>,
    /// What the client calls it, if not JSON.
    content_type: Option<String>,
}

/// How long a client may send nothing while it sends a body.
const IDLE: Duration = Duration::from_secs(30);

impl<T: DeserializeOwned> JsonBody<T> {
    /// How many bytes came, as far as they were taken: a measure of the work to read them.
    pub fn size_bytes(&self) -> usize {
        self.received.as_ref().map_or(0, |received| received.bytes.len())
    }

    /// Reads the body. Call this on a blocking thread: 100,000 entries take 70 ms.
    pub fn parse(self) -> Result<T, BodyRefusal> {
        let Received { bytes, content_type } = self.received?;
        // Keeping track of the path costs half as much again, so that is done only to explain.
        serde_json::from_slice(&bytes).map_err(|error| explain::<T>(&bytes, &error, content_type))
    }
}

#[async_trait]
impl<T> ExclusiveExtractor for JsonBody<T>
where
    T: DeserializeOwned + JsonSchema + Send + Sync + 'static,
{
    async fn from_request<Context: ServerContext>(
        rqctx: &RequestContext<Context>,
        request: Request<Body>,
    ) -> Result<Self, HttpError> {
        let (parts, mut body) = request.into_parts();
        let limits = Limits { max_bytes: rqctx.request_body_max_bytes(), idle: IDLE };
        let received = read::receive(&mut body, limits).await;
        if matches!(received, Err(BodyRefusal::TooLarge { .. })) && !waits(&parts.headers) {
            read::drain(body);
        }
        let content_type = foreign_content_type(&parts.headers);
        Ok(Self {
            received: received.map(|bytes| Received { bytes, content_type }),
            shape: PhantomData,
        })
    }

    fn metadata(content_type: ApiEndpointBodyContentType) -> ExtractorMetadata {
        TypedBody::<T>::metadata(content_type)
    }
}

/// Whether the client waits for a go-ahead before it sends (RFC 9110, section 10.1.1). Reading
/// would give it one.
fn waits(headers: &HeaderMap) -> bool {
    headers
        .get(header::EXPECT)
        .is_some_and(|expect| expect.as_bytes().eq_ignore_ascii_case(b"100-continue"))
}

/// What the client calls the body, if it calls it something else than JSON.
fn foreign_content_type(headers: &HeaderMap) -> Option<String> {
    let text = String::from_utf8_lossy(headers.get(header::CONTENT_TYPE)?.as_bytes()).into_owned();
    let media_type = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let json = media_type == dropshot::CONTENT_TYPE_JSON || media_type.ends_with("+json");
    (!json).then_some(text)
}

/// Says where a body that could not be read is wrong, and how.
fn explain<T: DeserializeOwned>(
    bytes: &[u8],
    error: &serde_json::Error,
    content_type: Option<String>,
) -> BodyRefusal {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return BodyRefusal::Missing;
    }
    if let Err(error) = std::str::from_utf8(bytes) {
        return BodyRefusal::NotUtf8 { offset: error.valid_up_to(), content_type };
    }
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let path = match serde_path_to_error::deserialize::<_, T>(&mut deserializer) {
        Err(error) => error.path().to_string(),
        // Then something stands behind the value.
        Ok(_) => String::new(),
    };
    let path = if path == "." { String::new() } else { path };
    let (line, column) = (error.line(), error.column());
    let place = format!(" at line {line} column {column}");
    let words = error.to_string();
    let problem = words.strip_suffix(&place).unwrap_or(&words).to_owned();
    let is_json = || serde_json::from_slice::<IgnoredAny>(bytes).is_ok();
    match error.classify() {
        Category::Data => BodyRefusal::WrongShape { path, line, column, problem },
        // To serde_json a list that is too long for its type is an error of syntax.
        Category::Syntax if is_json() => {
            let problem = problem.replace("trailing characters", "more items than there can be");
            BodyRefusal::WrongShape { path, line, column, problem }
        }
        Category::Io | Category::Syntax | Category::Eof => {
            BodyRefusal::NotJson { path, line, column, problem, content_type }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dpd_types::EnsureRequest;
    use rstest::rstest;

    fn refusal_sent_as(bytes: &[u8], content_type: Option<&str>) -> String {
        let content_type = content_type.map(str::to_owned);
        let received = Ok(Received { bytes: bytes.to_vec(), content_type });
        let body = JsonBody::<EnsureRequest> { received, shape: PhantomData };
        body.parse().unwrap_err().to_string()
    }

    fn refusal(bytes: &[u8]) -> String {
        refusal_sent_as(bytes, None)
    }

    /// A request with this text in place of its second entry's VNI.
    fn with_vni(vni: &str) -> String {
        let entry = |vni| {
            format!(
                r#"{{"external":"203.0.113.7","low":0,"high":1,"target":{{"internal_ip":"fd00::1","inner_mac":{{"a":[2,0,0,0,0,1]}},"vni":{vni}}}}}"#
            )
        };
        format!("{{\"generation\":1,\"entries\":[\n{},\n{}]}}", entry("1"), entry(vni))
    }

    #[rstest]
    #[case::wrong_type(
        &with_vni("\"a\""),
        "`entries[1].target.vni`: invalid type: string \"a\", expected u32 (line 3, column 118)"
    )]
    #[case::out_of_range(
        &with_vni("4294967296"),
        "`entries[1].target.vni`: invalid value: integer `4294967296`, expected u32 (line 3, column 125)"
    )]
    #[case::mac_too_short(
        r#"{"entries":[{"target":{"inner_mac":{"a":[1,2,3,4,5]}}}]}"#,
        "`entries[0].target.inner_mac.a`: invalid length 5, expected an array of length 6 (line 1, \
         column 51)"
    )]
    #[case::mac_too_long(
        r#"{"entries":[{"target":{"inner_mac":{"a":[1,2,3,4,5,6,7]}}}]}"#,
        "`entries[0].target.inner_mac.a`: more items than there can be (line 1, column 54)"
    )]
    #[case::generation(
        r#"{"generation":0,"entries":[]}"#,
        "`generation`: invalid value: integer `0`, expected a generation, which is an integer from \
         1 to 9223372036854775807 (2^63-1) (line 1, column 15)"
    )]
    #[case::missing_field(
        r#"{"generation":1}"#,
        "the body: missing field `entries` (line 1, column 16)"
    )]
    #[case::unknown_field(
        r#"{"generation":1,"entries":[{"extarnal":1}]}"#,
        "`entries[0].extarnal`: unknown field `extarnal`, expected one of `external`, `low`, \
         `high`, `target` (line 1, column 38)"
    )]
    #[case::not_an_object(
        "7",
        "the body: invalid type: integer `7`, expected an object with `generation` and \
         `entries` (line 1, column 1)"
    )]
    fn what_has_the_wrong_shape_is_named_by_its_path(#[case] body: &str, #[case] refused: &str) {
        assert_eq!(refusal(body.as_bytes()), refused);
    }

    #[rstest]
    #[case::text(b"generation=1", "the body is not JSON: line 1, column 1: expected value")]
    #[case::half_of_it(
        b"{\"generation\":1,\"entries\":[",
        "the body is not JSON: line 1, column 27, in `entries`: EOF while parsing a list"
    )]
    #[case::something_behind_it(
        b"{\"generation\":1,\"entries\":[]}\n}",
        "the body is not JSON: line 2, column 1: trailing characters"
    )]
    #[case::latin_1(
        b"{\"generation\":\"\xe9\"}",
        "the body is not JSON: the byte at offset 15 is not UTF-8"
    )]
    #[case::nothing(b"", "the body is missing: send JSON")]
    #[case::blank(b" \r\n", "the body is missing: send JSON")]
    fn what_is_not_json_is_said_to_be_so(#[case] body: &[u8], #[case] refused: &str) {
        assert_eq!(refusal(body), refused);
    }

    #[test]
    fn the_content_type_is_looked_at_only_to_explain() {
        let form = Some("application/x-www-form-urlencoded");
        let hint = "content-type: application/json";
        assert!(refusal_sent_as(b"generation=1", form).contains(hint));
        assert!(!refusal_sent_as(br#"{"generation":0}"#, form).contains(hint));
    }

    #[rstest]
    #[case(None, None)]
    #[case(Some("application/json"), None)]
    #[case(Some("Application/JSON; charset=utf-8"), None)]
    #[case(Some("application/merge-patch+json"), None)]
    #[case(Some("text/plain; charset=utf-8"), Some("text/plain; charset=utf-8"))]
    fn every_name_of_json_is_known(
        #[case] header: Option<&'static str>,
        #[case] foreign: Option<&str>,
    ) {
        let headers =
            header.map(|text| (header::CONTENT_TYPE, http::HeaderValue::from_static(text)));
        assert_eq!(foreign_content_type(&headers.into_iter().collect()).as_deref(), foreign);
    }
}
