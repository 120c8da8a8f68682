//! How the entry for a packet is found, by the kinds of a table's key elements.

use std::cmp::{Ordering, Reverse};
use std::hash::BuildHasher;
use std::sync::Arc;

use foldhash::fast::RandomState;
use im::GenericHashMap;
use im::shared_ptr::DefaultSharedPtr;
use smallvec::SmallVec;

use super::entry::{Entry, EntryKey, Match};
use super::intervals::{Interval, Intervals, wins};
use super::prefixes::Prefixes;
use super::shape::{KeyShape, Layout, accepts};
use super::treap::Treap;

/// The entries of a table. All of it is persistent: a clone is cheap, and a change of a clone
/// copies the way to what changes. Hashes have a seed of their own in each table.
#[derive(Clone, Debug)]
pub(super) enum Index {
    /// No key, no entries.
    None,
    /// All elements are exact.
    Exact(HashMap<Arc<Entry>>),
    /// The element at this place is a prefix.
    Prefix(usize, HashMap<Prefixes>),
    /// The element at this place is a range.
    Range(usize, HashMap<Group>),
    /// Entries in the order in which they are tried.
    Ordered(Treap<Ranked, Arc<Entry>>, RandomState),
}

/// From the exact elements of a key, in their order.
type HashMap<V> = GenericHashMap<ExactPart, V, RandomState, DefaultSharedPtr>;

/// One element without going anywhere else, because one is what most tables have.
type ExactPart = SmallVec<[u128; 1]>;

/// The ranges that come with one exact part.
#[derive(Clone, Debug)]
pub(super) enum Group {
    /// One, as most have.
    One(Arc<Entry>),
    /// A few, the winner first.
    Few(Arc<Vec<Arc<Entry>>>),
    /// Many.
    Many(Arc<Intervals>),
}

/// From how many on they are many.
const MANY: usize = 8;

/// An entry by its priority, the larger first, and its key.
#[derive(Clone, Debug)]
pub(super) struct Ranked(Arc<Entry>);

impl Index {
    pub(super) fn new(layout: Layout) -> Index {
        match layout {
            Layout::None => Index::None,
            Layout::Exact => Index::Exact(HashMap::default()),
            Layout::Prefix(place) => Index::Prefix(place, HashMap::default()),
            Layout::Range(place) => Index::Range(place, HashMap::default()),
            Layout::Ordered => Index::Ordered(Treap::default(), RandomState::default()),
        }
    }

    /// The entry for the values of a packet.
    pub(super) fn lookup(&self, keys: &[KeyShape], values: &[u128]) -> Option<&Arc<Entry>> {
        match self {
            Index::None => None,
            Index::Exact(map) => map.get(values),
            Index::Prefix(place, map) => {
                let (key, value) = (keys.get(*place)?, *values.get(*place)?);
                let prefixes = with_exact_part(values, *place, |exact| map.get(exact))?;
                prefixes.longest(at_the_top(value, key))
            }
            Index::Range(place, map) => {
                let (key, value) = (keys.get(*place)?, *values.get(*place)?);
                let group = with_exact_part(values, *place, |exact| map.get(exact))?;
                group.covering(*place, key, key.ordered(value))
            }
            Index::Ordered(tree, _) => {
                tree.first(&mut |entry| accepts(keys, &entry.key.matches, values))
            }
        }
    }

    /// The entry with this key, which has been checked.
    pub(super) fn find(&self, keys: &[KeyShape], key: &EntryKey) -> Option<&Arc<Entry>> {
        match self {
            Index::None => None,
            Index::Exact(map) => map.get(&exact_part(key)),
            Index::Prefix(place, map) => {
                let (value, length) = prefix(keys, key, *place)?;
                map.get(&exact_part(key))?.find(value, length)
            }
            Index::Range(place, map) => {
                let (low, high) = bounds(keys.get(*place)?, key, *place)?;
                map.get(&exact_part(key))?.find(key, low, high)
            }
            Index::Ordered(tree, _) => tree.get_by(&|ranked| ranked.compare(key)),
        }
    }

    /// Adds an entry, whose key has been checked, or replaces the one with its key.
    pub(super) fn insert(&mut self, keys: &[KeyShape], entry: Arc<Entry>) {
        let part = exact_part(&entry.key);
        match self {
            Index::None => {}
            Index::Exact(map) => {
                map.insert(part, entry);
            }
            Index::Prefix(place, map) => {
                if let Some((value, length)) = prefix(keys, &entry.key, *place) {
                    map.entry(part).or_default().insert(value, length, entry);
                }
            }
            Index::Range(place, map) => {
                let Some(key) = keys.get(*place) else { return };
                let hasher = map.hasher().clone();
                match map.get_mut(&part) {
                    Some(group) => group.insert(*place, key, entry, &hasher),
                    None => {
                        map.insert(part, Group::One(entry));
                    }
                }
            }
            Index::Ordered(tree, hasher) => {
                let weight = hasher.hash_one(&entry.key);
                tree.insert(Ranked(Arc::clone(&entry)), entry, weight);
            }
        }
    }

