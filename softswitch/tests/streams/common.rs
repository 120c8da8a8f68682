//! A switch that listens on a socket, and controllers that speak to it.

use std::future::Future;
use std::path::PathBuf;
use std::time::Duration;

use p4::Program;
use p4runtime::v1::p4_runtime_client::P4RuntimeClient;
use p4runtime::v1::set_forwarding_pipeline_config_request::Action;
use p4runtime::v1::stream_message_request::Update as Request;
use p4runtime::v1::stream_message_response::Update as Response;
use p4runtime::{rpc, v1};
use softswitch::{Config, Listen, PacketListener, PacketService, PacketSocket, Server, SoftSwitch};
use tempfile::TempDir;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status, Streaming};

/// The port of the controllers in tests.
pub(crate) const CPU_PORT: u16 = 510;

/// A switch that is served until this is dropped.
pub(crate) struct Bed {
    pub(crate) switch: SoftSwitch,
    pub(crate) path: PathBuf,
    end: Option<oneshot::Sender<()>>,
    serving: Option<JoinHandle<()>>,
    _directory: TempDir,
}

/// A stream of a controller, and a way to call.
pub(crate) struct Controller {
    pub(crate) client: P4RuntimeClient<Channel>,
    /// None once the controller has said its last.
    sender: Option<mpsc::Sender<v1::StreamMessageRequest>>,
    responses: Streaming<v1::StreamMessageResponse>,
}

/// What a controller is told of arbitration: the code, and the election id of the primary.
pub(crate) type Told = (Code, Option<u128>);

impl Bed {
    pub(crate) async fn new() -> Bed {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("p4rt");
        let log = slog::Logger::root(slog::Discard, slog::o!());
        let switch = SoftSwitch::new(Config { device_id: 1, cpu_port: CPU_PORT }, log);
        let server = Server::bind(switch.clone(), &[Listen::Unix(path.clone())]).unwrap();
        let (end, ended) = oneshot::channel::<()>();
        let serving = tokio::spawn(server.serve(async { drop(ended.await) }));
        let (end, serving) = (Some(end), Some(serving));
        Bed { switch, path, end, serving, _directory: directory }
    }

    pub(crate) async fn with_program(source: &str) -> Bed {
        let bed = Bed::new().await;
        let program = Program::from_source("test.p4", source).unwrap_or_else(|error| {
            panic!("{error}");
        });
        bed.switch.load(program, source.as_bytes().to_vec()).unwrap();
        bed
    }

    pub(crate) async fn client(&self) -> P4RuntimeClient<Channel> {
        let endpoint = Endpoint::from_shared(format!("unix:{}", self.path.display())).unwrap();
        // A narrow window soon fills up for a controller that does not read.
        let endpoint =
            endpoint.http2_max_header_list_size(1 << 20).initial_stream_window_size(65_535);
        P4RuntimeClient::new(endpoint.connect().await.unwrap())
    }

    /// A controller with a stream on which nothing has been said.
    pub(crate) async fn silent(&self) -> Controller {
        let mut client = self.client().await;
        let (sender, requests) = mpsc::channel(16);
        let responses = client.stream_channel(ReceiverStream::new(requests)).await.unwrap();
        Controller { client, sender: Some(sender), responses: responses.into_inner() }
    }

    /// A controller of the default role that has said its election id.
    pub(crate) async fn controller(&self, election_id: impl Into<Option<u128>>) -> Controller {
        let mut controller = self.silent().await;
        controller.arbitrate(election_id).await;
        controller
    }

    /// A controller that is primary, and knows it.
    pub(crate) async fn primary(&self, election_id: u128) -> Controller {
        let mut controller = self.controller(election_id).await;
        assert_eq!(controller.told().await, (Code::Ok, Some(election_id)));
        controller
    }

    /// Lets the switch end, and waits until it has.
    pub(crate) async fn end(&mut self) {
        self.begin_to_end();
        within(self.serving.take().unwrap()).await.unwrap();
    }

    pub(crate) fn begin_to_end(&mut self) {
        drop(self.end.take());
    }
}

impl Controller {
    pub(crate) async fn send(&mut self, update: Option<Request>) {
        assert!(self.try_send(update).await, "the stream has ended");
    }

    /// Whether the stream still takes a message.
    pub(crate) async fn try_send(&mut self, update: Option<Request>) -> bool {
        let sender = self.sender.as_ref().unwrap();
        within(sender.send(v1::StreamMessageRequest { update })).await.is_ok()
    }

