//! A daemon that is killed over and over while clients keep it busy. What it acknowledged is there
//! afterwards, and of what it did not answer, all or nothing.

mod client;
mod entry;
mod link;

use crate::process::Process;
use crate::{Daemon, Place, UNIX};
use client::{Client, GroupClient, PerEntryClient};
use entry::{Entry, rows_of};
use link::Link;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use std::collections::BTreeSet;
use std::hint::spin_loop;

/// How often the daemon is killed under load, and besides while it starts.
const ROUNDS: u64 = 25;

/// The most requests of a round before the daemon is killed.
const MOST_REQUESTS: u64 = 60;

/// When the daemon is killed under load.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// So many answers have come.
    Answers(u64),
    /// So many requests have gone out.
    Requests(u64),
}

#[test]
fn nothing_that_was_acknowledged_is_lost_by_a_daemon_that_is_killed_over_and_over() {
    let place = Place::new();
    let (_switch, address) = place.switch(UNIX);
    let arguments = place.daemon_arguments(&address, &place.p4info());
    let mut random = StdRng::seed_from_u64(1);
    let mut clients = clients();
    let (daemon, start) = Daemon::start_counted(&arguments);
    let mut daemon = Some(daemon);
    for round in 0..ROUNDS {
        let running = daemon.take().unwrap_or_else(|| Daemon::start(&arguments));
        check(&running, &mut clients);
        let moment = match random.random::<bool>() {
            true => Moment::Answers(random.random_range(1..MOST_REQUESTS)),
            false => Moment::Requests(random.random_range(1..MOST_REQUESTS)),
        };
        load_and_kill(running, &mut clients, moment, random.random_range(0..50_000));
        // And once more before it serves anybody, or as soon as it does.
        match round % 3 {
            0 => {
                let starting = Process::start(&arguments);
                spin(random.random_range(0..start));
                starting.kill();
            }
            1 => Daemon::start(&arguments).process.kill(),
            _ => {}
        }
    }
    check(&Daemon::start(&arguments), &mut clients);
    // It was worth it.
    let (unanswered, done) = clients.iter().fold((0, 0), |(unanswered, done), client| {
        let (more_unanswered, more_done) = client.unanswered_and_done();
        (unanswered + more_unanswered, done + more_done)
    });
    assert!(unanswered > 0 && done > 0, "{done} were done after all, of {unanswered} unanswered");
    assert!(done < unanswered, "all {unanswered} that were not answered were done");
}

fn clients() -> Vec<Box<dyn Client>> {
    let mut clients: Vec<Box<dyn Client>> = Vec::new();
    for number in 0..4 {
        clients.push(Box::new(GroupClient::new(number)));
    }
    clients.push(Box::new(PerEntryClient::new(4)));
    clients
}

/// Lets all clients ask until the moment has come, and after that the daemon lives for so many
/// spins.
fn load_and_kill(daemon: Daemon, clients: &mut [Box<dyn Client>], moment: Moment, spins: u64) {
    let link = Link::to(&daemon.address);
    std::thread::scope(|scope| {
        for client in clients {
            let link = &link;
            scope.spawn(move || while client.step(link).is_some() {});
        }
        link.wait_for(|requests, answers| match moment {
            Moment::Answers(count) => answers >= count,
            Moment::Requests(count) => requests >= count,
        });
        spin(spins);
        daemon.process.kill();
    });
}

/// The daemon has all that was acknowledged to each client, and the switch what the daemon has.
fn check(daemon: &Daemon, clients: &mut [Box<dyn Client>]) {
    let link = Link::to(&daemon.address);
    for client in &mut *clients {
        client.recover(&link);
    }
    loop {
        let groups = daemon.get("/nat/groups?limit=100").ok();
        if groups["items"].as_array().unwrap().iter().all(|group| group["state"] == "programmed") {
            break;
        }
    }
    let found: BTreeSet<Entry> = ["ipv4", "ipv6"]
        .into_iter()
        .flat_map(|family| rows_of(&daemon.rows(&format!("Ingress.nat_ingress.ingress_{family}"))))
        .collect();
    let expected: BTreeSet<Entry> = clients.iter().flat_map(|client| client.entries()).collect();
    let missing: Vec<_> = expected.difference(&found).collect();
    let extra: Vec<_> = found.difference(&expected).collect();
    assert!(missing.is_empty() && extra.is_empty(), "missing {missing:?}, too many {extra:?}");
}

impl Daemon {
    /// Starts a daemon, and says how many spins that took.
    fn start_counted(arguments: &[String]) -> (Daemon, u64) {
        let process = Process::start(arguments);
        let mut spins = 0;
        while !process.has_said("listening on http://") {
            spin(100);
            spins += 100;
        }
        let address = process.says("listening on http://");
        (Daemon { process, address }, spins)
    }
}

fn spin(spins: u64) {
    for _ in 0..spins {
        spin_loop();
    }
}
