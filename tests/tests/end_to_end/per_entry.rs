//! The per-entry operations, as clients before groups use them. Both families behave alike.

use dpd_tests::{
    Entry, Settings, Testbed, With as _, entry, entry_list, request, services, target,
};
use rstest::rstest;
use serde_json::{Value, json};
use std::net::IpAddr;

/// An address of each family, and its tables' name.
const V4: (&str, &str) = ("203.0.113.7", "Ingress.nat_ingress.ingress_ipv4");
const V6: (&str, &str) = ("2001:db8::7", "Ingress.nat_ingress.ingress_ipv6");

/// The path of the family's list of addresses.
fn family(entry: &Entry) -> String {
    let path = entry.address_path();
    path.rsplit_once('/').unwrap().0.to_owned()
}

#[rstest]
#[tokio::test]
async fn an_entry_lives_from_its_put_to_its_delete(#[values(V4, V6)] (address, _): (&str, &str)) {
    let bed = Testbed::start();
    let it = entry(address, 1000, 1999, target(3));
    let page = |items: Value| json!({ "items": items, "next_page": null });
    assert_eq!(bed.get(family(&it)).await.ok(), page(json!([])));
    assert_eq!(bed.get(it.address_path()).await.ok(), page(json!([])));

    bed.put_entry(&it).await.no_content();
    assert_eq!(bed.get(family(&it)).await.ok(), page(json!([address])));
    assert_eq!(bed.get(it.address_path()).await.ok(), page(json!([it.json()])));
    for port in [1000, 1500, 1999] {
        assert_eq!(bed.get(it.port_path(port)).await.ok(), it.target.json());
    }
    bed.device.assert_holds(&[it]);

    // Any port that it covers will do.
    bed.delete(it.port_path(1234)).await.no_content();
    assert_eq!(bed.get(family(&it)).await.ok(), page(json!([])));
    assert_eq!(bed.get(it.address_path()).await.ok(), page(json!([])));
    bed.device.assert_holds(&[]);
}

#[rstest]
#[tokio::test]
async fn a_get_of_what_is_not_there_says_so_as_clients_know_it(
    #[values(V4, V6)] (address, _): (&str, &str),
) {
    let bed = Testbed::start();
    let it = entry(address, 1000, 1999, target(3));
    bed.put_entry(&it).await.no_content();
    for port in [0, 999, 2000, 65535] {
        let refusal = bed.get(it.port_path(port)).await.refused("no mapping");
        assert!(refusal["message"].as_str().unwrap().starts_with("Not Found"), "{refusal}");
    }
}

#[rstest]
#[tokio::test]
async fn the_identical_entry_again_is_a_success_that_changes_nothing(
    #[values(V4, V6)] (address, _): (&str, &str),
) {
    let bed = Testbed::start_with(Settings::sized(1, 1));
    let it = entry(address, 0, 65535, target(3));
    bed.put_entry(&it).await.no_content();
    bed.device.packet(it.external, 7);
    let before = bed.everything().await;
    // Also when the table is full, as it is now.
    bed.put_entry(&it).await.no_content();
    assert_eq!(bed.everything().await, before);
}

#[rstest]
#[case::another_target(1000, 1999, 4)]
#[case::within(1500, 1500, 3)]
#[case::around(0, 65535, 3)]
#[case::at_the_first_port(0, 1000, 3)]
#[case::at_the_last_port(1999, 1999, 3)]
#[tokio::test]
async fn any_other_overlap_is_a_conflict(
    #[values(V4, V6)] (address, _): (&str, &str),
    #[case] low: u16,
    #[case] high: u16,
    #[case] sled: u16,
) {
    let bed = Testbed::start();
    let existing = entry(address, 1000, 1999, target(3));
    bed.put_entry(&existing).await.no_content();
    let requested = entry(address, low, high, target(sled));
    let refusal = bed.refuses("conflicting mapping", bed.put_entry(&requested)).await;
    assert!(refusal["message"].as_str().unwrap().starts_with("Conflict"), "{refusal}");
    assert_eq!(
        refusal["conflicts"],
        json!([
            { "requested": requested.json(), "existing": existing.json(), "group": "ungrouped" }
        ])
    );
}

