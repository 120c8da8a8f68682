//! The daemon on the soft switch as a process: two processes, and P4Runtime between them.

#![allow(clippy::unwrap_used, clippy::panic)]

mod http;
mod kill;
mod process;
mod replay;
mod traffic;
mod warm_start;

use http::{Answer, request};
use process::Process;
use rstest::rstest;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../p4/programs/nat.p4");
const NAT_IPV4: &str = "Ingress.nat_ingress.ingress_ipv4";
const UNIX: &str = "unix";
const TCP: &str = "tcp";

/// A place for sockets and files.
struct Place {
    directory: TempDir,
}

/// A daemon, which derefs to nothing: what it is asked, it is asked over HTTP.
struct Daemon {
    process: Process,
    address: String,
}

impl Place {
    fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn unix(&self) -> String {
        format!("unix:{}", self.path("switch.sock").display())
    }

    /// A switch that runs no program yet, and where it is.
    fn switch(&self, listen: &str) -> (Process, String) {
        self.switch_with(listen, &[])
    }

    fn switch_with(&self, listen: &str, more: &[&str]) -> (Process, String) {
        let listen = match listen {
            UNIX => self.unix(),
            _ => "127.0.0.1:0".to_owned(),
        };
        let arguments = [&["softswitch", "--p4rt-listen", &listen], more].concat();
        let process = Process::start(&arguments);
        let address = process.says("p4runtime on ");
        (process, address)
    }

    /// The P4Info of the program.
    fn p4info(&self) -> PathBuf {
        let path = self.path("nat.p4info.txtpb");
        let file = path.display().to_string();
        let arguments = ["softswitch", "--program", PROGRAM, "--write-p4info", &file];
        let (status, log) = Process::start(&arguments).ends();
        assert!(status.success(), "{log}");
        path
    }

    /// The arguments of a daemon that gives the switch its program.
    fn daemon_arguments(&self, address: &str, p4info: &Path) -> Vec<String> {
        let switch = format!("p4runtime={address}");
        let p4info = p4info.display().to_string();
        let state_dir = self.path("state").display().to_string();
        let arguments = [
            &["run", "--listen", "127.0.0.1:0", "--state-dir", &state_dir][..],
            &["--asic", &switch, "--p4info", &p4info],
            &["--device-config", PROGRAM, "--underlay", "fd00::1"],
            &["--port", "1=uplink", "--port", "2=rear"],
        ];
        arguments.concat().into_iter().map(str::to_owned).collect()
    }

    fn daemon(&self, address: &str, more: &[&str]) -> Daemon {
        let mut arguments = self.daemon_arguments(address, &self.p4info());
        arguments.extend(more.iter().map(|&it| it.to_owned()));
        Daemon::start(&arguments)
    }
}

impl Daemon {
    fn start(arguments: &[String]) -> Self {
        let process = Process::start(arguments);
        let address = process.says("listening on http://");
        Self { process, address }
    }

    fn get(&self, path: &str) -> Answer {
        request(&self.address, "GET", path, None)
    }

    fn ensure(&self, generation: u64, entries: &[Value]) -> Answer {
        let body = json!({ "generation": generation, "entries": entries });
        request(&self.address, "PUT", "/nat/groups/services", Some(&body))
    }

    /// The rows of a table, read from the switch.
    fn rows(&self, table: &str) -> Vec<Value> {
        let dump = self.get(&format!("/table/{table}/dump?from_hardware=true")).ok();
        dump["entries"].as_array().unwrap().clone()
    }

    fn all_rows(&self) -> Vec<Vec<Value>> {
        let tables = self.get("/table").ok();
        let tables = tables.as_array().unwrap().iter();
        tables.map(|table| self.rows(table.as_str().unwrap())).collect()
    }

    fn state(&self) -> Value {
        self.get("/nat/groups/services").ok()["state"].clone()
    }
}

/// The entries of `hosts` addresses, all of them on one sled.
fn entries(hosts: u8, sled: u16) -> Vec<Value> {
    let entry = |host| {
        json!({
            "external": format!("203.0.113.{host}"), "low": 0, "high": 1023,
            "target": {
                "internal_ip": format!("fd00:{sled:x}::1"),
                "inner_mac": { "a": [2, 0, 0, 0, 0, 1] },
                "vni": 100,
            },
        })
    };
    (1..=hosts).map(entry).collect()
}

