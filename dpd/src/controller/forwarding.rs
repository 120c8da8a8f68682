//! Ports, routes, neighbours and the underlay address: what should be, what the device has
//! acknowledged, and the way from the one to the other.

use super::Repair;
use super::audit::Kind;
use super::command::{DeviceFault, Failure, StartFault};
use super::epoch::Epoch;
use super::perform::{casts_doubt, fault, log_writes};
use crate::forwarding::{Command, Forwarding, InvalidDocument, Plan, PlanFailure, Rows, plan};
use crate::lower::{FORWARDING_TABLES, forwarding_rows};
use asic::{Asic, NoAnswer, PerTable, Row, RowKey, Table, TableWrite, WriteError};
use journal::{DocumentChange, JournalFault};
use slog::{Logger, debug, error, info, warn};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// The tables besides those of NAT, and what they are for.
///
/// Nothing is undone by hand: after a refusal, the plan from what was acknowledged to what was there
/// before is the way back.
pub(super) struct ForwardingTables {
    desired: Arc<Forwarding>,
    /// What the settings say, which may not be what is desired any more.
    settings: Forwarding,
    /// What the journal has of this.
    document: Option<Vec<u8>>,
    desired_rows: Rows,
    /// The rows that the device has acknowledged or given back.
    applied: Arc<Rows>,
    /// The tables that hold we do not know what, until they are read.
    doubtful: BTreeSet<Table>,
    /// That of the rows.
    epoch: Epoch,
    /// Whether what is applied is something other than what is desired.
    is_diverged: bool,
    /// How many writes the device has acknowledged.
    acknowledged: u64,
    size_rows: PerTable<u32>,
    max_batch: usize,
    timeout: Duration,
}

impl ForwardingTables {
    /// Takes the tables over, whatever they hold, to make them hold what is `desired`. What the
    /// device refuses of that, repair tries again.
    ///
    /// # Errors
    ///
    /// If a table cannot be read, or what is desired does not fit.
    pub(super) fn take_over(
        asic: &mut dyn Asic,
        desired: Forwarding,
        settings: Forwarding,
        timeout: Duration,
        log: &Logger,
    ) -> Result<Self, DeviceFault> {
        let mut tables = Self {
            desired_rows: forwarding_rows(&desired)?,
            desired: Arc::new(desired),
            settings,
            document: None,
            applied: Arc::default(),
            doubtful: BTreeSet::from(FORWARDING_TABLES),
            epoch: Epoch::of(asic),
            is_diverged: true,
            acknowledged: 0,
            size_rows: PerTable::from_fn(|table| asic.size_rows(table)),
            max_batch: asic.capabilities().max_batch.get(),
            timeout,
        };
        tables.read_doubtful(asic)?;
        let plan = tables.plan_to(&tables.desired_rows).map_err(DeviceFault::from)?;
        match tables.perform(asic, &plan, log) {
            Ok(()) if plan.writes() == 0 => {}
            Ok(()) => info!(log, "forwarding is as configured"; "writes" => plan.writes()),
            Err(fault) => warn!(log, "forwarding is not as configured, and will be repaired";
                "error" => %fault),
        }
        tables.settle();
        Ok(tables)
    }

    /// Has the journal, which holds this document, hold what is desired and what the settings say.
    pub(super) fn keep(
        &mut self,
        document: Option<Vec<u8>>,
        keep: &mut dyn FnMut(DocumentChange) -> Result<(), JournalFault>,
    ) -> Result<(), StartFault> {
        self.document = document;
        let change = self.change_of_document(&self.desired)?;
        keep(change.clone())?;
        self.document = change.after;
        Ok(())
    }

    /// What should exist.
    pub(super) fn desired(&self) -> &Arc<Forwarding> {
        &self.desired
    }

    /// What the device has acknowledged.
    pub(super) fn applied(&self) -> &Arc<Rows> {
        &self.applied
    }

    /// Reads one table back, and says how many rows it has.
    pub(super) fn read_back(
        &mut self,
        asic: &mut dyn Asic,
        table: Table,
    ) -> Result<u64, DeviceFault> {
        self.follow_epoch(asic);
        let rows = asic.read(table, self.timeout)?;
        self.replace(table, &rows);
        self.settle();
        Ok(rows.len() as u64)
    }

