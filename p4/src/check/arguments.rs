//! Arguments and the parameters that they are for.

use std::sync::Arc;

use super::Checker;
use super::operands::{Operand, Value};
use super::places::Found;
use super::problem::CheckProblem;
use super::scopes::{Parameter, Symbol};
use super::types::Ty;
use crate::ir;
use crate::source::Span;
use crate::syntax::ast::{self, Argument, Direction};

/// What is called, for messages.
#[derive(Clone, Debug)]
pub(super) struct Called<'n> {
    pub(super) name: &'n str,
    /// Where it is declared.
    pub(super) declared: Span,
    /// The call.
    pub(super) span: Span,
}

/// An argument of an extern.
#[derive(Clone, Debug)]
pub(super) enum Bound {
    Value(Value),
    Text(Arc<str>),
    Place(Found),
    /// `_`
    Nothing,
}

/// Whether a call with these arguments can be one of these parameters, by number and names.
pub(super) fn fits(parameters: &[(&str, bool)], arguments: &[Argument]) -> bool {
    let named = arguments.iter().filter_map(|argument| argument.name.as_ref());
    let mut names = named.map(|name| &*name.text);
    let has_names = arguments.iter().any(|argument| argument.name.is_some());
    if has_names {
        names.all(|name| parameters.iter().any(|(parameter, _)| *parameter == name))
            && parameters.iter().all(|(parameter, is_optional)| {
                let is_given = |argument: &Argument| {
                    argument.name.as_ref().is_some_and(|name| &*name.text == *parameter)
                };
                *is_optional || arguments.iter().any(is_given)
            })
    } else {
        let required = parameters.iter().filter(|(_, is_optional)| !is_optional).count();
        (required..=parameters.len()).contains(&arguments.len())
    }
}