#[rstest]
fn a_set_is_written_to_the_switch_and_read_back(#[values(UNIX, TCP)] listen: &str) {
    let place = Place::new();
    let (_switch, address) = place.switch(listen);
    let daemon = place.daemon(&address, &[]);
    daemon.process.logs("the switch has been given its pipeline");
    assert_eq!(daemon.ensure(1, &entries(3, 1)).ok()["added"], 3);
    assert_eq!(daemon.rows(NAT_IPV4).len(), 3);
    // One goes, two get another target.
    let result = daemon.ensure(2, &entries(2, 2)).ok();
    assert_eq!((&result["updated"], &result["removed"]), (&json!(2), &json!(1)));
    let rows = daemon.rows(NAT_IPV4);
    assert_eq!(rows.len(), 2);
    assert!(rows.iter().all(|row| row.to_string().contains("fd00:2::1")), "{rows:?}");
    let dump = daemon.get(&format!("/table/{NAT_IPV4}/dump?from_hardware=false")).ok();
    assert_eq!(dump["entries"], json!(rows));
    let counters = daemon.get(&format!("/table/{NAT_IPV4}/counters?force_sync=false")).ok();
    assert_eq!(counters.as_array().unwrap().len(), 2);
    assert_eq!(daemon.state(), "programmed");
}

#[test]
fn a_switch_tells_what_it_counts_and_what_it_can_do() {
    let place = Place::new();
    let (_switch, address) = place.switch(UNIX);
    let daemon = place.daemon(&address, &[]);
    let capabilities = daemon.process.logs("taking the device over");
    assert!(capabilities.contains("all of a batch or nothing, for packets too"), "{capabilities}");
    assert!(capabilities.contains(&format!("{NAT_IPV4}=1024")), "{capabilities}");
    let drops = daemon.get("/drops").ok();
    let misses = drops.as_array().unwrap().iter().find(|drop| drop["reason"] == "nat_miss");
    assert_eq!(misses.unwrap()["dropped"]["pkts"], 0);
    let ports = daemon.get("/ports").ok();
    let ports = ports["items"].as_array().unwrap();
    assert_eq!(ports.len(), 2);
    for port in ports {
        assert_eq!(port["counters"]["received"]["pkts"], 0);
        assert_eq!((&port["state"], &port["interface"]), (&Value::Null, &Value::Null));
    }
    let packet = json!({ "port": 1, "frame": "00".repeat(64) });
    let answer = request(&daemon.address, "POST", "/packet/trace", Some(&packet));
    let words = answer.refused(501, "NotSupported");
    assert!(words.contains("--asic soft"), "{words}");
}

#[test]
fn what_does_not_fit_the_table_of_the_switch_is_refused_before_it_is_written() {
    let place = Place::new();
    let (_switch, address) = place.switch(UNIX);
    let daemon = place.daemon(&address, &[]);
    let many: Vec<Value> = (0..1025_u32)
        .map(|number| {
            let mut entry = entries(1, 1).remove(0);
            entry["external"] = json!(format!("10.0.{}.{}", number / 256, number % 256));
            entry
        })
        .collect();
    let refusal = daemon.ensure(1, &many);
    assert_eq!((refusal.status, &refusal.body["size"]), (507, &json!(1024)), "{refusal:?}");
    daemon.ensure(1, &many[1..]).ok();
    assert_eq!(daemon.rows(NAT_IPV4).len(), 1024);
}

#[test]
fn a_switch_that_was_killed_gets_everything_again() {
    let place = Place::new();
    let (switch, address) = place.switch(UNIX);
    let daemon = place.daemon(&address, &[]);
    daemon.ensure(1, &entries(5, 1)).ok();
    let rows = daemon.all_rows();
    switch.kill();
    daemon.process.logs("no connection to the switch");
    let words = daemon.ensure(2, &entries(4, 2)).refused(503, "DeviceRefused");
    assert!(words.contains("switch"), "{words}");
    daemon.get(&format!("/table/{NAT_IPV4}/dump?from_hardware=true")).refused(503, "DeviceRefused");
    daemon.get("/drops").refused(503, "DeviceRefused");
    let seen = daemon.process.log().len();
    let (_switch, _) = place.switch(UNIX);
    daemon.process.logs_after(seen, "the switch has been given its pipeline");
    daemon.process.logs_after(seen, "the switch can be written again");
    daemon.process.logs_after(seen, "forwarding is as it should be again");
    daemon.process.logs_after(seen, "the tables are as they should be again");
    assert_eq!(daemon.all_rows(), rows);
    assert_eq!(daemon.state(), "programmed");
    daemon.ensure(2, &entries(4, 2)).ok();
    assert_eq!(daemon.rows(NAT_IPV4).len(), 4);
}

