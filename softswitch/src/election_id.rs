//! Election ids.

use std::fmt;

use p4runtime::v1;

/// How high a controller stands among those of its role. Shown as its halves, as in `0:7`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ElectionId(pub(crate) u128);

impl ElectionId {
    pub(crate) fn from_wire(id: v1::Uint128) -> ElectionId {
        ElectionId(id.get())
    }

    pub(crate) fn to_wire(self) -> v1::Uint128 {
        v1::Uint128::from(self.0)
    }
}

impl fmt::Display for ElectionId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let v1::Uint128 { high, low } = self.to_wire();
        write!(formatter, "{high}:{low}")
    }
}
