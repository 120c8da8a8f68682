//! What keeps a client from doing more than it meant to: `allow_empty`, `max_removals`, the limit
//! on groups, and the group that is nobody's.

use dpd_tests::{Settings, Testbed, With as _, ensured, entry, request, services, target};
use nat_groups::Limits;
use rstest::rstest;
use serde_json::json;

#[tokio::test]
async fn an_empty_set_for_a_group_that_has_entries_needs_leave() {
    let bed = Testbed::inhabited().await;
    let refusal = bed.refuses("EmptySet", bed.ensure("services", 8, &[])).await;
    let message = refusal["message"].as_str().unwrap();
    assert!(message.contains("allow_empty") && message.contains("10"), "{message}");
    let body = request(8, &[]).with("allow_empty", true);
    let answer = bed.ensure_with("services", &body).await.ok();
    assert_eq!(answer, ensured("services", 8, Some(7), &services(), &[]));
    // An empty group can stay empty without.
    bed.ensure("services", 9, &[]).await.ok();
}

#[rstest]
#[case::none(0, 3)]
#[case::one_less_than_needed(2, 3)]
#[tokio::test]
async fn more_removals_than_allowed_are_refused(
    #[case] max_removals: u64,
    #[case] removals: usize,
) {
    let bed = Testbed::inhabited().await;
    let body = request(8, &services()[removals..]).with("max_removals", max_removals);
    let refusal = bed.refuses("TooManyRemovals", bed.ensure_with("services", &body)).await;
    assert_eq!(refusal["would_remove"], removals);
    assert!(refusal["message"].as_str().unwrap().contains("max_removals"), "{refusal}");
}

#[rstest]
#[case::exactly_as_many(3)]
#[case::more(u64::MAX)]
#[tokio::test]
async fn as_many_removals_as_allowed_are_done(#[case] max_removals: u64) {
    let bed = Testbed::inhabited().await;
    let body = request(8, &services()[3..]).with("max_removals", max_removals);
    assert_eq!(bed.ensure_with("services", &body).await.ok()["removed"], 3);
}

#[tokio::test]
async fn a_retarget_is_no_removal_and_a_recut_is() {
    let bed = Testbed::start();
    let before = [entry("203.0.113.7", 0, 99, target(1))];
    bed.ensure("a", 1, &before).await.ok();
    let retarget = request(2, &[before[0].to(target(2))]).with("max_removals", 0);
    bed.ensure_with("a", &retarget).await.ok();
    let recut = request(3, &[entry("203.0.113.7", 0, 98, target(2))]).with("max_removals", 0);
    let refusal = bed.refuses("TooManyRemovals", bed.ensure_with("a", &recut)).await;
    assert_eq!(refusal["would_remove"], 1);
}

#[tokio::test]
async fn there_are_no_more_groups_and_tombstones_than_the_limit() {
    let limits = Limits { max_groups: 3, ..Limits::default() };
    let bed = Testbed::start_with(Settings { limits, ..Settings::default() });
    for name in ["a", "b", "c"] {
        bed.ensure(name, 1, &[]).await.ok();
    }
    let refusal = bed.refuses("TooManyGroups", bed.ensure("d", 1, &services())).await;
    assert!(refusal["message"].as_str().unwrap().contains('3'), "{refusal}");
    // A tombstone takes the place of its group, and the group takes it back.
    bed.delete_group("b", 1).await.ok();
    bed.refuses("TooManyGroups", bed.ensure("d", 1, &services())).await;
    bed.ensure("b", 2, &services()).await.ok();
    // Those that are there go on, and so does the built-in group.
    bed.ensure("a", 2, &[]).await.ok();
    bed.put_entry(&entry("203.0.113.7", 0, 9, target(1))).await.no_content();
}

#[tokio::test]
async fn the_built_in_group_cannot_be_ensured_or_deleted() {
    let bed = Testbed::inhabited().await;
    bed.refuses("ReservedGroup", bed.ensure("ungrouped", 99, &services())).await;
    bed.refuses("ReservedGroup", bed.try_out("ungrouped", &request(99, &[]))).await;
    let refusal = bed.refuses("ReservedGroup", bed.delete_group("ungrouped", 99)).await;
    assert!(refusal["message"].as_str().unwrap().contains("per-entry"), "{refusal}");
}

#[tokio::test]
async fn a_guard_that_has_nothing_to_guard_is_no_hindrance() {
    let bed = Testbed::start();
    let body = request(1, &services())
        .with("max_removals", 0)
        .with("allow_empty", true)
        .with("adopt", json!({ "vni": 5 }));
    let answer = bed.ensure_with("services", &body).await.ok();
    assert_eq!(answer, ensured("services", 1, None, &[], &services()));
}
