//! A switch that listens on a socket, its primary controller, and short ways to say things.

use p4::p4info::P4Info;
use p4::{InvalidProgram, Program};
use p4runtime::v1::entity::Entity;
use p4runtime::v1::p4_runtime_client::P4RuntimeClient;
use p4runtime::v1::set_forwarding_pipeline_config_request::Action as SetAction;
use p4runtime::v1::update::Type;
use p4runtime::v1::write_request::Atomicity;
use p4runtime::{canonical, config, update_errors, v1};
use softswitch::{Config, Listen, Server, SoftSwitch};
use tempfile::TempDir;
use tokio::sync::{mpsc, oneshot};
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status, Streaming};

pub(crate) const KINDS: &str = include_str!("kinds.p4");

/// A switch that runs for as long as this is there, and the primary controller of it.
pub(crate) struct Bed {
    pub(crate) switch: SoftSwitch,
    pub(crate) client: P4RuntimeClient<Channel>,
    pub(crate) ids: Ids,
    _stream: (mpsc::Sender<v1::StreamMessageRequest>, Streaming<v1::StreamMessageResponse>),
    _end: oneshot::Sender<()>,
    _directory: TempDir,
}

/// The ids of a program by the names of things.
pub(crate) struct Ids {
    info: P4Info,
}

impl Bed {
    /// A switch that runs the program with a table of each kind.
    pub(crate) async fn new() -> Bed {
        let mut bed = Bed::empty().await;
        bed.load(KINDS).await;
        bed
    }

    /// A switch that runs nothing.
    pub(crate) async fn empty() -> Bed {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("p4rt");
        let log = slog::Logger::root(slog::Discard, slog::o!());
        let switch = SoftSwitch::new(Config { device_id: 1, cpu_port: 510 }, log);
        let server = Server::bind(switch.clone(), &[Listen::Unix(path.clone())]).unwrap();
        let (end, ended) = oneshot::channel::<()>();
        tokio::spawn(server.serve(async { drop(ended.await) }));
        let endpoint = Endpoint::from_shared(format!("unix:{}", path.display())).unwrap();
        let channel = endpoint.http2_max_header_list_size(1 << 20).connect().await.unwrap();
        let mut client = P4RuntimeClient::new(channel);
        let stream = become_primary(&mut client, 1).await;
        let ids = Ids::of(KINDS);
        Bed { switch, client, ids, _stream: stream, _end: end, _directory: directory }
    }

    /// Runs a program, with empty tables.
    pub(crate) async fn load(&mut self, source: &str) {
        self.set(SetAction::VerifyAndCommit, source).await.unwrap();
        self.ids = Ids::of(source);
    }

    /// Sets a program with its own P4Info.
    pub(crate) async fn set(&mut self, action: SetAction, source: &str) -> Result<(), Status> {
        let config = config_of(source);
        self.set_config(action, Some(config)).await
    }

    pub(crate) async fn set_config(
        &mut self,
        action: SetAction,
        config: Option<v1::ForwardingPipelineConfig>,
    ) -> Result<(), Status> {
        let request = v1::SetForwardingPipelineConfigRequest {
            device_id: 1,
            election_id: Some(v1::Uint128 { high: 0, low: 1 }),
            action: action.into(),
            config,
            ..Default::default()
        };
        self.client.set_forwarding_pipeline_config(request).await.map(drop)
    }

    /// Does updates, and gives the code and the text of each.
    pub(crate) async fn write(
        &mut self,
        atomicity: Atomicity,
        updates: Vec<v1::Update>,
    ) -> Result<(), Vec<(Code, String)>> {
        let count = updates.len();
        self.try_write(atomicity, updates).await.map_err(|status| {
            let errors = update_errors(&status, count).unwrap_or_else(|| panic!("{status:?}"));
            assert_eq!(status.code(), Code::Unknown);
            let errors = errors.into_iter();
            errors.map(|error| (Code::from_i32(error.canonical_code), error.message)).collect()
        })
    }

    pub(crate) async fn try_write(
        &mut self,
        atomicity: Atomicity,
        updates: Vec<v1::Update>,
    ) -> Result<(), Status> {
        self.client.write(write_request(atomicity, updates)).await.map(drop)
    }

