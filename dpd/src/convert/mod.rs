//! Between what crosses the wire and what the core knows. Everything here is pure.
//!
//! Towards the core, a value is checked and *every* reason why it is not allowed is given.

mod entry;
mod request;
mod response;

pub use entry::{AddressKind, EntryProblem, unchecked_target};
pub use request::{
    EntryReason, InvalidRequest, InvalidRequestEntry, ValueProblem, ensure, generation, group_name,
};
pub use response::{
    change, ensure_results, entry, entry_conflict, generation_info, group_rows, group_view,
    table_counter, table_entry, wire_digest, wire_slot, wire_target,
};
