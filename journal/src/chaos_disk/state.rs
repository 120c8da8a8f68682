//! The state of a disk and of the faults that are to come.

use super::fault::{DiskCounts, DiskFault, DiskOperation, DiskRates};
use super::file::SimulatedFile;
use super::random::SplitMix64;
use std::io;

/// A disk with its files.
pub(super) struct State {
    pub(super) journal: Option<SimulatedFile>,
    /// One that is to become the journal.
    fresh: Option<SimulatedFile>,
    pub(super) counts: DiskCounts,
    pub(super) rates: DiskRates,
    /// The length that the file cannot pass.
    pub(super) max_len: Option<u64>,
    /// The room that the file can take up.
    pub(super) max_allocated: Option<u64>,
    /// What was said of single operations.
    pub(super) script: Vec<Scripted>,
    pub(super) power: Power,
    /// The handle that holds the file, if one does.
    locked_by: Option<Handle>,
    /// Handles from this number on are of the running process.
    first_handle: u64,
    next_handle: u64,
    pub(super) random: SplitMix64,
}

/// A file that was opened, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Handle {
    number: u64,
    name: Name,
}

/// Which file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name {
    Journal,
    Fresh,
}

/// The fate of one operation to come.
#[derive(Clone, Copy)]
pub(super) struct Scripted {
    pub(super) operation: DiskOperation,
    /// How many like it are to come before.
    pub(super) before: u64,
    pub(super) fault: DiskFault,
}

/// Whether the disk has power.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Power {
    On,
    /// It goes during the change that comes after so many others.
    GoesAfter {
        changes: u64,
    },
    Off,
}

