//! Random and realistic generations, replayed on the switch that runs the P4 program.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use dpd_replay::{Fate, Options, Planner, Report, SoftSwitch, Version, replay, replay_groups};
use nat_groups::{
    MacAddr, Mapping, MappingSet, PortRange, Slot, SortedMappings, Target, Vni, one_row,
};
use proptest::prelude::*;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use rstest::rstest;

fn target(sled: u16) -> Target {
    let [high, low] = sled.to_be_bytes();
    Target {
        internal_ip: Ipv6Addr::new(0xfd00, 0x1122, 0x3344, 0x100 + sled, 0, 0, 0, 1),
        inner_mac: MacAddr([0xa8, 0x40, 0x25, 0xf0, high, low]),
        vni: Vni::new(100 + u32::from(sled)).unwrap(),
    }
}

/// The ranges of one address: where they are cut, and the sled of each piece, if it has one.
type Cuts = (Vec<u16>, Vec<Option<u16>>);

/// Every piece between two cuts is a mapping or a hole.
fn pieces(external: IpAddr, (cuts, sleds): &Cuts) -> Vec<Mapping> {
    let mut cuts = cuts.clone();
    cuts.push(0);
    cuts.sort_unstable();
    cuts.dedup();
    let ends = cuts.iter().skip(1).map(|next| next - 1).chain([u16::MAX]);
    cuts.iter()
        .zip(ends)
        .zip(sleds.iter().cycle())
        .filter_map(|((low, high), sled)| {
            let ports = PortRange::new(*low, high).unwrap();
            Some(Mapping { slot: Slot::new(external, ports), target: target((*sled)?) })
        })
        .collect()
}

fn version(generation: u64, mappings: Vec<Mapping>) -> Version {
    let mut set = MappingSet::empty(one_row);
    let changes = set.changes_to(&SortedMappings::new(mappings).unwrap());
    set.apply(&changes);
    Version { generation, set }
}

fn versions(sets: impl IntoIterator<Item = Vec<Mapping>>) -> Vec<Version> {
    (0..)
        .zip([Vec::new()].into_iter().chain(sets))
        .map(|(number, set)| version(number, set))
        .collect()
}

const ADDRESSES: [IpAddr; 3] = [
    IpAddr::V4(Ipv4Addr::new(203, 0, 113, 7)),
    IpAddr::V4(Ipv4Addr::new(203, 0, 113, 8)),
    IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 7)),
];

/// Few places to cut and few sleds, so that ranges are cut, merged, shifted and swapped.
fn any_cuts() -> impl Strategy<Value = Cuts> {
    let cut = prop_oneof![
        3 => (1..16_u16).prop_map(|chunk| chunk * 4096),
        1 => prop_oneof![Just(1), Just(2), Just(65534), Just(65535), Just(16383)],
        1 => any::<u16>(),
    ];
    let sled = proptest::option::weighted(0.8, 1..4_u16);
    (proptest::collection::vec(cut, 0..5), proptest::collection::vec(sled, 1..4))
}

fn any_set() -> impl Strategy<Value = Vec<Mapping>> {
    [any_cuts(), any_cuts(), any_cuts()].prop_map(|all| {
        ADDRESSES.iter().zip(&all).flat_map(|(address, cuts)| pieces(*address, cuts)).collect()
    })
}

fn run(size_rows: u32, versions: &[Version], planner: Planner, seed: u64) -> Report {
    let mut switch = SoftSwitch::new(size_rows, size_rows).unwrap();
    let options = Options { planner, seed, most_violations: 3 };
    replay(&mut switch, versions, &options, |_| {}).unwrap()
}

