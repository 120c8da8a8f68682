//! The switch: tables in memory, which can be lost with or without a word, tampered with, and are
//! watched at every single write.

use crate::planted::Planted;
use crate::power::Power;
use crate::random::Random;
use crate::watch::Watch;
use asic::{
    Asic, Atomicity, Capabilities, Counter, MemoryAsic, MemoryConfig, MemoryHandle, NoAnswer,
    Outcome, ReadError, Refusal, Row, RowKey, Table, TableWrite, WriteError,
};
use dpd::lower::{FORWARDING_TABLES, raise_row, table_of};
use nat_groups::{DeviceRow, Family};
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::Duration;

/// The switch, as the world sees it.
#[derive(Clone)]
pub(crate) struct Switch {
    state: Arc<Mutex<State>>,
}

/// What kind of switch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SwitchConfig {
    pub(crate) memory: MemoryConfig,
    /// Whether it does the writes of a batch in any order.
    pub(crate) reorders: bool,
    /// Whether it undoes a batch of which it refuses a write.
    pub(crate) is_atomic: bool,
}

/// What happens to a switch amid writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mishap {
    /// It is lost and found and holds what it held.
    #[default]
    Found,
    /// It starts afresh.
    Restart,
}

struct State {
    config: SwitchConfig,
    memory: MemoryAsic,
    tables: MemoryHandle,
    epoch: u64,
    /// Whether nobody reaches it.
    is_away: bool,
    /// What happens before a write, and before how many others.
    mishap: Option<(u64, Mishap)>,
    /// How often each happened.
    mishaps: [u64; 2],
    power: Power,
    random: Random,
    writes: u64,
    watch: Watch,
    planted: Option<Planted>,
}

impl Switch {
    pub(crate) fn new(
        config: SwitchConfig,
        power: Power,
        random: Random,
        planted: Option<Planted>,
    ) -> Self {
        let memory = MemoryAsic::new(config.memory);
        let state = State {
            config,
            tables: memory.handle(),
            memory,
            epoch: 0,
            is_away: false,
            mishap: None,
            mishaps: [0; 2],
            power,
            random,
            writes: 0,
            watch: Watch::new(),
            planted,
        };
        Self { state: Arc::new(Mutex::new(state)) }
    }

    /// A way to it for a daemon.
    pub(crate) fn device(&self) -> Box<dyn Asic> {
        Box::new(Device { state: Arc::clone(&self.state) })
    }

    pub(crate) fn config(&self) -> SwitchConfig {
        self.state.lock().config
    }

    /// All rows of the NAT tables.
    pub(crate) fn rows(&self) -> Vec<DeviceRow> {
        self.state.lock().rows()
    }

    /// All rows of the other tables.
    pub(crate) fn forwarding_rows(&self) -> Vec<Row> {
        let state = self.state.lock();
        FORWARDING_TABLES.into_iter().flat_map(|table| state.tables.rows(table)).collect()
    }

    /// How many writes there were.
    pub(crate) fn writes(&self) -> u64 {
        self.state.lock().writes
    }

    pub(crate) fn epoch(&self) -> u64 {
        self.state.lock().epoch
    }

    pub(crate) fn is_away(&self) -> bool {
        self.state.lock().is_away
    }

    /// Nobody reaches it from now on.
    pub(crate) fn go_away(&self) {
        self.state.lock().is_away = true;
    }

    /// It is reached again, and may have begun anew.
    pub(crate) fn come_back(&self) {
        let mut state = self.state.lock();
        state.is_away = false;
        state.epoch += 1;
    }

    /// It loses its rows, and tells no one.
    pub(crate) fn forget(&self) {
        self.state.lock().forget();
    }

    /// A switch like this takes its place.
    pub(crate) fn replace(&self, config: SwitchConfig) {
        let mut state = self.state.lock();
        state.config = config;
        state.memory = MemoryAsic::new(config.memory);
        state.tables = state.memory.handle();
        state.watch.lost();
    }

    /// Before so many more writes are done, something happens.
    pub(crate) fn will(&self, writes: u64, mishap: Mishap) {
        self.state.lock().mishap = Some((writes, mishap));
    }

    /// Nothing happens to it any more.
    pub(crate) fn stay(&self) {
        self.state.lock().mishap = None;
    }

