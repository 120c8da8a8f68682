//! The single writer: a synchronous state machine that owns the store and the device.
//!
//! It decides, plans, performs and publishes, one command after the other; in between it mends what
//! diverged. It knows no HTTP and no thread, and the time only by the [`Clock`] that it is given;
//! [`thread`] gives it the rest.

mod audit;
mod backoff;
mod clock;
mod command;
mod epoch;
mod forwarding;
mod keeper;
mod perform;
mod repair;
mod sightings;
mod snapshot;
#[cfg(test)]
mod tests;
pub mod thread;

pub use audit::{Audit, Differing, Finding, Kind, PerKind};
pub use backoff::WaitsFor;
pub use clock::{Clock, SystemClock, unix_micros};
pub use command::{Command, DeviceFault, Done, Failure, Request, StartFault};
pub use repair::Repair;
pub use snapshot::{GroupState, Mending, Published, Snapshot, Trouble};

use self::forwarding::ForwardingTables;
use crate::forwarding::{Command as ForwardingCommand, Forwarding, Resumed};
use crate::lower::{self, table_of};
use crate::metrics::Meters;
use asic::{Asic, Capabilities, Counter, PerTable, RangeExpansion, ReadError, Row, RowKey, Table};
use audit::Scrub;
use backoff::{Backoff, Taken};
use command::decide;
use epoch::Epoch;
use journal::{Contents, DocumentChange, Journal, JournalFault, Step};
use keeper::Keeper;
use nat_groups::{
    Applied, Capacity, Decision, DeviceRow, Family, Generation, GroupId, GroupName, PerFamily,
    Plan, RowCost, Scope, Slot, Stamp, Store, one_row, plan,
};
use perform::{Performance, Stopped};
use sightings::Sightings;
use slog::{Logger, debug, error, info, o, warn};
use std::collections::BTreeMap;
use std::num::{NonZeroU64, NonZeroUsize};
use std::sync::Arc;
use std::time::Duration;

/// What a controller is made with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The ports, and the routes, neighbours and underlay address to begin with.
    pub forwarding: Forwarding,
    /// How long the device has for one call.
    pub device_timeout: Duration,
    /// What tells the time.
    pub clock: Arc<dyn Clock>,
    /// What the chance comes from by which repairs vary their times.
    pub seed: u64,
    /// What counts plans, repairs and findings.
    pub meters: Meters,
    /// How many rows to compare in the background each second, on average; `None` for none.
    pub scrub_rows: Option<NonZeroU64>,
}

impl Default for Settings {
    /// No ports, 10 s for a call, the clock of the system, chance that is always the same, and nothing
    /// in the background.
    fn default() -> Self {
        Self {
            forwarding: Forwarding::default(),
            device_timeout: Duration::from_secs(10),
            clock: Arc::new(SystemClock::new()),
            seed: 0,
            meters: Meters::default(),
            scrub_rows: None,
        }
    }
}

/// The single writer. See the module's documentation.
pub struct Controller {
    asic: Box<dyn Asic>,
    keeper: Keeper,
    capacity: Capacity,
    device_timeout: Duration,
    clock: Arc<dyn Clock>,
    store: Store,
    applied: Applied,
    /// The tables that hold we do not know what, until they are read.
    doubtful: PerFamily<bool>,
    /// That of what is applied.
    epoch: Epoch,
    /// Whether that has just begun, and the tables have not been read in it.
    is_unread: bool,
    troubles: BTreeMap<GroupId, Trouble>,
    forwarding: ForwardingTables,
    backoff: Backoff,
    /// Whether what is amiss was found by an audit that was told to leave it.
    is_left: bool,
    /// Since when there has been something to mend, by the clock's date and time.
    amiss_since: Option<u64>,
    /// What the last repair that failed met.
    repair_error: Option<String>,
    /// Since when each slot that is not as it should be has been known not to be.
    sightings: Sightings<Slot>,
    /// The same of the rows of other tables.
    forwarding_sightings: Sightings<RowKey>,
    /// How many table writes repairs have made.
    mended_writes: u64,
    scrub: Scrub,
    meters: Meters,
    published: Published,
    log: Logger,
}

