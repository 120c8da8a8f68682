//! The device behind the daemon, as packets see it, and the ways to make it fail.

use crate::entry::{Entry, Target};
use asic::{
    Action, Asic as _, ChaosSwitch, MatchKey, MemoryHandle, Row, RowKey, Table, TableWrite, Value,
};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::ops::Deref;
use std::time::Duration;

/// The device under a daemon: the tables in memory, behind a wrapper that fails as told. It
/// derefs to the [`ChaosSwitch`] that tells it. Clones lead to the same device.
#[derive(Clone, Debug)]
pub struct Device {
    memory: MemoryHandle,
    switch: ChaosSwitch,
}

/// A row of one of the NAT tables. Rows sort by entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DeviceRow {
    /// What it does to which packets.
    pub entry: Entry,
    /// Which row wins where several match: the one where this is larger.
    pub priority: u32,
}

/// The tables whose rows are entries.
const NAT_TABLES: [Table; 2] = [Table::NatIngressIpv4, Table::NatIngressIpv6];

/// The length of every packet that is sent here, in bytes.
const PACKET_BYTES: u64 = 100;

impl Device {
    /// The device with these tables and these switches.
    pub fn new(memory: MemoryHandle, switch: ChaosSwitch) -> Self {
        Self { memory, switch }
    }

    /// The way to its tables past everyone.
    pub fn memory(&self) -> &MemoryHandle {
        &self.memory
    }

    /// Every row, IPv4 first, in order.
    pub fn rows(&self) -> Vec<DeviceRow> {
        NAT_TABLES.into_iter().flat_map(|table| self.memory.rows(table)).map(device_row).collect()
    }

    /// What becomes of a packet to this address and port; its row counts it.
    pub fn packet(&self, external: IpAddr, port: u16) -> Option<Target> {
        let (table, address) = match external {
            IpAddr::V4(v4) => (Table::NatIngressIpv4, v4.into()),
            IpAddr::V6(v6) => (Table::NatIngressIpv6, v6.into()),
        };
        let row = self.memory.lookup(table, &[address, port.into()], PACKET_BYTES).unwrap();
        row.map(|row| device_row(row).entry.target)
    }

    /// How many packets each row has counted, by the entry's address and ports.
    pub fn packets_counted(&self) -> BTreeMap<(IpAddr, u16, u16), u64> {
        let mut device = self.memory.reconnect();
        let mut packets = BTreeMap::new();
        for table in NAT_TABLES {
            for (key, counter) in device.counters(table, Duration::ZERO).unwrap() {
                assert_eq!(counter.bytes, counter.packets * PACKET_BYTES);
                *packets.entry(slot(&key)).or_default() += counter.packets;
            }
        }
        packets
    }

    /// Fails the test unless the device holds exactly these entries, one row each at the default
    /// priority, and every packet at or just beside a bound of theirs goes where they say.
    pub fn assert_holds(&self, entries: &[Entry]) {
        let mut sorted = entries.to_vec();
        sorted.sort_unstable();
        let expected: Vec<DeviceRow> =
            sorted.iter().map(|&entry| DeviceRow { entry, priority: 1 }).collect();
        assert_eq!(self.rows(), expected);
        self.assert_forwards(entries);
    }

    /// Fails the test unless every packet at or just beside a bound of these entries goes where
    /// they say, whatever the rows are.
    pub fn assert_forwards(&self, entries: &[Entry]) {
        self.memory.validate().unwrap();
        for Entry { external, low, high, .. } in entries {
            let middle = low + (high - low) / 2;
            let bounds = [low.saturating_sub(1), *low, middle, *high, high.saturating_add(1)];
            for port in bounds {
                let covering = entries.iter().find(|other| other.covers(*external, port));
                let expected = covering.map(|entry| entry.target);
                assert_eq!(self.packet(*external, port), expected, "{external} port {port}");
            }
        }
    }

    /// Adds a row behind the daemon's back.
    pub fn smuggle_in(&self, row: DeviceRow) {
        let DeviceRow { entry: Entry { external, low, high, target }, priority } = row;
        let (table, action) = match external {
            IpAddr::V4(_) => (Table::NatIngressIpv4, "forward_ipv4_to"),
            IpAddr::V6(_) => (Table::NatIngressIpv6, "forward_ipv6_to"),
        };
        let key = MatchKey::builder(table);
        let key = match external {
            IpAddr::V4(v4) => key.exact(v4),
            IpAddr::V6(v6) => key.exact(v6),
        };
        let key = key.range(low, high).build().unwrap();
        let action = Action::builder(table, action)
            .argument(target.internal_ip)
            .argument(target.inner_mac)
            .argument(target.vni)
            .build()
            .unwrap();
        let row = Row::new(key.at_priority(priority), action).unwrap();
        self.memory.alter(&TableWrite::Insert(row)).unwrap();
    }

    /// Removes the rows of this entry's address and ports behind the daemon's back.
    pub fn snatch_away(&self, entry: &Entry) {
        let rows = NAT_TABLES.into_iter().flat_map(|table| self.memory.rows(table));
        let keys: Vec<RowKey> =
            rows.map(|row| row.key()).filter(|key| slot(key) == entry.slot()).collect();
        assert!(!keys.is_empty(), "the device has no row for {entry:?}");
        keys.iter().for_each(|key| self.memory.alter(&TableWrite::Delete(*key)).unwrap());
    }
}

impl Deref for Device {
    type Target = ChaosSwitch;

    fn deref(&self) -> &ChaosSwitch {
        &self.switch
    }
}

fn device_row(row: Row) -> DeviceRow {
    let action = row.action();
    let argument = |name| action.argument(name).unwrap();
    let target = Target {
        internal_ip: argument("target").as_ipv6().unwrap(),
        inner_mac: argument("inner_mac").as_mac().unwrap(),
        vni: argument("vni").as_number().unwrap().try_into().unwrap(),
    };
    let (external, low, high) = slot(&row.key());
    DeviceRow { entry: Entry { external, low, high, target }, priority: row.key().priority }
}

fn slot(RowKey { key, priority: _ }: &RowKey) -> (IpAddr, u16, u16) {
    let address = key.exact("dst_addr").unwrap();
    let external = match address {
        Value::Ipv4(v4) => IpAddr::V4(v4),
        Value::Ipv6(v6) => IpAddr::V6(v6),
        other => panic!("{other} is no external address"),
    };
    let (low, high) = key.range().unwrap();
    (external, low, high)
}
