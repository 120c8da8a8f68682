//! Paths and queries: what is not known is refused, so that a misspelt `dry_run` never writes.

use dpd_tests::{Entry, Testbed, entry, instances, request, services, target, ungrouped};
use reqwest::Method;
use rstest::rstest;
use serde_json::json;

#[rstest]
#[case::misspelt("dryrun=true", "`dryrun`", "`dry_run`")]
#[case::of_another_operation("generation=8", "`generation`", "`dry_run`")]
#[case::twice("dry_run=true&dry_run=true", "`dry_run`", "more than once")]
#[case::contradictory("dry_run=true&dry_run=false", "`dry_run`", "more than once")]
#[case::a_number("dry_run=1", "`dry_run`", "`true` or `false`")]
#[case::capital("dry_run=True", "`dry_run`", "`true` or `false`")]
#[case::without_a_value("dry_run", "`dry_run`", "`true` or `false`")]
#[tokio::test]
async fn an_ensure_with_a_query_that_is_not_understood_writes_nothing(
    #[case] query: &str,
    #[case] parameter: &str,
    #[case] about: &str,
) {
    let bed = Testbed::inhabited().await;
    let (path, body) = (format!("/nat/groups/services?{query}"), request(8, &services()[..2]));
    let refusal = bed.refuses("InvalidQuery", bed.put(path, &body)).await;
    assert_eq!(format!("`{}`", refusal["parameter"].as_str().unwrap()), parameter);
    let message = refusal["message"].as_str().unwrap();
    assert!(message.contains(parameter) && message.contains(about), "{message}");
}

#[rstest]
#[case::missing("", "generation")]
#[case::zero("?generation=0", "generation")]
#[case::negative("?generation=-7", "generation")]
#[case::beyond("?generation=9223372036854775808", "generation")]
#[case::no_number("?generation=seven", "generation")]
#[case::empty("?generation=", "generation")]
#[case::twice("?generation=8&generation=8", "generation")]
#[case::misspelt("?generation=8&dryrun=true", "dryrun")]
#[tokio::test]
async fn a_deletion_needs_one_good_generation(#[case] query: &str, #[case] parameter: &str) {
    let bed = Testbed::inhabited().await;
    let path = format!("/nat/groups/services{query}");
    let refusal = bed.refuses("InvalidQuery", bed.delete(path)).await;
    assert_eq!(refusal["parameter"], parameter, "{refusal}");
}

#[rstest]
#[case("/nat/groups?limit=0", "limit")]
#[case("/nat/groups?limit=-1", "limit")]
#[case("/nat/groups?limit=many", "limit")]
#[case("/nat/groups?limit=5&limit=5", "limit")]
#[case("/nat/groups?group=services", "group")]
#[case("/nat/groups/services?entries=true", "entries")]
#[case("/nat/groups/services/entries?limit=0", "limit")]
#[case("/nat/groups/services/entries?vni=16777216", "vni")]
#[case("/nat/groups/services/entries?vni=-1", "vni")]
#[case("/nat/groups/services/entries?external=localhost", "external")]
#[case("/nat/groups/services/entries?generation=0", "generation")]
#[case("/nat/groups/services/entries?low=7", "low")]
#[case("/nat/groups/services/generations?generation=7", "generation")]
#[case("/nat/groups/services/generations?limit=0", "limit")]
#[case("/nat/groups/services/changes", "from")]
#[case("/nat/groups/services/changes?to=7", "from")]
#[case("/nat/groups/services/changes?from=-1", "from")]
#[case("/nat/groups/services/changes?from=5&to=later", "to")]
#[case("/nat/ipv4?limit=0", "limit")]
#[case("/nat/ipv6?tag=services", "tag")]
#[case("/nat/ipv4/192.0.2.1?limit=0", "limit")]
#[case("/nat/ipv4/192.0.2.1/0?group=services", "group")]
#[case("/rpw/nat/gen?group=services", "group")]
#[case("/table?limit=1", "limit")]
#[case("/table/Ingress.nat_ingress.ingress_ipv4/dump", "from_hardware")]
#[case("/table/Ingress.nat_ingress.ingress_ipv4/dump?from_hardware=yes", "from_hardware")]
#[case("/table/Ingress.nat_ingress.ingress_ipv4/counters", "force_sync")]
#[case("/dpd-version?v=1", "v")]
#[case("/dpd-uptime?unit=ms", "unit")]
#[tokio::test]
async fn a_query_that_is_not_understood_is_refused_by_parameter(
    #[case] path: &str,
    #[case] parameter: &str,
) {
    let bed = Testbed::inhabited().await;
    let refusal = bed.get(path).await.refused("InvalidQuery");
    assert_eq!(refusal["parameter"], parameter, "{refusal}");
    assert!(refusal["message"].as_str().unwrap().contains(parameter), "{refusal}");
}

