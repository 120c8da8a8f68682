//! The ranges that cross the middle of one block, and of those that cover a value the one that
//! wins.
//!
//! A value to the left of the middle is in the ranges that begin at or before it, a value to the
//! right in those that end at or behind it. So there are two trees, by the low and by the high
//! bounds, which know the winner of every subtree, and each answers in a logarithm. Only one of
//! them has the entries. Ranges that overlap nowhere are alone at their middle.

use std::cmp::Ordering;
use std::hash::BuildHasher;
use std::sync::Arc;

use super::entry::Entry;
use super::interval::{Interval, Priorities, Rank};
use super::treap::{Node, Summary, Treap};

/// The ranges.
#[derive(Clone, Debug)]
pub(super) enum Crossing {
    None,
    One(Interval),
    Many(Arc<Bounds>),
}

/// The same ranges twice.
#[derive(Clone, Debug, Default)]
pub(super) struct Bounds {
    by_low: Treap<ByLow, Arc<Entry>, Winner>,
    by_high: Treap<ByHigh, (), Winner>,
}

/// In the order of the low bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ByLow(Rank);

/// In the order of the high bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ByHigh(Rank);

/// What wins over all others of a subtree, and what priorities there are.
#[derive(Clone, Debug, PartialEq)]
struct Winner(Rank, Priorities);

impl Ord for ByLow {
    fn cmp(&self, other: &ByLow) -> Ordering {
        let key = |ByLow(rank): &ByLow| (rank.low, rank.high, rank.priority);
        key(self).cmp(&key(other))
    }
}

impl PartialOrd for ByLow {
    fn partial_cmp(&self, other: &ByLow) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ByHigh {
    fn cmp(&self, other: &ByHigh) -> Ordering {
        let key = |ByHigh(rank): &ByHigh| (rank.high, rank.low, rank.priority);
        key(self).cmp(&key(other))
    }
}

impl PartialOrd for ByHigh {
    fn partial_cmp(&self, other: &ByHigh) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl From<&ByLow> for Rank {
    fn from(ByLow(rank): &ByLow) -> Rank {
        *rank
    }
}

impl From<&ByHigh> for Rank {
    fn from(ByHigh(rank): &ByHigh) -> Rank {
        *rank
    }
}

impl<K, V> Summary<K, V> for Winner
where
    for<'a> Rank: From<&'a K>,
{
    fn of(key: &K, _: &V) -> Winner {
        let rank = Rank::from(key);
        Winner(rank, Priorities::of(rank.priority))
    }

    fn join(self, other: &Winner) -> Winner {
        Winner(self.0.min(other.0), self.1.or(other.1))
    }
}

impl Crossing {
    /// The winner of those that cover the value, which is to the right of the middle or not.
    pub(super) fn covering(&self, value: u128, is_right: bool) -> Option<(Rank, &Arc<Entry>)> {
        match self {
            Crossing::None => None,
            Crossing::One(one) => {
                let rank = one.rank();
                rank.covers(value).then_some((rank, &one.entry))
            }
            Crossing::Many(bounds) => {
                let rank = if is_right {
                    let root = bounds.by_high.root();
                    winner(root, |rank| rank.high >= value, |node| (&node.right, &node.left))
                } else {
                    let root = bounds.by_low.root();
                    winner(root, |rank| rank.low <= value, |node| (&node.left, &node.right))
                }?;
                Some((rank, bounds.find(rank)?))
            }
        }
    }

    pub(super) fn find(&self, rank: Rank) -> Option<&Arc<Entry>> {
        match self {
            Crossing::None => None,
            Crossing::One(one) => (one.rank() == rank).then_some(&one.entry),
            Crossing::Many(bounds) => bounds.find(rank),
        }
    }

    /// One of this priority that has a value in common with the range.
    pub(super) fn overlapping(&self, rank: Rank) -> Option<&Arc<Entry>> {
        match self {
            Crossing::None => None,
            Crossing::One(one) => one.rank().overlaps(rank).then_some(&one.entry),
            Crossing::Many(bounds) => overlapping(bounds.by_low.root(), rank),
        }
    }

    /// Adds a range or replaces the entry of this very range and priority.
    pub(super) fn insert(&mut self, interval: Interval, hasher: &impl BuildHasher) {
        match self {
            Crossing::None => *self = Crossing::One(interval),
            Crossing::One(one) if one.rank() == interval.rank() => *one = interval,
            Crossing::One(one) => {
                let mut bounds = Bounds::default();
                bounds.put(one.clone(), hasher);
                bounds.put(interval, hasher);
                *self = Crossing::Many(Arc::new(bounds));
            }
            Crossing::Many(bounds) => Arc::make_mut(bounds).put(interval, hasher),
        }
    }

