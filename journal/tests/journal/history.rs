//! Histories of commands.

use crate::kept::stamp;
use journal::{Contents, DocumentChange, Step};
use nat_groups::{
    Adopt, Decision, Delta, Ensure, Family, Generation, GroupName, MacAddr, Mapping, PerFamily,
    PortRange, Refusal, Removal, Slot, SortedMappings, Target, Vni,
};
use proptest::prelude::*;
use std::net::{Ipv4Addr, Ipv6Addr};

/// Something that may happen. Numbers pick from small universes, so that things meet.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    Ensure { groups: Vec<(u8, Vec<(u8, u8)>)>, adopt: u8, reserve: Option<u8>, ahead: u8 },
    Update { group: u8, set: Vec<(u8, u8)>, remove: Vec<u8>, ahead: u8 },
    Delete { group: u8, ahead: u8 },
    Put { slot: u8, target: u8 },
    Remove { slot: u8 },
    Reset { v6: bool },
    Write { document: bool, bytes: Option<Vec<u8>> },
}

pub(crate) fn ops(count: usize) -> impl Strategy<Value = Vec<Op>> {
    proptest::collection::vec(op(), 1..count)
}

pub(crate) fn op() -> impl Strategy<Value = Op> {
    let set = || proptest::collection::vec((0..16_u8, 0..4_u8), 0..8);
    let groups = proptest::collection::vec((0..3_u8, set()), 1..3);
    prop_oneof![
        6 => (groups, 0..3_u8, proptest::option::of(0..9_u8), 0..3_u8)
            .prop_map(|(groups, adopt, reserve, ahead)| Op::Ensure { groups, adopt, reserve, ahead }),
        3 => (0..3_u8, set(), proptest::collection::vec(0..16_u8, 0..3), 0..3_u8)
            .prop_map(|(group, set, remove, ahead)| Op::Update { group, set, remove, ahead }),
        2 => (0..3_u8, 0..3_u8).prop_map(|(group, ahead)| Op::Delete { group, ahead }),
        3 => (0..16_u8, 0..4_u8).prop_map(|(slot, target)| Op::Put { slot, target }),
        1 => (0..16_u8).prop_map(|slot| Op::Remove { slot }),
        1 => any::<bool>().prop_map(|v6| Op::Reset { v6 }),
        2 => (any::<bool>(), proptest::option::of(proptest::collection::vec(0..9_u8, 0..9)))
            .prop_map(|(document, bytes)| Op::Write { document, bytes }),
    ]
}

/// The step that an operation is, unless it is refused or changes nothing.
pub(crate) fn step(contents: &Contents, op: &Op, number: u64) -> Option<Step> {
    let store = &contents.store;
    let mut documents = Vec::new();
    let decision = match op {
        Op::Ensure { groups, adopt, reserve, ahead } => {
            let reserve = reserve.map(|rows| PerFamily { v4: u64::from(rows), v6: 1 });
            let ensures: Option<Vec<Ensure>> = groups
                .iter()
                .map(|(group, set)| {
                    Some(Ensure {
                        group: name(*group),
                        generation: generation(contents, *group, *ahead),
                        mappings: mappings(set)?,
                        adopt: match adopt {
                            0 => Adopt::None,
                            1 => Adopt::Identical,
                            _ => Adopt::Vni(Vni::new(1).unwrap()),
                        },
                        reserve,
                        max_removals: None,
                        allow_empty: true,
                    })
                })
                .collect();
            store.ensure(&ensures?, &stamp(number))
        }
        Op::Update { group, set, remove, ahead } => {
            let delta = Delta {
                group: name(*group),
                base: store.group(&name(*group))?.current().generation,
                generation: generation(contents, *group, *ahead),
                remove: remove.iter().map(|it| Removal { slot: slot(*it), expect: None }).collect(),
                set: mappings(set)?,
                max_removals: None,
            };
            store.update(&delta, &stamp(number))
        }
        Op::Delete { group, ahead } => {
            store.delete(&name(*group), generation(contents, *group, *ahead))
        }
        Op::Put { slot: at, target: to } => {
            store.put_ungrouped(Mapping { slot: slot(*at), target: target(*to) }, &stamp(number))
        }
        Op::Remove { slot: at } => {
            let Slot { external, ports } = slot(*at);
            store.remove_ungrouped(external, ports.low(), &stamp(number))
        }
        Op::Reset { v6 } => {
            let family = if *v6 { Family::V6 } else { Family::V4 };
            store.reset_ungrouped(family, &stamp(number))
        }
        Op::Write { document, bytes } => {
            let name = if *document { "forwarding" } else { "other" };
            let before = contents.documents.get(name).cloned();
            documents.push(DocumentChange { name, before, after: bytes.clone() });
            Ok::<_, Refusal>(Decision {
                next: store.clone(),
                touched: Vec::new(),
                outcomes: Vec::new(),
            })
        }
    };
    let Decision { next, touched, outcomes: _ } = decision.ok()?;
    let step = Step { before: store.clone(), after: next, touched, documents };
    (!step.is_empty()).then_some(step)
}

