//! Operators: what their operands may be and what they come to (specification 8.5 to 8.10).

use num_bigint::{BigInt, Sign};

use super::Checker;
use super::names::{operator_text, unary_text};
use super::numbers;
use super::operands::{Operand, Value};
use super::problem::CheckProblem;
use super::types::{MAX_WIDTH, Ty};
use crate::ir;
use crate::source::Span;
use crate::syntax::ast::{self, BinaryOperator, UnaryOperator};

impl<'a> Checker<'a> {
    /// An operator before its operand.
    pub(super) fn unary(
        &mut self,
        operator: UnaryOperator,
        operand: &'a ast::Expression,
        span: Span,
    ) -> Option<Operand> {
        let operand = self.expression(operand)?;
        if let Operand::Integer(number, _) = operand {
            return match operator {
                UnaryOperator::Minus => Some(Operand::Integer(-number, span)),
                UnaryOperator::Plus => Some(Operand::Integer(number, span)),
                UnaryOperator::Complement => self.refuse(span, CheckProblem::UnknownWidth),
                UnaryOperator::Not => {
                    let (operator, wanted, found) = ("!", "`bool`", String::from("int"));
                    self.refuse(span, CheckProblem::Operand { operator, wanted, found })
                }
            };
        }
        let value = self.own_value(operand)?;
        let value = self.underlying_value(value)?;
        let ty = value.ty.clone();
        let (lowered, folded) = match (operator, &ty) {
            (UnaryOperator::Not, Ty::Bool) => {
                (ir::UnaryOperator::Not, value.constant().map(|held| held ^ 1))
            }
            (UnaryOperator::Complement, Ty::Bit(width) | Ty::Int(width)) => {
                let ones = numbers::ones(*width);
                (ir::UnaryOperator::Complement, value.constant().map(|held| held ^ ones))
            }
            (UnaryOperator::Minus, Ty::Bit(width) | Ty::Int(width)) => {
                let negated = |held: u128| numbers::truncate(&-BigInt::from(held), *width);
                (ir::UnaryOperator::Negate, value.constant().map(negated))
            }
            (UnaryOperator::Plus, Ty::Bit(_) | Ty::Int(_)) => {
                return Some(Operand::Value(value).at(span));
            }
            _ => {
                let found = self.types.show(&ty);
                let wanted = match operator {
                    UnaryOperator::Not => "`bool`",
                    _ => "`bit` or `int` with a width",
                };
                let operator = unary_text(operator);
                return self.refuse(span, CheckProblem::Operand { operator, wanted, found });
            }
        };
        match folded {
            Some(held) => self.scalar(ty, held, span),
            None => {
                let inner = Box::new(value.expression);
                self.operand(ty, ir::ExpressionKind::Unary(lowered, inner), span)
            }
        }
    }

    /// An operator between its operands.
    pub(super) fn binary(
        &mut self,
        operator: BinaryOperator,
        left: &'a ast::Expression,
        right: &'a ast::Expression,
        span: Span,
    ) -> Option<Operand> {
        let left = self.expression(left);
        let right = self.expression(right);
        let (left, right) = (left?, right?);
        match operator {
            BinaryOperator::And | BinaryOperator::Or => self.logical(operator, left, right, span),
            BinaryOperator::ShiftLeft | BinaryOperator::ShiftRight => {
                self.shift(operator, left, right, span)
            }
            BinaryOperator::Concatenate => self.concatenate(left, right, span),
            BinaryOperator::Divide | BinaryOperator::Modulo => {
                self.divide(operator, left, right, span)
            }
            BinaryOperator::Equal | BinaryOperator::NotEqual => {
                self.equality(operator, left, right, span)
            }
            _ => self.arithmetic(operator, left, right, span),
        }
    }

    fn logical(
        &mut self,
        operator: BinaryOperator,
        left: Operand,
        right: Operand,
        span: Span,
    ) -> Option<Operand> {
        let left = self.convert(left, &Ty::Bool);
        let right = self.convert(right, &Ty::Bool);
        let (left, right) = (left?, right?);
        let lowered = match operator {
            BinaryOperator::And => ir::BinaryOperator::And,
            _ => ir::BinaryOperator::Or,
        };
        if let ir::ExpressionKind::Constant(held) = left.kind {
            let decides = (held == 1) == (lowered == ir::BinaryOperator::Or);
            let expression = if decides { left } else { right };
            return Some(Operand::Value(Value { ty: Ty::Bool, expression }).at(span));
        }
        let kind = ir::ExpressionKind::Binary(lowered, Box::new(left), Box::new(right));
        self.operand(Ty::Bool, kind, span)
    }

