//! Counters and registers: what outlives a packet. Threads share them.

use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

use crate::ir::{CounterType, ExternId, ExternKind, Program, Type};
use crate::table::{Count, Counter};

use super::TooLarge;
use super::operators::mask;

/// The most counters and registers that a program may have: 256 MiB of them.
const MAX_CELLS: u64 = 1 << 24;

/// The state of all externs of a program.
pub(crate) struct Externs {
    instances: Vec<Instance>,
}

enum Instance {
    Counter {
        cells: Box<[Counter]>,
        counts: CounterType,
    },
    /// Counts are with the entries of the table.
    Direct,
    Register(Register),
}

pub(crate) struct Register {
    /// The ones that a value can have.
    mask: u128,
    cells: Cells,
}

enum Cells {
    Narrow(Box<[AtomicU64]>),
    /// Values that no atomic holds.
    Wide(Mutex<Box<[u128]>>),
}

impl Externs {
    /// Whether there is room for all.
    pub(super) fn check(program: &Program) -> Result<(), TooLarge> {
        let mut cells = 0_u64;
        for instance in &program.externs {
            let (ExternKind::Counter { size, .. } | ExternKind::Register { size, .. }) =
                instance.kind
            else {
                continue;
            };
            cells = cells.saturating_add(size);
            if cells > MAX_CELLS {
                return Err(TooLarge::Externs { name: instance.name.clone() });
            }
        }
        Ok(())
    }

    pub(crate) fn new(program: &Program) -> Externs {
        let instances = program.externs.iter().map(|instance| match &instance.kind {
            ExternKind::Counter { size, counts } => Instance::Counter {
                cells: (0..*size).map(|_| Counter::default()).collect(),
                counts: *counts,
            },
            ExternKind::DirectCounter { .. } => Instance::Direct,
            ExternKind::Register { size, element } => {
                Instance::Register(Register::new(program, *size, element))
            }
        });
        Externs { instances: instances.collect() }
    }

    /// Counts a packet.
    pub(super) fn count(&self, counter: u32, index: u128, bytes: u64) {
        if let Some(Instance::Counter { cells, .. }) = self.instances.get(counter as usize)
            && let Some(cell) = usize::try_from(index).ok().and_then(|index| cells.get(index))
        {
            cell.count(bytes);
        }
    }

    /// What a counter has counted; nothing of what it does not count.
    pub(crate) fn counted(&self, counter: ExternId, index: u64) -> Option<Count> {
        let Instance::Counter { cells, counts } = self.instances.get(counter.index())? else {
            return None;
        };
        let Count { packets, bytes } = cells.get(usize::try_from(index).ok()?)?.read();
        Some(match counts {
            CounterType::Packets => Count { packets, bytes: 0 },
            CounterType::Bytes => Count { packets: 0, bytes },
            CounterType::PacketsAndBytes => Count { packets, bytes },
        })
    }

    /// Makes a counter's value what is given; whether there is one.
    pub(crate) fn set_counter(&self, counter: ExternId, index: u64, count: Count) -> bool {
        let Some(Instance::Counter { cells, .. }) = self.instances.get(counter.index()) else {
            return false;
        };
        let cell = usize::try_from(index).ok().and_then(|index| cells.get(index));
        cell.map(|cell| cell.set(count)).is_some()
    }

    /// The value of a register; zero beyond its end.
    pub(super) fn read(&self, register: u32, index: u128) -> u128 {
        let found = self.register(register).and_then(|register| register.read(index));
        found.unwrap_or(0)
    }

    /// Writes a register; nothing beyond its end.
    pub(super) fn write(&self, register: u32, index: u128, value: u128) {
        if let Some(register) = self.register(register) {
            register.write(index, value);
        }
    }

    /// The register, if it is one.
    pub(crate) fn register(&self, register: u32) -> Option<&Register> {
        match self.instances.get(register as usize)? {
            Instance::Register(register) => Some(register),
            Instance::Counter { .. } | Instance::Direct => None,
        }
    }
}

impl Register {
    fn new(program: &Program, size: u64, element: &Type) -> Register {
        let width = super::packing::width_of(program, element).unwrap_or(128);
        let cells = if width <= 64 {
            Cells::Narrow((0..size).map(|_| AtomicU64::new(0)).collect())
        } else {
            Cells::Wide(Mutex::new((0..size).map(|_| 0).collect()))
        };
        Register { mask: mask(width), cells }
    }

    /// The value of an element; none beyond the end.
    pub(crate) fn read(&self, index: u128) -> Option<u128> {
        let index = usize::try_from(index).ok()?;
        match &self.cells {
            Cells::Narrow(cells) => {
                cells.get(index).map(|cell| u128::from(cell.load(Ordering::Relaxed)))
            }
            Cells::Wide(cells) => cells.lock().get(index).copied(),
        }
    }

    /// Changes an element, if there is one; bits that do not fit are cut off.
    pub(crate) fn write(&self, index: u128, value: u128) -> Option<()> {
        let (index, value) = (usize::try_from(index).ok()?, value & self.mask);
        match &self.cells {
            Cells::Narrow(cells) => {
                cells.get(index).map(|cell| cell.store(value as u64, Ordering::Relaxed))
            }
            Cells::Wide(cells) => cells.lock().get_mut(index).map(|cell| *cell = value),
        }
    }
}
