//! What else the machine does while it is measured on, as Linux tells it (proc(5)).

use anyhow::Context as _;
use std::fs;

/// The processor time of the machine and of this bench with all that it has started and waited for,
/// since the one and the other began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MachineReading {
    machine: MachineTicks,
    ours: u64,
}

/// In ticks, of all processors together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct MachineTicks {
    idle: u64,
    busy: u64,
}

impl MachineReading {
    /// The times so far.
    pub(crate) fn now() -> anyhow::Result<Self> {
        let read = |path| fs::read_to_string(path).with_context(|| format!("cannot read {path}"));
        let machine = machine_ticks(&read("/proc/stat")?).context("no times in /proc/stat")?;
        let ours = own_ticks(&read("/proc/self/stat")?).context("no times in /proc/self/stat")?;
        Ok(Self { machine, ours })
    }

    /// The share of the machine's processors that others had since an earlier reading, 0 to 1. A
    /// hypervisor that kept them for other machines counts as such.
    pub(crate) fn others_since(&self, earlier: &MachineReading) -> f64 {
        let busy = self.machine.busy.saturating_sub(earlier.machine.busy);
        let idle = self.machine.idle.saturating_sub(earlier.machine.idle);
        let others = busy.saturating_sub(self.ours.saturating_sub(earlier.ours));
        others as f64 / (busy + idle).max(1) as f64
    }
}

/// From the first line: `cpu`, then user, nice, system, idle, iowait, irq, softirq and steal. What
/// follows is part of the first two.
fn machine_ticks(stat: &str) -> Option<MachineTicks> {
    let fields = numbers(stat.lines().next()?.strip_prefix("cpu ")?);
    let [user, nice, system, idle, iowait, irq, softirq, steal, ..] = fields[..] else {
        return None;
    };
    Some(MachineTicks { idle: idle + iowait, busy: user + nice + system + irq + softirq + steal })
}

/// The fields 14 to 17: utime, stime, cutime, cstime. Field 3 is the first behind the name.
fn own_ticks(stat: &str) -> Option<u64> {
    let (_, fields) = stat.rsplit_once(") ")?;
    let times = fields.split_whitespace().skip(14 - 3).take(4);
    times.map(|ticks| ticks.parse::<u64>().ok()).sum()
}

fn numbers(text: &str) -> Vec<u64> {
    text.split_whitespace().map_while(|number| number.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_times_of_the_machine_are_those_of_all_processors() {
        let stat = "cpu  100 1 20 800 30 2 3 40 5 6\ncpu0 50 0 10 400 15 1 1 20 0 0\n";
        let ticks = MachineTicks { idle: 830, busy: 100 + 1 + 20 + 2 + 3 + 40 };
        assert_eq!(machine_ticks(stat), Some(ticks));
        assert_eq!(machine_ticks("cpu0 1 2 3 4 5 6 7 8\n"), None);
    }

    #[test]
    fn our_times_include_those_of_children_that_have_ended() {
        let stat = "77 (a) b) S 1 77 77 0 -1 4194304 900 901 0 0 11 22 33 44 20 0 1 0";
        assert_eq!(own_ticks(stat), Some(11 + 22 + 33 + 44));
    }

    #[test]
    fn what_others_had_is_neither_ours_nor_idle() {
        let reading =
            |busy, idle, ours| MachineReading { machine: MachineTicks { idle, busy }, ours };
        let (before, after) = (reading(1000, 5000, 10), reading(1080, 5020, 40));
        assert_eq!(after.others_since(&before), 0.5);
        assert_eq!(before.others_since(&before), 0.0);
    }

    #[test]
    fn this_machine_can_be_read() {
        let reading = MachineReading::now().unwrap();
        assert!(reading.machine.busy >= reading.ours);
    }
}