    /// Both operands with one type, if one can be converted to the other's.
    pub(super) fn alike(
        &mut self,
        left: Operand,
        right: Operand,
        operator: &'static str,
        span: Span,
    ) -> Option<(Value, Value)> {
        let (left, right) = match (left, right) {
            (Operand::Value(left), Operand::Value(right)) => {
                if left.ty == right.ty {
                    return Some((left, right));
                }
                let left = self.underlying_value(left)?;
                let right = self.underlying_value(right)?;
                if left.ty == right.ty {
                    return Some((left, right));
                }
                let (left, right) = (self.types.show(&left.ty), self.types.show(&right.ty));
                return self.refuse(span, CheckProblem::Operands { operator, left, right });
            }
            (Operand::Value(left), right) => {
                let left = self.for_literal(left, &right)?;
                let expression = self.convert(right, &left.ty)?;
                let right = Value { ty: left.ty.clone(), expression };
                (left, right)
            }
            (left, Operand::Value(right)) => {
                let right = self.for_literal(right, &left)?;
                let expression = self.convert(left, &right.ty)?;
                let left = Value { ty: right.ty.clone(), expression };
                (left, right)
            }
            (left, right) => {
                let left = self.own_value(left)?;
                let right = self.own_value(right)?;
                return self.alike(Operand::Value(left), Operand::Value(right), operator, span);
            }
        };
        Some((left, right))
    }

    /// A serializable enumeration beside a number is one itself.
    fn for_literal(&mut self, value: Value, literal: &Operand) -> Option<Value> {
        match literal {
            Operand::Integer(..) => self.underlying_value(value),
            _ => Some(value),
        }
    }

    fn arithmetic(
        &mut self,
        operator: BinaryOperator,
        left: Operand,
        right: Operand,
        span: Span,
    ) -> Option<Operand> {
        let text = operator_text(operator);
        let lowered = lowered_operator(operator)?;
        if let (Operand::Integer(a, _), Operand::Integer(b, _)) = (&left, &right) {
            return self.arithmetic_any(operator, lowered, a, b, span);
        }
        let (left, right) = self.alike(left, right, text, span)?;
        let left = self.underlying_value(left)?;
        let right = self.underlying_value(right)?;
        let ty = left.ty.clone();
        let (width, is_signed) = match ty {
            Ty::Bit(width) => (width, false),
            Ty::Int(width) => (width, true),
            _ => {
                let found = self.types.show(&ty);
                let (operator, wanted) = (text, "`bit` or `int`");
                return self.refuse(span, CheckProblem::Operand { operator, wanted, found });
            }
        };
        let result = if is_comparison(lowered) { Ty::Bool } else { ty };
        if let (Some(a), Some(b)) = (left.constant(), right.constant())
            && let Some(held) = numbers::fold(lowered, a, b, width, is_signed)
        {
            return self.scalar(result, held, span);
        }
        let (left, right) = (Box::new(left.expression), Box::new(right.expression));
        self.operand(result, ir::ExpressionKind::Binary(lowered, left, right), span)
    }

    fn arithmetic_any(
        &mut self,
        operator: BinaryOperator,
        lowered: ir::BinaryOperator,
        a: &BigInt,
        b: &BigInt,
        span: Span,
    ) -> Option<Operand> {
        let held = match operator {
            BinaryOperator::Less => a < b,
            BinaryOperator::LessEqual => a <= b,
            BinaryOperator::Greater => a > b,
            BinaryOperator::GreaterEqual => a >= b,
            BinaryOperator::Add | BinaryOperator::Subtract | BinaryOperator::Multiply => {
                return match numbers::fold_any(lowered, a, b) {
                    Ok(number) => Some(Operand::Integer(number, span)),
                    Err(numbers::TooLarge) => self.refuse(span, CheckProblem::NumberTooLarge),
                };
            }
            _ => return self.refuse(span, CheckProblem::UnknownWidth),
        };
        self.scalar(Ty::Bool, u128::from(held), span)
    }

