//! P4_16 programs for v1model, and a switch that runs them.
//!
//! A program goes from text to tokens, to a syntax tree ([`ast`]), to a checked program ([`ir`]) in
//! which every name is resolved, to an executable form. What is accepted is executed as the language
//! specification 1.2.5 says; what is not supported is refused by name when the program is loaded.

mod source;

mod diagnostic;

mod syntax;

mod load;

mod check;
pub mod ir;

pub mod table;

mod exec;
mod program;

mod switch;
mod trace;
mod verdict;

pub mod p4info;
pub mod stf;

pub use check::{CheckProblem, Similar};
pub use diagnostic::{Diagnostic, InvalidProgram, Problem};
pub use exec::{Clock, Executable, Site, TooLarge, Value, ValueKind};
pub use load::{CORE_P4, NAT_P4, ParsedProgram, V1MODEL_P4};
pub use program::Program;
pub use source::{FileId, Position, SourceFile, SourceMap, Span};
pub use switch::{Drops, Runner, Switch};
pub use syntax::{Found, PreprocessProblem, SyntaxProblem, ast};
pub use trace::{Event, LookupEvent, Trace};
pub use verdict::{DropReason, MarkedToDrop, Verdict};
