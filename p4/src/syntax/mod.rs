//! From text to a syntax tree.
//!
//! The lexer makes tokens of each file, the preprocessor makes one sequence of them, and the parser
//! a tree of that.

pub mod ast;
mod lexer;
mod number;
mod parser;
mod preprocess;
mod problem;
mod token;

#[cfg(test)]
mod tests;

pub(crate) use preprocess::{Includes, Root};
pub use problem::{Found, PreprocessProblem, SyntaxProblem};

use crate::diagnostic::{Diagnostic, Problem};
use crate::source::SourceMap;

/// Reads and parses a program. All files that were read are in the source map, also if the program
/// is none.
pub(crate) fn parse(
    root: Root<'_>,
    includes: &Includes,
) -> (SourceMap, Result<ast::Unit, Vec<Diagnostic>>) {
    let mut sources = SourceMap::new();
    let result = preprocess::preprocess(root, includes, &mut sources)
        .map_err(|fault| vec![fault])
        .and_then(|tokens| parser::parse(&tokens));
    (sources, result.map_err(|faults| faults.into_iter().map(Diagnostic::from).collect()))
}

impl From<problem::Fault> for Diagnostic {
    fn from(fault: problem::Fault) -> Diagnostic {
        let problem::Fault { span, problem, related } = fault;
        let related = related.into_iter().collect();
        Diagnostic { span, problem: Problem::Syntax(problem), related }
    }
}
