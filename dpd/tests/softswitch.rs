//! `dpd softswitch` as a process.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use p4runtime::v1;
use p4runtime::v1::p4_runtime_client::P4RuntimeClient;
use p4runtime::v1::stream_message_request::Update as Request;
use p4runtime::v1::stream_message_response::Update as Response;
use rstest::rstest;
use rustix::process::{Pid, Signal, kill_process};
use softswitch::PacketSocket;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio};
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Code;
use tonic::transport::Channel;

const DPD: &str = env!("CARGO_BIN_EXE_dpd");

fn nat_p4() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../p4/programs/nat.p4")
}

/// A running switch, which is killed if the test fails.
struct Switch {
    child: Child,
    stdout: BufReader<ChildStdout>,
}

impl Switch {
    fn start(arguments: &[&str]) -> Switch {
        let mut command = Command::new(DPD);
        command.arg("softswitch").args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Switch { child, stdout }
    }

    /// The next place where P4Runtime is served.
    fn address(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        let address = line.trim_end().strip_prefix("p4runtime on ");
        address.unwrap_or_else(|| panic!("{line:?}, and {}", self.log())).to_owned()
    }

    fn log(&mut self) -> String {
        let mut log = String::new();
        let _ = self.child.kill();
        self.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        log
    }

    fn signal(&self, signal: Signal) {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, signal).unwrap();
    }

    fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

impl Drop for Switch {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn run(arguments: &[&str]) -> Output {
    Command::new(DPD).arg("softswitch").args(arguments).output().unwrap()
}

async fn connect(address: &str) -> P4RuntimeClient<Channel> {
    let is_path = address.starts_with("unix:");
    let uri = if is_path { address.to_owned() } else { format!("http://{address}") };
    P4RuntimeClient::connect(uri).await.unwrap()
}

fn in_directory(name: &str) -> (TempDir, String) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name).to_str().unwrap().to_owned();
    (directory, path)
}

#[rstest]
#[case(Signal::TERM)]
#[case(Signal::INT)]
#[tokio::test]
async fn it_serves_until_it_is_told_to_end(#[case] signal: Signal) {
    let (_directory, path) = in_directory("p4rt");
    let unix = format!("unix:{path}");
    let program = nat_p4();
    let listen = ["--p4rt-listen", "127.0.0.1:0", "--p4rt-listen", &unix];
    let options = ["--device-id", "7", "--program", program.to_str().unwrap()];
    let mut switch = Switch::start(&[&listen[..], &options].concat());
    let addresses = [switch.address(), switch.address()];
    assert_eq!(addresses[1], unix);
    assert!(addresses[0].starts_with("127.0.0.1:") && !addresses[0].ends_with(":0"));
    for address in &addresses {
        let mut client = connect(address).await;
        let request = v1::GetForwardingPipelineConfigRequest { device_id: 7, ..Default::default() };
        let response = client.get_forwarding_pipeline_config(request).await.unwrap();
        let config = response.into_inner().config.unwrap();
        assert_eq!(config.p4_device_config, fs::read(&program).unwrap());
        assert!(!config.p4info.unwrap().tables.is_empty());
    }
    // A controller with a stream learns of the end, and does not hold it up.
    let mut client = connect(&addresses[0]).await;
    let (sender, requests) = mpsc::channel(1);
    let update = v1::MasterArbitrationUpdate {
        device_id: 7,
        election_id: Some(1_u128.into()),
        ..Default::default()
    };
    let update = Some(Request::Arbitration(update));
    sender.send(v1::StreamMessageRequest { update }).await.unwrap();
    let responses = client.stream_channel(ReceiverStream::new(requests)).await.unwrap();
    let mut responses = responses.into_inner();
    let told = responses.message().await.unwrap().unwrap().update;
    assert!(matches!(told, Some(Response::Arbitration(_))), "{told:?}");
    switch.signal(signal);
    let status = responses.message().await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable, "{status}");
    let exit = tokio::task::spawn_blocking(move || switch.wait()).await.unwrap();
    assert_eq!(exit.code(), Some(0));
    assert!(!Path::new(&path).exists());
}

#[test]
fn a_switch_that_was_killed_leaves_a_socket_that_the_next_replaces() {
    let (_directory, path) = in_directory("p4rt");
    let unix = format!("unix:{path}");
    let mut killed = Switch::start(&["--p4rt-listen", &unix]);
    killed.address();
    let refused = run(&["--p4rt-listen", &unix]);
    assert!(!refused.status.success());
    let error = String::from_utf8_lossy(&refused.stderr);
    assert!(error.contains(&format!("cannot listen at {unix}: somebody listens")), "{error}");
    killed.signal(Signal::KILL);
    killed.wait();
    assert!(Path::new(&path).exists());
    let mut next = Switch::start(&["--p4rt-listen", &unix]);
    assert_eq!(next.address(), unix);
}

