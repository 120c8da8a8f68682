//! What happened, and how often.

use std::collections::BTreeMap;
use std::fmt;

/// How often each kind of thing happened, so that a simulation that has gone blind is noticed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    counts: BTreeMap<String, u64>,
}

impl Coverage {
    /// What happens too, but too seldom to be counted on within a few hundred runs.
    pub const RARE: [&'static str; 1] = ["routes: torn by journal"];

    /// What happens, sooner or later, and nothing else does but what is rare.
    pub const EXPECTED: [&'static str; 84] = [
        "all faults end",
        "answer: device refused",
        "answer: done",
        "answer: full",
        "answer: journal failed",
        "answer: refused",
        "answer: torn",
        "answer: torn by journal",
        "chaos: answer lost or late",
        "chaos: delayed",
        "chaos: read failed",
        "chaos: refused at once",
        "chaos: refused midway",
        "crash between steps",
        "crash within a repair",
        "crash within a request",
        "crash within a start",
        "crash: killed",
        "crash: power lost",
        "crash: rows of the switch lost",
        "dry run",
        "end in order",
        "fault: all reads are refused",
        "fault: all writes are refused",
        "fault: an answer will be lost",
        "fault: an answer will be lost and more refused",
        "fault: rows lost silently",
        "fault: switch away",
        "fault: syncs fail",
        "fault: tampered with",
        "fault: the disk fails now and then",
        "fault: the disk is full",
        "fault: the disk is well",
        "fault: the disk takes nothing",
        "fault: the way to the switch is free",
        "fault: writes are blocked",
        "fault: writes are refused after some",
        "gap on the way back",
        "gap that the answer names",
        "journal: outcome not to be found out",
        "journal: outcome unknown",
        "journal: step not taken",
        "journal: step taken",
        "refusal: Conflict",
        "refusal: Empty",
        "refusal: Mismatch",
        "refusal: NamedTwice",
        "refusal: NoSuchGroup",
        "refusal: NotUngrouped",
        "refusal: Stale",
        "refusal: StaleToTombstone",
        "refusal: TooManyGroups",
        "refusal: TooManyRemovals",
        "repair: clean",
        "repair: failed",
        "repair: paused",
        "request: adopting",
        "request: delete",
        "request: equal generation",
        "request: equal generation with other content",
        "request: late repetition",
        "request: newer generation",
        "request: put of an entry",
        "request: remove of an entry",
        "request: reserving",
        "request: reset",
        "request: routes and neighbours",
        "request: several groups at once",
        "request: stale generation",
        "restart that finds all as it was",
        "restart with what was under way",
        "routes: device refused",
        "routes: done",
        "routes: journal failed",
        "routes: refused",
        "routes: torn",
        "start hindered by faults",
        "starts",
        "steps",
        "switch lost and found",
        "switch lost and found amid writes",
        "switch restarted",
        "switch restarted amid writes",
        "table writes",
    ];

    /// How often something happened.
    pub fn of(&self, kind: &str) -> u64 {
        self.counts.get(kind).copied().unwrap_or(0)
    }

    /// All kinds of things, by name, and how often each happened.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.counts.iter().map(|(kind, count)| (kind.as_str(), *count))
    }

    /// Takes in what happened elsewhere.
    pub fn merge(&mut self, other: &Coverage) {
        for (kind, count) in &other.counts {
            self.add(kind, *count);
        }
    }

    pub(crate) fn note(&mut self, kind: &str) {
        self.add(kind, 1);
    }

    pub(crate) fn add(&mut self, kind: &str, count: u64) {
        if count == 0 {
            return;
        }
        match self.counts.get_mut(kind) {
            Some(sum) => *sum += count,
            None => {
                self.counts.insert(kind.to_owned(), count);
            }
        }
    }
}

impl fmt::Display for Coverage {
    /// One kind a line.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter().try_for_each(|(kind, count)| writeln!(formatter, "{count:>12}  {kind}"))
    }
}
