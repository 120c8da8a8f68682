//! Reads: what is chosen, in what form it comes, and what is refused.

use std::slice;

use p4runtime::{update_errors, v1};
use rstest::rstest;
use tonic::Code;
use v1::entity::Entity;
use v1::set_forwarding_pipeline_config_request::Action;
use v1::update::Type;

use crate::common::{Bed, Ids, M, data};

/// Entries in each kind of table, in the order in which they are read: by table and key. Those of
/// the program are not among them.
fn entries(ids: &Ids) -> Vec<v1::TableEntry> {
    let send = |table, matches: &[M], priority| ids.entry(table, matches, priority, ("send", &[5]));
    vec![
        send("exact_t", &[M::Exact(0), M::Exact(u128::MAX)], 0),
        ids.entry("exact_t", &[M::Exact(300), M::Exact(1)], 0, ("tag", &[7, 1 << 100])),
        send("lpm_t", &[M::Any, M::Exact(0)], 0),
        send("lpm_t", &[M::Lpm(0x0a00_0000, 8), M::Exact(1)], 0),
        send("lpm_t", &[M::Lpm(0x0a00_0001, 32), M::Exact(1)], 0),
        send("ternary_t", &[M::Any, M::Any, M::Any], 1),
        send("ternary_t", &[M::Any, M::Any, M::Any], 2),
        send("ternary_t", &[M::Ternary(0x80, 0xf0), M::Range(1, 0xffff), M::Optional(0)], 1),
        send("range_t", &[M::Exact(1), M::Any], 1),
        send("range_t", &[M::Exact(1), M::Range(80, 90)], 2),
    ]
}

fn asked(entry: v1::TableEntry) -> v1::TableEntry {
    v1::TableEntry { counter_data: Some(data(0, 0)), ..entry }
}

fn all() -> v1::TableEntry {
    v1::TableEntry::default()
}

#[tokio::test]
async fn what_is_written_is_read_back_in_the_order_of_tables_and_keys() {
    let mut bed = Bed::new().await;
    let written = entries(&bed.ids);
    let mut shuffled = written.clone();
    shuffled.reverse();
    shuffled.swap(0, 3);
    bed.insert(shuffled).await;
    let read = bed.entries(all()).await;
    let (own, of_program): (Vec<_>, Vec<_>) = read
        .into_iter()
        .partition(|entry| written.iter().any(|one| one.table_id == entry.table_id));
    assert_eq!(own, written);
    let of = |table: &str, matches: &[M], priority, action: (&str, &[u128]), is_const| {
        v1::TableEntry { is_const, ..bed.ids.entry(table, matches, priority, action) }
    };
    let expected = [
        of("const_t", &[M::Any], 1, ("NoAction", &[]), true),
        of("const_t", &[M::Ternary(7, 0xff)], 3, ("send", &[2]), true),
        of("const_t", &[M::Ternary(8, 8)], 2, ("send", &[3]), true),
        of("initial_t", &[M::Exact(1)], 0, ("send", &[4]), true),
        of("initial_t", &[M::Exact(2)], 0, ("send", &[5]), false),
    ];
    assert_eq!(of_program, expected);
}

