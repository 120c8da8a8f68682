//! What an expression comes to: a value of the packet's time, or one that only compilation knows.

use std::sync::Arc;

use num_bigint::BigInt;

use super::Checker;
use super::numbers;
use super::problem::CheckProblem;
use super::type_names::MAX_STACK;
use super::types::Ty;
use crate::ir;
use crate::source::Span;

/// What an expression comes to.
#[derive(Clone, Debug)]
pub(super) enum Operand {
    /// A number of type `int`.
    Integer(BigInt, Span),
    /// A text.
    String(Arc<str>, Span),
    /// `{ a, b }`, whose type depends on what it is used for; whether default values follow.
    List(Vec<Operand>, bool, Span),
    /// `{ a = 1 }`, likewise.
    Record(Vec<(Arc<str>, Operand, Span)>, bool, Span),
    /// `{#}`
    InvalidHeader(Span),
    /// `...`
    Default(Span),
    /// Anything else.
    Value(Value),
}

/// A value with its type.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub(super) ty: Ty,
    pub(super) expression: ir::Expression,
}

impl Operand {
    pub(super) fn span(&self) -> Span {
        match self {
            Operand::Integer(_, span)
            | Operand::String(_, span)
            | Operand::List(_, _, span)
            | Operand::Record(_, _, span)
            | Operand::InvalidHeader(span)
            | Operand::Default(span) => *span,
            Operand::Value(value) => value.expression.span,
        }
    }

    /// The same at another place of the source.
    pub(super) fn at(mut self, place: Span) -> Operand {
        match &mut self {
            Operand::Integer(_, span)
            | Operand::String(_, span)
            | Operand::List(_, _, span)
            | Operand::Record(_, _, span)
            | Operand::InvalidHeader(span)
            | Operand::Default(span) => *span = place,
            Operand::Value(value) => value.expression.span = place,
        }
        self
    }

    /// Whether it is known at compile time.
    pub(super) fn is_constant(&self) -> bool {
        match self {
            Operand::Integer(..)
            | Operand::String(..)
            | Operand::InvalidHeader(_)
            | Operand::Default(_) => true,
            Operand::List(elements, ..) => elements.iter().all(Operand::is_constant),
            Operand::Record(fields, ..) => fields.iter().all(|(_, value, _)| value.is_constant()),
            Operand::Value(value) => is_constant(&value.expression),
        }
    }

    /// How many nodes it has.
    pub(super) fn size(&self) -> u64 {
        match self {
            Operand::List(elements, ..) => 1 + elements.iter().map(Operand::size).sum::<u64>(),
            Operand::Record(fields, ..) => {
                1 + fields.iter().map(|(_, value, _)| value.size()).sum::<u64>()
            }
            Operand::Value(value) => constant_size(&value.expression),
            _ => 1,
        }
    }
}

/// Whether the expression is a constant: a scalar, or made of constants.
pub(super) fn is_constant(expression: &ir::Expression) -> bool {
    match &expression.kind {
        ir::ExpressionKind::Constant(_) | ir::ExpressionKind::InvalidHeader => true,
        ir::ExpressionKind::Aggregate(elements) => elements.iter().all(is_constant),
        _ => false,
    }
}

fn constant_size(expression: &ir::Expression) -> u64 {
    match &expression.kind {
        ir::ExpressionKind::Aggregate(elements) => {
            1 + elements.iter().map(constant_size).sum::<u64>()
        }
        _ => 1,
    }
}

impl Value {
    /// The scalar that it is, if that is known.
    pub(super) fn constant(&self) -> Option<u128> {
        match self.expression.kind {
            ir::ExpressionKind::Constant(value) => Some(value),
            _ => None,
        }
    }
}

impl<'a> Checker<'a> {
    /// A value of a type that has values when packets are processed.
    pub(super) fn value(&mut self, ty: Ty, kind: ir::ExpressionKind, span: Span) -> Option<Value> {
        self.charge(1, span)?;
        let lowered = self.lowered(&ty, span)?;
        Some(Value { ty, expression: ir::Expression { ty: lowered, kind, span } })
    }

    /// The same as an operand.
    pub(super) fn operand(
        &mut self,
        ty: Ty,
        kind: ir::ExpressionKind,
        span: Span,
    ) -> Option<Operand> {
        self.value(ty, kind, span).map(Operand::Value)
    }

    /// A constant scalar.
    pub(super) fn scalar(&mut self, ty: Ty, value: u128, span: Span) -> Option<Operand> {
        self.operand(ty, ir::ExpressionKind::Constant(value), span)
    }

