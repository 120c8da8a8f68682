//! Another program while what is in the tables stays, or is refused whole.

use p4runtime::v1;
use rstest::rstest;
use tonic::Code;
use v1::entity::Entity;
use v1::set_forwarding_pipeline_config_request::Action;
use v1::update::Type;
use v1::write_request::Atomicity;

use crate::common::{Bed, Ids, KINDS, M, data, update};

/// A program in which as much as can be is elsewhere: ids, the order of actions, fields and tables.
fn moved() -> String {
    KINDS
        .replace("@name(\".exact_t\")", "@id(0x77) @name(\".exact_t\")")
        .replace(
            "actions = { send; tag; @tableonly discard; NoAction; }",
            "actions = { NoAction; @tableonly discard; tag; right; send; }",
        )
        .replace(
            "key = { hdr.probe.a: exact @name(\"a\"); hdr.probe.wide: exact @name(\"wide\"); }",
            "key = { hdr.probe.wide: exact @name(\"wide\"); hdr.probe.a: exact @name(\"a\"); }",
        )
        .replace("size = 8;", "size = 12;")
        .replace("counter(4,", "@id(5) counter(9,")
        .replace("register<bit<32>>(3) last;", "@id(9) register<bit<32>>(7) last;")
        .replace("2: send(5); }", "2: send(5); 3: send(8); }")
        .replace("right_t.apply();", "")
}

fn counter(ids: &Ids, index: i64, data: v1::CounterData) -> Entity {
    let counter_id = ids.counter("I.seen");
    let index = Some(v1::Index { index });
    Entity::CounterEntry(v1::CounterEntry { counter_id, index, data: Some(data) })
}

fn register(ids: &Ids, name: &str, index: i64, data: v1::p4_data::Data) -> Entity {
    Entity::RegisterEntry(v1::RegisterEntry {
        register_id: ids.register(name),
        index: Some(v1::Index { index }),
        data: Some(v1::P4Data { data: Some(data) }),
    })
}

fn bits(byte: u8) -> v1::p4_data::Data {
    v1::p4_data::Data::Bitstring(vec![byte])
}

/// An entry that has counted, with something kept beside it.
fn counted(ids: &Ids, matches: &[M]) -> v1::TableEntry {
    v1::TableEntry {
        counter_data: Some(data(5, 500)),
        metadata: vec![1, 2],
        ..ids.entry("exact_t", matches, 0, ("tag", &[7, 8]))
    }
}

#[tokio::test]
async fn what_is_there_stays_though_ids_and_orders_are_others() {
    let mut bed = Bed::new().await;
    let ids = &bed.ids;
    let constant = v1::TableEntry {
        counter_data: Some(data(3, 0)),
        ..ids.key("const_t", &[M::Ternary(7, 0xff)], 3)
    };
    let default = v1::TableEntry { action: ids.call("send", &[9]), ..ids.default("exact_t") };
    let updates = vec![
        update(Type::Insert, Entity::TableEntry(counted(ids, &[M::Exact(1), M::Exact(2)]))),
        update(
            Type::Insert,
            Entity::TableEntry(ids.entry(
                "ternary_t",
                &[M::Any, M::Range(1, 2), M::Any],
                3,
                ("send", &[1]),
            )),
        ),
        update(Type::Modify, Entity::TableEntry(constant.clone())),
        update(Type::Modify, Entity::TableEntry(default)),
        update(Type::Delete, Entity::TableEntry(ids.key("initial_t", &[M::Exact(2)], 0))),
        update(Type::Modify, counter(ids, 3, data(1, 2))),
        update(Type::Modify, register(ids, "I.last", 2, bits(6))),
    ];
    assert_eq!(bed.write(Atomicity::ContinueOnError, updates).await, Ok(()));

    let other = moved();
    bed.set(Action::ReconcileAndCommit, &other).await.unwrap();
    bed.ids = Ids::of(&other);
    let ids = &bed.ids;
    assert_eq!(ids.table("exact_t"), 0x0200_0077);
    // In the order of P4Info now.
    let expected = counted(ids, &[M::Exact(2), M::Exact(1)]);
    let ternary = ids.entry("ternary_t", &[M::Any, M::Range(1, 2), M::Any], 3, ("send", &[1]));
    let default = v1::TableEntry { action: ids.call("send", &[9]), ..ids.default("exact_t") };
    let initial = [
        v1::TableEntry {
            is_const: true,
            ..ids.entry("initial_t", &[M::Exact(1)], 0, ("send", &[4]))
        },
        ids.entry("initial_t", &[M::Exact(3)], 0, ("send", &[8])),
    ];
    let counter = counter(ids, 3, data(1, 2));
    let register = register(ids, "I.last", 2, bits(6));
    let asked = v1::TableEntry { counter_data: Some(data(0, 0)), ..ids.key("exact_t", &[], 0) };
    let (all_ternary, all_initial) = (ids.key("ternary_t", &[], 0), ids.key("initial_t", &[], 0));
    let of_default = ids.default("exact_t");
    assert_eq!(bed.entries(asked).await, [expected]);
    assert_eq!(bed.entries(all_ternary).await, [ternary]);
    assert_eq!(bed.entries(constant.clone()).await[0].counter_data, constant.counter_data);
    assert_eq!(bed.entries(of_default).await, [default]);
    // What was deleted stays deleted, and what the program begins with now is there.
    assert_eq!(bed.entries(all_initial).await, initial);
    assert_eq!(bed.read(vec![counter.clone(), register.clone()]).await, [counter, register]);
}

