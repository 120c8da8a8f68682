//! Comparing what the device holds with what it should hold, and naming each difference.

use super::command::DeviceFault;
use super::{Controller, read_rows};
use crate::lower::{family_of, table_of};
use asic::{RowKey, Table};
use nat_groups::{Difference, GroupName};
use slog::{Logger, error, info, o, warn};
use std::fmt;
use std::num::NonZeroU64;
use std::time::Duration;

/// What an audit found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audit {
    /// How many rows were compared: those that are there, and those that should be and are not.
    pub checked: u64,
    /// The differences in the order of their keys, those of the NAT tables first; of each kind at
    /// most [`Audit::LISTED`] of these and as many of other tables.
    pub findings: Vec<Finding>,
    /// How many differences of each kind there are in the NAT tables.
    pub nat_totals: PerKind<u64>,
    /// The same of all other tables.
    pub forwarding_totals: PerKind<u64>,
    /// How many writes repairs had made before.
    pub(super) mended_before: u64,
}

/// A difference between what the device holds and what it should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What differs.
    pub what: Differing,
    /// The group that it concerns, if there is one.
    pub group: Option<GroupName>,
    /// Since when it has been known, in microseconds since the beginning of 1970.
    pub since_unix_micros: u64,
}

/// What differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Differing {
    /// A row of a NAT table.
    Nat(Difference),
    /// A row of another table.
    Forwarding {
        /// The row.
        key: RowKey,
        /// How it differs: it has another action, if it is there and should be.
        kind: Kind,
    },
}

/// How a row differs from what it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// It is not there.
    Missing,
    /// It is there and should not be.
    Extra,
    /// It does something else with packets.
    WrongTarget,
    /// It has another priority.
    WrongPriority,
}

/// A value for each [`Kind`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PerKind<T>([T; Kind::ALL.len()]);

/// Audits that go on by themselves in the background.
#[derive(Debug)]
pub(super) struct Scrub {
    /// How many rows to compare in a second, on average; `None` for none at all.
    rows_per_second: Option<NonZeroU64>,
    /// When the next pass begins.
    due: Duration,
    /// The tables that are still to be read in this pass, the next one last.
    left: Vec<Table>,
    /// The rows compared in this pass.
    checked: u64,
}

impl Audit {
    /// How many differences of a kind are listed at most.
    pub const LISTED: usize = 1000;

    /// Whether nothing differs.
    pub fn is_clean(&self) -> bool {
        self.total() == 0
    }

    /// How many differences there are.
    pub fn total(&self) -> u64 {
        let of_kind = |&kind| self.nat_totals[kind] + self.forwarding_totals[kind];
        Kind::ALL.iter().map(of_kind).sum()
    }
}

impl Differing {
    /// How it differs.
    pub fn kind(&self) -> Kind {
        match self {
            Differing::Nat(Difference::Missing { .. }) => Kind::Missing,
            Differing::Nat(Difference::Extra { .. }) => Kind::Extra,
            Differing::Nat(Difference::WrongTarget { .. }) => Kind::WrongTarget,
            Differing::Nat(Difference::WrongPriority { .. }) => Kind::WrongPriority,
            Differing::Forwarding { kind, .. } => *kind,
        }
    }

    /// The table.
    pub fn table(&self) -> Table {
        match self {
            Differing::Nat(difference) => table_of(difference.slot().family()),
            Differing::Forwarding { key, .. } => key.table(),
        }
    }
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 4] = [Kind::Missing, Kind::Extra, Kind::WrongTarget, Kind::WrongPriority];

    /// In one word, as metrics have it.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Missing => "missing",
            Kind::Extra => "extra",
            Kind::WrongTarget => "target",
            Kind::WrongPriority => "priority",
        }
    }
}

impl<T> std::ops::Index<Kind> for PerKind<T> {
    type Output = T;

    fn index(&self, kind: Kind) -> &T {
        &self.0[kind as usize]
    }
}

impl<T> std::ops::IndexMut<Kind> for PerKind<T> {
    fn index_mut(&mut self, kind: Kind) -> &mut T {
        &mut self.0[kind as usize]
    }
}

