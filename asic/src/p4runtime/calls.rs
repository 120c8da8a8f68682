//! Calls by threads that wait for the answer.

use std::io;
use std::sync::mpsc;
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};
use tonic::Status;

use super::answer::Answer;

/// The thread that has the connection and all that belongs to it, until it is dropped.
#[derive(Debug)]
pub(super) struct Thread(Option<Runtime>);

/// Makes calls on the thread that has the connection, so that an answer wakes one thread and not
/// two, while the caller waits.
#[derive(Clone, Debug)]
pub(super) struct Calls {
    runtime: Handle,
}

impl Thread {
    pub(super) fn start() -> io::Result<(Thread, Calls)> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("p4runtime")
            .enable_all()
            .build()?;
        let calls = Calls { runtime: runtime.handle().clone() };
        Ok((Thread(Some(runtime)), calls))
    }
}

impl Drop for Thread {
    /// Ends everything, and waits for nothing.
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl Calls {
    /// What came of a task; nothing if the thread ended first.
    pub(super) fn run<T: Send + 'static>(
        &self,
        task: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        let (sender, receiver) = mpsc::sync_channel(1);
        self.runtime.spawn(async move {
            // Whoever asked is waiting.
            let _ = sender.send(task.await);
        });
        receiver.recv().ok()
    }

    /// What came of a call within `timeout`. One that is late is given up, and the switch told so.
    pub(super) fn wait<T: Send + 'static>(
        &self,
        timeout: Duration,
        call: impl Future<Output = Result<T, Status>> + Send + 'static,
    ) -> Answer<T> {
        match self.run(async move { tokio::time::timeout(timeout, call).await }) {
            Some(Ok(Ok(done))) => Answer::Done(done),
            Some(Ok(Err(status))) => Answer::Failed(status),
            Some(Err(_)) => Answer::Late(timeout),
            None => Answer::Lost,
        }
    }
}
