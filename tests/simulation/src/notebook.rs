//! The journal, as the daemon under test has it.

use crate::planted::Planted;
use crate::power::Power;
use crate::random::Random;
use journal::{CommitError, Journal, JournalFault, RedbJournal, Step};
use parking_lot::Mutex;
use std::sync::Arc;

/// What a journal was asked.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Kept {
    /// Steps that it took.
    pub(crate) done: u64,
    /// Steps that it did not take.
    pub(crate) not_done: u64,
    /// Steps of which it did not know.
    pub(crate) unknown: u64,
    /// Times that it could not find out.
    pub(crate) unsettled: u64,
}

impl Kept {
    pub(crate) fn faults(&self) -> u64 {
        self.not_done + self.unknown + self.unsettled
    }
}

/// Stands between the daemon and its journal: without power nothing is done.
pub(crate) struct Notebook {
    journal: RedbJournal,
    power: Power,
    kept: Arc<Mutex<Kept>>,
    planted: Option<(Planted, Random)>,
    /// A step that was answered and is not there.
    owed: Option<Step>,
}

impl Notebook {
    pub(crate) fn new(
        journal: RedbJournal,
        power: Power,
        kept: Arc<Mutex<Kept>>,
        planted: Option<(Planted, Random)>,
    ) -> Self {
        Self { journal, power, kept, planted, owed: None }
    }

    fn commit_with_mistake(&mut self, step: &Step) -> Result<(), CommitError> {
        let Some((planted, random)) = &mut self.planted else { return self.journal.commit(step) };
        match planted {
            Planted::JournalForgets if random.percent(2) => Ok(()),
            Planted::JournalDeniesSteps if random.percent(2) => {
                self.journal.commit(step)?;
                Err(CommitError::NotDone(JournalFault::Unsettled))
            }
            Planted::JournalAnswersBeforeSync => {
                // Each step is written when the next comes.
                if let Some(owed) = self.owed.replace(step.clone()) {
                    self.journal.commit(&owed)?;
                }
                Ok(())
            }
            Planted::JournalBuriesNothing => {
                let mut step = step.clone();
                if step.before.tombstone_changes(&step.after).next().is_some() {
                    step.after = step.before.clone();
                }
                self.journal.commit(&step)
            }
            _ => self.journal.commit(step),
        }
    }
}

impl Journal for Notebook {
    fn commit(&mut self, step: &Step) -> Result<(), CommitError> {
        if self.power.is_off() {
            return Err(CommitError::NotDone(JournalFault::Unsettled));
        }
        let result = self.commit_with_mistake(step);
        let mut kept = self.kept.lock();
        match &result {
            Ok(()) => kept.done += 1,
            Err(CommitError::NotDone(_)) => kept.not_done += 1,
            Err(CommitError::Unknown(_)) => kept.unknown += 1,
        }
        result
    }

    fn settle(&mut self) -> Result<bool, JournalFault> {
        if self.power.is_off() {
            return Err(JournalFault::Unsettled);
        }
        let result = self.journal.settle();
        if result.is_err() {
            self.kept.lock().unsettled += 1;
        }
        result
    }
}
