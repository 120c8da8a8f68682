//! Expressions.

use crate::ir::{BinaryOperator, Expression, ExpressionKind, Program, Type, UnaryOperator};

use super::super::code::Op;
use super::super::layout::Slot;
use super::super::operators::{self, Operator};
use super::super::packing::width_of;
use super::super::walk::has_effects;
use super::{Compiler, Label};

impl<'p> Compiler<'p> {
    /// Evaluates an expression of any type and says where its value stands: where it stood already
    /// if the expression reads it from a place.
    pub(super) fn value(&mut self, expression: &'p Expression) -> Slot {
        match &expression.kind {
            ExpressionKind::Constant(value) => self.constant(*value),
            ExpressionKind::Read(place) => {
                let location = self.locate(place);
                self.read(location)
            }
            ExpressionKind::Cast(inner) => self.cast(inner, &expression.ty),
            ExpressionKind::Binary(operator, left, right) => {
                match self.folded(*operator, left, right) {
                    Some(slot) => slot,
                    None => self.computed(expression),
                }
            }
            ExpressionKind::Field(inner, field) => {
                let at = self.value(inner);
                at + self.storage.sizes.field(&inner.ty, *field).0
            }
            ExpressionKind::IsValid(place) => {
                let location = self.locate(place);
                self.read(super::places::Location { count: 1, ..location })
            }
            ExpressionKind::Unary(..)
            | ExpressionKind::Slice(..)
            | ExpressionKind::Conditional(..)
            | ExpressionKind::Aggregate(_)
            | ExpressionKind::InvalidHeader
            | ExpressionKind::LastIndex(_)
            | ExpressionKind::Call(_)
            | ExpressionKind::ApplyTable { .. }
            | ExpressionKind::Lookahead
            | ExpressionKind::PacketLength => self.computed(expression),
        }
    }

    fn computed(&mut self, expression: &'p Expression) -> Slot {
        let to = self.temporary(self.size(&expression.ty));
        self.value_into(expression, to);
        to
    }

