//! Types as the checker sees them, and what it knows of those that the program declares.

use std::sync::Arc;

use crate::ir;
use crate::source::Span;

/// The widest numbers there are.
pub(super) const MAX_WIDTH: u32 = 128;

/// How deep types may hold one another.
pub(super) const MAX_TYPE_DEPTH: u32 = 32;

/// How many scalars all variables of a program may hold together.
pub(super) const MAX_SLOTS: u64 = 1_000_000;

/// How many scalars a tuple may hold.
pub(super) const MAX_TUPLE_SLOTS: u64 = 4096;

/// A type of the language.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Ty {
    Bool,
    Bit(u32),
    Int(u32),
    Varbit(u32),
    Error,
    /// `int`, which only values known at compile time have.
    Integer,
    String,
    Void,
    MatchKind,
    Enum(ir::EnumId),
    Header(ir::CompositeId),
    Struct(ir::CompositeId),
    Stack(ir::CompositeId, u32),
    Tuple(Arc<[Ty]>),
    /// One of `type`: a place in [`Types::new_types`].
    New(u32),
    /// A type parameter of an extern, by its place.
    Parameter(u32),
    Packet(Packet),
    /// An extern object of ours with its type arguments.
    Extern(ExternClass, Arc<[Ty]>),
    /// `_` as a type argument.
    DontCare,
}

/// The two externs of the core library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packet {
    In,
    Out,
}

/// The externs of v1model that can be instantiated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ExternClass {
    Counter,
    DirectCounter,
    Register,
}

/// What is known of a header or struct beside its [`ir::Composite`].
#[derive(Clone, Debug)]
pub(super) struct CompositeInfo {
    pub(super) name: Arc<str>,
    pub(super) fields: Vec<(Arc<str>, Ty)>,
    pub(super) span: Span,
    pub(super) slots: u64,
    pub(super) depth: u32,
    /// The least and the greatest width in bits, if all fields are made of bits.
    pub(super) widths: Option<(u64, u64)>,
    pub(super) has_varbit: bool,
    /// Whether it can be emitted: a header, or a struct of what can be.
    pub(super) is_emitted: bool,
    /// Whether it is a struct that a header can hold.
    pub(super) is_header_part: bool,
}

/// What is known of an enumeration beside its [`ir::Enum`].
#[derive(Clone, Debug)]
pub(super) struct EnumInfo {
    pub(super) name: Arc<str>,
    pub(super) underlying: Option<Ty>,
    pub(super) members: Vec<(Arc<str>, u128)>,
    pub(super) span: Span,
}

/// A type made by `type`.
#[derive(Clone, Debug)]
pub(super) struct NewType {
    pub(super) name: Arc<str>,
    /// What it was made of.
    pub(super) base: Ty,
    /// What it is when all such names are looked through.
    pub(super) representation: Ty,
}

/// The types that the program declares.
#[derive(Debug, Default)]
pub(super) struct Types {
    pub(super) composites: Vec<CompositeInfo>,
    pub(super) enums: Vec<EnumInfo>,
    pub(super) new_types: Vec<NewType>,
}

/// A field that was found.
#[derive(Clone, Debug)]
pub(super) struct FoundField {
    pub(super) place: u32,
    pub(super) ty: Ty,
}

impl Types {
    /// The name of the header or struct.
    pub(super) fn composite_name(&self, id: ir::CompositeId) -> Arc<str> {
        self.composites.get(id.index()).map_or_else(|| Arc::from("?"), |info| info.name.clone())
    }

    /// The field of that name of a header or struct.
    pub(super) fn field(&self, ty: &Ty, name: &str) -> Option<FoundField> {
        let (Ty::Header(id) | Ty::Struct(id)) = ty else { return None };
        let fields = &self.composites.get(id.index())?.fields;
        let place = fields.iter().position(|(field, _)| **field == *name)?;
        let (_, ty) = fields.get(place)?;
        Some(FoundField { place: u32::try_from(place).ok()?, ty: ty.clone() })
    }

    /// The types of the fields of a header, struct or tuple, or of the elements of a stack, with
    /// their names if they have some.
    pub(super) fn fields(&self, ty: &Ty) -> Option<Vec<(Arc<str>, Ty)>> {
        match ty {
            Ty::Header(id) | Ty::Struct(id) => {
                self.composites.get(id.index()).map(|info| info.fields.clone())
            }
            Ty::Tuple(types) => Some(types.iter().map(|ty| (Arc::from(""), ty.clone())).collect()),
            Ty::Stack(id, size) => {
                let unnamed: Arc<str> = Arc::from("");
                Some((0..*size).map(|_| (unnamed.clone(), Ty::Header(*id))).collect())
            }
            _ => None,
        }
    }

