//! A stream of numbered datagrams at an even pace, so that each one that is lost is noticed.

use anyhow::{Context, Result};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

/// The port of the service that counts, which is among the service's ports.
pub(crate) const PORT: u16 = 8081;

/// How many datagrams are sent in a second.
pub(crate) const PER_SECOND: u64 = 1000;

/// A datagram: which stream it is of, its number, and filling.
const BYTES: usize = 200;

/// How much a socket can hold: seconds of the stream.
const QUEUE_BYTES: usize = 8 << 20;

/// What arrived at one place, of all streams.
#[derive(Default)]
pub(crate) struct Receiver(Mutex<Vec<(u64, u64)>>);

impl Receiver {
    /// The numbers of one stream in the order in which they arrived.
    pub(crate) fn of(&self, stream: u64) -> Vec<u64> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().filter(|(of, _)| *of == stream).map(|(_, number)| *number).collect()
    }

    fn add(&self, stream: u64, number: u64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((stream, number));
    }
}

/// A stream that is being sent.
pub(crate) struct Sender {
    next: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
    answers: Arc<Receiver>,
    stream: u64,
    sending: JoinHandle<()>,
}

impl Sender {
    /// The number of the next datagram, or of one that is being sent just now.
    pub(crate) fn next(&self) -> u64 {
        self.next.load(Ordering::Acquire)
    }

    /// Ends the stream, and says how many datagrams it had.
    pub(crate) async fn stop(&mut self) -> Result<u64> {
        self.stop.store(true, Ordering::Release);
        (&mut self.sending).await?;
        Ok(self.next())
    }

    /// How many datagrams were answered.
    pub(crate) fn answered(&self) -> u64 {
        self.answers.of(self.stream).len() as u64
    }
}

/// A socket with a long queue.
pub(crate) fn open(address: SocketAddr) -> Result<UdpSocket> {
    let socket = std::net::UdpSocket::bind(address)
        .with_context(|| format!("cannot bind a socket to {address}"))?;
    rustix::net::sockopt::set_socket_recv_buffer_size_force(&socket, QUEUE_BYTES)?;
    socket.set_nonblocking(true)?;
    Ok(UdpSocket::from_std(socket)?)
}

/// Notes what arrives, and answers each datagram with itself.
pub(crate) async fn receive(socket: UdpSocket, receiver: Arc<Receiver>) {
    let mut buffer = [0; BYTES];
    loop {
        // An error is of an answer before.
        let Ok((length, from)) = socket.recv_from(&mut buffer).await else { continue };
        if let Some((stream, number)) = parse(&buffer[..length]) {
            receiver.add(stream, number);
            let _ = socket.send_to(&buffer[..length], from).await;
        }
    }
}

/// Begins a stream to the service at an external address. To be called in the client's place.
pub(crate) async fn send(stream: u64, to: IpAddr) -> Result<Sender> {
    let socket = open(SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)))?;
    let to = match to {
        IpAddr::V4(to) => to.to_ipv6_mapped(),
        IpAddr::V6(to) => to,
    };
    socket.connect((to, PORT)).await?;
    let socket = Arc::new(socket);
    let (next, stop) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let answers = Arc::new(Receiver::default());
    let sending = tokio::spawn({
        let (socket, next, stop) = (Arc::clone(&socket), Arc::clone(&next), Arc::clone(&stop));
        async move {
            let mut ticks = interval(Duration::from_secs(1) / PER_SECOND as u32);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            while !stop.load(Ordering::Acquire) {
                ticks.tick().await;
                let number = next.load(Ordering::Acquire);
                // What the client's own kernel does not take has not been sent.
                if socket.send(&datagram(stream, number)).await.is_ok() {
                    next.store(number + 1, Ordering::Release);
                }
            }
        }
    });
    tokio::spawn({
        let answers = Arc::clone(&answers);
        async move {
            let mut buffer = [0; BYTES];
            while let Ok(length) = socket.recv(&mut buffer).await {
                if let Some((stream, number)) = parse(&buffer[..length]) {
                    answers.add(stream, number);
                }
            }
        }
    });
    Ok(Sender { next, stop, answers, stream, sending })
}

fn datagram(stream: u64, number: u64) -> [u8; BYTES] {
    let mut datagram = [0x5a; BYTES];
    datagram[..8].copy_from_slice(&stream.to_be_bytes());
    datagram[8..16].copy_from_slice(&number.to_be_bytes());
    datagram
}

fn parse(datagram: &[u8]) -> Option<(u64, u64)> {
    let (stream, rest) = datagram.split_first_chunk()?;
    let (number, _) = rest.split_first_chunk()?;
    Some((u64::from_be_bytes(*stream), u64::from_be_bytes(*number)))
}
