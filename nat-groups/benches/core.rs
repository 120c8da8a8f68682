//! What deciding, planning and settling cost with 100,000 mappings kept.
//!
//! Each benchmark whose cost has a target says it in its name. `cargo bench -p nat-groups --bench core`

#![allow(clippy::unwrap_used, missing_docs)]

#[allow(unreachable_pub)]
mod shape;

use criterion::{BatchSize, Bencher, Criterion, criterion_group, criterion_main};
use nat_groups::{
    Delta, Ensure, Generation, GroupName, Mapping, PortRange, Scope, Slot, SortedMappings, plan,
};
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use shape::{CAPACITY, World, ensure, group, mapping, sorted, stamp, target};
use std::hint::black_box;
use std::net::Ipv4Addr;

/// How many mappings are kept.
const KEPT: u32 = 100_000;

criterion_group!(benches, one_change, full_set, many_groups, first_load, differences, one_address);
criterion_main!(benches);

/// One mapping changes: decided, digested, planned and settled.
fn one_change(criterion: &mut Criterion) {
    let mut bench = criterion.benchmark_group("one change of 100,000, at most 15 us");
    let world = one_group();
    bench.bench_function("another target, as a delta", |bencher| {
        retarget_one(bencher, &world, |_| group(0));
    });
    bench.bench_function("removed and added again, as deltas", |bencher| {
        let mut world = world.clone();
        let mut turn = 0;
        bencher.iter(|| {
            let mapping = mapping(scattered(turn / 2));
            let delta = if turn % 2 == 0 {
                delta(&world, group(0), vec![mapping.slot], vec![])
            } else {
                delta(&world, group(0), vec![], vec![mapping])
            };
            turn += 1;
            world = world.settled(world.store.update(&delta, &stamp()).unwrap());
        });
    });
    let world = ungrouped();
    bench.bench_function("removed and put again, per entry", |bencher| {
        let mut world = world.clone();
        let mut turn = 0;
        bencher.iter(|| {
            let mapping = mapping(scattered(turn / 2));
            let decision = if turn % 2 == 0 {
                let Slot { external, ports } = mapping.slot;
                world.store.remove_ungrouped(external, ports.low(), &stamp())
            } else {
                world.store.put_ungrouped(mapping, &stamp())
            };
            turn += 1;
            world = world.settled(decision.unwrap());
        });
    });
    bench.finish();
}

/// The complete set is sent, and ten mappings of it differ.
fn full_set(criterion: &mut Criterion) {
    let mut bench = criterion.benchmark_group("full set of 100,000 with 10 differences");
    bench.sample_size(30);
    let world = one_group();
    let in_order = with_ten_differences(&sorted(0..KEPT));
    let mut shuffled = in_order.clone();
    shuffled.shuffle(&mut StdRng::seed_from_u64(1));
    for (name, wanted) in
        [("sorted, at most 5 ms", in_order), ("shuffled, at most 25 ms", shuffled)]
    {
        bench.bench_function(name, |bencher| {
            bencher.iter_batched(
                || wanted.clone(),
                |wanted| world.ensured(ensure(group(0), 2, wanted)),
                BatchSize::LargeInput,
            );
        });
    }
    bench.finish();
}

/// The same with 1,000 groups of 100.
fn many_groups(criterion: &mut Criterion) {
    let mut bench = criterion.benchmark_group("1,000 groups of 100, at most twice one of 100,000");
    bench.sample_size(30);
    let world = thousand_groups();
    bench.bench_function("another target, as a delta", |bencher| {
        retarget_one(bencher, &world, |index| group(index / 100));
    });
    let mut wanted: Vec<Vec<Mapping>> =
        (0..1000).map(|number| sorted(number * 100..(number + 1) * 100)).collect();
    for mappings in wanted.iter_mut().step_by(100) {
        mappings[50].target = target(KEPT + 1);
    }
    bench.bench_function("full sets with 10 differences, sorted", |bencher| {
        bencher.iter_batched(
            || wanted.clone(),
            |wanted| {
                let ensures: Vec<Ensure> = (0..)
                    .zip(wanted)
                    .map(|(number, mappings)| ensure(group(number), 2, mappings))
                    .collect();
                world.settled(world.store.ensure(&ensures, &stamp()).unwrap())
            },
            BatchSize::LargeInput,
        );
    });
    bench.finish();
}

fn first_load(criterion: &mut Criterion) {
    let mut bench = criterion.benchmark_group("first load of 100,000");
    bench.sample_size(20);
    let in_order = sorted(0..KEPT);
    let mut shuffled = in_order.clone();
    shuffled.shuffle(&mut StdRng::seed_from_u64(1));
    for (name, wanted) in [("sorted", in_order), ("shuffled", shuffled)] {
        bench.bench_function(name, |bencher| {
            bencher.iter_batched(
                || wanted.clone(),
                |wanted| World::empty().ensured(ensure(group(0), 1, wanted)),
                BatchSize::LargeInput,
            );
        });
    }
    bench.finish();
}