#[rstest]
#[case(Method::DELETE, "/nat/ipv4?generation=7")]
#[case(Method::DELETE, "/nat/ipv6?tag=services")]
#[case(Method::DELETE, "/nat/ipv4/192.0.2.1/0?high=16383")]
#[case(Method::POST, "/rpw/nat/trigger?group=services")]
#[tokio::test]
async fn a_per_entry_change_with_an_unknown_parameter_is_not_done(
    #[case] method: Method,
    #[case] path: &str,
) {
    let bed = Testbed::inhabited().await;
    bed.refuses("InvalidQuery", bed.send(bed.build(method, path))).await;
}

#[rstest]
#[case::capital("Services")]
#[case::digit_first("1services")]
#[case::dash_first("-services")]
#[case::space("my%20services")]
#[case::umlaut("servic%C3%A9s")]
#[case::slash("services%2Fdns")]
#[case::control("services%00")]
#[case::one_too_long("a23456789.123456789.123456789.123456789.123456789.123456789.1234")]
#[tokio::test]
async fn what_is_no_group_name_is_refused_by_every_operation(#[case] name: &str) {
    let bed = Testbed::inhabited().await;
    let path = format!("/nat/groups/{name}");
    let requests = [
        bed.get(&path).await,
        bed.ensure(name, 1, &services()).await,
        bed.delete_group(name, 1).await,
        bed.get(format!("{path}/entries")).await,
        bed.get(format!("{path}/generations")).await,
        bed.get(format!("{path}/changes?from=0")).await,
    ];
    for answer in requests {
        let refusal = answer.refused("InvalidGroupName");
        assert!(refusal["message"].as_str().unwrap().contains("lower-case letter"), "{refusal}");
    }
    bed.refuses("InvalidGroupName", bed.ensure(name, 1, &services())).await;
}

/// A slash that is not escaped makes it another path, which is nobody's.
#[tokio::test]
async fn a_group_name_with_a_raw_slash_is_an_unknown_path() {
    let bed = Testbed::inhabited().await;
    let before = bed.everything().await;
    let answer = bed.ensure("services/dns", 8, &services()[..2]).await;
    assert_eq!(answer.status, 404, "{answer:?}");
    // And one that is known is known for something else.
    let answer = bed.ensure("services/entries", 8, &services()[..2]).await;
    assert_eq!(answer.status, 405, "{answer:?}");
    assert_eq!(bed.everything().await, before);
}

#[rstest]
#[case("/nat/ipv4/203.0.113", "ipv4")]
#[case("/nat/ipv4/2001:db8::1", "ipv4")]
#[case("/nat/ipv6/203.0.113.7", "ipv6")]
#[case("/nat/ipv6/localhost", "ipv6")]
#[case("/nat/ipv4/192.0.2.1/65536", "low")]
#[case("/nat/ipv4/192.0.2.1/-1", "low")]
#[case("/nat/ipv6/2001:db8::1/http", "low")]
#[tokio::test]
async fn a_bad_address_or_port_in_the_path_is_refused_saying_which(
    #[case] path: &str,
    #[case] parameter: &str,
) {
    let bed = Testbed::inhabited().await;
    let refusal = bed.get(path).await.refused("InvalidPath");
    assert_eq!(refusal["parameter"], parameter, "{refusal}");
    assert!(refusal["message"].as_str().unwrap().contains(parameter), "{refusal}");
}

#[tokio::test]
async fn a_bad_port_in_the_path_of_a_change_is_refused_and_nothing_is_done() {
    let bed = Testbed::inhabited().await;
    for (path, parameter) in [
        ("/nat/ipv4/192.0.2.9/0/65536", "high"),
        ("/nat/ipv4/192.0.2.9/x/9", "low"),
        ("/nat/ipv6/192.0.2.9/0/9", "ipv6"),
    ] {
        let (body, path) = (target(1).json(), path);
        let refusal = bed.refuses("InvalidPath", bed.put(path, &body)).await;
        assert_eq!(refusal["parameter"], parameter, "{refusal}");
    }
    bed.refuses("InvalidPath", bed.delete("/nat/ipv4/192.0.2.1/zero")).await;
}

const DUMP: &str = "/table/Ingress.nat_ingress.ingress_ipv5/dump?from_hardware=true";
const COUNTERS: &str = "/table/nat/counters?force_sync=true";

#[rstest]
#[case(DUMP)]
#[case(COUNTERS)]
#[tokio::test]
async fn an_unknown_table_is_refused_with_those_that_are_there(#[case] path: &str) {
    let bed = Testbed::start();
    let refusal = bed.get(path).await.refused("NoSuchTable");
    assert!(refusal["message"].as_str().unwrap().contains("Ingress.nat_ingress.ingress_ipv6"));
}

/// A list of every kind that pages, each with more than one item.
const LISTS: [&str; 8] = [
    "/nat/groups",
    "/nat/groups/services/entries",
    "/nat/groups/services/generations",
    "/nat/groups/services/changes?from=5",
    "/nat/ipv4",
    "/nat/ipv6",
    "/nat/ipv4/203.0.113.1",
    "/nat/ipv6/2001:db8:53::9",
];

