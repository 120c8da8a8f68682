//! Frames in a line.

use dpd_types::MacAddr;
use etherparse::{IpNumber, LaxNetSlice, LaxSlicedPacket, TransportSlice};
use std::net::IpAddr;

/// The UDP port of Geneve, RFC 8926.
const GENEVE_PORT: u16 = 6081;
/// What follows Geneve's header if it carries Ethernet.
const ETHERNET: [u8; 2] = [0x65, 0x58];
/// Tunnels within tunnels are told to this depth.
const MOST_TUNNELS: usize = 4;

/// What the frame is: from where to where, and what is inside if it is a tunnel.
pub(crate) fn summary(frame: &[u8]) -> String {
    nested(frame, MOST_TUNNELS)
}

fn nested(frame: &[u8], tunnels_left: usize) -> String {
    let Ok(packet) = LaxSlicedPacket::from_ethernet(frame) else {
        return bytes(frame.len());
    };
    let Some((from, to, protocol)) = packet.net.as_ref().and_then(ends) else {
        let kind = frame.get(12..14).map_or([0, 0], |kind| [kind[0], kind[1]]);
        let kind = u16::from_be_bytes(kind);
        return format!("{} of Ethernet type {kind:#06x}", bytes(frame.len()));
    };
    match &packet.transport {
        Some(TransportSlice::Udp(udp)) => {
            let (source, destination) = (udp.source_port(), udp.destination_port());
            let inside = match destination {
                GENEVE_PORT if tunnels_left > 0 => geneve(udp.payload(), to, tunnels_left - 1),
                _ => None,
            };
            inside.unwrap_or_else(|| format!("UDP {from} port {source} to {to} port {destination}"))
        }
        Some(TransportSlice::Tcp(tcp)) => {
            let (source, destination) = (tcp.source_port(), tcp.destination_port());
            format!("TCP {from} port {source} to {to} port {destination}")
        }
        Some(TransportSlice::Icmpv4(_)) => format!("ICMP {from} to {to}"),
        Some(TransportSlice::Icmpv6(_)) => format!("ICMPv6 {from} to {to}"),
        Some(TransportSlice::Igmp(_)) | None => format!("protocol {} {from} to {to}", protocol.0),
    }
}

fn bytes(count: usize) -> String {
    format!("{count} byte{}", if count == 1 { "" } else { "s" })
}

/// The addresses and the protocol of an IP packet.
fn ends(net: &LaxNetSlice<'_>) -> Option<(IpAddr, IpAddr, IpNumber)> {
    match net {
        LaxNetSlice::Ipv4(ip) => {
            let header = ip.header();
            let (from, to) = (header.source_addr(), header.destination_addr());
            Some((from.into(), to.into(), ip.payload().ip_number))
        }
        LaxNetSlice::Ipv6(ip) => {
            let header = ip.header();
            let (from, to) = (header.source_addr(), header.destination_addr());
            Some((from.into(), to.into(), ip.payload().ip_number))
        }
        _ => None,
    }
}

/// A Geneve packet, from its own header on: base header, options, and the frame inside.
fn geneve(packet: &[u8], to: IpAddr, tunnels_left: usize) -> Option<String> {
    let (header, rest) = packet.split_first_chunk::<8>()?;
    let [lengths, _, kind @ .., vni_1, vni_2, vni_3, _] = *header;
    let options_bytes = usize::from(lengths & 0x3f) * 4;
    let inside = rest.get(options_bytes..)?;
    if kind != ETHERNET || lengths >> 6 != 0 {
        return None;
    }
    let vni = u32::from_be_bytes([0, vni_1, vni_2, vni_3]);
    let inner_mac = MacAddr { a: *inside.first_chunk()? };
    let inside = nested(inside, tunnels_left);
    Some(format!("Geneve to {to}, VNI {vni}, inner MAC {inner_mac}: {inside}"))
}