    /// Values one after the other: what has been evaluated stays as it is while the next are.
    pub(super) fn values(&mut self, expressions: &[&'p Expression]) -> Vec<Slot> {
        let mut slots = Vec::new();
        for (index, expression) in expressions.iter().enumerate() {
            let slot = self.value(expression);
            let rest = &expressions[index + 1..];
            let must_stay = rest.iter().any(|later| has_effects(later));
            slots.push(if must_stay && self.constant_in(slot).is_none() {
                let count = self.size(&expression.ty);
                let kept = self.temporary(count);
                self.copy(kept, slot, count);
                kept
            } else {
                slot
            });
        }
        slots
    }

    /// Evaluates an expression to these slots. They change piece by piece where the value is an
    /// aggregate, which must not read them.
    pub(super) fn value_into(&mut self, expression: &'p Expression, to: Slot) {
        match &expression.kind {
            ExpressionKind::Constant(_) | ExpressionKind::IsValid(_) | ExpressionKind::Cast(_) => {
                let from = self.value(expression);
                self.copy(to, from, 1);
            }
            ExpressionKind::Field(..) => {
                let from = self.value(expression);
                self.copy(to, from, self.size(&expression.ty));
            }
            ExpressionKind::Read(place) => {
                let location = self.locate(place);
                self.read_into(location, to);
            }
            ExpressionKind::Unary(operator, inner) => self.unary(*operator, inner, to),
            ExpressionKind::Binary(operator, left, right) => {
                self.binary(expression, *operator, left, right, to);
            }
            ExpressionKind::Slice(inner, high, low) => {
                let from = self.value(inner);
                let (low, width) = (*low as u8, (high - low + 1) as u8);
                self.emit(Op::Slice { low, width, to, from });
            }
            ExpressionKind::Conditional(condition, then, otherwise) => {
                let (no, end) = (self.label(), self.label());
                self.jump_unless(condition, no);
                self.value_into(then, to);
                self.emit(Op::Jump(end));
                self.here(no);
                self.value_into(otherwise, to);
                self.here(end);
            }
            ExpressionKind::Aggregate(values) => self.aggregate(&expression.ty, values, to),
            ExpressionKind::InvalidHeader => self.clear(to, self.size(&expression.ty)),
            ExpressionKind::LastIndex(place) => {
                let (stack, _) = self.stack_at(place);
                let (left, right) = (self.code.stacks[stack as usize].next, self.constant(1));
                let operator = Operator::Subtract;
                self.emit(Op::Binary { operator, width: 32, to, left, right });
            }
            ExpressionKind::Call(call) => {
                let from = self.call(call);
                self.copy(to, from, self.size(&expression.ty));
            }
            ExpressionKind::ApplyTable { table, hit } => {
                self.apply(*table);
                let from = self.code.tables[table.index()].hit;
                if *hit {
                    self.copy(to, from, 1);
                } else {
                    self.not(from, to);
                }
            }
            ExpressionKind::Lookahead => self.lookahead(&expression.ty, to),
            ExpressionKind::PacketLength => self.emit(Op::PacketLength { to }),
        }
    }

    fn aggregate(&mut self, ty: &Type, values: &'p [Expression], to: Slot) {
        let mut at = to;
        match ty {
            Type::Header(_) => {
                let valid = self.constant(1);
                self.copy(to, valid, 1);
                at += 1;
            }
            // The next index of a stack that is made of its elements.
            Type::Stack(..) => {
                self.clear(to, 1);
                at += 1;
            }
            _ => {}
        }
        for value in values {
            self.value_into(value, at);
            at += self.size(&value.ty);
        }
    }

    fn not(&mut self, from: Slot, to: Slot) {
        let right = self.constant(1);
        self.emit(Op::Binary { operator: Operator::Xor, width: 1, to, left: from, right });
    }

    fn unary(&mut self, operator: UnaryOperator, inner: &'p Expression, to: Slot) {
        let from = self.value(inner);
        let width = self.width(&inner.ty) as u8;
        match operator {
            UnaryOperator::Not => self.not(from, to),
            UnaryOperator::Complement => self.emit(Op::Complement { width, to, from }),
            UnaryOperator::Negate => self.emit(Op::Negate { width, to, from }),
        }
    }

    fn cast(&mut self, inner: &'p Expression, ty: &Type) -> Slot {
        let from = self.value(inner);
        let (from_width, width) = (self.width(&inner.ty), self.width(ty));
        let is_signed = matches!(inner.ty, Type::Int(_));
        if let Some(value) = self.constant_in(from) {
            let wide = if is_signed { operators::signed(value, from_width) as u128 } else { value };
            return self.constant(wide & operators::mask(width));
        }
        let op = if width < from_width {
            |width, _, to, from| Op::Slice { low: 0, width, to, from }
        } else if width > from_width && is_signed {
            |width, from_width, to, from| Op::SignExtend { from_width, width, to, from }
        } else {
            return from;
        };
        let to = self.temporary(1);
        self.emit(op(width as u8, from_width as u8, to, from));
        to
    }

    /// The constant that an operation on constants gives.
    fn folded(
        &mut self,
        operator: BinaryOperator,
        left: &'p Expression,
        right: &'p Expression,
    ) -> Option<Slot> {
        let (ExpressionKind::Constant(a), ExpressionKind::Constant(b)) = (&left.kind, &right.kind)
        else {
            return None;
        };
        let simple = Simple::of(operator, &left.ty)?;
        let (a, b) = if simple.exchanged { (*b, *a) } else { (*a, *b) };
        let value = operators::apply(simple.operator, self.width(&left.ty), a, b);
        Some(self.constant(value))
    }

    fn binary(
        &mut self,
        expression: &'p Expression,
        operator: BinaryOperator,
        left: &'p Expression,
        right: &'p Expression,
        to: Slot,
    ) {
        let scalar = self.is_scalar(&left.ty);
        match Simple::of(operator, &left.ty).filter(|_| scalar) {
            Some(simple) => {
                let width = self.width(&left.ty) as u8;
                let slots = self.values(&[left, right]);
                let [left, right] = slots[..] else { return };
                let (left, right) = if simple.exchanged { (right, left) } else { (left, right) };
                self.emit(Op::Binary { operator: simple.operator, width, to, left, right });
            }
            None if operator == BinaryOperator::Concatenate => {
                let right_width = self.width(&right.ty) as u8;
                let slots = self.values(&[left, right]);
                let [left, right] = slots[..] else { return };
                self.emit(Op::Concatenate { right_width, to, left, right });
            }
            // `&&` and `||`, and comparisons of aggregates.
            None => {
                let (no, end) = (self.label(), self.label());
                self.jump_unless(expression, no);
                let (yes, zero) = (self.constant(1), self.zero());
                self.copy(to, yes, 1);
                self.emit(Op::Jump(end));
                self.here(no);
                self.copy(to, zero, 1);
                self.here(end);
            }
        }
    }

    /// Jumps to the label if the condition does not hold.
    pub(super) fn jump_unless(&mut self, condition: &'p Expression, to: Label) {
        self.jump(condition, to, false);
    }

    /// Jumps to the label if the condition holds or does not, as `wanted` says; goes on otherwise.
    fn jump(&mut self, condition: &'p Expression, to: Label, wanted: bool) {
        match &condition.kind {
            ExpressionKind::Unary(UnaryOperator::Not, inner) => self.jump(inner, to, !wanted),
            ExpressionKind::Binary(BinaryOperator::And, left, right)
            | ExpressionKind::Binary(BinaryOperator::Or, left, right) => {
                let or = matches!(condition.kind, ExpressionKind::Binary(BinaryOperator::Or, ..));
                if or == wanted {
                    // The first that is as wanted decides.
                    self.jump(left, to, wanted);
                    self.jump(right, to, wanted);
                } else {
                    let end = self.label();
                    self.jump(left, end, !wanted);
                    self.jump(right, to, wanted);
                    self.here(end);
                }
            }
            ExpressionKind::Binary(
                operator @ (BinaryOperator::Equal | BinaryOperator::NotEqual),
                left,
                right,
            ) => {
                let equal = (*operator == BinaryOperator::Equal) == wanted;
                self.jump_by_equality(left, right, to, equal);
            }
            ExpressionKind::ApplyTable { table, hit } => {
                self.apply(*table);
                let condition = self.code.tables[table.index()].hit;
                self.jump_by(condition, to, *hit == wanted);
            }
            _ => {
                let slot = self.value(condition);
                match self.constant_in(slot) {
                    Some(value) if (value != 0) == wanted => self.emit(Op::Jump(to)),
                    Some(_) => {}
                    None => self.jump_by(slot, to, wanted),
                }
            }
        }
    }

    fn jump_by(&mut self, condition: Slot, to: Label, wanted: bool) {
        self.emit(if wanted {
            Op::JumpIf { condition, to }
        } else {
            Op::JumpUnless { condition, to }
        });
    }

    fn jump_by_equality(
        &mut self,
        left: &'p Expression,
        right: &'p Expression,
        to: Label,
        wanted: bool,
    ) {
        let ty = &left.ty;
        let slots = self.values(&[left, right]);
        let [left, right] = slots[..] else { return };
        if wanted && self.is_scalar(ty) {
            self.emit(Op::JumpIfEqual { left, right, to });
        } else if wanted {
            let differ = self.label();
            self.jump_unless_equal(ty, left, right, differ);
            self.emit(Op::Jump(to));
            self.here(differ);
        } else {
            self.jump_unless_equal(ty, left, right, to);
        }
    }

    pub(super) fn is_scalar(&self, ty: &Type) -> bool {
        width_of(self.program, ty).is_some()
    }

    /// The width of a scalar.
    pub(super) fn width(&self, ty: &Type) -> u32 {
        width_of(self.program, ty).unwrap_or(1)
    }

    pub(super) fn program(&self) -> &'p Program {
        self.program
    }
}

