//! From the checked program to operations.
//!
//! Everything that can be called is a stretch of operations that ends with `Return`; P4 has no
//! recursion, so that its parameters, variables and temporary values have fixed slots. What a call
//! of a control, parser or action has to copy in and out is a part of the caller.

mod calls;
mod expressions;
mod externs;
mod parsers;
mod places;
mod statements;

use std::collections::HashMap;
use std::sync::Arc;

use crate::ir::{Callee, Program, Statement, Type};

use super::TooLarge;
use super::code::{Code, HeaderName, Op, SiteParameter, Stack, Table, Target};
use super::layout::{Slot, Storage};
use super::packing::Packing;
use super::values::ValueKind;
use super::walk::Exits;

/// A place in the code that is not known yet.
type Label = Target;

/// What a program becomes.
pub(super) struct Compiled {
    pub(super) code: Code,
    /// Where the six parts of the pipeline begin, in their order.
    pub(super) parts: [Target; 6],
    /// Where the ingress control's H, M and standard metadata stand, which all parts share.
    pub(super) standard_metadata: Slot,
    /// The slots that are zero when a packet comes: those of variables.
    pub(super) cleared: u32,
    /// How many slots there are.
    pub(super) slots: u32,
    /// What stands in the slots of constants.
    pub(super) constants: Vec<(Slot, u128)>,
}

/// Compiles a whole program.
pub(super) fn compile(program: &Program) -> Result<Compiled, TooLarge> {
    let mut compiler = Compiler::new(program)?;
    compiler.tables();
    for (index, action) in program.actions.iter().enumerate() {
        let parameters = action.control_parameters.iter().filter_map(|parameter| {
            let ty = &program.variables[parameter.variable.index()].ty;
            Some(SiteParameter {
                name: parameter.name.clone(),
                slot: compiler.storage.variable(parameter.variable),
                kind: ValueKind::of(program, ty)?,
            })
        });
        let directed = action.parameters.iter().filter_map(|parameter| {
            let variable = &program.variables[parameter.variable.index()];
            Some(SiteParameter {
                name: variable.name.clone(),
                slot: compiler.storage.variable(parameter.variable),
                kind: ValueKind::of(program, &variable.ty)?,
            })
        });
        let site = directed.chain(parameters).collect();
        compiler.within = (action.name.clone(), site);
        compiler.callable(compiler.actions + index as u32, None, &action.body);
    }
    compiler.within = (Arc::from("function"), Vec::new());
    for (index, function) in program.functions.iter().enumerate() {
        let result = compiler.results[index];
        compiler.callable(compiler.functions + index as u32, Some(result), &function.body);
    }
    for (index, control) in program.controls.iter().enumerate() {
        compiler.within = (control.name.clone(), Vec::new());
        compiler.callable(compiler.controls + index as u32, None, &control.body);
    }
    for (index, parser) in program.parsers.iter().enumerate() {
        compiler.within = (parser.name.clone(), Vec::new());
        compiler.parser(compiler.parsers + index as u32, parser);
    }
    compiler.finish()
}

struct Compiler<'p> {
    program: &'p Program,
    storage: Storage<'p>,
    exits: Exits<'p>,
    code: Code,
    /// Where each label is, and the last one.
    labels: Vec<u32>,
    labelled: usize,
    /// The first labels of what can be called; one for each follows.
    actions: Label,
    functions: Label,
    controls: Label,
    parsers: Label,
    /// Where each function's result stands.
    results: Vec<Slot>,
    /// The first free slot.
    free: u64,
    /// Slots of single temporary values that are free again.
    spare: Vec<Slot>,
    /// The slots of temporary values that the statement at hand has taken.
    taken: Vec<Slot>,
    constants: HashMap<u128, Slot>,
    constant_slots: HashMap<Slot, u128>,
    stacks: HashMap<Slot, u32>,
    packings: HashMap<Type, u32>,
    /// Slots of an element that does not exist: as many as the largest has.
    nowhere: Slot,
    /// The end of what is being compiled, and where its result goes.
    end: Label,
    result: Option<Slot>,
    /// What is being compiled, for those who ask where a packet was dropped.
    within: (Arc<str>, Vec<SiteParameter>),
}

