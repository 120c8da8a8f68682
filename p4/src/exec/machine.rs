//! Runs operations for one packet.

use smallvec::SmallVec;

use crate::table::Tables;

use super::Errors;
use super::code::{Code, Op, Target};
use super::describe::Descriptions;
use super::externs::Externs;
use super::layout::Slot;
use super::operators::{self, signed};
use crate::trace::{Event, Tracer};

/// How many calls and states a packet may take: a program without loops can still be one that
/// never ends in practice.
const MAX_STEPS: u32 = 1 << 20;

/// Why a run ends before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// An assertion does not hold, at this site.
    Assertion(u32),
    /// There have been too many steps.
    Steps,
}

/// What a thread keeps from packet to packet.
#[derive(Clone, Debug)]
pub(crate) struct Scratch {
    pub(super) slots: Vec<u128>,
    pub(super) room: Room,
}

/// Room that grows to what the largest packet needs.
#[derive(Clone, Debug, Default)]
pub(super) struct Room {
    pub(super) calls: Vec<Target>,
    pub(super) key: Vec<u128>,
    pub(super) output: Vec<u8>,
    pub(super) data: Vec<u8>,
}

/// What is given for a run.
#[derive(Clone, Copy)]
pub(super) struct Surroundings<'r> {
    pub(super) code: &'r Code,
    pub(super) errors: &'r Errors,
    pub(super) descriptions: &'r Descriptions,
    pub(super) tables: &'r Tables,
    pub(super) externs: &'r Externs,
    pub(super) log: Option<&'r (dyn Fn(&str) + Send + Sync)>,
    /// Whether counters and registers change.
    pub(super) is_real: bool,
}

/// The run for one packet.
pub(super) struct Machine<'r, T> {
    pub(super) around: Surroundings<'r>,
    pub(super) slots: &'r mut [u128],
    pub(super) room: &'r mut Room,
    pub(super) packet: &'r [u8],
    pub(super) tracer: &'r mut T,
    /// How many bits of the packet have been parsed.
    pub(super) cursor: usize,
    /// How many bits have been emitted.
    pub(super) emitted: usize,
    /// Whether the parser has rejected, and why.
    pub(super) rejected: bool,
    pub(super) error: u128,
    exiting: bool,
    /// Where the packet was marked to be dropped, with the arguments of the action there.
    pub(super) marked: Option<(u32, SmallVec<[u128; 2]>)>,
    steps: u32,
    pub(super) idle: (usize, u32),
}

