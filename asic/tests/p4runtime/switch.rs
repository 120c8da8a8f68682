//! A switch in the test, which holds entries as they are sent to it and misbehaves as told.

use std::collections::VecDeque;
use std::future::pending;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use asic::SwitchAddress;
use p4runtime::v1::p4_runtime_server::{P4Runtime, P4RuntimeServer};
use p4runtime::v1::{self, entity, stream_message_response, update, write_request};
use p4runtime::{batch_failed, rpc};
use parking_lot::{Condvar, Mutex};
use tempfile::TempDir;
use tokio::net::UnixListener;
use tokio::sync::{Notify, mpsc};
use tokio_stream::wrappers::{ReceiverStream, UnixListenerStream};
use tonic::{Code, Request, Response, Status, Streaming};

pub(crate) const DEVICE_ID: u64 = 7;

/// How long a test waits for what must come.
pub(crate) const SOON: Duration = Duration::from_secs(60);

/// The switch, which runs or not, and what it holds either way.
pub(crate) struct Switch {
    inner: Arc<Inner>,
    directory: TempDir,
    server: Option<JoinHandle<()>>,
}

/// What the switch is and does.
pub(crate) struct State {
    pub(crate) pipeline: Option<v1::ForwardingPipelineConfig>,
    /// Why it refuses any pipeline.
    pub(crate) refuse_pipeline: Option<Status>,
    pub(crate) entries: Vec<v1::TableEntry>,
    /// How many entries each table really takes.
    pub(crate) room: usize,
    /// The best atomicity that it offers.
    pub(crate) best: write_request::Atomicity,
    /// The largest election id of another controller, and whether that is there.
    pub(crate) other: Option<(u128, bool)>,
    /// What it does with the next writes that have an entity, before it does as it should.
    pub(crate) writes: VecDeque<OnWrite>,
    /// What it answers to the next reads.
    pub(crate) reads: VecDeque<Vec<v1::Entity>>,
    /// The number of updates and the atomicity of each write that has an entity.
    pub(crate) written: Vec<(usize, write_request::Atomicity)>,
    pub(crate) pipelines_set: usize,
    streams: Vec<mpsc::Sender<Result<v1::StreamMessageResponse, Status>>>,
    streams_ended: usize,
}

/// What becomes of a write.
pub(crate) enum OnWrite {
    /// Nothing is done.
    Fail(Status),
    /// It is performed, and the switch goes away before it answers.
    PerformAndVanish,
    /// It is performed, and never answered.
    PerformInSilence,
}

struct Inner {
    state: Mutex<State>,
    changed: Condvar,
    stop: Notify,
}

impl Switch {
    /// A switch that does as it should, and does not run.
    pub(crate) fn new() -> Switch {
        let state = State {
            pipeline: None,
            refuse_pipeline: None,
            entries: Vec::new(),
            room: usize::MAX,
            best: write_request::Atomicity::DataplaneAtomic,
            other: None,
            writes: VecDeque::new(),
            reads: VecDeque::new(),
            written: Vec::new(),
            pipelines_set: 0,
            streams: Vec::new(),
            streams_ended: 0,
        };
        let (state, changed, stop) = (Mutex::new(state), Condvar::new(), Notify::new());
        let directory = tempfile::tempdir().unwrap();
        Switch { inner: Arc::new(Inner { state, changed, stop }), directory, server: None }
    }

    pub(crate) fn running() -> Switch {
        let mut switch = Switch::new();
        switch.start();
        switch
    }

    pub(crate) fn address(&self) -> SwitchAddress {
        SwitchAddress::Unix(self.socket())
    }

    fn socket(&self) -> PathBuf {
        self.directory.path().join("switch.sock")
    }

