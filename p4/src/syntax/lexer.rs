//! From text to tokens.
//!
//! It never fails: what is no token becomes a [`TokenKind`] that says so, because in a part that the
//! preprocessor skips it does not matter.

use std::sync::Arc;

use super::token::{Terminal, Token, TokenKind};
use crate::source::{FileId, Span};

/// All tokens of a text.
pub(super) fn tokens(file: FileId, text: &str) -> Vec<Token> {
    let mut lexer = Lexer::new(file, text);
    std::iter::from_fn(|| lexer.token()).collect()
}

/// Reads a file in the pieces that the preprocessor asks for.
pub(super) struct Lexer<'a> {
    file: FileId,
    /// The text, up to where the piece ends that is being read.
    text: &'a str,
    /// How many bytes are read.
    at: usize,
    starts_line: bool,
    after_space: bool,
}

impl<'a> Lexer<'a> {
    /// Begins at the beginning of the text.
    pub(super) fn new(file: FileId, text: &'a str) -> Lexer<'a> {
        Lexer { file, text, at: 0, starts_line: true, after_space: false }
    }

    /// The tokens up to the next directive, or to the end.
    pub(super) fn before_directive(&mut self) -> Vec<Token> {
        let mut tokens = Vec::new();
        while !self.is_at_directive() {
            let Some(token) = self.token() else { break };
            tokens.push(token);
        }
        tokens
    }

    /// The directive that begins here: its hash sign and what stands behind it in its line.
    pub(super) fn directive(&mut self) -> Option<(Token, Vec<Token>)> {
        if !self.is_at_directive() {
            return None;
        }
        let whole = self.text;
        self.text = whole.get(..end_of_line(whole, self.at)).unwrap_or(whole);
        let hash = self.token();
        let rest = std::iter::from_fn(|| self.token()).collect();
        self.text = whole;
        Some((hash?, rest))
    }

    /// Goes to the next directive, or to the end, whatever stands before it. Gives how many bytes
    /// that is.
    pub(super) fn skip_to_directive(&mut self) -> usize {
        let start = self.at;
        while !self.is_at_directive() && !self.rest().is_empty() {
            self.at = end_of_line(self.text, self.at);
            self.starts_line = false;
        }
        self.at - start
    }

    fn is_at_directive(&mut self) -> bool {
        if let Some(start) = self.skip_space() {
            // The open comment is read as a token.
            self.at = start;
            return false;
        }
        self.starts_line && self.rest().starts_with('#') && !self.rest().starts_with("##")
    }

    fn token(&mut self) -> Option<Token> {
        let open_comment = self.skip_space();
        let start = open_comment.unwrap_or(self.at);
        let kind = match open_comment {
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

/// Where the line ends that begins somewhere before: a backslash or a comment may prolong it, and a
/// string that has no end in it does not.
fn end_of_line(text: &str, start: usize) -> usize {
    let mut at = start;
    let mut is_string = false;
    loop {
        let rest = text.as_bytes().get(at..).unwrap_or_default();
        at += match rest {
            [] | [b'\n', ..] => return at,
            [b'\\', b'\r', b'\n', ..] => 3,
            [b'\\', b'\n', ..] => 2,
            [b'\\', _, ..] if is_string => 2,
            [b'"', ..] => {
                is_string = !is_string;
                1
            }
            [b'/', b'/', ..] if !is_string => {
                return at + line_comment(text.get(at..).unwrap_or_default());
            }
            [b'/', b'*', inside @ ..] if !is_string => {
                let end = inside.windows(2).position(|window| window == b"*/");
                end.map_or(rest.len(), |end| end + 4)
            }
            _ => 1,
        };
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
