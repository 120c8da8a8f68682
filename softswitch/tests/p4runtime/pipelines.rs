//! Pipelines: what is taken and what is not, and what is told of them.

use p4runtime::{config, v1};
use rstest::rstest;
use tonic::Code;
use v1::get_forwarding_pipeline_config_request::ResponseType;
use v1::set_forwarding_pipeline_config_request::Action;
use v1::update::Type;
use v1::write_request::Atomicity;

use crate::common::{Bed, KINDS, M, config_of, program};

async fn get(bed: &mut Bed, response_type: ResponseType) -> Option<v1::ForwardingPipelineConfig> {
    let request = v1::GetForwardingPipelineConfigRequest {
        device_id: 1,
        response_type: response_type.into(),
    };
    bed.client.get_forwarding_pipeline_config(request).await.unwrap().into_inner().config
}

#[tokio::test]
async fn what_was_set_is_what_is_got() {
    let mut bed = Bed::empty().await;
    let cookie = Some(v1::forwarding_pipeline_config::Cookie { cookie: 77 });
    let mut config = v1::ForwardingPipelineConfig { cookie, ..config_of(KINDS) };
    // What people read in a P4Info is theirs, and comes back.
    config.p4info.as_mut().unwrap().pkg_info.as_mut().unwrap().name = "kinds".to_owned();
    bed.set_config(Action::VerifyAndCommit, Some(config.clone())).await.unwrap();
    assert_eq!(get(&mut bed, ResponseType::All).await.unwrap(), config);
    let only_cookie = v1::ForwardingPipelineConfig { cookie, ..Default::default() };
    assert_eq!(get(&mut bed, ResponseType::CookieOnly).await.unwrap(), only_cookie);
    let p4info = v1::ForwardingPipelineConfig { p4info: config.p4info, ..only_cookie.clone() };
    assert_eq!(get(&mut bed, ResponseType::P4infoAndCookie).await.unwrap(), p4info);
    let source =
        v1::ForwardingPipelineConfig { p4_device_config: config.p4_device_config, ..only_cookie };
    assert_eq!(get(&mut bed, ResponseType::DeviceConfigAndCookie).await.unwrap(), source);
}

#[tokio::test]
async fn a_switch_without_pipeline_says_so() {
    let mut bed = Bed::empty().await;
    assert_eq!(get(&mut bed, ResponseType::All).await, None);
    let written = bed.try_write(Atomicity::ContinueOnError, vec![]).await.unwrap_err();
    assert_eq!(written.code(), Code::FailedPrecondition);
    let (_, read) = bed.read_messages(vec![]).await;
    assert_eq!(read.unwrap_err().code(), Code::FailedPrecondition);
    bed.set(Action::Verify, KINDS).await.unwrap();
    assert_eq!(get(&mut bed, ResponseType::All).await, None);
}

#[tokio::test]
async fn a_program_can_be_there_from_the_start() {
    let mut bed = Bed::empty().await;
    assert!(bed.switch.p4info().is_none());
    bed.switch.load(program(KINDS), KINDS.as_bytes().to_vec()).unwrap();
    let config = config_of(KINDS);
    assert_eq!(bed.switch.p4info(), config.p4info);
    assert_eq!(get(&mut bed, ResponseType::All).await.unwrap(), config);
}

#[tokio::test]
async fn what_is_saved_is_committed_later() {
    let mut bed = Bed::new().await;
    bed.insert(vec![bed.ids.entry("left_t", &[M::Exact(1)], 0, ("left", &[1]))]).await;
    let none = bed.set_config(Action::Commit, None).await.unwrap_err();
    assert_eq!(none.code(), Code::NotFound);
    let other = KINDS.replace("size = 8;", "size = 9;");
    bed.set(Action::VerifyAndSave, &other).await.unwrap();
    assert_eq!(get(&mut bed, ResponseType::All).await.unwrap(), config_of(KINDS));
    let with_config = bed.set(Action::Commit, KINDS).await.unwrap_err();
    assert_eq!(with_config.code(), Code::InvalidArgument);
    assert_eq!(bed.entries(bed.ids.key("left_t", &[], 0)).await.len(), 1);
    bed.set_config(Action::Commit, None).await.unwrap();
    assert_eq!(get(&mut bed, ResponseType::All).await.unwrap(), config_of(&other));
    assert_eq!(bed.entries(bed.ids.key("left_t", &[], 0)).await.len(), 0);
    let again = bed.set_config(Action::Commit, None).await.unwrap_err();
    assert_eq!(again.code(), Code::NotFound);
}

