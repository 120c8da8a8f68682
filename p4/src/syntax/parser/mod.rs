//! From tokens to the syntax tree, by recursive descent over the grammar of appendix H.
//!
//! Two things in the grammar hang on what a name means: `(a) - b` is a cast if `a` is a type, and
//! `a < b > (c)` a call if `b` is one. As the grammar has it, the parser remembers which names were
//! declared as types, scope by scope.

mod annotations;
mod declarations;
mod expressions;
mod statements;
mod tables;
mod types;

use std::collections::HashMap;
use std::sync::Arc;

use super::ast::{Name, Unit};
use super::problem::{Fault, SyntaxProblem};
use super::token::{Terminal, Token, TokenKind};
use crate::ir::MAX_DEPTH;
use crate::source::Span;

/// How many faults are reported at once.
const MAX_FAULTS: usize = 20;

/// Parses a program: the tokens end with one for the end.
pub(super) fn parse(tokens: &[Token]) -> Result<Unit, Vec<Fault>> {
    let Some(end) = tokens.last() else { return Ok(Unit::default()) };
    let mut parser = Parser {
        tokens,
        end,
        at: 0,
        depth: 0,
        height: 0,
        scopes: vec![HashMap::new()],
        faults: Vec::new(),
    };
    let unit = parser.unit();
    if parser.faults.is_empty() { Ok(unit) } else { Err(parser.faults) }
}

type Parsed<T> = Result<T, Fault>;

struct Parser<'t> {
    tokens: &'t [Token],
    end: &'t Token,
    /// How many tokens are read.
    at: usize,
    /// How many nested things are being read.
    depth: usize,
    /// How high the highest tree is that was made within the innermost of them.
    height: usize,
    /// Whether a name is a type, innermost scope last.
    scopes: Vec<HashMap<Arc<str>, bool>>,
    faults: Vec<Fault>,
}

