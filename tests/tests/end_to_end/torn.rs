//! A device that refuses and cannot be put back: the daemon says so, goes on serving, and mends the
//! tables as soon as the device lets it.

use asic::{ChaosConfig, Rate};
use chrono::{DateTime, Utc};
use dpd_tests::{
    Answer, Entry, Settings, Step, Testbed, ensured, entry, eventually, instances, services,
    target, ungrouped, until,
};
use serde_json::{Value, json};
use std::time::Duration;

/// The set that a daemon of [`torn`] was asked for.
fn asked_for() -> Vec<Entry> {
    let mut set = services()[3..].to_vec();
    set.iter_mut().take(3).for_each(|entry| *entry = entry.to(target(30)));
    set.push(entry("198.51.100.99", 0, 65535, target(1)));
    set
}

/// A daemon whose device has refused everything since it had done four writes of an ensure of
/// `services`: three removals and one more.
async fn torn() -> Testbed {
    let bed = Testbed::inhabited().await;
    bed.device.script([Step::Perform(4), Step::Refuse(usize::MAX)]);
    let refusal = bed.ensure("services", 8, &asked_for()).await.refused("Torn");
    assert!(refusal["device_write"].is_string() && refusal["device_message"].is_string());
    let message = refusal["message"].as_str().unwrap();
    assert!(message.contains("could not be put back") && message.contains("repair"), "{message}");
    bed
}

async fn repaired(bed: &Testbed, group: &str) -> Value {
    eventually("the group is repaired", async || {
        Some(bed.view(group).await).filter(|view| view["state"] == "programmed")
    })
    .await
}

#[tokio::test]
async fn a_torn_group_says_so_and_keeps_what_was_there_before() {
    let before = Utc::now();
    let bed = torn().await;
    let view = bed.view("services").await;
    assert_eq!(view["state"], "torn");
    assert_eq!((&view["generation"], &view["programmed_generation"]), (&json!(7), &json!(7)));
    assert!(view["diverged"].as_u64().unwrap() >= 4, "{view}");
    assert!(view["last_error"].as_str().unwrap().contains("refused by chaos"), "{view}");
    let repair = eventually("a repair has failed, and waits", async || {
        Some(bed.view("services").await["repair"].clone()).filter(|it| it["attempts"] != 0)
    })
    .await;
    assert_eq!(repair["waits_for"], "retry");
    assert!(repair["next_attempt_ms"].as_u64().unwrap() <= 30_000, "{repair}");
    let since: DateTime<Utc> = repair["since"].as_str().unwrap().parse().unwrap();
    assert!(before.timestamp_micros() <= since.timestamp_micros() && since <= Utc::now());
    assert_eq!(bed.entries("services").await, services());
    assert_ne!(bed.device.rows().len(), 10 + 40 + 2);
    for group in ["instances", "ungrouped"] {
        let view = bed.view(group).await;
        assert_eq!(view["state"], "programmed");
        assert_eq!((&view["diverged"], &view["last_error"]), (&json!(0), &Value::Null));
        assert!(view.get("repair").is_none(), "{view}");
    }
}

/// No holes: even now a packet finds what it did before or what was asked for, and never a third.
#[tokio::test]
async fn in_a_torn_state_no_packet_goes_astray() {
    let bed = torn().await;
    for entry in services() {
        let after = asked_for().iter().find(|it| it.same_slot(&entry)).map(|it| it.target);
        let found = bed.device.packet(entry.external, entry.low);
        assert!(found == Some(entry.target) || found == after, "{entry:?} goes to {found:?}");
    }
    for entry in instances(40, 1).iter().chain(&ungrouped()) {
        assert_eq!(bed.device.packet(entry.external, entry.low), Some(entry.target));
    }
}

#[tokio::test]
async fn a_torn_group_is_repaired_as_soon_as_the_device_allows() {
    let bed = torn().await;
    until("a repair has been tried and has failed", async || {
        !bed.records.saying("repair failed").is_empty()
    })
    .await;
    bed.device.script([]);
    let view = repaired(&bed, "services").await;
    assert_eq!((&view["diverged"], &view["last_error"]), (&json!(0), &Value::Null));
    assert_eq!((&view["generation"], &view["programmed_generation"]), (&json!(7), &json!(7)));
    bed.device.assert_holds(&[&services()[..], &instances(40, 1), &ungrouped()].concat());
    // What was asked for can be asked for again.
    let answer = bed.ensure("services", 8, &asked_for()).await.ok();
    assert_eq!(answer, ensured("services", 8, Some(7), &services(), &asked_for()));
}