impl State {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            journal: None,
            fresh: None,
            counts: DiskCounts::default(),
            rates: DiskRates::NEVER,
            max_len: None,
            max_allocated: None,
            script: Vec::new(),
            power: Power::On,
            locked_by: None,
            first_handle: 0,
            next_handle: 0,
            random: SplitMix64::new(seed),
        }
    }

    /// Ends the process: nothing that it holds does anything more.
    pub(super) fn end_process(&mut self) {
        self.next_handle += 1;
        self.first_handle = self.next_handle;
        self.locked_by = None;
    }

    /// What tells the running process from others.
    pub(super) fn process(&self) -> u64 {
        self.first_handle
    }

    pub(super) fn lose_power(&mut self, seed: u64) {
        self.end_process();
        let mut random = SplitMix64::new(seed);
        for file in [&mut self.journal, &mut self.fresh].into_iter().flatten() {
            file.lose_power(&mut random);
        }
        self.power = Power::On;
        self.script.clear();
    }

    pub(super) fn open(&mut self, process: u64, name: Name) -> io::Result<Option<Handle>> {
        self.check_process(process)?;
        if self.power == Power::Off {
            return Err(self.fail(power_off()));
        }
        let number = self.next_handle;
        self.next_handle += 1;
        Ok(self.named(name).map(|_| Handle { number, name }))
    }

    pub(super) fn create(&mut self, process: u64) -> io::Result<Handle> {
        self.check_process(process)?;
        if self.power == Power::Off {
            return Err(self.fail(power_off()));
        }
        self.fresh = Some(SimulatedFile::default());
        let handle = Handle { number: self.next_handle, name: Name::Fresh };
        self.next_handle += 1;
        Ok(handle)
    }

    pub(super) fn publish(&mut self, process: u64) -> io::Result<()> {
        self.check_process(process)?;
        self.counts.publications += 1;
        let is_last = self.spend_power()?;
        let fault = self.next_fault(DiskOperation::Publish);
        let is_done = match fault {
            None if is_last => self.random.happens(1, 2),
            None | Some(DiskFault::Done) => true,
            Some(DiskFault::Refused | DiskFault::Partial | DiskFault::Forgotten) => false,
        };
        if is_done && let Some(file) = self.fresh.take() {
            self.journal = Some(file);
        }
        self.answer(DiskOperation::Publish, fault, is_last)
    }

    /// The length of a file.
    pub(super) fn len(&mut self, handle: Handle) -> io::Result<u64> {
        Ok(self.file(handle)?.bytes().len() as u64)
    }

    /// Takes the file for this handle alone, if no other has it.
    pub(super) fn lock(&mut self, handle: Handle) -> io::Result<bool> {
        self.file(handle)?;
        Ok(*self.locked_by.get_or_insert(handle) == handle)
    }

    pub(super) fn unlock(&mut self, handle: Handle) {
        if self.locked_by == Some(handle) {
            self.locked_by = None;
        }
    }

    pub(super) fn read(&mut self, handle: Handle, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file(handle)?;
        self.counts.reads += 1;
        self.counts.read_bytes += out.len() as u64;
        if self.power == Power::Off {
            return Err(self.fail(power_off()));
        }
        if let Some(fault) = self.next_fault(DiskOperation::Read) {
            return Err(self.fail(chaos(DiskOperation::Read, fault)));
        }
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        let bytes = self.file(handle)?.bytes();
        match bytes.get(offset..offset.saturating_add(out.len())) {
            Some(bytes) => {
                out.copy_from_slice(bytes);
                Ok(())
            }
            None => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "beyond the end of the file")),
        }
    }

    pub(super) fn write(&mut self, handle: Handle, offset: u64, data: &[u8]) -> io::Result<()> {
        self.file(handle)?;
        self.counts.writes += 1;
        self.counts.written_bytes += data.len() as u64;
        let is_last = self.spend_power()?;
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        let range = offset..offset.saturating_add(data.len());
        let max_allocated = self.max_allocated;
        let file = self.file(handle)?;
        if range.end > file.bytes().len() {
            let error = io::Error::new(io::ErrorKind::InvalidInput, "beyond the end of the file");
            return Err(self.fail(error));
        }
        if let Some(max) = max_allocated {
            let missing = file.missing_bytes(&range);
            if missing > 0 && file.allocated_bytes() + missing > max {
                return Err(self.fail(full()));
            }
        }
        let fault = self.next_fault(DiskOperation::Write);
        let mut random = self.random.split();
        let file = self.file(handle)?;
        match fault {
            None | Some(DiskFault::Done) => file.write(offset, data),
            Some(DiskFault::Partial) => file.write_partly(offset, data, &mut random),
            Some(DiskFault::Refused | DiskFault::Forgotten) => {}
        }
        self.answer(DiskOperation::Write, fault, is_last)
    }

    pub(super) fn set_len(&mut self, handle: Handle, len: u64) -> io::Result<()> {
        self.file(handle)?;
        self.counts.set_lens += 1;
        let is_last = self.spend_power()?;
        let is_longer = len > self.file(handle)?.bytes().len() as u64;
        let len = match usize::try_from(len) {
            Ok(fits) if !(is_longer && self.max_len.is_some_and(|max| len > max)) => fits,
            _ => return Err(self.fail(full())),
        };
        let fault = self.next_fault(DiskOperation::SetLen);
        if matches!(fault, None | Some(DiskFault::Done)) {
            self.file(handle)?.set_len(len);
        }
        self.answer(DiskOperation::SetLen, fault, is_last)
    }

    pub(super) fn sync(&mut self, handle: Handle) -> io::Result<()> {
        self.file(handle)?;
        self.counts.syncs += 1;
        let is_last = self.spend_power()?;
        let fault = self.next_fault(DiskOperation::Sync);
        let mut random = self.random.split();
        let file = self.file(handle)?;
        match fault {
            // Of what is under way when the power goes, any part may be done.
            None if is_last => {}
            None | Some(DiskFault::Done) => file.sync(),
            Some(DiskFault::Refused) => {}
            Some(DiskFault::Partial) => file.sync_partly(&mut random),
            Some(DiskFault::Forgotten) => file.sync_forgetting(&mut random),
        }
        self.answer(DiskOperation::Sync, fault, is_last)
    }

    fn check_process(&self, process: u64) -> io::Result<()> {
        if process < self.first_handle {
            return Err(ended());
        }
        Ok(())
    }

    fn named(&mut self, name: Name) -> Option<&mut SimulatedFile> {
        match name {
            Name::Journal => self.journal.as_mut(),
            Name::Fresh => self.fresh.as_mut(),
        }
    }

    /// The file of a handle of the running process.
    fn file(&mut self, handle: Handle) -> io::Result<&mut SimulatedFile> {
        let is_over = handle.number < self.first_handle;
        self.named(handle.name).filter(|_| !is_over).ok_or_else(ended)
    }

    /// Whether the power goes during this change; an error if it has gone before.
    fn spend_power(&mut self) -> io::Result<bool> {
        match &mut self.power {
            Power::On => Ok(false),
            Power::GoesAfter { changes: 0 } => {
                self.power = Power::Off;
                Ok(true)
            }
            Power::GoesAfter { changes } => {
                *changes -= 1;
                Ok(false)
            }
            Power::Off => Err(self.fail(power_off())),
        }
    }

    fn next_fault(&mut self, operation: DiskOperation) -> Option<DiskFault> {
        let mut told = None;
        self.script.retain_mut(|scripted| {
            if scripted.operation != operation {
                return true;
            }
            if scripted.before == 0 {
                told = told.or(Some(scripted.fault));
                return false;
            }
            scripted.before -= 1;
            true
        });
        if told.is_some() {
            return told;
        }
        let rate = u64::from(self.rates.of(operation));
        if rate == 0 || !self.random.happens(rate, 1_000_000) {
            return None;
        }
        Some(match self.random.below(4) {
            0 => DiskFault::Refused,
            1 => DiskFault::Partial,
            2 => DiskFault::Done,
            _ => DiskFault::Forgotten,
        })
    }

    fn answer(
        &mut self,
        operation: DiskOperation,
        fault: Option<DiskFault>,
        is_last: bool,
    ) -> io::Result<()> {
        match fault {
            Some(fault) => Err(self.fail(chaos(operation, fault))),
            None if is_last => Err(self.fail(power_off())),
            None => Ok(()),
        }
    }

    fn fail(&mut self, error: io::Error) -> io::Error {
        self.counts.faults += 1;
        error
    }
}

fn ended() -> io::Error {
    io::Error::other("chaos: the process that had this file open has ended")
}

fn chaos(operation: DiskOperation, fault: DiskFault) -> io::Error {
    io::Error::other(format!("chaos: {operation:?} failed ({fault:?})"))
}

fn full() -> io::Error {
    io::Error::new(io::ErrorKind::StorageFull, "chaos: no space left on the disk")
}

pub(super) fn power_off() -> io::Error {
    io::Error::other("chaos: the power is off")
}
