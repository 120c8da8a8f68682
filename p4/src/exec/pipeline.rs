//! The pipeline of v1model for one packet, as BMv2's `simple_switch` runs it where v1model leaves
//! it open: a packet that the parser rejects goes on to ingress with the error in its metadata, and
//! the payload is what the parser did not get to; port 511 drops, after ingress and after egress.

use std::sync::Arc;

use crate::table::Tables;
use crate::trace::{Event, Tracer};
use crate::verdict::{DropReason, MarkedToDrop, Verdict};

use super::layout::Slot;
use super::machine::{Machine, Scratch, Stop, Surroundings};
use super::{DROP_PORT, Executable, Externs};

/// The last port that nine bits can say.
const LAST_PORT: u128 = 511;

/// The most bytes that a packet can have.
const MAX_PACKET: usize = 65_535;

/// Tells the time in microseconds since the switch began.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// Takes the lines that programs log.
pub(crate) type LogSink = Arc<dyn Fn(&str) + Send + Sync>;

/// A packet, and what it meets.
#[derive(Clone, Copy)]
pub(crate) struct Input<'r> {
    pub(crate) port: u16,
    pub(crate) packet: &'r [u8],
    pub(crate) tables: &'r Tables,
    pub(crate) externs: &'r Externs,
    pub(crate) clock: Option<&'r Clock>,
    pub(crate) log: Option<&'r LogSink>,
    /// Whether counters and registers change.
    pub(crate) is_real: bool,
}

impl Executable {
    /// Runs a packet.
    pub(crate) fn run<T: Tracer>(
        &self,
        input: Input<'_>,
        scratch: &mut Scratch,
        tracer: &mut T,
        emit: &mut dyn FnMut(u16, &[u8]),
    ) -> Verdict {
        let (port, bytes) = (input.port, input.packet.len());
        tracer.trace(|| Event::Received { port, bytes });
        let verdict = match self.process(input, scratch, tracer, emit) {
            Ok(()) => return Verdict::Sent(1),
            Err(reason) => Verdict::Dropped(reason),
        };
        if let Verdict::Dropped(reason) = &verdict {
            tracer.trace(|| Event::Dropped(reason.clone()));
        }
        verdict
    }

    fn process<T: Tracer>(
        &self,
        input: Input<'_>,
        scratch: &mut Scratch,
        tracer: &mut T,
        emit: &mut dyn FnMut(u16, &[u8]),
    ) -> Result<(), DropReason> {
        let bytes = input.packet.len();
        if u128::from(input.port) > LAST_PORT {
            return Err(DropReason::NoSuchPort { port: input.port });
        }
        if bytes > MAX_PACKET {
            return Err(DropReason::TooLong { bytes });
        }
        scratch.slots[..self.cleared].fill(0);
        let around = Surroundings {
            code: &self.code,
            errors: &self.errors,
            descriptions: &self.descriptions,
            tables: input.tables,
            externs: input.externs,
            log: input.log.map(|log| &**log),
            is_real: input.is_real,
        };
        let metadata = &self.metadata;
        let [parser, verify, ingress, egress, compute, deparser] = self.parts;
        let mut machine = Machine::new(around, scratch, input.packet, tracer);
        put(&mut machine, metadata.ingress_port, u128::from(input.port));
        put(&mut machine, metadata.packet_length, bytes as u128);
        let arrived = now(input.clock);
        put(&mut machine, metadata.ingress_global_timestamp, arrived);

        self.part(&mut machine, parser)?;
        let error = machine.error;
        put(&mut machine, metadata.parser_error, error);
        self.part(&mut machine, verify)?;
        self.part(&mut machine, ingress)?;
        let out = self.forwarded(&mut machine)?;

        put(&mut machine, metadata.egress_port, out);
        // The port that is one beyond the drop port, in nine bits.
        put(&mut machine, metadata.egress_spec, 0);
        put(&mut machine, metadata.enq_timestamp, arrived & u128::from(u32::MAX));
        let leaving = now(input.clock);
        put(&mut machine, metadata.deq_timedelta, leaving.saturating_sub(arrived) & 0xffff_ffff);
        put(&mut machine, metadata.egress_global_timestamp, leaving);
        machine.marked = None;
        self.part(&mut machine, egress)?;
        if take(&machine, metadata.egress_spec) == DROP_PORT {
            return Err(self.drop_port(&machine));
        }
        self.part(&mut machine, compute)?;
        self.part(&mut machine, deparser)?;
        let out = out as u16;
        machine.emit_payload();
        let packet = machine.room.emitted(machine.emitted);
        emit(out, packet);
        machine.tracer.trace(|| Event::Sent { port: out, packet: packet.to_vec() });
        Ok(())
    }

    fn part<T: Tracer>(
        &self,
        machine: &mut Machine<'_, T>,
        entry: super::Target,
    ) -> Result<(), DropReason> {
        machine.run(entry).map_err(|stop| match stop {
            Stop::Assertion(site) => {
                let site = &self.code.sites[site as usize];
                DropReason::AssertionFailed { span: site.span, within: site.within.clone() }
            }
            Stop::Steps => DropReason::TooManySteps,
        })
    }

    /// The port that ingress has chosen.
    fn forwarded<T: Tracer>(&self, machine: &mut Machine<'_, T>) -> Result<u128, DropReason> {
        let group = take(machine, self.metadata.mcast_grp);
        if group != 0 {
            return Err(DropReason::Multicast { group: group as u16 });
        }
        match take(machine, self.metadata.egress_spec) {
            DROP_PORT => Err(self.drop_port(machine)),
            port => Ok(port),
        }
    }

    fn drop_port<T: Tracer>(&self, machine: &Machine<'_, T>) -> DropReason {
        let parser_error = machine.rejected.then(|| self.errors.name(machine.error));
        match &machine.marked {
            Some((site, arguments)) => {
                let site = self.code.sites[*site as usize].clone();
                DropReason::Marked(MarkedToDrop::new(site, arguments, parser_error))
            }
            None => DropReason::DropPort { parser_error },
        }
    }
}

fn put<T: Tracer>(machine: &mut Machine<'_, T>, slot: Option<Slot>, value: u128) {
    if let Some(slot) = slot {
        machine.set(slot, value);
    }
}

fn take<T: Tracer>(machine: &Machine<'_, T>, slot: Option<Slot>) -> u128 {
    slot.map_or(0, |slot| machine.get(slot))
}

fn now(clock: Option<&Clock>) -> u128 {
    clock.map_or(0, |clock| u128::from(clock()) & 0xffff_ffff_ffff)
}
