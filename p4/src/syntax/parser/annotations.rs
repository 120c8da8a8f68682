//! Annotations (section 18): `@name("x")`, `@k[a = 1]`, `@pragma words to the end of the line`.

use std::sync::Arc;

use super::{Parsed, Parser};
use crate::source::Span;
use crate::syntax::ast::{Annotation, AnnotationBody, Expression, Name};
use crate::syntax::token::{Terminal, TokenKind, text_of};

impl Parser<'_> {
    /// The annotations that stand here, possibly none.
    pub(super) fn annotations(&mut self) -> Parsed<Vec<Annotation>> {
        let mut annotations = Vec::new();
        while self.is_at(Terminal::At) {
            annotations.push(self.annotation()?);
        }
        Ok(annotations)
    }

    fn annotation(&mut self) -> Parsed<Annotation> {
        let start = self.expect(Terminal::At)?;
        let name = self.annotation_name()?;
        if &*name.text == "pragma" {
            return self.pragma(start);
        }
        let body = if self.eat(Terminal::ParenOpen) {
            self.unstructured()?
        } else if self.eat(Terminal::BracketOpen) {
            self.structured()?
        } else {
            AnnotationBody::Empty
        };
        Ok(Annotation { name, body, span: self.since(start) })
    }

    /// The name of an annotation, which may be any word.
    fn annotation_name(&mut self) -> Parsed<Name> {
        let span = self.place();
        let word = self.token().kind.word().filter(|word| *word != "_");
        let text = Arc::from(word.ok_or_else(|| self.expected("the name of an annotation"))?);
        self.advance();
        Ok(Name { text, span })
    }

    /// What stands behind `@pragma`: a name, and up to the end of the line what another annotation
    /// has in parentheses.
    fn pragma(&mut self, start: Span) -> Parsed<Annotation> {
        if self.token().starts_line {
            return Err(self.expected("a name in the same line"));
        }
        let name = self.annotation_name()?;
        let first = self.at;
        while !self.token().starts_line {
            self.advance();
        }
        let (end, span) = (self.at, self.since(start));
        if first == end {
            return Ok(Annotation { name, body: AnnotationBody::Empty, span });
        }
        self.at = first;
        let expressions = self.pragma_expressions();
        let body = match expressions {
            Ok(expressions) if self.at == end => AnnotationBody::Expressions(expressions),
            _ => {
                let text = text_of(self.tokens.get(first..end).unwrap_or_default());
                AnnotationBody::Tokens(Arc::from(text))
            }
        };
        self.at = end;
        Ok(Annotation { name, body, span })
    }

    fn pragma_expressions(&mut self) -> Parsed<Vec<Expression>> {
        let mut expressions = vec![self.expression()?];
        while self.eat(Terminal::Comma) {
            expressions.push(self.expression()?);
        }
        Ok(expressions)
    }

    /// What stands in parentheses: expressions, or else anything.
    fn unstructured(&mut self) -> Parsed<AnnotationBody> {
        let first = self.at;
        let expressions = self.list(Terminal::ParenClose, false, Self::expression);
        if let Ok(expressions) = expressions {
            return Ok(AnnotationBody::Expressions(expressions));
        }
        self.at = first;
        let mut open = 0_usize;
        loop {
            match self.token().kind {
                TokenKind::Terminal(Terminal::ParenOpen) => open += 1,
                TokenKind::Terminal(Terminal::ParenClose) if open == 0 => break,
                TokenKind::Terminal(Terminal::ParenClose) => open -= 1,
                TokenKind::End | TokenKind::OpenString | TokenKind::OpenComment => {
                    return Err(self.expected("`)`"));
                }
                _ => {}
            }
            self.advance();
        }
        let text = text_of(self.tokens.get(first..self.at).unwrap_or_default());
        self.advance();
        Ok(AnnotationBody::Tokens(Arc::from(text)))
    }

    /// What stands in brackets: names with values, or expressions.
    fn structured(&mut self) -> Parsed<AnnotationBody> {
        let has_keys = self.name_at(0).is_some() && self.is_ahead(1, Terminal::Assign);
        if !has_keys {
            let expressions = self.list(Terminal::BracketClose, true, Self::expression)?;
            return Ok(AnnotationBody::Expressions(expressions));
        }
        let pairs = self.list(Terminal::BracketClose, true, |parser| {
            let name = parser.name()?;
            parser.expect(Terminal::Assign)?;
            Ok((name, parser.expression()?))
        })?;
        Ok(AnnotationBody::KeyValues(pairs))
    }
}
