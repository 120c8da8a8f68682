//! Two owners never have the same address and port: the second is refused and told who is first.

use dpd_tests::{Entry, Testbed, With as _, entry, request, services, target, ungrouped};
use rstest::rstest;
use serde_json::{Value, json};

#[rstest]
#[case::the_very_same_entry(services()[2], services()[2], "services")]
#[case::the_same_slot_to_another_target(services()[2].to(target(30)), services()[2], "services")]
#[case::within(entry("198.51.100.3", 80, 80, target(30)), services()[2], "services")]
#[case::around(entry("198.51.100.1", 0, 65535, target(30)), services()[0], "services")]
#[case::by_the_first_port(entry("198.51.100.2", 0, 16384, target(30)), services()[1], "services")]
#[case::by_the_last_port(
    entry("198.51.100.1", 16383, 65535, target(30)),
    services()[0],
    "services"
)]
#[case::in_ipv6(entry("2001:db8:53::1", 7, 7, target(30)), services()[9], "services")]
#[case::with_an_ungrouped_one(entry("192.0.2.1", 5, 5, target(30)), ungrouped()[0], "ungrouped")]
#[case::with_an_ungrouped_one_retargeted(
    ungrouped()[1].to(target(30)),
    ungrouped()[1],
    "ungrouped"
)]
#[tokio::test]
async fn an_overlap_with_another_groups_entry_is_refused_naming_both(
    #[case] requested: Entry,
    #[case] existing: Entry,
    #[case] group: &str,
) {
    let bed = Testbed::inhabited().await;
    let set = [entry("203.0.113.1", 0, 9, target(1)), requested];
    let refusal = bed.refuses("EntryConflict", bed.ensure("newcomer", 1, &set)).await;
    assert_eq!(
        refusal["conflicts"],
        json!([{ "requested": requested.json(), "existing": existing.json(), "group": group }])
    );
    assert_eq!(refusal["conflicts_total"], 1);
    let message = refusal["message"].as_str().unwrap();
    let words = [group.to_owned(), existing.external.to_string(), existing.low.to_string()];
    assert!(words.iter().all(|word| message.contains(word)), "{message}");
}

/// Ports that only touch, and the same ports of another address, are nobody's business.
#[tokio::test]
async fn what_does_not_overlap_is_no_conflict() {
    let bed = Testbed::inhabited().await;
    let set = [
        entry("198.51.100.1", 16384, 65535, target(1)),
        entry("198.51.100.2", 0, 16383, target(1)),
        entry("198.51.100.2", 32768, 65535, target(1)),
        entry("198.51.100.99", 0, 65535, target(1)),
    ];
    bed.ensure("newcomer", 1, &set).await.ok();
    let all: Vec<Entry> = bed.device.rows().iter().map(|row| row.entry).collect();
    assert!(set.iter().all(|entry| all.contains(entry)));
    bed.device.assert_forwards(&all);
}

#[tokio::test]
async fn every_overlap_is_counted_and_the_first_32_are_listed() {
    let bed = Testbed::start();
    let theirs: Vec<Entry> =
        (0..40).map(|port| entry("203.0.113.7", 2 * port, 2 * port, target(1))).collect();
    bed.ensure("first", 1, &theirs).await.ok();
    let wide = [entry("203.0.113.7", 0, 65535, target(2))];
    let refusal = bed.refuses("EntryConflict", bed.ensure("second", 1, &wide)).await;
    assert_eq!(refusal["conflicts_total"], 40);
    let listed = refusal["conflicts"].as_array().unwrap();
    assert_eq!(listed.len(), 32);
    let existing: Vec<Entry> =
        listed.iter().map(|conflict| Entry::parse(&conflict["existing"])).collect();
    assert!(existing.iter().all(|existing| theirs.contains(existing)));
    assert!(listed.iter().all(|conflict| conflict["requested"] == wide[0].json()));
}

#[tokio::test]
async fn every_party_of_a_conflict_is_named() {
    let bed = Testbed::inhabited().await;
    let set = [
        services()[0],
        entry("192.0.2.1", 0, 65535, target(9)),
        entry("203.0.113.1", 0, 9, target(1)),
        services()[9],
    ];
    let refusal = bed.refuses("EntryConflict", bed.ensure("instances", 42, &set)).await;
    let parties: Vec<(Entry, Entry, &Value)> = refusal["conflicts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (Entry::parse(&it["requested"]), Entry::parse(&it["existing"]), &it["group"]))
        .collect();
    assert_eq!(
        parties,
        [
            (set[1], ungrouped()[0], &json!("ungrouped")),
            (set[0], services()[0], &json!("services")),
            (set[3], services()[9], &json!("services")),
        ]
    );
}

/// With adoption off, even an identical ungrouped entry is another's.
#[tokio::test]
async fn an_ungrouped_entry_that_is_not_adopted_is_in_the_way() {
    let bed = Testbed::inhabited().await;
    let body = request(1, &ungrouped()).with("adopt", "none");
    let refusal = bed.refuses("EntryConflict", bed.ensure_with("newcomer", &body)).await;
    assert_eq!(refusal["conflicts_total"], 2);
}

/// What the group itself gives up makes room for what it asks for.
#[tokio::test]
async fn a_group_does_not_conflict_with_itself() {
    let bed = Testbed::inhabited().await;
    let set = [entry("198.51.100.1", 0, 65535, target(1)), services()[1]];
    bed.ensure("services", 8, &set).await.ok();
}

/// A mapping that one group gives up is free for the next, and not before.
#[tokio::test]
async fn an_entry_moves_from_one_group_to_another_only_by_way_of_none() {
    let bed = Testbed::inhabited().await;
    let moved = [services()[0]];
    bed.refuses("EntryConflict", bed.ensure("newcomer", 1, &moved)).await;
    bed.ensure("services", 8, &services()[1..]).await.ok();
    bed.ensure("newcomer", 1, &moved).await.ok();
    bed.refuses("EntryConflict", bed.ensure("services", 9, &services())).await;
}
