//! The oracle: walks the trees of the checked program, with values as trees too. Clear rather than
//! efficient; every call copies in and out.

use std::collections::BTreeMap;

use super::super::externs::Externs;
use super::numbers::{self, bits};
use crate::ir::*;

/// A value of any type.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Scalar(u128),
    /// A varbit, its first bit first.
    Varbit(Vec<bool>),
    Header {
        valid: bool,
        fields: Vec<Value>,
    },
    /// A struct or a tuple.
    List(Vec<Value>),
    Stack {
        next: u128,
        elements: Vec<Value>,
    },
}

/// Why a statement is not followed by the next.
#[derive(Debug)]
pub(super) enum Flow {
    Return(Option<Value>),
    Exit,
    /// With the value of the error.
    Reject(u128),
    /// An assertion does not hold.
    Stop,
}

type Done<T = ()> = Result<T, Flow>;

/// A place whose indices have been evaluated.
#[derive(Clone, Debug)]
struct Path {
    variable: VariableId,
    steps: Vec<Step>,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Field(usize),
    Element(usize),
    Slice(u32, u32),
    /// An element that the stack does not have.
    Nowhere,
}

pub(super) struct Oracle<'p> {
    pub(super) program: &'p Program,
    pub(super) variables: BTreeMap<VariableId, Value>,
    packet: Vec<bool>,
    cursor: usize,
    pub(super) output: Vec<bool>,
    pub(super) externs: Externs,
    /// Where the cursor was in the last state, and since how many states it has been there.
    idle: (usize, u32),
}

