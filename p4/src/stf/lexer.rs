//! The words of a line.

use super::problem::{Misplaced, ScriptProblem};
use super::script::{Number, Word};
use crate::source::{FileId, Span};

/// A line that is read from left to right.
#[derive(Clone, Debug)]
pub(super) struct Line<'a> {
    /// All of it.
    text: &'a str,
    /// Where the rest begins.
    place: usize,
    /// Where the line begins in its file.
    start: u32,
    file: FileId,
}

impl<'a> Line<'a> {
    /// A line at a place of a file, without a comment at its end.
    pub(super) fn new(text: &'a str, start: u32, file: FileId) -> Line<'a> {
        let mut is_quoted = false;
        let comment = text.char_indices().find(|(_, character)| {
            is_quoted ^= *character == '"';
            *character == '#' && !is_quoted
        });
        let text = comment.map_or(text, |(end, _)| text.get(..end).unwrap_or_default());
        Line { text: text.trim_end(), place: 0, start, file }
    }

    pub(super) fn is_at_end(&mut self) -> bool {
        self.skip_blanks();
        self.rest().is_empty()
    }

    /// From a place that was taken before to here.
    pub(super) fn span_from(&self, start: usize) -> Span {
        let place =
            |offset: usize| self.start.saturating_add(u32::try_from(offset).unwrap_or(u32::MAX));
        Span { file: self.file, start: place(start), end: place(self.place) }
    }

    /// Where the next word begins.
    pub(super) fn begin(&mut self) -> usize {
        self.skip_blanks();
        self.place
    }

    /// Takes this if it comes next.
    pub(super) fn take(&mut self, symbol: &str) -> bool {
        self.skip_blanks();
        let comes_next = self.rest().starts_with(symbol);
        if comes_next {
            self.place += symbol.len();
        }
        comes_next
    }

    pub(super) fn expect(&mut self, symbol: &str, words: &'static str) -> Result<(), Misplaced> {
        if self.take(symbol) { Ok(()) } else { Err(self.expected(words)) }
    }

    /// That something else should come next.
    pub(super) fn expected(&mut self, expected: &'static str) -> Misplaced {
        let start = self.begin();
        let word: String = self.rest().chars().take_while(|c| !c.is_whitespace()).collect();
        self.place += word.len();
        let found = if word.is_empty() { String::from("the end of the line") } else { word };
        ScriptProblem::Expected { expected, found }.at(self.span_from(start))
    }

    pub(super) fn expect_end(&mut self) -> Result<(), Misplaced> {
        if self.is_at_end() { Ok(()) } else { Err(self.expected("the end of the line")) }
    }

    /// Letters, digits and underscores, as in a command.
    pub(super) fn plain_word(&mut self) -> Word {
        let start = self.begin();
        let end = self.rest().find(|c: char| !is_in_name(c)).unwrap_or(self.rest().len());
        let text = self.rest().get(..end).unwrap_or_default().to_owned();
        self.place += end;
        Word { text, span: self.span_from(start) }
    }

    pub(super) fn is_at_name(&mut self) -> bool {
        self.skip_blanks();
        self.rest().starts_with(|c: char| c == '"' || (is_in_name(c) && !c.is_ascii_digit()))
    }

    pub(super) fn is_at_number(&mut self) -> bool {
        self.skip_blanks();
        self.rest().starts_with(|c: char| c.is_ascii_digit())
    }

    /// `a.b[3].c`, each part maybe in quotes.
    pub(super) fn name(&mut self, words: &'static str) -> Result<Word, Misplaced> {
        let start = self.begin();
        let mut text = String::new();
        loop {
            if !self.is_at_name() {
                return Err(self.expected(words));
            }
            if self.take("\"") {
                let Some(end) = self.rest().find('"') else {
                    return Err(self.expected("a quotation mark at the end"));
                };
                text.push_str(self.rest().get(..end).unwrap_or_default());
                self.place += end + 1;
            } else {
                text.push_str(&self.plain_word().text);
            }
            while self.rest().starts_with('[') {
                self.place += 1;
                let index = self.plain_word();
                if index.text.is_empty() || !index.text.bytes().all(|b| b.is_ascii_digit()) {
                    let (expected, found) = ("a number in brackets", index.text);
                    return Err(ScriptProblem::Expected { expected, found }.at(index.span));
                }
                self.expect("]", "a closing bracket")?;
                text.push_str(&format!("[{}]", index.text));
            }
            // Two dots are those of a range.
            if !self.rest().starts_with('.') || self.rest().starts_with("..") {
                return Ok(Word { text, span: self.span_from(start) });
            }
            self.place += 1;
            text.push('.');
        }
    }

    /// `12`, `0x1f`, `0b1*`.
    pub(super) fn number(&mut self) -> Result<Number, Misplaced> {
        let start = self.begin();
        let is_digit = |c: char| c.is_ascii_alphanumeric() || c == '*';
        let end = self.rest().find(|c| !is_digit(c)).unwrap_or(self.rest().len());
        let text = self.rest().get(..end).unwrap_or_default().to_ascii_lowercase();
        let wrong = |line: &mut Line<'_>| {
            line.place = start;
            line.expected("a number")
        };
        let (digits, radix) = match text.get(..2) {
            Some("0x") => (text.get(2..).unwrap_or_default(), 16),
            Some("0b") => (text.get(2..).unwrap_or_default(), 2),
            _ => (text.as_str(), 10),
        };
        let radix_bits = if radix == 16 { 4 } else { 1 };
        if digits.is_empty() || (radix == 10 && digits.contains('*')) {
            return Err(wrong(self));
        }
        let mut number = Number {
            value: 0,
            any: 0,
            written: 0,
            span: Span { file: self.file, start: 0, end: 0 },
        };
        let mut is_too_wide = false;
        for digit in digits.chars() {
            let (value, any) = match digit.to_digit(radix) {
                Some(value) => (u128::from(value), 0),
                None if digit == '*' => (0, u128::from(radix - 1)),
                None => return Err(wrong(self)),
            };
            let (shifted, overflows) = number.value.overflowing_mul(u128::from(radix));
            let (sum, overflows_too) = shifted.overflowing_add(value);
            let is_full = radix != 10 && number.written >> (u128::BITS - radix_bits) != 0;
            is_too_wide |= overflows || overflows_too || is_full;
            number.value = sum;
            if radix != 10 {
                number.any = (number.any << radix_bits) | any;
                number.written = (number.written << radix_bits) | u128::from(radix - 1);
            }
        }
        self.place += end;
        number.span = self.span_from(start);
        if is_too_wide {
            return Err(ScriptProblem::NumberTooWide.at(number.span));
        }
        Ok(number)
    }

    /// All characters of the rest that are no blanks, with their places.
    pub(super) fn characters(&mut self) -> Vec<(char, Span)> {
        let mut characters = Vec::new();
        while !self.is_at_end() {
            let start = self.place;
            let Some(character) = self.rest().chars().next() else { break };
            self.place += character.len_utf8();
            characters.push((character, self.span_from(start)));
        }
        characters
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.place..).unwrap_or_default()
    }

    fn skip_blanks(&mut self) {
        let rest = self.rest();
        self.place += rest.len() - rest.trim_start().len();
    }
}

fn is_in_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_' || character == '$'
}
