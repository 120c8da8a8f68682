//! Clients that go away, clients that dawdle, and a daemon that stops.

use dpd_tests::{
    Connection, PATIENCE, Settings, Testbed, ensured, entry, instances, request, services, soon,
    stalled, target, ungrouped, until,
};
use std::time::{Duration, Instant};

async fn send_ensure(connection: &mut Connection, generation: u64, entries: &[dpd_tests::Entry]) {
    let body = request(generation, entries).to_string();
    let headers = format!("content-length: {}", body.len());
    connection.head("PUT", "/nat/groups/services", &headers).await;
    connection.send(body).await;
}

/// Whatever becomes of the request that brought it, a change that was asked for is made.
#[tokio::test]
async fn a_client_that_goes_away_in_the_middle_of_a_change_has_it_made() {
    let bed = Testbed::inhabited().await;
    let blocked = bed.device.block_writes();
    let mut connection = bed.connect().await;
    send_ensure(&mut connection, 8, &services()[3..]).await;
    stalled(&blocked).await;
    drop(connection);
    // Give the daemon every chance to notice.
    bed.get("/nat/groups").await.ok();
    drop(blocked);
    until("the change is published", async || {
        let view = bed.view("services").await;
        view["generation"] == 8 && view["state"] == "programmed"
    })
    .await;
    bed.device.assert_holds(&[&services()[3..], &instances(40, 1), &ungrouped()].concat());
}

/// Sixty clients that have sent half a request each cost the others nothing.
#[tokio::test]
async fn slow_uploads_do_not_hold_up_others() {
    let bed = Testbed::inhabited().await;
    let body = request(8, &services()).to_string();
    let mut dawdlers = Vec::new();
    for _ in 0..60 {
        let mut connection = bed.connect().await;
        let headers = format!("content-length: {}", body.len());
        connection.head("PUT", "/nat/groups/services", &headers).await;
        connection.send(&body[..100]).await;
        dawdlers.push(connection);
    }
    soon(bed.view("services")).await;
    soon(bed.ensure("instances", 42, &instances(41, 1))).await.ok();
    soon(bed.put_entry(&entry("192.0.2.9", 0, 9, target(1)))).await.no_content();
    // A dawdler that finishes after all is served like anyone.
    dawdlers[30].send(&body[100..]).await;
    let (status, answer) = dawdlers[30].answer().await;
    assert_eq!(status, 200);
    assert_eq!(answer, ensured("services", 8, Some(7), &services(), &services()));
}

#[tokio::test]
async fn many_requests_on_one_connection_are_answered_in_turn() {
    let bed = Testbed::start();
    let mut connection = bed.connect().await;
    for generation in 1..=5 {
        send_ensure(&mut connection, generation, &services()[..generation as usize]).await;
    }
    for generation in 1..=5 {
        let (status, answer) = connection.answer().await;
        assert_eq!((status, &answer["generation"]), (200, &generation.into()));
    }
}

/// A daemon that is told to stop finishes the write in hand and answers those who asked for it.
#[tokio::test]
async fn a_daemon_that_stops_finishes_the_write_in_hand() {
    let device_timeout = Duration::from_secs(600);
    let bed = Testbed::start_with(Settings { device_timeout, ..Settings::default() });
    bed.live_in().await;
    let (device, records, client) = (bed.device.clone(), bed.records.clone(), bed.client());
    let blocked = device.block_writes();
    let ensure = tokio::spawn(async move { client.ensure("services", 8, &services()[3..]).await });
    stalled(&blocked).await;
    let close = tokio::spawn(bed.close());
    // There is but one thread here: the daemon has been told once this task goes on.
    tokio::task::yield_now().await;
    assert!(!close.is_finished() && !ensure.is_finished());
    drop(blocked);
    soon(close).await.unwrap();
    let answer = soon(ensure).await.unwrap().ok();
    assert_eq!(answer, ensured("services", 8, Some(7), &services(), &services()[3..]));
    device.assert_holds(&[&services()[3..], &instances(40, 1), &ungrouped()].concat());
    assert_eq!(records.saying("stopped").len(), 1);
}

/// Those who say nothing are not waited for.
#[tokio::test]
async fn a_daemon_that_stops_does_not_wait_for_idle_connections() {
    let bed = Testbed::inhabited().await;
    let mut idle = bed.connect().await;
    let mut used = bed.connect().await;
    used.head("GET", "/dpd-version", "").await;
    used.answer().await;
    let start = Instant::now();
    soon(bed.close()).await;
    assert_eq!(idle.until_closed().await, 0);
    assert_eq!(used.until_closed().await, 0);
    assert!(start.elapsed() < PATIENCE / 4, "{:?}", start.elapsed());
}

/// Nor are those who began to say something and dawdle, however many: a daemon that has been told
/// to stop is in a hurry.
#[tokio::test]
async fn a_daemon_that_stops_does_not_wait_for_slow_uploads() {
    let bed = Testbed::inhabited().await;
    let device = bed.device.clone();
    let mut dawdler = bed.connect().await;
    dawdler.head("PUT", "/nat/groups/services", "content-length: 1000").await;
    dawdler.send("{").await;
    // It is being listened to: a request that came later has been answered.
    bed.get("/nat/groups").await.ok();
    let start = Instant::now();
    soon(bed.close()).await;
    assert!(start.elapsed() < PATIENCE / 2, "{:?}", start.elapsed());
    device.assert_holds(&[&services()[..], &instances(40, 1), &ungrouped()].concat());
}

/// A switch that runs on keeps its rows when its daemon stops.
#[tokio::test]
async fn a_daemon_that_stops_leaves_the_switch_as_it_is() {
    let bed = Testbed::start_with(Settings::default());
    bed.ensure("services", 7, &services()).await.ok();
    let device = bed.device.clone();
    bed.close().await;
    device.assert_holds(&services());
}
