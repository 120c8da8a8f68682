//! The switch: the pipeline that it runs, and who controls it.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use asic::soft_ports::PortSender;
use p4runtime::v1;
use parking_lot::Mutex;
use slog::Logger;
use tonic::Status;

use crate::controllers::{Controllers, Permit};
use crate::losses::LossCounters;
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
    /// Who is connected and who is primary.
    pub(crate) controllers: Arc<Controllers>,
    /// The ports on real interfaces, if there are any.
    pub(crate) ports: ArcSwapOption<PortSender>,
    pub(crate) losses: LossCounters,
}

impl Shared {
    /// Lets a request in that only the primary controller of a role may send, until the permit is
    /// dropped: it is to be held until all is done.
    ///
    /// # Errors
    ///
    /// `NOT_FOUND` for another device or an unknown role, `PERMISSION_DENIED` for everybody but the
    /// primary.
    pub(crate) fn check_primary(
        &self,
        device_id: u64,
        role: &str,
        role_id: u64,
        election_id: Option<v1::Uint128>,
    ) -> Result<Permit, Status> {
        self.controllers.permit(device_id, role, role_id, election_id)
    }
}

impl SoftSwitch {
    /// A switch without a program: it drops every packet until it is given one.
    pub fn new(config: Config, log: Logger) -> SoftSwitch {
        let (pipeline, saved) = (ArcSwapOption::empty(), Mutex::new(None));
        let controllers = Arc::new(Controllers::new(config.device_id, log.clone()));
        let (ports, losses) = (ArcSwapOption::empty(), LossCounters::default());
        let shared = Shared { config, log, pipeline, saved, controllers, ports, losses };
        SoftSwitch { shared: Arc::new(shared) }
    }
}
