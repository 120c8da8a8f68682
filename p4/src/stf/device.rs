//! The switch that a script is run on.

use std::sync::Arc;

use crate::ir;
use crate::program::Program;
use crate::switch::{Runner, Switch};
use crate::table::{Count, Tables, Write, WriteError};

/// A new switch with a program, as a script has to do with it.
pub(super) struct Device {
    switch: Switch,
    runner: Runner,
}

/// A packet that comes out: its port and its bytes.
pub(super) type Output = (u16, Vec<u8>);

impl Device {
    pub(super) fn new(program: Arc<Program>) -> Device {
        let switch = Switch::new(program, |table| table.size);
        let runner = switch.runner();
        Device { switch, runner }
    }

    pub(super) fn program(&self) -> &ir::Program {
        self.switch.program().ir()
    }

    pub(super) fn tables(&self) -> Arc<Tables> {
        self.switch.tables()
    }

    pub(super) fn write(&self, write: &Write) -> Result<(), WriteError> {
        self.switch.write(write)
    }

    /// Sends a packet, and says what came of it and how. The explanation is that of a run without
    /// effects before the packet's own, so that what is tested is the way that packets really go.
    pub(super) fn send(&mut self, port: u16, packet: &[u8]) -> (Vec<Output>, String) {
        let trace = self.switch.trace(port, packet).to_string();
        let mut outputs = Vec::new();
        let mut emit = |port: u16, packet: &[u8]| outputs.push((port, packet.to_vec()));
        self.switch.process(&mut self.runner, port, packet, &mut emit);
        (outputs, trace)
    }

    /// A place of an array of counters.
    pub(super) fn counter(&self, counter: ir::ExternId, index: u64) -> Option<Count> {
        self.switch.counter(counter, index)
    }
}
