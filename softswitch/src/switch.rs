//! The switch: the pipeline that it runs, and who controls it.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use parking_lot::Mutex;
use slog::Logger;

use crate::pipeline::Pipeline;

/// What switch to be.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// The id by which controllers name it.
    pub device_id: u64,
    /// The port that leads to the controller: packets that the program sends there go to the
    /// primary controller, and those that it sends come in by this port.
    pub cpu_port: u16,
}

/// A switch that controllers drive and that forwards packets. Clones are the same switch.
#[derive(Clone)]
pub struct SoftSwitch {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) log: Logger,
    /// What packets run through.
    pub(crate) pipeline: ArcSwapOption<Pipeline>,
    /// Held while the pipeline or what is in it changes, so that changes follow each other. What
    /// it holds is the pipeline that was saved to be committed later.
    pub(crate) saved: Mutex<Option<Arc<Pipeline>>>,
}

impl SoftSwitch {
    /// A switch without a program: it drops every packet until it is given one.
    pub fn new(config: Config, log: Logger) -> SoftSwitch {
        let (pipeline, saved) = (ArcSwapOption::empty(), Mutex::new(None));
        SoftSwitch { shared: Arc::new(Shared { config, log, pipeline, saved }) }
    }
}
