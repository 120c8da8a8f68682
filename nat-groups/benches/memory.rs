//! What the core's structures take, counted at the allocator, as a table with targets.
//!
//! `cargo bench -p nat-groups --bench memory`

#![allow(clippy::unwrap_used, missing_docs)]

#[allow(dead_code, unreachable_pub)]
mod shape;

use nat_groups::{Mapping, MappingSet, one_row};
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use shape::{World, ensure, group, mapping, sorted, target};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use std::alloc::System;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const GROUPS: u32 = 10;
const OF_EACH: u32 = 100_000;
const KEPT: u32 = GROUPS * OF_EACH;

fn main() {
    println!("{:<64} {:>10} {:>10}", "", "measured", "at most");
    let in_order: Vec<u32> = (0..KEPT).collect();
    let mut shuffled = in_order.clone();
    shuffled.shuffle(&mut StdRng::seed_from_u64(1));
    for (arrival, indices) in [("in order", in_order), ("shuffled", shuffled)] {
        let before = in_use();
        let mut world = loaded(&indices);
        let loaded = in_use() - before;
        row("bytes per mapping, 1,000,000 in ten groups", arrival, loaded, KEPT, "220");

        let before = in_use();
        let alone = set_of(&world);
        let map = in_use() - before;
        row("bytes per mapping of one group's map alone", arrival, map, OF_EACH, "");
        drop(alone);

        let before = in_use();
        world = changed(&world);
        let generation = 100 * (in_use() - before);
        row(
            "% of that for another generation with 1 % changed",
            arrival,
            generation,
            map as u32,
            "15",
        );
    }
}

fn in_use() -> usize {
    let stats = ALLOCATOR.stats();
    stats.bytes_allocated - stats.bytes_deallocated
}

fn row(what: &str, arrival: &str, bytes: usize, of: u32, target: &str) {
    let what = format!("{what}, {arrival}");
    println!("{what:<64} {:>10.1} {target:>10}", bytes as f64 / f64::from(of));
}

/// Ten groups of these mappings, one after the other.
fn loaded(indices: &[u32]) -> World {
    let groups = indices.chunks(OF_EACH as usize).map(|chunk| sorted(chunk.iter().copied()));
    (0..).zip(groups).fold(World::empty(), |world, (number, mappings)| {
        world.ensured(ensure(group(number), 1, mappings))
    })
}

/// The first group's set, made again so that it shares nothing.
fn set_of(world: &World) -> MappingSet {
    let mut set = MappingSet::empty(one_row);
    let held = &world.store.group(&group(0)).unwrap().current().set;
    set.apply(&set.clone().diff(held).collect::<Vec<_>>());
    set
}

/// The next generation of the first group: of every 300 mappings, in random order, one goes, one
/// comes and one gets another target.
fn changed(world: &World) -> World {
    let held = &world.store.group(&group(0)).unwrap().current().set;
    let mut wanted: Vec<Mapping> = held.iter().collect();
    wanted.shuffle(&mut StdRng::seed_from_u64(2));
    let third = wanted.len() / 300;
    for (index, mapping) in wanted.iter_mut().take(third).enumerate() {
        mapping.target = target(KEPT + index as u32);
    }
    wanted.truncate(wanted.len() - third);
    wanted.extend((KEPT..).take(third).map(mapping));
    world.ensured(ensure(group(0), 2, wanted))
}
