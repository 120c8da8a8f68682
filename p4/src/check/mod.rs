//! From a syntax tree to a checked program.

mod problem;

pub use problem::CheckProblem;
