//! What a packet costs that the forwarding program wraps, with few and with many rows, alone and
//! beside a writer; what a write costs that packets see; and what loading the program costs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod traffic;

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use p4::table::Write;
use p4::{NAT_P4, Program, Switch, Verdict};

/// How many rows there are, and how many flows: the same number beside few rows and many shows
/// what rows cost, and more flows than caches hold what memory costs.
const CASES: [(u32, u32); 3] = [(1_000, 1_000), (100_000, 1_000), (100_000, 20_000)];

fn forward(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("nat ingress of 100 bytes");
    group.throughput(Throughput::Elements(1));
    for (rows, flows) in CASES {
        let switch = traffic::nat_switch(rows);
        let packets = traffic::packets(rows, flows);
        let mut runner = switch.runner();
        let mut next = packets.iter().cycle();
        group.bench_function(format!("{rows} rows, {flows} flows"), |bencher| {
            bencher.iter(|| {
                let packet = next.next().unwrap();
                let mut emit = |port: u16, packet: &[u8]| {
                    black_box((port, packet));
                };
                switch.process(&mut runner, 1, packet, &mut emit)
            });
        });
    }
    group.finish();
}

fn write(criterion: &mut Criterion) {
    let rows = 100_000;
    let switch = traffic::nat_switch(rows);
    let row = traffic::nat_row(&switch, 77);
    let Write::Insert { key, .. } = &row else { unreachable!() };
    let delete = Write::Delete(key.clone());
    let mut is_there = true;
    criterion.bench_function("write seen by packets, 100000 rows", |bencher| {
        bencher.iter_batched(
            || {},
            |()| {
                switch.write(if is_there { &delete } else { &row }).unwrap();
                is_there = !is_there;
            },
            BatchSize::SmallInput,
        );
    });
}

fn load(criterion: &mut Criterion) {
    criterion.bench_function("load nat.p4", |bencher| {
        bencher.iter(|| Program::from_source("nat.p4", black_box(NAT_P4)).unwrap());
    });
}

/// Packets a second, alone and beside a thread that does 10,000 writes a second, in turns: a busy
/// machine slows both alike.
fn beside_writes(_: &mut Criterion) {
    let rows = 100_000;
    let switch = traffic::nat_switch(rows);
    let packets = traffic::packets(rows, 1_000);
    let turn = Duration::from_millis(250);
    let (mut alone, mut beside) = (Vec::new(), Vec::new());
    let mut writes = 0;
    for _ in 0..12 {
        alone.push(rate(&switch, &packets, turn));
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let writer = scope.spawn(|| write_steadily(&switch, &stop));
            beside.push(rate(&switch, &packets, turn));
            stop.store(true, Ordering::Relaxed);
            writes += writer.join().unwrap();
        });
    }
    let best = |rates: &[f64]| rates.iter().copied().fold(0.0, f64::max);
    let (alone, beside) = (best(&alone), best(&beside));
    println!(
        "packets beside {:.0} writes a second: {:.0} a second, {:.1} % of {:.0} alone",
        f64::from(writes) / (12.0 * turn.as_secs_f64()),
        beside,
        100.0 * beside / alone,
        alone,
    );
}

fn rate(switch: &Switch, packets: &[[u8; 100]], turn: Duration) -> f64 {
    let mut runner = switch.runner();
    let (start, mut count) = (Instant::now(), 0_u32);
    while start.elapsed() < turn {
        for packet in packets {
            let verdict = switch.process(&mut runner, 1, packet, &mut |_, _| {});
            assert!(matches!(verdict, Verdict::Sent(1)));
            count += 1;
        }
    }
    f64::from(count) / start.elapsed().as_secs_f64()
}

/// Writes every tenth of a millisecond, until told to stop; gives how many writes it did.
fn write_steadily(switch: &Switch, stop: &AtomicBool) -> u32 {
    let (start, mut done) = (Instant::now(), 0_u32);
    while !stop.load(Ordering::Relaxed) {
        let due = start.elapsed().as_micros() / 100;
        while u128::from(done) < due {
            // Rows that no packet here is for.
            let row = traffic::nat_row(switch, 3 + 4 * (done / 2 % 20_000));
            let Write::Insert { key, action, arguments } = row else { unreachable!() };
            switch.write(&Write::Modify { key, action, arguments }).unwrap();
            done += 1;
        }
        std::thread::park_timeout(Duration::from_micros(200));
    }
    done
}

criterion_group!(benches, forward, write, load, beside_writes);
criterion_main!(benches);
