//! Every way in which a request can fail, and the answer to each: the one place where a failure
//! gets its status, its code and its words.

use crate::controller::{DeviceFault, Failure};
use crate::convert::{self, InvalidForwardingRequest, InvalidRequest, InvalidRequestEntry};
use crate::forwarding::{self, NoRoom};
use crate::lower::table_of;
use asic::{CountersError, ReadError};
use dpd_api::{ApiError, BodyRefusal, ParameterLocation, ParameterRefusal};
use dpd_types::{Error, ErrorCode, InvalidEntry};
use dropshot::ErrorStatusCode;
use nat_groups::{
    Conflict, Generation, GroupName, InvalidGroupName, InvalidPortRange, Listed, Mapping, Refusal,
    TableFull,
};
use std::net::IpAddr;

/// Why a request fails.
#[derive(Debug)]
pub(crate) enum Problem {
    /// A path or query parameter is not what it should be.
    Parameter(ParameterRefusal),
    /// The body is not what it should be.
    Body(BodyRefusal),
    /// The path names something that is no group.
    GroupName(InvalidGroupName),
    /// A query parameter's value is not allowed here.
    Query { parameter: &'static str, problem: String },
    /// The page token is none of this operation's.
    PageToken,
    /// The body says something that is not allowed.
    Request(InvalidRequest),
    /// The body of an operation on routes or neighbours says something that is not allowed.
    ForwardingRequest(InvalidForwardingRequest),
    /// The rules, the room or the device forbid it.
    Failure(Failure),
    /// There is no such group.
    NoSuchGroup { group: GroupName, tombstone: Option<Generation> },
    /// A generation that is no longer kept.
    GenerationExpired { group: GroupName, generation: u64, oldest: Generation, current: Generation },
    /// A generation that is not kept, and is not older than those that are.
    NoSuchGeneration { group: GroupName, generation: u64, oldest: Generation, current: Generation },
    /// There is no such table.
    NoSuchTable { table: String },
    /// The device does not give a table back.
    Read(ReadError),
    /// The device does not tell what it has counted.
    Counters(CountersError),
    /// No mapping covers an address and a port.
    NoMapping { external: IpAddr, port: u16 },
    /// A per-entry operation's ports are the wrong way round.
    PortRange(InvalidPortRange),
    /// A per-entry operation's target cannot be programmed.
    Target(convert::EntryProblem),
    /// A per-entry operation meets another mapping.
    Conflict(Listed<Conflict>),
    /// A per-entry operation would remove a named group's mapping.
    NotUngrouped { existing: Mapping, group: GroupName },
    /// The body speaks of no packet.
    Packet(convert::InvalidPacket),
    /// The device forwards no packets.
    NoPackets,
    /// Some part of the daemon is gone.
    Internal(&'static str),
}

impl From<forwarding::Refusal> for Problem {
    fn from(refusal: forwarding::Refusal) -> Self {
        Problem::Failure(Failure::Forwarding(refusal))
    }
}

impl Problem {
    /// The answer to the request with this id.
    pub(crate) fn answer(self, request_id: &str) -> ApiError {
        let message = self.message();
        let error = |code| Error::new(request_id, code, message.clone());
        let body = match self {
            Problem::Parameter(refusal) => {
                let code = match refusal.location {
                    ParameterLocation::Path => ErrorCode::InvalidPath,
                    ParameterLocation::Query => ErrorCode::InvalidQuery,
                };
                Error { parameter: Some(refusal.parameter), ..error(code) }
            }
            Problem::Body(BodyRefusal::TooLarge { limit_bytes, .. }) => {
                Error { limit_bytes: Some(limit_bytes), ..error(ErrorCode::BodyTooLarge) }
            }
            Problem::Body(BodyRefusal::WrongShape { path, .. }) => {
                Error { body_path: Some(path.to_string()), ..error(ErrorCode::InvalidBody) }
            }
            Problem::Body(_) => error(ErrorCode::InvalidBody),
            Problem::GroupName(_) => error(ErrorCode::InvalidGroupName),
            Problem::Query { parameter, .. } => {
                Error { parameter: Some(parameter.to_owned()), ..error(ErrorCode::InvalidQuery) }
            }
            Problem::PageToken => Error {
                parameter: Some("page_token".to_owned()),
                ..error(ErrorCode::InvalidPageToken)
            },
            Problem::Request(InvalidRequest::Value { path, .. }) => {
                Error { body_path: Some(path.to_owned()), ..error(ErrorCode::InvalidBody) }
            }
            Problem::ForwardingRequest(InvalidForwardingRequest { path, .. }) => {
                Error { body_path: Some(path.to_owned()), ..error(ErrorCode::InvalidBody) }
            }
            Problem::Request(InvalidRequest::Entries(invalid)) => Error {
                invalid: Some(invalid.items().iter().map(invalid_entry).collect()),
                invalid_total: Some(invalid.total() as u64),
                ..error(ErrorCode::InvalidEntries)
            },
            Problem::Failure(failure) => return failure_answer(failure, request_id, message),
            Problem::NoSuchGroup { tombstone, .. } => Error {
                tombstone_generation: tombstone.map(Generation::get),
                ..error(ErrorCode::NoSuchGroup)
            },
            Problem::GenerationExpired { oldest, current, .. } => Error {
                oldest_generation: Some(oldest.get()),
                current_generation: Some(current.get()),
                ..error(ErrorCode::GenerationExpired)
            },
            Problem::NoSuchGeneration { oldest, current, .. } => Error {
                oldest_generation: Some(oldest.get()),
                current_generation: Some(current.get()),
                ..error(ErrorCode::NoSuchGeneration)
            },
            Problem::NoSuchTable { .. } => error(ErrorCode::NoSuchTable),
            Problem::Read(fault) => {
                Error { device_message: Some(fault.to_string()), ..error(ErrorCode::DeviceRefused) }
            }
            Problem::Counters(CountersError::NoSuchCounters { .. }) => {
                error(ErrorCode::NotSupported)
            }
            Problem::Counters(
                fault @ (CountersError::Refused { .. } | CountersError::NoAnswer(_)),
            ) => {
                Error { device_message: Some(fault.to_string()), ..error(ErrorCode::DeviceRefused) }
            }
            Problem::NoMapping { .. } => error(ErrorCode::NoMapping),
            Problem::PortRange(_) => error(ErrorCode::InvalidPath),
            Problem::Target(_) => error(ErrorCode::InvalidBody),
            Problem::Conflict(conflicts) => {
                conflict_body(error(ErrorCode::ConflictingMapping), &conflicts)
            }
            Problem::NotUngrouped { .. } => error(ErrorCode::ConflictingMapping),
            Problem::Packet(invalid) => Error {
                body_path: Some(invalid.path().to_owned()),
                ..error(ErrorCode::InvalidBody)
            },
            Problem::NoPackets => error(ErrorCode::NotSupported),
            Problem::Internal(_) => {
                let body = Error { error_code: None, ..error(ErrorCode::Torn) };
                return ApiError::with_status(ErrorStatusCode::INTERNAL_SERVER_ERROR, body);
            }
        };
        ApiError::from(body)
    }

    /// A sentence that a person can act on. Those of the per-entry operations begin with the words
    /// that existing clients know.
    fn message(&self) -> String {
        match self {
            Problem::Parameter(refusal) => refusal.to_string(),
            Problem::Body(refusal) => refusal.to_string(),
            Problem::GroupName(invalid) => invalid.to_string(),
            Problem::Query { parameter, problem } => {
                format!("query parameter {parameter}: {problem}")
            }
            Problem::PageToken => "this page_token is none that this operation gave out for this \
                                   group; begin again without one"
                .to_owned(),
            Problem::Request(invalid) => invalid.to_string(),
            Problem::ForwardingRequest(invalid) => invalid.to_string(),
            Problem::Failure(Failure::Full(full)) => full_message(full),
            Problem::Failure(failure) => failure.to_string(),
            Problem::NoSuchGroup { group, tombstone } => {
                Refusal::NoSuchGroup { group: group.clone(), tombstone: *tombstone }.to_string()
            }
            Problem::GenerationExpired { group, generation, oldest, current }
            | Problem::NoSuchGeneration { group, generation, oldest, current } => format!(
                "generation {generation} of group {group} is not kept; those from {oldest} to \
                 {current} may be"
            ),
            Problem::NoSuchTable { table } => {
                let names: Vec<_> = asic::Table::ALL.iter().map(|table| table.name()).collect();
                format!("there is no table {table:?}; there are {}", names.join(", "))
            }
            Problem::Read(error) => error.to_string(),
            Problem::Counters(error) => error.to_string(),
            Problem::NoMapping { external, port } => {
                format!("Not Found: no mapping covers {external} port {port}")
            }
            Problem::PortRange(invalid) => format!("invalid port range: {invalid}"),
            Problem::Target(problem) => problem.to_string(),
            Problem::Conflict(conflicts) => {
                format!("Conflict: {}", Refusal::EntryConflict { conflicts: conflicts.clone() })
            }
            Problem::NotUngrouped { existing, group } => {
                let refusal = Refusal::NotUngrouped { existing: *existing, group: group.clone() };
                format!("Conflict: {refusal}")
            }
            Problem::Packet(invalid) => invalid.to_string(),
            Problem::NoPackets => {
                "this device does not run the P4 program itself, so it cannot tell \
                what becomes of a packet; a dpd with `--asic soft` can"
                    .to_owned()
            }
            Problem::Internal(what) => format!("internal error: {what}"),
        }
    }
}

fn failure_answer(failure: Failure, request_id: &str, message: String) -> ApiError {
    let error = |code| Error::new(request_id, code, message.clone());
    let body = match failure {
        Failure::Refused(refusal) => refusal_body(refusal, error),
        Failure::Full(full) => Error {
            table: Some(table_of(full.family).name().to_owned()),
            size: Some(full.size),
            in_use: Some(full.in_use),
            reserved: Some(full.reserved),
            needed: Some(full.needed),
            by_group: Some(full.by_group.items().iter().map(convert::group_rows).collect()),
            by_group_total: Some(full.by_group.total() as u64),
            ..error(ErrorCode::TableFull)
        },
        Failure::Forwarding(refusal) => error(forwarding_code(&refusal)),
        Failure::NoRoom(NoRoom { table, size, needed }) => Error {
            table: Some(table.name().to_owned()),
            size: Some(size.into()),
            needed: Some(needed as u64),
            ..error(ErrorCode::TableFull)
        },
        Failure::Device(fault) => device_body(&fault, error(ErrorCode::DeviceRefused)),
        Failure::Torn(fault) => device_body(&fault, error(ErrorCode::Torn)),
        Failure::Journal(_) | Failure::Document(_) => error(ErrorCode::JournalFailed),
        Failure::TornByJournal { device, .. } => device_body(&device, error(ErrorCode::Torn)),
        Failure::Stopping => {
            let body = Error { error_code: None, ..error(ErrorCode::DeviceRefused) };
            return ApiError::with_status(ErrorStatusCode::SERVICE_UNAVAILABLE, body);
        }
    };
    ApiError::from(body)
}

fn refusal_body(refusal: Refusal, error: impl Fn(ErrorCode) -> Error) -> Error {
    match refusal {
        Refusal::ReservedGroup => error(ErrorCode::ReservedGroup),
        Refusal::GroupNamedTwice { .. } => error(ErrorCode::InvalidBody),
        Refusal::NoSuchGroup { tombstone, .. } => Error {
            tombstone_generation: tombstone.map(Generation::get),
            ..error(ErrorCode::NoSuchGroup)
        },
        Refusal::StaleGeneration { current, current_digest, .. } => Error {
            current_generation: Some(current.get()),
            current_digest: Some(convert::wire_digest(current_digest)),
            ..error(ErrorCode::StaleGeneration)
        },
        Refusal::GenerationMismatch { generation, current_digest, requested_digest, .. } => Error {
            current_generation: Some(generation.get()),
            current_digest: Some(convert::wire_digest(current_digest)),
            requested_digest: requested_digest.map(convert::wire_digest),
            ..error(ErrorCode::GenerationMismatch)
        },
        Refusal::BaseMismatch { current, current_digest, .. } => Error {
            current_generation: Some(current.get()),
            current_digest: Some(convert::wire_digest(current_digest)),
            ..error(ErrorCode::BaseMismatch)
        },
        Refusal::NoSuchMapping { .. } => error(ErrorCode::NoSuchMapping),
        Refusal::EmptySet { would_remove, .. } => {
            Error { would_remove: Some(would_remove), ..error(ErrorCode::EmptySet) }
        }
        Refusal::TooManyRemovals { would_remove, .. } => {
            Error { would_remove: Some(would_remove), ..error(ErrorCode::TooManyRemovals) }
        }
        Refusal::EntryConflict { conflicts } => {
            conflict_body(error(ErrorCode::EntryConflict), &conflicts)
        }
        Refusal::NotUngrouped { .. } => error(ErrorCode::ConflictingMapping),
        Refusal::TooManyGroups { .. } => error(ErrorCode::TooManyGroups),
    }
}

fn forwarding_code(refusal: &forwarding::Refusal) -> ErrorCode {
    match refusal {
        forwarding::Refusal::Invalid(_) => ErrorCode::InvalidBody,
        forwarding::Refusal::RouteExists { .. } | forwarding::Refusal::UnderlayExists { .. } => {
            ErrorCode::Exists
        }
        forwarding::Refusal::NoSuchRoute { .. } => ErrorCode::NoSuchRoute,
        forwarding::Refusal::NoSuchNeighbor { .. } => ErrorCode::NoSuchNeighbor,
        forwarding::Refusal::NoSuchUnderlay { .. } => ErrorCode::NoSuchAddress,
    }
}

fn conflict_body(error: Error, conflicts: &Listed<Conflict>) -> Error {
    Error {
        conflicts: Some(conflicts.items().iter().map(convert::entry_conflict).collect()),
        conflicts_total: Some(conflicts.total() as u64),
        ..error
    }
}

fn device_body(fault: &DeviceFault, error: Error) -> Error {
    Error { device_write: fault.write(), device_message: Some(fault.words()), ..error }
}

fn invalid_entry(invalid: &InvalidRequestEntry) -> InvalidEntry {
    InvalidEntry { index: invalid.index as u64, entry: invalid.entry, reason: invalid.reason() }
}

/// The table is named as the device knows it.
fn full_message(full: &TableFull) -> String {
    let TableFull { family, size, in_use, reserved, needed, by_group: _ } = full;
    format!(
        "{table} is full: this needs {needed} rows and the table has {size} (in use now: {in_use}, \
         reserved besides: {reserved})",
        table = table_of(*family)
    )
}
