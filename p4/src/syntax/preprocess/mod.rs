//! The preprocessor: files, directives and macros (section 6.2), as in C.
//!
//! No macro is predefined: `__p4c__` and the like are the reference compiler's own names. A text
//! between two directives is expanded as a whole, so that the arguments of a macro may go over
//! several lines, but not past a directive. `#line` and `#pragma` are skipped: places in messages
//! are those of the files that were read.

mod condition;
mod include;
mod macros;

use std::rc::Rc;

pub(crate) use include::{Includes, Root};

use self::macros::Macros;
use super::problem::{Fault, PreprocessProblem};
use super::token::{Terminal, Token, TokenKind};
use crate::source::{FileId, SourceMap, Span};

/// How many tokens the preprocessor reads: those of every file each time that it is included, and all
/// that pass through the expansion of macros.
pub(super) const MAX_TOKENS: usize = 2_000_000;

/// How many bytes of text a program may have.
pub(super) const MAX_TEXT: usize = 4 << 20;

/// How deep files may include one another.
pub(super) const MAX_INCLUDE_DEPTH: usize = 64;

/// Reads a program: its tokens, with one for its end.
pub(super) fn preprocess(
    root: Root<'_>,
    includes: &Includes,
    sources: &mut SourceMap,
) -> Result<Vec<Token>, Fault> {
    let mut files = include::Files::new(includes, sources);
    let first = files.root(root)?;
    let mut reader = Reader { files, macros: Macros::default(), output: Vec::new() };
    reader.file(&first, 0)?;
    let mut output = reader.output;
    let span = output.last().map_or(first.span(), |last| last.span);
    output.push(Token {
        kind: TokenKind::End,
        span: Span { start: span.end, ..span },
        starts_line: true,
        after_space: true,
        is_painted: false,
    });
    Ok(output)
}

struct Reader<'a> {
    files: include::Files<'a>,
    macros: Macros,
    output: Vec<Token>,
}

/// A file that was read.
#[derive(Clone)]
struct File {
    id: FileId,
    tokens: Rc<[Token]>,
    /// Where files that it includes are looked for first.
    place: include::Place,
}

impl File {
    /// The place of what is wrong with the file as a whole.
    fn span(&self) -> Span {
        Span { file: self.id, start: 0, end: 0 }
    }
}

/// An `#if` that has not ended.
struct Open {
    directive: Token,
    name: &'static str,
    /// Whether one of its parts was taken already.
    is_settled: bool,
    has_else: bool,
}

