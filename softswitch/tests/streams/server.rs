//! The server: where it listens, and how it ends.

use std::net::{Ipv4Addr, SocketAddr};

use p4runtime::v1;
use p4runtime::v1::p4_runtime_client::P4RuntimeClient;
use rstest::rstest;
use softswitch::{Config, Listen, Server, SoftSwitch};
use tokio::sync::oneshot;
use tonic::Code;

use crate::common::{Bed, within};

fn switch() -> SoftSwitch {
    let log = slog::Logger::root(slog::Discard, slog::o!());
    SoftSwitch::new(Config { device_id: 1, cpu_port: 510 }, log)
}

#[tokio::test]
async fn it_listens_on_ports_and_on_sockets_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("p4rt");
    let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let listen = [Listen::Tcp(any_port), Listen::Unix(path.clone()), Listen::Tcp(any_port)];
    let server = Server::bind(switch(), &listen).unwrap();
    let addresses = server.addresses();
    let (end, ended) = oneshot::channel::<()>();
    let serving = tokio::spawn(server.serve(async { drop(ended.await) }));
    for address in &addresses {
        let uri = match address {
            Listen::Tcp(address) => format!("http://{address}"),
            Listen::Unix(path) => format!("unix:{}", path.display()),
        };
        let mut client = P4RuntimeClient::connect(uri).await.unwrap();
        let request = v1::CapabilitiesRequest { device_id: 1 };
        let capabilities = within(client.capabilities(request)).await.unwrap().into_inner();
        assert_eq!(capabilities.p4runtime_api_version, "1.5.0");
    }
    assert_ne!(addresses[0], addresses[2]);
    drop(end);
    within(serving).await.unwrap();
    assert!(!path.exists());
    let Listen::Tcp(address) = addresses[0] else { panic!("{addresses:?}") };
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_place_that_is_taken_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("p4rt");
    let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let first =
        Server::bind(switch(), &[Listen::Tcp(any_port), Listen::Unix(path.clone())]).unwrap();
    for taken in first.addresses() {
        let at = taken.to_string();
        let error = Server::bind(switch(), &[taken]).map(drop).unwrap_err().to_string();
        assert!(error.contains(&format!("cannot listen at {at}")), "{error}");
    }
    // The second has not taken the file away.
    assert!(path.exists());
}

#[tokio::test]
async fn streams_end_when_the_switch_does() {
    let mut bed = Bed::new().await;
    let mut primary = bed.primary(1).await;
    let mut silent = bed.silent().await;
    // One that reads nothing is not waited for.
    let _deaf = bed.controller(0).await;
    bed.end().await;
    for controller in [&mut primary, &mut silent] {
        let status = controller.end().await;
        assert_eq!(status.code(), Code::Unavailable, "{status}");
        assert!(status.message().contains("the switch is ending"), "{status}");
    }
    assert!(!bed.path.exists());
}

#[rstest]
#[case("127.0.0.1:9559")]
#[case("[::1]:0")]
#[case("unix:/run/switch")]
#[case("unix:relative")]
fn places_to_listen_are_addresses_or_paths(#[case] text: &str) {
    assert_eq!(text.parse::<Listen>().unwrap().to_string(), text);
}

#[rstest]
#[case("9559")]
#[case("localhost:9559")]
#[case("127.0.0.1")]
#[case("unix:")]
#[case("/run/switch")]
#[case("")]
fn what_is_no_place_to_listen_is_told(#[case] text: &str) {
    let error = text.parse::<Listen>().unwrap_err().to_string();
    assert!(error.contains("write ADDR:PORT") && error.contains("unix:PATH"), "{error}");
}

#[tokio::test]
async fn an_error_of_a_thousand_updates_comes_through() {
    let bed = Bed::new().await;
    let mut primary = bed.primary(1).await;
    let program = p4::Program::from_source("nat.p4", p4::NAT_P4).unwrap();
    bed.switch.load(program, p4::NAT_P4.as_bytes().to_vec()).unwrap();
    let update = v1::Update { r#type: v1::update::Type::Insert.into(), entity: None };
    let request = v1::WriteRequest {
        device_id: 1,
        election_id: Some(1_u128.into()),
        updates: vec![update; 1000],
        ..Default::default()
    };
    let status = within(primary.client.write(request)).await.unwrap_err();
    let errors = p4runtime::update_errors(&status, 1000).unwrap();
    assert!(errors.iter().all(|error| error.canonical_code != Code::Ok as i32));
}
