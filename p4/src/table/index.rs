//! How the entry for a packet is found, by the kinds of a table's key elements.

use std::cmp::{Ordering, Reverse};
use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::entry::{Entry, EntryKey, Match, Matches};
use super::group::Group;
use super::hash_trie::HashTrie;
use super::prefixes::Prefixes;
use super::shape::{KeyShape, Layout, accepts};
use super::treap::Treap;

/// The entries of a table. All of it is persistent: a clone is cheap, and a change of a clone
/// copies the way to what changes.
#[derive(Clone, Debug)]
pub(super) struct Index {
    /// Hashes have a seed of their own in each table.
    hasher: RandomState,
    entries: Entries,
}

#[derive(Clone, Debug)]
enum Entries {
    /// No key, no entries.
    None,
    /// All elements are exact.
    Exact(HashTrie<Arc<Entry>>),
    /// The element at this place is a prefix, the others are exact.
    Prefix(usize, HashTrie<Prefixes>),
    /// The element at this place is a range, the others are exact.
    Range(usize, HashTrie<Group>),
    /// Entries in the order in which they are tried.
    Ordered(Treap<Ranked, Arc<Entry>>),
}

/// An entry by its priority, the larger first, and its key.
#[derive(Clone, Debug)]
pub(super) struct Ranked(Arc<Entry>);

impl Index {
    pub(super) fn new(layout: Layout) -> Index {
        let entries = match layout {
            Layout::None => Entries::None,
            Layout::Exact => Entries::Exact(HashTrie::default()),
            Layout::Prefix(place) => Entries::Prefix(place, HashTrie::default()),
            Layout::Range(place) => Entries::Range(place, HashTrie::default()),
            Layout::Ordered => Entries::Ordered(Treap::default()),
        };
        Index { hasher: RandomState::default(), entries }
    }

    /// The entry for the values of a packet.
    pub(super) fn lookup(&self, keys: &[KeyShape], values: &[u128]) -> Option<&Arc<Entry>> {
        match &self.entries {
            Entries::None => None,
            Entries::Exact(map) => {
                let all = || values.iter().copied();
                map.get(self.hash(all()), |entry| exact_part(&entry.key.matches).eq(all()))
            }
            Entries::Prefix(place, map) => {
                let (key, value) = (keys.get(*place)?, *values.get(*place)?);
                let exact = || without(values, *place);
                let prefixes = map.get(self.hash(exact()), |prefixes| {
                    prefixes.any().is_some_and(|entry| exact_part(&entry.key.matches).eq(exact()))
                })?;
                prefixes.longest(at_the_top(value, key))
            }
            Entries::Range(place, map) => {
                let (key, value) = (keys.get(*place)?, *values.get(*place)?);
                let exact = || without(values, *place);
                let group = map.get(self.hash(exact()), |group| {
                    exact_part(&group.any().key.matches).eq(exact())
                })?;
                group.covering(*place, key, key.ordered(value))
            }
            Entries::Ordered(tree) => {
                tree.first(&mut |entry| accepts(keys, &entry.key.matches, values))
            }
        }
    }

    /// The entry with this key, which has been checked.
    pub(super) fn find(&self, keys: &[KeyShape], key: &EntryKey) -> Option<&Arc<Entry>> {
        let (hash, exact) = self.hashed(key);
        match &self.entries {
            Entries::None => None,
            Entries::Exact(map) => map.get(hash, |entry| exact(&entry.key)),
            Entries::Prefix(place, map) => {
                let (value, length) = prefix(keys, key, *place)?;
                let prefixes = map.get(hash, |one| one.any().is_some_and(|one| exact(&one.key)));
                prefixes?.find(value, length)
            }
            Entries::Range(place, map) => {
                let group = map.get(hash, |group| exact(&group.any().key))?;
                group.find(*place, keys.get(*place)?, key)
            }
            Entries::Ordered(tree) => tree.get_by(&|ranked| ranked.compare(key)),
        }
    }

    /// Adds an entry, whose key has been checked, or replaces the one with its key.
    pub(super) fn insert(&mut self, keys: &[KeyShape], entry: Arc<Entry>) {
        let key = entry.key.clone();
        let is_there = self.find(keys, &key).is_some();
        let hash = self.hash(exact_part(&key.matches));
        let exact = |other: &EntryKey| exact_part(&other.matches).eq(exact_part(&key.matches));
        let hasher = &self.hasher;
        match &mut self.entries {
            Entries::None => {}
            Entries::Exact(map) if is_there => {
                if let Some(slot) = map.get_mut(hash, |entry| exact(&entry.key)) {
                    *slot = entry;
                }
            }
            Entries::Exact(map) => map.insert_new(hash, entry),
            Entries::Prefix(place, map) => {
                let Some((value, length)) = prefix(keys, &key, *place) else { return };
                let is_it = |one: &Prefixes| one.any().is_some_and(|one| exact(&one.key));
                if map.get(hash, is_it).is_none() {
                    map.insert_new(hash, Prefixes::one(value, length, entry));
                } else if let Some(prefixes) = map.get_mut(hash, is_it) {
                    prefixes.insert(value, length, entry);
                }
            }
            Entries::Range(place, map) => {
                let Some(shape) = keys.get(*place) else { return };
                let is_it = |group: &Group| exact(&group.any().key);
                if map.get(hash, is_it).is_none() {
                    map.insert_new(hash, Group::One(entry));
                } else if let Some(group) = map.get_mut(hash, is_it) {
                    group.insert(*place, shape, entry, hasher);
                }
            }
            Entries::Ordered(tree) => {
                let weight = hasher.hash_one(&key);
                tree.insert(Ranked(Arc::clone(&entry)), entry, weight);
            }
        }
    }

