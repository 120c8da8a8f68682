//! What is wrong with the text of a program.

use std::fmt;
use std::io;
use std::sync::Arc;

use thiserror::Error;

use crate::source::Span;

/// Why a text is no P4_16 program.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SyntaxProblem {
    /// Something else should stand here.
    #[error("expected {expected}, found {found}")]
    Expected {
        /// What should stand here.
        expected: &'static str,
        /// What does.
        found: Found,
    },
    /// The language, or a newer version of it, has it; this crate does not.
    #[error("{what} is not supported")]
    Unsupported {
        /// What it is called.
        what: &'static str,
    },
    /// Expressions, types or statements within one another, too many.
    #[error("nested more than {limit} deep")]
    TooDeep {
        /// How many are too many.
        limit: usize,
    },
    /// Not a character that P4 is written in.
    #[error("no token begins with `{}`", character.escape_debug())]
    UnknownCharacter {
        /// The character.
        character: char,
    },
    /// A word or number that goes on after a backslash at the end of a line.
    #[error("a word or number cannot go on after a backslash at the end of the line")]
    SplitWord,
    /// A comment without `*/`.
    #[error("this comment has no end")]
    OpenComment,
    /// A string without its second double quote.
    #[error("this string has no end")]
    OpenString,
    /// A number with more than 128 bits.
    #[error("this number has more than 128 bits")]
    NumberTooLarge,
    /// A width that is no sensible one, as in `99999999999w1`.
    #[error("the width of this number is too large")]
    WidthTooLarge,
    /// A number without digits, as in `0x` or `8w`.
    #[error("this number has no digits")]
    NoDigits,
    /// A character that does not belong into a number of this base.
    #[error("`{character}` is no digit of a number of base {base}")]
    BadDigit {
        /// The character.
        character: char,
        /// 2, 8, 10 or 16.
        base: u32,
    },
    /// What is wrong with what the preprocessor reads.
    #[error(transparent)]
    Preprocess(#[from] PreprocessProblem),
}

