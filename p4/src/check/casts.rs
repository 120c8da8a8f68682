//! Explicit casts (specification 8.11).

use super::Checker;
use super::numbers;
use super::operands::{Operand, Value};
use super::problem::CheckProblem;
use super::types::Ty;
use crate::ir;
use crate::source::Span;

impl<'a> Checker<'a> {
    /// `(to) operand`
    pub(super) fn cast(&mut self, operand: Operand, to: &Ty, span: Span) -> Option<Operand> {
        // Each cast may become several in the checked program.
        self.nested(span, |checker| {
            checker.nested(span, |checker| checker.cast_within(operand, to, span))
        })
        .map(|operand| operand.at(span))
    }

    fn cast_within(&mut self, operand: Operand, to: &Ty, span: Span) -> Option<Operand> {
        if let Some(base) = self.types.base(to) {
            if let Operand::Value(value) = &operand
                && value.ty == *to
            {
                return Some(operand);
            }
            let Operand::Value(value) = self.cast(operand, &base, span)? else { return None };
            return Some(Operand::Value(Value { ty: to.clone(), ..value }));
        }
        if *to == Ty::Integer {
            return self
                .number(operand, "what is cast to `int`")
                .map(|n| Operand::Integer(n, span));
        }
        let value = match operand {
            Operand::Value(value) => value,
            Operand::Integer(number, at) => return self.cast_integer(number, at, to, span),
            other => {
                let expression = self.convert(other, to)?;
                return Some(Operand::Value(Value { ty: to.clone(), expression }));
            }
        };
        if value.ty == *to {
            return Some(Operand::Value(value));
        }
        if let Some(base) = self.types.base(&value.ty) {
            return self.cast(Operand::Value(Value { ty: base, ..value }), to, span);
        }
        if self.types.underlying(&value.ty).is_some() {
            let value = self.underlying_value(value)?;
            return self.cast(Operand::Value(value), to, span);
        }
        self.cast_value(value, to, span)
    }

    fn cast_integer(
        &mut self,
        number: num_bigint::BigInt,
        at: Span,
        to: &Ty,
        span: Span,
    ) -> Option<Operand> {
        match to {
            Ty::Bool => match u8::try_from(&number) {
                Ok(value @ (0 | 1)) => self.scalar(Ty::Bool, u128::from(value), span),
                _ => {
                    let (from, to) = (numbers::show(&number), String::from("bool"));
                    self.refuse(span, CheckProblem::BadCast { from, to })
                }
            },
            Ty::Enum(_) if self.types.underlying(to).is_some() => {
                let underlying = self.types.underlying(to)?;
                let expression = self.convert(Operand::Integer(number, at), &underlying)?;
                self.retype(Value { ty: underlying, expression }, to.clone()).map(Operand::Value)
            }
            Ty::Bit(_) | Ty::Int(_) => {
                let expression = self.convert(Operand::Integer(number, at), to)?;
                Some(Operand::Value(Value { ty: to.clone(), expression }))
            }
            _ => {
                let (from, to) = (String::from("int"), self.types.show(to));
                self.refuse(span, CheckProblem::BadCast { from, to })
            }
        }
    }

    fn cast_value(&mut self, value: Value, to: &Ty, span: Span) -> Option<Operand> {
        let allowed = match (&value.ty, to) {
            (Ty::Bit(1), Ty::Bool) | (Ty::Bool, Ty::Bit(1)) => true,
            (Ty::Bit(a), Ty::Int(b)) | (Ty::Int(a), Ty::Bit(b)) => a == b,
            (Ty::Bit(_), Ty::Bit(_)) | (Ty::Int(_), Ty::Int(_)) => true,
            (from, Ty::Enum(_)) => self.types.underlying(to).as_ref() == Some(from),
            _ => false,
        };
        if !allowed {
            let (from, to) = (self.types.show(&value.ty), self.types.show(to));
            return self.refuse(span, CheckProblem::BadCast { from, to });
        }
        let Some(held) = value.constant() else {
            let inner = Box::new(value.expression);
            return self.operand(to.clone(), ir::ExpressionKind::Cast(inner), span);
        };
        let held = match (&value.ty, to) {
            (Ty::Int(from), Ty::Int(width)) => {
                numbers::truncate(&numbers::signed(held, *from), *width)
            }
            (_, Ty::Bit(width) | Ty::Int(width)) => held & numbers::ones(*width),
            _ => held,
        };
        self.scalar(to.clone(), held, span)
    }
}
