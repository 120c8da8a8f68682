//! Mending what diverged: what is tried, how far, and when again.

use super::Controller;
use super::backoff::WaitsFor;
use super::command::DeviceFault;
use super::perform::Performance;
use super::snapshot::Mending;
use nat_groups::{GroupId, Scope, Write, plan};
use slog::{Logger, info, o, warn};
use std::collections::BTreeSet;
use std::time::Duration;

/// How a repair pass ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repair {
    /// The device holds what it should, and so does the journal.
    Clean,
    /// It was asked to pause.
    Paused,
    /// Something is left that could not be mended. It is tried again by itself; see
    /// [`Controller::due_in`].
    Failed(WaitsFor),
}

impl Repair {
    /// The most writes of a repair between which requests have to wait.
    pub(super) const BATCH: usize = 256;
}

impl Controller {
    /// Whether there is something to mend: the device may hold something other than it should, or
    /// the journal does.
    pub fn needs_repair(&self) -> bool {
        self.is_amiss() && !self.is_left_alone()
    }

    /// Whether a repair is due now.
    pub fn is_repair_due(&self) -> bool {
        self.needs_repair() && self.repair_due_in().is_zero()
    }

    /// How long it is until there is something to do for which nobody has to ask; `None` if there is
    /// nothing.
    pub fn due_in(&self) -> Option<Duration> {
        let repair = self.needs_repair().then(|| self.repair_due_in());
        let scrub = self.scrub_due_in().filter(|_| self.may_scrub());
        repair.into_iter().chain(scrub).min()
    }

    /// Does what is due, if something is: mends, until `pause` says to stop, or reads one table back
    /// to compare it.
    pub fn tend(&mut self, pause: &mut dyn FnMut() -> bool) {
        if self.is_repair_due() {
            self.repair(pause);
        } else if self.may_scrub() && self.scrub_due_in() == Some(Duration::ZERO) {
            self.scrub();
        }
    }

    /// Mends what diverged, as far as the device and the journal allow, until `pause` says to stop.
    /// It is asked after each batch of at most 256 writes.
    pub fn repair(&mut self, pause: &mut dyn FnMut() -> bool) -> Repair {
        let log = self.log.new(o!("task" => "repair"));
        self.is_left = false;
        self.follow_epoch(&log);
        let repair = match self.try_repair_all(pause, &log) {
            Ok(Repair::Clean) => self.repair_journal(&log),
            Ok(repair) => repair,
            Err(fault) => {
                warn!(log, "repair failed, and will be tried again"; "error" => %fault);
                self.repair_error = Some(fault.to_string());
                for trouble in self.troubles.values_mut().filter(|trouble| trouble.torn) {
                    trouble.error = fault.to_string();
                }
                Repair::Failed(WaitsFor::after(&fault))
            }
        };
        self.meters.repaired(match repair {
            Repair::Clean => "clean",
            Repair::Paused => "paused",
            Repair::Failed(waits_for) => waits_for.name(),
        });
        match repair {
            Repair::Clean => {
                self.backoff.reset();
                self.sightings.forget_all();
                self.forwarding_sightings.forget_all();
            }
            Repair::Paused => self.note_forwarding(),
            Repair::Failed(waits_for) => {
                self.note_differences();
                let (taken, now) = (self.taken(), self.clock.elapsed());
                self.backoff.failed(waits_for, taken, now);
            }
        }
        self.publish();
        repair
    }

    /// A repair is asked for: it is due at once, whatever became of the last.
    pub fn ask_repair(&mut self) {
        self.is_left = false;
        self.backoff.reset();
        self.publish();
    }

    /// What is left to mend, for readers.
    pub(super) fn mending(&mut self) -> Option<Mending> {
        if !self.is_amiss() {
            (self.amiss_since, self.repair_error, self.is_left) = (None, None, false);
            return None;
        }
        let now = self.clock.unix_micros();
        let wait = u64::try_from(self.repair_due_in().as_micros()).unwrap_or(u64::MAX);
        let waiting = self.backoff.waiting();
        let is_left = self.is_left_alone();
        let is_due = !is_left && wait == 0;
        let waits_for = match is_left {
            true => Some(WaitsFor::Request),
            false => waiting.map(|waiting| waiting.waits_for),
        };
        Some(Mending {
            attempts: waiting.map_or(0, |waiting| waiting.attempts),
            waits_for: waits_for.filter(|_| !is_due),
            next_attempt_unix_micros: (!is_left).then(|| now.saturating_add(wait)),
            since_unix_micros: *self.amiss_since.get_or_insert(now),
            error: self.repair_error.clone(),
        })
    }

    /// Whether something is not as it should be, or may not be.
    fn is_amiss(&self) -> bool {
        !self.applied.is_clean() || self.forwarding.needs_repair(&*self.asic) || self.is_pressing()
    }