#[tokio::test]
async fn a_group_that_was_torn_before_it_came_to_be_leaves_nothing() {
    let bed = Testbed::inhabited().await;
    let set: Vec<Entry> =
        (1..9).map(|host| entry(&format!("10.0.0.{host}"), 0, 9, target(1))).collect();
    bed.device.script([Step::Perform(4), Step::Refuse(usize::MAX)]);
    bed.ensure("newcomer", 1, &set).await.refused("Torn");
    bed.get("/nat/groups/newcomer").await.refused("NoSuchGroup");
    assert_eq!(bed.device.rows().len(), 52 + 4);
    bed.device.script([]);
    until("the rows are gone", async || bed.device.rows().len() == 52).await;
    bed.device.assert_holds(&[&services()[..], &instances(40, 1), &ungrouped()].concat());
}

#[tokio::test]
async fn what_a_deletion_tore_is_put_back() {
    let bed = Testbed::inhabited().await;
    bed.device.script([Step::Perform(4), Step::Refuse(usize::MAX)]);
    bed.delete_group("services", 7).await.refused("Torn");
    assert_eq!(bed.view("services").await["state"], "torn");
    bed.device.script([]);
    repaired(&bed, "services").await;
    bed.device.assert_holds(&[&services()[..], &instances(40, 1), &ungrouped()].concat());
}

/// Which of the two comes first, the repair by itself or the ensure, is a matter of luck.
#[tokio::test]
async fn an_ensure_mends_its_group_and_counts_that_apart() {
    for _ in 0..10 {
        let bed = torn().await;
        let failures = bed.records.saying("repair failed").len();
        until("the next repair has failed", async || {
            bed.records.saying("repair failed").len() > failures
        })
        .await;
        bed.device.script([]);
        let answer = bed.ensure("services", 7, &services()).await.ok();
        assert_eq!(answer["writes"], 0);
        assert_eq!((&answer["added"], &answer["removed"]), (&json!(0), &json!(0)));
        assert_eq!(bed.view("services").await["state"], "programmed");
        bed.device.assert_holds(&[&services()[..], &instances(40, 1), &ungrouped()].concat());
        if answer["repaired"] == 4 {
            return;
        }
        assert_eq!(answer["repaired"], 0);
        assert_eq!(bed.records.saying("the tables are as they should be again").len(), 1);
    }
    panic!("no ensure ever repaired anything");
}

/// A newer generation goes from what the device really holds.
#[tokio::test]
async fn a_newer_generation_can_be_ensured_from_a_torn_state() {
    let bed = torn().await;
    bed.device.script([]);
    let answer = bed.ensure("services", 8, &asked_for()).await.ok();
    assert_eq!((&answer["generation"], &answer["previous_generation"]), (&json!(8), &json!(7)));
    let view = repaired(&bed, "services").await;
    assert_eq!((&view["generation"], &view["diverged"]), (&json!(8), &json!(0)));
    let all = [&asked_for()[..], &instances(40, 1), &ungrouped()].concat();
    bed.device.assert_forwards(&all);
    assert_eq!(bed.device.rows().len(), all.len());
}

/// The others are served while one is torn: what they ask for is done or refused by itself.
#[tokio::test]
async fn the_requests_of_other_groups_are_served_meanwhile() {
    let bed = torn().await;
    bed.ensure("instances", 41, &instances(40, 1)).await.ok();
    bed.ensure("instances", 42, &instances(39, 1)).await.refused("DeviceRefused");
    assert_eq!(bed.view("instances").await["state"], "programmed");
    bed.ensure("newcomer", 1, &[]).await.ok();
    bed.put_entry(&ungrouped()[0]).await.no_content();
    assert_eq!(bed.view("services").await["state"], "torn");
    // The next write is allowed, whosoever that is.
    bed.device.script([]);
    bed.ensure("instances", 42, &instances(39, 1)).await.ok();
    repaired(&bed, "services").await;
}

/// With the answer lost and the table unreadable, nobody knows what the device holds.
#[tokio::test]
async fn a_table_that_cannot_be_read_back_is_torn_until_it_is_read() {
    let bed = Testbed::inhabited().await;
    bed.device.refuse_reads(true);
    bed.device.script([Step::Perform(2), Step::Lose { performed: true }]);
    bed.ensure("services", 8, &asked_for()).await.refused("Torn");
    assert_eq!(bed.view("services").await["state"], "torn");
    // Nobody can plan from the unknown, but everybody can read what should be.
    bed.ensure("instances", 42, &instances(39, 1)).await.refused("DeviceRefused");
    assert_eq!(bed.entries("services").await, services());
    assert_eq!(bed.view("instances").await["state"], "programmed");
    bed.device.refuse_reads(false);
    repaired(&bed, "services").await;
    bed.device.assert_holds(&[&services()[..], &instances(40, 1), &ungrouped()].concat());
    bed.ensure("instances", 42, &instances(39, 1)).await.ok();
}

