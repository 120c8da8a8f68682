//! Parsers and their states.

use crate::ir::{Expression, Parser, Target, Transition, Type, ValueSet};

use super::super::code::{Op, StateName};
use super::super::layout::Slot;
use super::super::operators::Operator;
use super::{Compiler, Label};

impl<'p> Compiler<'p> {
    pub(super) fn parser(&mut self, label: Label, parser: &'p Parser) {
        self.begin(label, None);
        self.statements(&parser.initial);
        let states = self.labels_for(parser.states.len());
        self.emit(Op::Jump(states + parser.start as u32));
        for (state, to) in parser.states.iter().zip(states..) {
            self.here(to);
            let (name, reject) = (self.code.states.len() as u32, self.end);
            let (parser, state_name) = (parser.name.clone(), state.name.clone());
            self.code.states.push(StateName { parser, state: state_name });
            self.emit(Op::State { state: name, reject });
            self.statements(&state.statements);
            self.scoped(|compiler| compiler.transition(&state.transition, states));
        }
        self.finish_callable();
    }

    fn transition(&mut self, transition: &'p Transition, states: Label) {
        match transition {
            Transition::Direct(Target::State(state)) => {
                self.emit(Op::Jump(states + *state as u32));
            }
            Transition::Direct(Target::Accept) => self.emit(Op::Jump(self.end)),
            Transition::Direct(Target::Reject) => self.reject("NoError"),
            Transition::Select { keys, cases } => self.select(keys, cases, states),
        }
    }

    fn reject(&mut self, error: &str) {
        let value = self.error(error);
        let error = self.constant(value);
        self.emit(Op::Reject { error, to: self.end });
    }

    /// The value of an error of core.p4.
    fn error(&self, name: &str) -> u128 {
        self.program()
            .errors
            .iter()
            .zip(0..)
            .find(|(error, _)| ***error == *name)
            .map_or(0, |e| e.1)
    }

    fn select(
        &mut self,
        keys: &'p [Expression],
        cases: &'p [(Vec<ValueSet>, Target)],
        states: Label,
    ) {
        let expressions: Vec<_> = keys.iter().collect();
        let slots = self.values(&expressions);
        let (reject, no_match) = (self.label(), self.label());
        let label_of = |target: &Target, end: Label| match target {
            Target::State(state) => states + *state as u32,
            Target::Accept => end,
            Target::Reject => reject,
        };
        let plain = plain_cases(cases);
        if let Some((values, otherwise)) = &plain {
            let end = self.end;
            let values = values.iter().map(|(value, to)| (*value, label_of(to, end))).collect();
            let otherwise = otherwise.as_ref().map_or(no_match, |to| label_of(to, end));
            self.choose(slots[0], values, otherwise);
        } else {
            for (sets, target) in cases {
                let next = self.label();
                for ((set, key), slot) in sets.iter().zip(keys).zip(&slots) {
                    self.jump_unless_in(set, &key.ty, *slot, next);
                }
                let to = label_of(target, self.end);
                self.emit(Op::Jump(to));
                self.here(next);
            }
        }
        self.here(no_match);
        self.reject("NoMatch");
        self.here(reject);
        self.reject("NoError");
    }

    /// Jumps to the label unless the set holds the value.
    fn jump_unless_in(&mut self, set: &ValueSet, ty: &Type, subject: Slot, to: Label) {
        match *set {
            ValueSet::Any => {}
            ValueSet::Value(value) => {
                let right = self.constant(value);
                self.emit(Op::JumpUnlessEqual { left: subject, right, to });
            }
            ValueSet::Mask { value, mask } => {
                let (value, mask) = (self.constant(value & mask), self.constant(mask));
                self.emit(Op::JumpUnlessMasked { subject, value, mask, to });
            }
            ValueSet::Range { low, high } => {
                let operator = match ty {
                    Type::Int(_) => Operator::LessEqualSigned,
                    _ => Operator::LessEqual,
                };
                let width = self.width(ty) as u8;
                let (low, high) = (self.constant(low), self.constant(high));
                let condition = self.temporary(1);
                for (left, right) in [(low, subject), (subject, high)] {
                    self.emit(Op::Binary { operator, width, to: condition, left, right });
                    self.emit(Op::JumpUnless { condition, to });
                }
            }
        }
    }
}

/// The cases of a select with one key that are single values, with what is behind them, if there
/// are no others.
#[expect(clippy::type_complexity, reason = "it is taken apart at once")]
fn plain_cases(cases: &[(Vec<ValueSet>, Target)]) -> Option<(Vec<(u128, Target)>, Option<Target>)> {
    let mut values = Vec::new();
    for (sets, target) in cases {
        match sets.as_slice() {
            [ValueSet::Value(value)] => values.push((*value, *target)),
            [ValueSet::Any] => return Some((values, Some(*target))),
            _ => return None,
        }
    }
    (!values.is_empty()).then_some((values, None))
}
