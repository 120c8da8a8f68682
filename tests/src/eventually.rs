//! Waiting for what is to come.

use asic::BlockedWrites;
use std::future::Future;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval, timeout};

/// How long a test waits for what should be there almost at once, before it says that it is not.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Waits for a step that should not take long.
pub async fn soon<T>(step: impl Future<Output = T>) -> T {
    timeout(PATIENCE, step).await.expect("it took too long")
}

/// Looks again and again until it is so.
pub async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    eventually(what, async || is_so().await.then_some(())).await;
}

/// Waits until a write of the daemon is held up by `blocked`.
pub async fn stalled(blocked: &BlockedWrites) {
    until("a write is stalled", async || blocked.wait_for_writer(Duration::ZERO)).await;
}

/// Looks again and again until `look` finds what it is looking for, and returns that.
pub async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let mut again = interval(Duration::from_millis(2));
    again.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let found = timeout(PATIENCE, async {
        loop {
            again.tick().await;
            if let Some(found) = look().await {
                return found;
            }
        }
    });
    found.await.unwrap_or_else(|_| panic!("it never came about that {what}"))
}
