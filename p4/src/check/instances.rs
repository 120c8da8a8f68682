//! Instances of externs, parsers and controls that are declared.

use std::sync::Arc;

use super::arguments::{Bound, fits, prototype_names};
use super::names;
use super::next_index;
use super::operands::Value;
use super::problem::CheckProblem;
use super::scopes::{Block, BlockKind, ExternInstance, Symbol};
use super::types::{ExternClass, Ty};
use super::{Checker, Region};
use crate::ir::{self, CounterType, ExternKind};
use crate::source::Span;
use crate::syntax::ast::{self, TypeKind};

/// How many cells all counters and registers may have together.
const MAX_CELLS: u64 = 1 << 24;

impl<'a> Checker<'a> {
    /// An instance that is declared, in the outermost scope, a parser or a control.
    pub(super) fn instance(
        &mut self,
        instance: &'a ast::Instance,
        annotations: &'a [ast::Annotation],
        span: Span,
    ) {
        let symbol = self.new_instance(instance, annotations, span);
        self.declare(&instance.name, symbol.unwrap_or(Symbol::Poison));
    }

    fn new_instance(
        &mut self,
        instance: &'a ast::Instance,
        annotations: &'a [ast::Annotation],
        span: Span,
    ) -> Option<Symbol<'a>> {
        if instance.has_initializer {
            return self.unsupported(span, "an instance with abstract methods");
        }
        let (TypeKind::Name(path) | TypeKind::Specialized(path, _)) = &instance.ty.kind else {
            return self.refuse(instance.ty.span, CheckProblem::NoConstructor);
        };
        let named = self.find(path)?;
        match named.symbol {
            Symbol::ExternType(declaration) => {
                let ty = self.ty(&instance.ty)?;
                let name = self.control_name(annotations, &instance.name);
                self.new_extern(declaration, &ty, name, instance, annotations)
            }
            Symbol::Block(block) => {
                if let TypeKind::Specialized(..) = instance.ty.kind {
                    let name = path.name.text.to_string();
                    return self.refuse(instance.ty.span, CheckProblem::NotGeneric { name });
                }
                self.place_of_instance(block, span)?;
                let name = self.control_name(annotations, &instance.name);
                let part = self.context.part;
                self.instantiate(block, name, &instance.arguments, part, span)
                    .map(Symbol::BlockInstance)
            }
            Symbol::Package(_) => self.refuse(span, CheckProblem::PackageName),
            other => {
                let (name, is) = (path.name.text.to_string(), other.what());
                let wanted = "something that has instances";
                let problem = CheckProblem::NotA { name, wanted, is };
                self.report_with(path.name.span, problem, vec![(named.span, "declared here")]);
                None
            }
        }
    }

    /// Parsers have instances in parsers, controls in controls.
    fn place_of_instance(&mut self, block: Block<'a>, span: Span) -> Option<()> {
        let (fits, what, wanted) = match block.kind {
            BlockKind::Parser(_) => (
                self.context.region == Region::ParserLocals,
                "an instance of a parser",
                "within a parser, or in the package `main`",
            ),
            BlockKind::Control(_) => (
                self.context.region == Region::ControlLocals,
                "an instance of a control",
                "within a control, or in the package `main`",
            ),
        };
        if fits {
            return Some(());
        }
        self.refuse(span, CheckProblem::Misplaced { what, wanted })
    }

    fn new_extern(
        &mut self,
        declaration: &'a ast::Extern,
        ty: &Ty,
        name: Arc<str>,
        instance: &'a ast::Instance,
        annotations: &'a [ast::Annotation],
    ) -> Option<Symbol<'a>> {
        let span = instance.name.span;
        let Ty::Extern(class, types) = ty.clone() else {
            return self.refuse(instance.ty.span, CheckProblem::NoConstructor);
        };
        let constructors: Vec<&'a ast::Prototype> = declaration
            .methods
            .iter()
            .filter(|method| method.name.text == declaration.name.text)
            .collect();
        let fitting = |prototype: &&&'a ast::Prototype| {
            fits(&prototype_names(prototype), &instance.arguments)
        };
        let Some(prototype) =
            constructors.iter().find(fitting).or_else(|| constructors.first()).copied()
        else {
            return self.refuse(instance.ty.span, CheckProblem::NoConstructor);
        };
        let parameters = declaration.type_parameters.iter().map(|name| name.text.clone());
        let outer: Vec<(Arc<str>, Ty)> = parameters.zip(types.iter().cloned()).collect();
        let (bound, _) =
            self.extern_arguments(prototype, &outer, &[], &instance.arguments, span)?;
        let mut bound = bound.into_iter();
        let kind = match (class, bound.next(), bound.next()) {
            (ExternClass::Counter, Some(Bound::Value(size)), Some(Bound::Value(counts))) => {
                let size = self.cells(&size, span)?;
                ExternKind::Counter { size, counts: self.counts(&counts)? }
            }
            (ExternClass::DirectCounter, Some(Bound::Value(counts)), None) => {
                ExternKind::DirectCounter { counts: self.counts(&counts)?, table: None }
            }
            (ExternClass::Register, Some(Bound::Value(size)), None) => {
                let size = self.cells(&size, span)?;
                let element = types.first()?;
                if self.types.scalar_width(element).is_none() {
                    let ty = self.types.show(element);
                    return self.refuse(instance.ty.span, CheckProblem::RegisterOf { ty });
                }
                let element = self.lowered(element, span)?;
                ExternKind::Register { size, element }
            }
            _ => {
                let what = format!("a `{}` made in this way", class.name());
                return self.unsupported(span, what);
            }
        };
        if self.scopes.find_here(&instance.name.text).is_none() {
            self.unique_control_name(class.name(), &name, span);
        }
        let id = ir::ExternId(next_index(&self.program.externs));
        let annotations = names::shown_annotations(annotations);
        self.program.externs.push(ir::Extern { name, kind, annotations });
        Some(Symbol::ExternInstance(ExternInstance { id, class, declaration, arguments: types }))
    }

    fn cells(&mut self, size: &Value, span: Span) -> Option<u64> {
        let cells = u64::try_from(size.constant()?).unwrap_or(u64::MAX);
        self.cells = self.cells.saturating_add(cells);
        if self.cells > MAX_CELLS {
            return self.refuse(span, CheckProblem::TooManyCells { limit: MAX_CELLS });
        }
        Some(cells)
    }

    fn counts(&mut self, value: &Value) -> Option<CounterType> {
        let Ty::Enum(id) = value.ty else { return None };
        let held = value.constant()?;
        let info = self.types.enums.get(id.index())?;
        let (member, _) = info.members.iter().find(|(_, member)| *member == held)?;
        Some(match &**member {
            "packets" => CounterType::Packets,
            "bytes" => CounterType::Bytes,
            _ => CounterType::PacketsAndBytes,
        })
    }
}
