//! What happens in a step.

use crate::check::{self, NOTHING_LOST, OLD_OR_NEW, STARTS, broken, require};
use crate::client::{Kind, describe};
use crate::daemon::{Daemon, NoStart, Site, Weather, start};
use crate::model::{Verdict, World};
use crate::planted::Planted;
use crate::report::Broken;
use crate::simulation::{DiskWeather, Simulation, limits, switch_config};
use crate::switch::Mishap;
use crate::universe::{self, Packet, shown};
use crate::watch::Probe;
use asic::{Step, TableWrite};
use dpd::controller::{Repair, Request, WaitsFor};
use dpd::forwarding::Forwarding;
use dpd::lower;
use journal::{Contents, DiskRates};
use nat_groups::{DeviceRow, Priority, Target, Write};

/// What happens next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Act {
    #[default]
    Ask,
    Route,
    Repair,
    DeviceFaults,
    DiskFaults,
    Away,
    Back,
    Tamper,
    Forget,
    Crash,
    Stop,
    Calm,
}

/// What was to be seen while the daemon did something.
pub(crate) struct Seen {
    pub(crate) rows_before: Vec<DeviceRow>,
    pub(crate) writes: u64,
    pub(crate) missed: Vec<Probe>,
    pub(crate) device_faults: u64,
    pub(crate) disk_faults: u64,
    pub(crate) commits: u64,
    pub(crate) unknown_commits: u64,
    pub(crate) is_other_epoch: bool,
}

impl Simulation {
    /// One step.
    pub(crate) fn act(&mut self) -> Result<(), Broken> {
        let act = self.random.weighted(&[
            (60, Act::Ask),
            (7, Act::Route),
            (9, Act::Repair),
            (6, Act::DeviceFaults),
            (4, Act::DiskFaults),
            (2, Act::Away),
            (2, Act::Back),
            (1, Act::Tamper),
            (1, Act::Forget),
            (4, Act::Crash),
            (1, Act::Stop),
            (4, Act::Calm),
        ]);
        match act {
            Act::Ask => self.ask(),
            Act::Route => self.route(),
            Act::Repair => self.repair_a_little(),
            Act::DeviceFaults => {
                self.change_device_faults();
                Ok(())
            }
            Act::DiskFaults => {
                self.change_disk_faults();
                Ok(())
            }
            Act::Away => {
                self.tell("nobody reaches the switch any more".to_owned());
                self.coverage.note("fault: switch away");
                self.switch.go_away();
                Ok(())
            }
            Act::Back => {
                let forgets = self.random.percent(50);
                self.come_back(forgets);
                Ok(())
            }
            Act::Tamper => {
                self.tamper();
                Ok(())
            }
            Act::Forget => {
                self.tell("the switch silently loses its rows".to_owned());
                self.coverage.note("fault: rows lost silently");
                self.switch.forget();
                self.is_tampered = true;
                Ok(())
            }
            Act::Crash => {
                self.tell("the daemon is killed".to_owned());
                self.coverage.note("crash between steps");
                self.crash()
            }
            Act::Stop => {
                self.tell("the daemon ends in order".to_owned());
                self.coverage.note("end in order");
                self.blocked = None;
                self.end_daemon();
                self.crash()
            }
            Act::Calm => {
                self.tell("all faults end".to_owned());
                self.coverage.note("all faults end");
                self.calm_down()?;
                if self.random.percent(50) { self.restart_calmly() } else { Ok(()) }
            }
        }
    }

    /// A client asks something.
    fn ask(&mut self) -> Result<(), Broken> {
        let mut random = self.random.split();
        let sent = self.clients.next(&self.truth, &mut random);
        let verdict = self.truth.judge(&sent.command, self.limits.max_groups);
        let is_dry = sent.dry_run && self.options.planted != Some(Planted::DryRunsAreReal);
        let request =
            Request { command: sent.command.clone(), dry_run: is_dry, stamp: self.stamp() };
        self.arm();
        let next = match &verdict {
            Verdict::Taken { next, .. } if !sent.dry_run => Some(next.clone()),
            _ => None,
        };
        self.coverage.note(match sent.kind {
            Kind::Newer => "request: newer generation",
            Kind::Equal => "request: equal generation",
            Kind::EqualWithOtherContent => "request: equal generation with other content",
            Kind::Stale => "request: stale generation",
            Kind::Several => "request: several groups at once",
            Kind::Adopting => "request: adopting",
            Kind::Reserving => "request: reserving",
            Kind::Delete => "request: delete",
            Kind::Put => "request: put of an entry",
            Kind::Remove => "request: remove of an entry",
            Kind::Reset => "request: reset",
            Kind::Late => "request: late repetition",
        });
        let index = self.trace.len();
        self.tell(describe(&sent));
        let (result, seen) =
            self.watched(next.as_ref(), |daemon| daemon.controller.change(&request))?;
        if self.power.is_off() {
            self.trace[index] += " -> the daemon dies";
            self.coverage.note("crash within a request");
            if let Some(next) = next {
                self.begun(&seen, &next);
                self.maybe.push(next);
            }
            return self.crash();
        }
        let outcome = self.outcome(&result, &seen);
        self.trace[index] += &format!(" -> {outcome}");
        self.disarm();
        self.verify(&sent, &verdict, &result, &seen)
    }

