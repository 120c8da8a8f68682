//! Clients, each with a mind of its own about what should exist, and a network that delays and
//! repeats what they send.

use crate::model::{ModelGroup, World};
use crate::random::Random;
use crate::universe;
use dpd::controller::Command;
use nat_groups::{Adopt, Ensure, Family, Generation, GroupName, Mapping, PerFamily};

/// What a client asks.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) kind: Kind,
    pub(crate) command: Command,
    pub(crate) dry_run: bool,
}

/// What kind of request it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    #[default]
    Newer,
    Equal,
    EqualWithOtherContent,
    Stale,
    Several,
    Adopting,
    Reserving,
    Delete,
    Put,
    Remove,
    Reset,
    Late,
}

/// All clients, and what they sent before.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clients {
    sent: Vec<Sent>,
}

impl Clients {
    /// The next request of any of them. What they know of the world, they know from answers.
    pub(crate) fn next(&mut self, world: &World, random: &mut Random) -> Sent {
        let kind = random.weighted(&[
            (30, Kind::Newer),
            (5, Kind::Equal),
            (3, Kind::EqualWithOtherContent),
            (4, Kind::Stale),
            (9, Kind::Several),
            (7, Kind::Adopting),
            (4, Kind::Reserving),
            (6, Kind::Delete),
            (14, Kind::Put),
            (5, Kind::Remove),
            (2, Kind::Reset),
            (8, Kind::Late),
        ]);
        if kind == Kind::Late {
            let late = random.pick(&self.sent).cloned();
            if let Some(Sent { command, .. }) = late {
                return Sent { kind, command, dry_run: false };
            }
        }
        let command = command(kind, world, random);
        let sent = Sent { kind, command, dry_run: random.percent(6) };
        self.sent.push(sent.clone());
        sent
    }
}

fn command(kind: Kind, world: &World, random: &mut Random) -> Command {
    match kind {
        Kind::Newer | Kind::Late => Command::Ensure(vec![newer(world, random)]),
        Kind::Equal => Command::Ensure(vec![equal(world, random)]),
        Kind::EqualWithOtherContent => {
            let mut ensure = equal(world, random);
            let other = universe::mutated(ensure.mappings.as_slice().to_vec(), random);
            ensure.mappings = universe::sorted(&other);
            Command::Ensure(vec![ensure])
        }
        Kind::Stale => {
            let mut ensure = newer(world, random);
            let back = 1 + random.below(4) as u64;
            ensure.generation = generation(ensure.generation.get().saturating_sub(back));
            Command::Ensure(vec![ensure])
        }
        Kind::Several => several(world, random),
        Kind::Adopting => {
            let mut ensure = newer(world, random);
            ensure.adopt = match random.below(3) {
                0 => Adopt::Vni(universe::vni(random.below(2))),
                _ => Adopt::Identical,
            };
            let ungrouped = world.group(&GroupName::ungrouped());
            let mut set = ensure.mappings.as_slice().to_vec();
            for mapping in ungrouped.map_or(&[][..], ModelGroup::mappings) {
                if random.percent(60) {
                    set.retain(|it| !it.slot.overlaps(&mapping.slot));
                    set.push(*mapping);
                }
            }
            ensure.mappings = universe::sorted(&set);
            Command::Ensure(vec![ensure])
        }
        Kind::Reserving => {
            let mut ensure = newer(world, random);
            let mut rows = || random.below(12) as u64;
            ensure.reserve = Some(PerFamily { v4: rows(), v6: rows() });
            Command::Ensure(vec![ensure])
        }
        Kind::Delete => {
            let group = universe::name(random);
            let known = known_generation(world, &group);
            let ahead = random.weighted(&[(6, 0), (3, 1), (1, 2)]);
            let back = if random.percent(15) { 1 } else { 0 };
            Command::Delete { group, generation: generation((known + ahead).saturating_sub(back)) }
        }
        Kind::Put => {
            let slot = universe::any_slot(random);
            Command::Put(Mapping { slot, target: universe::any_target(random) })
        }
        Kind::Remove => {
            let packet = universe::any_packet(random);
            Command::Remove { external: packet.external, port: packet.port }
        }
        Kind::Reset => {
            let family = if random.percent(50) { Family::V4 } else { Family::V6 };
            Command::Reset(family)
        }
    }
}

