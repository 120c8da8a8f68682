//! What we put between redb and a file.

use parking_lot::Mutex;
use redb::{BackendError, StorageBackend};
use std::fmt;
use std::io;
use std::ops::{Bound, Range};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A file as redb gets it.
///
/// At first it is *held*: what is written stays in memory, so that a file can be looked at, repaired
/// and refused without being touched. Once it is [released](Layer::release), what was written is
/// done in the same order, and all that comes goes straight through.
///
/// And it notes what was written since the last sync that succeeded. A sync that fails may leave in
/// the page cache what is not on disk, marked as if it were: it can be read, and no later sync writes
/// it. So before a file is trusted after a fault, that is [written again](Layer::rewrite) as it is
/// read.
#[derive(Clone)]
pub(crate) struct Layer(Arc<Inner>);

struct Inner {
    below: Box<dyn StorageBackend>,
    unsynced: Unsynced,
    mode: Mutex<Mode>,
}

/// What was written since the last sync that succeeded, whoever opened the file; and how long the
/// last syncs took. Clones are the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unsynced(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    ranges: Vec<Range<u64>>,
    sync_times: Vec<Duration>,
}

enum Mode {
    Held(Held),
    Through,
    /// Some of what was held could not be done, and nothing is done any more.
    Broken,
}

/// A file with what was written but not done.
#[derive(Default)]
struct Held {
    len: u64,
    /// The bytes below that still are as they were.
    kept: u64,
    operations: Vec<Operation>,
}

enum Operation {
    Write { offset: u64, data: Vec<u8> },
    SetLen(u64),
    Sync,
}

impl Unsynced {
    /// The most times that are kept for those who want to know.
    const MAX_TIMES: usize = 256;

    /// How long syncs took since this was asked last.
    pub(crate) fn take_sync_times(&self) -> Vec<Duration> {
        std::mem::take(&mut self.0.lock().sync_times)
    }

    fn note(&self, range: Range<u64>) {
        let ranges = &mut self.0.lock().ranges;
        match ranges.last_mut() {
            Some(last) if last.end == range.start => last.end = range.end,
            _ => ranges.push(range),
        }
    }

    /// The ranges in order, none of which overlap.
    fn ranges(&self) -> Vec<Range<u64>> {
        let mut ranges = self.0.lock().ranges.clone();
        ranges.sort_unstable_by_key(|range| range.start);
        let mut merged: Vec<Range<u64>> = Vec::new();
        for range in ranges {
            match merged.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => merged.push(range),
            }
        }
        merged
    }

    fn note_sync(&self, time: Duration) {
        let mut state = self.0.lock();
        state.ranges.clear();
        if state.sync_times.len() < Self::MAX_TIMES {
            state.sync_times.push(time);
        }
    }
}

impl Layer {
    /// A file, held.
    pub(crate) fn held(below: Box<dyn StorageBackend>, unsynced: Unsynced) -> io::Result<Self> {
        let len = below.len()?;
        let mode = Mode::Held(Held { len, kept: len, operations: Vec::new() });
        Ok(Self(Arc::new(Inner { below, unsynced, mode: Mutex::new(mode) })))
    }

    /// A file that is written to at once.
    pub(crate) fn through(below: Box<dyn StorageBackend>, unsynced: Unsynced) -> Self {
        Self(Arc::new(Inner { below, unsynced, mode: Mutex::new(Mode::Through) }))
    }

    /// Does what was held.
    pub(crate) fn release(&self) -> io::Result<()> {
        let mut mode = self.0.mode.lock();
        let Mode::Held(held) = std::mem::replace(&mut *mode, Mode::Broken) else {
            return Err(broken());
        };
        for operation in held.operations {
            match operation {
                Operation::Write { offset, data } => self.0.write(offset, &data)?,
                Operation::SetLen(len) => self.0.below.set_len(len)?,
                Operation::Sync => self.0.sync()?,
            }
        }
        *mode = Mode::Through;
        Ok(())
    }

    /// Takes the whole file for unsynced.
    pub(crate) fn doubt(&self) -> io::Result<()> {
        self.0.unsynced.note(0..self.0.below.len()?);
        Ok(())
    }

    /// Makes the file on disk what it can be read as.
    pub(crate) fn rewrite(&self) -> io::Result<()> {
        const PIECE_BYTES: u64 = 1 << 20;
        let ranges = self.0.unsynced.ranges();
        if ranges.is_empty() {
            return Ok(());
        }
        let len = self.0.below.len()?;
        for range in ranges {
            let end = range.end.min(len);
            let mut start = range.start;
            while start < end {
                let piece = start..end.min(start + PIECE_BYTES);
                start = piece.end;
                self.rewrite_piece(piece)?;
            }
        }
        self.0.sync()
    }

