//! The switch that runs the P4 program: that it is the one that the list of tables describes, that
//! it does what a device in memory does, and that its packets see whole writes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::net::Ipv4Addr;
use std::time::Duration;

use asic::{
    Action, Asic, MatchKey, MemoryAsic, MemoryConfig, Outcome, PerTable, Refusal, Row, SoftAsic,
    SoftConfig, Table, TableWrite, Value, WriteError,
};
use proptest::prelude::*;
use rstest::rstest;

const TIMEOUT: Duration = Duration::from_secs(10);

/// Every way in which a program can be another than dpd writes to is named, with both sides.
#[rstest]
#[case::a_table_of_another_name(
    r#"@name(".Ingress.nat_ingress.ingress_ipv4")"#,
    r#"@name(".Ingress.nat_ingress.ingress_v4")"#,
    "has a table Ingress.nat_ingress.ingress_v4, which dpd does not know"
)]
#[case::another_size(
    "size = 64;",
    "size = 65;",
    "table Ingress.nat_egress.underlay of the program changed.p4 is not as dpd knows it: it has 65 \
     rows there and 64 here"
)]
#[case::a_key_of_another_name(
    r#"meta.ipv4_next_hop: exact @name("next_hop")"#,
    r#"meta.ipv4_next_hop: exact @name("gateway")"#,
    "its key is gateway: exact of 32 bits there and next_hop: exact of 32 bits here"
)]
#[case::a_key_of_another_kind(
    r#"meta.ipv6_dst_addr: lpm @name("dst_addr")"#,
    r#"meta.ipv6_dst_addr: exact @name("dst_addr")"#,
    "its key is dst_addr: exact of 128 bits there and dst_addr: lpm of 128 bits here"
)]
#[case::an_action_of_another_name(
    r#"@name(".Ingress.router.rewrite_ipv6")"#,
    r#"@name(".Ingress.router.rewrite")"#,
    "its actions are rewrite(mac: 48 bits) there and rewrite_ipv6(mac: 48 bits) here"
)]
#[case::an_argument_of_another_name(
    "action rewrite_ipv4(bit<48> mac) {\n        hdr.ethernet.dst_addr = mac;",
    "action rewrite_ipv4(bit<48> to) {\n        hdr.ethernet.dst_addr = to;",
    "its actions are rewrite_ipv4(to: 48 bits) there and rewrite_ipv4(mac: 48 bits) here"
)]
#[case::no_direct_counter(
    "        counters = ingress_ipv6_counter;\n",
    "",
    "its rows have no counters there and have counters here"
)]
#[case::a_counter_of_another_name(
    r#"@name(".Egress.ports.sent")"#,
    r#"@name(".Egress.ports.out")"#,
    "has no counter Egress.ports.sent with 512 elements for packets and bytes"
)]
#[case::an_error("state start {", "state begin {", "the program is not accepted")]
fn a_program_that_is_not_as_the_list_of_tables_has_it_is_refused(
    #[case] is: &str,
    #[case] becomes: &str,
    #[case] words: &str,
) {
    assert!(p4::NAT_P4.contains(is), "the program does not say {is}");
    let changed = p4::NAT_P4.replace(is, becomes);
    let refused = SoftAsic::with_program("changed.p4", &changed, SoftConfig::default());
    let said = refused.unwrap_err().to_string();
    assert!(said.contains(words), "{said}");
}

#[test]
fn the_program_of_this_project_is_as_the_list_of_tables_has_it() {
    SoftAsic::new(SoftConfig::default()).unwrap();
}

/// A row of one of the NAT tables, over few addresses and ports, so that rows meet.
fn any_row() -> impl Strategy<Value = Row> {
    let ports = (0..8_u16, 0..8_u16).prop_map(|(one, other)| (one.min(other), one.max(other)));
    (0..2_u32, ports, 1..4_u32, 0..3_u16)
        .prop_map(|(host, (low, high), priority, sled)| row(host, (low, high), priority, sled))
}