impl Controller {
    /// The most writes of a change that are handed to the device at once.
    const CHANGE_BATCH: usize = 4096;

    /// Takes a device over, whatever it holds, to make it hold what the journal says. Nothing is
    /// written to the NAT tables yet: that is for [`Controller::take_over`].
    ///
    /// # Errors
    ///
    /// If its tables cannot be read, its NAT tables hold rows that are none of ours, the configured
    /// ports and routes do not fit, or the journal does not take them.
    pub fn new(
        mut asic: Box<dyn Asic>,
        journal: Box<dyn Journal>,
        contents: Contents,
        settings: Settings,
        log: Logger,
    ) -> Result<Self, StartFault> {
        let capacity = Capacity {
            size_rows: PerFamily::from_fn(|family| u64::from(asic.size_rows(table_of(family)))),
            has_priorities: asic.capabilities().has_priorities,
        };
        let log = log.new(o!("asic" => asic.name().to_owned()));
        log_capabilities(&log, &*asic);
        let Contents { store, mut documents } = contents;
        let Settings { forwarding: configured, device_timeout, clock, seed, meters, scrub_rows } =
            settings;
        let document = documents.remove(Forwarding::DOCUMENT);
        let resumed = resume(document.as_deref(), &configured, &log)?;
        let epoch = Epoch::of(&*asic);
        let mut rows = Vec::new();
        for family in Family::ALL {
            rows.extend(read_rows(&mut *asic, family, device_timeout)?);
        }
        let applied = Applied::found(&store, &rows);
        let mut keeper = Keeper::new(journal);
        let mut forwarding =
            ForwardingTables::take_over(&mut *asic, resumed, configured, device_timeout, &log)?;
        forwarding.keep(document, &mut |document| keeper.keep(step_of(&store, document)))?;
        let troubles = BTreeMap::new();
        let published = Published::new(Snapshot {
            store: store.clone(),
            applied: applied.clone(),
            is_unread: false,
            troubles: Arc::default(),
            mending: None,
            forwarding: Arc::clone(forwarding.desired()),
            forwarding_rows: Arc::clone(forwarding.applied()),
        });
        Ok(Self {
            asic,
            keeper,
            capacity,
            device_timeout,
            clock,
            store,
            applied,
            doubtful: PerFamily::default(),
            epoch,
            is_unread: false,
            troubles,
            forwarding,
            backoff: Backoff::new(seed),
            is_left: false,
            amiss_since: None,
            repair_error: None,
            sightings: Sightings::default(),
            forwarding_sightings: Sightings::default(),
            mended_writes: 0,
            scrub: Scrub::new(scrub_rows),
            meters,
            published,
            log,
        })
    }

    /// Makes the NAT tables hold what they should, from whatever they were found to hold. What the
    /// device refuses of that is left to repair.
    pub fn take_over(&mut self) {
        let log = self.log.new(o!("task" => "take over"));
        let store = self.store.clone();
        if store.is_empty() && self.applied.rows() != PerFamily::default() {
            warn!(log, "the device holds NAT rows that nobody has asked for, and they are removed";
                "ipv4_rows" => self.applied.rows().v4, "ipv6_rows" => self.applied.rows().v6);
        }
        let result = plan(&self.applied, &store, Scope::All, &self.capacity)
            .map_err(|full| DeviceFault::Full(Box::new(full)))
            .and_then(|plan| match self.perform(&plan, &log) {
                Ok(()) => {
                    self.applied = self.applied.settled(&plan, &store);
                    Ok(plan.writes().count())
                }
                Err(stopped) => {
                    self.account(&stopped, &store, &log);
                    Err(stopped.fault)
                }
            });
        match result {
            Ok(0) => info!(log, "the tables hold what they should"),
            Ok(writes) => info!(log, "the tables hold what they should now"; "writes" => writes),
            Err(fault) => {
                warn!(log, "the tables do not hold what they should, and will be repaired";
                    "error" => %fault);
                self.applied = self.applied.rebased(&store);
                self.note_differences();
            }
        }
        self.publish();
    }

