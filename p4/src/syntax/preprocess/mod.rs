//! The preprocessor: files, directives and macros (section 6.2), as in C.
//!
//! No macro is predefined: `__p4c__` and the like are the reference compiler's own names. A text
//! between two directives is expanded as a whole, so that the arguments of a macro may go over
//! several lines, but not past a directive. `#line` and `#pragma` are skipped: places in messages
//! are those of the files that were read.

mod condition;
mod include;
mod macros;

use std::sync::Arc;

pub(crate) use include::{Includes, Root};

use self::macros::Macros;
use super::lexer::Lexer;
use super::problem::{Fault, PreprocessProblem};
use super::token::{Token, TokenKind, text_of};
use crate::source::{FileId, SourceMap, Span};

/// How much the preprocessor reads: the tokens of every file each time that it is included, and all
/// that pass through the expansion of macros; of what is skipped, every 8 bytes count as one.
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
    text: Arc<str>,
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
        let mut lexer = Lexer::new(file.id, &file.text);
        let mut open = Vec::new();
        loop {
            let text = lexer.before_directive();
            self.macros.count(text.len(), file.span())?;
            self.macros.expand(&text, &mut self.output)?;
            let Some((hash, line)) = lexer.directive() else { break };
            self.directive(file, &hash, &line, &mut lexer, &mut open, depth)?;
        }
        match open.pop() {
            None => Ok(()),
            Some(Open { directive, name, .. }) => {
                Err(Fault::new(directive.span, PreprocessProblem::WithoutEndif { directive: name }))
            }
        }
    }

    /// Obeys a directive: `line` stands behind the hash sign, the lexer behind that.
    fn directive(
        &mut self,
        file: &File,
        hash: &Token,
        line: &[Token],
        lexer: &mut Lexer<'_>,
        open: &mut Vec<Open>,
        depth: usize,
    ) -> Result<(), Fault> {
        self.macros.count(line.len() + 1, hash.span)?;
        let Some((name, arguments)) = line.split_first() else { return Ok(()) };
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
                    return self.next_part(lexer, open);
                }
            }
            "elif" | "else" => {
                // The part before was taken, so that no other is.
                enter_part(name, open)?;
                return self.next_part(lexer, open);
            }
            "endif" => end(name, arguments, open)?,
            "error" => {
                let words = text_of(arguments);
                return Err(Fault::new(name.span, PreprocessProblem::Error { words }));
            }
            "line" | "pragma" | "warning" => {}
            _ if matches!(name.kind, TokenKind::Number(_)) => {} // `# 1 "file"`: as `#line`
            _ => {
                let name_text = text_of(std::slice::from_ref(name));
                let problem = PreprocessProblem::UnknownDirective { name: name_text };
                return Err(Fault::new(name.span, problem));
            }
        }
        Ok(())
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
    fn next_part(&mut self, lexer: &mut Lexer<'_>, open: &mut Vec<Open>) -> Result<(), Fault> {
        let mut inner = 0_usize;
        loop {
            let skipped = lexer.skip_to_directive();
            let Some((hash, line)) = lexer.directive() else { return Ok(()) };
            self.macros.count(skipped / 8 + line.len() + 1, hash.span)?;
            let Some((name, arguments)) = line.split_first() else { continue };
            match name.kind.word() {
                Some("if" | "ifdef" | "ifndef") => inner += 1,
                Some("endif") if inner > 0 => inner -= 1,
                Some("endif") => {
                    end(name, arguments, open)?;
                    return Ok(());
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
                        return Ok(());
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
