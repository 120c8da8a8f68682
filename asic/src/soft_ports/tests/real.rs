//! Ports on real interfaces: pairs of virtual ones, in a network namespace of each test's own.
//!
//! They need root and `ip` of iproute2, and fail without. They run with
//! `cargo test -p asic --features real-interface-tests`.

use super::super::link::{
    FrameBuffer, GREATEST_FRAME_BYTES, Links as _, PacketSocket as _, Received,
};
use super::super::system::{Socket, System};
use super::super::{DownReason, Forwarder, PortEvent, PortState, Ports, Traffic};
use super::{PATIENCE, Patch, expect_state, ports};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::net::UdpSocket;
use std::num::NonZeroUsize;
use std::os::fd::AsFd as _;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

/// A network namespace, in which the thread that made it is from then on.
struct Namespace(String);

impl Namespace {
    fn enter() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        assert!(rustix::process::geteuid().is_root(), "needs root, for network namespaces");
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let namespace = Self(format!("ports-test-{}-{number}", std::process::id()));
        ip(&format!("netns add {}", namespace.0));
        let file = File::open(format!("/run/netns/{}", namespace.0)).unwrap();
        move_into_link_name_space(file.as_fd(), Some(LinkNameSpaceType::Network)).unwrap();
        namespace
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        let _ = Command::new("ip").args(["netns", "delete", &self.0]).status();
    }
}

fn ip(arguments: &str) {
    let output = Command::new("ip").args(arguments.split_whitespace()).output();
    let output = output.expect("needs `ip`, of the package iproute2");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "ip {arguments}: {error}");
}

/// Two interfaces joined, both up, on which the kernel itself says nothing.
fn pair(near: &str, far: &str, mtu: u32) {
    ip(&format!("link add {near} mtu {mtu} type veth peer name {far} mtu {mtu}"));
    for name in [near, far] {
        // No IPv6 address, and so no neighbour discovery either.
        ip(&format!("link set {name} addrgenmode none"));
        ip(&format!("link set {name} arp off"));
        ip(&format!("link set {name} up"));
    }
}

/// The test's end of a pair.
struct End {
    socket: Socket,
    buffer: FrameBuffer,
}

impl End {
    fn open(name: &str) -> Self {
        let interfaces = System.interfaces().unwrap();
        let interface = interfaces.iter().find(|interface| interface.name == name).unwrap();
        let socket = System.open(interface.index, 1).unwrap().pop().unwrap();
        Self { socket, buffer: FrameBuffer::new() }
    }

    fn send(&self, frame: &[u8]) {
        self.socket.send(frame).unwrap();
    }

    /// The next of the test's own frames.
    fn take(&mut self) -> Vec<u8> {
        self.take_until(Instant::now() + PATIENCE).expect("a frame has to come")
    }

    fn take_until(&mut self, deadline: Instant) -> Option<Vec<u8>> {
        loop {
            match self.socket.receive(&mut self.buffer).unwrap() {
                Received::Nothing => {
                    let left = deadline.checked_duration_since(Instant::now())?;
                    let mut fds = [PollFd::new(&self.socket, PollFlags::IN)];
                    let left = Timespec::try_from(left).unwrap();
                    poll(&mut fds, Some(&left)).unwrap();
                }
                Received::Frame { start, end, .. } => {
                    let frame = &self.buffer.0[start..end];
                    if frame.starts_with(&TO) {
                        return Some(frame.to_vec());
                    }
                }
                Received::TooLong => panic!("no frame is that long"),
            }
        }
    }
}

fn run<F: Forwarder, const N: usize>(
    named: [(u16, &str); N],
    threads: usize,
    forwarder: F,
) -> (Ports, Receiver<PortEvent>) {
    let (report, events) = mpsc::channel();
    // The test may be over before the ports are.
    let report = move |event| drop(report.send(event));
    let threads = NonZeroUsize::new(threads).unwrap();
    let started = Ports::start(&ports(named), threads, Arc::new(forwarder), report).unwrap();
    for (number, _) in named {
        expect_state(&events, number, PortState::Up);
    }
    (started, events)
}

const TO: [u8; 6] = [0x02, 0xff, 0, 0, 0, 1];
const FROM: [u8; 6] = [0x02, 0xff, 0, 0, 0, 2];

/// A frame of the given length, whose payload is no protocol's.
fn frame(length: usize) -> Vec<u8> {
    let mut frame = [&TO[..], &FROM, &[0x88, 0xb5]].concat();
    frame.extend((0..).map(|byte: u32| byte as u8).take(length - frame.len()));
    frame
}

