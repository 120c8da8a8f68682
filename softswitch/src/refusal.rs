//! Why an update is not done, or something is not read.

use std::sync::Arc;

use p4::ir::MatchKind;
use p4::table::WriteError;
use p4runtime::{InvalidBytes, v1};
use thiserror::Error;
use tonic::Code;

/// How long the text of an error of one update may be.
const MAX_TEXT_BYTES: usize = 400;

/// How long the texts of all errors of a batch may be. They go into a header; the codes of those
/// beyond that say it without a text.
const MAX_TEXTS_BYTES: usize = 64 << 10;

/// Why an update is not done, or something is not read. Nothing has changed then.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum Refusal {
    #[error("there is no entity")]
    NoEntity,
    #[error("the type of the update is to be INSERT, MODIFY or DELETE")]
    NoUpdateType,
    #[error("this switch has no {0}")]
    Unsupported(&'static str),
    #[error("the program has no {kind} with id {id:#x}")]
    UnknownId { kind: &'static str, id: u32 },
    #[error("a {0} can only be modified")]
    OnlyModified(&'static str),

    #[error("only the switch says that an entry is constant")]
    IsConst,
    #[error("table {table} has no idle timeouts")]
    IdleTimeout { table: Arc<str> },
    #[error("table {table} has no direct meter")]
    Meter { table: Arc<str> },
    #[error("table {table} has no direct counter")]
    NoDirectCounter { table: Arc<str> },
    #[error("the metadata has {length} bytes, more than the {most} that are kept with an entry")]
    MetadataTooLong { length: usize, most: usize },
    #[error("a counter cannot be at {0}")]
    NegativeCount(i64),

    #[error("the key of table {table} has no field with id {id}")]
    UnknownField { table: Arc<str>, id: u32 },
    #[error("there are two matches for field {field} of table {table}")]
    FieldTwice { table: Arc<str>, field: Arc<str> },
    #[error("exact field {field} of table {table} has no match")]
    FieldMissing { table: Arc<str>, field: Arc<str> },
    #[error("the match for field {field} of table {table} says nothing; it is {expected}")]
    NoMatch { table: Arc<str>, field: Arc<str>, expected: MatchKind },
    #[error("field {field} of table {table} is matched {expected}, not {found}")]
    OtherMatch { table: Arc<str>, field: Arc<str>, expected: MatchKind, found: &'static str },
    #[error("field {field} of table {table} is to be left out if its value does not matter")]
    DoesNotMatter { table: Arc<str>, field: Arc<str> },
    #[error("{what} of field {field} of table {table}: {error}")]
    FieldBytes { table: Arc<str>, field: Arc<str>, what: &'static str, error: InvalidBytes },
    #[error("a prefix of {length} bits is none for field {field} of table {table}")]
    NegativePrefix { table: Arc<str>, field: Arc<str>, length: i32 },
    #[error("a priority is not negative, as {0} is")]
    NegativePriority(i32),

    #[error("there is no action")]
    NoAction,
    #[error("table {table} takes an action; the switch has no action profiles")]
    ActionProfile { table: Arc<str> },
    #[error("table {table} has no action with id {id:#x}")]
    UnknownAction { table: Arc<str>, id: u32 },
    #[error("action {action} has no parameter with id {id}")]
    UnknownParameter { action: Arc<str>, id: u32 },
    #[error("parameter {parameter} of action {action} is there twice")]
    ParameterTwice { action: Arc<str>, parameter: Arc<str> },
    #[error("parameter {parameter} of action {action} is missing")]
    ParameterMissing { action: Arc<str>, parameter: Arc<str> },
    #[error("parameter {parameter} of action {action}: {error}")]
    ParameterBytes { action: Arc<str>, parameter: Arc<str>, error: InvalidBytes },

    #[error("table {table} always has a default action, which can only be modified")]
    DefaultInserted { table: Arc<str> },
    #[error("the default action of table {table} has no {what}")]
    DefaultWith { table: Arc<str>, what: &'static str },
    #[error("this switch does not count how often the default action of a table runs")]
    DefaultCounter,

    #[error("an index is not negative, as {0} is")]
    NegativeIndex(i64),
    #[error("{name} has {size} elements, so none with index {index}")]
    IndexTooLarge { name: Arc<str>, size: u64, index: u64 },
    #[error("the updates are for more than {most} elements of counters and registers")]
    TooManyElements { most: u64 },
    #[error("the elements of register {name} are {expected}, and so is the data of an update")]
    OtherData { name: Arc<str>, expected: &'static str },
    #[error("the data for register {name}: {error}")]
    DataBytes { name: Arc<str>, error: InvalidBytes },

    #[error("who reads of all tables cannot choose by {0}")]
    ChoiceOfAll(&'static str),
    #[error("table {table} has no such entry")]
    NoEntry { table: Arc<str> },

    #[error(transparent)]
    Table(#[from] WriteError),
}

impl Refusal {
    /// The code of the P4Runtime specification: sections 9 and 10 and, for values that do not fit,
    /// section 8.4.
    pub(crate) fn code(&self) -> Code {
        match self {
            Refusal::Unsupported(_) | Refusal::DefaultCounter => Code::Unimplemented,
            Refusal::UnknownId { .. } | Refusal::NoEntry { .. } => Code::NotFound,
            Refusal::IndexTooLarge { .. } => Code::OutOfRange,
            Refusal::MetadataTooLong { .. } | Refusal::TooManyElements { .. } => {
                Code::ResourceExhausted
            }
            Refusal::FieldBytes { error, .. }
            | Refusal::ParameterBytes { error, .. }
            | Refusal::DataBytes { error, .. } => match error {
                InvalidBytes::Empty => Code::InvalidArgument,
                InvalidBytes::TooWide { .. } => Code::OutOfRange,
            },
            Refusal::Table(error) => match error {
                WriteError::Exists { .. } => Code::AlreadyExists,
                WriteError::UnknownTable { .. } | WriteError::NotFound { .. } => Code::NotFound,
                WriteError::Full { .. } => Code::ResourceExhausted,
                WriteError::ConstEntries { .. }
                | WriteError::ConstEntry { .. }
                | WriteError::ConstDefault { .. }
                | WriteError::DefaultOnly { .. }
                | WriteError::TableOnly { .. } => Code::PermissionDenied,
                WriteError::KeyTooWide { .. } | WriteError::ArgumentTooWide { .. } => {
                    Code::OutOfRange
                }
                WriteError::NoKey { .. }
                | WriteError::KeyCount { .. }
                | WriteError::WrongMatchKind { .. }
                | WriteError::PrefixTooLong { .. }
                | WriteError::BitsOutsideMask { .. }
                | WriteError::LowAboveHigh { .. }
                | WriteError::PriorityMissing { .. }
                | WriteError::PriorityNotAllowed { .. }
                | WriteError::UnknownAction { .. }
                | WriteError::ArgumentCount { .. } => Code::InvalidArgument,
            },
            Refusal::NoEntity
            | Refusal::NoUpdateType
            | Refusal::OnlyModified(_)
            | Refusal::IsConst
            | Refusal::IdleTimeout { .. }
            | Refusal::Meter { .. }
            | Refusal::NoDirectCounter { .. }
            | Refusal::NegativeCount(_)
            | Refusal::UnknownField { .. }
            | Refusal::FieldTwice { .. }
            | Refusal::FieldMissing { .. }
            | Refusal::NoMatch { .. }
            | Refusal::OtherMatch { .. }
            | Refusal::DoesNotMatter { .. }
            | Refusal::NegativePrefix { .. }
            | Refusal::NegativePriority(_)
            | Refusal::NoAction
            | Refusal::ActionProfile { .. }
            | Refusal::UnknownAction { .. }
            | Refusal::UnknownParameter { .. }
            | Refusal::ParameterTwice { .. }
            | Refusal::ParameterMissing { .. }
            | Refusal::DefaultInserted { .. }
            | Refusal::DefaultWith { .. }
            | Refusal::NegativeIndex(_)
            | Refusal::OtherData { .. }
            | Refusal::ChoiceOfAll(_) => Code::InvalidArgument,
        }
    }

    fn to_wire(&self) -> v1::Error {
        let mut message = self.to_string();
        message.truncate(message.floor_char_boundary(MAX_TEXT_BYTES));
        v1::Error { canonical_code: self.code() as i32, message, ..v1::Error::default() }
    }
}

/// What became of each of `count` updates or requests to read: of those that were refused why, and
/// of the others the code.
pub(crate) fn errors(count: usize, others: Code, refused: &[(usize, Refusal)]) -> Vec<v1::Error> {
    let other = v1::Error { canonical_code: others as i32, ..v1::Error::default() };
    let mut errors = vec![other; count];
    let mut room = MAX_TEXTS_BYTES;
    for (place, refusal) in refused {
        let Some(slot) = errors.get_mut(*place) else { continue };
        *slot = refusal.to_wire();
        match room.checked_sub(slot.message.len()) {
            Some(rest) => room = rest,
            None => slot.message.clear(),
        }
    }
    errors
}
