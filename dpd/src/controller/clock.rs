//! The time, as the controller is told it.

use std::fmt;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// What tells the controller the time. It has no other, so that a simulation can give it one of its
/// own.
pub trait Clock: fmt::Debug + Send + Sync {
    /// How long it has been since some moment that stays the same. Never less than before.
    fn elapsed(&self) -> Duration;

    /// The date and time, in microseconds since the beginning of 1970, UTC.
    fn unix_micros(&self) -> u64;
}

/// The clock of the system.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    begun: Instant,
}

impl SystemClock {
    /// One that begins now.
    pub fn new() -> Self {
        Self { begun: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    fn unix_micros(&self) -> u64 {
        unix_micros()
    }
}

/// The date and time by the system's clock, in microseconds since the beginning of 1970, UTC.
pub fn unix_micros() -> u64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_epoch.as_micros()).unwrap_or(u64::MAX)
}