    /// Closes the journal in order, so that it opens the faster. Nothing more may be asked then.
    pub fn close(&mut self) {
        if let Err(fault) = self.keeper.close() {
            warn!(self.log, "the journal could not be closed in order"; "error" => %fault);
        }
    }

    /// Where readers find the latest state.
    pub fn published(&self) -> Published {
        self.published.clone()
    }

    /// How many rows each table has.
    pub fn size_rows(&self) -> PerTable<u32> {
        PerTable::from_fn(|table| self.asic.size_rows(table))
    }

    /// Makes a change, or says what it would do. It takes effect whole or not at all, unless the
    /// failure is [`Failure::Torn`].
    ///
    /// # Errors
    ///
    /// [`Failure`] says which; the store is as before in every case.
    pub fn change(&mut self, request: &Request) -> Result<Done, Failure> {
        let Request { command, dry_run, stamp } = request;
        let log = self.log.new(o!("request_id" => stamp.request_id.to_string()));
        let decision = decide(&self.store, command, stamp)?;
        if !dry_run {
            self.keeper.settle().map_err(|fault| Failure::Journal(Arc::new(fault)))?;
            self.follow_epoch(&log);
            self.resolve_doubts(&self.store.clone(), &log).map_err(Failure::Device)?;
        }
        let scope = Scope::Groups(&decision.touched);
        let begun = self.clock.elapsed();
        let plan = plan(&self.applied, &decision.next, scope, &self.capacity)?;
        self.meters.planned(self.clock.elapsed().saturating_sub(begun));
        if !dry_run {
            self.realize(&plan, &decision, &log)?;
        }
        Ok(Done {
            outcomes: decision.outcomes,
            writes: plan.changes(),
            repaired: plan.repairs(),
            gaps: plan.gaps().to_vec(),
            peak_rows: plan.peak_rows(),
        })
    }

    /// Makes a change of ports, routes, neighbours or the underlay address. It takes effect whole
    /// or not at all, unless the failure is [`Failure::Torn`].
    ///
    /// # Errors
    ///
    /// [`Failure`] says which; what should exist is as before in every case.
    pub fn change_forwarding(
        &mut self,
        command: ForwardingCommand,
        stamp: &Stamp,
    ) -> Result<(), Failure> {
        let log = self.log.new(o!("request_id" => stamp.request_id.to_string()));
        self.keeper.settle().map_err(|fault| Failure::Journal(Arc::new(fault)))?;
        let Self { asic, keeper, store, forwarding, .. } = self;
        let mut keep = |document| keeper.keep(step_of(store, document));
        let result = forwarding.change(&mut **asic, command, stamp.unix_micros, &mut keep, &log);
        match result {
            Ok(()) => self.follow_success(),
            Err(_) => self.note_forwarding(),
        }
        self.publish();
        result
    }

    /// Every row of a table, read from the device.
    ///
    /// # Errors
    ///
    /// As the device says.
    pub fn read_table(&mut self, table: Table) -> Result<Vec<Row>, ReadError> {
        self.asic.read(table, self.device_timeout)
    }

    /// The counter of every row of a table, read from the device.
    ///
    /// # Errors
    ///
    /// As the device says.
    pub fn read_counters(&mut self, table: Table) -> Result<Vec<(RowKey, Counter)>, ReadError> {
        self.asic.counters(table, self.device_timeout)
    }

