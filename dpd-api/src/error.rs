//! An error answer.

use dpd_types::Error;
use dropshot::{ErrorStatusCode, HttpError, HttpResponseError};
use schemars::JsonSchema;
use schemars::r#gen::SchemaGenerator;
use schemars::schema::Schema;
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;

/// An error answer: the body that every operation uses, and its status.
// The body is in a box because most answers are no errors and need not be as large as one.
#[derive(Clone, Debug)]
pub struct ApiError {
    status: ErrorStatusCode,
    body: Box<Error>,
}

impl ApiError {
    /// An answer with a status of one's own choosing. `ApiError::from(body)` takes the status of
    /// the body's code.
    pub fn with_status(status: ErrorStatusCode, body: Error) -> Self {
        Self { status, body: Box::new(body) }
    }

    /// The body.
    pub fn body(&self) -> &Error {
        &self.body
    }
}

/// With the status of the body's code; 500 if it has none, for then nobody knows whose fault it
/// is.
impl From<Error> for ApiError {
    fn from(body: Error) -> Self {
        let status = body.code().and_then(|code| ErrorStatusCode::from_u16(code.status()).ok());
        Self::with_status(status.unwrap_or(ErrorStatusCode::INTERNAL_SERVER_ERROR), body)
    }
}

/// What dropshot itself refuses on an operation's behalf. It does not say for which request, but
/// the answer's `x-request-id` header does.
impl From<HttpError> for ApiError {
    fn from(error: HttpError) -> Self {
        let HttpError {
            status_code,
            error_code,
            external_message,
            internal_message: _,
            headers: _,
        } = error;
        Self::with_status(
            status_code,
            Error { error_code, message: external_message, ..Error::default() },
        )
    }
}

impl HttpResponseError for ApiError {
    fn status_code(&self) -> ErrorStatusCode {
        self.status
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.body.fmt(f)
    }
}

impl Serialize for ApiError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.body.serialize(serializer)
    }
}

impl JsonSchema for ApiError {
    fn schema_name() -> String {
        Error::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        Error::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Error::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dpd_types::ErrorCode;

    #[test]
    fn the_status_is_that_of_the_code() {
        for code in ErrorCode::ALL {
            let error = ApiError::from(Error::new("4f1c", code, "no"));
            assert_eq!(error.status_code().as_u16(), code.status(), "{code}");
        }
    }
}
