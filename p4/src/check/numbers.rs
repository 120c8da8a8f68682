//! Arithmetic at compile time: of whole numbers of any size, and of those with a width.

use num_bigint::{BigInt, Sign};

use crate::ir::BinaryOperator;

/// How many bits numbers of type `int` may take while they are computed.
pub(super) const MAX_BITS: u64 = 2048;

/// The ones of a width.
pub(super) fn ones(width: u32) -> u128 {
    match width {
        0 => 0,
        1..=127 => (1 << width) - 1,
        _ => u128::MAX,
    }
}

/// The low bits of a number in two's complement.
pub(super) fn truncate(number: &BigInt, width: u32) -> u128 {
    let modulus = BigInt::from(1) << width;
    let mut rest = number % &modulus;
    if rest.sign() == Sign::Minus {
        rest += modulus;
    }
    u128::try_from(rest).unwrap_or(0)
}

/// The number that such bits are when they are signed.
pub(super) fn signed(held: u128, width: u32) -> BigInt {
    let is_negative = width > 0 && held >> (width - 1).min(127) & 1 == 1;
    if is_negative { BigInt::from(held) - (BigInt::from(1) << width) } else { BigInt::from(held) }
}

/// The number for a message, not too long.
pub(super) fn show(number: &BigInt) -> String {
    if number.bits() > 160 {
        format!("a number of {} bits", number.bits())
    } else {
        number.to_string()
    }
}

/// The number that bits of a width are.
pub(super) fn number_of(held: u128, width: u32, is_signed: bool) -> BigInt {
    if is_signed { signed(held, width) } else { BigInt::from(held) }
}

/// The result of an operator on numbers of one width, or none if the operator has none.
pub(super) fn fold(
    operator: BinaryOperator,
    left: u128,
    right: u128,
    width: u32,
    is_signed: bool,
) -> Option<u128> {
    let (a, b) = (number_of(left, width, is_signed), number_of(right, width, is_signed));
    let saturated = |number: BigInt| {
        let (low, high) = bounds(width, is_signed);
        truncate(&number.clamp(low, high), width)
    };
    Some(match operator {
        BinaryOperator::Add => truncate(&(a + b), width),
        BinaryOperator::Subtract => truncate(&(a - b), width),
        BinaryOperator::Multiply => truncate(&(a * b), width),
        BinaryOperator::SaturatingAdd => saturated(a + b),
        BinaryOperator::SaturatingSubtract => saturated(a - b),
        BinaryOperator::BitAnd => left & right,
        BinaryOperator::BitOr => left | right,
        BinaryOperator::BitXor => left ^ right,
        BinaryOperator::Equal => u128::from(left == right),
        BinaryOperator::NotEqual => u128::from(left != right),
        BinaryOperator::Less => u128::from(a < b),
        BinaryOperator::LessEqual => u128::from(a <= b),
        BinaryOperator::Greater => u128::from(a > b),
        BinaryOperator::GreaterEqual => u128::from(a >= b),
        BinaryOperator::ShiftLeft
        | BinaryOperator::ShiftRight
        | BinaryOperator::Concatenate
        | BinaryOperator::And
        | BinaryOperator::Or => return None,
    })
}

/// The result of a shift of a number with a width.
pub(super) fn fold_shift(
    operator: BinaryOperator,
    left: u128,
    count: u128,
    width: u32,
    is_signed: bool,
) -> u128 {
    let count = u32::try_from(count).unwrap_or(u32::MAX).min(width);
    match operator {
        BinaryOperator::ShiftLeft => {
            if count >= width {
                0
            } else {
                (left << count) & ones(width)
            }
        }
        _ => truncate(&(number_of(left, width, is_signed) >> count), width),
    }
}

fn bounds(width: u32, is_signed: bool) -> (BigInt, BigInt) {
    let one = BigInt::from(1);
    if is_signed {
        let half = &one << width.saturating_sub(1);
        (-half.clone(), half - one)
    } else {
        (BigInt::from(0), (&one << width) - one)
    }
}

/// The result of an operator on numbers of any size, if it stays within [`MAX_BITS`].
pub(super) fn fold_any(
    operator: BinaryOperator,
    left: &BigInt,
    right: &BigInt,
) -> Result<BigInt, TooLarge> {
    let result = match operator {
        BinaryOperator::Add => left + right,
        BinaryOperator::Subtract => left - right,
        BinaryOperator::Multiply => left * right,
        BinaryOperator::ShiftLeft => match u64::try_from(right) {
            Ok(count) if count <= MAX_BITS => left << count,
            _ => return if left.sign() == Sign::NoSign { Ok(left.clone()) } else { Err(TooLarge) },
        },
        BinaryOperator::ShiftRight => {
            left >> u64::try_from(right).unwrap_or(MAX_BITS).min(MAX_BITS)
        }
        _ => left.clone(),
    };
    if result.bits() > MAX_BITS { Err(TooLarge) } else { Ok(result) }
}

/// A number that is larger than this crate computes with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooLarge;