/// A daemon where each of [`LISTS`] has more than one page of one item.
async fn testbed_of_lists() -> Testbed {
    let bed = Testbed::inhabited().await;
    let set: Vec<Entry> = ["203.0.113.1", "2001:db8:53::9"]
        .iter()
        .flat_map(|external| (0..3).map(|port| entry(external, port, port, target(1))))
        .collect();
    bed.ensure("lists", 1, &set).await.ok();
    bed
}

async fn token_of(bed: &Testbed, list: &str) -> String {
    let join = if list.contains('?') { '&' } else { '?' };
    let page = bed.get(format!("{list}{join}limit=1")).await.ok();
    page["next_page"].as_str().unwrap_or_else(|| panic!("{list} has one page: {page}")).to_owned()
}

fn bare(list: &str) -> &str {
    list.split('?').next().unwrap()
}

#[tokio::test]
async fn a_page_token_is_good_for_the_list_that_gave_it_out_and_for_no_other() {
    let bed = testbed_of_lists().await;
    let others = [
        "/nat/groups/instances/entries",
        "/nat/groups/instances/generations",
        "/nat/groups/instances/changes",
        "/nat/ipv4/198.51.100.1",
        "/nat/ipv4/203.0.113.99",
        "/nat/ipv6/2001:db8:ee::1",
    ];
    for giver in LISTS {
        let token = token_of(&bed, giver).await;
        for taker in LISTS.iter().map(|list| bare(list)).chain(others) {
            let answer = bed.get(format!("{taker}?page_token={token}")).await;
            if taker == bare(giver) {
                answer.ok();
            } else {
                let refusal = answer.refused("InvalidPageToken");
                assert_eq!(refusal["parameter"], "page_token", "{giver} to {taker}");
            }
        }
    }
}

#[rstest]
#[case::empty("")]
#[case::garbage("nonsense")]
#[case::not_base64("%21%21%21")]
#[case::not_a_token("eyJhIjoxfQ")]
#[case::cut_short("eyJvZiI6ImdyMx")]
#[tokio::test]
async fn a_page_token_that_was_made_up_is_refused(#[case] token: &str) {
    let bed = testbed_of_lists().await;
    for list in LISTS {
        let path = format!("{}?page_token={token}", bare(list));
        bed.get(path).await.refused("InvalidPageToken");
    }
}

#[tokio::test]
async fn beside_a_page_token_only_a_limit_may_be_sent() {
    let bed = testbed_of_lists().await;
    for (list, beside) in [
        ("/nat/groups/services/entries", "vni=100"),
        ("/nat/groups/services/entries", "external=198.51.100.1"),
        ("/nat/groups/services/entries", "generation=7"),
        ("/nat/groups/services/changes?from=5", "from=5"),
        ("/nat/groups/services/changes?from=5", "to=7"),
    ] {
        let token = token_of(&bed, list).await;
        let path = format!("{}?page_token={token}", bare(list));
        let refusal = bed.get(format!("{path}&{beside}")).await.refused("InvalidQuery");
        assert_eq!(refusal["parameter"], beside.split('=').next().unwrap());
        bed.get(format!("{path}&limit=2")).await.ok();
    }
}

/// With a token, the filter of the first page goes on.
#[tokio::test]
async fn the_filter_of_the_first_page_holds_for_all() {
    let bed = Testbed::start();
    let set = instances(60, 3);
    bed.ensure("instances", 1, &set).await.ok();
    let external =
        set.iter().find(|it| set.iter().filter(|at| at.external == it.external).count() > 2);
    let external = external.unwrap().external;
    let expected: Vec<Entry> = set.into_iter().filter(|it| it.external == external).collect();
    let path = format!("/nat/groups/instances/entries?external={external}&limit=1");
    let pages = bed.pages(&path).await;
    assert_eq!(json!(pages.concat()), dpd_tests::entry_list(&expected));
}

/// The oldest of more than 64 pinned generations is let go; a reader is told, and never served
/// another generation.
#[tokio::test]
async fn a_page_token_whose_generation_is_gone_has_expired() {
    let bed = Testbed::start();
    bed.ensure("a", 1, &services()).await.ok();
    let token = token_of(&bed, "/nat/groups/a/entries").await;
    let path = format!("/nat/groups/a/entries?page_token={token}");
    for generation in 2..=20 {
        bed.ensure("a", generation, &services()[1..]).await.ok();
    }
    // It is pinned, and this page pins it again.
    assert_eq!(bed.get(&path).await.ok()["generation"], 1);
    for generation in 1..=64 {
        bed.ensure("b", generation, &ungrouped()).await.ok();
        bed.get("/nat/groups/b/entries").await.ok();
    }
    let refusal = bed.get(&path).await.refused("GenerationExpired");
    assert_eq!(refusal["oldest_generation"], 5);
    assert_eq!(refusal["current_generation"], 20);
}
