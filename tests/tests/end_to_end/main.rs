//! dpd as its clients and its switch see it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod deletion;
mod ensure;
mod history;
mod reading;
mod status;

mod bodies;
mod conflicts;
mod generations;
mod guards;
mod invalid_entries;
mod precedence;
