//! Packets of controllers and packets for them.

use p4runtime::v1;
use p4runtime::v1::stream_error::Details;
use p4runtime::v1::stream_message_request::Update as Request;
use rstest::rstest;
use softswitch::Losses;
use tonic::Code;

use crate::common::{Bed, Controller, Wire, of_role};

/// Sends packets of the controllers where their metadata say, and all others to the controllers.
pub(crate) const PACKET_IO: &str = include_str!("packet_io.p4");

/// Sends every packet to the controllers.
pub(crate) const PLAIN: &str = r#"
#include <v1model.p4>
header byte_h { bit<8> value; }
struct headers_t { byte_h first; }
struct meta_t {}
parser P(packet_in p, out headers_t h, inout meta_t m, inout standard_metadata_t s) {
    state start { p.extract(h.first); transition accept; }
}
control V(inout headers_t h, inout meta_t m) { apply {} }
control I(inout headers_t h, inout meta_t m, inout standard_metadata_t s) {
    apply { s.egress_spec = 510; }
}
control E(inout headers_t h, inout meta_t m, inout standard_metadata_t s) { apply {} }
control C(inout headers_t h, inout meta_t m) { apply {} }
control D(packet_out p, in headers_t h) { apply { p.emit(h.first); } }
V1Switch(P(), V(), I(), E(), C(), D()) main;
"#;

fn metadata(pairs: &[(u32, &[u8])]) -> Vec<v1::PacketMetadata> {
    let pairs = pairs.iter().map(|(metadata_id, value)| (*metadata_id, value.to_vec()));
    pairs.map(|(metadata_id, value)| v1::PacketMetadata { metadata_id, value }).collect()
}

fn packet_out(payload: &[u8], pairs: &[(u32, &[u8])]) -> v1::PacketOut {
    v1::PacketOut { payload: payload.to_vec(), metadata: metadata(pairs) }
}

async fn send(controller: &mut Controller, packet: v1::PacketOut) {
    controller.send(Some(Request::Packet(packet))).await;
}

#[tokio::test]
async fn the_metadata_are_the_fields_of_the_programs_headers() {
    let bed = Bed::with_program(PACKET_IO).await;
    let mut primary = bed.primary(1).await;
    // To itself: the program sends it to the controllers, and says what it was told.
    let to_cpu = [(1, &b"\x01\xfe"[..]), (3, b"\x02\x03\x04")];
    send(&mut primary, packet_out(b"payload", &to_cpu)).await;
    let packet = primary.packet().await;
    assert_eq!(packet.payload, b"payload");
    let expected: [(u32, &[u8]); 3] = [(1, b"\x01\xfe"), (3, b"\x02\x03\x04"), (4, b"\0")];
    assert_eq!(packet.metadata, metadata(&expected));
    // Values may have zeros in front, padding may be given, and the order is free.
    let padded = [(2, &b"\0"[..]), (3, b"\0\0\0\0\x07"), (1, b"\0\x01\xfe")];
    send(&mut primary, packet_out(b"", &padded)).await;
    let packet = primary.packet().await;
    assert_eq!(packet.metadata, metadata(&[(1, b"\x01\xfe"), (3, b"\x07"), (4, b"\0")]));
    assert_eq!(packet.payload, b"");
    assert_eq!(bed.switch.losses(), Losses::default());
}

#[rstest]
#[case::unknown(&[(1, "\x01"), (3, "\x01"), (9, "\x01")], "there is no metadata 9")]
#[case::hidden(&[(1, "\x01"), (3, "\x01"), (4, "\x01")], "there is no metadata 4")]
#[case::missing(&[(1, "\x01")], "metadata 3 (tag) is missing")]
#[case::none(&[], "metadata 1 (egress_port) is missing")]
#[case::twice(&[(1, "\x01"), (1, "\x01"), (3, "\x01")], "metadata 1 (egress_port) is given twice")]
#[case::too_wide(&[(1, "\x02\x00"), (3, "\x01")], "0x0200 does not fit 9 bits")]
#[case::empty(&[(1, ""), (3, "\x01")], "metadata 1 (egress_port): the byte string is empty")]
#[tokio::test]
async fn metadata_that_are_wrong_are_told_with_the_packet(
    #[case] pairs: &[(u32, &str)],
    #[case] about: &str,
) {
    let bed = Bed::with_program(PACKET_IO).await;
    let mut primary = bed.primary(1).await;
    let pairs: Vec<(u32, &[u8])> =
        pairs.iter().map(|(id, value)| (*id, value.as_bytes())).collect();
    let packet = packet_out(b"payload", &pairs);
    send(&mut primary, packet.clone()).await;
    let error = primary.error().await;
    assert_eq!(Code::from_i32(error.canonical_code), Code::InvalidArgument);
    assert!(error.message.contains(about), "{error:?}");
    let details = v1::PacketOutError { packet_out: Some(packet) };
    assert_eq!(error.details, Some(Details::PacketOut(details)));
    assert_eq!(bed.switch.losses(), Losses { packet_out_refused: 1, ..Losses::default() });
}

#[tokio::test]
async fn only_the_primary_sends_packets() {
    let bed = Bed::with_program(PACKET_IO).await;
    let mut backup = bed.primary(1).await;
    let mut primary = bed.primary(2).await;
    assert_eq!(backup.told().await.0, Code::AlreadyExists);
    let packet = packet_out(b"payload", &[(1, b"\x01\xfe"), (3, b"\x01")]);
    send(&mut backup, packet.clone()).await;
    let error = backup.error().await;
    assert_eq!(Code::from_i32(error.canonical_code), Code::PermissionDenied);
    let details = v1::PacketOutError { packet_out: Some(packet.clone()) };
    assert_eq!(error.details, Some(Details::PacketOut(details)));
    send(&mut primary, packet).await;
    assert_eq!(primary.packet().await.payload, b"payload");
}

