//! What a table holds, and the writes that change it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use smallvec::SmallVec;

use crate::ir::{MatchKind, TableId};

/// The match of each element of a key, in the order of the key.
pub type Matches = SmallVec<[Match; 2]>;

/// The values of the control-plane parameters of an action, in their order.
pub type Arguments = SmallVec<[u128; 4]>;

/// Which packets an entry is for. Two entries of a table differ in it.
///
/// Keys are ordered by table, matches and priority.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryKey {
    /// The table.
    pub table: TableId,
    /// One for each element of the table's key.
    pub matches: Matches,
    /// The larger wins. From 1 in tables with a ternary, range or optional key, 0 in all others.
    pub priority: u32,
}

/// Which values of a packet an element of a key is for.
///
/// Values of a signed element are held as their two's complement in the element's width. Bits
/// that are not compared are zero, so that equal matches are equal values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Match {
    /// This one.
    Exact(u128),
    /// Those that begin with the same bits.
    Lpm {
        /// The bits; zero behind the prefix.
        value: u128,
        /// How many, from the highest.
        prefix_length: u32,
    },
    /// Those that agree where the mask has ones.
    Ternary {
        /// What they agree with; zero where the mask is.
        value: u128,
        /// The mask.
        mask: u128,
    },
    /// Those between the bounds, both included; as signed numbers if the element is signed.
    Range {
        /// The least.
        low: u128,
        /// The greatest.
        high: u128,
    },
    /// This one, or all.
    Optional(Option<u128>),
}

/// A row of a table.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Which packets it is for.
    pub key: EntryKey,
    /// The action: its place in [`ir::Table::actions`](crate::ir::Table::actions).
    pub action: usize,
    /// The arguments of the action.
    pub arguments: Arguments,
    /// Whether it is a part of the program, so that it cannot be changed.
    pub is_const: bool,
    /// What it has counted. An entry that is modified keeps its counter.
    pub counter: Arc<Counter>,
    /// What the control plane keeps with it, if it does. An entry that is modified loses it.
    pub note: Option<Arc<Note>>,
}

/// What the control plane keeps with an entry or a default action, for itself: packets do not see
/// it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Note {
    /// A number.
    pub cookie: u64,
    /// Bytes of any kind.
    pub bytes: Box<[u8]>,
}

/// What a direct counter holds for one entry.
#[derive(Debug, Default)]
pub struct Counter {
    packets: AtomicU64,
    bytes: AtomicU64,
}

/// A reading of a counter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Count {
    pub packets: u64,
    pub bytes: u64,
}

/// A change of one table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// A new entry.
    Insert {
        /// Which packets it is for.
        key: EntryKey,
        /// The place of its action in [`ir::Table::actions`](crate::ir::Table::actions).
        action: usize,
        /// The arguments of the action.
        arguments: Arguments,
    },
    /// Another action for an entry.
    Modify {
        /// Which entry.
        key: EntryKey,
        /// The place of its action in [`ir::Table::actions`](crate::ir::Table::actions).
        action: usize,
        /// The arguments of the action.
        arguments: Arguments,
    },
    /// An entry less.
    Delete(EntryKey),
    /// Another default action.
    SetDefault {
        /// The table.
        table: TableId,
        /// The place of the action in [`ir::Table::actions`](crate::ir::Table::actions).
        action: usize,
        /// The arguments of the action.
        arguments: Arguments,
    },
    /// The default action that the program says.
    ResetDefault {
        /// The table.
        table: TableId,
    },
}

impl Match {
    /// How it compares.
    pub fn kind(&self) -> MatchKind {
        match self {
            Match::Exact(_) => MatchKind::Exact,
            Match::Lpm { .. } => MatchKind::Lpm,
            Match::Ternary { .. } => MatchKind::Ternary,
            Match::Range { .. } => MatchKind::Range,
            Match::Optional(_) => MatchKind::Optional,
        }
    }
}

impl Counter {
    /// One that has counted so much.
    pub fn with(count: Count) -> Counter {
        let Count { packets, bytes } = count;
        Counter { packets: packets.into(), bytes: bytes.into() }
    }

    /// Counts a packet of so many bytes.
    pub fn count(&self, bytes: u64) {
        self.packets.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// What was counted so far.
    pub fn read(&self) -> Count {
        Count {
            packets: self.packets.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
        }
    }

    /// Makes it as if so much had been counted.
    pub fn set(&self, count: Count) {
        self.packets.store(count.packets, Ordering::Relaxed);
        self.bytes.store(count.bytes, Ordering::Relaxed);
    }
}

impl Write {
    /// The table that it changes.
    pub fn table(&self) -> TableId {
        match self {
            Write::Insert { key, .. } | Write::Modify { key, .. } | Write::Delete(key) => key.table,
            Write::SetDefault { table, .. } | Write::ResetDefault { table } => *table,
        }
    }
}

impl fmt::Display for Match {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Match::Exact(value) | Match::Optional(Some(value)) => write!(formatter, "{value:#x}"),
            Match::Optional(None) => formatter.write_str("*"),
            Match::Lpm { value, prefix_length } => write!(formatter, "{value:#x}/{prefix_length}"),
            Match::Ternary { value, mask } => write!(formatter, "{value:#x}&&&{mask:#x}"),
            Match::Range { low, high } => write!(formatter, "{low:#x}->{high:#x}"),
        }
    }
}

/// As in `0xa000001, 0x50->0x5a priority 1`.
impl fmt::Display for EntryKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, element) in self.matches.iter().enumerate() {
            let comma = if index > 0 { ", " } else { "" };
            write!(formatter, "{comma}{element}")?;
        }
        if self.priority > 0 { write!(formatter, " priority {}", self.priority) } else { Ok(()) }
    }
}
