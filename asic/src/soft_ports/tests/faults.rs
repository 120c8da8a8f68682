//! What is lost is counted by its cause, and what fails comes back.

use super::super::ports::{find, start};
use super::super::{
    DownReason, Forwarder, PortConfig, PortEvent, PortState, Ports, SendDrops, Traffic,
};
use super::fake::FakeSystem;
use super::{PATIENCE, Patch, expect_state, ports};
use rstest::rstest;
use rustix::io::Errno;
use std::num::NonZeroUsize;
use std::os::unix::net::UnixDatagram;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};

const ONE_THREAD: usize = 1;

pub(super) fn run<F: Forwarder>(
    system: &FakeSystem,
    ports: &[PortConfig],
    threads: usize,
    forwarder: F,
) -> (Ports, Receiver<PortEvent>) {
    let (report, events) = mpsc::channel();
    // The test may be over before the ports are.
    let report = Box::new(move |event| drop(report.send(event)));
    let threads = NonZeroUsize::new(threads).unwrap();
    let started = start(system.clone(), ports, threads, Arc::new(forwarder), report).unwrap();
    for port in ports {
        expect_state(&events, port.number, PortState::Up);
    }
    (started, events)
}

pub(super) fn take(far_end: &UnixDatagram) -> Vec<u8> {
    let mut buffer = [0; 100];
    let length = far_end.recv(&mut buffer).expect("a frame has to come");
    buffer[..length].to_vec()
}

#[test]
fn a_frame_goes_where_the_forwarder_sends_it_and_both_ports_count_it() {
    let system = FakeSystem::new(&["a", "b"]);
    let (running, _events) =
        run(&system, &ports([(7, "a"), (300, "b")]), ONE_THREAD, Patch::new([(7, &[300])]));
    system.far_end(1, 0).send(b"twelve bytes").unwrap();
    assert_eq!(take(&system.far_end(2, 0)), b"twelve bytes");
    system.far_end(1, 0).send(b"and more").unwrap();
    assert_eq!(take(&system.far_end(2, 0)), b"and more");
    let status = running.status();
    assert_eq!(status.iter().map(|port| port.number).collect::<Vec<_>>(), [7, 300]);
    assert_eq!(status[0].counters.received, Traffic { packets: 2, bytes: 20 });
    // The last may be on its way before it is counted.
    assert!((1..=2).contains(&status[1].counters.sent.packets), "{status:?}");
    running.stop();
}

#[rstest]
#[case(Errno::MSGSIZE, SendDrops { too_large: 2, ..SendDrops::default() })]
#[case(Errno::NOBUFS, SendDrops { queue_full: 2, ..SendDrops::default() })]
#[case(Errno::AGAIN, SendDrops { queue_full: 2, ..SendDrops::default() })]
#[case(Errno::NETDOWN, SendDrops { link_down: 2, ..SendDrops::default() })]
#[case(Errno::NXIO, SendDrops { link_down: 2, ..SendDrops::default() })]
#[case(Errno::INVAL, SendDrops { failed: 2, ..SendDrops::default() })]
fn a_frame_that_cannot_be_sent_is_counted_by_its_cause(
    #[case] error: Errno,
    #[case] expected: SendDrops,
) {
    let system = FakeSystem::new(&["a", "b", "c"]);
    system.fail_sends(2, error);
    // What should leave by b comes first, so that it has been counted when c has its frame.
    let (running, _events) = run(
        &system,
        &ports([(1, "a"), (2, "b"), (3, "c")]),
        ONE_THREAD,
        Patch::new([(1, &[2, 3])]),
    );
    for frame in [b"one", b"two"] {
        system.far_end(1, 0).send(frame).unwrap();
        assert_eq!(take(&system.far_end(3, 0)), frame);
    }
    let counters = running.status()[1].counters;
    assert_eq!((counters.send_drops, counters.sent.packets), (expected, 0));
    assert_eq!(expected.total(), 2);
}

