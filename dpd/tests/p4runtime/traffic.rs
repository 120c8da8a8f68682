//! Packets that go through a switch all the time, each of which has to come out right.

use dpd_replay::{Fate, Probe, UPLINK};
use nat_groups::Target;
use parking_lot::Mutex;
use softswitch::PacketSocket;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{JoinHandle, yield_now};
use std::time::{Duration, Instant};

/// How long to wait for packets that have to come.
const PATIENCE: Duration = Duration::from_secs(60);

/// A flow, and whose it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flow {
    pub(crate) probe: Probe,
    /// The place of its group.
    pub(crate) group: usize,
}

/// The generations of a group that a packet may find.
#[derive(Debug)]
pub(crate) struct Generations {
    /// That which the daemon acknowledged last: no older one may be found.
    acknowledged: AtomicU64,
    /// That which was asked for last: no newer one may be found.
    asked: AtomicU64,
}

/// A thread that sends packets of all flows in turn, and waits for each.
pub(crate) struct Traffic {
    shared: Arc<Shared>,
    thread: JoinHandle<Vec<u64>>,
}

struct Shared {
    flows: Vec<Flow>,
    generations: Vec<Generations>,
    generation_of: fn(usize, &Target) -> Option<u64>,
    answered: AtomicU64,
    is_over: AtomicBool,
    /// The first packet that was lost or led astray.
    fault: Mutex<Option<String>>,
}

impl Traffic {
    /// Begins. Every group is at the generation that `generations` says; a target's group and
    /// generation are what `generation_of` makes of them.
    pub(crate) fn start(
        socket: &Path,
        flows: Vec<Flow>,
        generations: &[u64],
        generation_of: fn(usize, &Target) -> Option<u64>,
    ) -> Self {
        let socket = PacketSocket::connect(socket).unwrap();
        let generations = generations.iter().map(|&generation| Generations {
            acknowledged: AtomicU64::new(generation),
            asked: AtomicU64::new(generation),
        });
        let shared = Arc::new(Shared {
            flows,
            generations: generations.collect(),
            generation_of,
            answered: AtomicU64::new(0),
            is_over: AtomicBool::new(false),
            fault: Mutex::new(None),
        });
        let thread = std::thread::spawn({
            let shared = Arc::clone(&shared);
            move || shared.send_all(socket)
        });
        Self { shared, thread }
    }

    /// From now on packets of the group may find this generation too.
    pub(crate) fn ask(&self, group: usize, generation: u64) {
        self.shared.generations[group].asked.store(generation, Ordering::SeqCst);
    }

    /// From now on packets of the group have to find this generation.
    pub(crate) fn acknowledge(&self, group: usize, generation: u64) {
        self.shared.generations[group].acknowledged.store(generation, Ordering::SeqCst);
    }

    /// How many packets have come through.
    pub(crate) fn answered(&self) -> u64 {
        self.shared.answered.load(Ordering::SeqCst)
    }

    /// Waits until so many more have.
    #[track_caller]
    pub(crate) fn pass(&self, packets: u64) {
        let until = self.answered() + packets;
        let deadline = Instant::now() + PATIENCE;
        while self.answered() < until {
            assert!(!self.thread.is_finished(), "{:?}", *self.shared.fault.lock());
            assert!(Instant::now() < deadline, "the packets have stopped");
            yield_now();
        }
    }

    /// Ends, and says how many packets each flow had. Fails the test if one did not come through.
    #[track_caller]
    pub(crate) fn stop(self) -> Vec<(Flow, u64)> {
        self.shared.is_over.store(true, Ordering::SeqCst);
        let counts = self.thread.join().unwrap();
        if let Some(fault) = &*self.shared.fault.lock() {
            panic!("{fault}");
        }
        self.shared.flows.iter().copied().zip(counts).collect()
    }
}

impl Shared {
    /// Sends until it is over or a packet is lost: how many each flow had.
    fn send_all(&self, mut socket: PacketSocket) -> Vec<u64> {
        let frames: Vec<_> = self.flows.iter().map(|flow| flow.probe.frame()).collect();
        let mut counts = vec![0; frames.len()];
        for place in (0..frames.len()).cycle() {
            if self.is_over.load(Ordering::SeqCst) {
                break;
            }
            let Flow { probe, group } = self.flows[place];
            let generations = &self.generations[group];
            let oldest = generations.acknowledged.load(Ordering::SeqCst);
            let outputs = socket.send(UPLINK, &frames[place]).unwrap().outputs;
            let newest = generations.asked.load(Ordering::SeqCst);
            counts[place] += 1;
            let fate = probe.fate(&frames[place], outputs);
            let found = match &fate {
                Fate::Sent(target) => (self.generation_of)(group, target),
                _ => None,
            };
            if !found.is_some_and(|found| (oldest..=newest).contains(&found)) {
                let number = self.answered.load(Ordering::SeqCst);
                *self.fault.lock() = Some(format!(
                    "packet {number}, {probe}, was {fate}, and should have found a generation from \
                     {oldest} to {newest} of group {group}"
                ));
                break;
            }
            self.answered.fetch_add(1, Ordering::SeqCst);
        }
        counts
    }
}
