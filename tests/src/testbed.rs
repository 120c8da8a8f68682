//! A daemon to test, with all that is around it.

use crate::client::{Answer, Client};
use crate::connection::Connection;
use crate::device::{Device, DeviceRow};
use crate::entry::{Entry, entry, target};
use crate::records::Records;
use crate::switch::{Backend, Switch, between_outside_and_sleds};
use crate::workload::{instances, services};
use asic::{ChaosAsic, ChaosConfig, MemoryConfig, PerTable, RangeExpansion, Table};
use dpd::forwarding::Forwarding;
use dpd::{Daemon, Options};
use journal::{ChaosDisk, Directory, Memory, StorageSource};
use nat_groups::{GroupName, Limits};
use serde_json::Value;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::{NonZeroU64, NonZeroUsize};
use std::ops::Deref;
use std::path::PathBuf;
use std::time::Duration;

/// A daemon on a port of its own, over a device of its own. It derefs to a [`Client`] of the
/// daemon. The daemon stops when this is dropped, or in good order with [`Testbed::close`].
pub struct Testbed {
    /// The device below.
    pub device: Device,
    /// The daemon's log.
    pub records: Records,
    client: Client,
    daemon: Daemon,
}

/// What a daemon and its device are to be like.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The rows of the IPv4 table and of the IPv6 table.
    pub size_rows: (u32, u32),
    /// The rows of each other table; as many as the program says if `None`.
    pub other_rows: Option<u32>,
    /// What a range of ports costs.
    pub range_expansion: RangeExpansion,
    /// Whether rows may overlap at different priorities.
    pub has_priorities: bool,
    /// How many writes the device takes at once.
    pub max_batch: NonZeroUsize,
    /// Which faults happen by chance, once the daemon has taken the device over.
    pub chaos: ChaosConfig,
    /// What kind of switch is below.
    pub backend: Backend,
    /// A switch that has been running before; a new one of that kind otherwise.
    pub switch: Option<Switch>,
    /// How long the device has for one call.
    pub device_timeout: Duration,
    /// Where its state is kept; forgotten with the daemon if `None`.
    pub state_dir: Option<PathBuf>,
    /// A simulated disk to keep it on instead.
    pub disk: Option<ChaosDisk>,
    /// The limits of the store.
    pub limits: Limits,
    /// The greatest request body, in bytes.
    pub max_body_bytes: usize,
    /// The group whose generation is reported at `/rpw/nat/gen`.
    pub rpw_group: GroupName,
    /// The ports, and the routes, neighbours and underlay address to begin with.
    pub forwarding: Forwarding,
    /// How many rows to compare in the background each second, on average; `None` for none.
    pub scrub_rows: Option<NonZeroU64>,
}

impl Default for Settings {
    fn default() -> Self {
        let Options { limits, max_body_bytes, rpw_group, device_timeout, .. } = Options::default();
        Self {
            size_rows: (1024, 1024),
            other_rows: None,
            range_expansion: RangeExpansion::None,
            has_priorities: true,
            max_batch: NonZeroUsize::MAX,
            chaos: ChaosConfig::default(),
            backend: Backend::default(),
            switch: None,
            device_timeout,
            state_dir: None,
            disk: None,
            limits,
            max_body_bytes,
            rpw_group,
            forwarding: between_outside_and_sleds(),
            scrub_rows: None,
        }
    }
}

impl Settings {
    /// Tables of so many rows, IPv4 and IPv6.
    pub fn sized(ipv4: u32, ipv6: u32) -> Self {
        Self { size_rows: (ipv4, ipv6), ..Self::default() }
    }
}

/// All of the state that can be seen: compare it before and after to show that nothing changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Everything {
    /// The status of each group, by name.
    pub views: Vec<Value>,
    /// The entries of each group.
    pub entries: BTreeMap<String, Vec<Entry>>,
    /// The kept generations of each group.
    pub generations: BTreeMap<String, Vec<Value>>,
    /// The rows of the device.
    pub rows: Vec<DeviceRow>,
    /// The packets that the device's rows have counted.
    pub packets: BTreeMap<(IpAddr, u16, u16), u64>,
}

impl Testbed {
    /// A daemon as it comes, over a device with empty tables.
    pub fn start() -> Self {
        Self::start_with(Settings::default())
    }

