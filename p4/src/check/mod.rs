//! From a syntax tree to a checked program.
//!
//! The declarations are taken in their order. Types, constants, functions and actions of the
//! outermost scope are lowered as they come; parsers and controls once for each instance, from the
//! package `main` inwards, with the values of their constructor parameters put in. What is never
//! instantiated is checked likewise and thrown away.

mod arguments;
mod blocks;
mod calls;
mod casts;
mod controls;
mod declarations;
mod entries;
mod expressions;
mod extern_calls;
mod extern_functions;
mod functions;
mod instances;
mod keys;
mod members;
mod names;
mod numbers;
mod operands;
mod operators;
mod package;
mod parsers;
mod places;
mod problem;
mod scopes;
mod sets;
mod similar;
mod statements;
mod switches;
mod tables;
mod type_names;
mod types;

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Problem};
use crate::ir;
use crate::source::Span;
use crate::syntax::ast;

pub use problem::CheckProblem;
use scopes::{Block, Parameter, Scopes};
pub use similar::Similar;
use types::{MAX_SLOTS, MAX_TUPLE_SLOTS, MAX_TYPE_DEPTH, Ty, Types};

/// How many problems are reported at most.
const MAX_PROBLEMS: usize = 20;

/// How deep a program may be nested: the checked program may become a little deeper, by casts that
/// are not written and by default values of types within types.
const MAX_DEPTH: usize = ir::MAX_DEPTH - MAX_TYPE_DEPTH as usize - 8;

/// How many nodes a checked program may have.
const MAX_NODES: u64 = 4_000_000;

/// Checks a program and resolves all that it says.
///
/// # Errors
///
/// What is wrong with it, at most [`MAX_PROBLEMS`] things.
pub(crate) fn check(unit: &ast::Unit) -> Result<ir::Program, Vec<Diagnostic>> {
    let mut checker = Checker::new();
    let pipeline = checker.unit(unit);
    let Checker { program, diagnostics, .. } = checker;
    match pipeline {
        Some(pipeline) if diagnostics.is_empty() => Ok(program.finish(pipeline)),
        _ => Err(diagnostics),
    }
}

/// The checked program as far as it has come.
#[derive(Debug, Default)]
struct Draft {
    composites: Vec<ir::Composite>,
    enums: Vec<ir::Enum>,
    errors: Vec<Arc<str>>,
    variables: Vec<ir::Variable>,
    actions: Vec<ir::Action>,
    functions: Vec<ir::Function>,
    controls: Vec<ir::Control>,
    parsers: Vec<ir::Parser>,
    tables: Vec<ir::Table>,
    externs: Vec<ir::Extern>,
    controller_headers: Vec<ir::ControllerHeader>,
}

/// Where a statement or expression stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Region {
    /// Outside of all that is run.
    Outermost,
    ParserLocals,
    State,
    ControlLocals,
    Apply,
    Action,
    Function,
}

/// The part of the pipeline that an instance belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Parser,
    VerifyChecksum,
    Ingress,
    Egress,
    ComputeChecksum,
    Deparser,
}

/// What is being checked.
#[derive(Clone, Debug)]
struct Context {
    region: Region,
    part: Option<Part>,
    /// The type that `return` gives; void if it gives none.
    result: Ty,
    /// The control-plane name of the instance, empty outside of one.
    prefix: Arc<str>,
}