#[tokio::test]
async fn entries_are_chosen_by_all_that_is_said() {
    let mut bed = Bed::new().await;
    let written = entries(&bed.ids);
    bed.insert(written.clone()).await;
    #[allow(deprecated)]
    let noted = v1::TableEntry {
        controller_metadata: 7,
        metadata: vec![1],
        ..bed.ids.entry("left_t", &[M::Exact(1)], 0, ("left", &[1]))
    };
    let plain = bed.ids.entry("left_t", &[M::Exact(2)], 0, ("left", &[1]));
    bed.insert(vec![noted.clone(), plain.clone()]).await;
    let of = |table: &str| bed.ids.key(table, &[], 0);
    let left = of("left_t");
    let action = |table: &str, name| {
        // Arguments do not matter, not even wrong ones.
        v1::TableEntry { action: bed.ids.call(name, &[]), ..of(table) }
    };
    #[allow(deprecated)]
    let chosen: Vec<(v1::TableEntry, Vec<v1::TableEntry>)> = vec![
        (of("lpm_t"), written[2..5].to_vec()),
        (bed.ids.key("lpm_t", &[M::Lpm(0x0a00_0000, 8), M::Exact(1)], 0), vec![written[3].clone()]),
        (bed.ids.key("lpm_t", &[M::Lpm(0x0a00_0000, 9), M::Exact(1)], 0), vec![]),
        (bed.ids.key("lpm_t", &[M::Any, M::Exact(0)], 0), vec![written[2].clone()]),
        (action("exact_t", "tag"), vec![written[1].clone()]),
        (action("exact_t", "NoAction"), vec![]),
        (
            v1::TableEntry { priority: 1, ..of("ternary_t") },
            vec![written[5].clone(), written[7].clone()],
        ),
        // Whatever the priority.
        (
            bed.ids.key(
                "ternary_t",
                &[M::Ternary(0x80, 0xf0), M::Range(1, 0xffff), M::Optional(0)],
                0,
            ),
            vec![written[7].clone()],
        ),
        (
            bed.ids.key(
                "ternary_t",
                &[M::Ternary(0x80, 0xf0), M::Range(1, 0xffff), M::Optional(0)],
                2,
            ),
            vec![],
        ),
        (v1::TableEntry { controller_metadata: 7, ..left.clone() }, vec![noted.clone()]),
        (v1::TableEntry { controller_metadata: 8, ..left.clone() }, vec![]),
        (v1::TableEntry { metadata: vec![1], ..left.clone() }, vec![noted.clone()]),
        (v1::TableEntry { metadata: vec![2], ..left.clone() }, vec![]),
        (v1::TableEntry { metadata: vec![2], ..bed.ids.key("left_t", &[M::Exact(1)], 0) }, vec![]),
        (left, vec![noted, plain]),
        (of("keyless_t"), vec![]),
    ];
    for (entry, expected) in chosen {
        assert_eq!(bed.entries(entry.clone()).await, expected, "{entry:?}");
    }
}

#[tokio::test]
async fn counters_are_told_when_they_are_asked_for_even_if_they_are_zero() {
    let mut bed = Bed::new().await;
    bed.insert(entries(&bed.ids)).await;
    let key = bed.ids.key("exact_t", &[M::Exact(0), M::Exact(u128::MAX)], 0);
    assert_eq!(bed.entries(key.clone()).await[0].counter_data, None);
    assert_eq!(bed.entries(asked(key)).await[0].counter_data, Some(data(0, 0)));
    let read = bed.entries(asked(all())).await;
    let (exact, constant) = (bed.ids.table("exact_t"), bed.ids.table("const_t"));
    for entry in read {
        let has_counter = [exact, constant].contains(&entry.table_id);
        assert_eq!(entry.counter_data.is_some(), has_counter, "{entry:?}");
    }
}

#[tokio::test]
async fn default_actions_are_read_of_one_table_or_of_all() {
    let mut bed = Bed::new().await;
    let of = |table: &str| bed.ids.default(table);
    let constant =
        v1::TableEntry { action: bed.ids.call("NoAction", &[]), is_const: true, ..of("ternary_t") };
    assert_eq!(bed.entries(of("ternary_t")).await, slice::from_ref(&constant));
    let read = bed.entries(v1::TableEntry { is_default_action: true, ..all() }).await;
    assert_eq!(read.len(), 9);
    assert!(read.iter().all(|entry| entry.is_default_action && entry.action.is_some()));
    assert_eq!(read[2], constant);
    let send = v1::TableEntry { action: bed.ids.call("send", &[]), ..bed.ids.default("exact_t") };
    assert_eq!(bed.entries(send).await.len(), 1);
    let send = v1::TableEntry { action: bed.ids.call("send", &[]), ..bed.ids.default("keyless_t") };
    assert_eq!(bed.entries(send).await.len(), 0);
}

