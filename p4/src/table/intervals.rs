//! Ranges of one element, and of those that cover a value the one that wins.
//!
//! This is an interval tree (Edelsbrunner, 1980) on a binary trie. Up to eight ranges are a list,
//! the winner first. More of them are in a block, the smallest aligned block of 2^n values that
//! they all fit in: those that cross its middle are held there, and those to the left of it and to
//! the right of it are below. So it is at most as deep as a value has bits. Of the ranges that
//! cross a middle, a value to its left is in those that begin at or before it, a value to its right
//! in those that end at or behind it: two trees, by the low and by the high bounds, which know the
//! winner of every subtree, so that each answers in a logarithm. Where ranges overlap nowhere, a
//! block holds one.
//!
//! Values are here in an order of unsigned numbers, whether their element is signed or not.

use std::cmp::Ordering;
use std::hash::BuildHasher;
use std::sync::Arc;

use smallvec::SmallVec;

use super::entry::Entry;
use super::treap::{Node as TreapNode, Summary, Treap};

/// A range with what decides which one wins.
#[derive(Clone, Debug)]
pub(super) struct Interval {
    pub(super) low: u128,
    pub(super) high: u128,
    pub(super) priority: u32,
    pub(super) entry: Arc<Entry>,
}

/// Which of two ranges wins where both cover a value, the first in this order: the larger
/// priority, then the one that begins first, then the one that ends first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rank {
    low: u128,
    high: u128,
    priority: u32,
}

/// Ranges.
#[derive(Clone, Debug, Default)]
pub(super) struct Intervals {
    root: Node,
    len: usize,
}

#[derive(Clone, Debug, Default)]
enum Node {
    #[default]
    Empty,
    List(Arc<List>),
    Block(Arc<Block>),
}

/// The winner first.
type List = SmallVec<[Interval; LIST]>;

const LIST: usize = 8;

/// A block of 2^level values.
#[derive(Clone, Debug)]
struct Block {
    start: u128,
    level: u32,
    /// Of everything here and below.
    priorities: Priorities,
    crossing: Crossing,
    left: Node,
    right: Node,
}

#[derive(Clone, Debug)]
enum Crossing {
    None,
    One(Interval),
    Many(Arc<(Bounds, Bounds)>),
}

/// By one bound, the other and the priority.
type Bounds = Treap<(u128, u128, u32), Interval, Winner>;
type BoundsNode = TreapNode<(u128, u128, u32), Interval, Winner>;

/// What wins over all others of a subtree, and what priorities there are.
#[derive(Clone, Debug, PartialEq)]
struct Winner(Rank, Priorities);

/// A set of priorities, which can have more than are in it: a bit for all with the same remainder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Priorities(u64);

impl Priorities {
    fn of(priority: u32) -> Priorities {
        Priorities(1 << (priority % u64::BITS))
    }

    fn or(self, other: Priorities) -> Priorities {
        Priorities(self.0 | other.0)
    }

    fn may_have(self, priority: u32) -> bool {
        self.0 & Priorities::of(priority).0 != 0
    }
}

impl Ord for Rank {
    fn cmp(&self, other: &Rank) -> Ordering {
        let bounds = |rank: &Rank| (rank.low, rank.high);
        other.priority.cmp(&self.priority).then_with(|| bounds(self).cmp(&bounds(other)))
    }
}

impl PartialOrd for Rank {
    fn partial_cmp(&self, other: &Rank) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Summary<(u128, u128, u32), Interval> for Winner {
    fn of(_: &(u128, u128, u32), interval: &Interval) -> Winner {
        Winner(interval.rank(), Priorities::of(interval.priority))
    }

    fn join(self, other: &Winner) -> Winner {
        Winner(self.0.min(other.0), self.1.or(other.1))
    }
}

impl Interval {
    pub(super) fn rank(&self) -> Rank {
        Rank { low: self.low, high: self.high, priority: self.priority }
    }

    fn covers(&self, value: u128) -> bool {
        self.low <= value && value <= self.high
    }

