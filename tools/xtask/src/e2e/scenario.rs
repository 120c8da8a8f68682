//! What happens, step by step, and what has to come of it.

use super::generations::{self, SERVICE};
use super::network::{EXTERNAL, Network, Port, SLEDS, UPLINK, ports};
use super::sled::Sled;
use super::stream::{self, Sender};
use super::switch::{Drops, End, Switch};
use super::verdict::Observed;
use super::web::{self, Size};
use anyhow::{Context, Result, bail, ensure};
use futures::future::try_join_all;
use owo_colors::{OwoColorize as _, Stream};
use std::io::{Write as _, stdout};
use std::net::IpAddr;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;
use tokio::time::{interval, timeout};

/// Everything that runs. Dropped in this order.
pub(crate) struct World {
    pub(crate) switch: Switch,
    pub(crate) sleds: [Sled; 2],
    pub(crate) network: Network,
}

/// The sled that has the service at first, and the one that it moves to.
const OLD: usize = 0;
const NEW: usize = 1;

/// How much a transfer moves in a second.
const BYTES_PER_SECOND: u64 = 1 << 20;

/// How long what is under way may take to arrive.
const UNDER_WAY: Duration = Duration::from_secs(2);

/// How long anything may take that is expected.
const PATIENCE: Duration = Duration::from_secs(20);

/// How often the group goes to its next generation.
const GENERATION_EVERY: Duration = Duration::from_millis(100);

/// For how many datagrams of each stream there is no daemon.
const AWAY: u64 = 200;

/// How long after it was begun a request is given up.
const BROKEN_OFF_AFTER: Duration = Duration::from_millis(3);

/// How often the planted mistake is made.
const MISTAKES: u64 = 20;

/// Says how a step went.
pub(crate) fn say(step: &str, text: &str) {
    let step = format!("{step:<12}");
    let step = step.if_supports_color(Stream::Stdout, |text| text.bold());
    // Whoever started it may not care to read on.
    let _ = writeln!(stdout(), "{step} {text}");
}

/// Plays all of it, and fails at the first thing that is not as it should be.
pub(crate) async fn play(world: &mut World, seconds: u32) -> Result<()> {
    world.wait_for_ports().await?;
    let mut generation = 1;
    let entries = generations::entries(generation, OLD);
    let changed = world.switch.ensure(&world.network.switch, generation, &entries).await?;
    ensure!(changed.added == entries.len() as u64, "not all were added: {changed:?}");
    say("group", &format!("generation 1 adds {} entries", changed.added));
    world.ping(OLD).await?;
    world.names(OLD).await?;
    let before = world.settled_drops().await?;

    let streams = world.start_streams(0).await?;
    world.transfer_through_changes(&mut generation, OLD, seconds).await?;
    let asked: Vec<u64> = streams.iter().map(Sender::next).collect();
    generation += 1;
    let begun = Instant::now();
    let changed = world.ensure(generation, NEW).await?;
    let confirmed: Vec<u64> = streams.iter().map(Sender::next).collect();
    say(
        "move",
        &format!(
            "generation {generation} moves the service to {} with {changed} in {:.1} ms",
            SLEDS[NEW].name,
            begun.elapsed().as_secs_f64() * 1e3
        ),
    );
    world.names(NEW).await?;
    world.transfer_through_changes(&mut generation, NEW, 1).await?;
    if world.switch.outlives_daemon() {
        world.daemon_ends_and_starts(&streams, &mut generation, NEW).await?;
    }
    world.ping(NEW).await?;
    world.judge(streams, &asked, &confirmed).await?;
    world.nothing_dropped(&before).await?;
    world.mistakes_are_noticed(&mut generation).await?;
    world.uplink_comes_back().await
}

impl World {
    async fn wait_for_ports(&self) -> Result<()> {
        for port in ports() {
            self.wait_for_state(port, "up").await?;
        }
        say("switch", "dpd runs nat.p4 with an uplink and two rear ports, all of them up");
        Ok(())
    }

    async fn wait_for_state(&self, port: &Port, state: &str) -> Result<()> {
        let place = &self.network.switch;
        let settled = async {
            let mut ticks = interval(Duration::from_millis(20));
            loop {
                ticks.tick().await;
                if self.switch.port_state(place, port).await? == state {
                    return anyhow::Ok(());
                }
            }
        };
        let settled = timeout(PATIENCE, settled).await;
        settled.with_context(|| format!("port {} does not become {state}", port.number))?
    }

    async fn ensure(&self, generation: u64, service_sled: usize) -> Result<String> {
        let entries = generations::entries(generation, service_sled);
        let changed = self.switch.ensure(&self.network.switch, generation, &entries).await?;
        ensure!(changed.gaps.is_empty(), "the daemon left gaps: {:?}", changed.gaps);
        let super::switch::Changed { added, updated, removed, writes, gaps: _ } = changed;
        Ok(format!("+{added} ~{updated} -{removed} ({writes} writes)"))
    }