#[tokio::test]
async fn direct_counters_are_read_by_entry_by_table_or_all() {
    let mut bed = Bed::new().await;
    let written = entries(&bed.ids);
    bed.insert(written.clone()).await;
    let direct = |table_entry, data| {
        Entity::DirectCounterEntry(v1::DirectCounterEntry { table_entry, data })
    };
    let keys: Vec<v1::TableEntry> =
        written[..2].iter().map(|entry| v1::TableEntry { action: None, ..entry.clone() }).collect();
    let set = direct(Some(keys[1].clone()), Some(data(2, 3)));
    assert_eq!(bed.one(Type::Modify, set.clone()).await, Ok(()));
    let exact = [direct(Some(keys[0].clone()), Some(data(0, 0))), set.clone()];
    assert_eq!(bed.read(vec![direct(Some(keys[1].clone()), None)]).await, [set]);
    let table = bed.ids.key("exact_t", &[], 0);
    assert_eq!(bed.read(vec![direct(Some(table), None)]).await, exact);
    let everything = bed.read(vec![direct(None, None)]).await;
    assert_eq!(everything.len(), 5);
    assert_eq!(everything[..2], exact);
    assert_eq!(bed.read(vec![direct(Some(all()), None)]).await, everything);
    let missing = bed.ids.key("exact_t", &[M::Exact(9), M::Exact(9)], 0);
    assert_eq!(bed.unread(direct(Some(missing), None)).await.0, Code::NotFound);
    let without = bed.ids.key("left_t", &[], 0);
    assert_eq!(bed.unread(direct(Some(without), None)).await.0, Code::InvalidArgument);
    let default = bed.ids.default("exact_t");
    assert_eq!(bed.unread(direct(Some(default), None)).await.0, Code::Unimplemented);
}

#[tokio::test]
async fn counters_are_read_by_element_by_array_or_all() {
    let mut bed = Bed::new().await;
    let (seen, bytes) = (bed.ids.counter("I.seen"), bed.ids.counter("I.seen_bytes"));
    let counter = |counter_id, index: Option<i64>, data| {
        let index = index.map(|index| v1::Index { index });
        Entity::CounterEntry(v1::CounterEntry { counter_id, index, data })
    };
    // It counts bytes alone.
    let set = counter(bytes, Some(1), Some(data(5, 6)));
    assert_eq!(bed.one(Type::Modify, set).await, Ok(()));
    let set = counter(bytes, Some(1), Some(data(0, 6)));
    assert_eq!(bed.read(vec![counter(bytes, Some(1), None)]).await, slice::from_ref(&set));
    let array = bed.read(vec![counter(bytes, None, None)]).await;
    assert_eq!(array, [counter(bytes, Some(0), Some(data(0, 0))), set]);
    let everything = bed.read(vec![counter(0, None, None)]).await;
    assert_eq!(everything.len(), 6);
    assert_eq!(bed.read(vec![counter(seen, None, None)]).await.len(), 4);
    assert_eq!(bed.unread(counter(seen, Some(4), None)).await.0, Code::OutOfRange);
    assert_eq!(bed.unread(counter(seen, Some(-1), None)).await.0, Code::InvalidArgument);
    assert_eq!(bed.unread(counter(5, None, None)).await.0, Code::NotFound);
}

/// Makes an entry from the ids of the program.
type Make = fn(&Ids) -> v1::TableEntry;

#[rstest]
#[case(|_: &Ids| v1::TableEntry { table_id: 5, ..all() }, Code::NotFound)]
#[case(|_: &Ids| v1::TableEntry { priority: 5, ..all() }, Code::InvalidArgument)]
#[case(|_: &Ids| v1::TableEntry { metadata: vec![5], ..all() }, Code::InvalidArgument)]
#[case(|ids: &Ids| v1::TableEntry { priority: -1, ..ids.key("range_t", &[], 0) },
    Code::InvalidArgument)]
#[case(|ids: &Ids| ids.key("range_t", &[M::Any, M::Range(1, 2)], 0), Code::InvalidArgument)]
#[case(|ids: &Ids| ids.key("range_t", &[M::Exact(1), M::Range(3, 2)], 0), Code::InvalidArgument)]
#[case(|ids: &Ids| ids.key("left_t", &[M::Exact(1)], 2), Code::InvalidArgument)]
#[case(|ids: &Ids| ids.key("left_t", &[M::Exact(256)], 0), Code::OutOfRange)]
#[case(|ids: &Ids| v1::TableEntry { action: ids.call("send", &[]), ..ids.key("left_t", &[], 0) },
    Code::InvalidArgument)]
#[case(|ids: &Ids| v1::TableEntry { time_since_last_hit: Some(Default::default()),
    ..ids.key("left_t", &[], 0) }, Code::InvalidArgument)]
