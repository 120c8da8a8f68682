//! Writes: what each update comes to.

use std::slice;

use p4runtime::v1;
use rstest::rstest;
use tonic::Code;
use v1::entity::Entity;
use v1::update::Type;
use v1::write_request::Atomicity;

use crate::common::{Bed, Ids, M, data, update};

fn table_entry(entry: v1::TableEntry) -> Entity {
    Entity::TableEntry(entry)
}

/// Makes an entry from the ids of the program.
type Make = fn(&Ids) -> v1::TableEntry;

/// An entry of `ternary_t` with one field changed.
fn with_bytes(ids: &Ids, value: &[u8], mask: &[u8]) -> v1::TableEntry {
    use v1::field_match::{FieldMatchType, Ternary};
    let mut entry = ids.entry("ternary_t", &[], 1, ("send", &[1]));
    let ternary = Ternary { value: value.to_vec(), mask: mask.to_vec() };
    let field_match_type = Some(FieldMatchType::Ternary(ternary));
    entry.r#match.push(v1::FieldMatch { field_id: 1, field_match_type });
    entry
}

fn with_params(ids: &Ids, params: &[(u32, &[u8])]) -> v1::TableEntry {
    let mut entry = ids.key("left_t", &[M::Exact(1)], 0);
    let params = params
        .iter()
        .map(|(param_id, value)| v1::action::Param { param_id: *param_id, value: value.to_vec() });
    let action = v1::Action { action_id: ids.action("left"), params: params.collect() };
    entry.action = Some(v1::TableAction { r#type: Some(v1::table_action::Type::Action(action)) });
    entry
}

fn send(ids: &Ids, table: &str, matches: &[M], priority: i32) -> v1::TableEntry {
    ids.entry(table, matches, priority, ("send", &[1]))
}

#[rstest]
#[case::table(|ids: &Ids| v1::TableEntry { table_id: 7, ..send(ids, "lpm_t", &[], 0) },
    Code::NotFound, "the program has no table with id 0x7")]
#[case::exact_missing(|ids: &Ids| send(ids, "exact_t", &[M::Exact(1)], 0),
    Code::InvalidArgument, "exact field wide of table exact_t has no match")]
#[case::unknown_field(|ids: &Ids| send(ids, "left_t", &[M::Exact(1), M::Exact(1)], 0),
    Code::InvalidArgument, "the key of table left_t has no field with id 2")]
#[case::twice(|ids: &Ids| {
        let mut entry = send(ids, "left_t", &[M::Exact(1)], 0);
        entry.r#match.push(entry.r#match[0].clone());
        entry
    }, Code::InvalidArgument, "there are two matches for field kind of table left_t")]
#[case::kind(|ids: &Ids| send(ids, "left_t", &[M::Lpm(1, 8)], 0),
    Code::InvalidArgument, "field kind of table left_t is matched exact, not lpm")]
#[case::says_nothing(|ids: &Ids| {
        let mut entry = send(ids, "left_t", &[M::Exact(1)], 0);
        entry.r#match[0].field_match_type = None;
        entry
    }, Code::InvalidArgument, "the match for field kind of table left_t says nothing; it is exact")]
#[case::too_wide(|ids: &Ids| send(ids, "left_t", &[M::Exact(256)], 0),
    Code::OutOfRange, "the value of field kind of table left_t: 0x0100 does not fit 8 bits")]
#[case::empty(|ids: &Ids| with_bytes(ids, &[], &[1]), Code::InvalidArgument,
    "the value of field b of table ternary_t: the byte string is empty; 0 is one byte of zeros")]
#[case::mask_too_wide(|ids: &Ids| with_bytes(ids, &[1], &[1, 0, 0, 0, 0]), Code::OutOfRange,
    "the mask of field b of table ternary_t: 0x0100000000 does not fit 32 bits")]
#[case::ternary_any(|ids: &Ids| with_bytes(ids, &[0], &[0, 0]), Code::InvalidArgument,
    "field b of table ternary_t is to be left out if its value does not matter")]
#[case::outside_mask(|ids: &Ids| with_bytes(ids, &[3], &[2]), Code::InvalidArgument,
    "0x3 for key b of table ternary_t has bits outside its mask 0x2")]
