//! Performs the plans from generation to generation, and looks after every single write.

use std::fmt;
use std::sync::Arc;

use asic::{InvalidRow, TableWrite};
use dpd::lower;
use nat_groups::{
    Adopt, Applied, Capacity, Change, Ensure, Family, Generation, GroupName, InvalidGeneration,
    Limits, Mapping, PerFamily, Plan, Refusal, Slot, SortedMappings, Stamp, Store, TableFull,
    Target, one_row,
};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;
use thiserror::Error;

use crate::history::Version;
use crate::planner::{Planner, Stages};
use crate::probe::{Fate, InWords, Probe, UPLINK};
use crate::switch::{Switch, SwitchFailure, nat_rows, perform, set_up};

/// How to replay.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Who plans.
    pub planner: Planner,
    /// Chooses the order of the writes of each stage.
    pub seed: u64,
    /// How many violations to describe; the others are only counted.
    pub most_violations: usize,
}

/// What a replay found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// How many steps from one generation to the next were made.
    pub steps: u64,
    /// How many table writes.
    pub writes: u64,
    /// How many probes were sent.
    pub probes: u64,
    /// The slots of gaps that the plans named, for want of room.
    pub gaps: Vec<Slot>,
    /// How many probes found what they should not have found.
    pub violations_total: u64,
    /// The first of them.
    pub violations: Vec<Violation>,
}

/// A probe that found what it should not have found.
#[derive(Clone, Debug)]
pub struct Violation {
    /// The generation before; 0 for the empty set.
    pub from: u64,
    /// The generation after.
    pub to: u64,
    /// Which write of the step had just been done, from 1, of how many.
    pub write_number: (usize, usize),
    /// That write; none at the end of a step that had none.
    pub write: Option<TableWrite>,
    /// The probe.
    pub probe: Probe,
    /// Where it led before the step.
    pub before: Option<Target>,
    /// Where it is to lead after it.
    pub after: Option<Target>,
    /// What became of it.
    pub found: Fate,
    /// What the program did with it.
    pub trace: String,
}

/// Why a replay cannot go on.
#[derive(Debug, Error)]
pub enum ReplayFailure {
    /// The switch.
    #[error(transparent)]
    Switch(#[from] SwitchFailure),
    /// A set that a group cannot have.
    #[error("the core refuses generation {generation}: {refusal}")]
    Refused {
        /// The generation.
        generation: u64,
        /// Why.
        refusal: Box<Refusal>,
    },
    /// Only the empty set at the beginning has generation 0.
    #[error(transparent)]
    Generation(#[from] InvalidGeneration),
    /// What does not fit.
    #[error("generation {generation} does not fit the switch: {full}")]
    Full {
        /// The generation.
        generation: u64,
        /// Why not.
        full: Box<TableFull>,
    },
    /// A write that the list of tables does not describe.
    #[error(transparent)]
    Row(#[from] InvalidRow),
}

/// Where a replay is.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// The step, from 1, of how many.
    pub step: (usize, usize),
    /// The write, from 1, of how many in this step.
    pub write: (usize, usize),
}

/// Replays `versions`, the first of which the switch is given whole, on a fresh switch.
///
/// After every single write, probes for every bound of either generation are sent: each has to
/// lead where it led before or where it leads after, and somewhere if it led somewhere before and
/// does so after. At the end of each step each has to lead where the new generation says.
///
/// # Errors
///
/// If the switch fails or refuses. What packets find is in the report and no failure.
pub fn replay(
    switch: &mut dyn Switch,
    versions: &[Version],
    options: &Options,
    mut progress: impl FnMut(Progress),
) -> Result<Report, ReplayFailure> {
    let states: Vec<Vec<Version>> = versions.iter().map(|version| vec![version.clone()]).collect();
    replay_groups(switch, &states, options, &mut progress)
}

/// Replays several groups side by side: each state holds a version of every group, the same groups in
/// each, and from state to state all of them change in one step, so that a mapping can move from one
/// to another.
///
/// # Errors
///
/// As [`replay()`].
pub fn replay_groups(
    switch: &mut dyn Switch,
    states: &[Vec<Version>],
    options: &Options,
    mut progress: impl FnMut(Progress),
) -> Result<Report, ReplayFailure> {
    let Some((first, rest)) = states.split_first() else { return Ok(Report::default()) };
    let mut walk = Walk::start(switch, *options)?;
    walk.load(first)?;
    for (index, states) in states.windows(2).enumerate() {
        let [before, after] = states else { continue };
        walk.step(before, after, |write| {
            progress(Progress { step: (index + 1, rest.len()), write });
        })?;
    }
    Ok(walk.report)
}

/// A replay under way.
struct Walk<'a> {
    switch: &'a mut dyn Switch,
    options: Options,
    capacity: Capacity,
    store: Store,
    applied: Applied,
    order: StdRng,
    report: Report,
}

impl<'a> Walk<'a> {
    fn start(switch: &'a mut dyn Switch, options: Options) -> Result<Self, ReplayFailure> {
        set_up(switch.asic())?;
        let asic = switch.asic();
        let capacity = Capacity {
            size_rows: PerFamily::from_fn(|family| {
                u64::from(asic.size_rows(lower::table_of(family)))
            }),
            has_priorities: asic.capabilities().has_priorities,
        };
        let store = Store::new(Limits::default(), one_row, stamp());
        Ok(Walk {
            switch,
            options,
            capacity,
            applied: Applied::empty(store.clone()),
            store,
            order: StdRng::seed_from_u64(options.seed),
            report: Report::default(),
        })
    }