impl<'a> Checker<'a> {
    /// The argument of each parameter; none where it has a default value that is to be taken.
    pub(super) fn match_arguments(
        &mut self,
        called: &Called<'_>,
        parameters: &[(&str, bool)],
        arguments: &'a [Argument],
    ) -> Option<Vec<Option<&'a Argument>>> {
        let mut matched: Vec<Option<&'a Argument>> = vec![None; parameters.len()];
        let related = vec![(called.declared, "declared here")];
        let has_names = arguments.iter().any(|argument| argument.name.is_some());
        for (index, argument) in arguments.iter().enumerate() {
            let slot = match &argument.name {
                Some(name) => {
                    let found = parameters.iter().position(|(other, _)| *other == &*name.text);
                    if found.is_none() {
                        let (callee, name) = (String::from(called.name), name.text.to_string());
                        let problem = CheckProblem::NoParameter { callee, name };
                        self.report_with(argument.span, problem, related);
                        return None;
                    }
                    found
                }
                None if has_names => {
                    return self.refuse(argument.span, CheckProblem::MixedArguments);
                }
                None => Some(index),
            };
            match slot.and_then(|slot| matched.get_mut(slot)) {
                Some(slot @ None) => *slot = Some(argument),
                Some(Some(_)) => {
                    let name = argument.name.as_ref().map(ToString::to_string).unwrap_or_default();
                    return self.refuse(argument.span, CheckProblem::GivenTwice { name });
                }
                None => {
                    let (callee, wanted) = (String::from(called.name), parameters.len());
                    let given = arguments.len();
                    let problem = CheckProblem::ArgumentCount { callee, wanted, given };
                    self.report_with(called.span, problem, related);
                    return None;
                }
            }
        }
        for ((name, is_optional), argument) in parameters.iter().zip(&matched) {
            if argument.is_none() && !is_optional {
                let (callee, name) = (String::from(called.name), String::from(*name));
                let problem = CheckProblem::MissingArgument { callee, name };
                self.report_with(called.span, problem, related);
                return None;
            }
        }
        Some(matched)
    }

    /// The arguments of all parameters that are no packets, in their order.
    pub(super) fn lower_arguments(
        &mut self,
        called: &Called<'_>,
        parameters: &[Parameter],
        arguments: &'a [Argument],
        must_be_constant: bool,
    ) -> Option<Vec<ir::Argument>> {
        let names = parameter_names(parameters);
        let matched = self.match_arguments(called, &names, arguments)?;
        let mut lowered = Vec::new();
        let mut failed = false;
        for (parameter, argument) in parameters.iter().zip(matched) {
            if let Ty::Packet(_) = parameter.ty {
                failed |= self.packet_argument(parameter, argument).is_none();
                continue;
            }
            let result = match argument {
                Some(argument) => self.lower_argument(parameter, argument, must_be_constant),
                None => self.default_argument(parameter, called.span),
            };
            match result {
                Some(argument) => lowered.push(argument),
                None => failed = true,
            }
        }
        if failed {
            return None;
        }
        let values = lowered.iter().filter_map(|argument| match argument {
            ir::Argument::In(value) => Some(value),
            ir::Argument::Out(_) | ir::Argument::InOut(_) => None,
        });
        self.in_written_order(values.collect::<Vec<_>>().as_slice())?;
        Some(lowered)
    }

    /// Refuses a call among values that are evaluated in another order than they are written in.
    pub(super) fn in_written_order(&mut self, values: &[&ir::Expression]) -> Option<()> {
        let varying = values.iter().filter(|value| !super::operands::is_constant(value));
        if varying.map(|value| (value.span.file, value.span.start)).is_sorted() {
            return Some(());
        }
        match values.iter().find(|value| calls_something(value)) {
            Some(calling) => {
                let span = calling.span;
                let what = "a call among values that are written in another order than \
                            that of their declaration";
                self.unsupported(span, what)
            }
            None => Some(()),
        }
    }

    fn default_argument(&mut self, parameter: &Parameter, span: Span) -> Option<ir::Argument> {
        let operand = parameter.default.clone()?.at(span);
        self.charge(operand.size(), span)?;
        self.convert(operand, &parameter.ty).map(ir::Argument::In)
    }

    fn lower_argument(
        &mut self,
        parameter: &Parameter,
        argument: &'a Argument,
        must_be_constant: bool,
    ) -> Option<ir::Argument> {
        match parameter.direction {
            Direction::In | Direction::None => {
                let Some(value) = &argument.value else {
                    let name = parameter.name.to_string();
                    return self.refuse(argument.span, CheckProblem::NothingForValue { name });
                };
                let operand = self.expression(value)?;
                let converted = self.convert(operand, &parameter.ty)?;
                if must_be_constant
                    && parameter.direction == Direction::None
                    && !super::operands::is_constant(&converted)
                {
                    let what = "the argument of a parameter without direction";
                    return self.refuse(value.span, CheckProblem::NotConstant { what });
                }
                Some(ir::Argument::In(converted))
            }
            Direction::Out => {
                let Some(value) = &argument.value else { return Some(ir::Argument::Out(None)) };
                let place = self.place_argument(parameter, value)?;
                Some(ir::Argument::Out(Some(place)))
            }
            Direction::InOut => {
                let Some(value) = &argument.value else {
                    let name = parameter.name.to_string();
                    return self.refuse(argument.span, CheckProblem::NothingForValue { name });
                };
                self.place_argument(parameter, value).map(ir::Argument::InOut)
            }
        }
    }

    fn place_argument(
        &mut self,
        parameter: &Parameter,
        value: &'a ast::Expression,
    ) -> Option<ir::Place> {
        let found = self.writable(value)?;
        if found.ty != parameter.ty {
            let (expected, found) = (self.types.show(&parameter.ty), self.types.show(&found.ty));
            let related = vec![(parameter.span, "the parameter is declared here")];
            self.report_with(value.span, CheckProblem::Mismatch { expected, found }, related);
            return None;
        }
        Some(found.place)
    }

    fn packet_argument(
        &mut self,
        parameter: &Parameter,
        argument: Option<&'a Argument>,
    ) -> Option<()> {
        let argument = argument?;
        let expected = self.types.show(&parameter.ty);
        if let Some(ast::Expression { kind: ast::ExpressionKind::Path(path), .. }) = &argument.value
            && let Some(named) = self.scopes.find(path)
            && let Symbol::Packet(packet) = named.symbol
            && Ty::Packet(packet) == parameter.ty
        {
            return Some(());
        }
        let found = String::from("something else");
        self.refuse(argument.span, CheckProblem::Mismatch { expected, found })
    }

    /// The arguments of an extern function or method whose type parameters are `outer`, those of
    /// the object, and its own; with the types that its own stand for.
    pub(super) fn extern_arguments(
        &mut self,
        prototype: &'a ast::Prototype,
        outer: &[(Arc<str>, Ty)],
        type_arguments: &'a [ast::Type],
        arguments: &'a [Argument],
        span: Span,
    ) -> Option<(Vec<Bound>, Vec<Option<Ty>>)> {
        let name = &*prototype.name.text;
        let wanted = prototype.type_parameters.len();
        let given = type_arguments.len();
        if given != 0 && given != wanted {
            let name = String::from(name);
            return self.refuse(span, CheckProblem::TypeArguments { name, wanted, given });
        }
        let mut types: Vec<Option<Ty>> = vec![None; wanted];
        for (slot, written) in types.iter_mut().zip(type_arguments) {
            let ty = self.ty(written)?;
            *slot = Some(ty).filter(|ty| *ty != Ty::DontCare);
        }
        let parameter_types = self.extern_parameter_types(prototype, outer)?;
        let called = Called { name, declared: prototype.name.span, span };
        let names = prototype_names(prototype);
        let matched = self.match_arguments(&called, &names, arguments)?;
        let mut bound = Vec::new();
        for ((parameter, ty), argument) in
            prototype.parameters.iter().zip(&parameter_types).zip(matched)
        {
            let Some(argument) = argument else {
                bound.push(Bound::Nothing);
                continue;
            };
            bound.push(self.extern_argument(parameter, ty, argument, &mut types)?);
        }
        Some((bound, types))
    }

    fn extern_parameter_types(
        &mut self,
        prototype: &'a ast::Prototype,
        outer: &[(Arc<str>, Ty)],
    ) -> Option<Vec<Ty>> {
        let outside = self.scopes.leave(usize::MAX);
        self.scopes.push();
        for (name, ty) in outer {
            let name = ast::Name { text: name.clone(), span: prototype.name.span };
            self.declare(&name, Symbol::Type(ty.clone()));
        }
        self.scopes.push();
        for (index, name) in (0_u32..).zip(&prototype.type_parameters) {
            self.declare(name, Symbol::Type(Ty::Parameter(index)));
        }
        let types: Option<Vec<Ty>> =
            prototype.parameters.iter().map(|parameter| self.ty(&parameter.ty)).collect();
        self.scopes.come_back(outside);
        types
    }

    fn extern_argument(
        &mut self,
        parameter: &'a ast::Parameter,
        ty: &Ty,
        argument: &'a Argument,
        types: &mut [Option<Ty>],
    ) -> Option<Bound> {
        let known = match ty {
            Ty::Parameter(index) => types.get(*index as usize).cloned().flatten(),
            other => Some(other.clone()),
        };
        let Some(value) = &argument.value else {
            if parameter.direction == Direction::Out {
                return Some(Bound::Nothing);
            }
            let name = parameter.name.text.to_string();
            return self.refuse(argument.span, CheckProblem::NothingForValue { name });
        };
        if let Direction::Out | Direction::InOut = parameter.direction {
            let found = self.writable(value)?;
            match known {
                Some(known) if known != found.ty => {
                    let expected = self.types.show(&known);
                    let found = self.types.show(&found.ty);
                    return self.refuse(value.span, CheckProblem::Mismatch { expected, found });
                }
                _ => note_type(ty, &found.ty, types),
            }
            return Some(Bound::Place(found));
        }
        let operand = self.expression(value)?;
        if let Operand::String(text, _) = &operand
            && known == Some(Ty::String)
        {
            return Some(Bound::Text(text.clone()));
        }
        let value = match known {
            Some(known) => {
                let expression = self.convert(operand, &known)?;
                Value { ty: known, expression }
            }
            None => self.own_value(operand)?,
        };
        note_type(ty, &value.ty, types);
        if parameter.direction == Direction::None
            && !super::operands::is_constant(&value.expression)
        {
            let what = "the argument of a parameter without direction";
            return self.refuse(argument.span, CheckProblem::NotConstant { what });
        }
        Some(Bound::Value(value))
    }
}