fn row(host: u32, (low, high): (u16, u16), priority: u32, sled: u16) -> Row {
    let table = Table::NatIngressIpv4;
    let key = MatchKey::builder(table).exact(Ipv4Addr::from_bits(host)).range(low, high);
    let action = Action::builder(table, "forward_ipv4_to")
        .argument(std::net::Ipv6Addr::new(0xfd00, 0, 0, sled, 0, 0, 0, 1))
        .argument([2, 0, 0, 0, 0, 1])
        .argument(100_u32);
    Row::new(key.build().unwrap().at_priority(priority), action.build().unwrap()).unwrap()
}

fn any_write() -> impl Strategy<Value = TableWrite> {
    prop_oneof![
        4 => any_row().prop_map(TableWrite::Insert),
        1 => any_row().prop_map(TableWrite::Modify),
        2 => any_row().prop_map(|row| TableWrite::Delete(row.key())),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    /// The device in memory is the oracle.
    #[test]
    fn it_answers_and_forwards_as_the_device_in_memory_does(
        writes in proptest::collection::vec(any_write(), 1..60),
        has_priorities in any::<bool>(),
        size in 1..12_u32,
    ) {
        let size_rows = PerTable::from_fn(|_| size);
        let memory = MemoryConfig { size_rows, has_priorities, ..MemoryConfig::default() };
        let soft = SoftConfig { size_rows, has_priorities, ..SoftConfig::default() };
        let (mut memory, mut soft) = (MemoryAsic::new(memory), SoftAsic::new(soft).unwrap());
        for write in writes {
            let (expected, found) = (memory.write(&[write], TIMEOUT), soft.write(&[write], TIMEOUT));
            prop_assert_eq!(without_overlapped(&expected), without_overlapped(&found), "{}", write);
            soft.handle().validate().unwrap();
        }
        let table = Table::NatIngressIpv4;
        for host in 0..2_u32 {
            for port in 0..9_u16 {
                let fields: [Value; 2] = [Ipv4Addr::from_bits(host).into(), port.into()];
                let expected = memory.handle().lookup(table, &fields, 64).unwrap();
                let found = soft.handle().lookup(table, &fields, 64).unwrap();
                prop_assert_eq!(expected.map(|row| row.action()), found);
            }
        }
        prop_assert_eq!(memory.read(table, TIMEOUT).unwrap(), soft.read(table, TIMEOUT).unwrap());
        prop_assert_eq!(
            memory.counters(table, TIMEOUT).unwrap(),
            soft.counters(table, TIMEOUT).unwrap()
        );
        prop_assert_eq!(memory.handle().in_use_rows(table), soft.handle().in_use_rows(table));
    }
}

/// Of several rows that are in the way, each device may name another.
fn without_overlapped(outcomes: &[Outcome]) -> Vec<Outcome> {
    let without = |outcome: &Outcome| match outcome {
        Err(WriteError::Refused(Refusal::Overlaps { key, existing })) => {
            assert!(key.key.overlaps(&existing.key) && key.priority == existing.priority);
            Err(WriteError::Refused(Refusal::Overlaps { key: *key, existing: *key }))
        }
        other => other.clone(),
    };
    outcomes.iter().map(without).collect()
}

/// A hundred thousand rows in one batch, read back as they were written.
#[test]
fn a_large_table_is_held_and_read_back() {
    let size_rows = PerTable::from_fn(|_| 100_000);
    let mut soft = SoftAsic::new(SoftConfig { size_rows, ..SoftConfig::default() }).unwrap();
    let rows: Vec<Row> = (0..100_000_u32)
        .map(|number| row(number / 4, chunk(number % 4), 1, (number % 32) as u16))
        .collect();
    let writes: Vec<TableWrite> = rows.iter().copied().map(TableWrite::Insert).collect();
    assert!(soft.write(&writes, TIMEOUT).iter().all(Result::is_ok));
    assert_eq!(soft.read(Table::NatIngressIpv4, TIMEOUT).unwrap(), rows);
    assert_eq!(soft.handle().in_use_rows(Table::NatIngressIpv4), 100_000);
    soft.handle().validate().unwrap();
}

fn chunk(number: u32) -> (u16, u16) {
    let low = (number * 16384) as u16;
    (low, low + 16383)
}
