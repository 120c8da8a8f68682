//! The table store against a list and linear scans, for keys of all kinds.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod oracle;
mod program;
mod refusals;

use std::sync::Arc;

use oracle::{Oracle, has_priority};
use p4::ir::MatchKind::{Exact, Lpm, Optional, Range, Ternary};
use p4::ir::{self, TableId, ValueSet};
use p4::table::{Count, EntryKey, Match, Tables, Write, WriteError};
use program::{Key, program, table};
use proptest::prelude::*;
use rstest::rstest;

const TABLE: TableId = TableId(0);

/// Elements are narrow, so that entries meet each other and every value can be tried.
const SHAPES: &[&[Key]] = &[
    &[(Exact, 4, false)],
    &[(Exact, 2, false), (Exact, 3, true)],
    &[(Lpm, 6, false)],
    &[(Lpm, 9, false)],
    &[(Lpm, 4, false), (Exact, 1, false)],
    &[(Exact, 1, false), (Lpm, 5, true), (Exact, 1, false)],
    &[(Range, 6, false)],
    &[(Range, 5, true)],
    &[(Exact, 1, false), (Range, 6, false)],
    &[(Exact, 1, false), (Range, 5, true), (Exact, 1, true)],
    &[(Ternary, 5, false)],
    &[(Optional, 3, false)],
    &[(Ternary, 3, false), (Lpm, 3, false)],
    &[(Range, 3, false), (Range, 3, true)],
    &[(Exact, 2, false), (Optional, 2, false), (Ternary, 2, true)],
];

#[derive(Clone, Debug)]
enum Step {
    Insert(EntryKey, u128),
    Modify(EntryKey, u128),
    Delete(EntryKey),
    /// Modify or delete the entry at a place in the list.
    ModifyOne(prop::sample::Index, u128),
    DeleteOne(prop::sample::Index),
    SetDefault(u128),
    ResetDefault,
}

fn element(key: &Key) -> BoxedStrategy<Match> {
    let (kind, width, is_signed) = *key;
    let ones = (1_u128 << width) - 1;
    let value = 0..=ones;
    match kind {
        Exact => value.prop_map(Match::Exact).boxed(),
        Lpm => (value, 0..=width)
            .prop_map(move |(value, prefix_length)| {
                let mask = ones & !(ones >> prefix_length);
                Match::Lpm { value: value & mask, prefix_length }
            })
            .boxed(),
        Ternary => (value, 0..=ones)
            .prop_map(|(value, mask)| Match::Ternary { value: value & mask, mask })
            .boxed(),
        Range => (value, 0..=ones)
            .prop_map(move |(one, other)| {
                let flip = if is_signed { 1 << (width - 1) } else { 0 };
                let (low, high) = (one.min(other) ^ flip, one.max(other) ^ flip);
                Match::Range { low, high }
            })
            .boxed(),
        Optional => prop::option::of(value).prop_map(Match::Optional).boxed(),
    }
}

fn key(keys: &'static [Key]) -> impl Strategy<Value = EntryKey> {
    let elements: Vec<_> = keys.iter().map(element).collect();
    let priorities = if has_priority(keys) { 1..=4 } else { 0..=0_u32 };
    (elements, priorities).prop_map(|(matches, priority)| EntryKey {
        table: TABLE,
        matches: matches.into_iter().collect(),
        priority,
    })
}

fn step(keys: &'static [Key]) -> impl Strategy<Value = Step> {
    let value = 0..0x1_0000_u128;
    prop_oneof![
        12 => (key(keys), value.clone()).prop_map(|(key, value)| Step::Insert(key, value)),
        1 => (key(keys), value.clone()).prop_map(|(key, value)| Step::Modify(key, value)),
        1 => key(keys).prop_map(Step::Delete),
        2 => (any::<prop::sample::Index>(), value.clone())
            .prop_map(|(place, value)| Step::ModifyOne(place, value)),
        5 => any::<prop::sample::Index>().prop_map(Step::DeleteOne),
        1 => value.prop_map(Step::SetDefault),
        1 => Just(Step::ResetDefault),
    ]
}

fn history() -> impl Strategy<Value = (&'static [Key], Vec<Step>, u64)> {
    (0..SHAPES.len(), 4..60_u64).prop_flat_map(|(shape, size)| {
        let keys = SHAPES[shape];
        (Just(keys), prop::collection::vec(step(keys), 1..80), Just(size))
    })
}

