//! The operations of the executable form.
//!
//! An operation reads and writes slots; constants stand in slots too. A place that is known only
//! when the program runs (an element of a stack by an index) is an address: a slot that holds the
//! number of the slot where the element begins. Where an operation takes an address and an offset,
//! a place known beforehand is the offset from a slot that holds zero.

use std::sync::Arc;

use crate::ir::HashAlgorithm;
use crate::source::Span;

use super::layout::Slot;
use super::operators::Operator;
use super::packing::Packing;
use super::values::{Value, ValueKind};

/// The place of an operation; while compiling, the number of a label.
pub(super) type Target = u32;

#[derive(Clone, Copy, Debug)]
pub(super) enum Op {
    Jump(Target),
    JumpIf {
        condition: Slot,
        to: Target,
    },
    JumpUnless {
        condition: Slot,
        to: Target,
    },
    JumpIfEqual {
        left: Slot,
        right: Slot,
        to: Target,
    },
    JumpUnlessEqual {
        left: Slot,
        right: Slot,
        to: Target,
    },
    /// Jumps unless the value has what is in `value` where `mask` has ones.
    JumpUnlessMasked {
        subject: Slot,
        value: Slot,
        mask: Slot,
        to: Target,
    },
    /// Jumps unless two stretches of slots hold the same.
    JumpUnlessSame {
        left: Slot,
        right: Slot,
        count: u32,
        to: Target,
    },
    /// Jumps as [`Code::dispatches`] says.
    Dispatch {
        subject: Slot,
        dispatch: u32,
    },
    Call(Target),
    /// Back behind the last call, or the end.
    Return,

    /// The end of ingress or egress begins.
    Exit {
        to: Target,
    },
    JumpIfExiting(Target),
    JumpIfRejected(Target),

    Move {
        to: Slot,
        from: Slot,
    },
    /// Several moves, one after the other.
    Moves {
        first: u32,
        end: u32,
    },
    Copy {
        to: Slot,
        from: Slot,
        count: u32,
    },
    Clear {
        at: Slot,
        count: u32,
    },
    Load {
        to: Slot,
        address: Slot,
        offset: u32,
        count: u32,
    },
    Store {
        address: Slot,
        offset: u32,
        from: Slot,
        count: u32,
    },

    Binary {
        operator: Operator,
        width: u8,
        to: Slot,
        left: Slot,
        right: Slot,
    },
    Complement {
        width: u8,
        to: Slot,
        from: Slot,
    },
    Negate {
        width: u8,
        to: Slot,
        from: Slot,
    },
    SignExtend {
        from_width: u8,
        width: u8,
        to: Slot,
        from: Slot,
    },
    Slice {
        low: u8,
        width: u8,
        to: Slot,
        from: Slot,
    },
    SetSlice {
        low: u8,
        width: u8,
        to: Slot,
        from: Slot,
    },
    Concatenate {
        right_width: u8,
        to: Slot,
        left: Slot,
        right: Slot,
    },

    /// The address of a stack's element, of zeros if there is none.
    ElementAddress {
        to: Slot,
        index: Slot,
        stack: u32,
    },
    NextAddress {
        to: Slot,
        stack: u32,
        reject: Target,
    },
    LastAddress {
        to: Slot,
        stack: u32,
        reject: Target,
    },
    Push {
        stack: u32,
        count: u32,
    },
    Pop {
        stack: u32,
        count: u32,
    },
    SetValid {
        address: Slot,
        offset: u32,
        name: u32,
    },
    SetInvalid {
        address: Slot,
        offset: u32,
        name: u32,
    },

    /// A parser enters a state.
    State {
        state: u32,
        reject: Target,
    },
    /// A parser rejects, with this error if there is one.
    Reject {
        error: Slot,
        to: Target,
    },
    Verify {
        condition: Slot,
        error: Slot,
        reject: Target,
    },
    Extract(u32),
    Advance {
        bits: Slot,
        reject: Target,
    },
    /// Goes over a header.
    Skip {
        bits: u32,
        reject: Target,
    },
    Lookahead {
        lookahead: u32,
        to: Slot,
        reject: Target,
    },
    PacketLength {
        to: Slot,
    },
    Emit {
        packing: u32,
        address: Slot,
        offset: u32,
    },

    /// Emits the elements of a stack.
    EmitStack {
        packing: u32,
        stack: u32,
    },

    Apply(u32),
    Count {
        counter: u32,
        index: Slot,
    },
    ReadRegister {
        register: u32,
        to: Slot,
        index: Slot,
    },
    WriteRegister {
        register: u32,
        index: Slot,
        value: Slot,
    },
    Hash(u32),
    /// The checksum that data has.
    Checksum {
        digest: u32,
        to: Slot,
    },
    Log(u32),
    Assert {
        condition: Slot,
        site: u32,
    },
    MarkToDrop(u32),
}

/// Operations and what they refer to.
#[derive(Debug, Default)]
pub(super) struct Code {
    pub(super) ops: Vec<Op>,
    /// Where [`Op::Moves`] moves to and from.
    pub(super) moves: Vec<(Slot, Slot)>,
    pub(super) dispatches: Vec<Dispatch>,
    pub(super) stacks: Vec<Stack>,
    pub(super) names: Vec<HeaderName>,
    pub(super) states: Vec<StateName>,
    pub(super) extracts: Vec<Extract>,
    pub(super) lookaheads: Vec<Packing>,
    pub(super) packings: Vec<Packing>,
    pub(super) applies: Vec<Apply>,
    pub(super) tables: Vec<Table>,
    pub(super) digests: Vec<Digest>,
    pub(super) hashes: Vec<Hash>,
    pub(super) logs: Vec<Log>,
    pub(super) sites: Vec<Arc<Site>>,
}

