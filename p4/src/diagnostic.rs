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
                    | Problem::Check(CheckProblem::Unsupported { .. })
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

pub(crate) fn write_place(
    formatter: &mut fmt::Formatter<'_>,
    sources: &SourceMap,
    span: Span,
    words: fmt::Arguments<'_>,
) -> fmt::Result {
    let position = sources.position(span);
    let line = sources.line(span);
    writeln!(formatter, "{position}: {words}")?;
    writeln!(formatter, "  {line}")?;
    let before = line.chars().take(position.column.saturating_sub(1) as usize);
    let indent: String = before.map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
    let room = line.chars().count().saturating_sub(position.column.saturating_sub(1) as usize);
    let width = sources.text(span).chars().take_while(|c| *c != '\n').count().clamp(1, room.max(1));
    write!(formatter, "  {indent}{}", "^".repeat(width))
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
