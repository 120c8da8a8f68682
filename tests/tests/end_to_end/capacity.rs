//! What does not fit is refused before the first write, with the numbers to act on; and what is
//! reserved is kept.

use dpd_tests::{
    Entry, RangeExpansion, Settings, Testbed, With as _, entry, request, services, target,
};
use rstest::rstest;
use serde_json::{Value, json};

const IPV4_TABLE: &str = "Ingress.nat_ingress.ingress_ipv4";
const IPV6_TABLE: &str = "Ingress.nat_ingress.ingress_ipv6";

/// `count` entries of one row each, of addresses that begin with `net`.
fn some(net: u8, count: u8) -> Vec<Entry> {
    (1..=count).map(|host| entry(&format!("10.0.{net}.{host}"), 0, 65535, target(1))).collect()
}

fn reserving(generation: u64, entries: &[Entry], ipv4: u64, ipv6: u64) -> Value {
    request(generation, entries).with("reserve", json!({ "ipv4": ipv4, "ipv6": ipv6 }))
}

/// The numbers of a refusal, without its words.
fn numbers(refusal: Value) -> Value {
    refusal.without("request_id").without("message").without("error_code")
}

#[tokio::test]
async fn a_set_that_does_not_fit_is_refused_saying_what_is_missing_and_who_has_the_rest() {
    let bed = Testbed::start_with(Settings::sized(20, 20));
    bed.ensure("services", 1, &services()).await.ok();
    bed.ensure("small", 1, &some(1, 2)).await.ok();
    bed.put_entry(&some(2, 1)[0]).await.no_content();
    let refusal = bed.refuses("TableFull", bed.ensure("instances", 1, &some(3, 9))).await;
    let message = refusal["message"].as_str().unwrap();
    assert!(message.starts_with(IPV4_TABLE) && message.contains("21"), "{message}");
    assert_eq!(
        numbers(refusal),
        json!({
            "table": IPV4_TABLE, "size": 20, "in_use": 12, "reserved": 0, "needed": 21,
            "by_group": [
                { "group": "services", "in_use": 9, "reserved": 0 },
                { "group": "small", "in_use": 2, "reserved": 0 },
                { "group": "ungrouped", "in_use": 1, "reserved": 0 },
            ],
            "by_group_total": 3,
        })
    );
    bed.ensure("instances", 1, &some(3, 8)).await.ok();
}

#[tokio::test]
async fn each_family_has_a_table_of_its_own() {
    let bed = Testbed::start_with(Settings::sized(100, 1));
    bed.ensure("services", 1, &services()).await.ok();
    let one_more = [entry("2001:db8::1", 0, 65535, target(1))];
    let refusal = bed.refuses("TableFull", bed.ensure("a", 1, &one_more)).await;
    assert_eq!(refusal["table"], IPV6_TABLE);
    assert_eq!((&refusal["size"], &refusal["needed"]), (&json!(1), &json!(2)));
}

/// What goes makes room for what comes, within a group and of an update.
#[tokio::test]
async fn a_full_table_can_be_exchanged_for_another() {
    let bed = Testbed::start_with(Settings::sized(9, 1));
    bed.ensure("a", 1, &some(1, 9)).await.ok();
    let answer = bed.ensure("a", 2, &some(2, 9)).await.ok();
    assert_eq!((&answer["writes"], &answer["gaps"]), (&json!(18), &json!([])));
    bed.device.assert_holds(&some(2, 9));
    bed.refuses("TableFull", bed.ensure("a", 3, &some(3, 10))).await;
}

/// "Entries" is not "rows": a range that is no power of two takes several of a Tofino's.
#[tokio::test]
async fn a_range_is_counted_in_the_rows_that_the_device_needs_for_it() {
    let settings =
        Settings { range_expansion: RangeExpansion::TernaryNibbles, ..Settings::sized(14, 4) };
    let bed = Testbed::start_with(settings);
    let dear = entry("203.0.113.1", 1, 65534, target(1));
    bed.ensure("a", 1, &[dear]).await.ok();
    let set =
        [entry("203.0.113.2", 1000, 1999, target(1)), entry("203.0.113.3", 1, 65534, target(1))];
    let refusal = bed.refuses("TableFull", bed.ensure("b", 1, &set)).await;
    assert_eq!((&refusal["in_use"], &refusal["needed"]), (&json!(7), &json!(7 + 4 + 7)));
    bed.ensure("b", 1, &set[1..]).await.ok();
    assert_eq!(bed.device.switch().in_use_rows(dpd_tests::Table::NatIngressIpv4), 14);
    // A dear range that is recut into a cheap one leaves room, for a while less of it.
    bed.ensure("b", 2, &[entry("203.0.113.3", 0, 65535, target(1))]).await.ok();
    bed.ensure("a", 2, &[dear, set[0]]).await.ok();
}

