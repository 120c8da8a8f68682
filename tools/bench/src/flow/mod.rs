//! What clients do in a pass, so that what should exist does.

pub(crate) mod group;
pub(crate) mod per_entry;