#[tokio::test]
async fn committing_empties_the_tables_and_verifying_does_not() {
    let mut bed = Bed::new().await;
    bed.insert(vec![bed.ids.entry("left_t", &[M::Exact(1)], 0, ("left", &[1]))]).await;
    let key = bed.ids.key("left_t", &[], 0);
    bed.set(Action::Verify, KINDS).await.unwrap();
    bed.set(Action::VerifyAndSave, KINDS).await.unwrap();
    assert_eq!(bed.entries(key.clone()).await.len(), 1);
    bed.set(Action::VerifyAndCommit, KINDS).await.unwrap();
    assert_eq!(bed.entries(key).await.len(), 0);
}

type Info = config::P4Info;

/// Changes a P4Info so that it is another's.
type Spoil = fn(&mut Info);

#[rstest]
#[case::name(|info: &mut Info| info.tables[0].preamble.as_mut().unwrap().name = "other".to_owned(),
    "the name of table other (id 0x")]
#[case::id(|info: &mut Info| info.tables[0].preamble.as_mut().unwrap().id += 1,
    "it lacks table exact_t (id ")]
#[case::width(|info: &mut Info| info.tables[0].match_fields[0].bitwidth = 17,
    "is 1: a (17 bits, EXACT), 2: wide (128 bits, EXACT) in it and 1: a (16 bits, EXACT)")]
#[case::kind(|info: &mut Info| info.tables[1].match_fields[0].r#match =
    Some(config::match_field::Match::MatchType(4)), "1: b (32 bits, TERNARY)")]
#[case::size(|info: &mut Info| info.tables[0].size = 9,
    "the size of table exact_t (id ")]
#[case::scope(|info: &mut Info| info.tables[1].action_refs[1].scope = 0,
    "the list of actions of table lpm_t")]
#[case::missing(|info: &mut Info| drop(info.actions.remove(0)), "it lacks action ")]
#[case::more(|info: &mut Info| info.counters.push(config::Counter::default()),
    "the program has no counter ")]
#[case::twice(|info: &mut Info| info.actions.push(info.actions[0].clone()),
    "it has two actions with id 0x")]
#[case::parameter(|info: &mut Info| info.actions.iter_mut()
    .find(|one| !one.params.is_empty()).unwrap()
    .params[0].id = 7, "the list of parameters of action ")]
#[case::unit(|info: &mut Info| info.direct_counters[0].spec = None, "the unit of direct counter ")]
#[case::register(|info: &mut Info| info.registers[0].size = 4, "the size of register I.last")]
#[case::meters(|info: &mut Info| info.meters.push(config::Meter::default()),
    "the program has no meters")]
#[tokio::test]
async fn another_p4info_is_refused_with_the_first_difference(
    #[case] spoil: Spoil,
    #[case] said: &str,
) {
    let mut bed = Bed::empty().await;
    let mut config = config_of(KINDS);
    spoil(config.p4info.as_mut().unwrap());
    let status = bed.set_config(Action::VerifyAndCommit, Some(config)).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert!(status.message().contains("the P4Info is not that of the program"), "{status}");
    assert!(status.message().contains(said), "{}", status.message());
    assert!(bed.switch.p4info().is_none());
}

#[tokio::test]
async fn documentation_aliases_and_order_are_not_compared() {
    let mut bed = Bed::empty().await;
    let mut config = config_of(KINDS);
    let info = config.p4info.as_mut().unwrap();
    info.tables.reverse();
    info.actions[0].preamble.as_mut().unwrap().alias = "mine".to_owned();
    info.tables[0].preamble.as_mut().unwrap().doc = Some(config::Documentation::default());
    info.type_info = None;
    bed.set_config(Action::VerifyAndCommit, Some(config)).await.unwrap();
}

