//! Values as trees, and how they lie in packets.

use super::numbers::{self, bits};
use crate::ir::*;

/// A value of any type.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Scalar(u128),
    /// A varbit, its first bit first.
    Varbit(Vec<bool>),
    Header {
        valid: bool,
        fields: Vec<Value>,
    },
    /// A struct or a tuple.
    List(Vec<Value>),
    Stack {
        next: u128,
        elements: Vec<Value>,
    },
}

pub(super) fn slice(of: &Value, high: u32, low: u32) -> Value {
    Value::Scalar(numbers::value(&bits(scalar(of), 128)[low as usize..=high as usize]))
}

pub(super) fn scalar(value: &Value) -> u128 {
    match value {
        Value::Scalar(value) => *value,
        other => unreachable!("{other:?} is no scalar"),
    }
}

pub(super) fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Header { valid: a, fields: x }, Value::Header { valid: b, fields: y }) => {
            a == b && (!a || x.iter().zip(y).all(|(x, y)| equal(x, y)))
        }
        (Value::List(x), Value::List(y))
        | (Value::Stack { elements: x, .. }, Value::Stack { elements: y, .. }) => {
            x.iter().zip(y).all(|(x, y)| equal(x, y))
        }
        (a, b) => a == b,
    }
}

pub(super) fn width(program: &Program, ty: &Type) -> u32 {
    super::super::packing::width_of(program, ty).unwrap_or(0)
}

pub(super) fn high_first(value: u128, width: u32) -> impl Iterator<Item = bool> {
    bits(value, width).into_iter().rev()
}

pub(super) fn fields_of<'p>(program: &'p Program, ty: &Type) -> Vec<Type> {
    match ty {
        Type::Header(id) | Type::Struct(id) => {
            let fields: &'p [Field] = &program.composites[id.index()].fields;
            fields.iter().map(|field| field.ty.clone()).collect()
        }
        Type::Tuple(types) => types.to_vec(),
        _ => Vec::new(),
    }
}

/// What a new variable holds.
pub(super) fn zero(program: &Program, ty: &Type) -> Value {
    let fields = || fields_of(program, ty).iter().map(|ty| zero(program, ty)).collect();
    match ty {
        Type::Varbit(_) => Value::Varbit(Vec::new()),
        Type::Header(_) => Value::Header { valid: false, fields: fields() },
        Type::Struct(_) | Type::Tuple(_) => Value::List(fields()),
        Type::Stack(id, count) => {
            let element = zero(program, &Type::Header(*id));
            Value::Stack { next: 0, elements: vec![element; *count as usize] }
        }
        _ => Value::Scalar(0),
    }
}

pub(super) fn most_varbit(program: &Program, ty: &Type) -> usize {
    let most = fields_of(program, ty).into_iter().map(|ty| match ty {
        Type::Varbit(most) => most as usize,
        _ => 0,
    });
    most.sum()
}

/// Fills a value with the bits of a packet, and says how many it took.
pub(super) fn fill(
    program: &Program,
    ty: &Type,
    value: &mut Value,
    bit: &mut dyn FnMut(usize) -> bool,
    varbit: usize,
) -> usize {
    let mut at = 0;
    match value {
        Value::Scalar(value) => {
            at = width(program, ty) as usize;
            *value = (0..at).fold(0, |value, place| value << 1 | u128::from(bit(place)));
        }
        Value::Varbit(bits) => {
            *bits = (0..varbit).map(&mut *bit).collect();
            at = varbit;
        }
        Value::Header { fields, .. } | Value::List(fields) => {
            for (field, ty) in fields.iter_mut().zip(fields_of(program, ty)) {
                let start = at;
                at += fill(program, &ty, field, &mut |place| bit(start + place), varbit);
            }
        }
        Value::Stack { .. } => unreachable!("no packet has a whole stack"),
    }
    if let Value::Header { valid, .. } = value {
        *valid = true;
    }
    at
}

/// Appends what is valid; scalars only within headers or where all are wanted.
pub(super) fn emit(program: &Program, ty: &Type, value: &Value, scalars: bool, to: &mut Vec<bool>) {
    match value {
        Value::Scalar(value) if scalars => to.extend(high_first(*value, width(program, ty))),
        Value::Varbit(bits) if scalars => to.extend(bits),
        Value::Scalar(_) | Value::Varbit(_) | Value::Header { valid: false, .. } => {}
        Value::Header { fields, .. } => {
            for (field, ty) in fields.iter().zip(fields_of(program, ty)) {
                emit(program, &ty, field, true, to);
            }
        }
        Value::List(fields) => {
            for (field, ty) in fields.iter().zip(fields_of(program, ty)) {
                emit(program, &ty, field, scalars, to);
            }
        }
        Value::Stack { elements, .. } => {
            let Type::Stack(id, _) = ty else { unreachable!() };
            elements.iter().for_each(|one| emit(program, &Type::Header(*id), one, true, to));
        }
    }
}

/// RFC 1071, a word after the other.
pub(super) fn internet_checksum(mut data: Vec<bool>) -> u128 {
    data.resize(data.len().div_ceil(16) * 16, false);
    let sum = data.chunks(16).fold(0_u32, |sum, word| {
        let word = word.iter().fold(0, |word, bit| word << 1 | u32::from(*bit));
        let sum = sum + word;
        (sum & 0xffff) + (sum >> 16)
    });
    u128::from(!sum & 0xffff)
}

/// The value as the executable form holds it.
pub(super) fn flatten(program: &Program, ty: &Type, value: &Value, to: &mut Vec<u128>) {
    match value {
        Value::Scalar(value) => to.push(*value),
        Value::Varbit(bits) => {
            let Type::Varbit(most) = ty else { unreachable!() };
            to.push(bits.len() as u128);
            let mut all = bits.clone();
            all.resize(most.div_ceil(128) as usize * 128, false);
            to.extend(
                all.chunks(128)
                    .map(|chunk| chunk.iter().fold(0, |value, bit| value << 1 | u128::from(*bit))),
            );
        }
        Value::Header { fields, .. } | Value::List(fields) => {
            if let Value::Header { valid, .. } = value {
                to.push((*valid).into());
            }
            for (field, ty) in fields.iter().zip(fields_of(program, ty)) {
                flatten(program, &ty, field, to);
            }
        }
        Value::Stack { next, elements } => {
            let Type::Stack(id, _) = ty else { unreachable!() };
            to.push(*next);
            elements.iter().for_each(|one| flatten(program, &Type::Header(*id), one, to));
        }
    }
}
