//! The executable form of a program, and its run for a packet.
//!
//! [`Executable::new`] settles everything that can be settled before the first packet: each scalar
//! has a slot in one flat array ([`layout`]), each header a plan of how its fields lie in a packet
//! ([`packing`]), and what the program says is a list of operations on slots ([`code`],
//! [`compile`]). A run ([`machine`]) takes one thread's [`Scratch`] and allocates nothing once that
//! has grown as large as it gets.

mod bits;
mod code;
mod compile;
mod describe;
mod digest;
mod externs;
mod layout;
mod machine;
mod operators;
#[cfg(test)]
mod oracle;
mod packets;
mod packing;
mod pipeline;
mod steps;
mod values;
mod walk;

use std::sync::Arc;

use thiserror::Error;

pub use code::Site;
pub(crate) use externs::Externs;
pub(crate) use machine::Scratch;
pub use pipeline::Clock;
pub(crate) use pipeline::{Input, LogSink};
pub use values::{Value, ValueKind};

use crate::ir::Program;
use code::{Code, Target};
use describe::Descriptions;
use layout::Slot;

/// The port that drops packets.
const DROP_PORT: u128 = 511;

/// The most slots with temporary values and constants: 32 MiB for each thread.
const MAX_ALL_SLOTS: u32 = 1 << 21;

/// The most operations.
const MAX_OPS: usize = 1 << 24;

/// Why a program is not made executable although it is right: it needs too much room.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "the sentences say what the fields are")]
pub enum TooLarge {
    /// Its variables take more than 16 MiB, with this one.
    #[error("the variables of the program, with {name}, take too much memory")]
    Variables { name: Arc<str> },
    /// Its counters and registers are too many, with this one.
    #[error("the program has more than 16,777,216 counters and registers, with {name}")]
    Externs { name: Arc<str> },
    /// Its statements need too many operations.
    #[error("the statements of the program take too much memory")]
    Code,
}

/// A program made to be run. Immutable, so that threads share it.
#[derive(Debug)]
pub struct Executable {
    code: Code,
    parts: [Target; 6],
    metadata: StandardMetadata,
    errors: Errors,
    descriptions: Descriptions,
    cleared: usize,
    slots: usize,
    constants: Vec<(Slot, u128)>,
}

impl Executable {
    /// Makes a checked program executable.
    ///
    /// # Errors
    ///
    /// If it needs too much memory.
    pub fn new(program: &Program) -> Result<Executable, TooLarge> {
        Externs::check(program)?;
        let compiled = compile::compile(program)?;
        let sizes = layout::Sizes::new(program);
        let at = |name: &str| {
            let id = program.pipeline.standard_metadata;
            sizes.named_field(id, name).map(|field| compiled.standard_metadata + field)
        };
        let metadata = StandardMetadata {
            ingress_port: at("ingress_port"),
            egress_spec: at("egress_spec"),
            egress_port: at("egress_port"),
            packet_length: at("packet_length"),
            enq_timestamp: at("enq_timestamp"),
            deq_timedelta: at("deq_timedelta"),
            ingress_global_timestamp: at("ingress_global_timestamp"),
            egress_global_timestamp: at("egress_global_timestamp"),
            mcast_grp: at("mcast_grp"),
            parser_error: at("parser_error"),
        };
        Ok(Executable {
            metadata,
            errors: Errors::new(program),
            descriptions: Descriptions::new(program),
            parts: compiled.parts,
            cleared: compiled.cleared as usize,
            slots: compiled.slots as usize,
            constants: compiled.constants,
            code: compiled.code,
        })
    }

    /// What a thread needs to run it.
    pub(crate) fn scratch(&self) -> Scratch {
        let mut slots = vec![0; self.slots];
        for (slot, value) in &self.constants {
            slots[*slot as usize] = *value;
        }
        Scratch { slots, room: machine::Room::default() }
    }
}

/// Where the fields of `standard_metadata_t` are that the switch itself has to do with; all but
/// those are the program's alone.
#[derive(Debug)]
struct StandardMetadata {
    ingress_port: Option<Slot>,
    egress_spec: Option<Slot>,
    egress_port: Option<Slot>,
    packet_length: Option<Slot>,
    enq_timestamp: Option<Slot>,
    deq_timedelta: Option<Slot>,
    ingress_global_timestamp: Option<Slot>,
    egress_global_timestamp: Option<Slot>,
    mcast_grp: Option<Slot>,
    parser_error: Option<Slot>,
}

/// The errors that a run itself raises, by their values, and the names of all.
#[derive(Debug)]
struct Errors {
    packet_too_short: u128,
    stack_out_of_bounds: u128,
    header_too_short: u128,
    parser_timeout: u128,
    parser_invalid_argument: u128,
    names: Vec<Arc<str>>,
}

impl Errors {
    fn new(program: &Program) -> Errors {
        let names = program.errors.clone();
        let value = |name: &str| {
            let found = names.iter().position(|error| **error == *name);
            found.unwrap_or(0) as u128
        };
        Errors {
            packet_too_short: value("PacketTooShort"),
            stack_out_of_bounds: value("StackOutOfBounds"),
            header_too_short: value("HeaderTooShort"),
            parser_timeout: value("ParserTimeout"),
            parser_invalid_argument: value("ParserInvalidArgument"),
            names,
        }
    }

    fn name(&self, error: u128) -> Arc<str> {
        let found = usize::try_from(error).ok().and_then(|place| self.names.get(place));
        found.cloned().unwrap_or_else(|| Arc::from("unknown"))
    }
}
