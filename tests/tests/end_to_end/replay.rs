//! What a daemon says of a group's changes, replayed on a fresh switch, packet by packet.

use dpd_client::Client;
use dpd_replay::{HistoryFailure, Options, Planner, Report, SoftSwitch, Version, fetch, replay};
use dpd_tests::{Testbed, entry, instances, services, target};

/// A daemon whose group `services` has been through generations 5, 6, 7 and 9: grown, grown again,
/// and at last with a range re-cut, a target changed and an entry gone.
async fn with_history() -> Testbed {
    let bed = Testbed::inhabited().await;
    let mut entries = services();
    entries.pop();
    entries[0] = entry("198.51.100.1", 0, 8191, entries[0].target);
    entries[3].target = target(31);
    bed.ensure("services", 9, &entries).await.ok();
    bed
}

async fn fetched(
    bed: &Testbed,
    from: u64,
    to: Option<u64>,
) -> Result<Vec<Version>, HistoryFailure> {
    let client = Client::new(&format!("http://{}", bed.address()));
    fetch(&client, "services", from, to).await
}

fn run(versions: &[Version], planner: Planner) -> Report {
    let mut switch = SoftSwitch::new(1024, 1024).unwrap();
    let options = Options { planner, seed: 7, most_violations: 1 };
    replay(&mut switch, versions, &options, |_| {}).unwrap()
}

#[tokio::test]
async fn a_groups_generations_are_fetched_and_replayed_without_a_packet_lost() {
    let bed = with_history().await;
    let versions = fetched(&bed, 0, None).await.unwrap();
    let numbers: Vec<u64> = versions.iter().map(|version| version.generation).collect();
    assert_eq!(numbers, [0, 5, 6, 7, 9]);
    let report = run(&versions, Planner::Dpd);
    assert_eq!((report.steps, report.violations_total, report.gaps.len()), (4, 0, 0));
    // Ten entries come one by one; then one goes, one changes and one is cut.
    assert_eq!(report.writes, 10 + 1 + 1 + 2);
    assert!(report.probes > report.writes * 10, "{report:?}");
}

#[tokio::test]
async fn a_replay_may_begin_and_end_at_any_kept_generation() {
    let bed = with_history().await;
    let versions = fetched(&bed, 6, Some(9)).await.unwrap();
    let numbers: Vec<u64> = versions.iter().map(|version| version.generation).collect();
    assert_eq!(numbers, [6, 7, 9]);
    assert_eq!(run(&versions, Planner::Dpd).violations_total, 0);
}

#[tokio::test]
async fn a_plan_that_deletes_first_loses_packets() {
    let bed = with_history().await;
    let versions = fetched(&bed, 7, Some(9)).await.unwrap();
    let report = run(&versions, Planner::DeleteFirst);
    assert!(report.violations_total > 0);
    assert!(report.violations[0].to_string().contains("nat_miss"));
}

#[tokio::test]
async fn what_is_not_kept_cannot_be_replayed() {
    let bed = with_history().await;
    for (from, to) in [(3, None), (5, Some(8)), (0, Some(10))] {
        let refused = fetched(&bed, from, to).await.unwrap_err();
        assert!(matches!(refused, HistoryFailure::NotKept { .. }), "{refused}");
        assert!(refused.to_string().contains("it keeps 5, 6, 7, 9"), "{refused}");
    }
    let refused = fetched(&bed, 9, Some(5)).await.unwrap_err();
    assert!(matches!(refused, HistoryFailure::Backwards { from: 9, to: 5 }), "{refused}");
    let client = Client::new(&format!("http://{}", bed.address()));
    let refused = fetch(&client, "nobody", 0, None).await.unwrap_err();
    assert!(refused.to_string().contains("no group"), "{refused}");
}

/// Pages of changes are joined.
#[tokio::test]
async fn a_group_of_many_pages_is_fetched_whole() {
    let bed = Testbed::start();
    let set = instances(600, 3);
    bed.ensure("services", 1, &set).await.ok();
    let versions = fetched(&bed, 0, None).await.unwrap();
    assert_eq!(versions[1].set.len(), set.len());
}