    /// The type of an operand in words.
    pub(super) fn show_operand(&self, operand: &Operand) -> String {
        match operand {
            Operand::Integer(..) => String::from("int"),
            Operand::String(..) => String::from("string"),
            Operand::List(elements, ..) => {
                let shown: Vec<String> =
                    elements.iter().map(|element| self.show_operand(element)).collect();
                format!("{{ {} }}", shown.join(", "))
            }
            Operand::Record(fields, ..) => {
                let shown: Vec<String> = fields
                    .iter()
                    .map(|(name, value, _)| format!("{name} = {}", self.show_operand(value)))
                    .collect();
                format!("{{ {} }}", shown.join(", "))
            }
            Operand::InvalidHeader(_) => String::from("{#}"),
            Operand::Default(_) => String::from("..."),
            Operand::Value(value) => self.types.show(&value.ty),
        }
    }

    /// The operand as a value of its own type: none has been given from outside.
    pub(super) fn own_value(&mut self, operand: Operand) -> Option<Value> {
        match operand {
            Operand::Value(value) => Some(value),
            Operand::Integer(_, span) => self.refuse(span, CheckProblem::UnknownWidth),
            Operand::List(elements, false, span) => {
                let mut values = Vec::new();
                let mut types = Vec::new();
                for element in elements {
                    let value = self.own_value(element)?;
                    types.push(value.ty);
                    values.push(value.expression);
                }
                let ty = self.tuple(types, span)?;
                self.value(ty, ir::ExpressionKind::Aggregate(values), span)
            }
            other => {
                let what = self.show_operand(&other);
                self.refuse(other.span(), CheckProblem::UnknownType { what })
            }
        }
    }

    /// Converts as an assignment does: without a cast only numbers get a width, serializable
    /// enumerations become their underlying type, and lists become what they are assigned to.
    pub(super) fn convert(&mut self, operand: Operand, to: &Ty) -> Option<ir::Expression> {
        self.nested(operand.span(), |checker| checker.convert_within(operand, to))
    }

    fn convert_within(&mut self, operand: Operand, to: &Ty) -> Option<ir::Expression> {
        let span = operand.span();
        match operand {
            Operand::Value(value) if value.ty == *to => Some(value.expression),
            Operand::Value(value) if self.types.underlying(&value.ty).as_ref() == Some(to) => {
                self.underlying_value(value).map(|value| value.expression)
            }
            Operand::Integer(number, _) if matches!(to, Ty::Bit(_) | Ty::Int(_)) => {
                let (Ty::Bit(width) | Ty::Int(width)) = to else { return None };
                let held = numbers::truncate(&number, *width);
                self.value(to.clone(), ir::ExpressionKind::Constant(held), span)
                    .map(|value| value.expression)
            }
            Operand::List(elements, rest, _)
                if matches!(to, Ty::Header(_) | Ty::Struct(_) | Ty::Tuple(_) | Ty::Stack(..)) =>
            {
                self.convert_list(elements, rest, to, span)
            }
            Operand::Record(fields, rest, _) if matches!(to, Ty::Header(_) | Ty::Struct(_)) => {
                self.convert_record(fields, rest, to, span)
            }
            Operand::InvalidHeader(_) if matches!(to, Ty::Header(_)) => self
                .value(to.clone(), ir::ExpressionKind::InvalidHeader, span)
                .map(|value| value.expression),
            Operand::Default(_) => self.zero(to, span),
            other => {
                let expected = self.types.show(to);
                let found = self.show_operand(&other);
                self.refuse(span, CheckProblem::Mismatch { expected, found })
            }
        }
    }

    fn convert_list(
        &mut self,
        elements: Vec<Operand>,
        rest: bool,
        to: &Ty,
        span: Span,
    ) -> Option<ir::Expression> {
        self.charge(self.types.slots(to).min(MAX_STACK), span)?;
        let fields = self.types.fields(to)?;
        let (wanted, given) = (fields.len(), elements.len());
        if given > wanted || (given < wanted && !rest) {
            let ty = self.types.show(to);
            return self.refuse(span, CheckProblem::ListLength { ty, wanted, given });
        }
        let mut values = Vec::new();
        let mut elements = elements.into_iter();
        let mut failed = false;
        for (_, ty) in &fields {
            let value = match elements.next() {
                Some(element) => self.convert(element, ty),
                None => self.zero(ty, span),
            };
            match value {
                Some(value) => values.push(value),
                None => failed = true,
            }
        }
        if failed {
            return None;
        }
        self.value(to.clone(), ir::ExpressionKind::Aggregate(values), span)
            .map(|value| value.expression)
    }

