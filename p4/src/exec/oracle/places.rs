//! Places and expressions.

use super::evaluate::{Done, Oracle};
use super::numbers::{self, bits};
use super::values::{Value, equal, fill, scalar, slice, width, zero};
use crate::ir::*;

/// A place whose indices have been evaluated.
#[derive(Clone, Debug)]
pub(super) struct Path {
    pub(super) variable: VariableId,
    pub(super) steps: Vec<Step>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    Field(usize),
    Element(usize),
    Slice(u32, u32),
    /// An element that the stack does not have.
    Nowhere,
}

impl<'p> Oracle<'p> {
    pub(super) fn path(&mut self, place: &'p Place) -> Done<Path> {
        let (inner, step) = match place {
            Place::Variable(variable) => {
                return Ok(Path { variable: *variable, steps: Vec::new() });
            }
            Place::Field(inner, field) => (inner, Step::Field(*field as usize)),
            Place::Slice(inner, high, low) => (inner, Step::Slice(*high, *low)),
            Place::Element(inner, index) => {
                let index = self.scalar(index)?;
                let Type::Stack(_, count) = self.type_of(inner) else { unreachable!() };
                let is_there = index < u128::from(count);
                (inner, if is_there { Step::Element(index as usize) } else { Step::Nowhere })
            }
            Place::Next(inner) | Place::Last(inner) => {
                let path = self.path(inner)?;
                let Some(Value::Stack { next, elements }) = self.at(&path) else { unreachable!() };
                let last = matches!(place, Place::Last(_));
                let index = if last { next.wrapping_sub(1) } else { *next };
                if index >= elements.len() as u128 {
                    return self.reject("StackOutOfBounds");
                }
                (inner, Step::Element(index as usize))
            }
        };
        let mut path = self.path(inner)?;
        path.steps.push(step);
        Ok(path)
    }

    /// What stands at a place that is no slice; none if it is nowhere.
    pub(super) fn at(&mut self, path: &Path) -> Option<&mut Value> {
        let mut at = self.variables.get_mut(&path.variable)?;
        for step in &path.steps {
            at = match (at, *step) {
                (Value::Header { fields, .. } | Value::List(fields), Step::Field(place)) => {
                    fields.get_mut(place)?
                }
                (Value::Stack { elements, .. }, Step::Element(place)) => elements.get_mut(place)?,
                (at, Step::Slice(..)) => at,
                _ => return None,
            };
        }
        Some(at)
    }

    pub(super) fn read(&mut self, path: &Path, place: &Place) -> Value {
        let ty = self.type_of(place);
        let value = self.at(path).cloned();
        let Some(value) = value else { return zero(self.program, &ty) };
        let slices = path.steps.iter().filter_map(|step| match step {
            Step::Slice(high, low) => Some((*high, *low)),
            _ => None,
        });
        slices.fold(value, |value, (high, low)| slice(&value, high, low))
    }

    pub(super) fn write(&mut self, path: &Path, value: Value) {
        // The outermost slice says where the bits are in the whole.
        let lows = path.steps.iter().filter_map(|step| match step {
            Step::Slice(high, low) => Some((*high, *low)),
            _ => None,
        });
        let cut = lows.fold(None, |at: Option<(u32, u32)>, (high, low)| {
            let base = at.map_or(0, |(_, low)| low);
            Some((base + high, base + low))
        });
        let Some(at) = self.at(path) else { return };
        *at = match cut {
            None => value,
            Some((high, low)) => {
                let mut all = bits(scalar(at), 128);
                let part = bits(scalar(&value), high - low + 1);
                all[low as usize..=high as usize].copy_from_slice(&part);
                Value::Scalar(numbers::value(&all))
            }
        };
    }

    pub(super) fn type_of(&self, place: &Place) -> Type {
        self.sizes.type_of(place)
    }

    pub(super) fn scalar(&mut self, expression: &'p Expression) -> Done<u128> {
        Ok(scalar(&self.value(expression)?))
    }