    /// The daemon repairs some batches.
    fn repair_a_little(&mut self) -> Result<(), Broken> {
        let batches = self.random.weighted(&[(2, 1), (2, 2), (6, usize::MAX)]);
        if self.needs_repair() && self.random.percent(10) {
            self.arm_crash();
        } else {
            self.arm();
        }
        let index = self.trace.len();
        self.tell(match batches {
            usize::MAX => "repair".to_owned(),
            batches => format!("repair of {batches} batches"),
        });
        let (end, seen) = self.watched(None, |daemon| {
            let mut left = batches;
            daemon.controller.repair(&mut || {
                left = left.saturating_sub(1);
                left == 0
            })
        })?;
        if self.power.is_off() {
            self.trace[index] += " -> the daemon dies";
            self.coverage.note("crash within a repair");
            return self.crash();
        }
        self.disarm();
        self.trace[index] += &format!(" -> {end:?}, {} writes", seen.writes);
        self.verify_repair(end, &seen)
    }

    fn verify_repair(&mut self, end: Repair, seen: &Seen) -> Result<(), Broken> {
        self.coverage.note(match end {
            Repair::Clean => "repair: clean",
            Repair::Paused => "repair: paused",
            Repair::Failed(_) => "repair: failed",
        });
        self.excuse_misses(seen)?;
        match end {
            Repair::Clean if !self.is_tampered => {
                self.forwards().or_else(|found| broken(check::TRUE_ANSWER, found))?;
                check::holds_only(&self.switch.rows(), &self.truth.mappings()).or_else(|found| {
                    broken(check::TRUE_ANSWER, format!("repair says that all is clean: {found}"))
                })
            }
            // The tables are right then; the journal has faults of its own.
            Repair::Failed(WaitsFor::Journal) if !self.is_tampered => {
                check::holds_only(&self.switch.rows(), &self.truth.mappings()).or_else(|found| {
                    broken(check::TRUE_ANSWER, format!("repair waits for the journal: {found}"))
                })
            }
            Repair::Failed(_) => {
                let has_cause = seen.device_faults > 0 || seen.is_other_epoch || self.is_tampered;
                require(has_cause, check::TRUE_ANSWER, || {
                    "repair failed, and nothing was in its way".to_owned()
                })
            }
            _ => Ok(()),
        }
    }

    /// Lets the daemon do something, and sends packets at every write. `next` is what it leads to,
    /// if it leads anywhere.
    pub(crate) fn watched<T>(
        &mut self,
        next: Option<&World>,
        act: impl FnOnce(&mut Daemon) -> T,
    ) -> Result<(T, Seen), Broken> {
        let rows_before = self.switch.rows();
        self.watch(&rows_before, next);
        let Some(daemon) = &mut self.daemon else {
            return broken(STARTS, "no daemon runs");
        };
        let (told, kept) = (daemon.told.lock().clone(), *daemon.kept.lock());
        let (writes, epoch) = (self.switch.writes(), self.switch.epoch());
        let mishaps = self.switch.mishaps();
        let result = act(daemon);
        let (told_now, kept_now) = (daemon.told.lock().clone(), *daemon.kept.lock());
        let (third, missed) = self.switch.watch(|watch| watch.end());
        if let Some(third) = third {
            return broken(OLD_OR_NEW, third);
        }
        let seen = Seen {
            rows_before,
            writes: self.switch.writes() - writes,
            missed,
            device_faults: told_now.faults - told.faults,
            disk_faults: kept_now.faults() - kept.faults(),
            commits: kept_now.done - kept.done,
            unknown_commits: kept_now.unknown - kept.unknown,
            is_other_epoch: self.seen_epoch != self.switch.epoch() || epoch != self.switch.epoch(),
        };
        self.coverage.add("table writes", seen.writes);
        let [found, anew] = self.switch.mishaps();
        self.coverage.add("switch lost and found amid writes", found - mishaps[0]);
        self.coverage.add("switch restarted amid writes", anew - mishaps[1]);
        Ok((result, seen))
    }