    /// A daemon with these settings.
    pub fn start_with(settings: Settings) -> Self {
        let Settings {
            size_rows: (ipv4, ipv6),
            other_rows,
            range_expansion,
            has_priorities,
            max_batch,
            chaos,
            backend,
            switch,
            device_timeout,
            state_dir,
            disk,
            limits,
            max_body_bytes,
            rpw_group,
            forwarding,
            scrub_rows,
        } = settings;
        let size_rows = PerTable::from_fn(|table| match table {
            Table::NatIngressIpv4 => ipv4,
            Table::NatIngressIpv6 => ipv6,
            other => other_rows.unwrap_or(other.spec().size_rows),
        });
        let config = MemoryConfig { size_rows, range_expansion, has_priorities, max_batch };
        let switch = switch.unwrap_or_else(|| Switch::new(backend, config));
        let mut below = switch.device(&forwarding);
        let asic = ChaosAsic::new(below.asic, chaos, Box::new(std::thread::park_timeout));
        let device = Device::new(switch, asic.switch());
        below.asic = Box::new(asic);
        let options = Options {
            listen: vec![SocketAddr::from((Ipv4Addr::LOCALHOST, 0))],
            limits,
            max_body_bytes,
            rpw_group,
            device_timeout,
            forwarding,
            scrub_rows,
        };
        let records = Records::default();
        device.set_random_faults(false);
        let state: Box<dyn StorageSource> = match (&disk, &state_dir) {
            (Some(disk), _) => disk.source(),
            (None, Some(path)) => Box::new(Directory::open(path).unwrap()),
            (None, None) => Box::<Memory>::default(),
        };
        let daemon = Daemon::start(options, state, below, records.logger()).unwrap();
        device.set_random_faults(true);
        let client = Client::new(daemon.addresses().next().unwrap());
        Self { device, records, client, daemon }
    }

    /// A daemon in the middle of its life. See [`Testbed::live_in`].
    pub async fn inhabited() -> Self {
        let bed = Self::start();
        bed.live_in().await;
        bed
    }

    /// Gives the daemon a few generations of the group `services`, now at 7 with all [`services`];
    /// `instances`, at 41 with forty [`instances`]; and two [`ungrouped`] entries. Each row of the
    /// device has counted a packet.
    pub async fn live_in(&self) {
        for (generation, entries) in [(5, 4), (6, 8), (7, 10)] {
            self.ensure("services", generation, &services()[..entries]).await.ok();
        }
        self.ensure("instances", 41, &instances(40, 1)).await.ok();
        for entry in ungrouped() {
            self.put_entry(&entry).await.no_content();
        }
        for DeviceRow { entry, .. } in self.device.rows() {
            assert_eq!(self.device.packet(entry.external, entry.low), Some(entry.target));
        }
    }

    /// The refusal with this code that `answer` is. Fails the test if anything has changed.
    pub async fn refuses(&self, code: &str, answer: impl Future<Output = Answer>) -> Value {
        let before = self.everything().await;
        let refusal = answer.await.refused(code);
        assert_eq!(self.everything().await, before, "the refusal {refusal} changed something");
        refusal
    }

    /// Where the daemon listens.
    pub fn address(&self) -> SocketAddr {
        self.daemon.addresses().next().unwrap()
    }

    /// A client of the daemon, with connections of its own.
    pub fn client(&self) -> Client {
        Client::new(self.address())
    }

    /// A connection to the daemon.
    pub async fn connect(&self) -> Connection {
        Connection::open(self.address()).await
    }

    /// Stops the daemon in good order.
    pub async fn close(self) {
        self.daemon.close().await;
    }

    /// All of the state that can be seen.
    pub async fn everything(&self) -> Everything {
        let views = self.all_pages("/nat/groups").await;
        let (mut entries, mut generations) = (BTreeMap::new(), BTreeMap::new());
        for view in &views {
            let name = view["group"].as_str().unwrap();
            entries.insert(name.to_owned(), self.entries(name).await);
            let path = format!("/nat/groups/{name}/generations");
            generations.insert(name.to_owned(), self.all_pages(&path).await);
        }
        let (rows, packets) = (self.device.rows(), self.device.packets_counted());
        Everything { views, entries, generations, rows, packets }
    }
}

/// The ungrouped entries of [`Testbed::live_in`].
pub fn ungrouped() -> [Entry; 2] {
    [entry("192.0.2.1", 0, 16383, target(3)), entry("2001:db8:ee::1", 0, 65535, target(4))]
}

impl Everything {
    /// The same without what the device last refused, for which it is no change of state.
    pub fn without_last_errors(mut self) -> Self {
        self.views.iter_mut().for_each(|view| view["last_error"] = Value::Null);
        self
    }
}

impl Deref for Testbed {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}
