//! Tests of the way from text to tree.

mod bounds;
mod dump;
mod grammar;
mod preprocessing;
mod recovery;
mod soup;

use super::{Includes, Root, ast, parse};
use crate::diagnostic::InvalidProgram;

/// Parses a text without any file to include.
fn parsed(text: &str) -> Result<ast::Unit, InvalidProgram> {
    let (sources, result) = parse(Root::Text { name: "x.p4", text }, &Includes::default());
    result.map_err(|diagnostics| InvalidProgram { diagnostics, sources })
}

/// What is wrong with a text, as `line:column: words`, without the lines of the source.
fn faults(text: &str) -> Vec<String> {
    let Err(invalid) = parsed(text) else { return Vec::new() };
    let faults = invalid.diagnostics.iter().map(|diagnostic| {
        let place = invalid.sources.position(diagnostic.span);
        format!("{}:{}: {}", place.line, place.column, diagnostic.problem)
    });
    faults.collect()
}

/// A text that must parse.
fn tree(text: &str) -> ast::Unit {
    parsed(text).unwrap_or_else(|invalid| panic!("{invalid}"))
}
