//! The contract of devices, over the soft switch as a process of its own, driven over P4Runtime.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod back_door;
mod process;
mod program;

use asic::contract::{self, Subject};
use asic::{Asic as _, Atomicity, P4RuntimeAsic, P4RuntimeConfig, RangeExpansion};
use std::time::Duration;

use back_door::ProcessBackDoor;
use process::{DEVICE_ID, Process};

/// How long anything may take.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Devices of one process, each with a fresh pipeline, and primary in place of the one before.
fn devices(process: &Process) -> impl FnMut(u32) -> Subject + '_ {
    let mut election_id = 0;
    move |size_rows| {
        election_id += 1;
        // The same program under another number is another pipeline, and so begins empty.
        let source = program::source(size_rows, election_id);
        let p4info = program::p4info(&source);
        let config = P4RuntimeConfig {
            address: process.address(),
            device_id: DEVICE_ID,
            election_id,
            p4info: p4info.clone(),
            device_config: source.into_bytes(),
            keep_pipeline: false,
            range_expansion: RangeExpansion::None,
        };
        let asic = P4RuntimeAsic::connect(config, TIMEOUT, |_| {}).unwrap();
        assert_eq!(asic.capabilities().atomicity, Atomicity::BatchInDataPlane);
        let back_door = Box::new(ProcessBackDoor::open(process, election_id, p4info));
        Subject { asic: Box::new(asic), back_door }
    }
}

#[test]
fn the_soft_switch_as_a_process_keeps_the_contract() {
    let process = Process::start();
    let violations = contract::check_all(&mut devices(&process));
    let said: Vec<String> = violations.iter().map(ToString::to_string).collect();
    assert!(said.is_empty(), "{}", said.join("\n"));
}
