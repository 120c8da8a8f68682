//! The ports as a whole: found, started, read and stopped.

use super::counters::{self, Cell, Cells};
use super::keeper::Keeper;
use super::link::{Interface, Links};
use super::sender::{Exit, PortSender};
use super::system::System;
use super::worker::{Mailbox, Report, Worker};
use super::{Forwarder, PortEvent, PortState, PortStatus};
use parking_lot::Mutex;
use rustix::io::Errno;
use std::io;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread::{self, JoinHandle};
use std::time::SystemTime;
use thiserror::Error;

/// Which interface a port is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortConfig {
    /// The port's number, by which the forwarder knows it.
    pub number: u16,
    /// The name of the Linux interface.
    pub interface: String,
}

/// Ports that carry frames, until they are stopped or dropped.
pub struct Ports {
    shared: Arc<Shared>,
    keeper: Option<JoinHandle<()>>,
    reports: Arc<Mailbox<Report>>,
}

/// Why ports cannot be started.
#[derive(Debug, Error)]
pub enum PortsError {
    /// There is no such interface.
    #[error("port {number}: there is no interface {interface:?}; there are {}", there.join(", "))]
    NoSuchInterface {
        /// The port.
        number: u16,
        /// The name that nothing has.
        interface: String,
        /// The interfaces that there are.
        there: Vec<String>,
    },
    /// Two ports have the same number.
    #[error("port {number} is named twice")]
    SameNumber {
        /// The number.
        number: u16,
    },
    /// Two ports are the same interface.
    #[error("ports {first} and {second} are both the interface {interface:?}")]
    SameInterface {
        /// One port.
        first: u16,
        /// The other.
        second: u16,
        /// Their interface.
        interface: String,
    },
    /// The interface is there, but cannot be opened.
    #[error("port {number}: cannot open the interface {interface:?}: {error}{}", hint(error))]
    Refused {
        /// The port.
        number: u16,
        /// Its interface.
        interface: String,
        /// Why not.
        error: io::Error,
    },
    /// The system does not tell which interfaces there are.
    #[error("cannot look at the interfaces: {0}")]
    Unseen(#[source] io::Error),
    /// The system has no thread to give.
    #[error("cannot start a thread that moves frames: {0}")]
    Thread(#[source] io::Error),
}

/// What the threads share: for each port what is fixed, how it is and what is counted.
pub(super) struct Shared {
    pub(super) ports: Vec<SharedPort>,
    /// The place in `ports` of each number.
    by_number: Vec<Option<usize>>,
}

pub(super) struct SharedPort {
    pub(super) number: u16,
    pub(super) interface: String,
    /// Whether sending makes sense: a device without a carrier swallows frames without a word.
    pub(super) up: AtomicBool,
    pub(super) seen: Mutex<Seen>,
    /// One for each thread.
    pub(super) cells: Vec<Cells>,
    pub(super) receive_queue_full: Cell,
    /// For those who are no thread of ours.
    pub(super) exit: Mutex<Exit>,
}

/// What the keeper saw last.
pub(super) struct Seen {
    pub(super) mac: [u8; 6],
    pub(super) mtu: Option<u32>,
    pub(super) state: Option<PortState>,
    pub(super) since: SystemTime,
}

impl Ports {
    /// Finds the interface of each port, in the order of the ports.
    ///
    /// # Errors
    ///
    /// [`PortsError`] says which one is not there, and which are, or which port or interface is
    /// named twice.
    pub fn find(ports: &[PortConfig]) -> Result<Vec<Interface>, PortsError> {
        find(&System, ports)
    }

    /// Opens the interfaces and starts that many threads, and one that looks after the interfaces
    /// and reports what happens to them; it begins with how each is.
    ///
    /// An interface that is down is no error: its port comes up when the interface does.
    ///
    /// # Errors
    ///
    /// [`PortsError`] says why not; then nothing runs.
    pub fn start<F: Forwarder>(
        ports: &[PortConfig],
        threads: NonZeroUsize,
        forwarder: Arc<F>,
        report: impl Fn(PortEvent) + Send + 'static,
    ) -> Result<Self, PortsError> {
        start(System, ports, threads, forwarder, Box::new(report))
    }

    /// How each port is and what it counted, in the order in which they were given.
    pub fn status(&self) -> Vec<PortStatus> {
        self.shared.ports.iter().map(SharedPort::status).collect()
    }

    /// A way out of the ports for frames that came in by none of them.
    pub fn sender(&self) -> PortSender {
        PortSender::new(Arc::clone(&self.shared))
    }

    /// Stops all threads, closes the interfaces and says how each port was at the end.
    pub fn stop(mut self) -> Vec<PortStatus> {
        self.halt();
        self.status()
    }

    fn halt(&mut self) {
        if let Some(keeper) = self.keeper.take() {
            self.reports.put(Report::Stop);
            // A keeper that failed has nothing more to say.
            let _ = keeper.join();
        }
    }
}

impl Drop for Ports {
    fn drop(&mut self) {
        self.halt();
    }
}

impl Shared {
    fn new(ports: &[PortConfig], interfaces: &[Interface], threads: usize) -> Self {
        let numbers = ports.iter().map(|port| usize::from(port.number) + 1).max().unwrap_or(0);
        let mut by_number = vec![None; numbers];
        for (place, port) in ports.iter().enumerate() {
            by_number[usize::from(port.number)] = Some(place);
        }
        let ports = ports.iter().zip(interfaces).map(|(port, interface)| SharedPort {
            number: port.number,
            interface: port.interface.clone(),
            up: AtomicBool::new(false),
            seen: Mutex::new(Seen {
                mac: interface.mac,
                mtu: interface.mtu,
                state: None,
                since: SystemTime::now(),
            }),
            cells: (0..threads).map(|_| Cells::default()).collect(),
            receive_queue_full: Cell::default(),
            exit: Mutex::default(),
        });
        Self { ports: ports.collect(), by_number }
    }

    /// The place of the port of this number.
    pub(super) fn port_of(&self, number: u16) -> Option<usize> {
        *self.by_number.get(usize::from(number))?
    }
}

impl SharedPort {
    fn status(&self) -> PortStatus {
        let seen = self.seen.lock();
        PortStatus {
            number: self.number,
            interface: self.interface.clone(),
            mac: seen.mac,
            mtu: seen.mtu,
            // The first look comes before anyone can ask.
            state: seen.state.unwrap_or(PortState::Down(super::DownReason::Gone)),
            since: seen.since,
            counters: {
                let exit = self.exit.lock();
                let cells = self.cells.iter().chain([&exit.cells]);
                counters::sum(cells, &self.receive_queue_full)
            },
        }
    }
}

pub(super) fn find<L: Links>(
    links: &L,
    ports: &[PortConfig],
) -> Result<Vec<Interface>, PortsError> {
    for (place, second) in ports.iter().enumerate() {
        for first in &ports[..place] {
            if first.number == second.number {
                return Err(PortsError::SameNumber { number: first.number });
            }
            if first.interface == second.interface {
                let (first, second) = (first.number, second.number);
                let interface = ports[place].interface.clone();
                return Err(PortsError::SameInterface { first, second, interface });
            }
        }
    }
    let interfaces = links.interfaces().map_err(|error| PortsError::Unseen(error.into()))?;
    let find = |port: &PortConfig| {
        let found = interfaces.iter().find(|interface| interface.name == port.interface);
        found.cloned().ok_or_else(|| PortsError::NoSuchInterface {
            number: port.number,
            interface: port.interface.clone(),
            there: interfaces.iter().map(|interface| interface.name.clone()).collect(),
        })
    };
    ports.iter().map(find).collect()
}

pub(super) fn start<L: Links, F: Forwarder>(
    links: L,
    ports: &[PortConfig],
    threads: NonZeroUsize,
    forwarder: Arc<F>,
    report: Box<dyn Fn(PortEvent) + Send>,
) -> Result<Ports, PortsError> {
    let interfaces = find(&links, ports)?;
    // What will not open at all is an error now, and not something to be tried again.
    for (port, interface) in ports.iter().zip(&interfaces).filter(|(_, there)| there.up) {
        links.open(interface.index, 1).map_err(|error| PortsError::Refused {
            number: port.number,
            interface: port.interface.clone(),
            error: error.into(),
        })?;
    }
    let mailbox = |error: Errno| PortsError::Thread(error.into());
    let shared = Arc::new(Shared::new(ports, &interfaces, threads.get()));
    let reports = Arc::new(Mailbox::new().map_err(mailbox)?);
    let mailboxes = (0..threads.get()).map(|_| Mailbox::new().map(Arc::new));
    let mailboxes = mailboxes.collect::<Result<Vec<_>, _>>().map_err(mailbox)?;
    let mut keeper =
        Keeper::new(links, Arc::clone(&shared), mailboxes.clone(), Arc::clone(&reports), report);
    keeper.look();
    let mut workers = Vec::with_capacity(threads.get());
    for (thread, orders) in mailboxes.iter().enumerate() {
        let worker = Worker::new(
            thread,
            Arc::clone(&shared),
            Arc::clone(orders),
            Arc::clone(&reports),
            Arc::clone(&forwarder),
        );
        let spawned =
            thread::Builder::new().name(format!("packets-{thread}")).spawn(|| worker.work());
        match spawned {
            Ok(worker) => workers.push(worker),
            Err(error) => {
                mailboxes.iter().for_each(|orders| orders.put(super::worker::Order::Stop));
                return Err(PortsError::Thread(error));
            }
        }
    }
    let keeper = thread::Builder::new()
        .name("ports".to_owned())
        .spawn(move || keeper.keep(workers))
        .map_err(|error| {
            mailboxes.iter().for_each(|orders| orders.put(super::worker::Order::Stop));
            PortsError::Thread(error)
        })?;
    Ok(Ports { shared, keeper: Some(keeper), reports })
}

/// What helps against the commonest refusal.
fn hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::PermissionDenied => "; packet sockets need root or CAP_NET_RAW",
        _ => "",
    }
}
