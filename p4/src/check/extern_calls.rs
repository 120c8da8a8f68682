//! Methods of packets, counters and registers.

use std::sync::Arc;

use super::Checker;
use super::Region;
use super::arguments::{Bound, fits, prototype_names};
use super::calls::Called;
use super::operands::Operand;
use super::problem::CheckProblem;
use super::scopes::{ExternInstance, Symbol};
use super::types::{ExternClass, Packet, Ty};
use crate::ir::{self, ExternCall};
use crate::source::Span;
use crate::syntax::ast::{self, Argument};

/// What an extern does, as a call without result.
pub(super) fn performs(call: ExternCall) -> Option<Called> {
    Some(Called::Statement(Some(ir::StatementKind::Extern(call))))
}

impl<'a> Checker<'a> {
    /// A method of a packet.
    pub(super) fn packet_method(
        &mut self,
        packet: Packet,
        method: &'a ast::Name,
        type_arguments: &'a [ast::Type],
        arguments: &'a [Argument],
        span: Span,
    ) -> Option<Called> {
        let name = match packet {
            Packet::In => "packet_in",
            Packet::Out => "packet_out",
        };
        let Some(Symbol::ExternType(declaration)) =
            self.scopes.find_global(name).map(|named| named.symbol.clone())
        else {
            return None;
        };
        let prototype = self.method(declaration, method, arguments, span)?;
        let (bound, types) =
            self.extern_arguments(prototype, &[], type_arguments, arguments, span)?;
        let mut bound = bound.into_iter();
        match (packet, &*method.text, bound.next(), bound.next()) {
            (Packet::In, "extract", Some(header), size) => {
                self.only_in_states("`extract`", span)?;
                self.extract(header, size, types, span)
            }
            (Packet::In, "lookahead", None, None) => {
                self.only_in_states("`lookahead`", span)?;
                self.lookahead(types, span)
            }
            (Packet::In, "advance", Some(Bound::Value(bits)), None) => {
                self.only_in_states("`advance`", span)?;
                performs(ExternCall::Advance(bits.expression))
            }
            (Packet::In, "length", None, None) => {
                let kind = ir::ExpressionKind::PacketLength;
                self.operand(Ty::Bit(32), kind, span).map(Called::Value)
            }
            (Packet::Out, "emit", Some(Bound::Value(value)), None) => {
                if self.context.region != Region::Apply {
                    let (what, wanted) = ("`emit`", "in `apply` of controls");
                    return self.refuse(span, CheckProblem::Misplaced { what, wanted });
                }
                if !self.types.is_emitted(&value.ty) {
                    let found = self.types.show(&value.ty);
                    let wanted = "a header, or a stack, struct or tuple of headers";
                    let operator = "emit";
                    return self.refuse(span, CheckProblem::Operand { operator, wanted, found });
                }
                performs(ExternCall::Emit(value.expression))
            }
            _ => self.unsupported(span, format!("`{name}.{method}` in this form")),
        }
    }

    fn extract(
        &mut self,
        header: Bound,
        size: Option<Bound>,
        types: Vec<Option<Ty>>,
        span: Span,
    ) -> Option<Called> {
        let ty = match (&header, types.into_iter().next().flatten()) {
            (Bound::Place(found), _) => found.ty.clone(),
            (_, Some(ty)) => ty,
            (_, None) => return self.refuse(span, CheckProblem::UnknownTypeArgument),
        };
        let Ty::Header(id) = ty else {
            let (operator, wanted) = ("extract", "a header");
            let found = self.types.show(&ty);
            return self.refuse(span, CheckProblem::Operand { operator, wanted, found });
        };
        let has_varbit = self.types.has_varbit(&ty);
        match (header, size) {
            (Bound::Place(found), None) if !has_varbit => {
                performs(ExternCall::Extract(ir::ExtractTo::Place(found.place)))
            }
            (Bound::Nothing, None) if !has_varbit => {
                performs(ExternCall::Extract(ir::ExtractTo::Nothing(id)))
            }
            (Bound::Place(found), Some(Bound::Value(size))) if has_varbit => {
                performs(ExternCall::ExtractVariable(found.place, size.expression))
            }
            (_, size) => {
                let ty = self.types.show(&ty);
                let problem = if size.is_some() {
                    CheckProblem::ExtractWithoutVarbit { ty }
                } else {
                    CheckProblem::ExtractVarbit { ty }
                };
                self.refuse(span, problem)
            }
        }
    }

