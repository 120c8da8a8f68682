//! The rows of one table that have the same priority.

use std::collections::BTreeMap;

use crate::action::Action;
use crate::device::Counter;
use crate::key::MatchKey;

/// Rows of which a packet meets at most one, or the one with the longest prefix: two that overlap
/// otherwise are refused, since no device could say which of them wins.
///
/// That is what makes every question cost a logarithm: of the rows with the same exact fields, the
/// one that begins last before a port is the only one that can hold it, and there are only as many
/// prefixes of a value as it has bits.
#[derive(Debug, Default)]
pub(super) struct Layer {
    rows: BTreeMap<MatchKey, Action>,
    /// The counters of the rows that some packet has hit, apart from the rows because most are
    /// never hit: a switch in memory sees few packets and may hold a million rows.
    counters: BTreeMap<MatchKey, Counter>,
}

impl Layer {
    /// A row beside which there can be none of this key, which may be the row of that very key.
    pub(super) fn conflicting(&self, key: &MatchKey) -> Option<&MatchKey> {
        let (_, high) = key.range().unwrap_or_default();
        let (candidate, _) = self.rows.range(..=key.upper_bound_at(high)).next_back()?;
        candidate.conflicts_with(key).then_some(candidate)
    }

    /// The action of the row with exactly this key.
    pub(super) fn get(&self, key: &MatchKey) -> Option<&Action> {
        self.rows.get(key)
    }

    /// The same, to be changed; its counter goes on.
    pub(super) fn get_mut(&mut self, key: &MatchKey) -> Option<&mut Action> {
        self.rows.get_mut(key)
    }

    /// The row for the one packet that `packet` is a key of, which its counter counts.
    pub(super) fn hit(
        &mut self,
        packet: &MatchKey,
        length_bytes: u64,
    ) -> Option<(MatchKey, Action)> {
        let (key, action) = self.find(packet)?;
        if key.table().spec().has_counters {
            let Counter { packets, bytes } = self.counters.entry(key).or_default();
            *packets = packets.saturating_add(1);
            *bytes = bytes.saturating_add(length_bytes);
        }
        Some((key, action))
    }

    /// Adds a row that overlaps none, its counter at zero.
    pub(super) fn insert(&mut self, key: MatchKey, action: Action) {
        self.rows.insert(key, action);
    }

    /// Takes the row with exactly this key away, and its counter; whether there was one.
    pub(super) fn remove(&mut self, key: &MatchKey) -> bool {
        self.counters.remove(key);
        self.rows.remove(key).is_some()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Every row in the order of its key.
    pub(super) fn rows(&self) -> impl Iterator<Item = (&MatchKey, &Action)> {
        self.rows.iter()
    }

    /// The counter of every row in the order of its key.
    pub(super) fn counters(&self) -> impl Iterator<Item = (&MatchKey, Counter)> {
        self.rows.keys().map(|key| (key, self.counters.get(key).copied().unwrap_or_default()))
    }

    /// A counter of which there is no row.
    pub(super) fn stray_counter(&self) -> Option<&MatchKey> {
        self.counters.keys().find(|key| !self.rows.contains_key(key))
    }

    /// The row for the one packet that `packet` is a key of.
    fn find(&self, packet: &MatchKey) -> Option<(MatchKey, Action)> {
        if let Some((_, width_bits)) = packet.prefix() {
            return (0..=width_bits).rev().find_map(|length| {
                let key = packet.with_prefix_length(length);
                self.rows.get(&key).map(|action| (key, *action))
            });
        }
        let (port, _) = packet.range().unwrap_or_default();
        let (key, action) = self.rows.range(..=packet.upper_bound_at(port)).next_back()?;
        key.overlaps(packet).then_some((*key, *action))
    }
}
