//! Sets of entries as a rack has them.

use crate::entry::{Entry, Target, target};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The sleds of a rack.
const SLEDS: u16 = 32;
/// The ports of one source NAT chunk, which begins at a multiple of them.
const CHUNK: u16 = 16384;
/// The VNI of the services.
const SERVICES_VNI: u32 = 100;

/// The ten entries of a rack's services, in order: two boundary NTP servers, each with a chunk of
/// ports, and three Nexus and five DNS servers with all of them. One DNS server has an IPv6 address.
pub fn services() -> Vec<Entry> {
    let address = |host| IpAddr::V4(Ipv4Addr::new(198, 51, 100, host));
    let service = |external, low, high, sled| Entry {
        external,
        low,
        high,
        target: target(sled).vni(SERVICES_VNI),
    };
    let ntp = [(1, 0), (2, CHUNK)]
        .map(|(host, low)| service(address(host), low, low + (CHUNK - 1), u16::from(host)));
    let whole = (3..10).map(|host| service(address(host), 0, u16::MAX, u16::from(host)));
    let dns = Ipv6Addr::new(0x2001, 0xdb8, 0x53, 0, 0, 0, 0, 1);
    let mut services: Vec<Entry> = ntp.into_iter().chain(whole).collect();
    services.push(service(dns.into(), 0, u16::MAX, 10));
    services
}

/// `count` entries of instances, in order and the same for the same seed: half of them floating and
/// ephemeral addresses with all ports, every fourth of those IPv6; half of them source NAT, in
/// aligned chunks of ports of a quarter as many addresses, with up to four users each.
pub fn instances(count: usize, seed: u64) -> Vec<Entry> {
    let mut random = StdRng::seed_from_u64(seed);
    let mut instances = Vec::with_capacity(count);
    let mut number = 0_u32;
    while instances.len() < count {
        number += 1;
        let external = Ipv4Addr::from_bits(u32::from(Ipv4Addr::new(100, 64, 0, 0)) + number);
        match number % 2 {
            0 => {
                let first: u16 = random.random_range(0..4);
                for user in 0..[1, 2, 3, 2][(number / 2) as usize % 4] {
                    let low = (first + user) % 4 * CHUNK;
                    instances.push(instance(&mut random, external.into(), low, low + (CHUNK - 1)));
                }
            }
            _ => {
                for floating in 0..2 {
                    let external = match (number / 2 + floating) % 4 {
                        0 => Ipv6Addr::from_bits(
                            (0x2001_0db8 << 96) | u128::from(2 * number + floating),
                        )
                        .into(),
                        _ => IpAddr::V4(Ipv4Addr::from_bits(
                            u32::from(Ipv4Addr::new(100, 96, 0, 0)) + 2 * number + floating,
                        )),
                    };
                    instances.push(instance(&mut random, external, 0, u16::MAX));
                }
            }
        }
    }
    instances.truncate(count);
    instances.sort_unstable();
    instances
}

/// An entry to some sled and network.
fn instance(random: &mut StdRng, external: IpAddr, low: u16, high: u16) -> Entry {
    let Target { internal_ip, inner_mac: [a, b, c, ..], .. } =
        target(random.random_range(0..SLEDS));
    let [.., d, e, f] = random.random::<u32>().to_be_bytes();
    let vni = random.random_range(1024..1 << 24);
    Entry {
        external,
        low,
        high,
        target: Target { internal_ip, inner_mac: [a, b, c, d, e, f], vni },
    }
}