#[case(|ids: &Ids| v1::TableEntry { priority: 1, ..ids.default("left_t") }, Code::InvalidArgument)]
#[tokio::test]
async fn what_cannot_be_chosen_is_refused(#[case] make: Make, #[case] code: Code) {
    let mut bed = Bed::new().await;
    let entry = make(&bed.ids);
    let (found, text) = bed.unread(Entity::TableEntry(entry)).await;
    assert_eq!(found, code, "{text}");
}

#[tokio::test]
async fn what_can_be_read_comes_before_the_errors_of_the_rest() {
    let mut bed = Bed::new().await;
    bed.insert(vec![bed.ids.entry("left_t", &[M::Exact(1)], 0, ("left", &[1]))]).await;
    let good = Entity::TableEntry(bed.ids.key("left_t", &[], 0));
    let bad = Entity::TableEntry(v1::TableEntry { table_id: 5, ..all() });
    let (messages, end) = bed.read_messages(vec![good.clone(), bad, good]).await;
    let count: usize = messages.iter().map(|message| message.entities.len()).sum();
    assert_eq!(count, 2);
    let end = end.unwrap_err();
    assert_eq!((end.code(), end.message()), (Code::Unknown, "1 of 3 reads failed"));
    let codes: Vec<i32> =
        update_errors(&end, 3).unwrap().iter().map(|error| error.canonical_code).collect();
    assert_eq!(codes, [0, Code::NotFound as i32, 0]);
    let request = v1::ReadRequest {
        device_id: 1,
        entities: vec![v1::Entity::default()],
        ..Default::default()
    };
    let end = bed.client.read(request).await.unwrap().into_inner().message().await.unwrap_err();
    assert_eq!(update_errors(&end, 1).unwrap()[0].canonical_code, Code::InvalidArgument as i32);
}

#[tokio::test]
async fn long_answers_come_in_messages_of_a_thousand_or_of_a_mebibyte() {
    let mut bed = Bed::new().await;
    let entry = |number: u128, metadata: Vec<u8>| v1::TableEntry {
        metadata,
        ..bed.ids.entry("range_t", &[M::Exact(number), M::Any], 1, ("send", &[1]))
    };
    let first: Vec<_> = (0..900).map(|number| entry(number, vec![])).collect();
    let second: Vec<_> = (900..1_000).map(|number| entry(number, vec![1; 60_000])).collect();
    for chunk in first.chunks(300).chain(second.chunks(50)) {
        bed.insert(chunk.to_vec()).await;
    }
    let (messages, end) =
        bed.read_messages(vec![Entity::TableEntry(bed.ids.key("range_t", &[], 0))]).await;
    end.unwrap();
    let counts: Vec<usize> = messages.iter().map(|message| message.entities.len()).collect();
    assert_eq!(counts, [918, 18, 18, 18, 18, 10]);
    let read = messages.into_iter().flat_map(|message| message.entities);
    let read: Vec<v1::TableEntry> = read
        .map(|entity| match entity.entity {
            Some(Entity::TableEntry(entry)) => entry,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(read, [first, second].concat());
}

/// The program of the daemon, as it comes with the interpreter.
#[tokio::test]
async fn the_program_of_the_daemon_reads_back() {
    let mut bed = Bed::empty().await;
    bed.set(Action::VerifyAndCommit, p4::NAT_P4).await.unwrap();
    let ids = Ids::of(p4::NAT_P4);
    let table = "Ingress.nat_ingress.ingress_ipv4";
    let forward = "Ingress.nat_ingress.forward_ipv4_to";
    let entries: Vec<v1::TableEntry> = (0..1_000)
        .map(|number| {
            let matches = [
                M::Exact(0x0a00_0000 + number / 4),
                M::Range(number % 4 * 100, number % 4 * 100 + 99),
            ];
            ids.entry(table, &matches, 1, (forward, &[1 << 120 | number, 0x0200_0000_0001, number]))
        })
        .collect();
    bed.insert(entries.clone()).await;
    let read = bed.entries(ids.key(table, &[], 0)).await;
    assert_eq!(read, entries);
    let asked = bed.entries(asked(ids.key(table, &[], 0))).await;
    assert!(asked.iter().all(|entry| entry.counter_data == Some(data(0, 0))));
}
