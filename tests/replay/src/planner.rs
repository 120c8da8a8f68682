//! In which order the writes from one generation to the next are done.

use nat_groups::{
    Applied, Capacity, Change, DeviceRow, GroupId, Plan, Priority, Scope, Slot, Store, TableFull,
    Write, plan,
};

/// Who plans the writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Planner {
    /// The planner that dpd has.
    #[default]
    Dpd,
    /// A mistake, planted to see that the replay finds it: whatever changes is deleted before
    /// anything is added.
    DeleteFirst,
}

/// Stages of writes. Within one, any order should do.
#[derive(Default)]
pub(crate) struct Stages {
    pub(crate) stages: Vec<Vec<Write>>,
    /// Slots that are said to have a gap, for want of room.
    pub(crate) gaps: Vec<Slot>,
    /// The plan that dpd has, whoever planned.
    pub(crate) plan: Plan,
}

impl Planner {
    pub(crate) fn stages(
        self,
        applied: &Applied,
        next: &Store,
        groups: &[GroupId],
        capacity: &Capacity,
        changes: &[Change],
    ) -> Result<Stages, TableFull> {
        let plan = plan(applied, next, Scope::Groups(groups), capacity)?;
        let (stages, gaps) = match self {
            Planner::Dpd => (plan.stages().to_vec(), plan.gaps().to_vec()),
            Planner::DeleteFirst => (delete_first(applied, changes), Vec::new()),
        };
        Ok(Stages { stages, gaps, plan })
    }
}

fn delete_first(applied: &Applied, changes: &[Change]) -> Vec<Vec<Write>> {
    let gone = changes.iter().filter(|change| change.was().is_some()).flat_map(|change| {
        let slot = change.slot();
        let rows = applied.rows_at(&slot);
        rows.into_iter().map(move |(priority, _)| Write::Delete { slot, priority })
    });
    let come = changes.iter().filter_map(|change| {
        let (slot, target) = (change.slot(), change.target()?);
        Some(Write::Insert(DeviceRow { slot, priority: Priority::DEFAULT, target }))
    });
    let stages = [gone.collect::<Vec<_>>(), come.collect()];
    stages.into_iter().filter(|stage| !stage.is_empty()).collect()
}
