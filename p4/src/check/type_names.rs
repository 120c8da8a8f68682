//! From types as they are written to types.

use std::sync::Arc;

use num_bigint::BigInt;

use super::Checker;
use super::problem::CheckProblem;
use super::scopes::{Symbol, unsupported_name};
use super::types::{ExternClass, MAX_WIDTH, Packet, Ty};
use crate::source::Span;
use crate::syntax::ast::{self, TypeKind, Width};

/// The most headers that a stack may have.
pub(super) const MAX_STACK: u64 = 65_536;

/// The widest varbit, in bits: as much as a packet can hold.
const MAX_VARBIT: u32 = 65_535 * 8;

impl<'a> Checker<'a> {
    /// The type that is written there.
    pub(super) fn ty(&mut self, ty: &'a ast::Type) -> Option<Ty> {
        self.nested(ty.span, |checker| checker.ty_within(ty))
    }

    fn ty_within(&mut self, ty: &'a ast::Type) -> Option<Ty> {
        match &ty.kind {
            TypeKind::Bool => Some(Ty::Bool),
            TypeKind::Error => Some(Ty::Error),
            TypeKind::MatchKind => Some(Ty::MatchKind),
            TypeKind::String => Some(Ty::String),
            TypeKind::Int => Some(Ty::Integer),
            TypeKind::Void => Some(Ty::Void),
            TypeKind::DontCare => Some(Ty::DontCare),
            TypeKind::Bits(width) => self.width("bit", width, MAX_WIDTH, ty.span).map(Ty::Bit),
            TypeKind::SignedBits(width) => {
                self.width("int", width, MAX_WIDTH, ty.span).map(Ty::Int)
            }
            TypeKind::Varbit(width) => {
                self.width("varbit", width, MAX_VARBIT, ty.span).map(Ty::Varbit)
            }
            TypeKind::Name(path) => self.named_type(path, None, ty.span),
            TypeKind::Specialized(path, arguments) => {
                self.named_type(path, Some(arguments), ty.span)
            }
            TypeKind::Stack(element, size) => self.stack(element, size),
            TypeKind::Tuple(types) => {
                let types: Option<Vec<Ty>> = types.iter().map(|ty| self.value_type(ty)).collect();
                self.tuple(types?, ty.span)
            }
            TypeKind::List(_) => self.unsupported(ty.span, "`list`"),
        }
    }

    /// A type that values can have when packets are processed.
    pub(super) fn value_type(&mut self, ty: &'a ast::Type) -> Option<Ty> {
        let found = self.ty(ty)?;
        if matches!(found, Ty::Void) || self.types.lower(&found).is_none() {
            let ty_name = self.types.show(&found);
            return self.refuse(ty.span, CheckProblem::NoValues { ty: ty_name });
        }
        Some(found)
    }

    fn width(
        &mut self,
        name: &'static str,
        width: &'a Width,
        greatest: u32,
        span: Span,
    ) -> Option<u32> {
        let number = match width {
            Width::Literal(value) => BigInt::from(*value),
            Width::Expression(expression) => {
                let operand = self.expression(expression)?;
                self.number(operand, "a width")?
            }
        };
        match u32::try_from(&number) {
            Ok(0) => self.unsupported(span, format!("`{name}<0>`")),
            Ok(width) if width <= greatest => Some(width),
            _ if number < BigInt::from(0) => self.refuse(span, CheckProblem::ZeroWidth { name }),
            _ => {
                let width = super::numbers::show(&number);
                self.refuse(span, CheckProblem::TooWide { name, width, greatest })
            }
        }
    }

    fn stack(&mut self, element: &'a ast::Type, size: &'a ast::Expression) -> Option<Ty> {
        let ty = self.ty(element)?;
        let Ty::Header(id) = ty else {
            let ty = self.types.show(&ty);
            return self.refuse(element.span, CheckProblem::StackOf { ty });
        };
        let operand = self.expression(size)?;
        let size = self.number_within(operand, "the size of a header stack", 1, MAX_STACK)?;
        let ty = Ty::Stack(id, u32::try_from(size).ok()?);
        self.check_size(&ty, element.span)?;
        Some(ty)
    }

    fn named_type(
        &mut self,
        path: &'a ast::Path,
        arguments: Option<&'a [ast::Type]>,
        span: Span,
    ) -> Option<Ty> {
        let named = self.find(path)?;
        match named.symbol {
            Symbol::Type(ty) if arguments.is_none() => Some(ty),
            Symbol::Type(_) => {
                let name = path.name.text.to_string();
                self.refuse(span, CheckProblem::NotGeneric { name })
            }
            Symbol::ExternType(declaration) => self.extern_type(declaration, arguments, span),
            other => {
                let (name, is) = (path.name.text.to_string(), other.what());
                let problem = CheckProblem::NotA { name, wanted: "a type", is };
                self.report_with(span, problem, vec![(named.span, "declared here")]);
                None
            }
        }
    }

    fn extern_type(
        &mut self,
        declaration: &'a ast::Extern,
        arguments: Option<&'a [ast::Type]>,
        span: Span,
    ) -> Option<Ty> {
        let name = &*declaration.name.text;
        let wanted = declaration.type_parameters.len();
        let given = arguments.map_or(0, <[ast::Type]>::len);
        if wanted != given {
            let name = String::from(name);
            return self.refuse(span, CheckProblem::TypeArguments { name, wanted, given });
        }
        match name {
            "packet_in" => return Some(Ty::Packet(Packet::In)),
            "packet_out" => return Some(Ty::Packet(Packet::Out)),
            _ => {}
        }
        let Some(class) = ExternClass::of_name(name) else {
            let fallback = || format!("the extern `{name}`");
            let what = unsupported_name(name).map_or_else(fallback, String::from);
            return self.unsupported(span, what);
        };
        let types: Option<Arc<[Ty]>> =
            arguments.unwrap_or_default().iter().map(|ty| self.ty(ty)).collect();
        Some(Ty::Extern(class, types?))
    }
}
