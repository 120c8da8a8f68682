//! Numbers as P4 writes them: `255`, `0xFF`, `8w0b1010_1010`, `4s7` (section 6.4.3.2).

use super::ast::IntegerLiteral;
use super::problem::SyntaxProblem;

/// What the text of a number says.
pub(super) fn parse(text: &str) -> Result<IntegerLiteral, SyntaxProblem> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (before, after) = text.split_at(digits);
    let width = match after.chars().next() {
        Some(sign @ ('w' | 's')) => {
            let width = before.parse().map_err(|_| SyntaxProblem::WidthTooLarge)?;
            Some((width, sign == 's'))
        }
        _ => None,
    };
    let number = if width.is_some() { after.get(1..).unwrap_or_default() } else { text };
    Ok(IntegerLiteral { value: value(number)?, width })
}

fn value(number: &str) -> Result<u128, SyntaxProblem> {
    let (base, digits) = match number.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, number.get(2..).unwrap_or_default()),
        [b'0', b'o' | b'O', ..] => (8, number.get(2..).unwrap_or_default()),
        [b'0', b'd' | b'D', ..] => (10, number.get(2..).unwrap_or_default()),
        [b'0', b'b' | b'B', ..] => (2, number.get(2..).unwrap_or_default()),
        [b'_', ..] => return Err(SyntaxProblem::BadDigit { character: '_', base: 10 }),
        _ => (10, number),
    };
    let mut value = None;
    for character in digits.chars().filter(|c| *c != '_') {
        let bad = SyntaxProblem::BadDigit { character, base };
        let digit = character.to_digit(base).ok_or(bad)?;
        let shifted = value.unwrap_or(0_u128).checked_mul(u128::from(base));
        let next = shifted.and_then(|shifted| shifted.checked_add(u128::from(digit)));
        value = Some(next.ok_or(SyntaxProblem::NumberTooLarge)?);
    }
    value.ok_or(SyntaxProblem::NoDigits)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("0", 0, None)]
    #[case("1_000", 1000, None)]
    #[case("0x_Ff", 255, None)]
    #[case("0377", 377, None)]
    #[case("8w0xFF", 255, Some((8, false)))]
    #[case("4s7", 7, Some((4, true)))]
    #[case("8w0d12", 12, Some((8, false)))]
    #[case("16w0o377", 255, Some((16, false)))]
    #[case("8s0b1010_1010", 170, Some((8, true)))]
    #[case("128w0xffffffffffffffffffffffffffffffff", u128::MAX, Some((128, false)))]
    fn numbers_say_their_value_and_width(
        #[case] text: &str,
        #[case] value: u128,
        #[case] width: Option<(u32, bool)>,
    ) {
        let literal = parse(text).unwrap();
        assert_eq!((literal.value, literal.width), (value, width));
    }

    #[rstest]
    #[case("0x", SyntaxProblem::NoDigits)]
    #[case("8w", SyntaxProblem::NoDigits)]
    #[case("0b__", SyntaxProblem::NoDigits)]
    #[case("8w_1", SyntaxProblem::BadDigit { character: '_', base: 10 })]
    #[case("0b12", SyntaxProblem::BadDigit { character: '2', base: 2 })]
    #[case("1_0w5", SyntaxProblem::BadDigit { character: 'w', base: 10 })]
    #[case("12ab", SyntaxProblem::BadDigit { character: 'a', base: 10 })]
    #[case("0x100000000000000000000000000000000", SyntaxProblem::NumberTooLarge)]
    #[case("99999999999w1", SyntaxProblem::WidthTooLarge)]
    fn bad_numbers_are_refused(#[case] text: &str, #[case] problem: SyntaxProblem) {
        assert_eq!(parse(text).unwrap_err(), problem);
    }
}
