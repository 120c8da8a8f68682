//! Calls: of functions, actions, tables, parsers and controls, and of methods of values.

use super::arguments::{self, fits};
use super::blocks::Direct;
use super::operands::{Operand, Value};
use super::problem::CheckProblem;
use super::scopes::{BlockInstance, BlockKind, Symbol};
use super::similar::similar;
use super::types::Ty;
use super::{Checker, Region, members};
use crate::ir;
use crate::source::Span;
use crate::syntax::ast::{self, Argument, ExpressionKind};

/// What a call comes to.
#[derive(Clone, Debug)]
pub(super) enum Called {
    /// A value.
    Value(Operand),
    /// Something to do without a result; none if nothing is left to do when packets are processed.
    Statement(Option<ir::StatementKind>),
}

impl<'a> Checker<'a> {
    /// A call.
    pub(super) fn call(
        &mut self,
        function: &'a ast::Expression,
        type_arguments: &'a [ast::Type],
        arguments: &'a [Argument],
        span: Span,
    ) -> Option<Called> {
        self.charge(1, span)?;
        match &function.kind {
            ExpressionKind::Path(path) => {
                let named = self.find(path)?;
                match named.symbol {
                    Symbol::Functions(ids) => {
                        self.no_type_arguments(&path.name, type_arguments, span)?;
                        self.call_function(&path.name, &ids, arguments, span)
                    }
                    Symbol::ExternFunctions(prototypes) => self.call_extern_function(
                        &path.name,
                        &prototypes,
                        type_arguments,
                        arguments,
                        span,
                    ),
                    Symbol::Action(id) => self.call_action(id, arguments, span),
                    Symbol::ExternType(_) | Symbol::Block(_) | Symbol::Package(_) => {
                        self.refuse(span, CheckProblem::ConstructorHere)
                    }
                    Symbol::Table(_) | Symbol::BlockInstance(_) => {
                        let name = path.name.text.to_string();
                        self.refuse(span, CheckProblem::WithoutApply { name })
                    }
                    other => {
                        let (name, is) = (path.name.text.to_string(), other.what());
                        let wanted = "something that can be called";
                        let problem = CheckProblem::NotA { name, wanted, is };
                        self.report_with(span, problem, vec![(named.span, "declared here")]);
                        None
                    }
                }
            }
            ExpressionKind::Member(base, method) => {
                self.call_method(base, method, type_arguments, arguments, span)
            }
            _ => self.refuse(function.span, CheckProblem::NotCallable),
        }
    }

    fn no_type_arguments(
        &mut self,
        name: &ast::Name,
        type_arguments: &'a [ast::Type],
        span: Span,
    ) -> Option<()> {
        if type_arguments.is_empty() {
            return Some(());
        }
        let name = name.text.to_string();
        self.refuse(span, CheckProblem::NotGeneric { name })
    }

