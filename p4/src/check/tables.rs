//! Tables.

use std::collections::HashMap;

use super::arguments::Called;
use super::keys::Key;
use super::problem::CheckProblem;
use super::scopes::Symbol;
use super::{Checker, names, next_index};
use crate::ir;
use crate::source::Span;
use crate::syntax::ast::{self, Argument, Direction, ExpressionKind, PropertyValue};

/// How many rows a table has where the program does not say.
const DEFAULT_SIZE: u64 = 1024;

/// The most rows that a table may be declared with.
const MAX_SIZE: u64 = u32::MAX as u64;

/// Properties of v1model that are not supported.
const UNSUPPORTED: &[&str] = &["implementation", "meters", "support_timeout", "action_profile"];

/// An action of a table as it is written.
#[derive(Clone, Debug)]
pub(super) struct Listed<'a> {
    pub(super) id: ir::ActionId,
    /// The texts of the arguments that are bound in the list.
    bound: Vec<String>,
    reference: &'a ast::ActionReference,
}

/// The properties of a table by their names.
type Properties<'a> = HashMap<&'a str, &'a ast::Property>;

impl<'a> Checker<'a> {
    /// A table.
    pub(super) fn table(
        &mut self,
        table: &'a ast::Table,
        annotations: &'a [ast::Annotation],
        span: Span,
    ) {
        let symbol = self.lower_table(table, annotations, span);
        self.declare(&table.name, symbol.map_or(Symbol::Poison, Symbol::Table));
    }

    fn lower_table(
        &mut self,
        table: &'a ast::Table,
        annotations: &'a [ast::Annotation],
        span: Span,
    ) -> Option<ir::TableId> {
        let name = self.control_name(annotations, &table.name);
        if self.scopes.find_here(&table.name.text).is_none() {
            self.unique_control_name("table", &name, table.name.span);
        }
        let properties = self.properties(table)?;
        let keys = match properties.get("key") {
            Some(ast::Property { value: PropertyValue::Key(elements), .. }) => self.keys(elements),
            _ => Some(Vec::new()),
        };
        let listed = match properties.get("actions") {
            Some(ast::Property { value: PropertyValue::Actions(references), .. }) => {
                self.listed_actions(references)
            }
            _ => self.refuse(table.name.span, CheckProblem::NoActions),
        };
        let size = match properties.get("size") {
            Some(property) => self.size(property),
            None => Some(DEFAULT_SIZE),
        };
        let (keys, (mut actions, listed), size) = (keys?, listed?, size?);
        let entries = self.entries(&properties, &keys, &listed, &actions);
        let default_action = self.default_action(&properties, &mut actions, &listed, span);
        let id = ir::TableId(next_index(&self.program.tables));
        let direct_counter = match properties.get("counters") {
            Some(property) => Some(self.direct_counter(property, id)?),
            None => None,
        };
        let (entries, has_const_entries) = entries?;
        let (default_action, has_const_default) = default_action?;
        let size = size.max(entries.len() as u64);
        self.program.tables.push(ir::Table {
            name,
            keys: keys.into_iter().map(|Key { key, .. }| key).collect(),
            actions,
            default_action,
            has_const_default,
            size,
            entries,
            has_const_entries,
            direct_counter,
            annotations: names::shown_annotations(annotations),
            span,
        });
        Some(id)
    }