    fn watch(&mut self, rows: &[DeviceRow], next: Option<&World>) {
        let worlds: Vec<&World> = [&self.truth]
            .into_iter()
            .chain(&self.maybe)
            .chain(&self.under_way)
            .chain(next)
            .collect();
        let foreign = &self.foreign;
        let is_tampered = self.is_tampered;
        let expect = |packet: Packet| {
            let now = shown(rows, packet);
            let wanted: Vec<Option<Target>> =
                worlds.iter().map(|world| world.target(packet)).collect();
            let must_hit = !is_tampered && now.is_some() && wanted.iter().all(Option::is_some);
            let mut allowed: Vec<Target> =
                wanted.into_iter().flatten().chain(now).chain(foreign.iter().copied()).collect();
            allowed.sort_by_key(|target| (target.internal_ip, target.inner_mac.0));
            allowed.dedup();
            (allowed, must_hit)
        };
        self.switch.watch(|watch| watch.begin(expect));
    }

    /// Remembers what was begun, if anything was written of it.
    pub(crate) fn begun(&mut self, seen: &Seen, next: &World) {
        if seen.writes > 0 {
            self.under_way.push(next.clone());
        }
    }

    /// The daemon dies, be it by itself or with all power, and another starts.
    pub(crate) fn crash(&mut self) -> Result<(), Broken> {
        let mut is_hindered = false;
        loop {
            self.blocked = None;
            if self.disk.is_off() || self.random.percent(40) {
                self.disk.crash(self.random.next());
                self.coverage.note("crash: power lost");
                self.tell("  the power goes and comes back".to_owned());
                if self.random.percent(50) {
                    self.lose_switch();
                }
            } else {
                self.disk.kill();
                self.coverage.note("crash: killed");
                if self.random.percent(10) {
                    self.lose_switch();
                }
            }
            self.end_daemon();
            self.power.restore();
            if self.random.percent(15) {
                self.limits = limits(&mut self.random);
                self.tell(format!("  limits are {:?} from now on", self.limits));
            }
            self.weather_disk();
            if self.random.percent(10) {
                self.arm_crash();
            }
            let weather = if is_hindered { Weather::Fine } else { self.weather() };
            match self.try_start(weather)? {
                Started::Yes => return Ok(()),
                Started::Died => self.coverage.note("crash within a start"),
                Started::Hindered(why) => {
                    self.tell(format!("  no daemon starts: {why}"));
                    self.coverage.note("start hindered by faults");
                    self.end_faults();
                    is_hindered = true;
                }
            }
        }
    }

    /// Drops the daemon, and counts what it suffered.
    fn end_daemon(&mut self) {
        let Some(daemon) = self.daemon.take() else { return };
        let faults = daemon.chaos.faults();
        self.coverage.add("chaos: refused at once", faults.refused);
        self.coverage.add("chaos: refused midway", faults.midway);
        self.coverage.add("chaos: answer lost or late", faults.lost);
        self.coverage.add("chaos: delayed", faults.delayed);
        self.coverage.add("chaos: read failed", faults.reads_failed);
        let kept = *daemon.kept.lock();
        self.coverage.add("journal: step taken", kept.done);
        self.coverage.add("journal: step not taken", kept.not_done);
        self.coverage.add("journal: outcome unknown", kept.unknown);
        self.coverage.add("journal: outcome not to be found out", kept.unsettled);
    }

    fn lose_switch(&mut self) {
        let mut config = self.switch.config();
        if self.random.percent(30) {
            // Another switch, with no less room.
            let other = switch_config(&mut self.random);
            config.memory.has_priorities = other.memory.has_priorities;
            config.memory.max_batch = other.memory.max_batch;
            config.reorders = other.reorders;
        }
        self.switch.replace(config);
        self.foreign.clear();
        self.is_tampered = false;
        self.coverage.note("crash: rows of the switch lost");
        self.tell("  the switch begins anew".to_owned());
    }

    /// Starts a daemon where nothing hinders it.
    pub(crate) fn start(&mut self) -> Result<(), Broken> {
        match self.try_start(Weather::Fine)? {
            Started::Yes => Ok(()),
            Started::Died => broken(STARTS, "the daemon died without a reason"),
            Started::Hindered(why) => broken(STARTS, why),
        }
    }

