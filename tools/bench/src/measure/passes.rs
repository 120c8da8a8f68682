//! Passes of clients: what they take on both sides, by the size of the set.

use super::progress::Progress;
use super::runtime;
use crate::arguments::{Bench, Part};
use crate::connection::Connection;
use crate::daemon::DaemonProcess;
use crate::flow::group::{self, GroupOwner};
use crate::flow::per_entry::{self, Reconciled};
use crate::process::{Process, thread_cpu};
use crate::statistics::{Samples, micros};
use crate::workload::Workload;
use anyhow::{Context as _, ensure};
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// The rows of the tables of the daemon: more than the largest set has.
pub(crate) const ROWS: u32 = 1 << 18;

/// The largest set that the per-entry operations are driven with.
const PER_ENTRY_LARGEST: u32 = 1000;

/// How a client speaks to the daemon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Client {
    /// By the per-entry operations.
    PerEntry,
    /// By ensure and view of a group.
    Group,
}

/// What a pass has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Pass {
    /// Everything, because nothing is there.
    Load,
    /// To find that nothing is to do.
    Unchanged,
    /// The same, by a client of a group that remembers nothing and sends its set again.
    UnchangedEnsure,
    /// One entry in a hundred.
    OnePercent,
}

/// What the passes of one kind took.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PassReport {
    /// The entries of the set.
    pub(crate) entries: u32,
    /// Who did it.
    pub(crate) client: Client,
    /// What was to do.
    pub(crate) pass: Pass,
    /// How many such passes were measured.
    pub(crate) passes: usize,
    /// The requests of a pass.
    pub(crate) requests: u64,
    /// The time that a pass took the client, from its first thought to its last.
    pub(crate) median_us: f64,
    /// The shortest such time.
    pub(crate) least_us: f64,
    /// The processor time that a pass took the client, on average.
    pub(crate) client_cpu_us: f64,
    /// The processor time that a pass took the daemon, on average.
    pub(crate) server_cpu_us: f64,
    /// The memory that the daemon had afterwards.
    pub(crate) server_resident_bytes: u64,
}

/// Drives the daemon through all passes, for each size in several rounds.
pub(crate) fn measure(
    daemon: &DaemonProcess,
    bench: &Bench,
    progress: &Progress,
) -> anyhow::Result<Vec<PassReport>> {
    runtime()?.block_on(async {
        let mut per_entry = Connection::open(daemon.address(), per_entry::API_VERSION).await?;
        let mut group = Connection::open(daemon.address(), group::API_VERSION).await?;
        let mut owner = GroupOwner::new("instances");
        let mut reports = Vec::new();
        for &size in &bench.sizes {
            let mut log = PassLog::new(daemon.process());
            for round in 1..=bench.repeat.get() {
                progress.now(format_args!("{size} entries, round {round} of {}", bench.repeat));
                let workload = Workload::instances(0, size, bench.seed + round as u64);
                if bench.has(Part::PerEntry) && size <= PER_ENTRY_LARGEST {
                    per_entry_round(&mut log, &mut per_entry, workload.clone()).await?;
                }
                if bench.has(Part::Ensure) {
                    group_round(&mut log, &mut group, &mut owner, workload).await?;
                }
            }
            reports.extend(log.reports(size)?);
        }
        Ok(reports)
    })
}

/// A client of the per-entry operations, from an empty daemon to an empty daemon.
async fn per_entry_round(
    log: &mut PassLog<'_>,
    connection: &mut Connection,
    mut workload: Workload,
) -> anyhow::Result<()> {
    let passes = share(2000, &workload);
    let size = workload.entries().len() as u64;
    log.note(Client::PerEntry, Pass::Load, 1, async || {
        reconcile(connection, &workload, Reconciled { deleted: 0, put: size }).await
    })
    .await?;
    log.note(Client::PerEntry, Pass::Unchanged, passes, async || {
        reconcile(connection, &workload, Reconciled { deleted: 0, put: 0 }).await
    })
    .await?;
    log.note(Client::PerEntry, Pass::OnePercent, passes, async || {
        let changes = workload.change_one_percent();
        reconcile(connection, &workload, Reconciled { deleted: changes, put: changes }).await
    })
    .await?;
    per_entry::reset(connection).await
}