#[test]
fn packets_come_in_by_the_packet_socket() {
    let (_directory, path) = in_directory("packets");
    let program = nat_p4();
    let options = ["--program", program.to_str().unwrap(), "--packet-socket", &path];
    let mut switch = Switch::start(&[&["--p4rt-listen", "[::1]:0"][..], &options].concat());
    switch.address();
    let mut socket = PacketSocket::connect(&path).unwrap();
    // A port that nobody has given a role is no port of the switch.
    let traced = socket.trace(1, &[0; 64]).unwrap();
    assert_eq!(traced.outputs, []);
    let dropped = traced.dropped.as_deref().unwrap();
    assert!(dropped.contains("drop_because"), "{dropped}");
    assert!(traced.steps.iter().any(|step| step.contains("Ingress.ports.role")), "{traced:?}");
    switch.signal(Signal::TERM);
    assert_eq!(switch.wait().code(), Some(0));
    assert!(!Path::new(&path).exists());
}

#[test]
fn the_p4info_is_that_of_the_program() {
    let program = nat_p4();
    let expected = fs::read_to_string(program.with_extension("p4info.txtpb")).unwrap();
    let (_directory, path) = in_directory("p4info");
    let program = program.to_str().unwrap();
    let written = run(&["--program", program, "--write-p4info", &path]);
    assert!(written.status.success(), "{}", String::from_utf8_lossy(&written.stderr));
    assert_eq!(fs::read_to_string(&path).unwrap(), expected);
    assert_eq!(written.stdout, b"");
    let written = run(&["--program", program, "--write-p4info", "-"]);
    assert_eq!(String::from_utf8_lossy(&written.stdout), expected);
    let refused = run(&["--program", program, "--write-p4info", "/nowhere/p4info"]);
    assert_eq!(refused.status.code(), Some(1));
    let error = String::from_utf8_lossy(&refused.stderr);
    assert!(error.contains("cannot write the P4Info to /nowhere/p4info"), "{error}");
}

#[test]
fn includes_are_found_where_they_are_said_to_be() {
    let (directory, path) = in_directory("main.p4");
    fs::write(&path, "#include \"nat.p4\"\n").unwrap();
    let include = nat_p4().parent().unwrap().to_str().unwrap().to_owned();
    let found = run(&["--program", &path, "--include", &include, "--write-p4info", "-"]);
    assert!(found.status.success(), "{}", String::from_utf8_lossy(&found.stderr));
    let refused = run(&["--program", &path, "--write-p4info", "-"]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("nat.p4"));
    drop(directory);
}

/// A program without dpd's tables.
const OTHER: &str = r#"
#include <v1model.p4>
struct headers_t {}
struct meta_t {}
parser P(packet_in p, out headers_t h, inout meta_t m, inout standard_metadata_t s) {
    state start { transition accept; }
}
control V(inout headers_t h, inout meta_t m) { apply {} }
control I(inout headers_t h, inout meta_t m, inout standard_metadata_t s) { apply {} }
control E(inout headers_t h, inout meta_t m, inout standard_metadata_t s) { apply {} }
control C(inout headers_t h, inout meta_t m) { apply {} }
control D(packet_out p, in headers_t h) { apply {} }
V1Switch(P(), V(), I(), E(), C(), D()) main;
"#;

#[rstest]
#[case::no_file(None, &[], "program.p4 cannot be run:")]
#[case::wrong(Some("control"), &[], "program.p4:1:8")]
#[case::role(
    Some(OTHER),
    &["--port", "1=lo:uplink"],
    "port 1: the program has no table Ingress.ports.role"
)]
#[case::no_interface(
    Some(OTHER),
    &["--port", "1=nowhere0"],
    "port 1: there is no interface \"nowhere0\""
)]
#[case::same_port(
    Some(OTHER),
    &["--port", "1=lo", "--port", "1=lo"],
    "port 1 is named twice"
)]
fn what_cannot_be_run_is_told(
    #[case] program: Option<&str>,
    #[case] arguments: &[&str],
    #[case] about: &str,
) {
    let (_directory, path) = in_directory("program.p4");
    if let Some(program) = program {
        fs::write(&path, program).unwrap();
    }
    let options = ["--p4rt-listen", "127.0.0.1:0", "--program", &path];
    let refused = run(&[&options[..], arguments].concat());
    assert_eq!(refused.status.code(), Some(1));
    assert_eq!(refused.stdout, b"");
    let error = String::from_utf8_lossy(&refused.stderr);
    assert!(error.contains("dpd: ") && error.contains(about), "{error}");
}
