//! The other side of the switch: its ports, and what tests do to it.

use std::sync::Arc;

use p4::{Event, Runner, Trace, Verdict};

use super::SoftAsic;
use super::binding::PORTS;
use super::entry::raise_action;
use super::shared::{Shared, counter};
use crate::action::Action;
use crate::device::Counter;
use crate::invalid::InvalidRow;
use crate::key::RowKey;
use crate::outcome::{Outcome, ReadError, WriteError};
use crate::row::{Row, TableWrite};
use crate::soft_ports::Forwarder;
use crate::spec::MatchKind;
use crate::table::Table;
use crate::value::Value;

/// A way to a [`SoftAsic`] past its owner: to send packets, to look, to meddle. Clones lead to the
/// same switch.
#[derive(Clone, Debug)]
pub struct SoftHandle {
    shared: Arc<Shared>,
}

/// What the program counted at one port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PortCount {
    /// What came in.
    pub received: Counter,
    /// What went out.
    pub sent: Counter,
}

/// What was dropped for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DropCount {
    /// The reason, as the program calls it.
    pub reason: String,
    /// What was dropped.
    pub dropped: Counter,
}

/// What became of a packet, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traced {
    /// What goes out, with its port.
    pub outputs: Vec<(u16, Vec<u8>)>,
    /// Why nothing goes out, if nothing does.
    pub dropped: Option<String>,
    /// What the program did, step by step.
    pub steps: Vec<String>,
}

impl SoftHandle {
    pub(super) fn new(shared: Arc<Shared>) -> SoftHandle {
        SoftHandle { shared }
    }

    /// What a thread needs to run packets.
    pub fn runner(&self) -> Runner {
        self.shared.switch.runner()
    }

    /// Takes a packet that came in by a port, of any length, and hands what goes out to `emit`,
    /// with its port.
    pub fn process(
        &self,
        runner: &mut Runner,
        port: u16,
        packet: &[u8],
        emit: &mut dyn FnMut(u16, &[u8]),
    ) -> Verdict {
        self.shared.switch.process(runner, port, packet, emit)
    }

    /// Runs a packet and tells what becomes of it, step by step. It is counted only if that is
    /// asked for, and sent nowhere.
    pub fn traced(&self, port: u16, packet: &[u8], count: bool) -> Traced {
        let switch = &self.shared.switch;
        let Trace { events, verdict } = match count {
            true => switch.process_traced(&mut switch.runner(), port, packet, &mut |_, _| {}),
            false => switch.trace(port, packet),
        };
        let sent = |event: &Event| match event {
            Event::Sent { port, packet } => Some((*port, packet.clone())),
            _ => None,
        };
        Traced {
            outputs: events.iter().filter_map(sent).collect(),
            dropped: match verdict {
                Verdict::Dropped(reason) => Some(reason.to_string()),
                Verdict::Sent(_) => None,
            },
            steps: events.iter().map(ToString::to_string).collect(),
        }
    }

    /// Tells what would happen to such a packet. Nothing is counted.
    pub fn trace(&self, port: u16, packet: &[u8]) -> Trace {
        self.shared.switch.trace(port, packet)
    }

    /// What the program has counted at a port; none if there cannot be such a port.
    pub fn port_count(&self, port: u16) -> Option<PortCount> {
        let index = u64::from(port);
        let read = |counters| self.shared.switch.counter(counters, index).map(counter);
        let binding = &self.shared.binding;
        let (received, sent) = (read(binding.received)?, read(binding.sent)?);
        (index < PORTS).then_some(PortCount { received, sent })
    }