    /// Gives the switch a set, without looking at packets.
    fn load(&mut self, state: &[Version]) -> Result<(), ReplayFailure> {
        if state.iter().all(|version| version.set.is_empty()) {
            return Ok(());
        }
        let Stages { stages, gaps: _, plan } = self.plan(state, Planner::Dpd)?;
        for write in stages.iter().flatten() {
            perform(self.switch.asic(), lower::write(write)?)?;
        }
        self.settle(&plan)
    }

    fn step(
        &mut self,
        before: &[Version],
        after: &[Version],
        mut progress: impl FnMut((usize, usize)),
    ) -> Result<(), ReplayFailure> {
        let Stages { mut stages, gaps, plan } = self.plan(after, self.options.planner)?;
        let points = Point::of_step(before, after, &gaps);
        let total = stages.iter().map(Vec::len).sum();
        let mut done = 0;
        for stage in &mut stages {
            stage.shuffle(&mut self.order);
            for write in stage.iter() {
                let write = lower::write(write)?;
                perform(self.switch.asic(), write)?;
                done += 1;
                self.report.writes += 1;
                let number = (done, total);
                let place = Place {
                    from: number_of(before),
                    to: number_of(after),
                    number,
                    write: Some(write),
                };
                self.look(&points, &place, Point::allows_on_the_way)?;
                progress((done, total));
            }
        }
        let (from, to) = (number_of(before), number_of(after));
        let place = Place { from, to, number: (done, total), write: None };
        self.look(&points, &place, Point::allows_at_the_end)?;
        self.report.steps += 1;
        self.report.gaps.extend(gaps);
        self.settle(&plan)
    }

    /// What changes in a group.
    fn changes(&self, group: &GroupName, version: &Version) -> Vec<Change> {
        let empty = self.store.empty_set();
        let now = self.store.group(group).map_or(&empty, |group| &group.current().set);
        now.diff(&version.set).collect()
    }

    /// Decides on the next store and plans the way there.
    fn plan(&mut self, state: &[Version], planner: Planner) -> Result<Stages, ReplayFailure> {
        let generation = number_of(state);
        let mut ensures = Vec::new();
        let mut changes = Vec::new();
        for (number, version) in state.iter().enumerate() {
            let group = group_name(number);
            changes.extend(self.changes(&group, version));
            ensures.push(Ensure {
                group,
                generation: Generation::new(version.generation)?,
                mappings: SortedMappings::new(version.set.iter().collect()).unwrap_or_default(),
                adopt: Adopt::None,
                reserve: None,
                max_removals: None,
                allow_empty: true,
            });
        }
        let decision = self
            .store
            .ensure(&ensures, &stamp())
            .map_err(|refusal| ReplayFailure::Refused { generation, refusal: Box::new(refusal) })?;
        let next = decision.next;
        let stages = planner
            .stages(&self.applied, &next, &decision.touched, &self.capacity, &changes)
            .map_err(|full| ReplayFailure::Full { generation, full: Box::new(full) })?;
        self.store = next;
        Ok(stages)
    }

