//! Ranges of one element, and of those that cover a value the one that wins.
//!
//! This is an interval tree (Edelsbrunner, 1980) on a binary trie. Each range is held by the
//! smallest aligned block of values that it fits in, so it crosses the middle of that block, or is
//! the block if that is a single value. The blocks in use are nodes of a trie without nodes that
//! have nothing to say, at most as deep as a value has bits. Of the ranges that cross a middle, a
//! value to its left is in those that begin at or before it, a value to its right in those that end
//! at or behind it: two trees, by the low and by the high bounds, which know the winner of every
//! subtree, so that each answers in a logarithm. Where ranges overlap nowhere, a block holds one.
//!
//! Values are here in an order of unsigned numbers, whether their element is signed or not.

use std::cmp::Ordering;
use std::hash::BuildHasher;
use std::sync::Arc;

use super::entry::Entry;
use super::treap::{Node as TreapNode, Summary, Treap};

/// A range with what decides which one wins.
#[derive(Clone, Debug)]
pub(super) struct Interval {
    pub(super) low: u128,
    pub(super) high: u128,
    pub(super) entry: Arc<Entry>,
}

/// The ranges that the other elements of a key lead to.
#[derive(Clone, Debug, Default)]
pub(super) struct Intervals {
    root: Option<Arc<Block>>,
    /// By priority, and of each the ranges in order.
    layers: im::OrdMap<u32, Layer>,
    len: usize,
}

/// A block of 2^level values.
#[derive(Clone, Debug)]
struct Block {
    start: u128,
    level: u32,
    crossing: Crossing,
    left: Option<Arc<Block>>,
    right: Option<Arc<Block>>,
}

#[derive(Clone, Debug)]
enum Crossing {
    None,
    One(Interval),
    Many { by_low: Bounds, by_high: Bounds },
}

/// By one bound, the other and the priority.
type Bounds = Treap<(u128, u128, u32), Arc<Entry>, Winner>;

type BoundsNode = TreapNode<(u128, u128, u32), Arc<Entry>, Winner>;

/// By both bounds.
type Layer = Treap<(u128, u128), Arc<Entry>, Reach>;

/// The entry that wins over all others of a subtree.
#[derive(Clone, Debug)]
struct Winner(Arc<Entry>);

/// The greatest high bound of a subtree.
#[derive(Clone, Debug, PartialEq)]
struct Reach(u128);

impl Summary<(u128, u128, u32), Arc<Entry>> for Winner {
    fn of(_: &(u128, u128, u32), entry: &Arc<Entry>) -> Winner {
        Winner(Arc::clone(entry))
    }

    fn join(self, other: &Winner) -> Winner {
        if wins(&other.0, &self.0) { other.clone() } else { self }
    }
}

impl Summary<(u128, u128), Arc<Entry>> for Reach {
    fn of((_, high): &(u128, u128), _: &Arc<Entry>) -> Reach {
        Reach(*high)
    }

    fn join(self, other: &Reach) -> Reach {
        Reach(self.0.max(other.0))
    }
}

/// Whether an entry goes before another that matches the same packet: the larger priority does,
/// and the earlier key where priorities are equal.
pub(super) fn wins(entry: &Entry, other: &Entry) -> bool {
    match entry.key.priority.cmp(&other.key.priority) {
        Ordering::Greater => true,
        Ordering::Less => false,
        Ordering::Equal => entry.key < other.key,
    }
}

impl Intervals {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The winner of those that cover the value.
    pub(super) fn covering(&self, value: u128) -> Option<&Arc<Entry>> {
        let mut best = None;
        let mut link = self.root.as_deref();
        while let Some(block) = link {
            if !block.contains(value) {
                break;
            }
            best = better(best, block.crossing.covering(value, block.is_right(value)));
            link = block.side(value).as_deref();
        }
        best
    }

    /// The entry of this very range.
    pub(super) fn find(&self, low: u128, high: u128, priority: u32) -> Option<&Arc<Entry>> {
        self.layers.get(&priority)?.get_by(&|key| key.cmp(&(low, high)))
    }

    /// One of this priority that has a value in common with the range.
    pub(super) fn overlapping(&self, low: u128, high: u128, priority: u32) -> Option<&Arc<Entry>> {
        let mut link = self.layers.get(&priority)?.root();
        while let Some(node) = link {
            // If the left subtree reaches the range and has none that overlaps it, then all that
            // reach it begin above it, and so do all to the right.
            link = match node.left.as_deref() {
                Some(left) if left.summary.0 >= low => Some(left),
                _ if node.key.0 <= high && node.key.1 >= low => return Some(&node.value),
                _ => node.right.as_deref(),
            };
        }
        None
    }

    /// Adds a range or replaces the entry of this very range.
    pub(super) fn insert(&mut self, interval: Interval, hasher: &impl BuildHasher) {
        let Interval { low, high, ref entry } = interval;
        let layer = self.layers.entry(entry.key.priority).or_default();
        if layer.get_by(&|key| key.cmp(&(low, high))).is_none() {
            self.len += 1;
        }
        layer.insert((low, high), Arc::clone(entry), hasher.hash_one((low, high)));
        insert(&mut self.root, interval, hasher);
    }