impl<'p> Compiler<'p> {
    fn new(program: &'p Program) -> Result<Compiler<'p>, TooLarge> {
        let storage = Storage::new(program)?;
        let free = u64::from(storage.end);
        let mut compiler = Compiler {
            program,
            storage,
            exits: Exits::new(program),
            code: Code::default(),
            labels: Vec::new(),
            labelled: 0,
            actions: 0,
            functions: 0,
            controls: 0,
            parsers: 0,
            results: Vec::new(),
            free,
            spare: Vec::new(),
            taken: Vec::new(),
            constants: HashMap::new(),
            constant_slots: HashMap::new(),
            stacks: HashMap::new(),
            packings: HashMap::new(),
            nowhere: 0,
            end: 0,
            result: None,
            within: (Arc::from(""), Vec::new()),
        };
        compiler.actions = compiler.labels_for(program.actions.len());
        compiler.functions = compiler.labels_for(program.functions.len());
        compiler.controls = compiler.labels_for(program.controls.len());
        compiler.parsers = compiler.labels_for(program.parsers.len());
        for function in &program.functions {
            let size = compiler.storage.sizes.of(&function.result);
            let result = compiler.stretch(size);
            compiler.results.push(result);
        }
        let header = |variable: &crate::ir::Variable| match &variable.ty {
            Type::Stack(..) | Type::Struct(_) => Some(()),
            _ => None,
        };
        if program.variables.iter().any(|variable| header(variable).is_some()) {
            let ids = 0..program.composites.len() as u32;
            let sizes = ids
                .filter(|id| program.composites[*id as usize].is_header)
                .map(|id| compiler.storage.sizes.of(&Type::Header(crate::ir::CompositeId(id))));
            let largest = sizes.max().unwrap_or(0);
            compiler.nowhere = compiler.stretch(largest);
        }
        Ok(compiler)
    }

    fn finish(mut self) -> Result<Compiled, TooLarge> {
        let slots = u32::try_from(self.free).unwrap_or(u32::MAX);
        if self.free > u64::from(super::MAX_ALL_SLOTS) || self.code.ops.len() > super::MAX_OPS {
            return Err(TooLarge::Code);
        }
        self.code.resolve(&self.labels);
        let pipeline = &self.program.pipeline;
        let label = |callee| self.labels[self.label_of(callee) as usize];
        let parts = [
            label(Callee::Parser(pipeline.parser)),
            label(Callee::Control(pipeline.verify_checksum)),
            label(Callee::Control(pipeline.ingress)),
            label(Callee::Control(pipeline.egress)),
            label(Callee::Control(pipeline.compute_checksum)),
            label(Callee::Control(pipeline.deparser)),
        ];
        let ingress = &self.program.controls[pipeline.ingress.index()].parameters;
        let standard_metadata =
            ingress.get(2).map_or(0, |parameter| self.storage.variable(parameter.variable));
        let constants = self.constants.iter().map(|(value, slot)| (*slot, *value)).collect();
        Ok(Compiled {
            parts,
            standard_metadata,
            cleared: self.storage.end,
            slots,
            constants,
            code: self.code,
        })
    }

    fn label_of(&self, callee: Callee) -> Label {
        match callee {
            Callee::Action(id) => self.actions + id.0,
            Callee::Function(id) => self.functions + id.0,
            Callee::Control(id) => self.controls + id.0,
            Callee::Parser(id) => self.parsers + id.0,
        }
    }

    /// An action, function or control.
    fn callable(&mut self, label: Label, result: Option<Slot>, body: &'p [Statement]) {
        self.begin(label, result);
        self.statements(body);
        self.finish_callable();
    }

    fn begin(&mut self, label: Label, result: Option<Slot>) {
        self.spare.clear();
        self.taken.clear();
        self.end = self.label();
        self.result = result;
        self.here(label);
    }

    fn finish_callable(&mut self) {
        self.here(self.end);
        self.emit(Op::Return);
    }

    /// One entry for each table, whose actions are found by their labels.
    fn tables(&mut self) {
        let program = self.program;
        for table in &program.tables {
            let hit = self.stretch(1);
            let action = self.stretch(1);
            let actions = table.actions.iter().map(|action| self.action_entry(action)).collect();
            let direct_counter = table.direct_counter.is_some();
            self.code.tables.push(Table { hit, action, actions, direct_counter });
        }
    }

    // Operations and labels.

    fn emit(&mut self, op: Op) {
        if let Op::Move { to, from } = op
            && self.joins_move(to, from)
        {
            return;
        }
        self.code.ops.push(op);
    }

    /// Makes a move a part of the operation before it, if that moves too and nobody jumps between.
    fn joins_move(&mut self, to: Slot, from: Slot) -> bool {
        if self.labelled == self.code.ops.len() {
            return false;
        }
        let moves = &mut self.code.moves;
        match self.code.ops.last_mut() {
            Some(Op::Moves { end, .. }) if *end as usize == moves.len() => {
                moves.push((to, from));
                *end += 1;
                true
            }
            Some(last @ Op::Move { .. }) => {
                let Op::Move { to: before_to, from: before_from } = *last else { return false };
                let first = moves.len() as u32;
                moves.extend([(before_to, before_from), (to, from)]);
                *last = Op::Moves { first, end: first + 2 };
                true
            }
            _ => false,
        }
    }

    fn label(&mut self) -> Label {
        self.labels_for(1)
    }

    fn labels_for(&mut self, count: usize) -> Label {
        let first = self.labels.len() as u32;
        self.labels.resize(self.labels.len() + count, u32::MAX);
        first
    }

    fn here(&mut self, label: Label) {
        self.labels[label as usize] = self.code.ops.len() as u32;
        self.labelled = self.code.ops.len();
    }

    // Slots.

    fn stretch(&mut self, count: u32) -> Slot {
        let slot = u32::try_from(self.free).unwrap_or(u32::MAX);
        self.free = self.free.saturating_add(u64::from(count));
        slot
    }

    /// Slots for a temporary value of the statement at hand.
    fn temporary(&mut self, count: u32) -> Slot {
        if count != 1 {
            return self.stretch(count);
        }
        let slot = self.spare.pop().unwrap_or_else(|| self.stretch(1));
        self.taken.push(slot);
        slot
    }

    /// Does something whose temporary values nobody needs afterwards.
    fn scoped<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.taken.len();
        let result = work(self);
        let done = self.taken.split_off(before);
        self.spare.extend(done);
        result
    }