#[test]
fn a_frame_for_a_port_that_there_is_not_is_counted_where_it_came_in() {
    let system = FakeSystem::new(&["a", "b"]);
    let (running, _events) =
        run(&system, &ports([(1, "a"), (2, "b")]), ONE_THREAD, Patch::new([(1, &[9, 3, 0, 2])]));
    system.far_end(1, 0).send(b"frame").unwrap();
    take(&system.far_end(2, 0));
    assert_eq!(running.status()[0].counters.to_no_port, 3);
}

#[test]
fn nothing_is_sent_to_an_interface_that_is_down_or_without_a_carrier() {
    let system = FakeSystem::new(&["a", "b", "c"]);
    let (running, events) = run(
        &system,
        &ports([(1, "a"), (2, "b"), (3, "c")]),
        ONE_THREAD,
        Patch::new([(1, &[2, 3])]),
    );
    system.change("b", |interface| interface.carrier = false);
    expect_state(&events, 2, PortState::Down(DownReason::NoCarrier));
    system.far_end(1, 0).send(b"one").unwrap();
    take(&system.far_end(3, 0));
    system.change("b", |interface| interface.up = false);
    expect_state(&events, 2, PortState::Down(DownReason::SetDown));
    system.far_end(1, 0).send(b"two").unwrap();
    take(&system.far_end(3, 0));
    let status = &running.status()[1];
    assert_eq!((status.counters.send_drops.link_down, status.counters.sent.packets), (2, 0));
    assert_eq!(status.state, PortState::Down(DownReason::SetDown));

    system.change("b", |interface| (interface.up, interface.carrier) = (true, true));
    expect_state(&events, 2, PortState::Up);
    system.far_end(1, 0).send(b"three").unwrap();
    assert_eq!(take(&system.far_end(2, 0)), b"three");
}

#[test]
fn an_interface_that_goes_away_comes_back_as_another_device() {
    let system = FakeSystem::new(&["a", "b"]);
    let (running, events) =
        run(&system, &ports([(1, "a"), (2, "b")]), ONE_THREAD, Patch::new([(1, &[2]), (2, &[1])]));
    system.disappear("b");
    expect_state(&events, 2, PortState::Down(DownReason::Gone));
    assert_eq!(running.status()[1].mac, [2, 0, 0, 0, 0, 2]);
    system.appear("b", 77);
    expect_state(&events, 2, PortState::Up);
    assert_eq!(running.status()[1].mac, [2, 0, 0, 0, 0, 77]);
    system.far_end(1, 0).send(b"out").unwrap();
    assert_eq!(take(&system.far_end(77, 0)), b"out");
    system.far_end(77, 0).send(b"in").unwrap();
    assert_eq!(take(&system.far_end(1, 0)), b"in");
}

#[test]
fn an_interface_that_was_replaced_between_two_looks_is_opened_anew() {
    let system = FakeSystem::new(&["a", "b"]);
    let (_running, events) =
        run(&system, &ports([(1, "a"), (2, "b")]), ONE_THREAD, Patch::new([(1, &[2])]));
    system.change("b", |interface| (interface.index, interface.carrier) = (78, false));
    expect_state(&events, 2, PortState::Down(DownReason::NoCarrier));
    system.change("b", |interface| interface.carrier = true);
    expect_state(&events, 2, PortState::Up);
    system.far_end(1, 0).send(b"frame").unwrap();
    assert_eq!(take(&system.far_end(78, 0)), b"frame");
}

#[test]
fn a_socket_that_fails_is_replaced_and_its_error_counted() {
    let system = FakeSystem::new(&["a", "b"]);
    let (running, events) =
        run(&system, &ports([(1, "a"), (2, "b")]), ONE_THREAD, Patch::new([(1, &[2])]));
    // So that it can be told when it has been tried again.
    system.refuse_to_open(Some(Errno::NOMEM));
    system.fail_receive(1, Errno::NETDOWN);
    let refused = DownReason::Refused { os_error: Errno::NOMEM.raw_os_error() };
    expect_state(&events, 1, PortState::Down(refused));
    assert_eq!(running.status()[0].counters.receive_drops.errors, 1);
    system.refuse_to_open(None);
    expect_state(&events, 1, PortState::Up);
    system.far_end(1, 0).send(b"frame").unwrap();
    assert_eq!(take(&system.far_end(2, 0)), b"frame");
}

