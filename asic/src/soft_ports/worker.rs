//! A thread that moves frames.

use super::Forwarder;
use super::counters::Cells;
use super::link::{FrameBuffer, PacketSocket, Received};
use super::ports::Shared;
use parking_lot::Mutex;
use rustix::event::{EventfdFlags, PollFd, PollFlags, eventfd, poll};
use rustix::io::Errno;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// How many frames are taken from one port before the others have their turn.
const BURST: usize = 64;

/// What a thread is told to do.
pub(super) enum Order<S> {
    /// Use this socket for a port from now on.
    Open { port: usize, socket: Arc<S> },
    /// Let a port be.
    Close { port: usize },
    /// Stop.
    Stop,
}

/// A queue with a bell: whoever waits on the bell may wait for other things too.
pub(super) struct Mailbox<T> {
    letters: Mutex<Vec<T>>,
    bell: OwnedFd,
}

impl<T> Mailbox<T> {
    pub(super) fn new() -> Result<Self, Errno> {
        let bell = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        Ok(Self { letters: Mutex::new(Vec::new()), bell })
    }

    pub(super) fn put(&self, letter: T) {
        self.letters.lock().push(letter);
        // It can only fail by being rung already.
        let _ = rustix::io::write(&self.bell, &1_u64.to_ne_bytes());
    }

    pub(super) fn take(&self) -> Vec<T> {
        let mut rung = [0; 8];
        let _ = rustix::io::read(&self.bell, &mut rung);
        std::mem::take(&mut *self.letters.lock())
    }

    pub(super) fn bell(&self) -> BorrowedFd<'_> {
        self.bell.as_fd()
    }
}

/// What a thread reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Report {
    /// Its socket on a port failed, and it has let go of it.
    Lost { port: usize },
    /// To the keeper: stop.
    Stop,
}

pub(super) struct Worker<F: Forwarder, S> {
    thread: usize,
    shared: Arc<Shared>,
    orders: Arc<Mailbox<Order<S>>>,
    reports: Arc<Mailbox<Report>>,
    forwarder: Arc<F>,
    sockets: Vec<Option<Arc<S>>>,
}

impl<F: Forwarder, S: PacketSocket> Worker<F, S> {
    pub(super) fn new(
        thread: usize,
        shared: Arc<Shared>,
        orders: Arc<Mailbox<Order<S>>>,
        reports: Arc<Mailbox<Report>>,
        forwarder: Arc<F>,
    ) -> Self {
        let sockets = shared.ports.iter().map(|_| None).collect();
        Self { thread, shared, orders, reports, forwarder, sockets }
    }

    /// Moves frames until told to stop.
    pub(super) fn work(mut self) {
        let mut run = self.forwarder.run();
        let mut buffer = FrameBuffer::new();
        let mut ready = Vec::with_capacity(self.sockets.len());
        loop {
            let rung = self.wait(&mut ready);
            if rung && !self.obey() {
                return;
            }
            for &port in &ready {
                self.burst(port, &mut run, &mut buffer);
            }
        }
    }

    /// Waits until there is something to do, and says which ports have frames and whether there are
    /// orders.
    fn wait(&self, ready: &mut Vec<usize>) -> bool {
        ready.clear();
        let open =
            || self.sockets.iter().enumerate().filter_map(|(port, s)| Some((port, s.as_ref()?)));
        let mut fds = Vec::with_capacity(1 + self.sockets.len());
        fds.push(PollFd::from_borrowed_fd(self.orders.bell(), PollFlags::IN));
        fds.extend(open().map(|(_, socket)| PollFd::new(socket.as_ref(), PollFlags::IN)));
        // It fails if a signal comes, and for want of memory; both pass.
        if poll(&mut fds, None).is_err() {
            return true;
        }
        let happened = |fd: &PollFd<'_>| !fd.revents().is_empty();
        ready.extend(
            open().zip(&fds[1..]).filter(|(_, fd)| happened(fd)).map(|((port, _), _)| port),
        );
        happened(&fds[0])
    }

    /// Does what it is told, and says whether to go on.
    fn obey(&mut self) -> bool {
        for order in self.orders.take() {
            match order {
                Order::Open { port, socket } => self.sockets[port] = Some(socket),
                Order::Close { port } => self.sockets[port] = None,
                Order::Stop => return false,
            }
        }
        true
    }

    fn burst(&mut self, port: usize, run: &mut F::Run, buffer: &mut FrameBuffer) {
        let Some(socket) = self.sockets[port].as_ref() else { return };
        let number = self.shared.ports[port].number;
        let cells = &self.shared.ports[port].cells[self.thread];
        for _ in 0..BURST {
            match socket.receive(buffer) {
                Ok(Received::Nothing) => return,
                Ok(Received::Frame { start, end, checksum_missing }) => {
                    let frame = &buffer.0[start..end];
                    cells.received_packets.add(1);
                    cells.received_bytes.add(frame.len() as u64);
                    if checksum_missing {
                        cells.checksum_missing.add(1);
                    }
                    self.forwarder.forward(run, number, frame, &mut |to, frame| match self
                        .shared
                        .port_of(to)
                    {
                        Some(to) => self.send(to, frame),
                        None => cells.to_no_port.add(1),
                    });
                }
                Ok(Received::TooLong) => cells.receive_too_long.add(1),
                Err(_) => {
                    cells.receive_errors.add(1);
                    self.sockets[port] = None;
                    self.reports.put(Report::Lost { port });
                    return;
                }
            }
        }
    }

    fn send(&self, port: usize, frame: &[u8]) {
        let shared = &self.shared.ports[port];
        let socket = self.sockets[port].as_deref().filter(|_| shared.up.load(Ordering::Relaxed));
        count_sent(&shared.cells[self.thread], socket, frame);
    }
}

/// Sends a frame, or drops it if there is no socket, and counts what becomes of it.
pub(super) fn count_sent<S: PacketSocket + ?Sized>(
    cells: &Cells,
    socket: Option<&S>,
    frame: &[u8],
) {
    let Some(socket) = socket else {
        cells.send_link_down.add(1);
        return;
    };
    match socket.send(frame) {
        Ok(()) => {
            cells.sent_packets.add(1);
            cells.sent_bytes.add(frame.len() as u64);
        }
        Err(error) => count_drop(cells, error),
    }
}

fn count_drop(cells: &Cells, error: Errno) {
    match error {
        Errno::MSGSIZE => cells.send_too_large.add(1),
        Errno::NOBUFS | Errno::AGAIN => cells.send_queue_full.add(1),
        Errno::NETDOWN | Errno::NXIO | Errno::NODEV => cells.send_link_down.add(1),
        _ => cells.send_failed.add(1),
    }
}
