//! Accepting connections.

use std::future::Future;
use std::io;
use std::time::Duration;

use slog::{Logger, warn};

/// How long to wait where the system has nothing left to give.
const PAUSE: Duration = Duration::from_millis(100);

/// The next connection. Where the system refuses, as it does when there are too many open files,
/// it is asked again after a while.
pub(crate) async fn next_connection<S, A, F>(log: &Logger, accept: impl Fn() -> F) -> S
where
    F: Future<Output = io::Result<(S, A)>>,
{
    loop {
        match accept().await {
            Ok((socket, _)) => return socket,
            Err(error) => {
                warn!(log, "a connection is not accepted"; "error" => %error);
                pause().await;
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "nothing is waited for but the time")]
async fn pause() {
    tokio::time::sleep(PAUSE).await;
}
