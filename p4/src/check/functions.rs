//! Functions and actions, and the parameters of all that has some.

use std::rc::Rc;
use std::sync::Arc;

use super::problem::CheckProblem;
use super::scopes::{Parameter, Symbol, Variable};
use super::statements::always_returns;
use super::types::Ty;
use super::{Checker, Context, Region, names, next_index};
use crate::ir;
use crate::source::Span;
use crate::syntax::ast::{self, Direction};

/// How many functions can have one name.
pub(super) const MAX_OVERLOADS: usize = 32;

const IN: &str = "a parameter with direction `in`";
const NONE: &str = "a parameter without direction";

impl<'a> Checker<'a> {
    /// A function of the program.
    pub(super) fn function(&mut self, function: &'a ast::Function) {
        let head = &function.head;
        if let Some(parameter) = head.type_parameters.first() {
            let what = format!("the generic function `{}<{parameter}>`", head.name);
            self.report(head.name.span, CheckProblem::Unsupported { what });
            self.declare(&head.name, Symbol::Poison);
            return;
        }
        let id = self.lower_function(function);
        if let Some(named) = self.scopes.find_here(&head.name.text) {
            let first = named.span;
            match (&mut named.symbol, id) {
                (Symbol::Functions(ids), Some(_)) if ids.len() >= MAX_OVERLOADS => {
                    let what = format!("more than {MAX_OVERLOADS} functions of one name");
                    self.report(head.name.span, CheckProblem::Unsupported { what });
                }
                (Symbol::Functions(ids), Some(id)) => {
                    let others = ids.clone();
                    ids.push(id);
                    self.distinct_overload(&head.name, first, id, &others);
                }
                (Symbol::Functions(_), None) => named.symbol = Symbol::Poison,
                _ => self.declare(&head.name, Symbol::Poison),
            }
            return;
        }
        let symbol = id.map_or(Symbol::Poison, |id| Symbol::Functions(vec![id]));
        self.declare(&head.name, symbol);
    }

    /// Two functions of one name must differ in the number or the names of their parameters.
    fn distinct_overload(
        &mut self,
        name: &'a ast::Name,
        first: Span,
        id: ir::FunctionId,
        others: &[ir::FunctionId],
    ) {
        let names = |id: ir::FunctionId| -> Vec<Arc<str>> {
            let parameters = self.function_parameters.get(id.index());
            let mut names: Vec<Arc<str>> = parameters
                .iter()
                .flat_map(|parameters| parameters.iter())
                .map(|parameter| parameter.name.clone())
                .collect();
            names.sort();
            names
        };
        let new = names(id);
        if others.iter().any(|other| names(*other) == new) {
            let problem = CheckProblem::Duplicate { name: name.text.to_string() };
            self.report_with(name.span, problem, vec![(first, "first declared here")]);
        }
    }

    fn lower_function(&mut self, function: &'a ast::Function) -> Option<ir::FunctionId> {
        let head = &function.head;
        let name = head.name.text.clone();
        let result = match &head.result {
            Some(written) => match self.ty(written)? {
                Ty::Void => Ty::Void,
                _ => self.value_type(written)?,
            },
            None => Ty::Void,
        };
        let context = Context {
            region: Region::Function,
            part: None,
            result: result.clone(),
            prefix: Arc::from(""),
        };
        self.making.push(name.clone());
        self.scopes.push();
        let lowered = self.within(context, |checker| {
            let parameters = checker.parameters(&head.parameters)?;
            if let Some(packet) = parameters.iter().find(|one| matches!(one.ty, Ty::Packet(_))) {
                let what = "a packet as the parameter of a function";
                return checker.unsupported(packet.span, what);
            }
            for parameter in &parameters {
                if parameter.direction == Direction::None {
                    let ty = checker.types.show(&parameter.ty);
                    let name = parameter.name.to_string();
                    let problem = CheckProblem::DirectionOfFunction { ty, name };
                    checker.report(parameter.span, problem);
                }
            }
            checker.declare_parameters(&head.parameters, &parameters);
            let known = checker.reported.len();
            let body = checker.block_statements(&function.body);
            Some((parameters, body, checker.reported.len() > known))
        });
        self.scopes.pop();
        self.making.pop();
        let (parameters, body, has_problems) = lowered?;
        if result != Ty::Void && !has_problems && !always_returns(&body) {
            let name = name.to_string();
            return self.refuse(head.name.span, CheckProblem::NoReturn { name });
        }
        let id = ir::FunctionId(next_index(&self.program.functions));
        let lowered_result = self.lowered(&result, head.name.span)?;
        self.program.functions.push(ir::Function {
            name,
            parameters: lowered_parameters(&parameters),
            result: lowered_result,
            body,
        });
        self.function_parameters.push(parameters.into());
        self.function_results.push(result);
        self.function_spans.push(head.name.span);
        Some(id)
    }

