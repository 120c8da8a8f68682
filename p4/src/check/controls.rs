//! Controls.

use std::sync::Arc;

use super::functions::lowered_parameters;
use super::problem::CheckProblem;
use super::scopes::Parameter;
use super::{Checker, Context, Region, next_index};
use crate::ir;
use crate::syntax::ast::{self, DeclarationKind};

impl<'a> Checker<'a> {
    /// An instance of a control, whose parameters are declared.
    pub(super) fn control(
        &mut self,
        control: &'a ast::Control,
        parameters: &[Parameter],
        name: Arc<str>,
    ) -> Option<ir::ControlId> {
        let mut body = Vec::new();
        self.block_locals(&control.locals, &mut body);
        let context = Context { region: Region::Apply, ..self.context.clone() };
        let mut applied = self.within(context, |checker| checker.block_statements(&control.body));
        body.append(&mut applied);
        let id = ir::ControlId(next_index(&self.program.controls));
        let parameters = lowered_parameters(parameters);
        self.program.controls.push(ir::Control { name, parameters, body });
        Some(id)
    }

    /// The declarations of a parser or control; the initial values of variables go to `initial`.
    pub(super) fn block_locals(
        &mut self,
        locals: &'a [ast::Declaration],
        initial: &mut Vec<ir::Statement>,
    ) {
        let in_control = self.context.region == Region::ControlLocals;
        for declaration in locals {
            let ast::Declaration { annotations, span, kind } = declaration;
            match kind {
                DeclarationKind::Variable(_) | DeclarationKind::Constant(_) => {
                    self.local_declaration(declaration, initial);
                }
                DeclarationKind::Instance(instance) => {
                    self.instance(instance, annotations, *span);
                }
                DeclarationKind::Action(action) if in_control => {
                    self.action(action, annotations, *span);
                }
                DeclarationKind::Table(table) if in_control => {
                    self.table(table, annotations, *span);
                }
                DeclarationKind::ValueSet(_) => self.type_or_constant(kind, annotations, *span),
                _ => {
                    let (what, wanted) = ("this declaration", "in the outermost scope");
                    self.report(*span, CheckProblem::Misplaced { what, wanted });
                }
            }
        }
    }
}