    /// Starts it; from when this returns it can be connected to.
    pub(crate) fn start(&mut self) {
        let socket = self.socket();
        let _ = std::fs::remove_file(&socket);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let listener = runtime.block_on(async { UnixListener::bind(socket).unwrap() });
        let inner = Arc::clone(&self.inner);
        self.server = Some(thread::spawn(move || {
            runtime.block_on(async {
                let service = P4RuntimeServer::new(Service(Arc::clone(&inner)));
                let server = tonic::transport::Server::builder().add_service(service);
                tokio::select! {
                    served = server.serve_with_incoming(UnixListenerStream::new(listener)) => {
                        served.unwrap();
                    }
                    () = inner.stop.notified() => {}
                }
            });
            // All connections end with it.
            drop(runtime);
        }));
    }

    /// Waits until it has stopped of its own accord.
    pub(crate) fn wait_until_stopped(&mut self) {
        self.server.take().unwrap().join().unwrap();
    }

    pub(crate) fn stop(&mut self) {
        self.inner.stop.notify_one();
        self.wait_until_stopped();
    }

    pub(crate) fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.inner.state.lock())
    }

    /// Tells every controller that another is primary now, or left, or that it is primary itself.
    pub(crate) fn tell(&self, other: Option<(u128, bool)>) {
        let mut state = self.inner.state.lock();
        state.other = other;
        let message = arbitration(other, 1);
        state.streams.retain(|stream| stream.try_send(Ok(message.clone())).is_ok());
        assert!(!state.streams.is_empty(), "nobody listens");
    }

    pub(crate) fn send(&self, message: v1::StreamMessageResponse) {
        let mut state = self.inner.state.lock();
        state.streams.retain(|stream| stream.try_send(Ok(message.clone())).is_ok());
        assert!(!state.streams.is_empty(), "nobody listens");
    }

    /// Ends all streams.
    pub(crate) fn end_streams(&self, status: Status) {
        for stream in self.inner.state.lock().streams.drain(..) {
            stream.try_send(Err(status.clone())).unwrap();
        }
    }

    /// Waits until that many streams were ended by their controllers.
    pub(crate) fn wait_for_streams_ended(&self, count: usize) {
        let mut state = self.inner.state.lock();
        let ended = |state: &mut State| state.streams_ended < count;
        assert!(!self.inner.changed.wait_while_for(&mut state, ended, SOON).timed_out());
    }
}

impl Drop for Switch {
    fn drop(&mut self) {
        if self.server.is_some() {
            self.inner.stop.notify_one();
        }
    }
}

/// What the switch says of who is primary.
fn arbitration(other: Option<(u128, bool)>, election_id: u128) -> v1::StreamMessageResponse {
    let (code, primary) = match other {
        Some((other, true)) if other >= election_id => (Code::AlreadyExists, other),
        Some((other, false)) if other > election_id => (Code::NotFound, other),
        _ => (Code::Ok, election_id),
    };
    let update = v1::MasterArbitrationUpdate {
        device_id: DEVICE_ID,
        election_id: Some(primary.into()),
        status: Some(rpc::Status { code: code.into(), ..rpc::Status::default() }),
        ..v1::MasterArbitrationUpdate::default()
    };
    let update = Some(stream_message_response::Update::Arbitration(update));
    v1::StreamMessageResponse { update }
}

impl State {
    /// What becomes of each update by itself.
    fn perform(&mut self, updates: &[v1::Update]) -> Vec<v1::Error> {
        updates
            .iter()
            .map(|update| {
                let (code, message) = match self.perform_one(update) {
                    Ok(()) => (Code::Ok, ""),
                    Err((code, message)) => (code, message),
                };
                v1::Error {
                    canonical_code: code.into(),
                    message: message.to_owned(),
                    ..v1::Error::default()
                }
            })
            .collect()
    }

