//! A device that takes its time holds up those who write, and nobody else.

use dpd_tests::{
    Settings, Testbed, With as _, ensured, entry, instances, request, services, soon, stalled,
    target, ungrouped,
};
use std::time::Duration;

/// Everything that only reads.
const READS: [&str; 17] = [
    "/nat/groups",
    "/nat/groups/services",
    "/nat/groups/services/entries",
    "/nat/groups/services/entries?generation=6",
    "/nat/groups/instances/entries?vni=100",
    "/nat/groups/services/generations",
    "/nat/groups/services/changes?from=5",
    "/nat/ipv4",
    "/nat/ipv6",
    "/nat/ipv4/198.51.100.3",
    "/nat/ipv6/2001:db8:53::1",
    "/nat/ipv4/198.51.100.3/80",
    "/rpw/nat/gen",
    "/table",
    "/table/Ingress.nat_ingress.ingress_ipv4/dump?from_hardware=false",
    "/dpd-version",
    "/dpd-uptime",
];

/// A daemon whose device may take far longer than any test waits.
async fn patient_testbed() -> Testbed {
    let device_timeout = Duration::from_secs(600);
    let bed = Testbed::start_with(Settings { device_timeout, ..Settings::default() });
    bed.live_in().await;
    bed
}

#[tokio::test]
async fn every_read_is_answered_with_what_was_while_a_write_is_stalled() {
    let bed = patient_testbed().await;
    let before = bed.everything().await;
    let blocked = bed.device.block_writes();
    let client = bed.client();
    let ensure =
        tokio::spawn(async move { client.ensure("services", 8, &services()[3..]).await.ok() });
    stalled(&blocked).await;
    // Others queue up behind it.
    let client = bed.client();
    let queued = entry("192.0.2.9", 0, 9, target(1));
    let put = tokio::spawn(async move { client.put_entry(&queued).await });

    for path in READS {
        soon(bed.get(path)).await.ok();
    }
    assert_eq!(soon(bed.everything()).await, before);
    // What cannot be understood is refused without asking the writer.
    soon(bed.ensure("services", 0, &[])).await.refused("InvalidBody");
    soon(bed.ensure("services", 9, &[entry("::1", 0, 9, target(1))]))
        .await
        .refused("InvalidEntries");
    assert!(!ensure.is_finished() && !put.is_finished());

    drop(blocked);
    let answer = soon(ensure).await.unwrap();
    assert_eq!(answer, ensured("services", 8, Some(7), &services(), &services()[3..]));
    soon(put).await.unwrap().no_content();
    let all = [&services()[3..], &instances(40, 1), &ungrouped(), &[queued]].concat();
    bed.device.assert_holds(&all);
}

/// A large page or a large request is no reason to wait either.
#[tokio::test]
async fn large_reads_are_answered_while_a_write_is_stalled() {
    let device_timeout = Duration::from_secs(600);
    let bed = Testbed::start_with(Settings { device_timeout, ..Settings::sized(3000, 3000) });
    let set = instances(2000, 6);
    bed.ensure("instances", 1, &set).await.ok();
    let blocked = bed.device.block_writes();
    let client = bed.client();
    let ensure = tokio::spawn(async move {
        client.ensure_with("instances", &request(2, &[]).with("allow_empty", true)).await.ok()
    });
    stalled(&blocked).await;
    assert_eq!(soon(bed.entries("instances")).await, set);
    let changes = soon(bed.all_pages("/nat/groups/instances/changes?from=0")).await;
    assert_eq!(changes.len(), 2000);
    drop(blocked);
    assert_eq!(soon(ensure).await.unwrap()["removed"], 2000);
}

/// What comes while the device is stalled is done in the order in which it came.
#[tokio::test]
async fn queued_changes_are_made_one_after_the_other() {
    let bed = patient_testbed().await;
    let blocked = bed.device.block_writes();
    let mut tasks = Vec::new();
    for generation in 8..=12 {
        let client = bed.client();
        let set = services()[..generation as usize - 4].to_vec();
        tasks.push(tokio::spawn(async move { client.ensure("services", generation, &set).await }));
    }
    stalled(&blocked).await;
    drop(blocked);
    let mut newest = 0;
    for (generation, task) in (8..).zip(tasks) {
        let answer = soon(task).await.unwrap();
        if answer.status == 200 {
            newest = generation;
        } else {
            answer.refused("StaleGeneration");
        }
    }
    let view = bed.view("services").await;
    assert_eq!((&view["generation"], &view["state"]), (&newest.into(), &"programmed".into()));
    assert_eq!(bed.entries("services").await, services()[..newest as usize - 4]);
}
