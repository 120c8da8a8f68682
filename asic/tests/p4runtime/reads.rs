//! What a switch answers to reads.

use asic::{Asic as _, Counter, CountersError, PortCount, Table};
use p4runtime::v1::{self, entity, field_match};
use rstest::rstest;

use crate::switch::{SOON, Switch};
use crate::{config, connect, connect_as, insert, row};

const TABLE: Table = Table::NatIngressIpv4;

/// Connects to a switch with one row, and reads what it makes of the answer with that row.
fn read(garble: impl FnOnce(&mut v1::TableEntry)) -> Result<usize, String> {
    let switch = Switch::running();
    let (mut asic, _) = connect(&switch);
    assert_eq!(asic.write(&[insert(1)], SOON), [Ok(())]);
    let mut entry = switch.with(|state| state.entries[0].clone());
    garble(&mut entry);
    let entity = v1::Entity { entity: Some(entity::Entity::TableEntry(entry)) };
    switch.with(|state| state.reads.push_back(vec![entity]));
    let read = asic.read(TABLE, SOON).map(|rows| rows.len()).map_err(|error| error.to_string());
    // The next answer is as good as any.
    assert_eq!(asic.read(TABLE, SOON).unwrap(), [row(1, (0, 1023))]);
    read
}

/// Takes an entry apart.
type Garble = fn(&mut Entry);

type Entry = v1::TableEntry;

fn action_of(entry: &mut v1::TableEntry) -> &mut v1::Action {
    match &mut entry.action {
        Some(v1::TableAction { r#type: Some(v1::table_action::Type::Action(action)) }) => action,
        other => panic!("{other:?}"),
    }
}

#[rstest]
#[case::table(|entry: &mut Entry| entry.table_id = 5, "an entry is of table 0x00000005")]
#[case::action(|entry: &mut Entry| action_of(entry).action_id = 5, "has action 0x00000005, which")]
#[case::no_action(|entry: &mut Entry| entry.action = None, "has no action of its own")]
#[case::member(
    |entry: &mut Entry| {
        let member = v1::table_action::Type::ActionProfileMemberId(1);
        entry.action = Some(v1::TableAction { r#type: Some(member) });
    },
    "has no action of its own"
)]
#[case::fewer_arguments(
    |entry: &mut Entry| drop(action_of(entry).params.pop()),
    "other arguments than forward_ipv4_to takes"
)]
#[case::other_arguments(
    |entry: &mut Entry| action_of(entry).params[0].param_id = 9,
    "other arguments than forward_ipv4_to takes"
)]
#[case::wide_argument(
    |entry: &mut Entry| action_of(entry).params[2].value = vec![1; 4],
    "vni: 0x01010101 does not fit 24 bits"
)]
#[case::no_bytes(
    |entry: &mut Entry| action_of(entry).params[2].value.clear(),
    "vni: the byte string is empty"
)]
#[case::other_field(|entry: &mut Entry| entry.r#match[0].field_id = 9, "does not match dst_addr")]
#[case::one_field_more(
    |entry: &mut Entry| {
        let mut more = entry.r#match[0].clone();
        more.field_id = 9;
        entry.r#match.push(more);
    },
    "matches a field 9, which the table has not"
)]
#[case::a_field_twice(
    |entry: &mut Entry| entry.r#match.push(entry.r#match[0].clone()),
    "matches a field 1, which the table has not or which is twice"
)]
#[case::other_kind(
    |entry: &mut Entry| {
        let ternary = field_match::Ternary { value: vec![1], mask: vec![1] };
        entry.r#match[1].field_match_type = Some(field_match::FieldMatchType::Ternary(ternary));
    },
    "matches l4_dst_port as ternary, not range"
)]
#[case::backwards(
    |entry: &mut Entry| {
        let range = field_match::Range { low: vec![2], high: vec![1] };
        entry.r#match[1].field_match_type = Some(field_match::FieldMatchType::Range(range));
    },
    "the range 2-1 of l4_dst_port runs backwards"
)]
#[case::priority(|entry: &mut Entry| entry.priority = 0, "has priority 0, and the smallest is 1")]
#[case::negative(|entry: &mut Entry| entry.priority = -4, "has priority -4, and the smallest is 1")]
#[case::constant(|entry: &mut Entry| entry.is_const = true, "is fixed by the program")]
fn an_entry_that_is_no_row_of_ours_is_named(#[case] garble: Garble, #[case] words: &str) {
    let said = read(garble).unwrap_err();
    let begin = format!("the device refused to read {TABLE}: ");
    assert!(said.starts_with(&begin) && said.contains(words), "{said}");
}

