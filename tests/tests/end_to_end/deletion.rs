//! Deleting a group, and what its tombstone refuses.

use dpd_tests::{Testbed, With as _, digest, ensured, entry, request, services, target};
use rstest::rstest;
use serde_json::{Value, json};

/// A daemon with the group `services` at generation 7.
async fn testbed() -> Testbed {
    let bed = Testbed::start();
    bed.ensure("services", 7, &services()).await.ok();
    bed
}

#[rstest]
#[case::at_its_own_generation(7)]
#[case::at_a_later_one(20)]
#[tokio::test]
async fn a_deletion_answers_as_an_ensure_of_nothing_does(#[case] generation: u64) {
    let bed = testbed().await;
    let others = [entry("203.0.113.1", 0, 9, target(1))];
    bed.ensure("others", 1, &others).await.ok();
    let answer = bed.delete_group("services", generation).await.ok();
    assert_eq!(answer, ensured("services", generation, Some(7), &services(), &[]));
    bed.device.assert_holds(&others);
    let refusal = bed.get("/nat/groups/services").await.refused("NoSuchGroup");
    assert_eq!(refusal["tombstone_generation"], generation);
    let listed = bed.all_pages("/nat/groups").await;
    let names: Vec<&Value> = listed.iter().map(|view| &view["group"]).collect();
    assert_eq!(names, ["others", "ungrouped"]);
}

#[tokio::test]
async fn a_deletion_older_than_the_group_is_refused() {
    let bed = testbed().await;
    let before = bed.everything().await;
    let refusal = bed.delete_group("services", 6).await.refused("StaleGeneration");
    assert_eq!(refusal["current_generation"], 7);
    assert_eq!(refusal["current_digest"], digest(&services()));
    assert_eq!(bed.everything().await, before);
}

#[rstest]
#[case::the_same(7)]
#[case::older(3)]
#[tokio::test]
async fn a_delayed_ensure_cannot_bring_a_deleted_group_back(#[case] generation: u64) {
    let bed = testbed().await;
    bed.delete_group("services", 7).await.ok();
    let before = bed.everything().await;
    let refusal = bed.ensure("services", generation, &services()).await.refused("StaleGeneration");
    assert_eq!(refusal["current_generation"], 7);
    assert!(refusal["message"].as_str().unwrap().contains("deleted"), "{refusal}");
    assert_eq!(bed.everything().await, before);
    bed.device.assert_holds(&[]);
}

#[tokio::test]
async fn a_group_comes_back_above_its_tombstone_as_a_new_one() {
    let bed = testbed().await;
    bed.delete_group("services", 7).await.ok();
    let set = &services()[..3];
    let answer = bed.ensure("services", 8, set).await.ok();
    assert_eq!(answer, ensured("services", 8, None, &[], set));
    bed.device.assert_holds(set);
    // What was kept of it is gone for good.
    let items = bed.all_pages("/nat/groups/services/generations").await;
    assert_eq!(items.len(), 1);
    bed.get("/nat/groups/services/entries?generation=7").await.refused("GenerationExpired");
    // Nor is there a tombstone any more.
    bed.delete_group("services", 7).await.refused("StaleGeneration");
    bed.delete_group("services", 8).await.ok();
}

#[tokio::test]
async fn the_same_deletion_again_is_a_success_that_writes_nothing() {
    let bed = testbed().await;
    bed.delete_group("services", 9).await.ok();
    let before = bed.everything().await;
    let again = bed.delete_group("services", 9).await.ok();
    assert_eq!(again, ensured("services", 9, None, &[], &[]));
    assert_eq!(bed.everything().await, before);
}

#[tokio::test]
async fn a_later_deletion_raises_the_tombstone_and_an_earlier_one_does_not_lower_it() {
    let bed = testbed().await;
    bed.delete_group("services", 9).await.ok();
    let raised = bed.delete_group("services", 12).await.ok();
    assert_eq!(raised, ensured("services", 12, None, &[], &[]));
    let refusal = bed.delete_group("services", 11).await.refused("StaleGeneration");
    assert_eq!(refusal["current_generation"], 12);
    let refusal = bed.get("/nat/groups/services").await.refused("NoSuchGroup");
    assert_eq!(refusal["tombstone_generation"], 12);
    bed.ensure("services", 12, &services()).await.refused("StaleGeneration");
    bed.ensure("services", 13, &services()).await.ok();
}

#[tokio::test]
async fn a_group_that_never_was_leaves_no_tombstone() {
    let bed = Testbed::start();
    let refusal = bed.delete_group("nobody", 7).await.refused("NoSuchGroup");
    assert_eq!(refusal.get("tombstone_generation"), None);
    bed.ensure("nobody", 1, &services()).await.ok();
}

#[tokio::test]
async fn a_deletion_drops_the_reservation() {
    let bed = Testbed::start_with(dpd_tests::Settings::sized(10, 10));
    let body = request(1, &[]).with("reserve", json!({ "ipv4": 9, "ipv6": 10 }));
    bed.ensure_with("greedy", &body).await.ok();
    let set = services();
    bed.ensure("services", 1, &set).await.refused("TableFull");
    bed.delete_group("greedy", 1).await.ok();
    bed.ensure("services", 1, &set).await.ok();
}

#[tokio::test]
async fn what_a_deleted_group_had_is_free_for_others() {
    let bed = testbed().await;
    bed.ensure("others", 1, &services()).await.refused("EntryConflict");
    bed.delete_group("services", 7).await.ok();
    let answer = bed.ensure("others", 1, &services()).await.ok();
    assert_eq!(answer, ensured("others", 1, None, &[], &services()));
}

#[tokio::test]
async fn a_tombstone_lasts_as_long_as_the_daemon_runs() {
    let bed = testbed().await;
    bed.delete_group("services", 7).await.ok();
    for name in 0..50 {
        bed.ensure(&format!("g{name}"), 1, &[]).await.ok();
        bed.delete_group(&format!("g{name}"), 1).await.ok();
    }
    bed.ensure("services", 7, &services()).await.refused("StaleGeneration");
}
