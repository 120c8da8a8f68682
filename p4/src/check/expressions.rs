//! Expressions.

use num_bigint::BigInt;

use super::calls::Called;
use super::operands::{self, Operand, Value};
use super::places::Found;
use super::problem::CheckProblem;
use super::scopes::Symbol;
use super::types::Ty;
use super::{Checker, numbers};
use crate::ir;
use crate::source::Span;
use crate::syntax::ast::{self, ExpressionKind};

impl<'a> Checker<'a> {
    /// What the expression comes to.
    pub(super) fn expression(&mut self, expression: &'a ast::Expression) -> Option<Operand> {
        self.nested(expression.span, |checker| checker.expression_within(expression))
    }

    fn expression_within(&mut self, expression: &'a ast::Expression) -> Option<Operand> {
        let span = expression.span;
        match &expression.kind {
            ExpressionKind::Bool(value) => self.scalar(Ty::Bool, u128::from(*value), span),
            ExpressionKind::Integer(literal) => self.literal(literal, span),
            ExpressionKind::String(text) => Some(Operand::String(text.clone(), span)),
            ExpressionKind::Path(_) => self.place_or_value(expression),
            ExpressionKind::This => self.unsupported(span, "`this`"),
            ExpressionKind::Member(base, name) => self.member(expression, base, name),
            ExpressionKind::TypeMember(ty, name) => self.type_member(ty, name, span),
            ExpressionKind::Index(base, index) => self.index(expression, base, index),
            ExpressionKind::Slice(base, high, low) => self.slice(base, high, low, span),
            ExpressionKind::Call { function, type_arguments, arguments } => {
                match self.call(function, type_arguments, arguments, span)? {
                    Called::Value(operand) => Some(operand),
                    Called::Statement(_) => self.refuse(span, CheckProblem::NoResult),
                }
            }
            ExpressionKind::Construct { .. } => self.refuse(span, CheckProblem::ConstructorHere),
            ExpressionKind::Unary(operator, operand) => self.unary(*operator, operand, span),
            ExpressionKind::Binary(operator, left, right) => {
                self.binary(*operator, left, right, span)
            }
            ExpressionKind::Cast(ty, operand) => {
                let ty = self.ty(ty)?;
                // It may become two casts in the checked program.
                let operand = self.nested(span, |checker| checker.expression(operand))?;
                self.cast(operand, &ty, span)
            }
            ExpressionKind::Conditional(condition, then, otherwise) => {
                self.conditional(condition, then, otherwise, span)
            }
            ExpressionKind::List { elements, rest } => {
                let operands = self.expressions(elements)?;
                self.charge(1, span)?;
                Some(Operand::List(operands, *rest, span))
            }
            ExpressionKind::Record { fields, rest } => {
                let mut operands = Vec::new();
                for (name, value) in fields {
                    let operand = self.expression(value)?;
                    operands.push((name.text.clone(), operand, name.span));
                }
                self.charge(1, span)?;
                Some(Operand::Record(operands, *rest, span))
            }
            ExpressionKind::Invalid => Some(Operand::InvalidHeader(span)),
            ExpressionKind::Dots => Some(Operand::Default(span)),
            ExpressionKind::Tuple(elements) => {
                let operands = self.expressions(elements)?;
                Some(Operand::List(operands, false, span))
            }
            ExpressionKind::DontCare | ExpressionKind::Mask(..) | ExpressionKind::Range(..) => {
                self.refuse(span, CheckProblem::SetHere)
            }
        }
    }

    /// All of them, so that each is checked.
    pub(super) fn expressions(
        &mut self,
        expressions: &'a [ast::Expression],
    ) -> Option<Vec<Operand>> {
        let operands: Vec<Option<Operand>> =
            expressions.iter().map(|expression| self.expression(expression)).collect();
        operands.into_iter().collect()
    }

    fn literal(&mut self, literal: &ast::IntegerLiteral, span: Span) -> Option<Operand> {
        let number = BigInt::from(literal.value);
        let Some((width, is_signed)) = literal.width else {
            return Some(Operand::Integer(number, span));
        };
        let name = if is_signed { "int" } else { "bit" };
        if width == 0 {
            return self.refuse(span, CheckProblem::ZeroWidth { name });
        }
        if width > super::types::MAX_WIDTH {
            let greatest = super::types::MAX_WIDTH;
            let width = width.to_string();
            return self.refuse(span, CheckProblem::TooWide { name, width, greatest });
        }
        let ty = if is_signed { Ty::Int(width) } else { Ty::Bit(width) };
        self.scalar(ty, numbers::truncate(&number, width), span)
    }

    /// What a path or a member of a place comes to.
    pub(super) fn place_or_value(&mut self, expression: &'a ast::Expression) -> Option<Operand> {
        let span = expression.span;
        if let ExpressionKind::Path(path) = &expression.kind {
            let named = self.find(path)?;
            return match named.symbol {
                Symbol::Constant(operand, size) => {
                    self.charge(size, span)?;
                    Some(operand.at(span))
                }
                Symbol::Variable(variable) => {
                    let place = ir::Place::Variable(variable.id);
                    self.operand(variable.ty, ir::ExpressionKind::Read(place), span)
                }
                other => {
                    let (name, is) = (path.name.text.to_string(), other.what());
                    let problem = CheckProblem::NotA { name, wanted: "a value", is };
                    self.report_with(span, problem, vec![(named.span, "declared here")]);
                    None
                }
            };
        }
        let Found { place, ty, .. } = self.place(expression)?;
        self.operand(ty, ir::ExpressionKind::Read(place), span)
    }