    fn rewrite_piece(&self, piece: Range<u64>) -> io::Result<()> {
        let mut bytes = vec![0; usize::try_from(piece.end - piece.start).unwrap_or_default()];
        self.0.below.read(piece.start, &mut bytes)?;
        let mut result = self.0.below.write(piece.start, &bytes);
        if is_full(&result) {
            // What does not take up room yet reads as zeros, is zeros on disk too, and can stay so.
            const PAGE_BYTES: usize = 4096;
            result = Ok(());
            for (page, offset) in bytes.chunks(PAGE_BYTES).zip((piece.start..).step_by(PAGE_BYTES))
            {
                let written = self.0.below.write(offset, page);
                if !(is_full(&written) && page.iter().all(|byte| *byte == 0)) {
                    written?;
                }
            }
        }
        result
    }

    /// Reads, whatever is held.
    pub(crate) fn read_below(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.below.read(offset, out)
    }
}

impl Inner {
    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.unsynced.note(offset..offset + data.len() as u64);
        self.below.write(offset, data)
    }

    fn sync(&self) -> io::Result<()> {
        let begin = Instant::now();
        self.below.sync_data()?;
        self.unsynced.note_sync(begin.elapsed());
        Ok(())
    }
}

impl Held {
    fn read(&self, below: &dyn StorageBackend, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let wanted = offset..offset + out.len() as u64;
        if wanted.end > self.len {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the file ends before"));
        }
        let place = |at: u64| {
            let inside = at.clamp(wanted.start, wanted.end) - wanted.start;
            usize::try_from(inside).unwrap_or_default()
        };
        let (kept, new) = out.split_at_mut(place(self.kept));
        if !kept.is_empty() {
            below.read(offset, kept)?;
        }
        new.fill(0);
        for operation in &self.operations {
            match operation {
                Operation::Write { offset, data } => {
                    let here = place(*offset)..place(offset + data.len() as u64);
                    if !here.is_empty() {
                        let skipped = usize::try_from(wanted.start.saturating_sub(*offset));
                        let from = skipped.unwrap_or_default();
                        let length = here.len();
                        out[here].copy_from_slice(&data[from..from + length]);
                    }
                }
                Operation::SetLen(len) => out[place(*len)..].fill(0),
                Operation::Sync => {}
            }
        }
        Ok(())
    }

    fn write(&mut self, offset: u64, data: &[u8]) -> io::Result<()> {
        if offset + data.len() as u64 > self.len {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the file ends before"));
        }
        self.operations.push(Operation::Write { offset, data: data.to_vec() });
        Ok(())
    }

    fn set_len(&mut self, len: u64) {
        self.len = len;
        self.kept = self.kept.min(len);
        self.operations.push(Operation::SetLen(len));
    }
}

impl StorageBackend for Layer {
    fn len(&self) -> io::Result<u64> {
        match &*self.0.mode.lock() {
            Mode::Held(held) => Ok(held.len),
            Mode::Through => self.0.below.len(),
            Mode::Broken => Err(broken()),
        }
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        match &*self.0.mode.lock() {
            Mode::Held(held) => held.read(&*self.0.below, offset, out),
            Mode::Through => self.0.below.read(offset, out),
            Mode::Broken => Err(broken()),
        }
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        match &mut *self.0.mode.lock() {
            Mode::Held(held) => {
                held.set_len(len);
                Ok(())
            }
            Mode::Through => self.0.below.set_len(len),
            Mode::Broken => Err(broken()),
        }
    }

    fn sync_data(&self) -> io::Result<()> {
        match &mut *self.0.mode.lock() {
            Mode::Held(held) => {
                held.operations.push(Operation::Sync);
                Ok(())
            }
            Mode::Through => self.0.sync(),
            Mode::Broken => Err(broken()),
        }
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        match &mut *self.0.mode.lock() {
            Mode::Held(held) => held.write(offset, data),
            Mode::Through => self.0.write(offset, data),
            Mode::Broken => Err(broken()),
        }
    }

    fn close(&self) -> io::Result<()> {
        self.0.below.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.0.below.try_lock_range(start, end)
    }

    fn try_lock_shared_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> Result<bool, BackendError> {
        self.0.below.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.below.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.below.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.below.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.0.below.query_lock_range(start, end)
    }
}

impl fmt::Debug for Layer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Layer").field(&self.0.below).finish()
    }
}

fn is_full(result: &io::Result<()>) -> bool {
    result.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::StorageFull)
}

fn broken() -> io::Error {
    io::Error::other("what was to be written when the file was opened was not written in full")
}
