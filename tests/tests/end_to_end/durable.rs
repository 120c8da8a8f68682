//! What was acknowledged outlives the daemon; what cannot be kept is taken back and refused.

use dpd_tests::{
    Everything, Settings, Step, Testbed, With as _, entry, instances, request, services, target,
    until,
};
use journal::{ChaosDisk, DiskFault, DiskOperation};
use nat_groups::Limits;
use serde_json::{Value, json};

/// The state that is to last: all but what was last refused, and what repair waits for.
async fn everything(bed: &Testbed) -> Everything {
    let mut everything = bed.everything().await.without_last_errors();
    for view in &mut everything.views {
        view.as_object_mut().unwrap().remove("repair");
    }
    everything
}

/// A life with all that is to be kept: groups with a history, a reservation, a tombstone, ungrouped
/// entries.
async fn live(bed: &Testbed) {
    bed.live_in().await;
    let reserving = request(8, &services()).with("reserve", json!({"ipv4": 32, "ipv6": 16}));
    bed.ensure_with("services", &reserving).await.ok();
    bed.ensure("gone", 5, &[entry("192.0.2.200", 0, 9, target(9))]).await.ok();
    bed.delete_group("gone", 6).await.ok();
}

#[tokio::test]
async fn a_daemon_that_starts_again_has_everything_and_touches_no_row_that_is_right() {
    let state = tempfile::tempdir().unwrap();
    let settings = || Settings { state_dir: Some(state.path().into()), ..Settings::default() };
    let first = Testbed::start_with(settings());
    live(&first).await;
    let before = everything(&first).await;
    let switch = first.device.switch().clone();
    first.close().await;

    let second = Testbed::start_with(Settings { switch: Some(switch), ..settings() });
    until("all groups are programmed", async || {
        let views = second.all_pages("/nat/groups").await;
        views.iter().all(|view| view["state"] == "programmed")
    })
    .await;
    // The rows are the same ones: what they had counted is still there.
    assert_eq!(everything(&second).await, before);
    assert_eq!(second.records.saying("the tables hold what they should").len(), 1);

    // What was stale is stale, and what was repeated is a success that writes nothing.
    second.ensure("services", 7, &services()).await.refused("StaleGeneration");
    second.ensure("instances", 40, &instances(1, 1)).await.refused("StaleGeneration");
    let gone = [entry("192.0.2.200", 0, 9, target(9))];
    second.ensure("gone", 6, &gone).await.refused("StaleGeneration");
    second.ensure("services", 8, &services()[1..]).await.refused("GenerationMismatch");
    assert_eq!(second.ensure("services", 8, &services()).await.ok()["writes"], 0);
    second.ensure("gone", 7, &gone).await.ok();
}

#[tokio::test]
async fn a_switch_that_lost_its_rows_gets_them_again() {
    let state = tempfile::tempdir().unwrap();
    let settings = || Settings { state_dir: Some(state.path().into()), ..Settings::default() };
    let first = Testbed::start_with(settings());
    live(&first).await;
    let before = everything(&first).await;
    first.close().await;
    let second = Testbed::start_with(settings());
    until("all rows are there again", async || {
        second.view("instances").await["state"] == "programmed"
            && second.view("services").await["state"] == "programmed"
    })
    .await;
    let after = everything(&second).await;
    assert_eq!(
        (&after.views, &after.entries, &after.generations, &after.rows),
        (&before.views, &before.entries, &before.generations, &before.rows)
    );
}

/// Fewer generations than before are kept for good; more than before are from then on.
#[tokio::test]
async fn a_shorter_history_forgets_and_a_longer_one_does_not_bring_back() {
    let state = tempfile::tempdir().unwrap();
    let with_history = |history| Settings {
        state_dir: Some(state.path().into()),
        limits: Limits { history, ..Limits::default() },
        ..Settings::default()
    };
    let ensure = async |bed: &Testbed, generation: u64| {
        let set = instances(3, generation);
        bed.ensure("a", generation, &set).await.ok();
    };
    let generations = async |bed: &Testbed| -> Vec<Value> {
        let pages = bed.all_pages("/nat/groups/a/generations").await;
        pages.iter().map(|it| it["generation"].clone()).collect()
    };
    let bed = Testbed::start_with(with_history(8));
    for generation in 1..=6 {
        ensure(&bed, generation).await;
    }
    bed.close().await;
    let bed = Testbed::start_with(with_history(2));
    assert_eq!(generations(&bed).await, [6, 5]);
    ensure(&bed, 7).await;
    bed.close().await;
    let bed = Testbed::start_with(with_history(8));
    assert_eq!(generations(&bed).await, [7, 6]);
    ensure(&bed, 8).await;
    bed.close().await;
    let bed = Testbed::start_with(with_history(8));
    assert_eq!(generations(&bed).await, [8, 7, 6]);
}

