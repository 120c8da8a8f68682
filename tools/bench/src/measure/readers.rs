//! How long readers wait while a writer keeps the daemon busy.
//!
//! Readers ask at fixed times, whether or not earlier answers are there, and an answer's latency
//! counts from the time when it should have been asked for. So a daemon that stalls cannot look
//! better than it is by being asked less.

use super::progress::Progress;
use super::runtime;
use crate::arguments::Bench;
use crate::connection::Connection;
use crate::daemon::DaemonProcess;
use crate::flow::group::{API_VERSION, GroupOwner};
use crate::statistics::{Samples, micros};
use crate::workload::Workload;
use anyhow::{Context as _, anyhow, ensure};
use dpd_types::{EnsureResult, GroupView, NatEntry};
use serde::Serialize;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

const ENTRIES: u32 = 10_000;
const REQUESTS_PER_SECOND: u32 = 500;
/// The most readers that wait at the same time; further ones wait for one of them.
const CONNECTIONS: usize = 16;

/// How long readers and the writer waited.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ReadersReport {
    /// The entries of the writer's ensures.
    pub(crate) entries: u32,
    /// How many of them were done.
    pub(crate) ensures: usize,
    /// How long one took; the median.
    pub(crate) ensure_median_us: f64,
    /// How often readers asked.
    pub(crate) requests_per_second: u32,
    /// How many requests that makes.
    pub(crate) requests: usize,
    /// The latency of a view; the median.
    pub(crate) median_us: f64,
    /// What 99 of 100 do not exceed.
    pub(crate) p99_us: f64,
    /// The greatest latency.
    pub(crate) greatest_us: f64,
    /// The part of it that is ours: how late 99 of 100 requests were sent at most, for want of a
    /// processor or of a free connection.
    pub(crate) sent_late_p99_us: f64,
}

/// Times readers of a group while its owner ensures it without pause.
pub(crate) fn measure(
    daemon: &DaemonProcess,
    bench: &Bench,
    progress: &Progress,
) -> anyhow::Result<ReadersReport> {
    let seconds = bench.readers_seconds;
    progress.now(format_args!("{REQUESTS_PER_SECOND} views a second for {seconds} s"));
    let mut workload = Workload::instances(0, ENTRIES, bench.seed);
    let before = workload.entries().to_vec();
    workload.change_one_percent();
    let owner = GroupOwner::new("readers");
    let path = owner.path();
    let sets = [set_text(&before)?, set_text(workload.entries())?];
    let writer = Writer { address: daemon.address(), path: path.clone(), sets };
    let schedule = Schedule::new(seconds);

    let done = AtomicBool::new(false);
    let (loaded, first_ensure) = std::sync::mpsc::channel();
    let (answers, ensures) = thread::scope(|scope| {
        let writer = scope.spawn(|| writer.run(&done, loaded));
        // The readers' group has to be there. If the writer failed, it says so itself.
        let answers = match first_ensure.recv() {
            Ok(()) => read(daemon.address(), &path, schedule),
            Err(_) => Ok(Vec::new()),
        };
        done.store(true, Ordering::Relaxed);
        let ensures = writer.join().map_err(|_| anyhow!("the writer failed"))??;
        anyhow::Ok((answers?, ensures))
    })?;

    let latencies = answers.iter().map(|answer| answer.latency).collect();
    let latencies = Samples::new(latencies).context("no view was answered")?;
    let sent_late = answers.iter().map(|answer| answer.sent_late).collect();
    let sent_late = Samples::new(sent_late).context("no view was answered")?;
    let ensures = Samples::new(ensures).context("no ensure was answered")?;
    Ok(ReadersReport {
        entries: ENTRIES,
        ensures: ensures.count(),
        ensure_median_us: micros(ensures.median()),
        requests_per_second: REQUESTS_PER_SECOND,
        requests: latencies.count(),
        median_us: micros(latencies.median()),
        p99_us: micros(latencies.percentile(99)),
        greatest_us: micros(latencies.greatest()),
        sent_late_p99_us: micros(sent_late.percentile(99)),
    })
}

/// Ensures a group, each time as soon as the last answer is there.
struct Writer {
    address: SocketAddr,
    path: String,
    /// Two sets in turn, as text: the writer is there to keep the daemon busy, not this machine's
    /// other processor.
    sets: [String; 2],
}

