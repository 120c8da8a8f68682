//! A file on a simulated disk: what a process sees of it, and what the platter holds.

use super::random::SplitMix64;
use std::collections::BTreeMap;
use std::ops::Range;

/// What reaches the platter whole or not at all.
pub(super) const SECTOR_BYTES: usize = 512;

/// The contents of a file, twice: as they are read now, and as they are after a loss of power, but
/// for what was written since the last sync.
#[derive(Clone, Default)]
pub(super) struct SimulatedFile {
    now: Vec<u8>,
    platter: Vec<u8>,
    /// What leads from the platter to now, in the order in which it was done, unless it was
    /// forgotten.
    unsynced: Vec<Effect>,
    /// Which sectors take up room.
    allocated: Vec<bool>,
}

/// What an operation did.
#[derive(Clone)]
enum Effect {
    Write { offset: usize, data: Vec<u8> },
    SetLen(usize),
}

impl SimulatedFile {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.now
    }

    /// Puts a file on the disk.
    pub(super) fn replace(&mut self, bytes: Vec<u8>) {
        self.allocated = vec![true; bytes.len().div_ceil(SECTOR_BYTES)];
        self.platter.clone_from(&bytes);
        self.now = bytes;
        self.unsynced.clear();
    }

    /// How much room is taken up.
    pub(super) fn allocated_bytes(&self) -> u64 {
        (self.allocated.iter().filter(|taken| **taken).count() * SECTOR_BYTES) as u64
    }

    /// How much more room a write would take up.
    pub(super) fn missing_bytes(&self, range: &Range<usize>) -> u64 {
        let is_missing = |sector: &usize| !self.allocated.get(*sector).copied().unwrap_or_default();
        (sectors(range).filter(is_missing).count() * SECTOR_BYTES) as u64
    }

    pub(super) fn write(&mut self, offset: usize, data: &[u8]) {
        let range = offset..offset + data.len();
        if let Some(place) = self.now.get_mut(range.clone()) {
            place.copy_from_slice(data);
            let sectors = sectors(&range);
            if self.allocated.len() < sectors.end {
                self.allocated.resize(sectors.end, false);
            }
            self.allocated[sectors].fill(true);
            self.unsynced.push(Effect::Write { offset, data: data.to_vec() });
        }
    }

    /// Writes some sectors of it.
    pub(super) fn write_partly(&mut self, offset: usize, data: &[u8], random: &mut SplitMix64) {
        for piece in pieces(offset..offset + data.len()) {
            if random.happens(1, 2) {
                self.write(piece.start, &data[piece.start - offset..piece.end - offset]);
            }
        }
    }

    pub(super) fn set_len(&mut self, len: usize) {
        self.now.resize(len, 0);
        self.allocated.truncate(len.div_ceil(SECTOR_BYTES));
        self.unsynced.push(Effect::SetLen(len));
    }

    /// Puts everything on the platter that is to be put there.
    pub(super) fn sync(&mut self) {
        for effect in self.unsynced.drain(..) {
            match effect {
                Effect::Write { offset, data } => put(&mut self.platter, offset, &data),
                Effect::SetLen(len) => self.platter.resize(len, 0),
            }
        }
    }

    /// Puts some of it on the platter; the rest still is to be.
    pub(super) fn sync_partly(&mut self, random: &mut SplitMix64) {
        self.platter = self.survivors(random);
    }

    /// Puts some of it on the platter; the rest, but for the length, is taken to be there.
    pub(super) fn sync_forgetting(&mut self, random: &mut SplitMix64) {
        self.platter = self.survivors(random);
        self.platter.resize(self.now.len(), 0);
        self.unsynced.clear();
    }

    /// The power goes: of what was not synced, any part may be on the platter.
    pub(super) fn lose_power(&mut self, random: &mut SplitMix64) {
        let survivors = self.survivors(random);
        self.replace(survivors);
    }

    /// What may be on the platter: of each sector any of the contents that it had since the last
    /// sync, and of the lengths any.
    fn survivors(&self, random: &mut SplitMix64) -> Vec<u8> {
        // How many writes there were of each sector, and then how many of these are there.
        let mut writes = BTreeMap::<usize, u64>::new();
        let mut lengths = 0;
        for effect in &self.unsynced {
            match effect {
                Effect::Write { offset, data } => {
                    for sector in sectors(&(*offset..offset + data.len())) {
                        *writes.entry(sector).or_default() += 1;
                    }
                }
                Effect::SetLen(_) => lengths += 1,
            }
        }
        // From nothing at all to everything, both with a good chance.
        const ALL: u64 = 8;
        let luck = random.below(ALL + 1);
        let mut some_of = |count: u64| (0..count).filter(|_| random.happens(luck, ALL)).count();
        let mut there: BTreeMap<usize, usize> =
            writes.into_iter().map(|(sector, count)| (sector, some_of(count))).collect();
        let mut lengths_there = some_of(lengths);
        let mut platter = self.platter.clone();
        for effect in &self.unsynced {
            match effect {
                Effect::Write { offset, data } => {
                    for piece in pieces(*offset..offset + data.len()) {
                        let left = there.entry(piece.start / SECTOR_BYTES).or_default();
                        if *left > 0 {
                            *left -= 1;
                            let bytes = &data[piece.start - offset..piece.end - offset];
                            put(&mut platter, piece.start, bytes);
                        }
                    }
                }
                Effect::SetLen(len) => {
                    if lengths_there > 0 {
                        lengths_there -= 1;
                        platter.resize(*len, 0);
                    }
                }
            }
        }
        platter
    }
}

/// Writes as far as the bytes are there.
fn put(bytes: &mut [u8], offset: usize, data: &[u8]) {
    if let Some(place) = bytes.get_mut(offset..) {
        let length = place.len().min(data.len());
        place[..length].copy_from_slice(&data[..length]);
    }
}

fn sectors(range: &Range<usize>) -> Range<usize> {
    range.start / SECTOR_BYTES..range.end.div_ceil(SECTOR_BYTES)
}

/// A range cut at the borders of sectors.
fn pieces(range: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    sectors(&range).map(move |sector| {
        let start = sector * SECTOR_BYTES;
        start.max(range.start)..(start + SECTOR_BYTES).min(range.end)
    })
}