impl<'p> Oracle<'p> {
    pub(super) fn new(program: &'p Program, packet: &[u8]) -> Oracle<'p> {
        let zeros = program.variables.iter().zip(0..);
        let zeros = zeros.map(|(variable, id)| (VariableId(id), zero(program, &variable.ty)));
        Oracle {
            program,
            variables: zeros.collect(),
            packet: packet.iter().flat_map(|byte| high_first(u128::from(*byte), 8)).collect(),
            cursor: 0,
            output: Vec::new(),
            externs: Externs::new(program),
            idle: (0, 0),
        }
    }

    /// The whole pipeline: the port and the packet, or nothing if it is dropped.
    pub(super) fn pipeline(&mut self, port: u128) -> Option<(u128, Vec<u8>)> {
        let pipeline = self.program.pipeline.clone();
        let parameters = |id: ControlId| self.program.controls[id.index()].parameters.clone();
        let parser = self.program.parsers[pipeline.parser.index()].parameters.clone();
        let [verify, ingress, egress, compute, deparser] = [
            pipeline.verify_checksum,
            pipeline.ingress,
            pipeline.egress,
            pipeline.compute_checksum,
            pipeline.deparser,
        ];
        let ty = |id: VariableId| self.program.variables[id.index()].ty.clone();
        let mut shared: Vec<Value> =
            parser.iter().map(|p| zero(self.program, &ty(p.variable))).collect();
        self.standard(&mut shared[2], "ingress_port", Some(port));
        self.standard(&mut shared[2], "packet_length", Some(self.packet.len() as u128 / 8));

        self.give(&parser, &shared);
        let error = match self.parser(pipeline.parser) {
            Ok(()) => 0,
            Err(Flow::Reject(error)) => error,
            Err(_) => return None,
        };
        self.take(&parser, &mut shared);
        self.standard(&mut shared[2], "parser_error", Some(error));
        self.part(verify, &parameters(verify), &mut shared)?;
        self.part(ingress, &parameters(ingress), &mut shared)?;
        let out = self.standard(&mut shared[2], "egress_spec", None);
        if self.standard(&mut shared[2], "mcast_grp", None) != 0 || out == 511 {
            return None;
        }
        self.standard(&mut shared[2], "egress_port", Some(out));
        self.standard(&mut shared[2], "egress_spec", Some(0));
        self.part(egress, &parameters(egress), &mut shared)?;
        if self.standard(&mut shared[2], "egress_spec", None) == 511 {
            return None;
        }
        self.part(compute, &parameters(compute), &mut shared)?;
        self.part(deparser, &parameters(deparser), &mut shared)?;
        let mut packet = self.output.clone();
        packet.extend(&self.packet[self.cursor..]);
        let bytes = packet.chunks(8).map(|byte| {
            let full = byte.iter().copied().chain([false; 8]).take(8);
            full.fold(0, |byte, bit| byte << 1 | u8::from(bit))
        });
        Some((out, bytes.collect()))
    }

    fn part(
        &mut self,
        id: ControlId,
        parameters: &[Parameter],
        shared: &mut [Value],
    ) -> Option<()> {
        self.give(parameters, shared);
        let result = self.body(&self.program.controls[id.index()].body);
        self.take(parameters, shared);
        if matches!(result, Err(Flow::Stop)) { None } else { Some(()) }
    }

    fn give(&mut self, parameters: &[Parameter], shared: &[Value]) {
        for (parameter, value) in parameters.iter().zip(shared) {
            self.variables.insert(parameter.variable, value.clone());
        }
    }

    fn take(&mut self, parameters: &[Parameter], shared: &mut [Value]) {
        for (parameter, value) in parameters.iter().zip(shared) {
            *value = self.variables[&parameter.variable].clone();
        }
    }

    /// A field of the standard metadata, after it was set if a value is given.
    fn standard(&self, metadata: &mut Value, name: &str, set: Option<u128>) -> u128 {
        let id = self.program.pipeline.standard_metadata.index();
        let place = self.program.composites[id].fields.iter().position(|f| *f.name == *name);
        let (Value::List(fields), Some(place)) = (metadata, place) else { unreachable!() };
        if let Some(value) = set {
            fields[place] = Value::Scalar(value);
        }
        scalar(&fields[place])
    }

    fn parser(&mut self, id: ParserId) -> Done {
        let parser = &self.program.parsers[id.index()];
        self.statements(&parser.initial)?;
        let mut state = parser.start;
        loop {
            let idle = if self.idle.0 == self.cursor { self.idle.1 + 1 } else { 0 };
            self.idle = (self.cursor, idle);
            if idle > 1 << 12 {
                return self.reject("ParserTimeout");
            }
            self.statements(&parser.states[state].statements)?;
            match self.transition(&parser.states[state].transition)? {
                Target::State(next) => state = next,
                Target::Accept => return Ok(()),
                Target::Reject => return self.reject("NoError"),
            }
        }
    }

    fn transition(&mut self, transition: &'p Transition) -> Done<Target> {
        let (keys, cases) = match transition {
            Transition::Direct(target) => return Ok(*target),
            Transition::Select { keys, cases } => (keys, cases),
        };
        let values = keys.iter().map(|key| self.scalar(key)).collect::<Done<Vec<_>>>()?;
        let holds = |set: &ValueSet, ty: &Type, value: u128| match *set {
            ValueSet::Any => true,
            ValueSet::Value(other) => value == other,
            ValueSet::Mask { value: other, mask } => value & mask == other & mask,
            ValueSet::Range { low, high } => {
                self.compare(BinaryOperator::LessEqual, ty, low, value)
                    && self.compare(BinaryOperator::LessEqual, ty, value, high)
            }
        };
        let found = cases.iter().find(|(sets, _)| {
            sets.iter()
                .zip(keys)
                .zip(&values)
                .all(|((set, key), value)| holds(set, &key.ty, *value))
        });
        match found {
            Some((_, target)) => Ok(*target),
            None => self.reject("NoMatch"),
        }
    }

    fn compare(&self, operator: BinaryOperator, ty: &Type, a: u128, b: u128) -> bool {
        let width = width(self.program, ty);
        let signed = matches!(ty, Type::Int(_));
        numbers::binary(operator, &bits(a, width), &bits(b, width), signed)[0]
    }

    fn reject<T>(&self, name: &str) -> Done<T> {
        let place = self.program.errors.iter().position(|error| **error == *name);
        Err(Flow::Reject(place.unwrap_or(0) as u128))
    }

    /// The body of what can be called: gives what it returns.
    fn body(&mut self, body: &'p [Statement]) -> Done<Option<Value>> {
        match self.statements(body) {
            Ok(()) => Ok(None),
            Err(Flow::Return(value)) => Ok(value),
            Err(other) => Err(other),
        }
    }

    fn statements(&mut self, list: &'p [Statement]) -> Done {
        list.iter().try_for_each(|statement| self.statement(&statement.kind))
    }

    fn statement(&mut self, statement: &'p StatementKind) -> Done {
        match statement {
            StatementKind::Assign(place, value) => {
                let path = self.path(place)?;
                let value = self.value(value)?;
                self.write(&path, value);
            }
            StatementKind::Clear(id) => {
                let zeros = zero(self.program, &self.program.variables[id.index()].ty);
                self.variables.insert(*id, zeros);
            }
            StatementKind::Call(call) => {
                self.call(call)?;
            }
            StatementKind::If { condition, then, otherwise } => {
                let holds = self.scalar(condition)? != 0;
                self.statements(if holds { then } else { otherwise })?;
            }
            StatementKind::Switch { subject, cases, otherwise } => {
                let value = self.scalar(subject)?;
                let found = cases.iter().find(|(values, _)| values.contains(&value));
                self.statements(found.map_or(otherwise, |(_, body)| body))?;
            }
            StatementKind::SwitchAction { table, cases, otherwise } => {
                let (_, action) = self.apply(*table)?;
                let found = cases.iter().find(|(actions, _)| actions.contains(&action));
                self.statements(found.map_or(otherwise, |(_, body)| body))?;
            }
            StatementKind::ApplyTable(table) => {
                self.apply(*table)?;
            }
            StatementKind::Exit => return Err(Flow::Exit),
            StatementKind::Return(None) => return Err(Flow::Return(None)),
            StatementKind::Return(Some(value)) => {
                let value = self.value(value)?;
                return Err(Flow::Return(Some(value)));
            }
            StatementKind::Extern(call) => self.extern_call(call)?,
        }
        Ok(())
    }

    fn apply(&mut self, table: TableId) -> Done<(bool, usize)> {
        let table = &self.program.tables[table.index()];
        let keys = table.keys.iter().map(|key| self.scalar(&key.expression));
        let keys = keys.collect::<Done<Vec<_>>>()?;
        let entry = table.entries.iter().find(|entry| {
            entry.keys.iter().zip(&keys).all(|(set, key)| *set == ValueSet::Value(*key))
        });
        let (action, values) = match entry {
            Some(entry) => (entry.action, &entry.arguments),
            None => (table.default_action.0, &table.default_action.1),
        };
        let listed = &table.actions[action];
        let declared = &self.program.actions[listed.action.index()];
        for (parameter, value) in declared.control_parameters.iter().zip(values) {
            self.variables.insert(parameter.variable, Value::Scalar(*value));
        }
        self.copied(&declared.parameters, &listed.arguments, |oracle| oracle.body(&declared.body))?;
        Ok((entry.is_some(), action))
    }

    fn call(&mut self, call: &'p Call) -> Done<Option<Value>> {
        let program = self.program;
        match call.callee {
            Callee::Action(id) => {
                let action = &program.actions[id.index()];
                let control = action.control_parameters.iter().map(|parameter| Parameter {
                    direction: Direction::In,
                    variable: parameter.variable,
                });
                let parameters: Vec<_> = action.parameters.iter().copied().chain(control).collect();
                self.copied(&parameters, &call.arguments, |oracle| oracle.body(&action.body))
            }
            Callee::Function(id) => {
                let function = &program.functions[id.index()];
                let run = |oracle: &mut Self| oracle.body(&function.body);
                self.copied(&function.parameters, &call.arguments, run)
            }
            Callee::Control(id) => {
                let control = &program.controls[id.index()];
                let run = |oracle: &mut Self| oracle.body(&control.body);
                self.copied(&control.parameters, &call.arguments, run)
            }
            Callee::Parser(id) => {
                let parameters = &program.parsers[id.index()].parameters;
                let run = |oracle: &mut Self| oracle.parser(id).map(|()| None);
                self.copied(parameters, &call.arguments, run)
            }
        }
    }

    fn copied(
        &mut self,
        parameters: &[Parameter],
        arguments: &'p [Argument],
        run: impl FnOnce(&mut Self) -> Done<Option<Value>>,
    ) -> Done<Option<Value>> {
        let (mut values, mut results) = (Vec::new(), Vec::new());
        for (parameter, argument) in parameters.iter().zip(arguments) {
            let id = parameter.variable;
            let zeros = zero(self.program, &self.program.variables[id.index()].ty);
            let (value, path) = match argument {
                Argument::In(value) => (self.value(value)?, None),
                Argument::Out(None) => (zeros, None),
                Argument::Out(Some(place)) => (zeros, Some(self.path(place)?)),
                Argument::InOut(place) => {
                    let path = self.path(place)?;
                    (self.read(&path, place), Some(path))
                }
            };
            values.push((id, value));
            results.extend(path.map(|path| (id, path)));
        }
        self.variables.extend(values);
        let result = run(self);
        if matches!(result, Err(Flow::Stop)) {
            return result;
        }
        for (id, path) in results {
            let value = self.variables[&id].clone();
            self.write(&path, value);
        }
        result
    }

    fn extern_call(&mut self, call: &'p ExternCall) -> Done {
        match call {
            ExternCall::Extract(ExtractTo::Place(place)) => self.extract(place, 0)?,
            ExternCall::Extract(ExtractTo::Nothing(id)) => {
                let mut skipped = zero(self.program, &Type::Header(*id));
                let count = fill(self.program, &Type::Header(*id), &mut skipped, &mut |_| false, 0);
                self.advance(count as u128)?;
            }
            ExternCall::ExtractVariable(place, size) => {
                let path_first = self.path(place)?;
                let _ = path_first;
                let size = self.scalar(size)?;
                if size % 8 != 0 {
                    return self.reject("ParserInvalidArgument");
                }
                self.extract(place, size as usize)?;
            }
            ExternCall::Advance(count) => {
                let count = self.scalar(count)?;
                if count % 8 != 0 {
                    return self.reject("ParserInvalidArgument");
                }
                self.advance(count)?;
            }
            ExternCall::Emit(value) => {
                let value_of = self.value(value)?;
                emit(self.program, &value.ty, &value_of, false, &mut self.output);
            }
            ExternCall::SetValid(place) => self.set_validity(place, true)?,
            ExternCall::SetInvalid(place) => self.set_validity(place, false)?,
            ExternCall::PushFront(place, count) => {
                self.shift(place, |next, elements, zeros| {
                    let count = (*count as usize).min(elements.len());
                    elements.rotate_right(count);
                    elements[..count].fill(zeros);
                    *next = (*next + count as u128).min(elements.len() as u128);
                })?;
            }
            ExternCall::PopFront(place, count) => {
                self.shift(place, |next, elements, zeros| {
                    let count = (*count as usize).min(elements.len());
                    elements.rotate_left(count);
                    let kept = elements.len() - count;
                    elements[kept..].fill(zeros);
                    *next = next.saturating_sub(count as u128);
                })?;
            }
            ExternCall::Verify(condition, error) => {
                let (condition, error) = (self.scalar(condition)?, self.scalar(error)?);
                if condition == 0 {
                    return Err(Flow::Reject(error));
                }
            }
            ExternCall::ReadRegister(id, place, index) => {
                let path = self.path(place)?;
                let index = self.scalar(index)?;
                let value = self.externs.read(id.0, index);
                self.write(&path, Value::Scalar(value));
            }
            ExternCall::WriteRegister(id, index, value) => {
                let (index, value) = (self.scalar(index)?, self.scalar(value)?);
                self.externs.write(id.0, index, value);
            }
            ExternCall::MarkToDrop(place) => {
                let path = self.path(place)?;
                let mut metadata = self.read(&path, place);
                self.standard(&mut metadata, "egress_spec", Some(511));
                self.standard(&mut metadata, "mcast_grp", Some(0));
                self.write(&path, metadata);
            }
            ExternCall::UpdateChecksum(checksum) => {
                if self.scalar(&checksum.condition)? != 0 {
                    let data = self.value(&checksum.data)?;
                    let mut laid_out = Vec::new();
                    emit(self.program, &checksum.data.ty, &data, true, &mut laid_out);
                    let path = self.path(&checksum.checksum)?;
                    self.write(&path, Value::Scalar(internet_checksum(laid_out)));
                }
            }
            ExternCall::Assert(condition) | ExternCall::Assume(condition) => {
                if self.scalar(condition)? == 0 {
                    return Err(Flow::Stop);
                }
            }
            other => unreachable!("the generator makes no {other:?}"),
        }
        Ok(())
    }

    fn advance(&mut self, count: u128) -> Done {
        if count > (self.packet.len() - self.cursor) as u128 {
            return self.reject("PacketTooShort");
        }
        self.cursor += count as usize;
        Ok(())
    }

    fn extract(&mut self, place: &'p Place, varbit: usize) -> Done {
        let path = self.path(place)?;
        let (ty, mut header) = (self.type_of(place), self.read(&path, place));
        let count = fill(self.program, &ty, &mut header.clone(), &mut |_| false, varbit);
        if count > self.packet.len() - self.cursor {
            return self.reject("PacketTooShort");
        }
        let fixed = fill(self.program, &ty, &mut header.clone(), &mut |_| false, 0);
        if varbit > most_varbit(self.program, &ty) {
            return self.reject("HeaderTooShort");
        }
        assert_eq!(count, fixed + varbit);
        let data = self.packet[self.cursor..].to_vec();
        fill(self.program, &ty, &mut header, &mut |place| data[place], varbit);
        self.write(&path, header);
        self.cursor += count;
        if let Place::Next(stack) = place {
            let path = self.path(stack)?;
            if let Some(Value::Stack { next, .. }) = self.at(&path) {
                *next += 1;
            }
        }
        Ok(())
    }

    fn set_validity(&mut self, place: &'p Place, to: bool) -> Done {
        let path = self.path(place)?;
        if let Some(Value::Header { valid, .. }) = self.at(&path) {
            *valid = to;
        }
        Ok(())
    }

    fn shift(
        &mut self,
        place: &'p Place,
        change: impl FnOnce(&mut u128, &mut [Value], Value),
    ) -> Done {
        let path = self.path(place)?;
        let Type::Stack(id, _) = self.type_of(place) else { unreachable!() };
        let zeros = zero(self.program, &Type::Header(id));
        if let Some(Value::Stack { next, elements }) = self.at(&path) {
            change(next, elements, zeros);
        }
        Ok(())
    }

    // Places.

    fn path(&mut self, place: &'p Place) -> Done<Path> {
        let (inner, step) = match place {
            Place::Variable(variable) => {
                return Ok(Path { variable: *variable, steps: Vec::new() });
            }
            Place::Field(inner, field) => (inner, Step::Field(*field as usize)),
            Place::Slice(inner, high, low) => (inner, Step::Slice(*high, *low)),
            Place::Element(inner, index) => {
                let index = self.scalar(index)?;
                let Type::Stack(_, count) = self.type_of(inner) else { unreachable!() };
                let is_there = index < u128::from(count);
                (inner, if is_there { Step::Element(index as usize) } else { Step::Nowhere })
            }
            Place::Next(inner) | Place::Last(inner) => {
                let path = self.path(inner)?;
                let Some(Value::Stack { next, elements }) = self.at(&path) else { unreachable!() };
                let last = matches!(place, Place::Last(_));
                let index = if last { next.wrapping_sub(1) } else { *next };
                if index >= elements.len() as u128 {
                    return self.reject("StackOutOfBounds");
                }
                (inner, Step::Element(index as usize))
            }
        };
        let mut path = self.path(inner)?;
        path.steps.push(step);
        Ok(path)
    }

    /// What stands at a place that is no slice; none if it is nowhere.
    fn at(&mut self, path: &Path) -> Option<&mut Value> {
        let mut at = self.variables.get_mut(&path.variable)?;
        for step in &path.steps {
            at = match (at, *step) {
                (Value::Header { fields, .. } | Value::List(fields), Step::Field(place)) => {
                    fields.get_mut(place)?
                }
                (Value::Stack { elements, .. }, Step::Element(place)) => elements.get_mut(place)?,
                (at, Step::Slice(..)) => at,
                _ => return None,
            };
        }
        Some(at)
    }

    fn read(&mut self, path: &Path, place: &Place) -> Value {
        let ty = self.type_of(place);
        let value = self.at(path).cloned();
        let Some(value) = value else { return zero(self.program, &ty) };
        let slices = path.steps.iter().filter_map(|step| match step {
            Step::Slice(high, low) => Some((*high, *low)),
            _ => None,
        });
        slices.fold(value, |value, (high, low)| slice(&value, high, low))
    }

    fn write(&mut self, path: &Path, value: Value) {
        // The outermost slice says where the bits are in the whole.
        let lows = path.steps.iter().filter_map(|step| match step {
            Step::Slice(high, low) => Some((*high, *low)),
            _ => None,
        });
        let cut = lows.fold(None, |at: Option<(u32, u32)>, (high, low)| {
            let base = at.map_or(0, |(_, low)| low);
            Some((base + high, base + low))
        });
        let Some(at) = self.at(path) else { return };
        *at = match cut {
            None => value,
            Some((high, low)) => {
                let mut all = bits(scalar(at), 128);
                let part = bits(scalar(&value), high - low + 1);
                all[low as usize..=high as usize].copy_from_slice(&part);
                Value::Scalar(numbers::value(&all))
            }
        };
    }

    fn type_of(&self, place: &Place) -> Type {
        super::super::layout::Sizes::new(self.program).type_of(place)
    }

    // Expressions.

    fn scalar(&mut self, expression: &'p Expression) -> Done<u128> {
        Ok(scalar(&self.value(expression)?))
    }

    fn value(&mut self, expression: &'p Expression) -> Done<Value> {
        let program = self.program;
        Ok(match &expression.kind {
            ExpressionKind::Constant(value) => Value::Scalar(*value),
            ExpressionKind::Read(place) => {
                let path = self.path(place)?;
                self.read(&path, place)
            }
            ExpressionKind::Field(inner, place) => match self.value(inner)? {
                Value::Header { fields, .. } | Value::List(fields) => {
                    fields[*place as usize].clone()
                }
                other => unreachable!("{other:?} has no fields"),
            },
            ExpressionKind::Unary(operator, inner) => {
                let of = bits(self.scalar(inner)?, width(program, &inner.ty));
                Value::Scalar(numbers::value(&match operator {
                    UnaryOperator::Not | UnaryOperator::Complement => numbers::complement(&of),
                    UnaryOperator::Negate => numbers::negate(&of),
                }))
            }
            ExpressionKind::Binary(operator, left, right) => self.binary(*operator, left, right)?,
            ExpressionKind::Slice(inner, high, low) => slice(&self.value(inner)?, *high, *low),
            ExpressionKind::Cast(inner) => {
                let of = bits(self.scalar(inner)?, width(program, &inner.ty));
                let signed = matches!(inner.ty, Type::Int(_));
                let to = width(program, &expression.ty) as usize;
                Value::Scalar(numbers::value(&numbers::extend(&of, to, signed)))
            }
            ExpressionKind::Conditional(condition, then, otherwise) => {
                let holds = self.scalar(condition)? != 0;
                self.value(if holds { then } else { otherwise })?
            }
            ExpressionKind::Aggregate(values) => {
                let fields = values.iter().map(|value| self.value(value)).collect::<Done<_>>()?;
                match expression.ty {
                    Type::Header(_) => Value::Header { valid: true, fields },
                    _ => Value::List(fields),
                }
            }
            ExpressionKind::InvalidHeader => zero(program, &expression.ty),
            ExpressionKind::IsValid(place) => {
                let path = self.path(place)?;
                let Value::Header { valid, .. } = self.read(&path, place) else { unreachable!() };
                Value::Scalar(valid.into())
            }
            ExpressionKind::LastIndex(place) => {
                let path = self.path(place)?;
                let Value::Stack { next, .. } = self.read(&path, place) else { unreachable!() };
                Value::Scalar(next.wrapping_sub(1) & 0xffff_ffff)
            }
            ExpressionKind::Call(call) => match self.call(call)? {
                Some(value) => value,
                None => zero(program, &expression.ty),
            },
            ExpressionKind::ApplyTable { table, hit } => {
                Value::Scalar((self.apply(*table)?.0 == *hit).into())
            }
            ExpressionKind::Lookahead => {
                let (ty, mut value) = (&expression.ty, zero(program, &expression.ty));
                let data = self.packet[self.cursor..].to_vec();
                if fill(program, ty, &mut value.clone(), &mut |_| false, 0) > data.len() {
                    return self.reject("PacketTooShort");
                }
                fill(program, ty, &mut value, &mut |place| data[place], 0);
                value
            }
            ExpressionKind::PacketLength => Value::Scalar(self.packet.len() as u128 / 8),
        })
    }

    fn binary(
        &mut self,
        operator: BinaryOperator,
        left: &'p Expression,
        right: &'p Expression,
    ) -> Done<Value> {
        let a = self.value(left)?;
        match operator {
            BinaryOperator::And if scalar(&a) == 0 => return Ok(a),
            BinaryOperator::Or if scalar(&a) != 0 => return Ok(a),
            BinaryOperator::And | BinaryOperator::Or => return self.value(right),
            _ => {}
        }
        let b = self.value(right)?;
        let (Value::Scalar(a), Value::Scalar(b)) = (&a, &b) else {
            let same = equal(&a, &b);
            return Ok(Value::Scalar((same == (operator == BinaryOperator::Equal)).into()));
        };
        let a = bits(*a, width(self.program, &left.ty));
        let b = bits(*b, width(self.program, &right.ty));
        if operator == BinaryOperator::Concatenate {
            return Ok(Value::Scalar(numbers::value(&[b, a].concat())));
        }
        let signed = matches!(left.ty, Type::Int(_));
        Ok(Value::Scalar(numbers::value(&numbers::binary(operator, &a, &b, signed))))
    }
}

fn slice(of: &Value, high: u32, low: u32) -> Value {
    Value::Scalar(numbers::value(&bits(scalar(of), 128)[low as usize..=high as usize]))
}

fn scalar(value: &Value) -> u128 {
    match value {
        Value::Scalar(value) => *value,
        other => unreachable!("{other:?} is no scalar"),
    }
}

fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Header { valid: a, fields: x }, Value::Header { valid: b, fields: y }) => {
            a == b && (!a || x.iter().zip(y).all(|(x, y)| equal(x, y)))
        }
        (Value::List(x), Value::List(y))
        | (Value::Stack { elements: x, .. }, Value::Stack { elements: y, .. }) => {
            x.iter().zip(y).all(|(x, y)| equal(x, y))
        }
        (a, b) => a == b,
    }
}