/// What is wrong with what the preprocessor reads.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PreprocessProblem {
    /// A file to include that is in none of the places.
    #[error("`{name}` was not found{}", places(looked_for, built_in))]
    NotFound {
        /// As it is called in the directive.
        name: String,
        /// Where it was looked for, in this order.
        looked_for: Vec<String>,
        /// The files that are there in any case, none of which it is.
        built_in: Vec<&'static str>,
    },
    /// A file that is there and cannot be read.
    #[error("`{path}` cannot be read: {kind}")]
    Unreadable {
        /// Where it is.
        path: String,
        /// Why.
        kind: io::ErrorKind,
    },
    /// Files that include one another, too many.
    #[error("files include one another more than {limit} deep")]
    IncludedTooDeep {
        /// How many are too many.
        limit: usize,
    },
    /// More text than any program has.
    #[error("the program has more than {limit} bytes of text")]
    TooMuchText {
        /// How many are too many.
        limit: usize,
    },
    /// A macro that grows and grows, or files that are included again and again.
    #[error("the program has more than {limit} tokens with its macros expanded")]
    TooManyTokens {
        /// How many are too many.
        limit: usize,
    },
    /// Uses of macros within the arguments of one another, too many.
    #[error("uses of macros are nested more than {limit} deep")]
    MacrosTooDeep {
        /// How many are too many.
        limit: usize,
    },
    /// No directive of the preprocessor.
    #[error("there is no directive `#{name}`")]
    UnknownDirective {
        /// What stands after the hash sign.
        name: String,
    },
    /// A directive that says too little, too much or something else.
    #[error("expected {expected} after `#{directive}`")]
    Malformed {
        /// Its name.
        directive: &'static str,
        /// What should stand there.
        expected: &'static str,
    },
    /// `#else`, `#elif` or `#endif` on its own.
    #[error("`#{directive}` without an `#if`")]
    WithoutIf {
        /// Its name.
        directive: &'static str,
    },
    /// `#else` or `#elif` after `#else`.
    #[error("`#{directive}` after an `#else`")]
    AfterElse {
        /// Its name.
        directive: &'static str,
    },
    /// `#if` on its own.
    #[error("`#{directive}` without an `#endif` in the same file")]
    WithoutEndif {
        /// Its name.
        directive: &'static str,
    },
    /// `#error` was reached.
    #[error("#error {words}")]
    Error {
        /// What it says.
        words: String,
    },
    /// The name of a macro that cannot be one.
    #[error("`{name}` cannot be the name of a macro")]
    ReservedName {
        /// The name.
        name: &'static str,
    },
    /// A macro that is defined again as something else.
    #[error("the macro `{name}` is defined already, as something else")]
    Redefined {
        /// Its name.
        name: Arc<str>,
    },
    /// Two parameters of a macro with one name.
    #[error("the macro `{name}` has two parameters `{parameter}`")]
    DuplicateParameter {
        /// Its name.
        name: Arc<str>,
        /// The name of both.
        parameter: Arc<str>,
    },
    /// `#` before something that is no parameter of the macro.
    #[error("`#` in the macro `{name}` does not stand before a parameter")]
    BadStringify {
        /// Its name.
        name: Arc<str>,
    },
    /// `##` with nothing on one of its sides.
    #[error("`##` in the macro `{name}` stands at its beginning or end")]
    BadPaste {
        /// Its name.
        name: Arc<str>,
    },
    /// `##` between what makes no token together.
    #[error("`##` in the macro `{name}` makes `{text}`, which is no token")]
    PastedNoToken {
        /// Its name.
        name: Arc<str>,
        /// What it makes.
        text: String,
    },
    /// Too few or too many arguments.
    #[error("the macro `{name}` takes {expected} arguments, not {found}")]
    ArgumentCount {
        /// Its name.
        name: Arc<str>,
        /// How many it takes.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// The arguments of a macro without their end.
    #[error("the arguments of the macro `{name}` have no end before the next directive")]
    OpenArguments {
        /// Its name.
        name: Arc<str>,
    },
    /// Something in a condition that does not belong there.
    #[error("expected {expected} in the condition, found {found}")]
    Condition {
        /// What should stand here.
        expected: &'static str,
        /// What does.
        found: Found,
    },
    /// A condition that divides by zero.
    #[error("the condition divides by zero")]
    DivisionByZero,
    /// A number in a condition with more than 64 bits, or a result with as many.
    #[error("the condition needs a number of more than 64 bits")]
    ConditionTooLarge,
}

/// What was found in the place of something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A name.
    Name(Arc<str>),
    /// A word of the language.
    Word(&'static str),
    /// A symbol.
    Symbol(&'static str),
    /// A number as it is written.
    Number(Arc<str>),
    /// A string.
    String,
    /// A character that nothing begins with.
    Character(char),
    /// Nothing more.
    End,
}

impl fmt::Display for Found {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Found::Name(name) => write!(formatter, "`{name:.60}`"),
            Found::Word(word) => write!(formatter, "the keyword `{word}`"),
            Found::Symbol(symbol) => write!(formatter, "`{symbol}`"),
            Found::Number(text) => write!(formatter, "the number `{text:.60}`"),
            Found::String => formatter.write_str("a string"),
            Found::Character(character) => write!(formatter, "`{}`", character.escape_debug()),
            Found::End => formatter.write_str("the end"),
        }
    }
}

fn places(looked_for: &[String], built_in: &[&str]) -> String {
    let files = looked_for.join(", ");
    match (looked_for, built_in) {
        ([], []) => String::new(),
        (_, []) => format!("; looked for {files}"),
        ([], _) => format!("; looked among the built-in {}", built_in.join(", ")),
        _ => format!("; looked for {files} and among the built-in {}", built_in.join(", ")),
    }
}

/// A problem and its place, on the way to a [`Diagnostic`](crate::Diagnostic).
#[derive(Clone, Debug)]
pub(super) struct Fault {
    /// Where.
    pub(super) span: Span,
    /// What.
    pub(super) problem: SyntaxProblem,
    /// Where the other half of it is, with the words for it.
    pub(super) related: Option<(Span, &'static str)>,
}

impl Fault {
    /// A fault without a related place.
    pub(super) fn new(span: Span, problem: impl Into<SyntaxProblem>) -> Fault {
        Fault { span, problem: problem.into(), related: None }
    }
}