    pub(super) fn value(&mut self, expression: &'p Expression) -> Done<Value> {
        let program = self.program;
        Ok(match &expression.kind {
            ExpressionKind::Constant(value) => Value::Scalar(*value),
            ExpressionKind::Read(place) => {
                let path = self.path(place)?;
                self.read(&path, place)
            }
            ExpressionKind::Field(inner, place) => match self.value(inner)? {
                Value::Header { fields, .. } | Value::List(fields) => {
                    fields[*place as usize].clone()
                }
                other => unreachable!("{other:?} has no fields"),
            },
            ExpressionKind::Unary(operator, inner) => {
                let of = bits(self.scalar(inner)?, width(program, &inner.ty));
                Value::Scalar(numbers::value(&match operator {
                    UnaryOperator::Not | UnaryOperator::Complement => numbers::complement(&of),
                    UnaryOperator::Negate => numbers::negate(&of),
                }))
            }
            ExpressionKind::Binary(operator, left, right) => self.binary(*operator, left, right)?,
            ExpressionKind::Slice(inner, high, low) => slice(&self.value(inner)?, *high, *low),
            ExpressionKind::Cast(inner) => {
                let of = bits(self.scalar(inner)?, width(program, &inner.ty));
                let signed = matches!(inner.ty, Type::Int(_));
                let to = width(program, &expression.ty) as usize;
                Value::Scalar(numbers::value(&numbers::extend(&of, to, signed)))
            }
            ExpressionKind::Conditional(condition, then, otherwise) => {
                let holds = self.scalar(condition)? != 0;
                self.value(if holds { then } else { otherwise })?
            }
            ExpressionKind::Aggregate(values) => {
                let fields = values.iter().map(|value| self.value(value)).collect::<Done<_>>()?;
                match expression.ty {
                    Type::Header(_) => Value::Header { valid: true, fields },
                    _ => Value::List(fields),
                }
            }
            ExpressionKind::InvalidHeader => zero(program, &expression.ty),
            ExpressionKind::IsValid(place) => {
                let path = self.path(place)?;
                let Value::Header { valid, .. } = self.read(&path, place) else { unreachable!() };
                Value::Scalar(valid.into())
            }
            ExpressionKind::LastIndex(place) => {
                let path = self.path(place)?;
                let Value::Stack { next, .. } = self.read(&path, place) else { unreachable!() };
                Value::Scalar(next.wrapping_sub(1) & 0xffff_ffff)
            }
            ExpressionKind::Call(call) => match self.call(call)? {
                Some(value) => value,
                None => zero(program, &expression.ty),
            },
            ExpressionKind::ApplyTable { table, hit } => {
                Value::Scalar((self.apply(*table)?.0 == *hit).into())
            }
            ExpressionKind::Lookahead => {
                let (ty, mut value) = (&expression.ty, zero(program, &expression.ty));
                let data = self.packet[self.cursor..].to_vec();
                if fill(program, ty, &mut value.clone(), &mut |_| false, 0) > data.len() {
                    return self.reject("PacketTooShort");
                }
                fill(program, ty, &mut value, &mut |place| data[place], 0);
                value
            }
            ExpressionKind::PacketLength => Value::Scalar(self.packet.len() as u128 / 8),
        })
    }

    pub(super) fn binary(
        &mut self,
        operator: BinaryOperator,
        left: &'p Expression,
        right: &'p Expression,
    ) -> Done<Value> {
        let a = self.value(left)?;
        match operator {
            BinaryOperator::And if scalar(&a) == 0 => return Ok(a),
            BinaryOperator::Or if scalar(&a) != 0 => return Ok(a),
            BinaryOperator::And | BinaryOperator::Or => return self.value(right),
            _ => {}
        }
        let b = self.value(right)?;
        let (Value::Scalar(a), Value::Scalar(b)) = (&a, &b) else {
            let same = equal(&a, &b);
            return Ok(Value::Scalar((same == (operator == BinaryOperator::Equal)).into()));
        };
        let a = bits(*a, width(self.program, &left.ty));
        let b = bits(*b, width(self.program, &right.ty));
        if operator == BinaryOperator::Concatenate {
            return Ok(Value::Scalar(numbers::value(&[b, a].concat())));
        }
        let signed = matches!(left.ty, Type::Int(_));
        Ok(Value::Scalar(numbers::value(&numbers::binary(operator, &a, &b, signed))))
    }
}
