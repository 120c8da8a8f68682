//! What a switch said, as text.

use std::error::Error as _;

use p4runtime::v1;
use tonic::{Code, Status};

/// The code's name in the specification and the switch's own words.
pub(super) fn status_words(status: &Status) -> String {
    words(code_name(status.code()), status.message())
}

/// The same of one update. The numbers beyond the canonical codes mean nothing here.
pub(super) fn error_words(error: &v1::Error) -> String {
    words(code_name(Code::from_i32(error.canonical_code)), &error.message)
}

/// The same of a complaint.
pub(super) fn stream_error_words(error: &v1::StreamError) -> String {
    words(code_name(Code::from_i32(error.canonical_code)), &error.message)
}

/// Whether the switch said this itself, and not our side of a connection that broke.
pub(super) fn is_from_switch(status: &Status) -> bool {
    let lost = matches!(status.code(), Code::Unavailable | Code::Cancelled);
    status.source().is_none() && !lost
}

/// What went wrong with the connection, down to its cause.
pub(super) fn loss_words(status: &Status) -> String {
    let mut said = status_words(status);
    let mut source = status.source();
    while let Some(error) = source {
        let text = error.to_string();
        if !said.contains(&text) {
            said = format!("{said}: {text}");
        }
        source = error.source();
    }
    said
}

fn words(code: &str, message: &str) -> String {
    match message.trim() {
        "" => code.to_owned(),
        message => format!("{code}: {message}"),
    }
}

fn code_name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}
