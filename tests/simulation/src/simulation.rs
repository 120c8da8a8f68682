//! A run: a world from a seed, step by step, until all are done or a rule is broken.

use crate::check::{self, Checked, ENDS_WELL, STARTS, WARM_START, broken, require};
use crate::client::Clients;
use crate::coverage::Coverage;
use crate::daemon::{Daemon, Weather, cost_of};
use crate::model::World;
use crate::power::Power;
use crate::random::Random;
use crate::report::{Broken, Options, Report};
use crate::routes;
use crate::switch::{Switch, SwitchConfig};
use asic::{BlockedWrites, MemoryConfig, PerTable, RangeExpansion};
use dpd::controller::{GroupState, Repair, Snapshot};
use dpd::forwarding::Forwarding;
use journal::{ChaosDisk, DiskRates};
use nat_groups::{DeviceRow, Limits, Stamp, Target};
use std::num::NonZeroUsize;

/// Simulates what is asked for, until a rule is broken.
pub fn run(options: &Options) -> Report {
    let mut simulation = Simulation::new(*options);
    let result = simulation.run();
    let Simulation { coverage, trace, step, .. } = simulation;
    let mut hash = Random::new(0);
    for line in &trace {
        for byte in line.bytes() {
            hash = Random::new(hash.next() ^ u64::from(byte));
        }
    }
    Report {
        options: *options,
        steps: step,
        trace_hash: hash.next(),
        coverage,
        trace,
        broken: result.err(),
    }
}

/// The world and what is known of it.
pub(crate) struct Simulation {
    pub(crate) options: Options,
    pub(crate) random: Random,
    pub(crate) step: usize,
    pub(crate) trace: Vec<String>,
    pub(crate) coverage: Coverage,
    pub(crate) micros: u64,
    pub(crate) disk: ChaosDisk,
    pub(crate) power: Power,
    pub(crate) switch: Switch,
    pub(crate) daemon: Option<Daemon>,
    pub(crate) limits: Limits,
    pub(crate) settings: Forwarding,
    pub(crate) clients: Clients,
    pub(crate) blocked: Option<BlockedWrites>,
    pub(crate) disk_weather: DiskWeather,
    /// What clients were told.
    pub(crate) truth: World,
    /// What may be on the disk instead, should the daemon die: the outcome of what was refused for
    /// want of the journal is not always known.
    pub(crate) maybe: Vec<World>,
    /// What was begun since the switch was last known to hold just what it should.
    pub(crate) under_way: Vec<World>,
    /// The targets of rows that somebody else has put there since.
    pub(crate) foreign: Vec<Target>,
    /// Whether the switch was changed behind everyone's back, and nobody could know.
    pub(crate) is_tampered: bool,
    /// The epoch of the switch that the daemon last had the chance to see.
    pub(crate) seen_epoch: u64,
    pub(crate) checked: Checked,
}

/// How the disk is.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct DiskWeather {
    pub(crate) rates: DiskRates,
    pub(crate) is_full: bool,
}

impl DiskWeather {
    pub(crate) fn is_fine(&self) -> bool {
        self.rates == DiskRates::NEVER && !self.is_full
    }
}

impl Simulation {
    /// How many repairs it takes at most, once faults have ended, until all is well: one, and one
    /// more if the journal had a debt.
    const REPAIRS: usize = 2;

