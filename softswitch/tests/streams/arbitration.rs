//! Who is primary, who is told, and what ends a stream.

use p4runtime::v1;
use p4runtime::v1::stream_error::Details;
use p4runtime::v1::stream_message_request::Update as Request;
use rstest::rstest;
use tonic::Code;

use crate::common::{Bed, any, arbitration, code_of, of_role};

#[tokio::test]
async fn the_highest_election_id_is_primary_and_everybody_is_told_of_a_change() {
    let bed = Bed::new().await;
    let mut low = bed.primary(5).await;
    // A lower one is told alone.
    let mut lower = bed.controller(3).await;
    assert_eq!(lower.told().await, (Code::AlreadyExists, Some(5)));
    let mut high = bed.primary(7).await;
    assert_eq!(low.told().await, (Code::AlreadyExists, Some(7)));
    assert_eq!(lower.told().await, (Code::AlreadyExists, Some(7)));
    // Nobody follows a primary by itself.
    high.finish();
    assert_eq!(high.end().await.code(), Code::Ok);
    assert_eq!(low.told().await, (Code::NotFound, Some(7)));
    assert_eq!(lower.told().await, (Code::NotFound, Some(7)));
    low.arbitrate(6).await;
    assert_eq!(low.told().await, (Code::NotFound, Some(7)));
    // The id of one who is gone is free.
    lower.arbitrate(7).await;
    assert_eq!(lower.told().await, (Code::Ok, Some(7)));
    assert_eq!(low.told().await, (Code::AlreadyExists, Some(7)));
}

#[tokio::test]
async fn a_primary_can_step_back_and_come_again() {
    let bed = Bed::new().await;
    let mut first = bed.primary(5).await;
    let mut second = bed.controller(4).await;
    assert_eq!(second.told().await, (Code::AlreadyExists, Some(5)));
    first.arbitrate(2).await;
    assert_eq!(first.told().await, (Code::NotFound, Some(5)));
    assert_eq!(second.told().await, (Code::NotFound, Some(5)));
    first.arbitrate(5).await;
    assert_eq!(first.told().await, (Code::Ok, Some(5)));
    assert_eq!(second.told().await, (Code::AlreadyExists, Some(5)));
    // One that says again what it is has its answer, and all others too.
    first.arbitrate(5).await;
    assert_eq!(first.told().await, (Code::Ok, Some(5)));
    assert_eq!(second.told().await, (Code::AlreadyExists, Some(5)));
}

#[tokio::test]
async fn a_controller_without_an_election_id_is_never_primary() {
    let bed = Bed::new().await;
    let mut none = bed.controller(None).await;
    assert_eq!(none.told().await, (Code::NotFound, None));
    // Any number of them may be there.
    let mut other = bed.controller(None).await;
    assert_eq!(other.told().await, (Code::NotFound, None));
    // 0 is an id, if the lowest.
    let mut zero = bed.primary(0).await;
    assert_eq!(none.told().await, (Code::AlreadyExists, Some(0)));
    assert_eq!(zero.verify("", 0).await.code(), Code::InvalidArgument);
    zero.arbitrate(None).await;
    assert_eq!(zero.told().await, (Code::NotFound, Some(0)));
    assert_eq!(zero.verify("", 0).await.code(), Code::PermissionDenied);
}

#[tokio::test]
async fn roles_have_a_primary_each() {
    let bed = Bed::new().await;
    let mut default = bed.primary(9).await;
    let mut named = bed.silent().await;
    named.update(of_role("other", 3)).await;
    let told = named.told_all().await;
    assert_eq!(told.role.unwrap().name, "other");
    assert_eq!(code_of(&told.status.unwrap()), Code::Ok);
    for (role, code) in [
        ("other", Code::InvalidArgument),
        ("", Code::PermissionDenied),
        ("nobody's", Code::NotFound),
    ] {
        let status = default.verify(role, 3).await;
        assert_eq!(status.code(), code, "{role:?}: {status}");
    }
}

#[tokio::test]
async fn a_stream_that_breaks_is_gone() {
    let bed = Bed::new().await;
    let mut backup = bed.controller(1).await;
    assert_eq!(backup.told().await, (Code::Ok, Some(1)));
    let primary = bed.primary(2).await;
    assert_eq!(backup.told().await, (Code::AlreadyExists, Some(2)));
    drop(primary);
    assert_eq!(backup.told().await, (Code::NotFound, Some(2)));
    assert_eq!(backup.verify("", 2).await.code(), Code::PermissionDenied);
}

