//! The extractors behind a real server, asked by clients that speak HTTP byte by byte and not
//! always well.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use dpd_api::{
    ApiError, BodyRefusal, JsonBody, ParameterLocation, ParameterRefusal, PathParams, QueryParams,
};
use dpd_types::{DryRunQuery, Error, ErrorCode};
use dropshot::{
    ApiDescription, ConfigDropshot, HttpResponseOk, HttpServer, RequestContext, ServerBuilder,
    endpoint,
};
use rstest::rstest;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The greatest body that the server takes.
const LIMIT: usize = 64 << 10;

/// How many requests were carried out.
#[derive(Default)]
struct Done(AtomicU64);

#[derive(Deserialize, JsonSchema)]
struct ToyPath {
    name: String,
    port: u16,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ToyBody {
    items: Vec<u8>,
}

/// What the operation understood.
#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Toy {
    name: String,
    port: u16,
    dry_run: bool,
    items: u64,
}

#[endpoint { method = PUT, path = "/toys/{name}/{port}" }]
async fn toy_put(
    rqctx: RequestContext<Done>,
    path: PathParams<ToyPath>,
    query: QueryParams<DryRunQuery>,
    body: JsonBody<ToyBody>,
) -> Result<HttpResponseOk<Toy>, ApiError> {
    let body = body.parse().map_err(|refusal| body_error(&rqctx.request_id, &refusal))?;
    let ToyPath { name, port } =
        path.into_result().map_err(|refusal| parameter_error(&rqctx.request_id, &refusal))?;
    let DryRunQuery { dry_run } =
        query.into_result().map_err(|refusal| parameter_error(&rqctx.request_id, &refusal))?;
    rqctx.context().0.fetch_add(1, Ordering::Relaxed);
    Ok(HttpResponseOk(Toy { name, port, dry_run, items: body.items.len() as u64 }))
}

fn body_error(request_id: &str, refusal: &BodyRefusal) -> ApiError {
    let code = match refusal {
        BodyRefusal::TooLarge { .. } => ErrorCode::BodyTooLarge,
        _ => ErrorCode::InvalidBody,
    };
    Error::new(request_id, code, refusal.to_string()).into()
}

fn parameter_error(request_id: &str, refusal: &ParameterRefusal) -> ApiError {
    let code = match refusal.location {
        ParameterLocation::Path => ErrorCode::InvalidPath,
        ParameterLocation::Query => ErrorCode::InvalidQuery,
    };
    Error::new(request_id, code, refusal.to_string()).into()
}

fn serve() -> HttpServer<Done> {
    let mut api = ApiDescription::new();
    api.register(toy_put).unwrap();
    let log = slog::Logger::root(slog::Discard, slog::o!());
    ServerBuilder::new(api, Done::default(), log)
        .config(ConfigDropshot {
            bind_address: "[::1]:0".parse().unwrap(),
            default_request_body_max_bytes: LIMIT,
            ..ConfigDropshot::default()
        })
        .start()
        .unwrap()
}

/// A connection, every step of which must come to an end within ten seconds.
struct Client(TcpStream);

impl Client {
    async fn connect(server: &HttpServer<Done>) -> Self {
        Self(soon(TcpStream::connect(server.local_addr())).await.unwrap())
    }

    async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        soon(self.0.write_all(bytes.as_ref())).await.unwrap();
    }

    /// Sends a request whose headers and body are as given, and reads the answer.
    async fn put(&mut self, target: &str, headers: &str, body: &str) -> Answer {
        self.send(head(target, headers)).await;
        self.send(body).await;
        self.answer().await
    }

    /// Sends a request as clients should.
    async fn put_properly(&mut self, target: &str, body: &str) -> Answer {
        self.put(target, &format!("content-length: {}", body.len()), body).await
    }

    /// Reads one answer, up to its declared length.
    async fn answer(&mut self) -> Answer {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            soon(self.0.read_exact(&mut byte)).await.unwrap();
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        soon(self.0.read_exact(&mut body)).await.unwrap();
        Answer { status, body: String::from_utf8(body).unwrap() }
    }
}

