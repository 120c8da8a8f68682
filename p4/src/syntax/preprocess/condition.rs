//! The conditions of `#if` and `#elif`: integers and operators as in C.

use crate::source::Span;
use crate::syntax::problem::{Fault, PreprocessProblem};
use crate::syntax::token::{Terminal, Token, TokenKind};

use super::macros::Macros;

/// How deep a condition may be nested.
const MAX_DEPTH: usize = 64;

/// Whether a condition holds, which is if it is not zero.
pub(super) fn holds(
    directive: &'static str,
    place: &Token,
    tokens: &[Token],
    macros: &mut Macros,
) -> Result<bool, Fault> {
    let resolved = without_defined(tokens, macros)?;
    let mut expanded = Vec::new();
    macros.expand(&resolved, &mut expanded)?;
    if expanded.is_empty() {
        let problem = PreprocessProblem::Malformed { directive, expected: "a condition" };
        return Err(Fault::new(place.span, problem));
    }
    let end = expanded.last().map_or(place.span, |last| last.span);
    let mut condition = Condition { tokens: &expanded, end, depth: 0 };
    let value = condition.conditional(true)?;
    match condition.tokens {
        [] => Ok(value != 0),
        _ => Err(condition.expected("an operator")),
    }
}

/// The tokens with each `defined X` and `defined(X)` replaced by its value.
fn without_defined(tokens: &[Token], macros: &Macros) -> Result<Vec<Token>, Fault> {
    let mut resolved = Vec::new();
    let mut rest = tokens;
    while let Some((token, after)) = rest.split_first() {
        rest = after;
        if token.kind.word() != Some("defined") {
            resolved.push(token.clone());
            continue;
        }
        let (name, after) = match after {
            [open, name, close, after @ ..]
                if open.kind == TokenKind::Terminal(Terminal::ParenOpen)
                    && close.kind == TokenKind::Terminal(Terminal::ParenClose) =>
            {
                (name.kind.word(), after)
            }
            [name, after @ ..] => (name.kind.word(), after),
            [] => (None, after),
        };
        let Some(name) = name else {
            let problem =
                PreprocessProblem::Malformed { directive: "if defined", expected: "a name" };
            return Err(Fault::new(token.span, problem));
        };
        let value = if macros.contains(name) { "1" } else { "0" };
        resolved.push(Token { kind: TokenKind::Number(value.into()), ..token.clone() });
        rest = after;
    }
    Ok(resolved)
}

struct Condition<'t> {
    tokens: &'t [Token],
    end: Span,
    depth: usize,
}

