//! What others did to the device is found out by an audit, named, and mended.

use chrono::{DateTime, Utc};
use dpd_tests::{
    DeviceRow, Entry, Settings, Step, Testbed, With as _, entry, instances, services, target,
    ungrouped, until,
};
use rstest::rstest;
use serde_json::{Value, json};
use std::num::NonZeroU64;

/// All entries of an inhabited testbed.
fn everyone() -> Vec<Entry> {
    [&services()[..], &instances(40, 1), &ungrouped()].concat()
}

/// One row is taken away, one put in, one sends packets elsewhere and one has another priority.
fn tamper(bed: &Testbed) {
    let [gone, turned, raised] = [0, 4, 9].map(|index| services()[index]);
    for entry in [gone, turned, raised] {
        bed.device.snatch_away(&entry);
    }
    bed.device.smuggle_in(DeviceRow { entry: turned.to(target(77)), priority: 1 });
    bed.device.smuggle_in(DeviceRow { entry: raised, priority: 7 });
    bed.device.smuggle_in(DeviceRow { entry: stranger(), priority: 3 });
}

fn stranger() -> Entry {
    entry("198.51.100.99", 5, 9, target(66))
}

/// What an audit says of [`tamper`], but for the times.
fn named() -> Value {
    let [gone, turned, raised] = [0, 4, 9].map(|index| services()[index]);
    let row = |entry: Entry, priority: u32| json!({ "target": entry.target.json(), "priority": priority });
    let of = |entry: Entry| entry.json().without("target").with("group", "services");
    json!({
        "clean": false,
        "missing": [gone.json().with("group", "services")],
        "missing_total": 1,
        "extra": [stranger().json().with("priority", 3).with("group", Value::Null)],
        "extra_total": 1,
        "different": [
            of(turned)
                .with("reason", "target")
                .with("expected", row(turned, 1))
                .with("found", row(turned.to(target(77)), 1)),
            of(raised)
                .with("reason", "priority")
                .with("expected", row(raised, 1))
                .with("found", row(raised, 7)),
        ],
        "different_total": 2,
        "forwarding": [],
        "forwarding_total": 0,
    })
}

const LISTS: [&str; 4] = ["missing", "extra", "different", "forwarding"];

/// The times of all differences of an audit, which it is left without.
fn take_times(audit: &mut Value) -> Vec<DateTime<Utc>> {
    let mut times = Vec::new();
    for list in LISTS {
        for item in audit[list].as_array_mut().unwrap() {
            let time = item.as_object_mut().unwrap().remove("since").unwrap();
            times.push(time.as_str().unwrap().parse().unwrap());
        }
    }
    times
}

async fn audit(bed: &Testbed, repair: bool) -> Value {
    bed.post(format!("/nat/audit?repair={repair}")).await.ok()
}

#[tokio::test]
async fn a_device_that_holds_what_it_should_is_clean() {
    let bed = Testbed::inhabited().await;
    let result = bed.post("/nat/audit").await.ok();
    assert_eq!(result["clean"], true);
    assert!(result["checked"].as_u64().unwrap() >= 52, "{result}");
    for list in LISTS {
        assert_eq!((&result[list], &result[format!("{list}_total")]), (&json!([]), &json!(0)));
    }
    assert_eq!((&result["repaired"], &result["remaining"]), (&json!(0), &json!(0)));
}

#[tokio::test]
async fn an_audit_names_each_difference_and_mends_it() {
    let bed = Testbed::inhabited().await;
    let before = Utc::now();
    tamper(&bed);
    let mut result = bed.post("/nat/audit").await.ok();
    for since in take_times(&mut result) {
        assert!(before.timestamp_micros() <= since.timestamp_micros() && since <= Utc::now());
    }
    // Back comes one; one is turned and one goes; and one comes anew before it goes.
    let expected = named().with("repaired", 5).with("remaining", 0);
    assert_eq!(result.without("checked"), expected);
    bed.device.assert_holds(&everyone());
    assert_eq!(audit(&bed, true).await["clean"], true);
    for group in ["services", "instances", "ungrouped"] {
        assert_eq!(bed.view(group).await["state"], "programmed");
    }
}

#[tokio::test]
async fn an_audit_that_is_told_not_to_mend_leaves_all_as_it_is_and_says_so() {
    let bed = Testbed::inhabited().await;
    tamper(&bed);
    let rows = bed.device.rows();
    let mut first = audit(&bed, false).await;
    let mut second = audit(&bed, false).await;
    // Since when does not change while it lasts.
    assert_eq!(take_times(&mut first), take_times(&mut second));
    assert_eq!(first, second);
    assert_eq!(first.without("checked"), named().with("repaired", 0).with("remaining", 4));
    assert_eq!(bed.device.rows(), rows);
    let view = bed.view("services").await;
    assert_eq!((&view["state"], &view["diverged"]), (&json!("repairing"), &json!(3)));
    assert_eq!(view["repair"]["waits_for"], "request");
    assert_eq!(view["repair"]["next_attempt_ms"], Value::Null);
    assert_eq!(bed.view("instances").await["state"], "programmed");

    // Another group's change leaves it alone too, and a repair that is asked for does not.
    bed.ensure("instances", 42, &instances(39, 1)).await.ok();
    assert_eq!(audit(&bed, false).await["remaining"], 4);
    bed.post("/rpw/nat/trigger").await.ok();
    until("it is mended", async || audit(&bed, false).await["clean"] == true).await;
    bed.device.assert_holds(&[&services()[..], &instances(39, 1), &ungrouped()].concat());
}