/// A UDP datagram over IPv4, of a flow of its own for each source port, that says its number.
fn datagram(source_port: u16, number: u32) -> Vec<u8> {
    let mut frame = [&TO[..], &FROM, &[0x08, 0x00]].concat();
    frame.extend([0x45, 0, 0, 32, 0, 0, 0x40, 0, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2]);
    frame.extend(source_port.to_be_bytes());
    frame.extend([0x10, 0, 0, 12, 0, 0]);
    frame.extend(number.to_be_bytes());
    frame
}

#[test]
fn frames_cross_whole() {
    let _namespace = Namespace::enter();
    pair("a0", "a1", 65_535);
    pair("b0", "b1", 65_535);
    let (running, _events) = run([(1, "a0"), (2, "b0")], 1, Patch::new([(1, &[2]), (2, &[1])]));
    let (mut a, mut b) = (End::open("a1"), End::open("b1"));
    let tagged = |protocol: [u8; 2], length| {
        let plain = frame(length);
        [&plain[..12], &protocol, &[0xa0, 0x07], &plain[12..]].concat()
    };
    let frames = [
        frame(15),
        frame(60),
        frame(1514),
        frame(GREATEST_FRAME_BYTES),
        tagged([0x81, 0x00], 60),
        tagged([0x88, 0xa8], 60),
        tagged([0x81, 0x00], GREATEST_FRAME_BYTES),
        // A tag within a tag.
        [&TO[..], &FROM, &[0x88, 0xa8, 0, 1, 0x81, 0x00, 0, 2, 0x88, 0xb5], &[7; 50]].concat(),
    ];
    for frame in &frames {
        a.send(frame);
        assert_eq!(&b.take(), frame, "of {} bytes", frame.len());
        b.send(frame);
        assert_eq!(&a.take(), frame, "back, of {} bytes", frame.len());
    }
    let bytes = frames.iter().map(|frame| frame.len() as u64).sum();
    let all = Traffic { packets: frames.len() as u64, bytes };
    for port in running.stop() {
        assert_eq!((port.counters.received, port.counters.sent), (all, all));
    }
}

#[test]
fn frames_of_any_length_are_passed_on_or_counted() {
    let _namespace = Namespace::enter();
    pair("a0", "a1", 65_535);
    pair("b0", "b1", 1500);
    let (running, _events) = run([(1, "a0"), (2, "b0")], 1, Patch::new([(1, &[2])]));
    let (a, mut b) = (End::open("a1"), End::open("b1"));
    // Too long to be received, too large to be sent, and as long as can be sent.
    for length in [GREATEST_FRAME_BYTES + 1, GREATEST_FRAME_BYTES + 14, 1515, 9000, 1514] {
        a.send(&frame(length));
    }
    assert_eq!(b.take(), frame(1514));
    let status = running.status();
    assert_eq!(status[0].counters.receive_drops.too_long, 2);
    assert_eq!(status[1].counters.send_drops.too_large, 2);
}

/// Patches port 1 to port 2, and notes which thread had which flow.
#[derive(Default)]
struct Noting {
    threads: parking_lot::Mutex<HashMap<[u8; 2], HashSet<ThreadId>>>,
    frames: AtomicUsize,
}

impl Forwarder for Noting {
    type Run = ();

    fn run(&self) {}

    fn forward(&self, (): &mut (), _: u16, frame: &[u8], emit: &mut dyn FnMut(u16, &[u8])) {
        if frame.starts_with(&TO) {
            let flow = [frame[34], frame[35]];
            self.threads.lock().entry(flow).or_default().insert(thread::current().id());
            self.frames.fetch_add(1, Ordering::Relaxed);
            emit(2, frame);
        }
    }
}

#[test]
fn flows_are_spread_over_the_threads_and_each_stays_in_order() {
    const FLOWS: u16 = 64;
    const FRAMES: u32 = 50;
    let _namespace = Namespace::enter();
    pair("a0", "a1", 1500);
    pair("b0", "b1", 1500);
    let (report, _events) = mpsc::channel();
    let report = move |event| drop(report.send(event));
    let noting = Arc::new(Noting::default());
    let threads = NonZeroUsize::new(4).unwrap();
    let named = ports([(1, "a0"), (2, "b0")]);
    let running = Ports::start(&named, threads, Arc::clone(&noting), report).unwrap();
    let (a, mut b) = (End::open("a1"), End::open("b1"));
    for number in 0..FRAMES {
        for flow in 0..FLOWS {
            a.send(&datagram(flow, number));
        }
    }
    let mut next = vec![0; usize::from(FLOWS)];
    for _ in 0..FRAMES * u32::from(FLOWS) {
        let frame = b.take();
        let flow = usize::from(u16::from_be_bytes([frame[34], frame[35]]));
        let number = u32::from_be_bytes(*frame[42..].first_chunk().unwrap());
        assert_eq!(number, next[flow], "flow {flow} is out of order");
        next[flow] += 1;
    }
    running.stop();
    // Each frame came to one thread only.
    assert_eq!(noting.frames.load(Ordering::Relaxed), usize::from(FLOWS) * FRAMES as usize);
    let threads = noting.threads.lock();
    assert!(threads.values().all(|threads| threads.len() == 1), "a flow changed its thread");
    let used: HashSet<_> = threads.values().flatten().collect();
    assert_eq!(used.len(), 4, "64 flows fall on four threads");
}

