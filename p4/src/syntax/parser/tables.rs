//! Tables (section 14.2).

use super::{Parsed, Parser};
use crate::syntax::ast::{
    ActionReference, Annotation, Entry, Expression, ExpressionKind, KeyElement, Property,
    PropertyValue, Table,
};
use crate::syntax::number;
use crate::syntax::problem::Fault;
use crate::syntax::token::{Terminal, TokenKind};

impl Parser<'_> {
    /// A table, behind its annotations.
    pub(super) fn table(&mut self) -> Parsed<Table> {
        self.expect(Terminal::Table)?;
        let name = self.name()?;
        self.declare(&name, false);
        let properties = self.braced(Self::property)?;
        Ok(Table { name, properties })
    }

    fn property(&mut self) -> Parsed<Property> {
        let start = self.place();
        let annotations = self.annotations()?;
        let is_const = self.eat(Terminal::Const);
        let keyword = match self.token().kind {
            TokenKind::Terminal(keyword) => Some(keyword),
            _ => None,
        };
        let name = self.name().map_err(|_| self.expected("a property of the table"))?;
        self.expect(Terminal::Assign)?;
        let value = match keyword {
            Some(Terminal::Key) => PropertyValue::Key(self.braced(Self::key_element)?),
            Some(Terminal::Actions) => PropertyValue::Actions(self.braced(|parser| {
                let annotations = parser.annotations()?;
                let reference = parser.action_reference(annotations)?;
                parser.expect_end("`;`")?;
                Ok(reference)
            })?),
            Some(Terminal::Entries) => PropertyValue::Entries(self.braced(Self::entry)?),
            _ => {
                let value = self.expression()?;
                self.expect_end("`;`")?;
                PropertyValue::Expression(value)
            }
        };
        Ok(Property { annotations, is_const, name, value, span: self.since(start) })
    }

    fn key_element(&mut self) -> Parsed<KeyElement> {
        let expression = self.expression()?;
        self.expect(Terminal::Colon)?;
        let match_kind = self.name()?;
        let annotations = self.annotations()?;
        self.expect_end("`;`")?;
        Ok(KeyElement { expression, match_kind, annotations })
    }

    fn action_reference(&mut self, annotations: Vec<Annotation>) -> Parsed<ActionReference> {
        let start = self.place();
        if self.name_at(usize::from(self.is_at(Terminal::Dot))).is_none() {
            return Err(self.expected("an action"));
        }
        let path = self.path()?;
        let arguments = if self.eat(Terminal::ParenOpen) { self.arguments()? } else { Vec::new() };
        Ok(ActionReference { annotations, path, arguments, span: self.since(start) })
    }

    fn entry(&mut self) -> Parsed<Entry> {
        let start = self.place();
        // The grammar has annotations at the end; the reference compiler takes them here as well.
        let mut annotations = self.annotations()?;
        let is_const = self.eat(Terminal::Const);
        let has_priority = self.is_at(Terminal::Priority) && self.is_ahead(1, Terminal::Assign);
        let priority = if has_priority { Some(self.priority()?) } else { None };
        let keys = self.sets()?;
        self.expect(Terminal::Colon)?;
        let action = self.action_reference(Vec::new())?;
        annotations.extend(self.annotations()?);
        self.expect_end("`;`")?;
        Ok(Entry { annotations, is_const, priority, keys, action, span: self.since(start) })
    }

    /// `priority = 10:` or `priority = (expression):`
    fn priority(&mut self) -> Parsed<Expression> {
        self.advance();
        self.advance();
        let span = self.place();
        let priority = match &self.token().kind {
            TokenKind::Number(text) => {
                let literal = number::parse(text).map_err(|problem| Fault::new(span, problem))?;
                self.advance();
                Expression { span, kind: ExpressionKind::Integer(literal) }
            }
            TokenKind::Terminal(Terminal::ParenOpen) => {
                self.advance();
                let priority = self.expression()?;
                self.expect(Terminal::ParenClose)?;
                priority
            }
            _ => return Err(self.expected("a number or an expression in parentheses")),
        };
        self.expect(Terminal::Colon)?;
        Ok(priority)
    }
}