impl Condition<'_> {
    fn fault(&self, problem: PreprocessProblem) -> Fault {
        Fault::new(self.tokens.first().map_or(self.end, |token| token.span), problem)
    }

    fn expected(&self, expected: &'static str) -> Fault {
        let kind = self.tokens.first().map_or(&TokenKind::End, |token| &token.kind);
        self.fault(PreprocessProblem::Condition { expected, found: kind.found() })
    }

    fn eat(&mut self, terminal: Terminal) -> bool {
        match self.tokens.split_first() {
            Some((first, rest)) if first.kind == TokenKind::Terminal(terminal) => {
                self.tokens = rest;
                true
            }
            _ => false,
        }
    }

    /// `a ? b : c`. What is not taken, as behind a false `&&`, is read but must not fail:
    /// `is_taken` says whether its value is asked for.
    fn conditional(&mut self, is_taken: bool) -> Result<i128, Fault> {
        if self.depth >= MAX_DEPTH {
            return Err(self.fault(PreprocessProblem::MacrosTooDeep { limit: MAX_DEPTH }));
        }
        self.depth += 1;
        let condition = self.binary(0, is_taken)?;
        let value = if self.eat(Terminal::Question) {
            let then = self.conditional(is_taken && condition != 0)?;
            if !self.eat(Terminal::Colon) {
                return Err(self.expected("`:`"));
            }
            let otherwise = self.conditional(is_taken && condition == 0)?;
            if condition != 0 { then } else { otherwise }
        } else {
            condition
        };
        self.depth -= 1;
        Ok(value)
    }

    /// Operators of at least this precedence.
    fn binary(&mut self, least: u8, is_taken: bool) -> Result<i128, Fault> {
        let mut left = self.unary(is_taken)?;
        while let Some((operator, precedence, length)) = self.operator()
            && precedence >= least
        {
            let place = self.tokens.first().map_or(self.end, |token| token.span);
            self.tokens = self.tokens.get(length..).unwrap_or_default();
            let is_right_taken = is_taken
                && match operator {
                    Operator::And => left != 0,
                    Operator::Or => left == 0,
                    _ => true,
                };
            let right = self.binary(precedence + 1, is_right_taken)?;
            left = if is_taken {
                operator.apply(left, right).map_err(|problem| Fault::new(place, problem))?
            } else {
                0
            };
        }
        Ok(left)
    }

    /// The operator that comes next, its precedence, and how many tokens it is.
    fn operator(&self) -> Option<(Operator, u8, usize)> {
        let (first, rest) = self.tokens.split_first()?;
        let TokenKind::Terminal(terminal) = first.kind else { return None };
        let is_shift = rest.first().is_some_and(|next| {
            next.kind == TokenKind::Terminal(Terminal::Greater) && !next.after_space
        });
        Some(match terminal {
            Terminal::OrOr => (Operator::Or, 0, 1),
            Terminal::AndAnd => (Operator::And, 1, 1),
            Terminal::Or => (Operator::BitOr, 2, 1),
            Terminal::Xor => (Operator::BitXor, 3, 1),
            Terminal::And => (Operator::BitAnd, 4, 1),
            Terminal::EqualEqual => (Operator::Equal, 5, 1),
            Terminal::NotEqual => (Operator::NotEqual, 5, 1),
            Terminal::Greater if is_shift => (Operator::ShiftRight, 7, 2),
            Terminal::Less => (Operator::Less, 6, 1),
            Terminal::LessEqual => (Operator::LessEqual, 6, 1),
            Terminal::Greater => (Operator::Greater, 6, 1),
            Terminal::GreaterEqual => (Operator::GreaterEqual, 6, 1),
            Terminal::ShiftLeft => (Operator::ShiftLeft, 7, 1),
            Terminal::Plus => (Operator::Add, 8, 1),
            Terminal::Minus => (Operator::Subtract, 8, 1),
            Terminal::Star => (Operator::Multiply, 9, 1),
            Terminal::Slash => (Operator::Divide, 9, 1),
            Terminal::Percent => (Operator::Modulo, 9, 1),
            _ => return None,
        })
    }

    fn unary(&mut self, is_taken: bool) -> Result<i128, Fault> {
        // Operators before an operand are applied from the innermost outwards.
        let start = self.tokens;
        let is_prefix = |token: &&Token| {
            use Terminal::{Minus, Not, Plus, Tilde};
            matches!(token.kind, TokenKind::Terminal(Minus | Plus | Not | Tilde))
        };
        let count = start.iter().take_while(is_prefix).count();
        let (prefixes, rest) = start.split_at(count);
        self.tokens = rest;
        let mut value = self.operand(is_taken)?;
        for prefix in prefixes.iter().rev() {
            value = match prefix.kind {
                TokenKind::Terminal(Terminal::Minus) => -value,
                TokenKind::Terminal(Terminal::Not) => i128::from(value == 0),
                TokenKind::Terminal(Terminal::Tilde) => !value,
                _ => value,
            };
        }
        Ok(value)
    }

    fn operand(&mut self, is_taken: bool) -> Result<i128, Fault> {
        if self.eat(Terminal::ParenOpen) {
            let value = self.conditional(is_taken)?;
            return if self.eat(Terminal::ParenClose) {
                Ok(value)
            } else {
                Err(self.expected("`)`"))
            };
        }
        let Some((first, rest)) = self.tokens.split_first() else {
            return Err(self.expected("a number"));
        };
        let value = match &first.kind {
            TokenKind::Number(text) => number(text).map_err(|()| {
                let found = first.kind.found();
                let expected = "a number of at most 64 bits as C writes it";
                Fault::new(first.span, PreprocessProblem::Condition { expected, found })
            })?,
            // A word that is no macro is zero.
            kind if kind.word().is_some() => 0,
            _ => return Err(self.expected("a number")),
        };
        self.tokens = rest;
        Ok(value)
    }
}

/// A number as C writes it: with a leading zero it is octal, and it may end in `u` and `l`.
fn number(text: &str) -> Result<i128, ()> {
    let digits = text.trim_end_matches(['u', 'U', 'l', 'L']);
    let (base, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, digits.get(2..).unwrap_or_default()),
        [b'0', b'b' | b'B', ..] => (2, digits.get(2..).unwrap_or_default()),
        [b'0', _, ..] => (8, digits.get(1..).unwrap_or_default()),
        _ => (10, digits),
    };
    u64::from_str_radix(digits, base).map(i128::from).map_err(|_| ())
}

enum Operator {
    Or,
    And,
    BitOr,
    BitXor,
    BitAnd,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    ShiftLeft,
    ShiftRight,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

impl Operator {
    /// The value, which must fit into 64 bits.
    fn apply(self, left: i128, right: i128) -> Result<i128, PreprocessProblem> {
        let shift = || u32::try_from(right).ok().filter(|shift| *shift < 64);
        let value = match self {
            Operator::Or => Some(i128::from(left != 0 || right != 0)),
            Operator::And => Some(i128::from(left != 0 && right != 0)),
            Operator::BitOr => Some(left | right),
            Operator::BitXor => Some(left ^ right),
            Operator::BitAnd => Some(left & right),
            Operator::Equal => Some(i128::from(left == right)),
            Operator::NotEqual => Some(i128::from(left != right)),
            Operator::Less => Some(i128::from(left < right)),
            Operator::LessEqual => Some(i128::from(left <= right)),
            Operator::Greater => Some(i128::from(left > right)),
            Operator::GreaterEqual => Some(i128::from(left >= right)),
            Operator::ShiftLeft => shift().and_then(|shift| left.checked_mul(1 << shift)),
            Operator::ShiftRight => shift().map(|shift| left >> shift),
            Operator::Add => left.checked_add(right),
            Operator::Subtract => left.checked_sub(right),
            Operator::Multiply => left.checked_mul(right),
            Operator::Divide | Operator::Modulo if right == 0 => {
                return Err(PreprocessProblem::DivisionByZero);
            }
            Operator::Divide => left.checked_div(right),
            Operator::Modulo => left.checked_rem(right),
        };
        let fits = |value: &i128| i64::try_from(*value).is_ok() || u64::try_from(*value).is_ok();
        value.filter(fits).ok_or(PreprocessProblem::ConditionTooLarge)
    }
}
