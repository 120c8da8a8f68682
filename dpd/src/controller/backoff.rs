//! When a repair that failed is tried again.

use super::command::DeviceFault;
use asic::{NoAnswer, PerTable, ReadError, Refusal, WriteError};
use nat_groups::PerFamily;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use std::time::Duration;

/// What has to come before a repair that failed can succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum WaitsFor {
    /// Another try: the device refused, or an answer was lost.
    Retry,
    /// Rows that become free.
    Room,
    /// The device, which cannot be reached or does not answer in time.
    Device,
    /// The journal, which cannot be written.
    Journal,
    /// A request to repair: an audit was told to leave what it found.
    Request,
}

/// How much of the tables is taken. Less of it than when there was no room may be room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Taken {
    /// The rows in use.
    pub(super) in_use: PerTable<u64>,
    /// The rows that groups use or reserve.
    pub(super) committed: PerFamily<u64>,
}

/// A failed repair that will be tried again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Waiting {
    /// What for.
    pub(super) waits_for: WaitsFor,
    /// How often it was tried in vain, one time after the other.
    pub(super) attempts: u32,
    /// When it is tried again at the latest, by the controller's clock.
    pub(super) due: Duration,
    taken: Taken,
}

/// The times at which a repair is tried again: twice as long each time, and a little by chance.
#[derive(Debug)]
pub(super) struct Backoff {
    random: StdRng,
    waiting: Option<Waiting>,
}

impl WaitsFor {
    /// All of them.
    pub const ALL: [WaitsFor; 5] =
        [WaitsFor::Retry, WaitsFor::Room, WaitsFor::Device, WaitsFor::Journal, WaitsFor::Request];

    /// In one word, as status and metrics have it.
    pub const fn name(self) -> &'static str {
        match self {
            WaitsFor::Retry => "retry",
            WaitsFor::Room => "room",
            WaitsFor::Device => "device",
            WaitsFor::Journal => "journal",
            WaitsFor::Request => "request",
        }
    }

    /// What a repair that met this fault has to wait for.
    pub(super) const fn after(fault: &DeviceFault) -> Self {
        match fault {
            DeviceFault::Write { write: _, error } => match error {
                WriteError::Refused(refusal) => match refusal {
                    Refusal::TableFull { .. } => WaitsFor::Room,
                    Refusal::NotConnected { .. } => WaitsFor::Device,
                    Refusal::Exists { .. }
                    | Refusal::NotFound { .. }
                    | Refusal::Overlaps { .. }
                    | Refusal::PriorityZero
                    | Refusal::NoPriorities { .. }
                    | Refusal::Device { .. } => WaitsFor::Retry,
                },
                WriteError::Unknown(reason) => WaitsFor::without_answer(*reason),
                WriteError::NotAttempted => WaitsFor::Retry,
            },
            DeviceFault::Read(error) => match error {
                ReadError::Refused { .. } => WaitsFor::Retry,
                ReadError::NotConnected { .. } => WaitsFor::Device,
                ReadError::NoAnswer { table: _, reason } => WaitsFor::without_answer(*reason),
            },
            DeviceFault::Full(_) | DeviceFault::NoRoom(_) => WaitsFor::Room,
            DeviceFault::BegunAnew | DeviceFault::Foreign(_) | DeviceFault::Row(_) => {
                WaitsFor::Retry
            }
        }
    }

    const fn without_answer(reason: NoAnswer) -> Self {
        match reason {
            NoAnswer::Lost => WaitsFor::Retry,
            NoAnswer::Deadline { .. } => WaitsFor::Device,
        }
    }
}

impl Taken {
    /// Whether some table has less in it than it had before.
    fn is_less_than(&self, before: &Taken) -> bool {
        let in_use = PerTable::from_fn(|table| self.in_use[table] < before.in_use[table]);
        asic::Table::ALL.iter().any(|&table| in_use[table])
            || self.committed.v4 < before.committed.v4
            || self.committed.v6 < before.committed.v6
    }
}

impl Backoff {
    /// The shortest time before a repair is tried again.
    pub(super) const SHORTEST: Duration = Duration::from_millis(100);
    /// The longest.
    pub(super) const LONGEST: Duration = Duration::from_secs(30);

    /// Nothing has failed yet. Chance comes from the seed alone.
    pub(super) fn new(seed: u64) -> Self {
        Self { random: StdRng::seed_from_u64(seed), waiting: None }
    }

    /// The repair that is waited with, if the last one failed.
    pub(super) fn waiting(&self) -> Option<&Waiting> {
        self.waiting.as_ref()
    }

    /// A repair has failed at this time, with so much taken in the tables.
    pub(super) fn failed(&mut self, waits_for: WaitsFor, taken: Taken, now: Duration) {
        let before = self.waiting.as_ref().map_or(0, |waiting| waiting.attempts);
        let wait = match waits_for {
            // Until rows are free, nothing can come of it.
            WaitsFor::Room => Self::LONGEST,
            WaitsFor::Retry | WaitsFor::Device | WaitsFor::Journal | WaitsFor::Request => {
                Self::SHORTEST.saturating_mul(2_u32.saturating_pow(before)).min(Self::LONGEST)
            }
        };
        let wait = wait.mul_f64(self.random.random_range(0.75..1.25));
        self.waiting = Some(Waiting {
            waits_for,
            attempts: before.saturating_add(1),
            due: now + wait.clamp(Self::SHORTEST, Self::LONGEST),
            taken,
        });
    }