    fn constant(&mut self, value: u128) -> Slot {
        if let Some(slot) = self.constants.get(&value) {
            return *slot;
        }
        let slot = self.stretch(1);
        self.constants.insert(value, slot);
        self.constant_slots.insert(slot, value);
        slot
    }

    fn constant_in(&self, slot: Slot) -> Option<u128> {
        self.constant_slots.get(&slot).copied()
    }

    fn zero(&mut self) -> Slot {
        self.constant(0)
    }

    fn copy(&mut self, to: Slot, from: Slot, count: u32) {
        match count {
            _ if to == from => {}
            0 => {}
            1 => self.emit(Op::Move { to, from }),
            count => self.emit(Op::Copy { to, from, count }),
        }
    }

    fn clear(&mut self, at: Slot, count: u32) {
        if count > 0 {
            self.emit(Op::Clear { at, count });
        }
    }

    // What operations refer to.

    fn size(&self, ty: &Type) -> u32 {
        self.storage.sizes.of(ty)
    }

    fn stack(&mut self, next: Slot, ty: &Type) -> u32 {
        if let Some(stack) = self.stacks.get(&next) {
            return *stack;
        }
        let (stride, count) = match ty {
            Type::Stack(id, count) => (self.size(&Type::Header(*id)), *count),
            _ => (0, 0),
        };
        let index = self.code.stacks.len() as u32;
        self.code.stacks.push(Stack { next, stride, count, nowhere: self.nowhere });
        self.stacks.insert(next, index);
        index
    }

    fn packing(&mut self, ty: &Type) -> u32 {
        if let Some(packing) = self.packings.get(ty) {
            return *packing;
        }
        let index = self.code.packings.len() as u32;
        self.code.packings.push(Packing::new(self.program, &self.storage.sizes, ty));
        self.packings.insert(ty.clone(), index);
        index
    }

    fn name(&mut self, text: String, stack: Option<u32>) -> u32 {
        let known =
            self.code.names.iter().position(|name| *name.text == *text && name.stack == stack);
        let index = known.unwrap_or(self.code.names.len());
        if known.is_none() {
            self.code.names.push(HeaderName { text: text.into(), stack });
        }
        index as u32
    }
}
