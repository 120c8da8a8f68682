//! The one loop that tells a device what to do.

use super::command::DeviceFault;
use super::epoch::Epoch;
use crate::lower;
use asic::{Asic, NoAnswer, Outcome, Refusal, TableWrite, WriteError};
use nat_groups::{PerFamily, Plan, Write};
use slog::{Drain as _, Logger, debug, warn};
use std::collections::VecDeque;
use std::time::Duration;

/// A plan under way. Each step hands one batch to the device.
pub(super) struct Performance<'a> {
    plan: &'a Plan,
    batches: VecDeque<&'a [Write]>,
    /// How many writes are acknowledged, in the order of the plan.
    done: usize,
    timeout: Duration,
    log: &'a Logger,
}

/// Why and where a plan stopped.
pub(super) struct Stopped {
    /// The writes that the device acknowledged.
    pub(super) acknowledged: Vec<Write>,
    /// The tables that have to be read back to know what they hold.
    pub(super) doubtful: PerFamily<bool>,
    /// Whether the device began another epoch, so that all tables have to be.
    pub(super) in_new_epoch: bool,
    /// What the device would not do.
    pub(super) fault: DeviceFault,
}

impl<'a> Performance<'a> {
    /// Nothing done yet. A batch has at most `batch` writes, all of one stage, and the device has
    /// `timeout` for it.
    pub(super) fn new(plan: &'a Plan, batch: usize, timeout: Duration, log: &'a Logger) -> Self {
        let batches = plan.stages().iter().flat_map(|stage| stage.chunks(batch)).collect();
        Self { plan, batches, done: 0, timeout, log }
    }

    /// Performs all that is left.
    pub(super) fn finish(
        mut self,
        asic: &mut dyn Asic,
        epoch: &mut Epoch,
    ) -> Result<(), Box<Stopped>> {
        while self.step(asic, epoch)? {}
        Ok(())
    }

    /// Performs the next batch, and says whether there are more. What the device acknowledged is
    /// worth nothing if it is in another epoch afterwards.
    pub(super) fn step(
        &mut self,
        asic: &mut dyn Asic,
        epoch: &mut Epoch,
    ) -> Result<bool, Box<Stopped>> {
        let step = self.next_batch(asic);
        if !epoch.advance(asic) {
            return step;
        }
        let begun_anew = || self.stopped(&[], PerFamily::default(), DeviceFault::BegunAnew);
        let stopped = step.map_or_else(|stopped| stopped, |_| begun_anew());
        Err(Box::new(Stopped { in_new_epoch: true, ..*stopped }))
    }

    fn next_batch(&mut self, asic: &mut dyn Asic) -> Result<bool, Box<Stopped>> {
        let Some(writes) = self.batches.pop_front() else { return Ok(false) };
        let lowered = writes.iter().map(lower::write).collect::<Result<Vec<_>, _>>();
        let lowered = lowered.map_err(|invalid| {
            self.stopped(&[], PerFamily::default(), DeviceFault::from(invalid))
        })?;
        let mut outcomes = asic.write(&lowered, self.timeout);
        // A device that says nothing of a write may have done it.
        outcomes.resize_with(writes.len(), || Err(WriteError::Unknown(NoAnswer::Lost)));
        log_writes(self.log, &lowered, &outcomes);
        if let Some(fault) = fault(&lowered, &outcomes) {
            let outcomes = || writes.iter().zip(&outcomes);
            let acknowledged: Vec<Write> = outcomes()
                .filter(|(_, outcome)| outcome.is_ok())
                .map(|(write, _)| *write)
                .collect();
            let mut doubtful = PerFamily::default();
            for (write, outcome) in outcomes() {
                doubtful[write.slot().family()] |= casts_doubt(outcome);
            }
            return Err(self.stopped(&acknowledged, doubtful, fault));
        }
        self.done += writes.len();
        Ok(!self.batches.is_empty())
    }

    /// The writes of the steps done so far.
    pub(super) fn acknowledged(&self) -> impl Iterator<Item = &'a Write> {
        self.plan.writes().take(self.done)
    }

    fn stopped(
        &self,
        acknowledged: &[Write],
        doubtful: PerFamily<bool>,
        fault: DeviceFault,
    ) -> Box<Stopped> {
        let acknowledged = self.acknowledged().chain(acknowledged).copied().collect();
        Box::new(Stopped { acknowledged, doubtful, in_new_epoch: false, fault })
    }
}

/// What went wrong in a batch, if anything did: of several faults the first that is not merely the
/// consequence of another.
pub(super) fn fault(writes: &[TableWrite], outcomes: &[Outcome]) -> Option<DeviceFault> {
    let faults = || {
        writes
            .iter()
            .zip(outcomes)
            .filter_map(|(write, outcome)| Some((write, outcome.as_ref().err()?)))
    };
    let (write, error) = faults()
        .find(|(_, error)| !matches!(error, WriteError::NotAttempted))
        .or_else(|| faults().next())?;
    Some(DeviceFault::Write { write: Box::new(*write), error: error.clone() })
}

/// Whether after this the table may hold something other than we believe.
pub(super) fn casts_doubt(outcome: &Outcome) -> bool {
    match outcome {
        Ok(()) | Err(WriteError::NotAttempted) => false,
        Err(WriteError::Unknown(_)) => true,
        Err(WriteError::Refused(refusal)) => match refusal {
            // These contradict what we took the table to hold.
            Refusal::Exists { .. }
            | Refusal::NotFound { .. }
            | Refusal::Overlaps { .. }
            | Refusal::TableFull { .. } => true,
            Refusal::PriorityZero
            | Refusal::NoPriorities { .. }
            | Refusal::NotConnected { .. }
            | Refusal::Device { .. } => false,
        },
    }
}

pub(super) fn log_writes(log: &Logger, writes: &[TableWrite], outcomes: &[Outcome]) {
    if !log.is_debug_enabled() && outcomes.iter().all(Result::is_ok) {
        return;
    }
    for (write, outcome) in writes.iter().zip(outcomes) {
        match outcome {
            Ok(()) => debug!(log, "table write"; "write" => %write),
            Err(WriteError::NotAttempted) => {
                debug!(log, "table write not attempted"; "write" => %write);
            }
            Err(error) => warn!(log, "table write failed"; "write" => %write, "error" => %error),
        }
    }
}
