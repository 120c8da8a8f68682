//! Finding and reading files.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{File, MAX_TEXT, Macros};
use crate::source::{SourceMap, Span};
use crate::syntax::problem::{Fault, PreprocessProblem};
use crate::syntax::token::{Terminal, Token, TokenKind, text_of};

/// What a program is read from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Root<'a> {
    /// A file.
    File(&'a Path),
    /// A text, with the name that messages call it by.
    Text {
        /// The name.
        name: &'a str,
        /// The text.
        text: &'a str,
    },
}

/// Where files that a program includes are looked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Includes {
    /// Directories, in this order; for `#include "x"` that of the including file comes before them.
    pub(crate) directories: Vec<PathBuf>,
    /// Files that are there in any case, by name, unless a directory has one of that name.
    pub(crate) embedded: &'static [(&'static str, &'static str)],
}

/// Where a file was found, which is where the files that it includes in quotes are looked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Place {
    /// A file of the file system.
    Directory(PathBuf),
    /// A file of [`Includes::embedded`], or a text.
    Nowhere,
}

/// The files that were read so far.
pub(super) struct Files<'a> {
    includes: &'a Includes,
    sources: &'a mut SourceMap,
    read: HashMap<String, File>,
    /// How many bytes of them there are.
    length: usize,
}

impl<'a> Files<'a> {
    pub(super) fn new(includes: &'a Includes, sources: &'a mut SourceMap) -> Files<'a> {
        Files { includes, sources, read: HashMap::new(), length: 0 }
    }

    /// Reads the first file.
    pub(super) fn root(&mut self, root: Root<'_>) -> Result<File, Fault> {
        match root {
            Root::Text { name, text } => {
                self.add(String::from(name), text, Place::Nowhere, nowhere())
            }
            Root::File(path) => {
                let name = path.display().to_string();
                let found = self.read(path, nowhere()).and_then(|file| {
                    file.ok_or_else(|| Fault::new(nowhere(), absent(path, name.clone())))
                });
                if found.is_err() && self.sources.file(nowhere().file).is_none() {
                    // A message needs a file to point to.
                    self.sources.add(name, "");
                }
                found
            }
        }
    }

    /// Reads the file that a directive `#include` names.
    pub(super) fn include(
        &mut self,
        from: &File,
        directive: &Token,
        arguments: &[Token],
        macros: &mut Macros,
    ) -> Result<File, Fault> {
        let (name, is_quoted) = match self.name(arguments) {
            Some(name) => name,
            None => {
                let mut expanded = Vec::new();
                macros.expand(arguments, &mut expanded)?;
                self.name(&expanded).ok_or_else(|| {
                    let expected = "a file name as in \"x.p4\" or <x.p4>";
                    let problem = PreprocessProblem::Malformed { directive: "include", expected };
                    Fault::new(directive.span, problem)
                })?
            }
        };
        let span = arguments.first().map_or(directive.span, |first| first.span);
        let span = arguments.last().map_or(span, |last| span.to(last.span));
        let mut candidates = Vec::new();
        if let (true, Place::Directory(directory)) = (is_quoted, &from.place) {
            candidates.push(directory.join(&name));
        }
        candidates.extend(self.includes.directories.iter().map(|directory| directory.join(&name)));
        for path in &candidates {
            if let Some(file) = self.read(path, span)? {
                return Ok(file);
            }
        }
        let embedded = self.includes.embedded.iter().find(|(known, _)| *known == name);
        if let Some((known, text)) = embedded {
            return self.add(format!("<{known}>"), text, Place::Nowhere, span);
        }
        let looked_for = candidates.iter().map(|path| path.display().to_string()).collect();
        let built_in = self.includes.embedded.iter().map(|(known, _)| *known).collect();
        Err(Fault::new(span, PreprocessProblem::NotFound { name, looked_for, built_in }))
    }

    /// The name in a directive, and whether it stands in quotes.
    fn name(&self, arguments: &[Token]) -> Option<(String, bool)> {
        match arguments {
            [Token { kind: TokenKind::String(name), .. }] => Some((name.to_string(), true)),
            [first, between @ .., last]
                if first.kind == TokenKind::Terminal(Terminal::Less)
                    && last.kind == TokenKind::Terminal(Terminal::Greater) =>
            {
                // What tokens the name looks like means nothing: it is the text as it stands, unless
                // a macro gave it.
                let text = if first.span.end <= last.span.start {
                    let span = Span { start: first.span.end, end: last.span.start, ..first.span };
                    String::from(self.sources.text(span).trim())
                } else {
                    text_of(between)
                };
                Some((text, false))
            }
            _ => None,
        }
    }

    /// Reads a file of the file system, if there is one.
    fn read(&mut self, path: &Path, span: Span) -> Result<Option<File>, Fault> {
        let unreadable = |kind| {
            let path = path.display().to_string();
            Fault::new(span, PreprocessProblem::Unreadable { path, kind })
        };
        let name = path.display().to_string();
        if let Some(file) = self.read.get(&name) {
            return Ok(Some(file.clone()));
        }
        match std::fs::metadata(path) {
            Err(error) if is_absence(error.kind()) => return Ok(None),
            Err(error) => return Err(unreadable(error.kind())),
            Ok(metadata) if metadata.is_dir() => return Ok(None),
            Ok(metadata) if metadata.len() > MAX_TEXT as u64 => {
                return Err(Fault::new(span, PreprocessProblem::TooMuchText { limit: MAX_TEXT }));
            }
            Ok(_) => {}
        }
        let bytes = std::fs::read(path).map_err(|error| unreadable(error.kind()))?;
        let directory = path.parent().map(Path::to_path_buf).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        self.add(name, &text, Place::Directory(directory), span).map(Some)
    }

    fn add(&mut self, name: String, text: &str, place: Place, span: Span) -> Result<File, Fault> {
        if let Some(file) = self.read.get(&name) {
            return Ok(file.clone());
        }
        self.length = self.length.saturating_add(text.len());
        let text: Arc<str> = Arc::from(if self.length > MAX_TEXT { "" } else { text });
        let id = self.sources.add(name.as_str(), Arc::clone(&text));
        if self.length > MAX_TEXT {
            // The very first file has no place that includes it.
            let span = if span == nowhere() { Span { file: id, ..span } } else { span };
            return Err(Fault::new(span, PreprocessProblem::TooMuchText { limit: MAX_TEXT }));
        }
        let file = File { id, text, place };
        self.read.insert(name, file.clone());
        Ok(file)
    }
}

/// The place before any file is read: the beginning of the first.
fn nowhere() -> Span {
    Span { file: crate::source::FileId(0), start: 0, end: 0 }
}

/// Of the first file, which is looked for in one place only.
fn absent(path: &Path, name: String) -> PreprocessProblem {
    if path.is_dir() {
        let kind = io::ErrorKind::IsADirectory;
        return PreprocessProblem::Unreadable { path: name, kind };
    }
    PreprocessProblem::NotFound { name, looked_for: Vec::new(), built_in: Vec::new() }
}

fn is_absence(kind: io::ErrorKind) -> bool {
    // A name with a zero byte, or one that is too long, is the name of no file.
    matches!(
        kind,
        io::ErrorKind::NotFound
            | io::ErrorKind::NotADirectory
            | io::ErrorKind::InvalidInput
            | io::ErrorKind::InvalidFilename
    )
}