    fn call_function(
        &mut self,
        name: &'a ast::Name,
        ids: &[ir::FunctionId],
        arguments: &'a [Argument],
        span: Span,
    ) -> Option<Called> {
        let parameters = |checker: &Checker<'a>, id: &ir::FunctionId| {
            checker.function_parameters.get(id.index()).cloned()
        };
        let mut chosen = None;
        for id in ids {
            let found = parameters(self, id)?;
            if fits(&arguments::parameter_names(&found), arguments) {
                if chosen.is_some() {
                    let name = name.text.to_string();
                    return self.refuse(span, CheckProblem::Ambiguous { name });
                }
                chosen = Some((*id, found));
            }
        }
        let (id, parameters) = match (chosen, ids) {
            (Some(chosen), _) => chosen,
            (None, [only]) => (*only, parameters(self, only)?),
            (None, _) => {
                let name = name.text.to_string();
                return self.refuse(span, CheckProblem::NoOverload { name });
            }
        };
        let declared = self.function_spans.get(id.index()).copied()?;
        let called = arguments::Called { name: &name.text, declared, span };
        let arguments = self.lower_arguments(&called, &parameters, arguments, false)?;
        let call = ir::Call { callee: ir::Callee::Function(id), arguments };
        let result = self.function_results.get(id.index())?.clone();
        if result == Ty::Void {
            return Some(Called::Statement(Some(ir::StatementKind::Call(call))));
        }
        let kind = ir::ExpressionKind::Call(Box::new(call));
        self.operand(result, kind, span).map(Called::Value)
    }

    fn call_action(
        &mut self,
        id: ir::ActionId,
        arguments: &'a [Argument],
        span: Span,
    ) -> Option<Called> {
        if !matches!(self.context.region, Region::Apply | Region::Action) {
            let (what, wanted) = ("a call of an action", "in actions and `apply` of controls");
            return self.refuse(span, CheckProblem::Misplaced { what, wanted });
        }
        let parameters = self.action_parameters.get(id.index())?.clone();
        let action = self.program.actions.get(id.index())?;
        let (name, declared) = (action.name.clone(), action.span);
        let called = arguments::Called { name: &name, declared, span };
        let arguments = self.lower_arguments(&called, &parameters, arguments, false)?;
        let call = ir::Call { callee: ir::Callee::Action(id), arguments };
        Some(Called::Statement(Some(ir::StatementKind::Call(call))))
    }

    fn call_method(
        &mut self,
        base: &'a ast::Expression,
        method: &'a ast::Name,
        type_arguments: &'a [ast::Type],
        arguments: &'a [Argument],
        span: Span,
    ) -> Option<Called> {
        if let ExpressionKind::Path(path) = &base.kind {
            let named = self.find(path)?;
            match named.symbol {
                Symbol::Packet(packet) => {
                    return self.packet_method(packet, method, type_arguments, arguments, span);
                }
                Symbol::ExternInstance(instance) => {
                    return self.instance_method(&instance, method, arguments, span);
                }
                Symbol::Table(table) if &*method.text == "apply" => {
                    self.apply_table(arguments, span)?;
                    return Some(Called::Statement(Some(ir::StatementKind::ApplyTable(table))));
                }
                Symbol::BlockInstance(instance) if &*method.text == "apply" => {
                    return self.apply_block(&path.name, &instance, arguments, span);
                }
                Symbol::Block(block) if &*method.text == "apply" => {
                    match block.kind {
                        BlockKind::Parser(_) => self.only_in_states("applying a parser", span)?,
                        BlockKind::Control(_) => {
                            self.only_in_apply("applying a control", span)?;
                        }
                    }
                    let Direct { instance } = self.direct_instance(block, &path.name)?;
                    return self.apply_block(&path.name, &instance, arguments, span);
                }
                Symbol::Type(ty) => return self.size_method(&ty, method, arguments, span),
                Symbol::Variable(_) | Symbol::Constant(..) => {}
                other => {
                    let what = other.what();
                    let method = method.text.to_string();
                    return self.refuse(span, CheckProblem::NoMethod { what: what.into(), method });
                }
            }
        }
        self.value_method(base, method, arguments, span)
    }

    /// What must hold for a table to be applied here.
    fn apply_table(&mut self, arguments: &'a [Argument], span: Span) -> Option<()> {
        self.only_in_apply("applying a table", span)?;
        match arguments.first() {
            None => Some(()),
            Some(argument) => {
                let (callee, wanted, given) = (String::from("apply"), 0, arguments.len());
                let problem = CheckProblem::ArgumentCount { callee, wanted, given };
                self.refuse(argument.span, problem)
            }
        }
    }

    fn only_in_apply(&mut self, what: &'static str, span: Span) -> Option<()> {
        if self.context.region == Region::Apply {
            return Some(());
        }
        self.refuse(span, CheckProblem::Misplaced { what, wanted: "in `apply` of controls" })
    }

    /// The table that `t.apply()` applies; the inner none if that is wrong, the outer if it is
    /// something else.
    pub(super) fn applied_table(
        &mut self,
        expression: &'a ast::Expression,
    ) -> Option<Option<ir::TableId>> {
        let ExpressionKind::Call { function, arguments, .. } = &expression.kind else {
            return None;
        };
        let ExpressionKind::Member(base, method) = &function.kind else { return None };
        let ExpressionKind::Path(path) = &base.kind else { return None };
        if &*method.text != "apply" {
            return None;
        }
        let Symbol::Table(table) = self.scopes.find(path)?.symbol else { return None };
        Some(self.apply_table(arguments, expression.span).map(|()| table))
    }

    /// `table.apply().hit` and `.miss`
    pub(super) fn apply_result(
        &mut self,
        table: ir::TableId,
        name: &'a ast::Name,
        span: Span,
    ) -> Option<Operand> {
        let hit = match &*name.text {
            "hit" => true,
            "miss" => false,
            "action_run" => {
                let (what, wanted) = ("`action_run`", "as what a `switch` looks at");
                return self.refuse(name.span, CheckProblem::Misplaced { what, wanted });
            }
            _ => {
                let (ty, field) = (String::from("apply()"), name.text.to_string());
                let similar = similar(&field, ["hit", "miss", "action_run"].into_iter());
                return self.refuse(name.span, CheckProblem::NoField { ty, field, similar });
            }
        };
        self.operand(Ty::Bool, ir::ExpressionKind::ApplyTable { table, hit }, span)
    }

    fn apply_block(
        &mut self,
        name: &'a ast::Name,
        instance: &BlockInstance,
        arguments: &'a [Argument],
        span: Span,
    ) -> Option<Called> {
        match instance.callee {
            ir::Callee::Parser(_) => self.only_in_states("applying a parser", span)?,
            _ => self.only_in_apply("applying a control", span)?,
        }
        let called = arguments::Called { name: &name.text, declared: instance.span, span };
        let arguments = self.lower_arguments(&called, &instance.parameters, arguments, true)?;
        let call = ir::Call { callee: instance.callee, arguments };
        Some(Called::Statement(Some(ir::StatementKind::Call(call))))
    }

    /// `isValid`, `setValid`, `push_front` and the like.
    fn value_method(
        &mut self,
        base: &'a ast::Expression,
        method: &'a ast::Name,
        arguments: &'a [Argument],
        span: Span,
    ) -> Option<Called> {
        let name = &*method.text;
        if matches!(name, "minSizeInBits" | "minSizeInBytes" | "maxSizeInBits" | "maxSizeInBytes") {
            let operand = self.expression(base)?;
            let value = self.own_value(operand)?;
            return self.size_method(&value.ty, method, arguments, span);
        }
        if !(members::is_place_like(base) && self.has_variable_root(base)) {
            return self.method_of_result(base, method, arguments, span);
        }
        let found = if name == "isValid" { self.place(base)? } else { self.writable(base)? };
        let extern_call = match (&found.ty, name) {
            (Ty::Header(_), "isValid") => {
                self.no_arguments(method, arguments, span)?;
                let kind = ir::ExpressionKind::IsValid(found.place);
                return self.operand(Ty::Bool, kind, span).map(Called::Value);
            }
            (Ty::Header(_), "setValid") => {
                self.no_arguments(method, arguments, span)?;
                ir::ExternCall::SetValid(found.place)
            }
            (Ty::Header(_), "setInvalid") => {
                self.no_arguments(method, arguments, span)?;
                ir::ExternCall::SetInvalid(found.place)
            }
            (Ty::Stack(..), "push_front") => {
                let count = self.stack_count(method, arguments, span)?;
                ir::ExternCall::PushFront(found.place, count)
            }
            (Ty::Stack(..), "pop_front") => {
                let count = self.stack_count(method, arguments, span)?;
                ir::ExternCall::PopFront(found.place, count)
            }
            (other, _) => {
                let (what, method) = (self.types.show(other), method.text.to_string());
                return self.refuse(span, CheckProblem::NoMethod { what, method });
            }
        };
        Some(Called::Statement(Some(ir::StatementKind::Extern(extern_call))))
    }

    /// `isValid` of a header that stands nowhere: whether it is another one than `{#}`.
    fn method_of_result(
        &mut self,
        base: &'a ast::Expression,
        method: &'a ast::Name,
        arguments: &'a [Argument],
        span: Span,
    ) -> Option<Called> {
        match (self.expression(base)?, &*method.text) {
            (Operand::Value(value), "isValid") if matches!(value.ty, Ty::Header(_)) => {
                self.no_arguments(method, arguments, span)?;
                let invalid = self.value(value.ty, ir::ExpressionKind::InvalidHeader, span)?;
                let (left, right) = (Box::new(value.expression), Box::new(invalid.expression));
                let kind = ir::ExpressionKind::Binary(ir::BinaryOperator::NotEqual, left, right);
                self.operand(Ty::Bool, kind, span).map(Called::Value)
            }
            (Operand::Value(Value { ty: Ty::Header(_), .. }), "setValid" | "setInvalid") => {
                self.refuse(base.span, CheckProblem::NotAssignable { what: "a value" })
            }
            (operand, _) => {
                let (what, method) = (self.show_operand(&operand), method.text.to_string());
                self.refuse(span, CheckProblem::NoMethod { what, method })
            }
        }
    }

    fn no_arguments(
        &mut self,
        method: &'a ast::Name,
        arguments: &'a [Argument],
        span: Span,
    ) -> Option<()> {
        if arguments.is_empty() {
            return Some(());
        }
        let (callee, wanted, given) = (method.text.to_string(), 0, arguments.len());
        self.refuse(span, CheckProblem::ArgumentCount { callee, wanted, given })
    }

    fn stack_count(
        &mut self,
        method: &'a ast::Name,
        arguments: &'a [Argument],
        span: Span,
    ) -> Option<u32> {
        let [Argument { value: Some(value), .. }] = arguments else {
            let (callee, wanted, given) = (method.text.to_string(), 1, arguments.len());
            return self.refuse(span, CheckProblem::ArgumentCount { callee, wanted, given });
        };
        let operand = self.expression(value)?;
        let what = "how many elements are moved";
        let count = self.number_within(operand, what, 0, u64::from(u32::MAX))?;
        u32::try_from(count).ok()
    }

    /// `minSizeInBits()` and the like, of a type.
    fn size_method(
        &mut self,
        ty: &Ty,
        method: &'a ast::Name,
        arguments: &'a [Argument],
        span: Span,
    ) -> Option<Called> {
        self.no_arguments(method, arguments, span)?;
        let (least, greatest) = self.types.widths(ty).unzip();
        let size = match (&*method.text, least, greatest) {
            ("minSizeInBits", Some(bits), _) | ("maxSizeInBits", _, Some(bits)) => bits,
            ("minSizeInBytes", Some(bits), _) | ("maxSizeInBytes", _, Some(bits)) => {
                bits.div_ceil(8)
            }
            _ => {
                let (what, method) = (self.types.show(ty), method.text.to_string());
                return self.refuse(span, CheckProblem::NoMethod { what, method });
            }
        };
        Some(Called::Value(Operand::Integer(size.into(), span)))
    }
}
