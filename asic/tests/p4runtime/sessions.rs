//! Who may drive a switch, with which pipeline.

use std::time::Duration;

use asic::{Asic as _, Atomicity, P4RuntimeAsic, P4RuntimeConfig, P4RuntimeError, SwitchAddress};
use asic::{SwitchEvent, Table};
use rstest::rstest;
use tonic::Status;

use crate::events::Events;
use crate::switch::{DEVICE_ID, SOON, Switch};
use crate::{AT_ONCE, config, connect, connect_as, insert, p4info, refusal, row};

#[test]
fn a_switch_that_is_not_there_is_named() {
    let switch = Switch::new();
    let said = refusal(config(&switch));
    assert!(
        said.starts_with(&format!("no switch at {}: No such file", switch.address())),
        "{said}"
    );
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address: SwitchAddress = listener.local_addr().unwrap().to_string().parse().unwrap();
    drop(listener);
    let said = refusal(P4RuntimeConfig { address, ..config(&switch) });
    assert!(said.contains("Connection refused"), "{said}");
}

#[test]
fn a_switch_that_says_nothing_is_given_up() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address: SwitchAddress = listener.local_addr().unwrap().to_string().parse().unwrap();
    let config = P4RuntimeConfig { address: address.clone(), ..config(&Switch::new()) };
    let error = P4RuntimeAsic::connect(config, AT_ONCE, |_| {}).unwrap_err();
    let P4RuntimeError::NoAnswer { address: silent, timeout: AT_ONCE, .. } = error else {
        panic!("{error}");
    };
    assert_eq!(silent, address);
}

/// Something that is no switch: it closes every connection.
#[test]
fn what_does_not_speak_p4runtime_is_told() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address: SwitchAddress = listener.local_addr().unwrap().to_string().parse().unwrap();
    let closing = std::thread::spawn(move || drop(listener.accept().unwrap()));
    let error = connect_as(P4RuntimeConfig { address, ..config(&Switch::new()) }).unwrap_err();
    closing.join().unwrap();
    assert!(matches!(error, P4RuntimeError::Broken { .. }), "{error}");
}

#[test]
fn the_election_id_0_is_refused() {
    let switch = Switch::running();
    let said = refusal(P4RuntimeConfig { election_id: 0, ..config(&switch) });
    assert!(said.contains("the smallest is 1"), "{said}");
}

#[test]
fn another_device_is_told() {
    let switch = Switch::running();
    let said = refusal(P4RuntimeConfig { device_id: DEVICE_ID + 1, ..config(&switch) });
    assert!(said.contains("is not device 8 (NOT_FOUND: no such device)"), "{said}");
    assert!(said.contains("--device-id"), "{said}");
}

#[rstest]
#[case::there((5, true), "another controller, with election id 5, is primary")]
#[case::gone((5, false), "no controller is primary")]
#[case::large(((1 << 64) + 2, true), "election id 1:2")]
fn another_controller_keeps_its_switch(#[case] other: (u128, bool), #[case] words: &str) {
    let switch = Switch::running();
    switch.with(|state| state.other = Some(other));
    let said = refusal(config(&switch));
    assert!(said.contains(words) && said.contains("larger --election-id"), "{said}");
    // Its pipeline was not touched.
    assert_eq!(switch.with(|state| state.pipelines_set), 0);
    let larger = P4RuntimeConfig { election_id: other.0 + 1, ..config(&switch) };
    connect_as(larger).unwrap();
}

#[test]
fn a_pipeline_is_set_once_and_then_known_again() {
    let switch = Switch::running();
    let (mut asic, events) = connect(&switch);
    assert_eq!(asic.write(&[insert(1)], SOON), [Ok(())]);
    let said = events.said();
    let expected = [
        &*format!("connected to the switch at {}", switch.address()),
        "the primary controller, with election id 1",
        "the switch has been given its pipeline, of cookie 0x",
        "the switch can be written: all of a batch or nothing, for packets too",
    ];
    assert_eq!(said.len(), expected.len(), "{said:?}");
    for (said, expected) in said.iter().zip(expected) {
        assert!(said.starts_with(expected), "{said}");
    }
    drop(asic);
    let (mut asic, events) = connect(&switch);
    assert!(events.said()[2].starts_with("the switch keeps its pipeline, of cookie 0x"));
    assert_eq!(switch.with(|state| state.pipelines_set), 1);
    assert_eq!(asic.read(Table::NatIngressIpv4, SOON).unwrap(), [row(1, (0, 1023))]);
    drop(asic);
    // Another program is another pipeline.
    let other = P4RuntimeConfig { device_config: b"another".to_vec(), ..config(&switch) };
    let (mut asic, _) = connect_as(other).unwrap();
    assert_eq!(switch.with(|state| state.pipelines_set), 2);
    assert_eq!(asic.read(Table::NatIngressIpv4, SOON).unwrap(), []);
}

