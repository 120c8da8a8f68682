//! What a process costs, as the proc file system of Linux tells it (proc(5)).

use anyhow::Context as _;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

/// A process.
#[derive(Clone, Debug)]
pub(crate) struct Process {
    directory: PathBuf,
}

/// The processor time that each thread of a process has had, by thread id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct CpuReading(BTreeMap<u32, Duration>);

/// The memory that a process has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Memory {
    /// What is resident.
    pub(crate) resident_bytes: u64,
    /// The most that ever was.
    pub(crate) peak_bytes: u64,
}

impl Process {
    /// The process of this id.
    pub(crate) fn new(id: u32) -> Self {
        Self { directory: PathBuf::from(format!("/proc/{id}")) }
    }

    /// The processor time so far, to the nanosecond, once every thread sleeps: after an answer a
    /// daemon may still have to clean up.
    pub(crate) fn cpu(&self) -> anyhow::Result<CpuReading> {
        let deadline = Instant::now() + SETTLING_TIME;
        let mut before: Option<CpuReading> = None;
        loop {
            let (reading, all_sleep) = self.cpu_now()?;
            // A thread may have been woken by another after it was looked at: look twice.
            let settled = all_sleep && before.as_ref() == Some(&reading);
            if settled || Instant::now() > deadline {
                return Ok(reading);
            }
            before = all_sleep.then_some(reading);
            thread::yield_now();
        }
    }

    /// The memory it has now.
    pub(crate) fn memory(&self) -> anyhow::Result<Memory> {
        let path = self.directory.join("status");
        let status = fs::read_to_string(&path)
            .with_context(|| format!("cannot read {}; this needs Linux", path.display()))?;
        let bytes = |field| status_bytes(&status, field).with_context(|| format!("no {field}"));
        Ok(Memory { resident_bytes: bytes("VmRSS")?, peak_bytes: bytes("VmHWM")? })
    }

    fn cpu_now(&self) -> anyhow::Result<(CpuReading, bool)> {
        let path = self.directory.join("task");
        let tasks = fs::read_dir(&path)
            .with_context(|| format!("cannot read {}; this needs Linux", path.display()))?;
        let mut reading = CpuReading::default();
        let mut all_sleep = true;
        for task in tasks {
            let task = task?;
            let Some(id) = task.file_name().to_str().and_then(|name| name.parse().ok()) else {
                continue;
            };
            let read = |name| fs::read_to_string(task.path().join(name)).ok();
            // One that cannot be read has ended by now.
            let (Some(stat), Some(schedstat)) = (read("stat"), read("schedstat")) else { continue };
            all_sleep &= is_asleep(&stat);
            if let Some(time) = time_on_processor(&schedstat) {
                reading.0.insert(id, time);
            }
        }
        Ok((reading, all_sleep))
    }
}

impl CpuReading {
    /// The processor time since an earlier reading of the same process.
    ///
    /// A thread that has ended in between takes its time with it. The threads of a pool end when
    /// they had nothing to do for seconds, which is longer than anything that is measured.
    pub(crate) fn since(&self, earlier: &CpuReading) -> Duration {
        let before = |id| earlier.0.get(id).copied().unwrap_or_default();
        self.0.iter().map(|(id, time)| time.saturating_sub(before(id))).sum()
    }
}

/// The processor time that the calling thread has had.
pub(crate) fn thread_cpu() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    Duration::from_secs(seconds) + Duration::from_nanos(u64::try_from(time.tv_nsec).unwrap_or(0))
}

/// How long a process may take to come to rest.
const SETTLING_TIME: Duration = Duration::from_secs(5);

/// Whether the thread with this `stat` neither runs nor waits for a processor. The state stands
/// behind the name, which is in parentheses and may hold any.
fn is_asleep(stat: &str) -> bool {
    stat.rsplit(") ").next().is_some_and(|fields| !fields.starts_with('R'))
}

/// The first number of `schedstat` is in nanoseconds.
fn time_on_processor(schedstat: &str) -> Option<Duration> {
    schedstat.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

/// A field of `status` that is given in kB, which are of 1024 bytes.
fn status_bytes(status: &str, field: &str) -> Option<u64> {
    let value = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))?;
    value.trim().strip_suffix(" kB")?.parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("77 (tokio-rt-worker) S 1 77 0 0 -1 4194304", true)]
    #[case("77 (tokio-rt-worker) R 1 77 0 0 -1 4194304", false)]
    #[case("77 (a) R (b) S 1 77", true)]
    #[case("77 (a) S (b) R 1 77", false)]
    fn the_state_of_a_thread_stands_behind_its_name(#[case] stat: &str, #[case] asleep: bool) {
        assert_eq!(is_asleep(stat), asleep);
    }

    #[test]
    fn processor_time_is_read_to_the_nanosecond() {
        let time = time_on_processor("1234567891 89163 17\n");
        assert_eq!(time, Some(Duration::from_nanos(1_234_567_891)));
        assert_eq!(time_on_processor(""), None);
    }

    #[test]
    fn memory_is_read_from_its_own_line() {
        let status = "Name:\tdpd\nVmHWM:\t    4096 kB\nVmRSS:\t    2048 kB\nRssAnon:\t 1 kB\n";
        assert_eq!(status_bytes(status, "VmRSS"), Some(2048 * 1024));
        assert_eq!(status_bytes(status, "VmHWM"), Some(4096 * 1024));
        assert_eq!(status_bytes(status, "Name"), None);
        assert_eq!(status_bytes(status, "VmPeak"), None);
    }

    #[test]
    fn a_thread_that_came_counts_whole_and_one_that_went_not_at_all() {
        let reading = |times: &[(u32, u64)]| {
            CpuReading(times.iter().map(|(id, ms)| (*id, Duration::from_millis(*ms))).collect())
        };
        let (before, after) = (reading(&[(1, 10), (2, 70)]), reading(&[(1, 15), (3, 8)]));
        assert_eq!(after.since(&before), Duration::from_millis(13));
    }

    #[test]
    fn this_process_has_had_time_and_memory() {
        let process = Process::new(std::process::id());
        let (reading, _) = process.cpu_now().unwrap();
        assert!(reading.since(&CpuReading::default()) > Duration::ZERO);
        let Memory { resident_bytes, peak_bytes } = process.memory().unwrap();
        assert!(0 < resident_bytes && resident_bytes <= peak_bytes);
    }
}
