//! The daemon's core under faults and crashes, step by step and by seed.
//!
//! A world is built from one number: a switch with small tables, the faults of the way to it, a
//! disk that fails and loses its power, clients that contradict each other and a network that
//! repeats what they said long ago. In between is the real controller with the real journal. It is
//! killed between any two steps and in the midst of any, and starts again, on the same switch or on
//! another. After each step everything is compared with a model that is made to be obvious, and
//! after every single table write packets are sent.
//!
//! ```
//! let report = dpd_simulation::run(&dpd_simulation::Options::new(1));
//! assert!(report.broken.is_none(), "{report}");
//! // The same seed is the same run.
//! let again = dpd_simulation::run(&report.options);
//! assert_eq!(again.trace_hash, report.trace_hash);
//! ```

mod random;

mod universe;

mod model;

mod client;

mod routes;

mod planted;

mod power;

mod watch;

mod switch;

mod notebook;

mod coverage;

mod report;

mod check;

mod daemon;

mod answers;

mod steps;

mod routing;

mod simulation;

mod campaign;

pub use campaign::{Campaign, Findings};
pub use coverage::Coverage;
pub use planted::Planted;
pub use report::{Broken, Options, Report};
pub use simulation::run;
