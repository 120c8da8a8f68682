//! Parsers and controls put in place: once for each instance, with its constructor's arguments.

use std::collections::HashMap;
use std::sync::Arc;

use num_bigint::BigInt;

use super::arguments::Called;
use super::declarations::declared_name;
use super::operands::{Operand, Value};
use super::problem::CheckProblem;
use super::scopes::{Block, BlockInstance, BlockKind, ExternInstance, Symbol};
use super::types::Ty;
use super::{Checker, Context, Draft, Part, Region, next_index};
use crate::ir;
use crate::source::Span;
use crate::syntax::ast::{self, Argument, ExpressionKind};

/// How much of the depth an instance within another takes, and of the size of the program.
const INSTANCE_DEPTH: usize = 8;
const INSTANCE_NODES: u64 = 16;

/// An argument of a constructor.
#[derive(Clone, Debug)]
enum Given<'a> {
    Value(Operand),
    Extern(ExternInstance<'a>),
    /// None: the default value of the parameter.
    Default,
    /// None: the block is only checked, with a value that is made up.
    MadeUp,
}

/// The instance of a type that is applied directly.
#[derive(Clone, Debug)]
pub(super) struct Direct {
    pub(super) instance: BlockInstance,
}

impl<'a> Block<'a> {
    pub(super) fn head(&self) -> &'a ast::Prototype {
        match self.kind {
            BlockKind::Parser(parser) => &parser.head,
            BlockKind::Control(control) => &control.head,
        }
    }

    fn constructor(&self) -> &'a [ast::Parameter] {
        match self.kind {
            BlockKind::Parser(parser) => &parser.constructor,
            BlockKind::Control(control) => &control.constructor,
        }
    }

    fn locals(&self) -> &'a [ast::Declaration] {
        match self.kind {
            BlockKind::Parser(parser) => &parser.locals,
            BlockKind::Control(control) => &control.locals,
        }
    }
}

impl<'a> Checker<'a> {
    /// An instance of the block with that control-plane name.
    pub(super) fn instantiate(
        &mut self,
        block: Block<'a>,
        name: Arc<str>,
        arguments: &'a [Argument],
        part: Option<Part>,
        span: Span,
    ) -> Option<BlockInstance> {
        self.instantiated.insert(block.order);
        let head = block.head();
        let parameters = block.constructor();
        let called = Called { name: &head.name.text, declared: head.name.span, span };
        let names: Vec<(&str, bool)> = parameters
            .iter()
            .map(|parameter| (&*parameter.name.text, parameter.default.is_some()))
            .collect();
        let matched = self.match_arguments(&called, &names, arguments)?;
        let mut given = Vec::new();
        for (parameter, argument) in parameters.iter().zip(matched) {
            given.push(match (argument, &parameter.default) {
                (Some(argument), _) => self.constructor_argument(argument)?,
                (None, Some(_)) => Given::Default,
                (None, None) => return None,
            });
        }
        self.put_in_place(block, name, given, part, span)
    }

    fn constructor_argument(&mut self, argument: &'a Argument) -> Option<Given<'a>> {
        let Some(value) = &argument.value else {
            let what = "the argument of a constructor";
            return self.refuse(argument.span, CheckProblem::NotConstant { what });
        };
        if let ExpressionKind::Path(path) = &value.kind
            && let Some(named) = self.scopes.find(path)
            && let Symbol::ExternInstance(instance) = &named.symbol
        {
            return Some(Given::Extern(instance.clone()));
        }
        self.expression(value).map(Given::Value)
    }

    /// An instance of a type that is applied directly: its name is the type's (specification
    /// 15.1, direct type invocation).
    pub(super) fn direct_instance(
        &mut self,
        block: Block<'a>,
        name: &'a ast::Name,
    ) -> Option<Direct> {
        let given = self.name_annotation(block.annotations);
        let local = given.as_deref().map_or(&*name.text, |given| given.trim_start_matches('.'));
        let full = self.below_prefix(local);
        let part = self.context.part;
        let instance = self.instantiate(block, full, &[], part, name.span)?;
        Some(Direct { instance })
    }

    fn put_in_place(
        &mut self,
        block: Block<'a>,
        name: Arc<str>,
        given: Vec<Given<'a>>,
        part: Option<Part>,
        span: Span,
    ) -> Option<BlockInstance> {
        let head = block.head();
        if let Some(parameter) = head.type_parameters.first() {
            let kind = match block.kind {
                BlockKind::Parser(_) => "parser",
                BlockKind::Control(_) => "control",
            };
            let what = format!("the generic {kind} `{}<{parameter}>`", head.name);
            return self.unsupported(head.name.span, what);
        }
        let names = block.locals().iter().filter_map(declared_name);
        let upcoming: HashMap<Arc<str>, Span> =
            names.map(|name| (name.text.clone(), name.span)).collect();
        let region = match block.kind {
            BlockKind::Parser(_) => Region::ParserLocals,
            BlockKind::Control(_) => Region::ControlLocals,
        };
        let context = Context { region, part, result: Ty::Void, prefix: name.clone() };
        let outside = self.scopes.leave(block.order);
        let before = std::mem::take(&mut self.before);
        self.upcoming.push(upcoming);
        self.making.push(head.name.text.clone());
        self.scopes.push();
        self.depth += INSTANCE_DEPTH;
        let instance = self.within(context, |checker| {
            checker.charge(INSTANCE_NODES, span)?;
            checker.nested(span, |checker| checker.lower_block(block, name, given))
        });
        self.depth -= INSTANCE_DEPTH;
        self.making.pop();
        self.upcoming.pop();
        self.before = before;
        self.scopes.come_back(outside);
        instance
    }

    fn lower_block(
        &mut self,
        block: Block<'a>,
        name: Arc<str>,
        given: Vec<Given<'a>>,
    ) -> Option<BlockInstance> {
        for (parameter, given) in block.constructor().iter().zip(given) {
            let symbol = self.constructor_parameter(parameter, given).unwrap_or(Symbol::Poison);
            self.declare(&parameter.name, symbol);
        }
        let head = block.head();
        let parameters = self.parameters(&head.parameters)?;
        self.declare_parameters(&head.parameters, &parameters);
        self.scopes.push();
        let callee = match block.kind {
            BlockKind::Parser(parser) => {
                ir::Callee::Parser(self.parser(parser, &parameters, name)?)
            }
            BlockKind::Control(control) => {
                ir::Callee::Control(self.control(control, &parameters, name)?)
            }
        };
        Some(BlockInstance { callee, parameters: parameters.into(), span: head.name.span })
    }

    fn constructor_parameter(
        &mut self,
        parameter: &'a ast::Parameter,
        given: Given<'a>,
    ) -> Option<Symbol<'a>> {
        let ty = self.ty(&parameter.ty)?;
        let given = match (given, &parameter.default) {
            (Given::Default, Some(default)) => Given::Value(self.expression(default)?),
            (given, _) => given,
        };
        match (&ty, given) {
            (Ty::Extern(class, types), Given::Extern(instance)) => {
                if *class == instance.class && *types == instance.arguments {
                    return Some(Symbol::ExternInstance(instance));
                }
                let expected = self.types.show(&ty);
                let found = Ty::Extern(instance.class, instance.arguments);
                let found = self.types.show(&found);
                self.refuse(parameter.ty.span, CheckProblem::Mismatch { expected, found })
            }
            (Ty::Extern(..), Given::MadeUp | Given::Default) => {
                self.made_up_extern(&parameter.ty, &ty)
            }
            (_, Given::Value(operand)) => {
                let what = "the argument of a constructor";
                let operand = self.constant_of(operand, &ty, what)?;
                let size = operand.size();
                Some(Symbol::Constant(operand, size))
            }
            (_, Given::MadeUp | Given::Default) => {
                let operand = self.made_up_value(&ty, parameter.name.span)?;
                let size = operand.size();
                Some(Symbol::Constant(operand, size))
            }
            (_, Given::Extern(instance)) => {
                let expected = self.types.show(&ty);
                let found = instance.class.name().to_owned();
                self.refuse(parameter.ty.span, CheckProblem::Mismatch { expected, found })
            }
        }
    }