#[test]
fn a_refused_pipeline_is_told_in_the_words_of_the_switch() {
    let switch = Switch::running();
    switch.with(|state| state.refuse_pipeline = Some(Status::invalid_argument("not my program")));
    let said = refusal(config(&switch));
    let words = "refused while setting its pipeline: INVALID_ARGUMENT: not my program";
    assert!(said.contains(words), "{said}");
}

#[test]
fn a_kept_pipeline_is_never_set_and_its_own_p4info_counts() {
    let switch = Switch::running();
    let keep = || P4RuntimeConfig { keep_pipeline: true, ..config(&switch) };
    let said = refusal(keep());
    assert!(said.contains("has no pipeline to keep (FAILED_PRECONDITION: no pipeline)"), "{said}");
    let mut info = p4info();
    for table in &mut info.tables {
        table.size = 77;
    }
    let there = p4runtime::v1::ForwardingPipelineConfig {
        p4info: Some(info),
        ..p4runtime::v1::ForwardingPipelineConfig::default()
    };
    switch.with(|state| state.pipeline = Some(there.clone()));
    let (asic, events) = connect_as(keep()).unwrap();
    let kept = SwitchEvent::PipelineKept { cookie: None, is_ours: false };
    assert_eq!(events.wait_for(|event| *event == kept), kept);
    assert_eq!(asic.size_rows(Table::RouteIpv4), 77);
    drop(asic);

    let mut other = there;
    other
        .p4info
        .as_mut()
        .unwrap()
        .tables
        .retain(|table| table.preamble.as_ref().unwrap().name != Table::NeighborIpv6.name());
    switch.with(|state| state.pipeline = Some(other));
    let said = refusal(keep());
    let words = "the P4Info of the pipeline that the switch runs has no table \
                 Ingress.router.neighbor_ipv6, which dpd writes; it has Ingress.ports.role, ";
    assert!(said.contains(words), "{said}");
    assert_eq!(switch.with(|state| state.pipelines_set), 0);
}

#[test]
fn a_program_without_our_tables_is_refused_before_anything_is_sent() {
    let switch = Switch::new();
    let mut config = config(&switch);
    config.p4info.tables.clear();
    let said = refusal(config);
    let words = "the P4Info of the program to be run has no table \
                 Ingress.nat_ingress.ingress_ipv4, which dpd writes; it has none";
    assert_eq!(said, words);
}

#[test]
fn another_controller_that_takes_over_is_told_and_when_it_leaves_the_tables_are_read_back() {
    let switch = Switch::running();
    let (mut asic, events) = connect(&switch);
    let handle = asic.handle();
    assert!(handle.is_up());
    switch.tell(Some((9, true)));
    let event = events.wait_for(|event| matches!(event, SwitchEvent::NotPrimary { .. }));
    assert!(event.is_warning() && event.ends_epoch() && !event.changes_epoch());
    assert!(!handle.is_up());
    let words = "another controller, with election id 9, is primary, and ours is 1";
    let outcome = asic.write(&[insert(1)], SOON).remove(0).unwrap_err().to_string();
    assert_eq!(outcome, words);
    let said = asic.read(Table::RouteIpv4, SOON).unwrap_err().to_string();
    assert!(said.ends_with(words), "{said}");
    // At once: what the other does is not for us to know.
    assert_eq!(asic.epoch(), 1);
    assert_eq!(switch.with(|state| state.written.len()), 0);

    // It changes the pipeline meanwhile, so that ours has to be set again.
    switch.with(|state| state.pipeline = None);
    switch.tell(Some((9, false)));
    events.wait_for(|event| {
        matches!(event, SwitchEvent::NotPrimary { is_there: false, primary: 9, .. })
    });
    switch.tell(None);
    events.wait_for_epoch();
    assert_eq!((asic.epoch(), switch.with(|state| state.pipelines_set)), (2, 2));
    assert_eq!(asic.write(&[insert(1)], SOON), [Ok(())]);
}

#[test]
fn a_switch_that_starts_afresh_is_given_its_pipeline_and_another_epoch() {
    let mut switch = Switch::running();
    let (mut asic, events) = connect(&switch);
    assert_eq!(asic.write(&[insert(1)], SOON), [Ok(())]);
    switch.stop();
    let lost = events.wait_for(|event| matches!(event, SwitchEvent::Lost { .. }));
    assert!(lost.to_string().contains("trying again in "), "{lost}");
    let said = asic.write(&[insert(2)], SOON).remove(0).unwrap_err().to_string();
    let words = format!("not connected to the switch at {}: ", switch.address());
    assert!(said.starts_with(&words), "{said}");
    assert!(asic.read(Table::NatIngressIpv4, SOON).is_err());
    assert!(asic.counters(Table::NatIngressIpv4, SOON).is_err());
    // It is tried again and again, and lost only once.
    assert_eq!(asic.epoch(), 1);
    events.wait_for(|event| matches!(event, SwitchEvent::Lost { .. }));
    assert_eq!(asic.epoch(), 1);
    switch.with(|state| (state.pipeline, state.entries) = (None, Vec::new()));
    switch.start();
    events.wait_for_epoch();
    assert_eq!(asic.epoch(), 2);
    assert_eq!(asic.read(Table::NatIngressIpv4, SOON).unwrap(), []);
    // What was written before is not held against anything now.
    let over_it = asic::TableWrite::Insert(row(1, (1000, 2000)));
    assert_eq!(asic.write(&[over_it], SOON), [Ok(())]);
}

