//! Source files and places in them.

use std::fmt;
use std::sync::Arc;

/// A file of the program, by its place in the [`SourceMap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A stretch of source text: bytes `start..end` of a file.
///
/// What a macro expands to has the span of the macro's use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// Where it begins, in bytes from the file's beginning.
    pub start: u32,
    /// Where it ends.
    pub end: u32,
}

/// A file that was read.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// What to call it in messages: its path as it was found.
    pub name: String,
    /// Its whole text.
    pub text: Arc<str>,
    line_starts: Vec<u32>,
}

/// All the files that a program was read from.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    files: Vec<SourceFile>,
}

/// A place as people count: lines and columns from 1, columns in characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// The name of the file.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in characters.
    pub column: u32,
}

impl Span {
    /// From the beginning of this span to the end of `other`, which is in the same file; this
    /// span if it is not.
    #[must_use]
    pub fn to(self, other: Span) -> Span {
        if self.file == other.file && self.start <= other.end {
            Span { end: other.end.max(self.end), ..self }
        } else {
            self
        }
    }
}

impl SourceMap {
    /// A map without files.
    pub fn new() -> SourceMap {
        SourceMap::default()
    }

    /// Adds a file.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<Arc<str>>) -> FileId {
        let text: Arc<str> = text.into();
        let ends = text.bytes().zip(1_u32..).filter(|(byte, _)| *byte == b'\n');
        let line_starts = std::iter::once(0).chain(ends.map(|(_, next)| next)).collect();
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(SourceFile { name: name.into(), text, line_starts });
        id
    }

    /// The file, if it is one of this map.
    pub fn file(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id.0 as usize)
    }

    /// Where the span begins.
    pub fn position(&self, span: Span) -> Position {
        let Some(file) = self.file(span.file) else {
            return Position { file: String::from("?"), line: 0, column: 0 };
        };
        let line = file.line_of(span.start);
        let before = file.text.get(file.line_start(line)..span.start as usize).unwrap_or_default();
        let column = u32::try_from(before.chars().count()).unwrap_or(u32::MAX).saturating_add(1);
        Position { file: file.name.clone(), line: line + 1, column }
    }

    /// The source line that the span begins in, without its end of line.
    pub fn line(&self, span: Span) -> &str {
        let Some(file) = self.file(span.file) else { return "" };
        let rest = file.text.get(file.line_start(file.line_of(span.start))..).unwrap_or_default();
        rest.lines().next().unwrap_or_default()
    }

    /// The text of the span.
    pub fn text(&self, span: Span) -> &str {
        let file = self.file(span.file);
        file.and_then(|file| file.text.get(span.start as usize..span.end as usize))
            .unwrap_or_default()
    }
}

impl SourceFile {
    /// The line of a byte, from 0.
    fn line_of(&self, offset: u32) -> u32 {
        let lines = self.line_starts.partition_point(|start| *start <= offset);
        u32::try_from(lines.saturating_sub(1)).unwrap_or(u32::MAX)
    }

    fn line_start(&self, line: u32) -> usize {
        self.line_starts.get(line as usize).copied().unwrap_or_default() as usize
    }
}

impl fmt::Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Position { file, line, column } = self;
        write!(formatter, "{file}:{line}:{column}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_in_lines_and_characters_from_one() {
        let mut map = SourceMap::new();
        let file = map.add("a.p4", "bit<8> ä;\n\nheader h");
        let at = |start, end| Span { file, start, end };
        assert_eq!(map.position(at(0, 3)).to_string(), "a.p4:1:1");
        assert_eq!(map.position(at(9, 10)).to_string(), "a.p4:1:9");
        assert_eq!(map.position(at(11, 11)).to_string(), "a.p4:2:1");
        assert_eq!(map.position(at(12, 18)).to_string(), "a.p4:3:1");
        assert_eq!(map.line(at(14, 14)), "header h");
        assert_eq!(map.text(at(12, 18)), "header");
    }
}