    /// How often it was lost and found amid writes, and how often it then had begun anew.
    pub(crate) fn mishaps(&self) -> [u64; 2] {
        self.state.lock().mishaps
    }

    /// Does a write that its owner knows nothing of, if the switch agrees.
    pub(crate) fn tamper(&self, write: &TableWrite) -> bool {
        self.state.lock().tables.alter(write).is_ok()
    }

    /// What is watched.
    pub(crate) fn watch<T>(&self, look: impl FnOnce(&mut Watch) -> T) -> T {
        look(&mut self.state.lock().watch)
    }

    /// Whether it keeps its own rules.
    pub(crate) fn validate(&self) -> Result<(), asic::BrokenRule> {
        self.state.lock().tables.validate()
    }
}

impl State {
    fn rows(&self) -> Vec<DeviceRow> {
        let all = Family::ALL.into_iter().flat_map(|family| self.tables.rows(table_of(family)));
        // A row that is none of ours cannot be there: nobody puts one there.
        all.filter_map(|row| raise_row(&row).ok()).collect()
    }

    fn forget(&mut self) {
        for table in Table::ALL {
            for row in self.tables.rows(*table) {
                let _ = self.tables.alter(&TableWrite::Delete(row.key()));
            }
        }
        self.watch.lost();
    }

    fn write_all(&mut self, writes: &[TableWrite]) -> Vec<Outcome> {
        let mut outcomes = vec![Err(WriteError::NotAttempted); writes.len()];
        let most = self.config.memory.max_batch.get().min(writes.len());
        let mut order: Vec<usize> = (0..most).collect();
        if self.config.reorders {
            self.random.shuffle(&mut order);
        }
        let mut undo = Vec::new();
        for (done, index) in order.iter().copied().enumerate() {
            self.suffer();
            if !self.power.spend() || self.is_away {
                // Nobody hears what became of this and of what came after.
                for index in &order[done..] {
                    outcomes[*index] = Err(WriteError::Unknown(NoAnswer::Lost));
                }
                break;
            }
            let inverse = self.inverse(&writes[index]);
            outcomes[index] = self.write(&writes[index]);
            if outcomes[index].is_err() {
                if self.config.is_atomic {
                    self.undo(undo, &mut outcomes);
                }
                break;
            }
            undo.push((index, inverse));
        }
        outcomes
    }

    fn write(&mut self, write: &TableWrite) -> Outcome {
        self.writes += 1;
        if self.planted == Some(Planted::SwitchSkipsWrites) && self.random.percent(5) {
            return Ok(());
        }
        if let (Some(Planted::SwitchDeletesToModify), TableWrite::Modify(row)) =
            (self.planted, write)
        {
            self.tables.alter(&TableWrite::Delete(row.key()))?;
            self.watch.after_write(&self.tables, write);
            return self.tables.alter(&TableWrite::Insert(*row));
        }
        let outcome = self.tables.alter(write);
        self.watch.after_write(&self.tables, write);
        outcome
    }

    /// The write that undoes this one, if there is something to undo.
    fn inverse(&self, write: &TableWrite) -> Option<TableWrite> {
        if !self.config.is_atomic {
            return None;
        }
        match write {
            TableWrite::Insert(row) => Some(TableWrite::Delete(row.key())),
            TableWrite::Modify(row) => self.tables.row(row.key()).map(TableWrite::Modify),
            TableWrite::Delete(key) => self.tables.row(*key).map(TableWrite::Insert),
        }
    }

    /// Undoes what was done of a batch, the last first.
    fn undo(&mut self, done: Vec<(usize, Option<TableWrite>)>, outcomes: &mut [Outcome]) {
        for (index, inverse) in done.into_iter().rev() {
            // Nobody else writes in between.
            if inverse.is_some_and(|inverse| self.write(&inverse).is_ok()) {
                outcomes[index] = Err(WriteError::NotAttempted);
            }
        }
    }

    fn suffer(&mut self) {
        match &mut self.mishap {
            Some((0, mishap)) => {
                let mishap = *mishap;
                self.mishap = None;
                self.epoch += 1;
                self.mishaps[mishap as usize] += 1;
                if mishap == Mishap::Restart {
                    self.forget();
                }
            }
            Some((left, _)) => *left -= 1,
            None => {}
        }
    }