#[derive(Debug)]
struct Answer {
    status: u16,
    body: String,
}

impl Answer {
    fn understood(&self) -> Toy {
        assert_eq!(self.status, 200, "{self:?}");
        serde_json::from_str(&self.body).unwrap()
    }

    /// Checks that it is this refusal with a request id, and returns its sentence.
    fn refused(&self, code: ErrorCode) -> String {
        let error: Error = serde_json::from_str(&self.body).unwrap();
        assert_eq!((self.status, error.code()), (code.status(), Some(code)), "{self:?}");
        assert!(!error.request_id.is_empty());
        error.message
    }
}

async fn soon<T>(step: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(10), step).await.expect("nothing came for ten seconds")
}

fn head(target: &str, headers: &str) -> String {
    format!("PUT {target} HTTP/1.1\r\nhost: dpd\r\n{headers}\r\n\r\n")
}

/// JSON of exactly this many bytes.
fn json_of(bytes: usize) -> String {
    let frame = r#"{"items":[]}"#.len();
    format!(r#"{{"items":[{}]}}"#, " ".repeat(bytes - frame))
}

#[tokio::test]
async fn what_is_asked_for_properly_is_understood() {
    let server = serve();
    let mut client = Client::connect(&server).await;
    let answer = client.put_properly("/toys/a%2Fb/80?dry_run=true", r#"{"items":[1,2]}"#).await;
    // A slash written as %2F belongs to the name; judging the name is the operation's business.
    let toy = Toy { name: "a/b".to_owned(), port: 80, dry_run: true, items: 2 };
    assert_eq!(answer.understood(), toy);
    server.close().await.unwrap();
}

#[rstest]
#[case::path("/toys/a/65536", ErrorCode::InvalidPath, "path parameter `port` is \"65536\"")]
#[case::query("/toys/a/80?dryrun=true", ErrorCode::InvalidQuery, "`dryrun`")]
#[tokio::test]
async fn what_is_not_understood_is_refused_and_not_done(
    #[case] target: &str,
    #[case] code: ErrorCode,
    #[case] about: &str,
) {
    let server = serve();
    let mut client = Client::connect(&server).await;
    let message = client.put_properly(target, r#"{"items":[]}"#).await.refused(code);
    assert!(message.contains(about), "{message}");
    assert_eq!(server.app_private().0.load(Ordering::Relaxed), 0);
    server.close().await.unwrap();
}

#[tokio::test]
async fn a_body_as_large_as_the_limit_is_taken() {
    let server = serve();
    let mut client = Client::connect(&server).await;
    client.put_properly("/toys/a/80", &json_of(LIMIT)).await.understood();
    server.close().await.unwrap();
}

#[tokio::test]
async fn a_body_declared_too_large_is_refused_before_it_is_sent() {
    let server = serve();
    let mut client = Client::connect(&server).await;
    let answer = client.put("/toys/a/80", "content-length: 100000000", "").await;
    assert!(answer.refused(ErrorCode::BodyTooLarge).contains("65536 bytes"));
    server.close().await.unwrap();
}

/// A go-ahead would make the client send what nobody wants.
#[tokio::test]
async fn a_client_that_asks_before_it_sends_gets_the_refusal_and_no_go_ahead() {
    let server = serve();
    let mut client = Client::connect(&server).await;
    let headers = "content-length: 100000000\r\nexpect: 100-continue";
    client.put("/toys/a/80", headers, "").await.refused(ErrorCode::BodyTooLarge);

    let mut client = Client::connect(&server).await;
    client.send(head("/toys/a/80", "content-length: 12\r\nexpect: 100-continue")).await;
    assert_eq!(client.answer().await.status, 100);
    client.send(r#"{"items":[]}"#).await;
    client.answer().await.understood();
    server.close().await.unwrap();
}

/// Unless the rest were read, the connection would be reset and the answer lost with it.
#[rstest]
#[case::declared(false)]
#[case::in_chunks(true)]
#[tokio::test]
async fn a_client_that_sends_too_much_before_it_reads_gets_to_read_the_refusal(
    #[case] in_chunks: bool,
) {
    let server = serve();
    let mut client = Client::connect(&server).await;
    let body = json_of(LIMIT + (512 << 10));
    let (headers, body) = if in_chunks {
        (
            "transfer-encoding: chunked".to_owned(),
            format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len()),
        )
    } else {
        (format!("content-length: {}", body.len()), body)
    };
    client.put("/toys/a/80", &headers, &body).await.refused(ErrorCode::BodyTooLarge);
    // The connection goes on.
    client.put_properly("/toys/a/80", r#"{"items":[]}"#).await.understood();
    server.close().await.unwrap();
}

/// The client declares 100 MB and sends them all, as most do without reading in between.
#[tokio::test]
async fn a_body_far_beyond_the_limit_costs_the_server_next_to_nothing() {
    let server = serve();
    let mut client = Client::connect(&server).await;
    client.send(head("/toys/a/80", "content-length: 100000000")).await;
    client.answer().await.refused(ErrorCode::BodyTooLarge);
    let piece = vec![b' '; 1 << 20];
    let mut sent = 0;
    while soon(client.0.write_all(&piece)).await.is_ok() {
        sent += piece.len();
        assert!(sent < 50_000_000, "the server goes on reading");
    }
    server.close().await.unwrap();
}

#[tokio::test]
async fn half_a_body_is_refused_with_how_much_came() {
    let server = serve();
    let mut client = Client::connect(&server).await;
    client.send(head("/toys/a/80", "content-length: 100")).await;
    client.send(r#"{"items":["#).await;
    client.0.shutdown().await.unwrap();
    let message = client.answer().await.refused(ErrorCode::InvalidBody);
    assert_eq!(message, "the body was cut short after 10 bytes");
    assert_eq!(server.app_private().0.load(Ordering::Relaxed), 0);
    server.close().await.unwrap();
}

#[tokio::test]
async fn a_body_that_is_longer_than_declared_is_taken_as_declared() {
    let server = serve();
    let mut client = Client::connect(&server).await;
    let answer = client.put("/toys/a/80", "content-length: 5", r#"{"items":[]}"#).await;
    let message = answer.refused(ErrorCode::InvalidBody);
    assert!(message.contains("line 1, column 5"), "{message}");
    server.close().await.unwrap();
}

#[tokio::test]
async fn no_body_is_refused_as_missing() {
    let server = serve();
    let mut client = Client::connect(&server).await;
    let message = client.put("/toys/a/80", "", "").await.refused(ErrorCode::InvalidBody);
    assert_eq!(message, "the body is missing: send JSON");
    server.close().await.unwrap();
}

#[tokio::test]
async fn json_is_taken_whatever_the_client_calls_it() {
    let server = serve();
    let mut client = Client::connect(&server).await;
    let form = "content-type: application/x-www-form-urlencoded\r\ncontent-length: 12";
    client.put("/toys/a/80", form, r#"{"items":[]}"#).await.understood();
    let message =
        client.put("/toys/a/80", form, "items=[1, 2]").await.refused(ErrorCode::InvalidBody);
    assert!(message.contains("`content-type: application/json`"), "{message}");
    server.close().await.unwrap();
}

#[tokio::test]
async fn chunks_that_break_the_protocol_are_refused() {
    let server = serve();
    let mut client = Client::connect(&server).await;
    let chunked = "transfer-encoding: chunked";
    let message = client.put("/toys/a/80", chunked, "zz\r\n").await.refused(ErrorCode::InvalidBody);
    assert!(message.starts_with("the body could not be received after 0 bytes"), "{message}");
    server.close().await.unwrap();
}
