//! The oracle: walks the trees of the checked program, with values as trees too. Clear rather than
//! efficient; every call copies in and out.

use std::collections::BTreeMap;

use super::super::externs::Externs;
use super::super::layout::Sizes;
use super::numbers::{self, bits};
use super::values::{Value, high_first, scalar, width, zero};
use crate::ir::*;

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

pub(super) type Done<T = ()> = Result<T, Flow>;

pub(super) struct Oracle<'p> {
    pub(super) program: &'p Program,
    pub(super) sizes: Sizes<'p>,
    pub(super) variables: BTreeMap<VariableId, Value>,
    pub(super) packet: Vec<bool>,
    pub(super) cursor: usize,
    pub(super) output: Vec<bool>,
    pub(super) externs: Externs,
    /// Whether an assertion did not hold.
    pub(super) stopped: bool,
    /// Where the cursor was in the last state, and since how many states it has been there.
    idle: (usize, u32),
}

impl<'p> Oracle<'p> {
    pub(super) fn new(program: &'p Program, packet: &[u8]) -> Oracle<'p> {
        let zeros = program.variables.iter().zip(0..);
        let zeros = zeros.map(|(variable, id)| (VariableId(id), zero(program, &variable.ty)));
        Oracle {
            program,
            sizes: Sizes::new(program),
            variables: zeros.collect(),
            packet: packet.iter().flat_map(|byte| high_first(u128::from(*byte), 8)).collect(),
            cursor: 0,
            output: Vec::new(),
            externs: Externs::new(program),
            stopped: false,
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

    pub(super) fn part(
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

    pub(super) fn give(&mut self, parameters: &[Parameter], shared: &[Value]) {
        for (parameter, value) in parameters.iter().zip(shared) {
            self.variables.insert(parameter.variable, value.clone());
        }
    }

    pub(super) fn take(&mut self, parameters: &[Parameter], shared: &mut [Value]) {
        for (parameter, value) in parameters.iter().zip(shared) {
            *value = self.variables[&parameter.variable].clone();
        }
    }

    /// A field of the standard metadata, after it was set if a value is given.
    pub(super) fn standard(&self, metadata: &mut Value, name: &str, set: Option<u128>) -> u128 {
        let id = self.program.pipeline.standard_metadata.index();
        let place = self.program.composites[id].fields.iter().position(|f| *f.name == *name);
        let (Value::List(fields), Some(place)) = (metadata, place) else { unreachable!() };
        if let Some(value) = set {
            fields[place] = Value::Scalar(value);
        }
        scalar(&fields[place])
    }

    pub(super) fn parser(&mut self, id: ParserId) -> Done {
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

    pub(super) fn transition(&mut self, transition: &'p Transition) -> Done<Target> {
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

    pub(super) fn compare(&self, operator: BinaryOperator, ty: &Type, a: u128, b: u128) -> bool {
        let width = width(self.program, ty);
        let signed = matches!(ty, Type::Int(_));
        numbers::binary(operator, &bits(a, width), &bits(b, width), signed)[0]
    }

    pub(super) fn reject<T>(&self, name: &str) -> Done<T> {
        let place = self.program.errors.iter().position(|error| **error == *name);
        Err(Flow::Reject(place.unwrap_or(0) as u128))
    }

    /// The body of what can be called: gives what it returns.
    pub(super) fn body(&mut self, body: &'p [Statement]) -> Done<Option<Value>> {
        match self.statements(body) {
            Ok(()) => Ok(None),
            Err(Flow::Return(value)) => Ok(value),
            Err(other) => Err(other),
        }
    }

    pub(super) fn statements(&mut self, list: &'p [Statement]) -> Done {
        list.iter().try_for_each(|statement| self.statement(&statement.kind))
    }

    pub(super) fn statement(&mut self, statement: &'p StatementKind) -> Done {
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

    pub(super) fn apply(&mut self, table: TableId) -> Done<(bool, usize)> {
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

    pub(super) fn call(&mut self, call: &'p Call) -> Done<Option<Value>> {
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

    pub(super) fn copied(
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
}