    /// Ends the daemon and starts it again, under the streams: in peace, by force, and by force in
    /// the middle of a change. The switch goes on.
    async fn daemon_ends_and_starts(
        &mut self,
        streams: &[Sender],
        generation: &mut u64,
        service_sled: usize,
    ) -> Result<()> {
        for (end, is_midway) in
            [(End::Stopped, false), (End::Killed, false), (End::Killed, true), (End::Killed, true)]
        {
            let first: Vec<u64> = streams.iter().map(Sender::next).collect();
            let mut possible = vec![*generation];
            if is_midway {
                possible.push(*generation + 1);
                self.break_off(*generation + 1, service_sled).await?;
            }
            self.switch.end(end)?;
            flow(streams, AWAY).await?;
            self.switch.start_again(&self.network.switch)?;
            let found = self.settled_group().await?;
            ensure!(possible.contains(&found), "generation {found} is none of {possible:?}");
            *generation += 1;
            let changed = self.ensure(*generation, service_sled).await?;
            let passed: u64 = streams.iter().zip(first).map(|(it, first)| it.next() - first).sum();
            let how = match (end, is_midway) {
                (End::Stopped, _) => "stopped",
                (End::Killed, false) => "killed",
                (End::Killed, true) => "killed while a change was under way",
            };
            say(
                "daemon",
                &format!(
                    "{how} and started again, at generation {found}; {generation} then brings \
                     {changed}; {passed} datagrams meanwhile"
                ),
            );
        }
        Ok(())
    }

    /// Asks for a generation, and does not wait for the answer.
    async fn break_off(&self, generation: u64, service_sled: usize) -> Result<()> {
        let entries = generations::entries(generation, service_sled);
        let asking = self.switch.ensure(&self.network.switch, generation, &entries);
        // By then the request is on its way, and some of the change may be done.
        let _ = timeout(BROKEN_OFF_AFTER, asking).await;
        Ok(())
    }

    /// The generation of the group once the daemon says that it is programmed.
    async fn settled_group(&self) -> Result<u64> {
        let settled = async {
            let mut ticks = interval(Duration::from_millis(5));
            loop {
                ticks.tick().await;
                let (generation, state) = self.switch.group(&self.network.switch).await?;
                if state == "programmed" {
                    return anyhow::Ok(generation);
                }
            }
        };
        timeout(PATIENCE, settled).await.context("the group is not programmed again")?
    }

    /// Pings the service by both families, from an identifier that is among its ports.
    async fn ping(&self, sled: usize) -> Result<()> {
        const PINGS: u32 = 5;
        let counts_before = self.sleds[sled].counts()[0];
        for external in EXTERNAL {
            let identifier = SERVICE.end();
            let command = format!("ping -n -q -c {PINGS} -i 0.02 -W 2 -e {identifier} {external}");
            let text = self.network.outside.run(&command)?;
            let summary = text.lines().find(|line| line.contains(" received")).unwrap_or_default();
            ensure!(summary.contains(&format!(" {PINGS} received")), "{external}: {summary}");
        }
        let reached = self.sleds[sled].counts()[0] - counts_before;
        ensure!(reached >= u64::from(PINGS) * 2, "the pings did not go to {}", SLEDS[sled].name);
        say(
            "ping",
            &format!("{PINGS} of {PINGS} answered by IPv4 and IPv6, by {}", SLEDS[sled].name),
        );
        Ok(())
    }

    /// Asks by both families who serves.
    async fn names(&self, sled: usize) -> Result<()> {
        for external in EXTERNAL {
            let client = web::client()?;
            let name = self.network.outside.within(web::name(client, external)).await;
            let name = name.with_context(|| format!("HTTP to {external}"))?;
            ensure!(name == SLEDS[sled].name, "{external} is answered by {name}");
        }
        say("http", &format!("IPv4 and IPv6 are answered by {}", SLEDS[sled].name));
        Ok(())
    }

    async fn start_streams(&self, first: u64) -> Result<Vec<Sender>> {
        let starting = (first..)
            .zip(EXTERNAL)
            .map(|(number, external)| self.network.outside.within(stream::send(number, external)));
        try_join_all(starting).await
    }

