//! The way to a daemon that may be gone at any moment.

use crate::http::{Answer, attempt};
use serde_json::Value;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::yield_now;
use std::time::{Duration, Instant};

/// How long to wait for requests and answers.
const PATIENCE: Duration = Duration::from_secs(60);

/// The way to a daemon, for all clients.
#[derive(Debug)]
pub(super) struct Link {
    address: String,
    requests: AtomicU64,
    answers: AtomicU64,
}

impl Link {
    pub(super) fn to(address: &str) -> Self {
        let (requests, answers) = (AtomicU64::new(0), AtomicU64::new(0));
        Self { address: address.to_owned(), requests, answers }
    }

    /// What came back, if anything did.
    pub(super) fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Option<Answer> {
        let mut sent = || {
            self.requests.fetch_add(1, Ordering::SeqCst);
        };
        let answer = attempt(&self.address, method, path, body, &mut sent).ok()?;
        self.answers.fetch_add(1, Ordering::SeqCst);
        Some(answer)
    }

    /// What came back from a daemon that nobody kills.
    #[track_caller]
    pub(super) fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, None).unwrap()
    }

    /// Waits until there have been as many requests and answers as `is_enough` wants.
    pub(super) fn wait_for(&self, is_enough: impl Fn(u64, u64) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        let count = |counter: &AtomicU64| counter.load(Ordering::SeqCst);
        while !is_enough(count(&self.requests), count(&self.answers)) {
            assert!(Instant::now() < deadline, "the clients have stopped: {self:?}");
            yield_now();
        }
    }
}