/// All values that a packet can have.
fn packets(keys: &[Key]) -> Vec<Vec<u128>> {
    keys.iter().fold(vec![Vec::new()], |packets, (_, width, _)| {
        let with = |packet: &Vec<u128>, value| [packet.as_slice(), &[value]].concat();
        let values = 0..1_u128 << width;
        packets.iter().flat_map(|p| values.clone().map(move |value| with(p, value))).collect()
    })
}

fn compare(tables: &Tables, oracle: &Oracle, default: &(usize, Vec<u128>)) {
    tables.validate().unwrap();
    assert_eq!(tables.len(TABLE), oracle.rows.len());
    let mut rows = oracle.rows.clone();
    rows.sort();
    let entries = tables.entries(TABLE).map(|entry| (entry.key.clone(), entry.arguments[0]));
    assert_eq!(entries.collect::<Vec<_>>(), rows);
    let (action, arguments) = tables.default_action(TABLE);
    assert_eq!((action, arguments), (default.0, default.1.as_slice()));
    for packet in packets(&oracle.keys) {
        let found = tables.lookup(TABLE, &packet);
        match oracle.lookup(&packet) {
            Some((key, value)) => {
                assert_eq!(found.entry.map(|entry| &entry.key), Some(key), "{packet:?}");
                assert_eq!((found.action, found.arguments), (0, [*value].as_slice()));
            }
            None => {
                assert!(found.entry.is_none(), "{packet:?}");
                assert_eq!((found.action, found.arguments), (action, arguments));
            }
        }
    }
}

proptest! {
    #[test]
    fn a_table_is_what_a_list_is((keys, steps, size) in history()) {
        let mut tables = Tables::new(&program(vec![table(keys, size)]), |table| table.size);
        let mut oracle = Oracle { keys: keys.to_vec(), rows: Vec::new() };
        let mut default = (2, Vec::new());
        let mut earlier = Vec::new();
        for step in steps {
            earlier.push((tables.clone(), oracle.clone(), default.clone()));
            let place = |index: &prop::sample::Index| {
                (!oracle.rows.is_empty()).then(|| index.index(oracle.rows.len()))
            };
            let (write, expected) = match step {
                Step::Insert(key, value) => {
                    let overlaps = tables.overlapping(&key).is_some();
                    prop_assert_eq!(overlaps, oracle.overlaps(&key), "{:?}", key);
                    let write = insert(&key, value);
                    let refusal = if oracle.position(&key).is_some() {
                        Some(WriteError::Exists { table: Arc::from("t"), key: Box::new(key.clone()) })
                    } else if oracle.rows.len() as u64 == size {
                        Some(WriteError::Full { table: Arc::from("t"), size })
                    } else {
                        oracle.rows.push((key, value));
                        None
                    };
                    (write, refusal)
                }
                Step::Modify(key, value) => {
                    let refusal = match oracle.position(&key) {
                        Some(place) => {
                            oracle.rows[place].1 = value;
                            None
                        }
                        None => Some(not_found(&key)),
                    };
                    (modify(&key, value), refusal)
                }
                Step::Delete(key) => {
                    let refusal = match oracle.position(&key) {
                        Some(place) => {
                            oracle.rows.remove(place);
                            None
                        }
                        None => Some(not_found(&key)),
                    };
                    (Write::Delete(key), refusal)
                }
                Step::ModifyOne(index, value) => {
                    let Some(place) = place(&index) else { continue };
                    oracle.rows[place].1 = value;
                    (modify(&oracle.rows[place].0, value), None)
                }
                Step::DeleteOne(index) => {
                    let Some(place) = place(&index) else { continue };
                    (Write::Delete(oracle.rows.remove(place).0), None)
                }
                Step::SetDefault(value) => {
                    default = (0, vec![value]);
                    let arguments = [value].into_iter().collect();
                    (Write::SetDefault { table: TABLE, action: 0, arguments }, None)
                }
                Step::ResetDefault => {
                    default = (2, Vec::new());
                    (Write::ResetDefault { table: TABLE }, None)
                }
            };
            prop_assert_eq!(tables.perform(&write).err(), expected);
            compare(&tables, &oracle, &default);
        }
        // What was cloned before a write has not seen it.
        for (tables, oracle, default) in earlier.iter().step_by(7) {
            compare(tables, oracle, default);
        }
    }
}

pub(crate) fn insert(key: &EntryKey, value: u128) -> Write {
    Write::Insert { key: key.clone(), action: 0, arguments: [value].into_iter().collect() }
}

fn modify(key: &EntryKey, value: u128) -> Write {
    Write::Modify { key: key.clone(), action: 0, arguments: [value].into_iter().collect() }
}

fn not_found(key: &EntryKey) -> WriteError {
    WriteError::NotFound { table: Arc::from("t"), key: Box::new(key.clone()) }
}

