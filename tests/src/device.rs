//! The device behind the daemon, as packets see it, and the ways to make it fail.

use crate::entry::{Entry, Target};
use crate::switch::{Switch, target};
use asic::{Action, ChaosSwitch, MatchKey, Row, RowKey, Table, TableWrite, Value};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::ops::Deref;

/// The device under a daemon: a switch behind a wrapper that fails as told. It derefs to the
/// [`ChaosSwitch`] that tells it. Clones lead to the same device.
#[derive(Clone, Debug)]
pub struct Device {
    switch: Switch,
    chaos: ChaosSwitch,
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

impl Device {
    /// The switch, and what makes it fail.
    pub fn new(switch: Switch, chaos: ChaosSwitch) -> Self {
        Self { switch, chaos }
    }

    /// The way to the switch past everyone.
    pub fn switch(&self) -> &Switch {
        &self.switch
    }

    /// Every row, IPv4 first, in order.
    pub fn rows(&self) -> Vec<DeviceRow> {
        NAT_TABLES.into_iter().flat_map(|table| self.switch.rows(table)).map(device_row).collect()
    }

    /// What becomes of a packet to this address and port; its row counts it.
    pub fn packet(&self, external: IpAddr, port: u16) -> Option<Target> {
        self.switch.packet(external, port)
    }

    /// How many packets each row has counted, by the entry's address and ports.
    pub fn packets_counted(&self) -> BTreeMap<(IpAddr, u16, u16), u64> {
        let mut packets = BTreeMap::new();
        for (key, counter) in NAT_TABLES.into_iter().flat_map(|table| self.switch.counters(table)) {
            let slot = slot(&key);
            assert_eq!(counter.bytes, counter.packets * Switch::packet_bytes(slot.0));
            *packets.entry(slot).or_default() += counter.packets;
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
        self.switch.validate();
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
        self.switch.alter(&TableWrite::Insert(row)).unwrap();
    }

    /// Removes the rows of this entry's address and ports behind the daemon's back.
    pub fn snatch_away(&self, entry: &Entry) {
        let rows = NAT_TABLES.into_iter().flat_map(|table| self.switch.rows(table));
        let keys: Vec<RowKey> =
            rows.map(|row| row.key()).filter(|key| slot(key) == entry.slot()).collect();
        assert!(!keys.is_empty(), "the device has no row for {entry:?}");
        keys.iter().for_each(|key| self.switch.alter(&TableWrite::Delete(*key)).unwrap());
    }
}

impl Deref for Device {
    type Target = ChaosSwitch;

    fn deref(&self) -> &ChaosSwitch {
        &self.chaos
    }
}

fn device_row(row: Row) -> DeviceRow {
    let target = target(&row.action());
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
