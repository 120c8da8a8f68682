//! Whether the device may hold something other than what was read from it and written to it.

use asic::Asic;

/// The epoch of the device ([`Asic::epoch`]) to which belongs what we take its tables to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Epoch(u64);

impl Epoch {
    /// The present one. It is taken before the tables are read: of a change while they are being
    /// read, nobody can say before which of them it came.
    pub(super) fn of(asic: &dyn Asic) -> Self {
        Self(asic.epoch())
    }

    /// Whether the device has begun another since.
    pub(super) fn is_over(self, asic: &dyn Asic) -> bool {
        self != Self::of(asic)
    }

    /// Goes over to the present one, and says whether it is another. If it is, nothing is known of
    /// the tables until they are read.
    pub(super) fn advance(&mut self, asic: &dyn Asic) -> bool {
        std::mem::replace(self, Self::of(asic)) != *self
    }
}