    /// Whether something has to be found out or mended, whatever an audit was told.
    fn is_pressing(&self) -> bool {
        self.is_doubtful()
            || self.is_torn()
            || self.keeper.is_in_debt()
            || self.epoch.is_over(&*self.asic)
            || self.forwarding.is_doubtful(&*self.asic)
    }

    /// Whether all that is amiss was found by an audit that was told to leave it.
    fn is_left_alone(&self) -> bool {
        self.is_left && !self.is_pressing()
    }

    /// Whether tables may be read in the background. A repair reads what is in doubt by itself.
    fn may_scrub(&self) -> bool {
        let waits_for = self.backoff.waiting().map(|waiting| waiting.waits_for);
        !self.needs_repair() || waits_for == Some(WaitsFor::Room)
    }

    fn repair_due_in(&self) -> Duration {
        match self.backoff.waiting() {
            // It is another device, or was found again, since the last was tried.
            Some(waiting) if !self.epoch.is_over(&*self.asic) => {
                waiting.due.saturating_sub(self.clock.elapsed())
            }
            _ => Duration::ZERO,
        }
    }

    /// Makes the journal hold what it should, once the tables do.
    fn repair_journal(&mut self, log: &Logger) -> Repair {
        match self.keeper.settle() {
            Ok(()) => Repair::Clean,
            Err(fault) => {
                warn!(log, "the journal is still out of order"; "error" => %fault);
                self.repair_error = Some(format!("the journal is out of order: {fault}"));
                Repair::Failed(WaitsFor::Journal)
            }
        }
    }

    fn try_repair_all(
        &mut self,
        pause: &mut dyn FnMut() -> bool,
        log: &Logger,
    ) -> Result<Repair, DeviceFault> {
        let acknowledged = self.forwarding.acknowledged();
        let forwarding = self.forwarding.repair(&mut *self.asic, pause, log);
        self.mended_writes += self.forwarding.acknowledged() - acknowledged;
        match forwarding {
            Ok(Repair::Clean) => self.try_repair(pause, log),
            // What fails for one table need not for another.
            Err(fault) if WaitsFor::after(&fault) != WaitsFor::Device => {
                match self.try_repair(pause, log)? {
                    Repair::Paused => Ok(Repair::Paused),
                    Repair::Clean | Repair::Failed(_) => Err(fault),
                }
            }
            other => other,
        }
    }

    /// Mends the NAT tables: all of them or, if there is no room for all, what there is room for.
    fn try_repair(
        &mut self,
        pause: &mut dyn FnMut() -> bool,
        log: &Logger,
    ) -> Result<Repair, DeviceFault> {
        self.resolve_doubts(&self.store.clone(), log)?;
        let fault = match self.try_repair_in(Scope::All, pause, log) {
            Ok(Repair::Clean) => {
                self.troubles.clear();
                return Ok(Repair::Clean);
            }
            Err(fault) if WaitsFor::after(&fault) == WaitsFor::Room => fault,
            other => return other,
        };
        let diverged = self.applied.diverged().filter_map(|(_, divergence)| divergence.group);
        for group in diverged.collect::<BTreeSet<GroupId>>() {
            match self.try_repair_in(Scope::Groups(&[group]), pause, log) {
                Ok(Repair::Clean) => {
                    self.troubles.remove(&group);
                }
                Err(fault) if WaitsFor::after(&fault) == WaitsFor::Room => {}
                other => return other,
            }
        }
        Err(fault)
    }

    fn try_repair_in(
        &mut self,
        scope: Scope<'_>,
        pause: &mut dyn FnMut() -> bool,
        log: &Logger,
    ) -> Result<Repair, DeviceFault> {
        let store = self.store.clone();
        let plan = plan(&self.applied, &store, scope, &self.capacity)
            .map_err(|full| DeviceFault::Full(Box::new(full)))?;
        let (batch, timeout) = (self.batch(Repair::BATCH), self.device_timeout);
        let mut performance = Performance::new(&plan, batch, timeout, log);
        loop {
            match performance.step(&mut *self.asic, &mut self.epoch) {
                Ok(false) => break,
                Ok(true) if pause() => {
                    self.applied = self.applied.after(performance.acknowledged(), &store);
                    self.note_mended(performance.acknowledged());
                    return Ok(Repair::Paused);
                }
                Ok(true) => {}
                Err(stopped) => {
                    self.account(&stopped, &store, log);
                    self.note_mended(stopped.acknowledged.iter());
                    return Err(stopped.fault);
                }
            }
        }
        self.applied = self.applied.settled(&plan, &store);
        self.note_mended(plan.writes());
        if !plan.is_empty() {
            info!(log, "the tables are as they should be again"; "writes" => plan.repairs());
        }
        Ok(Repair::Clean)
    }

    /// Takes down that a repair has made these writes, and which of their slots are as they should
    /// be now.
    fn note_mended<'a>(&mut self, writes: impl Iterator<Item = &'a Write>) {
        for write in writes {
            self.mended_writes += 1;
            if !self.applied.is_diverged(&write.slot()) {
                self.sightings.forget(&write.slot());
            }
        }
    }
}
