//! What the bench is doing, for whoever waits for it.

use std::fmt::Display;
use std::io::Write as _;
use std::time::Instant;

/// Lines on standard error, each with the time since the start.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Progress {
    start: Instant,
}

impl Progress {
    /// The time starts now.
    pub(crate) fn start() -> Self {
        Self { start: Instant::now() }
    }

    /// Says what comes now.
    pub(crate) fn now(&self, what: impl Display) {
        let seconds = self.start.elapsed().as_secs_f64();
        // Nobody has to listen.
        let _ = writeln!(std::io::stderr(), "{seconds:7.1} s  {what}");
    }
}
