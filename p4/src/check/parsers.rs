//! Parsers and their states.

use std::collections::HashMap;
use std::sync::Arc;

use super::functions::lowered_parameters;
use super::operands::Value;
use super::problem::CheckProblem;
use super::scopes::Parameter;
use super::types::Ty;
use super::{Checker, Context, Region, next_index};
use crate::ir::{self, Target};
use crate::source::Span;
use crate::syntax::ast::{self, ExpressionKind, SelectCase};

/// The states of a parser by their names.
type States<'a> = HashMap<&'a str, (usize, Span)>;

impl<'a> Checker<'a> {
    /// An instance of a parser, whose parameters are declared.
    pub(super) fn parser(
        &mut self,
        parser: &'a ast::Parser,
        parameters: &[Parameter],
        name: Arc<str>,
    ) -> Option<ir::ParserId> {
        let mut initial = Vec::new();
        self.block_locals(&parser.locals, &mut initial);
        let names = self.state_names(parser)?;
        let Some((start, _)) = names.get("start").copied() else {
            let name = parser.head.name.text.to_string();
            return self.refuse(parser.head.name.span, CheckProblem::NoStart { name });
        };
        let context = Context { region: Region::State, ..self.context.clone() };
        let states: Vec<Option<ir::State>> = self.within(context, |checker| {
            let states = parser.states.iter();
            states.map(|state| checker.scoped(|checker| checker.state(state, &names))).collect()
        });
        let states: Vec<ir::State> = states.into_iter().collect::<Option<_>>()?;
        let id = ir::ParserId(next_index(&self.program.parsers));
        let parameters = lowered_parameters(parameters);
        self.program.parsers.push(ir::Parser { name, parameters, initial, states, start });
        Some(id)
    }

    fn state_names(&mut self, parser: &'a ast::Parser) -> Option<States<'a>> {
        let mut names: States<'a> = HashMap::new();
        for (index, state) in parser.states.iter().enumerate() {
            let name = &*state.name.text;
            if matches!(name, "accept" | "reject") {
                let name = String::from(name);
                return self.refuse(state.name.span, CheckProblem::FinalState { name });
            }
            if let Some((_, first)) = names.insert(name, (index, state.name.span)) {
                let problem = CheckProblem::Duplicate { name: String::from(name) };
                let related = vec![(first, "first declared here")];
                self.report_with(state.name.span, problem, related);
                return None;
            }
        }
        Some(names)
    }

    fn state(&mut self, state: &'a ast::State, names: &States<'a>) -> Option<ir::State> {
        let mut statements = self.statements(&state.statements);
        let before = std::mem::take(&mut self.before);
        let transition = match &state.transition {
            None => Some(ir::Transition::Direct(Target::Reject)),
            Some(ast::Transition::Direct(name)) => {
                self.target(name, names).map(ir::Transition::Direct)
            }
            Some(ast::Transition::Select { keys, cases, span }) => {
                self.select(keys, cases, *span, names)
            }
        };
        statements.append(&mut self.before);
        self.before = before;
        let transition = transition?;
        Some(ir::State { name: state.name.text.clone(), statements, transition })
    }

    fn target(&mut self, name: &'a ast::Name, names: &States<'a>) -> Option<Target> {
        match (&*name.text, names.get(&*name.text)) {
            ("accept", _) => Some(Target::Accept),
            ("reject", _) => Some(Target::Reject),
            (_, Some((index, _))) => Some(Target::State(*index)),
            (text, None) => {
                let name_text = String::from(text);
                self.refuse(name.span, CheckProblem::UnknownState { name: name_text })
            }
        }
    }

    fn select(
        &mut self,
        keys: &'a [ast::Expression],
        cases: &'a [SelectCase],
        span: Span,
        names: &States<'a>,
    ) -> Option<ir::Transition> {
        let mut types = Vec::new();
        let mut lowered = Vec::new();
        for key in keys {
            let Value { ty, expression } = self.select_key(key)?;
            types.push(ty);
            lowered.push(expression);
        }
        if types.is_empty() {
            return self.refuse(span, CheckProblem::EmptySelect);
        }
        let mut lowered_cases = Vec::new();
        let mut failed = false;
        for case in cases {
            let sets = self.case_sets(&case.sets, &types, case.span, "a case of `select`");
            let target = self.target(&case.state, names);
            match (sets, target) {
                (Some(sets), Some(target)) => lowered_cases.push((sets, target)),
                _ => failed = true,
            }
        }
        if failed {
            return None;
        }
        Some(ir::Transition::Select { keys: lowered, cases: lowered_cases })
    }

    fn select_key(&mut self, key: &'a ast::Expression) -> Option<Value> {
        let operand = self.expression(key)?;
        let value = self.own_value(operand)?;
        match self.types.representation(&value.ty) {
            Ty::Bool | Ty::Bit(_) | Ty::Int(_) | Ty::Enum(_) | Ty::Error => Some(value),
            other => {
                let (operator, wanted) = ("select", "a scalar");
                let found = self.types.show(&other);
                self.refuse(key.span, CheckProblem::Operand { operator, wanted, found })
            }
        }
    }

    /// The sets of a case or an entry, one for each key.
    pub(super) fn case_sets(
        &mut self,
        sets: &'a [ast::Expression],
        types: &[Ty],
        span: Span,
        what: &'static str,
    ) -> Option<Vec<ir::ValueSet>> {
        let sets: &'a [ast::Expression] = match sets {
            [ast::Expression { kind: ExpressionKind::DontCare, .. }] => {
                return Some(vec![ir::ValueSet::Any; types.len()]);
            }
            [ast::Expression { kind: ExpressionKind::Tuple(inner), .. }] => inner,
            [ast::Expression { kind: ExpressionKind::List { elements, rest: false }, .. }]
                if types.len() > 1 =>
            {
                elements
            }
            other => other,
        };
        if sets.len() != types.len() {
            let (wanted, given) = (types.len(), sets.len());
            return self.refuse(span, CheckProblem::SetCount { what, wanted, given });
        }
        let lowered: Vec<Option<ir::ValueSet>> =
            sets.iter().zip(types).map(|(set, ty)| self.value_set(set, ty, what)).collect();
        lowered.into_iter().collect()
    }
}