    fn equality(
        &mut self,
        operator: BinaryOperator,
        left: Operand,
        right: Operand,
        span: Span,
    ) -> Option<Operand> {
        let is_equal = operator == BinaryOperator::Equal;
        match (&left, &right) {
            (Operand::Integer(a, _), Operand::Integer(b, _)) => {
                let held = u128::from((a == b) == is_equal);
                return self.scalar(Ty::Bool, held, span);
            }
            (Operand::String(a, _), Operand::String(b, _)) => {
                let held = u128::from((a == b) == is_equal);
                return self.scalar(Ty::Bool, held, span);
            }
            _ => {}
        }
        let (left, right) = self.alike(left, right, operator_text(operator), span)?;
        let lowered = lowered_operator(operator)?;
        if let (Some(a), Some(b)) = (left.constant(), right.constant()) {
            return self.scalar(Ty::Bool, u128::from((a == b) == is_equal), span);
        }
        let (left, right) = (Box::new(left.expression), Box::new(right.expression));
        self.operand(Ty::Bool, ir::ExpressionKind::Binary(lowered, left, right), span)
    }

    fn shift(
        &mut self,
        operator: BinaryOperator,
        left: Operand,
        right: Operand,
        span: Span,
    ) -> Option<Operand> {
        let lowered = lowered_operator(operator)?;
        if let Operand::Integer(number, _) = &left {
            let count = self.number(right, "what a number without a width is shifted by")?;
            if count.sign() == Sign::Minus {
                return self.refuse(span, CheckProblem::NegativeShift);
            }
            return match numbers::fold_any(lowered, number, &count) {
                Ok(number) => Some(Operand::Integer(number, span)),
                Err(numbers::TooLarge) => self.refuse(span, CheckProblem::NumberTooLarge),
            };
        }
        let left = self.own_value(left)?;
        let left = self.underlying_value(left)?;
        let ty = left.ty.clone();
        let (width, is_signed) = match ty {
            Ty::Bit(width) => (width, false),
            Ty::Int(width) => (width, true),
            _ => {
                let found = self.types.show(&ty);
                let (operator, wanted) = (operator_text(operator), "`bit` or `int`");
                return self.refuse(span, CheckProblem::Operand { operator, wanted, found });
            }
        };
        let count = match right {
            Operand::Integer(number, at) => {
                if number.sign() == Sign::Minus {
                    return self.refuse(at, CheckProblem::NegativeShift);
                }
                let count = u128::try_from(&number).unwrap_or(u128::from(MAX_WIDTH));
                let count = count.min(u128::from(MAX_WIDTH));
                self.value(Ty::Bit(32), ir::ExpressionKind::Constant(count), at)?
            }
            other => {
                let value = self.own_value(other)?;
                self.underlying_value(value)?
            }
        };
        match count.ty {
            Ty::Bit(_) => {}
            Ty::Int(count_width) if count.constant().is_some() => {
                let held = count.constant().unwrap_or_default();
                if numbers::signed(held, count_width).sign() == Sign::Minus {
                    return self.refuse(span, CheckProblem::NegativeShift);
                }
            }
            ref other => {
                let found = self.types.show(other);
                let (what, wanted) = ("the right operand of a shift", "`bit`");
                return self.refuse(span, CheckProblem::Unfit { what, wanted, found });
            }
        }
        if let (Some(held), Some(count)) = (left.constant(), count.constant()) {
            let held = numbers::fold_shift(lowered, held, count, width, is_signed);
            return self.scalar(ty, held, span);
        }
        let count = match (count.ty.clone(), count.constant()) {
            (Ty::Int(width), Some(_)) => self.retype(count, Ty::Bit(width))?,
            _ => count,
        };
        let (left, right) = (Box::new(left.expression), Box::new(count.expression));
        self.operand(ty, ir::ExpressionKind::Binary(lowered, left, right), span)
    }