/// What changed between two kept generations.
fn differences(criterion: &mut Criterion) {
    let mut bench = criterion.benchmark_group("difference of two generations of 100,000");
    let world = one_group();
    for changes in [1, 10, 1000] {
        let set = (0..changes).map(|index| {
            let Mapping { slot, .. } = mapping(scattered(index));
            Mapping { slot, target: target(KEPT + index) }
        });
        let delta = delta(&world, group(0), vec![], set.collect());
        let world = world.settled(world.store.update(&delta, &stamp()).unwrap());
        let group = world.store.group(&group(0)).unwrap();
        bench.bench_function(format!("{changes} changes"), |bencher| {
            bencher.iter(|| black_box(group.oldest().set.diff(&group.current().set).count()));
        });
    }
    bench.finish();
}

/// 20,000 ranges on one address, with a port free after each.
fn one_address(criterion: &mut Criterion) {
    let mut bench = criterion.benchmark_group("20,000 ranges on one address");
    let address = Ipv4Addr::new(203, 0, 113, 7);
    let range = |index: u16| Slot::new(address, PortRange::new(index * 3, index * 3 + 1).unwrap());
    let ranges: Vec<Mapping> =
        (0..20_000).map(|index| Mapping { slot: range(index), target: target(1) }).collect();
    let world = World::empty().ensured(ensure(group(0), 1, ranges.clone()));
    let world = world.ensured(ensure(group(1), 1, vec![mapping(0)]));
    bench.bench_function("one more, for another group", |bencher| {
        let free = Slot::new(address, PortRange::single(30_002));
        let delta =
            delta(&world, group(1), vec![], vec![Mapping { slot: free, target: target(1) }]);
        bencher.iter(|| world.settled(world.store.update(&delta, &stamp()).unwrap()));
    });
    bench.bench_function("one that overlaps, refused", |bencher| {
        let taken = Slot::new(address, PortRange::new(30_000, 30_005).unwrap());
        let delta =
            delta(&world, group(1), vec![], vec![Mapping { slot: taken, target: target(1) }]);
        bencher.iter(|| world.store.update(&delta, &stamp()).unwrap_err());
    });
    bench.sample_size(10);
    bench.bench_function("all on a device that lost them", |bencher| {
        let lost = world.applied.read_back(nat_groups::Family::V4, [], &world.store);
        bencher.iter(|| plan(&lost, &world.store, Scope::All, &CAPACITY).unwrap());
    });
    bench.bench_function("each a port longer", |bencher| {
        let longer = |index: u16| PortRange::new(index * 3, index * 3 + 2).unwrap();
        let longer: Vec<Mapping> = (0..20_000)
            .map(|index| Mapping { slot: Slot::new(address, longer(index)), target: target(1) })
            .collect();
        let ensure = ensure(group(0), 2, longer);
        bencher.iter(|| world.ensured(ensure.clone()));
    });
    bench.finish();
}

/// Gives one mapping after the other another target.
fn retarget_one(bencher: &mut Bencher<'_>, world: &World, owner: impl Fn(u32) -> GroupName) {
    let mut world = world.clone();
    let mut turn = 0;
    bencher.iter(|| {
        let index = scattered(turn);
        turn += 1;
        let set = Mapping { slot: mapping(index).slot, target: target(KEPT + turn) };
        let delta = delta(&world, owner(index), vec![], vec![set]);
        world = world.settled(world.store.update(&delta, &stamp()).unwrap());
    });
}

/// A delta from a group's current generation to the next.
fn delta(world: &World, group: GroupName, remove: Vec<Slot>, set: Vec<Mapping>) -> Delta {
    let base = world.store.group(&group).unwrap().current().generation;
    Delta {
        group,
        base,
        generation: Generation::new(base.get() + 1).unwrap(),
        remove: remove.into_iter().map(|slot| nat_groups::Removal { slot, expect: None }).collect(),
        set: SortedMappings::new(set).unwrap(),
        max_removals: None,
    }
}

/// Numbers of mappings far from each other.
fn scattered(turn: u32) -> u32 {
    (u64::from(turn) * 61_803 % u64::from(KEPT)) as u32
}

fn with_ten_differences(mappings: &[Mapping]) -> Vec<Mapping> {
    let mut wanted = mappings.to_vec();
    for index in (0..10).map(|turn| scattered(turn) as usize) {
        wanted[index].target = target(KEPT + 1);
    }
    wanted
}

fn one_group() -> World {
    World::empty().ensured(ensure(group(0), 1, sorted(0..KEPT)))
}

fn thousand_groups() -> World {
    (0..1000).fold(World::empty(), |world, number| {
        world.ensured(ensure(group(number), 1, sorted(number * 100..(number + 1) * 100)))
    })
}

fn ungrouped() -> World {
    (0..KEPT).fold(World::empty(), |world, index| {
        world.settled(world.store.put_ungrouped(mapping(index), &stamp()).unwrap())
    })
}
