//! Frames that come in by no port leave all the same.

use super::super::{DownReason, PortState, SendDrops, Traffic};
use super::fake::FakeSystem;
use super::faults::{run, take};
use super::{Patch, expect_state, ports};
use rustix::io::Errno;

#[test]
fn a_frame_leaves_by_its_port_and_is_counted_there() {
    let system = FakeSystem::new(&["a", "b"]);
    let (running, _events) =
        run(&system, &ports([(1, "a"), (300, "b")]), 2, Patch::new([(1, &[300])]));
    let sender = running.sender();
    assert!(sender.send(300, b"frame"));
    assert_eq!(take(&system.far_end(2, 0)), b"frame");
    assert!(!sender.send(2, b"frame") && !sender.send(301, b"frame"));
    // What the threads send is counted beside it.
    system.far_end(1, 1).send(b"another").unwrap();
    assert_eq!(take(&system.far_end(2, 1)), b"another");
    let status = running.stop();
    assert_eq!(status[1].counters.sent, Traffic { packets: 2, bytes: 12 });
    assert_eq!(status[0].counters.sent, Traffic::default());
}

#[test]
fn a_frame_that_cannot_leave_is_counted_by_its_cause() {
    let system = FakeSystem::new(&["a", "b"]);
    system.fail_sends(2, Errno::MSGSIZE);
    let (running, events) = run(&system, &ports([(1, "a"), (2, "b")]), 1, Patch::default());
    let sender = running.sender();
    assert!(sender.send(2, b"long"));
    system.change("b", |interface| interface.carrier = false);
    expect_state(&events, 2, PortState::Down(DownReason::NoCarrier));
    assert!(sender.send(2, b"frame"));
    let expected = SendDrops { too_large: 1, link_down: 1, ..SendDrops::default() };
    assert_eq!(running.status()[1].counters.send_drops, expected);
}

#[test]
fn a_frame_leaves_by_the_device_that_is_there_now() {
    let system = FakeSystem::new(&["a"]);
    let (running, events) = run(&system, &ports([(1, "a")]), 1, Patch::default());
    let sender = running.sender();
    system.disappear("a");
    expect_state(&events, 1, PortState::Down(DownReason::Gone));
    assert!(sender.send(1, b"lost"));
    system.appear("a", 77);
    expect_state(&events, 1, PortState::Up);
    assert!(sender.send(1, b"frame"));
    assert_eq!(take(&system.far_end(77, 0)), b"frame");
    let counters = running.status()[0].counters;
    assert_eq!((counters.sent.packets, counters.send_drops.link_down), (1, 1));
}

#[test]
fn ports_that_have_stopped_are_not_kept_open() {
    let system = FakeSystem::new(&["a"]);
    let (running, _events) = run(&system, &ports([(1, "a")]), 1, Patch::default());
    let (sender, far_end) = (running.sender(), system.far_end(1, 0));
    running.stop();
    assert!(sender.send(1, b"lost"));
    // The near end is closed.
    assert!(far_end.send(b"anybody").is_err());
}