    /// Performs what was decided, and makes it the state of things; or puts the device back.
    fn realize(&mut self, plan: &Plan, decision: &Decision, log: &Logger) -> Result<(), Failure> {
        match self.perform(plan, log) {
            Ok(()) => self.applied = self.applied.settled(plan, &decision.next),
            Err(stopped) => {
                self.account(&stopped, &decision.next, log);
                if !(stopped.fault == DeviceFault::BegunAnew && self.settle_unseen(decision)) {
                    return Err(self.put_back(stopped.fault, decision, log));
                }
            }
        }
        let step = Step {
            before: self.store.clone(),
            after: decision.next.clone(),
            touched: decision.touched.clone(),
            documents: Vec::new(),
        };
        if let Err(fault) = self.keeper.keep(step) {
            return Err(self.take_back(fault, decision, log));
        }
        let before = std::mem::replace(&mut self.store, decision.next.clone());
        for group in &decision.touched {
            self.troubles.remove(group);
        }
        log_change(log, plan, decision, &before);
        self.follow_success();
        self.publish();
        Ok(())
    }

    /// Makes what was decided the state of things if the tables, read back, turn out to hold it: a
    /// device that was lost and found may have kept all that it was told.
    fn settle_unseen(&mut self, decision: &Decision) -> bool {
        let scope = Scope::Groups(&decision.touched);
        match plan(&self.applied, &decision.next, scope, &self.capacity) {
            Ok(rest) if rest.is_empty() && !self.is_doubtful() => {
                self.applied = self.applied.settled(&rest, &decision.next);
                true
            }
            _ => false,
        }
    }

    /// Takes the device back after it did what could then not be made durable.
    fn take_back(&mut self, fault: JournalFault, decision: &Decision, log: &Logger) -> Failure {
        error!(log, "a change could not be made durable"; "error" => %fault);
        let fault = Arc::new(fault);
        let result = self.try_put_back(decision, log);
        let failure = match result {
            Ok(()) => Failure::Journal(fault),
            Err(device) => {
                error!(log, "the device could not be put back"; "error" => %device);
                // The base of what is applied has to be what is desired.
                self.applied = self.applied.rebased(&self.store);
                Failure::TornByJournal { journal: fault, device }
            }
        };
        let torn = matches!(failure, Failure::TornByJournal { .. });
        for group in &decision.touched {
            self.troubles.insert(*group, Trouble { error: failure.to_string(), torn });
        }
        self.publish();
        failure
    }

    /// Takes the device back to the store as it is, by planning from what it now holds.
    fn put_back(&mut self, fault: DeviceFault, decision: &Decision, log: &Logger) -> Failure {
        let result = self.try_put_back(decision, log);
        for group in &decision.touched {
            let trouble = Trouble { error: fault.to_string(), torn: result.is_err() };
            self.troubles.insert(*group, trouble);
        }
        self.publish();
        match result {
            Ok(()) => Failure::Device(fault),
            Err(second) => {
                error!(log, "the device could not be put back"; "error" => %second);
                Failure::Torn(fault)
            }
        }
    }

    fn try_put_back(&mut self, decision: &Decision, log: &Logger) -> Result<(), DeviceFault> {
        // Rows that are there already are those of the groups that were to have them.
        self.resolve_doubts(&decision.next, log)?;
        let (store, touched) = (self.store.clone(), &decision.touched);
        let plan = plan(&self.applied, &store, Scope::Groups(touched), &self.capacity)
            .map_err(|full| DeviceFault::Full(Box::new(full)))?;
        if let Err(stopped) = self.perform(&plan, log) {
            self.account(&stopped, &store, log);
            // After a change that could not be kept, what is applied is still told by that change.
            let programmed = |group: &GroupId| self.applied.programmed_generation(*group);
            if touched.iter().any(|group| programmed(group) != generation_of(&store, *group)) {
                self.applied = self.applied.rebased(&store);
            }
            // What went wrong may have been no more than the answer.
            let is_back = |group: &GroupId| self.applied.diverged_of(*group) == 0;
            return if !self.is_doubtful() && touched.iter().all(is_back) {
                Ok(())
            } else {
                Err(stopped.fault)
            };
        }
        self.applied = self.applied.settled(&plan, &store);
        Ok(())
    }

    fn perform(&mut self, plan: &Plan, log: &Logger) -> Result<(), Box<Stopped>> {
        let (batch, timeout) = (self.batch(Self::CHANGE_BATCH), self.device_timeout);
        Performance::new(plan, batch, timeout, log).finish(&mut *self.asic, &mut self.epoch)
    }