    fn perform_one(&mut self, update: &v1::Update) -> Result<(), (Code, &'static str)> {
        let entity = update.entity.as_ref().and_then(|entity| entity.entity.as_ref());
        let Some(entity::Entity::TableEntry(entry)) = entity else {
            return Err((Code::InvalidArgument, "no entity"));
        };
        let same = |there: &v1::TableEntry| {
            let key =
                |entry: &v1::TableEntry| (entry.table_id, entry.r#match.clone(), entry.priority);
            key(there) == key(entry)
        };
        let place = self.entries.iter().position(same);
        let in_table = |there: &&v1::TableEntry| there.table_id == entry.table_id;
        match (update.r#type(), place) {
            (update::Type::Insert, Some(_)) => return Err((Code::AlreadyExists, "there is one")),
            (update::Type::Insert, None) => {
                if self.entries.iter().filter(in_table).count() >= self.room {
                    return Err((Code::ResourceExhausted, "no room"));
                }
                self.entries.push(entry.clone());
            }
            (update::Type::Modify, Some(place)) => self.entries[place] = entry.clone(),
            (update::Type::Delete, Some(place)) => {
                self.entries.remove(place);
            }
            (update::Type::Modify | update::Type::Delete, None) => {
                return Err((Code::NotFound, "there is none"));
            }
            (update::Type::Unspecified, _) => return Err((Code::InvalidArgument, "no type")),
        }
        Ok(())
    }

    fn write(&mut self, request: &v1::WriteRequest) -> Result<(), Status> {
        if let Some((other, true)) = self.other
            && request.election_id.is_none_or(|id| id.get() < other)
        {
            return Err(Status::permission_denied("not the primary"));
        }
        if request.atomicity() > self.best {
            return Err(Status::unimplemented("atomicity"));
        }
        let before = self.entries.clone();
        let mut errors = self.perform(&request.updates);
        if errors.iter().all(|error| error.canonical_code == 0) {
            return Ok(());
        }
        if request.atomicity() != write_request::Atomicity::ContinueOnError {
            self.entries = before;
            for error in errors.iter_mut().filter(|error| error.canonical_code == 0) {
                error.canonical_code = Code::Aborted.into();
            }
        }
        Err(batch_failed("some updates failed", errors))
    }
}

type Answers<T> = Pin<Box<dyn tokio_stream::Stream<Item = Result<T, Status>> + Send>>;

/// The service, which knows the switch by more than a reference.
struct Service(Arc<Inner>);

#[tonic::async_trait]
impl P4Runtime for Service {
    async fn write(
        &self,
        request: Request<v1::WriteRequest>,
    ) -> Result<Response<v1::WriteResponse>, Status> {
        let request = request.into_inner();
        let (answered, stops) = {
            let mut state = self.0.state.lock();
            let is_real = request.updates.iter().any(|update| update.entity.is_some());
            let reaction = if is_real { state.writes.pop_front() } else { None };
            if is_real {
                state.written.push((request.updates.len(), request.atomicity()));
            }
            match reaction {
                None => (Some(state.write(&request)), false),
                Some(OnWrite::Fail(status)) => (Some(Err(status)), false),
                Some(OnWrite::PerformAndVanish) => {
                    state.write(&request)?;
                    (None, true)
                }
                Some(OnWrite::PerformInSilence) => {
                    state.write(&request)?;
                    (None, false)
                }
            }
        };
        if stops {
            self.0.stop.notify_one();
        }
        match answered {
            Some(answer) => answer.map(|()| Response::new(v1::WriteResponse {})),
            None => pending().await,
        }
    }

    type ReadStream = Answers<v1::ReadResponse>;

    async fn read(
        &self,
        request: Request<v1::ReadRequest>,
    ) -> Result<Response<Self::ReadStream>, Status> {
        let mut state = self.0.state.lock();
        let entities = match state.reads.pop_front() {
            Some(entities) => entities,
            None => {
                let wanted = request.into_inner().entities;
                wanted.iter().flat_map(|wanted| entities_of(&state, wanted)).collect()
            }
        };
        // In several answers, as a large table comes.
        let answers: Vec<_> = entities
            .chunks(3)
            .map(|entities| Ok(v1::ReadResponse { entities: entities.to_vec() }))
            .collect();
        Ok(Response::new(Box::pin(tokio_stream::iter(answers))))
    }

