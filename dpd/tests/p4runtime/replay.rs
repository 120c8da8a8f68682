//! Random generations, replayed write by write and packet by packet on a switch that is driven over
//! P4Runtime.

use dpd_replay::{Fate, Options, Planner, Report, SwitchProcess, Version, replay};
use nat_groups::{
    MacAddr, Mapping, MappingSet, PortRange, Slot, SortedMappings, Target, Vni, one_row,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, TestRunner};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;

/// How many random lives of a group there are.
const CASES: u32 = 12;

const ADDRESSES: [IpAddr; 2] = [
    IpAddr::V4(Ipv4Addr::new(203, 0, 113, 7)),
    IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 7)),
];

fn process() -> SwitchProcess {
    SwitchProcess::start(Path::new(env!("CARGO_BIN_EXE_dpd"))).unwrap()
}

fn target(sled: u16) -> Target {
    Target {
        internal_ip: Ipv6Addr::new(0xfd00, 0, 0, sled, 0, 0, 0, 1),
        inner_mac: MacAddr([2, 0, 0, 0, 1, 1]),
        vni: Vni::new(100).unwrap(),
    }
}

/// The ranges between these cuts, each of which leads to a sled or nowhere.
fn mappings(external: IpAddr, cuts: &[u16], sleds: &[Option<u16>]) -> Vec<Mapping> {
    let mut starts = [&[0], cuts].concat();
    starts.sort_unstable();
    starts.dedup();
    let ends = starts.iter().skip(1).map(|next| next - 1).chain([u16::MAX]);
    let ranges = starts.iter().zip(ends).zip(sleds.iter().cycle());
    ranges
        .filter_map(|((low, high), sled)| {
            let slot = Slot::new(external, PortRange::new(*low, high).unwrap());
            Some(Mapping { slot, target: target((*sled)?) })
        })
        .collect()
}

fn versions(sets: Vec<Vec<Mapping>>) -> Vec<Version> {
    let version = |(generation, mappings)| {
        let mut set = MappingSet::empty(one_row);
        let changes = set.changes_to(&SortedMappings::new(mappings).unwrap());
        set.apply(&changes);
        Version { generation, set }
    };
    (0..).zip([Vec::new()].into_iter().chain(sets)).map(version).collect()
}

fn any_set() -> impl Strategy<Value = Vec<Mapping>> {
    let cuts = || proptest::collection::vec((1..8_u16).prop_map(|chunk| chunk * 8192), 0..4);
    let sleds = || proptest::collection::vec(proptest::option::weighted(0.8, 1..4_u16), 1..4);
    [(cuts(), sleds()), (cuts(), sleds())].prop_map(|both| {
        let each = ADDRESSES.iter().zip(&both);
        each.flat_map(|(address, (cuts, sleds))| mappings(*address, cuts, sleds)).collect()
    })
}

fn run(process: &mut SwitchProcess, versions: &[Version], planner: Planner, seed: u64) -> Report {
    let mut switch = process.fresh(64, 64).unwrap();
    let options = Options { planner, seed, most_violations: 1 };
    replay(&mut switch, versions, &options, |_| {}).unwrap()
}

#[test]
fn no_packet_is_lost_or_led_astray_between_random_generations() {
    let mut process = process();
    let mut runner = TestRunner::new(Config::default());
    let lives = (proptest::collection::vec(any_set(), 2..4), any::<u64>());
    let mut writes = 0;
    for _ in 0..CASES {
        let (sets, seed) = lives.new_tree(&mut runner).unwrap().current();
        let report = run(&mut process, &versions(sets), Planner::Dpd, seed);
        assert!(report.is_clean(), "{}", report.violations[0]);
        assert_eq!(report.gaps, []);
        writes += report.writes;
    }
    assert!(writes > 50, "{writes} writes show little");
}

#[test]
fn a_plan_that_deletes_before_it_adds_is_caught_with_the_trace_of_the_packet() {
    let whole = mappings(ADDRESSES[0], &[], &[Some(1)]);
    let halves = mappings(ADDRESSES[0], &[32768], &[Some(1), Some(2)]);
    let versions = versions(vec![whole, halves]);
    let mut process = process();
    assert!(run(&mut process, &versions, Planner::Dpd, 1).is_clean());
    let report = run(&mut process, &versions, Planner::DeleteFirst, 1);
    let violation = report.violations.first().unwrap();
    assert_eq!((violation.before, &violation.found), (Some(target(1)), &Fate::Dropped));
    assert!(violation.to_string().contains("nat_miss"), "{violation}");
}

/// A table of the size that the program says, and not one row more.
#[test]
fn the_switch_says_how_large_its_tables_are() {
    let halves = mappings(ADDRESSES[0], &[32768], &[Some(1), Some(2)]);
    let mut process = process();
    let mut switch = process.fresh(1, 1).unwrap();
    let full = replay(&mut switch, &versions(vec![halves]), &Options::default(), |_| {});
    let said = full.unwrap_err().to_string();
    assert!(said.contains("this needs 2 rows and the table has 1"), "{said}");
}