#[test]
fn the_default_entry_is_no_row() {
    assert_eq!(read(|entry| entry.is_default_action = true), Ok(0));
    assert_eq!(read(|_| {}), Ok(1));
}

#[test]
fn an_entry_that_is_told_twice_and_one_that_was_not_asked_for_are_named() {
    let switch = Switch::running();
    let (mut asic, _) = connect(&switch);
    assert_eq!(asic.write(&[insert(1)], SOON), [Ok(())]);
    let entry = switch.with(|state| state.entries[0].clone());
    let entity = v1::Entity { entity: Some(entity::Entity::TableEntry(entry)) };
    switch.with(|state| state.reads.push_back(vec![entity.clone(), entity]));
    let said = asic.read(TABLE, SOON).unwrap_err().to_string();
    assert!(said.contains("dst_addr=203.0.113.1 l4_dst_port=0-1023 twice"), "{said}");
    let register = entity::Entity::RegisterEntry(v1::RegisterEntry::default());
    for entity in [None, Some(register)] {
        switch.with(|state| state.reads.push_back(vec![v1::Entity { entity: entity.clone() }]));
        let said = asic.read(TABLE, SOON).unwrap_err().to_string();
        assert!(said.contains("an entity that was not asked for"), "{said}");
        switch.with(|state| state.reads.push_back(vec![v1::Entity { entity }]));
        assert!(asic.counters(TABLE, SOON).is_err());
    }
}

#[test]
fn rows_and_their_counters_come_in_order() {
    let switch = Switch::running();
    let (mut asic, _) = connect(&switch);
    for address in [9, 3, 7, 1, 8] {
        assert_eq!(asic.write(&[insert(address)], SOON), [Ok(())]);
    }
    let expected = [1, 3, 7, 8, 9].map(|address| row(address, (0, 1023)));
    assert_eq!(asic.read(TABLE, SOON).unwrap(), expected);
    let counted = Counter { packets: 3, bytes: 300 };
    let expected = expected.map(|row| (row.key(), counted));
    assert_eq!(asic.counters(TABLE, SOON).unwrap(), expected);
    assert_eq!(asic.counters(Table::RouteIpv4, SOON).unwrap(), []);
    // An entry whose counter is missing is no counter of 0.
    let table_entry = Some(switch.with(|state| state.entries[0].clone()));
    let entry = v1::DirectCounterEntry { table_entry, data: None };
    let entity = v1::Entity { entity: Some(entity::Entity::DirectCounterEntry(entry)) };
    switch.with(|state| state.reads.push_back(vec![entity]));
    let said = asic.counters(TABLE, SOON).unwrap_err().to_string();
    assert!(said.contains("has no counter with it"), "{said}");
}

#[test]
fn ports_and_drops_are_counted_by_the_program() {
    let switch = Switch::running();
    let (asic, _) = connect(&switch);
    let handle = asic.handle();
    let counter = Counter { packets: 4, bytes: 400 };
    assert_eq!(handle.port_count(4, SOON), Some(PortCount { received: counter, sent: counter }),);
    assert_eq!(handle.port_count(512, SOON), None);
    let drops = handle.drops(SOON).unwrap();
    assert_eq!((drops.len(), &*drops[0].reason), (19, "port_not_configured"));
    assert_eq!(drops[18].dropped, Counter { packets: 19, bytes: 1900 });
    // Of arrays that were not asked for nothing is believed.
    switch.with(|state| state.reads.push_back(Vec::new()));
    assert_eq!(handle.port_count(4, SOON), None);
}

#[test]
fn a_program_that_counts_nothing_has_no_counts() {
    let switch = Switch::running();
    let mut config = config(&switch);
    config.p4info.counters.clear();
    let (asic, _) = connect_as(config).unwrap();
    let missing = CountersError::NoSuchCounters { name: "Ingress.drops" };
    assert_eq!(asic.handle().drops(SOON), Err(missing));
    assert_eq!(asic.handle().port_count(1, SOON), None);
}