#[rstest]
#[case::none(None, "there is no configuration")]
#[case::bmv2(Some("  {\"program\": 1}".into()), "JSON, as compilers make it for BMv2")]
#[case::bytes(Some(vec![0xff, 0xfe]), "not UTF-8")]
#[case::empty(Some(vec![]), "the device configuration is empty")]
#[case::wrong(Some("control {".into()), "the device configuration:1:9: error:")]
#[case::lacking(
    Some(KINDS.replace("discard() {", "discard() { clone(CloneType.I2E, 1);").into()), "clone")]
#[tokio::test]
async fn what_is_no_program_is_refused_in_words(
    #[case] source: Option<Vec<u8>>,
    #[case] said: &str,
) {
    let mut bed = Bed::new().await;
    let before = bed.switch.p4info();
    let config = source.map(|p4_device_config| v1::ForwardingPipelineConfig {
        p4_device_config,
        ..config_of(KINDS)
    });
    for action in [Action::Verify, Action::VerifyAndSave, Action::ReconcileAndCommit] {
        let status = bed.set_config(action, config.clone()).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
        assert!(status.message().contains(said), "{}", status.message());
    }
    assert_eq!(bed.switch.p4info(), before);
    assert_eq!(bed.set_config(Action::Commit, None).await.unwrap_err().code(), Code::NotFound);
}

#[tokio::test]
async fn a_missing_p4info_and_an_unknown_action_are_refused() {
    let mut bed = Bed::empty().await;
    let config = v1::ForwardingPipelineConfig { p4info: None, ..config_of(KINDS) };
    let status = bed.set_config(Action::VerifyAndCommit, Some(config)).await.unwrap_err();
    assert_eq!((status.code(), status.message()), (Code::InvalidArgument, "there is no P4Info"));
    let status = bed.set(Action::Unspecified, KINDS).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
}

#[tokio::test]
async fn a_program_with_many_errors_is_told_in_a_text_that_any_client_takes() {
    let mut bed = Bed::empty().await;
    let wrong: String =
        (0..50).map(|number| format!("const bit<8> c{number} = x{number};\n")).collect();
    let config =
        v1::ForwardingPipelineConfig { p4_device_config: wrong.into(), ..config_of(KINDS) };
    let status = bed.set_config(Action::Verify, Some(config)).await.unwrap_err();
    let text = status.message();
    assert!(text.contains("c0") && text.len() < 2_100 && text.ends_with("bytes more)"), "{text}");
}

#[tokio::test]
async fn only_the_primary_of_this_device_sets_and_writes() {
    let mut bed = Bed::new().await;
    let mut request = v1::SetForwardingPipelineConfigRequest {
        device_id: 2,
        election_id: Some(v1::Uint128 { high: 0, low: 1 }),
        action: Action::VerifyAndCommit.into(),
        config: Some(config_of(KINDS)),
        ..Default::default()
    };
    let set = bed.client.set_forwarding_pipeline_config(request.clone()).await.unwrap_err();
    assert_eq!(set.code(), Code::NotFound);
    request.device_id = 1;
    request.election_id = Some(v1::Uint128 { high: 0, low: 2 });
    let set = bed.client.set_forwarding_pipeline_config(request).await.unwrap_err();
    assert_eq!(set.code(), Code::PermissionDenied);
    let entry = bed.ids.entry("left_t", &[M::Exact(1)], 0, ("left", &[1]));
    let updates = vec![crate::common::update(Type::Insert, v1::entity::Entity::TableEntry(entry))];
    let mut request = crate::common::write_request(Atomicity::ContinueOnError, updates);
    request.election_id = None;
    let written = bed.client.write(request.clone()).await.unwrap_err();
    assert_eq!(written.code(), Code::PermissionDenied);
    request.device_id = 3;
    let written = bed.client.write(request).await.unwrap_err();
    assert_eq!(written.code(), Code::NotFound);
    let read = v1::ReadRequest { device_id: 3, ..Default::default() };
    assert_eq!(bed.client.read(read).await.unwrap_err().code(), Code::NotFound);
    let request = v1::GetForwardingPipelineConfigRequest { device_id: 3, ..Default::default() };
    let got = bed.client.get_forwarding_pipeline_config(request).await.unwrap_err();
    assert_eq!(got.code(), Code::NotFound);
    assert!(bed.entries(bed.ids.key("left_t", &[], 0)).await.is_empty());
}
