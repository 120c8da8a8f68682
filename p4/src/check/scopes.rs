//! Names: what each stands for, and where it can be seen.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use super::Checker;
use super::operands::Operand;
use super::problem::CheckProblem;
use super::similar::similar;
use super::types::{ExternClass, Packet, Ty};
use crate::ir;
use crate::source::Span;
use crate::syntax::ast;

/// What a name stands for.
#[derive(Clone, Debug)]
pub(super) enum Symbol<'a> {
    Type(Ty),
    /// An extern object with its declaration; which of ours it is, is told where it is used.
    ExternType(&'a ast::Extern),
    Block(Block<'a>),
    /// A type of parsers or controls, which has no use but to describe a package.
    BlockType,
    Package(&'a ast::Prototype),
    /// A value known at compile time, and how many nodes it has.
    Constant(Operand, u64),
    Variable(Variable),
    Packet(Packet),
    Functions(Vec<ir::FunctionId>),
    ExternFunctions(Vec<&'a ast::Prototype>),
    Action(ir::ActionId),
    Table(ir::TableId),
    ExternInstance(ExternInstance<'a>),
    BlockInstance(BlockInstance),
    /// What was declared with an error, so that its uses are not reported too.
    Poison,
}

/// A variable or a parameter.
#[derive(Clone, Debug)]
pub(super) struct Variable {
    pub(super) id: ir::VariableId,
    pub(super) ty: Ty,
    /// Why it cannot be changed, if it cannot.
    pub(super) read_only: Option<&'static str>,
}

/// The declaration of a parser or a control, with the number of declarations that it can see.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block<'a> {
    pub(super) kind: BlockKind<'a>,
    pub(super) order: usize,
    pub(super) annotations: &'a [ast::Annotation],
}

#[derive(Clone, Copy, Debug)]
pub(super) enum BlockKind<'a> {
    Parser(&'a ast::Parser),
    Control(&'a ast::Control),
}

/// An instance of an extern of ours.
#[derive(Clone, Debug)]
pub(super) struct ExternInstance<'a> {
    pub(super) id: ir::ExternId,
    pub(super) class: ExternClass,
    pub(super) declaration: &'a ast::Extern,
    pub(super) arguments: Arc<[Ty]>,
}

/// An instance of a parser or control.
#[derive(Clone, Debug)]
pub(super) struct BlockInstance {
    pub(super) callee: ir::Callee,
    pub(super) parameters: Rc<[Parameter]>,
    pub(super) span: Span,
}

/// A parameter of an action, function, parser or control.
#[derive(Clone, Debug)]
pub(super) struct Parameter {
    pub(super) name: Arc<str>,
    pub(super) direction: ast::Direction,
    pub(super) ty: Ty,
    pub(super) default: Option<Operand>,
    /// The variable that it is; none for a packet.
    pub(super) variable: Option<ir::VariableId>,
    pub(super) span: Span,
}

/// A name with what it stands for.
#[derive(Clone, Debug)]
pub(super) struct Named<'a> {
    pub(super) symbol: Symbol<'a>,
    /// Where it is declared.
    pub(super) span: Span,
    /// Of the outermost scope: the place of its declaration in the program.
    pub(super) order: usize,
}

/// The scopes, outermost and local ones.
#[derive(Debug, Default)]
pub(super) struct Scopes<'a> {
    globals: HashMap<Arc<str>, Named<'a>>,
    locals: Vec<HashMap<Arc<str>, Named<'a>>>,
    /// How many declarations of the outermost scope are seen.
    pub(super) visible: usize,
}

/// Names of v1model that this crate does not declare.
const ELSEWHERE: &[(&str, &str)] = &[
    ("meter", "the extern `meter`"),
    ("direct_meter", "the extern `direct_meter`"),
    ("MeterType", "the extern `meter`"),
    ("action_profile", "the extern `action_profile`"),
    ("action_selector", "the extern `action_selector`"),
    ("digest", "`digest`"),
    ("clone", "`clone`"),
    ("clone3", "`clone3`"),
    ("CloneType", "`clone`"),
    ("clone_preserving_field_list", "`clone_preserving_field_list`"),
    ("resubmit", "`resubmit`"),
    ("resubmit_preserving_field_list", "`resubmit_preserving_field_list`"),
    ("recirculate", "`recirculate`"),
    ("recirculate_preserving_field_list", "`recirculate_preserving_field_list`"),
    ("random", "`random`"),
    ("truncate", "`truncate`"),
    ("Checksum16", "the extern `Checksum16`"),
];

/// What a name of v1model that is not supported is to be called.
pub(super) fn unsupported_name(name: &str) -> Option<&'static str> {
    ELSEWHERE.iter().find(|(known, _)| *known == name).map(|(_, what)| *what)
}