impl Reader<'_> {
    /// Reads a file in full, and what it includes.
    fn file(&mut self, file: &File, depth: usize) -> Result<(), Fault> {
        self.macros.count(file.tokens.len() + 1, file.span())?;
        let mut open = Vec::new();
        let mut rest: &[Token] = &file.tokens;
        loop {
            let length = rest.iter().position(is_hash).unwrap_or(rest.len());
            let (text, after) = rest.split_at(length);
            self.macros.expand(text, &mut self.output)?;
            let Some((hash, after)) = after.split_first() else { break };
            let (line, after) = split_line(after);
            rest = self.directive(file, hash, line, after, &mut open, depth)?;
        }
        match open.pop() {
            None => Ok(()),
            Some(Open { directive, name, .. }) => {
                Err(Fault::new(directive.span, PreprocessProblem::WithoutEndif { directive: name }))
            }
        }
    }

    /// Obeys a directive: `line` stands behind the hash sign, `rest` in the lines below. Gives what
    /// is to be read next.
    fn directive<'t>(
        &mut self,
        file: &File,
        hash: &Token,
        line: &'t [Token],
        rest: &'t [Token],
        open: &mut Vec<Open>,
        depth: usize,
    ) -> Result<&'t [Token], Fault> {
        let Some((name, arguments)) = line.split_first() else { return Ok(rest) };
        let word = name.kind.word().unwrap_or_default();
        match word {
            "include" => self.include(file, name, arguments, depth)?,
            "define" => self.macros.define(name, arguments)?,
            "undef" => self.macros.undefine(name, arguments)?,
            "if" | "ifdef" | "ifndef" => {
                let (name, is_taken) = self.condition(name, arguments)?;
                let directive = hash.clone();
                open.push(Open { directive, name, is_settled: is_taken, has_else: false });
                if !is_taken {
                    return self.next_part(rest, open);
                }
            }
            "elif" | "else" => {
                // The part before was taken, so that no other is.
                enter_part(name, open)?;
                return self.next_part(rest, open);
            }
            "endif" => end(name, arguments, open)?,
            "error" => {
                let words = super::token::text_of(arguments);
                return Err(Fault::new(name.span, PreprocessProblem::Error { words }));
            }
            "line" | "pragma" | "warning" => {}
            _ if matches!(name.kind, TokenKind::Number(_)) => {} // `# 1 "file"`: as `#line`
            _ => {
                let name_text = super::token::text_of(std::slice::from_ref(name));
                let problem = PreprocessProblem::UnknownDirective { name: name_text };
                return Err(Fault::new(name.span, problem));
            }
        }
        Ok(rest)
    }

    /// Whether the part behind an `#if`, `#ifdef` or `#ifndef` is taken.
    fn condition(
        &mut self,
        name: &Token,
        arguments: &[Token],
    ) -> Result<(&'static str, bool), Fault> {
        match name.kind.word() {
            Some("ifdef") => Ok(("ifdef", self.macros.is_defined("ifdef", name, arguments)?)),
            Some("ifndef") => Ok(("ifndef", !self.macros.is_defined("ifndef", name, arguments)?)),
            _ => Ok(("if", condition::holds("if", name, arguments, &mut self.macros)?)),
        }
    }

    /// Skips to the part of the innermost `#if` that is taken, or past its `#endif`.
    fn next_part<'t>(
        &mut self,
        mut rest: &'t [Token],
        open: &mut Vec<Open>,
    ) -> Result<&'t [Token], Fault> {
        let mut inner = 0_usize;
        loop {
            let length = rest.iter().position(is_hash).unwrap_or(rest.len());
            let Some((line, after)) = rest
                .get(length..)
                .and_then(|rest| rest.split_first())
                .map(|(_, after)| split_line(after))
            else {
                return Ok(&[]);
            };
            rest = after;
            let Some((name, arguments)) = line.split_first() else { continue };
            match name.kind.word() {
                Some("if" | "ifdef" | "ifndef") => inner += 1,
                Some("endif") if inner > 0 => inner -= 1,
                Some("endif") => {
                    end(name, arguments, open)?;
                    return Ok(rest);
                }
                Some(word @ ("elif" | "else")) if inner == 0 => {
                    let is_settled = enter_part(name, open)?;
                    let is_taken = !is_settled
                        && (word == "else"
                            || condition::holds("elif", name, arguments, &mut self.macros)?);
                    if is_taken {
                        if let Some(innermost) = open.last_mut() {
                            innermost.is_settled = true;
                        }
                        return Ok(rest);
                    }
                }
                _ => {}
            }
        }
    }

    fn include(
        &mut self,
        file: &File,
        name: &Token,
        arguments: &[Token],
        depth: usize,
    ) -> Result<(), Fault> {
        if depth >= MAX_INCLUDE_DEPTH {
            let problem = PreprocessProblem::IncludedTooDeep { limit: MAX_INCLUDE_DEPTH };
            return Err(Fault::new(name.span, problem));
        }
        let included = self.files.include(file, name, arguments, &mut self.macros)?;
        self.file(&included, depth + 1)
    }
}

/// Whether a token begins a directive.
fn is_hash(token: &Token) -> bool {
    token.starts_line && token.kind == TokenKind::Terminal(Terminal::Hash)
}

/// Splits off what stands in the same line as what was before.
fn split_line(tokens: &[Token]) -> (&[Token], &[Token]) {
    let length = tokens.iter().position(|token| token.starts_line).unwrap_or(tokens.len());
    tokens.split_at(length)
}

/// At an `#elif` or `#else`: whether a part of the same `#if` was taken already.
fn enter_part(name: &Token, open: &mut [Open]) -> Result<bool, Fault> {
    let (directive, is_else) = match name.kind.word() {
        Some("else") => ("else", true),
        _ => ("elif", false),
    };
    match open.last_mut() {
        None => Err(Fault::new(name.span, PreprocessProblem::WithoutIf { directive })),
        Some(innermost) if innermost.has_else => {
            Err(Fault::new(name.span, PreprocessProblem::AfterElse { directive }))
        }
        Some(innermost) => {
            innermost.has_else = is_else;
            Ok(innermost.is_settled)
        }
    }
}

/// At an `#endif`. What stands behind it is left alone, as C compilers do.
fn end(name: &Token, _: &[Token], open: &mut Vec<Open>) -> Result<(), Fault> {
    match open.pop() {
        Some(_) => Ok(()),
        None => Err(Fault::new(name.span, PreprocessProblem::WithoutIf { directive: "endif" })),
    }
}
