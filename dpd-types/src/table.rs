//! The device's tables, as they are.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A table and the rows it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TableDump {
    /// The table's name.
    pub name: String,
    /// How many rows the table has room for.
    pub size: u64,
    /// The rows.
    pub entries: Vec<TableEntry>,
}

/// A row of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TableEntry {
    /// The values that the row matches, by the name of the key field. A range is `low-high`.
    pub keys: BTreeMap<String, String>,
    /// Where rows match the same packet, the one with the larger priority wins. 1 unless the row
    /// came in beside one that it overlaps.
    pub priority: u32,
    /// The name of the action taken on a match.
    pub action: String,
    /// The arguments of the action, by name.
    pub action_args: BTreeMap<String, String>,
}

/// The counter of a table's row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TableCounter {
    /// The values that the row matches, by the name of the key field. A range is `low-high`.
    pub keys: BTreeMap<String, String>,
    /// The row's priority.
    pub priority: u32,
    /// What was counted.
    pub data: TableCounterData,
}

/// What a row's counter has counted since the row was added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TableCounterData {
    /// Packets that matched; null if the device does not count packets.
    pub pkts: Option<u64>,
    /// Bytes of the packets that matched; null if the device does not count bytes.
    pub bytes: Option<u64>,
}
