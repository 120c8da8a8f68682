//! The log: silent at info while nothing changes, and a thread to follow while something does.

use dpd_tests::{
    Record, Step, Testbed, With as _, entry, eventually, instances, request, services, target,
    ungrouped,
};
use slog::Level;

/// The records that a person would see.
fn seen(records: Vec<Record>) -> Vec<Record> {
    records.into_iter().filter(|record| record.level.is_at_least(Level::Info)).collect()
}

/// A client passes every thirty seconds; a rack has several.
#[tokio::test]
async fn a_pass_without_a_change_logs_nothing() {
    let bed = Testbed::inhabited().await;
    bed.ensure("gone", 1, &[]).await.ok();
    bed.delete_group("gone", 1).await.ok();
    bed.records.take();
    bed.ensure("services", 7, &services()).await.ok();
    bed.ensure("instances", 41, &instances(40, 1)).await.ok();
    bed.try_out("services", &request(9, &services()[3..])).await.ok();
    bed.put_entry(&ungrouped()[0]).await.no_content();
    bed.delete_entry(&entry("203.0.113.99", 0, 9, target(1))).await.no_content();
    bed.delete_group("gone", 1).await.ok();
    bed.post("/rpw/nat/trigger").await.ok();
    bed.everything().await;
    for path in ["/nat/ipv4", "/table", "/dpd-version", "/rpw/nat/gen"] {
        bed.get(path).await.ok();
    }
    let records = seen(bed.records.take());
    assert!(records.is_empty(), "{records:?}");
}

/// What a client does wrong is the client's business; at debug it can be found by its request id.
#[tokio::test]
async fn a_refusal_that_is_the_clients_is_logged_at_debug_alone() {
    let bed = Testbed::inhabited().await;
    bed.records.take();
    let answers = [
        bed.ensure("services", 6, &services()).await,
        bed.ensure("services", 8, &instances(40, 1)).await,
        bed.put_text("/nat/groups/services", "{").await,
        bed.get("/nat/groups/nobody").await,
    ];
    for answer in &answers {
        let records = bed.records.of_request(answer.request_id());
        assert!(records.iter().any(|record| record.values["status"] == answer.status.to_string()));
    }
    let records = seen(bed.records.take());
    assert!(records.is_empty(), "{records:?}");
}

#[tokio::test]
async fn a_change_is_one_line_at_info_with_what_it_did() {
    let bed = Testbed::inhabited().await;
    bed.records.take();
    let set = [&[services()[4].to(target(30))], &services()[5..]].concat();
    let answer = bed.ensure("services", 8, &set).await;
    answer.ok();
    let records = seen(bed.records.take());
    let [record] = &records[..] else { panic!("{records:?}") };
    assert_eq!(record.level, Level::Info);
    for (key, value) in [
        ("request_id", answer.request_id()),
        ("group", "services"),
        ("generation", "8"),
        ("added", "0"),
        ("updated", "1"),
        ("removed", "4"),
        ("writes", "5"),
        ("repaired", "0"),
    ] {
        assert_eq!(record.values.get(key).map(String::as_str), Some(value), "{key}: {record:?}");
    }
}

#[tokio::test]
async fn a_deletion_is_told_as_such_even_of_a_group_that_was_empty() {
    let bed = Testbed::inhabited().await;
    bed.ensure("empty", 3, &[]).await.ok();
    bed.records.take();
    for (group, generation) in [("services", 7), ("empty", 3), ("empty", 4)] {
        let answer = bed.delete_group(group, generation).await;
        answer.ok();
        let records = seen(bed.records.take());
        let [record] = &records[..] else { panic!("{records:?}") };
        assert_eq!(record.message, "the group is deleted");
        assert_eq!(record.values["generation"], generation.to_string());
    }
}

/// From the request to what it did to the switch.
#[tokio::test]
async fn every_table_write_carries_the_id_of_its_request_at_debug() {
    let bed = Testbed::inhabited().await;
    let set = [&[services()[4].to(target(30))], &services()[5..]].concat();
    let answers = [
        (bed.ensure("services", 8, &set).await, 5),
        (bed.put_entry(&entry("192.0.2.9", 0, 9, target(1))).await, 1),
        (bed.delete("/nat/ipv6").await, 1),
        (bed.delete_group("instances", 41).await, 40),
    ];
    for (answer, writes) in answers {
        let records = bed.records.of_request(answer.request_id());
        let of_writes: Vec<&Record> =
            records.iter().filter(|record| record.values.contains_key("write")).collect();
        assert_eq!(of_writes.len(), writes, "{records:?}");
        assert!(of_writes.iter().all(|record| record.level == Level::Debug));
        assert!(of_writes.iter().all(|record| record.values["write"].contains("dst_addr=")));
    }
}

/// The id that a client knows its request by is the one that is logged and shown.
#[tokio::test]
async fn a_request_is_known_by_one_id_everywhere() {
    let bed = Testbed::start();
    let answer = bed.ensure("services", 7, &services()).await;
    let id = answer.request_id();
    assert!(!bed.records.of_request(id).is_empty());
    assert_eq!(bed.view("services").await["last_request_id"], id);
    let generations = bed.all_pages("/nat/groups/services/generations").await;
    assert_eq!(generations[0]["request_id"], id);
}

#[tokio::test]
async fn what_the_device_refuses_is_a_warning_with_the_request_and_the_write() {
    let bed = Testbed::inhabited().await;
    bed.records.take();
    bed.device.script([Step::Perform(2), Step::Refuse(1)]);
    let answer = bed.ensure("services", 8, &services()[4..]).await;
    answer.refused("DeviceRefused");
    let records = seen(bed.records.take());
    assert!(records.iter().all(|record| record.level == Level::Warning), "{records:?}");
    assert!(records.iter().all(|record| record.values["request_id"] == answer.request_id()));
    assert!(records.iter().any(|record| record.values.contains_key("write")), "{records:?}");
}

#[tokio::test]
async fn a_torn_group_and_its_repair_are_both_told() {
    let bed = Testbed::inhabited().await;
    bed.device.script([Step::Perform(2), Step::Refuse(usize::MAX)]);
    bed.ensure_with("services", &request(8, &services()[4..]).with("max_removals", 4))
        .await
        .refused("Torn");
    let errors =
        |records: &[Record]| records.iter().filter(|record| record.level == Level::Error).count();
    assert_eq!(errors(&bed.records.take()), 1);
    bed.device.script([]);
    let mended = eventually("the repair is told", async || {
        bed.records.saying("as they should be again").first().cloned()
    })
    .await;
    assert_eq!((mended.level, mended.values["writes"].as_str()), (Level::Info, "2"));
}
