//! Rows that change behind the daemon's back: what a write runs into is found out, put right and
//! never papered over.

use dpd_tests::{
    DeviceRow, Entry, Testbed, ensured, entry, instances, services, target, ungrouped, until,
};
use serde_json::json;

/// All entries of an inhabited testbed.
fn everyone() -> Vec<Entry> {
    [&services()[..], &instances(40, 1), &ungrouped()].concat()
}

#[tokio::test]
async fn a_row_that_has_vanished_is_found_missing_by_the_write_that_needs_it_and_put_back() {
    let bed = Testbed::inhabited().await;
    bed.device.snatch_away(&services()[4]);
    let moved: Vec<Entry> = services().iter().map(|entry| entry.to(target(30))).collect();
    let refusal = bed.ensure("services", 8, &moved).await.refused("DeviceRefused");
    assert!(refusal["device_message"].as_str().unwrap().contains("no row"), "{refusal}");
    bed.device.assert_holds(&everyone());
    let answer = bed.ensure("services", 8, &moved).await.ok();
    assert_eq!(answer, ensured("services", 8, Some(7), &services(), &moved));
}

#[tokio::test]
async fn a_stranger_in_the_way_is_found_by_the_write_that_meets_it_and_makes_way() {
    let bed = Testbed::inhabited().await;
    let new = entry("203.0.113.7", 0, 9, target(1));
    bed.device.smuggle_in(DeviceRow { entry: new.to(target(77)), priority: 1 });
    let set = [&services()[..], &[new]].concat();
    let refusal = bed.ensure("services", 8, &set).await.refused("DeviceRefused");
    assert!(refusal["device_message"].as_str().unwrap().contains("already"), "{refusal}");
    assert_eq!(bed.entries("services").await, services());
    // Once it is known, it is no obstacle.
    bed.ensure("services", 8, &set).await.ok();
    bed.device.assert_holds(&[&everyone()[..], &[new]].concat());
}

/// Until someone looks, nobody knows; once the table has been read, the status says so.
#[tokio::test]
async fn what_is_found_amiss_in_another_group_is_mended_too() {
    let bed = Testbed::inhabited().await;
    bed.device.snatch_away(&instances(40, 1)[7]);
    bed.device.snatch_away(&services()[4]);
    bed.ensure("services", 8, &services()[5..]).await.refused("DeviceRefused");
    until("the other group is whole again", async || {
        let view = bed.view("instances").await;
        bed.device.rows().len() == 52 && view["diverged"] == 0 && view["state"] == "programmed"
    })
    .await;
    bed.device.assert_holds(&everyone());
    assert_eq!(bed.view("instances").await["last_error"], json!(null));
}
