//! What it costs that nothing acknowledged is ever forgotten: ensures that are on disk when they
//! are answered, and starting with much on disk.
//!
//! All of it is time that passes, since a disk is waited for. A commit is compared with the least
//! that any could be, an append of a record and `fdatasync`, in the same folder and in turns.

use super::memory::ROWS;
use super::progress::Progress;
use super::runtime;
use crate::arguments::Bench;
use crate::connection::Connection;
use crate::daemon::DaemonProcess;
use crate::flow::group::{API_VERSION, GroupOwner};
use crate::statistics::{Samples, micros};
use crate::workload::Workload;
use anyhow::{Context as _, ensure};
use dpd_types::{EnsureRequest, GroupState, GroupView};
use serde::Serialize;
use std::env;
use std::fs::File;
use std::hint::black_box;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The mappings of the group of small ensures.
pub(crate) const FEW: u32 = 10;
/// The mappings of a large ensure.
pub(crate) const MANY: u32 = 100_000;
/// The groups of so many mappings that a daemon starts with.
pub(crate) const GROUPS: u8 = 10;
/// What the bare append writes: about what a small change comes to.
const RECORD_BYTES: usize = 476;
/// How many small ensures there are in a round, and as many appends.
const SMALL_ENSURES: usize = 100;

/// What was measured.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct DurableReport {
    /// The folder in which the state was.
    pub(crate) place: String,
    /// A small ensure that changes one mapping, as its client sees it.
    pub(crate) ensure_us: f64,
    /// An append and `fdatasync`.
    pub(crate) append_us: f64,
    /// An ensure that adds many mappings to an empty group.
    pub(crate) first_ensure_ms: f64,
    /// `serde_json::from_slice` of its body.
    pub(crate) parse_ms: f64,
    /// Starting with a million mappings.
    pub(crate) after_stop: StartReport,
    /// The same after the daemon was killed.
    pub(crate) after_kill: StartReport,
}

/// What a start took, from when the process was made.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct StartReport {
    /// Until a view was answered.
    pub(crate) serving_ms: f64,
    /// Until every group was programmed.
    pub(crate) programmed_ms: f64,
}

impl DurableReport {
    /// A small ensure in terms of the bare append.
    pub(crate) fn to_append(&self) -> f64 {
        self.ensure_us / self.append_us
    }

    /// A large ensure in terms of parsing its body.
    pub(crate) fn to_parse(&self) -> f64 {
        self.first_ensure_ms / self.parse_ms
    }
}

/// Measures daemons whose state is on the disk that this program is on.
pub(crate) fn measure(bench: &Bench, progress: &Progress) -> anyhow::Result<DurableReport> {
    let program = env::current_exe().context("cannot find this program")?;
    let beside = program.parent().context("this program is in no folder")?;
    let folder = tempfile::Builder::new().prefix("durable-").tempdir_in(beside)?;
    let (ensures, appends) = small_ensures(bench, progress, &folder)?;
    let (first_ensures, parses) = first_ensures(bench, progress, &folder)?;
    let [after_stop, after_kill] = starts(bench, progress, &folder)?;
    let median = |times| Samples::new(times).map(|it| it.median()).context("no round");
    Ok(DurableReport {
        place: beside.display().to_string(),
        ensure_us: micros(median(ensures)?),
        append_us: micros(median(appends)?),
        first_ensure_ms: millis(median(first_ensures)?),
        parse_ms: millis(median(parses)?),
        after_stop,
        after_kill,
    })
}

/// The times of small ensures that change one mapping each, and of appends.
fn small_ensures(
    bench: &Bench,
    progress: &Progress,
    folder: &TempDir,
) -> anyhow::Result<(Vec<Duration>, Vec<Duration>)> {
    progress.now(format_args!("small ensures, each on disk when it is answered"));
    let daemon = start(bench, &folder.path().join("small"))?;
    let mut appended = File::create(folder.path().join("appended"))?;
    let (mut ensures, mut appends) = (Vec::new(), Vec::new());
    runtime()?.block_on(async {
        let mut connection = Connection::open(daemon.address(), API_VERSION).await?;
        let mut owner = GroupOwner::new("small");
        let mut workload = Workload::instances(0, FEW, bench.seed);
        owner.ensure(&mut connection, workload.entries()).await?;
        for _ in 0..bench.repeat.get() * SMALL_ENSURES {
            workload.change_one_percent();
            let body = serde_json::to_vec(&owner.next_request(workload.entries())?)?;
            let began = Instant::now();
            let result = owner.send(&mut connection, body).await?;
            ensures.push(began.elapsed());
            ensure!(result.changes_total == 1, "a small ensure did not change one mapping");
            let began = Instant::now();
            appended.write_all(&[0x5a; RECORD_BYTES])?;
            appended.sync_data()?;
            appends.push(began.elapsed());
        }
        anyhow::Ok(())
    })?;
    daemon.stop()?;
    Ok((ensures, appends))
}

