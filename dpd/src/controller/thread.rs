//! The thread that the controller lives on, and how others reach it.

use super::{Audit, Controller, Done, Failure, Published, Request};
use crate::forwarding::Command as ForwardingCommand;
use asic::{Counter, PerTable, ReadError, Row, RowKey, Table};
use nat_groups::Stamp;
use std::io;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, TryRecvError};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// The way to the controller for everyone else. The controller ends when it is told to, or when the
/// last of these is dropped.
#[derive(Clone, Debug)]
pub struct Handle {
    jobs: Sender<Job>,
    published: Published,
    size_rows: PerTable<u32>,
}

/// What the controller is asked to do. Each job is done whether or not anyone still waits for it.
enum Job {
    Change(Box<Request>, oneshot::Sender<Result<Done, Failure>>),
    Forward(Box<(ForwardingCommand, Stamp)>, oneshot::Sender<Result<(), Failure>>),
    Read(Table, oneshot::Sender<Result<Vec<Row>, ReadError>>),
    Count(Table, oneshot::Sender<Result<Vec<(RowKey, Counter)>, ReadError>>),
    Audit { repair: bool, answer: oneshot::Sender<Result<Audited, Failure>> },
    Repair,
    Look,
    Stop,
}

/// What an audit found, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audited {
    /// What it found.
    pub audit: Audit,
    /// How many table writes repaired it.
    pub repaired: u64,
    /// How many differences are left.
    pub remaining: u64,
}

/// The controller's thread, seen from outside.
#[derive(Debug)]
pub struct Thread {
    thread: JoinHandle<()>,
    ended: oneshot::Receiver<()>,
}

/// Starts the controller's thread.
///
/// # Errors
///
/// If the system has no thread to give.
pub fn spawn(controller: Controller) -> io::Result<(Handle, Thread)> {
    let (jobs, queue) = mpsc::channel();
    let handle =
        Handle { jobs, published: controller.published(), size_rows: controller.size_rows() };
    let (until_the_end, ended) = oneshot::channel::<()>();
    let thread = std::thread::Builder::new().name("controller".to_owned()).spawn(move || {
        let _until_the_end = until_the_end;
        run(controller, &queue);
    })?;
    Ok((handle, Thread { thread, ended }))
}

impl Thread {
    /// Waits until the controller has ended, be it because it was told to or because it failed.
    pub async fn ended(&mut self) {
        // Nothing is ever sent: it is dropped at the end.
        let _ = (&mut self.ended).await;
    }

    /// Waits, blocking, until the controller has ended, and says whether it failed.
    pub fn join(self) -> bool {
        self.thread.join().is_err()
    }
}

impl Handle {
    /// Where to read the latest state.
    pub fn published(&self) -> &Published {
        &self.published
    }

    /// The size of each table.
    pub fn size_rows(&self) -> PerTable<u32> {
        self.size_rows
    }

    /// Makes a change, or says what it would do. It is done even if the answer is not awaited.
    ///
    /// # Errors
    ///
    /// As [`Controller::change`]; [`Failure::Stopping`] if there is no controller any more.
    pub async fn change(&self, request: Request) -> Result<Done, Failure> {
        let answer = self.ask(|answer| Job::Change(Box::new(request), answer)).await;
        answer.unwrap_or(Err(Failure::Stopping))
    }

    /// Makes a change of ports, routes, neighbours or the underlay address. It is done even if the
    /// answer is not awaited.
    ///
    /// # Errors
    ///
    /// As [`Controller::change_forwarding`]; [`Failure::Stopping`] if there is no controller any
    /// more.
    pub async fn change_forwarding(
        &self,
        command: ForwardingCommand,
        stamp: Stamp,
    ) -> Result<(), Failure> {
        let answer = self.ask(|answer| Job::Forward(Box::new((command, stamp)), answer)).await;
        answer.unwrap_or(Err(Failure::Stopping))
    }

    /// Reads a table from the device.
    ///
    /// # Errors
    ///
    /// As [`Controller::read_table`].
    pub async fn read_table(&self, table: Table) -> Result<Vec<Row>, ReadError> {
        self.ask(|answer| Job::Read(table, answer)).await.unwrap_or_else(|| stopping(table))
    }

    /// Reads the counters of a table from the device.
    ///
    /// # Errors
    ///
    /// As [`Controller::read_counters`].
    pub async fn read_counters(&self, table: Table) -> Result<Vec<(RowKey, Counter)>, ReadError> {
        self.ask(|answer| Job::Count(table, answer)).await.unwrap_or_else(|| stopping(table))
    }