    /// Does one update, and gives its code and text if it fails.
    pub(crate) async fn one(&mut self, kind: Type, entity: Entity) -> Result<(), (Code, String)> {
        let done = self.write(Atomicity::ContinueOnError, vec![update(kind, entity)]).await;
        done.map_err(|errors| errors[0].clone())
    }

    /// Inserts entries, all of which have to be fine.
    pub(crate) async fn insert(&mut self, entries: Vec<v1::TableEntry>) {
        let updates = entries.into_iter().map(|one| update(Type::Insert, Entity::TableEntry(one)));
        let done = self.write(Atomicity::ContinueOnError, updates.collect()).await;
        assert_eq!(done, Ok(()));
    }

    /// Reads entities: all messages that come, and how it ends.
    pub(crate) async fn read_messages(
        &mut self,
        entities: Vec<Entity>,
    ) -> (Vec<v1::ReadResponse>, Result<(), Status>) {
        let entities = entities.into_iter().map(|entity| v1::Entity { entity: Some(entity) });
        let request =
            v1::ReadRequest { device_id: 1, entities: entities.collect(), ..Default::default() };
        let mut stream = match self.client.read(request).await {
            Ok(response) => response.into_inner(),
            Err(status) => return (Vec::new(), Err(status)),
        };
        let mut messages = Vec::new();
        loop {
            match stream.message().await {
                Ok(Some(message)) => messages.push(message),
                Ok(None) => return (messages, Ok(())),
                Err(status) => return (messages, Err(status)),
            }
        }
    }

    /// Reads entities that can all be read.
    pub(crate) async fn read(&mut self, entities: Vec<Entity>) -> Vec<Entity> {
        let (messages, end) = self.read_messages(entities).await;
        end.unwrap();
        let entities = messages.into_iter().flat_map(|message| message.entities);
        entities.map(|entity| entity.entity.unwrap()).collect()
    }

    /// Reads table entries.
    pub(crate) async fn entries(&mut self, entry: v1::TableEntry) -> Vec<v1::TableEntry> {
        let read = self.read(vec![Entity::TableEntry(entry)]).await.into_iter();
        let entries = read.map(|entity| match entity {
            Entity::TableEntry(entry) => entry,
            other => panic!("{other:?}"),
        });
        entries.collect()
    }

    /// Reads something that cannot be read.
    pub(crate) async fn unread(&mut self, entity: Entity) -> (Code, String) {
        let (messages, end) = self.read_messages(vec![entity]).await;
        assert!(messages.is_empty());
        let errors = update_errors(&end.unwrap_err(), 1).unwrap();
        (Code::from_i32(errors[0].canonical_code), errors[0].message.clone())
    }
}

/// Says that it is the primary controller, and waits until the switch has agreed.
pub(crate) async fn become_primary(
    client: &mut P4RuntimeClient<Channel>,
    election_id: u64,
) -> (mpsc::Sender<v1::StreamMessageRequest>, Streaming<v1::StreamMessageResponse>) {
    let (requests, receiver) = mpsc::channel(1);
    let arbitration = v1::MasterArbitrationUpdate {
        device_id: 1,
        election_id: Some(v1::Uint128 { high: 0, low: election_id }),
        ..Default::default()
    };
    let update = Some(v1::stream_message_request::Update::Arbitration(arbitration));
    requests.send(v1::StreamMessageRequest { update }).await.unwrap();
    let stream = client.stream_channel(ReceiverStream::new(receiver)).await;
    let mut stream = stream.unwrap().into_inner();
    stream.message().await.unwrap().unwrap();
    (requests, stream)
}

pub(crate) fn write_request(atomicity: Atomicity, updates: Vec<v1::Update>) -> v1::WriteRequest {
    v1::WriteRequest {
        device_id: 1,
        election_id: Some(v1::Uint128 { high: 0, low: 1 }),
        updates,
        atomicity: atomicity.into(),
        ..Default::default()
    }
}