    /// The type of the values of a serializable enumeration.
    pub(super) fn underlying(&self, ty: &Ty) -> Option<Ty> {
        let Ty::Enum(id) = ty else { return None };
        self.enums.get(id.index())?.underlying.clone()
    }

    /// The type that values of this one are held as: `type` looked through.
    pub(super) fn representation(&self, ty: &Ty) -> Ty {
        match ty {
            Ty::New(id) => {
                let found = self.new_types.get(*id as usize);
                found.map_or(Ty::Void, |new| new.representation.clone())
            }
            other => other.clone(),
        }
    }

    /// What `type` made this type of.
    pub(super) fn base(&self, ty: &Ty) -> Option<Ty> {
        let Ty::New(id) = ty else { return None };
        self.new_types.get(*id as usize).map(|new| new.base.clone())
    }

    /// The type in the checked program; none for what has no values when packets are processed.
    pub(super) fn lower(&self, ty: &Ty) -> Option<ir::Type> {
        Some(match ty {
            Ty::Bool => ir::Type::Bool,
            Ty::Bit(width) => ir::Type::Bit(*width),
            Ty::Int(width) => ir::Type::Int(*width),
            Ty::Varbit(width) => ir::Type::Varbit(*width),
            Ty::Error => ir::Type::Error,
            Ty::Void => ir::Type::Void,
            Ty::Enum(id) => ir::Type::Enum(*id),
            Ty::Header(id) => ir::Type::Header(*id),
            Ty::Struct(id) => ir::Type::Struct(*id),
            Ty::Stack(id, size) => ir::Type::Stack(*id, *size),
            Ty::Tuple(types) => {
                ir::Type::Tuple(types.iter().map(|ty| self.lower(ty)).collect::<Option<_>>()?)
            }
            Ty::New(_) => return self.lower(&self.representation(ty)),
            Ty::Integer
            | Ty::String
            | Ty::MatchKind
            | Ty::Parameter(_)
            | Ty::Packet(_)
            | Ty::Extern(..)
            | Ty::DontCare => return None,
        })
    }

    /// How many scalars a value of the type holds, validity bits included.
    pub(super) fn slots(&self, ty: &Ty) -> u64 {
        match ty {
            Ty::Header(id) | Ty::Struct(id) => {
                self.composites.get(id.index()).map_or(1, |info| info.slots)
            }
            Ty::Stack(id, size) => {
                let one = self.composites.get(id.index()).map_or(1, |info| info.slots);
                one.saturating_mul(u64::from(*size)).saturating_add(1)
            }
            Ty::Tuple(types) => {
                types.iter().fold(1, |sum: u64, ty| sum.saturating_add(self.slots(ty)))
            }
            // As much memory as so many numbers.
            Ty::Varbit(width) => 1 + u64::from(*width) / 128,
            _ => 1,
        }
    }

    /// How deep it holds other types.
    pub(super) fn depth(&self, ty: &Ty) -> u32 {
        match ty {
            Ty::Header(id) | Ty::Struct(id) | Ty::Stack(id, _) => {
                self.composites.get(id.index()).map_or(1, |info| info.depth)
            }
            Ty::Tuple(types) => types.iter().map(|ty| self.depth(ty)).max().unwrap_or(0) + 1,
            _ => 0,
        }
    }

    /// The least and the greatest width in bits, with every varbit empty and full.
    pub(super) fn widths(&self, ty: &Ty) -> Option<(u64, u64)> {
        let same = |width: u32| Some((u64::from(width), u64::from(width)));
        match ty {
            Ty::Bool => same(1),
            Ty::Bit(width) | Ty::Int(width) => same(*width),
            Ty::Varbit(width) => Some((0, u64::from(*width))),
            Ty::Enum(_) => self.underlying(ty).and_then(|ty| self.widths(&ty)),
            Ty::New(_) => self.widths(&self.representation(ty)),
            Ty::Header(id) | Ty::Struct(id) => self.composites.get(id.index())?.widths,
            Ty::Tuple(types) => self.sum_of_widths(types.iter()),
            Ty::Stack(id, size) => {
                let (least, greatest) = self.widths(&Ty::Header(*id))?;
                let times = |width: u64| width.saturating_mul(u64::from(*size));
                Some((times(least), times(greatest)))
            }
            _ => None,
        }
    }