    /// A change has succeeded, or the tables were read back, and this much is taken now: a repair
    /// that waits for room is tried again if there is more, any other in any case.
    pub(super) fn succeeded(&mut self, taken: &Taken) {
        let is_in_vain = |waiting: &mut Waiting| {
            waiting.waits_for != WaitsFor::Room || taken.is_less_than(&waiting.taken)
        };
        self.waiting.take_if(is_in_vain);
    }

    /// Begins again: a repair succeeded, was asked for, or the device has returned.
    pub(super) fn reset(&mut self) {
        self.waiting = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use asic::Table;
    use rstest::rstest;

    fn taken(rows: u64) -> Taken {
        Taken { in_use: PerTable::from_fn(|_| rows), committed: PerFamily { v4: rows, v6: rows } }
    }

    /// How long each of so many tries is waited for.
    fn waits(seed: u64, waits_for: WaitsFor, count: usize) -> Vec<Duration> {
        let mut backoff = Backoff::new(seed);
        let mut now = Duration::from_secs(1000);
        let wait = |_| {
            backoff.failed(waits_for, taken(5), now);
            let wait = backoff.waiting().unwrap().due - now;
            now += wait;
            wait
        };
        (0..count).map(wait).collect()
    }

    #[test]
    fn a_wait_doubles_from_a_tenth_of_a_second_to_half_a_minute_and_varies() {
        let spans: Vec<_> = (0..100).map(|seed| waits(seed, WaitsFor::Retry, 12)).collect();
        for waits in &spans {
            for (wait, tenths) in waits.iter().zip([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]) {
                let about = Duration::from_millis(tenths * 100);
                assert!((about * 3 / 4..about * 5 / 4).contains(wait), "{wait:?} of {about:?}");
                assert!((Backoff::SHORTEST..=Backoff::LONGEST).contains(wait), "{wait:?}");
            }
        }
        let third = |waits: &Vec<Duration>| waits[2];
        let different: std::collections::BTreeSet<_> = spans.iter().map(third).collect();
        assert!(different.len() > 90, "{different:?}");
        assert_eq!(waits(7, WaitsFor::Retry, 12), waits(7, WaitsFor::Retry, 12));
    }

    #[test]
    fn for_room_the_longest_is_waited_at_once() {
        for wait in waits(1, WaitsFor::Room, 5) {
            assert!((Backoff::LONGEST * 3 / 4..=Backoff::LONGEST).contains(&wait), "{wait:?}");
        }
    }

    #[rstest]
    #[case::retry(WaitsFor::Retry, 5, false)]
    #[case::device(WaitsFor::Device, 5, false)]
    #[case::journal(WaitsFor::Journal, 5, false)]
    #[case::as_full_as_before(WaitsFor::Room, 5, true)]
    #[case::fuller(WaitsFor::Room, 6, true)]
    #[case::with_room(WaitsFor::Room, 4, false)]
    fn a_success_ends_a_wait_unless_it_is_for_room_that_is_not_there(
        #[case] waits_for: WaitsFor,
        #[case] rows: u64,
        #[case] still_waits: bool,
    ) {
        let mut backoff = Backoff::new(1);
        backoff.failed(waits_for, taken(5), Duration::ZERO);
        backoff.succeeded(&taken(rows));
        assert_eq!(backoff.waiting().is_some(), still_waits);
        backoff.reset();
        assert_eq!(backoff.waiting(), None);
        // It begins anew.
        backoff.failed(WaitsFor::Retry, taken(5), Duration::ZERO);
        let waiting = backoff.waiting().unwrap();
        assert_eq!(waiting.attempts, 1);
        assert!(waiting.due < Backoff::SHORTEST * 2);
    }

    #[test]
    fn room_in_any_table_is_room() {
        let before = taken(5);
        for table in Table::ALL {
            let mut less = before.clone();
            less.in_use[*table] = 4;
            assert!(less.is_less_than(&before));
        }
        let less = Taken { committed: PerFamily { v4: 9, v6: 4 }, ..before.clone() };
        assert!(less.is_less_than(&before) && !before.is_less_than(&before));
    }

    #[rstest]
    #[case(NoAnswer::Lost, WaitsFor::Retry)]
    #[case(NoAnswer::Deadline { timeout: Duration::from_secs(1) }, WaitsFor::Device)]
    fn a_device_that_does_not_answer_in_time_is_waited_for(
        #[case] reason: NoAnswer,
        #[case] waits_for: WaitsFor,
    ) {
        let table = Table::NatIngressIpv4;
        let fault = DeviceFault::Read(ReadError::NoAnswer { table, reason });
        assert_eq!(WaitsFor::after(&fault), waits_for);
    }
}
