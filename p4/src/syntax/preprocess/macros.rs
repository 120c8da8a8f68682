//! Macros: `#define`, `#undef` and what they stand for.
//!
//! A macro is not expanded again within its own expansion, so that every expansion ends; and all the
//! tokens that pass through are counted, so that it ends soon.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::MAX_TOKENS;
use crate::source::Span;
use crate::syntax::lexer;
use crate::syntax::problem::{Fault, PreprocessProblem};
use crate::syntax::token::{Terminal, Token, TokenKind, text_of};

/// How deep uses of macros may be nested within the arguments of one another.
const MAX_DEPTH: usize = 64;

/// The macros that are defined.
#[derive(Default)]
pub(super) struct Macros {
    defined: HashMap<Arc<str>, Arc<Macro>>,
    /// The macros that are being expanded.
    active: HashSet<Arc<str>>,
    /// How many tokens have passed through.
    count: usize,
    depth: usize,
}

struct Macro {
    name: Arc<str>,
    /// None for one that is used without arguments.
    parameters: Option<Vec<Arc<str>>>,
    body: Vec<Piece>,
    /// The tokens of parameters and body, to compare two definitions.
    text: String,
    place: Span,
}

/// A piece of a macro's body.
enum Piece {
    Token(Token),
    Parameter {
        index: usize,
        after_space: bool,
    },
    /// `#x`
    Stringified {
        index: usize,
        after_space: bool,
    },
    /// `##`
    Paste,
}

/// What is yet to be read.
enum Item {
    Token(Token),
    /// The end of the expansion of this macro.
    End(Arc<str>),
}

impl Macros {
    /// Whether there is a macro of that name.
    pub(super) fn contains(&self, name: &str) -> bool {
        self.defined.contains_key(name)
    }

    /// For `#ifdef` and `#ifndef`: whether the macro that they name is defined.
    pub(super) fn is_defined(
        &self,
        directive: &'static str,
        place: &Token,
        arguments: &[Token],
    ) -> Result<bool, Fault> {
        Ok(self.contains(single_name(directive, place, arguments)?))
    }

    /// Obeys `#undef`.
    pub(super) fn undefine(&mut self, place: &Token, arguments: &[Token]) -> Result<(), Fault> {
        let name = single_name("undef", place, arguments)?;
        self.defined.remove(name);
        Ok(())
    }

    /// Obeys `#define`.
    pub(super) fn define(&mut self, place: &Token, arguments: &[Token]) -> Result<(), Fault> {
        let malformed = |expected| {
            let problem = PreprocessProblem::Malformed { directive: "define", expected };
            Fault::new(place.span, problem)
        };
        let (first, rest) = arguments.split_first().ok_or_else(|| malformed("a name"))?;
        let name: Arc<str> = Arc::from(first.kind.word().ok_or_else(|| malformed("a name"))?);
        if &*name == "defined" {
            let problem = PreprocessProblem::ReservedName { name: "defined" };
            return Err(Fault::new(first.span, problem));
        }
        let (parameters, body) = match rest.split_first() {
            Some((open, rest)) if is(open, Terminal::ParenOpen) && !open.after_space => {
                let (parameters, body) = parameters(&name, rest)?
                    .ok_or_else(|| malformed("parameters as in `(x, y)`"))?;
                (Some(parameters), body)
            }
            _ => (None, rest),
        };
        let text = text_of(rest);
        let body = pieces(&name, parameters.as_deref(), body)?;
        if let Some(before) = self.defined.get(&name) {
            if before.text == text && before.parameters == parameters {
                return Ok(());
            }
            let related = Some((before.place, "defined here"));
            let problem = PreprocessProblem::Redefined { name }.into();
            return Err(Fault { span: first.span, problem, related });
        }
        let place = first.span;
        let definition = Arc::new(Macro { name: Arc::clone(&name), parameters, body, text, place });
        self.defined.insert(name, definition);
        Ok(())
    }

