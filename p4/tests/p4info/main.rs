//! The P4Info of programs, as text and by name.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use p4::Program;
use p4::p4info::{P4Info, Preamble};
use rstest::rstest;

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn info(name: &str) -> P4Info {
    let program = Program::load(path(name), &[]);
    P4Info::new(program.unwrap_or_else(|invalid| panic!("{invalid}")).ir())
}

#[rstest]
#[case::nat("programs/nat.p4", "programs/nat.p4info.txtpb")]
#[case::features("tests/p4info/features.p4", "tests/p4info/features.p4info.txtpb")]
fn the_text_is_as_it_was(#[case] program: &str, #[case] text: &str) {
    expectorate::assert_contents(path(text), &info(program).to_text());
}

#[rstest]
#[case::nat("programs/nat.p4")]
#[case::features("tests/p4info/features.p4")]
fn every_id_and_alias_is_one_thing_s(#[case] program: &str) {
    let info = info(program);
    let mut all: Vec<&Preamble> = Vec::new();
    all.extend(info.tables.iter().map(|one| &one.preamble));
    all.extend(info.actions.iter().map(|one| &one.preamble));
    all.extend(info.counters.iter().map(|one| &one.preamble));
    all.extend(info.direct_counters.iter().map(|one| &one.preamble));
    all.extend(info.registers.iter().map(|one| &one.preamble));
    all.extend(info.controller_packet_metadata.iter().map(|one| &one.preamble));
    let ids: BTreeSet<u32> = all.iter().map(|one| one.id).collect();
    let aliases: BTreeSet<&str> = all.iter().map(|one| &*one.alias).collect();
    assert_eq!((ids.len(), aliases.len()), (all.len(), all.len()));
    assert!(!ids.contains(&0));
}

#[test]
fn ids_are_found_by_name() {
    let info = info("programs/nat.p4");
    let table = info.table("Ingress.nat_ingress.ingress_ipv4").unwrap();
    let action = info.action("Ingress.nat_ingress.forward_ipv4_to").unwrap();
    assert_eq!(table.preamble.id >> 24, 0x02);
    assert_eq!(action.preamble.id >> 24, 0x01);
    assert!(table.action_refs.iter().any(|one| one.id == action.preamble.id));
    let counter = info.direct_counter("Ingress.nat_ingress.ingress_ipv4_counter").unwrap();
    assert_eq!(table.direct_resource_ids, [counter.preamble.id]);
    assert_eq!(counter.direct_table_id, table.preamble.id);
    assert_eq!(info.counter("Ingress.drops").unwrap().size, 64);
    assert!(info.table("ingress_ipv4").is_none());
}