#[case::lpm_any(|ids: &Ids| send(ids, "lpm_t", &[M::Lpm(0, 0), M::Exact(1)], 0),
    Code::InvalidArgument, "field b of table lpm_t is to be left out if its value does not matter")]
#[case::lpm_negative(|ids: &Ids| send(ids, "lpm_t", &[M::Lpm(0, -1), M::Exact(1)], 0),
    Code::InvalidArgument, "a prefix of -1 bits is none for field b of table lpm_t")]
#[case::lpm_long(|ids: &Ids| send(ids, "lpm_t", &[M::Lpm(0, 33), M::Exact(1)], 0),
    Code::InvalidArgument, "key b of table lpm_t has 32 bits, less than a prefix of 33")]
#[case::lpm_bits(|ids: &Ids| send(ids, "lpm_t", &[M::Lpm(1, 31), M::Exact(1)], 0),
    Code::InvalidArgument, "0x1 for key b of table lpm_t has bits outside its mask 0xfffffffe")]
#[case::range_any(|ids: &Ids| send(ids, "range_t", &[M::Exact(1), M::Range(0, 0xffff)], 1),
    Code::InvalidArgument, "field a of table range_t is to be left out")]
#[case::range_reversed(|ids: &Ids| send(ids, "range_t", &[M::Exact(1), M::Range(5, 4)], 1),
    Code::InvalidArgument, "0x5 is above 0x4 for key a of table range_t")]
#[case::no_priority(|ids: &Ids| send(ids, "range_t", &[M::Exact(1)], 0),
    Code::InvalidArgument, "an entry of table range_t needs a priority of at least 1")]
#[case::priority(|ids: &Ids| send(ids, "left_t", &[M::Exact(1)], 3).left(ids),
    Code::InvalidArgument, "an entry of table left_t cannot have a priority, here 3")]
#[case::negative_priority(|ids: &Ids| send(ids, "range_t", &[M::Exact(1)], -3),
    Code::InvalidArgument, "a priority is not negative, as -3 is")]
#[case::keyless(|ids: &Ids| send(ids, "keyless_t", &[], 0),
    Code::InvalidArgument, "table keyless_t has no key and so no entries")]
#[case::no_action(|ids: &Ids| ids.key("left_t", &[M::Exact(1)], 0),
    Code::InvalidArgument, "there is no action")]
#[case::other_action(|ids: &Ids| send(ids, "left_t", &[M::Exact(1)], 0),
    Code::InvalidArgument, "table left_t has no action with id 0x")]
#[case::default_only(|ids: &Ids| ids.entry("lpm_t", &[M::Any, M::Exact(1)], 0, ("NoAction", &[])),
    Code::PermissionDenied, "action NoAction of table lpm_t can only be the default action")]
#[case::parameter_missing(|ids: &Ids| with_params(ids, &[]),
    Code::InvalidArgument, "parameter value of action I.left is missing")]
#[case::parameter_twice(|ids: &Ids| with_params(ids, &[(1, &[1]), (1, &[1])]),
    Code::InvalidArgument, "parameter value of action I.left is there twice")]
#[case::parameter_unknown(|ids: &Ids| with_params(ids, &[(1, &[1]), (2, &[1])]),
    Code::InvalidArgument, "action I.left has no parameter with id 2")]
#[case::parameter_wide(|ids: &Ids| with_params(ids, &[(1, &[1, 0])]),
    Code::OutOfRange, "parameter value of action I.left: 0x0100 does not fit 8 bits")]
#[case::parameter_empty(|ids: &Ids| with_params(ids, &[(1, &[])]),
    Code::InvalidArgument, "parameter value of action I.left: the byte string is empty")]
#[case::profile(|ids: &Ids| {
        let member = v1::table_action::Type::ActionProfileMemberId(1);
        let action = Some(v1::TableAction { r#type: Some(member) });
        v1::TableEntry { action, ..ids.key("left_t", &[M::Exact(1)], 0) }
    }, Code::InvalidArgument, "table left_t takes an action; the switch has no action profiles")]
#[case::idle(|ids: &Ids| v1::TableEntry { idle_timeout_ns: 5, ..with_params(ids, &[(1, &[1])]) },
    Code::InvalidArgument, "table left_t has no idle timeouts")]
