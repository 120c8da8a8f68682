//! What is printed, compared with the files in `tests/output`. Set `EXPECTORATE=overwrite` to
//! write them anew, then read what changed.

use super::*;
use crate::input::{Format, InputSet};
use dpd_client::Failure;
use dpd_types::{
    AuditDifferent, AuditExtra, AuditForwarding, AuditKind, AuditMissing, AuditReason, AuditResult,
    AuditRow, ChangeOp, Digest, EnsureResult, EntryConflict, Error, ErrorCode, GenerationInfo,
    GroupName, GroupRows, GroupState, GroupView, InvalidEntry, NatChange, NatEntry, NatTarget,
    PerFamily, RepairStatus, RepairWait, TableDump, TableEntry,
};

#[track_caller]
fn assert_printed(file: &str, printed: &str) {
    expectorate::assert_contents(format!("tests/output/{file}"), printed);
}

fn target(sled: u16) -> NatTarget {
    NatTarget {
        internal_ip: format!("fd00:1122:3344:{sled:x}::1").parse().unwrap(),
        inner_mac: format!("a8:40:25:f0:00:{:02x}", sled & 0xff).parse().unwrap(),
        vni: 100,
    }
}

fn entry(external: &str, low: u16, high: u16, sled: u16) -> NatEntry {
    NatEntry { external: external.parse().unwrap(), low, high, target: target(sled) }
}

fn entries() -> [NatEntry; 3] {
    [
        entry("203.0.113.7", 0, 16383, 0x101),
        entry("203.0.113.70", 16384, 32767, 0x102),
        entry("2001:db8::7", 0, 65535, 0x103),
    ]
}

fn changes() -> Vec<NatChange> {
    let [kept, added, removed] = entries();
    let was = NatTarget { vni: 99, ..target(0x1ff) };
    vec![
        NatChange { op: ChangeOp::Update, entry: kept, was: Some(was) },
        NatChange { op: ChangeOp::Add, entry: added, was: None },
        NatChange { op: ChangeOp::Remove, entry: removed, was: None },
    ]
}

fn view(group: &str, generation: u64) -> GroupView {
    GroupView {
        group: group.into(),
        generation,
        digest: Digest([0xab; 32]),
        entries: PerFamily { ipv4: 6, ipv6: 4 },
        table_rows: PerFamily { ipv4: 12, ipv6: 4 },
        state: GroupState::Programmed,
        diverged: 0,
        programmed_generation: Some(generation),
        last_change: "2026-08-01T12:34:56.789Z".parse().ok(),
        last_request_id: Some("1b4e28ba-2fa1-11d2-883f-0016d3cca427".to_owned()),
        reserve: PerFamily { ipv4: 32, ipv6: 32 },
        last_error: None,
        repair: None,
    }
}

/// A repair that failed for want of a device.
fn waiting() -> RepairStatus {
    RepairStatus {
        attempts: 5,
        next_attempt_ms: Some(1234),
        waits_for: Some(RepairWait::Device),
        since: "2026-08-01T12:34:56.789Z".parse().unwrap(),
    }
}

/// The group that nothing was ever put into.
fn untouched() -> GroupView {
    let none = PerFamily::default();
    GroupView {
        digest: Digest([0; 32]),
        entries: none,
        table_rows: none,
        reserve: none,
        programmed_generation: None,
        last_change: None,
        last_request_id: None,
        ..view("ungrouped", 1)
    }
}

fn result() -> EnsureResult {
    EnsureResult {
        group: "services".into(),
        generation: 7,
        previous_generation: Some(6),
        digest: Digest([0xab; 32]),
        dry_run: false,
        added: 1,
        updated: 1,
        removed: 1,
        unchanged: 7,
        adopted: 0,
        writes: 3,
        repaired: 0,
        gaps: Vec::new(),
        peak_rows: None,
        changes: changes(),
        changes_total: 3,
    }
}

#[test]
fn a_list_of_entries() {
    assert_printed("entries.txt", &Grid::of(&entries()).to_string());
    let owned = |entry| GroupedEntry { group: GroupName::from("services"), entry };
    assert_printed("nat-list.txt", &Grid::of(&entries().map(owned)).to_string());
}

#[test]
fn a_list_of_groups() {
    let torn = GroupView {
        state: GroupState::Torn,
        diverged: 3,
        repair: Some(waiting()),
        ..view("instances", 123_456)
    };
    assert_printed("groups.txt", &Grid::of(&[torn, view("services", 7), untouched()]).to_string());
}

