//! The number of a group's set, chosen by the group's owner.

use std::fmt;
use std::num::NonZeroU64;
use thiserror::Error;

/// A generation, 1 to 2^63-1. A group's generation only ever grows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generation(NonZeroU64);

impl Generation {
    /// The first.
    pub const FIRST: Generation = Generation(NonZeroU64::MIN);
    /// The greatest number there may be.
    pub const MAX: u64 = i64::MAX as u64;

    /// The generation `number`, from 1 to [`Generation::MAX`].
    pub fn new(number: u64) -> Result<Self, InvalidGeneration> {
        NonZeroU64::new(number)
            .filter(|n| n.get() <= Self::MAX)
            .map(Self)
            .ok_or(InvalidGeneration { number })
    }

    /// Its number.
    pub fn get(self) -> u64 {
        self.0.get()
    }

    /// The one after it, which nobody chose: for the built-in group, whose generations we count.
    pub(crate) fn successor(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "g{}", self.0)
    }
}

/// A number that is no generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("generation {number} is not between 1 and 2^63-1")]
pub struct InvalidGeneration {
    /// The number given.
    pub number: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case::zero(0, false)]
    #[case::first(1, true)]
    #[case::last(9_223_372_036_854_775_807, true)]
    #[case::beyond(9_223_372_036_854_775_808, false)]
    fn a_generation_is_from_1_to_2_to_the_63_less_1(#[case] number: u64, #[case] valid: bool) {
        assert_eq!(Generation::new(number).map(Generation::get).ok(), valid.then_some(number));
    }
}