#[case::meter(|ids: &Ids| v1::TableEntry {
        meter_config: Some(v1::MeterConfig::default()), ..with_params(ids, &[(1, &[1])]) },
    Code::InvalidArgument, "table left_t has no direct meter")]
#[case::meter_counters(|ids: &Ids| v1::TableEntry {
        meter_counter_data: Some(Default::default()), ..with_params(ids, &[(1, &[1])]) },
    Code::InvalidArgument, "table left_t has no direct meter")]
#[case::no_counter(|ids: &Ids| v1::TableEntry {
        counter_data: Some(data(0, 0)), ..with_params(ids, &[(1, &[1])]) },
    Code::InvalidArgument, "table left_t has no direct counter")]
#[case::negative_count(|ids: &Ids| v1::TableEntry {
        counter_data: Some(data(-1, 0)),
        ..send(ids, "exact_t", &[M::Exact(1), M::Exact(1)], 0) },
    Code::InvalidArgument, "a counter cannot be at -1")]
#[case::is_const(|ids: &Ids| v1::TableEntry { is_const: true, ..with_params(ids, &[(1, &[1])]) },
    Code::InvalidArgument, "only the switch says that an entry is constant")]
#[case::metadata(|ids: &Ids| v1::TableEntry {
        metadata: vec![1; 65_537], ..with_params(ids, &[(1, &[1])]) },
    Code::ResourceExhausted, "the metadata has 65537 bytes, more than the 65536 that are kept")]
#[case::const_table(|ids: &Ids| send(ids, "const_t", &[M::Ternary(1, 1)], 1),
    Code::PermissionDenied, "the entries of table const_t are constant")]
#[case::default_inserted(|ids: &Ids| v1::TableEntry { is_default_action: true,
        ..send(ids, "keyless_t", &[], 0) },
    Code::InvalidArgument, "always has a default action, which can only be modified")]
#[tokio::test]
async fn what_is_no_entry_is_refused_in_words(
    #[case] make: Make,
    #[case] code: Code,
    #[case] said: &str,
) {
    let mut bed = Bed::new().await;
    let (found, text) = bed.one(Type::Insert, table_entry(make(&bed.ids))).await.unwrap_err();
    assert!(text.contains(said), "{text}");
    assert_eq!(found, code);
}

/// An entry of `left_t` cannot send: with the action that it has.
trait Left {
    fn left(self, ids: &Ids) -> v1::TableEntry;
}

impl Left for v1::TableEntry {
    fn left(self, ids: &Ids) -> v1::TableEntry {
        v1::TableEntry { action: ids.call("left", &[1]), ..self }
    }
}

#[tokio::test]
async fn entries_come_change_and_go() {
    let mut bed = Bed::new().await;
    let first = bed.ids.entry("left_t", &[M::Exact(1)], 0, ("left", &[1]));
    let other = bed.ids.entry("left_t", &[M::Exact(1)], 0, ("left", &[2]));
    let key = bed.ids.key("left_t", &[M::Exact(1)], 0);
    let missing = bed.one(Type::Modify, table_entry(first.clone())).await.unwrap_err();
    assert_eq!(missing, (Code::NotFound, "table left_t has no entry 0x1".to_owned()));
    assert_eq!(bed.one(Type::Delete, table_entry(key.clone())).await.unwrap_err(), missing);
    assert_eq!(bed.one(Type::Insert, table_entry(first.clone())).await, Ok(()));
    let again = bed.one(Type::Insert, table_entry(other.clone())).await.unwrap_err();
    assert_eq!(again, (Code::AlreadyExists, "table left_t has entry 0x1".to_owned()));
    assert_eq!(bed.entries(key.clone()).await, [first]);
    assert_eq!(bed.one(Type::Modify, table_entry(other.clone())).await, Ok(()));
    // Without an action it stays what it is.
    assert_eq!(bed.one(Type::Modify, table_entry(key.clone())).await, Ok(()));
    assert_eq!(bed.entries(key.clone()).await, [other]);
    // Of an entry that goes only the key matters.
    let nonsense = v1::TableEntry { idle_timeout_ns: 1, priority: 0, ..key.clone() };
    assert_eq!(bed.one(Type::Delete, table_entry(nonsense)).await, Ok(()));
    assert_eq!(bed.entries(key).await, []);
}

