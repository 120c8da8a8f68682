//! A program on the switch, with what controllers know of it.

use std::sync::Arc;

use p4runtime::config::P4Info;

/// A program on the switch, with its tables, and what controllers know of it.
pub struct Pipeline {
    /// The program, its tables, counters and registers.
    pub switch: Arc<p4::Switch>,
    /// The P4Info that a controller set or, without one, that of the program.
    pub p4info: P4Info,
    /// The source of the program.
    pub device_config: Vec<u8>,
    /// The controller's, if it gave one.
    pub cookie: Option<u64>,
}