    /// Removes the entry of this very range.
    pub(super) fn remove(&mut self, low: u128, high: u128, priority: u32) -> Option<Arc<Entry>> {
        let layer = self.layers.get_mut(&priority)?;
        let entry = layer.remove_by(&|key| key.cmp(&(low, high)))?;
        if layer.is_empty() {
            self.layers.remove(&priority);
        }
        self.len -= 1;
        remove(&mut self.root, low, high, priority);
        Some(entry)
    }

    pub(super) fn visit<'a>(&'a self, visitor: &mut dyn FnMut(&'a Arc<Entry>)) {
        for layer in self.layers.values() {
            layer.first(&mut |entry| {
                visitor(entry);
                false
            });
        }
    }

    /// Whether every range is where it has to be, and no node is without use.
    pub(super) fn is_sound(&self) -> bool {
        let same = |one: &Reach, other: &Reach| one == other;
        let (mut in_layers, mut in_blocks) = (0, 0);
        self.visit(&mut |_| in_layers += 1);
        let blocks = self.root.as_deref().is_none_or(|root| root.is_sound(&mut in_blocks));
        let layers = self.layers.values().all(|layer| !layer.is_empty() && layer.is_sound(&same));
        blocks && layers && in_layers == self.len && in_blocks == self.len
    }
}

fn better<'a>(
    one: Option<&'a Arc<Entry>>,
    other: Option<&'a Arc<Entry>>,
) -> Option<&'a Arc<Entry>> {
    match (one, other) {
        (Some(one), Some(other)) => Some(if wins(other, one) { other } else { one }),
        (one, other) => one.or(other),
    }
}

impl Block {
    /// The smallest that a range fits in.
    fn of(low: u128, high: u128) -> Block {
        let level = u128::BITS - (low ^ high).leading_zeros();
        let start = shift(low, level).checked_shl(level).unwrap_or(0);
        Block { start, level, crossing: Crossing::None, left: None, right: None }
    }

    fn contains(&self, value: u128) -> bool {
        shift(value ^ self.start, self.level) == 0
    }

    /// Whether the value is at or behind the middle.
    fn is_right(&self, value: u128) -> bool {
        self.level > 0 && shift(value, self.level - 1) & 1 == 1
    }

    fn side(&self, value: u128) -> &Option<Arc<Block>> {
        if self.is_right(value) { &self.right } else { &self.left }
    }

    fn side_mut(&mut self, value: u128) -> &mut Option<Arc<Block>> {
        if self.is_right(value) { &mut self.right } else { &mut self.left }
    }

    fn is_sound(&self, count: &mut usize) -> bool {
        let sides = [(&self.left, false), (&self.right, true)];
        let is_used = !matches!(self.crossing, Crossing::None)
            || (self.left.is_some() && self.right.is_some());
        is_used
            && self.crossing.is_sound(self, count)
            && sides.into_iter().all(|(side, is_right)| {
                side.as_deref().is_none_or(|block| {
                    block.level < self.level
                        && self.contains(block.start)
                        && self.is_right(block.start) == is_right
                        && block.is_sound(count)
                })
            })
    }
}

impl Crossing {
    fn covering(&self, value: u128, is_right: bool) -> Option<&Arc<Entry>> {
        match self {
            Crossing::None => None,
            Crossing::One(Interval { low, high, entry }) => {
                (*low <= value && value <= *high).then_some(entry)
            }
            Crossing::Many { by_low, by_high } => {
                if is_right {
                    let ends_behind = |node: &BoundsNode| node.key.0 >= value;
                    winner(by_high.root(), ends_behind, |node| (&node.right, &node.left))
                } else {
                    let begins_before = |node: &BoundsNode| node.key.0 <= value;
                    winner(by_low.root(), begins_before, |node| (&node.left, &node.right))
                }
            }
        }
    }

    fn insert(&mut self, interval: Interval, hasher: &impl BuildHasher) {
        match self {
            Crossing::None => *self = Crossing::One(interval),
            Crossing::One(one) if one.is_same(interval.low, interval.high, &interval.entry) => {
                *one = interval;
            }
            Crossing::One(one) => {
                let (mut by_low, mut by_high) = (Bounds::default(), Bounds::default());
                put(&mut by_low, &mut by_high, one, hasher);
                put(&mut by_low, &mut by_high, &interval, hasher);
                *self = Crossing::Many { by_low, by_high };
            }
            Crossing::Many { by_low, by_high } => put(by_low, by_high, &interval, hasher),
        }
    }

