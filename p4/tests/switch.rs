//! The switch as those outside the crate use it: what packets of any kind meet, what verdicts and
//! traces say, and that threads share it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use p4::table::{Count, Counter, EntryKey, Match, Note, Write, WriteError};
use p4::{DropReason, Event, NAT_P4, Program, Switch, Verdict};

/// A program with a header, a table and what there is to count and drop by.
const SMALL: &str = r#"
#include <core.p4>
#include <v1model.p4>
enum bit<8> Reason { unknown = 0, too_old = 3 }
header tag_t { bit<8> age; bit<8> kind; bit<32> address; bit<48> mac; bit<16> port; }
header extra_t { bit<8> value; }
struct headers_t { tag_t tag; extra_t extra; }
struct metadata_t { }
parser P(packet_in packet, out headers_t hdr, inout metadata_t meta,
         inout standard_metadata_t standard) {
    state start { packet.extract(hdr.tag); transition select(hdr.tag.kind) {
        7: looping; default: accept; } }
    state looping { transition looping; }
}
control V(inout headers_t hdr, inout metadata_t meta) { apply { } }
control I(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard) {
    counter(4, CounterType.packets_and_bytes) seen;
    direct_counter(CounterType.packets_and_bytes) hits;
    register<bit<32>>(2) last;
    action drop_because(Reason reason) { mark_to_drop(standard); exit; }
    action send(bit<9> port) { standard.egress_spec = port; }
    table t {
        key = { hdr.tag.address: exact @name("address"); hdr.tag.port: range @name("port"); }
        actions = { send; @defaultonly drop_because; }
        default_action = drop_because(Reason.unknown);
        counters = hits;
    }
    apply {
        seen.count((bit<32>) hdr.tag.kind);
        last.write(1, hdr.tag.address);
        assert(hdr.tag.kind != 9);
        if (hdr.tag.age > 100) { drop_because(Reason.too_old); }
        if (hdr.tag.kind == 6) { standard.egress_spec = 511; exit; }
        t.apply();
        hdr.extra.setValid();
        hdr.extra.value = hdr.tag.age;
        hdr.tag.setInvalid();
        log_msg("age {} of {}", { hdr.tag.age, hdr.tag.address });
    }
}
control E(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard) {
    apply { }
}
control C(inout headers_t hdr, inout metadata_t meta) { apply { } }
control D(packet_out packet, in headers_t hdr) { apply { packet.emit(hdr); } }
V1Switch(P(), V(), I(), E(), C(), D()) main;
"#;

fn small() -> Switch {
    let program = Program::from_source("small.p4", SMALL).unwrap_or_else(|error| panic!("{error}"));
    Switch::new(Arc::new(program), |table| table.size)
}

fn entry(switch: &Switch, low: u128, high: u128, port: u128) -> Write {
    let (table, _) = switch.program().table("I.t").unwrap();
    let matches = [Match::Exact(0x0a00_0001), Match::Range { low, high }];
    let key = EntryKey { table, matches: matches.into_iter().collect(), priority: 5 };
    Write::Insert { key, action: 0, arguments: [port].into_iter().collect() }
}

/// A packet for the table's entry at port 80, with these first two bytes.
fn packet(age: u8, kind: u8) -> Vec<u8> {
    let mut packet = vec![age, kind, 10, 0, 0, 1, 0xa8, 0x40, 0x25, 0, 0, 1, 0, 80];
    packet.extend(b"rest");
    packet
}

fn process(switch: &Switch, packet: &[u8]) -> (Verdict, Vec<(u16, Vec<u8>)>) {
    let mut sent = Vec::new();
    let mut emit = |port: u16, packet: &[u8]| sent.push((port, packet.to_vec()));
    let verdict = switch.process(&mut switch.runner(), 3, packet, &mut emit);
    (verdict, sent)
}