#[tokio::test]
async fn a_full_table_says_so() {
    let mut bed = Bed::new().await;
    let entry = |number| send(&bed.ids, "exact_t", &[M::Exact(number), M::Exact(0)], 0);
    let entries: Vec<_> = (0..8).map(entry).collect();
    let one_more = entry(8);
    bed.insert(entries).await;
    let full = bed.one(Type::Insert, table_entry(one_more)).await.unwrap_err();
    assert_eq!(full, (Code::ResourceExhausted, "table exact_t is full with 8 entries".to_owned()));
}

#[tokio::test]
async fn entries_of_one_priority_may_overlap() {
    let mut bed = Bed::new().await;
    let entries = vec![
        send(&bed.ids, "range_t", &[M::Exact(1), M::Range(0, 10)], 1),
        send(&bed.ids, "range_t", &[M::Exact(1), M::Range(5, 20)], 1),
    ];
    bed.insert(entries).await;
}

#[tokio::test]
async fn default_actions_are_modified_and_reset() {
    let mut bed = Bed::new().await;
    let key = bed.ids.default("exact_t");
    let of = |action| v1::TableEntry { action, ..key.clone() };
    let initial = of(bed.ids.call("send", &[1]));
    let other = v1::TableEntry { metadata: vec![3], ..of(bed.ids.call("send", &[7])) };
    assert_eq!(bed.entries(key.clone()).await, slice::from_ref(&initial));
    assert_eq!(bed.one(Type::Modify, table_entry(other.clone())).await, Ok(()));
    assert_eq!(bed.entries(key.clone()).await, [other]);
    assert_eq!(bed.one(Type::Modify, table_entry(key.clone())).await, Ok(()));
    assert_eq!(bed.entries(key.clone()).await, slice::from_ref(&initial));
    let refused = [
        (Type::Delete, key.clone(), Code::InvalidArgument),
        (Type::Modify, of(bed.ids.call("discard", &[])), Code::PermissionDenied),
        (Type::Modify, v1::TableEntry { priority: 1, ..key.clone() }, Code::InvalidArgument),
        (
            Type::Modify,
            v1::TableEntry {
                r#match: bed.ids.key("left_t", &[M::Exact(1)], 0).r#match,
                ..key.clone()
            },
            Code::InvalidArgument,
        ),
        (
            Type::Modify,
            v1::TableEntry { counter_data: Some(data(0, 0)), ..key.clone() },
            Code::Unimplemented,
        ),
        (Type::Modify, bed.ids.default("ternary_t"), Code::PermissionDenied),
    ];
    for (kind, entry, code) in refused {
        let (found, text) = bed.one(kind, table_entry(entry)).await.unwrap_err();
        assert_eq!(found, code, "{text}");
    }
    assert_eq!(bed.entries(key).await, [initial]);
}

#[tokio::test]
async fn constant_entries_stay_and_only_their_counters_change() {
    let mut bed = Bed::new().await;
    let key = bed.ids.key("const_t", &[M::Ternary(7, 0xff)], 3);
    let read = v1::TableEntry { counter_data: Some(data(0, 0)), ..key.clone() };
    let before = bed.entries(read.clone()).await;
    assert!(before[0].is_const);
    let action = bed.ids.call("send", &[1]);
    for (kind, entry) in [
        (Type::Modify, v1::TableEntry { action, ..key.clone() }),
        (Type::Modify, v1::TableEntry { metadata: vec![1], ..key.clone() }),
        (Type::Delete, key.clone()),
        (Type::Delete, bed.ids.key("initial_t", &[M::Exact(1)], 0)),
    ] {
        let (code, text) = bed.one(kind, table_entry(entry)).await.unwrap_err();
        assert_eq!(code, Code::PermissionDenied, "{text}");
    }
    let counted = v1::TableEntry { counter_data: Some(data(5, 6)), ..key.clone() };
    assert_eq!(bed.one(Type::Modify, table_entry(counted)).await, Ok(()));
    // That counter counts packets alone.
    let after = v1::TableEntry { counter_data: Some(data(5, 0)), ..before[0].clone() };
    assert_eq!(bed.entries(read).await, [after]);
    // The entries beside the constant ones can go.
    let other = bed.ids.key("initial_t", &[M::Exact(2)], 0);
    assert_eq!(bed.one(Type::Delete, table_entry(other)).await, Ok(()));
}