pub(crate) fn entry_key(matches: &[Match], priority: u32) -> EntryKey {
    EntryKey { table: TABLE, matches: matches.iter().copied().collect(), priority }
}

#[rstest]
#[case::host_route(32, 0x0a00_0001)]
#[case::widest(128, u128::MAX)]
fn a_prefix_of_any_length_is_found(#[case] width: u32, #[case] value: u128) {
    let keys = [(Lpm, width, false)];
    let mut tables = Tables::new(&program(vec![table(&keys, 1024)]), |table| table.size);
    for prefix_length in (0..=width).rev() {
        let ones = u128::MAX >> (128 - width);
        let mask = ones & !ones.checked_shr(prefix_length).unwrap_or(0);
        let element = Match::Lpm { value: value & mask, prefix_length };
        tables.perform(&insert(&entry_key(&[element], 0), u128::from(prefix_length))).unwrap();
    }
    tables.validate().unwrap();
    // The first bit that differs says how long a prefix is left.
    for common in 0..width {
        let packet = value ^ (1 << (width - 1 - common));
        assert_eq!(tables.lookup(TABLE, &[packet]).arguments, [u128::from(common)]);
    }
    assert_eq!(tables.lookup(TABLE, &[value]).arguments, [u128::from(width)]);
}

#[test]
fn the_widest_range_has_the_widest_bounds() {
    let keys = [(Range, 128, false)];
    let mut tables = Tables::new(&program(vec![table(&keys, 1024)]), |table| table.size);
    for step in 0..64_u128 {
        let range = Match::Range { low: step, high: u128::MAX - step };
        tables.perform(&insert(&entry_key(&[range], step as u32 + 1), step)).unwrap();
    }
    tables.validate().unwrap();
    for step in 0..64_u128 {
        assert_eq!(tables.lookup(TABLE, &[step]).arguments, [step]);
        assert_eq!(tables.lookup(TABLE, &[u128::MAX - step]).arguments, [step]);
    }
}

#[test]
fn a_modified_entry_keeps_its_count_and_a_new_one_starts_at_zero() {
    let keys = [(Exact, 8, false)];
    let mut tables = Tables::new(&program(vec![table(&keys, 4)]), |table| table.size);
    let key = entry_key(&[Match::Exact(7)], 0);
    tables.perform(&insert(&key, 1)).unwrap();
    tables.lookup(TABLE, &[7]).entry.unwrap().counter.count(100);
    tables.perform(&modify(&key, 2)).unwrap();
    tables.find(&key).unwrap().counter.count(60);
    let count = Count { packets: 2, bytes: 160 };
    assert_eq!(tables.find(&key).unwrap().counter.read(), count);
    tables.perform(&Write::Delete(key.clone())).unwrap();
    tables.perform(&insert(&key, 1)).unwrap();
    assert_eq!(tables.find(&key).unwrap().counter.read(), Count::default());
    tables.find(&key).unwrap().counter.set(count);
    assert_eq!(tables.find(&key).unwrap().counter.read(), count);
}

#[test]
fn the_program_s_own_entries_are_there_in_its_order() {
    let mut with_entries = table(&[(Range, 8, true), (Ternary, 8, false)], 1);
    let entry = |keys: [ValueSet; 2], priority, argument, is_const| ir::Entry {
        keys: keys.to_vec(),
        priority,
        action: 0,
        arguments: vec![argument],
        is_const,
    };
    with_entries.entries = vec![
        entry([ValueSet::Value(0x80), ValueSet::Any], 3, 1, true),
        entry([ValueSet::Any, ValueSet::Mask { value: 0x10, mask: 0xf0 }], 2, 2, false),
        entry([ValueSet::Range { low: 0xff, high: 1 }, ValueSet::Value(5)], 1, 3, false),
        entry([ValueSet::Value(0x80), ValueSet::Any], 3, 9, false),
    ];
    let tables = Tables::new(&program(vec![with_entries]), |table| table.size);
    tables.validate().unwrap();
    let lookup = |one, other| {
        let found = tables.lookup(TABLE, &[one, other]);
        found.entry.map(|_| found.arguments[0])
    };
    assert_eq!(lookup(0x80, 0x10), Some(1));
    assert_eq!(lookup(0x7f, 0x1f), Some(2));
    assert_eq!(lookup(0, 5), Some(3));
    assert_eq!(lookup(2, 5), None);
    assert_eq!((tables.len(TABLE), tables.size(TABLE)), (3, 4));
    assert_eq!(tables.entries(TABLE).filter(|entry| entry.is_const).count(), 1);
}
