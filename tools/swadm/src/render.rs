//! What is printed for people.

mod audit;
mod diff;
mod failure;
mod forwarding;
mod grid;
mod group;
mod rows;
mod table;

#[cfg(test)]
mod tests;

pub(crate) use audit::audited;
pub(crate) use diff::diff;
pub(crate) use failure::failure_details;
pub(crate) use forwarding::RouteRow;
pub(crate) use grid::{Grid, Row};
pub(crate) use group::{deleted, ensured, group_view};
pub(crate) use rows::GroupedEntry;
pub(crate) use table::table_dump;
