//! The statement `switch`.

use super::problem::CheckProblem;
use super::scopes::Symbol;
use super::types::Ty;
use super::{Checker, Region};
use crate::ir;
use crate::source::Span;
use crate::syntax::ast::{self, ExpressionKind, SwitchCase};

/// The cases with what is done, and what is done otherwise.
type Cases<T> = (Vec<(Vec<T>, Vec<ir::Statement>)>, Vec<ir::Statement>);

impl<'a> Checker<'a> {
    /// A switch on the action that a table ran, or on a value.
    pub(super) fn switch(
        &mut self,
        subject: &'a ast::Expression,
        cases: &'a [SwitchCase],
        out: &mut Vec<ir::Statement>,
    ) -> Option<ir::StatementKind> {
        if let ExpressionKind::Member(base, name) = &subject.kind
            && &*name.text == "action_run"
            && let Some(table) = self.applied_table(base)
        {
            let table = table?;
            let (cases, otherwise) =
                self.cases(cases, |checker, label| checker.action_label(table, label))?;
            return Some(ir::StatementKind::SwitchAction { table, cases, otherwise });
        }
        let operand = self.expression(subject)?;
        let value = self.own_value(operand)?;
        out.append(&mut self.before);
        let is_allowed = matches!(
            self.types.representation(&value.ty),
            Ty::Bit(_) | Ty::Int(_) | Ty::Enum(_) | Ty::Error
        );
        if !is_allowed {
            let (operator, wanted) = ("switch", "`bit`, `int`, an enumeration or `error`");
            let found = self.types.show(&value.ty);
            return self.refuse(subject.span, CheckProblem::Operand { operator, wanted, found });
        }
        let ty = value.ty.clone();
        let (cases, otherwise) = self.cases(cases, |checker, label| {
            let operand = checker.expression(label)?;
            checker.convert_constant(operand, &ty, "a label of a switch")
        })?;
        Some(ir::StatementKind::Switch { subject: value.expression, cases, otherwise })
    }

    fn action_label(&mut self, table: ir::TableId, label: &'a ast::Expression) -> Option<usize> {
        let ExpressionKind::Path(path) = &label.kind else {
            return self.refuse(label.span, CheckProblem::ActionLabel);
        };
        let named = self.find(path)?;
        let Symbol::Action(id) = named.symbol else {
            return self.refuse(label.span, CheckProblem::ActionLabel);
        };
        let found = self.program.tables.get(table.index())?;
        let place = found.actions.iter().position(|action| action.action == id);
        if place.is_none() {
            let (name, span) = (path.name.text.to_string(), found.span);
            let problem = CheckProblem::NotAnActionOf { name, table: found.name.to_string() };
            self.report_with(label.span, problem, vec![(span, "the table is declared here")]);
        }
        place
    }

    fn cases<T: PartialEq + Copy>(
        &mut self,
        cases: &'a [SwitchCase],
        mut label_of: impl FnMut(&mut Self, &'a ast::Expression) -> Option<T>,
    ) -> Option<Cases<T>> {
        debug_assert!(self.context.region != Region::State);
        let mut lowered: Vec<(Vec<T>, Vec<ir::Statement>)> = Vec::new();
        let mut otherwise = Vec::new();
        let mut seen: Vec<(T, Span)> = Vec::new();
        let mut pending: Vec<T> = Vec::new();
        let mut default: Option<Span> = None;
        let mut failed = false;
        for case in cases {
            if let Some(span) = default {
                let problem = CheckProblem::AfterDefault;
                self.report_with(case.span, problem, vec![(span, "the default case")]);
                return None;
            }
            match &case.label {
                None => default = Some(case.span),
                Some(label) => match label_of(self, label) {
                    Some(value) => {
                        if let Some((_, first)) = seen.iter().find(|(other, _)| *other == value) {
                            let related = vec![(*first, "the first one is here")];
                            self.report_with(label.span, CheckProblem::SecondCase, related);
                            failed = true;
                        }
                        seen.push((value, label.span));
                        pending.push(value);
                    }
                    None => failed = true,
                },
            }
            let Some(body) = &case.body else { continue };
            let statements = self.block_statements(body);
            if default.is_some() {
                // Labels before it that fall through do the same as all others.
                pending.clear();
                otherwise = statements;
            } else {
                lowered.push((std::mem::take(&mut pending), statements));
            }
        }
        if !pending.is_empty() && default.is_none() {
            lowered.push((pending, Vec::new()));
        }
        if failed { None } else { Some((lowered, otherwise)) }
    }
}
