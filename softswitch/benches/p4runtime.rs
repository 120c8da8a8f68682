//! What a controller can expect of the soft switch over a socket: table entries per second in
//! batches, the time of a single write, and the time to read 100,000 entries back. Controller and
//! switch are in one process, each with a runtime of its own.
#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use p4::p4info::P4Info;
use p4runtime::v1::entity::Entity;
use p4runtime::v1::field_match::{Exact, FieldMatchType, Range};
use p4runtime::v1::p4_runtime_client::P4RuntimeClient;
use p4runtime::v1::update::Type;
use p4runtime::v1::write_request::Atomicity;
use p4runtime::{canonical, v1};
use softswitch::{Config, Listen, Server, SoftSwitch};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{mpsc, oneshot};
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;
use tonic::transport::{Channel, Endpoint};

const BATCH: usize = 1_000;
const ROWS: usize = 100_000;

/// A switch with the program of the daemon and room for the rows, and its primary controller.
struct Bed {
    client: P4RuntimeClient<Channel>,
    /// Of the controller.
    runtime: Runtime,
    ids: Ids,
    _stream: (mpsc::Sender<v1::StreamMessageRequest>, Streaming<v1::StreamMessageResponse>),
    _end: oneshot::Sender<()>,
    _switch: Runtime,
    _directory: tempfile::TempDir,
}

#[derive(Clone, Copy)]
struct Ids {
    table: u32,
    action: u32,
}