    async fn set_forwarding_pipeline_config(
        &self,
        request: Request<v1::SetForwardingPipelineConfigRequest>,
    ) -> Result<Response<v1::SetForwardingPipelineConfigResponse>, Status> {
        let mut state = self.0.state.lock();
        if let Some(status) = &state.refuse_pipeline {
            return Err(status.clone());
        }
        state.pipeline = request.into_inner().config;
        state.entries.clear();
        state.pipelines_set += 1;
        Ok(Response::new(v1::SetForwardingPipelineConfigResponse {}))
    }

    async fn get_forwarding_pipeline_config(
        &self,
        _: Request<v1::GetForwardingPipelineConfigRequest>,
    ) -> Result<Response<v1::GetForwardingPipelineConfigResponse>, Status> {
        match self.0.state.lock().pipeline.clone() {
            Some(config) => {
                let config = Some(config);
                Ok(Response::new(v1::GetForwardingPipelineConfigResponse { config }))
            }
            None => Err(Status::failed_precondition("no pipeline")),
        }
    }

    type StreamChannelStream = Answers<v1::StreamMessageResponse>;

    async fn stream_channel(
        &self,
        request: Request<Streaming<v1::StreamMessageRequest>>,
    ) -> Result<Response<Self::StreamChannelStream>, Status> {
        let mut requests = request.into_inner();
        let Some(v1::StreamMessageRequest {
            update: Some(v1::stream_message_request::Update::Arbitration(update)),
        }) = requests.message().await?
        else {
            return Err(Status::invalid_argument("arbitration comes first"));
        };
        if update.device_id != DEVICE_ID {
            return Err(Status::not_found("no such device"));
        }
        let (sender, receiver) = mpsc::channel(16);
        {
            let mut state = self.0.state.lock();
            let election_id = update.election_id.map_or(0, v1::Uint128::get);
            sender.try_send(Ok(arbitration(state.other, election_id))).unwrap();
            state.streams.push(sender);
        }
        let inner = Arc::clone(&self.0);
        tokio::spawn(async move {
            while let Ok(Some(_)) = requests.message().await {}
            inner.state.lock().streams_ended += 1;
            inner.changed.notify_all();
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
    }

    async fn capabilities(
        &self,
        _: Request<v1::CapabilitiesRequest>,
    ) -> Result<Response<v1::CapabilitiesResponse>, Status> {
        Err(Status::unimplemented("too old for that"))
    }
}

/// What the switch has of a wanted kind of entity.
fn entities_of(state: &State, wanted: &v1::Entity) -> Vec<v1::Entity> {
    let data = Some(v1::CounterData { byte_count: 300, packet_count: 3 });
    let entity = |entity| v1::Entity { entity: Some(entity) };
    let of_table = |table_id: u32| {
        state.entries.iter().filter(move |entry| entry.table_id == table_id).cloned()
    };
    match wanted.entity.as_ref().unwrap() {
        entity::Entity::TableEntry(wanted) => of_table(wanted.table_id)
            .map(|entry| entity(entity::Entity::TableEntry(entry)))
            .collect(),
        entity::Entity::DirectCounterEntry(wanted) => {
            let table_id = wanted.table_entry.as_ref().unwrap().table_id;
            let counted = |entry: v1::TableEntry| {
                let table_entry = Some(v1::TableEntry { action: None, ..entry });
                entity(entity::Entity::DirectCounterEntry(v1::DirectCounterEntry {
                    table_entry,
                    data,
                }))
            };
            of_table(table_id).map(counted).collect()
        }
        // Every element has counted as many packets as its place says.
        entity::Entity::CounterEntry(wanted) => {
            let all = || (0..300).collect();
            let places: Vec<i64> = wanted.index.map_or_else(all, |index| vec![index.index]);
            let element = |index| {
                let data = Some(v1::CounterData { byte_count: 100 * index, packet_count: index });
                let (counter_id, index) = (wanted.counter_id, Some(v1::Index { index }));
                entity(entity::Entity::CounterEntry(v1::CounterEntry { counter_id, index, data }))
            };
            places.into_iter().map(element).collect()
        }
        other => panic!("nobody asks for {other:?}"),
    }
}
