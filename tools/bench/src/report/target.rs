//! What a daemon should reach. Most are ratios of one run, which say the same on any machine.

use super::Report;
use crate::measure::cpu::CpuReport;
use crate::measure::durable::DurableReport;
use crate::measure::memory::MemoryReport;
use crate::measure::p4runtime::P4RuntimeReport;
use crate::measure::packets::PacketsReport;
use crate::measure::passes::{Client, Pass, PassReport};
use serde::Serialize;

/// A number that should not be below, or not above, another.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Target {
    /// What it is about.
    pub(crate) name: &'static str,
    /// What was measured.
    pub(crate) measured: f64,
    /// What it is measured in.
    pub(crate) unit: Unit,
    /// On which side of the limit it should be.
    pub(crate) bound: Bound,
    /// The limit.
    pub(crate) limit: f64,
    /// What would be better still, if that was said.
    pub(crate) aim: Option<f64>,
    /// Whether it is on the right side of the limit.
    pub(crate) met: bool,
}

/// The side of a limit that a number should be on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Bound {
    /// Not below it.
    AtLeast,
    /// Not above it.
    AtMost,
}

/// What a number is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Unit {
    /// How many times as much or as fast.
    Times,
    /// Bytes.
    Bytes,
    /// Milliseconds.
    Milliseconds,
    /// Microseconds.
    Microseconds,
    /// A number of something in a second.
    PerSecond,
}

/// The size of the sets that the targets of speed are for.
const ENTRIES: u32 = 1000;

/// The targets that something was measured for.
pub(super) fn judge(report: &Report) -> Vec<Target> {
    let Report { passes, cpu, readers, memory, packets, p4runtime, durable, .. } = report;
    let ratio = |pass| times_faster(passes, pass);
    let cpu_ratio = |order: fn(&CpuReport) -> f64| cpu.as_ref().map(order);
    let p99_ms = readers.as_ref().map(|readers| readers.p99_us / 1e3);
    let bytes = memory.as_ref().map(MemoryReport::bytes_per_mapping);
    let of_packets = |number: fn(&PacketsReport) -> f64| packets.as_ref().map(number);
    let of_process = |number: fn(&P4RuntimeReport) -> f64| p4runtime.as_ref().map(number);
    let of_durable = |number: fn(&DurableReport) -> f64| durable.as_ref().map(number);
    let (at_least, at_most) = (Bound::AtLeast, Bound::AtMost);
    let (times, ms) = (Unit::Times, Unit::Milliseconds);
    [
        (SPEED_CHANGED, ratio(Pass::OnePercent), times, at_least, 20.0, Some(50.0)),
        (SPEED_UNCHANGED, ratio(Pass::Unchanged), times, at_least, 500.0, None),
        (CPU_SORTED, cpu_ratio(|cpu| cpu.sorted.ratio()), times, at_most, 2.0, None),
        (CPU_UNSORTED, cpu_ratio(|cpu| cpu.unsorted.ratio()), times, at_most, 2.3, None),
        (MEMORY, bytes, Unit::Bytes, at_most, 450.0, None),
        (READERS, p99_ms, ms, at_most, 10.0, None),
        (PACKETS, of_packets(|it| it.few_rows_per_second), Unit::PerSecond, at_least, 5e5, None),
        (PACKETS_MANY, of_packets(PacketsReport::many_to_few), times, at_least, 0.8, None),
        (PACKETS_WRITES, of_packets(PacketsReport::beside_to_alone), times, at_least, 0.9, None),
        (WRITE, of_packets(|it| it.write_us), Unit::Microseconds, at_most, 5.0, None),
        (LOAD, of_packets(|it| it.load_ms), ms, at_most, 20.0, None),
        (BATCHES, of_process(|it| it.writes_per_second), Unit::PerSecond, at_least, 1.5e5, None),
        (SINGLE, of_process(|it| it.write_us), Unit::Microseconds, at_most, 150.0, None),
        (READ_BACK, of_process(|it| it.read_ms), ms, at_most, 1e3, None),
        (ON_PROCESS, of_process(P4RuntimeReport::to_built_in), times, at_most, 4.0, None),
        (COMMIT, of_durable(DurableReport::to_append), times, at_most, 5.0, None),
        (FIRST_ENSURE, of_durable(DurableReport::to_parse), times, at_most, 5.0, None),
        (AFTER_STOP, of_durable(|it| it.after_stop.serving_ms), ms, at_most, 3e3, None),
        (AFTER_KILL, of_durable(|it| it.after_kill.serving_ms), ms, at_most, 5e3, None),
    ]
    .into_iter()
    .filter_map(|(name, measured, unit, bound, limit, aim)| {
        let measured = measured?;
        let met = bound.holds(measured, limit);
        Some(Target { name, measured, unit, bound, limit, aim, met })
    })
    .collect()
}

const SPEED_CHANGED: &str = "1 % of 1,000 changed: an ensure, faster than the per-entry pass by";
const SPEED_UNCHANGED: &str = "1,000 unchanged: a view, faster than the per-entry pass by";
const CPU_SORTED: &str = "100,000 unchanged, sorted: an ensure, in parses of its body";
const CPU_UNSORTED: &str = "100,000 unchanged, unsorted: an ensure, in parses of its body";
const MEMORY: &str = "1,000,000 mappings in ten groups: memory of each";
const READERS: &str = "500 views/s beside ensures of 10,000: latency that 99 % do not exceed";

const PACKETS: &str = "1,000 rows: 100-byte packets to NAT through the P4 program, one processor";
const PACKETS_MANY: &str = "100,000 rows: packets, in terms of those with 1,000";
const PACKETS_WRITES: &str = "beside 10,000 writes/s: packets, in terms of those without";
const WRITE: &str = "100,000 rows: a write that packets see";
const LOAD: &str = "nat.p4: loading and checking";

const BATCHES: &str = "over P4Runtime: table entries, in batches";
const SINGLE: &str = "over P4Runtime: a single write";
const READ_BACK: &str = "over P4Runtime: 100,000 entries read back";
const ON_PROCESS: &str =
    "1,000 new entries: an ensure on a switch process, in those on the built-in one";

const COMMIT: &str = "10 entries, 1 changed, on disk: an ensure, in appends with fdatasync";
const FIRST_ENSURE: &str = "100,000 new entries, on disk: an ensure, in parses of its body";
const AFTER_STOP: &str = "1,000,000 mappings: serving again after a clean stop";
const AFTER_KILL: &str = "1,000,000 mappings: serving again after kill -9";

impl Bound {
    /// Whether `measured` is on the right side of `limit`.
    pub(crate) fn holds(self, measured: f64, limit: f64) -> bool {
        match self {
            Bound::AtLeast => measured >= limit,
            Bound::AtMost => measured <= limit,
        }
    }
}

/// How many times faster the owner of a group is done than a client of the per-entry operations.
///
/// By the fastest pass of each: a pass of a thousand requests meets whatever else the machine does,
/// one of a single request mostly does not, so medians flatter us on a busy machine.
fn times_faster(passes: &[PassReport], pass: Pass) -> Option<f64> {
    let fastest = |client| {
        let of_client = passes.iter().filter(|report| report.client == client);
        let mut of_pass =
            of_client.filter(|report| report.pass == pass && report.entries == ENTRIES);
        of_pass.next().map(|report| report.least_us)
    };
    Some(fastest(Client::PerEntry)? / fastest(Client::Group)?)
}