fn assert_clean(report: &Report) {
    let said: Vec<String> = report.violations.iter().map(ToString::to_string).collect();
    assert!(report.is_clean(), "{} violations:\n{}", report.violations_total, said.join("\n"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_packet_is_lost_or_led_astray_between_random_generations(
        sets in proptest::collection::vec(any_set(), 1..5),
        seed in any::<u64>(),
    ) {
        let report = run(1024, &versions(sets), Planner::Dpd, seed);
        prop_assert_eq!(&report.gaps, &[]);
        assert_clean(&report);
    }

    /// Where there is hardly any room, only what the plan names is lost meanwhile.
    #[test]
    fn what_is_lost_for_want_of_room_is_named(
        sets in proptest::collection::vec(any_set(), 2..5),
        seed in any::<u64>(),
        spare_rows in 0..2_u32,
    ) {
        let versions = versions(sets);
        let most = versions.iter().map(|version| version.set.rows()).fold(0, |most, rows| {
            most.max(rows.v4).max(rows.v6)
        });
        let size_rows = u32::try_from(most).unwrap().max(1) + spare_rows;
        assert_clean(&run(size_rows, &versions, Planner::Dpd, seed));
    }
}

/// A set whose mappings are dealt out to three groups.
fn any_dealt_set() -> impl Strategy<Value = [Vec<Mapping>; 3]> {
    (any_set(), proptest::collection::vec(0..3_usize, 1..8)).prop_map(|(set, owners)| {
        let mut dealt = [const { Vec::new() }; 3];
        for (mapping, owner) in set.into_iter().zip(owners.into_iter().cycle()) {
            dealt[owner].push(mapping);
        }
        dealt
    })
}

fn run_groups(sets: Vec<[Vec<Mapping>; 3]>, spare_rows: Option<u32>, seed: u64) -> Report {
    let first = [const { Vec::new() }; 3];
    let states: Vec<Vec<Version>> = (1..)
        .zip([first].into_iter().chain(sets))
        .map(|(number, sets)| sets.map(|set| version(number, set)).to_vec())
        .collect();
    let rows = |state: &Vec<Version>| {
        let rows = state.iter().map(|version| version.set.rows());
        let (v4, v6) = rows.fold((0, 0), |(v4, v6), rows| (v4 + rows.v4, v6 + rows.v6));
        u32::try_from(v4.max(v6)).unwrap()
    };
    let most = states.iter().map(rows).max().unwrap().max(1);
    let size_rows = spare_rows.map_or(1024, |spare| most + spare);
    let mut switch = SoftSwitch::new(size_rows, size_rows).unwrap();
    let options = Options { planner: Planner::Dpd, seed, most_violations: 3 };
    replay_groups(&mut switch, &states, &options, |_| {}).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// Ranges are cut, merged, shifted and retargeted, and move from group to group, all in one step.
    #[test]
    fn no_packet_is_lost_while_mappings_move_between_groups(
        sets in proptest::collection::vec(any_dealt_set(), 2..5),
        seed in any::<u64>(),
    ) {
        let report = run_groups(sets, None, seed);
        prop_assert_eq!(&report.gaps, &[]);
        assert_clean(&report);
    }

    #[test]
    fn what_is_lost_for_want_of_room_between_groups_is_named(
        sets in proptest::collection::vec(any_dealt_set(), 2..5),
        seed in any::<u64>(),
        spare_rows in 0..2_u32,
    ) {
        assert_clean(&run_groups(sets, Some(spare_rows), seed));
    }
}

/// Two groups exchange all that they have: no row is written, since whose it is is no matter to packets.
#[test]
fn groups_that_exchange_their_mappings_write_nothing() {
    let mut random = StdRng::seed_from_u64(3);
    let all = instances(20, &mut random);
    let (one, other) = all.split_at(all.len() / 2);
    let [one, other] = [one.to_vec(), other.to_vec()];
    let first = [one.clone(), other.clone(), Vec::new()];
    let report = run_groups(vec![first, [other, one, Vec::new()]], None, 1);
    assert_clean(&report);
    // Of the two steps, only that which fills the tables writes.
    assert_eq!((report.steps, report.writes), (2, all.len() as u64));
}

/// A rack's instances: source NAT in chunks of ports, floating addresses with all ports.
fn instances(count: u16, random: &mut StdRng) -> Vec<Mapping> {
    let mut mappings = Vec::new();
    for number in 0..count {
        let external = Ipv4Addr::new(100, 64, (number >> 8) as u8, number as u8);
        let chunks: &[(u16, u16)] = match number % 4 {
            0 => &[(0, 16383), (16384, 32767), (32768, 49151), (49152, 65535)],
            1 => &[(0, 16383), (32768, 49151)],
            _ => &[(0, 65535)],
        };
        for (low, high) in chunks {
            let slot = Slot::new(external, PortRange::new(*low, *high).unwrap());
            mappings.push(Mapping { slot, target: target(random.random_range(1..=32)) });
        }
    }
    mappings
}

/// A life of a group: some instances move, some go, some come, and an address is cut anew.
#[rstest]
#[case::in_one_order(1)]
#[case::in_another_order(2)]
fn the_generations_of_a_rack_are_hitless(#[case] seed: u64) {
    let mut random = StdRng::seed_from_u64(7);
    let first = instances(40, &mut random);
    let mut moved = first.clone();
    moved.iter_mut().step_by(5).for_each(|mapping| mapping.target = target(33));
    let fewer: Vec<Mapping> = moved.iter().skip(10).copied().collect();
    let mut recut: Vec<Mapping> =
        fewer.iter().filter(|it| it.slot.ports.low() > 0).copied().collect();
    recut.extend(fewer.iter().filter(|it| it.slot.ports.low() == 0).map(|it| Mapping {
        slot: Slot::new(it.slot.external, PortRange::new(0, 1023).unwrap()),
        ..*it
    }));
    let report = run(1024, &versions([first, moved, fewer, recut]), Planner::Dpd, seed);
    assert_eq!(report.steps, 4);
    assert!(report.writes > 100, "{report:?}");
    assert_clean(&report);
}

/// The harness has to find a mistake, or it would show nothing.
#[test]
fn a_plan_that_deletes_before_it_adds_is_caught_with_the_trace_of_the_packet() {
    let whole = pieces(ADDRESSES[0], &(vec![], vec![Some(1)]));
    let halves = pieces(ADDRESSES[0], &(vec![32768], vec![Some(1), Some(2)]));
    let versions = versions([whole, halves]);
    assert_clean(&run(1024, &versions, Planner::Dpd, 1));
    let report = run(1024, &versions, Planner::DeleteFirst, 1);
    assert!(!report.is_clean());
    let violation = &report.violations[0];
    assert_eq!((violation.from, violation.to), (1, 2));
    assert_eq!((violation.before, &violation.found), (Some(target(1)), &Fate::Dropped));
    let said = violation.to_string();
    assert!(said.contains("delete Ingress.nat_ingress.ingress_ipv4"), "{said}");
    assert!(said.contains("nat_miss"), "the trace tells why it was dropped: {said}");
}

#[test]
fn what_does_not_fit_is_said_in_words() {
    let halves = pieces(ADDRESSES[0], &(vec![32768], vec![Some(1), Some(2)]));
    let mut switch = SoftSwitch::new(1, 1).unwrap();
    let full = replay(&mut switch, &versions([halves]), &Options::default(), |_| {}).unwrap_err();
    let said = full.to_string();
    assert!(said.contains("generation 1 does not fit the switch"), "{said}");
    assert!(said.contains("this needs 2 rows and the table has 1"), "{said}");
}