impl Writer {
    /// Says when the group is there, and at the end how long each ensure took.
    fn run(
        &self,
        done: &AtomicBool,
        loaded: std::sync::mpsc::Sender<()>,
    ) -> anyhow::Result<Vec<Duration>> {
        runtime()?.block_on(async {
            let mut connection = Connection::open(self.address, API_VERSION).await?;
            let mut times = Vec::new();
            let mut generation = 0_u64;
            while !done.load(Ordering::Relaxed) {
                for set in &self.sets {
                    generation += 1;
                    let body = format!("{{\"generation\":{generation},\"entries\":{set}}}");
                    let begin = Instant::now();
                    let result: EnsureResult = connection.put_for(&self.path, body.into()).await?;
                    times.push(begin.elapsed());
                    ensure!(result.changes_total > 0, "an ensure of another set changed nothing");
                }
                // Nobody listens after the first time.
                let _ = loaded.send(());
            }
            connection.delete(&format!("{}?generation={generation}", self.path)).await?;
            Ok(times)
        })
    }
}

fn set_text(entries: &[NatEntry]) -> anyhow::Result<String> {
    Ok(serde_json::to_string(entries)?)
}

/// The times at which readers ask.
#[derive(Clone, Copy, Debug)]
struct Schedule {
    requests: u32,
    interval: Duration,
}

impl Schedule {
    fn new(seconds: u32) -> Self {
        Self {
            requests: REQUESTS_PER_SECOND * seconds,
            interval: Duration::from_secs(1) / REQUESTS_PER_SECOND,
        }
    }

    fn times(self, start: Instant) -> impl Iterator<Item = Instant> {
        (0..self.requests).map(move |number| start + self.interval * number)
    }

    /// Sends each time when it has come.
    #[expect(clippy::disallowed_methods, reason = "a schedule is made of time itself")]
    fn follow(self, due: &UnboundedSender<Instant>) {
        for time in self.times(Instant::now()) {
            thread::sleep(time.saturating_duration_since(Instant::now()));
            if due.send(time).is_err() {
                return;
            }
        }
    }
}

/// How long an answer took.
#[derive(Clone, Copy, Debug)]
struct Answer {
    /// From when it was to be asked for.
    latency: Duration,
    /// The part until it was.
    sent_late: Duration,
}

/// Views the group as scheduled.
fn read(address: SocketAddr, path: &str, schedule: Schedule) -> anyhow::Result<Vec<Answer>> {
    runtime()?.block_on(async {
        let (due, to_ask) = unbounded_channel();
        let to_ask = Arc::new(Mutex::new(to_ask));
        let mut readers = JoinSet::new();
        for _ in 0..CONNECTIONS {
            let connection = Connection::open(address, API_VERSION).await?;
            readers.spawn(view_when_due(connection, path.to_owned(), Arc::clone(&to_ask)));
        }
        // A thread of its own keeps time better than a runtime, whose ticks are milliseconds.
        let follow = thread::spawn(move || schedule.follow(&due));
        let mut answers = Vec::with_capacity(schedule.requests as usize);
        while let Some(reader) = readers.join_next().await {
            answers.extend(reader??);
        }
        follow.join().map_err(|_| anyhow!("the schedule could not be kept"))?;
        Ok(answers)
    })
}

async fn view_when_due(
    mut connection: Connection,
    path: String,
    to_ask: Arc<Mutex<UnboundedReceiver<Instant>>>,
) -> anyhow::Result<Vec<Answer>> {
    let mut answers = Vec::new();
    loop {
        let next = to_ask.lock().await.recv().await;
        let Some(due) = next else { return Ok(answers) };
        let sent_late = due.elapsed();
        connection.get::<GroupView>(&path).await?;
        answers.push(Answer { latency: due.elapsed(), sent_late });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_has_its_times_from_the_start_and_does_not_drift() {
        let start = Instant::now();
        let times: Vec<Duration> = Schedule::new(2).times(start).map(|time| time - start).collect();
        assert_eq!(times.len(), 1000);
        assert_eq!(times[0], Duration::ZERO);
        assert_eq!(times[999], Duration::from_millis(1998));
    }
}
