//! Mistakes on purpose, to see that the simulation finds them.

use std::fmt;

/// A mistake that the simulation has to find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Planted {
    /// The switch says that it did a write, and now and then did not.
    SwitchSkipsWrites,
    /// The switch deletes a row and inserts it again where it is told to modify it.
    SwitchDeletesToModify,
    /// The device takes an answer that got lost for a yes.
    LostWritesAreDone,
    /// The device does not say that it was lost and found.
    EpochStandsStill,
    /// The journal answers, and forgets a step now and then.
    JournalForgets,
    /// The journal answers before anything is on the disk.
    JournalAnswersBeforeSync,
    /// The journal says that a step was not done that was.
    JournalDeniesSteps,
    /// The journal keeps the generation of a group that is deleted, and no tombstone.
    JournalBuriesNothing,
    /// The daemon writes to the switch in a dry run.
    DryRunsAreReal,
}

impl Planted {
    /// All of them.
    pub const ALL: [Planted; 9] = [
        Planted::SwitchSkipsWrites,
        Planted::SwitchDeletesToModify,
        Planted::LostWritesAreDone,
        Planted::EpochStandsStill,
        Planted::JournalForgets,
        Planted::JournalAnswersBeforeSync,
        Planted::JournalDeniesSteps,
        Planted::JournalBuriesNothing,
        Planted::DryRunsAreReal,
    ];
}

impl fmt::Display for Planted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Planted::SwitchSkipsWrites => "a switch that skips writes",
            Planted::SwitchDeletesToModify => "a switch that deletes to modify",
            Planted::LostWritesAreDone => "a device that takes lost writes for done",
            Planted::EpochStandsStill => "a device that does not tell of its loss",
            Planted::JournalForgets => "a journal that forgets steps",
            Planted::JournalAnswersBeforeSync => "a journal that answers before it syncs",
            Planted::JournalDeniesSteps => "a journal that denies steps",
            Planted::JournalBuriesNothing => "a journal without tombstones",
            Planted::DryRunsAreReal => "a daemon whose dry runs are real",
        })
    }
}