/// The owner of a group, from no group to no group.
async fn group_round(
    log: &mut PassLog<'_>,
    connection: &mut Connection,
    owner: &mut GroupOwner,
    mut workload: Workload,
) -> anyhow::Result<()> {
    let passes = share(20_000, &workload);
    let size = workload.entries().len() as u64;
    log.note(Client::Group, Pass::Load, 1, async || {
        ensure_set(connection, owner, &workload, size).await
    })
    .await?;
    log.note(Client::Group, Pass::Unchanged, VIEWS, async || {
        let watch = Watch::start(connection);
        owner.check(connection).await?;
        Ok(watch.stop(connection))
    })
    .await?;
    log.note(Client::Group, Pass::UnchangedEnsure, passes, async || {
        ensure_set(connection, owner, &workload, 0).await
    })
    .await?;
    log.note(Client::Group, Pass::OnePercent, passes, async || {
        let changes = workload.change_one_percent();
        // An entry that gives way to another is a removal and an addition.
        let differences = changes + changes / 2;
        ensure_set(connection, owner, &workload, differences).await
    })
    .await?;
    owner.delete(connection).await
}

/// A pass of a client of the per-entry operations, which has to do exactly this.
async fn reconcile(
    connection: &mut Connection,
    workload: &Workload,
    expected: Reconciled,
) -> anyhow::Result<Taken> {
    let watch = Watch::start(connection);
    let done = per_entry::reconcile(connection, workload.entries()).await?;
    let taken = watch.stop(connection);
    ensure!(done == expected, "a pass did {done:?}, where {expected:?} was to do");
    Ok(taken)
}

/// An ensure that makes this many differences.
async fn ensure_set(
    connection: &mut Connection,
    owner: &mut GroupOwner,
    workload: &Workload,
    differences: u64,
) -> anyhow::Result<Taken> {
    let watch = Watch::start(connection);
    let result = owner.ensure(connection, workload.entries()).await?;
    let taken = watch.stop(connection);
    let done = result.changes_total;
    ensure!(done == differences, "an ensure made {done} changes, where {differences} were to do");
    Ok(taken)
}

/// Watches one pass of a client, which has the thread for itself.
struct Watch {
    requests: u64,
    cpu: Duration,
    start: Instant,
}

/// What one pass took.
#[derive(Clone, Copy, Debug)]
struct Taken {
    requests: u64,
    client_cpu: Duration,
    time: Duration,
}

impl Watch {
    fn start(connection: &Connection) -> Self {
        Self { requests: connection.requests(), cpu: thread_cpu(), start: Instant::now() }
    }

    fn stop(self, connection: &Connection) -> Taken {
        let Self { requests, cpu, start } = self;
        Taken {
            time: start.elapsed(),
            client_cpu: thread_cpu().saturating_sub(cpu),
            requests: connection.requests() - requests,
        }
    }
}

/// What the passes over one set take, by client and kind.
struct PassLog<'a> {
    process: &'a Process,
    notes: BTreeMap<(Client, Pass), Notes>,
}

#[derive(Default)]
struct Notes {
    times: Vec<Duration>,
    requests: u64,
    client_cpu: Duration,
    server_cpu: Duration,
    resident_bytes: u64,
}

impl<'a> PassLog<'a> {
    fn new(process: &'a Process) -> Self {
        Self { process, notes: BTreeMap::new() }
    }

    /// Performs `passes` passes and notes what they took. The daemon's processor time is read around
    /// all of them, because a single one may be too short to tell.
    async fn note(
        &mut self,
        client: Client,
        kind: Pass,
        passes: usize,
        mut pass: impl AsyncFnMut() -> anyhow::Result<Taken>,
    ) -> anyhow::Result<()> {
        let notes = self.notes.entry((client, kind)).or_default();
        let before = self.process.cpu()?;
        for _ in 0..passes {
            let Taken { requests, client_cpu, time } = pass().await?;
            notes.requests += requests;
            notes.client_cpu += client_cpu;
            notes.times.push(time);
        }
        notes.server_cpu += self.process.cpu()?.since(&before);
        notes.resident_bytes = self.process.memory()?.resident_bytes;
        Ok(())
    }

    fn reports(self, entries: u32) -> anyhow::Result<Vec<PassReport>> {
        let report = |((client, pass), notes)| {
            let Notes { times, requests, client_cpu, server_cpu, resident_bytes } = notes;
            let samples = Samples::new(times).context("no pass was measured")?;
            let each = |total: Duration| micros(total) / samples.count() as f64;
            Ok(PassReport {
                entries,
                client,
                pass,
                passes: samples.count(),
                requests: requests / samples.count() as u64,
                median_us: micros(samples.median()),
                least_us: micros(samples.least()),
                client_cpu_us: each(client_cpu),
                server_cpu_us: each(server_cpu),
                server_resident_bytes: resident_bytes,
            })
        };
        self.notes.into_iter().map(report).collect()
    }
}

/// How many views are measured in a round: they are short.
const VIEWS: usize = 200;

/// How many passes to measure in a round if all together may handle so many entries: some of small
/// sets, and one of a large one.
fn share(entries: usize, workload: &Workload) -> usize {
    (entries / workload.entries().len()).clamp(1, 20)
}