/// The next generation of a group, a little different from the last or wholly.
fn newer(world: &World, random: &mut Random) -> Ensure {
    let group = universe::name(random);
    let before = world.group(&group).map_or(&[][..], ModelGroup::mappings).to_vec();
    let mappings = match random.below(10) {
        0 => Vec::new(),
        1 | 2 => universe::any_set(random, 8),
        _ => universe::mutated(before, random),
    };
    // Most owners mind what others have.
    let minds = random.percent(80);
    let others: Vec<Mapping> = world
        .groups
        .iter()
        .filter(|other| other.name != group && minds)
        .flat_map(ModelGroup::mappings)
        .copied()
        .collect();
    let is_free = |mapping: &&Mapping| !others.iter().any(|it| it.slot.overlaps(&mapping.slot));
    let mappings: Vec<Mapping> = mappings.iter().filter(is_free).copied().collect();
    let ahead = random.weighted(&[(8, 1_u64), (1, 2), (1, 7)]);
    Ensure {
        generation: generation(known_generation(world, &group) + ahead),
        group,
        mappings: universe::sorted(&mappings),
        adopt: Adopt::None,
        reserve: None,
        max_removals: random.percent(10).then(|| random.below(4) as u64),
        allow_empty: random.percent(50),
    }
}

/// The current generation once more.
fn equal(world: &World, random: &mut Random) -> Ensure {
    let named: Vec<&ModelGroup> =
        world.groups.iter().filter(|group| !group.name.is_ungrouped()).collect();
    match random.pick(&named) {
        Some(group) => Ensure {
            group: group.name.clone(),
            generation: group.generation(),
            mappings: universe::sorted(group.mappings()),
            adopt: Adopt::Identical,
            reserve: random.percent(20).then_some(group.reserve),
            max_removals: None,
            allow_empty: false,
        },
        None => newer(world, random),
    }
}

/// Several groups at once: each anew, or two that take over from each other.
fn several(world: &World, random: &mut Random) -> Command {
    let mut first = newer(world, random);
    let mut second = newer(world, random);
    // Seldom the same group twice.
    for _ in 0..4 {
        if second.group == first.group {
            second = newer(world, random);
        }
    }
    if random.percent(60) {
        let of = |ensure: &Ensure| {
            world.group(&ensure.group).map_or(&[][..], ModelGroup::mappings).to_vec()
        };
        let (ours, theirs) = (of(&first), of(&second));
        let mut sets = [Vec::new(), Vec::new()];
        for mapping in ours.iter().chain(&theirs) {
            sets[random.below(2)].push(*mapping);
        }
        if random.percent(50) {
            let one = random.below(2);
            let mutated = universe::mutated(sets[one].clone(), random);
            let other = &sets[1 - one];
            let is_free =
                |it: &&Mapping| !other.iter().any(|mapping| mapping.slot.overlaps(&it.slot));
            sets[one] = mutated.iter().filter(is_free).copied().collect();
        }
        let [ours, theirs] = sets;
        first.mappings = universe::sorted(&ours);
        second.mappings = universe::sorted(&theirs);
        (first.allow_empty, second.allow_empty) = (true, true);
    }
    let mut ensures = vec![first, second];
    if random.percent(20) {
        ensures.push(equal(world, random));
    }
    Command::Ensure(ensures)
}

/// The generation of a group or of its tombstone; 0 if there never was one.
fn known_generation(world: &World, name: &GroupName) -> u64 {
    let there = world.group(name).map(ModelGroup::generation);
    there.or(world.tombstone(name)).map_or(0, Generation::get)
}

fn generation(number: u64) -> Generation {
    Generation::new(number.max(1)).unwrap_or(Generation::FIRST)
}

/// A request in one line.
pub(crate) fn describe(sent: &Sent) -> String {
    let set = |mappings: &[Mapping]| {
        let each = mappings.iter().map(|Mapping { slot, target }| {
            format!("{slot:?}->{}", target.internal_ip.segments()[7])
        });
        each.collect::<Vec<_>>().join(" ")
    };
    let what = match &sent.command {
        Command::Ensure(ensures) => {
            let each = ensures.iter().map(|ensure| {
                let Ensure {
                    group,
                    generation,
                    mappings,
                    adopt,
                    reserve,
                    max_removals,
                    allow_empty,
                } = ensure;
                let mut line = format!("{group}@{generation} [{}]", set(mappings.as_slice()));
                if *adopt != Adopt::None {
                    line += &format!(" adopt {adopt:?}");
                }
                if let Some(PerFamily { v4, v6 }) = reserve {
                    line += &format!(" reserve {v4}/{v6}");
                }
                if let Some(most) = max_removals {
                    line += &format!(" max_removals {most}");
                }
                if *allow_empty && mappings.is_empty() {
                    line += " allow_empty";
                }
                line
            });
            format!("ensure {}", each.collect::<Vec<_>>().join(" and "))
        }
        Command::Delete { group, generation } => format!("delete {group}@{generation}"),
        Command::Put(mapping) => format!("put {}", set(&[*mapping])),
        Command::Remove { external, port } => format!("remove {external} port {port}"),
        Command::Reset(family) => format!("reset {family}"),
    };
    let (late, dry) = (
        if sent.kind == Kind::Late { "late: " } else { "" },
        if sent.dry_run { "dry " } else { "" },
    );
    format!("{late}{dry}{what}")
}