#[tokio::test]
async fn what_controllers_keep_with_an_entry_is_given_back() {
    let mut bed = Bed::new().await;
    let plain = bed.ids.entry("left_t", &[M::Exact(1)], 0, ("left", &[1]));
    #[allow(deprecated)]
    let noted = v1::TableEntry { metadata: vec![1, 2], controller_metadata: 9, ..plain.clone() };
    let key = bed.ids.key("left_t", &[M::Exact(1)], 0);
    bed.insert(vec![noted.clone()]).await;
    assert_eq!(bed.entries(key.clone()).await, slice::from_ref(&noted));
    assert_eq!(bed.one(Type::Modify, table_entry(key.clone())).await, Ok(()));
    assert_eq!(bed.entries(key.clone()).await, [noted]);
    // An update says all of the entry.
    assert_eq!(bed.one(Type::Modify, table_entry(plain.clone())).await, Ok(()));
    assert_eq!(bed.entries(key).await, [plain]);
}

#[tokio::test]
async fn direct_counters_are_set_and_live_on() {
    let mut bed = Bed::new().await;
    let matches = [M::Exact(1), M::Exact(2)];
    let entry = bed.ids.entry("exact_t", &matches, 0, ("send", &[1]));
    let counted = v1::TableEntry { counter_data: Some(data(3, 4)), ..entry.clone() };
    let asked =
        v1::TableEntry { counter_data: Some(data(0, 0)), ..bed.ids.key("exact_t", &matches, 0) };
    bed.insert(vec![counted.clone()]).await;
    assert_eq!(bed.entries(asked.clone()).await, slice::from_ref(&counted));
    assert_eq!(bed.one(Type::Modify, table_entry(entry)).await, Ok(()));
    assert_eq!(bed.entries(asked.clone()).await, slice::from_ref(&counted));
    let direct = |table_entry, data| {
        Entity::DirectCounterEntry(v1::DirectCounterEntry { table_entry, data })
    };
    let key = bed.ids.key("exact_t", &matches, 0);
    assert_eq!(bed.one(Type::Modify, direct(Some(key.clone()), None)).await, Ok(()));
    assert_eq!(bed.entries(asked.clone()).await, slice::from_ref(&counted));
    let set = direct(Some(key.clone()), Some(data(0, 1)));
    assert_eq!(bed.one(Type::Modify, set.clone()).await, Ok(()));
    let after = v1::TableEntry { counter_data: Some(data(0, 1)), ..counted };
    assert_eq!(bed.entries(asked).await, [after]);
    let refused = [
        (Type::Insert, set.clone(), Code::InvalidArgument),
        (Type::Delete, set, Code::InvalidArgument),
        (Type::Modify, direct(None, None), Code::NotFound),
        (
            Type::Modify,
            direct(Some(bed.ids.key("left_t", &[M::Exact(1)], 0)), None),
            Code::InvalidArgument,
        ),
        (
            Type::Modify,
            direct(Some(bed.ids.key("exact_t", &[M::Exact(1), M::Exact(1)], 0)), None),
            Code::NotFound,
        ),
        (Type::Modify, direct(Some(bed.ids.default("exact_t")), None), Code::Unimplemented),
        (Type::Modify, direct(Some(key), Some(data(0, -1))), Code::InvalidArgument),
    ];
    for (kind, entity, code) in refused {
        let (found, text) = bed.one(kind, entity).await.unwrap_err();
        assert_eq!(found, code, "{text}");
    }
}