impl<'a> Symbol<'a> {
    /// What it is, for messages.
    pub(super) fn what(&self) -> &'static str {
        match self {
            Symbol::Type(_) => "a type",
            Symbol::ExternType(_) => "an extern",
            Symbol::Block(Block { kind: BlockKind::Parser(_), .. }) => "a parser",
            Symbol::Block(Block { kind: BlockKind::Control(_), .. }) => "a control",
            Symbol::BlockType => "a type of parsers or controls",
            Symbol::Package(_) => "a package",
            Symbol::Constant(..) => "a constant",
            Symbol::Variable(_) => "a variable",
            Symbol::Packet(_) => "a packet",
            Symbol::Functions(_) | Symbol::ExternFunctions(_) => "a function",
            Symbol::Action(_) => "an action",
            Symbol::Table(_) => "a table",
            Symbol::ExternInstance(_) | Symbol::BlockInstance(_) => "an instance",
            Symbol::Poison => "wrong",
        }
    }
}

impl<'a> Scopes<'a> {
    /// Opens a scope within the present one.
    pub(super) fn push(&mut self) {
        self.locals.push(HashMap::new());
    }

    /// Closes the innermost scope.
    pub(super) fn pop(&mut self) {
        self.locals.pop();
    }

    /// Leaves all local scopes, for a declaration of the outermost one that sees so many others.
    pub(super) fn leave(&mut self, visible: usize) -> Outside<'a> {
        let locals = std::mem::take(&mut self.locals);
        Outside { locals, visible: std::mem::replace(&mut self.visible, visible) }
    }

    /// Comes back to the scopes that were left.
    pub(super) fn come_back(&mut self, outside: Outside<'a>) {
        let Outside { locals, visible } = outside;
        self.locals = locals;
        self.visible = visible;
    }

    /// What the name stands for in the innermost scope that has it.
    pub(super) fn find(&self, path: &ast::Path) -> Option<&Named<'a>> {
        let name = &*path.name.text;
        let locals = self.locals.iter().rev().filter_map(|scope| scope.get(name));
        let global = self.globals.get(name).filter(|named| named.order < self.visible);
        if path.is_absolute { global } else { locals.into_iter().next().or(global) }
    }

    /// What the name stands for in the innermost scope itself.
    pub(super) fn find_here(&mut self, name: &str) -> Option<&mut Named<'a>> {
        match self.locals.last_mut() {
            Some(scope) => scope.get_mut(name),
            None => self.globals.get_mut(name),
        }
    }

    /// What the name stands for in the outermost scope, wherever it is declared.
    pub(super) fn find_global(&self, name: &str) -> Option<&Named<'a>> {
        self.globals.get(name)
    }

    /// All names that can be seen.
    fn names(&self) -> impl Iterator<Item = &str> {
        let locals = self.locals.iter().flat_map(HashMap::keys);
        let globals = self.globals.iter().filter(|(_, named)| named.order < self.visible);
        locals.chain(globals.map(|(name, _)| name)).map(|name| &**name)
    }

    fn insert_new(&mut self, name: Arc<str>, named: Named<'a>) {
        let scope = self.locals.last_mut().unwrap_or(&mut self.globals);
        scope.insert(name, named);
    }
}

/// The local scopes that were left.
#[derive(Debug)]
pub(super) struct Outside<'a> {
    locals: Vec<HashMap<Arc<str>, Named<'a>>>,
    visible: usize,
}

impl<'a> Checker<'a> {
    /// Declares a name in the innermost scope, which must not have it.
    pub(super) fn declare(&mut self, name: &ast::Name, symbol: Symbol<'a>) {
        if let Some(other) = self.scopes.find_here(&name.text) {
            let span = other.span;
            let problem = CheckProblem::Duplicate { name: name.text.to_string() };
            self.report_with(name.span, problem, vec![(span, "first declared here")]);
            return;
        }
        let order = self.scopes.visible;
        self.scopes.insert_new(name.text.clone(), Named { symbol, span: name.span, order });
    }

    /// What the name stands for.
    pub(super) fn find(&mut self, path: &ast::Path) -> Option<Named<'a>> {
        if let Some(found) = self.scopes.find(path) {
            let found = found.clone();
            return match found.symbol {
                Symbol::Poison => None,
                _ => Some(found),
            };
        }
        let name = path.name.text.to_string();
        if let Some(what) = unsupported_name(&name) {
            return self.unsupported(path.name.span, what);
        }
        if let Some(names) = self.cycle_to(&name) {
            return self.refuse(path.name.span, CheckProblem::Recursion { cycle: names });
        }
        match self.later(&name) {
            Some(span) => {
                let problem = CheckProblem::UsedBeforeDeclaration { name };
                self.report_with(path.name.span, problem, vec![(span, "declared here")]);
                None
            }
            None => {
                let similar = similar(&name, self.scopes.names());
                self.refuse(path.name.span, CheckProblem::UnknownName { name, similar })
            }
        }
    }
}