#[test]
fn the_status_of_a_group() {
    assert_printed("group.txt", &group_view(&view("services", 7)));
    assert_printed("group-untouched.txt", &group_view(&untouched()));
    let error = Some("ingress_ipv4: no such row".to_owned());
    let repairing = GroupView {
        state: GroupState::Repairing,
        diverged: 2,
        programmed_generation: Some(6),
        last_error: error,
        repair: Some(waiting()),
        ..view("services", 7)
    };
    assert_printed("group-repairing.txt", &group_view(&repairing));
}

#[test]
fn what_an_audit_found() {
    let [missing, extra, different] = entries();
    let since = "2026-08-01T12:34:56.789Z".parse().unwrap();
    let group = Some(GroupName::from("services"));
    let row = |sled, priority| AuditRow { target: target(sled), priority };
    let differs = |reason, expected, found| {
        let NatEntry { external, low, high, .. } = different;
        let group = group.clone();
        AuditDifferent { external, low, high, reason, expected, found, group, since }
    };
    let clean = AuditResult {
        checked: 1234,
        clean: true,
        missing: Vec::new(),
        missing_total: 0,
        extra: Vec::new(),
        extra_total: 0,
        different: Vec::new(),
        different_total: 0,
        forwarding: Vec::new(),
        forwarding_total: 0,
        repaired: 0,
        remaining: 0,
    };
    assert_printed("audit-clean.txt", &audited(&clean));
    let NatEntry { external, low, high, target } = missing;
    let missing = AuditMissing { external, low, high, target, group: group.clone(), since };
    let NatEntry { external, low, high, target } = extra;
    let extra = AuditExtra { external, low, high, target, priority: 7, group: None, since };
    let key = ("idx".to_owned(), "1".to_owned());
    let forwarding = AuditForwarding {
        table: "Ingress.ports.role".to_owned(),
        keys: [key].into_iter().collect(),
        kind: AuditKind::Missing,
        since,
    };
    let amiss = AuditResult {
        clean: false,
        missing: vec![missing],
        missing_total: 1001,
        extra: vec![extra],
        extra_total: 1,
        different: vec![
            differs(AuditReason::Target, row(0x103, 1), row(0x1ff, 1)),
            differs(AuditReason::Priority, row(0x103, 1), row(0x103, 2)),
        ],
        different_total: 2,
        forwarding: vec![forwarding],
        forwarding_total: 1,
        repaired: 1004,
        remaining: 1,
        ..clean
    };
    assert_printed("audit.txt", &audited(&amiss));
}

#[test]
fn the_history_of_a_group() {
    let generation = |generation| GenerationInfo {
        generation,
        digest: Digest([0xab; 32]),
        time: "2026-08-01T12:34:56.789Z".parse().unwrap(),
        request_id: "1b4e28ba-2fa1-11d2-883f-0016d3cca427".to_owned(),
        entries: PerFamily { ipv4: 6, ipv6: 4 },
        added: 1,
        updated: 20,
        removed: 0,
    };
    assert_printed("history.txt", &Grid::of(&[generation(10), generation(9)]).to_string());
}

#[test]
fn what_changed() {
    assert_printed("diff.txt", &diff(&changes(), false));
    assert_printed("diff-in-colours.txt", &diff(&changes(), true));
    assert_eq!(diff(&[], false), "");
}

#[test]
fn what_an_ensure_did() {
    assert_printed("ensured.txt", &ensured(&result(), false));
    let first = EnsureResult {
        previous_generation: None,
        adopted: 2,
        dry_run: true,
        peak_rows: Some(PerFamily { ipv4: 30, ipv6: 2 }),
        ..result()
    };
    assert_printed("ensured-dry-run.txt", &ensured(&first, false));
    let nothing = EnsureResult {
        previous_generation: Some(7),
        added: 0,
        updated: 0,
        removed: 0,
        unchanged: 10,
        writes: 0,
        changes: Vec::new(),
        changes_total: 0,
        ..result()
    };
    assert_printed("ensured-nothing.txt", &ensured(&nothing, false));
    let gaps = vec![entries()[0].slot()];
    let many = EnsureResult { gaps, changes_total: 1234, repaired: 5, ..result() };
    assert_printed("ensured-with-gaps.txt", &ensured(&many, false));
}

