//! The device and the journal with a watch beside them.

use super::Meters;
use asic::{Asic, Capabilities, Counter, Outcome, ReadError, Row, RowKey, Table, TableWrite};
use journal::{CommitError, Journal, JournalFault, Step};
use std::time::{Duration, Instant};

/// Measures what a device or a journal does, and is else the same.
pub(crate) struct Metered<T> {
    inner: T,
    meters: Meters,
}

impl<T> Metered<T> {
    pub(crate) fn new(inner: T, meters: Meters) -> Self {
        Self { inner, meters }
    }
}

impl<A: Asic> Asic for Metered<A> {
    fn name(&self) -> &str {
        self.inner.name()
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
        let begun = Instant::now();
        let outcomes = self.inner.write(writes, timeout);
        self.meters.wrote(&outcomes, begun.elapsed());
        outcomes
    }

    fn read(&mut self, table: Table, timeout: Duration) -> Result<Vec<Row>, ReadError> {
        self.inner.read(table, timeout)
    }

    fn counters(
        &mut self,
        table: Table,
        timeout: Duration,
    ) -> Result<Vec<(RowKey, Counter)>, ReadError> {
        self.inner.counters(table, timeout)
    }
}

impl<J: Journal> Journal for Metered<J> {
    fn commit(&mut self, step: &Step) -> Result<(), CommitError> {
        let begun = Instant::now();
        let result = self.inner.commit(step);
        self.meters.committed(begun.elapsed(), &self.inner.take_sync_times());
        result
    }

    fn settle(&mut self) -> Result<bool, JournalFault> {
        self.inner.settle()
    }

    fn take_sync_times(&mut self) -> Vec<Duration> {
        self.inner.take_sync_times()
    }

    fn close(&mut self) -> Result<(), JournalFault> {
        self.inner.close()
    }
}
