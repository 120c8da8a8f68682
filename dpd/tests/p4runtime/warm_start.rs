//! A daemon that ends and starts again under traffic. The switch goes on.

use crate::http::attempt;
use crate::process::Process;
use crate::traffic::{Flow, Traffic};
use crate::{Daemon, Place, UNIX};
use dpd_replay::{NEXT_HOP, Probe, Protocol, REAR, UNDERLAY, UPLINK};
use nat_groups::{ExternalAddr, Target};
use rustix::process::Signal;
use serde_json::{Value, json};
use std::fs;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

/// The groups whose generations change, each at addresses of its own, and one that stays.
const GROUPS: [&str; 3] = ["services", "instances", "still"];
const STILL: usize = 2;

/// How many addresses of each family a group has.
const HOSTS: u8 = 40;

/// How the daemon ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// By SIGTERM, with nothing to do.
    Asked,
    /// By SIGKILL, with nothing to do.
    Killed,
    /// By SIGKILL while a generation is under way, when so many packets have come through since it
    /// was asked for.
    KilledMidway(u64),
}

/// Where a group's generation leads.
fn target(group: usize, generation: u64) -> Target {
    Target {
        internal_ip: Ipv6Addr::new(0xfd00, 0, 0, group as u16, 0, 0, generation as u16, 1),
        inner_mac: nat_groups::MacAddr([2, 0, 0, 0, 1, 1]),
        vni: nat_groups::Vni::new(100).unwrap(),
    }
}

/// The generation that leads there, if any of this group does.
fn generation_of(group: usize, found: &Target) -> Option<u64> {
    let generation = u64::from(found.internal_ip.segments()[6]);
    (target(group, generation) == *found).then_some(generation)
}

fn addresses(group: usize) -> impl Iterator<Item = (u8, ExternalAddr)> {
    (1..=HOSTS).flat_map(move |host| {
        let v4 = Ipv4Addr::new(203, 0, 113 + group as u8, host);
        let v6 = Ipv6Addr::new(0x2001, 0xdb8, 0, group as u16, 0, 0, 0, host.into());
        [(host, v4.into()), (host, v6.into())]
    })
}

/// A group's set. In every generation each address leads elsewhere, and half of them are cut anew.
fn set(group: usize, generation: u64) -> Vec<Value> {
    let entry = |external: ExternalAddr, low: u32, high: u32| {
        let Target { internal_ip, inner_mac, vni } = target(group, generation);
        json!({
            "external": std::net::IpAddr::from(external), "low": low, "high": high,
            "target": {
                "internal_ip": internal_ip, "inner_mac": { "a": inner_mac.0 }, "vni": vni.get(),
            },
        })
    };
    let cut = |(host, external)| match host % 2 {
        0 => vec![entry(external, 0, 65_535)],
        _ => {
            let cut = 10_000 + generation as u32 % 7 * 5_000;
            vec![entry(external, 0, cut), entry(external, cut + 1, 65_535)]
        }
    };
    addresses(group).flat_map(cut).collect()
}

fn flows() -> Vec<Flow> {
    let protocols = [Protocol::Udp, Protocol::Tcp, Protocol::Echo];
    let of_group = |group| {
        let places = addresses(group).step_by(5).zip(protocols.into_iter().cycle());
        places.flat_map(move |((_, external), protocol)| {
            [80, 12_000, 50_000].map(|port| {
                let probe = Probe { external, port, protocol };
                Flow { probe, group }
            })
        })
    };
    (0..GROUPS.len()).flat_map(of_group).collect()
}

/// The switch in its place, and a daemon's configuration.
struct Rack {
    place: Place,
    switch: Option<Process>,
    config: PathBuf,
    packets: PathBuf,
}