    pub(crate) async fn update(&mut self, update: v1::MasterArbitrationUpdate) {
        self.send(Some(Request::Arbitration(update))).await;
    }

    pub(crate) async fn arbitrate(&mut self, election_id: impl Into<Option<u128>>) {
        self.update(arbitration(election_id)).await;
    }

    /// Says no more, and still listens.
    pub(crate) fn finish(&mut self) {
        self.sender = None;
    }

    /// The next message; none at a good end.
    pub(crate) async fn next(&mut self) -> Result<Option<Response>, Status> {
        let message = within(self.responses.message()).await?;
        Ok(message.map(|message| message.update.expect("a message that says nothing")))
    }

    /// The next message, which is one on arbitration.
    pub(crate) async fn told(&mut self) -> Told {
        let update = self.told_all().await;
        let status = update.status.unwrap();
        (Code::from_i32(status.code), update.election_id.map(v1::Uint128::get))
    }

    pub(crate) async fn told_all(&mut self) -> v1::MasterArbitrationUpdate {
        match self.next().await.unwrap() {
            Some(Response::Arbitration(update)) => update,
            other => panic!("not on arbitration: {other:?}"),
        }
    }

    /// How the stream ends, after whatever comes before.
    pub(crate) async fn end(&mut self) -> Status {
        loop {
            match self.next().await {
                Ok(Some(_)) => {}
                Ok(None) => return Status::ok(""),
                Err(status) => return status,
            }
        }
    }

    /// The next message, which is an error.
    pub(crate) async fn error(&mut self) -> v1::StreamError {
        match self.next().await.unwrap() {
            Some(Response::Error(error)) => error,
            other => panic!("no error: {other:?}"),
        }
    }

    /// The next message, which is a packet.
    pub(crate) async fn packet(&mut self) -> v1::PacketIn {
        match self.next().await.unwrap() {
            Some(Response::Packet(packet)) => packet,
            other => panic!("no packet: {other:?}"),
        }
    }

    /// How a request ends that only the primary may send: if it is let in, with
    /// `INVALID_ARGUMENT`, for it has no configuration to be verified.
    pub(crate) async fn verify(
        &mut self,
        role: &str,
        election_id: impl Into<Option<u128>>,
    ) -> Status {
        let request = v1::SetForwardingPipelineConfigRequest {
            device_id: 1,
            role: role.to_owned(),
            election_id: election_id.into().map(v1::Uint128::from),
            action: Action::Verify.into(),
            ..Default::default()
        };
        within(self.client.set_forwarding_pipeline_config(request)).await.unwrap_err()
    }
}

/// A way for packets into the switch.
pub(crate) struct Wire {
    pub(crate) path: PathBuf,
    _service: PacketService,
    _directory: TempDir,
}

impl Wire {
    pub(crate) fn new(bed: &Bed) -> Wire {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("packets");
        let service = PacketListener::bind(bed.switch.clone(), &path).unwrap().serve();
        Wire { path, _service: service, _directory: directory }
    }

    /// Sends frames, each of which has to leave the switch so often.
    pub(crate) async fn send(&self, frames: Vec<Vec<u8>>, leaves: usize) {
        let path = self.path.clone();
        let sending = tokio::task::spawn_blocking(move || {
            let mut socket = PacketSocket::connect(path).unwrap();
            for frame in frames {
                let traced = socket.send(3, &frame).unwrap();
                assert_eq!(traced.outputs.len(), leaves, "{traced:?}");
            }
        });
        within(sending).await.unwrap();
    }
}

pub(crate) fn arbitration(election_id: impl Into<Option<u128>>) -> v1::MasterArbitrationUpdate {
    v1::MasterArbitrationUpdate {
        device_id: 1,
        election_id: election_id.into().map(v1::Uint128::from),
        ..Default::default()
    }
}

pub(crate) fn of_role(name: &str, election_id: u128) -> v1::MasterArbitrationUpdate {
    let role = v1::Role { name: name.to_owned(), ..Default::default() };
    v1::MasterArbitrationUpdate { role: Some(role), ..arbitration(election_id) }
}

/// A test that waits for what never comes is to fail.
pub(crate) async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), future).await.expect("it does not come")
}

pub(crate) fn any() -> prost_types::Any {
    prost_types::Any::default()
}

pub(crate) fn code_of(status: &rpc::Status) -> Code {
    Code::from_i32(status.code)
}