    fn remove(&mut self, low: u128, high: u128, priority: u32) {
        match self {
            Crossing::None => {}
            Crossing::One(_) => *self = Crossing::None,
            Crossing::Many { by_low, by_high } => {
                by_low.remove_by(&|key| key.cmp(&(low, high, priority)));
                by_high.remove_by(&|key| key.cmp(&(high, low, priority)));
                let last = by_low.root().filter(|n| n.left.is_none() && n.right.is_none());
                if let Some(last) = last {
                    let ((low, high, _), entry) = (last.key, Arc::clone(&last.value));
                    *self = Crossing::One(Interval { low, high, entry });
                }
            }
        }
    }

    fn is_sound(&self, block: &Block, count: &mut usize) -> bool {
        let fits = |low: u128, high: u128| {
            let own = Block::of(low, high);
            low <= high && own.start == block.start && own.level == block.level
        };
        match self {
            Crossing::None => true,
            Crossing::One(one) => {
                *count += 1;
                fits(one.low, one.high)
            }
            Crossing::Many { by_low, by_high } => {
                let same = |one: &Winner, other: &Winner| Arc::ptr_eq(&one.0, &other.0);
                let (mut lows, mut highs) = (Vec::new(), Vec::new());
                by_low.first(&mut |entry| {
                    lows.push(Arc::as_ptr(entry));
                    false
                });
                by_high.first(&mut |entry| {
                    highs.push(Arc::as_ptr(entry));
                    false
                });
                lows.sort_unstable();
                highs.sort_unstable();
                *count += lows.len();
                lows.len() > 1 && lows == highs && by_low.is_sound(&same) && by_high.is_sound(&same)
            }
        }
    }
}

impl Interval {
    fn is_same(&self, low: u128, high: u128, entry: &Entry) -> bool {
        (self.low, self.high, self.entry.key.priority) == (low, high, entry.key.priority)
    }
}

fn put(by_low: &mut Bounds, by_high: &mut Bounds, interval: &Interval, hasher: &impl BuildHasher) {
    let Interval { low, high, entry } = interval;
    let priority = entry.key.priority;
    let weight = hasher.hash_one((low, high, priority));
    by_low.insert((*low, *high, priority), Arc::clone(entry), weight);
    by_high.insert((*high, *low, priority), Arc::clone(entry), weight);
}

/// The winner of the nodes that are accepted, given that with a node all those on one side are
/// (`sides` gives that side first) and without it all on the other side are not.
fn winner<'a, K>(
    mut link: Option<&'a TreapNode<K, Arc<Entry>, Winner>>,
    accepts: impl Fn(&TreapNode<K, Arc<Entry>, Winner>) -> bool,
    sides: impl Fn(&'a TreapNode<K, Arc<Entry>, Winner>) -> Sides<'a, K>,
) -> Option<&'a Arc<Entry>> {
    let mut best = None;
    while let Some(node) = link {
        let (inner, outer) = sides(node);
        if accepts(node) {
            let all = inner.as_deref().map(|inner| &inner.summary.0);
            best = better(better(best, Some(&node.value)), all);
            link = outer.as_deref();
        } else {
            link = inner.as_deref();
        }
    }
    best
}

type Side<K> = Option<Arc<TreapNode<K, Arc<Entry>, Winner>>>;
type Sides<'a, K> = (&'a Side<K>, &'a Side<K>);

fn insert(link: &mut Option<Arc<Block>>, interval: Interval, hasher: &impl BuildHasher) {
    let mut own = Block::of(interval.low, interval.high);
    let Some(shared) = link else {
        own.crossing.insert(interval, hasher);
        *link = Some(Arc::new(own));
        return;
    };
    if (own.start, own.level) == (shared.start, shared.level) {
        Arc::make_mut(shared).crossing.insert(interval, hasher);
    } else if shared.level > own.level && shared.contains(own.start) {
        insert(Arc::make_mut(shared).side_mut(own.start), interval, hasher);
    } else {
        // The block goes around the one here, or both into a new one.
        let mut outer = Block::of(own.start, shared.start);
        if own.level >= outer.level {
            outer = own;
            outer.crossing.insert(interval, hasher);
        } else {
            own.crossing.insert(interval, hasher);
            let start = own.start;
            *outer.side_mut(start) = Some(Arc::new(own));
        }
        *outer.side_mut(shared.start) = Some(Arc::clone(shared));
        *link = Some(Arc::new(outer));
    }
}

fn remove(link: &mut Option<Arc<Block>>, low: u128, high: u128, priority: u32) {
    let own = Block::of(low, high);
    let Some(shared) = link else { return };
    let block = Arc::make_mut(shared);
    if block.level == own.level {
        block.crossing.remove(low, high, priority);
    } else {
        remove(block.side_mut(low), low, high, priority);
    }
    if matches!(block.crossing, Crossing::None) {
        match (&block.left, &block.right) {
            (Some(_), Some(_)) => {}
            (only, None) | (None, only) => *link = only.clone(),
        }
    }
}

fn shift(value: u128, bits: u32) -> u128 {
    value.checked_shr(bits).unwrap_or(0)
}
