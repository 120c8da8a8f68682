//! Statements.

use std::sync::Arc;

use super::calls::Called;
use super::operands::Operand;
use super::problem::CheckProblem;
use super::scopes::{Symbol, Variable};
use super::types::Ty;
use super::{Checker, Region};
use crate::ir;
use crate::source::Span;
use crate::syntax::ast::{self, DeclarationKind, ExpressionKind, StatementKind};

impl<'a> Checker<'a> {
    /// Statements in a scope of their own.
    pub(super) fn block_statements(&mut self, block: &'a ast::Block) -> Vec<ir::Statement> {
        self.scoped(|checker| checker.statements(&block.statements))
    }

    /// Statements in the present scope.
    pub(super) fn statements(&mut self, statements: &'a [ast::Statement]) -> Vec<ir::Statement> {
        let mut lowered = Vec::new();
        for statement in statements {
            self.statement(statement, &mut lowered);
        }
        lowered
    }

    /// A statement as the body of another one.
    fn body(&mut self, statement: &'a ast::Statement) -> Vec<ir::Statement> {
        self.scoped(|checker| {
            let mut lowered = Vec::new();
            checker.statement(statement, &mut lowered);
            lowered
        })
    }

    fn statement(&mut self, statement: &'a ast::Statement, out: &mut Vec<ir::Statement>) {
        let span = statement.span;
        let outer = std::mem::take(&mut self.before);
        let kind = self.nested(span, |checker| {
            checker.charge(1, span)?;
            checker.statement_within(statement, out)
        });
        out.append(&mut self.before);
        self.before = outer;
        out.extend(kind.map(|kind| ir::Statement { kind, span }));
    }

    fn statement_within(
        &mut self,
        statement: &'a ast::Statement,
        out: &mut Vec<ir::Statement>,
    ) -> Option<ir::StatementKind> {
        let span = statement.span;
        match &statement.kind {
            StatementKind::Empty => None,
            StatementKind::Assign { place, value } => self.assignment(place, value),
            StatementKind::Call(call) => self.call_statement(call),
            StatementKind::If { condition, then, otherwise } => {
                let condition = self.condition(condition);
                out.append(&mut self.before);
                let then = self.body(then);
                let otherwise = otherwise.as_ref().map(|statement| self.body(statement));
                let (condition, otherwise) = (condition?, otherwise.unwrap_or_default());
                Some(ir::StatementKind::If { condition, then, otherwise })
            }
            StatementKind::Switch { subject, cases } => {
                if self.context.region == Region::State {
                    let (what, wanted) = ("`switch`", "outside of parsers");
                    return self.refuse(span, CheckProblem::Misplaced { what, wanted });
                }
                self.switch(subject, cases, out)
            }
            StatementKind::Block(block) => {
                let mut lowered = self.block_statements(block);
                out.append(&mut lowered);
                None
            }
            StatementKind::Exit => {
                if !matches!(self.context.region, Region::Apply | Region::Action) {
                    let (what, wanted) = ("`exit`", "in actions and `apply` of controls");
                    return self.refuse(span, CheckProblem::Misplaced { what, wanted });
                }
                Some(ir::StatementKind::Exit)
            }
            StatementKind::Return(value) => self.return_statement(value.as_ref(), span),
            StatementKind::Declaration(declaration) => {
                self.local_declaration(declaration, out);
                None
            }
            StatementKind::Unsupported(what) => self.unsupported(span, *what),
        }
    }

    fn assignment(
        &mut self,
        place: &'a ast::Expression,
        value: &'a ast::Expression,
    ) -> Option<ir::StatementKind> {
        let place = self.writable(place);
        let value = self.expression(value);
        let (place, value) = (place?, value?);
        let value = self.convert(value, &place.ty)?;
        Some(ir::StatementKind::Assign(place.place, value))
    }

