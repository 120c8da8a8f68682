//! A sign of life on a terminal while something takes long.

use indicatif::{ProgressBar, ProgressDrawTarget};
use std::time::{Duration, Instant};

/// Counts what has come, and shows the count on standard error if that is a terminal and it takes
/// long. It is wiped away in the end.
pub(crate) struct Progress {
    started: Instant,
    bar: ProgressBar,
}

/// What is faster than this needs no sign of life.
const PATIENCE: Duration = Duration::from_millis(500);

impl Progress {
    /// Starts to count.
    pub(crate) fn new() -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        Self { started: Instant::now(), bar }
    }

    /// Counts one more `what`, such as "entries".
    pub(crate) fn count(&self, what: &'static str) {
        self.bar.inc(1);
        if self.bar.position().is_multiple_of(1000) && self.started.elapsed() > PATIENCE {
            if self.bar.is_hidden() {
                self.bar.set_draw_target(ProgressDrawTarget::stderr());
            }
            self.bar.set_message(format!("{} {what}", self.bar.position()));
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