    /// Appends the tokens to `output`, with their macros expanded.
    pub(super) fn expand(&mut self, input: &[Token], output: &mut Vec<Token>) -> Result<(), Fault> {
        if self.depth >= MAX_DEPTH {
            let span = input.first().map_or(NO_SPAN, |first| first.span);
            let problem = PreprocessProblem::MacrosTooDeep { limit: MAX_DEPTH };
            return Err(Fault::new(span, problem));
        }
        self.depth += 1;
        let result = self.expand_items(input, output);
        self.depth -= 1;
        result
    }

    fn expand_items(&mut self, input: &[Token], output: &mut Vec<Token>) -> Result<(), Fault> {
        let mut pending: Vec<Item> = input.iter().rev().cloned().map(Item::Token).collect();
        while let Some(item) = pending.pop() {
            let mut token = match item {
                Item::Token(token) => token,
                Item::End(name) => {
                    self.active.remove(&name);
                    continue;
                }
            };
            self.count(1, token.span)?;
            let word = token.kind.word();
            let Some(definition) = word.and_then(|word| self.defined.get(word)).cloned() else {
                output.push(token);
                continue;
            };
            token.is_painted |= self.active.contains(&definition.name);
            if token.is_painted {
                output.push(token);
                continue;
            }
            let expansion = match &definition.parameters {
                None => self.substitute(&definition, &token, &[])?,
                Some(_) if !self.enter_arguments(&mut pending) => {
                    output.push(token);
                    continue;
                }
                Some(parameters) => {
                    let arguments = self.arguments(&token, &definition, &mut pending)?;
                    let found = arguments.len();
                    if found != parameters.len() {
                        let name = Arc::clone(&definition.name);
                        let expected = parameters.len();
                        let problem = PreprocessProblem::ArgumentCount { name, expected, found };
                        return Err(Fault::new(token.span, problem));
                    }
                    self.substitute(&definition, &token, &arguments)?
                }
            };
            self.active.insert(Arc::clone(&definition.name));
            pending.push(Item::End(Arc::clone(&definition.name)));
            pending.extend(expansion.into_iter().rev().map(Item::Token));
        }
        Ok(())
    }

    /// Counts tokens that are read, and refuses too many.
    pub(super) fn count(&mut self, tokens: usize, span: Span) -> Result<(), Fault> {
        self.count = self.count.saturating_add(tokens);
        if self.count > MAX_TOKENS {
            let problem = PreprocessProblem::TooManyTokens { limit: MAX_TOKENS };
            return Err(Fault::new(span, problem));
        }
        Ok(())
    }

    /// Goes past the parenthesis before the arguments, if one comes next.
    fn enter_arguments(&mut self, pending: &mut Vec<Item>) -> bool {
        let next = pending.iter().rev().find_map(|item| match item {
            Item::Token(token) => Some(token),
            Item::End(_) => None,
        });
        if !next.is_some_and(|next| is(next, Terminal::ParenOpen)) {
            return false;
        }
        while let Some(Item::End(name)) = pending.pop() {
            self.active.remove(&name);
        }
        true
    }

    /// The arguments up to the closing parenthesis, as they stand.
    fn arguments(
        &mut self,
        place: &Token,
        definition: &Macro,
        pending: &mut Vec<Item>,
    ) -> Result<Vec<Vec<Token>>, Fault> {
        let mut arguments = vec![Vec::new()];
        let mut depth = 0_usize;
        while let Some(item) = pending.pop() {
            let mut token = match item {
                Item::Token(token) => token,
                Item::End(name) => {
                    self.active.remove(&name);
                    continue;
                }
            };
            self.count(1, token.span)?;
            match token.kind {
                TokenKind::Terminal(Terminal::ParenOpen) => depth += 1,
                TokenKind::Terminal(Terminal::ParenClose) if depth == 0 => {
                    let takes_none = definition.parameters.as_ref().is_some_and(Vec::is_empty);
                    if takes_none && matches!(arguments.as_slice(), [only] if only.is_empty()) {
                        arguments.clear();
                    }
                    return Ok(arguments);
                }
                TokenKind::Terminal(Terminal::ParenClose) => depth -= 1,
                TokenKind::Terminal(Terminal::Comma) if depth == 0 => {
                    arguments.push(Vec::new());
                    continue;
                }
                _ => {}
            }
            token.is_painted |= token.kind.word().is_some_and(|word| self.active.contains(word));
            if let Some(last) = arguments.last_mut() {
                last.push(token);
            }
        }
        let name = Arc::clone(&definition.name);
        Err(Fault::new(place.span, PreprocessProblem::OpenArguments { name }))
    }

