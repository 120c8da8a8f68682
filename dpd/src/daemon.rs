//! A running daemon: the controller's thread and the HTTP servers in front of it.

use crate::api::{Context, Dpd, stamp};
use crate::controller::thread::{self, Handle, Thread};
use crate::controller::{Controller, Settings, StartFault, SystemClock, row_cost};
use crate::forwarding::Forwarding;
use crate::metrics::{Metered, Meters};
use crate::packets::{Device, PacketSide};
use asic::soft_ports::PortsError;
use dpd_api::dpd_api_mod;
use dropshot::{
    ApiDescriptionBuildErrors, BuildError, CompressionConfig, ConfigDropshot, HandlerTaskMode,
    HttpServer, ServerBuilder,
};
use journal::{Contents, OpenError, Opening, RedbJournal, StorageSource};
use nat_groups::{GroupName, Limits};
use slog::{Drain as _, Level, LevelFilter, Logger, info, o};
use std::net::{Ipv6Addr, SocketAddr};
use std::num::NonZeroU64;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use tokio::time::timeout;

/// How a daemon is to run.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where to listen; port 0 picks a free one.
    pub listen: Vec<SocketAddr>,
    /// The limits of the store.
    pub limits: Limits,
    /// The greatest request body, in bytes.
    pub max_body_bytes: usize,
    /// The group whose generation `GET /rpw/nat/gen` reports.
    pub rpw_group: GroupName,
    /// How long the device has for one call.
    pub device_timeout: Duration,
    /// The ports, and the routes, neighbours and underlay address to begin with.
    pub forwarding: Forwarding,
    /// How many rows to compare in the background each second, on average; `None` for none.
    pub scrub_rows: Option<NonZeroU64>,
}

impl Options {
    /// The port of dpd.
    pub const PORT: u16 = 12224;
    /// The greatest request body unless told otherwise: 64 MiB.
    pub const MAX_BODY_BYTES: usize = 64 << 20;
    /// The name of the group that `GET /rpw/nat/gen` reports unless told otherwise.
    pub const RPW_GROUP: &'static str = "instances";
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: vec![SocketAddr::from((Ipv6Addr::LOCALHOST, Self::PORT))],
            limits: Limits::default(),
            max_body_bytes: Self::MAX_BODY_BYTES,
            rpw_group: GroupName::new(Self::RPW_GROUP).unwrap_or_else(|_| GroupName::ungrouped()),
            device_timeout: Duration::from_secs(10),
            forwarding: Forwarding::default(),
            scrub_rows: None,
        }
    }
}

/// A running daemon. It stops when [`Daemon::close`] is called.
pub struct Daemon {
    servers: Vec<HttpServer<Arc<Context>>>,
    controller: Handle,
    packets: Option<Arc<dyn PacketSide>>,
    thread: Thread,
    log: Logger,
}