#[test]
fn every_thread_serves_every_port() {
    let system = FakeSystem::new(&["a", "b"]);
    let (running, _events) = run(&system, &ports([(1, "a"), (2, "b")]), 3, Patch::new([(1, &[2])]));
    for thread in 0..3 {
        system.far_end(1, thread).send(b"frame").unwrap();
        // Sent by the thread that received it.
        assert_eq!(take(&system.far_end(2, thread)), b"frame");
    }
    assert_eq!(running.status()[0].counters.received.packets, 3);
}

/// Fails at a frame that says so.
struct Fragile(Patch);

impl Forwarder for Fragile {
    type Run = ();

    fn run(&self) {}

    fn forward(&self, (): &mut (), port: u16, frame: &[u8], emit: &mut dyn FnMut(u16, &[u8])) {
        assert_ne!(frame, b"fail", "as it was told");
        self.0.forward(&mut (), port, frame, emit);
    }
}

#[test]
fn a_thread_that_fails_is_reported_and_gets_no_more_sockets() {
    let system = FakeSystem::new(&["a", "b"]);
    let forwarder = Fragile(Patch::new([(1, &[2])]));
    let (running, events) = run(&system, &ports([(1, "a"), (2, "b")]), 2, forwarder);
    system.far_end(1, 1).send(b"fail").unwrap();
    assert_eq!(events.recv_timeout(PATIENCE), Ok(PortEvent::ThreadFailed));
    system.far_end(1, 0).send(b"frame").unwrap();
    assert_eq!(take(&system.far_end(2, 0)), b"frame");
    system.disappear("a");
    expect_state(&events, 1, PortState::Down(DownReason::Gone));
    system.appear("a", 5);
    expect_state(&events, 1, PortState::Up);
    system.far_end(5, 0).send(b"again").unwrap();
    assert_eq!(take(&system.far_end(2, 0)), b"again");
    assert_eq!(system.opened(5), 1);
    running.stop();
}

#[test]
fn a_port_may_start_down() {
    let system = FakeSystem::new(&["a"]);
    system.change("a", |interface| interface.up = false);
    system.refuse_to_open(Some(Errno::NETDOWN));
    let (report, events) = mpsc::channel();
    let report = Box::new(move |event| drop(report.send(event)));
    let threads = NonZeroUsize::MIN;
    let forwarder = Arc::new(Patch::default());
    let _running = start(system.clone(), &ports([(1, "a")]), threads, forwarder, report).unwrap();
    expect_state(&events, 1, PortState::Down(DownReason::SetDown));
}

#[rstest]
#[case(ports([(1, "a"), (2, "c")]), "port 2: there is no interface \"c\"; there are a, b")]
#[case(ports([(1, "a"), (1, "b")]), "port 1 is named twice")]
#[case(ports([(1, "a"), (2, "a")]), "ports 1 and 2 are both the interface \"a\"")]
fn ports_that_cannot_be_are_refused_with_the_reason(
    #[case] ports: Vec<PortConfig>,
    #[case] expected: &str,
) {
    let refused = find(&FakeSystem::new(&["a", "b"]), &ports).unwrap_err();
    assert_eq!(refused.to_string(), expected);
}

#[test]
fn what_cannot_be_opened_at_the_start_is_an_error() {
    let system = FakeSystem::new(&["a"]);
    system.refuse_to_open(Some(Errno::PERM));
    let forwarder = Arc::new(Patch::default());
    let ports = ports([(1, "a")]);
    let refused =
        start(system, &ports, NonZeroUsize::MIN, forwarder, Box::new(|_| ())).err().unwrap();
    let text = refused.to_string();
    assert!(text.starts_with("port 1: cannot open the interface \"a\""), "{text}");
    assert!(text.contains("CAP_NET_RAW"), "{text}");
}