    fn properties(&mut self, table: &'a ast::Table) -> Option<Properties<'a>> {
        let mut properties: Properties<'a> = HashMap::new();
        let mut failed = false;
        for property in &table.properties {
            let name = &*property.name.text;
            let span = property.name.span;
            match name {
                "key"
                | "actions"
                | "entries"
                | "default_action"
                | "size"
                | "counters"
                | "largest_priority_wins"
                | "priority_delta" => {}
                _ if UNSUPPORTED.contains(&name) => {
                    failed = true;
                    let what = format!("the table property `{name}`");
                    self.report(span, CheckProblem::Unsupported { what });
                }
                _ => {
                    failed = true;
                    let name = String::from(name);
                    self.report(span, CheckProblem::UnknownProperty { name });
                }
            }
            if let Some(first) = properties.insert(name, property) {
                failed = true;
                let problem = CheckProblem::GivenTwice { name: String::from(name) };
                let related = vec![(first.span, "first given here")];
                self.report_with(property.name.span, problem, related);
            }
        }
        if failed { None } else { Some(properties) }
    }

    fn size(&mut self, property: &'a ast::Property) -> Option<u64> {
        let PropertyValue::Expression(value) = &property.value else { return None };
        let operand = self.expression(value)?;
        self.number_within(operand, "the size of a table", 1, MAX_SIZE)
    }

    fn direct_counter(
        &mut self,
        property: &'a ast::Property,
        table: ir::TableId,
    ) -> Option<ir::ExternId> {
        let PropertyValue::Expression(value) = &property.value else { return None };
        let ExpressionKind::Path(path) = &value.kind else {
            return self.refuse(value.span, CheckProblem::NotADirectCounter);
        };
        let named = self.find(path)?;
        let Symbol::ExternInstance(instance) = named.symbol else {
            return self.refuse(value.span, CheckProblem::NotADirectCounter);
        };
        let found = self.program.externs.get_mut(instance.id.index())?;
        match &mut found.kind {
            ir::ExternKind::DirectCounter { table: slot @ None, .. } => {
                *slot = Some(table);
                Some(instance.id)
            }
            ir::ExternKind::DirectCounter { .. } => {
                self.refuse(value.span, CheckProblem::CounterOfTwoTables)
            }
            _ => self.refuse(value.span, CheckProblem::NotADirectCounter),
        }
    }

    fn listed_actions(
        &mut self,
        references: &'a [ast::ActionReference],
    ) -> Option<(Vec<ir::TableAction>, Vec<Listed<'a>>)> {
        let mut actions: Vec<ir::TableAction> = Vec::new();
        let mut listed: Vec<Listed<'a>> = Vec::new();
        let mut failed = false;
        for reference in references {
            match self.listed_action(reference) {
                Some((action, one)) => {
                    let same = |other: &&Listed<'a>| {
                        other.id == one.id
                            || other.reference.path.name.text == reference.path.name.text
                    };
                    if let Some(other) = listed.iter().find(same) {
                        let name = reference.path.name.text.to_string();
                        let related = vec![(other.reference.span, "first listed here")];
                        let problem = CheckProblem::GivenTwice { name };
                        self.report_with(reference.span, problem, related);
                        failed = true;
                    }
                    actions.push(action);
                    listed.push(one);
                }
                None => failed = true,
            }
        }
        if failed { None } else { Some((actions, listed)) }
    }

    fn listed_action(
        &mut self,
        reference: &'a ast::ActionReference,
    ) -> Option<(ir::TableAction, Listed<'a>)> {
        let id = self.action_of(reference)?;
        let parameters = self.action_parameters.get(id.index())?.clone();
        let directed: Vec<_> = parameters
            .iter()
            .filter(|parameter| parameter.direction != Direction::None)
            .cloned()
            .collect();
        let declared = self.program.actions.get(id.index())?.span;
        let name = &*reference.path.name.text;
        let called = Called { name, declared, span: reference.span };
        let arguments = self.lower_arguments(&called, &directed, &reference.arguments, false)?;
        let annotations = &reference.annotations;
        let default_only = names::has_annotation(annotations, "defaultonly");
        let table_only = names::has_annotation(annotations, "tableonly");
        if default_only && table_only {
            return self.refuse(reference.span, CheckProblem::NeitherDefaultNorTable);
        }
        let bound = argument_texts(&reference.arguments);
        let annotations = names::shown_annotations(annotations);
        let action =
            ir::TableAction { action: id, arguments, default_only, table_only, annotations };
        Some((action, Listed { id, bound, reference }))
    }

    fn action_of(&mut self, reference: &'a ast::ActionReference) -> Option<ir::ActionId> {
        let named = self.find(&reference.path)?;
        match named.symbol {
            Symbol::Action(id) => Some(id),
            other => {
                let (name, is) = (reference.path.name.text.to_string(), other.what());
                let problem = CheckProblem::NotA { name, wanted: "an action", is };
                self.report_with(reference.span, problem, vec![(named.span, "declared here")]);
                None
            }
        }
    }