#[tokio::test]
async fn counters_and_registers_are_set_by_element_or_whole() {
    let mut bed = Bed::new().await;
    let (counter_id, register_id) = (bed.ids.counter("I.seen"), bed.ids.register("I.last"));
    let counter = |index: Option<i64>, data| {
        let index = index.map(|index| v1::Index { index });
        Entity::CounterEntry(v1::CounterEntry { counter_id, index, data })
    };
    let register = |register_id, index: Option<i64>, data| {
        let index = index.map(|index| v1::Index { index });
        let data = Some(v1::P4Data { data: Some(data) });
        Entity::RegisterEntry(v1::RegisterEntry { register_id, index, data })
    };
    use v1::p4_data::Data;
    let bits = |bytes: &[u8]| Data::Bitstring(bytes.to_vec());
    let updates = [
        counter(None, Some(data(1, 2))),
        counter(Some(3), Some(data(3, 4))),
        counter(Some(2), None),
        register(register_id, None, bits(&[0, 5])),
        register(register_id, Some(1), bits(&[1, 0])),
        register(bed.ids.register("I.flags"), Some(1), Data::Bool(true)),
        register(bed.ids.register("I.colors"), Some(0), Data::EnumValue(vec![2])),
        register(bed.ids.register("I.widest"), Some(0), bits(&[0xff; 16])),
    ];
    let updates = updates.map(|entity| update(Type::Modify, entity)).to_vec();
    assert_eq!(bed.write(Atomicity::RollbackOnError, updates).await, Ok(()));
    let read = bed.read(vec![counter(None, None)]).await;
    let counts = [data(1, 2), data(1, 2), data(1, 2), data(3, 4)];
    let expected: Vec<Entity> =
        (0..).zip(counts).map(|(index, data)| counter(Some(index), Some(data))).collect();
    assert_eq!(read, expected);
    let whole = |register_id, index: Option<i64>| {
        let index = index.map(|index| v1::Index { index });
        Entity::RegisterEntry(v1::RegisterEntry { register_id, index, data: None })
    };
    let read = bed.read(vec![whole(register_id, None), whole(0, None)]).await;
    let mut expected = vec![
        register(register_id, Some(0), bits(&[5])),
        register(register_id, Some(1), bits(&[1, 0])),
        register(register_id, Some(2), bits(&[5])),
    ];
    expected.extend(expected.clone());
    let (widest, flags, colors) =
        (bed.ids.register("I.widest"), bed.ids.register("I.flags"), bed.ids.register("I.colors"));
    expected.extend([
        register(widest, Some(0), bits(&[0xff; 16])),
        register(widest, Some(1), bits(&[0])),
        register(flags, Some(0), Data::Bool(false)),
        register(flags, Some(1), Data::Bool(true)),
        register(colors, Some(0), Data::EnumValue(vec![2])),
        register(colors, Some(1), Data::EnumValue(vec![0])),
    ]);
    assert_eq!(read, expected);

    let refused = [
        (Type::Insert, counter(Some(0), None), Code::InvalidArgument),
        (Type::Delete, register(register_id, Some(0), bits(&[1])), Code::InvalidArgument),
        (Type::Modify, counter(Some(-1), None), Code::InvalidArgument),
        (Type::Modify, counter(Some(4), None), Code::OutOfRange),
        (Type::Modify, counter(Some(0), Some(data(-1, 0))), Code::InvalidArgument),
        (Type::Modify, register(register_id, Some(-1), bits(&[1])), Code::InvalidArgument),
        (Type::Modify, register(register_id, Some(3), bits(&[1])), Code::OutOfRange),
        (Type::Modify, register(register_id, Some(0), Data::Bool(true)), Code::InvalidArgument),
        (Type::Modify, register(register_id, Some(0), bits(&[1; 5])), Code::OutOfRange),
        (Type::Modify, register(register_id, Some(0), bits(&[])), Code::InvalidArgument),
        (Type::Modify, whole(register_id, Some(0)), Code::InvalidArgument),
        (Type::Modify, register(9, Some(0), bits(&[1])), Code::NotFound),
    ];
    for (kind, entity, code) in refused {
        let (found, text) = bed.one(kind, entity).await.unwrap_err();
        assert_eq!(found, code, "{text}");
    }
    assert_eq!(bed.read(vec![whole(register_id, None), whole(0, None)]).await, expected);
}

