//! What a stream of numbered datagrams says of a change that moved its service.

use std::collections::BTreeSet;
use std::fmt;

/// A stream as it was sent, and as it arrived at the two sleds.
#[derive(Clone, Debug)]
pub(crate) struct Observed {
    /// How many datagrams were sent, numbered from 0.
    pub(crate) sent: u64,
    /// The number of the next datagram when the move was asked for.
    pub(crate) move_asked: u64,
    /// The number of the next datagram when the move had been confirmed; the one before may have
    /// been on its way.
    pub(crate) move_confirmed: u64,
    /// What arrived at the sled that had the service before, in order.
    pub(crate) before: Vec<u64>,
    /// What arrived at the sled that had it afterwards, in order.
    pub(crate) after: Vec<u64>,
}

/// How a stream broke the rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Violation {
    /// Datagrams arrived nowhere.
    Lost { count: usize, first: u64 },
    /// Datagrams arrived more than once.
    Repeated { count: usize },
    /// Datagrams overtook others on the way to one sled.
    OutOfOrder { sled: &'static str },
    /// A datagram arrived that was never sent.
    Invented { number: u64 },
    /// Some went to the new sled, and later ones to the old.
    BackAndForth { last_before: u64, first_after: u64 },
    /// A datagram that was sent when the move had been confirmed went to the old sled.
    MovedLate { number: u64 },
    /// A datagram went to the new sled long before the move was asked for.
    MovedEarly { number: u64 },
    /// No datagram went to the new sled.
    NotMoved,
}

/// How many datagrams may be under way: one that was sent before the move was asked for may still
/// reach the switch after it.
const UNDER_WAY: u64 = 1000;

impl Observed {
    /// All that is wrong, in a fixed order.
    pub(crate) fn violations(&self) -> Vec<Violation> {
        let Self { sent, move_asked, move_confirmed, before, after } = self;
        let mut violations = Vec::new();
        let arrived: BTreeSet<u64> = before.iter().chain(after).copied().collect();
        let lost: Vec<u64> = (0..*sent).filter(|number| !arrived.contains(number)).collect();
        if let Some(&first) = lost.first() {
            violations.push(Violation::Lost { count: lost.len(), first });
        }
        let repeated = before.len() + after.len() - arrived.len();
        if repeated > 0 {
            violations.push(Violation::Repeated { count: repeated });
        }
        for (sled, numbers) in [("the old sled", before), ("the new sled", after)] {
            if !numbers.is_sorted() {
                violations.push(Violation::OutOfOrder { sled });
            }
        }
        if let Some(&number) = arrived.range(sent..).next() {
            violations.push(Violation::Invented { number });
        }
        let (last_before, first_after) = (before.iter().max(), after.iter().min());
        if let Some(&number) = last_before.filter(|&number| number > move_confirmed) {
            violations.push(Violation::MovedLate { number });
        }
        match first_after {
            None => violations.push(Violation::NotMoved),
            Some(&number) if number + UNDER_WAY < *move_asked => {
                violations.push(Violation::MovedEarly { number });
            }
            Some(&first_after) => {
                if let Some(&last_before) = last_before.filter(|last| **last > first_after) {
                    violations.push(Violation::BackAndForth { last_before, first_after });
                }
            }
        }
        violations
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lost { count, first } => {
                write!(formatter, "{count} were lost, the first of them number {first}")
            }
            Self::Repeated { count } => write!(formatter, "{count} arrived more than once"),
            Self::OutOfOrder { sled } => write!(formatter, "some overtook others to {sled}"),
            Self::Invented { number } => {
                write!(formatter, "number {number} arrived, which was never sent")
            }
            Self::BackAndForth { last_before, first_after } => write!(
                formatter,
                "number {first_after} went to the new sled and number {last_before}, which came \
                 later, to the old one",
            ),
            Self::MovedLate { number } => write!(
                formatter,
                "number {number} was sent after the move had been confirmed and went to the old \
                 sled",
            ),
            Self::MovedEarly { number } => write!(
                formatter,
                "number {number} went to the new sled long before the move was asked for",
            ),
            Self::NotMoved => formatter.write_str("none went to the new sled"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 5,000 datagrams, of which those from number 3000 on went to the new sled.
    fn flawless() -> Observed {
        Observed {
            sent: 5000,
            move_asked: 2990,
            move_confirmed: 3010,
            before: (0..3000).collect(),
            after: (3000..5000).collect(),
        }
    }

    #[test]
    fn a_move_between_two_datagrams_is_flawless() {
        assert_eq!(flawless().violations(), []);
    }

    #[test]
    fn each_flaw_is_told() {
        let with = |flaw: fn(&mut Observed)| {
            let mut observed = flawless();
            flaw(&mut observed);
            observed.violations()
        };
        assert_eq!(
            with(|it| it.before.retain(|number| ![7, 8].contains(number))),
            [Violation::Lost { count: 2, first: 7 }]
        );
        assert_eq!(with(|it| it.after.truncate(1999)), [Violation::Lost { count: 1, first: 4999 }]);
        assert_eq!(with(|it| it.before.push(2999)), [Violation::Repeated { count: 1 }]);
        assert_eq!(
            with(|it| it.after.swap(5, 6)),
            [Violation::OutOfOrder { sled: "the new sled" }]
        );
        assert_eq!(with(|it| it.after.push(5000)), [Violation::Invented { number: 5000 }]);
        assert_eq!(with(|it| it.move_confirmed = 2900), [Violation::MovedLate { number: 2999 }]);
        assert_eq!(with(|it| it.move_asked = 4500), [Violation::MovedEarly { number: 3000 }]);
        assert_eq!(
            with(|it| {
                it.before.pop();
                it.before.push(3000);
                it.after[0] = 2999;
            }),
            [Violation::BackAndForth { last_before: 3000, first_after: 2999 }]
        );
        assert_eq!(
            with(|it| {
                let after = std::mem::take(&mut it.after);
                it.before.extend(after);
            }),
            [Violation::MovedLate { number: 4999 }, Violation::NotMoved]
        );
    }
}