impl fmt::Display for Differing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Differing::Nat(Difference::Missing { slot, target }) => {
                write!(formatter, "{slot} to {target} is missing")
            }
            Differing::Nat(Difference::Extra { row }) => write!(
                formatter,
                "{} to {} at priority {} should not be there",
                row.slot, row.target, row.priority
            ),
            Differing::Nat(Difference::WrongTarget { slot, expected, found, .. }) => {
                write!(formatter, "{slot} goes to {found} instead of {expected}")
            }
            Differing::Nat(Difference::WrongPriority { slot, expected, found, .. }) => {
                write!(formatter, "{slot} has priority {found} instead of {expected}")
            }
            Differing::Forwarding { key, kind } => {
                let words = match kind {
                    Kind::Missing => "is missing",
                    Kind::Extra => "should not be there",
                    Kind::WrongTarget => "does something else than it should",
                    Kind::WrongPriority => "has another priority than it should",
                };
                write!(formatter, "{} {key} {words}", key.table())
            }
        }
    }
}

impl Scrub {
    /// The shortest time from the beginning of one pass to that of the next.
    const SHORTEST: Duration = Duration::from_secs(1);

    pub(super) fn new(rows_per_second: Option<NonZeroU64>) -> Self {
        Self { rows_per_second, due: Self::SHORTEST, left: Vec::new(), checked: 0 }
    }

    /// When there is something to do, if ever.
    fn due(&self) -> Option<Duration> {
        self.rows_per_second.map(|_| if self.left.is_empty() { self.due } else { Duration::ZERO })
    }

    /// The table that is to be read now.
    fn next_table(&mut self) -> Option<Table> {
        if self.left.is_empty() {
            self.left = Table::ALL.iter().rev().copied().collect();
            self.checked = 0;
        }
        self.left.pop()
    }

    /// So many rows of a table were compared.
    fn compared(&mut self, rows: u64, now: Duration) {
        self.checked += rows;
        if self.left.is_empty() {
            let rate = self.rows_per_second.map_or(u64::MAX, NonZeroU64::get);
            let fair = Duration::from_secs(self.checked / rate)
                + Duration::from_secs(1).mul_f64((self.checked % rate) as f64 / rate as f64);
            self.due = now + fair.max(Self::SHORTEST);
        }
    }

    /// This pass comes to nothing.
    fn give_up(&mut self, now: Duration) {
        self.left.clear();
        self.due = now + Self::SHORTEST;
    }
}

impl Controller {
    /// Reads all tables back, compares them with what they should hold, and names each difference.
    /// Then a repair is due; or, without `repair`, what was found is left as it is until a repair
    /// is asked for, unless there was something to mend before.
    ///
    /// # Errors
    ///
    /// If a table cannot be read, or holds rows that are none of ours.
    pub fn audit(&mut self, repair: bool) -> Result<Audit, DeviceFault> {
        let log = self.log.new(o!("task" => "audit"));
        self.follow_epoch(&log);
        let was_to_mend = self.needs_repair();
        let mut checked = 0;
        let result: Result<(), DeviceFault> = Table::ALL.iter().try_for_each(|&table| {
            checked += self.compare(table)?;
            Ok(())
        });
        self.is_left = !repair && !was_to_mend;
        if repair {
            self.backoff.reset();
        }
        let audit = self.audit_of(checked);
        self.publish();
        result?;
        info!(log, "the tables were compared with what they should hold";
            "rows" => checked, "differences" => audit.total(), "repair" => repair);
        Ok(audit)
    }

    /// How many table writes the repair since an audit has made.
    pub fn mended_since(&self, audit: &Audit) -> u64 {
        self.mended_writes - audit.mended_before
    }

    /// How many differences are known to be left.
    pub fn differences(&self) -> u64 {
        self.applied.differences().count() as u64 + self.forwarding.differences().count() as u64
    }

    /// How long it is until the next table is read in the background.
    pub(super) fn scrub_due_in(&self) -> Option<Duration> {
        Some(self.scrub.due()?.saturating_sub(self.clock.elapsed()))
    }