    fn slice(
        &mut self,
        base: &'a ast::Expression,
        high: &'a ast::Expression,
        low: &'a ast::Expression,
        span: Span,
    ) -> Option<Operand> {
        let operand = self.expression(base)?;
        if let Operand::Integer(number, _) = operand {
            return self.slice_of_number(&number, high, low, span);
        }
        let value = self.own_value(operand)?;
        let value = self.underlying_value(value)?;
        let (high, low) = self.slice_bounds(&value.ty, high, low, span)?;
        let ty = Ty::Bit(high - low + 1);
        if let Some(constant) = value.constant() {
            return self.scalar(ty, (constant >> low) & numbers::ones(high - low + 1), span);
        }
        let inner = Box::new(value.expression);
        self.operand(ty, ir::ExpressionKind::Slice(inner, high, low), span)
    }

    /// Bits of a number of any size, as if in two's complement without end.
    fn slice_of_number(
        &mut self,
        number: &BigInt,
        high: &'a ast::Expression,
        low: &'a ast::Expression,
        span: Span,
    ) -> Option<Operand> {
        let what = "a bound of a slice";
        let operand = self.expression(high)?;
        let high = self.number_within(operand, what, 0, numbers::MAX_BITS)?;
        let operand = self.expression(low)?;
        let low = self.number_within(operand, what, 0, numbers::MAX_BITS)?;
        if high < low {
            return self.refuse(span, CheckProblem::SliceOrder { high, low });
        }
        let width = u32::try_from(high - low + 1).ok()?;
        if width > super::types::MAX_WIDTH {
            let (name, greatest) = ("bit", super::types::MAX_WIDTH);
            let width = width.to_string();
            return self.refuse(span, CheckProblem::TooWide { name, width, greatest });
        }
        self.scalar(Ty::Bit(width), numbers::truncate(&(number >> low), width), span)
    }

    /// The bounds of a slice, the higher first.
    pub(super) fn slice_bounds(
        &mut self,
        ty: &Ty,
        high: &'a ast::Expression,
        low: &'a ast::Expression,
        span: Span,
    ) -> Option<(u32, u32)> {
        let (Ty::Bit(width) | Ty::Int(width)) = self.types.representation(ty) else {
            let found = self.types.show(ty);
            let operator = "[:]";
            let wanted = "`bit` or `int` with a width";
            return self.refuse(span, CheckProblem::Operand { operator, wanted, found });
        };
        let greatest = u64::from(width) - 1;
        let what = "a bound of a slice";
        let operand = self.expression(high)?;
        let high = self.number_within(operand, what, 0, greatest)?;
        let operand = self.expression(low)?;
        let low = self.number_within(operand, what, 0, greatest)?;
        if high < low {
            return self.refuse(span, CheckProblem::SliceOrder { high, low });
        }
        Some((u32::try_from(high).ok()?, u32::try_from(low).ok()?))
    }

    fn conditional(
        &mut self,
        condition: &'a ast::Expression,
        then: &'a ast::Expression,
        otherwise: &'a ast::Expression,
        span: Span,
    ) -> Option<Operand> {
        let condition = self.condition(condition);
        let then = self.expression(then);
        let otherwise = self.expression(otherwise);
        let (condition, then, otherwise) = (condition?, then?, otherwise?);
        if let ir::ExpressionKind::Constant(value) = condition.kind
            && let (Operand::Integer(..), Operand::Integer(..)) = (&then, &otherwise)
        {
            return Some(if value == 1 { then } else { otherwise }.at(span));
        }
        let (then, otherwise) = self.alike(then, otherwise, "? :", span)?;
        if let ir::ExpressionKind::Constant(value) = condition.kind
            && operands::is_constant(&then.expression)
            && operands::is_constant(&otherwise.expression)
        {
            let value = if value == 1 { then } else { otherwise };
            return Some(Operand::Value(value).at(span));
        }
        let Value { ty, expression: then } = then;
        let (condition, then) = (Box::new(condition), Box::new(then));
        let otherwise = Box::new(otherwise.expression);
        self.operand(ty, ir::ExpressionKind::Conditional(condition, then, otherwise), span)
    }

    /// A condition.
    pub(super) fn condition(&mut self, expression: &'a ast::Expression) -> Option<ir::Expression> {
        let operand = self.expression(expression)?;
        self.convert(operand, &Ty::Bool)
    }

    /// Something that must be known at compile time, converted to a type.
    pub(super) fn constant_of(
        &mut self,
        operand: Operand,
        ty: &Ty,
        what: &'static str,
    ) -> Option<Operand> {
        let span = operand.span();
        let converted = match ty {
            Ty::Integer => Operand::Integer(self.number(operand, what)?, span),
            Ty::String => match operand {
                Operand::String(..) => operand,
                other => {
                    let expected = String::from("string");
                    let found = self.show_operand(&other);
                    return self.refuse(span, CheckProblem::Mismatch { expected, found });
                }
            },
            _ => {
                let expression = self.convert(operand, ty)?;
                Operand::Value(Value { ty: ty.clone(), expression })
            }
        };
        if converted.is_constant() {
            Some(converted)
        } else {
            self.refuse(span, CheckProblem::NotConstant { what })
        }
    }
}