    fn overlaps(&self, rank: Rank) -> bool {
        self.priority == rank.priority && self.low <= rank.high && rank.low <= self.high
    }
}

impl Rank {
    pub(super) fn new(low: u128, high: u128, priority: u32) -> Rank {
        Rank { low, high, priority }
    }
}

impl Intervals {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The winner of those that cover the value.
    pub(super) fn covering(&self, value: u128) -> Option<&Arc<Entry>> {
        let mut best: Option<&Interval> = None;
        let mut node = &self.root;
        loop {
            let (found, next) = match node {
                Node::Empty => break,
                Node::List(list) => (list.iter().find(|interval| interval.covers(value)), None),
                Node::Block(block) if !block.contains(value) => break,
                Node::Block(block) => {
                    let found = block.crossing.covering(value, block.is_right(value));
                    (found, Some(block.side(value)))
                }
            };
            best = match (best, found) {
                (Some(best), Some(found)) if found.rank() < best.rank() => Some(found),
                (best, found) => best.or(found),
            };
            let Some(next) = next else { break };
            node = next;
        }
        best.map(|interval| &interval.entry)
    }

    /// The entry of this very range and priority.
    pub(super) fn find(&self, rank: Rank) -> Option<&Arc<Entry>> {
        let own = Block::of(rank.low, rank.high);
        let mut node = &self.root;
        loop {
            node = match node {
                Node::Empty => return None,
                Node::List(list) => {
                    let mut same = list.iter().filter(|interval| interval.rank() == rank);
                    return same.next().map(|interval| &interval.entry);
                }
                Node::Block(block) if block.is_same(&own) => return block.crossing.find(rank),
                Node::Block(block) if block.goes_around(&own) => block.side(rank.low),
                Node::Block(_) => return None,
            };
        }
    }

    /// One of this priority that has a value in common with the range.
    pub(super) fn overlapping(&self, rank: Rank) -> Option<&Arc<Entry>> {
        overlapping(&self.root, rank)
    }

    /// Adds a range or replaces the entry of this very range and priority.
    pub(super) fn insert(&mut self, interval: Interval, hasher: &impl BuildHasher) {
        if self.find(interval.rank()).is_none() {
            self.len += 1;
        }
        insert(&mut self.root, interval, hasher);
    }

    /// Removes the range, which is there.
    pub(super) fn remove(&mut self, rank: Rank) {
        self.len -= 1;
        remove(&mut self.root, rank);
    }

    pub(super) fn visit<'a>(&'a self, visitor: &mut dyn FnMut(&'a Interval)) {
        visit(&self.root, visitor);
    }

    /// Whether every range is where it has to be, and no node is without use.
    pub(super) fn is_sound(&self) -> bool {
        let mut count = 0;
        self.visit(&mut |_| count += 1);
        count == self.len && is_sound(&self.root)
    }
}

impl Block {
    /// The smallest that a range fits in.
    fn of(low: u128, high: u128) -> Block {
        let level = u128::BITS - (low ^ high).leading_zeros();
        Block {
            start: shift(low, level).checked_shl(level).unwrap_or(0),
            level,
            priorities: Priorities::default(),
            crossing: Crossing::None,
            left: Node::Empty,
            right: Node::Empty,
        }
    }

    fn is_same(&self, other: &Block) -> bool {
        (self.start, self.level) == (other.start, other.level)
    }

    fn goes_around(&self, other: &Block) -> bool {
        self.level > other.level && self.contains(other.start)
    }

    fn contains(&self, value: u128) -> bool {
        shift(value ^ self.start, self.level) == 0
    }

    /// Whether the value is at or behind the middle.
    fn is_right(&self, value: u128) -> bool {
        self.level > 0 && shift(value, self.level - 1) & 1 == 1
    }

    fn side(&self, value: u128) -> &Node {
        if self.is_right(value) { &self.right } else { &self.left }
    }