    /// How many writes to hand to the device at once: no more than it takes.
    fn batch(&self, most: usize) -> usize {
        most.min(self.asic.capabilities().max_batch.get())
    }

    /// Takes down what the device did of a plan to `next` before it stopped, reading back what is
    /// in doubt.
    fn account(&mut self, stopped: &Stopped, next: &Store, log: &Logger) {
        let Stopped { acknowledged, doubtful, in_new_epoch, fault: _ } = stopped;
        // This is for the repair to mend.
        self.is_left = false;
        self.applied = self.applied.after(acknowledged, next);
        for family in Family::ALL {
            self.doubtful[family] |= doubtful[family];
        }
        if *in_new_epoch {
            self.doubt_all(log);
        }
        if let Err(unread) = self.read_doubtful(next) {
            warn!(log, "a table could not be read back"; "error" => %unread);
        }
        self.note_differences();
    }

    /// What failed before may succeed now that a change has.
    fn follow_success(&mut self) {
        if self.backoff.waiting().is_some() {
            self.backoff.succeeded(&self.taken());
        }
    }

    /// Takes note if the device has begun another epoch.
    fn follow_epoch(&mut self, log: &Logger) {
        if self.epoch.advance(&*self.asic) {
            self.backoff.reset();
            self.doubt_all(log);
        }
    }

    fn doubt_all(&mut self, log: &Logger) {
        warn!(log, "the device was lost, and may have started afresh; its tables are read back");
        self.doubtful = PerFamily::from_fn(|_| true);
        self.is_unread = true;
        self.publish();
    }

    /// Whether a group is known as torn, be its rows whole again or not.
    fn is_torn(&self) -> bool {
        self.troubles.values().any(|trouble| trouble.torn)
    }

    fn is_doubtful(&self) -> bool {
        self.doubtful.v4 || self.doubtful.v6
    }

    /// Makes sure that we know what the tables hold. `next` is the store that was being programmed.
    fn resolve_doubts(&mut self, next: &Store, log: &Logger) -> Result<(), DeviceFault> {
        if self.is_doubtful() {
            debug!(log, "reading tables back");
            let result = self.read_doubtful(next);
            // What was read is so, whatever becomes of the command that it was read for.
            self.publish();
            return result;
        }
        Ok(())
    }

    fn read_doubtful(&mut self, next: &Store) -> Result<(), DeviceFault> {
        for family in Family::ALL {
            if self.doubtful[family] {
                let timeout = self.device_timeout;
                self.applied = read_back(&mut *self.asic, &self.applied, family, next, timeout)?;
                self.doubtful[family] = false;
            }
        }
        self.is_unread = false;
        Ok(())
    }

    /// Takes down which slots and rows are not as they should be, and says since when those have
    /// been known that were not known before.
    fn note_differences(&mut self) -> u64 {
        let now = self.clock.unix_micros();
        self.sightings.see(self.applied.diverged().map(|(slot, _)| *slot), now);
        self.forwarding_sightings.see(self.forwarding.differences().map(|(key, _)| key), now);
        now
    }

    /// The same of the tables besides those of NAT alone.
    fn note_forwarding(&mut self) {
        let keys = self.forwarding.differences().map(|(key, _)| key);
        self.forwarding_sightings.see(keys, self.clock.unix_micros());
    }

    /// How much of the tables is taken.
    fn taken(&self) -> Taken {
        let (rows, others) = (self.applied.rows(), self.forwarding.rows());
        let in_use = PerTable::from_fn(|table| match lower::family_of(table) {
            Some(family) => rows[family],
            None => others[table],
        });
        Taken { in_use, committed: self.store.committed_rows() }
    }

    fn publish(&mut self) {
        let mending = self.mending();
        self.published.store(Snapshot {
            store: self.store.clone(),
            applied: self.applied.clone(),
            is_unread: self.is_unread,
            troubles: Arc::new(self.troubles.clone()),
            mending,
            forwarding: Arc::clone(self.forwarding.desired()),
            forwarding_rows: Arc::clone(self.forwarding.applied()),
        });
    }
}