#[rstest]
#[case(
    Entity::ExternEntry(v1::ExternEntry { extern_type_id: 1, ..Default::default() }),
    "extern_entry"
)]
#[case(
    Entity::ActionProfileMember(v1::ActionProfileMember {
        action_profile_id: 1,
        ..Default::default()
    }),
    "action_profile_member"
)]
#[case(
    Entity::ActionProfileGroup(v1::ActionProfileGroup {
        action_profile_id: 1,
        ..Default::default()
    }),
    "action_profile_group"
)]
#[case(Entity::MeterEntry(v1::MeterEntry { meter_id: 1 }), "meter_entry")]
#[case(
    Entity::DirectMeterEntry(v1::DirectMeterEntry {
        table_entry: Some(v1::TableEntry { table_id: 1, ..Default::default() }),
    }),
    "direct_meter_entry"
)]
#[case(Entity::PacketReplicationEngineEntry(Default::default()), "packet_replication_engine_entry")]
#[case(multicast_group(1), "packet_replication_engine_entry")]
#[case(Entity::ValueSetEntry(v1::ValueSetEntry { value_set_id: 1 }), "value_set_entry")]
#[case(Entity::DigestEntry(v1::DigestEntry { digest_id: 1 }), "digest_entry")]
#[tokio::test]
async fn kinds_that_the_switch_has_not_are_refused_by_name(
    #[case] entity: Entity,
    #[case] name: &str,
) {
    let mut bed = Bed::new().await;
    for (code, text) in
        [bed.one(Type::Insert, entity.clone()).await.unwrap_err(), bed.unread(entity).await]
    {
        assert_eq!(code, Code::Unimplemented);
        assert!(text.starts_with("this switch has no ") && text.contains(name), "{text}");
    }
}

#[rstest]
#[case(Entity::ExternEntry(Default::default()))]
#[case(Entity::ActionProfileMember(Default::default()))]
#[case(Entity::ActionProfileGroup(Default::default()))]
#[case(Entity::MeterEntry(Default::default()))]
#[case(Entity::DirectMeterEntry(Default::default()))]
#[case(multicast_group(0))]
#[case(Entity::ValueSetEntry(Default::default()))]
#[case(Entity::DigestEntry(Default::default()))]
#[tokio::test]
async fn all_of_a_kind_that_the_switch_has_not_is_nothing(#[case] entity: Entity) {
    let mut bed = Bed::new().await;
    assert_eq!(bed.read(vec![entity.clone()]).await, vec![]);
    let (code, _) = bed.one(Type::Insert, entity).await.unwrap_err();
    assert_eq!(code, Code::Unimplemented);
}

