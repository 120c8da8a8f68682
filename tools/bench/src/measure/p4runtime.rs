//! What a soft switch costs that is a process of its own and driven over P4Runtime: table entries
//! through a Unix socket, and an ensure through the daemon on it beside one on the built-in switch.
//!
//! All of it is time that passes, since two processes share the work; of several rounds the median
//! counts.

use super::packets::{MANY_ROWS, place_row};
use super::progress::Progress;
use super::runtime;
use crate::arguments::Bench;
use crate::connection::Connection;
use crate::daemon::{DaemonProcess, SwitchProcess};
use crate::flow::group::{API_VERSION, GroupOwner};
use crate::statistics::{Samples, micros};
use crate::workload::Workload;
use anyhow::{Context as _, ensure};
use asic::{Asic, P4RuntimeAsic, P4RuntimeConfig, RangeExpansion, Row, Table, TableWrite};
use dpd_replay::{nat_program, p4info};
use p4runtime::p4info_from_text;
use serde::Serialize;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How many entries an ensure adds.
pub(crate) const ENTRIES: u32 = 1_000;

/// How many single writes there are in a round.
const SINGLES: usize = 2_000;
/// How many ensures there are in a round.
const ENSURES: usize = 5;
/// How long a call of the switch may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// What was measured.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct P4RuntimeReport {
    /// Table entries a second, inserted in batches.
    pub(crate) writes_per_second: f64,
    /// What a single write takes.
    pub(crate) write_us: f64,
    /// What reading a table of many rows back takes.
    pub(crate) read_ms: f64,
    /// What an ensure of new entries takes on the process.
    pub(crate) ensure_us: f64,
    /// What it takes on the switch that is built into the daemon.
    pub(crate) built_in_ensure_us: f64,
}

impl P4RuntimeReport {
    /// An ensure on the process in terms of one on the built-in switch.
    pub(crate) fn to_built_in(&self) -> f64 {
        self.ensure_us / self.built_in_ensure_us
    }
}

/// Measures a switch process, and daemons on it and without it.
pub(crate) fn measure(bench: &Bench, progress: &Progress) -> anyhow::Result<P4RuntimeReport> {
    let program = ProgramFiles::new()?;
    let switch = SwitchProcess::start(bench.daemon_log.as_deref())?;
    progress.now(format_args!("table entries over P4Runtime"));
    let (writes, singles, reads) = entries(bench, &program, &switch)?;
    progress.now(format_args!("ensures on a switch process and on the built-in switch"));
    let on_process =
        DaemonProcess::start_with(&program.arguments(&switch), bench.daemon_log.as_deref())?;
    let built_in = bench.start_daemon(MANY_ROWS)?;
    let (mut ensures, mut built_in_ensures) = (Vec::new(), Vec::new());
    // In turns, so that a busy time of the machine meets both.
    for round in 0..bench.repeat.get() {
        let workload = Workload::instances(0, ENTRIES, bench.seed + round as u64);
        let group = format!("round-{round}");
        ensures.extend(ensure_times(&on_process, &group, &workload)?);
        built_in_ensures.extend(ensure_times(&built_in, &group, &workload)?);
    }
    on_process.stop()?;
    built_in.stop()?;
    switch.stop()?;
    let median = |times| Samples::new(times).map(|it| it.median()).context("no round");
    Ok(P4RuntimeReport {
        writes_per_second: f64::from(MANY_ROWS) / median(writes)?.as_secs_f64(),
        write_us: micros(median(singles)?),
        read_ms: micros(median(reads)?) / 1e3,
        ensure_us: micros(median(ensures)?),
        built_in_ensure_us: micros(median(built_in_ensures)?),
    })
}

/// What it takes to write many rows, to write single ones, and to read all back.
type EntryTimes = (Vec<Duration>, Vec<Duration>, Vec<Duration>);

