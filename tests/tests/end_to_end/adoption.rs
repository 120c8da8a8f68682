//! Adoption: how an owner takes over what the per-entry operations made, without a hole.

use dpd_tests::{Entry, Testbed, With as _, digest, ensured, entry, request, services, target};
use serde_json::{Value, json};

/// A daemon whose services were all made one by one, each of whose rows has counted a packet.
async fn testbed() -> Testbed {
    let bed = Testbed::start();
    for entry in services() {
        bed.put_entry(&entry).await.no_content();
        bed.device.packet(entry.external, entry.high);
    }
    bed
}

#[tokio::test]
async fn identical_entries_become_the_groups_without_a_table_write_and_count_on() {
    let bed = testbed().await;
    let rows = bed.device.rows();
    let answer = bed.ensure("services", 1, &services()).await.ok();
    let expected = ensured("services", 1, None, &services(), &services()).with("adopted", 10);
    assert_eq!(answer, expected);
    assert_eq!(bed.device.rows(), rows);
    assert!(bed.device.packets_counted().into_values().all(|packets| packets == 1));
    assert_eq!(bed.entries("services").await, services());
    assert_eq!(bed.entries("ungrouped").await, []);
    // What was adopted is owned.
    bed.refuses("conflicting mapping", bed.delete_entry(&services()[0])).await;
}

#[tokio::test]
async fn adoption_is_a_generation_of_the_built_in_group() {
    let bed = testbed().await;
    bed.ensure("services", 1, &services()[..4]).await.ok();
    let view = bed.view("ungrouped").await;
    assert_eq!(
        (&view["generation"], &view["digest"]),
        (&json!(12), &json!(digest(&services()[4..])))
    );
    let generations = bed.all_pages("/nat/groups/ungrouped/generations").await;
    assert_eq!(generations[0]["removed"], 4);
    let generations = bed.all_pages("/nat/groups/services/generations").await;
    assert_eq!(generations[0]["added"], 4);
}

#[tokio::test]
async fn what_is_adopted_and_what_is_new_are_counted_apart() {
    let bed = testbed().await;
    let new = entry("203.0.113.7", 0, 9, target(1));
    let set = [&services()[..3], &[new]].concat();
    let answer = bed.ensure("services", 1, &set).await.ok();
    let expected = ensured("services", 1, None, &services()[..3], &set).with("adopted", 3);
    assert_eq!(answer, expected);
    assert_eq!(bed.entries("ungrouped").await, services()[3..]);
}

/// The default adopts what is identical; anything else in the way is a conflict.
#[tokio::test]
async fn an_entry_that_differs_in_anything_is_not_adopted_as_identical() {
    let bed = testbed().await;
    let set = services();
    for other in [set[3].to(target(30)), set[3].to(set[3].target.vni(7))] {
        let mut requested = set.clone();
        requested[3] = other;
        let refusal = bed.refuses("EntryConflict", bed.ensure("services", 1, &requested)).await;
        assert_eq!(
            refusal["conflicts"],
            json!([{ "requested": other.json(), "existing": set[3].json(), "group": "ungrouped" }])
        );
    }
}

#[tokio::test]
async fn nothing_is_adopted_if_that_is_what_is_asked_for() {
    let bed = testbed().await;
    let body = request(1, &services()).with("adopt", "none");
    let refusal = bed.refuses("EntryConflict", bed.ensure_with("services", &body)).await;
    assert_eq!(refusal["conflicts_total"], 10);
    let body = request(1, &[entry("203.0.113.7", 0, 9, target(1))]).with("adopt", "none");
    assert_eq!(bed.ensure_with("services", &body).await.ok()["adopted"], 0);
}

