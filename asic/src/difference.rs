//! In what a table of a program differs from the list of tables.

use thiserror::Error;

use crate::spec::{MatchKind, TableSpec};

/// In what a table of a program differs from the list of tables.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "the sentences say what the fields are")]
pub enum Difference {
    /// Another number of rows.
    #[error("it has {program} rows there and {list} here")]
    Size { program: u64, list: u32 },
    /// Other key fields.
    #[error("its key is {} there and {} here", program.join(", "), list.join(", "))]
    Keys { program: Vec<String>, list: Vec<String> },
    /// Other actions.
    #[error("its actions are {} there and {} here", program.join(", "), list.join(", "))]
    Actions { program: Vec<String>, list: Vec<String> },
    /// A direct counter in one of them.
    #[error("its rows {} there and {} here", has_counters(*.program), has_counters(*.list))]
    Counters { program: bool, list: bool },
}

fn has_counters(has: bool) -> &'static str {
    if has { "have counters" } else { "have no counters" }
}

/// A key field, as a text that is compared and shown.
pub(crate) fn key_text(name: &str, kind: MatchKind, width_bits: u32) -> String {
    format!("{name}: {kind} of {width_bits} bits")
}

/// The key fields of a table of the list.
pub(crate) fn keys_of_list(spec: &TableSpec) -> Vec<String> {
    spec.keys.iter().map(|key| key_text(key.name, key.kind, key.width_bits)).collect()
}

/// An action with the widths of its arguments, as a text that is compared and shown.
pub(crate) fn action_text<'a>(
    name: &str,
    arguments: impl Iterator<Item = (&'a str, u32)>,
) -> String {
    let arguments: Vec<String> =
        arguments.map(|(name, width_bits)| format!("{name}: {width_bits} bits")).collect();
    format!("{name}({})", arguments.join(", "))
}

/// The actions of a table of the list.
pub(crate) fn actions_of_list(spec: &TableSpec) -> Vec<String> {
    let text = |action: &crate::ActionSpec| {
        let arguments = action.arguments.iter();
        action_text(action.name, arguments.map(|argument| (argument.name, argument.width_bits)))
    };
    spec.actions.iter().map(text).collect()
}