#[tokio::test]
async fn the_first_pipeline_has_nothing_to_keep() {
    let mut bed = Bed::empty().await;
    bed.set(Action::ReconcileAndCommit, KINDS).await.unwrap();
    assert_eq!(bed.entries(bed.ids.key("initial_t", &[], 0)).await.len(), 2);
}

/// Puts something into the switch.
type Put = fn(&Ids) -> (Type, Entity);

fn insert(entry: v1::TableEntry) -> (Type, Entity) {
    (Type::Insert, Entity::TableEntry(entry))
}

#[rstest]
#[case::table(|ids: &Ids| insert(ids.entry("left_t", &[M::Exact(1)], 0, ("left", &[1]))),
    "@name(\".left_t\")", "@name(\".other_t\")", "no table left_t, which has 1 entries")]
#[case::key(|ids: &Ids| insert(ids.entry("left_t", &[M::Exact(1)], 0, ("left", &[1]))),
    "key = { hdr.probe.kind: exact @name(\"kind\"); }\n        actions = { left;",
    "key = { hdr.probe.kind: ternary @name(\"kind\"); }\n        actions = { left;",
    "the key of table left_t is another, and it has 1 entries")]
#[case::action(|ids: &Ids| insert(ids.entry("left_t", &[M::Exact(1)], 0, ("left", &[1]))),
    "actions = { left; NoAction; }", "actions = { NoAction; }",
    "table left_t has no action I.left with the same parameters, as entry 0x1 has")]
#[case::parameters(|ids: &Ids| insert(ids.entry("left_t", &[M::Exact(1)], 0, ("left", &[1]))),
    "left(bit<8> value) { hdr.probe.from_left =",
    "left(bit<4> value) { hdr.probe.from_left = (bit<8>)",
    "table left_t has no action I.left")]
#[case::room(|ids: &Ids| insert(ids.entry("initial_t", &[M::Exact(9)], 0, ("send", &[1]))),
    "size = 16;", "size = 2;", "table initial_t is full with 2 entries")]
#[case::constant(|ids: &Ids| insert(ids.entry("initial_t", &[M::Exact(9)], 0, ("send", &[1]))),
    "entries = { const 1: send(4); 2: send(5); }", "const entries = { 1: send(4); }",
    "the entries of table initial_t are constant")]
#[case::direct_counter(
    |ids: &Ids| insert(counted(ids, &[M::Exact(1), M::Exact(1)])),
    "direct_counter(CounterType.packets_and_bytes)", "direct_counter(CounterType.bytes)",
    "table exact_t counts otherwise, and entry 0x1, 0x1 has counted")]
#[case::default(
    |ids: &Ids| (Type::Modify, Entity::TableEntry(v1::TableEntry {
        action: ids.call("tag", &[1, 1]), ..ids.default("exact_t") })),
    "actions = { send; tag; @tableonly", "actions = { send; @tableonly",
    "table exact_t has no action I.tag with the same parameters to be its default")]
#[case::const_default(
    |ids: &Ids| (Type::Modify, Entity::TableEntry(v1::TableEntry {
        action: ids.call("tag", &[1, 1]), ..ids.default("exact_t") })),
    "default_action = send(1);", "const default_action = send(1);",
    "the default action of table exact_t is constant")]
#[case::default_of(
    |ids: &Ids| (Type::Modify, Entity::TableEntry(v1::TableEntry {
        action: ids.call("send", &[1]), ..ids.default("keyless_t") })),
    "@name(\".keyless_t\")", "@name(\".other_t\")",
    "the program has no table keyless_t, which has another default action than it had")]
#[case::counter(|ids: &Ids| (Type::Modify, counter(ids, 3, data(1, 0))),
    "counter(4,", "counter(3,", "the program has no such counter as I.seen at 3")]
#[case::register(|ids: &Ids| (Type::Modify, register(ids, "I.last", 1, bits(1))),
    "register<bit<32>>(3) last;", "register<bit<33>>(3) last;",
    "the program has no such register as I.last at 1, which is not zero")]
#[tokio::test]
async fn what_cannot_be_kept_is_named_and_nothing_changes(
    #[case] put: Put,
    #[case] from: &str,
    #[case] to: &str,
    #[case] said: &str,
) {
    let mut bed = Bed::new().await;
    let (kind, entity) = put(&bed.ids);
    let other = KINDS.replacen(from, to, 1).replace("last.write(0, hdr.probe.b);", "");
    assert!(!KINDS.contains(to));
    // Without anything to keep it is fine.
    bed.set(Action::ReconcileAndCommit, &other).await.unwrap();
    bed.set(Action::VerifyAndCommit, KINDS).await.unwrap();
    assert_eq!(bed.one(kind, entity).await, Ok(()));
    let everything = || {
        vec![
            Entity::TableEntry(v1::TableEntry {
                counter_data: Some(data(0, 0)),
                ..Default::default()
            }),
            Entity::TableEntry(v1::TableEntry { is_default_action: true, ..Default::default() }),
            Entity::CounterEntry(v1::CounterEntry::default()),
            Entity::RegisterEntry(v1::RegisterEntry::default()),
        ]
    };
    let before = bed.read(everything()).await;
    let status = bed.set(Action::ReconcileAndCommit, &other).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert!(status.message().starts_with("what is in the tables cannot be kept: "), "{status}");
    assert!(status.message().contains(said), "{}", status.message());
    assert_eq!(bed.read(everything()).await, before);
}
