//! What a table is, in the plainest words: a list, and a look at each of its entries.

use p4::ir::MatchKind;
use p4::table::{EntryKey, Match};

use crate::program::Key;

/// An entry: its key and the argument of its action.
pub(crate) type Row = (EntryKey, u128);

#[derive(Clone, Debug)]
pub(crate) struct Oracle {
    pub(crate) keys: Vec<Key>,
    pub(crate) rows: Vec<Row>,
}

impl Oracle {
    pub(crate) fn position(&self, key: &EntryKey) -> Option<usize> {
        self.rows.iter().position(|(one, _)| one == key)
    }

    /// The one that wins: the largest priority, in lpm tables the longest prefix, then the
    /// earliest key, where the one element that is not exact is a range by its numbers.
    pub(crate) fn lookup(&self, values: &[u128]) -> Option<&Row> {
        let all = self.rows.iter().filter(|(key, _)| self.accepts(key, values));
        all.min_by_key(|(key, _)| {
            let prefix = if key.priority > 0 { 0 } else { prefix_length(key) };
            (std::cmp::Reverse((key.priority, prefix)), self.numbers(key), key.clone())
        })
    }

    pub(crate) fn overlaps(&self, key: &EntryKey) -> bool {
        self.rows.iter().any(|(other, _)| {
            let elements = self.keys.iter().zip(&key.matches).zip(&other.matches);
            key.priority > 0
                && other.priority == key.priority
                && elements.into_iter().all(|((shape, one), other)| {
                    probes(shape, one)
                        .chain(probes(shape, other))
                        .any(|value| accepts(shape, one, value) && accepts(shape, other, value))
                })
        })
    }

    fn numbers(&self, key: &EntryKey) -> Option<(i128, i128)> {
        let mut others =
            self.keys.iter().zip(&key.matches).filter(|((kind, ..), _)| *kind != MatchKind::Exact);
        match (others.next(), others.next()) {
            (Some(((_, width, true), Match::Range { low, high })), None) => {
                Some((signed(*low, *width), signed(*high, *width)))
            }
            _ => None,
        }
    }

    fn accepts(&self, key: &EntryKey, values: &[u128]) -> bool {
        let elements = self.keys.iter().zip(&key.matches).zip(values);
        elements.into_iter().all(|((shape, element), value)| accepts(shape, element, *value))
    }
}

fn prefix_length(key: &EntryKey) -> u32 {
    let length = |element: &Match| match element {
        Match::Lpm { prefix_length, .. } => *prefix_length,
        _ => 0,
    };
    key.matches.iter().map(length).sum()
}

fn accepts((_, width, is_signed): &Key, element: &Match, value: u128) -> bool {
    let number = |value: u128| if *is_signed { signed(value, *width) } else { value as i128 };
    match *element {
        Match::Exact(wanted) => value == wanted,
        Match::Optional(wanted) => wanted.is_none_or(|wanted| value == wanted),
        Match::Lpm { value: wanted, prefix_length } => {
            let behind = width - prefix_length;
            behind == *width || value >> behind == wanted >> behind
        }
        Match::Ternary { value: wanted, mask } => value & mask == wanted & mask,
        Match::Range { low, high } => (number(low)..=number(high)).contains(&number(value)),
    }
}

/// Values of a narrow element, all of them.
fn probes((_, width, _): &Key, _: &Match) -> impl Iterator<Item = u128> {
    0..1_u128 << width
}

fn signed(value: u128, width: u32) -> i128 {
    let shift = 128 - width;
    (value << shift) as i128 >> shift
}

/// Whether a kind of match puts entries in an order.
pub(crate) fn has_priority(keys: &[Key]) -> bool {
    keys.iter().any(|(kind, ..)| !matches!(kind, MatchKind::Exact | MatchKind::Lpm))
}
