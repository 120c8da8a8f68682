//! The name of a group.

use std::fmt;
use std::sync::Arc;
use thiserror::Error;

/// A group's name, matching `[a-z][a-z0-9._:-]{0,62}`. Cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupName(Arc<str>);

impl GroupName {
    /// The greatest length, in bytes.
    pub const MAX_LEN: usize = 63;
    /// The name of the built-in group that holds what the per-entry operations made.
    pub const UNGROUPED: &'static str = "ungrouped";

    /// The name `name`, if it is one.
    pub fn new(name: &str) -> Result<Self, InvalidGroupName> {
        let rest = name.strip_prefix(|c: char| c.is_ascii_lowercase());
        let valid = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._:-".contains(c);
        match rest {
            Some(rest) if name.len() <= Self::MAX_LEN && rest.chars().all(valid) => {
                Ok(Self(name.into()))
            }
            _ => Err(InvalidGroupName { name: name.to_owned() }),
        }
    }

    /// The built-in group's name.
    pub fn ungrouped() -> Self {
        Self(Self::UNGROUPED.into())
    }

    /// Whether it names the built-in group.
    pub fn is_ungrouped(&self) -> bool {
        self.as_str() == Self::UNGROUPED
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for GroupName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for GroupName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// A text that is no group name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "{name:?} is not a group name: it takes a lower-case letter, then up to 62 lower-case letters, \
     digits, '.', '_', ':' or '-'"
)]
pub struct InvalidGroupName {
    /// The text given.
    pub name: String,
}

/// A group's handle inside one store: smaller than its name, and not used again after the group was
/// deleted, for as long as the store is in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupId(pub(crate) u32);

impl GroupId {
    /// The built-in group.
    pub const UNGROUPED: GroupId = GroupId(0);

    /// The handle with this number.
    pub fn new(number: u32) -> Self {
        Self(number)
    }

    /// Its number.
    pub fn get(self) -> u32 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case::one_letter("a", true)]
    #[case::every_kind("a0._:-z", true)]
    #[case::longest(&"a".repeat(63), true)]
    #[case::too_long(&"a".repeat(64), false)]
    #[case::empty("", false)]
    #[case::begins_with_a_digit("0a", false)]
    #[case::begins_with_a_dash("-a", false)]
    #[case::capital("aB", false)]
    #[case::slash("a/b", false)]
    #[case::not_ascii("aé", false)]
    #[case::line_end("a\n", false)]
    fn a_group_name_is_what_is_published(#[case] name: &str, #[case] valid: bool) {
        assert_eq!(
            GroupName::new(name).map(|name| name.to_string()).ok(),
            valid.then(|| name.into())
        );
    }
}