impl<'r, T: Tracer> Machine<'r, T> {
    pub(super) fn new(
        around: Surroundings<'r>,
        scratch: &'r mut Scratch,
        packet: &'r [u8],
        tracer: &'r mut T,
    ) -> Machine<'r, T> {
        Machine {
            around,
            slots: &mut scratch.slots,
            room: &mut scratch.room,
            packet,
            tracer,
            cursor: 0,
            emitted: 0,
            rejected: false,
            error: 0,
            exiting: false,
            marked: None,
            steps: 0,
            idle: (0, 0),
        }
    }

    #[inline]
    pub(super) fn get(&self, slot: Slot) -> u128 {
        self.slots[slot as usize]
    }

    #[inline]
    pub(super) fn set(&mut self, slot: Slot, value: u128) {
        self.slots[slot as usize] = value;
    }

    #[inline]
    pub(super) fn at(&self, address: Slot, offset: u32) -> Slot {
        (self.get(address) as u32).wrapping_add(offset)
    }

    /// Runs a part of the pipeline from its first operation.
    pub(super) fn run(&mut self, entry: Target) -> Result<(), Stop> {
        let code = self.around.code;
        self.exiting = false;
        self.room.calls.clear();
        let mut next = entry as usize;
        while let Some(op) = code.ops.get(next) {
            next += 1;
            match *op {
                Op::Jump(to) => next = to as usize,
                Op::JumpIf { condition, to } => {
                    if self.get(condition) != 0 {
                        next = to as usize;
                    }
                }
                Op::JumpUnless { condition, to } => {
                    if self.get(condition) == 0 {
                        next = to as usize;
                    }
                }
                Op::JumpIfEqual { left, right, to } => {
                    if self.get(left) == self.get(right) {
                        next = to as usize;
                    }
                }
                Op::JumpUnlessEqual { left, right, to } => {
                    if self.get(left) != self.get(right) {
                        next = to as usize;
                    }
                }
                Op::JumpUnlessMasked { subject, value, mask, to } => {
                    if self.get(subject) & self.get(mask) != self.get(value) {
                        next = to as usize;
                    }
                }
                Op::JumpUnlessSame { left, right, count, to } => {
                    if self.stretch(left, count) != self.stretch(right, count) {
                        next = to as usize;
                    }
                }
                Op::Dispatch { subject, dispatch } => {
                    let dispatch = &code.dispatches[dispatch as usize];
                    let value = self.get(subject);
                    let found = dispatch.cases.binary_search_by_key(&value, |(value, _)| *value);
                    let to = found.map_or(dispatch.otherwise, |place| dispatch.cases[place].1);
                    next = to as usize;
                }
                Op::Call(to) => {
                    self.step()?;
                    self.room.calls.push(next as Target);
                    next = to as usize;
                }
                Op::Return => match self.room.calls.pop() {
                    Some(to) => next = to as usize,
                    None => return Ok(()),
                },
                Op::Exit { to } => {
                    self.exiting = true;
                    next = to as usize;
                }
                Op::JumpIfExiting(to) => {
                    if self.exiting {
                        next = to as usize;
                    }
                }
                Op::JumpIfRejected(to) => {
                    if self.rejected {
                        next = to as usize;
                    }
                }
                Op::Apply(apply) => {
                    if let Some(body) = self.apply(apply) {
                        self.step()?;
                        self.room.calls.push(next as Target);
                        next = body as usize;
                    }
                }
                Op::State { state, reject } => {
                    self.step()?;
                    if let Some(to) = self.enter(state, reject) {
                        next = to as usize;
                    }
                }
                Op::Assert { condition, site } => {
                    if self.get(condition) == 0 {
                        return Err(Stop::Assertion(site));
                    }
                }
                op => {
                    if let Some(to) = self.perform(op) {
                        next = to as usize;
                    }
                }
            }
        }
        Ok(())
    }

    /// Does what goes on with the next operation, or with another one where a parser rejects.
    #[inline(always)]
    fn perform(&mut self, op: Op) -> Option<Target> {
        match op {
            Op::Move { to, from } => self.set(to, self.get(from)),
            Op::Moves { first, end } => {
                for (to, from) in &self.around.code.moves[first as usize..end as usize] {
                    self.slots[*to as usize] = self.slots[*from as usize];
                }
            }
            Op::Copy { to, from, count } => self.copy(to, from, count),
            Op::Clear { at, count } => {
                self.slots[at as usize..][..count as usize].fill(0);
            }
            Op::Load { to, address, offset, count } => {
                self.copy(to, self.at(address, offset), count);
            }
            Op::Store { address, offset, from, count } => {
                self.copy(self.at(address, offset), from, count);
            }
            Op::Binary { operator, width, to, left, right } => {
                let (left, right) = (self.get(left), self.get(right));
                self.set(to, operators::apply(operator, u32::from(width), left, right));
            }
            Op::Complement { width, to, from } => {
                self.set(to, !self.get(from) & operators::mask(width.into()));
            }
            Op::Negate { width, to, from } => {
                self.set(to, self.get(from).wrapping_neg() & operators::mask(width.into()));
            }
            Op::SignExtend { from_width, width, to, from } => {
                let value = signed(self.get(from), from_width.into()) as u128;
                self.set(to, value & operators::mask(width.into()));
            }
            Op::Slice { low, width, to, from } => {
                self.set(to, operators::slice(self.get(from), low.into(), width.into()));
            }
            Op::SetSlice { low, width, to, from } => {
                let (whole, part) = (self.get(to), self.get(from));
                self.set(to, operators::with_slice(whole, low.into(), width.into(), part));
            }
            Op::Concatenate { right_width, to, left, right } => {
                let high = self.get(left).checked_shl(right_width.into()).unwrap_or(0);
                self.set(to, high | self.get(right));
            }
            Op::ElementAddress { to, index, stack } => self.element_address(to, index, stack),
            Op::NextAddress { to, stack, reject } => {
                let stack = &self.around.code.stacks[stack as usize];
                let index = self.get(stack.next);
                if index >= u128::from(stack.count) {
                    return self.reject(self.around.errors.stack_out_of_bounds, reject);
                }
                self.set(to, u128::from(stack.element(index as u32)));
            }
            Op::LastAddress { to, stack, reject } => {
                let stack = &self.around.code.stacks[stack as usize];
                match self.get(stack.next).checked_sub(1) {
                    Some(index) if index < u128::from(stack.count) => {
                        self.set(to, u128::from(stack.element(index as u32)));
                    }
                    _ => return self.reject(self.around.errors.stack_out_of_bounds, reject),
                }
            }
            Op::Push { stack, count } => self.push(stack, count),
            Op::Pop { stack, count } => self.pop(stack, count),
            Op::SetValid { address, offset, name } => {
                let at = self.at(address, offset);
                if self.get(at) == 0 {
                    self.trace_header(name, at, |header| Event::HeaderAdded { header });
                }
                self.set(at, 1);
            }
            Op::SetInvalid { address, offset, name } => {
                let at = self.at(address, offset);
                if self.get(at) != 0 {
                    self.trace_header(name, at, |header| Event::HeaderRemoved { header });
                }
                self.set(at, 0);
            }
            Op::Reject { error, to } => return self.reject(self.get(error), to),
            Op::Verify { condition, error, reject } => {
                if self.get(condition) == 0 {
                    return self.reject(self.get(error), reject);
                }
            }
            Op::Extract(extract) => {
                let extract = &self.around.code.extracts[extract as usize];
                if let Err(error) = self.extract(extract) {
                    return self.reject(error, extract.reject);
                }
            }
            Op::Advance { bits, reject } => {
                let bits = self.whole_bytes(self.get(bits));
                if let Err(error) = bits.and_then(|bits| self.advance(bits)) {
                    return self.reject(error, reject);
                }
            }
            Op::Skip { bits, reject } => {
                if let Err(error) = self.advance(bits as usize) {
                    return self.reject(error, reject);
                }
            }
            Op::Lookahead { lookahead, to, reject } => {
                let packing = &self.around.code.lookaheads[lookahead as usize];
                if let Err(error) = self.lookahead(packing, to) {
                    return self.reject(error, reject);
                }
            }
            Op::PacketLength { to } => self.set(to, self.packet.len() as u128),
            Op::Emit { packing, address, offset } => {
                let at = self.at(address, offset);
                if self.get(at) != 0 {
                    self.emit(&self.around.code.packings[packing as usize], at);
                }
            }
            Op::EmitStack { packing, stack } => {
                let stack = &self.around.code.stacks[stack as usize];
                let packing = &self.around.code.packings[packing as usize];
                for index in 0..stack.count {
                    let at = stack.element(index);
                    if self.get(at) != 0 {
                        self.emit(packing, at);
                    }
                }
            }
            Op::Count { counter, index } => {
                if self.around.is_real {
                    let (index, bytes) = (self.get(index), self.packet.len());
                    self.around.externs.count(counter, index, bytes as u64);
                }
            }
            Op::ReadRegister { register, to, index } => {
                self.set(to, self.around.externs.read(register, self.get(index)));
            }
            Op::WriteRegister { register, index, value } => {
                if self.around.is_real {
                    self.around.externs.write(register, self.get(index), self.get(value));
                }
            }
            Op::Hash(hash) => self.hash(hash),
            Op::Checksum { digest, to } => {
                let value = self.digest(digest);
                self.set(to, u128::from(value));
            }
            Op::Log(log) => self.log(log),
            Op::MarkToDrop(site) => self.mark(site),
            // What the caller does itself.
            Op::Jump(_)
            | Op::JumpIf { .. }
            | Op::JumpUnless { .. }
            | Op::JumpIfEqual { .. }
            | Op::JumpUnlessEqual { .. }
            | Op::JumpUnlessMasked { .. }
            | Op::JumpUnlessSame { .. }
            | Op::Dispatch { .. }
            | Op::Call(_)
            | Op::Return
            | Op::Exit { .. }
            | Op::JumpIfExiting(_)
            | Op::JumpIfRejected(_)
            | Op::Apply(_)
            | Op::State { .. }
            | Op::Assert { .. } => {}
        }
        None
    }

    fn step(&mut self) -> Result<(), Stop> {
        self.steps += 1;
        if self.steps > MAX_STEPS { Err(Stop::Steps) } else { Ok(()) }
    }

    #[inline]
    fn stretch(&self, start: Slot, count: u32) -> &[u128] {
        &self.slots[start as usize..][..count as usize]
    }

    #[inline]
    fn copy(&mut self, to: Slot, from: Slot, count: u32) {
        let from = from as usize;
        self.slots.copy_within(from..from + count as usize, to as usize);
    }
}