fn multicast_group(multicast_group_id: u32) -> Entity {
    let group = v1::MulticastGroupEntry { multicast_group_id };
    let group = v1::packet_replication_engine_entry::Type::MulticastGroupEntry(group);
    Entity::PacketReplicationEngineEntry(v1::PacketReplicationEngineEntry { r#type: Some(group) })
}

#[tokio::test]
async fn an_update_without_entity_or_type_is_refused() {
    let mut bed = Bed::new().await;
    let entity = table_entry(bed.ids.entry("left_t", &[M::Exact(1)], 0, ("left", &[1])));
    let updates = vec![
        v1::Update { r#type: Type::Insert.into(), entity: None },
        update(Type::Unspecified, entity.clone()),
        v1::Update { r#type: 9, ..update(Type::Insert, entity) },
    ];
    let errors = bed.write(Atomicity::ContinueOnError, updates).await.unwrap_err();
    assert!(errors.iter().all(|(code, _)| *code == Code::InvalidArgument), "{errors:?}");
    assert_eq!(bed.entries(bed.ids.key("left_t", &[], 0)).await, []);
}

/// Two good updates with a bad one between them.
fn mixed(bed: &Bed) -> Vec<v1::Update> {
    let entries = [
        bed.ids.entry("left_t", &[M::Exact(1)], 0, ("left", &[1])),
        bed.ids.entry("left_t", &[M::Exact(1)], 0, ("left", &[2])),
        bed.ids.entry("left_t", &[M::Exact(2)], 0, ("left", &[3])),
    ];
    entries.map(|entry| update(Type::Insert, table_entry(entry))).to_vec()
}

#[tokio::test]
async fn what_can_be_done_is_done_when_it_continues_on_error() {
    let mut bed = Bed::new().await;
    let updates = mixed(&bed);
    let errors = bed.write(Atomicity::ContinueOnError, updates).await.unwrap_err();
    let codes: Vec<Code> = errors.iter().map(|(code, _)| *code).collect();
    assert_eq!(codes, [Code::Ok, Code::AlreadyExists, Code::Ok]);
    assert_eq!((errors[0].1.as_str(), errors[2].1.as_str()), ("", ""));
    assert_eq!(bed.entries(bed.ids.key("left_t", &[], 0)).await.len(), 2);
}

#[rstest]
#[case(Atomicity::RollbackOnError)]
#[case(Atomicity::DataplaneAtomic)]
#[tokio::test]
async fn all_or_nothing_is_done_when_it_is_atomic(#[case] atomicity: Atomicity) {
    let mut bed = Bed::new().await;
    let updates = mixed(&bed);
    let errors = bed.write(atomicity, updates.clone()).await.unwrap_err();
    let aborted = (Code::Aborted, String::new());
    assert_eq!([&errors[0], &errors[2]], [&aborted; 2]);
    assert_eq!(errors[1].0, Code::AlreadyExists);
    assert_eq!(bed.entries(bed.ids.key("left_t", &[], 0)).await, []);
    let good = vec![updates[0].clone(), updates[2].clone()];
    assert_eq!(bed.write(atomicity, good).await, Ok(()));
    assert_eq!(bed.entries(bed.ids.key("left_t", &[], 0)).await.len(), 2);
}

#[tokio::test]
async fn counters_and_registers_roll_back_too_and_are_not_atomic_for_packets() {
    let mut bed = Bed::new().await;
    let counter_id = bed.ids.counter("I.seen");
    let counter = |data| Entity::CounterEntry(v1::CounterEntry { counter_id, index: None, data });
    let mut updates = mixed(&bed);
    updates.insert(0, update(Type::Modify, counter(Some(data(9, 9)))));
    let errors = bed.write(Atomicity::RollbackOnError, updates.clone()).await.unwrap_err();
    assert_eq!(errors[0], (Code::Aborted, String::new()));
    let read = bed.read(vec![counter(None)]).await;
    assert!(
        read.iter()
            .all(|one| matches!(one, Entity::CounterEntry(one) if one.data == Some(data(0, 0))))
    );
    let status = bed.try_write(Atomicity::DataplaneAtomic, updates.clone()).await.unwrap_err();
    assert_eq!(status.code(), Code::Unimplemented);
    assert!(status.message().contains("packets could see counters change"), "{status}");
    let errors = bed.write(Atomicity::ContinueOnError, updates).await.unwrap_err();
    assert_eq!(errors[0].0, Code::Ok);
    let read = bed.read(vec![counter(None)]).await;
    assert!(
        read.iter()
            .all(|one| matches!(one, Entity::CounterEntry(one) if one.data == Some(data(9, 9))))
    );
}

#[tokio::test]
async fn a_write_with_too_many_updates_is_refused_whole() {
    let mut bed = Bed::new().await;
    let entry = bed.ids.entry("left_t", &[M::Exact(1)], 0, ("left", &[1]));
    let updates = vec![update(Type::Insert, table_entry(entry)); 65_537];
    let status = bed.try_write(Atomicity::ContinueOnError, updates).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert_eq!(
        status.message(),
        "the write has 65537 updates; the most is 65536: send them in parts"
    );
    assert_eq!(bed.entries(bed.ids.key("left_t", &[], 0)).await, []);
}

#[tokio::test]
async fn an_unknown_atomicity_is_refused() {
    let mut bed = Bed::new().await;
    let mut request = crate::common::write_request(Atomicity::ContinueOnError, mixed(&bed));
    request.atomicity = 3;
    let status = bed.client.write(request).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert_eq!(bed.entries(bed.ids.key("left_t", &[], 0)).await, []);
}

/// The errors go into a header: those of many updates have no text from some point on.
#[tokio::test]
async fn each_of_many_updates_that_fail_has_its_code() {
    let mut bed = Bed::new().await;
    let missing = table_entry(bed.ids.key("left_t", &[M::Exact(1)], 0));
    let updates = vec![update(Type::Delete, missing); 4_000];
    let errors = bed.write(Atomicity::ContinueOnError, updates.clone()).await.unwrap_err();
    assert_eq!(errors.len(), 4_000);
    assert!(errors.iter().all(|(code, _)| *code == Code::NotFound));
    assert_eq!(errors[0].1, "table left_t has no entry 0x1");
    assert_eq!(errors[3_999].1, "");
    let errors = bed.write(Atomicity::RollbackOnError, updates).await.unwrap_err();
    assert_eq!(errors[0].0, Code::NotFound);
    assert!(errors[1..].iter().all(|error| *error == (Code::Aborted, String::new())));
}