#[tokio::test]
async fn what_a_group_reserves_others_cannot_take() {
    let bed = Testbed::start_with(Settings::sized(12, 12));
    bed.ensure_with("services", &reserving(1, &some(1, 2), 5, 0)).await.ok();
    let refusal = bed.refuses("TableFull", bed.ensure("others", 1, &some(2, 8))).await;
    assert_eq!(
        numbers(refusal),
        json!({
            "table": IPV4_TABLE, "size": 12, "in_use": 2, "reserved": 3, "needed": 13,
            "by_group": [{ "group": "services", "in_use": 2, "reserved": 5 }], "by_group_total": 1,
        })
    );
    bed.ensure("others", 1, &some(2, 7)).await.ok();
    // Its owner can fill it, and no one can go beyond.
    bed.ensure("services", 2, &some(1, 5)).await.ok();
    bed.refuses("TableFull", bed.ensure("services", 3, &some(1, 6))).await;
}

/// Against others a group counts what it uses or reserves, whichever is more.
#[tokio::test]
async fn a_group_may_use_more_than_it_reserves() {
    let bed = Testbed::start_with(Settings::sized(12, 12));
    bed.ensure_with("services", &reserving(1, &some(1, 9), 5, 0)).await.ok();
    bed.refuses("TableFull", bed.ensure("others", 1, &some(2, 4))).await;
    bed.ensure("others", 1, &some(2, 3)).await.ok();
    bed.ensure("services", 2, &some(1, 1)).await.ok();
    bed.ensure("others", 2, &some(2, 7)).await.ok();
    bed.refuses("TableFull", bed.ensure("others", 3, &some(2, 8))).await;
}

#[rstest]
#[case::than_there_are(13)]
#[case::than_others_leave(10)]
#[tokio::test]
async fn more_rows_cannot_be_reserved(#[case] ipv4: u64) {
    let bed = Testbed::start_with(Settings::sized(12, 12));
    bed.ensure("others", 1, &some(2, 3)).await.ok();
    let body = reserving(1, &some(1, 2), ipv4, 0);
    let refusal = bed.refuses("TableFull", bed.ensure_with("services", &body)).await;
    assert_eq!((&refusal["size"], &refusal["needed"]), (&json!(12), &json!(3 + ipv4)));
    bed.ensure_with("services", &reserving(1, &some(1, 2), 9, 0)).await.ok();
}

#[tokio::test]
async fn a_reservation_binds_the_per_entry_operations_too() {
    let bed = Testbed::start_with(Settings::sized(12, 12));
    bed.ensure_with("services", &reserving(1, &[], 10, 12)).await.ok();
    for entry in some(1, 2) {
        bed.put_entry(&entry).await.no_content();
    }
    let refusal = bed.refuses("TableFull", bed.put_entry(&some(1, 3)[2])).await;
    assert!(refusal["message"].as_str().unwrap().starts_with(IPV4_TABLE), "{refusal}");
    let ipv6 = entry("2001:db8::1", 0, 65535, target(1));
    let refusal = bed.refuses("TableFull", bed.put_entry(&ipv6)).await;
    assert!(refusal["message"].as_str().unwrap().starts_with(IPV6_TABLE), "{refusal}");
    bed.ensure_with("services", &reserving(2, &[], 9, 11)).await.ok();
    bed.put_entry(&some(1, 3)[2]).await.no_content();
    bed.put_entry(&ipv6).await.no_content();
}

/// Else a client could not get out of what it got into.
#[tokio::test]
async fn what_needs_no_more_than_before_always_fits() {
    let bed = Testbed::start_with(Settings::sized(4, 4));
    bed.ensure_with("a", &reserving(1, &some(1, 4), 4, 0)).await.ok();
    let retargeted: Vec<Entry> = some(1, 4).iter().map(|entry| entry.to(target(7))).collect();
    bed.ensure("a", 2, &retargeted).await.ok();
    bed.ensure("a", 3, &retargeted[2..]).await.ok();
    bed.refuses("TableFull", bed.put_entry(&some(2, 1)[0])).await;
    bed.delete_group("a", 3).await.ok();
    bed.put_entry(&some(2, 1)[0]).await.no_content();
}

#[tokio::test]
async fn of_many_groups_the_32_with_the_most_rows_are_listed() {
    let bed = Testbed::start_with(Settings::sized(600, 1));
    for group in 0..40_u8 {
        let set = some(group, if group == 33 { 20 } else { group % 7 + 1 });
        bed.ensure(&format!("g{group}"), 1, &set).await.ok();
    }
    let large: Vec<Entry> = (0..3).flat_map(|net| some(100 + net, 200)).collect();
    let refusal = bed.refuses("TableFull", bed.ensure("large", 1, &large)).await;
    assert_eq!(refusal["by_group_total"], 40);
    let listed = refusal["by_group"].as_array().unwrap();
    let in_use: Vec<u64> = listed.iter().map(|group| group["in_use"].as_u64().unwrap()).collect();
    assert_eq!(in_use.len(), 32);
    assert!(in_use.is_sorted_by(|more, less| more >= less), "{in_use:?}");
    assert_eq!(listed[0]["group"], "g33");
}