    /// Reads the device back, compares it with what it should hold, and mends that unless told not
    /// to. Requests go between the batches of the repair.
    ///
    /// # Errors
    ///
    /// [`Failure::Device`] if the device cannot be read; [`Failure::Stopping`] if there is no
    /// controller any more.
    pub async fn audit(&self, repair: bool) -> Result<Audited, Failure> {
        let answer = self.ask(|answer| Job::Audit { repair, answer }).await;
        answer.unwrap_or(Err(Failure::Stopping))
    }

    /// Starts a repair pass, and does not wait for it.
    pub fn repair(&self) {
        // Without a controller there is nothing to repair.
        let _ = self.jobs.send(Job::Repair);
    }

    /// Tells that the device may have begun another epoch, which the controller then looks into.
    pub fn look(&self) {
        // Without a controller nobody need look.
        let _ = self.jobs.send(Job::Look);
    }

    /// Ends the controller once it has done all that it was asked before. What is asked of it from
    /// then on is refused.
    pub fn stop(&self) {
        // Without a controller there is nothing to end.
        let _ = self.jobs.send(Job::Stop);
    }

    /// None if there is no controller any more.
    async fn ask<T>(&self, job: impl FnOnce(oneshot::Sender<T>) -> Job) -> Option<T> {
        let (answer, answered) = oneshot::channel();
        self.jobs.send(job(answer)).ok()?;
        answered.await.ok()
    }
}

fn stopping<T>(table: Table) -> Result<T, ReadError> {
    Err(ReadError::Refused { table, words: "dpd is stopping".to_owned() })
}

/// Does jobs as they come, and what is due by itself in between.
fn run(mut controller: Controller, queue: &Receiver<Job>) {
    controller.take_over();
    let mut waiting: Option<Job> = None;
    let mut audits = Vec::new();
    loop {
        let job = match (waiting.take(), controller.due_in()) {
            (Some(job), _) => Ok(job),
            (None, Some(due_in)) => queue.recv_timeout(due_in),
            (None, None) => queue.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match job.map(|job| do_job(&mut controller, job)) {
            Ok(Next::Answer(audit, answer)) => audits.push((audit, answer)),
            Ok(Next::Go) | Err(RecvTimeoutError::Timeout) => {}
            Ok(Next::End) | Err(RecvTimeoutError::Disconnected) => return controller.close(),
        }
        // A job that comes while a repair is under way is taken out of the queue to be next.
        let mut pause = || match queue.try_recv() {
            Ok(job) => {
                waiting = Some(job);
                true
            }
            Err(TryRecvError::Empty) => false,
            Err(TryRecvError::Disconnected) => true,
        };
        // Under a stream of requests the queue is never empty, and what is due goes between.
        controller.tend(&mut pause);
        // An audit is answered once what can be mended is.
        if !audits.is_empty() && !controller.is_repair_due() {
            let remaining = controller.differences();
            for (audit, answer) in audits.drain(..) {
                let repaired = controller.mended_since(&audit);
                // Whoever asked may have gone.
                let _ = answer.send(Ok(Audited { audit, repaired, remaining }));
            }
        }
    }
}

/// What follows a job.
enum Next {
    /// The next.
    Go,
    /// This audit is to be answered, in time.
    Answer(Audit, oneshot::Sender<Result<Audited, Failure>>),
    /// Nothing any more.
    End,
}

/// Does one job.
fn do_job(controller: &mut Controller, job: Job) -> Next {
    // Whoever asked may have gone; what was asked is done all the same.
    match job {
        Job::Change(request, answer) => {
            let _ = answer.send(controller.change(&request));
        }
        Job::Forward(request, answer) => {
            let (command, stamp) = *request;
            let _ = answer.send(controller.change_forwarding(command, &stamp));
        }
        Job::Read(table, answer) => {
            let _ = answer.send(controller.read_table(table));
        }
        Job::Count(table, answer) => {
            let _ = answer.send(controller.read_counters(table));
        }
        Job::Audit { repair, answer } => match controller.audit(repair) {
            Ok(audit) => return Next::Answer(audit, answer),
            Err(fault) => {
                let _ = answer.send(Err(Failure::Device(fault)));
            }
        },
        Job::Repair => controller.ask_repair(),
        // Whether the device is in another epoch is asked after each job.
        Job::Look => {}
        Job::Stop => return Next::End,
    }
    Next::Go
}
