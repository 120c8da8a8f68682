//! The command line and the configuration file: first as given, then resolved.

mod backend;
mod device;
mod forwarding;
mod p4runtime;
mod softswitch;

pub use self::softswitch::{
    InvalidSoftswitch, InvalidSwitchPort, Softswitch, SoftswitchArguments, SwitchPort,
};
pub use backend::{Backend, InvalidBackend};
pub use device::NoDevice;
pub use forwarding::{
    InvalidForwardingSettings, InvalidPortSetting, NeighborSetting, PortReference, PortSetting,
    RouteSetting, Written,
};
pub use p4runtime::{ElectionId, InvalidElectionId, InvalidP4RuntimeSettings};

use self::device::{DeviceSettings, GivenDevice};
use self::p4runtime::P4RuntimeSettings;
use crate::daemon::Options;
use crate::logging::{LogFormat, LogSettings};
use crate::packets::Device;
use asic::{ChaosAsic, ChaosConfig, ChaosConfigError, Table};
use clap::{Args, Parser, Subcommand, ValueEnum};
use journal::{Directory, OpenError, StorageSource};
use nat_groups::{Family, GroupName, InvalidGroupName, Limits};
use serde::Deserialize;
use slog::{Level, Logger};
use std::fs;
use std::net::{Ipv6Addr, SocketAddr};
use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::path::PathBuf;
use std::str::FromStr;
use std::thread;
use thiserror::Error;

/// The daemon that owns the match-action tables of a P4 switch.
#[derive(Debug, Parser)]
#[command(name = "dpd", version, max_term_width = 100)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub action: Action,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Run the daemon until SIGTERM or SIGINT.
    ///
    /// What it acknowledged is kept in the folder of `--state-dir` and outlives it.
    Run(Box<RunArguments>),
    /// Run a P4 switch in software until SIGTERM or SIGINT, for any P4Runtime controller to drive.
    ///
    /// It runs any program for v1model that the daemon's own switch can run. Its tables live in
    /// memory. `dpd run --asic p4runtime` is such a controller.
    Softswitch(Box<SoftswitchArguments>),
}

