//! Keeping the journal at what the controller says.

use journal::{CommitError, Journal, JournalFault, Step};

/// The journal, and what is still owed to it.
///
/// A step whose outcome could not be found out was refused to its client. Should it turn out to be in
/// the journal, it is taken back; until that is done, the journal takes no other step.
pub(super) struct Keeper {
    journal: Box<dyn Journal>,
    debt: Option<Debt>,
}

/// What has to be done before the journal is as it should be.
struct Debt {
    /// The step back.
    back: Step,
    state: DebtState,
}

/// How far a debt is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DebtState {
    /// The step may be there.
    MayBeThere,
    /// It is there.
    IsThere,
    /// It is there, or the step back after it.
    MayBeBack,
}

impl Keeper {
    pub(super) fn new(journal: Box<dyn Journal>) -> Self {
        Self { journal, debt: None }
    }

    /// Makes a step durable, whole or not at all.
    pub(super) fn keep(&mut self, step: Step) -> Result<(), JournalFault> {
        self.settle()?;
        if step.is_empty() {
            return Ok(());
        }
        match self.journal.commit(&step) {
            Ok(()) => Ok(()),
            Err(CommitError::NotDone(fault)) => Err(fault),
            Err(CommitError::Unknown(fault)) => match self.journal.settle() {
                Ok(true) => Ok(()),
                Ok(false) => Err(fault),
                Err(_) => {
                    self.debt = Some(Debt { back: step.reversed(), state: DebtState::MayBeThere });
                    Err(fault)
                }
            },
        }
    }

    /// Closes the journal in order, once all is done.
    pub(super) fn close(&mut self) -> Result<(), JournalFault> {
        self.settle()?;
        self.journal.close()
    }

    /// Whether something is owed.
    pub(super) fn is_in_debt(&self) -> bool {
        self.debt.is_some()
    }

    /// Makes the journal hold what it should.
    pub(super) fn settle(&mut self) -> Result<(), JournalFault> {
        while let Some(debt) = &mut self.debt {
            match debt.state {
                DebtState::MayBeThere => match self.journal.settle()? {
                    true => debt.state = DebtState::IsThere,
                    false => self.debt = None,
                },
                DebtState::IsThere => match self.journal.commit(&debt.back) {
                    Ok(()) => self.debt = None,
                    Err(CommitError::NotDone(fault)) => return Err(fault),
                    Err(CommitError::Unknown(fault)) => {
                        debt.state = DebtState::MayBeBack;
                        return Err(fault);
                    }
                },
                DebtState::MayBeBack => match self.journal.settle()? {
                    true => self.debt = None,
                    false => debt.state = DebtState::IsThere,
                },
            }
        }
        Ok(())
    }
}