    fn side_mut(&mut self, value: u128) -> &mut Node {
        if self.is_right(value) { &mut self.right } else { &mut self.left }
    }

    fn refresh(&mut self) {
        let crossing = match &self.crossing {
            Crossing::None => Priorities::default(),
            Crossing::One(one) => Priorities::of(one.priority),
            Crossing::Many(both) => {
                both.0.root().map_or(Priorities::default(), |root| root.summary.1)
            }
        };
        self.priorities = crossing.or(self.left.priorities()).or(self.right.priorities());
    }

    /// All of it, if that is no more than half a list.
    fn few(&self) -> Option<List> {
        let mut list = List::new();
        match &self.crossing {
            Crossing::None => {}
            Crossing::One(one) => list.push(one.clone()),
            Crossing::Many(_) => return None,
        }
        for side in [&self.left, &self.right] {
            match side {
                Node::Empty => {}
                Node::List(part) => list.extend(part.iter().cloned()),
                Node::Block(_) => return None,
            }
        }
        list.sort_by_key(Interval::rank);
        (list.len() <= LIST / 2).then_some(list)
    }
}

impl Node {
    fn priorities(&self) -> Priorities {
        match self {
            Node::Empty => Priorities::default(),
            Node::List(list) => list.iter().fold(Priorities::default(), |all, interval| {
                all.or(Priorities::of(interval.priority))
            }),
            Node::Block(block) => block.priorities,
        }
    }
}

impl Crossing {
    fn covering(&self, value: u128, is_right: bool) -> Option<&Interval> {
        match self {
            Crossing::None => None,
            Crossing::One(one) => Some(one).filter(|one| one.covers(value)),
            Crossing::Many(both) => {
                let (by_low, by_high) = &**both;
                let rank = if is_right {
                    let ends_behind = |node: &BoundsNode| node.key.0 >= value;
                    winner(by_high.root(), ends_behind, |node| (&node.right, &node.left))
                } else {
                    let begins_before = |node: &BoundsNode| node.key.0 <= value;
                    winner(by_low.root(), begins_before, |node| (&node.left, &node.right))
                };
                let Rank { low, high, priority } = rank?;
                by_low.get_by(&|key| key.cmp(&(low, high, priority)))
            }
        }
    }

    fn find(&self, rank: Rank) -> Option<&Arc<Entry>> {
        let Rank { low, high, priority } = rank;
        match self {
            Crossing::None => None,
            Crossing::One(one) => (one.rank() == rank).then_some(&one.entry),
            Crossing::Many(both) => {
                let found = both.0.get_by(&|key| key.cmp(&(low, high, priority)));
                found.map(|interval| &interval.entry)
            }
        }
    }

    fn insert(&mut self, interval: Interval, hasher: &impl BuildHasher) {
        match self {
            Crossing::None => *self = Crossing::One(interval),
            Crossing::One(one) if one.rank() == interval.rank() => *one = interval,
            Crossing::One(one) => {
                let mut both = (Bounds::default(), Bounds::default());
                put(&mut both, one, hasher);
                put(&mut both, &interval, hasher);
                *self = Crossing::Many(Arc::new(both));
            }
            Crossing::Many(both) => put(Arc::make_mut(both), &interval, hasher),
        }
    }

    fn remove(&mut self, rank: Rank) {
        let Rank { low, high, priority } = rank;
        match self {
            Crossing::None => {}
            Crossing::One(_) => *self = Crossing::None,
            Crossing::Many(both) => {
                let (by_low, by_high) = Arc::make_mut(both);
                by_low.remove_by(&|key| key.cmp(&(low, high, priority)));
                by_high.remove_by(&|key| key.cmp(&(high, low, priority)));
                let last = by_low.root().filter(|n| n.left.is_none() && n.right.is_none());
                if let Some(last) = last {
                    *self = Crossing::One(last.value.clone());
                }
            }
        }
    }