#[test]
fn what_a_deletion_did() {
    let done = EnsureResult { added: 0, updated: 0, removed: 1234, unchanged: 0, ..result() };
    let [.., removal] = <[NatChange; 3]>::try_from(changes()).unwrap();
    let done = EnsureResult { changes: vec![removal], changes_total: 1234, ..done };
    assert_printed("deleted.txt", &deleted(&done, false));
    let again = EnsureResult {
        previous_generation: None,
        changes: Vec::new(),
        changes_total: 0,
        dry_run: true,
        ..done
    };
    assert_printed("deleted-again.txt", &deleted(&again, false));
}

#[test]
fn a_table() {
    let row = |address: &str, ports: &str, priority| TableEntry {
        keys: [("dst_addr", address), ("l4_dst_port", ports)].map(owned).into(),
        priority,
        action: "forward_ipv4_to".to_owned(),
        action_args: [
            ("target", "fd00:1122:3344:101::1"),
            ("inner_mac", "a8:40:25:f0:00:01"),
            ("vni", "100"),
        ]
        .map(owned)
        .into(),
    };
    let name = "Ingress.nat_ingress.ingress_ipv4".to_owned();
    let entries = vec![row("203.0.113.7", "0-16383", 1), row("203.0.113.70", "80-80", 2)];
    let dump = TableDump { name, size: 1024, entries };
    assert_printed("table.txt", &table_dump(&dump));
    let empty = TableDump { entries: Vec::new(), ..dump };
    assert_eq!(table_dump(&empty), "Ingress.nat_ingress.ingress_ipv4: 0 of 1024 rows\n");
}

fn owned((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// dpd's answer as the client hands it on.
fn answered(error: Error) -> Failure {
    let status = error.code().map_or(500, ErrorCode::status).try_into().unwrap();
    Failure::Answered { status, error: Box::new(error) }
}

#[test]
fn a_refusal_names_the_lines_of_the_file() {
    let csv = "external,low,high,internal_ip,inner_mac,vni\n\
               203.0.113.7,5,4,fd00::1,a8:40:25:f0:00:01,100\n\
               203.0.113.7,5,6,fd00::1,a8:40:25:f0:00:01,16777216\n";
    let set = InputSet::parse("set.csv".to_owned(), csv, Format::Csv).unwrap();
    let invalid = |index: usize, reason: &str| InvalidEntry {
        index: index as u64,
        entry: set.entries[index],
        reason: reason.to_owned(),
    };
    let error = Error {
        invalid: Some(vec![
            invalid(0, "its first port is above its last"),
            invalid(1, "its VNI is 2^24 or more"),
        ]),
        invalid_total: Some(40),
        ..Error::new("4f1c", ErrorCode::InvalidEntries, "40 entries are not allowed")
    };
    let failure = answered(error);
    assert_printed("refused-entries.txt", &failure_details(&failure, Some(&set)));
    assert!(failure_details(&failure, None).starts_with("  entries[0]: 203.0.113.7"));
}

#[test]
fn a_refusal_names_both_parties() {
    let [requested, ..] = entries();
    let existing = entry("203.0.113.7", 16000, 17000, 0x201);
    let error = Error {
        conflicts: Some(vec![EntryConflict { requested, existing, group: "instances".into() }]),
        conflicts_total: Some(2),
        ..Error::new("4f1c", ErrorCode::EntryConflict, "an entry overlaps another group's")
    };
    assert_printed("refused-conflict.txt", &failure_details(&answered(error.clone()), None));
    // One conflict is told by the sentence, which names both.
    let one = Error { conflicts_total: Some(1), ..error };
    assert_eq!(failure_details(&answered(one), None), "");
}

#[test]
fn a_full_table_names_whose_the_rows_are() {
    let rows = |group: &str, in_use, reserved| GroupRows { group: group.into(), in_use, reserved };
    let error = Error {
        by_group: Some(vec![rows("instances", 1000, 0), rows("services", 10, 32)]),
        by_group_total: Some(3),
        ..Error::new("4f1c", ErrorCode::TableFull, "ingress_ipv4 is full")
    };
    assert_printed("refused-full.txt", &failure_details(&answered(error), None));
}

#[test]
fn a_failure_that_is_no_answer_has_no_details() {
    let failure = Failure::Unreachable { address: None, problem: "connection refused".to_owned() };
    assert_eq!(failure_details(&failure, None), "");
}
