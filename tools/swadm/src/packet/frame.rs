//! Frames as they come from outside.

use clap::ValueEnum;
use etherparse::PacketBuilder;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What a packet is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Protocol {
    /// A UDP datagram.
    #[default]
    Udp,
    /// A TCP segment.
    Tcp,
    /// An ICMP or ICMPv6 echo request, whose identifier is the port.
    Icmp,
}

/// Who sends: a host of the ranges that are reserved for documentation (RFC 5737, RFC 3849).
const SOURCE_V4: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 99);
const SOURCE_V6: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0xffff, 0, 0, 0, 0, 0x99);
const SOURCE_PORT: u16 = 51_515;
const SOURCE_MAC: [u8; 6] = [0x02, 0, 0, 0, 0xee, 1];
const SWITCH_MAC: [u8; 6] = [0x02, 0, 0, 0, 0, 1];
const HOPS: u8 = 60;
const PAYLOAD: &[u8] = b"a packet made by swadm to see what becomes of it";

/// A packet from outside to this address and port.
pub(crate) fn frame(to: IpAddr, port: u16, protocol: Protocol) -> Vec<u8> {
    let ethernet = PacketBuilder::ethernet2(SOURCE_MAC, SWITCH_MAC);
    let mut frame = Vec::new();
    let ip = match to {
        IpAddr::V4(to) => ethernet.ipv4(SOURCE_V4.octets(), to.octets(), HOPS),
        IpAddr::V6(to) => ethernet.ipv6(SOURCE_V6.octets(), to.octets(), HOPS),
    };
    // Writing so few bytes into memory cannot fail.
    let _ = match (protocol, to) {
        (Protocol::Udp, _) => ip.udp(SOURCE_PORT, port).write(&mut frame, PAYLOAD),
        (Protocol::Tcp, _) => ip.tcp(SOURCE_PORT, port, 1, 512).write(&mut frame, PAYLOAD),
        (Protocol::Icmp, IpAddr::V4(_)) => {
            ip.icmpv4_echo_request(port, 1).write(&mut frame, PAYLOAD)
        }
        (Protocol::Icmp, IpAddr::V6(_)) => {
            ip.icmpv6_echo_request(port, 1).write(&mut frame, PAYLOAD)
        }
    };
    frame
}