#[test]
fn a_switch_that_comes_back_with_another_primary_is_waited_for() {
    let mut switch = Switch::running();
    let (asic, events) = connect(&switch);
    switch.stop();
    events.wait_for(|event| matches!(event, SwitchEvent::Lost { .. }));
    switch.with(|state| state.other = Some((9, true)));
    switch.start();
    events.wait_for(|event| matches!(event, SwitchEvent::NotPrimary { .. }));
    // The pipeline is the other's business.
    assert_eq!((asic.epoch(), switch.with(|state| state.pipelines_set)), (1, 1));
    switch.tell(None);
    events.wait_for_epoch();
    assert_eq!(asic.epoch(), 2);
}

#[test]
fn a_switch_that_comes_back_and_refuses_the_pipeline_is_tried_again() {
    let mut switch = Switch::running();
    let (asic, events) = connect(&switch);
    switch.stop();
    switch.with(|state| {
        state.pipeline = None;
        state.refuse_pipeline = Some(Status::internal("out of order"));
    });
    switch.start();
    events.wait_for(|event| event.to_string().contains("INTERNAL: out of order"));
    switch.with(|state| state.refuse_pipeline = None);
    events.wait_for_epoch();
    assert_eq!(asic.epoch(), 2);
}

#[test]
fn what_the_switch_complains_of_is_told() {
    let switch = Switch::running();
    let (_asic, events) = connect(&switch);
    let error = p4runtime::v1::StreamError {
        canonical_code: tonic::Code::InvalidArgument.into(),
        message: "what is that?".to_owned(),
        ..p4runtime::v1::StreamError::default()
    };
    let update = Some(p4runtime::v1::stream_message_response::Update::Error(error));
    switch.send(p4runtime::v1::StreamMessageResponse { update });
    let event = events.wait_for(|event| matches!(event, SwitchEvent::Complaint { .. }));
    assert_eq!(event.to_string(), "the switch complains: INVALID_ARGUMENT: what is that?");
}

#[test]
fn a_dropped_device_leaves_the_switch() {
    let switch = Switch::running();
    let (asic, _) = connect(&switch);
    let handle = asic.handle();
    drop(asic);
    switch.wait_for_streams_ended(1);
    // Whoever still has a handle is told, and does not wait.
    assert!(handle.drops(SOON).is_err());
    assert_eq!(handle.port_count(1, SOON), None);
}

#[test]
fn a_switch_is_reached_over_tcp_and_any_thread() {
    // Also from within a runtime, where nothing may block that belongs to it.
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let switch = Switch::running();
    let relay = relay(switch.address());
    let config = P4RuntimeConfig { address: relay, ..config(&switch) };
    runtime.block_on(async {
        let (mut asic, _) = connect_as(config).unwrap();
        assert_eq!(asic.write(&[insert(1)], SOON), [Ok(())]);
        assert_eq!(asic.capabilities().atomicity, Atomicity::BatchInDataPlane);
    });
}

/// A TCP port that leads to a Unix socket, for one connection.
fn relay(to: SwitchAddress) -> SwitchAddress {
    let SwitchAddress::Unix(path) = to else { panic!("{to}") };
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string().parse().unwrap();
    std::thread::spawn(move || {
        let (mut near, _) = listener.accept().unwrap();
        let mut far = std::os::unix::net::UnixStream::connect(path).unwrap();
        let (mut near_end, mut far_end) = (near.try_clone().unwrap(), far.try_clone().unwrap());
        std::thread::spawn(move || std::io::copy(&mut near_end, &mut far_end));
        std::io::copy(&mut far, &mut near)
    });
    address
}

#[test]
fn a_device_is_known_by_what_it_says() {
    let switch = Switch::running();
    let events = Events::default();
    let asic = P4RuntimeAsic::connect(config(&switch), Duration::from_secs(60), events.report());
    let asic = asic.unwrap();
    assert_eq!((asic.name(), asic.epoch()), ("p4runtime", 0));
    assert!(asic.capabilities().has_priorities);
    assert_eq!(asic.size_rows(Table::NatIngressIpv4), 1024);
}