fn width(program: &Program, ty: &Type) -> u32 {
    super::super::packing::width_of(program, ty).unwrap_or(0)
}

fn high_first(value: u128, width: u32) -> impl Iterator<Item = bool> {
    bits(value, width).into_iter().rev()
}

fn fields_of<'p>(program: &'p Program, ty: &Type) -> Vec<Type> {
    match ty {
        Type::Header(id) | Type::Struct(id) => {
            let fields: &'p [Field] = &program.composites[id.index()].fields;
            fields.iter().map(|field| field.ty.clone()).collect()
        }
        Type::Tuple(types) => types.to_vec(),
        _ => Vec::new(),
    }
}

/// What a new variable holds.
pub(super) fn zero(program: &Program, ty: &Type) -> Value {
    let fields = || fields_of(program, ty).iter().map(|ty| zero(program, ty)).collect();
    match ty {
        Type::Varbit(_) => Value::Varbit(Vec::new()),
        Type::Header(_) => Value::Header { valid: false, fields: fields() },
        Type::Struct(_) | Type::Tuple(_) => Value::List(fields()),
        Type::Stack(id, count) => {
            let element = zero(program, &Type::Header(*id));
            Value::Stack { next: 0, elements: vec![element; *count as usize] }
        }
        _ => Value::Scalar(0),
    }
}

