//! Packets that find out where an address and a port lead.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use etherparse::PacketBuilder;
use nat_groups::{ExternalAddr, MacAddr, Mapping, Slot, Target, Vni};

/// The port that probes come in by: an uplink.
pub const UPLINK: u16 = 1;
/// The port that leads to all sleds.
pub const REAR: u16 = 2;
/// The switch's underlay address, which tunnels begin at.
pub const UNDERLAY: Ipv6Addr = Ipv6Addr::new(0xfd00, 0, 0, 0xfe, 0, 0, 0, 1);
/// The router behind [`REAR`] that leads to every sled.
pub const NEXT_HOP: Ipv6Addr = Ipv6Addr::new(0xfd00, 0, 0, 0xfe, 0, 0, 0, 2);
/// Its MAC address.
pub const NEXT_HOP_MAC: [u8; 6] = [0x02, 0, 0, 0, 0xff, 2];
/// The MAC address of a port of the switch.
pub const fn port_mac(port: u16) -> [u8; 6] {
    let [high, low] = port.to_be_bytes();
    [0x02, 0, 0, 0, high, low]
}

/// A packet from outside, to one address and one port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Probe {
    /// The external address.
    pub external: ExternalAddr,
    /// The destination port; of ICMP echo the identifier.
    pub port: u16,
    /// What the packet is.
    pub protocol: Protocol,
}

/// What a probe is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// A UDP datagram.
    Udp,
    /// A TCP segment.
    Tcp,
    /// An ICMP or ICMPv6 echo request.
    Echo,
}

/// What became of a probe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It went to this target, encapsulated as it should be.
    Sent(Target),
    /// Nothing came out.
    Dropped,
    /// What came out is not the probe in a tunnel to anywhere.
    Mangled {
        /// The frames that came out, by port.
        outputs: Vec<(u16, Vec<u8>)>,
    },
}

impl Probe {
    /// Probes for every bound of these slots, each with the ports just beside it. The protocols
    /// take turns. In order, each address and port once.
    pub fn of_slots(slots: impl IntoIterator<Item = Slot>) -> Vec<Probe> {
        let mut places: Vec<(ExternalAddr, u16)> = slots
            .into_iter()
            .flat_map(|Slot { external, ports }| {
                let (low, high) = (ports.low(), ports.high());
                [low.saturating_sub(1), low, high, high.saturating_add(1)]
                    .map(|port| (external, port))
            })
            .collect();
        places.sort_unstable();
        places.dedup();
        let protocols = [Protocol::Udp, Protocol::Tcp, Protocol::Echo];
        places
            .into_iter()
            .zip(protocols.into_iter().cycle())
            .map(|((external, port), protocol)| Probe { external, port, protocol })
            .collect()
    }

    /// The frame that comes in by [`UPLINK`].
    pub fn frame(&self) -> Vec<u8> {
        let outside = PacketBuilder::ethernet2([0x02, 0, 0, 0, 0xee, 1], port_mac(UPLINK));
        let payload = [0x5a; PAYLOAD_BYTES];
        let mut frame = Vec::with_capacity(128);
        let (from, hops) = (51_515, 60);
        // Writing into a `Vec` of so few bytes cannot fail.
        let _ = match IpAddr::from(self.external) {
            IpAddr::V4(external) => {
                let ip =
                    outside.ipv4(Ipv4Addr::new(192, 0, 2, 99).octets(), external.octets(), hops);
                match self.protocol {
                    Protocol::Udp => ip.udp(from, self.port).write(&mut frame, &payload),
                    Protocol::Tcp => ip.tcp(from, self.port, 1, 512).write(&mut frame, &payload),
                    Protocol::Echo => {
                        ip.icmpv4_echo_request(self.port, 1).write(&mut frame, &payload)
                    }
                }
            }
            IpAddr::V6(external) => {
                let source = Ipv6Addr::new(0x2001, 0xdb8, 0xffff, 0, 0, 0, 0, 0x99);
                let ip = outside.ipv6(source.octets(), external.octets(), hops);
                match self.protocol {
                    Protocol::Udp => ip.udp(from, self.port).write(&mut frame, &payload),
                    Protocol::Tcp => ip.tcp(from, self.port, 1, 512).write(&mut frame, &payload),
                    Protocol::Echo => {
                        ip.icmpv6_echo_request(self.port, 1).write(&mut frame, &payload)
                    }
                }
            }
        };
        frame
    }

    /// The target of the mapping that this probe is for, among mappings in slot order.
    pub fn target_in(&self, mappings: &[Mapping]) -> Option<Target> {
        let last = Slot::last_from(self.external, self.port);
        let before = mappings.partition_point(|mapping| mapping.slot <= last);
        let Mapping { slot, target } = mappings[..before].last()?;
        (slot.external == self.external && slot.ports.contains(self.port)).then_some(*target)
    }