    /// Reads the next table back in the background and compares it. What is found is mended as
    /// anything else is.
    pub(super) fn scrub(&mut self) {
        let log = self.log.new(o!("task" => "scrub"));
        let Some(table) = self.scrub.next_table() else { return };
        self.is_left = false;
        match self.compare(table) {
            Ok(rows) => self.scrub.compared(rows, self.clock.elapsed()),
            Err(fault) => {
                warn!(log, "a table could not be compared"; "error" => %fault);
                self.scrub.give_up(self.clock.elapsed());
            }
        }
        self.publish();
    }

    /// Reads one table back, and says how many rows were compared.
    fn compare(&mut self, table: Table) -> Result<u64, DeviceFault> {
        let log = self.log.new(o!("table" => table.name()));
        let rows = match family_of(table) {
            Some(family) => {
                let rows = read_rows(&mut *self.asic, family, self.device_timeout)?;
                let found = rows.len() as u64;
                self.applied = self.applied.read_back(family, rows, &self.store);
                self.doubtful[family] = false;
                self.is_unread &= self.is_doubtful();
                found
            }
            None => self.forwarding.read_back(&mut *self.asic, table)?,
        };
        let now = self.note_differences();
        let mut missing = 0;
        let mut news = PerKind::<u64>::default();
        for finding in self.findings(&[table]) {
            let kind = finding.what.kind();
            missing += u64::from(kind == Kind::Missing);
            if finding.since_unix_micros == now {
                news[kind] += 1;
                if news[kind] <= LOGGED {
                    log_finding(&log, &finding);
                }
            }
        }
        for kind in Kind::ALL {
            self.meters.found(kind.name(), news[kind]);
            if news[kind] > LOGGED {
                error!(log, "more rows are not as they should be"; "kind" => kind.name(),
                    "more" => news[kind] - LOGGED);
            }
        }
        Ok(rows + missing)
    }

    fn audit_of(&self, checked: u64) -> Audit {
        let (mut nat_totals, mut forwarding_totals) = (PerKind::default(), PerKind::default());
        let mut findings = Vec::new();
        for finding in self.findings(Table::ALL) {
            let totals = match finding.what {
                Differing::Nat(_) => &mut nat_totals,
                Differing::Forwarding { .. } => &mut forwarding_totals,
            };
            let total: &mut u64 = &mut totals[finding.what.kind()];
            *total += 1;
            if *total <= Audit::LISTED as u64 {
                findings.push(finding);
            }
        }
        let mended_before = self.mended_writes;
        Audit { checked, findings, nat_totals, forwarding_totals, mended_before }
    }

    /// All differences of these tables that are known.
    fn findings<'a>(&'a self, tables: &'a [Table]) -> impl Iterator<Item = Finding> + 'a {
        let now = self.clock.unix_micros();
        let is_of = |table: Table| tables.contains(&table);
        let of_nat = self.applied.differences().map(|(group, it)| (group, it.slot(), it));
        let of_nat = of_nat.filter(move |(_, slot, _)| is_of(table_of(slot.family()))).map(
            move |(group, slot, difference)| Finding {
                what: Differing::Nat(difference),
                group: group.and_then(|id| Some(self.store.group_by_id(id)?.name().clone())),
                since_unix_micros: self.sightings.since(&slot).unwrap_or(now),
            },
        );
        let of_others = self.forwarding.differences();
        let of_others =
            of_others.filter(move |(key, _)| is_of(key.table())).map(move |(key, kind)| Finding {
                what: Differing::Forwarding { key, kind },
                group: None,
                since_unix_micros: self.forwarding_sightings.since(&key).unwrap_or(now),
            });
        of_nat.chain(of_others)
    }
}

/// How many differences of a kind are logged of a table at once.
const LOGGED: u64 = 20;

fn log_finding(log: &Logger, finding: &Finding) {
    let Finding { what, group, since_unix_micros } = finding;
    error!(log, "a row is not as it should be"; "row" => %what, "kind" => what.kind().name(),
        "group" => group.as_ref().map(GroupName::as_str), "since_unix_micros" => since_unix_micros);
}
