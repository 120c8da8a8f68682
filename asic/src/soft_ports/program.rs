//! A P4 program as what decides where frames go.

use super::Forwarder;
use p4::{Runner, Switch};

/// What the program drops, the switch counts.
impl Forwarder for Switch {
    type Run = Runner;

    fn run(&self) -> Runner {
        self.runner()
    }

    fn forward(&self, run: &mut Runner, port: u16, frame: &[u8], emit: &mut dyn FnMut(u16, &[u8])) {
        self.process(run, port, frame, emit);
    }
}
