//! What packets need besides the groups' mappings: ports, the underlay address, routes and
//! neighbours.
//!
//! All of it is one value, a [`Forwarding`], which cannot be built inconsistent. A [`Command`] makes
//! the next of it or is refused. `lower` turns it into the rows that should exist, and [`plan()`]
//! orders the writes from the rows that do to those, so that on the way no packet goes where
//! neither says. Everything here is pure.

mod state;

mod decide;

mod plan;

mod kept;

#[cfg(test)]
mod tests;

pub use decide::{Command, Refusal};
pub use kept::{InvalidDocument, Resumed};
pub use plan::{NoRoom, Plan, PlanFailure, Rows, plan};
pub use state::{
    Forwarding, InvalidForwarding, InvalidPortNumber, Neighbor, Port, PortNumber, PortRole, Route,
    Underlay, UnknownPortRole,
};
