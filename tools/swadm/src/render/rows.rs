//! The rows of each list.

use super::grid::{Column, Row};
use chrono::{DateTime, Utc};
use dpd_types::{Digest, GenerationInfo, GroupName, GroupState, GroupView, NatEntry, RepairWait};
use serde::Serialize;

/// An entry and the group that has it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct GroupedEntry {
    pub(crate) group: GroupName,
    #[serde(flatten)]
    pub(crate) entry: NatEntry,
}

impl Row for NatEntry {
    const COLUMNS: &'static [Column] = &[
        Column::text("EXTERNAL"),
        Column::text("PORTS"),
        Column::text("INTERNAL IP"),
        Column::text("INNER MAC"),
        Column::number("VNI"),
    ];

    fn cells(&self) -> Vec<String> {
        let Self { external, low, high, target } = self;
        vec![
            external.to_string(),
            format!("{low}-{high}"),
            target.internal_ip.to_string(),
            target.inner_mac.to_string(),
            target.vni.to_string(),
        ]
    }
}

impl Row for GroupedEntry {
    const COLUMNS: &'static [Column] = &[
        Column::text("EXTERNAL"),
        Column::text("PORTS"),
        Column::text("INTERNAL IP"),
        Column::text("INNER MAC"),
        Column::number("VNI"),
        Column::text("GROUP"),
    ];

    fn cells(&self) -> Vec<String> {
        let Self { group, entry } = self;
        let mut cells = entry.cells();
        cells.push(group.to_string());
        cells
    }
}

impl Row for GroupView {
    const COLUMNS: &'static [Column] = &[
        Column::text("GROUP"),
        Column::number("GENERATION"),
        Column::text("STATE"),
        Column::number("IPV4"),
        Column::number("IPV6"),
        Column::number("IPV4 ROWS"),
        Column::number("IPV6 ROWS"),
        Column::number("DIVERGED"),
        Column::text("LAST CHANGE"),
        Column::text("DIGEST"),
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.group.to_string(),
            self.generation.to_string(),
            state_and_repair(self),
            self.entries.ipv4.to_string(),
            self.entries.ipv6.to_string(),
            self.table_rows.ipv4.to_string(),
            self.table_rows.ipv6.to_string(),
            self.diverged.to_string(),
            self.last_change.map(time).unwrap_or_default(),
            short(&self.digest),
        ]
    }
}

impl Row for GenerationInfo {
    const COLUMNS: &'static [Column] = &[
        Column::number("GENERATION"),
        Column::text("TIME"),
        Column::number("IPV4"),
        Column::number("IPV6"),
        Column::number("ADDED"),
        Column::number("UPDATED"),
        Column::number("REMOVED"),
        Column::text("DIGEST"),
        Column::text("REQUEST"),
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.generation.to_string(),
            time(self.time),
            self.entries.ipv4.to_string(),
            self.entries.ipv6.to_string(),
            self.added.to_string(),
            self.updated.to_string(),
            self.removed.to_string(),
            short(&self.digest),
            self.request_id.clone(),
        ]
    }
}

/// The state as a word.
pub(super) fn state(state: GroupState) -> &'static str {
    match state {
        GroupState::Programmed => "programmed",
        GroupState::Repairing => "repairing",
        GroupState::Torn => "torn",
    }
}

/// A group's state, and in a word what its repair waits for.
fn state_and_repair(view: &GroupView) -> String {
    let state = state(view.state);
    match view.repair.as_ref().and_then(|repair| repair.waits_for) {
        None => state.to_owned(),
        Some(waits_for) => format!("{state}, waits for {}", wait(waits_for)),
    }
}

fn wait(waits_for: RepairWait) -> &'static str {
    match waits_for {
        RepairWait::Retry => "retry",
        RepairWait::Room => "room",
        RepairWait::Device => "device",
        RepairWait::Journal => "journal",
        RepairWait::Request => "request",
    }
}

/// A time to the second (RFC 3339).
pub(super) fn time(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// As much of a digest as tells one from another at a glance.
fn short(digest: &Digest) -> String {
    let mut digits = digest.to_string();
    digits.truncate(12);
    digits
}
