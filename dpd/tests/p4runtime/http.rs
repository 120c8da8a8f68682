//! The least of an HTTP client: one request for each connection.

use serde_json::Value;
use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;

/// What came back.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Answer {
    /// The body of a success.
    #[track_caller]
    pub(crate) fn ok(self) -> Value {
        assert!((200..300).contains(&self.status), "{self:?}");
        self.body
    }

    /// The words of a refusal with this status and code.
    #[track_caller]
    pub(crate) fn refused(self, status: u16, code: &str) -> String {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.body["error_code"], code, "{self:?}");
        self.body["message"].as_str().unwrap().to_owned()
    }
}

/// Asks the daemon at `address`.
#[track_caller]
pub(crate) fn request(address: &str, method: &str, path: &str, body: Option<&Value>) -> Answer {
    attempt(address, method, path, body, &mut || {}).unwrap()
}

/// Asks a daemon that may end meanwhile: what came back, if all of it did. Once the whole request
/// has been handed to the system, `sent` is called.
pub(crate) fn attempt(
    address: &str,
    method: &str,
    path: &str,
    body: Option<&Value>,
    sent: &mut dyn FnMut(),
) -> io::Result<Answer> {
    let body = body.map(Value::to_string).unwrap_or_default();
    let mut connection = TcpStream::connect(address)?;
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: dpd\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    connection.write_all(request.as_bytes())?;
    sent();
    let mut answer = String::new();
    connection.read_to_string(&mut answer)?;
    parse(&answer).ok_or_else(|| io::Error::new(io::ErrorKind::UnexpectedEof, answer))
}

/// The answer, if it is whole.
fn parse(answer: &str) -> Option<Answer> {
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let head = head.to_ascii_lowercase();
    let body = match head.split_once("content-length: ") {
        Some((_, rest)) => {
            let length: usize = rest.lines().next()?.trim().parse().ok()?;
            body.get(..length)?.to_owned()
        }
        None if head.contains("transfer-encoding: chunked") => unchunked(body)?,
        None => String::new(),
    };
    let body = if body.is_empty() { Value::Null } else { serde_json::from_str(&body).ok()? };
    Some(Answer { status, body })
}

fn unchunked(mut chunks: &str) -> Option<String> {
    let mut body = String::new();
    loop {
        let (length, rest) = chunks.split_once("\r\n")?;
        let length = usize::from_str_radix(length, 16).ok()?;
        if length == 0 {
            return Some(body);
        }
        body.push_str(rest.get(..length)?);
        chunks = rest.get(length..)?.strip_prefix("\r\n")?;
    }
}