    /// What was dropped for each reason that the program has, in its order, whether there has been
    /// such a packet or not; and for those that the switch itself has.
    pub fn drops(&self) -> Vec<DropCount> {
        let switch = &self.shared.switch;
        let by_program = self.shared.binding.drop_reasons.iter().map(|(reason, index)| {
            let count = switch.counter(self.shared.binding.drops, *index).unwrap_or_default();
            DropCount { reason: reason.clone(), dropped: counter(count) }
        });
        let p4::Drops {
            program: _,
            multicast: _,
            assertion_failed,
            no_such_port,
            too_long,
            too_many_steps,
        } = switch.drops();
        // The switch does not count the bytes of these.
        let by_switch = [
            ("assertion_failed", assertion_failed),
            ("no_such_port", no_such_port),
            ("too_long", too_long),
            ("too_many_steps", too_many_steps),
        ]
        .map(|(reason, packets)| DropCount {
            reason: reason.to_owned(),
            dropped: Counter { packets, bytes: 0 },
        });
        by_program.chain(by_switch).collect()
    }

    /// Performs a write that the switch's owner knows nothing of.
    ///
    /// # Errors
    ///
    /// The switch's refusal: its own rules hold for everyone.
    pub fn alter(&self, write: &TableWrite) -> Outcome {
        self.shared.perform(write).map_err(WriteError::Refused)
    }

    /// Every row of `table`, by key and then by priority.
    ///
    /// # Errors
    ///
    /// If a row is none that the list of tables describes.
    pub fn rows(&self, table: Table) -> Result<Vec<Row>, ReadError> {
        self.shared.rows(table)
    }

    /// The row of this key and priority.
    pub fn row(&self, key: RowKey) -> Option<Row> {
        self.shared.row(&key)
    }

    /// How many rows are taken in `table`.
    pub fn in_use_rows(&self, table: Table) -> u32 {
        self.shared.in_use_rows(table)
    }

    /// A device over the same switch, for an owner that starts anew on a switch that runs on.
    pub fn reconnect(&self) -> SoftAsic {
        SoftAsic { shared: Arc::clone(&self.shared) }
    }

    /// The action that a packet with these values of the table's key fields meets; the row's
    /// counter counts it with its length.
    ///
    /// # Errors
    ///
    /// If these are not values of the table's key fields.
    pub fn lookup(
        &self,
        table: Table,
        fields: &[Value],
        length_bytes: u64,
    ) -> Result<Option<Action>, InvalidRow> {
        check_fields(table, fields)?;
        let bits: Vec<u128> = fields.iter().map(|value| value.to_bits()).collect();
        let binding = &self.shared.binding.tables[table];
        let tables = self.shared.switch.tables();
        let found = tables.lookup(binding.id(), &bits);
        let Some(entry) = found.entry else { return Ok(None) };
        entry.counter.count(length_bytes);
        let place = binding.action_in_list(found.action).unwrap_or(usize::MAX);
        raise_action(table, place, found.arguments).map(Some)
    }

    /// Checks what the switch relies on itself.
    ///
    /// # Errors
    ///
    /// The first thing found broken.
    pub fn validate(&self) -> Result<(), p4::table::BrokenInvariant> {
        self.shared.switch.tables().validate()
    }
}

impl Forwarder for SoftHandle {
    type Run = Runner;

    fn run(&self) -> Runner {
        self.runner()
    }

    fn forward(&self, run: &mut Runner, port: u16, frame: &[u8], emit: &mut dyn FnMut(u16, &[u8])) {
        // What is dropped is counted by the program, by reason.
        self.process(run, port, frame, emit);
    }
}

/// That there is one value for each key field, of its kind and width.
fn check_fields(table: Table, fields: &[Value]) -> Result<(), InvalidRow> {
    let keys = table.spec().keys;
    if fields.len() > keys.len() {
        return Err(InvalidRow::TooMany { table, count: keys.len() });
    }
    for (index, key) in keys.iter().enumerate() {
        let value = *fields.get(index).ok_or(InvalidRow::Missing { table, field: key.name })?;
        let (field, expected, width_bits) = (key.name, key.format, key.width_bits);
        let range_of_ports = matches!(key.kind, MatchKind::Range) && value.to_bits() > 0xffff;
        if value.format() != expected {
            return Err(InvalidRow::OtherFormat { table, field, expected, value });
        }
        if range_of_ports || value.to_bits().checked_shr(width_bits).unwrap_or_default() > 0 {
            return Err(InvalidRow::TooWide { table, field, width_bits, value });
        }
    }
    Ok(())
}