    /// The widths of several one after the other.
    pub(super) fn sum_of_widths<'t>(
        &self,
        mut types: impl Iterator<Item = &'t Ty>,
    ) -> Option<(u64, u64)> {
        types.try_fold((0_u64, 0_u64), |(least, greatest), ty| {
            let (low, high) = self.widths(ty)?;
            Some((least.saturating_add(low), greatest.saturating_add(high)))
        })
    }

    /// The width in bits of a type without varbit, or none if it has no fixed one.
    pub(super) fn fixed_width(&self, ty: &Ty) -> Option<u64> {
        let (least, _) = self.widths(ty)?;
        if self.has_varbit(ty) { None } else { Some(least) }
    }

    /// Whether a value of the type is one scalar of a known width.
    pub(super) fn scalar_width(&self, ty: &Ty) -> Option<u32> {
        match self.representation(ty) {
            Ty::Bool => Some(1),
            Ty::Bit(width) | Ty::Int(width) => Some(width),
            ref other @ Ty::Enum(_) => self.scalar_width(&self.underlying(other)?),
            _ => None,
        }
    }

    /// Whether there is a varbit in it.
    pub(super) fn has_varbit(&self, ty: &Ty) -> bool {
        match ty {
            Ty::Varbit(_) => true,
            Ty::Header(id) | Ty::Struct(id) | Ty::Stack(id, _) => {
                self.composites.get(id.index()).is_some_and(|info| info.has_varbit)
            }
            Ty::Tuple(types) => types.iter().any(|ty| self.has_varbit(ty)),
            _ => false,
        }
    }

    /// Whether it can be emitted.
    pub(super) fn is_emitted(&self, ty: &Ty) -> bool {
        match ty {
            Ty::Header(_) | Ty::Stack(..) => true,
            Ty::Struct(id) => self.composites.get(id.index()).is_some_and(|info| info.is_emitted),
            Ty::Tuple(types) => types.iter().all(|ty| self.is_emitted(ty)),
            _ => false,
        }
    }

    /// Whether it can be a field of a header, or of a struct within one; varbits apart.
    pub(super) fn is_header_part(&self, ty: &Ty) -> bool {
        match self.representation(ty) {
            Ty::Bool | Ty::Bit(_) | Ty::Int(_) => true,
            ref other @ Ty::Enum(_) => self.underlying(other).is_some(),
            Ty::Struct(id) => {
                self.composites.get(id.index()).is_some_and(|info| info.is_header_part)
            }
            _ => false,
        }
    }

    /// The type as P4 writes it.
    pub(super) fn show(&self, ty: &Ty) -> String {
        match ty {
            Ty::Bool => String::from("bool"),
            Ty::Bit(width) => format!("bit<{width}>"),
            Ty::Int(width) => format!("int<{width}>"),
            Ty::Varbit(width) => format!("varbit<{width}>"),
            Ty::Error => String::from("error"),
            Ty::Integer => String::from("int"),
            Ty::String => String::from("string"),
            Ty::Void => String::from("void"),
            Ty::MatchKind => String::from("match_kind"),
            Ty::Enum(id) => {
                self.enums.get(id.index()).map_or_else(String::new, |info| info.name.to_string())
            }
            Ty::Header(id) | Ty::Struct(id) => self.composite_name(*id).to_string(),
            Ty::Stack(id, size) => format!("{}[{size}]", self.composite_name(*id)),
            Ty::Tuple(types) => {
                let shown: Vec<String> = types.iter().map(|ty| self.show(ty)).collect();
                format!("tuple<{}>", shown.join(", "))
            }
            Ty::New(id) => {
                let found = self.new_types.get(*id as usize);
                found.map_or_else(String::new, |new| new.name.to_string())
            }
            Ty::Parameter(_) => String::from("a type parameter"),
            Ty::Packet(Packet::In) => String::from("packet_in"),
            Ty::Packet(Packet::Out) => String::from("packet_out"),
            Ty::Extern(class, arguments) => {
                let shown: Vec<String> = arguments.iter().map(|ty| self.show(ty)).collect();
                let name = class.name();
                if shown.is_empty() {
                    String::from(name)
                } else {
                    format!("{name}<{}>", shown.join(", "))
                }
            }
            Ty::DontCare => String::from("_"),
        }
    }
}

impl ExternClass {
    /// The name in v1model.
    pub(super) fn name(self) -> &'static str {
        match self {
            ExternClass::Counter => "counter",
            ExternClass::DirectCounter => "direct_counter",
            ExternClass::Register => "register",
        }
    }

    /// The extern of that name, if it is one of ours.
    pub(super) fn of_name(name: &str) -> Option<ExternClass> {
        let all = [ExternClass::Counter, ExternClass::DirectCounter, ExternClass::Register];
        all.into_iter().find(|class| class.name() == name)
    }
}
