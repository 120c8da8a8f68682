//! What the core says, as it crosses the wire.

use crate::controller::{Done, GroupState, Mending, Snapshot, WaitsFor, unix_micros};
use asic::{Counter, Row, RowKey};
use chrono::{DateTime, Utc};
use dpd_types::{
    ChangeOp, EnsureResult, EntryConflict, GenerationInfo, GroupView, MacAddr, NatChange, NatEntry,
    NatSlot, NatTarget, RepairStatus, RepairWait, TableCounter, TableCounterData, TableEntry,
};
use nat_groups::{
    Change, ChangeCounts, Conflict, Digest, Group, GroupName, GroupRows, Mapping, Outcome,
    PerFamily, Slot, Stamp, Target, Version,
};
use std::collections::BTreeMap;

/// How many changes an answer lists at most.
const CHANGES_LISTED: usize = 100;

/// A mapping.
pub fn entry(Mapping { slot, target }: Mapping) -> NatEntry {
    let NatSlot { external, low, high } = wire_slot(slot);
    NatEntry { external, low, high, target: wire_target(target) }
}

/// A target.
pub fn wire_target(Target { internal_ip, inner_mac, vni }: Target) -> NatTarget {
    NatTarget { internal_ip, inner_mac: MacAddr { a: inner_mac.0 }, vni: vni.get() }
}

/// A slot.
pub fn wire_slot(Slot { external, ports }: Slot) -> NatSlot {
    NatSlot { external: external.into(), low: ports.low(), high: ports.high() }
}

/// A change. Of a removal, the entry is what was there.
pub fn change(change: Change) -> NatChange {
    let at = |slot, target| entry(Mapping { slot, target });
    match change {
        Change::Add { slot, target } => {
            NatChange { op: ChangeOp::Add, entry: at(slot, target), was: None }
        }
        Change::Update { slot, was, target } => {
            NatChange { op: ChangeOp::Update, entry: at(slot, target), was: Some(wire_target(was)) }
        }
        Change::Remove { slot, was } => {
            NatChange { op: ChangeOp::Remove, entry: at(slot, was), was: None }
        }
    }
}

/// What was done to each group of a command, in its order. The writes are those of the command.
pub fn ensure_results(done: Done, dry_run: bool) -> impl Iterator<Item = EnsureResult> {
    let Done { outcomes, writes, repaired, gaps, peak_rows } = done;
    let peak_rows = dry_run.then(|| wire_per_family(peak_rows));
    let gaps: Vec<NatSlot> = gaps.into_iter().map(wire_slot).collect();
    outcomes.into_iter().map(move |outcome| {
        let Outcome {
            group,
            generation,
            previous_generation,
            digest,
            counts: ChangeCounts { added, updated, removed },
            unchanged,
            adopted,
            changes,
        } = outcome;
        EnsureResult {
            group: group_name(&group),
            generation: generation.get(),
            previous_generation: previous_generation.map(|generation| generation.get()),
            digest: wire_digest(digest),
            dry_run,
            added,
            updated,
            removed,
            unchanged,
            adopted,
            writes,
            repaired,
            gaps: gaps.clone(),
            peak_rows,
            changes_total: changes.len() as u64,
            changes: changes.into_iter().take(CHANGES_LISTED).map(change).collect(),
        }
    })
}

/// The status of a group.
pub fn group_view(snapshot: &Snapshot, group: &Group) -> GroupView {
    let Version { generation, set, reserve, counts: _, stamp } = &**group.current();
    // The built-in group's first generation comes with no request.
    let changed = !stamp.request_id.is_empty();
    GroupView {
        group: group_name(group.name()),
        generation: generation.get(),
        digest: wire_digest(set.digest()),
        entries: wire_per_family(set.entries()),
        table_rows: wire_per_family(set.rows()),
        state: match snapshot.state(group.id()) {
            GroupState::Programmed => dpd_types::GroupState::Programmed,
            GroupState::Repairing => dpd_types::GroupState::Repairing,
            GroupState::Torn => dpd_types::GroupState::Torn,
        },
        diverged: snapshot.diverged(group.id()),
        programmed_generation: snapshot
            .applied
            .programmed_generation(group.id())
            .map(|generation| generation.get()),
        last_change: changed.then(|| time(stamp)),
        last_request_id: changed.then(|| stamp.request_id.to_string()),
        reserve: wire_per_family(*reserve),
        last_error: snapshot.last_error(group.id()).map(str::to_owned),
        repair: snapshot.mending(group.id()).map(repair_status),
    }
}

