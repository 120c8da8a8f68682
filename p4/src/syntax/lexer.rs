//! From text to tokens.
//!
//! It never fails: what is no token becomes a [`TokenKind`] that says so, because in a part that the
//! preprocessor skips it does not matter.

use std::sync::Arc;

use super::token::{Terminal, Token, TokenKind};
use crate::source::{FileId, Span};

/// The tokens of a file, without one for its end.
pub(super) fn tokens(file: FileId, text: &str) -> Vec<Token> {
    let mut lexer = Lexer { file, text, at: 0, starts_line: true, after_space: false };
    let mut tokens = Vec::new();
    while let Some(token) = lexer.token() {
        tokens.push(token);
    }
    tokens
}

struct Lexer<'a> {
    file: FileId,
    text: &'a str,
    /// How many bytes are read.
    at: usize,
    starts_line: bool,
    after_space: bool,
}

impl Lexer<'_> {
    fn token(&mut self) -> Option<Token> {
        let start_of_comment = self.skip_space();
        let start = start_of_comment.unwrap_or(self.at);
        let kind = match start_of_comment {
            Some(_) => TokenKind::OpenComment,
            None => self.kind()?,
        };
        Some(Token {
            kind,
            span: self.span(start),
            starts_line: std::mem::take(&mut self.starts_line),
            after_space: std::mem::take(&mut self.after_space),
            is_painted: false,
        })
    }

    fn span(&self, start: usize) -> Span {
        let place = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Span { file: self.file, start: place(start), end: place(self.at) }
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Goes past space, comments and continued lines. Gives where a comment begins that has no end.
    fn skip_space(&mut self) -> Option<usize> {
        loop {
            let rest = self.rest();
            let length = match rest.as_bytes() {
                [b'\n', ..] => {
                    self.starts_line = true;
                    1
                }
                [b'\\', b'\n', ..] => 2,
                [b'\\', b'\r', b'\n', ..] => 3,
                [b'/', b'/', ..] => line_comment(rest),
                [b'/', b'*', ..] => match rest.get(2..).and_then(|inside| inside.find("*/")) {
                    Some(inside) => inside + 4,
                    None => {
                        let start = self.at;
                        self.at = self.text.len();
                        return Some(start);
                    }
                },
                [b' ' | b'\t' | b'\r' | 0x0b | 0x0c, ..] => 1,
                _ => return None,
            };
            self.after_space = true;
            self.at += length;
        }
    }

    fn kind(&mut self) -> Option<TokenKind> {
        let rest = self.rest();
        let first = rest.chars().next()?;
        let (length, kind) = if is_word(first) {
            let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            let word = rest.get(..length).unwrap_or_default();
            if is_continued(rest.get(length..).unwrap_or_default()) {
                (length, TokenKind::Split)
            } else if first.is_ascii_digit() {
                (length, TokenKind::Number(Arc::from(word)))
            } else if let Some(terminal) = Terminal::from_word(word) {
                (length, TokenKind::Terminal(terminal))
            } else {
                (length, TokenKind::Name(Arc::from(word)))
            }
        } else if first == '"' {
            string(rest)
        } else if let Some(symbol) =
            Terminal::SYMBOLS.iter().find(|symbol| rest.starts_with(symbol.text()))
        {
            (symbol.text().len(), TokenKind::Terminal(*symbol))
        } else {
            (first.len_utf8(), TokenKind::Unknown(first))
        };
        self.at += length;
        Some(kind)
    }
}

fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

/// Whether a word goes on in the next line, which the preprocessor of C allows.
fn is_continued(rest: &str) -> bool {
    let next = rest.strip_prefix("\\\n").or_else(|| rest.strip_prefix("\\\r\n"));
    next.is_some_and(|next| next.starts_with(is_word))
}

/// How long a comment is to the end of its line, which a backslash there prolongs.
fn line_comment(rest: &str) -> usize {
    let mut length = 0;
    for line in rest.split_inclusive('\n') {
        length += line.len();
        let text = line.trim_end_matches(['\n', '\r']);
        if !text.ends_with('\\') {
            return length - (line.len() - line.trim_end_matches('\n').len());
        }
    }
    length
}

/// A string: it ends at the first quote that an even number of backslashes stands before.
fn string(rest: &str) -> (usize, TokenKind) {
    let mut is_escaped = false;
    for (offset, byte) in rest.bytes().enumerate().skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => {
                let raw = rest.get(1..offset).unwrap_or_default();
                return (offset + 1, TokenKind::String(Arc::from(raw)));
            }
            _ => {}
        }
    }
    (rest.len(), TokenKind::OpenString)
}
