//! Statements (section 12) and the states of parsers (section 13).

use super::{Parsed, Parser};
use crate::source::Span;
use crate::syntax::ast::{
    Annotation, Block, Declaration, DeclarationKind, Expression, ExpressionKind, SelectCase, State,
    Statement, StatementKind, SwitchCase, Transition, Type,
};
use crate::syntax::token::{Terminal, TokenKind};

impl Parser<'_> {
    /// Statements in braces.
    pub(super) fn block(&mut self, annotations: Vec<Annotation>) -> Parsed<Block> {
        self.nested(|parser| {
            let start = parser.place();
            let statements = parser.scoped(|parser| parser.braced(Self::statement))?;
            Ok(Block { annotations, statements, span: parser.since(start) })
        })
    }

    fn statement(&mut self) -> Parsed<Statement> {
        self.nested(|parser| {
            let start = parser.place();
            let annotations = parser.annotations()?;
            let kind = parser.statement_kind(start, annotations)?;
            Ok(Statement { span: parser.since(start), kind })
        })
    }

    fn statement_kind(
        &mut self,
        start: Span,
        annotations: Vec<Annotation>,
    ) -> Parsed<StatementKind> {
        match self.token().kind {
            TokenKind::Terminal(Terminal::BraceOpen) => {
                return Ok(StatementKind::Block(self.block(annotations)?));
            }
            TokenKind::Terminal(Terminal::Const) => {
                let kind = DeclarationKind::Constant(self.constant()?);
                let span = self.since(start);
                let declaration = Declaration { annotations, span, kind };
                return Ok(StatementKind::Declaration(Box::new(declaration)));
            }
            TokenKind::Terminal(Terminal::For) => return self.for_loop(),
            _ => {}
        }
        if self.begins_declaration() {
            return self.declaration_or_application(start, annotations);
        }
        if !annotations.is_empty() {
            return Err(self.expected("a block or a declaration behind the annotation"));
        }
        match self.token().kind {
            TokenKind::Terminal(Terminal::Semicolon) => {
                self.advance();
                Ok(StatementKind::Empty)
            }
            TokenKind::Terminal(Terminal::If) => self.if_statement(),
            TokenKind::Terminal(Terminal::Switch) => self.switch_statement(),
            TokenKind::Terminal(Terminal::Exit) => {
                self.advance();
                self.end_statement(StatementKind::Exit)
            }
            TokenKind::Terminal(Terminal::Return) => {
                self.advance();
                let is_empty = self.is_at(Terminal::Semicolon);
                let value = if is_empty { None } else { Some(self.expression()?) };
                self.end_statement(StatementKind::Return(value))
            }
            TokenKind::Terminal(Terminal::Break) => {
                self.advance();
                self.end_statement(StatementKind::Unsupported("`break`"))
            }
            TokenKind::Terminal(Terminal::Continue) => {
                self.advance();
                self.end_statement(StatementKind::Unsupported("`continue`"))
            }
            TokenKind::Terminal(Terminal::BraceClose) | TokenKind::End => {
                Err(self.expected("a statement"))
            }
            _ => {
                let place = self.statement_place()?;
                self.assignment_or_call(place)
            }
        }
    }

    fn end_statement(&mut self, kind: StatementKind) -> Parsed<StatementKind> {
        self.expect_end("`;`")?;
        Ok(kind)
    }

    fn statement_place(&mut self) -> Parsed<Expression> {
        use Terminal::{Dot, ParenOpen, This};
        let may_begin = self.name_at(0).is_some()
            || matches!(self.token().kind, TokenKind::Terminal(Dot | ParenOpen | This));
        if !may_begin {
            return Err(self.expected("a statement"));
        }
        self.place_or_call()
    }

    /// What follows the first expression of a statement.
    fn assignment_or_call(&mut self, place: Expression) -> Parsed<StatementKind> {
        if self.eat(Terminal::Assign) {
            let value = self.expression()?;
            return self.end_statement(StatementKind::Assign { place, value });
        }
        let is_shift = self.is_at(Terminal::Greater) && self.is_ahead(1, Terminal::GreaterEqual);
        if is_shift || self.is_compound_assignment() {
            return Err(self.unsupported("an assignment as in `a += b`"));
        }
        if matches!(place.kind, ExpressionKind::Call { .. }) {
            return self.end_statement(StatementKind::Call(place));
        }
        if self.eat(Terminal::Less) {
            return Err(self.expected("a type"));
        }
        Err(self.expected("`=` or `(`"))
    }

    fn is_compound_assignment(&self) -> bool {
        use Terminal::{
            AddAssign, AndAssign, DivideAssign, ModuloAssign, MultiplyAssign, OrAssign,
            SaturatingAddAssign, SaturatingSubtractAssign, ShiftLeftAssign, SubtractAssign,
            XorAssign,
        };
        matches!(
            self.token().kind,
            TokenKind::Terminal(
                AddAssign
                    | SubtractAssign
                    | MultiplyAssign
                    | DivideAssign
                    | ModuloAssign
                    | AndAssign
                    | OrAssign
                    | XorAssign
                    | ShiftLeftAssign
                    | SaturatingAddAssign
                    | SaturatingSubtractAssign
            )
        )
    }

    /// Whether a declaration begins here: with a type, or with a name before another name, which
    /// can only be a type that was not declared.
    pub(super) fn begins_declaration(&self) -> bool {
        let after = 1 + usize::from(self.is_at(Terminal::Dot));
        if self.is_type_name(0) {
            return !self.is_ahead(after, Terminal::Dot);
        }
        if self.is_type(0) {
            return true;
        }
        matches!(self.token().kind, TokenKind::Name(_))
            && matches!(self.token_at(1).kind, TokenKind::Name(_))
    }

    /// `T x = 1;`, `T(1) x;` or `T<U>.apply(x);`, which all begin with a type.
    fn declaration_or_application(
        &mut self,
        start: Span,
        annotations: Vec<Annotation>,
    ) -> Parsed<StatementKind> {
        let ty = self.type_()?;
        if self.is_at(Terminal::Dot) && annotations.is_empty() {
            return self.application(start, ty);
        }
        let kind = self.variable_or_instance(ty)?;
        let declaration = Declaration { annotations, span: self.since(start), kind };
        Ok(StatementKind::Declaration(Box::new(declaration)))
    }

    fn application(&mut self, start: Span, ty: Type) -> Parsed<StatementKind> {
        self.advance();
        let kind = ExpressionKind::TypeMember(Box::new(ty), self.name()?);
        let first = Expression { span: self.since(start), kind };
        let place = self.postfix(start, first)?;
        self.assignment_or_call(place)
    }

    fn if_statement(&mut self) -> Parsed<StatementKind> {
        self.advance();
        self.expect(Terminal::ParenOpen)?;
        let condition = self.expression()?;
        self.expect(Terminal::ParenClose)?;
        let then = Box::new(self.statement()?);
        let otherwise = match self.eat(Terminal::Else) {
            true => Some(Box::new(self.statement()?)),
            false => None,
        };
        Ok(StatementKind::If { condition, then, otherwise })
    }

    fn switch_statement(&mut self) -> Parsed<StatementKind> {
        self.advance();
        self.expect(Terminal::ParenOpen)?;
        let subject = self.expression()?;
        self.expect(Terminal::ParenClose)?;
        let cases = self.braced(|parser| {
            let start = parser.place();
            let label = match parser.eat(Terminal::Default) {
                true => None,
                false => Some(parser.expression()?),
            };
            parser.expect(Terminal::Colon)?;
            let has_body = parser.is_at(Terminal::BraceOpen) || parser.is_at(Terminal::At);
            let body = if has_body {
                let annotations = parser.annotations()?;
                Some(parser.block(annotations)?)
            } else {
                None
            };
            Ok(SwitchCase { label, body, span: parser.since(start) })
        })?;
        Ok(StatementKind::Switch { subject, cases })
    }

    /// A loop, which is not supported: its head is passed over.
    fn for_loop(&mut self) -> Parsed<StatementKind> {
        self.advance();
        self.expect(Terminal::ParenOpen)?;
        let mut open = 1_usize;
        while open > 0 {
            match self.token().kind {
                TokenKind::Terminal(Terminal::ParenOpen) => open += 1,
                TokenKind::Terminal(Terminal::ParenClose) => open -= 1,
                TokenKind::End => return Err(self.expected("`)`")),
                _ => {}
            }
            self.advance();
        }
        self.scoped(Self::statement)?;
        Ok(StatementKind::Unsupported("`for`"))
    }

    // States.

    /// A state, behind its annotations.
    pub(super) fn state(&mut self, annotations: Vec<Annotation>) -> Parsed<State> {
        let start = self.expect(Terminal::State)?;
        let name = self.name()?;
        let mut transition = None;
        let statements = self.scoped(|parser| {
            parser.braced(|parser| {
                if let Some(Transition::Select { span, .. }) = &transition {
                    let fault = parser.expected("`}` behind the transition");
                    return Err(super::Fault { related: Some((*span, "the transition")), ..fault });
                }
                if transition.is_some() {
                    return Err(parser.expected("`}` behind the transition"));
                }
                if parser.is_at(Terminal::Transition) {
                    transition = Some(parser.transition()?);
                    return Ok(None);
                }
                parser.statement().map(Some)
            })
        })?;
        let statements = statements.into_iter().flatten().collect();
        Ok(State { annotations, name, statements, transition, span: self.since(start) })
    }

    fn transition(&mut self) -> Parsed<Transition> {
        self.advance();
        let start = self.place();
        if !self.eat(Terminal::Select) {
            let name = self.name().map_err(|_| self.expected("a state or `select`"))?;
            self.expect_end("`;`")?;
            return Ok(Transition::Direct(name));
        }
        self.expect(Terminal::ParenOpen)?;
        let keys = self.list(Terminal::ParenClose, false, Self::expression)?;
        let cases = self.braced(|parser| {
            let start = parser.place();
            let sets = parser.sets()?;
            parser.expect(Terminal::Colon)?;
            let state = parser.name()?;
            parser.expect_end("`;`")?;
            Ok(SelectCase { sets, state, span: parser.since(start) })
        })?;
        Ok(Transition::Select { keys, cases, span: self.since(start) })
    }
}
