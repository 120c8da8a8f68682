//! The kept generations of a group and what changed between them.

use chrono::{DateTime, Utc};
use dpd_tests::{
    Entry, Settings, Testbed, With as _, changes, digest, entry, instances, request, services,
    target,
};
use nat_groups::Limits;
use rstest::rstest;
use serde_json::{Value, json};

#[tokio::test]
async fn generations_are_listed_newest_first_with_what_each_changed() {
    let bed = Testbed::start();
    let set = services();
    let moved = [&[set[1].to(target(20))], &set[3..]].concat();
    let first = bed.ensure("services", 3, &set[..2]).await;
    let second = bed.ensure("services", 4, &set).await;
    let third = bed.ensure("services", 9, &moved).await;
    let page = bed.get("/nat/groups/services/generations").await.ok();
    let mut items = page["items"].as_array().unwrap().clone();
    let times: Vec<DateTime<Utc>> = items
        .iter_mut()
        .map(|item| item.as_object_mut().unwrap().remove("time").unwrap())
        .map(|time| time.as_str().unwrap().parse().unwrap())
        .collect();
    assert!(times.is_sorted_by(|newer, older| newer >= older), "{times:?}");
    let info = |generation, digest, request_id, (ipv4, ipv6), (added, updated, removed)| {
        json!({
            "generation": generation, "digest": digest, "request_id": request_id,
            "entries": { "ipv4": ipv4, "ipv6": ipv6 },
            "added": added, "updated": updated, "removed": removed,
        })
    };
    assert_eq!(
        items,
        [
            info(9, digest(&moved), third.request_id(), (7, 1), (0, 1, 2)),
            info(4, digest(&set), second.request_id(), (9, 1), (8, 0, 0)),
            info(3, digest(&set[..2]), first.request_id(), (2, 0), (2, 0, 0)),
        ]
    );
    assert_eq!(page["next_page"], Value::Null);
    let pages = bed.pages("/nat/groups/services/generations?limit=2").await;
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
    let numbers: Vec<Value> =
        pages.concat().iter().map(|item| item["generation"].clone()).collect();
    assert_eq!(numbers, [9, 4, 3]);
}

#[rstest]
#[case::sixteen_unless_said_otherwise(None, 16)]
#[case::as_many_as_said(Some(3), 3)]
#[case::at_least_the_current_one(Some(1), 1)]
#[tokio::test]
async fn the_last_generations_are_kept(#[case] history: Option<usize>, #[case] kept: u64) {
    let defaults = Limits::default();
    let limits = Limits { history: history.unwrap_or(defaults.history), ..defaults };
    let bed = Testbed::start_with(Settings { limits, ..Settings::default() });
    for generation in 1..=20 {
        bed.ensure("services", generation, &services()).await.ok();
    }
    let items = bed.all_pages("/nat/groups/services/generations").await;
    let numbers: Vec<u64> = items.iter().map(|it| it["generation"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (20 - kept + 1..=20).rev().collect::<Vec<_>>());
}

/// Four generations with every kind of change between them.
fn sets() -> [Vec<Entry>; 4] {
    let set = instances(60, 5);
    let recut = entry("100.127.0.1", 0, 32767, target(1));
    let retargeted: Vec<Entry> =
        set[..30].iter().map(|it| it.to(it.target.vni(9))).chain(set[40..].to_vec()).collect();
    let wider = entry("100.127.0.1", 0, 65535, target(1));
    [
        [&set[10..40], &[recut]].concat(),
        [&set[..], &[recut]].concat(),
        [&retargeted[..], &[wider]].concat(),
        vec![],
    ]
}

async fn testbed_with_history() -> Testbed {
    let bed = Testbed::start();
    for (generation, set) in (1..).zip(sets()) {
        let body = request(generation, &set).with("allow_empty", true);
        bed.ensure_with("a", &body).await.ok();
    }
    bed
}

/// 0 is the empty set before the first generation. Backwards gives the reverse.
#[tokio::test]
async fn the_changes_between_any_two_kept_generations_lead_from_one_to_the_other() {
    let bed = testbed_with_history().await;
    let set = |generation: usize| match generation {
        0 => Vec::new(),
        generation => sets()[generation - 1].clone(),
    };
    for (from, to) in (0..=4).flat_map(|from| (0..=4).map(move |to| (from, to))) {
        let expected = changes(&set(from), &set(to));
        let path = format!("/nat/groups/a/changes?from={from}&to={to}");
        let page = bed.get(&path).await.ok();
        assert_eq!(
            page,
            json!({
                "from": from, "to": to, "digest": digest(&set(to)),
                "items": expected, "next_page": null,
            }),
            "from {from} to {to}"
        );
        let pages = bed.pages(&format!("{path}&limit=7")).await;
        assert_eq!(pages.len(), expected.len().div_ceil(7).max(1));
        assert_eq!(pages.concat(), expected, "from {from} to {to}");
    }
}

#[tokio::test]
async fn changes_lead_to_the_current_generation_unless_said_otherwise() {
    let bed = testbed_with_history().await;
    let page = bed.get("/nat/groups/a/changes?from=2").await.ok();
    assert_eq!((&page["from"], &page["to"]), (&json!(2), &json!(4)));
    assert_eq!(page["items"], json!(changes(&sets()[1], &sets()[3])));
}

/// A page that leads to the current generation must not lead elsewhere once that has moved on.
#[tokio::test]
async fn the_pages_of_changes_stay_with_their_two_generations() {
    let bed = testbed_with_history().await;
    let first = bed.get("/nat/groups/a/changes?from=1&limit=5").await.ok();
    let mut items = first["items"].as_array().unwrap().clone();
    bed.ensure("a", 5, &sets()[1]).await.ok();
    let mut token = first["next_page"].as_str().map(str::to_owned);
    while let Some(next) = token {
        let page = bed.get(format!("/nat/groups/a/changes?limit=5&page_token={next}")).await.ok();
        assert_eq!((&page["from"], &page["to"]), (&json!(1), &json!(4)));
        items.extend(page["items"].as_array().unwrap().clone());
        token = page["next_page"].as_str().map(str::to_owned);
    }
    assert_eq!(items, changes(&sets()[0], &sets()[3]));
}

#[tokio::test]
async fn the_history_of_the_built_in_group_is_kept_as_well() {
    let bed = Testbed::start();
    let [one, other] = [services()[0], services()[9]];
    bed.put_entry(&one).await.no_content();
    bed.put_entry(&other).await.no_content();
    bed.delete_entry(&one).await.no_content();
    let page = bed.get("/nat/groups/ungrouped/changes?from=2&to=4").await.ok();
    assert_eq!(page["items"], json!(changes(&[one], &[other])));
    let items = bed.all_pages("/nat/groups/ungrouped/generations").await;
    assert_eq!(items.len(), 4);
    assert_eq!((&items[0]["added"], &items[0]["removed"]), (&json!(0), &json!(1)));
}
