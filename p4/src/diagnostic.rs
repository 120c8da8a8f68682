//! What is wrong with a program, and where.

use std::fmt;

use thiserror::Error;

use crate::check::CheckProblem;
use crate::exec::TooLarge;
use crate::source::{SourceMap, Span};
use crate::syntax::SyntaxProblem;

/// One thing that is wrong with a program.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// Where.
    pub span: Span,
    /// What.
    pub problem: Problem,
    /// Other places that have to do with it, with the words for them, as in "declared here".
    pub related: Vec<(Span, &'static str)>,
}

/// Why a program is not taken: all that was found, with the source that it was found in.
#[derive(Clone, Debug, Error)]
pub struct InvalidProgram {
    /// At least one.
    pub diagnostics: Vec<Diagnostic>,
    /// The files.
    pub sources: SourceMap,
}

impl InvalidProgram {
    /// Whether it says something that P4 or v1model has and this crate does not. What else is wrong
    /// then may come from that.
    pub fn is_unsupported(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| {
            matches!(
                diagnostic.problem,
                Problem::Syntax(SyntaxProblem::Unsupported { .. })
                    | Problem::Check(
                        CheckProblem::Unsupported { .. } | CheckProblem::TooWide { .. }
                    )
            )
        })
    }
}

/// Each as `file:line:column: error: words`, the line, and a caret below the place.
impl fmt::Display for InvalidProgram {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.diagnostics.iter().enumerate() {
            if index > 0 {
                formatter.write_str("\n")?;
            }
            let Diagnostic { span, problem, related } = diagnostic;
            write_place(formatter, &self.sources, *span, format_args!("error: {problem}"))?;
            for (span, words) in related {
                formatter.write_str("\n")?;
                write_place(formatter, &self.sources, *span, format_args!("note: {words}"))?;
            }
        }
        Ok(())
    }
}

/// How many characters of a line are shown.
const MAX_SHOWN: usize = 160;

pub(crate) fn write_place(
    formatter: &mut fmt::Formatter<'_>,
    sources: &SourceMap,
    span: Span,
    words: fmt::Arguments<'_>,
) -> fmt::Result {
    let position = sources.position(span);
    write!(formatter, "{position}: {words}")?;
    if sources.file(span.file).is_none_or(|file| file.text.is_empty()) {
        // There is no line to show.
        return Ok(());
    }
    writeln!(formatter)?;
    let is_plain = |c: &char| !c.is_control() || *c == '\t';
    let plain = |c: char| if is_plain(&c) { c } else { char::REPLACEMENT_CHARACTER };
    let line: Vec<char> = sources.line(span).chars().map(plain).collect();
    let column = line.len().min(position.column.saturating_sub(1) as usize);
    // Of a long line, the part around the place.
    let start = column.saturating_sub(MAX_SHOWN / 2).min(line.len().saturating_sub(MAX_SHOWN));
    let end = line.len().min(start + MAX_SHOWN);
    let (before, behind) = line.get(start..end).unwrap_or_default().split_at(column - start);
    let mark = |is_cut: bool| if is_cut { "…" } else { "" };
    let shown: String = before.iter().chain(behind).collect();
    writeln!(formatter, "  {}{shown}{}", mark(start > 0), mark(end < line.len()))?;
    let indent: String = before.iter().map(|c| if *c == '\t' { '\t' } else { ' ' }).collect();
    let width = sources.text(span).chars().take_while(|c| *c != '\n').count();
    let width = width.clamp(1, behind.len().max(1));
    write!(formatter, "  {}{indent}{}", if start > 0 { " " } else { "" }, "^".repeat(width))
}

/// What is wrong, in the words of whoever found it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Problem {
    /// The text is no P4_16.
    #[error(transparent)]
    Syntax(#[from] SyntaxProblem),
    /// The program makes no sense, or says what is not supported.
    #[error(transparent)]
    Check(#[from] CheckProblem),
    /// It needs too much memory when it runs.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, start: u32, end: u32) -> String {
        let mut sources = SourceMap::new();
        let file = sources.add("x.p4", text);
        let span = Span { file, start, end };
        let problem = SyntaxProblem::OpenString.into();
        let diagnostics = vec![Diagnostic { span, problem, related: Vec::new() }];
        InvalidProgram { diagnostics, sources }.to_string()
    }

    #[test]
    fn the_caret_stands_below_the_place() {
        let head = "x.p4:2:4: error: this string has no end";
        assert_eq!(shown("a\n\täb\tcd\n", 6, 8), format!("{head}\n  \täb\tcd\n  \t  ^^"));
        // What goes on in the next line is marked up to the end of the first.
        assert_eq!(shown("a\nbcdef\ng", 5, 9), format!("{head}\n  bcdef\n     ^^"));
        assert_eq!(shown("a\nbcd", 5, 5), format!("{head}\n  bcd\n     ^"));
        assert_eq!(shown("a\n\u{1b}bcd", 5, 6), format!("{head}\n  \u{fffd}bcd\n     ^"));
    }

    #[test]
    fn of_a_long_line_the_part_around_the_place_is_shown() {
        let text = format!("{}xyz{}", "a".repeat(1_000), "b".repeat(1_000));
        let words = shown(&text, 1_000, 1_003);
        let lines: Vec<&str> = words.lines().collect();
        assert_eq!(lines[1], format!("  …{}xyz{}…", "a".repeat(80), "b".repeat(77)));
        assert_eq!(lines[2], format!("  {}^^^", " ".repeat(81)));
        let words = shown(&text, 2_000, 2_003);
        let lines: Vec<&str> = words.lines().collect();
        assert_eq!(lines[1], format!("  …{}", "b".repeat(160)));
        assert_eq!(lines[2], format!("  {}^^^", " ".repeat(158)));
    }
}
