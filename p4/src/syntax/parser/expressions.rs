//! Expressions (section 8).

use std::sync::Arc;

use super::{Parsed, Parser};
use crate::source::Span;
use crate::syntax::ast::{
    Argument, BinaryOperator, Expression, ExpressionKind, Type, TypeKind, UnaryOperator,
};
use crate::syntax::number;
use crate::syntax::problem::Fault;
use crate::syntax::token::{Terminal, TokenKind};

impl Parser<'_> {
    /// An expression.
    pub(super) fn expression(&mut self) -> Parsed<Expression> {
        self.nested(|parser| {
            let start = parser.place();
            let first = parser.unary()?;
            parser.expression_from(start, first)
        })
    }

    /// What stands before an assignment or the end of a statement: an expression without operators.
    pub(super) fn place_or_call(&mut self) -> Parsed<Expression> {
        self.nested(|parser| {
            let start = parser.place();
            let first = parser.primary()?;
            parser.postfix(start, first)
        })
    }

    /// The rest of an expression whose first operand is there.
    fn expression_from(&mut self, start: Span, first: Expression) -> Parsed<Expression> {
        let condition = self.binary(start, first, 0)?;
        if !self.eat(Terminal::Question) {
            return Ok(condition);
        }
        let then = self.expression()?;
        self.expect(Terminal::Colon)?;
        let otherwise = self.nested(|parser| {
            let start = parser.place();
            let first = parser.unary()?;
            parser.binary(start, first, 0)
        })?;
        if self.is_at(Terminal::Question) {
            // By the grammar's precedences the first two would be the condition of the third, which
            // nobody who writes it means.
            return Err(self.unsupported("`a ? b : c ? d : e` without parentheses"));
        }
        let span = self.since(start);
        let (then, otherwise) = (Box::new(then), Box::new(otherwise));
        let kind = ExpressionKind::Conditional(Box::new(condition), then, otherwise);
        Ok(Expression { span, kind })
    }

    /// Operators of at least this precedence behind an operand. All of them group to the left.
    fn binary(&mut self, start: Span, first: Expression, least: u8) -> Parsed<Expression> {
        let mut left = first;
        while let Some((operator, precedence, length)) = self.operator()
            && precedence >= least
        {
            for _ in 0..length {
                self.advance();
            }
            let right = self.nested(|parser| {
                let start = parser.place();
                let first = parser.unary()?;
                parser.binary(start, first, precedence + 1)
            })?;
            self.grow()?;
            let span = self.since(start);
            let kind = ExpressionKind::Binary(operator, Box::new(left), Box::new(right));
            left = Expression { span, kind };
        }
        Ok(left)
    }

    /// The operator that stands here, its precedence, and how many tokens it is: a right shift is
    /// two, because in `stack<bit<8>>` the same two end type arguments.
    fn operator(&self) -> Option<(BinaryOperator, u8, usize)> {
        let TokenKind::Terminal(terminal) = self.token().kind else { return None };
        let is_shift = self.is_ahead(1, Terminal::Greater) && !self.token_at(1).after_space;
        Some(match terminal {
            Terminal::OrOr => (BinaryOperator::Or, 0, 1),
            Terminal::AndAnd => (BinaryOperator::And, 1, 1),
            Terminal::EqualEqual => (BinaryOperator::Equal, 2, 1),
            Terminal::NotEqual => (BinaryOperator::NotEqual, 2, 1),
            Terminal::Greater if is_shift => (BinaryOperator::ShiftRight, 7, 2),
            Terminal::Less => (BinaryOperator::Less, 3, 1),
            Terminal::Greater => (BinaryOperator::Greater, 3, 1),
            Terminal::LessEqual => (BinaryOperator::LessEqual, 3, 1),
            Terminal::GreaterEqual => (BinaryOperator::GreaterEqual, 3, 1),
            Terminal::Or => (BinaryOperator::BitOr, 4, 1),
            Terminal::Xor => (BinaryOperator::BitXor, 5, 1),
            Terminal::And => (BinaryOperator::BitAnd, 6, 1),
            Terminal::ShiftLeft => (BinaryOperator::ShiftLeft, 7, 1),
            Terminal::PlusPlus => (BinaryOperator::Concatenate, 8, 1),
            Terminal::Plus if self.is_ahead(1, Terminal::Colon) => return None,
            Terminal::Plus => (BinaryOperator::Add, 8, 1),
            Terminal::Minus => (BinaryOperator::Subtract, 8, 1),
            Terminal::SaturatingAdd => (BinaryOperator::SaturatingAdd, 8, 1),
            Terminal::SaturatingSubtract => (BinaryOperator::SaturatingSubtract, 8, 1),
            Terminal::Star => (BinaryOperator::Multiply, 9, 1),
            Terminal::Slash => (BinaryOperator::Divide, 9, 1),
            Terminal::Percent => (BinaryOperator::Modulo, 9, 1),
            _ => return None,
        })
    }

    fn unary(&mut self) -> Parsed<Expression> {
        let start = self.place();
        let operator = match self.token().kind {
            TokenKind::Terminal(Terminal::Not) => UnaryOperator::Not,
            TokenKind::Terminal(Terminal::Tilde) => UnaryOperator::Complement,
            TokenKind::Terminal(Terminal::Minus) => UnaryOperator::Minus,
            TokenKind::Terminal(Terminal::Plus) => UnaryOperator::Plus,
            _ => {
                let first = self.primary()?;
                return self.postfix(start, first);
            }
        };
        self.advance();
        let operand = self.nested(Self::unary)?;
        let kind = ExpressionKind::Unary(operator, Box::new(operand));
        Ok(Expression { span: self.since(start), kind })
    }

    fn primary(&mut self) -> Parsed<Expression> {
        let start = self.place();
        let kind = match &self.token().kind {
            TokenKind::Number(text) => {
                let literal = number::parse(text).map_err(|problem| Fault::new(start, problem))?;
                ExpressionKind::Integer(literal)
            }
            TokenKind::String(raw) => ExpressionKind::String(unescaped(raw)),
            TokenKind::Terminal(Terminal::True) => ExpressionKind::Bool(true),
            TokenKind::Terminal(Terminal::False) => ExpressionKind::Bool(false),
            TokenKind::Terminal(Terminal::This) => ExpressionKind::This,
            TokenKind::Terminal(Terminal::Dots) => ExpressionKind::Dots,
            TokenKind::Terminal(Terminal::Invalid) => ExpressionKind::Invalid,
            TokenKind::Terminal(Terminal::ParenOpen) => return self.parenthesised(false),
            TokenKind::Terminal(Terminal::BraceOpen) => return self.braces(),
            _ if self.is_type(0) && !self.is_plain_type_name() => {
                let ty = self.type_()?;
                return self.member_of_type(start, ty);
            }
            _ if self.name_at(usize::from(self.is_at(Terminal::Dot))).is_some() => {
                let path = self.path()?;
                return Ok(Expression {
                    span: self.since(start),
                    kind: ExpressionKind::Path(path),
                });
            }
            _ => return Err(self.expected("an expression")),
        };
        self.advance();
        Ok(Expression { span: start, kind })
    }

    /// Whether the name of a type stands here without type arguments, which an expression may begin
    /// with as with any name: `E.x`, `counter(1)`.
    fn is_plain_type_name(&self) -> bool {
        let after = 1 + usize::from(self.is_at(Terminal::Dot));
        self.is_type_name(0) && !self.is_ahead(after, Terminal::Less)
    }

    /// An expression that begins with a type which is no name: `error.x`, `C<T>(x)`.
    fn member_of_type(&mut self, start: Span, ty: Type) -> Parsed<Expression> {
        if self.eat(Terminal::Dot) {
            let name = self.name()?;
            let kind = ExpressionKind::TypeMember(Box::new(ty), name);
            return Ok(Expression { span: self.since(start), kind });
        }
        let Type { span, kind } = ty;
        match kind {
            TypeKind::Specialized(path, type_arguments) if self.eat(Terminal::ParenOpen) => {
                let function = Box::new(Expression { span, kind: ExpressionKind::Path(path) });
                let arguments = self.arguments()?;
                let kind = ExpressionKind::Call { function, type_arguments, arguments };
                Ok(Expression { span: self.since(start), kind })
            }
            _ => Err(self.expected("`.` behind this type")),
        }
    }

    /// What stands in parentheses: an expression, a cast, or the sets of a tuple if they may be here.
    fn parenthesised(&mut self, may_be_tuple: bool) -> Parsed<Expression> {
        let start = self.expect(Terminal::ParenOpen)?;
        let inner = self.place();
        if may_be_tuple && self.is_dont_care() {
            let first = self.simple_set()?;
            return self.tuple(start, first);
        }
        let after = 1 + usize::from(self.is_at(Terminal::Dot));
        let is_type = self.is_type(0)
            && !(self.is_type_name(0)
                && (self.is_ahead(after, Terminal::Dot)
                    || self.is_ahead(after, Terminal::ParenOpen)));
        let first = if is_type {
            let ty = self.type_()?;
            if self.eat(Terminal::ParenClose) {
                return self.cast(start, ty);
            }
            self.nested(|parser| {
                let first = parser.member_of_type(inner, ty)?;
                let first = parser.postfix(inner, first)?;
                parser.expression_from(inner, first)
            })?
        } else if self.is_cast_to_unknown() {
            let ty = self.type_()?;
            self.expect(Terminal::ParenClose)?;
            return self.cast(start, ty);
        } else {
            self.expression()?
        };
        let is_tuple = self.is_at(Terminal::Comma)
            || self.is_at(Terminal::Mask)
            || self.is_at(Terminal::RangeDots);
        if may_be_tuple && is_tuple {
            let first = self.set_from(inner, first)?;
            return self.tuple(start, first);
        }
        self.expect(Terminal::ParenClose)?;
        Ok(first)
    }

    /// `(x) y`, which is nothing but a cast to a type that was not declared.
    fn is_cast_to_unknown(&self) -> bool {
        let is_name = matches!(self.token().kind, TokenKind::Name(_));
        is_name
            && self.is_ahead(1, Terminal::ParenClose)
            && matches!(self.token_at(2).kind, TokenKind::Name(_) | TokenKind::Number(_))
    }

    fn cast(&mut self, start: Span, ty: Type) -> Parsed<Expression> {
        let operand = self.nested(Self::unary)?;
        let kind = ExpressionKind::Cast(Box::new(ty), Box::new(operand));
        Ok(Expression { span: self.since(start), kind })
    }

    /// `{ a, b }` or `{ a = 1, b = 2 }`, possibly with `...` at the end.
    fn braces(&mut self) -> Parsed<Expression> {
        let start = self.expect(Terminal::BraceOpen)?;
        let has_names = self.name_at(0).is_some() && self.is_ahead(1, Terminal::Assign);
        let kind = if has_names {
            let fields = self.list(Terminal::BraceClose, true, |parser| {
                if parser.eat(Terminal::Dots) {
                    return Ok(None);
                }
                let name = parser.name()?;
                parser.expect(Terminal::Assign)?;
                Ok(Some((name, parser.expression()?)))
            })?;
            let (fields, rest) = self.without_rest(fields)?;
            ExpressionKind::Record { fields, rest }
        } else {
            let elements = self.list(Terminal::BraceClose, true, |parser| {
                if parser.eat(Terminal::Dots) { Ok(None) } else { parser.expression().map(Some) }
            })?;
            let (elements, rest) = self.without_rest(elements)?;
            ExpressionKind::List { elements, rest }
        };
        Ok(Expression { span: self.since(start), kind })
    }

    /// Takes `...`, which is none of the elements, off the end.
    fn without_rest<T>(&self, mut elements: Vec<Option<T>>) -> Parsed<(Vec<T>, bool)> {
        let has_rest = matches!(elements.last(), Some(None));
        if has_rest {
            elements.pop();
        }
        let elements: Option<Vec<T>> = elements.into_iter().collect();
        match elements {
            Some(elements) => Ok((elements, has_rest)),
            None => Err(self.unsupported("`...` before other elements")),
        }
    }

    /// Members, indices and calls behind an operand.
    pub(super) fn postfix(&mut self, start: Span, first: Expression) -> Parsed<Expression> {
        let mut expression = first;
        loop {
            let kind = if self.eat(Terminal::Dot) {
                ExpressionKind::Member(Box::new(expression), self.name()?)
            } else if self.eat(Terminal::BracketOpen) {
                self.index(expression)?
            } else if self.eat(Terminal::ParenOpen) {
                let arguments = self.arguments()?;
                let function = Box::new(expression);
                ExpressionKind::Call { function, type_arguments: Vec::new(), arguments }
            } else if self.is_at(Terminal::Less) && self.begins_type_arguments() {
                self.advance();
                let type_arguments = self.type_arguments()?;
                self.expect(Terminal::ParenOpen)?;
                let arguments = self.arguments()?;
                ExpressionKind::Call { function: Box::new(expression), type_arguments, arguments }
            } else {
                return Ok(expression);
            };
            self.grow()?;
            expression = Expression { span: self.since(start), kind };
        }
    }

    /// Whether `<` begins type arguments: if a type that is not the beginning of an expression
    /// stands behind it.
    fn begins_type_arguments(&self) -> bool {
        if self.is_ahead(1, Terminal::DontCare) {
            return true;
        }
        let after = 2 + usize::from(self.is_ahead(1, Terminal::Dot));
        self.is_type(1) && !self.is_ahead(after, Terminal::Dot)
    }

    /// `[1]` or `[7:0]`, behind the bracket.
    fn index(&mut self, of: Expression) -> Parsed<ExpressionKind> {
        let first = self.expression()?;
        if self.is_at(Terminal::Plus) {
            return Err(self.unsupported("a slice as in `a[low +: width]`"));
        }
        if self.eat(Terminal::Colon) {
            let low = self.expression()?;
            self.expect(Terminal::BracketClose)?;
            return Ok(ExpressionKind::Slice(Box::new(of), Box::new(first), Box::new(low)));
        }
        self.expect(Terminal::BracketClose)?;
        Ok(ExpressionKind::Index(Box::new(of), Box::new(first)))
    }

    /// The arguments of a call, behind the parenthesis.
    pub(super) fn arguments(&mut self) -> Parsed<Vec<Argument>> {
        self.list(Terminal::ParenClose, false, |parser| {
            let start = parser.place();
            let name = if parser.name_at(0).is_some() && parser.is_ahead(1, Terminal::Assign) {
                let name = parser.name()?;
                parser.advance();
                Some(name)
            } else {
                None
            };
            let value = match parser.eat(Terminal::DontCare) {
                true => None,
                false => Some(parser.expression()?),
            };
            Ok(Argument { name, value, span: parser.since(start) })
        })
    }

    // Sets.

    /// The sets of a select case or a table entry: those of a tuple, or a single one for all keys.
    pub(super) fn sets(&mut self) -> Parsed<Vec<Expression>> {
        if !self.is_at(Terminal::ParenOpen) {
            return Ok(vec![self.simple_set()?]);
        }
        let start = self.place();
        let set = self.nested(|parser| {
            let first = parser.parenthesised(true)?;
            if matches!(first.kind, ExpressionKind::Tuple(_)) {
                return Ok(first);
            }
            let first = parser.postfix(start, first)?;
            let first = parser.expression_from(start, first)?;
            parser.set_from(start, first)
        })?;
        match set.kind {
            ExpressionKind::Tuple(sets) => Ok(sets),
            _ => Ok(vec![set]),
        }
    }

    /// The rest of a tuple of sets behind its first.
    fn tuple(&mut self, start: Span, first: Expression) -> Parsed<Expression> {
        let mut sets = vec![first];
        while !self.eat(Terminal::ParenClose) {
            if !self.eat(Terminal::Comma) {
                return Err(self.expected("`,` or `)`"));
            }
            sets.push(self.simple_set()?);
        }
        Ok(Expression { span: self.since(start), kind: ExpressionKind::Tuple(sets) })
    }

    /// A set for one key.
    fn simple_set(&mut self) -> Parsed<Expression> {
        let start = self.place();
        if self.is_dont_care() {
            self.advance();
            return Ok(Expression { span: start, kind: ExpressionKind::DontCare });
        }
        let first = self.expression()?;
        self.set_from(start, first)
    }

    /// The rest of a set behind its first expression.
    fn set_from(&mut self, start: Span, first: Expression) -> Parsed<Expression> {
        let make = if self.eat(Terminal::Mask) {
            ExpressionKind::Mask
        } else if self.eat(Terminal::RangeDots) {
            ExpressionKind::Range
        } else {
            return Ok(first);
        };
        let second = self.expression()?;
        self.grow()?;
        let kind = make(Box::new(first), Box::new(second));
        Ok(Expression { span: self.since(start), kind })
    }

    fn is_dont_care(&self) -> bool {
        self.is_at(Terminal::DontCare) || self.is_at(Terminal::Default)
    }
}

/// What a string says. A backslash before anything but a quote, a backslash or an `n` stands for
/// itself.
fn unescaped(raw: &str) -> Arc<str> {
    let mut text = String::with_capacity(raw.len());
    let mut characters = raw.chars().peekable();
    while let Some(character) = characters.next() {
        let escaped = match (character, characters.peek()) {
            ('\\', Some(next @ ('"' | '\\'))) => Some(*next),
            ('\\', Some('n')) => Some('\n'),
            _ => None,
        };
        if escaped.is_some() {
            characters.next();
        }
        text.push(escaped.unwrap_or(character));
    }
    Arc::from(text)
}