pub(crate) fn config_of(source: &str) -> v1::ForwardingPipelineConfig {
    v1::ForwardingPipelineConfig {
        p4info: Some(p4info_of(source)),
        p4_device_config: source.as_bytes().to_vec(),
        cookie: None,
    }
}

pub(crate) fn p4info_of(source: &str) -> config::P4Info {
    p4runtime::p4info_from_text(&Ids::of(source).info.to_text()).unwrap()
}

pub(crate) fn program(source: &str) -> Program {
    let program: Result<Program, InvalidProgram> = Program::from_source("test.p4", source);
    program.unwrap_or_else(|error| panic!("{error}"))
}

pub(crate) fn update(kind: Type, entity: Entity) -> v1::Update {
    v1::Update { r#type: kind.into(), entity: Some(v1::Entity { entity: Some(entity) }) }
}

/// A match, or none where the value does not matter.
#[derive(Clone, Copy, Debug)]
pub(crate) enum M {
    Exact(u128),
    Lpm(u128, i32),
    Ternary(u128, u128),
    Range(u128, u128),
    Optional(u128),
    Any,
}

impl Ids {
    pub(crate) fn of(source: &str) -> Ids {
        Ids { info: P4Info::new(program(source).ir()) }
    }

    pub(crate) fn table(&self, name: &str) -> u32 {
        self.info.table(name).unwrap().preamble.id
    }

    pub(crate) fn action(&self, name: &str) -> u32 {
        let action = self.info.action(name).or_else(|| self.info.action(&format!("I.{name}")));
        action.unwrap().preamble.id
    }

    pub(crate) fn counter(&self, name: &str) -> u32 {
        self.info.counter(name).unwrap().preamble.id
    }

    pub(crate) fn register(&self, name: &str) -> u32 {
        self.info.register(name).unwrap().preamble.id
    }

    /// Which entry it is.
    pub(crate) fn key(&self, table: &str, matches: &[M], priority: i32) -> v1::TableEntry {
        use v1::field_match as wire;
        let matches = matches.iter().zip(1..).filter_map(|(one, field_id)| {
            let value = |value: u128| canonical(value);
            let kind = match *one {
                M::Any => return None,
                M::Exact(v) => wire::FieldMatchType::Exact(wire::Exact { value: value(v) }),
                M::Lpm(v, prefix_len) => {
                    wire::FieldMatchType::Lpm(wire::Lpm { value: value(v), prefix_len })
                }
                M::Ternary(v, mask) => wire::FieldMatchType::Ternary(wire::Ternary {
                    value: value(v),
                    mask: value(mask),
                }),
                M::Range(low, high) => {
                    wire::FieldMatchType::Range(wire::Range { low: value(low), high: value(high) })
                }
                M::Optional(v) => {
                    wire::FieldMatchType::Optional(wire::Optional { value: value(v) })
                }
            };
            Some(v1::FieldMatch { field_id, field_match_type: Some(kind) })
        });
        v1::TableEntry {
            table_id: self.table(table),
            r#match: matches.collect(),
            priority,
            ..Default::default()
        }
    }

    /// An action with its arguments in their order.
    pub(crate) fn call(&self, action: &str, arguments: &[u128]) -> Option<v1::TableAction> {
        let params = arguments.iter().zip(1..).map(|(argument, param_id)| v1::action::Param {
            param_id,
            value: canonical(*argument),
        });
        let action = v1::Action { action_id: self.action(action), params: params.collect() };
        Some(v1::TableAction { r#type: Some(v1::table_action::Type::Action(action)) })
    }

    pub(crate) fn entry(
        &self,
        table: &str,
        matches: &[M],
        priority: i32,
        action: (&str, &[u128]),
    ) -> v1::TableEntry {
        let action = self.call(action.0, action.1);
        v1::TableEntry { action, ..self.key(table, matches, priority) }
    }

    pub(crate) fn default(&self, table: &str) -> v1::TableEntry {
        v1::TableEntry { is_default_action: true, ..self.key(table, &[], 0) }
    }
}

pub(crate) fn data(packets: i64, bytes: i64) -> v1::CounterData {
    v1::CounterData { packet_count: packets, byte_count: bytes }
}
