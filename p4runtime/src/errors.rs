//! What became of the updates of a write: P4Runtime specification 1.5, section 10, "P4Runtime error
//! reporting".

use prost::Message as _;
use prost::bytes::Bytes;
use tonic::{Code, Status};

use crate::{rpc, v1};

/// How errors name the type of what they hold.
const TYPE_URL: &str = "type.googleapis.com/p4.v1.Error";

/// The end of a write of which some updates failed: with an error for each update, in their order,
/// those that did not fail having the code OK.
pub fn batch_failed(message: &str, errors: Vec<v1::Error>) -> Status {
    let details = errors.iter().map(|error| prost_types::Any {
        type_url: TYPE_URL.to_owned(),
        value: error.encode_to_vec(),
    });
    let code = Code::Unknown;
    let status =
        rpc::Status { code: code as i32, message: message.to_owned(), details: details.collect() };
    Status::with_details(code, message, Bytes::from(status.encode_to_vec()))
}

/// What became of each of `count` updates; none if the write ended with no more than a status, as
/// one that was refused as a whole does.
pub fn update_errors(status: &Status, count: usize) -> Option<Vec<v1::Error>> {
    let details = rpc::Status::decode(status.details()).ok()?.details;
    let errors: Option<Vec<v1::Error>> = details
        .iter()
        .map(|any| match any.type_url.ends_with("/p4.v1.Error") {
            true => v1::Error::decode(&*any.value).ok(),
            false => None,
        })
        .collect();
    errors.filter(|errors| errors.len() == count && !errors.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_became_of_each_update_is_found_again() {
        let error = |code: Code, message: &str| v1::Error {
            canonical_code: code as i32,
            message: message.to_owned(),
            ..v1::Error::default()
        };
        let errors = vec![error(Code::Ok, ""), error(Code::AlreadyExists, "there is one")];
        let status = batch_failed("one of two failed", errors.clone());
        assert_eq!((status.code(), status.message()), (Code::Unknown, "one of two failed"));
        assert_eq!(update_errors(&status, 2), Some(errors));
        // Somebody who counts otherwise knows nothing of any.
        assert_eq!(update_errors(&status, 3), None);
    }

    #[test]
    fn a_status_without_details_tells_of_no_update() {
        assert_eq!(update_errors(&Status::permission_denied("not primary"), 1), None);
        assert_eq!(update_errors(&Status::unknown(""), 0), None);
        let garbage = Status::with_details(Code::Unknown, "", Bytes::from_static(b"\xff\xff"));
        assert_eq!(update_errors(&garbage, 1), None);
        let foreign =
            rpc::Status { details: vec![prost_types::Any::default()], ..rpc::Status::default() };
        let foreign = Status::with_details(Code::Unknown, "", foreign.encode_to_vec().into());
        assert_eq!(update_errors(&foreign, 1), None);
    }
}
