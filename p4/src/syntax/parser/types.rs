//! Types (section 7).

use super::{Parsed, Parser};
use crate::syntax::ast::{Path, Type, TypeKind, Width};
use crate::syntax::number;
use crate::syntax::problem::{Fault, SyntaxProblem};
use crate::syntax::token::{Terminal, TokenKind};

impl Parser<'_> {
    /// Whether what stands `offset` tokens further is a type.
    pub(super) fn is_type(&self, offset: usize) -> bool {
        use Terminal::{Bit, Bool, Error, Int, List, MatchKind, StringType, Tuple, Varbit, Void};
        match self.token_at(offset).kind {
            // `list` may be a name.
            TokenKind::Terminal(List) => self.is_ahead(offset + 1, Terminal::Less),
            TokenKind::Terminal(
                Bit | Bool | Error | Int | MatchKind | StringType | Tuple | Varbit | Void,
            ) => true,
            _ => self.is_type_name(offset),
        }
    }

    /// A type. Any name is taken for one: whether it is, is seen where it is looked up.
    pub(super) fn type_(&mut self) -> Parsed<Type> {
        self.nested(|parser| {
            let start = parser.place();
            let mut kind = parser.type_kind()?;
            let may_be_stack = matches!(kind, TypeKind::Name(_) | TypeKind::Specialized(..));
            while may_be_stack && parser.eat(Terminal::BracketOpen) {
                let element = Type { span: parser.since(start), kind };
                let size = parser.expression()?;
                parser.expect(Terminal::BracketClose)?;
                parser.grow()?;
                kind = TypeKind::Stack(Box::new(element), Box::new(size));
            }
            Ok(Type { span: parser.since(start), kind })
        })
    }

    fn type_kind(&mut self) -> Parsed<TypeKind> {
        let TokenKind::Terminal(terminal) = self.token().kind else { return self.named_type() };
        let simple = match terminal {
            Terminal::Bool => TypeKind::Bool,
            Terminal::Error => TypeKind::Error,
            Terminal::MatchKind => TypeKind::MatchKind,
            Terminal::StringType => TypeKind::String,
            Terminal::Void => TypeKind::Void,
            Terminal::Bit => {
                self.advance();
                let one = Width::Literal(1);
                return Ok(TypeKind::Bits(self.width()?.unwrap_or(one)));
            }
            Terminal::Int => {
                self.advance();
                return Ok(self.width()?.map_or(TypeKind::Int, TypeKind::SignedBits));
            }
            Terminal::Varbit => {
                self.advance();
                let width = self.width()?.ok_or_else(|| self.expected("`<`"))?;
                return Ok(TypeKind::Varbit(width));
            }
            Terminal::Tuple => {
                self.advance();
                self.expect(Terminal::Less)?;
                return Ok(TypeKind::Tuple(self.type_arguments()?));
            }
            Terminal::List if self.is_ahead(1, Terminal::Less) => {
                self.advance();
                self.advance();
                let element = self.type_argument()?;
                self.expect(Terminal::Greater)?;
                return Ok(TypeKind::List(Box::new(element)));
            }
            _ => return self.named_type(),
        };
        self.advance();
        Ok(simple)
    }

    fn named_type(&mut self) -> Parsed<TypeKind> {
        if self.name_at(usize::from(self.is_at(Terminal::Dot))).is_none() {
            return Err(self.expected("a type"));
        }
        let path = self.path()?;
        if self.eat(Terminal::Less) {
            return Ok(TypeKind::Specialized(path, self.type_arguments()?));
        }
        Ok(TypeKind::Name(path))
    }

    /// `x` or `.x`
    pub(super) fn path(&mut self) -> Parsed<Path> {
        let is_absolute = self.eat(Terminal::Dot);
        Ok(Path { is_absolute, name: self.name()? })
    }

    /// What stands in angle brackets, behind the first.
    pub(super) fn type_arguments(&mut self) -> Parsed<Vec<Type>> {
        self.list(Terminal::Greater, false, Self::type_argument)
    }

    fn type_argument(&mut self) -> Parsed<Type> {
        let span = self.place();
        if self.eat(Terminal::DontCare) {
            return Ok(Type { span, kind: TypeKind::DontCare });
        }
        self.type_()
    }

    /// `<8>` or `<(expression)>`, if it is there.
    fn width(&mut self) -> Parsed<Option<Width>> {
        if !self.eat(Terminal::Less) {
            return Ok(None);
        }
        let width = match &self.token().kind {
            TokenKind::Number(text) => {
                let place = self.place();
                let literal = number::parse(text).map_err(|problem| Fault::new(place, problem))?;
                if literal.width.is_some() {
                    return Err(self.expected("a number without a width"));
                }
                self.advance();
                Width::Literal(literal.value)
            }
            TokenKind::Terminal(Terminal::ParenOpen) => {
                self.advance();
                let expression = self.expression()?;
                self.expect(Terminal::ParenClose)?;
                Width::Expression(Box::new(expression))
            }
            TokenKind::Name(_) => {
                let expected = "a number or an expression in parentheses";
                let found = self.token().kind.found();
                return Err(self.fault(SyntaxProblem::Expected { expected, found }));
            }
            _ => return Err(self.expected("a number")),
        };
        self.expect(Terminal::Greater)?;
        Ok(Some(width))
    }
}