    fn try_start(&mut self, weather: Weather) -> Result<Started, Broken> {
        let stamp = self.stamp();
        let epoch = self.switch.epoch();
        let mut random = self.random.split();
        let mut found = None;
        let site = Site {
            disk: &self.disk,
            switch: &self.switch,
            power: &self.power,
            limits: self.limits,
            settings: &self.settings,
            planted: self.options.planted,
        };
        let started =
            start(&site, weather, stamp, &mut random, |contents| found = Some(contents.clone()));
        if self.power.is_off() {
            self.tell("  the daemon dies while it starts".to_owned());
            return Ok(Started::Died);
        }
        if let Some(contents) = &found {
            self.recognise(contents)?;
        }
        match started {
            Ok(daemon) => self.daemon = Some(daemon),
            Err(error) => {
                let is_hindered = match &error {
                    NoStart::Journal(_) => !self.disk_weather.is_fine(),
                    NoStart::Controller(_) => true,
                };
                let why = error.to_string();
                return if is_hindered { Ok(Started::Hindered(why)) } else { broken(STARTS, why) };
            }
        }
        // From here on what was read is what is promised.
        self.under_way.append(&mut self.maybe);
        self.is_tampered = false;
        self.seen_epoch = epoch;
        let ((), seen) = self.watched(None, |daemon| daemon.controller.take_over())?;
        if self.power.is_off() {
            self.tell("  the daemon dies while it takes over".to_owned());
            return Ok(Started::Died);
        }
        self.disarm();
        self.excuse_misses(&seen)?;
        self.coverage.note("starts");

        self.tell(format!("  a daemon starts and writes {} rows", seen.writes));
        if seen.device_faults == 0 && !seen.is_other_epoch {
            let rows = self.switch.rows();
            check::holds_only(&rows, &self.truth.mappings())
                .or_else(|found| broken(check::ENDS_WELL, format!("after a start {found}")))?;
        }
        Ok(Started::Yes)
    }

    /// Finds out which of the worlds that it may be the journal holds.
    fn recognise(&mut self, contents: &Contents) -> Result<(), Broken> {
        let document = contents.documents.get(Forwarding::DOCUMENT);
        let routes = match document {
            Some(document) => Forwarding::resumed(document, &self.settings)
                .map(|resumed| resumed.forwarding)
                .or_else(|error| broken(STARTS, error.to_string()))?,
            None => Forwarding::default(),
        };
        let worlds: Vec<&World> = [&self.truth].into_iter().chain(&self.maybe).collect();
        let is_one = |world: &&World| {
            check::is_world(&contents.store, world) && world.has_routes_of(&routes)
        };
        let Some(index) = worlds.iter().position(is_one) else {
            let why = check::Checked::default().store(&contents.store, &self.truth);
            let others = if worlds.len() > 1 { ", nor anything else it might be" } else { "" };
            return broken(
                NOTHING_LOST,
                format!(
                    "after a restart, it is not what clients were told{others}: {}",
                    why.map_or_else(|error| error.found, |()| format!("{routes:?}"))
                ),
            );
        };
        if index > 0 {
            self.coverage.note("restart with what was under way");
            let now = self.maybe.remove(index - 1);
            let before = std::mem::replace(&mut self.truth, now);
            self.maybe.insert(0, before.clone());
            self.under_way.push(before);
        }
        Ok(())
    }

    pub(crate) fn arm(&mut self) {
        if self.random.percent(5) {
            self.arm_crash();
        } else if self.random.percent(3) {
            let mishap = self.random.weighted(&[(1, Mishap::Found), (1, Mishap::Restart)]);
            let writes = self.random.below(6) as u64;
            self.switch.will(writes, mishap);
        }
    }

    fn arm_crash(&mut self) {
        if self.random.percent(50) {
            self.power.goes_after_writes(self.random.below(8) as u64);
        } else {
            self.power.goes_after_disk_changes(self.random.below(24) as u64);
        }
    }

    pub(crate) fn disarm(&mut self) {
        self.power.stay();
        self.switch.stay();
        self.weather_disk();
    }

    /// Makes the disk as it is said to be, and disarms it.
    fn weather_disk(&self) {
        self.disk.mend();
        let DiskWeather { rates, is_full } = self.disk_weather;
        self.disk.set_rates(rates);
        if is_full {
            self.disk.limit_allocated(Some(self.disk.allocated_bytes()));
        }
    }