    /// Lets transfers run in both directions by both families, and the group go through
    /// generations until they have ended.
    async fn transfer_through_changes(
        &self,
        generation: &mut u64,
        service_sled: usize,
        seconds: u32,
    ) -> Result<()> {
        let size = Size { bytes: u64::from(seconds) * BYTES_PER_SECOND, seconds };
        let begun = Instant::now();
        let mut transfers = self.start_transfers(size)?;
        let first = *generation + 1;
        let mut ticks = interval(GENERATION_EVERY);
        let mut slowest = Duration::ZERO;
        while transfers.iter().any(|(_, transfer)| !transfer.is_finished()) {
            ticks.tick().await;
            *generation += 1;
            let asked = Instant::now();
            self.ensure(*generation, service_sled).await?;
            slowest = slowest.max(asked.elapsed());
            let patience = PATIENCE + Duration::from_secs(seconds.into());
            ensure!(begun.elapsed() < patience, "the transfers do not end");
        }
        let took = begun.elapsed();
        for (what, transfer) in &mut transfers {
            let sled = transfer.await?.with_context(|| what.clone())?;
            ensure!(sled == SLEDS[service_sled].name, "{what} was served by {sled}");
        }
        let count = *generation + 1 - first;
        ensure!(count > 2, "the transfers saw only {count} generations");
        say(
            "transfers",
            &format!(
                "2 up and 2 down of {} bytes each, every byte right, by {} in {:.1} s, through {count} \
                 generations, the slowest {:.1} ms",
                size.bytes,
                SLEDS[service_sled].name,
                took.as_secs_f64(),
                slowest.as_secs_f64() * 1e3
            ),
        );
        Ok(())
    }

    fn start_transfers(&self, size: Size) -> Result<Vec<(String, JoinHandle<Result<String>>)>> {
        let mut transfers = Vec::new();
        for external in EXTERNAL {
            let down = web::download(web::client()?, external, size);
            let up = web::upload(web::client()?, external, size);
            let outside = &self.network.outside;
            transfers.push((format!("the download from {external}"), outside.spawn(down)?));
            transfers.push((format!("the upload to {external}"), outside.spawn(up)?));
        }
        Ok(transfers)
    }

    /// Ends the streams, waits for what is under way, and looks at where everything went.
    async fn judge(&self, streams: Vec<Sender>, asked: &[u64], confirmed: &[u64]) -> Result<()> {
        for ((number, external), mut sender) in (0..).zip(EXTERNAL).zip(streams) {
            let sent = sender.stop().await?;
            self.arrive(number, sent, &sender).await?;
            let observed = Observed {
                sent,
                move_asked: asked[number as usize],
                move_confirmed: confirmed[number as usize],
                before: self.sleds[OLD].receiver.of(number),
                after: self.sleds[NEW].receiver.of(number),
            };
            let violations = observed.violations();
            if !violations.is_empty() {
                let all: Vec<String> = violations.iter().map(ToString::to_string).collect();
                bail!("of {sent} datagrams to {external}: {}", all.join("; "));
            }
            let answered = sender.answered();
            ensure!(
                answered == sent,
                "of {sent} datagrams to {external}, {answered} were answered"
            );
            say(
                "stream",
                &format!(
                    "{sent} datagrams to {external}: {} to {} before the move, {} to {} after it, none \
                     lost, all answered",
                    observed.before.len(),
                    SLEDS[OLD].name,
                    observed.after.len(),
                    SLEDS[NEW].name
                ),
            );
        }
        Ok(())
    }

    /// Waits until all of a stream has arrived and been answered, or it is clear that some never
    /// will.
    async fn arrive(&self, number: u64, sent: u64, sender: &Sender) -> Result<()> {
        let mut ticks = interval(Duration::from_millis(20));
        let begun = Instant::now();
        while begun.elapsed() < UNDER_WAY {
            ticks.tick().await;
            let arrived: usize = self.sleds.iter().map(|sled| sled.receiver.of(number).len()).sum();
            if arrived as u64 >= sent && sender.answered() >= sent {
                break;
            }
        }
        Ok(())
    }

    async fn drops(&self) -> Result<Drops> {
        self.switch.drops(&self.network.switch).await
    }

    /// What the switch dropped before anything counts: the kernels say, within a second of their
    /// start and whatever one tells them, which multicast groups they listen to.
    async fn settled_drops(&self) -> Result<Drops> {
        const QUIET: Duration = Duration::from_millis(1200);
        let mut ticks = interval(Duration::from_millis(100));
        let mut drops = self.drops().await?;
        let (begun, mut since) = (Instant::now(), Instant::now());
        while since.elapsed() < QUIET {
            ticks.tick().await;
            let now = self.drops().await?;
            if now != drops {
                (drops, since) = (now, Instant::now());
            }
            ensure!(begun.elapsed() < PATIENCE, "the switch keeps dropping packets: {drops:?}");
        }
        Ok(drops)
    }