    /// Takes down what the switch holds, from the switch itself.
    fn settle(&mut self, plan: &Plan) -> Result<(), ReplayFailure> {
        let mut applied = self.applied.settled(plan, &self.store);
        for family in Family::ALL {
            let rows = nat_rows(self.switch.asic(), family)?;
            applied = applied.read_back(family, rows, &self.store);
        }
        self.applied = applied;
        Ok(())
    }

    fn look(
        &mut self,
        points: &[Point],
        place: &Place,
        allows: fn(&Point, &Fate) -> bool,
    ) -> Result<(), SwitchFailure> {
        for point in points {
            let outputs = self.switch.send(UPLINK, &point.frame)?;
            let found = point.probe.fate(&point.frame, outputs);
            self.report.probes += 1;
            if allows(point, &found) {
                continue;
            }
            self.report.violations_total += 1;
            if self.report.violations.len() < self.options.most_violations {
                let trace = self.switch.trace(UPLINK, &point.frame)?;
                self.report.violations.push(place.violation(point, found, trace));
            }
        }
        Ok(())
    }
}

/// Where a look is taken.
struct Place {
    from: u64,
    to: u64,
    number: (usize, usize),
    write: Option<TableWrite>,
}

impl Place {
    fn violation(&self, point: &Point, found: Fate, trace: String) -> Violation {
        Violation {
            from: self.from,
            to: self.to,
            write_number: self.number,
            write: self.write,
            probe: point.probe,
            before: point.before,
            after: point.after,
            found,
            trace,
        }
    }
}

/// A probe, and where it leads before and after.
struct Point {
    probe: Probe,
    frame: Vec<u8>,
    before: Option<Target>,
    after: Option<Target>,
    /// Whether the plan says that there may be a gap.
    may_miss: bool,
}

impl Point {
    /// All the places to look at in one step.
    fn of_step(before: &[Version], after: &[Version], gaps: &[Slot]) -> Vec<Self> {
        let [before, after] = [before, after].map(|state| {
            let mappings = state.iter().flat_map(|version| version.set.iter());
            let mut mappings = mappings.collect::<Vec<Mapping>>();
            mappings.sort_unstable_by_key(|mapping| mapping.slot);
            mappings
        });
        let slots = before.iter().chain(&after).map(|mapping| mapping.slot);
        Probe::of_slots(slots)
            .into_iter()
            .map(|probe| Point {
                frame: probe.frame(),
                before: probe.target_in(&before),
                after: probe.target_in(&after),
                may_miss: gaps
                    .iter()
                    .any(|gap| gap.external == probe.external && gap.ports.contains(probe.port)),
                probe,
            })
            .collect()
    }

    fn allows_on_the_way(point: &Point, found: &Fate) -> bool {
        match found {
            Fate::Sent(target) => [point.before, point.after].contains(&Some(*target)),
            Fate::Dropped => point.before.is_none() || point.after.is_none() || point.may_miss,
            Fate::Mangled { .. } => false,
        }
    }

    fn allows_at_the_end(point: &Point, found: &Fate) -> bool {
        match found {
            Fate::Sent(target) => point.after == Some(*target),
            Fate::Dropped => point.after.is_none(),
            Fate::Mangled { .. } => false,
        }
    }
}

/// The number that a state goes by.
fn number_of(state: &[Version]) -> u64 {
    state.first().map_or(0, |version| version.generation)
}

/// A group of the replay's own; what it is called does not matter.
fn group_name(number: usize) -> GroupName {
    GroupName::new(&format!("replay-{number}")).unwrap_or_else(|_| GroupName::ungrouped())
}

/// Nobody asks when a replay was.
fn stamp() -> Stamp {
    Stamp { unix_micros: 0, request_id: Arc::from("replay") }
}

impl Report {
    /// Whether every probe found what it should.
    pub fn is_clean(&self) -> bool {
        self.violations_total == 0
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Violation { from, to, write_number, write, probe, before, after, found, trace } = self;
        let (done, total) = write_number;
        write!(formatter, "generation {from} to {to}, ")?;
        match write {
            Some(write) => writeln!(formatter, "after write {done} of {total}: {write}")?,
            None => writeln!(formatter, "after all {total} writes")?,
        }
        writeln!(formatter, "  {probe}: {found}")?;
        writeln!(formatter, "  before: {}", InWords(before.as_ref()))?;
        writeln!(formatter, "  after:  {}", InWords(after.as_ref()))?;
        trace.lines().try_for_each(|line| writeln!(formatter, "    {line}"))
    }
}