/// A removal and an addition, of which the device does the first, refuses the second, and goes on
/// as `then` says.
async fn stop_after_a_removal(bed: &Testbed, then: &[Step]) -> Answer {
    let steps = [Step::Perform(1), Step::Refuse(1)];
    bed.device.script(steps.into_iter().chain(then.iter().copied()));
    let added = entry("198.51.100.99", 0, 65535, target(1));
    bed.ensure("services", 8, &[&services()[1..], &[added]].concat()).await
}

/// The row is back; it was the answer alone that went wrong, and the table tells.
#[tokio::test]
async fn a_lost_answer_on_the_way_back_does_not_tear() {
    let bed = Testbed::inhabited().await;
    let answer = stop_after_a_removal(&bed, &[Step::Lose { performed: true }]).await;
    answer.refused("DeviceRefused");
    let view = bed.view("services").await;
    assert_eq!((&view["state"], &view["diverged"]), (&json!("programmed"), &json!(0)));
    bed.device.assert_holds(&[&services()[..], &instances(40, 1), &ungrouped()].concat());
}

#[tokio::test]
async fn a_lost_answer_to_the_repair_does_not_leave_the_group_torn() {
    let bed = Testbed::inhabited().await;
    let then = [Step::Refuse(1), Step::Lose { performed: true }];
    stop_after_a_removal(&bed, &then).await.refused("Torn");
    repaired(&bed, "services").await;
    bed.device.assert_holds(&[&services()[..], &instances(40, 1), &ungrouped()].concat());
}

/// The table may be read on behalf of someone else, and turn out to be as it should be.
#[tokio::test]
async fn a_doubt_that_another_group_settles_does_not_leave_the_group_torn() {
    let bed = Testbed::inhabited().await;
    bed.device.refuse_reads(true);
    bed.device.script([Step::Lose { performed: false }]);
    bed.ensure("services", 8, &asked_for()).await.refused("Torn");
    bed.device.refuse_reads(false);
    bed.ensure("instances", 42, &instances(39, 1)).await.ok();
    repaired(&bed, "services").await;
}

/// Without a trigger it would wait for more than a second after so many failures.
#[tokio::test]
async fn a_trigger_starts_a_repair_without_waiting() {
    for _ in 0..10 {
        let bed = torn().await;
        let failed = eventually("the fifth repair has failed", async || {
            bed.records.saying("repair failed").get(4).cloned()
        })
        .await;
        bed.device.script([]);
        bed.post("/rpw/nat/trigger").await.ok();
        repaired(&bed, "services").await;
        let mended = &bed.records.saying("the tables are as they should be again")[0];
        if mended.time - failed.time < Duration::from_millis(500) {
            return;
        }
    }
    panic!("a trigger never started anything");
}

/// A switch that is busy all the time is the one that must not stay torn.
#[tokio::test]
async fn a_stream_of_changes_does_not_keep_a_torn_group_from_being_repaired() {
    // Every call takes some time, so that requests queue up.
    let chaos = ChaosConfig {
        delay: Rate::ALWAYS,
        max_delay: Duration::from_millis(6),
        ..ChaosConfig::default()
    };
    let bed = Testbed::start_with(Settings { chaos, ..Settings::default() });
    bed.ensure("services", 7, &services()).await.ok();
    bed.device.script([Step::Perform(4), Step::Refuse(3)]);
    bed.ensure("services", 8, &asked_for()).await.refused("Torn");

    let busy: Vec<_> = (0..12)
        .map(|writer: u8| {
            let client = bed.client();
            tokio::spawn(async move {
                for generation in 1.. {
                    let address = format!("10.0.{writer}.{}", generation % 2);
                    let set = [entry(&address, 0, 9, target(1))];
                    client.ensure(&format!("writer{writer}"), generation, &set).await.ok();
                }
            })
        })
        .collect();
    let view = repaired(&bed, "services").await;
    assert_eq!(view["generation"], 7);
    assert!(busy.iter().all(|writer| !writer.is_finished()));
    busy.iter().for_each(|writer| writer.abort());
}