#[rstest]
#[tokio::test]
async fn ports_the_wrong_way_round_are_refused(#[values(V4, V6)] (address, _): (&str, &str)) {
    let bed = Testbed::start();
    let refusal = bed.put_entry(&entry(address, 80, 79, target(3))).await.refused("InvalidPath");
    assert!(refusal["message"].as_str().unwrap().starts_with("invalid port range"), "{refusal}");
}

#[rstest]
#[tokio::test]
async fn a_full_table_is_refused_with_its_name(#[values(V4, V6)] (address, table): (&str, &str)) {
    let bed = Testbed::start_with(Settings::sized(2, 2));
    for port in [1, 2] {
        bed.put_entry(&entry(address, port, port, target(3))).await.no_content();
    }
    let one_more = entry(address, 3, 3, target(3));
    let refusal = bed.refuses("TableFull", bed.put_entry(&one_more)).await;
    assert!(refusal["message"].as_str().unwrap().starts_with(table), "{refusal}");
    assert_eq!((&refusal["size"], &refusal["needed"]), (&json!(2), &json!(3)));
}

#[rstest]
#[tokio::test]
async fn a_delete_of_what_is_not_there_is_a_success(#[values(V4, V6)] (address, _): (&str, &str)) {
    let bed = Testbed::start();
    let it = entry(address, 1000, 1999, target(3));
    bed.put_entry(&it).await.no_content();
    let before = bed.everything().await;
    for port in [0, 999, 2000, 65535] {
        bed.delete(it.port_path(port)).await.no_content();
    }
    assert_eq!(bed.everything().await, before);
}

#[tokio::test]
async fn a_reset_removes_the_ungrouped_entries_of_one_family() {
    let bed = Testbed::inhabited().await;
    let others = [entry("192.0.2.9", 0, 9, target(1)), entry("2001:db8:ee::9", 0, 9, target(1))];
    for entry in &others {
        bed.put_entry(entry).await.no_content();
    }
    let owned = [services(), bed.entries("instances").await].concat();
    bed.delete("/nat/ipv4").await.no_content();
    let left = bed.entries("ungrouped").await;
    assert_eq!(left.len(), 2);
    assert!(left.iter().all(|entry| entry.external.is_ipv6()));
    bed.delete("/nat/ipv6").await.no_content();
    assert_eq!(bed.entries("ungrouped").await, []);
    bed.device.assert_holds(&owned);
    // Once more is a success as well.
    let before = bed.everything().await.views;
    bed.delete("/nat/ipv4").await.no_content();
    assert_eq!(bed.everything().await.views, before);
}

#[tokio::test]
async fn lists_and_gets_show_the_entries_of_every_group() {
    let bed = Testbed::inhabited().await;
    let beside = entry("198.51.100.1", 16384, 20000, target(8));
    bed.put_entry(&beside).await.no_content();
    let all: Vec<Entry> = bed.device.rows().iter().map(|row| row.entry).collect();
    for (path, is_of_family) in
        [("/nat/ipv4", IpAddr::is_ipv4 as fn(&IpAddr) -> bool), ("/nat/ipv6", IpAddr::is_ipv6)]
    {
        let mut addresses: Vec<IpAddr> =
            all.iter().map(|entry| entry.external).filter(is_of_family).collect();
        addresses.dedup();
        assert_eq!(json!(bed.all_pages(path).await), json!(addresses));
        for address in addresses {
            let here: Vec<Entry> =
                all.iter().filter(|it| it.external == address).copied().collect();
            assert_eq!(json!(bed.all_pages(&here[0].address_path()).await), entry_list(&here));
        }
    }
    for entry in &all {
        assert_eq!(bed.get(entry.port_path(entry.high)).await.ok(), entry.target.json());
    }
}

#[rstest]
#[tokio::test]
async fn pages_have_as_many_items_as_asked_for_and_the_last_leads_nowhere(
    #[values(V4, V6)] (address, _): (&str, &str),
    #[values(1, 2, 3, 7)] limit: usize,
) {
    let bed = Testbed::start();
    let set: Vec<Entry> =
        (0..6).map(|number| entry(address, number * 10, number * 10 + 9, target(3))).collect();
    bed.ensure("a", 1, &set).await.ok();
    let pages = bed.pages(&format!("{}?limit={limit}", set[0].address_path())).await;
    assert_eq!(pages.len(), 6_usize.div_ceil(limit));
    assert_eq!(json!(pages.concat()), entry_list(&set));
}

