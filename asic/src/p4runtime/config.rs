//! Which switch to drive, and how.

use p4runtime::config::P4Info;

use super::SwitchAddress;
use crate::range_expansion::RangeExpansion;

/// Which switch to drive, and how.
#[derive(Clone, Debug)]
pub struct P4RuntimeConfig {
    /// Where it listens.
    pub address: SwitchAddress,
    /// Its own number, which it checks.
    pub device_id: u64,
    /// Of several controllers, the one with the largest is the primary and may write. Not 0.
    pub election_id: u128,
    /// What the program has that the switch is to run. If the switch keeps its pipeline, what it
    /// says itself counts instead.
    pub p4info: P4Info,
    /// The program in the form that the switch takes.
    pub device_config: Vec<u8>,
    /// Never to set the pipeline, but to use the one that the switch has.
    pub keep_pipeline: bool,
    /// How many rows of the switch a range of ports takes, which P4Runtime does not tell.
    pub range_expansion: RangeExpansion,
}