impl Rack {
    fn new() -> Self {
        let place = Place::new();
        let packets = place.path("packets");
        let p4info = place.p4info();
        let config = place.path("dpd.toml");
        let text = format!(
            "listen = [\"127.0.0.1:0\"]\nlog-level = \"debug\"\nasic = \"p4runtime={}\"\n\
             p4info = \"{}\"\ndevice-config = \"{}\"\nstate-dir = \"{}\"\nunderlay = \"{UNDERLAY}\"\n\
             [[port]]\nnumber = {UPLINK}\nrole = \"uplink\"\nmac = \"02:00:00:00:00:01\"\n\
             [[port]]\nnumber = {REAR}\nrole = \"rear\"\nmac = \"02:00:00:00:00:02\"\n\
             [[route]]\ncidr = \"::/0\"\nport = {REAR}\nnext-hop = \"{NEXT_HOP}\"\n\
             [[neighbor]]\nip = \"{NEXT_HOP}\"\nmac = \"02:00:00:00:ff:02\"\n",
            place.unix(),
            p4info.display(),
            crate::PROGRAM,
            place.path("state").display(),
        );
        fs::write(&config, text).unwrap();
        let mut rack = Self { place, switch: None, config, packets };
        rack.start_switch();
        rack
    }

    fn start_switch(&mut self) {
        let packets = self.packets.display().to_string();
        let (switch, _) = self.place.switch_with(UNIX, &["--packet-socket", &packets]);
        self.switch = Some(switch);
    }

    fn daemon(&self) -> Daemon {
        let config = self.config.display().to_string();
        Daemon::start(&["run", "--config", &config].map(str::to_owned))
    }

    /// All groups at generation 1, and packets through them.
    fn traffic(&self, daemon: &Daemon) -> Traffic {
        for group in 0..GROUPS.len() {
            daemon.put(group, 1);
        }
        Traffic::start(&self.packets, flows(), &[1; GROUPS.len()], generation_of)
    }
}

impl Daemon {
    fn put(&self, group: usize, generation: u64) -> Value {
        let body = json!({ "generation": generation, "entries": set(group, generation) });
        let path = format!("/nat/groups/{}", GROUPS[group]);
        crate::request(&self.address, "PUT", &path, Some(&body)).ok()
    }

    /// Takes a group to a generation under traffic.
    fn advance(&self, traffic: &Traffic, group: usize, generation: u64) {
        traffic.ask(group, generation);
        let done = self.put(group, generation);
        assert_eq!(done["gaps"], json!([]));
        traffic.acknowledge(group, generation);
    }

    /// Waits until a group is programmed: the generation that it is at.
    fn programmed(&self, group: usize) -> u64 {
        loop {
            let view = self.get(&format!("/nat/groups/{}", GROUPS[group])).ok();
            if view["state"] == "programmed" {
                assert_eq!(view["generation"], view["programmed_generation"], "{view}");
                return view["generation"].as_u64().unwrap();
            }
        }
    }

    /// All rows. Those of a range that was cut anew have other priorities than those that came
    /// into an empty table.
    fn rows_at_any_priority(&self) -> Vec<Vec<Value>> {
        let mut tables = self.all_rows();
        for row in tables.iter_mut().flatten() {
            row["priority"] = Value::Null;
        }
        tables
    }

    /// The writes to tables that the log tells of.
    fn writes(&self) -> Vec<String> {
        let log = self.process.log().into_iter();
        log.filter(|line| line.contains("table write")).collect()
    }

    /// Packets by key of the rows of the group that stays.
    fn counts_of_still(&self) -> Vec<(String, u64)> {
        let mut counts = Vec::new();
        for family in ["ipv4", "ipv6"] {
            let table = format!("Ingress.nat_ingress.ingress_{family}");
            let path = format!("/table/{table}/counters?force_sync=true");
            let rows = self.get(&path).ok();
            counts.extend(rows.as_array().unwrap().iter().filter_map(|row| {
                let key = format!("{} {}", row["keys"]["dst_addr"], row["keys"]["l4_dst_port"]);
                let is_still = key.contains("203.0.115.") || key.contains("2001:db8:0:2:");
                is_still.then(|| (key, row["data"]["pkts"].as_u64().unwrap()))
            }));
        }
        counts.sort();
        counts
    }
}

/// Sends a request for a generation, and kills the daemon when so many packets have come through
/// since: whether it was answered.
fn kill_midway(daemon: Daemon, traffic: &Traffic, generation: u64, packets: u64) -> bool {
    let body = json!({ "generation": generation, "entries": set(0, generation) });
    let (sent, address) = (AtomicBool::new(false), daemon.address.clone());
    traffic.ask(0, generation);
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| {
            let path = format!("/nat/groups/{}", GROUPS[0]);
            let mut sent = || sent.store(true, Ordering::SeqCst);
            attempt(&address, "PUT", &path, Some(&body), &mut sent).map(|answer| answer.ok())
        });
        while !sent.load(Ordering::SeqCst) && !asking.is_finished() {
            std::thread::yield_now();
        }
        traffic.pass(packets);
        daemon.process.kill();
        asking.join().unwrap().is_ok()
    })
}