/// What an owner recognises as its own by the VNI becomes its own first; what it does not ask for
/// then goes, what it asks for differently changes in place.
#[tokio::test]
async fn all_entries_of_a_vni_are_adopted_and_the_stale_ones_go() {
    let bed = testbed().await;
    let foreign = entry("192.0.2.1", 0, 65535, target(1).vni(7));
    bed.put_entry(&foreign).await.no_content();
    let before = services();
    let after = [&[before[0].to(target(30))], &before[1..7]].concat();
    let after = [&after[..], &[entry("203.0.113.7", 0, 9, target(1))]].concat();
    let body = request(1, &after).with("adopt", json!({ "vni": 100 }));
    let answer = bed.ensure_with("services", &body).await.ok();
    assert_eq!(answer, ensured("services", 1, None, &before, &after).with("adopted", 10));
    assert_eq!(
        [&answer["added"], &answer["updated"], &answer["removed"], &answer["unchanged"]],
        [1, 1, 3, 6]
    );
    bed.device.assert_holds(&[&after[..], &[foreign]].concat());
    assert_eq!(bed.entries("ungrouped").await, [foreign]);
    let packets = bed.device.packets_counted();
    assert!(packets[&after[0].slot()] >= 1, "the counter of a row changed in place lives on");
}

/// Whatever the VNI, an entry that a named group has is never adopted.
#[tokio::test]
async fn a_named_groups_entries_are_not_adopted() {
    let bed = Testbed::start();
    bed.ensure("first", 1, &services()).await.ok();
    let body = request(1, &services()).with("adopt", json!({ "vni": 100 }));
    bed.refuses("EntryConflict", bed.ensure_with("second", &body)).await;
    let body = request(1, &[]).with("adopt", json!({ "vni": 100 }));
    assert_eq!(bed.ensure_with("second", &body).await.ok()["adopted"], 0);
}

#[tokio::test]
async fn stale_entries_that_are_adopted_to_go_count_as_removals() {
    let bed = testbed().await;
    let adopting = |set: &[Entry]| request(1, set).with("adopt", json!({ "vni": 100 }));
    let body = adopting(&services()[4..]).with("max_removals", 3);
    let refusal = bed.refuses("TooManyRemovals", bed.ensure_with("services", &body)).await;
    assert_eq!(refusal["would_remove"], 4);
    bed.refuses("EmptySet", bed.ensure_with("services", &adopting(&[]))).await;
    let body = adopting(&[]).with("allow_empty", true);
    let answer = bed.ensure_with("services", &body).await.ok();
    assert_eq!((&answer["removed"], &answer["adopted"]), (&json!(10), &json!(10)));
    bed.device.assert_holds(&[]);
}

#[tokio::test]
async fn the_same_generation_adopts_nothing() {
    let bed = Testbed::start();
    bed.ensure("services", 7, &services()[..5]).await.ok();
    for entry in &services()[5..] {
        bed.put_entry(entry).await.no_content();
    }
    for adopt in [json!("identical"), json!({ "vni": 100 })] {
        let body = request(7, &services()[..5]).with("adopt", adopt);
        let answer = bed.ensure_with("services", &body).await.ok();
        let expected = ensured("services", 7, Some(7), &services()[..5], &services()[..5]);
        assert_eq!(answer, expected);
    }
    assert_eq!(bed.entries("ungrouped").await, services()[5..]);
    // A newer one does.
    let answer = bed.ensure("services", 8, &services()).await.ok();
    assert_eq!((&answer["adopted"], &answer["writes"]), (&json!(5), &json!(0)));
}

/// A rack moves over: what Nexus and the sled agent made one by one becomes theirs, in one step
/// each, while packets flow.
#[tokio::test]
async fn two_owners_take_over_a_switch_without_a_write() {
    let bed = testbed().await;
    let instances = dpd_tests::instances(60, 8);
    for entry in &instances {
        bed.put_entry(entry).await.no_content();
    }
    let rows = bed.device.rows();
    let body = request(1, &services()).with("adopt", json!({ "vni": 100 }));
    let [one, other]: [Value; 2] = [
        bed.ensure_with("services", &body).await.ok(),
        bed.ensure("instances", 1, &instances).await.ok(),
    ];
    assert_eq!((&one["writes"], &other["writes"]), (&json!(0), &json!(0)));
    assert_eq!((&one["adopted"], &other["adopted"]), (&json!(10), &json!(60)));
    assert_eq!(bed.device.rows(), rows);
    assert_eq!(bed.entries("ungrouped").await, []);
}