/// The settings as given, on the command line or in the file. The command line goes first.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct RunArguments {
    /// Listen here; port 0 picks a free one. May be given several times
    /// [default: port 12224 of ::1]
    #[arg(long, value_name = "ADDR:PORT")]
    pub listen: Vec<SocketAddr>,
    /// The device that holds the tables [default: soft]
    ///
    /// Possible values:
    /// - soft:   a switch in the daemon that runs the P4 program, on the interfaces of its ports
    /// - memory: tables in the daemon's memory; forwards no packets
    /// - p4runtime=HOST:PORT or p4runtime=unix:PATH: a switch that speaks P4Runtime
    #[arg(long, value_name = "DEVICE", verbatim_doc_comment)]
    pub asic: Option<Backend>,
    /// The number by which a P4Runtime switch is called [default: 1]
    #[arg(long, value_name = "N")]
    pub device_id: Option<u64>,
    /// The P4Info of the program that a P4Runtime switch is to run, as text or binary
    #[arg(long, value_name = "FILE")]
    pub p4info: Option<PathBuf>,
    /// The compiled program that a P4Runtime switch is to run, in the form that it takes
    #[arg(long, value_name = "FILE")]
    pub device_config: Option<PathBuf>,
    /// Of the controllers of a P4Runtime switch, the one with the largest writes: a number, or its
    /// upper and lower 64 bits [default: 0:1]
    #[arg(long, value_name = "[HI:]LO")]
    pub election_id: Option<ElectionId>,
    /// Never give a P4Runtime switch a program, but use the one that it runs
    #[arg(long)]
    pub keep_pipeline: bool,
    /// Keep what was acknowledged in this folder, which is made if it is not there. Only one daemon
    /// can use it at a time [default: ./dpd-state]
    #[arg(long, value_name = "DIR")]
    pub state_dir: Option<PathBuf>,
    /// How many rows a range of ports takes there [default: one]
    #[arg(long, value_enum)]
    pub rows: Option<RowCosts>,
    /// How many threads move packets between interfaces [default: as many as there are processors]
    #[arg(long, value_name = "N")]
    pub packet_threads: Option<NonZeroUsize>,
    /// The rows of the NAT tables of a device that we size [default: 1024]
    #[arg(long, value_name = "IPV4[,IPV6]")]
    pub nat_rows: Option<NatRows>,
    /// A port of the switch, as in `1=veth0:uplink` or `2=veth2:rear:a8:40:25:f0:00:01`, or
    /// without an interface `1=uplink`. May be given several times
    #[arg(long, value_name = "N=[INTERFACE:]ROLE[:MAC]")]
    pub port: Vec<PortSetting>,
    /// The switch's own address among the sleds, where tunnels begin and end
    #[arg(long, value_name = "IPV6")]
    pub underlay: Option<Ipv6Addr>,
    /// Routes: in the file, as `[[route]]` tables.
    #[arg(skip)]
    pub route: Vec<RouteSetting>,
    /// Neighbours: in the file, as `[[neighbor]]` tables.
    #[arg(skip)]
    pub neighbor: Vec<NeighborSetting>,
    /// Compare so many table rows each second, on average, with what they should be, and mend them;
    /// 0 for none [default: 1000]
    #[arg(long, value_name = "N")]
    pub scrub_rows: Option<u64>,
    /// How many generations of a group are kept, the current one included [default: 16]
    #[arg(long, value_name = "N")]
    pub history: Option<NonZeroUsize>,
    /// The greatest request body [default: 67108864]
    #[arg(long, value_name = "BYTES")]
    pub max_body: Option<NonZeroUsize>,
    /// How many groups and tombstones of deleted ones there may be [default: 10000]
    #[arg(long, value_name = "N")]
    pub max_groups: Option<usize>,
    /// The group whose generation `GET /rpw/nat/gen` reports [default: instances]
    #[arg(long, value_name = "NAME")]
    pub rpw_group: Option<String>,
    /// How to write the log, which goes to standard error [default: term]
    #[arg(long, value_enum)]
    pub log_format: Option<LogFormat>,
    /// What to log [default: info]
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub log_level: Option<LogLevel>,
    /// Let the device fail by chance, for drills and tests, as in `seed=7,refuse=0.01,midway=0.01,
    /// lose=0.01,delay=0.05,max-delay-ms=20`
    #[arg(long, value_name = "FAULTS")]
    pub chaos: Option<String>,
    /// Read settings from a TOML file, which holds the same names, as in `nat-rows = "4096,1024"`.
    /// What the command line says goes first
    #[arg(long, value_name = "FILE.toml")]
    #[serde(skip)]
    pub config: Option<PathBuf>,
}

/// How many rows are compared in the background each second unless told otherwise.
const SCRUB_ROWS: u64 = 1000;

/// Where state is kept unless told otherwise.
const STATE_DIR: &str = "dpd-state";

/// How many rows a range of ports takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RowCosts {
    /// One, whatever the range
    #[default]
    One,
    /// As many as in the TCAM of a Tofino: from 1 to 7
    Tofino,
}

/// The rows of the NAT tables, as in `1024` or `4096,1024`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "NatRowsSetting")]
pub struct NatRows {
    /// Of the IPv4 table.
    pub ipv4: NonZeroU32,
    /// Of the IPv6 table.
    pub ipv6: NonZeroU32,
}

/// What to log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum LogLevel {
    Critical,
    Error,
    Warning,
    Info,
    /// Requests that were refused and every table write too
    Debug,
}

/// Everything resolved: what is needed to run.
#[derive(Debug)]
pub struct Run {
    /// How to run.
    pub options: Options,
    /// How to log.
    pub log: LogSettings,
    state_dir: PathBuf,
    device: DeviceSettings,
    chaos: Option<ChaosConfig>,
}