/// Where to go by a value: sorted by the value.
#[derive(Clone, Debug)]
pub(super) struct Dispatch {
    pub(super) cases: Vec<(u128, Target)>,
    pub(super) otherwise: Target,
}

/// A header stack.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stack {
    /// The slot of its next index; the elements follow it.
    pub(super) next: Slot,
    pub(super) stride: u32,
    pub(super) count: u32,
    /// Slots for an element that does not exist.
    pub(super) nowhere: Slot,
}

impl Stack {
    /// Where an element begins.
    pub(super) fn element(&self, index: u32) -> Slot {
        self.next + 1 + index * self.stride
    }
}

/// What a header is called in a trace.
#[derive(Clone, Debug)]
pub(super) struct HeaderName {
    pub(super) text: Arc<str>,
    /// The stack that it is an element of, if which one is known only when the program runs.
    pub(super) stack: Option<u32>,
}

/// A state of a parser.
#[derive(Clone, Debug)]
pub(super) struct StateName {
    pub(super) parser: Arc<str>,
    pub(super) state: Arc<str>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Extract {
    pub(super) packing: u32,
    pub(super) address: Slot,
    pub(super) offset: u32,
    /// The size of the varbit field in bits.
    pub(super) varbit_size: Option<Slot>,
    /// The stack whose next index goes up.
    pub(super) next_of: Option<u32>,
    pub(super) reject: Target,
    pub(super) name: u32,
}

/// One place where a table is applied.
#[derive(Clone, Debug)]
pub(super) struct Apply {
    pub(super) table: u32,
    pub(super) keys: Vec<Slot>,
}

/// What is the same wherever a table is applied.
#[derive(Clone, Debug)]
pub(super) struct Table {
    /// The slots of the result: whether it was a hit, and the action's place.
    pub(super) hit: Slot,
    pub(super) action: Slot,
    pub(super) actions: Vec<ActionEntry>,
    /// Whether hits are counted, each with its entry.
    pub(super) direct_counter: bool,
}

#[derive(Clone, Debug)]
pub(super) struct ActionEntry {
    /// What is run; nothing if the action does nothing.
    pub(super) body: Option<Target>,
    /// Where the control plane's arguments go.
    pub(super) arguments: Vec<Slot>,
}

/// Data to compute a hash or a checksum of.
#[derive(Clone, Debug)]
pub(super) struct Digest {
    pub(super) parts: Vec<DataPart>,
    pub(super) algorithm: HashAlgorithm,
    pub(super) with_payload: bool,
}

/// A part of the data.
#[derive(Clone, Copy, Debug)]
pub(super) struct DataPart {
    /// Where it stands; a varbit begins there.
    pub(super) slot: Slot,
    /// None for a varbit.
    pub(super) width: Option<u32>,
    /// The validity of its header; what is in an invalid header is left out.
    pub(super) valid: Option<Slot>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Hash {
    pub(super) digest: u32,
    pub(super) base: Slot,
    pub(super) max: Slot,
    pub(super) to: Slot,
    pub(super) width: u32,
}

/// A line for the log.
#[derive(Clone, Debug)]
pub(super) struct Log {
    pub(super) text: Arc<str>,
    pub(super) values: Vec<(Slot, ValueKind)>,
}

/// A place in the program where the fate of a packet is decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// Where it stands.
    pub span: Span,
    /// The action or control that it is in, by its control-plane name.
    pub within: Arc<str>,
    /// The parameters of that action that have values of their own.
    pub(super) parameters: Vec<SiteParameter>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SiteParameter {
    pub(super) name: Arc<str>,
    pub(super) slot: Slot,
    pub(super) kind: ValueKind,
}

impl Site {
    /// The parameters with these values.
    pub(crate) fn named(&self, values: &[u128]) -> Vec<(Arc<str>, Value)> {
        let pairs = self.parameters.iter().zip(values);
        let pairs = pairs.map(|(parameter, value)| {
            (parameter.name.clone(), Value { value: *value, kind: parameter.kind.clone() })
        });
        pairs.collect()
    }
}

impl Code {
    /// Puts places of operations where there are labels.
    pub(super) fn resolve(&mut self, labels: &[u32]) {
        let find = |target: &mut Target| {
            *target = labels.get(*target as usize).copied().unwrap_or(*target);
        };
        for op in &mut self.ops {
            match op {
                Op::Jump(to) | Op::Call(to) => find(to),
                Op::JumpIfExiting(to) | Op::JumpIfRejected(to) | Op::Exit { to } => find(to),
                Op::JumpIf { to, .. }
                | Op::JumpUnless { to, .. }
                | Op::JumpIfEqual { to, .. }
                | Op::JumpUnlessEqual { to, .. }
                | Op::JumpUnlessMasked { to, .. }
                | Op::JumpUnlessSame { to, .. }
                | Op::Reject { to, .. } => find(to),
                Op::NextAddress { reject, .. }
                | Op::LastAddress { reject, .. }
                | Op::State { reject, .. }
                | Op::Verify { reject, .. }
                | Op::Advance { reject, .. }
                | Op::Skip { reject, .. }
                | Op::Lookahead { reject, .. } => find(reject),
                _ => {}
            }
        }
        for dispatch in &mut self.dispatches {
            dispatch.cases.iter_mut().for_each(|(_, to)| find(to));
            find(&mut dispatch.otherwise);
        }
        self.extracts.iter_mut().for_each(|extract| find(&mut extract.reject));
        for table in &mut self.tables {
            table.actions.iter_mut().filter_map(|entry| entry.body.as_mut()).for_each(find);
        }
    }
}