fn note_type(ty: &Ty, found: &Ty, types: &mut [Option<Ty>]) {
    if let Ty::Parameter(index) = ty
        && let Some(slot) = types.get_mut(*index as usize)
    {
        *slot = Some(found.clone());
    }
}

/// Whether an expression calls what may change something or reject the packet.
fn calls_something(expression: &ir::Expression) -> bool {
    use ir::ExpressionKind as Kind;
    match &expression.kind {
        Kind::Call(_) | Kind::ApplyTable { .. } | Kind::Lookahead => true,
        Kind::Unary(_, inner)
        | Kind::Slice(inner, _, _)
        | Kind::Cast(inner)
        | Kind::Field(inner, _) => calls_something(inner),
        Kind::Binary(_, left, right) => calls_something(left) || calls_something(right),
        Kind::Conditional(condition, then, otherwise) => {
            [condition, then, otherwise].into_iter().any(|inner| calls_something(inner))
        }
        Kind::Aggregate(elements) => elements.iter().any(calls_something),
        Kind::Read(place) | Kind::IsValid(place) | Kind::LastIndex(place) => place_calls(place),
        Kind::Constant(_) | Kind::InvalidHeader | Kind::PacketLength => false,
    }
}

fn place_calls(place: &ir::Place) -> bool {
    match place {
        ir::Place::Variable(_) => false,
        ir::Place::Element(inner, index) => calls_something(index) || place_calls(inner),
        ir::Place::Field(inner, _)
        | ir::Place::Next(inner)
        | ir::Place::Last(inner)
        | ir::Place::Slice(inner, _, _) => place_calls(inner),
    }
}

/// The names of parameters, and whether each can be left out.
pub(super) fn parameter_names(parameters: &[Parameter]) -> Vec<(&str, bool)> {
    parameters.iter().map(|parameter| (&*parameter.name, parameter.default.is_some())).collect()
}

/// The same of a head.
pub(super) fn prototype_names(prototype: &ast::Prototype) -> Vec<(&str, bool)> {
    let parameters = prototype.parameters.iter();
    parameters.map(|parameter| (&*parameter.name.text, parameter.default.is_some())).collect()
}