/// The page goes on behind its last address or entry, whatever has become of that.
#[tokio::test]
async fn pages_follow_the_key_through_the_current_state() {
    let bed = Testbed::start();
    let at = |host: u8, low| entry(&format!("203.0.113.{host}"), low, low + 9, target(3));
    for (host, low) in [(1, 0), (2, 0), (2, 10), (3, 0)] {
        bed.put_entry(&at(host, low)).await.no_content();
    }
    let addresses = bed.get("/nat/ipv4?limit=2").await.ok();
    let entries = bed.get("/nat/ipv4/203.0.113.2?limit=1").await.ok();
    bed.delete_entry(&at(2, 0)).await.no_content();
    bed.delete_entry(&at(2, 10)).await.no_content();
    bed.put_entry(&at(2, 20)).await.no_content();
    let next = |path: &str, page: &Value| {
        format!("{path}?page_token={}", page["next_page"].as_str().unwrap())
    };
    let rest = bed.get(next("/nat/ipv4", &addresses)).await.ok();
    assert_eq!(rest["items"], json!(["203.0.113.3"]));
    let rest = bed.get(next("/nat/ipv4/203.0.113.2", &entries)).await.ok();
    assert_eq!(rest["items"], json!([at(2, 20).json()]));
}

/// They check no more than existing clients are used to.
#[rstest]
#[case::loopback("127.0.0.1")]
#[case::multicast("224.0.0.1")]
#[case::unspecified("0.0.0.0")]
#[case::link_local("fe80::1")]
#[case::mapped("::ffff:192.0.2.1")]
#[tokio::test]
async fn what_a_group_may_not_have_a_single_entry_may(#[case] address: &str) {
    let bed = Testbed::start();
    let to = dpd_tests::Target { internal_ip: "::".parse().unwrap(), inner_mac: [255; 6], vni: 0 };
    let it = entry(address, 0, 65535, to);
    bed.put_entry(&it).await.no_content();
    assert_eq!(bed.entries("ungrouped").await, [it]);
    bed.device.assert_holds(&[it]);
    bed.delete_entry(&it).await.no_content();
}

#[tokio::test]
async fn what_a_target_says_beyond_what_is_known_is_tolerated() {
    let bed = Testbed::start();
    let it = entry("203.0.113.7", 0, 9, target(3));
    let body = it.target.json().with("mtu", 1500);
    bed.put(it.range_path(), &body).await.no_content();
    bed.device.assert_holds(&[it]);
}

#[tokio::test]
async fn the_generation_for_old_clients_is_that_of_the_group_named_for_it() {
    let bed = Testbed::start();
    assert_eq!(bed.get("/rpw/nat/gen").await.ok(), 0);
    bed.ensure("services", 7, &services()).await.ok();
    assert_eq!(bed.get("/rpw/nat/gen").await.ok(), 0);
    bed.ensure("instances", 41, &[]).await.ok();
    assert_eq!(bed.get("/rpw/nat/gen").await.ok(), 41);
    bed.delete_group("instances", 50).await.ok();
    assert_eq!(bed.get("/rpw/nat/gen").await.ok(), 0);
    bed.ensure("instances", i64::MAX as u64, &[]).await.ok();
    assert_eq!(bed.get("/rpw/nat/gen").await.ok(), i64::MAX);
}

#[tokio::test]
async fn another_group_can_be_named_for_old_clients() {
    let rpw_group = nat_groups::GroupName::new("services").unwrap();
    let bed = Testbed::start_with(Settings { rpw_group, ..Settings::default() });
    bed.ensure("services", 7, &services()).await.ok();
    assert_eq!(bed.get("/rpw/nat/gen").await.ok(), 7);
}

#[tokio::test]
async fn a_trigger_is_answered_at_once_and_changes_nothing_that_is_as_it_should_be() {
    let bed = Testbed::inhabited().await;
    let before = bed.everything().await;
    assert_eq!(bed.post("/rpw/nat/trigger").await.ok(), Value::Null);
    bed.ensure_with("services", &request(7, &services())).await.ok();
    assert_eq!(bed.everything().await, before);
}