fn repair_status(mending: &Mending) -> RepairStatus {
    let Mending { attempts, waits_for, next_attempt_unix_micros, since_unix_micros, error: _ } =
        mending;
    let now = unix_micros();
    RepairStatus {
        attempts: u64::from(*attempts),
        next_attempt_ms: next_attempt_unix_micros.map(|next| next.saturating_sub(now) / 1000),
        waits_for: waits_for.map(|waits_for| match waits_for {
            WaitsFor::Retry => RepairWait::Retry,
            WaitsFor::Room => RepairWait::Room,
            WaitsFor::Device => RepairWait::Device,
            WaitsFor::Journal => RepairWait::Journal,
            WaitsFor::Request => RepairWait::Request,
        }),
        since: date_time(*since_unix_micros),
    }
}

/// A kept generation.
pub fn generation_info(version: &Version) -> GenerationInfo {
    let Version { generation, set, reserve: _, counts, stamp } = version;
    let ChangeCounts { added, updated, removed } = *counts;
    GenerationInfo {
        generation: generation.get(),
        digest: wire_digest(set.digest()),
        time: time(stamp),
        request_id: stamp.request_id.to_string(),
        entries: wire_per_family(set.entries()),
        added,
        updated,
        removed,
    }
}

/// Both parties of a conflict.
pub fn entry_conflict(Conflict { requested, existing, group }: &Conflict) -> EntryConflict {
    EntryConflict {
        requested: entry(*requested),
        existing: entry(*existing),
        group: group_name(group),
    }
}

/// A group's part of a table.
pub fn group_rows(GroupRows { group, in_use, reserved }: &GroupRows) -> dpd_types::GroupRows {
    dpd_types::GroupRows { group: group_name(group), in_use: *in_use, reserved: *reserved }
}

/// A row of a table, as a dump shows it.
pub fn table_entry(row: &Row) -> TableEntry {
    let action = row.action();
    TableEntry {
        keys: keys(&row.key()),
        priority: row.key().priority,
        action: action.name().to_owned(),
        action_args: named(action.render()),
    }
}

/// A row's counter.
pub fn table_counter(key: &RowKey, counter: Counter) -> TableCounter {
    let Counter { packets, bytes } = counter;
    TableCounter {
        keys: keys(key),
        priority: key.priority,
        data: TableCounterData { pkts: Some(packets), bytes: Some(bytes) },
    }
}

/// A set's fingerprint.
pub fn wire_digest(digest: Digest) -> dpd_types::Digest {
    dpd_types::Digest(digest.to_bytes())
}

pub(super) fn group_name(name: &GroupName) -> dpd_types::GroupName {
    name.as_str().into()
}

fn wire_per_family(PerFamily { v4, v6 }: PerFamily<u64>) -> dpd_types::PerFamily {
    dpd_types::PerFamily { ipv4: v4, ipv6: v6 }
}

fn time(stamp: &Stamp) -> DateTime<Utc> {
    date_time(stamp.unix_micros)
}

pub(super) fn date_time(unix_micros: u64) -> DateTime<Utc> {
    i64::try_from(unix_micros)
        .ok()
        .and_then(DateTime::from_timestamp_micros)
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}

pub(super) fn keys(key: &RowKey) -> BTreeMap<String, String> {
    named(key.key.render())
}

fn named(values: impl Iterator<Item = (&'static str, String)>) -> BTreeMap<String, String> {
    values.map(|(name, value)| (name.to_owned(), value)).collect()
}