#[rstest]
#[case::other_device(
    v1::MasterArbitrationUpdate { device_id: 2, ..arbitration(1) },
    Code::NotFound,
    "there is no device 2; this is device 1"
)]
#[case::taken(arbitration(5), Code::InvalidArgument, "the election id 0:5 is already used")]
#[case::role_by_number(
    by_number(7),
    Code::InvalidArgument,
    "the role has the number 7; roles go by name"
)]
#[case::role_with_configuration(
    v1::MasterArbitrationUpdate {
        role: Some(v1::Role { config: Some(any()), ..Default::default() }),
        ..arbitration(1)
    },
    Code::InvalidArgument,
    "the role has a configuration; this switch knows none"
)]
#[case::long_role(of_role(&"r".repeat(257), 1), Code::InvalidArgument, "has 257 bytes")]
#[tokio::test]
async fn an_arbitration_that_is_refused_ends_the_stream(
    #[case] update: v1::MasterArbitrationUpdate,
    #[case] code: Code,
    #[case] about: &str,
    #[values(false, true)] is_live: bool,
) {
    let bed = Bed::new().await;
    let mut primary = bed.primary(5).await;
    let mut controller = bed.silent().await;
    if is_live {
        controller.arbitrate(3).await;
        assert_eq!(controller.told().await, (Code::AlreadyExists, Some(5)));
    }
    controller.update(update.clone()).await;
    let status = controller.end().await;
    // What a stream is of cannot change.
    let is_other = update.device_id != 1 || about.contains("257");
    let (code, about) = match (is_live && is_other, update.role.is_some()) {
        (true, true) => (Code::FailedPrecondition, "another role needs another stream"),
        (true, false) => (Code::FailedPrecondition, about),
        (false, _) => (code, about),
    };
    assert_eq!(status.code(), code, "{status}");
    assert!(status.message().contains(about), "{status}");
    // Nobody else notices, and the id is free again.
    let mut next = bed.controller(3).await;
    assert_eq!(next.told().await, (Code::AlreadyExists, Some(5)));
    primary.arbitrate(6).await;
    assert_eq!(primary.told().await, (Code::Ok, Some(6)));
}

#[expect(deprecated, reason = "an old controller does it")]
fn by_number(id: u64) -> v1::MasterArbitrationUpdate {
    let role = v1::Role { id, ..Default::default() };
    v1::MasterArbitrationUpdate { role: Some(role), ..arbitration(1) }
}

#[tokio::test]
async fn the_first_message_is_an_arbitration() {
    let bed = Bed::new().await;
    for update in
        [None, Some(Request::Packet(v1::PacketOut::default())), Some(Request::Other(any()))]
    {
        let mut controller = bed.silent().await;
        controller.send(update).await;
        let status = controller.end().await;
        assert_eq!(status.code(), Code::FailedPrecondition);
        assert!(status.message().contains("has to be an arbitration"), "{status}");
    }
    // A stream on which nothing is ever said ends well.
    let mut controller = bed.silent().await;
    controller.finish();
    assert_eq!(controller.end().await.code(), Code::Ok);
}

#[tokio::test]
async fn messages_that_mean_nothing_are_told_and_the_stream_goes_on() {
    let bed = Bed::new().await;
    let mut primary = bed.primary(1).await;
    primary.send(None).await;
    let error = primary.error().await;
    assert_eq!(Code::from_i32(error.canonical_code), Code::InvalidArgument);
    assert!(matches!(error.details, Some(Details::Other(_))), "{error:?}");

    let other = prost_types::Any { type_url: "example.com/what".to_owned(), value: vec![1] };
    primary.send(Some(Request::Other(other.clone()))).await;
    let error = primary.error().await;
    assert_eq!(Code::from_i32(error.canonical_code), Code::Unimplemented);
    assert!(error.message.contains("example.com/what"), "{error:?}");
    assert_eq!(error.details, Some(Details::Other(v1::StreamOtherError { other: Some(other) })));

    let ack = v1::DigestListAck { digest_id: 7, list_id: 1 };
    primary.send(Some(Request::DigestAck(ack))).await;
    let error = primary.error().await;
    assert_eq!(Code::from_i32(error.canonical_code), Code::InvalidArgument);
    let details = v1::DigestListAckError { digest_list_ack: Some(ack) };
    assert_eq!(error.details, Some(Details::DigestListAck(details)));

    primary.arbitrate(2).await;
    assert_eq!(primary.told().await, (Code::Ok, Some(2)));
}

#[tokio::test]
async fn only_the_primary_may_change_something_and_the_others_learn_why_not() {
    let bed = Bed::new().await;
    let mut other = bed.silent().await;
    let status = other.verify("", 4).await;
    assert_eq!(status.code(), Code::PermissionDenied);
    assert!(status.message().contains("the default role has no primary"), "{status}");
    let _primary = bed.primary(5).await;
    let status = other.verify("", 4).await;
    assert_eq!(status.code(), Code::PermissionDenied);
    assert!(status.message().contains("0:4 is not that of the primary"), "{status}");
    assert!(status.message().contains("which is 0:5"), "{status}");
    let status = other.verify("", None).await;
    assert_eq!(status.code(), Code::PermissionDenied);
    assert!(status.message().contains("no election id"), "{status}");
    let request = v1::SetForwardingPipelineConfigRequest { device_id: 3, ..Default::default() };
    let status = other.client.set_forwarding_pipeline_config(request).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
    assert_eq!(status.message(), "there is no device 3; this is device 1");
}

#[tokio::test]
async fn a_controller_that_reads_no_notifications_is_cut_off() {
    let bed = Bed::new().await;
    let mut deaf = bed.controller(1).await;
    // What is on the way fills up, and then what the switch keeps.
    for _ in 0..50_000 {
        if !deaf.try_send(Some(Request::Arbitration(arbitration(1)))).await {
            break;
        }
    }
    // Others are served, and the id is free before the deaf one reads a word.
    let mut next = bed.silent().await;
    loop {
        next.arbitrate(1).await;
        match next.next().await {
            Ok(_) => break,
            // It is not cut off yet.
            Err(status) => assert_eq!(status.code(), Code::InvalidArgument, "{status}"),
        }
        next = bed.silent().await;
    }
    let status = deaf.end().await;
    assert_eq!(status.code(), Code::ResourceExhausted, "{status}");
    assert!(status.message().contains("were not read"), "{status}");
}
