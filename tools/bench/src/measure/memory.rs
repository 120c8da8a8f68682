//! The memory of a daemon that holds much: on tables in its memory, which hold what any switch has
//! to hold, and beside that with the built-in switch, whose tables packets run through.

use super::progress::Progress;
use super::runtime;
use crate::arguments::Bench;
use crate::connection::Connection;
use crate::daemon::DaemonProcess;
use crate::flow::group::{API_VERSION, GroupOwner};
use crate::process::Memory;
use crate::workload::Workload;
use serde::Serialize;
use std::time::Instant;

/// The rows of the tables of the daemon: more than all groups have.
pub(crate) const ROWS: u32 = 1 << 20;

const GROUPS: u8 = 10;
const ENTRIES: u32 = 100_000;

/// What a daemon's memory was before it held anything, and after.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct MemoryReport {
    /// The groups that were loaded.
    pub(crate) groups: u8,
    /// The mappings of all of them.
    pub(crate) mappings: u64,
    /// What was resident when the daemon had started.
    pub(crate) resident_at_start_bytes: u64,
    /// What was resident when all groups were loaded.
    pub(crate) resident_bytes: u64,
    /// The most that was resident meanwhile.
    pub(crate) peak_bytes: u64,
    /// The time that loading took.
    pub(crate) load_ms: f64,
    /// What a mapping takes in a daemon with the built-in switch, on average.
    pub(crate) with_switch_bytes_per_mapping: f64,
}

/// What loading a daemon came to.
struct Load {
    start: Memory,
    end: Memory,
    load_ms: f64,
}

impl MemoryReport {
    /// What a mapping takes, on average.
    pub(crate) fn bytes_per_mapping(&self) -> f64 {
        self.per_mapping(self.resident_bytes)
    }

    /// What a mapping took when most was resident.
    pub(crate) fn peak_bytes_per_mapping(&self) -> f64 {
        self.per_mapping(self.peak_bytes)
    }

    fn per_mapping(&self, bytes: u64) -> f64 {
        bytes.saturating_sub(self.resident_at_start_bytes) as f64 / self.mappings as f64
    }
}

/// Measures a fresh daemon of each kind.
pub(crate) fn measure(bench: &Bench, progress: &Progress) -> anyhow::Result<MemoryReport> {
    let Load { start, end, load_ms } = load("memory", bench, progress)?;
    let with_switch = load("soft", bench, progress)?;
    let mappings = u64::from(GROUPS) * u64::from(ENTRIES);
    let grown = with_switch.end.resident_bytes.saturating_sub(with_switch.start.resident_bytes);
    Ok(MemoryReport {
        groups: GROUPS,
        mappings,
        resident_at_start_bytes: start.resident_bytes,
        resident_bytes: end.resident_bytes,
        peak_bytes: end.peak_bytes,
        load_ms,
        with_switch_bytes_per_mapping: grown as f64 / mappings as f64,
    })
}

/// Loads group after group into a daemon on this device.
fn load(asic: &str, bench: &Bench, progress: &Progress) -> anyhow::Result<Load> {
    let rows = ROWS.to_string();
    let arguments = ["--asic", asic, "--nat-rows", &rows].map(str::to_owned);
    let daemon = DaemonProcess::start_with(&arguments, bench.daemon_log.as_deref())?;
    let load = load_daemon(&daemon, asic, bench, progress)?;
    daemon.stop()?;
    Ok(load)
}

fn load_daemon(
    daemon: &DaemonProcess,
    asic: &str,
    bench: &Bench,
    progress: &Progress,
) -> anyhow::Result<Load> {
    runtime()?.block_on(async {
        let mut connection = Connection::open(daemon.address(), API_VERSION).await?;
        let start = daemon.process().memory()?;
        let mut load_ms = 0.0;
        for pool in 0..GROUPS {
            progress.now(format_args!("memory on {asic}: group {} of {GROUPS}", pool + 1));
            let workload = Workload::instances(pool, ENTRIES, bench.seed);
            let mut owner = GroupOwner::new(&format!("instances-{pool}"));
            let begin = Instant::now();
            owner.ensure(&mut connection, workload.entries()).await?;
            load_ms += begin.elapsed().as_secs_f64() * 1e3;
        }
        // Not before all threads sleep.
        daemon.process().cpu()?;
        let end = daemon.process().memory()?;
        Ok(Load { start, end, load_ms })
    })
}
