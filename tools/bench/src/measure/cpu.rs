//! What a large ensure takes a processor, in terms of what it takes to parse it.
//!
//! Both are processor time, of the daemon's threads and of one of ours, so that little depends on
//! what else the machine does.

use super::progress::Progress;
use super::runtime;
use crate::arguments::Bench;
use crate::connection::Connection;
use crate::daemon::DaemonProcess;
use crate::flow::group::{API_VERSION, GroupOwner};
use crate::process::thread_cpu;
use crate::statistics::{Samples, micros};
use crate::workload::Workload;
use anyhow::{Context as _, ensure};
use dpd_types::{EnsureRequest, NatEntry};
use serde::Serialize;
use std::hint::black_box;
use std::time::Duration;

/// The entries of the ensure.
const ENTRIES: u32 = 100_000;

/// What large ensures that change nothing take the daemon.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct CpuReport {
    /// Their entries.
    pub(crate) entries: u32,
    /// Their bodies.
    pub(crate) body_bytes: usize,
    /// With the entries in order.
    pub(crate) sorted: CpuOfEnsure,
    /// With the entries in no order.
    pub(crate) unsorted: CpuOfEnsure,
}

/// What an ensure takes the daemon, against parsing its body.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct CpuOfEnsure {
    /// How many were measured.
    pub(crate) ensures: usize,
    /// The daemon's processor time; the median.
    pub(crate) server_cpu_us: f64,
    /// The processor time of `serde_json::from_slice` of the same body; the median.
    pub(crate) parse_cpu_us: f64,
}

impl CpuOfEnsure {
    /// How many times as much the ensure takes.
    pub(crate) fn ratio(&self) -> f64 {
        self.server_cpu_us / self.parse_cpu_us
    }
}

/// Sends a large set again and again, with ever newer generations.
pub(crate) fn measure(
    daemon: &DaemonProcess,
    bench: &Bench,
    progress: &Progress,
) -> anyhow::Result<CpuReport> {
    runtime()?.block_on(async {
        let mut connection = Connection::open(daemon.address(), API_VERSION).await?;
        let mut owner = GroupOwner::new("processor-time");
        let mut workload = Workload::instances(0, ENTRIES, bench.seed);
        progress.now(format_args!("processor time of an ensure of {ENTRIES} entries"));
        owner.ensure(&mut connection, workload.entries()).await?;
        let body_bytes = serde_json::to_vec(&owner.next_request(workload.entries())?)?.len();
        let (mut sorted, mut unsorted) = (Pairs::default(), Pairs::default());
        // In turns, so that a busy time of the machine meets both.
        for _ in 0..bench.repeat.get() * 2 {
            sorted.take(daemon, &mut connection, &mut owner, workload.entries()).await?;
            let shuffled = workload.shuffled();
            unsorted.take(daemon, &mut connection, &mut owner, &shuffled).await?;
        }
        owner.delete(&mut connection).await?;
        Ok(CpuReport {
            entries: ENTRIES,
            body_bytes,
            sorted: sorted.report()?,
            unsorted: unsorted.report()?,
        })
    })
}

/// The same bodies, ensured and parsed.
#[derive(Default)]
struct Pairs {
    ensured: Vec<Duration>,
    parsed: Vec<Duration>,
}

impl Pairs {
    async fn take(
        &mut self,
        daemon: &DaemonProcess,
        connection: &mut Connection,
        owner: &mut GroupOwner,
        entries: &[NatEntry],
    ) -> anyhow::Result<()> {
        let body = serde_json::to_vec(&owner.next_request(entries)?)?;
        let before = thread_cpu();
        let request = black_box(serde_json::from_slice::<EnsureRequest>(&body)?);
        self.parsed.push(thread_cpu().saturating_sub(before));
        drop(request);
        let before = daemon.process().cpu()?;
        let result = owner.send(connection, body).await?;
        self.ensured.push(daemon.process().cpu()?.since(&before));
        ensure!(result.changes_total == 0, "an ensure of the same set changed it");
        Ok(())
    }

    fn report(self) -> anyhow::Result<CpuOfEnsure> {
        let Self { ensured, parsed } = self;
        let ensured = Samples::new(ensured).context("no ensure was measured")?;
        let parsed = Samples::new(parsed).context("no ensure was measured")?;
        Ok(CpuOfEnsure {
            ensures: ensured.count(),
            server_cpu_us: micros(ensured.median()),
            parse_cpu_us: micros(parsed.median()),
        })
    }
}