/// What should exist besides the groups: what was kept, with what has changed in the settings.
fn resume(
    document: Option<&[u8]>,
    settings: &Forwarding,
    log: &Logger,
) -> Result<Forwarding, StartFault> {
    let Some(document) = document else { return Ok(settings.clone()) };
    let Resumed { forwarding, dropped } = Forwarding::resumed(document, settings)?;
    for reason in dropped {
        warn!(log, "something that was kept cannot be any more"; "reason" => %reason);
    }
    Ok(forwarding)
}

/// The step that changes a document.
fn step_of(store: &Store, document: DocumentChange) -> Step {
    let (before, after) = (store.clone(), store.clone());
    Step { before, after, touched: Vec::new(), documents: vec![document] }
}

fn generation_of(store: &Store, group: GroupId) -> Option<Generation> {
    store.group_by_id(group).map(|group| group.current().generation)
}

/// How many rows a mapping takes on a device.
pub fn row_cost(asic: &dyn Asic) -> RowCost {
    match asic.capabilities().range_expansion {
        RangeExpansion::None => one_row,
        RangeExpansion::TernaryNibbles => {
            |ports| RangeExpansion::TernaryNibbles.rows(ports.low(), ports.high())
        }
    }
}

/// What is applied once a family's table has been read.
fn read_back(
    asic: &mut dyn Asic,
    applied: &Applied,
    family: Family,
    next: &Store,
    timeout: Duration,
) -> Result<Applied, DeviceFault> {
    Ok(applied.read_back(family, read_rows(asic, family, timeout)?, next))
}

/// The rows of a family's table, in order of slot and priority.
fn read_rows(
    asic: &mut dyn Asic,
    family: Family,
    timeout: Duration,
) -> Result<Vec<DeviceRow>, DeviceFault> {
    let rows = asic.read(table_of(family), timeout)?;
    let mut rows = rows.iter().map(lower::raise_row).collect::<Result<Vec<_>, _>>()?;
    rows.sort_unstable_by_key(|row| (row.slot, row.priority));
    Ok(rows)
}

/// What the device can do, for who wonders why a change is made as it is.
fn log_capabilities(log: &Logger, asic: &dyn Asic) {
    let Capabilities { has_priorities, range_expansion, max_batch, atomicity } =
        asic.capabilities();
    let sizes = Table::ALL.iter().map(|&table| format!("{table}={}", asic.size_rows(table)));
    info!(log, "taking the device over";
        "atomicity" => %atomicity,
        "most_writes_at_once" => match max_batch {
            NonZeroUsize::MAX => "any number".to_owned(),
            most => most.to_string(),
        },
        "rows_may_overlap" => has_priorities,
        "rows_of_a_range" => match range_expansion {
            RangeExpansion::None => "one",
            RangeExpansion::TernaryNibbles => "as on a Tofino",
        },
        "size_rows" => sizes.collect::<Vec<_>>().join(" "),
    );
}

fn log_change(log: &Logger, plan: &Plan, decision: &Decision, before: &Store) {
    // The generation of a group that is there, and that of its tombstone if it is not.
    let standing = |store: &Store, name: &GroupName| {
        (store.group(name).map(|group| group.current().generation), store.tombstone(name))
    };
    for outcome in &decision.outcomes {
        let (was, is) =
            (standing(before, &outcome.group), standing(&decision.next, &outcome.group));
        let fields = o!(
            "group" => outcome.group.to_string(),
            "generation" => outcome.generation.get(),
            "added" => outcome.counts.added,
            "updated" => outcome.counts.updated,
            "removed" => outcome.counts.removed,
            "writes" => plan.changes(),
            "repaired" => plan.repairs(),
        );
        if plan.is_empty() && was == is {
            debug!(log.new(fields), "the group is as it should be");
        } else if is.0.is_some() {
            info!(log.new(fields), "the group is programmed");
        } else {
            info!(log.new(fields), "the group is deleted");
        }
    }
}
