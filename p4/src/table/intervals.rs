//! Ranges of one element, and of those that cover a value the one that wins.
//!
//! This is an interval tree (Edelsbrunner, 1980) on a binary trie. Up to eight ranges are a list,
//! the winner first. More of them are in a block, the smallest aligned block of 2^n values that
//! they all fit in: those that cross its middle are held there, and those to the left of it and to
//! the right of it are below. So it is at most as deep as a value has bits.

use std::hash::BuildHasher;
use std::sync::Arc;

use smallvec::SmallVec;

use super::crossing::Crossing;
use super::entry::Entry;
use super::interval::{Interval, Priorities, Rank};

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

impl Intervals {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The winner of those that cover the value.
    pub(super) fn covering(&self, value: u128) -> Option<&Arc<Entry>> {
        let mut best: Option<(Rank, &Arc<Entry>)> = None;
        let mut node = &self.root;
        loop {
            let (found, next) = match node {
                Node::Empty => break,
                Node::List(list) => {
                    let found = list.iter().find(|interval| interval.rank().covers(value));
                    (found.map(|interval| (interval.rank(), &interval.entry)), None)
                }
                Node::Block(block) if !block.contains(value) => break,
                Node::Block(block) => {
                    let found = block.crossing.covering(value, block.is_right(value));
                    (found, Some(block.side(value)))
                }
            };
            best = match (best, found) {
                (Some(best), Some(found)) if found.0 < best.0 => Some(found),
                (best, found) => best.or(found),
            };
            let Some(next) = next else { break };
            node = next;
        }
        best.map(|(_, entry)| entry)
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

    pub(super) fn visit<'a>(&'a self, visitor: &mut dyn FnMut(Rank, &'a Arc<Entry>)) {
        visit(&self.root, visitor);
    }

    /// Whether every range is where it has to be, and no node is without use.
    pub(super) fn is_sound(&self) -> bool {
        let mut count = 0;
        self.visit(&mut |_, _| count += 1);
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
        let sides = self.left.priorities().or(self.right.priorities());
        self.priorities = self.crossing.priorities().or(sides);
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
        list.sort_by_key(|interval| interval.rank());
        (list.len() <= LIST / 2).then_some(list)
    }
}

impl Node {
    fn priorities(&self) -> Priorities {
        match self {
            Node::Empty => Priorities::default(),
            Node::List(list) => list.iter().fold(Priorities::default(), |all, interval| {
                all.or(Priorities::of(interval.rank().priority))
            }),
            Node::Block(block) => block.priorities,
        }
    }
}

fn overlapping(node: &Node, rank: Rank) -> Option<&Arc<Entry>> {
    match node {
        Node::Empty => None,
        Node::List(list) => {
            let found = list.iter().find(|interval| interval.rank().overlaps(rank));
            found.map(|interval| &interval.entry)
        }
        Node::Block(block) => {
            let last = block.start | !u128::MAX.checked_shl(block.level).unwrap_or(0);
            let is_apart = rank.high < block.start || last < rank.low;
            if is_apart || !block.priorities.may_have(rank.priority) {
                return None;
            }
            block
                .crossing
                .overlapping(rank)
                .or_else(|| overlapping(&block.left, rank))
                .or_else(|| overlapping(&block.right, rank))
        }
    }
}

fn insert(node: &mut Node, interval: Interval, hasher: &impl BuildHasher) {
    match node {
        Node::Empty => *node = Node::List(Arc::new(SmallVec::from_iter([interval]))),
        Node::List(shared) => {
            let list = Arc::make_mut(shared);
            match list.binary_search_by_key(&interval.rank(), |one| one.rank()) {
                Ok(same) => {
                    if let Some(slot) = list.get_mut(same) {
                        *slot = interval;
                    }
                }
                Err(place) if list.len() < LIST => list.insert(place, interval),
                Err(_) => {
                    let full = std::mem::take(list);
                    let all = || full.iter().chain([&interval]).map(|one| one.rank());
                    let low = all().map(|rank| rank.low).min().unwrap_or(interval.rank().low);
                    let high = all().map(|rank| rank.high).max().unwrap_or(interval.rank().high);
                    let around = Block::of(low, high);
                    *node = Node::Block(Arc::new(around));
                    for interval in full.into_iter().chain([interval]) {
                        insert(node, interval, hasher);
                    }
                }
            }
        }
        Node::Block(shared) => {
            let Rank { low, high, .. } = interval.rank();
            let own = Block::of(low, high);
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
            let own = Block::of(low, high);
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

fn visit<'a>(node: &'a Node, visitor: &mut dyn FnMut(Rank, &'a Arc<Entry>)) {
    match node {
        Node::Empty => {}
        Node::List(list) => {
            list.iter().for_each(|interval| visitor(interval.rank(), &interval.entry));
        }
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
            !list.is_empty()
                && list.len() <= LIST
                && list.is_sorted_by_key(|interval| interval.rank())
        }
        Node::Block(block) => {
            let mut fresh = Block::clone(block);
            fresh.refresh();
            let sides = [(&block.left, false), (&block.right, true)];
            let fits = sides.into_iter().all(|(side, is_right)| {
                let mut fits = true;
                visit(side, &mut |rank, _| {
                    let bounds = [rank.low, rank.high];
                    fits &= bounds
                        .iter()
                        .all(|bound| block.contains(*bound) && block.is_right(*bound) == is_right);
                });
                fits && is_sound(side)
            });
            let is_alone = matches!(block.crossing, Crossing::None)
                && (matches!(block.left, Node::Empty) || matches!(block.right, Node::Empty));
            let mut crosses = true;
            block.crossing.visit(&mut |rank, _| {
                crosses &= rank.low <= rank.high && Block::of(rank.low, rank.high).is_same(block);
            });
            fits && crosses
                && !is_alone
                && block.few().is_none()
                && fresh.priorities == block.priorities
                && block.crossing.is_sound()
        }
    }
}

fn shift(value: u128, bits: u32) -> u128 {
    value.checked_shr(bits).unwrap_or(0)
}
