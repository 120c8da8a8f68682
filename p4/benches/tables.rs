//! What a lookup costs by the number of entries, and what a write that packets see costs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "../tests/tables/program.rs"]
mod program;

use std::hint::black_box;

use arc_swap::ArcSwap;
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use p4::ir::MatchKind::{Exact, Lpm, Range};
use p4::ir::TableId;
use p4::table::{EntryKey, Match, Matches, Tables, Write};
use program::{Key, program, table};

const TABLE: TableId = TableId(0);

/// A table's key, its n-th entry, and a packet for it.
struct Shape {
    name: &'static str,
    keys: &'static [Key],
    entry: fn(u128) -> (Matches, u32),
    packet: fn(u128) -> Vec<u128>,
}

/// Spreads numbers over the width of an address, none twice.
fn address(n: u128) -> u128 {
    u128::from((n as u32).wrapping_mul(2_654_435_761))
}

const SHAPES: &[Shape] = &[
    Shape {
        name: "exact",
        keys: &[(Exact, 32, false)],
        entry: |n| ([Match::Exact(address(n))].into_iter().collect(), 0),
        packet: |n| vec![address(n)],
    },
    Shape {
        name: "an address each",
        keys: &[(Exact, 32, false), (Range, 16, false)],
        entry: |n| {
            let ports = Match::Range { low: 1000, high: 50_000 };
            ([Match::Exact(address(n)), ports].into_iter().collect(), 1)
        },
        packet: |n| vec![address(n), 2000],
    },
    Shape {
        name: "thousands an address",
        keys: &[(Exact, 32, false), (Range, 16, false)],
        entry: |n| {
            let (place, low) = (n / 8192, (n % 8192) * 8);
            let ports = Match::Range { low, high: low + 7 };
            ([Match::Exact(address(place)), ports].into_iter().collect(), 1)
        },
        packet: |n| vec![address(n / 8192), (n % 8192) * 8 + 3],
    },
    Shape {
        name: "thousands that overlap",
        keys: &[(Exact, 32, false), (Range, 16, false)],
        entry: |n| {
            let (place, n) = (n / 8192, n % 8192);
            let low = (n * 7919) % 30_000;
            let ports = Match::Range { low, high: low + 20_000 + n };
            ([Match::Exact(address(place)), ports].into_iter().collect(), n as u32 + 1)
        },
        packet: |n| vec![address(n / 8192), n * 31 % 65_536],
    },
    Shape {
        name: "prefixes",
        keys: &[(Lpm, 32, false)],
        entry: |n| {
            let value = address(n) & 0xffff_ff00;
            ([Match::Lpm { value, prefix_length: 24 }].into_iter().collect(), 0)
        },
        packet: |n| vec![address(n)],
    },
];

fn key(shape: &Shape, n: u128) -> EntryKey {
    let (matches, priority) = (shape.entry)(n);
    EntryKey { table: TABLE, matches, priority }
}

fn filled(shape: &Shape, rows: u128) -> Tables {
    let mut tables = Tables::new(&program(vec![table(shape.keys, 200_000)]), |table| table.size);
    for n in 0..rows {
        let write = Write::Insert {
            key: key(shape, n),
            action: 0,
            arguments: [n & 0xffff].into_iter().collect(),
        };
        // Some prefixes are the same.
        let _ = tables.perform(&write);
    }
    tables
}

fn lookups(criterion: &mut Criterion) {
    for shape in SHAPES {
        let mut group = criterion.benchmark_group(format!("lookup/{}", shape.name));
        for rows in [1_000, 100_000] {
            let tables = filled(shape, rows);
            // In an order that no cache foresees.
            let packets: Vec<_> = (0..rows).map(|n| (shape.packet)(n * 48_271 % rows)).collect();
            let mut next = packets.iter().cycle();
            group.bench_function(rows.to_string(), |bencher| {
                bencher.iter(|| {
                    let packet = next.next().unwrap();
                    black_box(tables.lookup(TABLE, packet).arguments.first().copied())
                });
            });
        }
    }
}

/// A write to a clone and its publication, while the one before is still in use.
fn writes(criterion: &mut Criterion) {
    for shape in SHAPES {
        let mut group = criterion.benchmark_group(format!("write/{}", shape.name));
        let tables = filled(shape, 100_000);
        let published = ArcSwap::from_pointee(tables);
        let mut n = 0;
        group.bench_function("100000", |bencher| {
            bencher.iter_batched(
                || {
                    n = (n + 48_271) % 100_000;
                    let arguments = [7].into_iter().collect();
                    Write::Modify { key: key(shape, n), action: 0, arguments }
                },
                |write| {
                    let mut tables = Tables::clone(&published.load());
                    let done = tables.perform(&write);
                    published.store(tables.into());
                    done
                },
                BatchSize::SmallInput,
            );
        });
    }
}

criterion_group!(benches, lookups, writes);
criterion_main!(benches);
