//! From text to a syntax tree.

pub mod ast;
mod problem;

pub use problem::SyntaxProblem;