#[test]
fn a_packet_that_an_entry_is_for_goes_out_and_is_counted() {
    let switch = small();
    switch.write(&entry(&switch, 80, 90, 7)).unwrap();
    let (verdict, sent) = process(&switch, &packet(1, 2));
    assert_eq!(verdict, Verdict::Sent(1));
    assert_eq!(sent, [(7, b"\x01rest".to_vec())]);
    let (seen, _) = switch.program().instance("I.seen").unwrap();
    let count = switch.counter(seen, 2).unwrap();
    assert_eq!((count.packets, count.bytes), (1, 18));
    assert_eq!(switch.counter(seen, 4), None);
    let (table, _) = switch.program().table("I.t").unwrap();
    let direct = switch.tables().entries(table).next().unwrap().counter.read();
    assert_eq!((direct.packets, direct.bytes), (1, 18));
    let (last, _) = switch.program().instance("I.last").unwrap();
    assert_eq!(switch.register(last, 1), Some(0x0a00_0001));
    assert!(switch.set_register(last, 0, u128::MAX));
    assert_eq!(switch.register(last, 0), Some(0xffff_ffff));
    assert_eq!(switch.register(last, 2), None);
}

#[test]
fn a_verdict_says_who_dropped_a_packet_and_why() {
    let switch = small();
    let reason = |packet: &[u8]| match process(&switch, packet) {
        (Verdict::Dropped(reason), sent) if sent.is_empty() => reason,
        other => panic!("{other:?}"),
    };
    let marked = reason(&packet(101, 0));
    assert_eq!(marked.to_string(), "by I.drop_because(reason = too_old)");
    let DropReason::Marked(marked) = marked else { panic!("{marked:?}") };
    assert!(switch.program().sources().text(marked.span()).starts_with("mark_to_drop"));
    assert_eq!(reason(&packet(0, 0)).to_string(), "by I.drop_because(reason = unknown)");
    assert_eq!(
        reason(&packet(101, 7)).to_string(),
        "by I.drop_because(reason = too_old), after the parser rejected with error.ParserTimeout",
    );
    assert_eq!(
        reason(&[]).to_string(),
        "by I.drop_because(reason = unknown), after the parser rejected with error.PacketTooShort",
    );
    assert_eq!(reason(&packet(0, 6)).to_string(), "sent to the drop port");
    assert_eq!(reason(&packet(0, 9)).to_string(), "an assertion in I does not hold");
    let long = vec![0; 65_536];
    assert_eq!(reason(&long).to_string(), "65536 bytes are more than a packet can have");
    let drops = switch.drops();
    assert_eq!((drops.program, drops.assertion_failed), (5, 1));
    assert_eq!((drops.too_long, drops.multicast, drops.too_many_steps), (1, 0, 0));
}

#[test]
fn a_trace_tells_a_run_line_by_line_and_changes_nothing() {
    let switch = small();
    switch.write(&entry(&switch, 80, 90, 7)).unwrap();
    let trace = switch.trace(3, &packet(1, 2));
    let lines = "received 18 bytes on port 3\n\
                 state P.start\n\
                 extracted hdr.tag, 14 bytes\n\
                 table I.t (address = 10.0.0.1, port = 80): \
                 hit of 0xa000001, 0x50->0x5a priority 5, action I.send(port = 7)\n\
                 added hdr.extra\n\
                 removed hdr.tag\n\
                 log: age 1 of 10.0.0.1\n\
                 sent 5 bytes out of port 7: 0172657374";
    assert_eq!(trace.to_string(), lines);
    let (seen, _) = switch.program().instance("I.seen").unwrap();
    assert_eq!(switch.counter(seen, 2).unwrap().packets, 0);

    let trace = switch.trace(3, &packet(101, 2));
    let end = "marked to drop by I.drop_because(reason = too_old)\n\
               dropped: by I.drop_because(reason = too_old)";
    assert!(trace.to_string().ends_with(end), "{trace}");

    let mut runner = switch.runner();
    let trace = switch.process_traced(&mut runner, 3, &packet(1, 2), &mut |_, _| {});
    assert!(trace.events.iter().any(|event| matches!(event, Event::Sent { port: 7, .. })));
    assert_eq!(switch.counter(seen, 2).unwrap().packets, 1);
}