/// What the checker knows at a moment.
struct Checker<'a> {
    program: Draft,
    diagnostics: Vec<Diagnostic>,
    reported: HashSet<(Span, String)>,
    scopes: Scopes<'a>,
    types: Types,
    errors: HashMap<Arc<str>, u128>,
    match_kinds: HashMap<Arc<str>, Span>,
    /// The parameters of each action and function, by id.
    action_parameters: Vec<Rc<[Parameter]>>,
    function_parameters: Vec<Rc<[Parameter]>>,
    /// What each function gives.
    function_results: Vec<Ty>,
    /// Where each function is declared.
    function_spans: Vec<Span>,
    context: Context,
    /// What is being lowered, outermost first, to tell recursion.
    making: Vec<Arc<str>>,
    /// The names that are declared somewhere in the outermost scope and in the present block.
    upcoming: Vec<HashMap<Arc<str>, Span>>,
    /// Parsers and controls that may never be instantiated, and those that were.
    blocks: Vec<Block<'a>>,
    instantiated: HashSet<usize>,
    /// The control-plane names that were given, by what they are of.
    control_names: HashMap<(&'static str, Arc<str>), Span>,
    /// What is to be done before the present statement.
    before: Vec<ir::Statement>,
    main: Option<(&'a ast::Instance, Span)>,
    depth: usize,
    slots: u64,
    /// How many cells the counters and registers have.
    cells: u64,
    nodes: u64,
    /// Whether nothing more is checked: there are enough problems, or something is too large.
    exhausted: bool,
}

impl<'a> Checker<'a> {
    fn new() -> Checker<'a> {
        Checker {
            program: Draft::default(),
            diagnostics: Vec::new(),
            reported: HashSet::new(),
            scopes: Scopes::default(),
            types: Types::default(),
            errors: HashMap::new(),
            match_kinds: HashMap::new(),
            action_parameters: Vec::new(),
            function_parameters: Vec::new(),
            function_results: Vec::new(),
            function_spans: Vec::new(),
            context: Context {
                region: Region::Outermost,
                part: None,
                result: Ty::Void,
                prefix: Arc::from(""),
            },
            making: Vec::new(),
            upcoming: Vec::new(),
            blocks: Vec::new(),
            instantiated: HashSet::new(),
            control_names: HashMap::new(),
            before: Vec::new(),
            main: None,
            depth: 0,
            slots: 0,
            cells: 0,
            nodes: 0,
            exhausted: false,
        }
    }

    /// Reports a problem, unless there are enough of them or it was reported before: what is
    /// instantiated several times is checked as often.
    fn report_with(
        &mut self,
        span: Span,
        problem: CheckProblem,
        related: Vec<(Span, &'static str)>,
    ) {
        let is_new = self.reported.insert((span, problem.to_string()));
        if is_new && self.diagnostics.len() < MAX_PROBLEMS {
            self.exhausted |= self.diagnostics.len() + 1 == MAX_PROBLEMS;
            self.diagnostics.push(Diagnostic { span, problem: Problem::Check(problem), related });
        }
    }

    fn report(&mut self, span: Span, problem: CheckProblem) {
        self.report_with(span, problem, Vec::new());
    }

    /// Reports a problem where a value was to be had.
    fn refuse<T>(&mut self, span: Span, problem: CheckProblem) -> Option<T> {
        self.report(span, problem);
        None
    }

    fn unsupported<T>(&mut self, span: Span, what: impl Into<String>) -> Option<T> {
        self.refuse(span, CheckProblem::Unsupported { what: what.into() })
    }

    /// Goes one level deeper, if that is not too deep.
    fn nested<T>(&mut self, span: Span, inner: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        if self.exhausted {
            return None;
        }
        if self.depth >= MAX_DEPTH {
            return self.refuse(span, CheckProblem::TooDeep { limit: MAX_DEPTH });
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }

    /// Counts what is added to the program.
    fn charge(&mut self, nodes: u64, span: Span) -> Option<()> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.exhausted {
            return None;
        }
        if self.nodes > MAX_NODES {
            self.exhausted = true;
            return self.refuse(span, CheckProblem::TooLarge { limit: MAX_NODES });
        }
        Some(())
    }

    /// The type in the checked program.
    fn lowered(&mut self, ty: &Ty, span: Span) -> Option<ir::Type> {
        match self.types.lower(ty) {
            Some(lowered) => Some(lowered),
            None => {
                let ty = self.types.show(ty);
                self.refuse(span, CheckProblem::NoValues { ty })
            }
        }
    }

    /// A tuple of these types.
    fn tuple(&mut self, types: Vec<Ty>, span: Span) -> Option<Ty> {
        let ty = Ty::Tuple(types.into());
        self.check_size(&ty, span)?;
        if self.types.slots(&ty) > MAX_TUPLE_SLOTS {
            let limit = MAX_TUPLE_SLOTS;
            return self.refuse(span, CheckProblem::TypeTooLarge { limit });
        }
        Some(ty)
    }

    /// Refuses types that are too deep or too large.
    fn check_size(&mut self, ty: &Ty, span: Span) -> Option<()> {
        if self.types.depth(ty) > MAX_TYPE_DEPTH {
            let limit = u64::from(MAX_TYPE_DEPTH);
            return self.refuse(span, CheckProblem::TypeTooDeep { limit });
        }
        if self.types.slots(ty) > MAX_SLOTS {
            return self.refuse(span, CheckProblem::TypeTooLarge { limit: MAX_SLOTS });
        }
        Some(())
    }

    /// A new variable.
    fn variable(&mut self, name: Arc<str>, ty: &Ty, span: Span) -> Option<ir::VariableId> {
        let lowered = self.lowered(ty, span)?;
        if lowered == ir::Type::Void {
            let ty = String::from("void");
            return self.refuse(span, CheckProblem::NoValues { ty });
        }
        self.charge(1, span)?;
        self.slots = self.slots.saturating_add(self.types.slots(ty));
        if self.slots > MAX_SLOTS {
            self.exhausted = true;
            return self.refuse(span, CheckProblem::TooManySlots { limit: MAX_SLOTS });
        }
        let id = ir::VariableId(u32::try_from(self.program.variables.len()).unwrap_or(u32::MAX));
        self.program.variables.push(ir::Variable { name, ty: lowered });
        Some(id)
    }

    /// The names from where a declaration that is being lowered was named to where it is again.
    fn cycle_to(&self, name: &str) -> Option<String> {
        let start = self.making.iter().position(|making| **making == *name)?;
        let names: Vec<&str> = self.making.iter().skip(start).map(|name| &**name).collect();
        Some(format!("{} -> {name}", names.join(" -> ")))
    }

    /// Where the name is declared, although it cannot be seen yet.
    fn later(&self, name: &str) -> Option<Span> {
        self.upcoming.iter().rev().find_map(|names| names.get(name).copied())
    }

    /// Does something in another context and comes back.
    fn within<T>(&mut self, context: Context, inner: impl FnOnce(&mut Self) -> T) -> T {
        let outside = std::mem::replace(&mut self.context, context);
        let result = inner(self);
        self.context = outside;
        result
    }

    /// Does something in a scope of its own.
    fn scoped<T>(&mut self, inner: impl FnOnce(&mut Self) -> T) -> T {
        self.scopes.push();
        let result = inner(self);
        self.scopes.pop();
        result
    }
}

impl Draft {
    fn finish(self, pipeline: ir::Pipeline) -> ir::Program {
        let Draft {
            composites,
            enums,
            errors,
            variables,
            actions,
            functions,
            controls,
            parsers,
            tables,
            externs,
            controller_headers,
        } = self;
        ir::Program {
            composites,
            enums,
            errors,
            variables,
            actions,
            functions,
            controls,
            parsers,
            tables,
            externs,
            pipeline,
            controller_headers,
        }
    }
}

/// The place of something new in a list.
fn next_index<T>(list: &[T]) -> u32 {
    u32::try_from(list.len()).unwrap_or(u32::MAX)
}