    fn change_disk_faults(&mut self) {
        let (what, rates, is_full) = match self.random.below(6) {
            0 => ("the disk is full", DiskRates::NEVER, true),
            1 => ("syncs fail", DiskRates { sync_ppm: 400_000, ..DiskRates::NEVER }, false),
            2 => (
                "the disk fails now and then",
                DiskRates {
                    read_ppm: 20_000,
                    write_ppm: 40_000,
                    set_len_ppm: 40_000,
                    sync_ppm: 100_000,
                    publish_ppm: 50_000,
                },
                false,
            ),
            3 => (
                "the disk takes nothing",
                DiskRates { write_ppm: 1_000_000, sync_ppm: 1_000_000, ..DiskRates::NEVER },
                false,
            ),
            _ => ("the disk is well", DiskRates::NEVER, false),
        };
        self.disk_weather = DiskWeather { rates, is_full };
        self.weather_disk();
        self.tell(what.to_owned());
        self.coverage.note(&format!("fault: {what}"));
    }

    fn change_device_faults(&mut self) {
        let Some(chaos) = self.daemon.as_ref().map(|daemon| daemon.chaos.clone()) else { return };
        let random = &mut self.random;
        let mut writes = || random.below(6);
        let what = match writes() + 2 * writes() {
            0 | 1 => {
                chaos.refuse_writes(true);
                "all writes are refused"
            }
            2 | 3 => {
                chaos.refuse_reads(true);
                "all reads are refused"
            }
            4 | 5 => {
                chaos.script([Step::Perform(writes()), Step::Refuse(1 + writes())]);
                "writes are refused after some"
            }
            6 | 7 => {
                let performed = writes() > 2;
                let then = [Step::Perform(writes()), Step::Lose { performed }];
                chaos.script(then);
                "an answer will be lost"
            }
            8 | 9 => {
                let performed = writes() > 2;
                chaos.script([
                    Step::Perform(writes()),
                    Step::Lose { performed },
                    Step::Refuse(writes()),
                ]);
                "an answer will be lost and more refused"
            }
            10 if self.blocked.is_none() => {
                self.blocked = Some(chaos.block_writes());
                "writes are blocked"
            }
            _ => {
                self.blocked = None;
                chaos.refuse_writes(false);
                chaos.refuse_reads(false);
                chaos.script([]);
                chaos.set_random_faults(self.random.percent(50));
                "the way to the switch is free"
            }
        };
        self.tell(what.to_owned());
        self.coverage.note(&format!("fault: {what}"));
    }

    /// Somebody else changes the tables of the switch.
    fn tamper(&mut self) {
        let rows = self.switch.rows();
        let write = match (self.random.below(3), self.random.pick(&rows).copied()) {
            (0, Some(DeviceRow { slot, priority, .. })) => Write::Delete { slot, priority },
            (1, Some(row)) => {
                let target = universe::any_target(&mut self.random);
                Write::Modify(DeviceRow { target, ..row })
            }
            _ => Write::Insert(DeviceRow {
                slot: universe::any_slot(&mut self.random),
                priority: Priority(1 + self.random.below(3) as u32),
                target: universe::any_target(&mut self.random),
            }),
        };
        let lowered: Option<TableWrite> = lower::write(&write).ok();
        let is_done = lowered.is_some_and(|lowered| self.switch.tamper(&lowered));
        if is_done {
            self.is_tampered = true;
            if let Write::Insert(row) | Write::Modify(row) = write {
                self.foreign.push(row.target);
            }
            self.coverage.note("fault: tampered with");
        }
        let tried = if is_done { "" } else { "tries in vain: " };
        self.tell(format!("somebody else {tried}{write:?}"));
    }

    fn come_back(&mut self, forgets: bool) {
        if forgets {
            self.switch.forget();
        }
        self.switch.come_back();
        self.coverage.note(if forgets { "switch restarted" } else { "switch lost and found" });
        self.tell(format!(
            "the switch is lost and found{}",
            if forgets { ", and has forgotten all" } else { "" }
        ));
    }

    /// Ends all faults. A switch that was tampered with is looked at again.
    pub(crate) fn end_faults(&mut self) {
        self.blocked = None;
        if let Some(daemon) = &self.daemon {
            daemon.chaos.refuse_writes(false);
            daemon.chaos.refuse_reads(false);
            daemon.chaos.script([]);
            daemon.chaos.set_random_faults(false);
        }
        self.disk_weather = DiskWeather::default();
        self.disarm();
        if self.switch.is_away() || self.is_tampered {
            self.come_back(false);
        }
    }
}

/// Whether a daemon started.
enum Started {
    Yes,
    /// It died of what it was told to.
    Died,
    /// Something was in its way.
    Hindered(String),
}
