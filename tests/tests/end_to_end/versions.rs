//! The `api-version` header: existing clients work unchanged, and what is newer than this daemon is
//! not guessed at.

use dpd_tests::{Testbed, services, target, ungrouped};
use rstest::rstest;
use serde_json::{Value, json};

const GROUP_PATHS: [&str; 5] = [
    "/nat/groups",
    "/nat/groups/services",
    "/nat/groups/services/entries",
    "/nat/groups/services/generations",
    "/nat/groups/services/changes?from=0",
];

const OLD_PATHS: [&str; 12] = [
    "/nat/ipv4",
    "/nat/ipv6",
    "/nat/ipv4/192.0.2.1",
    "/nat/ipv6/2001:db8:ee::1",
    "/nat/ipv4/192.0.2.1/7",
    "/nat/ipv6/2001:db8:ee::1/7",
    "/rpw/nat/gen",
    "/table",
    "/table/Ingress.nat_ingress.ingress_ipv4/dump?from_hardware=false",
    "/table/Ingress.nat_ingress.ingress_ipv6/counters?force_sync=false",
    "/dpd-version",
    "/dpd-uptime",
];

#[rstest]
#[case("0.1.0")]
#[case("1.0.0")]
#[case("9.4.7")]
#[case("13.0.0")]
#[case("13.99.0")]
#[tokio::test]
async fn before_14_0_0_there_are_the_per_entry_operations_and_no_groups(#[case] version: &str) {
    let bed = Testbed::inhabited().await;
    let old = bed.at_version(version);
    for path in OLD_PATHS {
        old.get(path).await.ok();
    }
    for path in GROUP_PATHS {
        assert_eq!(old.get(path).await.status, 404, "{path}");
    }
    let before = bed.everything().await;
    assert_eq!(old.ensure("services", 8, &services()[..2]).await.status, 404);
    assert_eq!(old.delete_group("services", 8).await.status, 404);
    assert_eq!(bed.everything().await, before);

    // A whole life of an entry, as such a client sees it.
    let [one, _] = ungrouped();
    old.delete_entry(&one).await.no_content();
    old.get(one.port_path(0)).await.refused("no mapping");
    old.put_entry(&one.to(target(9))).await.no_content();
    assert_eq!(old.get(one.port_path(16383)).await.ok(), target(9).json());
    assert_eq!(old.post("/rpw/nat/trigger").await.ok(), Value::Null);
    old.delete("/nat/ipv4").await.no_content();
    old.delete("/nat/ipv6").await.no_content();
    assert_eq!(bed.entries("ungrouped").await, []);
}

#[rstest]
#[case::named(Some("14.0.0"))]
#[case::left_out(None)]
#[tokio::test]
async fn the_latest_version_has_everything_and_is_what_a_missing_header_means(
    #[case] version: Option<&str>,
) {
    let bed = Testbed::inhabited().await;
    let client = version.map_or_else(|| bed.client(), |version| bed.at_version(version));
    for path in OLD_PATHS.iter().chain(&GROUP_PATHS) {
        client.get(path).await.ok();
    }
    client.ensure("services", 8, &services()).await.ok();
}

#[rstest]
#[case::newer("14.0.1")]
#[case::newer("14.1.0")]
#[case::much_newer("15.0.0")]
#[case::not_three_numbers("14")]
#[case::not_three_numbers("14.0")]
#[case::words("latest")]
#[case::empty("")]
#[tokio::test]
async fn a_version_that_is_newer_or_malformed_is_refused_and_nothing_is_done(
    #[case] version: &str,
) {
    let bed = Testbed::inhabited().await;
    let before = bed.everything().await;
    let client = bed.at_version(version);
    let answers = [
        client.get("/nat/groups").await,
        client.get("/nat/ipv4").await,
        client.ensure("services", 8, &services()[..2]).await,
        client.delete("/nat/ipv4").await,
    ];
    for answer in answers {
        assert_eq!(answer.status, 400, "{answer:?}");
        let body: Value = serde_json::from_str(&answer.text).unwrap();
        assert_eq!(body["request_id"], answer.request_id());
        assert!(body["message"].as_str().unwrap().contains("version"), "{body}");
    }
    assert_eq!(bed.everything().await, before);
}

#[tokio::test]
async fn an_unknown_path_is_not_found_and_another_method_is_not_allowed() {
    let bed = Testbed::start();
    for (answer, status) in [
        (bed.get("/nat").await, 404),
        (bed.get("/nat/groups/a/b/c").await, 404),
        (bed.post("/nat/groups/a").await, 405),
        (bed.put("/nat/ipv4", &json!([])).await, 405),
    ] {
        assert_eq!(answer.status, status, "{answer:?}");
        let body: Value = serde_json::from_str(&answer.text).unwrap();
        assert_eq!(body["request_id"], answer.request_id());
    }
}