#[tokio::test]
async fn what_was_mended_and_differs_again_is_known_since_then() {
    let bed = Testbed::inhabited().await;
    bed.device.snatch_away(&services()[0]);
    let mut first = audit(&bed, true).await;
    let between = Utc::now();
    bed.device.snatch_away(&services()[0]);
    let mut second = audit(&bed, false).await;
    let (first, second) = (take_times(&mut first)[0], take_times(&mut second)[0]);
    assert!(first <= between && between.timestamp_micros() <= second.timestamp_micros());
}

/// It was known when the device refused, not only when someone asked.
#[tokio::test]
async fn what_the_device_refused_is_known_since_then() {
    let bed = Testbed::inhabited().await;
    bed.device.script([Step::Perform(4), Step::Refuse(usize::MAX)]);
    bed.ensure("services", 8, &services()[5..]).await.refused("Torn");
    let refused = Utc::now();
    let mut result = audit(&bed, false).await;
    assert_eq!(result["missing_total"], 4);
    for since in take_times(&mut result) {
        assert!(since <= refused);
    }
}

#[tokio::test]
async fn what_cannot_be_mended_is_left_over_and_tried_again() {
    let bed = Testbed::inhabited().await;
    tamper(&bed);
    bed.device.refuse_writes(true);
    let result = audit(&bed, true).await;
    assert_eq!((&result["repaired"], &result["remaining"]), (&json!(0), &json!(4)));
    assert_eq!(bed.view("services").await["state"], "repairing");
    bed.device.refuse_writes(false);
    until("it is mended", async || bed.view("services").await["state"] == "programmed").await;
    bed.device.assert_holds(&everyone());
}

#[tokio::test]
async fn a_device_that_cannot_be_read_cannot_be_audited() {
    let bed = Testbed::inhabited().await;
    bed.device.refuse_reads(true);
    for repair in [true, false] {
        let refusal =
            bed.post(format!("/nat/audit?repair={repair}")).await.refused("DeviceRefused");
        let message = refusal["message"].as_str().unwrap();
        assert!(message.contains("ingress_ipv4") && message.contains("read"), "{message}");
    }
    bed.device.refuse_reads(false);
    assert_eq!(audit(&bed, true).await["clean"], true);
}

#[tokio::test]
async fn an_unknown_parameter_is_refused() {
    let bed = Testbed::start();
    bed.post("/nat/audit?repairs=false").await.refused("InvalidQuery");
    bed.post("/nat/audit?repair=maybe").await.refused("InvalidQuery");
}

/// Long lists are cut, and their lengths told.
#[rstest]
#[case(true, 1001)]
#[case(false, 0)]
#[tokio::test]
async fn a_list_is_no_longer_than_a_thousand(#[case] repair: bool, #[case] repaired: u64) {
    let bed = Testbed::start_with(Settings::sized(2048, 16));
    let set = instances(1001, 1);
    let set: Vec<Entry> = set.into_iter().filter(|entry| entry.external.is_ipv4()).collect();
    let more = (0..).map(|port| entry("198.51.100.7", port, port, target(1)));
    let set: Vec<Entry> = set.into_iter().chain(more).take(1001).collect();
    bed.ensure("instances", 1, &set).await.ok();
    set.iter().for_each(|entry| bed.device.snatch_away(entry));
    let result = audit(&bed, repair).await;
    assert_eq!((&result["missing_total"], &result["repaired"]), (&json!(1001), &json!(repaired)));
    assert_eq!(result["missing"].as_array().unwrap().len(), 1000);
    assert_eq!(result["remaining"], 1001 - repaired);
}

/// Rows of other tables are compared and mended as well.
#[tokio::test]
async fn a_port_without_its_row_is_named_and_has_it_again() {
    let bed = Testbed::inhabited().await;
    let roles = bed.device.switch().rows(asic::Table::PortRole);
    bed.device.switch().alter(&asic::TableWrite::Delete(roles[0].key())).unwrap();
    let result = audit(&bed, true).await;
    let found = &result["forwarding"][0];
    assert_eq!(
        (&found["table"], &found["kind"]),
        (&json!("Ingress.ports.role"), &json!("missing"))
    );
    assert_eq!((&result["forwarding_total"], &result["repaired"]), (&json!(1), &json!(1)));
    assert_eq!(bed.device.switch().rows(asic::Table::PortRole), roles);
}

#[tokio::test]
async fn in_the_background_everything_is_found_and_mended_without_being_asked() {
    let settings = Settings { scrub_rows: NonZeroU64::new(1_000_000), ..Settings::default() };
    let bed = Testbed::start_with(settings);
    bed.live_in().await;
    let rows = bed.device.rows();
    tamper(&bed);
    until("it is mended", async || bed.device.rows() == rows).await;
    bed.device.assert_holds(&everyone());
    let said = bed.records.saying("a row is not as it should be");
    let kinds: Vec<&str> = said.iter().map(|record| record.values["kind"].as_str()).collect();
    assert_eq!(said.len(), 4, "{kinds:?}");
    for kind in ["missing", "extra", "target", "priority"] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
    assert!(said.iter().all(|record| record.values.contains_key("since_unix_micros")));
}