    fn visit<'a>(&'a self, visitor: &mut dyn FnMut(&'a Interval)) {
        match self {
            Crossing::None => {}
            Crossing::One(one) => visitor(one),
            Crossing::Many(both) => {
                both.0.first(&mut |interval| {
                    visitor(interval);
                    false
                });
            }
        }
    }

    fn is_sound(&self, block: &Block) -> bool {
        let mut fits = true;
        self.visit(&mut |interval| {
            let own = Block::of(interval.low, interval.high);
            fits &= interval.low <= interval.high && own.is_same(block);
        });
        let Crossing::Many(both) = self else { return fits };
        let (by_low, by_high) = &**both;
        let ranks = |tree: &Bounds| {
            let mut ranks = Vec::new();
            tree.first(&mut |interval| {
                ranks.push(interval.rank());
                false
            });
            ranks.sort_unstable();
            ranks
        };
        let same = |one: &Winner, other: &Winner| one == other;
        let lows = ranks(by_low);
        let is_same = lows.len() > 1 && lows == ranks(by_high);
        fits && is_same && by_low.is_sound(&same) && by_high.is_sound(&same)
    }
}

fn put(both: &mut (Bounds, Bounds), interval: &Interval, hasher: &impl BuildHasher) {
    let Interval { low, high, priority, .. } = *interval;
    let weight = hasher.hash_one((low, high, priority));
    both.0.insert((low, high, priority), interval.clone(), weight);
    both.1.insert((high, low, priority), interval.clone(), weight);
}

/// The winner of the nodes that are accepted, given that with a node all those on one side are
/// (`sides` gives that side first) and without it all on the other side are not.
fn winner<'a>(
    mut link: Option<&'a BoundsNode>,
    accepts: impl Fn(&BoundsNode) -> bool,
    sides: impl Fn(&'a BoundsNode) -> (&'a Option<Arc<BoundsNode>>, &'a Option<Arc<BoundsNode>>),
) -> Option<Rank> {
    let mut best: Option<Rank> = None;
    while let Some(node) = link {
        let (inner, outer) = sides(node);
        if accepts(node) {
            let all = inner.as_deref().map(|inner| inner.summary.0);
            let found = std::iter::once(node.value.rank()).chain(all).chain(best);
            best = found.min();
            link = outer.as_deref();
        } else {
            link = inner.as_deref();
        }
    }
    best
}

fn overlapping(node: &Node, rank: Rank) -> Option<&Arc<Entry>> {
    let found = |interval: &&Interval| interval.overlaps(rank);
    match node {
        Node::Empty => None,
        Node::List(list) => list.iter().find(found).map(|interval| &interval.entry),
        Node::Block(block) => {
            let last = block.start | !u128::MAX.checked_shl(block.level).unwrap_or(0);
            let is_apart = rank.high < block.start || last < rank.low;
            if is_apart || !block.priorities.may_have(rank.priority) {
                return None;
            }
            let crossing = match &block.crossing {
                Crossing::None => None,
                Crossing::One(one) => Some(one).filter(found),
                Crossing::Many(both) => overlapping_bounds(both.0.root(), rank),
            };
            crossing
                .map(|interval| &interval.entry)
                .or_else(|| overlapping(&block.left, rank))
                .or_else(|| overlapping(&block.right, rank))
        }
    }
}

/// The same in a tree by low bounds.
fn overlapping_bounds(node: Option<&BoundsNode>, rank: Rank) -> Option<&Interval> {
    let node = node.filter(|node| node.summary.1.may_have(rank.priority))?;
    overlapping_bounds(node.left.as_deref(), rank)
        .or_else(|| Some(&node.value).filter(|interval| interval.overlaps(rank)))
        .or_else(|| match node.key.0 <= rank.high {
            true => overlapping_bounds(node.right.as_deref(), rank),
            false => None,
        })
}

fn insert(node: &mut Node, interval: Interval, hasher: &impl BuildHasher) {
    match node {
        Node::Empty => *node = Node::List(Arc::new(SmallVec::from_iter([interval]))),
        Node::List(shared) => {
            let list = Arc::make_mut(shared);
            match list.binary_search_by_key(&interval.rank(), Interval::rank) {
                Ok(same) => {
                    if let Some(slot) = list.get_mut(same) {
                        *slot = interval;
                    }
                }
                Err(place) if list.len() < LIST => list.insert(place, interval),
                Err(_) => {
                    let full = std::mem::take(list);
                    let low = full.iter().map(|one| one.low).min().unwrap_or(interval.low);
                    let high = full.iter().map(|one| one.high).max().unwrap_or(interval.high);
                    let around = Block::of(low.min(interval.low), high.max(interval.high));
                    *node = Node::Block(Arc::new(around));
                    for interval in full.into_iter().chain([interval]) {
                        insert(node, interval, hasher);
                    }
                }
            }
        }
        Node::Block(shared) => {
            let own = Block::of(interval.low, interval.high);
            if !shared.is_same(&own) && !shared.goes_around(&own) {
                // Another block goes around this one and the range.
                let mut around = Block::of(own.start, shared.start);
                if own.level > around.level {
                    around = own;
                }
                *around.side_mut(shared.start) = Node::Block(Arc::clone(shared));
                *shared = Arc::new(around);
            }
            let block = Arc::make_mut(shared);
            let own = Block::of(interval.low, interval.high);
            if block.is_same(&own) {
                block.crossing.insert(interval, hasher);
            } else {
                insert(block.side_mut(own.start), interval, hasher);
            }
            block.refresh();
        }
    }
}

fn remove(node: &mut Node, rank: Rank) {
    let replacement = match node {
        Node::Empty => None,
        Node::List(shared) => {
            let list = Arc::make_mut(shared);
            list.retain(|interval| interval.rank() != rank);
            list.is_empty().then_some(Node::Empty)
        }
        Node::Block(shared) => {
            let block = Arc::make_mut(shared);
            if block.is_same(&Block::of(rank.low, rank.high)) {
                block.crossing.remove(rank);
            } else {
                remove(block.side_mut(rank.low), rank);
            }
            block.refresh();
            match (&block.crossing, &block.left, &block.right) {
                (Crossing::None, Node::Empty, only) | (Crossing::None, only, Node::Empty) => {
                    Some(only.clone())
                }
                _ => block.few().map(|list| Node::List(Arc::new(list))),
            }
        }
    };
    if let Some(replacement) = replacement {
        *node = replacement;
    }
}

fn visit<'a>(node: &'a Node, visitor: &mut dyn FnMut(&'a Interval)) {
    match node {
        Node::Empty => {}
        Node::List(list) => list.iter().for_each(visitor),
        Node::Block(block) => {
            block.crossing.visit(visitor);
            visit(&block.left, visitor);
            visit(&block.right, visitor);
        }
    }
}

fn is_sound(node: &Node) -> bool {
    match node {
        Node::Empty => true,
        Node::List(list) => {
            !list.is_empty() && list.len() <= LIST && list.is_sorted_by_key(Interval::rank)
        }
        Node::Block(block) => {
            let mut fresh = Block::clone(block);
            fresh.refresh();
            let sides = [(&block.left, false), (&block.right, true)];
            let fits = sides.into_iter().all(|(side, is_right)| {
                let mut fits = true;
                visit(side, &mut |interval| {
                    let bounds = [interval.low, interval.high];
                    fits &= bounds
                        .iter()
                        .all(|bound| block.contains(*bound) && block.is_right(*bound) == is_right);
                });
                fits && is_sound(side)
            });
            let is_alone = matches!(block.crossing, Crossing::None)
                && (matches!(block.left, Node::Empty) || matches!(block.right, Node::Empty));
            fits && !is_alone
                && block.few().is_none()
                && fresh.priorities == block.priorities
                && block.crossing.is_sound(block)
        }
    }
}

fn shift(value: u128, bits: u32) -> u128 {
    value.checked_shr(bits).unwrap_or(0)
}