/// Of the switch.
fn serving() -> Runtime {
    Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

/// Of the controller, which has nothing to do but to wait for the switch.
fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

impl Bed {
    fn new(over_tcp: bool) -> Bed {
        let source = p4::NAT_P4.replace("size = 1024;", "size = 200000;");
        let program = p4::Program::from_source("nat.p4", &source).unwrap();
        let info = P4Info::new(program.ir());
        let ids = Ids {
            table: info.table("Ingress.nat_ingress.ingress_ipv4").unwrap().preamble.id,
            action: info.action("Ingress.nat_ingress.forward_ipv4_to").unwrap().preamble.id,
        };
        let log = slog::Logger::root(slog::Discard, slog::o!());
        let switch = SoftSwitch::new(Config { device_id: 1, cpu_port: 510 }, log);
        switch.load(program, source.into_bytes()).unwrap();
        let directory = tempfile::tempdir().unwrap();
        let listen = match over_tcp {
            true => Listen::Tcp("127.0.0.1:0".parse().unwrap()),
            false => Listen::Unix(directory.path().join("p4rt")),
        };
        let (runtime, serving) = (runtime(), serving());
        let server = serving.block_on(async { Server::bind(switch, &[listen]).unwrap() });
        let uri = match &server.addresses()[0] {
            Listen::Tcp(address) => format!("http://{address}"),
            Listen::Unix(path) => format!("unix:{}", path.display()),
        };
        let (end, ended) = oneshot::channel::<()>();
        serving.spawn(server.serve(async { drop(ended.await) }));
        let endpoint = Endpoint::from_shared(uri).unwrap().tcp_nodelay(true);
        let mut client = P4RuntimeClient::new(runtime.block_on(endpoint.connect()).unwrap());
        let stream = runtime.block_on(become_primary(&mut client));
        let (_switch, _directory) = (serving, directory);
        Bed { client, runtime, ids, _stream: stream, _end: end, _switch, _directory }
    }

    /// Writes updates of one kind, batch by batch, and tells how long it took with the making of
    /// the messages.
    fn write(&mut self, kind: Type, rows: std::ops::Range<usize>) -> Duration {
        let Bed { client, runtime, ids, .. } = self;
        let started = Instant::now();
        runtime.block_on(async {
            for first in rows.clone().step_by(BATCH) {
                let updates = first..(first + BATCH).min(rows.end);
                let updates = updates.map(|row| v1::Update {
                    r#type: kind.into(),
                    entity: Some(v1::Entity { entity: Some(Entity::TableEntry(entry(*ids, row))) }),
                });
                client.write(request(updates.collect())).await.unwrap();
            }
        });
        started.elapsed()
    }

    fn read(&mut self) -> usize {
        let Bed { client, runtime, ids, .. } = self;
        let entry = v1::TableEntry {
            table_id: ids.table,
            counter_data: Some(v1::CounterData::default()),
            ..Default::default()
        };
        let entities = vec![v1::Entity { entity: Some(Entity::TableEntry(entry)) }];
        let request = v1::ReadRequest { device_id: 1, entities, ..Default::default() };
        runtime.block_on(async {
            let mut stream = client.read(request).await.unwrap().into_inner();
            let mut count = 0;
            while let Some(message) = stream.message().await.unwrap() {
                count += message.entities.len();
            }
            count
        })
    }
}

async fn become_primary(
    client: &mut P4RuntimeClient<Channel>,
) -> (mpsc::Sender<v1::StreamMessageRequest>, Streaming<v1::StreamMessageResponse>) {
    let (requests, receiver) = mpsc::channel(1);
    let arbitration = v1::MasterArbitrationUpdate {
        device_id: 1,
        election_id: Some(v1::Uint128 { high: 0, low: 1 }),
        ..Default::default()
    };
    let update = Some(v1::stream_message_request::Update::Arbitration(arbitration));
    requests.send(v1::StreamMessageRequest { update }).await.unwrap();
    let stream = client.stream_channel(ReceiverStream::new(receiver)).await;
    let mut stream = stream.unwrap().into_inner();
    stream.message().await.unwrap().unwrap();
    (requests, stream)
}

fn request(updates: Vec<v1::Update>) -> v1::WriteRequest {
    v1::WriteRequest {
        device_id: 1,
        election_id: Some(v1::Uint128 { high: 0, low: 1 }),
        updates,
        atomicity: Atomicity::DataplaneAtomic.into(),
        ..Default::default()
    }
}

/// A row of the NAT table: four ranges of ports for each address.
fn entry(ids: Ids, row: usize) -> v1::TableEntry {
    let number = row as u128;
    let (address, low) = (0x0a00_0000 + number / 4, number % 4 * 0x4000);
    let exact = FieldMatchType::Exact(Exact { value: canonical(address) });
    let range = Range { low: canonical(low), high: canonical(low + 0x3fff) };
    let matches = [exact, FieldMatchType::Range(range)];
    let matches = matches
        .into_iter()
        .zip(1..)
        .map(|(kind, field_id)| v1::FieldMatch { field_id, field_match_type: Some(kind) });
    let arguments = [0xfd00 << 112 | number, 0xa840_2500_0000 + number, number % 0xff_ffff];
    let params = arguments
        .into_iter()
        .zip(1..)
        .map(|(argument, param_id)| v1::action::Param { param_id, value: canonical(argument) });
    let action = v1::Action { action_id: ids.action, params: params.collect() };
    v1::TableEntry {
        table_id: ids.table,
        r#match: matches.collect(),
        action: Some(v1::TableAction { r#type: Some(v1::table_action::Type::Action(action)) }),
        priority: 1,
        ..Default::default()
    }
}

fn transports() -> [(&'static str, bool); 2] {
    [("unix", false), ("tcp", true)]
}

fn batches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("batches of 1000");
    group.throughput(Throughput::Elements(20 * BATCH as u64)).sample_size(20);
    for (name, over_tcp) in transports() {
        let mut bed = Bed::new(over_tcp);
        group.bench_function(BenchmarkId::new("insert 20000", name), |bencher| {
            bencher.iter_custom(|times| {
                let mut total = Duration::ZERO;
                for _ in 0..times {
                    total += bed.write(Type::Insert, 0..20 * BATCH);
                    bed.write(Type::Delete, 0..20 * BATCH);
                }
                total
            });
        });
    }
    group.finish();
}

fn single(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("single write");
    for (name, over_tcp) in transports() {
        let mut bed = Bed::new(over_tcp);
        bed.write(Type::Insert, 0..ROWS);
        let mut row = 0;
        group.bench_function(BenchmarkId::new("modify one of 100000", name), |bencher| {
            bencher.iter(|| {
                row = (row + 7_919) % ROWS;
                bed.write(Type::Modify, row..row + 1)
            });
        });
    }
    group.finish();
}

/// What any call costs, for comparison.
fn nothing(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("a call that does nothing");
    for (name, over_tcp) in transports() {
        let mut bed = Bed::new(over_tcp);
        group.bench_function(BenchmarkId::new("capabilities", name), |bencher| {
            bencher.iter(|| {
                let Bed { client, runtime, .. } = &mut bed;
                let request = v1::CapabilitiesRequest { device_id: 1 };
                runtime.block_on(client.capabilities(request)).unwrap()
            });
        });
    }
    group.finish();
}

fn read_back(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("read back");
    group.throughput(Throughput::Elements(ROWS as u64)).sample_size(10);
    for (name, over_tcp) in transports() {
        let mut bed = Bed::new(over_tcp);
        bed.write(Type::Insert, 0..ROWS);
        group.bench_function(BenchmarkId::new("100000 entries", name), |bencher| {
            bencher.iter(|| assert_eq!(black_box(bed.read()), ROWS));
        });
    }
    group.finish();
}

criterion_group!(benches, batches, nothing, single, read_back);
criterion_main!(benches);
