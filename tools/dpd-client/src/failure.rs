//! Why a request brought no answer, or not the one hoped for.

use crate::generated::Error;
use reqwest::StatusCode;
use std::iter;
use thiserror::Error as ThisError;

/// Why a request failed, with all that is known of it.
#[derive(Debug, ThisError)]
pub enum Failure {
    /// dpd refused, or could not do it: [`Failure::is_refusal`] tells which.
    #[error("{}{}", .error.message, in_parentheses(.error))]
    Answered {
        /// The HTTP status.
        status: StatusCode,
        /// What dpd says, with the parties.
        error: Box<dpd_types::Error>,
    },
    /// dpd could not be asked, or its answer did not arrive.
    #[error("no answer from dpd{}: {problem}", at(.address.as_deref()))]
    Unreachable {
        /// Where dpd should have been, such as `[::1]:12224`, if that is known.
        address: Option<String>,
        /// What stood in the way.
        problem: String,
    },
    /// The answer is not one that dpd of this version gives. Perhaps it is not dpd.
    #[error("the answer is not dpd's: {problem}")]
    NotUnderstood {
        /// What is odd about it.
        problem: String,
    },
    /// A page named itself as the next, which would never end.
    #[error("the page with token {page_token:?} names itself as the next page")]
    EndlessPages {
        /// The page's token.
        page_token: String,
    },
    /// The request could not be built from what it was given.
    #[error("{problem}")]
    InvalidRequest {
        /// What is wrong with it.
        problem: String,
    },
}

impl Failure {
    /// Whether dpd refused what it was asked for, so that asking again for the same is of no use
    /// until something else changes. (Otherwise dpd or the device could not do it.)
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Answered { status, .. } if status.is_client_error())
    }
}

impl From<Error<Box<dpd_types::Error>>> for Failure {
    fn from(error: Error<Box<dpd_types::Error>>) -> Self {
        match error {
            Error::ErrorResponse(answer) => {
                let status = answer.status();
                Self::Answered { status, error: answer.into_inner() }
            }
            Error::CommunicationError(error) | Error::ResponseBodyError(error) => {
                let address = error.url().map(|url| url.authority().to_owned());
                Self::Unreachable { address, problem: cause(&error) }
            }
            Error::InvalidUpgrade(error) => Self::NotUnderstood { problem: cause(&error) },
            Error::InvalidResponsePayload(_, error) => {
                Self::NotUnderstood { problem: error.to_string() }
            }
            Error::UnexpectedResponse(answer) => {
                Self::NotUnderstood { problem: format!("status {}", answer.status()) }
            }
            Error::InvalidRequest(problem) | Error::Custom(problem) => {
                Self::InvalidRequest { problem }
            }
        }
    }
}

/// The code and the request id, as far as there are any.
fn in_parentheses(error: &dpd_types::Error) -> String {
    let request = (!error.request_id.is_empty()).then(|| format!("request {}", error.request_id));
    let parts: Vec<String> = error.error_code.clone().into_iter().chain(request).collect();
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
}

fn at(address: Option<&str>) -> String {
    address.map(|address| format!(" at {address}")).unwrap_or_default()
}

/// The innermost cause, which alone says what happened, such as "connection refused".
fn cause(error: &reqwest::Error) -> String {
    let first: &dyn std::error::Error = error;
    let causes = iter::successors(Some(first), |cause| (**cause).source());
    causes.last().map(ToString::to_string).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generated::{Client, ResponseValue};
    use dpd_types::ErrorCode;
    use reqwest::header::HeaderMap;

    fn refused(status: StatusCode, error: dpd_types::Error) -> Failure {
        Error::ErrorResponse(ResponseValue::new(Box::new(error), status, HeaderMap::new())).into()
    }

    #[test]
    fn what_dpd_says_reaches_the_user_with_the_request_id() {
        let error =
            dpd_types::Error::new("4f1c", ErrorCode::NoSuchGroup, "there is no group \"a\"");
        let failure = refused(StatusCode::NOT_FOUND, error);
        assert_eq!(failure.to_string(), "there is no group \"a\" (NoSuchGroup, request 4f1c)");
        assert!(failure.is_refusal());
    }

    #[test]
    fn an_answer_of_dropshot_itself_is_shown_as_it_is() {
        let error = dpd_types::Error { message: "Not Found".to_owned(), ..Default::default() };
        assert_eq!(refused(StatusCode::NOT_FOUND, error).to_string(), "Not Found");
    }

    #[test]
    fn what_dpd_could_not_do_is_no_refusal() {
        let error = dpd_types::Error::new("4f1c", ErrorCode::DeviceRefused, "no");
        assert!(!refused(StatusCode::SERVICE_UNAVAILABLE, error).is_refusal());
    }

    #[tokio::test]
    async fn a_daemon_that_is_not_there_is_said_to_refuse_the_connection() {
        // Nobody listens on a port that was just let go.
        let port = std::net::TcpListener::bind("[::1]:0").unwrap().local_addr().unwrap().port();
        let client = Client::new(&format!("http://[::1]:{port}"));
        let failure = Failure::from(client.dpd_version().send().await.unwrap_err());
        assert!(matches!(failure, Failure::Unreachable { .. }));
        let expected = format!("no answer from dpd at [::1]:{port}: Connection refused");
        assert!(failure.to_string().starts_with(&expected), "{failure}");
    }
}