    /// What became of the probe that was sent as `frame`, from what the switch sent out.
    pub fn fate(&self, frame: &[u8], outputs: Vec<(u16, Vec<u8>)>) -> Fate {
        if outputs.is_empty() {
            return Fate::Dropped;
        }
        let target = match outputs.as_slice() {
            [(REAR, output)] => target_of(output, frame),
            _ => None,
        };
        target.map_or(Fate::Mangled { outputs }, Fate::Sent)
    }
}

/// The bytes that follow a probe's headers: enough that no frame needs padding.
const PAYLOAD_BYTES: usize = 40;

/// The headers of a tunnel: Ethernet, IPv6, UDP, Geneve with one option, inner Ethernet.
const TUNNEL_BYTES: usize = 14 + 40 + 8 + 12 + 14;
const ETHERNET_BYTES: usize = 14;

/// The target that `output` is sent to, if it is `frame` in a tunnel to it and in every byte as it
/// should be.
fn target_of(output: &[u8], frame: &[u8]) -> Option<Target> {
    let (header, packet) = output.split_first_chunk::<TUNNEL_BYTES>()?;
    let target = Target {
        internal_ip: Ipv6Addr::from(array::<16>(header, 38)?),
        vni: Vni::new(u32::from_be_bytes([0, header[66], header[67], header[68]])).ok()?,
        inner_mac: MacAddr(array::<6>(header, 74)?),
    };
    let right = tunnel(&target, header, frame.len() - ETHERNET_BYTES)?;
    (*header == right && packet == &frame[ETHERNET_BYTES..]).then_some(target)
}

/// The headers that a packet of so many bytes gets on its way to `target`. Taken from `sent`, since
/// there is more than one right value: the flow label and traffic class, the UDP source port, and
/// the inner source MAC and type.
fn tunnel(target: &Target, sent: &[u8; TUNNEL_BYTES], bytes: usize) -> Option<[u8; TUNNEL_BYTES]> {
    const UDP: u8 = 17;
    let udp_bytes = u16::try_from(bytes + TUNNEL_BYTES - 54).ok()?.to_be_bytes();
    let [_, vni @ ..] = target.vni.get().to_be_bytes();
    let mut right = *sent;
    let mut put = |at: usize, bytes: &[u8]| right[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, &NEXT_HOP_MAC);
    put(6, &port_mac(REAR));
    put(12, &[0x86, 0xdd, 0x60 | (sent[14] & 0xf)]);
    put(18, &udp_bytes);
    put(20, &[UDP, 255]);
    put(22, &UNDERLAY.octets());
    put(38, &target.internal_ip.octets());
    put(56, &6081_u16.to_be_bytes());
    put(58, &udp_bytes);
    // No checksum, which RFC 6935 allows; Geneve version 0 with four bytes of options, critical or
    // not, over Ethernet.
    put(60, &[0, 0, 1, sent[63] & 0x40, 0x65, 0x58]);
    put(66, &vni);
    // The external packet option: class 0x0129, type 0, no data.
    put(69, &[0, 0x01, 0x29, 0, 0]);
    put(74, &target.inner_mac.0);
    let inner_type: [u8; 2] =
        if sent[88 - 2..] == [0x08, 0x00] { [0x08, 0x00] } else { [0x86, 0xdd] };
    put(86, &inner_type);
    Some(right)
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at + N)?.try_into().ok()
}

impl fmt::Display for Protocol {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Protocol::Udp => "UDP",
            Protocol::Tcp => "TCP",
            Protocol::Echo => "ICMP echo",
        })
    }
}

impl fmt::Display for Probe {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Probe { external, port, protocol } = self;
        write!(formatter, "{protocol} to {external} port {port}")
    }
}

impl fmt::Display for Fate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fate::Sent(target) => write!(formatter, "sent to {}", InWords(Some(target))),
            Fate::Dropped => formatter.write_str("dropped"),
            Fate::Mangled { outputs } => {
                formatter.write_str("sent as something else:")?;
                outputs.iter().try_for_each(|(port, frame)| {
                    write!(formatter, " port {port} ")?;
                    frame.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
                })
            }
        }
    }
}

/// A target, or none, in words.
pub(crate) struct InWords<'a>(pub(crate) Option<&'a Target>);

impl fmt::Display for InWords<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => formatter.write_str("nowhere"),
            Some(Target { internal_ip, inner_mac, vni }) => {
                let [a, b, c, d, e, f] = inner_mac.0;
                let vni = vni.get();
                write!(
                    formatter,
                    "{internal_ip} ({a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{f:02x}, VNI {vni})"
                )
            }
        }
    }
}
