//! A device that lets another one fail, by chance or as told.

mod config;
mod random;
mod switch;

use std::fmt;
use std::time::Duration;

use crate::device::{Asic, Capabilities, Counter};
use crate::key::RowKey;
use crate::outcome::{NoAnswer, Outcome, ReadError, Refusal, WriteError};
use crate::row::{Row, TableWrite};
use crate::table::Table;

pub use config::{ChaosConfig, ChaosConfigError, Rate};
use random::SplitMix64;
use switch::Told;
pub use switch::{BlockedWrites, ChaosSwitch, FaultCounts, Step};

/// Wraps any device: refuses, fails midway, loses answers and takes its time, by a seed and
/// [rates](ChaosConfig) or as its [switch](ChaosSwitch) says.
///
/// It stays within the contract of [`Asic`]: whatever it does to a write, the outcome it reports
/// is true, if need be that no one knows.
pub struct ChaosAsic {
    inner: Box<dyn Asic>,
    name: String,
    config: ChaosConfig,
    random: SplitMix64,
    sleep: Box<dyn FnMut(Duration) + Send>,
    switch: ChaosSwitch,
}

/// What the device says when a fault of the wrapper refuses something.
const WORDS: &str = "refused by chaos";

impl ChaosAsic {
    /// Wraps `inner`. A call that takes time takes it by calling `sleep`.
    pub fn new(
        inner: Box<dyn Asic>,
        config: ChaosConfig,
        sleep: Box<dyn FnMut(Duration) + Send>,
    ) -> ChaosAsic {
        let name = format!("chaos({})", inner.name());
        let random = SplitMix64::new(config.seed);
        ChaosAsic { inner, name, config, random, sleep, switch: ChaosSwitch::new() }
    }

    /// The switches of this device.
    pub fn switch(&self) -> ChaosSwitch {
        self.switch.clone()
    }
}

impl Asic for ChaosAsic {
    fn name(&self) -> &str {
        &self.name
    }

    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    fn epoch(&self) -> u64 {
        self.inner.epoch()
    }

    fn size_rows(&self, table: Table) -> u32 {
        self.inner.size_rows(table)
    }

    fn write(&mut self, writes: &[TableWrite], timeout: Duration) -> Vec<Outcome> {
        let attempted = writes.len().min(self.capabilities().max_batch.get());
        let mut outcomes = self.attempt(&writes[..attempted], timeout);
        outcomes.resize(writes.len(), Err(WriteError::NotAttempted));
        outcomes
    }

    fn read(&mut self, table: Table, timeout: Duration) -> Result<Vec<Row>, ReadError> {
        let time_left = self.begin_read(table, timeout)?;
        self.inner.read(table, time_left)
    }

    fn counters(
        &mut self,
        table: Table,
        timeout: Duration,
    ) -> Result<Vec<(RowKey, Counter)>, ReadError> {
        let time_left = self.begin_read(table, timeout)?;
        self.inner.counters(table, time_left)
    }
}

impl ChaosAsic {
    /// The outcomes up to the first failure, or of all writes.
    fn attempt(&mut self, writes: &[TableWrite], timeout: Duration) -> Vec<Outcome> {
        if writes.is_empty() {
            return Vec::new();
        }
        let deadline = NoAnswer::Deadline { timeout };
        if !self.switch.pass(timeout) {
            return self.lose(writes, &[], timeout, deadline);
        }
        let Some(time_left) = self.delay(timeout) else {
            let performed = self.some_of(writes);
            return self.lose(writes, &performed, timeout, deadline);
        };
        let mut outcomes: Vec<Outcome> = Vec::with_capacity(writes.len());
        while outcomes.len() < writes.len() && outcomes.iter().all(Result::is_ok) {
            let (before, rest) = (outcomes.len(), &writes[outcomes.len()..]);
            outcomes.extend(match self.switch.next_write(rest.len()) {
                Told::Perform(count) => self.inner.write(&rest[..count], time_left),
                Told::Refuse => self.refuse(before),
                Told::Lose { performed } => {
                    let performed = if performed { &rest[..1] } else { &[] };
                    self.lose(&rest[..1], performed, time_left, NoAnswer::Lost)
                }
                Told::Chance => self.by_chance(before, rest, time_left),
            });
        }
        outcomes
    }

    /// What becomes of `writes`, `before` writes of the same batch having been performed.
    fn by_chance(
        &mut self,
        before: usize,
        writes: &[TableWrite],
        time_left: Duration,
    ) -> Vec<Outcome> {
        let ChaosConfig { refuse, midway, lose, .. } = self.config;
        if self.random.happens(refuse) {
            self.refuse(before)
        } else if self.random.happens(midway) {
            let count = self.random.below(writes.len());
            let mut outcomes = self.inner.write(&writes[..count], time_left);
            if outcomes.iter().all(Result::is_ok) {
                outcomes.extend(self.refuse(before + count));
            }
            outcomes
        } else if self.random.happens(lose) {
            let performed = self.some_of(writes);
            self.lose(writes, &performed, time_left, NoAnswer::Lost)
        } else {
            self.inner.write(writes, time_left)
        }
    }

    /// Refuses the write that comes after `performed` others of its batch.
    fn refuse(&self, performed: usize) -> Vec<Outcome> {
        self.switch.count(|faults| match performed {
            0 => faults.refused += 1,
            _ => faults.midway += 1,
        });
        vec![Err(WriteError::Refused(Refusal::Device { words: WORDS.to_owned() }))]
    }

    /// Performs what is to be performed, and tells no one what became of any of the writes.
    fn lose(
        &mut self,
        writes: &[TableWrite],
        performed: &[TableWrite],
        timeout: Duration,
        reason: NoAnswer,
    ) -> Vec<Outcome> {
        self.switch.count(|faults| faults.lost += 1);
        self.inner.write(performed, timeout);
        vec![Err(WriteError::Unknown(reason)); writes.len()]
    }

    /// Each write or not: a switch may reorder a batch, so any of them may be what it had done.
    fn some_of(&mut self, writes: &[TableWrite]) -> Vec<TableWrite> {
        writes.iter().filter(|_| self.random.coin()).copied().collect()
    }

    /// Takes time, if chance says so; how much is left of `timeout`, or `None` if it ran out.
    fn delay(&mut self, timeout: Duration) -> Option<Duration> {
        if !self.switch.random_faults() || !self.random.happens(self.config.delay) {
            return Some(timeout);
        }
        self.switch.count(|faults| faults.delayed += 1);
        let delay = self.random.duration_below(self.config.max_delay);
        (self.sleep)(delay.min(timeout));
        timeout.checked_sub(delay)
    }

    /// Lets a read fail or take time; how much is left of `timeout`.
    fn begin_read(&mut self, table: Table, timeout: Duration) -> Result<Duration, ReadError> {
        let failure = match self.delay(timeout) {
            None => ReadError::NoAnswer { table, reason: NoAnswer::Deadline { timeout } },
            Some(time_left) => {
                let by_chance =
                    self.switch.random_faults() && self.random.happens(self.config.refuse);
                if !by_chance && !self.switch.reads_refused() {
                    return Ok(time_left);
                }
                ReadError::Refused { table, words: WORDS.to_owned() }
            }
        };
        self.switch.count(|faults| faults.reads_failed += 1);
        Err(failure)
    }
}

impl fmt::Debug for ChaosAsic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ChaosAsic")
            .field("name", &self.name)
            .field("config", &self.config)
            .field("switch", &self.switch)
            .finish_non_exhaustive()
    }
}
