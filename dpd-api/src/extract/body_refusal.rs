//! What can be wrong with a body.

use std::time::Duration;
use thiserror::Error;

/// Why a body was refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BodyRefusal {
    /// It is larger than the daemon takes.
    #[error("the body is larger than the limit of {limit_bytes} bytes")]
    TooLarge {
        /// The greatest body that is taken.
        limit_bytes: u64,
    },
    /// The client stopped sending for too long.
    #[error(
        "the body stopped after {received_bytes} bytes: nothing came for {} seconds",
        .idle.as_secs()
    )]
    Stalled {
        /// How much had come.
        received_bytes: u64,
        /// How long nothing came.
        idle: Duration,
    },
    /// The client stopped sending before the body was complete.
    #[error("the body was cut short after {received_bytes} bytes")]
    CutShort {
        /// How much had come.
        received_bytes: u64,
    },
    /// The client broke the HTTP protocol.
    #[error("the body could not be received after {received_bytes} bytes: {problem}")]
    NotReceived {
        /// How much had come.
        received_bytes: u64,
        /// What was wrong.
        problem: String,
    },
    /// There is none.
    #[error("the body is missing: send JSON")]
    Missing,
    /// It is not text.
    #[error("the body is not JSON: the byte at offset {offset} is not UTF-8{}", sent_as(.content_type))]
    NotUtf8 {
        /// The place, in bytes from 0.
        offset: usize,
        /// What the client said it was, if not JSON.
        content_type: Option<String>,
    },
    /// It is not JSON.
    #[error(
        "the body is not JSON: line {line}, column {column}{}: {problem}{}",
        at_path(.path),
        sent_as(.content_type)
    )]
    NotJson {
        /// The value that the trouble is in, such as `entries[3]`; empty if it is the body as a
        /// whole.
        path: String,
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong there.
        problem: String,
        /// What the client said it was, if not JSON.
        content_type: Option<String>,
    },
    /// It is JSON but not what this operation takes.
    #[error("{}: {problem} (line {line}, column {column})", subject(.path))]
    WrongShape {
        /// The value that is wrong, such as `entries[3].target.vni`; empty if it is the body as a
        /// whole.
        path: String,
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong there, and what would be right.
        problem: String,
    },
}

fn sent_as(content_type: &Option<String>) -> String {
    match content_type {
        Some(sent) => format!(
            "; it was sent as `{sent}`, where this takes JSON, with `content-type: application/json`"
        ),
        None => String::new(),
    }
}

fn at_path(path: &str) -> String {
    if path.is_empty() { String::new() } else { format!(", in `{path}`") }
}

fn subject(path: &str) -> String {
    if path.is_empty() { "the body".to_owned() } else { format!("`{path}`") }
}
