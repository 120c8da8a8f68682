//! What operators compute, on values as the checked program holds them: a scalar of w bits is an
//! unsigned number below 2^w, and a signed one its two's complement.

/// What an operation with two operands computes. Signed operands have operators of their own where
/// it matters; `>` and `>=` are `<` and `<=` with the operands exchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Add,
    Subtract,
    Multiply,
    SaturatingAdd,
    SaturatingAddSigned,
    SaturatingSubtract,
    SaturatingSubtractSigned,
    ShiftLeft,
    ShiftRight,
    ShiftRightSigned,
    And,
    Or,
    Xor,
    Equal,
    NotEqual,
    Less,
    LessSigned,
    LessEqual,
    LessEqualSigned,
}

/// The greatest number of `width` bits.
#[inline]
pub(super) fn mask(width: u32) -> u128 {
    match width {
        0 => 0,
        width => u128::MAX >> 128_u32.saturating_sub(width),
    }
}

/// The number that `value` is the two's complement of, in `width` bits (at least one).
#[inline]
pub(super) fn signed(value: u128, width: u32) -> i128 {
    let unused = 128_u32.saturating_sub(width).min(127);
    ((value << unused) as i128) >> unused
}

/// The value of `left operator right`; `width` is that of the left operand, at least one.
#[inline]
pub(super) fn apply(operator: Operator, width: u32, left: u128, right: u128) -> u128 {
    let mask = mask(width);
    match operator {
        Operator::Add => left.wrapping_add(right) & mask,
        Operator::Subtract => left.wrapping_sub(right) & mask,
        Operator::Multiply => left.wrapping_mul(right) & mask,
        Operator::SaturatingAdd => left.saturating_add(right).min(mask),
        Operator::SaturatingAddSigned => {
            saturate(signed(left, width).saturating_add(signed(right, width)), width)
        }
        Operator::SaturatingSubtract => left.saturating_sub(right),
        Operator::SaturatingSubtractSigned => {
            saturate(signed(left, width).saturating_sub(signed(right, width)), width)
        }
        Operator::ShiftLeft => match u32::try_from(right) {
            Ok(amount) if amount < width => (left << amount) & mask,
            _ => 0,
        },
        Operator::ShiftRight => match u32::try_from(right) {
            Ok(amount) if amount < width => left >> amount,
            _ => 0,
        },
        Operator::ShiftRightSigned => {
            let amount = u32::try_from(right).unwrap_or(u32::MAX).min(width - 1);
            (signed(left, width) >> amount) as u128 & mask
        }
        Operator::And => left & right,
        Operator::Or => left | right,
        Operator::Xor => left ^ right,
        Operator::Equal => u128::from(left == right),
        Operator::NotEqual => u128::from(left != right),
        Operator::Less => u128::from(left < right),
        Operator::LessSigned => u128::from(signed(left, width) < signed(right, width)),
        Operator::LessEqual => u128::from(left <= right),
        Operator::LessEqualSigned => u128::from(signed(left, width) <= signed(right, width)),
    }
}

/// The nearest number of `width` bits, as its two's complement.
fn saturate(value: i128, width: u32) -> u128 {
    let most = (mask(width) >> 1) as i128;
    value.clamp(-most - 1, most) as u128 & mask(width)
}

/// Bits `low` and up of a value, `width` of them.
#[inline]
pub(super) fn slice(value: u128, low: u32, width: u32) -> u128 {
    (value >> low.min(127)) & mask(width)
}

/// `value` with `width` bits from `low` on replaced by `part`.
#[inline]
pub(super) fn with_slice(value: u128, low: u32, width: u32, part: u128) -> u128 {
    let low = low.min(127);
    let mask = mask(width) << low;
    (value & !mask) | ((part << low) & mask)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_keeps_to_its_width_and_saturates_at_its_bounds() {
        assert_eq!(apply(Operator::Add, 8, 0xff, 2), 1);
        assert_eq!(apply(Operator::Subtract, 128, 0, 1), u128::MAX);
        assert_eq!(apply(Operator::SaturatingAdd, 8, 0xff, 2), 0xff);
        assert_eq!(apply(Operator::SaturatingAdd, 128, u128::MAX, 2), u128::MAX);
        assert_eq!(apply(Operator::SaturatingSubtract, 8, 1, 2), 0);
        assert_eq!(apply(Operator::SaturatingAddSigned, 8, 0x7f, 1), 0x7f);
        assert_eq!(apply(Operator::SaturatingSubtractSigned, 8, 0x80, 1), 0x80);
        assert_eq!(apply(Operator::SaturatingAddSigned, 1, 1, 1), 1);
        let least = 1 << 127;
        assert_eq!(apply(Operator::SaturatingSubtractSigned, 128, least, 1), least);
    }

    #[test]
    fn shifts_by_the_width_or_more_leave_zeros_or_the_sign() {
        assert_eq!(apply(Operator::ShiftLeft, 8, 0x81, 1), 2);
        assert_eq!(apply(Operator::ShiftLeft, 128, 1, 128), 0);
        assert_eq!(apply(Operator::ShiftRight, 8, 0x80, 7), 1);
        assert_eq!(apply(Operator::ShiftRight, 8, 0x80, u128::MAX), 0);
        assert_eq!(apply(Operator::ShiftRightSigned, 8, 0x80, 200), 0xff);
        assert_eq!(apply(Operator::ShiftRightSigned, 8, 0x40, 200), 0);
        assert_eq!(apply(Operator::ShiftRightSigned, 128, 1 << 127, 127), u128::MAX);
    }

    #[test]
    fn comparisons_see_the_sign_only_of_signed_values() {
        assert_eq!(apply(Operator::Less, 8, 0xff, 1), 0);
        assert_eq!(apply(Operator::LessSigned, 8, 0xff, 1), 1);
        assert_eq!(apply(Operator::LessEqualSigned, 8, 0x80, 0x80), 1);
    }

    #[test]
    fn slices_are_taken_and_put_back() {
        assert_eq!(slice(0xabcd, 4, 8), 0xbc);
        assert_eq!(with_slice(0xabcd, 4, 8, 0x12), 0xa12d);
        assert_eq!(with_slice(0, 0, 128, u128::MAX), u128::MAX);
        assert_eq!(slice(u128::MAX, 127, 1), 1);
    }
}