#[test]
fn a_daemon_that_starts_again_leaves_the_rows_that_are_right() {
    let place = Place::new();
    let (_switch, address) = place.switch(UNIX);
    let first = place.daemon(&address, &[]);
    first.ensure(1, &entries(3, 1)).ok();
    let rows = first.all_rows();
    first.process.kill();
    let second = place.daemon(&address, &["--log-level", "debug"]);
    second.process.logs("the switch keeps its pipeline");
    second.process.logs("the tables hold what they should");
    assert_eq!(second.all_rows(), rows);
    assert_eq!(second.ensure(1, &entries(3, 1)).ok()["writes"], 0);
    let log = second.process.log();
    let writes: Vec<_> = log.iter().filter(|line| line.contains("table write")).collect();
    assert!(writes.is_empty(), "{writes:#?}");
}

#[test]
fn of_two_daemons_the_one_with_the_larger_election_id_writes() {
    let place = Place::new();
    let (_switch, address) = place.switch(TCP);
    let daemon = place.daemon(&address, &["--election-id", "5"]);
    daemon.ensure(1, &entries(3, 1)).ok();

    // Each has a state of its own.
    let elsewhere = Place::new();
    let mut arguments = elsewhere.daemon_arguments(&address, &elsewhere.p4info());
    arguments.extend(["--election-id", "0:4"].map(str::to_owned));
    let (status, log) = Process::start(&arguments).ends();
    assert!(!status.success());
    assert!(log.contains("another controller, with election id 5, is primary"), "{log}");
    assert!(log.contains("--election-id"), "{log}");
    // It has changed nothing.
    assert_eq!(daemon.ensure(2, &entries(4, 1)).ok()["added"], 1);

    let other = elsewhere.daemon(&address, &["--election-id", "1:0"]);
    daemon.process.logs("is primary, and ours is 5");
    let words = daemon.ensure(3, &entries(2, 1)).refused(503, "DeviceRefused");
    assert!(words.contains("another controller"), "{words}");
    other.ensure(1, &entries(1, 7)).ok();
    assert_eq!(other.rows(NAT_IPV4).len(), 1);
}

/// Not even one that could: it asks for its state before it goes to the switch.
#[test]
fn a_second_daemon_on_the_same_state_does_not_take_the_switch_away() {
    let place = Place::new();
    let (_switch, address) = place.switch(UNIX);
    let daemon = place.daemon(&address, &["--election-id", "5"]);
    daemon.ensure(1, &entries(3, 1)).ok();
    let mut arguments = place.daemon_arguments(&address, &place.p4info());
    arguments.extend(["--election-id", "9:0"].map(str::to_owned));
    let (status, log) = Process::start(&arguments).ends();
    assert!(!status.success());
    assert!(log.contains("is in use by another dpd"), "{log}");
    assert!(!log.contains("connected to the switch"), "{log}");
    assert_eq!(daemon.ensure(2, &entries(4, 1)).ok()["added"], 1);
}

#[test]
fn a_program_without_the_tables_of_dpd_is_refused() {
    let place = Place::new();
    let (_switch, address) = place.switch(UNIX);
    let p4info = place.path("other.p4info.txtpb");
    std::fs::write(&p4info, "pkg_info { arch: \"v1model\" }\n").unwrap();
    let (status, log) = Process::start(&place.daemon_arguments(&address, &p4info)).ends();
    assert!(!status.success());
    assert!(log.contains(&format!("has no table {NAT_IPV4}, which dpd writes")), "{log}");
}

#[test]
fn a_switch_that_is_not_there_is_named() {
    let place = Place::new();
    let arguments = place.daemon_arguments(&place.unix(), &place.p4info());
    let (status, log) = Process::start(&arguments).ends();
    assert!(!status.success());
    assert!(log.contains("no switch at unix:"), "{log}");
}

#[test]
fn a_pipeline_is_kept_if_that_is_asked_for() {
    let place = Place::new();
    let switch_argument = format!("p4runtime={}", place.unix());
    let state_dir = place.path("state").display().to_string();
    let keep = [
        &["run", "--listen", "127.0.0.1:0", "--state-dir", &state_dir][..],
        &["--asic", &switch_argument, "--keep-pipeline"],
    ];
    let keep: Vec<String> = keep.concat().into_iter().map(str::to_owned).collect();
    let (switch, _) = place.switch(UNIX);
    let (status, log) = Process::start(&keep).ends();
    assert!(!status.success());
    assert!(log.contains("has no pipeline to keep"), "{log}");
    switch.kill();

    let (switch, _) = place.switch_with(UNIX, &["--program", PROGRAM]);
    let daemon = Daemon::start(&keep);
    daemon.process.logs("the switch keeps its pipeline");
    daemon.ensure(1, &entries(3, 1)).ok();
    let rows = daemon.all_rows();
    switch.kill();
    daemon.process.logs("no connection to the switch");
    let seen = daemon.process.log().len();
    let (_switch, _) = place.switch_with(UNIX, &["--program", PROGRAM]);
    daemon.process.logs_after(seen, "the tables are as they should be again");
    assert_eq!(daemon.all_rows(), rows);
}
