//! Which generations are taken: older ones never, the same one only with the same content.

use dpd_tests::{Entry, Testbed, With as _, digest, entry, request, services, target};
use rstest::rstest;
use serde_json::json;

#[rstest]
#[case::by_one(6)]
#[case::by_many(1)]
#[case::with_equal_content_or_not(5)]
#[tokio::test]
async fn an_older_generation_is_refused_and_told_the_current_one(#[case] generation: u64) {
    let bed = Testbed::inhabited().await;
    for set in [&services()[..], &services()[..4], &[]] {
        let refusal = bed.refuses("StaleGeneration", bed.ensure("services", generation, set)).await;
        assert_eq!(refusal["current_generation"], 7);
        assert_eq!(refusal["current_digest"], digest(&services()));
        let message = refusal["message"].as_str().unwrap();
        assert!(message.contains("services") && message.contains("generation 7"), "{message}");
    }
}

fn other_sets() -> [Vec<Entry>; 4] {
    let set = services();
    let more = [&set[..], &[entry("198.51.100.99", 0, 9, target(1))]].concat();
    let retargeted = [&[set[0].to(target(30))], &set[1..]].concat();
    [more, set[1..].to_vec(), retargeted, vec![]]
}

#[rstest]
#[case::with_one_more(0)]
#[case::with_one_less(1)]
#[case::with_another_target(2)]
#[case::with_nothing(3)]
#[tokio::test]
async fn the_same_generation_with_other_content_is_refused_with_both_digests(#[case] set: usize) {
    let bed = Testbed::inhabited().await;
    let set = &other_sets()[set];
    // Leave to do what would have to be done does not help.
    let body = request(7, set).with("allow_empty", true);
    let refusal = bed.refuses("GenerationMismatch", bed.ensure_with("services", &body)).await;
    assert_eq!(refusal["current_generation"], 7);
    assert_eq!(refusal["current_digest"], digest(&services()));
    assert_eq!(refusal["requested_digest"], digest(set));
    assert!(refusal["message"].as_str().unwrap().contains("newer generation"), "{refusal}");
}

/// A reservation is part of a generation.
#[tokio::test]
async fn the_same_generation_with_another_reservation_is_refused() {
    let bed = Testbed::start();
    let reserve =
        |ipv4| request(7, &services()).with("reserve", json!({ "ipv4": ipv4, "ipv6": 1 }));
    bed.ensure_with("services", &reserve(20)).await.ok();
    for other in [0, 21] {
        let body = reserve(other);
        let refusal = bed.refuses("GenerationMismatch", bed.ensure_with("services", &body)).await;
        assert_eq!(refusal["current_digest"], refusal["requested_digest"]);
        assert!(refusal["message"].as_str().unwrap().contains("reservation"), "{refusal}");
    }
    // The same one, or none said, is the same generation.
    bed.ensure_with("services", &reserve(20)).await.ok();
    bed.ensure("services", 7, &services()).await.ok();
}

/// What is the same set in another order, or under another name, is another matter.
#[tokio::test]
async fn generations_are_counted_per_group() {
    let bed = Testbed::inhabited().await;
    let set = [entry("203.0.113.7", 0, 9, target(1))];
    bed.ensure("newcomer", 1, &set).await.ok();
    assert_eq!(bed.view("services").await["generation"], 7);
    assert_eq!(bed.view("instances").await["generation"], 41);
}