impl Parser<'_> {
    // Looking.

    fn token_at(&self, offset: usize) -> &Token {
        self.tokens.get(self.at.saturating_add(offset)).unwrap_or(self.end)
    }

    fn token(&self) -> &Token {
        self.token_at(0)
    }

    fn is_at(&self, terminal: Terminal) -> bool {
        self.is_ahead(0, terminal)
    }

    /// Whether the terminal stands `offset` tokens further.
    fn is_ahead(&self, offset: usize, terminal: Terminal) -> bool {
        self.token_at(offset).kind == TokenKind::Terminal(terminal)
    }

    /// Where the next token stands.
    fn place(&self) -> Span {
        self.token().span
    }

    /// From a place to the end of the last token that was read.
    fn since(&self, start: Span) -> Span {
        let last = self.at.checked_sub(1).and_then(|last| self.tokens.get(last));
        last.map_or(start, |last| start.to(last.span))
    }

    fn fault(&self, problem: SyntaxProblem) -> Fault {
        Fault::new(self.place(), problem)
    }

    /// The fault that something else should stand here.
    fn expected(&self, expected: &'static str) -> Fault {
        self.fault(match &self.token().kind {
            TokenKind::Unknown(character) => {
                SyntaxProblem::UnknownCharacter { character: *character }
            }
            TokenKind::Split => SyntaxProblem::SplitWord,
            TokenKind::OpenString => SyntaxProblem::OpenString,
            TokenKind::OpenComment => SyntaxProblem::OpenComment,
            kind => SyntaxProblem::Expected { expected, found: kind.found() },
        })
    }

    fn unsupported(&self, what: &'static str) -> Fault {
        self.fault(SyntaxProblem::Unsupported { what })
    }

    // Reading.

    fn advance(&mut self) {
        self.at = self.tokens.len().min(self.at + 1);
    }

    fn eat(&mut self, terminal: Terminal) -> bool {
        let is_at = self.is_at(terminal);
        if is_at {
            self.advance();
        }
        is_at
    }

    fn expect(&mut self, terminal: Terminal) -> Parsed<Span> {
        let place = self.place();
        if self.eat(terminal) { Ok(place) } else { Err(self.expected(terminal.quoted())) }
    }

    /// Reads the semicolon at the end of something. One that is missing is shown in the line where
    /// it should stand.
    fn expect_end(&mut self, expected: &'static str) -> Parsed<()> {
        if self.eat(Terminal::Semicolon) {
            return Ok(());
        }
        let mut fault = self.expected(expected);
        let last = self.at.checked_sub(1).and_then(|last| self.tokens.get(last));
        if let (true, Some(last)) = (self.token().starts_line, last) {
            fault.span = Span { start: last.span.end, ..last.span };
        }
        Err(fault)
    }

    /// Any name: an identifier, a type or one of the words that are names where they can be.
    fn name(&mut self) -> Parsed<Name> {
        let span = self.place();
        let text = self.name_at(0).ok_or_else(|| self.expected("a name"))?;
        self.advance();
        Ok(Name { text, span })
    }

    fn name_at(&self, offset: usize) -> Option<Arc<str>> {
        match &self.token_at(offset).kind {
            TokenKind::Name(text) => Some(Arc::clone(text)),
            TokenKind::Terminal(terminal) if terminal.can_be_name() => {
                Some(Arc::from(terminal.text()))
            }
            _ => None,
        }
    }

    /// Elements with commas in between, up to a closing token, which is read; a comma may stand at
    /// the end if `may_trail`.
    fn list<T>(
        &mut self,
        close: Terminal,
        may_trail: bool,
        mut element: impl FnMut(&mut Self) -> Parsed<T>,
    ) -> Parsed<Vec<T>> {
        let mut elements = Vec::new();
        if self.eat(close) {
            return Ok(elements);
        }
        loop {
            elements.push(element(self)?);
            if self.eat(close) {
                return Ok(elements);
            }
            if !self.eat(Terminal::Comma) {
                return Err(self.expected(close.after_comma()));
            }
            if may_trail && self.eat(close) {
                return Ok(elements);
            }
        }
    }

    /// Elements up to a closing brace, which is read. One that is no element is reported and passed
    /// over, so that faults in the others are found as well.
    fn braced<T>(&mut self, mut element: impl FnMut(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        let open = self.expect(Terminal::BraceOpen)?;
        let mut elements = Vec::new();
        while !self.eat(Terminal::BraceClose) {
            if self.token().kind == TokenKind::End {
                let fault = self.expected("`}`");
                return Err(Fault { related: Some((open, "to end what begins here")), ..fault });
            }
            let start = self.at;
            match element(self) {
                Ok(element) => elements.push(element),
                Err(fault) => self.recover(start, fault)?,
            }
        }
        Ok(elements)
    }

    // Faults.

    /// Notes a fault and goes to the end of the element that began at `start`: past the next
    /// semicolon or block, or to a brace that closes what the element stands in. Gives the fault back
    /// if nothing sensible can be read behind it.
    fn recover(&mut self, start: usize, fault: Fault) -> Parsed<()> {
        let is_last = matches!(
            self.token().kind,
            TokenKind::End | TokenKind::OpenString | TokenKind::OpenComment
        );
        let is_hopeless = matches!(fault.problem, SyntaxProblem::TooDeep { .. });
        if self.faults.len() + 1 >= MAX_FAULTS || is_last || is_hopeless {
            return Err(fault);
        }
        self.faults.push(fault);
        // What the fault stands within may be open.
        let mut open = 0_usize;
        for token in self.tokens.get(start..self.at).unwrap_or_default() {
            match token.kind {
                TokenKind::Terminal(Terminal::BraceOpen) => open += 1,
                TokenKind::Terminal(Terminal::BraceClose) => open = open.saturating_sub(1),
                _ => {}
            }
        }
        loop {
            match self.token().kind {
                TokenKind::End => return Ok(()),
                TokenKind::Terminal(Terminal::BraceOpen) => open += 1,
                TokenKind::Terminal(Terminal::BraceClose) if open == 0 => return Ok(()),
                TokenKind::Terminal(Terminal::BraceClose) => {
                    open -= 1;
                    if open == 0 {
                        self.advance();
                        return Ok(());
                    }
                }
                TokenKind::Terminal(Terminal::Semicolon) if open == 0 => {
                    self.advance();
                    return Ok(());
                }
                _ => {}
            }
            self.advance();
        }
    }

    // Depth.

    /// Reads something that may hold more of its kind.
    ///
    /// Both the parser's own recursion and the height of the tree that comes out are limited, so
    /// that nothing that walks the tree runs out of stack either.
    fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= MAX_DEPTH {
            return Err(self.fault(SyntaxProblem::TooDeep { limit: MAX_DEPTH }));
        }
        self.depth += 1;
        let siblings = std::mem::take(&mut self.height);
        let result = parse(self).and_then(|value| self.grow().map(|()| value));
        self.depth -= 1;
        self.height = self.height.max(siblings);
        result
    }

    /// Puts one more node above the trees that were made within the innermost nested thing.
    fn grow(&mut self) -> Parsed<()> {
        self.height += 1;
        if self.height > MAX_DEPTH {
            return Err(self.fault(SyntaxProblem::TooDeep { limit: MAX_DEPTH }));
        }
        Ok(())
    }

    // Names and what they mean.

    /// Notes whether a name that is declared in the innermost scope is a type.
    fn declare(&mut self, name: &Name, is_type: bool) {
        if let Some(innermost) = self.scopes.last_mut() {
            innermost.insert(Arc::clone(&name.text), is_type);
        }
    }

    fn declare_all<'n>(&mut self, names: impl IntoIterator<Item = &'n Name>, is_type: bool) {
        for name in names {
            self.declare(name, is_type);
        }
    }

    /// Reads something that has a scope of its own.
    fn scoped<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        let before = self.scopes.len();
        self.scopes.push(HashMap::new());
        let result = parse(self);
        self.scopes.truncate(before);
        result
    }

    /// Whether the token `offset` further is the name of a type.
    fn is_type_name(&self, offset: usize) -> bool {
        let (scopes, offset) = if self.is_ahead(offset, Terminal::Dot) {
            (self.scopes.get(..1).unwrap_or_default(), offset + 1)
        } else {
            (self.scopes.as_slice(), offset)
        };
        let Some(name) = self.name_at(offset) else { return false };
        scopes.iter().rev().find_map(|scope| scope.get(&name).copied()).unwrap_or(false)
    }
}