fn entries(
    bench: &Bench,
    program: &ProgramFiles,
    switch: &SwitchProcess,
) -> anyhow::Result<EntryTimes> {
    let mut asic = P4RuntimeAsic::connect(program.config(switch)?, TIMEOUT, |_| {})?;
    let rows = (0..MANY_ROWS).map(place_row).collect::<anyhow::Result<Vec<Row>>>()?;
    let inserts: Vec<_> = rows.iter().copied().map(TableWrite::Insert).collect();
    let deletes: Vec<_> = rows.iter().map(|row| TableWrite::Delete(row.key())).collect();
    let (mut writes, mut singles, mut reads) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..bench.repeat.get() {
        writes.push(in_batches(&mut asic, &inserts)?);
        for row in rows.iter().step_by(rows.len() / SINGLES) {
            let began = Instant::now();
            let outcomes = asic.write(&[TableWrite::Modify(*row)], TIMEOUT);
            singles.push(began.elapsed());
            ensure!(outcomes == [Ok(())], "the switch refuses a row: {outcomes:?}");
        }
        let began = Instant::now();
        let read = asic.read(Table::NatIngressIpv4, TIMEOUT)?;
        reads.push(began.elapsed());
        ensure!(read.len() == rows.len(), "the switch gives {} rows back", read.len());
        in_batches(&mut asic, &deletes)?;
    }
    Ok((writes, singles, reads))
}

/// Writes as many at once as the switch takes; how long all of it takes.
fn in_batches(asic: &mut dyn Asic, writes: &[TableWrite]) -> anyhow::Result<Duration> {
    let most = asic.capabilities().max_batch.get();
    let began = Instant::now();
    for batch in writes.chunks(most) {
        let outcomes = asic.write(batch, TIMEOUT);
        let refused = outcomes.iter().find_map(|outcome| outcome.as_ref().err());
        ensure!(refused.is_none(), "the switch refuses a row: {refused:?}");
    }
    Ok(began.elapsed())
}

/// What ensures of new entries take a client.
fn ensure_times(
    daemon: &DaemonProcess,
    group: &str,
    workload: &Workload,
) -> anyhow::Result<Vec<Duration>> {
    runtime()?.block_on(async {
        let mut connection = Connection::open(daemon.address(), API_VERSION).await?;
        let mut owner = GroupOwner::new(group);
        let mut times = Vec::new();
        for _ in 0..ENSURES {
            let body = serde_json::to_vec(&owner.next_request(workload.entries())?)?;
            let began = Instant::now();
            owner.send(&mut connection, body).await?;
            times.push(began.elapsed());
            owner.check(&mut connection).await?;
            owner.delete(&mut connection).await?;
        }
        Ok(times)
    })
}

/// The program, with tables for many rows, and its P4Info.
struct ProgramFiles {
    directory: TempDir,
}

impl ProgramFiles {
    fn new() -> anyhow::Result<Self> {
        let files = Self { directory: tempfile::tempdir()? };
        let source = nat_program(MANY_ROWS, MANY_ROWS, 0);
        fs::write(files.path("nat.p4info.txtpb"), p4info(&source)?)?;
        fs::write(files.path("nat.p4"), source)?;
        Ok(files)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn config(&self, switch: &SwitchProcess) -> anyhow::Result<P4RuntimeConfig> {
        Ok(P4RuntimeConfig {
            address: switch.address().parse()?,
            device_id: 1,
            election_id: 1,
            p4info: p4info_from_text(&fs::read_to_string(self.path("nat.p4info.txtpb"))?)?,
            device_config: fs::read(self.path("nat.p4"))?,
            keep_pipeline: false,
            range_expansion: RangeExpansion::None,
        })
    }

    /// Of a daemon on this switch, after those who drove it before.
    fn arguments(&self, switch: &SwitchProcess) -> Vec<String> {
        let file = |name| self.path(name).display().to_string();
        let arguments = [
            ("--asic", format!("p4runtime={}", switch.address())),
            ("--p4info", file("nat.p4info.txtpb")),
            ("--device-config", file("nat.p4")),
            ("--election-id", "2".to_owned()),
        ];
        arguments.into_iter().flat_map(|(name, value)| [name.to_owned(), value]).collect()
    }
}
