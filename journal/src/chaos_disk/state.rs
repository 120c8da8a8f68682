//! The state of a disk and of the faults that are to come.

use super::fault::{DiskCounts, DiskFault, DiskOperation, DiskRates};
use super::file::SimulatedFile;
use super::random::SplitMix64;
use std::io;

/// A disk with its one file.
pub(super) struct State {
    pub(super) file: SimulatedFile,
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
    pub(super) locked_by: Option<u64>,
    /// Handles from this number on are of the running process.
    pub(super) first_handle: u64,
    pub(super) next_handle: u64,
    pub(super) random: SplitMix64,
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
            file: SimulatedFile::default(),
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
        self.first_handle = self.next_handle;
        self.locked_by = None;
    }

    pub(super) fn lose_power(&mut self, seed: u64) {
        self.end_process();
        self.file.lose_power(&mut SplitMix64::new(seed));
        self.power = Power::On;
        self.script.clear();
    }

    pub(super) fn read(&mut self, handle: u64, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.check_handle(handle)?;
        self.counts.reads += 1;
        self.counts.read_bytes += out.len() as u64;
        if self.power == Power::Off {
            return Err(self.fail(power_off()));
        }
        if let Some(fault) = self.next_fault(DiskOperation::Read) {
            return Err(self.fail(chaos(DiskOperation::Read, fault)));
        }
        let bytes = usize::try_from(offset)
            .ok()
            .and_then(|offset| self.file.bytes().get(offset..offset.checked_add(out.len())?));
        match bytes {
            Some(bytes) => {
                out.copy_from_slice(bytes);
                Ok(())
            }
            None => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "beyond the end of the file")),
        }
    }

    pub(super) fn write(&mut self, handle: u64, offset: u64, data: &[u8]) -> io::Result<()> {
        self.check_handle(handle)?;
        self.counts.writes += 1;
        self.counts.written_bytes += data.len() as u64;
        let is_last = self.spend_power()?;
        let range = usize::try_from(offset)
            .ok()
            .and_then(|offset| Some(offset..offset.checked_add(data.len())?))
            .filter(|range| range.end <= self.file.bytes().len());
        let Some(range) = range else {
            let error = io::Error::new(io::ErrorKind::InvalidInput, "beyond the end of the file");
            return Err(self.fail(error));
        };
        let missing = self.file.missing_bytes(&range);
        let is_full = |max| missing > 0 && self.file.allocated_bytes() + missing > max;
        if self.max_allocated.is_some_and(is_full) {
            return Err(self.fail(full()));
        }
        let fault = self.next_fault(DiskOperation::Write);
        match fault {
            None | Some(DiskFault::Done) => self.file.write(range.start, data),
            Some(DiskFault::Partial) => {
                self.file.write_partly(range.start, data, &mut self.random);
            }
            Some(DiskFault::Refused | DiskFault::Forgotten) => {}
        }
        self.answer(DiskOperation::Write, fault, is_last)
    }

    pub(super) fn set_len(&mut self, handle: u64, len: u64) -> io::Result<()> {
        self.check_handle(handle)?;
        self.counts.set_lens += 1;
        let is_last = self.spend_power()?;
        let is_longer = len > self.file.bytes().len() as u64;
        let len = match usize::try_from(len) {
            Ok(fits) if !(is_longer && self.max_len.is_some_and(|max| len > max)) => fits,
            _ => return Err(self.fail(full())),
        };
        let fault = self.next_fault(DiskOperation::SetLen);
        if matches!(fault, None | Some(DiskFault::Done)) {
            self.file.set_len(len);
        }
        self.answer(DiskOperation::SetLen, fault, is_last)
    }

    pub(super) fn sync(&mut self, handle: u64) -> io::Result<()> {
        self.check_handle(handle)?;
        self.counts.syncs += 1;
        let is_last = self.spend_power()?;
        let fault = self.next_fault(DiskOperation::Sync);
        match fault {
            // Of what is under way when the power goes, any part may be done.
            None if is_last => {}
            None | Some(DiskFault::Done) => self.file.sync(),
            Some(DiskFault::Refused) => {}
            Some(DiskFault::Partial) => self.file.sync_partly(&mut self.random),
            Some(DiskFault::Forgotten) => self.file.sync_forgetting(&mut self.random),
        }
        self.answer(DiskOperation::Sync, fault, is_last)
    }

    /// Whether a handle is of the running process.
    pub(super) fn check_handle(&self, handle: u64) -> io::Result<()> {
        if handle < self.first_handle {
            return Err(io::Error::other("the process that had this file open has ended"));
        }
        Ok(())
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

fn chaos(operation: DiskOperation, fault: DiskFault) -> io::Error {
    io::Error::other(format!("chaos: {operation:?} failed ({fault:?})"))
}

fn full() -> io::Error {
    io::Error::new(io::ErrorKind::StorageFull, "chaos: no space left on the disk")
}

pub(super) fn power_off() -> io::Error {
    io::Error::other("chaos: the power is off")
}