#[test]
fn what_a_program_logs_is_handed_on() {
    let lines = Arc::new(std::sync::Mutex::new(Vec::new()));
    let kept = Arc::clone(&lines);
    let switch = small().with_log(move |line| kept.lock().unwrap().push(line.to_owned()));
    switch.write(&entry(&switch, 80, 90, 7)).unwrap();
    process(&switch, &packet(1, 2));
    switch.trace(3, &packet(2, 2));
    assert_eq!(*lines.lock().unwrap(), ["age 1 of 10.0.0.1"]);
}

#[test]
fn writes_of_a_batch_are_seen_together_or_not_at_all() {
    let switch = small();
    let good = entry(&switch, 80, 80, 7);
    let bad = entry(&switch, 90, 80, 7);
    let (place, _) = switch.write_batch_atomic(&[good.clone(), bad]).unwrap_err();
    assert_eq!(place, 1);
    assert!(matches!(process(&switch, &packet(1, 2)).0, Verdict::Dropped(_)));

    // A reader never sees the one entry without the other.
    let other = entry(&switch, 81, 81, 8);
    let delete = |write: &Write| {
        let Write::Insert { key, .. } = write else { unreachable!() };
        Write::Delete(key.clone())
    };
    let (deletes, inserts) = ([delete(&good), delete(&other)], [good, other]);
    let (table, _) = switch.program().table("I.t").unwrap();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..2_000 {
                switch.write_batch_atomic(&inserts).unwrap();
                switch.write_batch_atomic(&deletes).unwrap();
            }
            stop.store(true, Ordering::Relaxed);
        });
        while !stop.load(Ordering::Relaxed) {
            assert_ne!(switch.tables().len(table), 1);
        }
    });
}

#[test]
fn threads_share_counters_and_lose_no_count() {
    let switch = small();
    switch.write(&entry(&switch, 80, 90, 7)).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut runner = switch.runner();
                for _ in 0..5_000 {
                    switch.process(&mut runner, 3, &packet(1, 2), &mut |_, _| {});
                }
            });
        }
    });
    let (seen, _) = switch.program().instance("I.seen").unwrap();
    assert_eq!(switch.counter(seen, 2).unwrap().packets, 20_000);
    let (table, _) = switch.program().table("I.t").unwrap();
    let direct = switch.tables().entries(table).next().unwrap().counter.read();
    assert_eq!((direct.packets, direct.bytes), (20_000, 20_000 * 18));
}

/// A small generator (xorshift), so that packets are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

/// A random packet, most often one that begins like something the forwarding program knows.
fn random_packet(numbers: &mut Numbers) -> Vec<u8> {
    let length = match numbers.next() % 16 {
        0 => numbers.next() % 65_536,
        1..=3 => numbers.next() % 40,
        _ => numbers.next() % 200,
    };
    let mut packet: Vec<u8> = (0..length).map(|_| numbers.next() as u8).collect();
    let mut put = |at: usize, bytes: &[u8]| {
        if let Some(part) = packet.get_mut(at..at + bytes.len()) {
            part.copy_from_slice(bytes);
        }
    };
    match numbers.next() % 6 {
        0 => {}
        1 => put(12, &[8, 0, 0x45]),
        2 => put(12, &[8, 0, 0x40 | (numbers.next() % 16) as u8]),
        3 => put(12, &[0x81, 0, 0, 5, 8, 0, 0x45]),
        4 => put(12, &[0x86, 0xdd, 0x60]),
        _ => {
            put(12, &[0x86, 0xdd, 0x60]);
            put(20, &[17]);
            put(56, &[0x17, 0xc1]);
            put(62, &[(numbers.next() % 64) as u8, 0, 0x65, 0x58]);
        }
    }
    packet
}