#[test]
fn what_leaves_by_an_interface_does_not_come_in_by_it() {
    let _namespace = Namespace::enter();
    pair("a0", "a1", 1500);
    pair("b0", "b1", 1500);
    // Whatever comes in by a port leaves by the same.
    let (running, _events) = run([(1, "a0"), (2, "b0")], 2, Patch::new([(1, &[1]), (2, &[2])]));
    let mut a = End::open("a1");
    // Someone else, such as the kernel, also sends by a0.
    let other = End::open("a0");
    for length in 60..70 {
        other.send(&frame(length));
        assert_eq!(a.take(), frame(length));
        a.send(&frame(length));
        assert_eq!(a.take(), frame(length));
    }
    assert_eq!(running.stop()[0].counters.received.packets, 10);
}

#[test]
fn a_port_comes_back_with_its_interface() {
    let _namespace = Namespace::enter();
    pair("a0", "a1", 1500);
    pair("b0", "b1", 1500);
    let (running, events) = run([(1, "a0"), (2, "b0")], 2, Patch::new([(1, &[2]), (2, &[1])]));
    let index = || Ports::find(&ports([(2, "b0")])).map(|found| found[0].index);
    let before = index().unwrap();
    let mut a = End::open("a1");
    let mut cross = |b: &mut End| {
        a.send(&frame(60));
        assert_eq!(b.take(), frame(60));
        b.send(&frame(61));
        assert_eq!(a.take(), frame(61));
    };
    cross(&mut End::open("b1"));

    ip("link set b1 down");
    expect_state(&events, 2, PortState::Down(DownReason::NoCarrier));
    ip("link set b1 up");
    expect_state(&events, 2, PortState::Up);
    cross(&mut End::open("b1"));

    ip("link set b0 down");
    expect_state(&events, 2, PortState::Down(DownReason::SetDown));
    ip("link set b0 up");
    expect_state(&events, 2, PortState::Up);
    cross(&mut End::open("b1"));

    ip("link delete b0");
    expect_state(&events, 2, PortState::Down(DownReason::Gone));
    let text = index().unwrap_err().to_string();
    assert!(text.starts_with("port 2: there is no interface \"b0\"; there are"), "{text}");
    assert!(text.contains("a0"), "{text}");
    pair("b0", "b1", 1500);
    // It may be seen before its other end is up.
    let up = events
        .iter()
        .find(|event| matches!(event, PortEvent::State { state, .. } if *state == PortState::Up));
    assert!(up.is_some());
    assert_ne!(index().unwrap(), before);
    cross(&mut End::open("b1"));

    let begun = Instant::now();
    running.stop();
    assert!(begun.elapsed() < Duration::from_millis(200), "{:?}", begun.elapsed());
}

#[test]
fn frames_whose_checksum_a_device_should_fill_in_are_counted_and_told_of_once() {
    let _namespace = Namespace::enter();
    pair("a0", "a1", 1500);
    ip("address add 192.0.2.1/30 dev a1");
    let (running, events) = run([(1, "a0")], 1, Patch::default());
    let socket = UdpSocket::bind("192.0.2.1:0").unwrap();
    for _ in 0..3 {
        // Without ARP, any neighbour is taken to be there.
        socket.send_to(b"datagram", "192.0.2.2:9").unwrap();
    }
    let interface = "a0".to_owned();
    let told = PortEvent::ChecksumMissing { number: 1, interface };
    assert_eq!(events.recv_timeout(PATIENCE), Ok(told));
    let deadline = Instant::now() + PATIENCE;
    while running.status()[0].counters.received.packets < 3 && Instant::now() < deadline {
        thread::yield_now();
    }
    let counters = running.stop()[0].counters;
    assert_eq!((counters.received.packets, counters.checksum_missing), (3, 3));
    assert!(events.try_recv().is_err(), "it is told once");
}