fn most_varbit(program: &Program, ty: &Type) -> usize {
    let most = fields_of(program, ty).into_iter().map(|ty| match ty {
        Type::Varbit(most) => most as usize,
        _ => 0,
    });
    most.sum()
}

/// Fills a value with the bits of a packet, and says how many it took.
fn fill(
    program: &Program,
    ty: &Type,
    value: &mut Value,
    bit: &mut dyn FnMut(usize) -> bool,
    varbit: usize,
) -> usize {
    let mut at = 0;
    match value {
        Value::Scalar(value) => {
            at = width(program, ty) as usize;
            *value = (0..at).fold(0, |value, place| value << 1 | u128::from(bit(place)));
        }
        Value::Varbit(bits) => {
            *bits = (0..varbit).map(&mut *bit).collect();
            at = varbit;
        }
        Value::Header { fields, .. } | Value::List(fields) => {
            for (field, ty) in fields.iter_mut().zip(fields_of(program, ty)) {
                let start = at;
                at += fill(program, &ty, field, &mut |place| bit(start + place), varbit);
            }
        }
        Value::Stack { .. } => unreachable!("no packet has a whole stack"),
    }
    if let Value::Header { valid, .. } = value {
        *valid = true;
    }
    at
}

/// Appends what is valid; scalars only within headers or where all are wanted.
fn emit(program: &Program, ty: &Type, value: &Value, scalars: bool, to: &mut Vec<bool>) {
    match value {
        Value::Scalar(value) if scalars => to.extend(high_first(*value, width(program, ty))),
        Value::Varbit(bits) if scalars => to.extend(bits),
        Value::Scalar(_) | Value::Varbit(_) | Value::Header { valid: false, .. } => {}
        Value::Header { fields, .. } => {
            for (field, ty) in fields.iter().zip(fields_of(program, ty)) {
                emit(program, &ty, field, true, to);
            }
        }
        Value::List(fields) => {
            for (field, ty) in fields.iter().zip(fields_of(program, ty)) {
                emit(program, &ty, field, scalars, to);
            }
        }
        Value::Stack { elements, .. } => {
            let Type::Stack(id, _) = ty else { unreachable!() };
            elements.iter().for_each(|one| emit(program, &Type::Header(*id), one, true, to));
        }
    }
}