/// Each way in which a commit can fail, and what is left undone each time.
#[tokio::test]
async fn what_cannot_be_made_durable_is_refused_and_leaves_everything_as_it_was() {
    for fault in [DiskFault::Refused, DiskFault::Partial, DiskFault::Forgotten] {
        let disk = ChaosDisk::new(7);
        let bed = Testbed::start_with(Settings { disk: Some(disk.clone()), ..Settings::default() });
        live(&bed).await;
        let before = everything(&bed).await;
        let moved: Vec<_> = services().iter().map(|entry| entry.to(target(30))).collect();
        // It fails, and fails again when it is to be found out whether it was done.
        for after in 0..3 {
            disk.fail_after(DiskOperation::Sync, after, fault);
        }
        let refusal = bed.ensure("services", 9, &moved).await.refused("JournalFailed");
        let message = refusal["message"].as_str().unwrap();
        assert!(message.contains("could not be made durable"), "{message}");
        assert_eq!(everything(&bed).await, before, "{fault:?}");
        disk.mend();
        // Nor does a crash bring it about.
        bed.ensure("services", 9, &moved).await.ok();
        let programmed = everything(&bed).await;
        assert_eq!(bed.entries("services").await, moved);
        let switch = bed.device.switch().clone();
        bed.close().await;
        disk.crash(3);
        let settings = Settings { disk: Some(disk), switch: Some(switch), ..Settings::default() };
        assert_eq!(everything(&Testbed::start_with(settings)).await, programmed);
    }
}

#[tokio::test]
async fn a_full_disk_refuses_changes_and_takes_them_once_there_is_room() {
    let disk = ChaosDisk::new(1);
    let bed = Testbed::start_with(Settings { disk: Some(disk.clone()), ..Settings::default() });
    live(&bed).await;
    let before = everything(&bed).await;
    disk.limit_allocated(Some(disk.allocated_bytes()));
    let more = (0..900).map(|n| entry(&format!("10.1.{}.{}", n / 250, n % 250), 0, 9, target(1)));
    let many: Vec<_> = instances(40, 1).into_iter().chain(more).collect();
    bed.ensure("instances", 42, &many).await.refused("JournalFailed");
    assert_eq!(everything(&bed).await, before);
    // Reading goes on, and so does what needs no room.
    assert_eq!(bed.ensure("services", 8, &services()).await.ok()["writes"], 0);
    disk.limit_allocated(None);
    bed.ensure("instances", 42, &many).await.ok();
    assert_eq!(bed.entries("instances").await.len(), many.len());
}

/// Neither the disk nor the switch plays along: the group is torn, says so, and is mended once the
/// switch allows.
#[tokio::test]
async fn a_change_that_neither_can_be_kept_nor_taken_back_is_torn_until_it_is_mended() {
    let disk = ChaosDisk::new(2);
    let bed = Testbed::start_with(Settings { disk: Some(disk.clone()), ..Settings::default() });
    live(&bed).await;
    let before = everything(&bed).await;
    let moved: Vec<_> = services().iter().map(|entry| entry.to(target(30))).collect();
    for after in 0..3 {
        disk.fail_after(DiskOperation::Sync, after, DiskFault::Refused);
    }
    bed.device.script([Step::Perform(moved.len()), Step::Refuse(usize::MAX)]);
    let refusal = bed.ensure("services", 9, &moved).await.refused("Torn");
    assert!(refusal["message"].as_str().unwrap().contains("could not be made durable"));
    let view = bed.view("services").await;
    assert_eq!((&view["state"], &view["generation"]), (&json!("torn"), &json!(8)));
    assert_eq!(view["diverged"], moved.len());
    assert_ne!(bed.device.rows(), before.rows);
    disk.mend();
    bed.device.script([]);
    until("the group is mended", async || bed.view("services").await["state"] == "programmed")
        .await;
    assert_eq!(everything(&bed).await, before);
}

/// On a switch with rows, a daemon that knows of no groups takes them away, and says so.
#[tokio::test]
async fn a_daemon_without_a_state_says_that_it_removes_the_rows_of_another() {
    let first = Testbed::inhabited().await;
    let switch = first.device.switch().clone();
    first.close().await;
    let second = Testbed::start_with(Settings { switch: Some(switch), ..Settings::default() });
    until("the rows are gone", async || second.device.rows().is_empty()).await;
    let said = second.records.saying("nobody has asked for");
    assert_eq!(said.len(), 1);
    let rows = ["ipv4_rows", "ipv6_rows"].map(|family| said[0].values[family].clone());
    assert_eq!(rows, ["45", "7"]);
}
