//! Declarations (sections 7, 10, 11, 13 to 16).

use super::{Parsed, Parser};
use crate::source::Span;
use crate::syntax::ast::{
    Action, Alias, Annotation, Constant, Control, Declaration, DeclarationKind, Direction, Enum,
    Extern, Field, Fields, Function, Instance, Name, Parameter, Prototype, Type, Unit, ValueSet,
    Variable,
};
use crate::syntax::token::{Terminal, TokenKind};

impl Parser<'_> {
    /// The whole program.
    pub(super) fn unit(&mut self) -> Unit {
        let mut unit = Unit::default();
        while self.token().kind != TokenKind::End {
            if self.eat(Terminal::Semicolon) {
                continue;
            }
            let start = self.at;
            let result = match self.is_at(Terminal::BraceClose) {
                true => Err(self.expected("a declaration")),
                false => self.declaration(),
            };
            match result {
                Ok(declaration) => unit.declarations.push(declaration),
                Err(fault) => {
                    self.scopes.truncate(1);
                    if let Err(last) = self.recover(start, fault) {
                        self.faults.push(last);
                        return unit;
                    }
                    // A brace that closes nothing is passed over with what is before it.
                    self.eat(Terminal::BraceClose);
                }
            }
        }
        unit
    }

    fn declaration(&mut self) -> Parsed<Declaration> {
        let start = self.place();
        let annotations = self.annotations()?;
        let kind = self.outer_kind()?;
        Ok(Declaration { annotations, span: self.since(start), kind })
    }

    fn outer_kind(&mut self) -> Parsed<DeclarationKind> {
        let TokenKind::Terminal(terminal) = self.token().kind else { return self.typed() };
        match terminal {
            Terminal::Const => Ok(DeclarationKind::Constant(self.constant()?)),
            Terminal::Extern => self.extern_(),
            Terminal::Action => Ok(DeclarationKind::Action(self.action()?)),
            Terminal::Parser => self.parser(),
            Terminal::Control => self.control(),
            Terminal::Package => self.package(),
            Terminal::Header => self.fields().map(DeclarationKind::Header),
            Terminal::HeaderUnion => self.fields().map(DeclarationKind::HeaderUnion),
            Terminal::Struct => self.fields().map(DeclarationKind::Struct),
            Terminal::Enum => Ok(DeclarationKind::Enum(self.enum_()?)),
            Terminal::Typedef => self.alias().map(DeclarationKind::Typedef),
            Terminal::Type => self.alias().map(DeclarationKind::NewType),
            Terminal::Error if self.is_ahead(1, Terminal::BraceOpen) => {
                self.advance();
                self.members().map(DeclarationKind::Error)
            }
            Terminal::MatchKind if self.is_ahead(1, Terminal::BraceOpen) => {
                self.advance();
                self.members().map(DeclarationKind::MatchKind)
            }
            Terminal::ValueSet => Ok(DeclarationKind::ValueSet(self.value_set()?)),
            _ => self.typed(),
        }
    }

    /// A function or an instance: what begins with a type.
    fn typed(&mut self) -> Parsed<DeclarationKind> {
        let may_begin = self.is_type(0) || self.is_at(Terminal::Dot) || self.name_at(0).is_some();
        if !may_begin {
            return Err(self.expected("a declaration"));
        }
        let ty = self.type_()?;
        if self.is_at(Terminal::ParenOpen) {
            return self.instance(ty).map(DeclarationKind::Instance);
        }
        if self.name_at(0).is_none() {
            return Err(self.expected("the name of a function or `(` of an instance"));
        }
        self.scoped(|parser| {
            let head = parser.prototype(Vec::new(), Some(ty))?;
            Ok((
                head.name.clone(),
                DeclarationKind::Function(Function { head, body: parser.block(Vec::new())? }),
            ))
        })
        .map(|(name, kind)| {
            self.declare(&name, false);
            kind
        })
    }

    /// A constant, behind its annotations.
    pub(super) fn constant(&mut self) -> Parsed<Constant> {
        self.expect(Terminal::Const)?;
        let ty = self.type_()?;
        let name = self.name()?;
        self.expect(Terminal::Assign)?;
        let value = self.expression()?;
        self.expect_end("`;`")?;
        self.declare(&name, false);
        Ok(Constant { ty, name, value })
    }

    /// What follows a type within a parser, a control or a block.
    pub(super) fn variable_or_instance(&mut self, ty: Type) -> Parsed<DeclarationKind> {
        if self.is_at(Terminal::ParenOpen) {
            return self.instance(ty).map(DeclarationKind::Instance);
        }
        let name = self.name()?;
        let initial = match self.eat(Terminal::Assign) {
            true => Some(self.expression()?),
            false => None,
        };
        self.expect_end(if initial.is_some() { "`;`" } else { "`=` or `;`" })?;
        self.declare(&name, false);
        Ok(DeclarationKind::Variable(Variable { ty, name, initial }))
    }

    fn instance(&mut self, ty: Type) -> Parsed<Instance> {
        self.expect(Terminal::ParenOpen)?;
        let arguments = self.arguments()?;
        let name = self.name().map_err(|_| self.expected("the name of the instance"))?;
        let has_initializer = self.eat(Terminal::Assign);
        if has_initializer {
            self.skip_braces()?;
        }
        self.expect_end("`;`")?;
        self.declare(&name, false);
        Ok(Instance { ty, arguments, name, has_initializer })
    }

    /// Passes over what stands in braces, of which only it matters that it is there.
    fn skip_braces(&mut self) -> Parsed<()> {
        self.expect(Terminal::BraceOpen)?;
        let mut open = 1_usize;
        while open > 0 {
            match self.token().kind {
                TokenKind::Terminal(Terminal::BraceOpen) => open += 1,
                TokenKind::Terminal(Terminal::BraceClose) => open -= 1,
                TokenKind::End => return Err(self.expected("`}`")),
                _ => {}
            }
            self.advance();
        }
        Ok(())
    }

    // Types.

    fn fields(&mut self) -> Parsed<Fields> {
        self.advance();
        let name = self.name()?;
        self.declare(&name, true);
        self.scoped(|parser| {
            let type_parameters = parser.type_parameters()?;
            let fields = parser.braced(|parser| {
                let annotations = parser.annotations()?;
                let ty = parser.type_()?;
                let name = parser.name()?;
                parser.expect_end("`;`")?;
                Ok(Field { annotations, ty, name })
            })?;
            Ok(Fields { name, type_parameters, fields })
        })
    }

    fn enum_(&mut self) -> Parsed<Enum> {
        self.advance();
        let is_plain = self.name_at(0).is_some() && self.is_ahead(1, Terminal::BraceOpen);
        let underlying = if is_plain { None } else { Some(self.type_()?) };
        let name = self.name()?;
        self.declare(&name, true);
        self.expect(Terminal::BraceOpen)?;
        let members = self.list(Terminal::BraceClose, true, |parser| {
            let name = parser.name()?;
            let value = match parser.eat(Terminal::Assign) {
                true => Some(parser.expression()?),
                false => None,
            };
            Ok((name, value))
        })?;
        Ok(Enum { name, underlying, members })
    }

    /// The names of an `error` or `match_kind` declaration.
    fn members(&mut self) -> Parsed<Vec<Name>> {
        self.expect(Terminal::BraceOpen)?;
        self.list(Terminal::BraceClose, true, Self::name)
    }

    fn alias(&mut self) -> Parsed<Alias> {
        use Terminal::{Enum, Header, HeaderUnion, Struct};
        self.advance();
        if let TokenKind::Terminal(inner @ (Enum | Header | HeaderUnion | Struct)) =
            self.token().kind
        {
            let fault = self.unsupported("a type that is declared within a `typedef`");
            if inner == Enum { self.enum_().map(drop) } else { self.fields().map(drop) }?;
            return Err(fault);
        }
        let ty = self.type_()?;
        let name = self.name()?;
        self.expect_end("`;`")?;
        self.declare(&name, true);
        Ok(Alias { ty, name })
    }

    fn value_set(&mut self) -> Parsed<ValueSet> {
        self.advance();
        self.expect(Terminal::Less)?;
        let ty = self.type_()?;
        self.expect(Terminal::Greater)?;
        self.expect(Terminal::ParenOpen)?;
        let size = self.expression()?;
        self.expect(Terminal::ParenClose)?;
        let name = self.name()?;
        self.expect_end("`;`")?;
        self.declare(&name, false);
        Ok(ValueSet { ty, size, name })
    }

    // Heads.

    /// Type parameters, which are types in the innermost scope, if there are any.
    fn type_parameters(&mut self) -> Parsed<Vec<Name>> {
        if !self.eat(Terminal::Less) {
            return Ok(Vec::new());
        }
        let names = self.list(Terminal::Greater, false, Self::name)?;
        self.declare_all(&names, true);
        Ok(names)
    }

    /// Parameters, which are names in the innermost scope.
    pub(super) fn parameters(&mut self) -> Parsed<Vec<Parameter>> {
        self.expect(Terminal::ParenOpen)?;
        let parameters = self.list(Terminal::ParenClose, false, Self::parameter)?;
        self.declare_all(parameters.iter().map(|parameter| &parameter.name), false);
        Ok(parameters)
    }

    fn parameter(&mut self) -> Parsed<Parameter> {
        let annotations = self.annotations()?;
        let direction = if self.eat(Terminal::In) {
            Direction::In
        } else if self.eat(Terminal::Out) {
            Direction::Out
        } else if self.eat(Terminal::InOut) {
            Direction::InOut
        } else {
            Direction::None
        };
        let ty = self.type_()?;
        let name = self.name()?;
        let default = match self.eat(Terminal::Assign) {
            true => Some(self.expression()?),
            false => None,
        };
        Ok(Parameter { annotations, direction, ty, name, default })
    }

    /// The rest of a head behind its result type.
    fn prototype(
        &mut self,
        annotations: Vec<Annotation>,
        result: Option<Type>,
    ) -> Parsed<Prototype> {
        let name = self.name()?;
        let type_parameters = self.type_parameters()?;
        let parameters = self.parameters()?;
        let is_abstract = false;
        Ok(Prototype { annotations, is_abstract, result, name, type_parameters, parameters })
    }

    /// A head, the name of which is that of a type from here on.
    fn type_head(&mut self) -> Parsed<Prototype> {
        self.advance();
        let outer = self.scopes.len().checked_sub(2);
        if let (Some(outer), Some(name)) = (outer, self.name_at(0))
            && let Some(scope) = self.scopes.get_mut(outer)
        {
            scope.insert(name, true);
        }
        self.prototype(Vec::new(), None)
    }

    fn extern_(&mut self) -> Parsed<DeclarationKind> {
        self.advance();
        let is_object = self.name_at(0).is_some()
            && (self.is_ahead(1, Terminal::BraceOpen)
                || (self.is_ahead(1, Terminal::Less) && !self.is_type_name(0)));
        if !is_object {
            let head = self.scoped(|parser| {
                let result = parser.type_()?;
                parser.prototype(Vec::new(), Some(result))
            })?;
            self.expect_end("`;`")?;
            self.declare(&head.name, false);
            return Ok(DeclarationKind::ExternFunction(head));
        }
        let name = self.name()?;
        self.declare(&name, true);
        self.scoped(|parser| {
            let type_parameters = parser.type_parameters()?;
            let methods = parser.braced(Self::method)?;
            Ok(DeclarationKind::Extern(Extern { name, type_parameters, methods }))
        })
    }

    fn method(&mut self) -> Parsed<Prototype> {
        let annotations = self.annotations()?;
        let is_abstract = self.eat(Terminal::Abstract);
        let is_constructor = self.name_at(0).is_some() && self.is_ahead(1, Terminal::ParenOpen);
        let head = self.scoped(|parser| {
            let result = if is_constructor { None } else { Some(parser.type_()?) };
            parser.prototype(annotations, result)
        })?;
        self.expect_end("`;`")?;
        Ok(Prototype { is_abstract, ..head })
    }

    fn package(&mut self) -> Parsed<DeclarationKind> {
        let head = self.scoped(Self::type_head)?;
        self.expect_end("`;`")?;
        Ok(DeclarationKind::PackageType(head))
    }

    // Parsers, controls, actions.

    fn parser(&mut self) -> Parsed<DeclarationKind> {
        self.scoped(|parser| {
            let head = parser.type_head()?;
            if parser.eat(Terminal::Semicolon) {
                return Ok(DeclarationKind::ParserType(head));
            }
            let constructor = parser.constructor()?;
            let mut states = Vec::new();
            let locals = parser.braced(|parser| {
                let start = parser.place();
                let annotations = parser.annotations()?;
                if parser.is_at(Terminal::State) {
                    states.push(parser.state(annotations)?);
                    return Ok(None);
                }
                if !states.is_empty() {
                    return Err(parser.expected("`state` or `}`"));
                }
                if parser.is_at(Terminal::ValueSet) {
                    let kind = DeclarationKind::ValueSet(parser.value_set()?);
                    return Ok(Some(Declaration { annotations, span: parser.since(start), kind }));
                }
                parser.local(start, annotations, "a declaration or `state`").map(Some)
            })?;
            let locals = locals.into_iter().flatten().collect();
            let parser = crate::syntax::ast::Parser { head, constructor, locals, states };
            Ok(DeclarationKind::Parser(parser))
        })
    }

    fn control(&mut self) -> Parsed<DeclarationKind> {
        self.scoped(|parser| {
            let head = parser.type_head()?;
            if parser.eat(Terminal::Semicolon) {
                return Ok(DeclarationKind::ControlType(head));
            }
            let constructor = parser.constructor()?;
            let start = parser.place();
            let mut body = None;
            let locals = parser.braced(|parser| {
                if body.is_some() {
                    return Err(parser.expected("`}` behind `apply`"));
                }
                let start = parser.place();
                let annotations = parser.annotations()?;
                let begins_body = parser.is_at(Terminal::Apply)
                    && (parser.is_ahead(1, Terminal::BraceOpen)
                        || parser.is_ahead(1, Terminal::At));
                if begins_body {
                    parser.advance();
                    let mut annotations = annotations;
                    annotations.extend(parser.annotations()?);
                    body = Some(parser.block(annotations)?);
                    return Ok(None);
                }
                let kind = match parser.token().kind {
                    TokenKind::Terminal(Terminal::Action) => {
                        DeclarationKind::Action(parser.action()?)
                    }
                    TokenKind::Terminal(Terminal::Table) => DeclarationKind::Table(parser.table()?),
                    _ => {
                        let expected = "a declaration or `apply`";
                        return parser.local(start, annotations, expected).map(Some);
                    }
                };
                Ok(Some(Declaration { annotations, span: parser.since(start), kind }))
            })?;
            let locals = locals.into_iter().flatten().collect();
            let body = body.ok_or_else(|| {
                let problem = crate::syntax::SyntaxProblem::Expected {
                    expected: "`apply` in this control",
                    found: TokenKind::Terminal(Terminal::BraceClose).found(),
                };
                crate::syntax::problem::Fault::new(start, problem)
            })?;
            Ok(DeclarationKind::Control(Control { head, constructor, locals, body }))
        })
    }

    /// The parameters of a constructor, if there are any.
    fn constructor(&mut self) -> Parsed<Vec<Parameter>> {
        if self.is_at(Terminal::ParenOpen) { self.parameters() } else { Ok(Vec::new()) }
    }

    /// A constant, variable or instance of a parser or control.
    fn local(
        &mut self,
        start: Span,
        annotations: Vec<Annotation>,
        expected: &'static str,
    ) -> Parsed<Declaration> {
        let kind = if self.is_at(Terminal::Const) {
            DeclarationKind::Constant(self.constant()?)
        } else if self.begins_declaration() || self.name_at(0).is_some() {
            let ty = self.type_()?;
            self.variable_or_instance(ty)?
        } else {
            return Err(self.expected(expected));
        };
        Ok(Declaration { annotations, span: self.since(start), kind })
    }

    fn action(&mut self) -> Parsed<Action> {
        self.expect(Terminal::Action)?;
        let name = self.name()?;
        self.declare(&name, false);
        self.scoped(|parser| {
            let parameters = parser.parameters()?;
            let body = parser.block(Vec::new())?;
            Ok(Action { name, parameters, body })
        })
    }
}