    fn check_reach(&self, table: Table) -> Result<(), ReadError> {
        if self.power.is_off() || self.is_away {
            return Err(ReadError::NoAnswer { table, reason: NoAnswer::Lost });
        }
        Ok(())
    }
}

/// The switch, as a daemon drives it.
struct Device {
    state: Arc<Mutex<State>>,
}

impl Asic for Device {
    fn name(&self) -> &str {
        "simulated"
    }

    fn capabilities(&self) -> Capabilities {
        let state = self.state.lock();
        let atomicity =
            if state.config.is_atomic { Atomicity::Batch } else { Atomicity::EachWrite };
        Capabilities { atomicity, ..state.memory.capabilities() }
    }

    fn epoch(&self) -> u64 {
        self.state.lock().epoch
    }

    fn size_rows(&self, table: Table) -> u32 {
        self.state.lock().memory.size_rows(table)
    }

    fn write(&mut self, writes: &[TableWrite], _timeout: Duration) -> Vec<Outcome> {
        self.state.lock().write_all(writes)
    }

    fn read(&mut self, table: Table, timeout: Duration) -> Result<Vec<Row>, ReadError> {
        let mut state = self.state.lock();
        state.check_reach(table)?;
        state.memory.read(table, timeout)
    }

    fn counters(
        &mut self,
        table: Table,
        timeout: Duration,
    ) -> Result<Vec<(RowKey, Counter)>, ReadError> {
        let mut state = self.state.lock();
        state.check_reach(table)?;
        state.memory.counters(table, timeout)
    }
}

/// What the daemon has been told by its switch, through all faults.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    /// The tables of which it cannot know what they hold, until it reads them.
    pub(crate) doubtful: Vec<Table>,
    /// Calls that did not go as they should.
    pub(crate) faults: u64,
    /// Batches.
    pub(crate) batches: u64,
}

/// Stands between the daemon and all faults, and notes what the daemon is told.
pub(crate) struct Listener {
    inner: Box<dyn Asic>,
    told: Arc<Mutex<Told>>,
    planted: Option<(Planted, Random)>,
}

impl Listener {
    pub(crate) fn new(
        inner: Box<dyn Asic>,
        told: Arc<Mutex<Told>>,
        planted: Option<(Planted, Random)>,
    ) -> Self {
        Self { inner, told, planted }
    }
}

impl Asic for Listener {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    fn epoch(&self) -> u64 {
        match &self.planted {
            Some((Planted::EpochStandsStill, _)) => 0,
            _ => self.inner.epoch(),
        }
    }

    fn size_rows(&self, table: Table) -> u32 {
        self.inner.size_rows(table)
    }

    fn write(&mut self, writes: &[TableWrite], timeout: Duration) -> Vec<Outcome> {
        let mut outcomes = self.inner.write(writes, timeout);
        if let Some((Planted::LostWritesAreDone, _)) = self.planted {
            for outcome in &mut outcomes {
                if matches!(outcome, Err(WriteError::Unknown(_))) {
                    *outcome = Ok(());
                }
            }
        }
        let mut told = self.told.lock();
        told.batches += 1;
        if outcomes.iter().any(Result::is_err) {
            told.faults += 1;
        }
        for (write, outcome) in writes.iter().zip(&outcomes) {
            let is_certain = match outcome {
                Ok(()) | Err(WriteError::NotAttempted) => true,
                Err(WriteError::Refused(refusal)) => matches!(refusal, Refusal::Device { .. }),
                Err(WriteError::Unknown(_)) => false,
            };
            if !is_certain && !told.doubtful.contains(&write.table()) {
                told.doubtful.push(write.table());
            }
        }
        outcomes
    }

    fn read(&mut self, table: Table, timeout: Duration) -> Result<Vec<Row>, ReadError> {
        let result = self.inner.read(table, timeout);
        let mut told = self.told.lock();
        match &result {
            Ok(_) => told.doubtful.retain(|doubtful| *doubtful != table),
            Err(_) => told.faults += 1,
        }
        result
    }

    fn counters(
        &mut self,
        table: Table,
        timeout: Duration,
    ) -> Result<Vec<(RowKey, Counter)>, ReadError> {
        self.inner.counters(table, timeout)
    }
}