    /// The place of an action in the list of its table, and the values of its control-plane
    /// parameters: for the default action and for entries.
    pub(super) fn chosen_action(
        &mut self,
        path: &'a ast::Path,
        arguments: &'a [Argument],
        listed: &[Listed<'a>],
        span: Span,
    ) -> Option<(usize, Vec<u128>)> {
        let named = self.find(path)?;
        let id = match named.symbol {
            Symbol::Action(id) => id,
            other => {
                let (name, is) = (path.name.text.to_string(), other.what());
                return self.refuse(span, CheckProblem::NotA { name, wanted: "an action", is });
            }
        };
        let Some(place) = listed.iter().position(|one| one.id == id) else {
            let (name, table) = (path.name.text.to_string(), String::from("this table"));
            return self.refuse(span, CheckProblem::NotAnActionOf { name, table });
        };
        let bound = listed.get(place).map(|one| one.bound.clone())?;
        let parameters = self.action_parameters.get(id.index())?.clone();
        let free: Vec<_> = parameters
            .iter()
            .filter(|parameter| parameter.direction == Direction::None)
            .cloned()
            .collect();
        // What is bound in the list is said again (specification 14.2.1.3).
        let (head, rest) = arguments.split_at(bound.len().min(arguments.len()));
        if argument_texts(head) != bound {
            return self.refuse(span, CheckProblem::OtherBoundArguments);
        }
        let declared = self.program.actions.get(id.index())?.span;
        let called = Called { name: &path.name.text, declared, span };
        let lowered = self.lower_arguments(&called, &free, rest, true)?;
        let values: Option<Vec<u128>> = lowered.iter().map(constant_argument).collect();
        Some((place, values?))
    }

    fn default_action(
        &mut self,
        properties: &Properties<'a>,
        actions: &mut Vec<ir::TableAction>,
        listed: &[Listed<'a>],
        span: Span,
    ) -> Option<((usize, Vec<u128>), bool)> {
        let Some(property) = properties.get("default_action") else {
            let action = self.no_action(span);
            let found = actions.iter().position(|one| one.action == action);
            let place = found.unwrap_or_else(|| {
                actions.push(ir::TableAction {
                    action,
                    arguments: Vec::new(),
                    default_only: true,
                    table_only: false,
                    annotations: vec![ir::Annotation {
                        name: "defaultonly".into(),
                        body: "".into(),
                    }],
                });
                actions.len() - 1
            });
            return Some(((place, Vec::new()), false));
        };
        let PropertyValue::Expression(value) = &property.value else { return None };
        let (path, arguments): (_, &'a [Argument]) = match &value.kind {
            ExpressionKind::Path(path) => (path, &[]),
            ExpressionKind::Call { function, arguments, .. } => match &function.kind {
                ExpressionKind::Path(path) => (path, arguments),
                _ => return self.refuse(value.span, CheckProblem::ActionLabel),
            },
            _ => return self.refuse(value.span, CheckProblem::ActionLabel),
        };
        let chosen = self.chosen_action(path, arguments, listed, value.span)?;
        if actions.get(chosen.0).is_some_and(|action| action.table_only) {
            let name = path.name.text.to_string();
            return self.refuse(value.span, CheckProblem::TableOnly { name });
        }
        Some((chosen, property.is_const))
    }
}

fn constant_argument(argument: &ir::Argument) -> Option<u128> {
    match argument {
        ir::Argument::In(ir::Expression { kind: ir::ExpressionKind::Constant(value), .. }) => {
            Some(*value)
        }
        _ => None,
    }
}

fn argument_texts(arguments: &[Argument]) -> Vec<String> {
    let texts = arguments.iter().map(|argument| {
        let value = argument.value.as_ref().map_or_else(|| String::from("_"), names::text);
        match &argument.name {
            Some(name) => format!("{name} = {value}"),
            None => value,
        }
    });
    texts.collect()
}
