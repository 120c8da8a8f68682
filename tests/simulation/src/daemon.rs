//! One life of the daemon: the controller with its journal and its way to the switch.

use crate::notebook::{Kept, Notebook};
use crate::planted::Planted;
use crate::power::Power;
use crate::random::Random;
use crate::switch::{Listener, Switch, Told};
use asic::{ChaosAsic, ChaosConfig, ChaosSwitch, Rate};
use dpd::controller::{Controller, Settings, StartFault, row_cost};
use dpd::forwarding::Forwarding;
use journal::{ChaosDisk, Contents, OpenError, RedbJournal};
use nat_groups::{Limits, PortRange, Stamp};
use parking_lot::Mutex;
use slog::{Discard, Logger, o};
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;

/// How long the device has for one call. It is short, because a write that is blocked really waits.
pub(crate) const DEVICE_TIMEOUT: Duration = Duration::from_nanos(1000);

/// What a daemon is started over.
pub(crate) struct Site<'a> {
    pub(crate) disk: &'a ChaosDisk,
    pub(crate) switch: &'a Switch,
    pub(crate) power: &'a Power,
    pub(crate) limits: Limits,
    pub(crate) settings: &'a Forwarding,
    pub(crate) planted: Option<Planted>,
}

/// A daemon that runs.
pub(crate) struct Daemon {
    pub(crate) controller: Controller,
    pub(crate) chaos: ChaosSwitch,
    pub(crate) told: Arc<Mutex<Told>>,
    pub(crate) kept: Arc<Mutex<Kept>>,
}

/// Why a daemon does not start.
#[derive(Debug, Error)]
pub(crate) enum NoStart {
    #[error("{0}")]
    Journal(#[from] OpenError),
    #[error("{0}")]
    Controller(#[from] StartFault),
}

/// How often the way to the device fails.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Weather {
    #[default]
    Fine,
    Light,
    Heavy,
}

impl Weather {
    fn config(self, seed: u64) -> ChaosConfig {
        let rate = |rate| Rate::new(rate).unwrap_or(Rate::NEVER);
        let (refuse, other) = match self {
            Weather::Fine => return ChaosConfig { seed, ..ChaosConfig::default() },
            Weather::Light => (0.02, 0.03),
            Weather::Heavy => (0.1, 0.15),
        };
        ChaosConfig {
            seed,
            refuse: rate(refuse),
            midway: rate(other),
            lose: rate(other),
            delay: rate(other),
            // Half of the delays go beyond the deadline.
            max_delay: DEVICE_TIMEOUT * 2,
        }
    }
}

/// Starts a daemon, as far as to have read the journal and the switch. `read` sees what the journal
/// holds.
pub(crate) fn start(
    site: &Site<'_>,
    weather: Weather,
    stamp: Stamp,
    random: &mut Random,
    read: impl FnOnce(&Contents),
) -> Result<Daemon, NoStart> {
    let planted = |random: &mut Random| Some((site.planted?, random.split()));
    let sleep = Box::new(|_: Duration| {});
    let chaos = ChaosAsic::new(site.switch.device(), weather.config(random.next()), sleep);
    let switch = chaos.switch();
    let told = Arc::default();
    let listener = Listener::new(Box::new(chaos), Arc::clone(&told), planted(random));
    let cost = row_cost(&listener);
    let (journal, contents) =
        RedbJournal::open_source(site.disk.source(), site.limits, cost, stamp)?;
    read(&contents);
    let kept = Arc::default();
    let notebook = Notebook::new(journal, site.power.clone(), Arc::clone(&kept), planted(random));
    let settings = Settings {
        forwarding: site.settings.clone(),
        device_timeout: DEVICE_TIMEOUT,
        ..Settings::default()
    };
    let log = Logger::root(Discard, o!());
    let controller =
        Controller::new(Box::new(listener), Box::new(notebook), contents, settings, log)?;
    Ok(Daemon { controller, chaos: switch, told, kept })
}

/// How many rows a range takes on a switch.
pub(crate) fn cost_of(switch: &Switch) -> fn(PortRange) -> u32 {
    row_cost(&*switch.device())
}
