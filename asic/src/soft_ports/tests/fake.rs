//! Interfaces that are made up: a socket's far end is in the hands of the test, and so are faults.

use super::super::link::{FrameBuffer, Interface, Links, PacketSocket, Received};
use parking_lot::Mutex;
use rustix::io::Errno;
use std::collections::HashMap;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixDatagram;
use std::sync::Arc;

/// A system of made-up interfaces.
#[derive(Clone, Debug, Default)]
pub(super) struct FakeSystem(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    interfaces: Vec<Interface>,
    /// By the number of the interface, the far ends of the sockets that were opened last.
    far_ends: HashMap<u32, Vec<UnixDatagram>>,
    refuses_to_open: Option<Errno>,
    /// By the number of the interface, the error of every frame that is sent.
    send_errors: HashMap<u32, Errno>,
    /// By the number of the interface, the error of the next frame that is received.
    receive_errors: HashMap<u32, Errno>,
}

pub(super) struct FakeSocket {
    index: u32,
    near_end: UnixDatagram,
    system: FakeSystem,
}

impl FakeSystem {
    /// Interfaces that are up, numbered from 1.
    pub(super) fn new(names: &[&str]) -> Self {
        let system = Self::default();
        for (index, name) in (1..).zip(names) {
            system.appear(name, index);
        }
        system
    }

    pub(super) fn appear(&self, name: &str, index: u32) {
        let mac = [2, 0, 0, 0, 0, u8::try_from(index).unwrap()];
        let name = name.to_owned();
        let interface = Interface { name, index, mac, mtu: Some(1500), up: true, carrier: true };
        self.0.lock().interfaces.push(interface);
    }

    pub(super) fn disappear(&self, name: &str) {
        self.0.lock().interfaces.retain(|interface| interface.name != name);
    }

    pub(super) fn change(&self, name: &str, change: impl FnOnce(&mut Interface)) {
        let mut state = self.0.lock();
        let found = state.interfaces.iter_mut().find(|interface| interface.name == name);
        change(found.unwrap());
    }

    pub(super) fn refuse_to_open(&self, error: Option<Errno>) {
        self.0.lock().refuses_to_open = error;
    }

    pub(super) fn fail_sends(&self, index: u32, error: Errno) {
        self.0.lock().send_errors.insert(index, error);
    }

    /// Lets the next frame that comes to an interface be an error.
    pub(super) fn fail_receive(&self, index: u32, error: Errno) {
        self.0.lock().receive_errors.insert(index, error);
        self.far_end(index, 0).send(b"nothing").unwrap();
    }

    /// How many sockets on an interface were opened last.
    pub(super) fn opened(&self, index: u32) -> usize {
        self.0.lock().far_ends[&index].len()
    }

    /// The far end of a thread's socket on an interface.
    pub(super) fn far_end(&self, index: u32, thread: usize) -> UnixDatagram {
        let state = self.0.lock();
        let far_end = state.far_ends[&index][thread].try_clone().unwrap();
        far_end.set_read_timeout(Some(super::PATIENCE)).unwrap();
        far_end
    }
}

impl Links for FakeSystem {
    type Socket = FakeSocket;

    fn interfaces(&self) -> Result<Vec<Interface>, Errno> {
        Ok(self.0.lock().interfaces.clone())
    }

    fn open(&self, index: u32, threads: usize) -> Result<Vec<FakeSocket>, Errno> {
        let mut state = self.0.lock();
        if let Some(error) = state.refuses_to_open {
            return Err(error);
        }
        let mut near_ends = Vec::new();
        let mut far_ends = Vec::new();
        for _ in 0..threads {
            let (near_end, far_end) = UnixDatagram::pair().unwrap();
            near_end.set_nonblocking(true).unwrap();
            near_ends.push(FakeSocket { index, near_end, system: self.clone() });
            far_ends.push(far_end);
        }
        state.far_ends.insert(index, far_ends);
        Ok(near_ends)
    }
}

impl PacketSocket for FakeSocket {
    fn receive(&self, buffer: &mut FrameBuffer) -> Result<Received, Errno> {
        let Ok(end) = self.near_end.recv(&mut buffer.0) else { return Ok(Received::Nothing) };
        match self.system.0.lock().receive_errors.remove(&self.index) {
            Some(error) => Err(error),
            None => Ok(Received::Frame { start: 0, end, checksum_missing: false }),
        }
    }

    fn send(&self, frame: &[u8]) -> Result<(), Errno> {
        if let Some(&error) = self.system.0.lock().send_errors.get(&self.index) {
            return Err(error);
        }
        self.near_end.send(frame).map_err(|error| Errno::from_io_error(&error).unwrap())?;
        Ok(())
    }

    fn take_dropped(&self) -> u64 {
        0
    }
}

impl AsFd for FakeSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.near_end.as_fd()
    }
}
