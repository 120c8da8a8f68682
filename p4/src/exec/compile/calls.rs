//! Calls: values are copied into parameters, and results out of them.

use crate::ir::{Argument, Call, Callee, Direction, Parameter, TableAction, VariableId};

use super::super::code::{ActionEntry, Op};
use super::super::layout::{Slot, place_of};
use super::super::walk;
use super::Compiler;
use super::places::Location;

impl<'p> Compiler<'p> {
    /// Calls, and says where the result stands until the next call of the same.
    pub(super) fn call(&mut self, call: &'p Call) -> Slot {
        let parameters = self.parameters_of(call.callee);
        let results = self.copy_in(&parameters, &call.arguments);
        self.emit(Op::Call(self.label_of(call.callee)));
        self.copy_out(&results);
        match call.callee {
            Callee::Parser(_) => self.emit(Op::JumpIfRejected(self.end)),
            Callee::Action(_) | Callee::Control(_) if self.exits.callee(call.callee) => {
                self.emit(Op::JumpIfExiting(self.end));
            }
            Callee::Action(_) | Callee::Control(_) | Callee::Function(_) => {}
        }
        match call.callee {
            Callee::Function(id) => self.results[id.index()],
            Callee::Action(_) | Callee::Control(_) | Callee::Parser(_) => 0,
        }
    }

    /// The parameters in the order of the arguments.
    fn parameters_of(&self, callee: Callee) -> Vec<Parameter> {
        let program = self.program();
        match callee {
            Callee::Action(id) => {
                let action = &program.actions[id.index()];
                let control = action.control_parameters.iter().map(|parameter| Parameter {
                    direction: Direction::In,
                    variable: parameter.variable,
                });
                action.parameters.iter().copied().chain(control).collect()
            }
            Callee::Function(id) => program.functions[id.index()].parameters.clone(),
            Callee::Control(id) => program.controls[id.index()].parameters.clone(),
            Callee::Parser(id) => program.parsers[id.index()].parameters.clone(),
        }
    }

    /// Gives parameters their values, and says which are to be copied to which places afterwards.
    fn copy_in(
        &mut self,
        parameters: &[Parameter],
        arguments: &'p [Argument],
    ) -> Vec<(Slot, Location)> {
        // What is called while the arguments are evaluated may be what is to be called.
        let nested = arguments.iter().any(has_effects);
        let (mut moves, mut cleared, mut results) = (Vec::new(), Vec::new(), Vec::new());
        for (parameter, argument) in parameters.iter().zip(arguments) {
            let to = self.storage.variable(parameter.variable);
            let count = self.size_of_variable(parameter.variable);
            let stretch = place_of(argument).and_then(|place| self.storage.stretch(place));
            let shared = count > 0 && stretch.is_some_and(|stretch| stretch.start == to);
            match argument {
                Argument::Out(_) if shared => cleared.push((to, count)),
                _ if shared => {}
                Argument::In(value) if nested => {
                    let kept = self.temporary(count);
                    self.value_into(value, kept);
                    moves.push((to, kept, count));
                }
                Argument::In(value) => self.value_into(value, to),
                Argument::Out(place) => {
                    cleared.push((to, count));
                    if let Some(place) = place {
                        results.push((to, self.locate(place)));
                    }
                }
                Argument::InOut(place) => {
                    let location = self.locate(place);
                    results.push((to, location));
                    if nested {
                        let kept = self.temporary(count);
                        self.read_into(location, kept);
                        moves.push((to, kept, count));
                    } else {
                        self.read_into(location, to);
                    }
                }
            }
        }
        moves.into_iter().for_each(|(to, from, count)| self.copy(to, from, count));
        cleared.into_iter().for_each(|(at, count)| self.clear(at, count));
        results
    }

    fn copy_out(&mut self, results: &[(Slot, Location)]) {
        for (from, location) in results {
            self.write(*location, *from);
        }
    }

    fn size_of_variable(&self, variable: VariableId) -> u32 {
        self.size(&self.program().variables[variable.index()].ty)
    }

    /// How a table runs one of its actions.
    pub(super) fn action_entry(&mut self, action: &'p TableAction) -> ActionEntry {
        let declared = &self.program().actions[action.action.index()];
        let arguments = declared.control_parameters.iter();
        let arguments =
            arguments.map(|parameter| self.storage.variable(parameter.variable)).collect();
        let body = self.label_of(Callee::Action(action.action));
        if action.arguments.is_empty() {
            let body = (!declared.body.is_empty()).then_some(body);
            return ActionEntry { body, arguments };
        }
        // Copies the arguments that stand in the table's list.
        let around = self.label();
        self.here(around);
        self.scoped(|compiler| {
            let results = compiler.copy_in(&declared.parameters, &action.arguments);
            compiler.emit(Op::Call(body));
            compiler.copy_out(&results);
        });
        self.emit(Op::Return);
        ActionEntry { body: Some(around), arguments }
    }
}

fn has_effects(argument: &Argument) -> bool {
    let mut found = false;
    walk::argument(argument, &mut |node| {
        found |= matches!(node, walk::Node::Call(_) | walk::Node::Apply(_));
    });
    found
}
