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
use serde::de::DeserializeOwned;
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
    match error.classify() {
        Category::Data => BodyRefusal::WrongShape { path, line, column, problem },
        Category::Io | Category::Syntax | Category::Eof => {
            BodyRefusal::NotJson { path, line, column, problem, content_type }
        }
    }
}