#[test]
fn a_hundred_thousand_random_packets_each_get_a_verdict() {
    let nat = Arc::new(Program::from_source("nat.p4", NAT_P4).unwrap());
    let nat = Switch::new(nat, |table| table.size);
    let (role, _) = nat.program().table("Ingress.ports.role").unwrap();
    for (port, action) in [(0, 0), (1, 1)] {
        let matches = [Match::Exact(port)].into_iter().collect();
        let key = EntryKey { table: role, matches, priority: 0 };
        let arguments = [].into_iter().collect();
        nat.write(&Write::Insert { key, action, arguments }).unwrap();
    }
    let small = small();
    small.write(&entry(&small, 0, 65_535, 7)).unwrap();
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    for switch in [&nat, &small] {
        let mut runner = switch.runner();
        let (mut sent, mut dropped, mut emitted) = (0, 0, 0);
        for _ in 0..50_000 {
            let packet = random_packet(&mut numbers);
            let port = (numbers.next() % 3) as u16;
            let emit = &mut |_: u16, _: &[u8]| emitted += 1;
            match switch.process(&mut runner, port, &packet, emit) {
                Verdict::Sent(count) => sent += count,
                Verdict::Dropped(_) => dropped += 1,
            }
        }
        assert_eq!(sent + dropped, 50_000);
        assert_eq!(sent, emitted);
        assert_eq!(
            switch.drops().program + switch.drops().assertion_failed + switch.drops().multicast,
            dropped as u64
        );
    }
    for length in [0, 1, 65_534, 65_535] {
        for switch in [&nat, &small] {
            assert!(matches!(process(switch, &vec![0; length]).0, Verdict::Dropped(_)));
        }
    }
}

#[test]
fn runs_leave_nothing_behind_for_the_next_packet() {
    let switch = small();
    switch.write(&entry(&switch, 80, 90, 7)).unwrap();
    let mut runner = switch.runner();
    let mut run = |packet: &[u8]| {
        let mut sent = Vec::new();
        let mut emit = |port: u16, packet: &[u8]| sent.push((port, packet.to_vec()));
        (switch.process(&mut runner, 3, packet, &mut emit), sent)
    };
    let first = run(&packet(1, 2));
    let short = run(&[1]);
    for other in [packet(101, 0), packet(0, 9), packet(0, 7), vec![9; 3_000]] {
        run(&other);
        assert_eq!(run(&packet(1, 2)), first);
        assert_eq!(run(&[1]), short);
    }
}

#[test]
fn a_runner_of_another_program_runs_packets_as_well() {
    let switch = small();
    switch.write(&entry(&switch, 80, 90, 7)).unwrap();
    let nat = Arc::new(Program::from_source("nat.p4", NAT_P4).unwrap());
    let nat = Switch::new(nat, |table| table.size);
    let mut runner = nat.runner();
    let verdict = switch.process(&mut runner, 3, &packet(1, 2), &mut |_, _| {});
    assert_eq!(verdict, Verdict::Sent(1));
    let verdict = nat.process(&mut runner, 3, &packet(1, 2), &mut |_, _| {});
    assert!(matches!(verdict, Verdict::Dropped(_)));
}

#[test]
fn a_packet_by_a_port_that_nine_bits_cannot_say_is_dropped() {
    let switch = small();
    let verdict = switch.process(&mut switch.runner(), 512, &packet(1, 2), &mut |_, _| {});
    let Verdict::Dropped(reason) = verdict else { panic!("{verdict:?}") };
    assert_eq!(reason.to_string(), "there is no port 512: the last is 511");
    assert_eq!(switch.drops().no_such_port, 1);
}

/// A control whose arguments overlap: what it is given is copied, though it is applied only once.
const OVERLAPPING: &str = r#"
#include <core.p4>
#include <v1model.p4>
header pair_t { bit<8> a; bit<8> b; }
struct headers_t { pair_t pair; }
struct metadata_t { }
parser P(packet_in packet, out headers_t hdr, inout metadata_t meta,
         inout standard_metadata_t standard) {
    state start { packet.extract(hdr.pair); transition accept; }
}
control V(inout headers_t hdr, inout metadata_t meta) { apply { } }
control Inner(inout headers_t hdr, in bit<8> before, out bit<8> result) {
    apply {
        hdr.pair.a = hdr.pair.a + 1;
        result = before;
        hdr.pair.b = 99;
    }
}
control I(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard) {
    Inner() inner;
    apply { inner.apply(hdr, hdr.pair.a, hdr.pair.b); }
}
control E(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard) {
    apply { }
}
control C(inout headers_t hdr, inout metadata_t meta) { apply { } }
control D(packet_out packet, in headers_t hdr) { apply { packet.emit(hdr); } }
V1Switch(P(), V(), I(), E(), C(), D()) main;
"#;