    fn concatenate(&mut self, left: Operand, right: Operand, span: Span) -> Option<Operand> {
        let left = self.own_value(left)?;
        let left = self.underlying_value(left)?;
        let right = self.own_value(right)?;
        let right = self.underlying_value(right)?;
        let (left_width, right_width) = match (&left.ty, &right.ty) {
            (Ty::Bit(a) | Ty::Int(a), Ty::Bit(b) | Ty::Int(b)) => (*a, *b),
            (Ty::Bit(_) | Ty::Int(_), other) | (other, _) => {
                let (operator, wanted) = ("++", "`bit` or `int` with a width");
                let found = self.types.show(other);
                return self.refuse(span, CheckProblem::Operand { operator, wanted, found });
            }
        };
        let width = left_width + right_width;
        let (name, ty) = match left.ty {
            Ty::Bit(_) => ("bit", Ty::Bit(width)),
            _ => ("int", Ty::Int(width)),
        };
        if width > MAX_WIDTH {
            let (width, greatest) = (width.to_string(), MAX_WIDTH);
            return self.refuse(span, CheckProblem::TooWide { name, width, greatest });
        }
        if let (Some(a), Some(b)) = (left.constant(), right.constant()) {
            return self.scalar(ty, a << right_width | b, span);
        }
        let (left, right) = (Box::new(left.expression), Box::new(right.expression));
        let kind = ir::ExpressionKind::Binary(ir::BinaryOperator::Concatenate, left, right);
        self.operand(ty, kind, span)
    }

    /// Division and modulo, which only positive numbers have that are known at compile time.
    fn divide(
        &mut self,
        operator: BinaryOperator,
        left: Operand,
        right: Operand,
        span: Span,
    ) -> Option<Operand> {
        let width = match (&left, &right) {
            (Operand::Integer(..), Operand::Integer(..)) => None,
            _ => {
                let (left, right) =
                    self.alike(left.clone(), right.clone(), operator_text(operator), span)?;
                if let (None, _) | (_, None) = (left.constant(), right.constant()) {
                    let what = "an operand of `/` or `%`";
                    return self.refuse(span, CheckProblem::NotConstant { what });
                }
                match self.underlying_value(left)?.ty {
                    Ty::Bit(width) => Some(width),
                    ref other => {
                        let found = self.types.show(other);
                        let operator = operator_text(operator);
                        let wanted = "`bit`, or `int` without a width";
                        let problem = CheckProblem::Operand { operator, wanted, found };
                        return self.refuse(span, problem);
                    }
                }
            }
        };
        let a = self.number(left, "an operand of `/` or `%`")?;
        let b = self.number(right, "an operand of `/` or `%`")?;
        if a.sign() == Sign::Minus || b.sign() != Sign::Plus {
            return self.refuse(span, CheckProblem::BadDivision);
        }
        let result = if operator == BinaryOperator::Divide { a / b } else { a % b };
        match width {
            Some(width) => self.scalar(Ty::Bit(width), numbers::truncate(&result, width), span),
            None => Some(Operand::Integer(result, span)),
        }
    }
}

fn is_comparison(operator: ir::BinaryOperator) -> bool {
    matches!(
        operator,
        ir::BinaryOperator::Less
            | ir::BinaryOperator::LessEqual
            | ir::BinaryOperator::Greater
            | ir::BinaryOperator::GreaterEqual
    )
}

/// The operator in the checked program; division and modulo have none.
fn lowered_operator(operator: BinaryOperator) -> Option<ir::BinaryOperator> {
    Some(match operator {
        BinaryOperator::Multiply => ir::BinaryOperator::Multiply,
        BinaryOperator::Divide | BinaryOperator::Modulo => return None,
        BinaryOperator::Add => ir::BinaryOperator::Add,
        BinaryOperator::Subtract => ir::BinaryOperator::Subtract,
        BinaryOperator::SaturatingAdd => ir::BinaryOperator::SaturatingAdd,
        BinaryOperator::SaturatingSubtract => ir::BinaryOperator::SaturatingSubtract,
        BinaryOperator::ShiftLeft => ir::BinaryOperator::ShiftLeft,
        BinaryOperator::ShiftRight => ir::BinaryOperator::ShiftRight,
        BinaryOperator::LessEqual => ir::BinaryOperator::LessEqual,
        BinaryOperator::GreaterEqual => ir::BinaryOperator::GreaterEqual,
        BinaryOperator::Less => ir::BinaryOperator::Less,
        BinaryOperator::Greater => ir::BinaryOperator::Greater,
        BinaryOperator::NotEqual => ir::BinaryOperator::NotEqual,
        BinaryOperator::Equal => ir::BinaryOperator::Equal,
        BinaryOperator::BitAnd => ir::BinaryOperator::BitAnd,
        BinaryOperator::BitXor => ir::BinaryOperator::BitXor,
        BinaryOperator::BitOr => ir::BinaryOperator::BitOr,
        BinaryOperator::Concatenate => ir::BinaryOperator::Concatenate,
        BinaryOperator::And => ir::BinaryOperator::And,
        BinaryOperator::Or => ir::BinaryOperator::Or,
    })
}