    /// An action.
    pub(super) fn action(
        &mut self,
        action: &'a ast::Action,
        annotations: &'a [ast::Annotation],
        span: Span,
    ) {
        let is_new = self.scopes.find_here(&action.name.text).is_none();
        let symbol = match is_new {
            true => self.lower_action(action, annotations, span),
            false => None,
        };
        self.declare(&action.name, symbol.map_or(Symbol::Poison, Symbol::Action));
    }

    fn lower_action(
        &mut self,
        action: &'a ast::Action,
        annotations: &'a [ast::Annotation],
        span: Span,
    ) -> Option<ir::ActionId> {
        let name = self.control_name(annotations, &action.name);
        if self.scopes.find_here(&action.name.text).is_none() {
            self.unique_control_name("action", &name, action.name.span);
        }
        let context = Context { region: Region::Action, result: Ty::Void, ..self.context.clone() };
        self.making.push(action.name.text.clone());
        self.scopes.push();
        let lowered = self.within(context, |checker| {
            let parameters = checker.parameters(&action.parameters)?;
            checker.action_directions(&parameters)?;
            let control = checker.control_parameters(&action.parameters, &parameters)?;
            checker.declare_parameters(&action.parameters, &parameters);
            let body = checker.block_statements(&action.body);
            Some((parameters, control, body))
        });
        self.scopes.pop();
        self.making.pop();
        let (parameters, control_parameters, body) = lowered?;
        let directed: Vec<Parameter> = parameters
            .iter()
            .filter(|parameter| parameter.direction != Direction::None)
            .cloned()
            .collect();
        let id = ir::ActionId(next_index(&self.program.actions));
        self.program.actions.push(ir::Action {
            name,
            parameters: lowered_parameters(&directed),
            control_parameters,
            body,
            annotations: names::shown_annotations(annotations),
            span,
        });
        self.action_parameters.push(parameters.into());
        Some(id)
    }

    /// Parameters without direction come last.
    fn action_directions(&mut self, parameters: &[Parameter]) -> Option<()> {
        let mut seen = None;
        for parameter in parameters {
            match (parameter.direction, seen) {
                (Direction::None, _) => seen = Some(parameter.span),
                (_, Some(first)) => {
                    let problem = CheckProblem::DirectionAfterNone;
                    let related = vec![(first, "a parameter without direction is here")];
                    self.report_with(parameter.span, problem, related);
                    return None;
                }
                _ => {}
            }
            if let Ty::Packet(_) = parameter.ty {
                let what = "a packet as the parameter of an action";
                return self.unsupported(parameter.span, what);
            }
        }
        Some(())
    }

    fn control_parameters(
        &mut self,
        written: &'a [ast::Parameter],
        parameters: &[Parameter],
    ) -> Option<Vec<ir::ControlParameter>> {
        let mut lowered = Vec::new();
        for (parameter, written) in parameters.iter().zip(written) {
            if parameter.direction != Direction::None {
                continue;
            }
            let Some(width) = self.types.scalar_width(&parameter.ty) else {
                let ty = self.types.show(&parameter.ty);
                return self.refuse(parameter.span, CheckProblem::ControlParameter { ty });
            };
            let given = self.name_annotation(&written.annotations);
            let name = given.unwrap_or_else(|| parameter.name.clone());
            let variable = parameter.variable?;
            let annotations = names::shown_annotations(&written.annotations);
            lowered.push(ir::ControlParameter { name, width, variable, annotations });
        }
        Some(lowered)
    }

