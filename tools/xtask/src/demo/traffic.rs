//! Packets that go through a switch process all the time.

use anyhow::{Result, bail};
use dpd_replay::{Probe, Protocol, SwitchProcess, UPLINK};
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How long to wait for packets that have to come.
const PATIENCE: Duration = Duration::from_secs(20);

/// The services that packets go to, and a port of each.
const SERVICES: [(Ipv4Addr, u16); 4] = [
    (Ipv4Addr::new(203, 0, 113, 1), 443),
    (Ipv4Addr::new(203, 0, 113, 1), 20_000),
    (Ipv4Addr::new(203, 0, 113, 2), 443),
    (Ipv4Addr::new(203, 0, 113, 3), 53),
];

/// A thread that sends packets, and waits for each.
pub(super) struct Traffic {
    counts: Arc<Counts>,
    is_over: Arc<AtomicBool>,
    thread: JoinHandle<Result<()>>,
}

#[derive(Default)]
struct Counts {
    sent: AtomicU64,
    lost: AtomicU64,
}

impl Traffic {
    pub(super) fn start(switch: &SwitchProcess) -> Result<Self> {
        let mut socket = switch.packets()?;
        let (counts, is_over) = (Arc::<Counts>::default(), Arc::new(AtomicBool::new(false)));
        let thread = thread::spawn({
            let (counts, is_over) = (Arc::clone(&counts), Arc::clone(&is_over));
            move || {
                let frames = SERVICES.map(|(external, port)| {
                    Probe { external: external.into(), port, protocol: Protocol::Udp }.frame()
                });
                for frame in frames.iter().cycle() {
                    if is_over.load(Ordering::Acquire) {
                        break;
                    }
                    let is_lost = socket.send(UPLINK, frame)?.outputs.is_empty();
                    counts.lost.fetch_add(is_lost.into(), Ordering::AcqRel);
                    counts.sent.fetch_add(1, Ordering::AcqRel);
                }
                Ok(())
            }
        });
        Ok(Self { counts, is_over, thread })
    }

    /// How many packets were sent.
    pub(super) fn sent(&self) -> u64 {
        self.counts.sent.load(Ordering::Acquire)
    }

    /// Waits until so many more were.
    pub(super) fn pass(&self, packets: u64) -> Result<()> {
        let until = self.sent() + packets;
        let deadline = Instant::now() + PATIENCE;
        while self.sent() < until {
            if self.thread.is_finished() || Instant::now() > deadline {
                bail!("the packets have stopped");
            }
            thread::yield_now();
        }
        Ok(())
    }

    /// Ends, and says how many were sent, and how many of them were lost.
    pub(super) fn stop(self) -> Result<(u64, u64)> {
        self.is_over.store(true, Ordering::Release);
        match self.thread.join() {
            Ok(ended) => ended?,
            Err(_) => bail!("the thread that sends packets has failed"),
        }
        let Counts { sent, lost } = &*self.counts;
        Ok((sent.load(Ordering::Acquire), lost.load(Ordering::Acquire)))
    }
}