impl Terminal {
    /// Whether it is a name where no keyword is expected.
    fn can_be_name(self) -> bool {
        use Terminal::{Actions, Apply, Entries, Key, List, Priority, State, Type};
        matches!(self, Apply | Key | Actions | State | Entries | Type | Priority | List)
    }

    fn quoted(self) -> &'static str {
        match self {
            Terminal::ParenOpen => "`(`",
            Terminal::ParenClose => "`)`",
            Terminal::BraceOpen => "`{`",
            Terminal::BraceClose => "`}`",
            Terminal::BracketClose => "`]`",
            Terminal::Less => "`<`",
            Terminal::Greater => "`>`",
            Terminal::Semicolon => "`;`",
            Terminal::Colon => "`:`",
            Terminal::Comma => "`,`",
            Terminal::Dot => "`.`",
            Terminal::Assign => "`=`",
            Terminal::Apply => "`apply`",
            Terminal::State => "`state`",
            other => other.text(),
        }
    }

    fn after_comma(self) -> &'static str {
        match self {
            Terminal::ParenClose => "`,` or `)`",
            Terminal::BraceClose => "`,` or `}`",
            Terminal::BracketClose => "`,` or `]`",
            Terminal::Greater => "`,` or `>`",
            other => other.text(),
        }
    }
}
