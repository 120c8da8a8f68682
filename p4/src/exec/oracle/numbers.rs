//! Arithmetic digit by digit, as on paper: a number is its bits, the lowest first.

use crate::ir::BinaryOperator;

pub(super) type Bits = Vec<bool>;

pub(super) fn bits(value: u128, width: u32) -> Bits {
    (0..width).map(|place| value >> place & 1 == 1).collect()
}

pub(super) fn value(bits: &[bool]) -> u128 {
    bits.iter().rev().fold(0, |value, bit| value << 1 | u128::from(*bit))
}

/// Repeats the highest bit, or zero, up to a width.
pub(super) fn extend(bits: &[bool], width: usize, signed: bool) -> Bits {
    let fill = signed && bits.last() == Some(&true);
    let mut wide = bits.to_vec();
    wide.resize(width, fill);
    wide
}

/// The sum without the carry out of the highest bit.
fn add(left: &[bool], right: &[bool], mut carry: bool) -> Bits {
    let sum = left.iter().zip(right).map(|(left, right)| {
        let ones = u8::from(*left) + u8::from(*right) + u8::from(carry);
        carry = ones >= 2;
        ones % 2 == 1
    });
    sum.collect()
}

pub(super) fn complement(bits: &[bool]) -> Bits {
    bits.iter().map(|bit| !bit).collect()
}

pub(super) fn negate(bits: &[bool]) -> Bits {
    add(&complement(bits), &vec![false; bits.len()], true)
}

fn subtract(left: &[bool], right: &[bool]) -> Bits {
    add(left, &complement(right), true)
}

fn multiply(left: &[bool], right: &[bool]) -> Bits {
    let mut product = vec![false; left.len()];
    for (place, _) in right.iter().enumerate().filter(|(_, bit)| **bit) {
        let mut shifted = vec![false; place];
        shifted.extend(&left[..left.len() - place]);
        product = add(&product, &shifted, false);
    }
    product
}

/// A result that has two bits more than fit, brought to the nearest that fits.
fn saturate(wide: &[bool], width: usize, signed: bool) -> Bits {
    let negative = wide.last() == Some(&true);
    let fits = match signed {
        true => wide[width - 1..].iter().all(|bit| *bit == negative),
        false => wide[width..].iter().all(|bit| !*bit),
    };
    match (fits, signed, negative) {
        (true, ..) => wide[..width].to_vec(),
        (false, false, negative) => vec![!negative; width],
        (false, true, negative) => {
            let mut most = vec![!negative; width];
            most[width - 1] = negative;
            most
        }
    }
}

fn less(left: &[bool], right: &[bool], signed: bool) -> bool {
    let width = left.len() + 1;
    let difference = subtract(&extend(left, width, signed), &extend(right, width, signed));
    difference.last() == Some(&true)
}

/// What an operation on two scalars gives. Concatenation and the logical ones are not among them.
pub(super) fn binary(operator: BinaryOperator, a: &[bool], b: &[bool], signed: bool) -> Bits {
    let width = a.len();
    let wide = |bits: &[bool]| extend(bits, width + 2, signed);
    let each = |f: fn(bool, bool) -> bool| a.iter().zip(b).map(|(a, b)| f(*a, *b)).collect();
    let fill = signed && a.last() == Some(&true);
    let amount = usize::try_from(value(b)).unwrap_or(usize::MAX).min(width);
    match operator {
        BinaryOperator::Add => add(a, b, false),
        BinaryOperator::Subtract => subtract(a, b),
        BinaryOperator::Multiply => multiply(a, b),
        BinaryOperator::SaturatingAdd => saturate(&add(&wide(a), &wide(b), false), width, signed),
        BinaryOperator::SaturatingSubtract => {
            saturate(&subtract(&wide(a), &wide(b)), width, signed)
        }
        BinaryOperator::ShiftLeft => {
            let mut shifted = vec![false; amount];
            shifted.extend(&a[..width - amount]);
            shifted
        }
        BinaryOperator::ShiftRight => {
            let mut shifted = a[amount..].to_vec();
            shifted.resize(width, fill);
            shifted
        }
        BinaryOperator::BitAnd => each(|a, b| a && b),
        BinaryOperator::BitOr => each(|a, b| a || b),
        BinaryOperator::BitXor => each(|a, b| a != b),
        BinaryOperator::Equal => vec![a == b],
        BinaryOperator::NotEqual => vec![a != b],
        BinaryOperator::Less => vec![less(a, b, signed)],
        BinaryOperator::LessEqual => vec![!less(b, a, signed)],
        BinaryOperator::Greater => vec![less(b, a, signed)],
        BinaryOperator::GreaterEqual => vec![!less(a, b, signed)],
        BinaryOperator::Concatenate | BinaryOperator::And | BinaryOperator::Or => {
            unreachable!("not on two scalars of one type")
        }
    }
}
