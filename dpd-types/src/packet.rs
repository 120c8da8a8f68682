//! Single packets, to see what becomes of them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A packet to run through the switch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object with `port` and `frame`")]
pub struct PacketRequest {
    /// The number of the port that it comes in by.
    pub port: u16,
    /// The whole frame from its Ethernet header on, without its checksum, as hexadecimal digits: up
    /// to 65,535 bytes.
    pub frame: String,
    /// Whether it counts as packets from outside do: in the counters of ports, rows and drops.
    #[serde(default)]
    pub count: bool,
}

/// What became of a packet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PacketTrace {
    /// What goes out. It is told here and sent nowhere.
    pub outputs: Vec<PacketOutput>,
    /// Why nothing goes out; null if something does.
    pub dropped: Option<String>,
    /// What the P4 program did, step by step: states entered, headers, tables with what was looked
    /// up and found, drops and outputs.
    pub steps: Vec<String>,
}

/// A packet that goes out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PacketOutput {
    /// The number of the port that it goes out by.
    pub port: u16,
    /// The whole frame, as hexadecimal digits.
    pub frame: String,
}