    /// Every row that is not what is desired, in order, and how it differs.
    pub(super) fn differences(&self) -> impl Iterator<Item = (RowKey, Kind)> + '_ {
        let is_diverged = self.is_diverged;
        let differing = move |key: &RowKey| {
            let kind = match (self.applied.get(key), self.desired_rows.get(key)) {
                (None, Some(_)) => Kind::Missing,
                (Some(_), None) => Kind::Extra,
                (Some(is), Some(should)) if is != should => Kind::WrongTarget,
                _ => return None,
            };
            Some((*key, kind))
        };
        let keys = is_diverged
            .then(|| self.applied.keys().chain(self.desired_rows.keys()).collect::<BTreeSet<_>>());
        keys.into_iter().flatten().filter_map(differing)
    }

    /// How many writes the device has acknowledged.
    pub(super) fn acknowledged(&self) -> u64 {
        self.acknowledged
    }

    /// Whether nobody knows what a table holds.
    pub(super) fn is_doubtful(&self, asic: &dyn Asic) -> bool {
        !self.doubtful.is_empty() || self.epoch.is_over(asic)
    }

    /// How many rows each table has, as far as is known.
    pub(super) fn rows(&self) -> PerTable<u64> {
        let mut rows = PerTable::from_fn(|_| 0);
        self.applied.keys().for_each(|key| rows[key.table()] += 1);
        rows
    }

    /// Whether the device may hold something other than it should.
    pub(super) fn needs_repair(&self, asic: &dyn Asic) -> bool {
        self.is_diverged || !self.doubtful.is_empty() || self.epoch.is_over(asic)
    }

    /// Makes a change and has it kept. It takes effect whole or not at all, unless the failure is
    /// [`Failure::Torn`] or [`Failure::TornByJournal`].
    pub(super) fn change(
        &mut self,
        asic: &mut dyn Asic,
        command: Command,
        unix_micros: u64,
        keep: &mut dyn FnMut(DocumentChange) -> Result<(), JournalFault>,
        log: &Logger,
    ) -> Result<(), Failure> {
        let result = self.try_change(asic, command, unix_micros, keep, log);
        self.settle();
        result
    }

    /// Mends what diverged, as far as the device allows, until `pause` says to stop.
    pub(super) fn repair(
        &mut self,
        asic: &mut dyn Asic,
        pause: &mut dyn FnMut() -> bool,
        log: &Logger,
    ) -> Result<Repair, DeviceFault> {
        let result = self.try_repair(asic, pause, log);
        self.settle();
        result
    }

    fn try_change(
        &mut self,
        asic: &mut dyn Asic,
        command: Command,
        unix_micros: u64,
        keep: &mut dyn FnMut(DocumentChange) -> Result<(), JournalFault>,
        log: &Logger,
    ) -> Result<(), Failure> {
        let next = self.desired.after(command, unix_micros)?;
        let document = self.change_of_document(&next)?;
        self.follow_epoch(asic);
        self.read_doubtful(asic).map_err(Failure::Device)?;
        let next_rows =
            forwarding_rows(&next).map_err(DeviceFault::from).map_err(Failure::Device)?;
        let plan = self.plan_to(&next_rows)?;
        if let Err(fault) = self.perform(asic, &plan, log)
            && !(fault == DeviceFault::BegunAnew && self.turns_out_to_hold(asic, &next_rows))
        {
            return Err(self.put_back(asic, fault, log));
        }
        if let Err(fault) = keep(document.clone()) {
            return Err(self.take_back(asic, fault, log));
        }
        self.document = document.after;
        self.desired = Arc::new(next);
        self.desired_rows = next_rows;
        match plan.writes() {
            0 => debug!(log, "forwarding is as it should be"),
            writes => info!(log, "forwarding is programmed"; "writes" => writes),
        }
        Ok(())
    }

    /// Takes the device back after it did what could then not be made durable.
    fn take_back(&mut self, asic: &mut dyn Asic, fault: JournalFault, log: &Logger) -> Failure {
        error!(log, "a change could not be made durable"; "error" => %fault);
        let journal = Arc::new(fault);
        match self.try_put_back(asic, log) {
            Ok(()) => Failure::Journal(journal),
            Err(device) => {
                error!(log, "the device could not be put back"; "error" => %device);
                Failure::TornByJournal { journal, device }
            }
        }
    }

    fn change_of_document(&self, next: &Forwarding) -> Result<DocumentChange, InvalidDocument> {
        let after = Some(next.document(&self.settings)?);
        Ok(DocumentChange { name: Forwarding::DOCUMENT, before: self.document.clone(), after })
    }

    fn try_repair(
        &mut self,
        asic: &mut dyn Asic,
        pause: &mut dyn FnMut() -> bool,
        log: &Logger,
    ) -> Result<Repair, DeviceFault> {
        self.follow_epoch(asic);
        self.read_doubtful(asic)?;
        let plan = self.plan_to(&self.desired_rows).map_err(DeviceFault::from)?;
        for stage in plan.stages() {
            for batch in stage.chunks(self.max_batch.min(Repair::BATCH)) {
                self.write(asic, batch, log)?;
                if pause() {
                    return Ok(Repair::Paused);
                }
            }
        }
        if plan.writes() > 0 {
            info!(log, "forwarding is as it should be again"; "writes" => plan.writes());
        }
        Ok(Repair::Clean)
    }

    /// Whether the tables, read back, hold just this: a device that was lost and found may have
    /// kept all that it was told.
    fn turns_out_to_hold(&mut self, asic: &mut dyn Asic, rows: &Rows) -> bool {
        self.read_doubtful(asic).is_ok() && *self.applied == *rows
    }

    /// Takes the device back to what is desired, by planning from what it now holds.
    fn put_back(&mut self, asic: &mut dyn Asic, fault: DeviceFault, log: &Logger) -> Failure {
        match self.try_put_back(asic, log) {
            Ok(()) => Failure::Device(fault),
            Err(second) => {
                error!(log, "the device could not be put back"; "error" => %second);
                Failure::Torn(fault)
            }
        }
    }

    fn try_put_back(&mut self, asic: &mut dyn Asic, log: &Logger) -> Result<(), DeviceFault> {
        self.read_doubtful(asic)?;
        let plan = self.plan_to(&self.desired_rows).map_err(DeviceFault::from)?;
        let result = self.perform(asic, &plan, log);
        // What went wrong may have been no more than the answer.
        if result.is_err() && self.read_doubtful(asic).is_ok() {
            self.settle();
            return if self.is_diverged { result } else { Ok(()) };
        }
        result
    }

    /// Finds out whether what is applied is what is desired.
    fn settle(&mut self) {
        self.is_diverged = self.desired_rows != *self.applied;
    }

    fn plan_to(&self, rows: &Rows) -> Result<Plan, PlanFailure> {
        plan(&self.applied, rows, &self.size_rows)
    }

    fn perform(
        &mut self,
        asic: &mut dyn Asic,
        plan: &Plan,
        log: &Logger,
    ) -> Result<(), DeviceFault> {
        for stage in plan.stages() {
            for batch in stage.chunks(self.max_batch) {
                self.write(asic, batch, log)?;
            }
        }
        // With nothing to write, too.
        if self.follow_epoch(asic) { Err(DeviceFault::BegunAnew) } else { Ok(()) }
    }

    /// Hands one batch to the device and takes down what it did of it.
    fn write(
        &mut self,
        asic: &mut dyn Asic,
        writes: &[TableWrite],
        log: &Logger,
    ) -> Result<(), DeviceFault> {
        let mut outcomes = asic.write(writes, self.timeout);
        // A device that says nothing of a write may have done it.
        outcomes.resize_with(writes.len(), || Err(WriteError::Unknown(NoAnswer::Lost)));
        log_writes(log, writes, &outcomes);
        self.acknowledged += outcomes.iter().filter(|outcome| outcome.is_ok()).count() as u64;
        let applied = Arc::make_mut(&mut self.applied);
        for (write, outcome) in writes.iter().zip(&outcomes) {
            match write {
                _ if casts_doubt(outcome) => {
                    self.doubtful.insert(write.table());
                }
                _ if outcome.is_err() => {}
                TableWrite::Insert(row) | TableWrite::Modify(row) => {
                    applied.insert(row.key(), row.action());
                }
                TableWrite::Delete(key) => {
                    applied.remove(key);
                }
            }
        }
        // What it acknowledged is worth nothing if it is in another epoch now.
        let begun_anew = self.follow_epoch(asic).then_some(DeviceFault::BegunAnew);
        fault(writes, &outcomes).or(begun_anew).map_or(Ok(()), Err)
    }

    /// Doubts all tables if the device has begun another epoch, and says whether it has.
    fn follow_epoch(&mut self, asic: &dyn Asic) -> bool {
        let is_another = self.epoch.advance(asic);
        if is_another {
            self.doubtful.extend(FORWARDING_TABLES);
        }
        is_another
    }

    /// Makes sure that we know what the tables hold.
    fn read_doubtful(&mut self, asic: &mut dyn Asic) -> Result<(), DeviceFault> {
        while let Some(&table) = self.doubtful.first() {
            let rows = asic.read(table, self.timeout)?;
            self.replace(table, &rows);
        }
        Ok(())
    }

    /// A table turned out to have exactly these rows.
    fn replace(&mut self, table: Table, rows: &[Row]) {
        let applied = Arc::make_mut(&mut self.applied);
        applied.retain(|key, _| key.table() != table);
        applied.extend(rows.iter().map(|row| (row.key(), row.action())));
        self.doubtful.remove(&table);
    }
}

impl From<PlanFailure> for DeviceFault {
    fn from(failure: PlanFailure) -> Self {
        match failure {
            PlanFailure::NoRoom(no_room) => DeviceFault::NoRoom(no_room),
            PlanFailure::Row(invalid) => DeviceFault::Row(invalid),
        }
    }
}

impl From<PlanFailure> for Failure {
    fn from(failure: PlanFailure) -> Self {
        match failure {
            PlanFailure::NoRoom(no_room) => Failure::NoRoom(no_room),
            PlanFailure::Row(invalid) => Failure::Device(DeviceFault::Row(invalid)),
        }
    }
}
