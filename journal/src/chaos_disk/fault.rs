//! What can go wrong with a disk, how often, and how much it was used.

/// What a disk is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiskOperation {
    /// Read.
    Read,
    /// Write.
    Write,
    /// Make the file longer or shorter.
    SetLen,
    /// Put all that was written on the platter.
    Sync,
    /// Let a new file take the journal's name.
    Publish,
}

/// How an operation fails. Its caller is told that it failed in every case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiskFault {
    /// Nothing of it is done.
    Refused,
    /// A part of it is done: some sectors of a write, or some of what a sync has to put on the
    /// platter; the rest of that can still be synced. Of anything else, nothing is done.
    Partial,
    /// All of it is done.
    Done,
    /// Of a sync: some is put on the platter, and the rest is taken for done. It can be read for as
    /// long as the power stays on, but no later sync writes it: so Linux does, whose page cache
    /// marks pages clean whether or not they could be written. Of anything else, nothing is done.
    Forgotten,
}

/// How often operations fail by chance, in millionths. How they fail is by chance, too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DiskRates {
    /// Of reads.
    pub read_ppm: u32,
    /// Of writes.
    pub write_ppm: u32,
    /// Of changes of the length.
    pub set_len_ppm: u32,
    /// Of syncs.
    pub sync_ppm: u32,
    /// Of new files that take the journal's name.
    pub publish_ppm: u32,
}

impl DiskRates {
    /// No faults.
    pub const NEVER: Self =
        Self { read_ppm: 0, write_ppm: 0, set_len_ppm: 0, sync_ppm: 0, publish_ppm: 0 };

    pub(super) fn of(&self, operation: DiskOperation) -> u32 {
        let Self { read_ppm, write_ppm, set_len_ppm, sync_ppm, publish_ppm } = *self;
        match operation {
            DiskOperation::Read => read_ppm,
            DiskOperation::Write => write_ppm,
            DiskOperation::SetLen => set_len_ppm,
            DiskOperation::Sync => sync_ppm,
            DiskOperation::Publish => publish_ppm,
        }
    }
}

/// What was asked of a disk, whether or not it did it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DiskCounts {
    /// Reads.
    pub reads: u64,
    /// Bytes read.
    pub read_bytes: u64,
    /// Writes.
    pub writes: u64,
    /// Bytes written.
    pub written_bytes: u64,
    /// Changes of the length.
    pub set_lens: u64,
    /// Syncs.
    pub syncs: u64,
    /// New files that took, or were to take, the journal's name.
    pub publications: u64,
    /// Operations that failed.
    pub faults: u64,
}

impl DiskCounts {
    /// How many operations may have changed what is on the disk: all but reads.
    pub fn changes(&self) -> u64 {
        self.writes + self.set_lens + self.syncs + self.publications
    }

    /// What was asked since these were the counts.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let Self {
            reads,
            read_bytes,
            writes,
            written_bytes,
            set_lens,
            syncs,
            publications,
            faults,
        } = *earlier;
        Self {
            reads: self.reads - reads,
            read_bytes: self.read_bytes - read_bytes,
            writes: self.writes - writes,
            written_bytes: self.written_bytes - written_bytes,
            set_lens: self.set_lens - set_lens,
            syncs: self.syncs - syncs,
            publications: self.publications - publications,
            faults: self.faults - faults,
        }
    }
}