    /// The body of a macro with its arguments put in.
    fn substitute(
        &mut self,
        definition: &Macro,
        place: &Token,
        arguments: &[Vec<Token>],
    ) -> Result<Vec<Token>, Fault> {
        let mut result: Vec<Token> = Vec::new();
        let mut expanded: HashMap<usize, Vec<Token>> = HashMap::new();
        // Where the last piece begins, and whether the next is to be joined to it.
        let mut piece_start = 0;
        let mut is_pasted = false;
        for (position, piece) in definition.body.iter().enumerate() {
            let next_is_paste = matches!(definition.body.get(position + 1), Some(Piece::Paste));
            let mut tokens = match piece {
                Piece::Paste => {
                    is_pasted = true;
                    continue;
                }
                Piece::Token(token) => vec![token.clone()],
                Piece::Stringified { index, after_space } => {
                    let argument = arguments.get(*index).map(Vec::as_slice).unwrap_or_default();
                    vec![stringified(argument, *after_space, place)]
                }
                Piece::Parameter { index, after_space } => {
                    let argument = arguments.get(*index).map(Vec::as_slice).unwrap_or_default();
                    let mut tokens = if is_pasted || next_is_paste {
                        argument.to_vec()
                    } else {
                        self.expanded(*index, argument, &mut expanded)?
                    };
                    if let Some(first) = tokens.first_mut() {
                        first.after_space = *after_space;
                    }
                    tokens
                }
            };
            for token in &mut tokens {
                token.span = place.span;
                token.starts_line = false;
                self.count(1, place.span)?;
            }
            if is_pasted && result.len() > piece_start && !tokens.is_empty() {
                let right = tokens.remove(0);
                if let Some(left) = result.pop() {
                    result.push(pasted(definition, &left, &right)?);
                }
            } else if !is_pasted {
                piece_start = result.len();
            }
            result.append(&mut tokens);
            is_pasted = false;
        }
        if let Some(first) = result.first_mut() {
            first.starts_line = place.starts_line;
            first.after_space = place.after_space;
        }
        Ok(result)
    }

    /// An argument with its macros expanded, which is done once however often it is used.
    fn expanded(
        &mut self,
        index: usize,
        argument: &[Token],
        expanded: &mut HashMap<usize, Vec<Token>>,
    ) -> Result<Vec<Token>, Fault> {
        if let Some(tokens) = expanded.get(&index) {
            return Ok(tokens.clone());
        }
        let mut tokens = Vec::new();
        self.expand(argument, &mut tokens)?;
        expanded.insert(index, tokens.clone());
        Ok(tokens)
    }
}

/// For an expansion of nothing, which never fails.
const NO_SPAN: Span = Span { file: crate::source::FileId(0), start: 0, end: 0 };

fn is(token: &Token, terminal: Terminal) -> bool {
    token.kind == TokenKind::Terminal(terminal)
}

fn single_name<'t>(
    directive: &'static str,
    place: &Token,
    arguments: &'t [Token],
) -> Result<&'t str, Fault> {
    let name = match arguments {
        [only] => only.kind.word(),
        _ => None,
    };
    name.ok_or_else(|| {
        let expected = "a name and nothing else";
        Fault::new(place.span, PreprocessProblem::Malformed { directive, expected })
    })
}

/// The parameters of a macro and what stands behind them.
type Head<'t> = (Vec<Arc<str>>, &'t [Token]);

