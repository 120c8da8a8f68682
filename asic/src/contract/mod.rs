//! What every device owes its owner, as tests that run over any implementation.
//!
//! A device passes if [`check_all`] finds nothing:
//!
//! ```
//! use asic::contract::{self, MemoryBackDoor, Subject};
//! use asic::{MemoryAsic, MemoryConfig, PerTable};
//!
//! let violations = contract::check_all(&mut |size_rows| {
//!     let size_rows = PerTable::from_fn(|_| size_rows);
//!     let asic = MemoryAsic::new(MemoryConfig { size_rows, ..MemoryConfig::default() });
//!     let back_door = Box::new(MemoryBackDoor(asic.handle()));
//!     Subject { asic: Box::new(asic), back_door }
//! });
//! assert_eq!(violations, []);
//! ```

mod batches;
mod capacity;
mod counters;
mod prefixes;
mod priorities;
mod probe;
mod sample;
mod single_writes;

use thiserror::Error;

use crate::action::Action;
use crate::device::Asic;
use crate::invalid::InvalidRow;
use crate::memory::MemoryHandle;
use crate::outcome::{Outcome, ReadError, WriteError};
use crate::row::TableWrite;
use crate::soft::SoftHandle;
use crate::table::Table;
use crate::value::Value;

/// A device under test, fresh and empty, with a way to it past its owner.
pub struct Subject {
    /// The device.
    pub asic: Box<dyn Asic>,
    /// What its owner does not see.
    pub back_door: Box<dyn BackDoor>,
}

/// What the world does to a device: packets, and changes that its owner did not ask for.
pub trait BackDoor {
    /// Sends a packet with these values of the table's key fields, in their order, and returns
    /// the action that it meets.
    ///
    /// # Errors
    ///
    /// If these are not values of the table's key fields.
    fn packet(
        &mut self,
        table: Table,
        fields: &[Value],
        length_bytes: u64,
    ) -> Result<Option<Action>, InvalidRow>;

    /// Performs a write that the device's owner does not learn of.
    ///
    /// # Errors
    ///
    /// The device's refusal.
    fn alter(&mut self, write: &TableWrite) -> Outcome;
}

/// The back door of a [`MemoryAsic`](crate::MemoryAsic), wrapped or not.
#[derive(Clone, Debug)]
pub struct MemoryBackDoor(pub MemoryHandle);

/// The back door of a [`SoftAsic`](crate::SoftAsic), wrapped or not.
#[derive(Clone, Debug)]
pub struct SoftBackDoor(pub SoftHandle);

/// Makes devices with tables of as many rows as it is told or, if the device will not be told,
/// of as many as it has.
pub type Factory<'a> = dyn FnMut(u32) -> Subject + 'a;

/// One thing that a device owes its owner.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The rule in short, as an identifier.
    pub name: &'static str,
    test: fn(&mut Factory<'_>) -> Result<(), Breach>,
}

/// A rule that a device does not keep.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{rule}: {breach}")]
pub struct Violation {
    /// The name of the rule.
    pub rule: &'static str,
    /// How the device does not keep it.
    pub breach: Breach,
}

/// How a device does not keep a rule.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Breach {
    /// Something is other than it must be.
    #[error("{what}: expected {expected}, found {found}")]
    Differs {
        /// What it is about.
        what: &'static str,
        /// What a device that keeps the rule has there.
        expected: String,
        /// What this one has.
        found: String,
    },
    /// A write failed that must succeed.
    #[error("{write}: {error}")]
    Write {
        /// The write.
        write: Box<TableWrite>,
        /// What became of it.
        error: WriteError,
    },
    /// A table could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The suite could not make a row for a table.
    #[error(transparent)]
    Sample(#[from] InvalidRow),
}

/// Lists rules under the names of the functions that test them.
macro_rules! rules {
    ($($module:ident::$test:ident,)+) => {
        &[$(Rule { name: stringify!($test), test: $module::$test }),+]
    };
}

/// Every rule of the contract.
pub const RULES: &[Rule] = rules![
    single_writes::a_fresh_device_is_empty,
    single_writes::rows_read_back_exactly_and_in_order,
    single_writes::tables_are_read_from_the_device,
    single_writes::a_modify_changes_the_action_and_nothing_else,
    single_writes::a_delete_removes_its_row_and_no_other,
    single_writes::an_insert_of_a_row_that_is_there_is_refused,
    single_writes::a_modify_or_delete_of_a_row_that_is_not_there_is_refused,
    single_writes::ranges_hold_both_their_bounds_and_no_more,
    batches::each_write_has_one_outcome_in_order,
    batches::a_failed_batch_leaves_nothing_where_the_device_says_so,
    batches::an_empty_batch_has_no_outcomes,
    batches::large_batches_are_performed_whole,
    batches::a_batch_beyond_the_largest_is_not_attempted,
    capacity::a_table_takes_all_its_rows_and_refuses_the_next,
    priorities::priority_zero_is_refused,
    priorities::a_row_is_known_by_its_key_and_its_priority,
    priorities::the_larger_priority_wins,
    priorities::rows_of_one_priority_do_not_overlap,
    priorities::a_device_without_priorities_takes_the_default_alone,
    priorities::a_table_whose_rows_never_compete_takes_the_default_priority_alone,
    prefixes::the_longest_prefix_wins,
    prefixes::a_prefix_is_known_by_its_value_and_its_length,
    counters::counters_count_packets_and_bytes,
    counters::counters_live_through_a_modify_and_not_through_a_delete,
    counters::a_table_without_counters_has_none_to_show,
];

/// Checks every rule, each on devices of its own, and returns those not kept.
pub fn check_all(factory: &mut Factory<'_>) -> Vec<Violation> {
    RULES.iter().filter_map(|rule| rule.check(factory).err()).collect()
}

impl Rule {
    /// Checks this rule.
    ///
    /// # Errors
    ///
    /// The first way found in which a device does not keep it.
    pub fn check(&self, factory: &mut Factory<'_>) -> Result<(), Violation> {
        (self.test)(factory).map_err(|breach| Violation { rule: self.name, breach })
    }
}

impl BackDoor for SoftBackDoor {
    fn packet(
        &mut self,
        table: Table,
        fields: &[Value],
        length_bytes: u64,
    ) -> Result<Option<Action>, InvalidRow> {
        self.0.lookup(table, fields, length_bytes)
    }

    fn alter(&mut self, write: &TableWrite) -> Outcome {
        self.0.alter(write)
    }
}

impl BackDoor for MemoryBackDoor {
    fn packet(
        &mut self,
        table: Table,
        fields: &[Value],
        length_bytes: u64,
    ) -> Result<Option<Action>, InvalidRow> {
        Ok(self.0.lookup(table, fields, length_bytes)?.map(|row| row.action()))
    }

    fn alter(&mut self, write: &TableWrite) -> Outcome {
        self.0.alter(write)
    }
}