/// Why a daemon does not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// What was acknowledged before cannot be read.
    #[error("{0}")]
    Journal(#[from] OpenError),
    /// The controller cannot begin.
    #[error(transparent)]
    Controller(#[from] StartFault),
    /// A port cannot be opened.
    #[error("cannot open the ports: {0}")]
    Ports(#[from] PortsError),
    /// The system has no thread to give.
    #[error("cannot start the controller: {0}")]
    Thread(#[source] std::io::Error),
    /// An operation cannot be served.
    #[error("cannot serve the API: {0}")]
    Api(#[from] ApiDescriptionBuildErrors),
    /// An address cannot be listened on.
    #[error("cannot listen on {address}: {error}", error = because(error))]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why not.
        error: BuildError,
    },
}

impl Daemon {
    /// Takes the device over and serves requests. What was acknowledged is kept in `state`: a
    /// [`journal::Directory`], or [`journal::Memory`] to forget it when the daemon ends.
    ///
    /// # Errors
    ///
    /// [`StartError`] says why it cannot; then nothing runs.
    pub fn start(
        options: Options,
        state: Box<dyn StorageSource>,
        device: Device,
        log: Logger,
    ) -> Result<Self, StartError> {
        let Device { asic, packets, alarm } = device;
        let Options {
            listen,
            limits,
            max_body_bytes,
            rpw_group,
            device_timeout,
            forwarding,
            scrub_rows,
        } = options;
        let row_cost = row_cost(&*asic);
        let (journal, contents) = RedbJournal::open_source(state, limits, row_cost, stamp(""))?;
        log_journal(&log, &journal, &contents);
        let meters = Meters::default();
        let (asic, journal) =
            (Metered::new(asic, meters.clone()), Metered::new(journal, meters.clone()));
        let settings = Settings {
            forwarding,
            device_timeout,
            clock: Arc::new(SystemClock::new()),
            // Daemons that lost one device at the same moment do not all come back at the same.
            seed: rand::random(),
            meters: meters.clone(),
            scrub_rows,
        };
        let log_of_controller = log.new(o!("part" => "controller"));
        let controller = Controller::new(
            Box::new(asic),
            Box::new(journal),
            contents,
            settings,
            log_of_controller,
        )?;
        if let Some(packets) = &packets {
            packets.start(&log)?;
        }
        let (controller, thread) = thread::spawn(controller).map_err(StartError::Thread)?;
        alarm.wakes(&controller);
        let context =
            Context::new(controller.clone(), packets.clone(), rpw_group, meters, log.clone());
        let context = Arc::new(context);
        // dropshot logs each request at info; what matters of a request, we log.
        let http_log = Logger::root(
            LevelFilter::new(log.clone(), Level::Warning).fuse(),
            o!("part" => "http"),
        );
        let mut servers = Vec::new();
        for address in listen {
            let api = dpd_api_mod::api_description::<Dpd>()?;
            let config = ConfigDropshot {
                bind_address: address,
                default_request_body_max_bytes: max_body_bytes,
                // What was asked is done, whatever becomes of the connection.
                default_handler_task_mode: HandlerTaskMode::Detached,
                log_headers: Vec::new(),
                compression: CompressionConfig::None,
            };
            let server = ServerBuilder::new(api, Arc::clone(&context), http_log.clone())
                .config(config)
                .version_policy(dpd_api::version_policy())
                .start()
                .map_err(|error| StartError::Listen { address, error })?;
            info!(log, "listening"; "address" => %server.local_addr());
            servers.push(server);
        }
        Ok(Self { servers, controller, packets, thread, log })
    }

    /// Where it listens.
    pub fn addresses(&self) -> impl Iterator<Item = SocketAddr> {
        self.servers.iter().map(HttpServer::local_addr)
    }

    /// Waits until the controller has failed: it ends by itself for no other reason. There is
    /// nothing left to serve then.
    pub async fn failed(&mut self) {
        self.thread.ended().await;
    }

    /// Finishes the write in hand and all that was asked before, answers, and stops. Clients that
    /// are still sending a request are not waited for.
    pub async fn close(self) {
        let Self { servers, controller, packets, thread, log } = self;
        let closing: Vec<_> =
            servers.into_iter().map(|server| tokio::spawn(server.close())).collect();
        controller.stop();
        // It may be in the middle of a write.
        if tokio::task::spawn_blocking(move || thread.join()).await.unwrap_or(true) {
            slog::error!(log, "the controller had failed");
        }
        if let Some(packets) = packets
            && tokio::task::spawn_blocking(move || packets.stop()).await.is_err()
        {
            slog::error!(log, "the ports did not stop well");
        }
        for server in closing {
            match timeout(LAST_ANSWERS, server).await {
                Ok(Ok(Ok(()))) => {}
                Ok(Ok(Err(error))) => {
                    slog::warn!(log, "a server did not stop well"; "error" => error);
                }
                Ok(Err(error)) => {
                    slog::warn!(log, "a server did not stop well"; "error" => %error);
                }
                Err(_) => info!(log, "some clients were still sending requests"),
            }
        }
        info!(log, "stopped");
    }
}

/// How long clients have for their last answers once the daemon has done its work.
const LAST_ANSWERS: Duration = Duration::from_secs(1);

/// What the daemon begins with.
fn log_journal(log: &Logger, journal: &RedbJournal, contents: &Contents) {
    let found = match journal.opening() {
        Opening::New => "there was none, and it was made",
        Opening::Clean => "as it was left",
        Opening::Repaired => "not closed in order; checked and repaired",
    };
    info!(log, "the journal is open";
        "found" => found,
        "groups" => contents.store.groups().count(),
        "mappings" => contents.store.len());
}

/// The reason behind dropshot's error, which by itself only names the address.
fn because(error: &BuildError) -> String {
    match std::error::Error::source(error) {
        Some(source) => source.to_string(),
        None => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use super::*;
    use asic::{
        Asic, Capabilities, Counter, MemoryAsic, MemoryConfig, Outcome, ReadError, Row, RowKey,
        Table, TableWrite,
    };

    /// A device with a mistake in it.
    struct Mistaken(MemoryAsic);

    impl Asic for Mistaken {
        fn name(&self) -> &str {
            self.0.name()
        }

        fn capabilities(&self) -> Capabilities {
            self.0.capabilities()
        }

        fn size_rows(&self, table: Table) -> u32 {
            self.0.size_rows(table)
        }

        fn write(&mut self, writes: &[TableWrite], timeout: Duration) -> Vec<Outcome> {
            self.0.write(writes, timeout)
        }

        fn read(&mut self, table: Table, timeout: Duration) -> Result<Vec<Row>, ReadError> {
            self.0.read(table, timeout)
        }

        fn counters(
            &mut self,
            _table: Table,
            _timeout: Duration,
        ) -> Result<Vec<(RowKey, Counter)>, ReadError> {
            panic!("a mistake, made for a test")
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_daemon_whose_controller_fails_says_so() {
        let device =
            Device::of_tables(Box::new(Mistaken(MemoryAsic::new(MemoryConfig::default()))));
        let log = Logger::root(slog::Discard, o!());
        let options = Options {
            listen: vec![SocketAddr::from((Ipv6Addr::LOCALHOST, 0))],
            ..Options::default()
        };
        let mut daemon =
            Daemon::start(options, Box::<journal::Memory>::default(), device, log).unwrap();
        let counters = daemon.controller.read_counters(Table::NatIngressIpv4).await;
        assert!(counters.is_err());
        daemon.failed().await;
        daemon.close().await;
    }
}