#[test]
fn arguments_that_overlap_are_copied() {
    let program = Program::from_source("overlapping.p4", OVERLAPPING);
    let program = Arc::new(program.unwrap_or_else(|error| panic!("{error}")));
    let switch = Switch::new(program, |table| table.size);
    let (_, sent) = process(&switch, &[5, 0]);
    assert_eq!(sent, [(0, vec![6, 5])]);
}

#[test]
fn each_write_of_a_batch_has_its_own_result() {
    let switch = small();
    let writes = [
        entry(&switch, 10, 20, 1),
        entry(&switch, 10, 20, 2),
        entry(&switch, 30, 20, 3),
        entry(&switch, 30, 40, 600),
        entry(&switch, 50, 60, 5),
    ];
    let before = switch.tables();
    let results = switch.write_batch(&writes);
    let failed: Vec<usize> = (0..results.len()).filter(|place| results[*place].is_err()).collect();
    assert_eq!(failed, [1, 2, 3]);
    assert!(matches!(results[1], Err(WriteError::Exists { .. })));
    let (table, _) = switch.program().table("I.t").unwrap();
    assert_eq!((before.len(table), switch.tables().len(table)), (0, 2));
    switch.tables().validate().unwrap();
}

#[test]
fn a_change_of_tables_that_fails_changes_nothing() {
    let switch = small();
    let write = entry(&switch, 10, 20, 1);
    let Write::Insert { key, .. } = &write else { panic!("{write:?}") };
    let refused = switch.change_tables(|tables| {
        tables.perform(&write)?;
        // The change sees what it has done.
        assert!(tables.find(key).is_some());
        tables.perform(&write)
    });
    assert!(matches!(refused, Err(WriteError::Exists { .. })));
    assert!(switch.tables().find(key).is_none());
    let counted = switch.change_tables(|tables| {
        tables.perform(&write)?;
        Ok::<usize, WriteError>(tables.len(key.table))
    });
    assert_eq!(counted, Ok(1));
    assert!(switch.tables().find(key).is_some());
}

#[test]
fn counters_and_notes_of_entries_change_for_those_who_look_later() {
    let switch = small();
    let write = entry(&switch, 10, 20, 1);
    let Write::Insert { key, action, arguments } = write.clone() else { panic!("{write:?}") };
    switch.write(&write).unwrap();
    let before = switch.tables();
    let (count, note) =
        (Count { packets: 7, bytes: 70 }, Arc::new(Note { cookie: 3, bytes: [1, 2].into() }));
    switch
        .change_tables(|tables| {
            tables.set_counter(&key, Arc::new(Counter::with(count)))?;
            tables.set_default_note(key.table, Some(Arc::clone(&note)))?;
            tables.set_note(&key, Some(Arc::clone(&note)))
        })
        .unwrap();
    let after = switch.tables();
    let (old, new) = (before.find(&key).unwrap(), after.find(&key).unwrap());
    assert_eq!((old.counter.read(), old.note.as_ref()), (Count::default(), None));
    assert_eq!((new.counter.read(), new.note.as_ref()), (count, Some(&note)));
    assert_eq!(before.default_note(key.table), None);
    assert_eq!(after.default_note(key.table), Some(&note));
    after.validate().unwrap();

    // An entry that is modified keeps its counter and loses its note.
    switch.write(&Write::Modify { key: key.clone(), action, arguments }).unwrap();
    let modified = switch.tables();
    let entry = modified.find(&key).unwrap();
    assert_eq!((entry.counter.read(), entry.note.as_ref()), (count, None));

    let nowhere = EntryKey { priority: 9, ..key.clone() };
    let mut tables = p4::table::Tables::clone(&modified);
    assert!(matches!(tables.set_note(&nowhere, None), Err(WriteError::NotFound { .. })));
    let wrong = EntryKey { priority: 0, ..key };
    let missing = WriteError::PriorityMissing { table: "I.t".into() };
    assert_eq!(tables.check_key(&wrong), Err(missing.clone()));
    assert_eq!(tables.set_counter(&wrong, Arc::default()), Err(missing));
}