    fn new(options: Options) -> Self {
        let mut random = Random::new(options.seed.wrapping_mul(0x2545_f491_4f6c_dd1d));
        let disk = ChaosDisk::new(random.next());
        let power = Power::new(disk.clone());
        let config = switch_config(&mut random);
        let switch = Switch::new(config, power.clone(), random.split(), options.planted);
        let limits = limits(&mut random);
        let first = format!(
            "a switch of {:?} rows, {}, {}, at most {} writes at once{}; limits {limits:?}",
            config.memory.size_rows[asic::Table::NatIngressIpv4],
            if config.memory.has_priorities { "priorities" } else { "no priorities" },
            match config.memory.range_expansion {
                RangeExpansion::None => "a row a range",
                RangeExpansion::TernaryNibbles => "ranges as on a Tofino",
            },
            config.memory.max_batch,
            match (config.reorders, config.is_atomic) {
                (false, false) => "",
                (true, false) => " in any order",
                (false, true) => " or none",
                (true, true) => " in any order or none",
            },
        );
        Self {
            options,
            random,
            step: 0,
            trace: vec![first],
            coverage: Coverage::default(),
            micros: 0,
            disk,
            power,
            switch,
            daemon: None,
            limits,
            // Two ports cannot be in each other's way.
            settings: routes::settings().unwrap_or_default(),
            clients: Clients::default(),
            blocked: None,
            disk_weather: DiskWeather::default(),
            truth: World::new(),
            maybe: Vec::new(),
            under_way: Vec::new(),
            foreign: Vec::new(),
            is_tampered: false,
            seen_epoch: 0,
            checked: Checked::default(),
        }
    }

    fn run(&mut self) -> Result<(), Broken> {
        self.start()?;
        self.check()?;
        while self.step < self.options.steps {
            self.step += 1;
            self.coverage.note("steps");
            self.micros += 1 + self.random.below(1_000_000) as u64;
            self.act()?;
            self.check()?;
        }
        self.end()
    }

    /// A line of the trace.
    pub(crate) fn tell(&mut self, line: String) {
        self.trace.push(format!("{:>4} {line}", self.step));
    }

    pub(crate) fn stamp(&self) -> Stamp {
        Stamp { unix_micros: self.micros, request_id: format!("{}", self.step).into() }
    }

    /// Checks what must hold between any two steps.
    fn check(&mut self) -> Result<(), Broken> {
        let rows = self.switch.rows();
        let Some(daemon) = &self.daemon else {
            return broken(STARTS, "no daemon runs");
        };
        let snapshot = daemon.controller.published().load();
        self.checked.store(&snapshot.store, &self.truth)?;
        require(self.truth.has_routes_of(&snapshot.forwarding), check::NOTHING_LOST, || {
            let (routes, neighbors) = (&self.truth.routes, &self.truth.neighbors);
            format!("{:?} instead of {routes:?} and {neighbors:?}", snapshot.forwarding)
        })?;
        let routed = check::forwards(&snapshot, &self.switch.forwarding_rows());
        let is_seen = self.seen_epoch == self.switch.epoch();
        let is_doubtful = !daemon.told.lock().doubtful.is_empty();
        if !self.is_tampered && is_seen {
            check::status(&snapshot, &self.truth, &rows)?;
            if !is_doubtful && !snapshot.is_unread {
                check::applied(&snapshot, &rows)?;
            }
            if !daemon.controller.needs_repair() {
                routed.clone().or_else(|found| broken(check::TRUE_STATUS, found))?;
                self.check_clean(&snapshot, &rows)?;
                self.maybe.clear();
            }
        }
        if check::holds_only(&rows, &self.truth.mappings()).is_ok() {
            self.under_way.clear();
            self.foreign.clear();
            // What was put right again may be taken for wrong still.
            let is_known = check::applied(&snapshot, &rows).is_ok() && routed.is_ok();
            self.is_tampered &= !is_known;
        }
        if let Err(error) = self.switch.validate() {
            return broken(check::NO_OVERLAP, error.to_string());
        }
        Ok(())
    }

    /// Checks that all is as it should be, since nothing is said to be in need of repair.
    fn check_clean(&self, snapshot: &Snapshot, rows: &[DeviceRow]) -> Result<(), Broken> {
        check::holds_only(rows, &self.truth.mappings()).or_else(|found| {
            broken(check::TRUE_STATUS, format!("nothing needs repair, and {found}"))
        })?;
        for group in snapshot.store.groups() {
            let state = snapshot.state(group.id());
            require(state == GroupState::Programmed, check::TRUE_STATUS, || {
                format!("nothing needs repair, and group {} is {state:?}", group.name())
            })?;
        }
        Ok(())
    }

