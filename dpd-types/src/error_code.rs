//! What can be wrong, by name.

use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// Why a request was refused, for programs. On the wire it is [`ErrorCode::as_str`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErrorCode {
    /// The body is not the JSON it should be.
    InvalidBody,
    /// An entry's values are not allowed, or it equals or overlaps another of the request.
    InvalidEntries,
    /// An empty set for a group that has entries, without `allow_empty`.
    EmptySet,
    /// A text that is no group name.
    InvalidGroupName,
    /// A path parameter, such as an address or a port, that is not what it should be.
    InvalidPath,
    /// An unknown, repeated, missing or malformed query parameter.
    InvalidQuery,
    /// A page token that this operation did not give out for this group.
    InvalidPageToken,
    /// An ensure, delta or deletion of the built-in group.
    ReservedGroup,
    /// There is no such group.
    NoSuchGroup,
    /// There is no such table.
    NoSuchTable,
    /// The prefix is not routed.
    NoSuchRoute,
    /// The neighbour is not known.
    NoSuchNeighbor,
    /// The switch does not have this address.
    NoSuchAddress,
    /// A generation below the oldest kept, or a page token whose generation is gone.
    GenerationExpired,
    /// Any other generation that is not kept.
    NoSuchGeneration,
    /// A generation below the group's, or not above its tombstone's.
    StaleGeneration,
    /// The group's generation with other content or another reservation.
    GenerationMismatch,
    /// A delta's base is not the current generation.
    BaseMismatch,
    /// A delta removes what is not there, or not with the expected target.
    NoSuchMapping,
    /// More removals than `max_removals`.
    TooManyRemovals,
    /// An entry overlaps one of another group.
    EntryConflict,
    /// The prefix has another target, or the switch another underlay address.
    Exists,
    /// The body is beyond the daemon's limit.
    BodyTooLarge,
    /// The entries do not fit in a table; nothing was written.
    TableFull,
    /// The daemon keeps no more groups and tombstones.
    TooManyGroups,
    /// The device refused; everything is as it was.
    DeviceRefused,
    /// The device refused and could not be put back; repair is under way.
    Torn,
    /// The change could not be made durable; everything is as it was.
    JournalFailed,
    /// The device cannot do this: one that forwards no packets cannot tell what becomes of one.
    NotSupported,
    /// No mapping covers this address and port. (Per-entry operations.)
    NoMapping,
    /// Another mapping is in the way. (Per-entry operations.)
    ConflictingMapping,
}

impl ErrorCode {
    /// Every code.
    pub const ALL: [ErrorCode; 31] = [
        Self::InvalidBody,
        Self::InvalidEntries,
        Self::EmptySet,
        Self::InvalidGroupName,
        Self::InvalidPath,
        Self::InvalidQuery,
        Self::InvalidPageToken,
        Self::ReservedGroup,
        Self::NoSuchGroup,
        Self::NoSuchTable,
        Self::NoSuchRoute,
        Self::NoSuchNeighbor,
        Self::NoSuchAddress,
        Self::GenerationExpired,
        Self::NoSuchGeneration,
        Self::StaleGeneration,
        Self::GenerationMismatch,
        Self::BaseMismatch,
        Self::NoSuchMapping,
        Self::TooManyRemovals,
        Self::EntryConflict,
        Self::Exists,
        Self::BodyTooLarge,
        Self::TableFull,
        Self::TooManyGroups,
        Self::DeviceRefused,
        Self::Torn,
        Self::JournalFailed,
        Self::NotSupported,
        Self::NoMapping,
        Self::ConflictingMapping,
    ];

    /// The HTTP status of an answer with this code.
    pub const fn status(self) -> u16 {
        match self {
            Self::InvalidBody
            | Self::InvalidEntries
            | Self::EmptySet
            | Self::InvalidGroupName
            | Self::InvalidPath
            | Self::InvalidQuery
            | Self::InvalidPageToken
            | Self::ReservedGroup => 400,
            Self::NoSuchGroup
            | Self::NoSuchTable
            | Self::NoSuchRoute
            | Self::NoSuchNeighbor
            | Self::NoSuchAddress
            | Self::NoSuchGeneration
            | Self::NoMapping => 404,
            Self::StaleGeneration
            | Self::GenerationMismatch
            | Self::BaseMismatch
            | Self::NoSuchMapping
            | Self::TooManyRemovals
            | Self::EntryConflict
            | Self::Exists
            | Self::ConflictingMapping => 409,
            Self::GenerationExpired => 410,
            Self::BodyTooLarge => 413,
            Self::NotSupported => 501,
            Self::DeviceRefused | Self::Torn | Self::JournalFailed => 503,
            Self::TableFull | Self::TooManyGroups => 507,
        }
    }

    /// The code as it is written. Those of the per-entry operations are as existing clients know
    /// them.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidBody => "InvalidBody",
            Self::InvalidEntries => "InvalidEntries",
            Self::EmptySet => "EmptySet",
            Self::InvalidGroupName => "InvalidGroupName",
            Self::InvalidPath => "InvalidPath",
            Self::InvalidQuery => "InvalidQuery",
            Self::InvalidPageToken => "InvalidPageToken",
            Self::ReservedGroup => "ReservedGroup",
            Self::NoSuchGroup => "NoSuchGroup",
            Self::NoSuchTable => "NoSuchTable",
            Self::NoSuchRoute => "NoSuchRoute",
            Self::NoSuchNeighbor => "NoSuchNeighbor",
            Self::NoSuchAddress => "NoSuchAddress",
            Self::GenerationExpired => "GenerationExpired",
            Self::NoSuchGeneration => "NoSuchGeneration",
            Self::StaleGeneration => "StaleGeneration",
            Self::GenerationMismatch => "GenerationMismatch",
            Self::BaseMismatch => "BaseMismatch",
            Self::NoSuchMapping => "NoSuchMapping",
            Self::TooManyRemovals => "TooManyRemovals",
            Self::EntryConflict => "EntryConflict",
            Self::Exists => "Exists",
            Self::BodyTooLarge => "BodyTooLarge",
            Self::TableFull => "TableFull",
            Self::TooManyGroups => "TooManyGroups",
            Self::DeviceRefused => "DeviceRefused",
            Self::Torn => "Torn",
            Self::JournalFailed => "JournalFailed",
            Self::NotSupported => "NotSupported",
            Self::NoMapping => "no mapping",
            Self::ConflictingMapping => "conflicting mapping",
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ErrorCode {
    type Err = UnknownErrorCode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.into_iter().find(|code| code.as_str() == text);
        known.ok_or_else(|| UnknownErrorCode { code: text.to_owned() })
    }
}

/// A code that this version does not know, such as one of a later version.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("unknown error code {code:?}")]
pub struct UnknownErrorCode {
    /// The code.
    pub code: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_code_is_written_in_its_own_way_and_read_back() {
        for code in ErrorCode::ALL {
            assert_eq!(code.as_str().parse(), Ok(code));
        }
        let written: BTreeSet<_> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(written.len(), ErrorCode::ALL.len());
    }

    #[test]
    fn each_code_is_an_error_status() {
        for code in ErrorCode::ALL {
            assert!((400..600).contains(&code.status()), "{code}");
        }
    }
}
