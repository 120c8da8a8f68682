//! What packets cost on the switch that runs the P4 program, and what writes and packets cost each
//! other.
//!
//! All of it is processor time of the thread that does it, so that little depends on what else the
//! machine does; of several rounds the fastest counts.

use super::progress::Progress;
use crate::arguments::Bench;
use crate::process::thread_cpu;
use anyhow::{Context as _, ensure};
use asic::{Asic, PerTable, Row, SoftAsic, SoftConfig, SoftHandle, TableWrite};
use dpd::lower;
use dpd_replay::{UPLINK, set_up};
use etherparse::PacketBuilder;
use nat_groups::{DeviceRow, MacAddr, PortRange, Priority, Slot, Target, Vni};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde::Serialize;
use std::hint::black_box;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// The rows of the two tables that are compared.
pub(crate) const FEW_ROWS: u32 = 1_000;
pub(crate) const MANY_ROWS: u32 = 100_000;
/// How many writes a second go on beside the packets.
pub(crate) const WRITES_PER_SECOND: u32 = 10_000;

/// The length of each packet.
const PACKET_BYTES: usize = 100;
/// How many packets are made; they go to rows by chance.
const PACKETS: usize = 1 << 16;
/// How long a call of the switch may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// What was measured.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PacketsReport {
    /// Packets a second of one processor, with a table of few rows.
    pub(crate) few_rows_per_second: f64,
    /// The same with one of many.
    pub(crate) many_rows_per_second: f64,
    /// The same with many, while another thread writes.
    pub(crate) beside_writes_per_second: f64,
    /// How many writes a second there were.
    pub(crate) writes_per_second: f64,
    /// What one write of a row takes, with many.
    pub(crate) write_us: f64,
    /// What loading and checking the program takes.
    pub(crate) load_ms: f64,
}

impl PacketsReport {
    /// The rate with many rows in terms of that with few.
    pub(crate) fn many_to_few(&self) -> f64 {
        self.many_rows_per_second / self.few_rows_per_second
    }

    /// The rate beside writes in terms of that without.
    pub(crate) fn beside_to_alone(&self) -> f64 {
        self.beside_writes_per_second / self.many_rows_per_second
    }
}

/// Measures a switch in this process.
pub(crate) fn measure(bench: &Bench, progress: &Progress) -> anyhow::Result<PacketsReport> {
    let rounds = bench.repeat.get();
    progress.now(format_args!("packets through the P4 program"));
    let few = Traffic::new(FEW_ROWS, bench.seed)?;
    let mut many = Traffic::new(MANY_ROWS, bench.seed)?;
    let (mut few_rows, mut many_rows, mut beside) = (0.0_f64, 0.0_f64, 0.0_f64);
    let mut writes_per_second = 0.0_f64;
    // In turns, so that a busy time of the machine meets all of them.
    for _ in 0..rounds {
        few_rows = few_rows.max(few.packets_per_second()?);
        many_rows = many_rows.max(many.packets_per_second()?);
        let (packets, writes) = many.packets_beside_writes()?;
        beside = beside.max(packets);
        writes_per_second = writes_per_second.max(writes);
    }
    progress.now(format_args!("writes, and loading the program"));
    let write_us = (0..rounds).map(|_| many.write_us()).fold(f64::INFINITY, f64::min);
    let load_ms = (0..rounds).map(|_| load_ms()).fold(f64::INFINITY, f64::min);
    Ok(PacketsReport {
        few_rows_per_second: few_rows,
        many_rows_per_second: many_rows,
        beside_writes_per_second: beside,
        writes_per_second,
        write_us,
        load_ms,
    })
}

/// A switch with rows, and packets for them.
struct Traffic {
    asic: SoftAsic,
    handle: SoftHandle,
    rows: Vec<Row>,
    packets: Vec<Vec<u8>>,
}

impl Traffic {
    fn new(rows: u32, seed: u64) -> anyhow::Result<Self> {
        let size_rows = PerTable::from_fn(|table| table.spec().size_rows.max(rows));
        let mut asic = SoftAsic::new(SoftConfig { size_rows, ..SoftConfig::default() })?;
        set_up(&mut asic)?;
        let rows: Vec<Row> =
            (0..rows).map(|number| row(number, 1)).collect::<anyhow::Result<_>>()?;
        let writes: Vec<TableWrite> = rows.iter().copied().map(TableWrite::Insert).collect();
        let outcomes = asic.write(&writes, TIMEOUT);
        ensure!(outcomes.iter().all(Result::is_ok), "the switch refuses rows");
        let mut random = StdRng::seed_from_u64(seed);
        let count = u32::try_from(rows.len())?;
        let packets = (0..PACKETS)
            .map(|_| packet(random.random_range(0..count), random.random()))
            .collect::<anyhow::Result<_>>()?;
        Ok(Self { handle: asic.handle(), asic, rows, packets })
    }

