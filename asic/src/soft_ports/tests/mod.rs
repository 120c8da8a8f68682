//! The ports on interfaces that are made up, and on real ones.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod fake;
mod faults;
#[cfg(feature = "real-interface-tests")]
mod real;
mod sender;

use super::{Forwarder, PortConfig, PortEvent, PortState};
use std::collections::HashMap;
use std::sync::mpsc::Receiver;
use std::time::Duration;

/// How long anything may take that is expected.
const PATIENCE: Duration = Duration::from_secs(10);

/// Copies what comes in by a port to the ports that it lists.
#[derive(Clone, Debug, Default)]
struct Patch(HashMap<u16, Vec<u16>>);

impl Patch {
    fn new<const N: usize>(ports: [(u16, &[u16]); N]) -> Self {
        Self(ports.into_iter().map(|(from, to)| (from, to.to_vec())).collect())
    }
}

impl Forwarder for Patch {
    type Run = ();

    fn run(&self) {}

    fn forward(&self, (): &mut (), port: u16, frame: &[u8], emit: &mut dyn FnMut(u16, &[u8])) {
        for &to in self.0.get(&port).into_iter().flatten() {
            emit(to, frame);
        }
    }
}

fn ports<const N: usize>(ports: [(u16, &str); N]) -> Vec<PortConfig> {
    ports.map(|(number, interface)| PortConfig { number, interface: interface.into() }).into()
}

/// The next event has to be that this port is so.
fn expect_state(events: &Receiver<PortEvent>, number: u16, expected: PortState) {
    match events.recv_timeout(PATIENCE).expect("something has to happen") {
        PortEvent::State { number: port, state, .. } => {
            assert_eq!((port, state), (number, expected));
        }
        event => panic!("port {number} should have become {expected}, but {event}"),
    }
}