#[tokio::test]
async fn without_a_pipeline_there_is_nothing_to_send_a_packet_through() {
    let bed = Bed::new().await;
    let mut primary = bed.primary(1).await;
    send(&mut primary, packet_out(b"payload", &[])).await;
    let error = primary.error().await;
    assert_eq!(Code::from_i32(error.canonical_code), Code::FailedPrecondition);
    assert!(error.message.contains("no forwarding pipeline"), "{error:?}");
}

#[tokio::test]
async fn packets_that_are_too_long_are_refused() {
    let bed = Bed::with_program(PLAIN).await;
    let mut primary = bed.primary(1).await;
    send(&mut primary, packet_out(&[7; 65_535], &[])).await;
    assert_eq!(primary.packet().await.payload.len(), 65_535);
    send(&mut primary, packet_out(&[7; 65_536], &[])).await;
    let error = primary.error().await;
    assert_eq!(Code::from_i32(error.canonical_code), Code::InvalidArgument);
    assert!(error.message.contains("65536 bytes"), "{error:?}");
    // It is not sent around once more.
    assert_eq!(error.details, Some(Details::PacketOut(v1::PacketOutError { packet_out: None })));
}

#[tokio::test]
async fn a_program_without_headers_sends_and_gets_packets_as_they_are() {
    let bed = Bed::with_program(PLAIN).await;
    let mut primary = bed.primary(1).await;
    send(&mut primary, packet_out(b"plain", &[])).await;
    assert_eq!(
        primary.packet().await,
        v1::PacketIn { payload: b"plain".to_vec(), metadata: vec![] }
    );
    send(&mut primary, packet_out(b"plain", &[(1, b"\x01")])).await;
    let error = primary.error().await;
    assert!(error.message.contains("so that packets have no metadata"), "{error:?}");
}

#[tokio::test]
async fn packets_go_to_the_primary_of_every_role() {
    let bed = Bed::with_program(PLAIN).await;
    let wire = Wire::new(&bed);
    // There is nobody yet.
    wire.send(vec![b"nobody's".to_vec()], 1).await;
    assert_eq!(bed.switch.losses(), Losses { no_primary: 1, ..Losses::default() });
    let mut primary = bed.primary(2).await;
    let mut backup = bed.controller(1).await;
    assert_eq!(backup.told().await.0, Code::AlreadyExists);
    let mut other = bed.silent().await;
    other.update(of_role("other", 1)).await;
    assert_eq!(other.told().await.0, Code::Ok);
    wire.send(vec![b"both's".to_vec()], 1).await;
    assert_eq!(primary.packet().await.payload, b"both's");
    assert_eq!(other.packet().await.payload, b"both's");
    // The backup gets packets from the moment on in which it is primary.
    backup.arbitrate(3).await;
    assert_eq!(backup.told().await.0, Code::Ok);
    wire.send(vec![b"its".to_vec()], 1).await;
    assert_eq!(backup.packet().await.payload, b"its");
    assert_eq!(primary.told().await.0, Code::AlreadyExists);
    assert_eq!(other.packet().await.payload, b"its");
}

#[tokio::test]
async fn a_packet_shorter_than_its_header_is_counted_and_not_sent() {
    let bed = Bed::with_program(PACKET_IO).await;
    let mut primary = bed.primary(1).await;
    let wire = Wire::new(&bed);
    // The program takes one byte for a wish to send the packet without a header.
    wire.send(vec![vec![0xff]], 1).await;
    assert_eq!(bed.switch.losses(), Losses { packet_in_too_short: 1, ..Losses::default() });
    wire.send(vec![vec![0xfe, 1, 2]], 1).await;
    let packet = primary.packet().await;
    assert_eq!(packet.payload, [0xfe, 1, 2]);
    let expected: [(u32, &[u8]); 3] = [(1, b"\x03"), (3, b"\0"), (4, b"\0")];
    assert_eq!(packet.metadata, metadata(&expected));
}

#[tokio::test]
async fn a_controller_that_reads_no_packets_loses_them_and_holds_nobody_up() {
    let bed = Bed::with_program(PLAIN).await;
    let mut deaf = bed.primary(1).await;
    let wire = Wire::new(&bed);
    // Far more than the connection and the switch keep.
    wire.send(vec![vec![7; 60_000]; 200], 1).await;
    let Losses { slow_controller, .. } = bed.switch.losses();
    assert!(slow_controller > 0);
    // The rest is there once it reads, and what comes then.
    let mut got = 0;
    while got < 200 - slow_controller {
        assert_eq!(deaf.packet().await.payload.len(), 60_000);
        got += 1;
    }
    wire.send(vec![b"last".to_vec()], 1).await;
    assert_eq!(deaf.packet().await.payload, b"last");
    assert_eq!(bed.switch.losses().slow_controller, slow_controller);
    // Errors are lost as packets are.
    for _ in 0..100 {
        send(&mut deaf, packet_out(&[7; 60_000], &[(1, b"\x01")])).await;
    }
    deaf.arbitrate(2).await;
    let mut errors = 0;
    while let Some(v1::stream_message_response::Update::Error(_)) = deaf.next().await.unwrap() {
        errors += 1;
    }
    assert!((1..=100).contains(&errors), "{errors}");
}