/// The times of ensures of many mappings into an empty group, and of parsing their bodies.
fn first_ensures(
    bench: &Bench,
    progress: &Progress,
    folder: &TempDir,
) -> anyhow::Result<(Vec<Duration>, Vec<Duration>)> {
    progress.now(format_args!("first ensures of {MANY} entries"));
    let daemon = start(bench, &folder.path().join("first"))?;
    let (mut ensures, mut parses) = (Vec::new(), Vec::new());
    runtime()?.block_on(async {
        let mut connection = Connection::open(daemon.address(), API_VERSION).await?;
        for round in 0..bench.repeat.get() {
            let workload = Workload::instances(0, MANY, bench.seed + round as u64);
            let mut owner = GroupOwner::new(&format!("first-{round}"));
            let body = serde_json::to_vec(&owner.next_request(workload.entries())?)?;
            let began = Instant::now();
            drop(black_box(serde_json::from_slice::<EnsureRequest>(&body)?));
            parses.push(began.elapsed());
            let began = Instant::now();
            let result = owner.send(&mut connection, body).await?;
            ensures.push(began.elapsed());
            ensure!(result.added == u64::from(MANY), "a first ensure did not add all");
            owner.delete(&mut connection).await?;
        }
        anyhow::Ok(())
    })?;
    daemon.stop()?;
    Ok((ensures, parses))
}

/// How a daemon with a million mappings starts after it was stopped, and after it was killed.
fn starts(
    bench: &Bench,
    progress: &Progress,
    folder: &TempDir,
) -> anyhow::Result<[StartReport; 2]> {
    let state = folder.path().join("much");
    let daemon = start(bench, &state)?;
    runtime()?.block_on(async {
        let mut connection = Connection::open(daemon.address(), API_VERSION).await?;
        for pool in 0..GROUPS {
            progress.now(format_args!("starting: group {} of {GROUPS}", pool + 1));
            let workload = Workload::instances(pool, MANY, bench.seed);
            group(pool).ensure(&mut connection, workload.entries()).await?;
        }
        anyhow::Ok(())
    })?;
    daemon.stop()?;
    progress.now(format_args!("starting after a clean stop"));
    let (daemon, after_stop) = timed_start(bench, &state)?;
    daemon.kill()?;
    progress.now(format_args!("starting after it was killed"));
    let (daemon, after_kill) = timed_start(bench, &state)?;
    daemon.stop()?;
    Ok([after_stop, after_kill])
}

fn timed_start(bench: &Bench, state: &Path) -> anyhow::Result<(DaemonProcess, StartReport)> {
    let began = Instant::now();
    let daemon = start(bench, state)?;
    runtime()?
        .block_on(async {
            let mut connection = Connection::open(daemon.address(), API_VERSION).await?;
            let _: GroupView = connection.get(&group(0).path()).await?;
            let serving = began.elapsed();
            for pool in 0..GROUPS {
                loop {
                    let view: GroupView = connection.get(&group(pool).path()).await?;
                    ensure!(
                        view.entries.ipv4 == u64::from(MANY),
                        "{} does not have its entries any more",
                        group(pool).path()
                    );
                    if view.state == GroupState::Programmed {
                        break;
                    }
                }
            }
            let programmed = began.elapsed();
            Ok(StartReport { serving_ms: millis(serving), programmed_ms: millis(programmed) })
        })
        .map(|report| (daemon, report))
}

fn group(pool: u8) -> GroupOwner {
    GroupOwner::new(&format!("instances-{pool}"))
}

/// A daemon on tables in its memory, with its state here.
fn start(bench: &Bench, state: &Path) -> anyhow::Result<DaemonProcess> {
    let rows = ROWS.to_string();
    let arguments = ["--asic", "memory", "--nat-rows", &rows].map(str::to_owned);
    DaemonProcess::start_in(state, &arguments, bench.daemon_log.as_deref())
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
