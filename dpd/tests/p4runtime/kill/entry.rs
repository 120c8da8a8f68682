//! Entries as clients send them, get them back, and find them in the switch.

use rand::RngExt as _;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    pub(super) external: IpAddr,
    pub(super) low: u16,
    pub(super) high: u16,
    pub(super) internal_ip: Ipv6Addr,
}

/// A set in which no two overlap.
pub(super) type Set = BTreeSet<Entry>;

const VNI: u32 = 100;
const MAC: [u8; 6] = [2, 0, 0, 0, 0, 1];

impl Entry {
    /// One of a client's entries: a whole address, or one of its four quarters.
    pub(super) fn random(client: u16, random: &mut StdRng) -> Self {
        let host = random.random_range(1..30_u16);
        let external = match random.random::<bool>() {
            true => Ipv4Addr::new(203, 0, 110 + client as u8, host as u8).into(),
            false => Ipv6Addr::new(0x2001, 0xdb8, 0, client, 0, 0, 0, host).into(),
        };
        let (low, high) = match random.random_range(0..5_u16) {
            4 => (0, u16::MAX),
            quarter => (quarter * 16_384, quarter * 16_384 + 16_383),
        };
        let sled = random.random_range(1..1000);
        let internal_ip = Ipv6Addr::new(0xfd00, 0, 0, sled, 0, 0, 0, 1);
        Self { external, low, high, internal_ip }
    }

    pub(super) fn overlaps(&self, other: &Entry) -> bool {
        self.external == other.external && self.low <= other.high && other.low <= self.high
    }

    pub(super) fn target(&self) -> Value {
        json!({ "internal_ip": self.internal_ip, "inner_mac": { "a": MAC }, "vni": VNI })
    }

    pub(super) fn to_json(self) -> Value {
        let Self { external, low, high, internal_ip: _ } = self;
        json!({ "external": external, "low": low, "high": high, "target": self.target() })
    }

    /// As the daemon tells of it.
    pub(super) fn from_json(entry: &Value) -> Self {
        let port = |name: &str| u16::try_from(entry[name].as_u64().unwrap()).unwrap();
        let parsed = Self {
            external: entry["external"].as_str().unwrap().parse().unwrap(),
            low: port("low"),
            high: port("high"),
            internal_ip: entry["target"]["internal_ip"].as_str().unwrap().parse().unwrap(),
        };
        assert_eq!(*entry, parsed.to_json());
        parsed
    }
}

/// Puts an entry in, in the place of all that it overlaps.
pub(super) fn replace(set: &mut Set, entry: Entry) {
    set.retain(|other| !other.overlaps(&entry));
    set.insert(entry);
}

/// A set as the body of a request has it.
pub(super) fn to_json(set: &Set) -> Value {
    set.iter().map(|entry| entry.to_json()).collect()
}

/// The entries that rows of the switch are made of.
pub(super) fn rows_of(rows: &[Value]) -> Vec<Entry> {
    let entry = |row: &Value| {
        let ports = row["keys"]["l4_dst_port"].as_str().unwrap();
        let (low, high) = ports.split_once('-').unwrap();
        Entry {
            external: row["keys"]["dst_addr"].as_str().unwrap().parse().unwrap(),
            low: low.parse().unwrap(),
            high: high.parse().unwrap(),
            internal_ip: row["action_args"]["target"].as_str().unwrap().parse().unwrap(),
        }
    };
    rows.iter().map(entry).collect()
}