    fn made_up_value(&mut self, ty: &Ty, span: Span) -> Option<Operand> {
        match ty {
            Ty::Integer => Some(Operand::Integer(BigInt::from(1), span)),
            Ty::String => Some(Operand::String(Arc::from(""), span)),
            Ty::Bit(_) | Ty::Int(_) | Ty::Bool => self.scalar(ty.clone(), 1, span),
            _ => {
                let expression = self.zero(ty, span)?;
                Some(Operand::Value(Value { ty: ty.clone(), expression }))
            }
        }
    }

    fn made_up_extern(&mut self, written: &'a ast::Type, ty: &Ty) -> Option<Symbol<'a>> {
        let (ast::TypeKind::Name(path) | ast::TypeKind::Specialized(path, _)) = &written.kind
        else {
            return None;
        };
        let Symbol::ExternType(declaration) = self.find(path)?.symbol else { return None };
        let Ty::Extern(class, arguments) = ty.clone() else { return None };
        let id = ir::ExternId(next_index(&self.program.externs));
        self.program.externs.push(ir::Extern {
            name: Arc::from(""),
            kind: ir::ExternKind::Counter { size: 1, counts: ir::CounterType::Packets },
            annotations: Vec::new(),
        });
        let instance = ExternInstance { id, class, declaration, arguments };
        Some(Symbol::ExternInstance(instance))
    }

    /// Checks what is never instantiated, and throws it away.
    pub(super) fn uninstantiated(&mut self) {
        for block in self.blocks.clone() {
            if self.instantiated.contains(&block.order) {
                continue;
            }
            let kept = self.program.lengths();
            let (slots, nodes) = (self.slots, self.nodes);
            let names = self.control_names.clone();
            let given = block.constructor().iter().map(|_| Given::MadeUp).collect();
            let head = block.head();
            let name = head.name.text.clone();
            self.put_in_place(block, name, given, None, head.name.span);
            self.program.truncate(kept);
            self.action_parameters.truncate(self.program.actions.len());
            self.control_names = names;
            (self.slots, self.nodes) = (slots, nodes);
        }
    }
}

/// How long the lists of what is instantiated are.
#[derive(Clone, Copy, Debug)]
struct Lengths {
    variables: usize,
    actions: usize,
    controls: usize,
    parsers: usize,
    tables: usize,
    externs: usize,
}

impl Draft {
    fn lengths(&self) -> Lengths {
        Lengths {
            variables: self.variables.len(),
            actions: self.actions.len(),
            controls: self.controls.len(),
            parsers: self.parsers.len(),
            tables: self.tables.len(),
            externs: self.externs.len(),
        }
    }

    fn truncate(&mut self, lengths: Lengths) {
        let Lengths { variables, actions, controls, parsers, tables, externs } = lengths;
        self.variables.truncate(variables);
        self.actions.truncate(actions);
        self.controls.truncate(controls);
        self.parsers.truncate(parsers);
        self.tables.truncate(tables);
        self.externs.truncate(externs);
    }
}