    /// Removes a range, which is there.
    pub(super) fn remove(&mut self, rank: Rank) {
        match self {
            Crossing::None => {}
            Crossing::One(_) => *self = Crossing::None,
            Crossing::Many(shared) => {
                let bounds = Arc::make_mut(shared);
                bounds.by_low.remove_by(&|key| key.cmp(&ByLow(rank)));
                bounds.by_high.remove_by(&|key| key.cmp(&ByHigh(rank)));
                let last = bounds.by_low.root();
                if let Some(last) = last.filter(|n| n.left.is_none() && n.right.is_none()) {
                    let (rank, entry) = (last.key.0, Arc::clone(&last.value));
                    *self = Crossing::One(Interval::new(rank, entry));
                }
            }
        }
    }

    pub(super) fn priorities(&self) -> Priorities {
        match self {
            Crossing::None => Priorities::default(),
            Crossing::One(one) => Priorities::of(one.rank().priority),
            Crossing::Many(bounds) => {
                bounds.by_low.root().map_or(Priorities::default(), |root| root.summary.1)
            }
        }
    }

    pub(super) fn visit<'a>(&'a self, visitor: &mut dyn FnMut(Rank, &'a Arc<Entry>)) {
        match self {
            Crossing::None => {}
            Crossing::One(one) => visitor(one.rank(), &one.entry),
            Crossing::Many(bounds) => {
                bounds.by_low.visit(&mut |key, entry| visitor(key.0, entry));
            }
        }
    }

    /// Whether both trees have the same, and it is more than one.
    pub(super) fn is_sound(&self) -> bool {
        let Crossing::Many(bounds) = self else { return true };
        let (mut lows, mut highs) = (Vec::new(), Vec::new());
        bounds.by_low.visit(&mut |key, _| lows.push(key.0));
        bounds.by_high.visit(&mut |key, ()| highs.push(key.0));
        lows.sort_unstable();
        highs.sort_unstable();
        let same = |one: &Winner, other: &Winner| one == other;
        let are_sound = bounds.by_low.is_sound(&same) && bounds.by_high.is_sound(&same);
        lows.len() > 1 && lows == highs && are_sound
    }
}

impl Bounds {
    fn find(&self, rank: Rank) -> Option<&Arc<Entry>> {
        self.by_low.get_by(&|key| key.cmp(&ByLow(rank)))
    }

    fn put(&mut self, interval: Interval, hasher: &impl BuildHasher) {
        let (rank, entry) = (interval.rank(), interval.entry);
        let weight = hasher.hash_one((rank.low, rank.high, rank.priority));
        self.by_low.insert(ByLow(rank), entry, weight);
        self.by_high.insert(ByHigh(rank), (), weight);
    }
}

type Link<K, V> = Option<Arc<Node<K, V, Winner>>>;

/// The winner of the nodes that are accepted, given that with a node all those on one side are
/// (`sides` gives that side first) and without it all on the other side are not.
fn winner<'a, K, V>(
    mut link: Option<&'a Node<K, V, Winner>>,
    accepts: impl Fn(Rank) -> bool,
    sides: impl Fn(&'a Node<K, V, Winner>) -> (&'a Link<K, V>, &'a Link<K, V>),
) -> Option<Rank>
where
    for<'k> Rank: From<&'k K>,
{
    let mut best: Option<Rank> = None;
    while let Some(node) = link {
        let rank = Rank::from(&node.key);
        let (inner, outer) = sides(node);
        if accepts(rank) {
            let all = inner.as_deref().map(|inner| inner.summary.0);
            best = std::iter::once(rank).chain(all).chain(best).min();
            link = outer.as_deref();
        } else {
            link = inner.as_deref();
        }
    }
    best
}

fn overlapping(node: Option<&Node<ByLow, Arc<Entry>, Winner>>, rank: Rank) -> Option<&Arc<Entry>> {
    let node = node.filter(|node| node.summary.1.may_have(rank.priority))?;
    if let Some(found) = overlapping(node.left.as_deref(), rank) {
        return Some(found);
    }
    if node.key.0.overlaps(rank) {
        return Some(&node.value);
    }
    // All to the right begin later.
    let may_be_right = node.key.0.low <= rank.high;
    may_be_right.then(|| overlapping(node.right.as_deref(), rank)).flatten()
}
