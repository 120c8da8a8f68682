//! dpd as its clients and its switch see it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

// What the operations on groups do.
mod adoption;
mod capacity;
mod deletion;
mod dry_run;
mod ensure;
mod forwarding;
mod history;
mod reading;
mod replay;
mod routing;
mod status;

// What they refuse.
mod bodies;
mod conflicts;
mod generations;
mod guards;
mod invalid_entries;
mod parameters;
mod precedence;
mod versions;

// What clients before groups use.
mod lessons;
mod per_entry;
mod tables;

// What becomes of it when the device fails.
mod audit;
mod chaos;
mod device_faults;
mod drift;
mod durable;
mod torn;

// Who comes, goes and waits.
mod connections;
mod log;
mod metrics;
mod pinned_pages;
mod stalled_device;
mod writers;

// All of it by chance, against a model.
mod model;