    /// Removes the entry with this key, which has been checked and is there.
    pub(super) fn remove(&mut self, keys: &[KeyShape], key: &EntryKey) {
        let part = exact_part(key);
        match self {
            Index::None => {}
            Index::Exact(map) => {
                map.remove(&part);
            }
            Index::Prefix(place, map) => {
                let Some((value, length)) = prefix(keys, key, *place) else { return };
                let Some(prefixes) = map.get_mut(&part) else { return };
                prefixes.remove(value, length);
                if prefixes.is_empty() {
                    map.remove(&part);
                }
            }
            Index::Range(place, map) => {
                let Some((low, high)) = keys.get(*place).and_then(|k| bounds(k, key, *place))
                else {
                    return;
                };
                let Some(group) = map.get_mut(&part) else { return };
                if group.remove(key, low, high) {
                    map.remove(&part);
                }
            }
            Index::Ordered(tree, _) => {
                tree.remove_by(&|ranked| ranked.compare(key));
            }
        }
    }

    /// An entry of the same priority that is for some packet that this key is for too. Where all
    /// but a range is exact it costs a logarithm.
    pub(super) fn overlapping(&self, keys: &[KeyShape], key: &EntryKey) -> Option<&Arc<Entry>> {
        let overlaps = |entry: &Entry| {
            let mut elements = keys.iter().zip(&key.matches).zip(&entry.key.matches);
            entry.key.priority == key.priority
                && elements.all(|((shape, one), other)| shape.overlap(one, other))
        };
        match self {
            // Equal priorities are no matter where the priority does not decide.
            Index::None | Index::Exact(_) | Index::Prefix(..) => None,
            Index::Range(place, map) => {
                let (low, high) = bounds(keys.get(*place)?, key, *place)?;
                match map.get(&exact_part(key))? {
                    Group::One(entry) => Some(entry).filter(|entry| overlaps(entry)),
                    Group::Few(entries) => entries.iter().find(|entry| overlaps(entry)),
                    Group::Many(many) => many.overlapping(low, high, key.priority),
                }
            }
            Index::Ordered(tree, _) => tree.first(&mut |entry| overlaps(entry)),
        }
    }

    /// All entries, in no order.
    pub(super) fn visit<'a>(&'a self, visitor: &mut dyn FnMut(&'a Arc<Entry>)) {
        match self {
            Index::None => {}
            Index::Exact(map) => map.values().for_each(visitor),
            Index::Prefix(_, map) => map.values().for_each(|prefixes| prefixes.visit(visitor)),
            Index::Range(_, map) => map.values().for_each(|group| match group {
                Group::One(entry) => visitor(entry),
                Group::Few(entries) => entries.iter().for_each(&mut *visitor),
                Group::Many(many) => many.visit(visitor),
            }),
            Index::Ordered(tree, _) => {
                tree.first(&mut |entry| {
                    visitor(entry);
                    false
                });
            }
        }
    }

    /// The rule that does not hold, if there is one.
    pub(super) fn broken_rule(&self) -> Option<&'static str> {
        let holds = match self {
            Index::None | Index::Exact(_) => true,
            Index::Prefix(_, map) => {
                map.values().all(|prefixes| !prefixes.is_empty() && prefixes.is_sound())
            }
            Index::Range(_, map) => map.values().all(|group| match group {
                Group::One(_) => true,
                Group::Few(entries) => {
                    (2..MANY).contains(&entries.len())
                        && entries.is_sorted_by(|one, other| wins(one, other))
                }
                Group::Many(many) => many.len() >= MANY / 2 && many.is_sound(),
            }),
            Index::Ordered(tree, _) => tree.is_sound(&|(), ()| true),
        };
        if holds {
            return None;
        }
        Some(match self {
            Index::Prefix(..) => "that the trie of prefixes has no other nodes than it needs",
            Index::Range(..) => "that ranges are where they have to be",
            Index::None | Index::Exact(_) | Index::Ordered(..) => "that entries are in order",
        })
    }
}

impl Group {
    fn covering(&self, place: usize, key: &KeyShape, value: u128) -> Option<&Arc<Entry>> {
        let covers = |entry: &Entry| {
            bounds(key, &entry.key, place).is_some_and(|(low, high)| low <= value && value <= high)
        };
        match self {
            Group::One(entry) => covers(entry).then_some(entry),
            Group::Few(entries) => entries.iter().find(|entry| covers(entry)),
            Group::Many(many) => many.covering(value),
        }
    }