/// An operation on two scalars.
struct Simple {
    operator: Operator,
    /// Whether its operands are the other way round.
    exchanged: bool,
}

impl Simple {
    /// None for what is none, or what need not evaluate both.
    fn of(operator: BinaryOperator, ty: &Type) -> Option<Simple> {
        let pick = |unsigned, signed| if matches!(ty, Type::Int(_)) { signed } else { unsigned };
        let less = || pick(Operator::Less, Operator::LessSigned);
        let less_equal = || pick(Operator::LessEqual, Operator::LessEqualSigned);
        let (operator, exchanged) = match operator {
            BinaryOperator::Add => (Operator::Add, false),
            BinaryOperator::Subtract => (Operator::Subtract, false),
            BinaryOperator::Multiply => (Operator::Multiply, false),
            BinaryOperator::SaturatingAdd => {
                (pick(Operator::SaturatingAdd, Operator::SaturatingAddSigned), false)
            }
            BinaryOperator::SaturatingSubtract => {
                (pick(Operator::SaturatingSubtract, Operator::SaturatingSubtractSigned), false)
            }
            BinaryOperator::ShiftLeft => (Operator::ShiftLeft, false),
            BinaryOperator::ShiftRight => {
                (pick(Operator::ShiftRight, Operator::ShiftRightSigned), false)
            }
            BinaryOperator::BitAnd => (Operator::And, false),
            BinaryOperator::BitOr => (Operator::Or, false),
            BinaryOperator::BitXor => (Operator::Xor, false),
            BinaryOperator::Equal => (Operator::Equal, false),
            BinaryOperator::NotEqual => (Operator::NotEqual, false),
            BinaryOperator::Less => (less(), false),
            BinaryOperator::LessEqual => (less_equal(), false),
            BinaryOperator::Greater => (less(), true),
            BinaryOperator::GreaterEqual => (less_equal(), true),
            BinaryOperator::Concatenate | BinaryOperator::And | BinaryOperator::Or => return None,
        };
        Some(Simple { operator, exchanged })
    }
}
