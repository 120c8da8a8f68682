//! A dry run answers exactly what the real request then answers, refusals too, and changes nothing.

use dpd_tests::{
    Answer, Entry, Everything, RangeExpansion, Settings, Testbed, With as _, entry, instances,
    request, services, target, ungrouped,
};
use rstest::rstest;
use serde_json::{Value, json};

/// What can be compared of two answers: that they were given to two requests, and that one was a
/// dry run, makes no difference.
fn comparable(answer: &Answer) -> (u16, Value) {
    let mut body: Value = serde_json::from_str(&answer.text).unwrap();
    let body_object = body.as_object_mut().unwrap();
    body_object.remove("request_id");
    body_object.remove("dry_run");
    body_object.remove("peak_rows");
    (answer.status, body)
}

/// Tries a request out, then makes it, and checks the rule; returns how things were before.
async fn compare(bed: &Testbed, group: &str, body: &Value) -> (Everything, Answer) {
    let before = bed.everything().await;
    let dry = bed.try_out(group, body).await;
    assert_eq!(bed.everything().await, before, "a dry run changed something");
    if dry.status == 200 {
        assert_eq!(dry.ok()["dry_run"], true);
    }
    let real = bed.ensure_with(group, body).await;
    assert_eq!(comparable(&dry), comparable(&real));
    (before, real)
}

fn halves(entry: &Entry) -> [Entry; 2] {
    let middle = entry.low + (entry.high - entry.low) / 2;
    [Entry { high: middle, ..*entry }, Entry { low: middle + 1, ..*entry }]
}

#[rstest]
#[case::nothing_new("services", request(8, &services()))]
#[case::the_same_generation("services", request(7, &services()))]
#[case::fewer("services", request(8, &services()[4..]))]
#[case::a_retarget("services", request(8, &services().map_first(|it| vec![it.to(target(30))])))]
#[case::a_recut("services", request(8, &services().map_first(|it| halves(&it).to_vec())))]
#[case::emptied("services", request(8, &[]).with("allow_empty", true))]
#[case::a_new_group("newcomer", request(1, &[entry("203.0.113.7", 0, 9, target(1))]))]
#[case::a_new_reservation(
    "services",
    request(8, &services()).with("reserve", json!({ "ipv4": 900, "ipv6": 900 }))
)]
#[case::adopting("newcomer", request(1, &ungrouped()))]
#[case::adopting_to_remove(
    "newcomer",
    request(1, &[]).with("adopt", json!({ "vni": 100 })).with("allow_empty", true)
)]
#[case::many("instances", request(42, &instances(600, 77)))]
#[tokio::test]
async fn a_dry_run_answers_what_the_real_ensure_then_answers(
    #[case] group: &str,
    #[case] body: Value,
) {
    let bed = Testbed::inhabited().await;
    let (_, real) = compare(&bed, group, &body).await;
    assert_eq!(real.ok()["dry_run"], false);
}

#[rstest]
#[case::stale("services", request(6, &services()), "StaleGeneration")]
#[case::mismatch("services", request(7, &services()[1..]), "GenerationMismatch")]
#[case::empty("services", request(8, &[]), "EmptySet")]
#[case::removals("services", request(8, &services()[2..]).with("max_removals", 1), "TooManyRemovals")]
#[case::conflict("services", request(8, &ungrouped()).with("adopt", "none"), "EntryConflict")]
#[case::full(
    "newcomer",
    request(8, &[]).with("reserve", json!({ "ipv4": 1024, "ipv6": 0 })),
    "TableFull"
)]
#[case::reserved("ungrouped", request(8, &services()), "ReservedGroup")]
#[case::body("services", request(0, &services()), "InvalidBody")]
#[case::entries("services", request(8, &[entry("127.0.0.1", 0, 9, target(1))]), "InvalidEntries")]
#[tokio::test]
async fn a_dry_run_is_refused_as_the_real_ensure_then_is(
    #[case] group: &str,
    #[case] body: Value,
    #[case] code: &str,
) {
    let bed = Testbed::inhabited().await;
    let (before, real) = compare(&bed, group, &body).await;
    real.refused(code);
    assert_eq!(bed.everything().await, before);
}

