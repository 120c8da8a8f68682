//! What the client sends, and what it makes of answers: a listener of our own plays dpd.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use dpd_client::{Client, Failure};
use dpd_types::{EnsureRequest, ErrorCode, Generation};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Takes one request, gives this answer, and returns the request.
async fn serve_once(listener: TcpListener, status: &str, body: &str) -> String {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut request = String::new();
    // A request is complete with its headers, or with as much body as they declare.
    while !is_complete(&request) {
        let mut buffer = [0; 4096];
        let read = stream.read(&mut buffer).await.unwrap();
        assert!(read > 0, "the request breaks off: {request:?}");
        request.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
    }
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    stream.write_all(answer.as_bytes()).await.unwrap();
    request
}

fn is_complete(request: &str) -> bool {
    let Some((head, body)) = request.split_once("\r\n\r\n") else { return false };
    let declared = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    declared.is_none_or(|declared| body.len() == declared.parse::<usize>().unwrap())
}

async fn listener() -> (TcpListener, Client) {
    let listener = TcpListener::bind("[::1]:0").await.unwrap();
    let client = Client::new(&format!("http://{}", listener.local_addr().unwrap()));
    (listener, client)
}

#[tokio::test]
async fn a_request_names_the_version_of_the_document_it_was_made_from() {
    let (listener, client) = listener().await;
    let sent = client.dpd_version().send();
    let (request, answer) = tokio::join!(serve_once(listener, "200 OK", "\"0.1.0\""), sent);
    assert!(request.starts_with("GET /dpd-version HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("\r\napi-version: 14.0.0\r\n"), "{request}");
    assert_eq!(answer.unwrap().into_inner(), "0.1.0");
}

#[tokio::test]
async fn an_ensure_is_sent_as_the_contract_says_and_its_refusal_is_understood() {
    let (listener, client) = listener().await;
    let set = EnsureRequest::new(Generation::MIN, Vec::new());
    let sent = client.nat_group_ensure().group("a/b").dry_run(true).body(set).send();
    let refusal = r#"{"request_id":"4f1c","error_code":"StaleGeneration","message":"too old",
        "current_generation":7}"#;
    let (request, answer) = tokio::join!(serve_once(listener, "409 Conflict", refusal), sent);
    assert!(request.starts_with("PUT /nat/groups/a%2Fb?dry_run=true HTTP/1.1\r\n"), "{request}");
    assert!(
        request
            .ends_with(r#"{"generation":1,"entries":[],"adopt":"identical","allow_empty":false}"#)
    );

    let failure = Failure::from(answer.unwrap_err());
    assert_eq!(failure.to_string(), "too old (StaleGeneration, request 4f1c)");
    let Failure::Answered { status, error } = failure else { panic!("{failure}") };
    assert_eq!((status.as_u16(), error.code()), (409, Some(ErrorCode::StaleGeneration)));
    assert_eq!(error.current_generation, Some(7));
}

#[tokio::test]
async fn an_answer_that_is_not_dpd_s_is_said_to_be_so() {
    let (listener, client) = listener().await;
    let sent = client.dpd_uptime().send();
    let (_, answer) = tokio::join!(serve_once(listener, "200 OK", "<html>"), sent);
    let failure = Failure::from(answer.unwrap_err());
    assert!(matches!(failure, Failure::NotUnderstood { .. }), "{failure}");
}
