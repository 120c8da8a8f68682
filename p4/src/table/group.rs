//! The ranges that come with one exact part of a key.

use std::hash::BuildHasher;
use std::sync::Arc;

use super::entry::{Entry, EntryKey, Match};
use super::interval::{Interval, Rank};
use super::intervals::Intervals;
use super::shape::KeyShape;

/// The entries that differ in their range and priority only; at least one.
#[derive(Clone, Debug)]
pub(super) enum Group {
    /// One, as most are.
    One(Arc<Entry>),
    /// Several.
    Many(Arc<Many>),
}

#[derive(Clone, Debug)]
pub(super) struct Many {
    /// Which exact part it is, by the first entry that there was.
    sample: Arc<Entry>,
    intervals: Intervals,
}

impl Group {
    /// An entry that has the exact part.
    pub(super) fn any(&self) -> &Entry {
        match self {
            Group::One(entry) => entry,
            Group::Many(many) => &many.sample,
        }
    }

    /// The winner of those that cover a value.
    pub(super) fn covering(
        &self,
        place: usize,
        key: &KeyShape,
        value: u128,
    ) -> Option<&Arc<Entry>> {
        match self {
            Group::One(entry) => {
                let (low, high) = bounds(key, &entry.key, place)?;
                (low <= value && value <= high).then_some(entry)
            }
            Group::Many(many) => many.intervals.covering(value),
        }
    }

    /// The entry with this key.
    pub(super) fn find(
        &self,
        place: usize,
        shape: &KeyShape,
        key: &EntryKey,
    ) -> Option<&Arc<Entry>> {
        match self {
            Group::One(entry) => (entry.key == *key).then_some(entry),
            Group::Many(many) => many.intervals.find(rank(shape, key, place)?),
        }
    }

    /// An entry of the same priority that has a value in common with the key's range.
    pub(super) fn overlapping(
        &self,
        place: usize,
        shape: &KeyShape,
        key: &EntryKey,
    ) -> Option<&Arc<Entry>> {
        match self {
            Group::One(entry) => {
                let (one, other) = (entry.key.matches.get(place)?, key.matches.get(place)?);
                let is_same = entry.key.priority == key.priority && shape.overlap(one, other);
                is_same.then_some(entry)
            }
            Group::Many(many) => many.intervals.overlapping(rank(shape, key, place)?),
        }
    }

    /// Adds an entry or replaces the one with its key.
    pub(super) fn insert(
        &mut self,
        place: usize,
        key: &KeyShape,
        entry: Arc<Entry>,
        hasher: &impl BuildHasher,
    ) {
        match self {
            Group::One(one) if one.key == entry.key => *one = entry,
            Group::One(one) => {
                let mut intervals = Intervals::default();
                let sample = Arc::clone(one);
                for entry in [Arc::clone(one), entry] {
                    if let Some(interval) = interval(key, entry, place) {
                        intervals.insert(interval, hasher);
                    }
                }
                *self = Group::Many(Arc::new(Many { sample, intervals }));
            }
            Group::Many(many) => {
                if let Some(interval) = interval(key, entry, place) {
                    Arc::make_mut(many).intervals.insert(interval, hasher);
                }
            }
        }
    }

    /// Removes the entry with this key, which is one of many.
    pub(super) fn remove(&mut self, place: usize, shape: &KeyShape, key: &EntryKey) {
        let Group::Many(shared) = self else { return };
        let many = Arc::make_mut(shared);
        if let Some(rank) = rank(shape, key, place) {
            many.intervals.remove(rank);
        }
        if many.intervals.len() == 1 {
            let mut last = None;
            many.intervals.visit(&mut |_, entry| last = Some(Arc::clone(entry)));
            if let Some(last) = last {
                *self = Group::One(last);
            }
        }
    }

    pub(super) fn visit<'a>(&'a self, visitor: &mut dyn FnMut(&'a Arc<Entry>)) {
        match self {
            Group::One(entry) => visitor(entry),
            Group::Many(many) => many.intervals.visit(&mut |_, entry| visitor(entry)),
        }
    }

    /// Whether there are several where it says so, each where it has to be.
    pub(super) fn is_sound(&self, place: usize, key: &KeyShape) -> bool {
        let Group::Many(many) = self else { return true };
        let mut fit = true;
        many.intervals.visit(&mut |held, entry| {
            fit &= rank(key, &entry.key, place) == Some(held);
        });
        fit && many.intervals.len() > 1 && many.intervals.is_sound()
    }
}

fn interval(shape: &KeyShape, entry: Arc<Entry>, place: usize) -> Option<Interval> {
    Some(Interval::new(rank(shape, &entry.key, place)?, entry))
}

fn rank(shape: &KeyShape, key: &EntryKey, place: usize) -> Option<Rank> {
    let (low, high) = bounds(shape, key, place)?;
    Some(Rank { low, high, priority: key.priority })
}

/// The bounds of a range, in the order of unsigned numbers.
fn bounds(shape: &KeyShape, key: &EntryKey, place: usize) -> Option<(u128, u128)> {
    match key.matches.get(place)? {
        Match::Range { low, high } => Some((shape.ordered(*low), shape.ordered(*high))),
        _ => None,
    }
}
