//! What is told of a switch.

use std::fmt;
use std::time::Duration;

use super::SwitchAddress;
use super::error::election_id_text;
use crate::device::Atomicity;

/// Something that happened to the switch or to the way to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SwitchEvent {
    /// There is a connection.
    Connected {
        /// Where the switch is.
        address: SwitchAddress,
        /// The version of P4Runtime that it says it speaks, if it says.
        version: Option<String>,
    },
    /// The switch takes our writes.
    Primary {
        /// Our election id.
        election_id: u128,
    },
    /// The switch takes our writes no longer, or not yet again.
    NotPrimary {
        /// The largest election id that the switch has seen.
        primary: u128,
        /// Whether it is that of a controller which is there now.
        is_there: bool,
        /// Our election id.
        election_id: u128,
    },
    /// The switch runs the pipeline already, and its rows stay.
    PipelineKept {
        /// By what the pipeline is known, if the switch keeps that.
        cookie: Option<u64>,
        /// Whether it is the one that was given.
        is_ours: bool,
    },
    /// The switch was given its pipeline, and all tables are empty.
    PipelineSet {
        /// By what the pipeline is known.
        cookie: u64,
    },
    /// Batches are less atomic than was asked for: the switch has nothing better.
    LessAtomic {
        /// What was asked for.
        from: Atomicity,
        /// What there is.
        to: Atomicity,
    },
    /// Tables can be read and written.
    Ready {
        /// The device's epoch from now on: 0 for the first time.
        epoch: u64,
        /// What of a batch takes effect if one of its writes fails.
        atomicity: Atomicity,
    },
    /// The connection was lost, or there is none yet again.
    Lost {
        /// Where the switch is.
        address: SwitchAddress,
        /// Why.
        why: String,
        /// When it is tried again.
        retry_in: Duration,
    },
    /// The switch complains of something that it was sent.
    Complaint {
        /// The code and the switch's own words.
        words: String,
    },
}

impl SwitchEvent {
    /// Whether a new epoch of the device has begun in which its tables can be read back, as they
    /// must be.
    pub const fn changes_epoch(&self) -> bool {
        matches!(self, SwitchEvent::Ready { epoch: 1.., .. })
    }

    /// Whether the device's epoch has ended, if it had not before: its tables can be neither read nor
    /// written for now.
    pub const fn ends_epoch(&self) -> bool {
        matches!(self, SwitchEvent::Lost { .. } | SwitchEvent::NotPrimary { .. })
    }

    /// Whether something is worse than it should be.
    pub const fn is_warning(&self) -> bool {
        match self {
            SwitchEvent::Connected { .. }
            | SwitchEvent::Primary { .. }
            | SwitchEvent::PipelineKept { .. }
            | SwitchEvent::PipelineSet { .. }
            | SwitchEvent::LessAtomic { .. }
            | SwitchEvent::Ready { .. } => false,
            SwitchEvent::NotPrimary { .. }
            | SwitchEvent::Lost { .. }
            | SwitchEvent::Complaint { .. } => true,
        }
    }
}

impl fmt::Display for SwitchEvent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SwitchEvent::Connected { address, version: Some(version) } => {
                write!(formatter, "connected to the switch at {address}, P4Runtime {version}")
            }
            SwitchEvent::Connected { address, version: None } => {
                write!(formatter, "connected to the switch at {address}")
            }
            SwitchEvent::Primary { election_id } => {
                let ours = election_id_text(*election_id);
                write!(formatter, "the primary controller, with election id {ours}")
            }
            SwitchEvent::NotPrimary { primary, is_there, election_id } => {
                NotPrimary { primary: *primary, is_there: *is_there, election_id: *election_id }
                    .fmt(formatter)
            }
            SwitchEvent::PipelineKept { cookie, is_ours } => {
                let which = if *is_ours { "" } else { ", which is not the one given" };
                match cookie {
                    Some(cookie) => write!(
                        formatter,
                        "the switch keeps its pipeline, of cookie {cookie:#018x}{which}"
                    ),
                    None => write!(formatter, "the switch keeps its pipeline{which}"),
                }
            }
            SwitchEvent::PipelineSet { cookie } => {
                write!(
                    formatter,
                    "the switch has been given its pipeline, of cookie {cookie:#018x}"
                )
            }
            SwitchEvent::LessAtomic { from, to } => write!(
                formatter,
                "the switch does not offer `{from}`; what a failed batch leaves is now: {to}"
            ),
            SwitchEvent::Ready { epoch: 0, atomicity } => {
                write!(formatter, "the switch can be written: {atomicity}")
            }
            SwitchEvent::Ready { epoch, atomicity } => write!(
                formatter,
                "the switch can be written again: {atomicity}; its tables are to be read back \
                 (epoch {epoch})"
            ),
            SwitchEvent::Lost { address, why, retry_in } => write!(
                formatter,
                "no connection to the switch at {address}: {why}; trying again in {retry_in:.1?}"
            ),
            SwitchEvent::Complaint { words } => {
                write!(formatter, "the switch complains: {words}")
            }
        }
    }
}

/// That the switch takes no writes from us.
#[derive(Clone, Copy, Debug)]
pub(super) struct NotPrimary {
    pub(super) primary: u128,
    pub(super) is_there: bool,
    pub(super) election_id: u128,
}

impl fmt::Display for NotPrimary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (primary, ours) = (election_id_text(self.primary), election_id_text(self.election_id));
        match self.is_there {
            true => write!(
                formatter,
                "another controller, with election id {primary}, is primary, and ours is {ours}"
            ),
            false => write!(
                formatter,
                "no controller is primary since the one with election id {primary} left, and ours \
                 is {ours}"
            ),
        }
    }
}