    fn lookahead(&mut self, types: Vec<Option<Ty>>, span: Span) -> Option<Called> {
        let Some(ty) = types.into_iter().next().flatten() else {
            return self.refuse(span, CheckProblem::UnknownTypeArgument);
        };
        if self.types.fixed_width(&ty).is_none() || matches!(ty, Ty::Stack(..)) {
            let (operator, wanted) = ("lookahead", "a type of a fixed width");
            let found = self.types.show(&ty);
            return self.refuse(span, CheckProblem::Operand { operator, wanted, found });
        }
        self.operand(ty, ir::ExpressionKind::Lookahead, span).map(Called::Value)
    }

    /// The method of that name that takes so many arguments.
    fn method(
        &mut self,
        declaration: &'a ast::Extern,
        method: &'a ast::Name,
        arguments: &'a [Argument],
        span: Span,
    ) -> Option<&'a ast::Prototype> {
        let named: Vec<&'a ast::Prototype> = declaration
            .methods
            .iter()
            .filter(|prototype| {
                prototype.name.text == method.text && prototype.name.text != declaration.name.text
            })
            .collect();
        let fitting = |prototype: &&&ast::Prototype| fits(&prototype_names(prototype), arguments);
        match (named.as_slice(), named.iter().find(fitting)) {
            ([], _) => {
                let (what, method) = (declaration.name.text.to_string(), method.text.to_string());
                self.refuse(span, CheckProblem::NoMethod { what, method })
            }
            (_, Some(prototype)) => Some(prototype),
            ([only], None) => Some(only),
            (_, None) => {
                let name = method.text.to_string();
                self.refuse(span, CheckProblem::NoOverload { name })
            }
        }
    }

    /// A method of a counter or register.
    pub(super) fn instance_method(
        &mut self,
        instance: &ExternInstance<'a>,
        method: &'a ast::Name,
        arguments: &'a [Argument],
        span: Span,
    ) -> Option<Called> {
        let ExternInstance { id, class, declaration, arguments: types } = instance;
        if !matches!(self.context.region, Region::Apply | Region::Action) {
            let (what, wanted) =
                ("a method of a counter or register", "in actions and `apply` of controls");
            return self.refuse(span, CheckProblem::Misplaced { what, wanted });
        }
        let prototype = self.method(declaration, method, arguments, span)?;
        let names = declaration.type_parameters.iter().map(|name| name.text.clone());
        let outer: Vec<(Arc<str>, Ty)> = names.zip(types.iter().cloned()).collect();
        let (bound, _) = self.extern_arguments(prototype, &outer, &[], arguments, span)?;
        let mut bound = bound.into_iter();
        match (class, &*method.text, bound.next(), bound.next()) {
            (ExternClass::Counter, "count", Some(Bound::Value(index)), None) => {
                performs(ExternCall::Count(*id, index.expression))
            }
            (ExternClass::DirectCounter, "count", None, None) => {
                performs(ExternCall::CountDirect(*id))
            }
            (
                ExternClass::Register,
                "read",
                Some(Bound::Place(result)),
                Some(Bound::Value(index)),
            ) => performs(ExternCall::ReadRegister(*id, result.place, index.expression)),
            (
                ExternClass::Register,
                "write",
                Some(Bound::Value(index)),
                Some(Bound::Value(value)),
            ) => performs(ExternCall::WriteRegister(*id, index.expression, value.expression)),
            _ => {
                let what = format!("`{}.{method}` in this form", class.name());
                self.unsupported(span, what)
            }
        }
    }

    /// A boolean known at compile time, as an operand.
    pub(super) fn truth(&mut self, value: bool, span: Span) -> Option<Operand> {
        self.scalar(Ty::Bool, u128::from(value), span)
    }
}
