//! A sled: a tunnel to the switch that ends in a TAP device, and the services behind it.

use super::geneve;
use super::namespace::Namespace;
use super::network::{Network, SWITCH_UNDERLAY, SledPlan, TAP, VNI};
use super::stream::{self, Receiver};
use super::web;
use anyhow::{Context, Result};
use std::net::{Ipv6Addr, SocketAddr};
use std::os::fd::AsRawFd as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::net::{TcpListener, UdpSocket};
use tun_rs::{AsyncDevice, DeviceBuilder, Layer};
use uapi::c;

/// A sled that serves.
pub(crate) struct Sled {
    /// The numbered datagrams that it received.
    pub(crate) receiver: Arc<Receiver>,
    counts: Arc<Counts>,
}

/// What went through the tunnel.
#[derive(Default)]
struct Counts {
    unwrapped: AtomicU64,
    wrapped: AtomicU64,
    refused: AtomicU64,
}

impl Sled {
    /// Starts the tunnel and the services.
    pub(crate) async fn start(plan: &SledPlan, place: &Namespace) -> Result<Self> {
        let counts = Arc::new(Counts::default());
        let underlay = plan.underlay;
        let ends = place.within(async move { open(underlay).await }).await?;
        Network::settle_tap(plan, place).await?;
        let (tap, tunnel) = ends;
        place.spawn(unwrap(Arc::clone(&tap), Arc::clone(&tunnel), Arc::clone(&counts)))?;
        place.spawn(wrap(tap, tunnel, Arc::clone(&counts)))?;

        let name = plan.name;
        let listener = place
            .within(async { Ok(TcpListener::bind(anywhere(web::PORT)).await?) })
            .await
            .context("cannot serve HTTP")?;
        place.spawn(web::serve(listener, name))?;
        let receiver = Arc::new(Receiver::default());
        let socket = place.within(async { stream::open(anywhere(stream::PORT)) }).await?;
        place.spawn(stream::receive(socket, Arc::clone(&receiver)))?;
        Ok(Self { receiver, counts })
    }

    /// How many packets went through the tunnel: to the sled, from it, and refused.
    pub(crate) fn counts(&self) -> [u64; 3] {
        let Counts { unwrapped, wrapped, refused } = &*self.counts;
        [unwrapped, wrapped, refused].map(|count| count.load(Ordering::Relaxed))
    }
}

/// Of both families.
fn anywhere(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv6Addr::UNSPECIFIED, port))
}

async fn open(underlay: Ipv6Addr) -> Result<(Arc<AsyncDevice>, Arc<UdpSocket>)> {
    let tap = DeviceBuilder::new()
        .name(TAP)
        .layer(Layer::L2)
        .build_async()
        .context("cannot make a TAP device")?;
    let tunnel = stream::open(SocketAddr::from((underlay, geneve::PORT)))?;
    // The switch leaves the outer checksum out, as RFC 6935 allows for tunnels; a socket takes such
    // datagrams over IPv6 only if told to.
    let on: c::c_int = 1;
    uapi::setsockopt(tunnel.as_raw_fd(), c::IPPROTO_UDP, c::UDP_NO_CHECK6_RX, &on)
        .map_err(std::io::Error::from)?;
    Ok((Arc::new(tap), Arc::new(tunnel)))
}

/// Hands what comes from the switch to the TAP device.
async fn unwrap(tap: Arc<AsyncDevice>, tunnel: Arc<UdpSocket>, counts: Arc<Counts>) {
    let mut buffer = vec![0; 65_536];
    loop {
        let Ok(length) = tunnel.recv(&mut buffer).await else { continue };
        match geneve::unwrap(VNI, &buffer[..length]) {
            Ok(frame) if tap.send(frame).await.is_ok() => &counts.unwrapped,
            _ => &counts.refused,
        }
        .fetch_add(1, Ordering::Relaxed);
    }
}

/// Sends what comes from the TAP device to the switch.
async fn wrap(tap: Arc<AsyncDevice>, tunnel: Arc<UdpSocket>, counts: Arc<Counts>) {
    let mut buffer = vec![0; 65_536];
    let switch = (SWITCH_UNDERLAY, geneve::PORT);
    loop {
        let Ok(length) = tap.recv(&mut buffer).await else { return };
        match tunnel.send_to(&geneve::wrap(VNI, &buffer[..length]), switch).await {
            Ok(_) => &counts.wrapped,
            Err(_) => &counts.refused,
        }
        .fetch_add(1, Ordering::Relaxed);
    }
}