    fn call_statement(&mut self, call: &'a ast::Expression) -> Option<ir::StatementKind> {
        let ExpressionKind::Call { function, type_arguments, arguments } = &call.kind else {
            return self.refuse(call.span, CheckProblem::NotCallable);
        };
        match self.call(function, type_arguments, arguments, call.span)? {
            Called::Statement(kind) => kind,
            Called::Value(Operand::Value(value)) => match value.expression.kind {
                ir::ExpressionKind::Call(call) => Some(ir::StatementKind::Call(*call)),
                ir::ExpressionKind::Lookahead => {
                    // It may reject the packet, so that it is not without effect.
                    let id = self.variable(Arc::from("lookahead"), &value.ty, call.span)?;
                    let place = ir::Place::Variable(id);
                    Some(ir::StatementKind::Assign(place, value.expression))
                }
                _ => None,
            },
            Called::Value(_) => None,
        }
    }

    fn return_statement(
        &mut self,
        value: Option<&'a ast::Expression>,
        span: Span,
    ) -> Option<ir::StatementKind> {
        if let Region::State | Region::ParserLocals | Region::ControlLocals = self.context.region {
            let (what, wanted) = ("`return`", "in functions, actions and controls");
            return self.refuse(span, CheckProblem::Misplaced { what, wanted });
        }
        let result = self.context.result.clone();
        match value {
            None if result == Ty::Void => Some(ir::StatementKind::Return(None)),
            None => {
                let ty = self.types.show(&result);
                self.refuse(span, CheckProblem::ReturnWithout { ty })
            }
            Some(value) if result == Ty::Void => self.refuse(value.span, CheckProblem::ReturnValue),
            Some(value) => {
                let operand = self.expression(value)?;
                let value = self.convert(operand, &result)?;
                Some(ir::StatementKind::Return(Some(value)))
            }
        }
    }

    /// A declaration among statements, or of a variable of a parser or control.
    pub(super) fn local_declaration(
        &mut self,
        declaration: &'a ast::Declaration,
        out: &mut Vec<ir::Statement>,
    ) {
        match &declaration.kind {
            DeclarationKind::Variable(variable) => {
                let statement = self.variable_declaration(variable, declaration.span);
                out.append(&mut self.before);
                out.extend(statement);
            }
            DeclarationKind::Constant(constant) => self.constant(constant),
            DeclarationKind::Instance(instance) => {
                let (what, wanted) = ("an instance", "outside of statements");
                self.report(declaration.span, CheckProblem::Misplaced { what, wanted });
                self.declare(&instance.name, Symbol::Poison);
            }
            _ => {
                let (what, wanted) = ("this declaration", "outside of statements");
                self.report(declaration.span, CheckProblem::Misplaced { what, wanted });
            }
        }
    }

    fn variable_declaration(
        &mut self,
        variable: &'a ast::Variable,
        span: Span,
    ) -> Option<ir::Statement> {
        let ty = self.value_type(&variable.ty);
        let initial = variable.initial.as_ref().map(|initial| self.expression(initial));
        let Some(ty) = ty else {
            self.declare(&variable.name, Symbol::Poison);
            return None;
        };
        let id = self.variable(variable.name.text.clone(), &ty, variable.name.span);
        let initial = match initial {
            Some(Some(operand)) => self.convert(operand, &ty).map(Some),
            Some(None) => None,
            None => Some(None),
        };
        let Some(id) = id else {
            self.declare(&variable.name, Symbol::Poison);
            return None;
        };
        let symbol = Symbol::Variable(Variable { id, ty, read_only: None });
        self.declare(&variable.name, symbol);
        let kind = match initial? {
            Some(value) => ir::StatementKind::Assign(ir::Place::Variable(id), value),
            None => ir::StatementKind::Clear(id),
        };
        Some(ir::Statement { kind, span })
    }
}

/// Whether the statements end with a `return` or `exit` on every way.
pub(super) fn always_returns(statements: &[ir::Statement]) -> bool {
    statements.iter().any(|statement| match &statement.kind {
        ir::StatementKind::Return(_) | ir::StatementKind::Exit => true,
        ir::StatementKind::If { then, otherwise, .. } => {
            always_returns(then) && always_returns(otherwise)
        }
        ir::StatementKind::Switch { cases, otherwise, .. } => {
            cases.iter().all(|(_, body)| always_returns(body)) && always_returns(otherwise)
        }
        _ => false,
    })
}