    fn convert_record(
        &mut self,
        given: Vec<(Arc<str>, Operand, Span)>,
        rest: bool,
        to: &Ty,
        span: Span,
    ) -> Option<ir::Expression> {
        let fields = self.types.fields(to)?;
        let ty = self.types.show(to);
        for (name, _, span) in &given {
            if !fields.iter().any(|(field, _)| field == name) {
                return self.no_field(to, name, *span);
            }
        }
        let mut given = given;
        let mut values = Vec::new();
        for (name, field_ty) in &fields {
            let found = given.iter().position(|(field, ..)| field == name);
            let value = match found {
                Some(index) => {
                    let (_, value, _) = given.swap_remove(index);
                    self.convert(value, field_ty)?
                }
                None if rest => self.zero(field_ty, span)?,
                None => {
                    let field = name.to_string();
                    return self.refuse(span, CheckProblem::MissingField { ty, field });
                }
            };
            values.push(value);
        }
        if let Some((name, _, span)) = given.first() {
            return self.refuse(*span, CheckProblem::GivenTwice { name: name.to_string() });
        }
        self.in_written_order(values.iter().collect::<Vec<_>>().as_slice())?;
        self.value(to.clone(), ir::ExpressionKind::Aggregate(values), span)
            .map(|value| value.expression)
    }

    /// A serializable enumeration's value as one of its underlying type.
    pub(super) fn underlying_value(&mut self, value: Value) -> Option<Value> {
        let Some(ty) = self.types.underlying(&value.ty) else { return Some(value) };
        self.retype(value, ty)
    }

    /// A cast between types that are held alike.
    pub(super) fn retype(&mut self, value: Value, ty: Ty) -> Option<Value> {
        let span = value.expression.span;
        match value.constant() {
            Some(constant) => self.value(ty, ir::ExpressionKind::Constant(constant), span),
            None => {
                let inner = Box::new(value.expression);
                self.value(ty, ir::ExpressionKind::Cast(inner), span)
            }
        }
    }

    /// The default value of a type: zeros and invalid headers (specification 7.3).
    pub(super) fn zero(&mut self, ty: &Ty, span: Span) -> Option<ir::Expression> {
        let kind = match self.types.representation(ty) {
            Ty::Header(_) => ir::ExpressionKind::InvalidHeader,
            ref whole @ (Ty::Struct(_) | Ty::Tuple(_) | Ty::Stack(..)) => {
                let fields = self.types.fields(whole)?;
                let values: Option<Vec<ir::Expression>> =
                    fields.iter().map(|(_, ty)| self.zero(ty, span)).collect();
                ir::ExpressionKind::Aggregate(values?)
            }
            Ty::Bool | Ty::Bit(_) | Ty::Int(_) | Ty::Error | Ty::Enum(_) => {
                ir::ExpressionKind::Constant(0)
            }
            _ => {
                let what = format!("a default value of type `{}`", self.types.show(ty));
                return self.refuse(span, CheckProblem::Unsupported { what });
            }
        };
        self.value(ty.clone(), kind, span).map(|value| value.expression)
    }

    /// Converts what must be known at compile time.
    pub(super) fn convert_constant(
        &mut self,
        operand: Operand,
        to: &Ty,
        what: &'static str,
    ) -> Option<u128> {
        let span = operand.span();
        let expression = self.convert(operand, to)?;
        match expression.kind {
            ir::ExpressionKind::Constant(value) => Some(value),
            _ => self.refuse(span, CheckProblem::NotConstant { what }),
        }
    }

    /// The operand as a number that is known at compile time, whatever its width.
    pub(super) fn number(&mut self, operand: Operand, what: &'static str) -> Option<BigInt> {
        let span = operand.span();
        match operand {
            Operand::Integer(number, _) => Some(number),
            Operand::Value(value) => {
                let value = self.underlying_value(value)?;
                match (value.constant(), &value.ty) {
                    (Some(held), Ty::Bit(_)) => Some(BigInt::from(held)),
                    (Some(held), Ty::Int(width)) => Some(numbers::signed(held, *width)),
                    (Some(_), _) => {
                        let expected = String::from("a number");
                        let found = self.types.show(&value.ty);
                        self.refuse(span, CheckProblem::Mismatch { expected, found })
                    }
                    (None, _) => self.refuse(span, CheckProblem::NotConstant { what }),
                }
            }
            other => {
                let expected = String::from("a number");
                let found = self.show_operand(&other);
                self.refuse(span, CheckProblem::Mismatch { expected, found })
            }
        }
    }

    /// The operand as a number from `low` to `high` that is known at compile time.
    pub(super) fn number_within(
        &mut self,
        operand: Operand,
        what: &'static str,
        low: u64,
        high: u64,
    ) -> Option<u64> {
        let span = operand.span();
        let number = self.number(operand, what)?;
        match u64::try_from(&number) {
            Ok(value) if (low..=high).contains(&value) => Some(value),
            _ => {
                let value = numbers::show(&number);
                self.refuse(span, CheckProblem::OutOfRange { what, value, low, high })
            }
        }
    }
}
