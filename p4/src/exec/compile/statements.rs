//! Statements.

use crate::ir::{Expression, ExpressionKind, Place, Statement, StatementKind, TableId};

use super::super::code::{Dispatch, Op};
use super::super::layout::{Slot, Stretch};
use super::super::walk;
use super::places::Location;
use super::{Compiler, Label};

/// From how many cases on they are searched, not compared one after the other.
const MANY_CASES: usize = 5;

impl<'p> Compiler<'p> {
    pub(super) fn statements(&mut self, list: &'p [Statement]) {
        for statement in list {
            self.scoped(|compiler| compiler.statement(statement));
        }
    }

    fn statement(&mut self, statement: &'p Statement) {
        match &statement.kind {
            StatementKind::Assign(to, value) => self.assign(to, value),
            StatementKind::Clear(variable) => {
                let size = self.size(&self.program().variables[variable.index()].ty);
                self.clear(self.storage.variable(*variable), size);
            }
            StatementKind::Call(call) => {
                self.call(call);
            }
            StatementKind::If { condition, then, otherwise } => {
                let (no, end) = (self.label(), self.label());
                self.scoped(|compiler| compiler.jump_unless(condition, no));
                self.statements(then);
                if otherwise.is_empty() {
                    self.here(no);
                } else {
                    self.emit(Op::Jump(end));
                    self.here(no);
                    self.statements(otherwise);
                }
                self.here(end);
            }
            StatementKind::Switch { subject, cases, otherwise } => {
                let subject = self.value(subject);
                let values = cases.iter().map(|(values, _)| values.clone()).collect();
                let bodies: Vec<_> = cases.iter().map(|(_, body)| body.as_slice()).collect();
                self.switch(subject, values, &bodies, otherwise);
            }
            StatementKind::SwitchAction { table, cases, otherwise } => {
                self.apply(*table);
                let subject = self.code.tables[table.index()].action;
                let values = cases.iter();
                let values = values
                    .map(|(actions, _)| actions.iter().map(|action| *action as u128).collect());
                let values = values.collect();
                let bodies: Vec<_> = cases.iter().map(|(_, body)| body.as_slice()).collect();
                self.switch(subject, values, &bodies, otherwise);
            }
            StatementKind::ApplyTable(table) => self.apply(*table),
            StatementKind::Exit => self.emit(Op::Exit { to: self.end }),
            StatementKind::Return(value) => {
                if let (Some(value), Some(result)) = (value, self.result) {
                    // What is returned may read what an earlier return left there no more.
                    self.value_into(value, result);
                }
                self.emit(Op::Jump(self.end));
            }
            StatementKind::Extern(call) => self.extern_call(call, statement.span),
        }
    }

    fn assign(&mut self, to: &'p Place, value: &'p Expression) {
        let location = self.locate(to);
        let direct = location.address.is_none()
            && location.bits.is_none()
            && (self.is_scalar(&value.ty) || !self.may_read(value, location));
        if direct {
            self.value_into(value, location.offset);
        } else {
            let from = self.value(value);
            self.write(location, from);
        }
    }

    /// Whether an aggregate that is put together piece by piece at the place might read what has
    /// been overwritten, or might not come to its end because a parser rejects.
    fn may_read(&self, value: &'p Expression, at: Location) -> bool {
        if matches!(value.kind, ExpressionKind::Read(_)) {
            return false;
        }
        let at = Stretch { start: at.offset, count: at.count };
        let mut found = walk::has_effects(value);
        walk::expression(value, &mut |node| match node {
            walk::Node::Place(place) => {
                let stretch = self.storage.stretch(place);
                found |= stretch.is_none_or(|stretch| stretch.overlaps(at));
            }
            walk::Node::Lookahead => found = true,
            walk::Node::Statement(_) | walk::Node::Call(_) | walk::Node::Apply(_) => {}
        });
        found
    }

    /// Goes to the body whose values have the subject's.
    fn switch(
        &mut self,
        subject: Slot,
        values: Vec<Vec<u128>>,
        bodies: &[&'p [Statement]],
        otherwise: &'p [Statement],
    ) {
        let end = self.label();
        let default = self.label();
        let mut cases = Vec::new();
        let mut labels = Vec::new();
        for values in values {
            let label = self.label();
            labels.push(label);
            cases.extend(values.into_iter().map(|value| (value, label)));
        }
        self.choose(subject, cases, default);
        for (label, body) in labels.into_iter().zip(bodies) {
            self.here(label);
            self.statements(body);
            self.emit(Op::Jump(end));
        }
        self.here(default);
        self.statements(otherwise);
        self.here(end);
    }

    /// Jumps to the label of the first case that has the subject's value.
    pub(super) fn choose(
        &mut self,
        subject: Slot,
        mut cases: Vec<(u128, Label)>,
        otherwise: Label,
    ) {
        if cases.len() < MANY_CASES {
            for (value, to) in cases {
                let right = self.constant(value);
                self.emit(Op::JumpIfEqual { left: subject, right, to });
            }
            self.emit(Op::Jump(otherwise));
            return;
        }
        cases.sort_by_key(|(value, _)| *value);
        cases.dedup_by_key(|(value, _)| *value);
        let dispatch = self.code.dispatches.len() as u32;
        self.code.dispatches.push(Dispatch { cases, otherwise });
        self.emit(Op::Dispatch { subject, dispatch });
    }

    /// Applies a table; afterwards the slots of its result are set.
    pub(super) fn apply(&mut self, table: TableId) {
        let program = self.program();
        let keys: Vec<_> =
            program.tables[table.index()].keys.iter().map(|key| &key.expression).collect();
        let keys = self.values(&keys);
        let apply = self.code.applies.len() as u32;
        self.code.applies.push(super::super::code::Apply { table: table.0, keys });
        self.emit(Op::Apply(apply));
        if self.exits.table(table) {
            self.emit(Op::JumpIfExiting(self.end));
        }
    }
}
