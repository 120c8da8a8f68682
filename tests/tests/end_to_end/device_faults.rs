//! A device that refuses, loses answers or does not answer: an ensure takes effect whole, or
//! everything is as it was.

use dpd_tests::{
    Entry, Settings, Step, Testbed, ensured, entry, instances, services, target, ungrouped,
};
use rstest::rstest;
use std::num::NonZeroUsize;
use std::time::Duration;

/// The services after everything that can happen to entries, and how many table writes lead there:
/// two go, three get another target, two come, and one is cut another way.
fn everything_happens() -> (Vec<Entry>, usize) {
    let set = services();
    let mut after = set[2..].to_vec();
    for (entry, sled) in after[..3].iter_mut().zip(20..) {
        *entry = entry.to(target(sled));
    }
    after[3].high = 9999;
    after.push(entry("198.51.100.99", 0, 65535, target(1)));
    after.push(entry("2001:db8:53::99", 0, 65535, target(1)));
    (after, 2 + 3 + 2 + 2)
}

/// How a write fails, whatever the writes before it did.
#[rstest]
#[case::refused(Step::Refuse(1), "refused by chaos")]
#[case::performed_but_the_answer_lost(Step::Lose { performed: true }, "answer was lost")]
#[case::not_performed_and_the_answer_lost(Step::Lose { performed: false }, "answer was lost")]
#[tokio::test]
async fn wherever_the_device_fails_midway_everything_is_as_it_was(
    #[case] fault: Step,
    #[case] words: &str,
    #[values(NonZeroUsize::MIN, NonZeroUsize::MAX)] max_batch: NonZeroUsize,
) {
    let bed = Testbed::start_with(Settings { max_batch, ..Settings::default() });
    bed.ensure("services", 7, &services()).await.ok();
    let (after, writes) = everything_happens();
    let before = bed.everything().await;
    for performed in 0..writes {
        bed.device.script([Step::Perform(performed), fault]);
        let refusal = bed.ensure("services", 8, &after).await.refused("DeviceRefused");
        assert_eq!(bed.everything().await.without_last_errors(), before, "at write {performed}");
        for text in [&refusal["device_message"], &refusal["message"]] {
            assert!(text.as_str().unwrap().contains(words), "{refusal}");
        }
        let write = refusal["device_write"].as_str().unwrap();
        assert!(write.contains("Ingress.nat_ingress.ingress_ipv"), "{write}");
        assert!(refusal["message"].as_str().unwrap().contains("as it was"), "{refusal}");
        let view = bed.view("services").await;
        assert!(view["last_error"].as_str().unwrap().contains(words), "{view}");
    }
    // The faults were where they should have been: with none left, the same request succeeds.
    bed.device.script([Step::Perform(writes), Step::Refuse(1)]);
    let answer = bed.ensure("services", 8, &after).await.ok();
    assert_eq!(answer, ensured("services", 8, Some(7), &services(), &after));
    assert_eq!(bed.view("services").await["last_error"], serde_json::Value::Null);
    bed.device.assert_forwards(&after);
}

#[tokio::test]
async fn what_is_put_back_into_a_row_that_was_changed_in_place_leaves_its_counter() {
    let bed = Testbed::inhabited().await;
    let before = bed.everything().await;
    let moved: Vec<Entry> = services().iter().map(|entry| entry.to(target(31))).collect();
    bed.device.script([Step::Perform(6), Step::Refuse(1)]);
    bed.ensure("services", 8, &moved).await.refused("DeviceRefused");
    let after = bed.everything().await.without_last_errors();
    assert_eq!(after, before);
    assert!(after.packets.into_values().all(|packets| packets == 1));
}

#[tokio::test]
async fn every_kind_of_change_is_undone() {
    let bed = Testbed::inhabited().await;
    let before = bed.everything().await;
    for fault in [Step::Refuse(1), Step::Lose { performed: true }, Step::Lose { performed: false }]
    {
        let device = &bed.device;
        device.script([fault]);
        bed.put_entry(&entry("192.0.2.9", 0, 9, target(1))).await.refused("DeviceRefused");
        device.script([fault]);
        bed.delete_entry(&ungrouped()[0]).await.refused("DeviceRefused");
        device.script([fault]);
        bed.delete("/nat/ipv6").await.refused("DeviceRefused");
        device.script([Step::Perform(5), fault]);
        bed.delete_group("services", 9).await.refused("DeviceRefused");
        device.script([Step::Perform(2), fault]);
        let set = [1, 2, 3].map(|host| entry(&format!("10.0.0.{host}"), 0, 9, target(1)));
        bed.ensure("newcomer", 1, &set).await.refused("DeviceRefused");
        device.script([]);
        // But for the counters of rows that had to be added again.
        let now = bed.everything().await.without_last_errors();
        assert_eq!(
            (&now.views, &now.entries, &now.generations, &now.rows),
            (&before.views, &before.entries, &before.generations, &before.rows)
        );
    }
    bed.get("/nat/groups/newcomer").await.refused("NoSuchGroup");
    // A deletion that failed leaves no tombstone either.
    bed.ensure("services", 8, &services()).await.ok();
}

/// A write that was not answered in time may have happened or not. Reading the table back tells.
#[tokio::test]
async fn a_device_that_does_not_answer_in_time_is_given_up() {
    let device_timeout = Duration::from_millis(50);
    let bed = Testbed::start_with(Settings { device_timeout, ..Settings::default() });
    bed.live_in().await;
    let before = bed.everything().await;
    let blocked = bed.device.block_writes();
    let refusal = bed.ensure("services", 8, &services()[3..]).await.refused("DeviceRefused");
    assert!(refusal["device_message"].as_str().unwrap().contains("50ms"), "{refusal}");
    assert_eq!(bed.everything().await.without_last_errors(), before);
    drop(blocked);
    bed.ensure("services", 8, &services()[3..]).await.ok();
}

/// The trouble that one group has with the device is not the others'.
#[tokio::test]
async fn an_error_is_shown_with_the_group_that_met_it_until_it_succeeds() {
    let bed = Testbed::inhabited().await;
    bed.device.refuse_writes(true);
    bed.ensure("services", 8, &services()[1..]).await.refused("DeviceRefused");
    bed.device.refuse_writes(false);
    let error = async |group| bed.view(group).await["last_error"].clone();
    assert!(error("services").await.is_string());
    assert!(error("instances").await.is_null() && error("ungrouped").await.is_null());
    bed.ensure("instances", 42, &instances(41, 1)).await.ok();
    assert!(error("services").await.is_string());
    bed.ensure("services", 7, &services()).await.ok();
    assert!(error("services").await.is_null());
}

/// While an ensure has nothing to write, a device that refuses everything is none of its business.
#[tokio::test]
async fn nothing_to_write_is_nothing_to_refuse() {
    let bed = Testbed::inhabited().await;
    bed.device.refuse_writes(true);
    bed.device.refuse_reads(true);
    bed.ensure("services", 7, &services()).await.ok();
    bed.ensure("services", 8, &services()).await.ok();
    bed.put_entry(&ungrouped()[0]).await.no_content();
    bed.ensure("newcomer", 1, &ungrouped()).await.ok();
    assert_eq!(bed.view("newcomer").await["state"], "programmed");
}
