//! The status of a group and the list of all groups.

use chrono::{DateTime, Utc};
use dpd_tests::{
    RangeExpansion, Settings, Testbed, With as _, digest, entry, instances, request, services,
    target,
};
use serde_json::{Value, json};

#[tokio::test]
async fn a_view_says_everything_about_a_group_but_its_entries() {
    let bed = Testbed::start();
    let set = services();
    let earliest = Utc::now();
    let body = request(7, &set).with("reserve", json!({ "ipv4": 32, "ipv6": 16 }));
    let answer = bed.ensure_with("services", &body).await;
    answer.ok();
    let view = bed.view("services").await;
    let time: DateTime<Utc> = view["last_change"].as_str().unwrap().parse().unwrap();
    // The daemon tells microseconds.
    assert!(earliest.timestamp_micros() <= time.timestamp_micros() && time <= Utc::now(), "{time}");
    assert_eq!(
        view.without("last_change"),
        json!({
            "group": "services",
            "generation": 7,
            "digest": digest(&set),
            "entries": { "ipv4": 9, "ipv6": 1 },
            "table_rows": { "ipv4": 9, "ipv6": 1 },
            "state": "programmed",
            "diverged": 0,
            "programmed_generation": 7,
            "last_request_id": answer.request_id(),
            "reserve": { "ipv4": 32, "ipv6": 16 },
            "last_error": null,
        })
    );
}

/// It is what clients poll; it must not grow with the group.
#[tokio::test]
async fn a_view_is_small_whatever_the_size_of_the_group() {
    let bed = Testbed::start();
    bed.ensure("small", 1, &services()).await.ok();
    bed.ensure("large", 1, &instances(1000, 1)).await.ok();
    let size = async |group| bed.get(format!("/nat/groups/{group}")).await.text.len();
    assert!(size("large").await.abs_diff(size("small").await) < 20);
}

#[tokio::test]
async fn an_ensure_that_changes_nothing_leaves_the_view_as_it_is() {
    let bed = Testbed::start();
    bed.ensure("services", 7, &services()).await.ok();
    let before = bed.view("services").await;
    bed.ensure("services", 7, &services()).await.ok();
    assert_eq!(bed.view("services").await, before);
}

#[tokio::test]
async fn the_reservation_stays_as_it_was_unless_another_is_given() {
    let bed = Testbed::start();
    let reserve = json!({ "ipv4": 20, "ipv6": 2 });
    bed.ensure_with("a", &request(1, &services()).with("reserve", reserve.clone())).await.ok();
    bed.ensure("a", 2, &services()).await.ok();
    assert_eq!(bed.view("a").await["reserve"], reserve);
    let none = json!({ "ipv4": 0, "ipv6": 0 });
    bed.ensure_with("a", &request(3, &services()).with("reserve", none.clone())).await.ok();
    assert_eq!(bed.view("a").await["reserve"], none);
}

#[tokio::test]
async fn a_view_tells_entries_from_the_rows_that_they_cost() {
    let settings =
        Settings { range_expansion: RangeExpansion::TernaryNibbles, ..Settings::default() };
    let bed = Testbed::start_with(settings);
    let set = [
        entry("203.0.113.1", 0, 65535, target(1)),
        entry("203.0.113.2", 1000, 1999, target(1)),
        entry("203.0.113.3", 1, 65534, target(1)),
        entry("2001:db8::1", 1024, 65535, target(1)),
    ];
    bed.ensure("a", 1, &set).await.ok();
    let view = bed.view("a").await;
    assert_eq!(view["entries"], json!({ "ipv4": 3, "ipv6": 1 }));
    assert_eq!(view["table_rows"], json!({ "ipv4": 1 + 4 + 7, "ipv6": 2 }));
}

#[tokio::test]
async fn the_built_in_group_is_there_from_the_start_and_no_request_made_it() {
    let bed = Testbed::start();
    assert_eq!(
        bed.view("ungrouped").await,
        json!({
            "group": "ungrouped",
            "generation": 1,
            "digest": "0".repeat(64),
            "entries": { "ipv4": 0, "ipv6": 0 },
            "table_rows": { "ipv4": 0, "ipv6": 0 },
            "state": "programmed",
            "diverged": 0,
            "programmed_generation": 1,
            "last_change": null,
            "last_request_id": null,
            "reserve": { "ipv4": 0, "ipv6": 0 },
            "last_error": null,
        })
    );
}

#[tokio::test]
async fn the_built_in_group_moves_on_by_one_with_each_change_and_is_read_like_any_other() {
    let bed = Testbed::start();
    let set = services();
    for (made, entry) in (1..).zip(&set) {
        let answer = bed.put_entry(entry).await;
        answer.no_content();
        let view = bed.view("ungrouped").await;
        assert_eq!(view["generation"], 1 + made);
        assert_eq!(view["last_request_id"], answer.request_id());
        assert_eq!(view["digest"], digest(&set[..made as usize]));
    }
    // What changes nothing is no generation.
    bed.put_entry(&set[0]).await.no_content();
    bed.delete_entry(&entry("203.0.113.99", 0, 1, target(1))).await.no_content();
    assert_eq!(bed.view("ungrouped").await["generation"], 11);
    bed.delete_entry(&set[0]).await.no_content();
    assert_eq!(bed.view("ungrouped").await["generation"], 12);
    assert_eq!(bed.entries("ungrouped").await, set[1..]);
}

#[tokio::test]
async fn the_list_shows_every_group_by_name_as_its_view_does() {
    let bed = Testbed::start();
    let names = ["b", "a", "zebra", "a-b", "instances"];
    for (host, name) in (1..).zip(names) {
        let set = [entry(&format!("203.0.113.{host}"), 0, 65535, target(1))];
        bed.ensure(name, host, &set).await.ok();
    }
    let mut views: Vec<Value> = Vec::new();
    for name in ["a", "a-b", "b", "instances", "ungrouped", "zebra"] {
        views.push(bed.view(name).await);
    }
    let page = bed.get("/nat/groups").await.ok();
    assert_eq!(page, json!({ "items": views, "next_page": null }));
    let pages = bed.pages("/nat/groups?limit=4").await;
    assert_eq!(pages, [&views[..4], &views[4..]]);
    let pages = bed.pages("/nat/groups?limit=1").await;
    assert_eq!(pages.len(), 6);
    assert_eq!(pages.concat(), views);
}

/// The pages of the list follow the names through the current state.
#[tokio::test]
async fn the_next_page_of_the_list_goes_on_behind_the_last_name_whatever_became_of_it() {
    let bed = Testbed::start();
    for name in ["a", "b", "c"] {
        bed.ensure(name, 1, &[]).await.ok();
    }
    let first = bed.get("/nat/groups?limit=2").await.ok();
    bed.delete_group("b", 1).await.ok();
    bed.ensure("bb", 1, &[]).await.ok();
    let token = first["next_page"].as_str().unwrap();
    let rest = bed.get(format!("/nat/groups?page_token={token}")).await.ok();
    let names: Vec<&Value> =
        rest["items"].as_array().unwrap().iter().map(|view| &view["group"]).collect();
    assert_eq!(names, ["bb", "c", "ungrouped"]);
}

#[tokio::test]
async fn there_is_no_view_of_a_group_that_never_was() {
    let bed = Testbed::start();
    let refusal = bed.get("/nat/groups/nobody").await.refused("NoSuchGroup");
    assert!(refusal["message"].as_str().unwrap().contains("nobody"));
    assert_eq!(refusal.get("tombstone_generation"), None);
}
