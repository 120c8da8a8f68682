//! What happened to a packet, told step by step.

use std::fmt;
use std::sync::Arc;

use crate::exec::Value;
use crate::ir::TableId;
use crate::table::Entry;
use crate::verdict::{DropReason, MarkedToDrop, Verdict};

/// The run of one packet.
#[derive(Clone, Debug)]
pub struct Trace {
    /// What happened, in its order.
    pub events: Vec<Event>,
    /// How it ended.
    pub verdict: Verdict,
}

/// A step. Shown on one line.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// A packet came in.
    Received {
        /// The port.
        port: u16,
        /// Its length.
        bytes: usize,
    },
    /// A parser entered a state.
    State {
        /// The parser.
        parser: Arc<str>,
        /// The state.
        state: Arc<str>,
    },
    /// A parser extracted a header.
    Extracted {
        /// The header, as in `hdr.ipv4`.
        header: String,
        /// Its length.
        bytes: usize,
    },
    /// A parser rejected.
    Rejected {
        /// The error, as in `PacketTooShort`; `NoError` for a transition to `reject`.
        error: Arc<str>,
    },
    /// A table was applied.
    Lookup(LookupEvent),
    /// A header became valid without having been in the packet.
    HeaderAdded {
        /// The header.
        header: String,
    },
    /// A header became invalid.
    HeaderRemoved {
        /// The header.
        header: String,
    },
    /// The program wants the packet to be dropped, unless it chooses a port afterwards.
    MarkedToDrop(MarkedToDrop),
    /// The program wrote a line to the log.
    Log {
        /// The line.
        text: String,
    },
    /// A packet went out.
    Sent {
        /// The port.
        port: u16,
        /// The packet.
        packet: Vec<u8>,
    },
    /// No packet went out.
    Dropped(DropReason),
}

/// A table that was applied.
#[derive(Clone, Debug)]
pub struct LookupEvent {
    /// The table.
    pub table: TableId,
    /// Its control-plane name.
    pub name: Arc<str>,
    /// What it was looked up with: names and values.
    pub key: Vec<(Arc<str>, Value)>,
    /// The entry that was hit; none on a miss.
    pub entry: Option<Arc<Entry>>,
    /// The control-plane name of the action.
    pub action: Arc<str>,
    /// The arguments that the control plane gave it: names and values.
    pub arguments: Vec<(Arc<str>, Value)>,
}

/// Whoever listens to a run. The events are made only if somebody does.
pub(crate) trait Tracer {
    fn trace(&mut self, event: impl FnOnce() -> Event);
}

/// Nobody listens.
pub(crate) struct Silent;

impl Tracer for Silent {
    #[inline(always)]
    fn trace(&mut self, _: impl FnOnce() -> Event) {}
}

impl Tracer for Vec<Event> {
    fn trace(&mut self, event: impl FnOnce() -> Event) {
        self.push(event());
    }
}

/// One line for each event.
impl fmt::Display for Trace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, event) in self.events.iter().enumerate() {
            let end_of_line = if index > 0 { "\n" } else { "" };
            write!(formatter, "{end_of_line}{event}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Event {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Event::Received { port, bytes } => {
                write!(formatter, "received {bytes} bytes on port {port}")
            }
            Event::State { parser, state } => write!(formatter, "state {parser}.{state}"),
            Event::Extracted { header, bytes } => {
                write!(formatter, "extracted {header}, {bytes} bytes")
            }
            Event::Rejected { error } => write!(formatter, "parser rejected: error.{error}"),
            Event::Lookup(lookup) => lookup.fmt(formatter),
            Event::HeaderAdded { header } => write!(formatter, "added {header}"),
            Event::HeaderRemoved { header } => write!(formatter, "removed {header}"),
            Event::MarkedToDrop(marked) => write!(formatter, "marked to drop {marked}"),
            Event::Log { text } => write!(formatter, "log: {text}"),
            Event::Sent { port, packet } => {
                write!(formatter, "sent {} bytes out of port {port}: ", packet.len())?;
                packet.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
            }
            Event::Dropped(reason) => write!(formatter, "dropped: {reason}"),
        }
    }
}

/// As in `table t (dst_addr = 10.0.0.1, port = 80): hit, priority 1, action a(vni = 0x64)`.
impl fmt::Display for LookupEvent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "table {} ({}): ", self.name, Named(&self.key))?;
        match &self.entry {
            None => formatter.write_str("miss")?,
            Some(entry) => write!(formatter, "hit of {}", entry.key)?,
        }
        write!(formatter, ", action {}({})", self.action, Named(&self.arguments))
    }
}

/// Names and values: `a = 1, b = 2`.
pub(crate) struct Named<'a>(pub(crate) &'a [(Arc<str>, Value)]);

impl fmt::Display for Named<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (name, value)) in self.0.iter().enumerate() {
            let comma = if index > 0 { ", " } else { "" };
            write!(formatter, "{comma}{name} = {value}")?;
        }
        Ok(())
    }
}