/// Reads the parameters of a macro, behind the parenthesis; none if there are none as they should be.
fn parameters<'t>(name: &Arc<str>, tokens: &'t [Token]) -> Result<Option<Head<'t>>, Fault> {
    let mut parameters: Vec<Arc<str>> = Vec::new();
    if let Some((close, rest)) = tokens.split_first()
        && is(close, Terminal::ParenClose)
    {
        return Ok(Some((parameters, rest)));
    }
    let mut rest = tokens;
    while let [parameter, separator, after @ ..] = rest {
        let Some(word) = parameter.kind.word() else { return Ok(None) };
        if parameters.iter().any(|known| **known == *word) {
            let parameter_name = Arc::from(word);
            let problem = PreprocessProblem::DuplicateParameter {
                name: Arc::clone(name),
                parameter: parameter_name,
            };
            return Err(Fault::new(parameter.span, problem));
        }
        parameters.push(Arc::from(word));
        match separator.kind {
            TokenKind::Terminal(Terminal::Comma) => rest = after,
            TokenKind::Terminal(Terminal::ParenClose) => return Ok(Some((parameters, after))),
            _ => return Ok(None),
        }
    }
    Ok(None)
}

fn pieces(
    name: &Arc<str>,
    parameters: Option<&[Arc<str>]>,
    tokens: &[Token],
) -> Result<Vec<Piece>, Fault> {
    let place_of = |token: &Token| {
        let word = token.kind.word()?;
        parameters?.iter().position(|parameter| **parameter == *word)
    };
    let mut pieces = Vec::new();
    let mut rest = tokens;
    while let Some((token, after)) = rest.split_first() {
        rest = after;
        let after_space = token.after_space;
        pieces.push(if is(token, Terminal::PasteMark) {
            if pieces.is_empty() || rest.is_empty() || matches!(pieces.last(), Some(Piece::Paste)) {
                let name = Arc::clone(name);
                return Err(Fault::new(token.span, PreprocessProblem::BadPaste { name }));
            }
            Piece::Paste
        } else if is(token, Terminal::Hash) && parameters.is_some() {
            let Some((index, after)) =
                rest.split_first().and_then(|(next, after)| Some((place_of(next)?, after)))
            else {
                let name = Arc::clone(name);
                return Err(Fault::new(token.span, PreprocessProblem::BadStringify { name }));
            };
            rest = after;
            Piece::Stringified { index, after_space }
        } else if let Some(index) = place_of(token) {
            Piece::Parameter { index, after_space }
        } else {
            Piece::Token(token.clone())
        });
    }
    Ok(pieces)
}

/// The text of an argument as a string.
fn stringified(argument: &[Token], after_space: bool, place: &Token) -> Token {
    let mut raw = String::new();
    for (index, token) in argument.iter().enumerate() {
        if index > 0 && (token.after_space || token.starts_line) {
            raw.push(' ');
        }
        let mut text = String::new();
        token.kind.write(&mut text);
        if matches!(token.kind, TokenKind::String(_)) {
            text = text.replace('\\', "\\\\").replace('"', "\\\"");
        }
        raw.push_str(&text);
    }
    let kind = TokenKind::String(Arc::from(raw));
    Token { kind, span: place.span, starts_line: false, after_space, is_painted: false }
}

/// Two tokens as one.
fn pasted(definition: &Macro, left: &Token, right: &Token) -> Result<Token, Fault> {
    let mut text = String::new();
    left.kind.write(&mut text);
    right.kind.write(&mut text);
    let mut tokens = lexer::tokens(left.span.file, &text).into_iter();
    match (tokens.next(), tokens.next()) {
        (Some(token), None) if !matches!(token.kind, TokenKind::Unknown(_)) => {
            Ok(Token { is_painted: false, kind: token.kind, ..left.clone() })
        }
        _ => {
            let name = Arc::clone(&definition.name);
            Err(Fault::new(left.span, PreprocessProblem::PastedNoToken { name, text }))
        }
    }
}