    fn find(&self, key: &EntryKey, low: u128, high: u128) -> Option<&Arc<Entry>> {
        match self {
            Group::One(entry) => (entry.key == *key).then_some(entry),
            Group::Few(entries) => entries.iter().find(|entry| entry.key == *key),
            Group::Many(many) => many.find(low, high, key.priority),
        }
    }

    fn insert(&mut self, place: usize, key: &KeyShape, entry: Arc<Entry>, hasher: &RandomState) {
        match self {
            Group::One(one) if one.key == entry.key => *one = entry,
            Group::One(one) => {
                let mut entries = vec![Arc::clone(one), entry];
                entries.sort_by(|one, other| rank(one, other));
                *self = Group::Few(Arc::new(entries));
            }
            Group::Few(few) => {
                let entries = Arc::make_mut(few);
                match entries.binary_search_by(|other| rank(other, &entry)) {
                    Ok(found) => {
                        if let Some(slot) = entries.get_mut(found) {
                            *slot = entry;
                        }
                    }
                    Err(free) => entries.insert(free, entry),
                }
                if entries.len() >= MANY {
                    let mut many = Intervals::default();
                    for entry in entries.drain(..) {
                        insert_interval(&mut many, place, key, entry, hasher);
                    }
                    *self = Group::Many(Arc::new(many));
                }
            }
            Group::Many(many) => {
                insert_interval(Arc::make_mut(many), place, key, entry, hasher);
            }
        }
    }

    /// Removes the entry with this key, and says whether it was the last.
    fn remove(&mut self, key: &EntryKey, low: u128, high: u128) -> bool {
        match self {
            Group::One(_) => return true,
            Group::Few(few) => {
                let entries = Arc::make_mut(few);
                entries.retain(|entry| entry.key != *key);
                if let [last] = entries.as_slice() {
                    *self = Group::One(Arc::clone(last));
                }
            }
            Group::Many(many) => {
                let intervals = Arc::make_mut(many);
                intervals.remove(low, high, key.priority);
                if intervals.len() < MANY / 2 {
                    let mut entries = Vec::new();
                    intervals.visit(&mut |entry| entries.push(Arc::clone(entry)));
                    entries.sort_by(|one, other| rank(one, other));
                    *self = Group::Few(Arc::new(entries));
                }
            }
        }
        false
    }
}

fn insert_interval(
    many: &mut Intervals,
    place: usize,
    key: &KeyShape,
    entry: Arc<Entry>,
    hasher: &RandomState,
) {
    if let Some((low, high)) = bounds(key, &entry.key, place) {
        many.insert(Interval { low, high, entry }, hasher);
    }
}

impl Ranked {
    fn compare(&self, key: &EntryKey) -> Ordering {
        rank_keys(&self.0.key, key)
    }
}

impl Ord for Ranked {
    fn cmp(&self, other: &Ranked) -> Ordering {
        self.compare(&other.0.key)
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Ranked) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ranked {
    fn eq(&self, other: &Ranked) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Ranked {}

fn rank(one: &Entry, other: &Entry) -> Ordering {
    rank_keys(&one.key, &other.key)
}

fn rank_keys(one: &EntryKey, other: &EntryKey) -> Ordering {
    Reverse(one.priority).cmp(&Reverse(other.priority)).then_with(|| one.cmp(other))
}

/// The exact elements of a packet's key, without a copy where they are together.
fn with_exact_part<'a, R>(
    values: &[u128],
    other: usize,
    get: impl FnOnce(&[u128]) -> Option<&'a R>,
) -> Option<&'a R> {
    let (before, behind) = (values.get(..other)?, values.get(other + 1..)?);
    match (before, behind) {
        (only, []) | ([], only) => get(only),
        (before, behind) => {
            let mut exact: SmallVec<[u128; 16]> = SmallVec::from_slice(before);
            exact.extend_from_slice(behind);
            get(&exact)
        }
    }
}

fn exact_part(key: &EntryKey) -> ExactPart {
    let exact = |element: &Match| match element {
        Match::Exact(value) => Some(*value),
        _ => None,
    };
    key.matches.iter().filter_map(exact).collect()
}

fn prefix(keys: &[KeyShape], key: &EntryKey, place: usize) -> Option<(u128, u32)> {
    match (key.matches.get(place)?, keys.get(place)?) {
        (Match::Lpm { value, prefix_length }, shape) => {
            Some((at_the_top(*value, shape), *prefix_length))
        }
        _ => None,
    }
}

/// The bounds of a range, in the order of unsigned numbers.
fn bounds(shape: &KeyShape, key: &EntryKey, place: usize) -> Option<(u128, u128)> {
    match key.matches.get(place)? {
        Match::Range { low, high } => Some((shape.ordered(*low), shape.ordered(*high))),
        _ => None,
    }
}

/// The value with its highest bit at the highest of all.
fn at_the_top(value: u128, key: &KeyShape) -> u128 {
    value.checked_shl(u128::BITS - key.width).unwrap_or(0)
}
