//! The body of every error.

use crate::{Digest, ErrorCode, GroupName, NatEntry};
use schemars::JsonSchema;
use schemars::r#gen::SchemaGenerator;
use schemars::schema::{InstanceType, Metadata, Schema, SchemaObject};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Why a request was refused: a sentence for people, a code for programs, and the parties.
///
/// Which details there are depends on the code. At most 32 offending items are listed, with their
/// total beside them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Error {
    /// The `x-request-id` of the request, which dpd's log knows too.
    pub request_id: String,
    /// What is wrong, for programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "error_code_schema")]
    pub error_code: Option<String>,
    /// What is wrong, as a sentence a person can act on.
    pub message: String,

    /// The place in the body that was not understood, such as `entries[3].target.vni`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_path: Option<String>,
    /// The path or query parameter that is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    /// The greatest body that is taken, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit_bytes: Option<u64>,

    /// Entries of the request that are not allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invalid: Option<Vec<InvalidEntry>>,
    /// How many entries of the request are not allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invalid_total: Option<u64>,

    /// The group's generation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_generation: Option<u64>,
    /// The oldest generation that is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oldest_generation: Option<u64>,
    /// The generation at which the group was deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tombstone_generation: Option<u64>,
    /// The digest of the group's set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_digest: Option<Digest>,
    /// The digest of the requested set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_digest: Option<Digest>,

    /// How many entries would have been removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub would_remove: Option<u64>,
    /// Entries that overlap one of another group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conflicts: Option<Vec<EntryConflict>>,
    /// How many such overlaps there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conflicts_total: Option<u64>,

    /// The table that has no room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// How many rows the table has room for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// How many of its rows are in use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_use: Option<u64>,
    /// How many of its rows other groups have reserved beyond what they use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserved: Option<u64>,
    /// How many rows the table would have to hold at the peak of the change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needed: Option<u64>,
    /// Whose the rows are: the groups with the most rows first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_group: Option<Vec<GroupRows>>,
    /// How many groups have or reserve rows in the table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_group_total: Option<u64>,

    /// The write that the device refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_write: Option<String>,
    /// The device's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_message: Option<String>,
}

/// An entry of a request that is not allowed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InvalidEntry {
    /// Its place in the request's `entries`, counted from 0.
    pub index: u64,
    /// The entry.
    pub entry: NatEntry,
    /// Why it is not allowed.
    pub reason: String,
}

/// A requested entry that overlaps one of another group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EntryConflict {
    /// The requested entry.
    pub requested: NatEntry,
    /// The entry in the way.
    pub existing: NatEntry,
    /// The group that has the entry in the way.
    pub group: GroupName,
}

/// How much of a table is a group's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GroupRows {
    /// The group.
    pub group: GroupName,
    /// How many rows it uses.
    pub in_use: u64,
    /// How many rows it has reserved, those in use included.
    pub reserved: u64,
}

impl Error {
    /// An error with a code and a sentence, and no details yet.
    pub fn new(request_id: &str, code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            request_id: request_id.to_owned(),
            error_code: Some(code.as_str().to_owned()),
            message: message.into(),
            ..Self::default()
        }
    }

    /// The code, if there is one and this version knows it.
    pub fn code(&self) -> Option<ErrorCode> {
        self.error_code.as_deref()?.parse().ok()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// Lists the codes, without closing the list: a later version may have others.
fn error_code_schema(_: &mut SchemaGenerator) -> Schema {
    let known: Vec<String> =
        ErrorCode::ALL.iter().map(|code| format!("`{code}` ({})", code.status())).collect();
    SchemaObject {
        metadata: Some(Box::new(Metadata {
            description: Some(format!(
                "What is wrong, for programs. With the HTTP status in parentheses, one of {}. \
                 Errors raised before an operation is reached may have none of these.",
                known.join(", ")
            )),
            ..Metadata::default()
        })),
        instance_type: Some(InstanceType::String.into()),
        ..SchemaObject::default()
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_without_details_has_none_on_the_wire() {
        let error = Error::new("4f1c", ErrorCode::NoSuchGroup, "there is no group \"a\"");
        let text = serde_json::to_string(&error).unwrap();
        assert_eq!(
            text,
            r#"{"request_id":"4f1c","error_code":"NoSuchGroup","message":"there is no group \"a\""}"#
        );
        assert_eq!(serde_json::from_str::<Error>(&text).unwrap(), error);
    }

    #[test]
    fn an_unknown_code_or_detail_of_a_later_version_is_tolerated() {
        let text = r#"{"request_id":"4f1c","error_code":"New","message":"no","detail":1}"#;
        let error: Error = serde_json::from_str(text).unwrap();
        assert_eq!((error.code(), error.error_code.as_deref()), (None, Some("New")));
    }
}
