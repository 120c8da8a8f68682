//! What the operations work on.

use super::pins::Pins;
use super::problem::Problem;
use crate::controller::thread::Handle;
use crate::controller::{Command, Done, Request, Snapshot, unix_micros};
use crate::metrics::Meters;
use crate::packets::PacketSide;
use nat_groups::{GroupName, Stamp};
use parking_lot::Mutex;
use slog::Logger;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::Semaphore;

/// What all operations share.
pub(crate) struct Context {
    controller: Handle,
    packets: Option<Arc<dyn PacketSide>>,
    pub(super) pins: Mutex<Pins>,
    /// As many permits as there are processors: large computations beyond that wait, so that small
    /// requests find a processor free.
    large: Semaphore,
    pub(super) rpw_group: GroupName,
    pub(super) started: Instant,
    pub(super) meters: Meters,
    pub(super) log: Logger,
}

/// Work is large if it handles more bytes than this; a processor takes some 0.3 ms for them.
pub(super) const LARGE_BYTES: usize = 64 * 1024;
/// Or more items than this.
pub(super) const LARGE_ITEMS: usize = 256;

impl Context {
    /// Operations on this controller and this device.
    pub(crate) fn new(
        controller: Handle,
        packets: Option<Arc<dyn PacketSide>>,
        rpw_group: GroupName,
        meters: Meters,
        log: Logger,
    ) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, |count| count.get());
        Self {
            controller,
            packets,
            pins: Mutex::default(),
            large: Semaphore::new(processors),
            rpw_group,
            started: Instant::now(),
            meters,
            log,
        }
    }

    /// The way to the controller.
    pub(super) fn controller(&self) -> &Handle {
        &self.controller
    }

    /// Asks what moves the packets, if the device forwards any. It may take its time, on a thread
    /// where it holds up nobody.
    pub(super) async fn ask_packets<T: Send + 'static>(
        &self,
        question: impl FnOnce(&dyn PacketSide) -> T + Send + 'static,
    ) -> Result<Option<T>, Problem> {
        let Some(packets) = self.packets.clone() else { return Ok(None) };
        let answer = tokio::task::spawn_blocking(move || question(&*packets)).await;
        answer.map(Some).map_err(|_| Problem::Internal("a question to the device was broken off"))
    }

    /// The latest state.
    pub(super) fn snapshot(&self) -> Arc<Snapshot> {
        self.controller.published().load()
    }

    /// Makes a change on behalf of a request, or says what it would do.
    pub(super) async fn change(
        &self,
        request_id: &str,
        command: Command,
        dry_run: bool,
    ) -> Result<Done, Problem> {
        self.pins.lock().expire(Instant::now());
        let stamp = stamp(request_id);
        self.controller.change(Request { command, dry_run, stamp }).await.map_err(Problem::Failure)
    }

    /// Does `work` here if it is small, and else on a thread where it holds up nobody.
    pub(super) async fn compute<T: Send + 'static>(
        &self,
        is_large: bool,
        work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        if !is_large {
            return work();
        }
        let _permit = self.large.acquire().await;
        let result = tokio::task::spawn_blocking(work).await;
        result.unwrap_or(Err(Problem::Internal("a computation was broken off")))
    }
}

/// A stamp for what happens now.
pub(crate) fn stamp(request_id: &str) -> Stamp {
    Stamp { unix_micros: unix_micros(), request_id: request_id.into() }
}