/// The steps of a history that begins with `contents`.
pub(crate) fn steps(contents: &Contents, ops: &[Op]) -> Vec<Step> {
    let mut contents = contents.clone();
    let mut steps = Vec::new();
    for (number, op) in (1..).zip(ops) {
        if let Some(step) = step(&contents, op, number) {
            contents = crate::kept::after(&contents, &step);
            steps.push(step);
        }
    }
    steps
}

/// An ensure of one group.
pub(crate) fn ensure(
    contents: &Contents,
    group: &str,
    generation: u64,
    mappings: Vec<Mapping>,
) -> Step {
    let ensure = Ensure {
        group: GroupName::new(group).unwrap(),
        generation: Generation::new(generation).unwrap(),
        mappings: SortedMappings::new(mappings).unwrap(),
        adopt: Adopt::Identical,
        reserve: None,
        max_removals: None,
        allow_empty: true,
    };
    let decision = contents.store.ensure(&[ensure], &stamp(generation)).unwrap();
    let Decision { next, touched, outcomes: _ } = decision;
    Step { before: contents.store.clone(), after: next, touched, documents: Vec::new() }
}

/// The mapping with this number, of many.
pub(crate) fn mapping(number: u32, vni: u32) -> Mapping {
    let [_, a, b, c] = (number / 4).to_be_bytes();
    let low = u16::try_from(number % 4).unwrap() * 16384;
    Mapping {
        slot: Slot::new(Ipv4Addr::new(198, a, b, c), PortRange::new(low, low + 16383).unwrap()),
        target: Target { vni: Vni::new(vni).unwrap(), ..target(1) },
    }
}

fn name(number: u8) -> GroupName {
    GroupName::new(["services", "instances", "x"][usize::from(number)]).unwrap()
}

/// One that may be taken: ahead of what the group or its tombstone has, or the same.
fn generation(contents: &Contents, group: u8, ahead: u8) -> Generation {
    let name = name(group);
    let current = contents.store.group(&name).map(|group| group.current().generation);
    let last = current.or(contents.store.tombstone(&name)).map_or(0, |it| it.get());
    Generation::new((last + u64::from(ahead)).max(1)).unwrap()
}

fn mappings(set: &[(u8, u8)]) -> Option<SortedMappings> {
    let mapping = |&(at, to): &(u8, u8)| Mapping { slot: slot(at), target: target(to) };
    SortedMappings::new(set.iter().map(mapping).collect()).ok()
}

/// Of the sixteen, those from twelve on are wide, and overlap others.
fn slot(number: u8) -> Slot {
    let (low, high) = match number {
        0..12 => (u16::from(number / 4) * 1000, u16::from(number / 4) * 1000 + 999),
        _ => (500, u16::MAX),
    };
    let ports = PortRange::new(low, high).unwrap();
    match number % 4 {
        0 => Slot::new(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1), ports),
        host => Slot::new(Ipv4Addr::new(192, 0, 2, host), ports),
    }
}

fn target(number: u8) -> Target {
    Target {
        internal_ip: Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, u16::from(number)),
        inner_mac: MacAddr([0xa8, 0x40, 0x25, 0, 0, number]),
        vni: Vni::new(u32::from(number % 2)).unwrap(),
    }
}