/// Why the settings make no sense.
#[derive(Debug, Error)]
pub enum InvalidSettings {
    /// The file cannot be read.
    #[error("cannot read {}: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        error: std::io::Error,
    },
    /// The file is not what it should be.
    #[error("{}: {error}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        error: Box<toml::de::Error>,
    },
    /// The group has no possible name.
    #[error("rpw-group: {0}")]
    RpwGroup(#[from] InvalidGroupName),
    /// The ports, routes, neighbours or the underlay address make no sense.
    #[error(transparent)]
    Forwarding(#[from] InvalidForwardingSettings),
    /// A P4Runtime switch cannot be driven so, or the settings of one stand with another device.
    #[error(transparent)]
    P4Runtime(#[from] InvalidP4RuntimeSettings),
    /// The faults are not described as they should be.
    #[error("chaos: {0}")]
    Chaos(#[from] ChaosConfigError),
}

impl RunArguments {
    /// Fills in the file's settings and the defaults.
    ///
    /// # Errors
    ///
    /// [`InvalidSettings`] says what is wrong, and in which file.
    pub fn resolve(self) -> Result<Run, InvalidSettings> {
        let file = match self.config.clone() {
            Some(path) => read_file(path)?,
            None => RunArguments::default(),
        };
        let defaults = Options::default();
        let listen = [self.listen, file.listen, defaults.listen];
        let listen = listen.into_iter().find(|addresses| !addresses.is_empty());
        let rpw_group = match self.rpw_group.or(file.rpw_group) {
            Some(name) => GroupName::new(&name)?,
            None => defaults.rpw_group,
        };
        let history = self.history.or(file.history).map(NonZeroUsize::get);
        let max_body = self.max_body.or(file.max_body).map(NonZeroUsize::get);
        let chaos = self.chaos.or(file.chaos).map(|faults| faults.parse()).transpose()?;
        let ports = if self.port.is_empty() { file.port } else { self.port };
        let underlay = self.underlay.or(file.underlay);
        let forwarding = forwarding::resolve(ports, underlay, file.route, file.neighbor)?;
        let level = self.log_level.or(file.log_level).unwrap_or(LogLevel::Info);
        let device = GivenDevice {
            backend: self.asic.or(file.asic).unwrap_or_default(),
            nat_rows: self.nat_rows.or(file.nat_rows),
            row_costs: self.rows.or(file.rows).unwrap_or_default(),
            packet_threads: self.packet_threads.or(file.packet_threads),
            p4runtime: P4RuntimeSettings {
                device_id: self.device_id.or(file.device_id),
                election_id: self.election_id.or(file.election_id),
                p4info: self.p4info.or(file.p4info),
                device_config: self.device_config.or(file.device_config),
                keep_pipeline: self.keep_pipeline || file.keep_pipeline,
            },
        };
        Ok(Run {
            options: Options {
                listen: listen.unwrap_or_default(),
                limits: Limits {
                    history: history.unwrap_or(defaults.limits.history),
                    max_groups: self
                        .max_groups
                        .or(file.max_groups)
                        .unwrap_or(defaults.limits.max_groups),
                },
                max_body_bytes: max_body.unwrap_or(defaults.max_body_bytes),
                rpw_group,
                device_timeout: defaults.device_timeout,
                forwarding,
                scrub_rows: NonZeroU64::new(
                    self.scrub_rows.or(file.scrub_rows).unwrap_or(SCRUB_ROWS),
                ),
            },
            log: LogSettings {
                format: self.log_format.or(file.log_format).unwrap_or_default(),
                level: level.into(),
            },
            state_dir: self.state_dir.or(file.state_dir).unwrap_or_else(|| STATE_DIR.into()),
            device: device.resolve()?,
            chaos,
        })
    }
}

impl Run {
    /// The folder that was asked for, which is had by this process from now on. It comes before the
    /// device: a daemon that cannot have its state must not touch a switch that another one drives.
    ///
    /// # Errors
    ///
    /// [`OpenError`] says why it cannot be had.
    pub fn state(&self) -> Result<Box<dyn StorageSource>, OpenError> {
        Ok(Box::new(Directory::open(&self.state_dir)?))
    }

    /// The device that was asked for. Blocks while a switch is being connected to, for as long as
    /// it has for one call.
    ///
    /// # Errors
    ///
    /// [`NoDevice`] says why it cannot be.
    pub fn device(&self, log: &Logger) -> Result<Device, NoDevice> {
        let Options { forwarding, device_timeout, .. } = &self.options;
        let mut device = self.device.open(forwarding, *device_timeout, log)?;
        if let Some(chaos) = self.chaos {
            device.asic = Box::new(ChaosAsic::new(device.asic, chaos, Box::new(delay)));
        }
        Ok(device)
    }
}

impl NatRows {
    fn of(self, table: Table) -> u32 {
        match crate::lower::family_of(table) {
            Some(Family::V4) => self.ipv4.get(),
            Some(Family::V6) => self.ipv6.get(),
            None => table.spec().size_rows,
        }
    }
}

impl Default for NatRows {
    fn default() -> Self {
        let rows =
            |table: Table| NonZeroU32::new(table.spec().size_rows).unwrap_or(NonZeroU32::MIN);
        Self { ipv4: rows(Table::NatIngressIpv4), ipv6: rows(Table::NatIngressIpv6) }
    }
}

/// Why a text gives no table sizes.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{text:?} gives no table sizes; write IPV4 or IPV4,IPV6, as in 4096,1024, each at least 1")]
pub struct InvalidNatRows {
    text: String,
}

impl FromStr for NatRows {
    type Err = InvalidNatRows;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidNatRows { text: text.to_owned() };
        let rows = |text: &str| text.trim().parse().map_err(|_| invalid());
        match text.split_once(',') {
            Some((ipv4, ipv6)) => Ok(Self { ipv4: rows(ipv4)?, ipv6: rows(ipv6)? }),
            None => rows(text).map(|both| Self { ipv4: both, ipv6: both }),
        }
    }
}

/// Table sizes in the file: a number or a text.
#[derive(Deserialize)]
#[serde(untagged)]
enum NatRowsSetting {
    Number(u64),
    Text(String),
}

impl TryFrom<NatRowsSetting> for NatRows {
    type Error = InvalidNatRows;

    fn try_from(setting: NatRowsSetting) -> Result<Self, InvalidNatRows> {
        match setting {
            NatRowsSetting::Number(rows) => rows.to_string().parse(),
            NatRowsSetting::Text(text) => text.parse(),
        }
    }
}

impl From<LogLevel> for Level {
    fn from(level: LogLevel) -> Self {
        match level {
            LogLevel::Critical => Level::Critical,
            LogLevel::Error => Level::Error,
            LogLevel::Warning => Level::Warning,
            LogLevel::Info => Level::Info,
            LogLevel::Debug => Level::Debug,
        }
    }
}

fn read_file(path: PathBuf) -> Result<RunArguments, InvalidSettings> {
    match fs::read_to_string(&path) {
        Err(error) => Err(InvalidSettings::Unreadable { path, error }),
        Ok(text) => toml::from_str(&text)
            .map_err(|error| InvalidSettings::Malformed { path, error: Box::new(error) }),
    }
}

/// A device that is slow on purpose takes its time.
#[expect(clippy::disallowed_methods, reason = "the delay itself is what is asked for")]
fn delay(time: std::time::Duration) {
    thread::sleep(time);
}

#[cfg(test)]
mod tests {
    use super::*;
    use asic::RangeExpansion;
    use clap::CommandFactory as _;
    use rstest::rstest;

    fn run(arguments: &[&str]) -> Result<Run, String> {
        let arguments = ["dpd", "run"].iter().chain(arguments);
        let arguments = Arguments::try_parse_from(arguments).map_err(|error| error.to_string())?;
        let Action::Run(run) = arguments.action else { panic!("not `run`") };
        run.resolve().map_err(|error| error.to_string())
    }

    fn log() -> Logger {
        Logger::root(slog::Discard, slog::o!())
    }

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn without_settings_the_defaults_hold() {
        let run = run(&[]).unwrap();
        assert_eq!(run.options.listen, ["[::1]:12224".parse().unwrap()]);
        assert_eq!((run.options.limits.history, run.options.limits.max_groups), (16, 10_000));
        assert_eq!(run.options.max_body_bytes, 64 << 20);
        assert_eq!(run.options.rpw_group.as_str(), "instances");
        assert_eq!(run.device(&log()).unwrap().asic.size_rows(Table::NatIngressIpv6), 1024);
    }

    #[test]
    fn the_command_line_goes_before_the_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("dpd.toml");
        fs::write(
            &path,
            "listen = [\"127.0.0.1:0\"]\nnat-rows = 7\nhistory = 3\nlog-level = \"debug\"\n",
        )
        .unwrap();
        let run = run(&["--history", "5", "--config", path.to_str().unwrap()]).unwrap();
        assert_eq!(run.options.listen, ["127.0.0.1:0".parse().unwrap()]);
        assert_eq!(run.options.limits.history, 5);
        assert_eq!(run.log.level, Level::Debug);
        assert_eq!(run.device(&log()).unwrap().asic.size_rows(Table::NatIngressIpv4), 7);
    }

    #[test]
    fn ports_routes_and_neighbours_come_from_the_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("dpd.toml");
        let text = r#"
            underlay = "fd00:1122:3344:1::1"

            [[port]]
            number = 0
            role = "uplink"
            mac = "a8:40:25:f0:00:01"

            [[port]]
            number = 3
            interface = "veth3"
            role = "rear"
            id = "sled3"

            [[route]]
            cidr = "0.0.0.0/0"
            port = "qsfp0"
            next-hop = "192.0.2.1"

            [[route]]
            cidr = "fd00:1122:3344:103::/64"
            port = 3

            [[neighbor]]
            ip = "192.0.2.1"
            mac = "02:00:00:00:00:01"
        "#;
        fs::write(&path, text).unwrap();
        let path = path.to_str().unwrap();
        let forwarding = run(&["--config", path]).unwrap().options.forwarding;
        let ids: Vec<&str> = forwarding.ports().map(|(_, port)| port.id.as_str()).collect();
        assert_eq!(ids, ["qsfp0", "sled3"]);
        let routes: Vec<String> = forwarding
            .routes()
            .map(|(cidr, route)| format!("{cidr} {} {}", route.port, route.next_hop))
            .collect();
        assert_eq!(routes, ["0.0.0.0/0 0 192.0.2.1", "fd00:1122:3344:103::/64 3 ::"]);
        let address = forwarding.underlay().map(|underlay| underlay.address.to_string());
        assert_eq!(address.as_deref(), Some("fd00:1122:3344:1::1"));
        assert!(forwarding.neighbor("192.0.2.1".parse().unwrap()).is_some());

        // The ports of the command line are all there are.
        let error = run(&["--port", "3=rear", "--config", path]).unwrap_err();
        assert_eq!(error, "route 0.0.0.0/0: there is no port \"qsfp0\"; there are rear3");
    }

    #[rstest]
    #[case("hystory = 3", "hystory")]
    #[case("[[port]]\nnumber = 1\nrole = \"side\"", "\"side\" is not a role")]
    #[case("[[port]]\nnumber = 1\nrole = \"rear\"\nmac = \"a8\"", "\"a8\" is not a MAC address")]
    #[case("[[port]]\nnumber = 1", "role")]
    #[case("[[route]]\ncidr = \"10.0.0.0\"\nport = 1", "cidr")]
    #[case("[[route]]\ncidr = \"10.0.0.0/8\"\nport = true", "the name or the number of a port")]
    #[case("history = 0", "history")]
    #[case("asic = \"tofino\"", "\"tofino\" is no kind of device")]
    #[case("asic = \"p4runtime=switch\"", "\"switch\" is neither HOST:PORT")]
    #[case("election-id = 0", "the smallest is 1")]
    #[case("election-id = \"1:\"", "is no election id")]
    #[case("election-id = true", "a number above 0, or a text")]
    #[case("nat-rows = \"many\"", "many")]
    #[case("listen = [\"nowhere\"]", "listen")]
    fn a_mistake_in_the_file_is_named(#[case] text: &str, #[case] about: &str) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("dpd.toml");
        fs::write(&path, text).unwrap();
        let error = run(&["--config", path.to_str().unwrap()]).unwrap_err();
        assert!(error.contains(about) && error.contains("dpd.toml"), "{error}");
    }

    const PORT: &str = "[[port]]\nnumber = 1\nrole = \"rear\"\n";
    const ROUTE: &str = "[[route]]\ncidr = \"10.0.0.0/8\"\nport = 1\n";

    #[rstest]
    #[case(&[ROUTE], "route 10.0.0.0/8: there is no port \"1\"; dpd was given none (`--port`)")]
    #[case(&[PORT, ROUTE, ROUTE], "route 10.0.0.0/8 is given twice")]
    #[case(&[PORT, ROUTE, "next-hop = \"fd00::1\""], "of the other family")]
    #[case(&[PORT, "[[route]]\ncidr = \"10.0.0.1/8\"\nport = 1"], "the prefix is 10.0.0.0/8")]
    #[case(&[PORT, "[[route]]\ncidr = \"10.0.0.0/8\"\nport = 512"], "there is no port 512")]
    #[case(&[PORT, PORT], "port 1 is given twice")]
    #[case(
        &[PORT, "[[port]]\nnumber = 2\nrole = \"uplink\"\nid = \"rear1\""],
        "both the id \"rear1\""
    )]
    #[case(
        &["[[neighbor]]\nip = \"192.0.2.1\"\nmac = \"01:00:00:00:00:01\""],
        "neighbor 192.0.2.1: 01:00:00:00:00:01 cannot be the address of"
    )]
    fn settings_that_do_not_fit_together_are_named(#[case] parts: &[&str], #[case] about: &str) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("dpd.toml");
        fs::write(&path, parts.concat()).unwrap();
        let error = run(&["--config", path.to_str().unwrap()]).unwrap_err();
        assert!(error.contains(about), "{error}");
    }

    #[rstest]
    #[case(&["--nat-rows", "0"], "gives no table sizes")]
    #[case(&["--nat-rows", "1,2,3"], "gives no table sizes")]
    #[case(&["--rpw-group", "A b"], "not a group name")]
    #[case(&["--history", "0"], "history")]
    #[case(&["--asic", "tofino"], "memory")]
    #[case(&["--rows", "two"], "tofino")]
    #[case(&["--packet-threads", "0"], "packet-threads")]
    #[case(&["--chaos", "refuse=2"], "refuse")]
    #[case(&["--port", "512=uplink"], "there is no port 512; ports are numbered from 0 to 511")]
    #[case(&["--port", "1=uplink", "--port", "1=rear"], "port 1 is given twice")]
    #[case(&["--port", "1=a:rear", "--port", "2=a:rear"], "are both the interface a")]
    #[case(&["--port", "1=side"], "\"side\" is not a role")]
    #[case(&["--underlay", "ff02::1"], "underlay: ff02::1 cannot be the underlay address")]
    #[case(&["--underlay", "192.0.2.1"], "invalid IPv6 address")]
    #[case(&["--config", "/nonexistent.toml"], "cannot read /nonexistent.toml")]
    fn a_mistake_on_the_command_line_is_named(#[case] arguments: &[&str], #[case] about: &str) {
        let error = run(arguments).unwrap_err();
        assert!(error.contains(about), "{error}");
    }

    #[rstest]
    #[case(&[], "soft", RangeExpansion::None, true)]
    #[case(&["--rows", "tofino"], "soft", RangeExpansion::TernaryNibbles, true)]
    #[case(&["--asic", "memory"], "memory", RangeExpansion::None, false)]
    #[case(
        &["--asic", "memory", "--rows", "tofino"],
        "memory",
        RangeExpansion::TernaryNibbles,
        false
    )]
    #[case(&["--chaos", "refuse=0.5"], "chaos(soft)", RangeExpansion::None, true)]
    fn a_device_is_what_was_asked_for(
        #[case] arguments: &[&str],
        #[case] name: &str,
        #[case] expansion: RangeExpansion,
        #[case] forwards_packets: bool,
    ) {
        let Device { asic, packets, alarm: _ } = run(arguments).unwrap().device(&log()).unwrap();
        assert_eq!(asic.name(), name);
        assert_eq!(asic.capabilities().range_expansion, expansion);
        assert_eq!(packets.is_some(), forwards_packets);
    }

    #[test]
    fn a_port_on_an_interface_that_is_not_there_is_named_with_those_that_are() {
        let run = run(&["--port", "1=nowhere0:uplink"]).unwrap();
        let error = run.device(&log()).map(|_| ()).unwrap_err().to_string();
        assert!(error.contains("port 1") && error.contains("\"nowhere0\""), "{error}");
        assert!(error.contains("lo"), "{error}");
    }

    #[test]
    fn a_device_that_forwards_no_packets_takes_no_interfaces() {
        let device =
            |port| run(&["--asic", "memory", "--port", port]).unwrap().device(&log()).map(drop);
        let error = device("3=veth0:uplink").unwrap_err().to_string();
        assert!(error.contains("port 3") && error.contains("veth0"), "{error}");
        assert!(device("3=uplink").is_ok());
    }

    /// A file with something in it, for options that name one.
    const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    const SWITCH: &str = "p4runtime=unix:/nonexistent.sock";

    #[rstest]
    #[case(&["--asic", SWITCH], "needs --p4info")]
    #[case(&["--asic", SWITCH, "--p4info", "/nonexistent"], "--p4info: cannot read /nonexistent")]
    #[case(&["--asic", SWITCH, "--p4info", FILE], "Cargo.toml: this is no P4Info: line 2")]
    #[case(&["--asic", SWITCH, "--p4info", "/dev/null"], "needs --device-config")]
    #[case(
        &["--asic", SWITCH, "--p4info", "/dev/null", "--device-config", "/nonexistent"],
        "--device-config: cannot read /nonexistent"
    )]
    #[case(&["--asic", SWITCH, "--nat-rows", "7"], "--nat-rows is not for a P4Runtime switch")]
    #[case(&["--asic", SWITCH, "--packet-threads", "1"], "--packet-threads is not for a P4Runtime")]
    #[case(&["--asic", SWITCH, "--election-id", "0"], "the smallest is 1")]
    #[case(&["--asic", SWITCH, "--election-id", "first"], "is no election id")]
    #[case(&["--asic", SWITCH, "--device-id", "one"], "--device-id")]
    #[case(&["--asic", "p4runtime"], "p4runtime needs the address of the switch")]
    #[case(&["--asic", "memory=1"], "memory has no address")]
    #[case(&["--device-id", "1"], "for --asic p4runtime=ADDRESS, and the device is soft")]
    #[case(&["--asic", "memory", "--keep-pipeline"], "--keep-pipeline is for")]
    #[case(&["--asic", "memory", "--p4info", FILE], "--p4info is for")]
    #[case(&["--device-config", FILE], "--device-config is for")]
    #[case(&["--election-id", "1"], "--election-id is for")]
    fn what_does_not_go_with_the_device_is_named(#[case] arguments: &[&str], #[case] about: &str) {
        let error = run(arguments).unwrap_err();
        assert!(error.contains(about), "{error}");
    }

    /// What a switch that speaks P4Runtime is told.
    fn switch(run: &Run) -> (String, u64, u128, bool) {
        match &run.device {
            DeviceSettings::P4Runtime(config) => (
                config.address.to_string(),
                config.device_id,
                config.election_id,
                config.keep_pipeline,
            ),
            other => panic!("{other:?} is no switch"),
        }
    }

    #[test]
    fn a_switch_is_described_on_the_command_line_or_in_the_file() {
        let run_with = |arguments: &[&str]| run(&[&["--asic", SWITCH], arguments].concat());
        let files = ["--p4info", "/dev/null", "--device-config", FILE];
        let address = "unix:/nonexistent.sock".to_owned();
        assert_eq!(switch(&run_with(&files).unwrap()), (address.clone(), 1, 1, false));
        let keep = ["--keep-pipeline", "--device-id", "7", "--election-id", "1:2"];
        let expected = (address.clone(), 7, (1 << 64) + 2, true);
        assert_eq!(switch(&run_with(&keep).unwrap()), expected);

        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("dpd.toml");
        let text = "asic = \"p4runtime=[::1]:9559\"\ndevice-id = 3\nelection-id = 4\n\
                    keep-pipeline = true\np4info = \"/dev/null\"\n";
        fs::write(&path, text).unwrap();
        let path = path.to_str().unwrap();
        let expected = ("[::1]:9559".to_owned(), 3, 4, true);
        assert_eq!(switch(&run(&["--config", path]).unwrap()), expected);
        let run = run(&["--config", path, "--asic", SWITCH, "--election-id", "9"]).unwrap();
        assert_eq!(switch(&run), (address, 3, 9, true));
    }

    #[test]
    fn a_switch_of_its_own_takes_no_interfaces() {
        let arguments = ["--asic", SWITCH, "--keep-pipeline", "--port", "3=veth0:uplink"];
        let error = run(&arguments).unwrap().device(&log()).map(drop).unwrap_err().to_string();
        assert!(error.contains("port 3") && error.contains("are its own"), "{error}");
    }

    #[rstest]
    #[case("7", 7, 7)]
    #[case("4096,1024", 4096, 1024)]
    fn table_sizes_are_one_number_or_two(#[case] text: &str, #[case] ipv4: u32, #[case] ipv6: u32) {
        let rows: NatRows = text.parse().unwrap();
        assert_eq!((rows.ipv4.get(), rows.ipv6.get()), (ipv4, ipv6));
    }
}
