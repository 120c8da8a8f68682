//! Sets of values, in select expressions and entries of tables (specification 8.15).

use super::Checker;
use super::numbers;
use super::operands::Operand;
use super::problem::CheckProblem;
use super::types::Ty;
use crate::ir::ValueSet;
use crate::source::Span;
use crate::syntax::ast::{self, ExpressionKind};

/// What a set in an entry of a table is for; there it may not be empty.
pub(super) const ENTRY: &str = "an entry";

impl<'a> Checker<'a> {
    /// The set of values of a type that an expression is.
    pub(super) fn value_set(
        &mut self,
        set: &'a ast::Expression,
        ty: &Ty,
        what: &'static str,
    ) -> Option<ValueSet> {
        match &set.kind {
            ExpressionKind::DontCare => Some(ValueSet::Any),
            ExpressionKind::Mask(value, mask) => {
                let number = self.number_type(ty, set.span, "&&&")?;
                let value = self.set_value(value, &number, what);
                let mask = self.set_value(mask, &number, what);
                let (value, mask) = (value?, mask?);
                Some(ValueSet::Mask { value: value & mask, mask })
            }
            ExpressionKind::Range(low, high) => {
                let number = self.number_type(ty, set.span, "..")?;
                let low = self.set_value(low, &number, what);
                let high = self.set_value(high, &number, what);
                let (low, high) = (low?, high?);
                if what == ENTRY && is_empty(&number, low, high) {
                    return self.refuse(set.span, CheckProblem::EmptyRange);
                }
                Some(ValueSet::Range { low, high })
            }
            ExpressionKind::Tuple(elements) => match elements.as_slice() {
                [only] => self.nested(set.span, |checker| checker.value_set(only, ty, what)),
                _ => {
                    let (wanted, given) = (1, elements.len());
                    self.refuse(set.span, CheckProblem::SetCount { what, wanted, given })
                }
            },
            _ => self.set_value(set, ty, what).map(ValueSet::Value),
        }
    }

    fn number_type(&mut self, ty: &Ty, span: Span, operator: &'static str) -> Option<Ty> {
        let number = self.types.underlying(ty).unwrap_or_else(|| ty.clone());
        match self.types.representation(&number) {
            Ty::Bit(_) | Ty::Int(_) => Some(number),
            _ => {
                let (wanted, found) = ("`bit` or `int`", self.types.show(ty));
                self.refuse(span, CheckProblem::Operand { operator, wanted, found })
            }
        }
    }

    fn set_value(
        &mut self,
        value: &'a ast::Expression,
        ty: &Ty,
        what: &'static str,
    ) -> Option<u128> {
        let operand = self.expression(value)?;
        if what != ENTRY && !operand.is_constant() {
            return self.unsupported(value.span, "a set of a `select` that is not constant");
        }
        let what = if what == ENTRY { "a value of an entry" } else { "a value of `select`" };
        // A key of a `type` is compared with numbers as well as with values of its own type.
        if let Operand::Integer(..) = operand {
            let number = self.types.representation(ty);
            return self.convert_constant(operand, &number, what);
        }
        self.convert_constant(operand, ty, what)
    }
}

fn is_empty(ty: &Ty, low: u128, high: u128) -> bool {
    match ty {
        Ty::Int(width) => numbers::signed(low, *width) > numbers::signed(high, *width),
        _ => low > high,
    }
}
