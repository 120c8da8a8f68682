//! What is wrong with a script.

use std::fmt;
use std::sync::Arc;

use thiserror::Error;

use crate::ir::MatchKind;
use crate::source::{SourceMap, Span};
use crate::table::WriteError;

/// A script that cannot be run, and where it goes wrong.
#[derive(Clone, Debug, Error)]
pub struct InvalidScript {
    /// What is wrong.
    pub problem: ScriptProblem,
    /// Where.
    pub span: Span,
    /// The script.
    pub sources: SourceMap,
}

/// As `file:line:column: error: words`, the line, and a caret below the place.
impl fmt::Display for InvalidScript {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let InvalidScript { problem, span, sources } = self;
        crate::diagnostic::write_place(formatter, sources, *span, format_args!("error: {problem}"))
    }
}

/// What is wrong with a script.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "the sentences say what the fields are")]
pub enum ScriptProblem {
    /// STF has it, this crate does not.
    #[error("{command} is not supported")]
    Unsupported { command: String },
    #[error("there is no command {word}")]
    UnknownCommand { word: String },
    #[error("expected {expected}, found {found}")]
    Expected { expected: &'static str, found: String },
    #[error("a number has at most 128 bits")]
    NumberTooWide,
    #[error("there is no port {number}")]
    NoPort { number: u128 },
    #[error("a packet is made of bytes, and here is half of one")]
    HalfByte,
    #[error("there is no table {name}")]
    UnknownTable { name: String },
    #[error("{name} can be table {first} or {second}")]
    AmbiguousTable { name: String, first: Arc<str>, second: Arc<str> },
    #[error("table {table} has no key {name}")]
    UnknownKey { table: Arc<str>, name: String },
    #[error("{name} can be key {first} or {second} of table {table}")]
    AmbiguousKey { table: Arc<str>, name: String, first: Arc<str>, second: Arc<str> },
    #[error("key {key} is given twice")]
    KeyTwice { key: Arc<str> },
    #[error("a key that is matched {kind} takes {takes}")]
    WrongForm { kind: MatchKind, takes: &'static str },
    #[error("with digits that do not matter, all {width} bits of the key have to be written")]
    PrefixNotWhole { width: u32 },
    #[error("table {table} has no action {name}")]
    UnknownAction { table: Arc<str>, name: String },
    #[error("{name} can be action {first} or {second} of table {table}")]
    AmbiguousAction { table: Arc<str>, name: String, first: Arc<str>, second: Arc<str> },
    #[error("action {action} has no parameter {name}")]
    UnknownParameter { action: Arc<str>, name: String },
    #[error("action {action} needs {parameter}")]
    MissingArgument { action: Arc<str>, parameter: Arc<str> },
    #[error("{parameter} of action {action} is given twice")]
    ArgumentTwice { action: Arc<str>, parameter: Arc<str> },
    #[error("action {action} has {expected} parameters, not {found}")]
    ArgumentCount { action: Arc<str>, expected: usize, found: usize },
    #[error("every digit of this number matters")]
    AnyDigit,
    #[error("there is no counter {name}")]
    UnknownCounter { name: String },
    #[error("{name} can be counter {first} or {second}")]
    AmbiguousCounter { name: String, first: Arc<str>, second: Arc<str> },
    #[error("counter {counter} counts the entries of a table: name one, as in $entry")]
    NeedsEntry { counter: Arc<str> },
    #[error("counter {counter} is not that of a table's entries")]
    NotDirect { counter: Arc<str> },
    #[error("counter {counter} is not that of table {table}")]
    OtherTable { counter: Arc<str>, table: Arc<str> },
    #[error("counter {counter} has {size} places, none of number {index}")]
    NoPlace { counter: Arc<str>, size: u64, index: u128 },
    #[error("no entry has been called {name}")]
    UnknownEntry { name: String },
    #[error("entry {name} is no longer there")]
    EntryGone { name: String },
    #[error("no packet has been sent before")]
    NoPacketSent,
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// A problem and its place, before it is known which file it is in.
#[derive(Clone, Debug)]
pub(super) struct Misplaced {
    pub(super) problem: ScriptProblem,
    pub(super) span: Span,
}

impl ScriptProblem {
    pub(super) fn at(self, span: Span) -> Misplaced {
        Misplaced { problem: self, span }
    }
}