#[test]
fn not_one_packet_is_lost_however_often_the_daemon_ends_and_starts_again() {
    let rack = Rack::new();
    let mut daemon = rack.daemon();
    let traffic = rack.traffic(&daemon);
    let midway = [0, 3, 10, 25, 60, 120, 250, 500].map(End::KilledMidway);
    let ends = [End::Asked, End::Killed].into_iter().chain(midway);
    let ends = ends.chain([End::Asked, End::Killed]);
    let (mut generations, mut unanswered) = ([1, 1], 0);
    let mut counted = daemon.counts_of_still();
    for end in ends {
        for (group, generation) in generations.iter_mut().enumerate() {
            *generation += 1;
            daemon.advance(&traffic, group, *generation);
        }
        let mut asked = None;
        match end {
            End::Asked => {
                let (status, log) = daemon.process.stop(Signal::TERM);
                assert!(status.success(), "{log}");
            }
            End::Killed => daemon.process.kill(),
            End::KilledMidway(packets) => {
                let generation = generations[0] + 1;
                let was_answered = kill_midway(daemon, &traffic, generation, packets);
                if was_answered {
                    traffic.acknowledge(0, generation);
                    generations[0] = generation;
                } else {
                    unanswered += 1;
                }
                asked = Some((was_answered, generation));
            }
        }
        // While there is no daemon, while it starts, and after.
        traffic.pass(100);
        daemon = rack.daemon();
        daemon.process.logs("the switch keeps its pipeline");
        let found: Vec<_> = (0..GROUPS.len()).map(|group| daemon.programmed(group)).collect();
        assert_eq!(found[1..], [generations[1], 1]);
        match asked {
            None | Some((true, _)) => {
                assert_eq!((found[0], daemon.writes()), (generations[0], vec![]), "{end:?}");
            }
            Some((false, asked)) => {
                assert!([generations[0], asked].contains(&found[0]), "{end:?}: {found:?}");
                generations[0] = asked;
                daemon.advance(&traffic, 0, asked);
            }
        }
        traffic.pass(100);
        let stale = json!({ "generation": generations[1] - 1, "entries": [] });
        let path = format!("/nat/groups/{}", GROUPS[1]);
        let stale = crate::request(&daemon.address, "PUT", &path, Some(&stale));
        stale.refused(409, "StaleGeneration");
        let counts = daemon.counts_of_still();
        let pairs = counted.iter().zip(&counts);
        assert!(pairs.clone().all(|(was, is)| was.0 == is.0 && was.1 <= is.1), "{end:?}");
        assert!(pairs.clone().any(|(was, is)| was.1 < is.1), "{end:?}");
        counted = counts;
    }
    assert!(unanswered > 0, "no request was broken off, which shows little");
    let sent = traffic.stop();
    // What stayed was never touched: its rows have counted every packet.
    let of_still = sent.iter().filter(|(flow, _)| flow.group == STILL);
    let counted = daemon.counts_of_still();
    let all: u64 = counted.iter().map(|(_, packets)| packets).sum();
    assert_eq!(all, of_still.map(|(_, packets)| packets).sum::<u64>());
}

#[test]
fn when_the_switch_has_lost_its_memory_too_all_is_programmed_again() {
    let mut rack = Rack::new();
    let daemon = rack.daemon();
    let traffic = rack.traffic(&daemon);
    daemon.advance(&traffic, 0, 2);
    traffic.pass(100);
    traffic.stop();
    let rows = daemon.rows_at_any_priority();
    daemon.process.kill();
    if let Some(switch) = rack.switch.take() {
        switch.kill();
    }
    rack.start_switch();
    let daemon = rack.daemon();
    daemon.process.logs("the switch has been given its pipeline");
    assert_eq!([0, 1, 2].map(|group| daemon.programmed(group)), [2, 1, 1]);
    assert!(daemon.rows_at_any_priority() == rows, "the rows are not those of before");
    let traffic = Traffic::start(&rack.packets, flows(), &[2, 1, 1], generation_of);
    traffic.pass(200);
    daemon.advance(&traffic, 0, 3);
    traffic.stop();
}
