//! The thread that looks after the interfaces.

use super::counters;
use super::link::{Interface, Links, PacketSocket};
use super::ports::Shared;
use super::worker::{Mailbox, Order, Report};
use super::{DownReason, PortEvent, PortState};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;
use std::time::SystemTime;

/// How often the interfaces are looked at, and one that the system refused is tried again.
const LOOK_EVERY: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };

/// Finds out how the interfaces are and keeps the threads supplied with sockets.
pub(super) struct Keeper<L: Links> {
    links: L,
    shared: Arc<Shared>,
    /// Those that work.
    threads: Vec<Thread<L::Socket>>,
    reports: Arc<Mailbox<Report>>,
    report: Box<dyn Fn(PortEvent) + Send>,
    /// For each port, what is open.
    open: Vec<Option<Opened<L::Socket>>>,
    warned_of_checksums: Vec<bool>,
    unseen: Option<Errno>,
}

/// What the keeper has woken to do.
enum Woken {
    Look,
    Close(Vec<usize>),
    Stop,
}

struct Thread<S> {
    orders: Arc<Mailbox<Order<S>>>,
    handle: Option<JoinHandle<()>>,
}

struct Opened<S> {
    index: u32,
    sockets: Vec<Weak<S>>,
}

impl<L: Links> Keeper<L> {
    pub(super) fn new(
        links: L,
        shared: Arc<Shared>,
        threads: Vec<Arc<Mailbox<Order<L::Socket>>>>,
        reports: Arc<Mailbox<Report>>,
        report: Box<dyn Fn(PortEvent) + Send>,
    ) -> Self {
        let ports = shared.ports.len();
        let threads = threads.into_iter().map(|orders| Thread { orders, handle: None });
        Self {
            links,
            shared,
            threads: threads.collect(),
            reports,
            report,
            open: (0..ports).map(|_| None).collect(),
            warned_of_checksums: vec![false; ports],
            unseen: None,
        }
    }

    /// Looks after the interfaces until told to stop, then stops the threads, which are given in
    /// their order.
    pub(super) fn keep(mut self, workers: Vec<JoinHandle<()>>) {
        for (thread, worker) in self.threads.iter_mut().zip(workers) {
            thread.handle = Some(worker);
        }
        loop {
            match self.wait() {
                Woken::Stop => break,
                // All threads change to new sockets, so that they share the frames again; but at
                // the next look, so that what always fails is not tried without a pause.
                Woken::Close(ports) => ports.into_iter().for_each(|port| self.close(port)),
                Woken::Look => {
                    self.bury();
                    self.look();
                }
            }
        }
        self.count();
        for thread in &self.threads {
            thread.orders.put(Order::Stop);
        }
        for thread in &mut self.threads {
            // One that fails at the very end has nothing left to do.
            let _ = thread.handle.take().map(JoinHandle::join);
        }
    }

    fn wait(&self) -> Woken {
        let mut fds = [PollFd::from_borrowed_fd(self.reports.bell(), PollFlags::IN)];
        // A signal only makes it look early.
        if poll(&mut fds, Some(&LOOK_EVERY)) != Ok(1) {
            return Woken::Look;
        }
        let mut lost = Vec::new();
        for report in self.reports.take() {
            match report {
                Report::Stop => return Woken::Stop,
                Report::Lost { port } => lost.push(port),
            }
        }
        Woken::Close(lost)
    }

    /// Lets go of threads that failed. The kernel gives their share to the others, since their
    /// sockets are closed.
    fn bury(&mut self) {
        let before = self.threads.len();
        self.threads.retain(|thread| !thread.handle.as_ref().is_some_and(JoinHandle::is_finished));
        for _ in self.threads.len()..before {
            (self.report)(PortEvent::ThreadFailed);
        }
    }

    /// Looks at the interfaces once, and opens and closes what has changed.
    pub(super) fn look(&mut self) {
        self.count();
        let interfaces = match self.links.interfaces() {
            Ok(interfaces) => interfaces,
            Err(error) => {
                if self.unseen.replace(error) != Some(error) {
                    (self.report)(PortEvent::Unseen { os_error: error.raw_os_error() });
                }
                return;
            }
        };
        self.unseen = None;
        for port in 0..self.shared.ports.len() {
            let name = &self.shared.ports[port].interface;
            let interface = interfaces.iter().find(|interface| interface.name == *name);
            let state = self.settle(port, interface);
            self.publish(port, interface, state);
        }
    }

    /// Makes what is open fit what is there.
    fn settle(&mut self, port: usize, interface: Option<&Interface>) -> PortState {
        let Some(interface) = interface else {
            self.close(port);
            return PortState::Down(DownReason::Gone);
        };
        let is_open = self.open[port].as_ref().is_some_and(|open| open.index == interface.index);
        if !is_open || !interface.up {
            self.close(port);
        }
        if !interface.up {
            return PortState::Down(DownReason::SetDown);
        }
        if !is_open {
            match self.links.open(interface.index, self.threads.len()) {
                Ok(sockets) => self.hand_out(port, interface.index, sockets),
                // It may have gone between the look and the opening.
                Err(error) => {
                    let os_error = error.raw_os_error();
                    return PortState::Down(DownReason::Refused { os_error });
                }
            }
        }
        match interface.carrier {
            true => PortState::Up,
            false => PortState::Down(DownReason::NoCarrier),
        }
    }

    fn hand_out(&mut self, port: usize, index: u32, sockets: Vec<L::Socket>) {
        let mut kept = Vec::with_capacity(sockets.len());
        for (thread, socket) in self.threads.iter().zip(sockets) {
            let socket = Arc::new(socket);
            kept.push(Arc::downgrade(&socket));
            thread.orders.put(Order::Open { port, socket });
        }
        let exits = kept.iter().map(|socket| Weak::clone(socket) as Weak<dyn PacketSocket>);
        self.shared.ports[port].exit.lock().sockets = exits.collect();
        self.open[port] = Some(Opened { index, sockets: kept });
    }

    fn close(&mut self, port: usize) {
        if self.open[port].take().is_some() {
            for thread in &self.threads {
                thread.orders.put(Order::Close { port });
            }
        }
    }

    fn publish(&self, port: usize, interface: Option<&Interface>, state: PortState) {
        let shared = &self.shared.ports[port];
        shared.up.store(state == PortState::Up, Ordering::Relaxed);
        let changed = {
            let mut seen = shared.seen.lock();
            if let Some(interface) = interface {
                seen.mac = interface.mac;
                seen.mtu = interface.mtu;
            }
            let changed = seen.state != Some(state);
            if changed {
                seen.state = Some(state);
                seen.since = SystemTime::now();
            }
            changed
        };
        if changed {
            let (number, interface) = (shared.number, shared.interface.clone());
            (self.report)(PortEvent::State { number, interface, state });
        }
    }

    /// Counts what the kernel dropped, and warns of damaged frames.
    fn count(&mut self) {
        for (port, shared) in self.shared.ports.iter().enumerate() {
            let sockets = self.open[port].iter().flat_map(|open| &open.sockets);
            let dropped = sockets.filter_map(Weak::upgrade).map(|socket| socket.take_dropped());
            shared.receive_queue_full.add(dropped.sum());
            if !self.warned_of_checksums[port]
                && counters::sum(&shared.cells, &shared.receive_queue_full).checksum_missing > 0
            {
                self.warned_of_checksums[port] = true;
                let (number, interface) = (shared.number, shared.interface.clone());
                (self.report)(PortEvent::ChecksumMissing { number, interface });
            }
        }
    }
}