#[tokio::test]
async fn a_dry_run_names_the_gaps_that_there_would_be() {
    let settings =
        Settings { range_expansion: RangeExpansion::TernaryNibbles, ..Settings::sized(8, 8) };
    let bed = Testbed::start_with(settings);
    bed.ensure("a", 1, &[entry("203.0.113.7", 1, 65534, target(1))]).await.ok();
    let (_, real) =
        compare(&bed, "a", &request(2, &[entry("203.0.113.7", 1, 65533, target(1))])).await;
    assert_eq!(real.ok()["gaps"].as_array().unwrap().len(), 1);
}

#[rstest]
#[case::at_its_generation("services", 7)]
#[case::later("services", 9)]
#[case::older("services", 6)]
#[case::of_nobody("nobody", 1)]
#[case::of_the_built_in_group("ungrouped", 9)]
#[case::of_a_deleted_one("deleted", 5)]
#[case::of_a_deleted_one_raised("deleted", 6)]
#[case::of_a_deleted_one_lowered("deleted", 4)]
#[tokio::test]
async fn a_deletion_can_be_tried_out_too(#[case] group: &str, #[case] generation: u64) {
    let bed = Testbed::inhabited().await;
    bed.ensure("deleted", 5, &[]).await.ok();
    bed.delete_group("deleted", 5).await.ok();
    let before = bed.everything().await;
    let path = format!("/nat/groups/{group}?generation={generation}");
    let dry = bed.delete(format!("{path}&dry_run=true")).await;
    assert_eq!(bed.everything().await, before);
    // Nor is a tombstone raised.
    let refusal = bed.get("/nat/groups/deleted").await.refused("NoSuchGroup");
    assert_eq!(refusal["tombstone_generation"], 5);
    let real = bed.delete(path).await;
    assert_eq!(comparable(&dry), comparable(&real));
}

/// A dry run says that a write would be refused only once it is: the device is not asked.
#[tokio::test]
async fn a_dry_run_asks_nothing_of_the_device() {
    let bed = Testbed::inhabited().await;
    bed.device.refuse_writes(true);
    bed.device.refuse_reads(true);
    bed.try_out("services", &request(8, &services()[2..])).await.ok();
    assert_eq!(bed.device.faults(), Default::default());
}

/// A list with its first item made into others.
trait MapFirst {
    fn map_first(self, others: impl FnOnce(Entry) -> Vec<Entry>) -> Vec<Entry>;
}

impl MapFirst for Vec<Entry> {
    fn map_first(self, others: impl FnOnce(Entry) -> Vec<Entry>) -> Vec<Entry> {
        [&others(self[0])[..], &self[1..]].concat()
    }
}

/// What comes beside what it supersedes counts, in rows as the device takes them, and so do the rows of
/// other groups.
#[rstest]
#[case::one_row_a_range(RangeExpansion::None, 1 + 1 + 1 + 1)]
#[case::as_on_a_tofino(RangeExpansion::TernaryNibbles, 1 + 1 + 7 + 7)]
#[tokio::test]
async fn a_dry_run_tells_the_most_rows_that_are_taken_meanwhile(
    #[case] range_expansion: RangeExpansion,
    #[case] peak: u64,
) {
    let bed = Testbed::start_with(Settings { range_expansion, ..Settings::default() });
    bed.ensure("other", 1, &[entry("192.0.2.1", 0, 16383, target(1))]).await.ok();
    let whole = entry("192.0.2.2", 0, 65535, target(2));
    bed.ensure("a", 1, &[whole]).await.ok();
    // Both parts have to come before the whole goes.
    let parts =
        [entry("192.0.2.2", 1, 32766, target(2)), entry("192.0.2.2", 32769, 65534, target(3))];
    let answer = bed.try_out("a", &request(2, &parts)).await.ok();
    assert_eq!(answer["peak_rows"], json!({ "ipv4": peak, "ipv6": 0 }));
    assert_eq!(answer["gaps"], json!([]));
    // No more than that is needed, and no less.
    let full = u32::try_from(peak).unwrap();
    for (rows, gaps) in [(full, false), (full - 1, true)] {
        let bed = Testbed::start_with(Settings { range_expansion, ..Settings::sized(rows, 8) });
        bed.ensure("other", 1, &[entry("192.0.2.1", 0, 16383, target(1))]).await.ok();
        bed.ensure("a", 1, &[whole]).await.ok();
        let answer = bed.ensure("a", 2, &parts).await.ok();
        assert_eq!(answer["gaps"] != json!([]), gaps, "{rows} rows: {answer}");
        assert_eq!(answer.get("peak_rows"), None);
    }
}