    /// The parameters of an action, function, parser or control.
    pub(super) fn parameters(&mut self, written: &'a [ast::Parameter]) -> Option<Vec<Parameter>> {
        let mut parameters = Vec::new();
        let mut failed = false;
        for parameter in written {
            match self.parameter(parameter) {
                Some(parameter) => parameters.push(parameter),
                None => failed = true,
            }
        }
        if failed { None } else { Some(parameters) }
    }

    fn parameter(&mut self, written: &'a ast::Parameter) -> Option<Parameter> {
        let ast::Parameter { annotations, direction, ty, name, default } = written;
        if names::has_annotation(annotations, "optional") {
            return self.unsupported(name.span, "an `@optional` parameter");
        }
        let ty_found = self.ty(ty)?;
        let variable = match ty_found {
            Ty::Packet(_) if *direction == Direction::None => None,
            Ty::Extern(..) => {
                let what = format!("a parameter of type `{}`", self.types.show(&ty_found));
                return self.unsupported(ty.span, what);
            }
            _ => Some(self.variable(name.text.clone(), &ty_found, ty.span)?),
        };
        let default = match default {
            Some(value) => {
                if matches!(direction, Direction::Out | Direction::InOut) {
                    return self.refuse(value.span, CheckProblem::DefaultOfOut);
                }
                let operand = self.expression(value)?;
                Some(self.constant_of(operand, &ty_found, "the default value of a parameter")?)
            }
            None => None,
        };
        Some(Parameter {
            name: name.text.clone(),
            direction: *direction,
            ty: ty_found,
            default,
            variable,
            span: name.span,
        })
    }

    /// Declares the parameters in the present scope.
    pub(super) fn declare_parameters(
        &mut self,
        written: &'a [ast::Parameter],
        parameters: &[Parameter],
    ) {
        for (written, parameter) in written.iter().zip(parameters) {
            let read_only = match parameter.direction {
                Direction::In => Some(IN),
                Direction::None => Some(NONE),
                Direction::Out | Direction::InOut => None,
            };
            let symbol = match (&parameter.ty, parameter.variable) {
                (Ty::Packet(packet), _) => Symbol::Packet(*packet),
                (ty, Some(id)) => Symbol::Variable(Variable { id, ty: ty.clone(), read_only }),
                (_, None) => Symbol::Poison,
            };
            self.declare(&written.name, symbol);
        }
    }

    /// The action that does nothing, made if the program does not have it.
    pub(super) fn no_action(&mut self, span: Span) -> ir::ActionId {
        if let Some(named) = self.scopes.find_global("NoAction")
            && let Symbol::Action(id) = named.symbol
        {
            return id;
        }
        let id = ir::ActionId(next_index(&self.program.actions));
        self.program.actions.push(ir::Action {
            name: Arc::from("NoAction"),
            parameters: Vec::new(),
            control_parameters: Vec::new(),
            body: Vec::new(),
            annotations: Vec::new(),
            span,
        });
        self.action_parameters.push(Rc::from(Vec::new()));
        id
    }
}

/// The parameters in the checked program, without packets.
pub(super) fn lowered_parameters(parameters: &[Parameter]) -> Vec<ir::Parameter> {
    let lowered = parameters.iter().filter_map(|parameter| {
        let direction = match parameter.direction {
            Direction::None | Direction::In => ir::Direction::In,
            Direction::Out => ir::Direction::Out,
            Direction::InOut => ir::Direction::InOut,
        };
        Some(ir::Parameter { direction, variable: parameter.variable? })
    });
    lowered.collect()
}