    /// Removes the entry with this key, which has been checked and is there.
    pub(super) fn remove(&mut self, keys: &[KeyShape], key: &EntryKey) {
        let hash = self.hash(exact_part(&key.matches));
        let exact = |other: &EntryKey| exact_part(&other.matches).eq(exact_part(&key.matches));
        match &mut self.entries {
            Entries::None => {}
            Entries::Exact(map) => map.remove(hash, |entry| exact(&entry.key)),
            Entries::Prefix(place, map) => {
                let Some((value, length)) = prefix(keys, key, *place) else { return };
                let is_it = |one: &Prefixes| one.any().is_some_and(|one| exact(&one.key));
                if map.get(hash, is_it).is_some_and(Prefixes::is_one) {
                    map.remove(hash, is_it);
                } else if let Some(prefixes) = map.get_mut(hash, is_it) {
                    prefixes.remove(value, length);
                }
            }
            Entries::Range(place, map) => {
                let Some(shape) = keys.get(*place) else { return };
                let is_it = |group: &Group| exact(&group.any().key);
                if matches!(map.get(hash, is_it), Some(Group::One(_))) {
                    map.remove(hash, is_it);
                } else if let Some(group) = map.get_mut(hash, is_it) {
                    group.remove(*place, shape, key);
                }
            }
            Entries::Ordered(tree) => {
                tree.remove_by(&|ranked| ranked.compare(key));
            }
        }
    }

    /// An entry of the same priority that is for some packet that this key is for too. Where all
    /// but a range is exact it costs a logarithm.
    pub(super) fn overlapping(&self, keys: &[KeyShape], key: &EntryKey) -> Option<&Arc<Entry>> {
        match &self.entries {
            // Equal priorities are no matter where the priority does not decide.
            Entries::None | Entries::Exact(_) | Entries::Prefix(..) => None,
            Entries::Range(place, map) => {
                let (hash, exact) = self.hashed(key);
                let group = map.get(hash, |group| exact(&group.any().key))?;
                group.overlapping(*place, keys.get(*place)?, key)
            }
            Entries::Ordered(tree) => tree.first(&mut |entry| {
                let mut elements = keys.iter().zip(&key.matches).zip(&entry.key.matches);
                entry.key.priority == key.priority
                    && elements.all(|((shape, one), other)| shape.overlap(one, other))
            }),
        }
    }

    /// All entries, in no order.
    pub(super) fn visit<'a>(&'a self, visitor: &mut dyn FnMut(&'a Arc<Entry>)) {
        match &self.entries {
            Entries::None => {}
            Entries::Exact(map) => map.visit(visitor),
            Entries::Prefix(_, map) => map.visit(&mut |prefixes| prefixes.visit(visitor)),
            Entries::Range(_, map) => map.visit(&mut |group| group.visit(visitor)),
            Entries::Ordered(tree) => tree.visit(&mut |_, entry| visitor(entry)),
        }
    }

    /// The rule that does not hold, if there is one.
    pub(super) fn broken_rule(&self, keys: &[KeyShape]) -> Option<&'static str> {
        let mut parts_hold = true;
        let map_holds = match &self.entries {
            Entries::None => true,
            Entries::Exact(map) => map.is_sound(),
            Entries::Prefix(_, map) => {
                map.visit(&mut |prefixes| parts_hold &= prefixes.is_sound());
                map.is_sound()
            }
            Entries::Range(place, map) => {
                let shape = keys.get(*place);
                map.visit(&mut |group| {
                    parts_hold &= shape.is_some_and(|shape| group.is_sound(*place, shape));
                });
                map.is_sound()
            }
            Entries::Ordered(tree) => tree.is_sound(&|(), ()| true),
        };
        match (map_holds, parts_hold) {
            (false, _) => Some("that entries are where they are looked for"),
            (true, false) => Some("that prefixes or ranges are where they are looked for"),
            (true, true) => None,
        }
    }

    fn hash(&self, exact: impl Iterator<Item = u128>) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        exact.for_each(|value| hasher.write_u128(value));
        hasher.finish()
    }

    /// The hash of a key's exact part, and whether another key has the same.
    fn hashed<'k>(&self, key: &'k EntryKey) -> (u64, impl Fn(&EntryKey) -> bool + 'k) {
        let exact = || exact_part(&key.matches);
        (self.hash(exact()), move |other: &EntryKey| exact_part(&other.matches).eq(exact()))
    }
}

impl Ranked {
    fn compare(&self, key: &EntryKey) -> Ordering {
        let (one, other) = (&self.0.key, key);
        Reverse(one.priority).cmp(&Reverse(other.priority)).then_with(|| one.cmp(other))
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

/// The exact elements of an entry's key.
fn exact_part(matches: &Matches) -> impl Iterator<Item = u128> {
    matches.iter().filter_map(|element| match element {
        Match::Exact(value) => Some(*value),
        _ => None,
    })
}

/// All values but one.
fn without(values: &[u128], place: usize) -> impl Iterator<Item = u128> {
    let before = values.get(..place).unwrap_or_default();
    let behind = values.get(place + 1..).unwrap_or_default();
    before.iter().chain(behind).copied()
}

fn prefix(keys: &[KeyShape], key: &EntryKey, place: usize) -> Option<(u128, u32)> {
    match (key.matches.get(place)?, keys.get(place)?) {
        (Match::Lpm { value, prefix_length }, shape) => {
            Some((at_the_top(*value, shape), *prefix_length))
        }
        _ => None,
    }
}

/// The value with its highest bit at the highest of all.
fn at_the_top(value: u128, key: &KeyShape) -> u128 {
    value.checked_shl(u128::BITS - key.width).unwrap_or(0)
}