    async fn nothing_dropped(&self, before: &Drops) -> Result<()> {
        let dropped = since(before, &self.drops().await?);
        ensure!(dropped.is_empty(), "the switch dropped packets: {dropped:?}");
        say("drops", "the switch dropped nothing, for whatever reason");
        Ok(())
    }

    /// Proves that a mistake would have been noticed: here each change deletes before it adds.
    async fn mistakes_are_noticed(&self, generation: &mut u64) -> Result<()> {
        const FIRST: u64 = 2;
        let before = self.drops().await?;
        let streams = self.start_streams(FIRST).await?;
        let service = generations::service(NEW);
        let entries = generations::entries(*generation, NEW);
        let without = entries.iter().filter(|entry| !service.contains(entry)).cloned();
        let without: Vec<_> = without.collect();
        for _ in 0..MISTAKES {
            for entries in [&without, &entries] {
                *generation += 1;
                self.switch.ensure(&self.network.switch, *generation, entries).await?;
            }
        }
        let mut lost = 0;
        let mut all = 0;
        for (number, mut sender) in (FIRST..).zip(streams) {
            let sent = sender.stop().await?;
            self.arrive(number, sent, &sender).await?;
            all += sent;
            lost += sent - self.sleds[NEW].receiver.of(number).len() as u64;
        }
        ensure!(lost > 0, "a service that is deleted before it is added is not missed");
        let dropped = since(&before, &self.drops().await?);
        ensure!(
            dropped == Drops::from([("nat_miss".to_owned(), lost)]),
            "{lost} datagrams were lost, but the switch tells of {dropped:?}"
        );
        say(
            "mistake",
            &format!(
                "{MISTAKES} changes that delete before they add lose {lost} of {all} datagrams, and \
                      the switch counts as many as nat_miss: the checks can fail"
            ),
        );
        Ok(())
    }

    /// Takes the uplink's interface away and makes another of the same name.
    async fn uplink_comes_back(&self) -> Result<()> {
        self.network.cut_uplink()?;
        self.wait_for_state(&UPLINK, "missing").await?;
        self.network.join_uplink().await?;
        let begun = Instant::now();
        self.wait_for_state(&UPLINK, "up").await?;
        let took = begun.elapsed().as_millis();
        say(
            "port",
            &format!("the uplink's interface went away, and the new one is up in {took} ms"),
        );
        self.ping(NEW).await
    }

    /// Tells what may help to understand a failure.
    pub(crate) async fn explain(&self, error: &anyhow::Error) {
        say("FAILED", &format!("{error:#}"));
        match self.drops().await {
            Ok(drops) => say("drops", &format!("{drops:?}")),
            Err(error) => say("drops", &format!("not to be had: {error:#}")),
        }
        match self.switch.ports(&self.network.switch).await {
            Ok(ports) => ports.iter().for_each(|port| say("port", &port.to_string())),
            Err(error) => say("ports", &format!("not to be had: {error:#}")),
        }
        for (plan, sled) in SLEDS.iter().zip(&self.sleds) {
            let [unwrapped, wrapped, refused] = sled.counts();
            say(plan.name, &format!("{unwrapped} unwrapped, {wrapped} wrapped, {refused} refused"));
        }
        say("log", &format!("\n{}", self.switch.log_tail()));
    }

    /// Lets everything run until Ctrl-C, and says what to try.
    pub(crate) async fn keep(&self) {
        let outside = self.network.outside.name();
        say("keep", "everything runs until Ctrl-C; try, as root:");
        for external in EXTERNAL {
            let host = match external {
                IpAddr::V4(address) => address.to_string(),
                IpAddr::V6(address) => format!("[{address}]"),
            };
            say("", &format!("ip netns exec {outside} curl http://{host}:{}/", web::PORT));
        }
        let (switch, daemon) = (self.network.switch.name(), self.switch.address());
        say("", &format!("ip netns exec {switch} curl {daemon}/drops"));
        std::future::pending::<()>().await;
    }
}

/// Waits until so many more datagrams of each stream have been sent.
async fn flow(streams: &[Sender], datagrams: u64) -> Result<()> {
    let until: Vec<u64> = streams.iter().map(|stream| stream.next() + datagrams).collect();
    let flowing = async {
        let mut ticks = interval(Duration::from_millis(5));
        while streams.iter().zip(&until).any(|(stream, until)| stream.next() < *until) {
            ticks.tick().await;
        }
    };
    timeout(PATIENCE, flowing).await.context("the streams have stopped")
}

/// What has been dropped in between.
fn since(before: &Drops, after: &Drops) -> Drops {
    let more = after.iter().map(|(reason, count)| {
        (reason.clone(), count - before.get(reason).copied().unwrap_or_default())
    });
    more.filter(|(_, count)| *count > 0).collect()
}