/// RFC 1071, a word after the other.
fn internet_checksum(mut data: Vec<bool>) -> u128 {
    data.resize(data.len().div_ceil(16) * 16, false);
    let sum = data.chunks(16).fold(0_u32, |sum, word| {
        let word = word.iter().fold(0, |word, bit| word << 1 | u32::from(*bit));
        let sum = sum + word;
        (sum & 0xffff) + (sum >> 16)
    });
    u128::from(!sum & 0xffff)
}

/// The value as the executable form holds it.
pub(super) fn flatten(program: &Program, ty: &Type, value: &Value, to: &mut Vec<u128>) {
    match value {
        Value::Scalar(value) => to.push(*value),
        Value::Varbit(bits) => {
            let Type::Varbit(most) = ty else { unreachable!() };
            to.push(bits.len() as u128);
            let mut all = bits.clone();
            all.resize(most.div_ceil(128) as usize * 128, false);
            to.extend(
                all.chunks(128)
                    .map(|chunk| chunk.iter().fold(0, |value, bit| value << 1 | u128::from(*bit))),
            );
        }
        Value::Header { fields, .. } | Value::List(fields) => {
            if let Value::Header { valid, .. } = value {
                to.push((*valid).into());
            }
            for (field, ty) in fields.iter().zip(fields_of(program, ty)) {
                flatten(program, &ty, field, to);
            }
        }
        Value::Stack { next, elements } => {
            let Type::Stack(id, _) = ty else { unreachable!() };
            to.push(*next);
            elements.iter().for_each(|one| flatten(program, &Type::Header(*id), one, to));
        }
    }
}