    /// Packets a second of the time that this thread has.
    fn packets_per_second(&self) -> anyhow::Result<f64> {
        let mut runner = self.handle.runner();
        let mut sent = 0;
        let before = thread_cpu();
        for packet in &self.packets {
            self.handle.process(&mut runner, UPLINK, packet, &mut |_, frame| {
                black_box(frame);
                sent += 1;
            });
        }
        let time = thread_cpu().saturating_sub(before);
        ensure!(sent == self.packets.len(), "only {sent} packets went to a sled");
        Ok(self.packets.len() as f64 / time.as_secs_f64())
    }

    /// The same while another thread writes, and how many writes a second it did.
    fn packets_beside_writes(&self) -> anyhow::Result<(f64, f64)> {
        let stop = AtomicBool::new(false);
        let mut writer = self.handle.reconnect();
        let rows = &self.rows;
        thread::scope(|scope| {
            let writing = scope.spawn(|| write_steadily(&mut writer, rows, &stop));
            // Long enough that the pace of the writes does not matter.
            let began = Instant::now();
            let mut best = 0.0_f64;
            while began.elapsed() < Duration::from_millis(300) {
                best = best.max(self.packets_per_second()?);
            }
            stop.store(true, Ordering::Relaxed);
            let writes = writing.join().ok().context("the writer failed")?;
            Ok((best, writes))
        })
    }

    /// What one write takes, in microseconds.
    fn write_us(&mut self) -> f64 {
        let writes = self.rows.iter().step_by(self.rows.len() / 10_000).copied();
        let writes: Vec<TableWrite> = writes.map(TableWrite::Modify).collect();
        let before = thread_cpu();
        for write in &writes {
            black_box(self.asic.write(std::slice::from_ref(write), TIMEOUT));
        }
        let time = thread_cpu().saturating_sub(before);
        time.as_secs_f64() * 1e6 / writes.len() as f64
    }
}

/// Writes single rows at a steady pace until told to stop; how many a second.
#[expect(clippy::disallowed_methods, reason = "a pace is made of time itself")]
fn write_steadily(asic: &mut SoftAsic, rows: &[Row], stop: &AtomicBool) -> f64 {
    /// So many at once, so that there is time to rest in between.
    const AT_ONCE: usize = 10;
    let pause = Duration::from_secs(1) / (WRITES_PER_SECOND / AT_ONCE as u32);
    let began = Instant::now();
    let (mut next, mut written) = (began, 0_u64);
    let mut rows = rows.iter().step_by(97).cycle();
    while !stop.load(Ordering::Relaxed) {
        for row in rows.by_ref().take(AT_ONCE) {
            black_box(asic.write(&[TableWrite::Modify(*row)], TIMEOUT));
            written += 1;
        }
        next += pause;
        thread::sleep(next.saturating_duration_since(Instant::now()));
    }
    written as f64 / began.elapsed().as_secs_f64()
}

/// What loading and checking the program takes, in milliseconds.
fn load_ms() -> f64 {
    let before = thread_cpu();
    black_box(p4::Program::from_source("nat.p4", p4::NAT_P4)).ok();
    thread_cpu().saturating_sub(before).as_secs_f64() * 1e3
}

/// The row of this number: other numbers have other addresses or ports.
pub(super) fn place_row(number: u32) -> anyhow::Result<Row> {
    row(number, 1)
}

/// The address and ports of a row: four to an address, each with a quarter of its ports.
fn place(number: u32) -> anyhow::Result<(Ipv4Addr, PortRange)> {
    let low = u16::try_from(number % 4 * 16_384)?;
    Ok((Ipv4Addr::from_bits(0x0a00_0000 + number / 4), PortRange::new(low, low + 16_383)?))
}

fn row(number: u32, sled: u16) -> anyhow::Result<Row> {
    let target = Target {
        internal_ip: Ipv6Addr::new(0xfd00, 0x1122, 0x3344, 0x100 + sled, 0, 0, 0, 1),
        inner_mac: MacAddr([0xa8, 0x40, 0x25, 0xf0, 0, 1]),
        vni: Vni::new(100)?,
    };
    let (external, ports) = place(number)?;
    let slot = Slot::new(external, ports);
    Ok(lower::row(&DeviceRow { slot, priority: Priority::DEFAULT, target })?)
}

/// A UDP packet from outside for one of a row's ports.
fn packet(number: u32, port: u16) -> anyhow::Result<Vec<u8>> {
    let (external, ports) = place(number)?;
    let headers = PacketBuilder::ethernet2([2, 0, 0, 0, 0xee, 1], [2, 0, 0, 0, 0, 1])
        .ipv4([192, 0, 2, 99], external.octets(), 60)
        .udp(51_515, ports.low() | (port & 0x3fff));
    let payload = vec![0x5a; PACKET_BYTES - headers.size(0)];
    let mut packet = Vec::with_capacity(PACKET_BYTES);
    headers.write(&mut packet, &payload)?;
    Ok(packet)
}