    /// Ends all faults, and checks that all is well soon after, and after a restart too.
    pub(crate) fn calm_down(&mut self) -> Result<(), Broken> {
        self.end_faults();
        let mut repairs = 0;
        while self.needs_repair() {
            require(repairs < Self::REPAIRS, ENDS_WELL, || {
                let rows = self.switch.rows();
                let found = check::holds_only(&rows, &self.truth.mappings());
                format!(
                    "after {repairs} repairs something is still to be repaired: {}",
                    found.err().unwrap_or_else(|| "the switch is right".to_owned())
                )
            })?;
            repairs += 1;
            let end = self.repair(usize::MAX)?;
            self.tell(format!("  repair {repairs}: {end:?}"));
            self.check()?;
        }
        let rows = self.switch.rows();
        check::holds_only(&rows, &self.truth.mappings())
            .or_else(|found| broken(ENDS_WELL, found))?;
        self.forwards().or_else(|found| broken(ENDS_WELL, found))
    }

    /// Whether the switch holds exactly the rows of ports, routes and neighbours.
    pub(crate) fn forwards(&self) -> Result<(), String> {
        let Some(daemon) = &self.daemon else { return Ok(()) };
        check::forwards(&daemon.controller.published().load(), &self.switch.forwarding_rows())
    }

    /// Ends the run: all faults end, all is well, and is so after a restart.
    fn end(&mut self) -> Result<(), Broken> {
        self.tell("the end: all faults end".to_owned());
        self.calm_down()?;
        self.restart_calmly()
    }

    /// A restart without any fault: nothing is written.
    pub(crate) fn restart_calmly(&mut self) -> Result<(), Broken> {
        let is_clean = self.random.percent(50);
        self.tell(format!("a restart, {}", if is_clean { "in order" } else { "by kill" }));
        let (writes, rows) = (self.switch.writes(), self.switch.rows());
        if !is_clean {
            self.disk.kill();
        }
        self.daemon = None;
        self.start()?;
        let written = self.switch.writes() - writes;
        require(written == 0 && self.switch.rows() == rows, WARM_START, || {
            format!("{written} rows were written")
        })?;
        self.coverage.note("restart that finds all as it was");
        self.check()?;
        require(!self.needs_repair(), WARM_START, || "something is to be repaired".to_owned())
    }

    pub(crate) fn needs_repair(&self) -> bool {
        self.daemon.as_ref().is_some_and(|daemon| daemon.controller.needs_repair())
    }

    /// Lets the daemon repair, with a pause after some batches.
    pub(crate) fn repair(&mut self, batches: usize) -> Result<Repair, Broken> {
        self.watched(None, |daemon| {
            let mut left = batches;
            daemon.controller.repair(&mut || {
                left = left.saturating_sub(1);
                left == 0
            })
        })
        .map(|(repair, _)| repair)
    }
}

/// Small tables, so that they are full now and then.
pub(crate) fn switch_config(random: &mut Random) -> SwitchConfig {
    let range_expansion = match random.percent(35) {
        true => RangeExpansion::TernaryNibbles,
        false => RangeExpansion::None,
    };
    let size = match range_expansion {
        RangeExpansion::None => [8, 12, 16, 64][random.below(4)],
        RangeExpansion::TernaryNibbles => [40, 64, 100, 400][random.below(4)],
    };
    let max_batch = random.weighted(&[(5, usize::MAX), (2, 1), (2, 2), (1, 5)]);
    SwitchConfig {
        memory: MemoryConfig {
            size_rows: PerTable::from_fn(|_| size),
            range_expansion,
            has_priorities: random.percent(75),
            max_batch: NonZeroUsize::new(max_batch).unwrap_or(NonZeroUsize::MIN),
        },
        reorders: random.percent(50),
        is_atomic: random.percent(20),
    }
}

pub(crate) fn limits(random: &mut Random) -> Limits {
    Limits { history: 1 + random.below(4), max_groups: [3, 4, 4, 9][random.below(4)] }
}

impl Simulation {
    pub(crate) fn cost(&self) -> fn(nat_groups::PortRange) -> u32 {
        cost_of(&self.switch)
    }

    pub(crate) fn weather(&mut self) -> Weather {
        self.random.weighted(&[(4, Weather::Fine), (4, Weather::Light), (2, Weather::Heavy)])
    }
}
