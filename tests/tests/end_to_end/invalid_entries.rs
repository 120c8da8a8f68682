//! Entries that are understood but not allowed: all are named, with every reason, and nothing is
//! done.

use dpd_tests::{Entry, Target, Testbed, entry, request, services, target};
use rstest::rstest;
use serde_json::{Value, json};

/// A request for `services` with `entry` in the middle.
fn with_entry(entry: Entry) -> Value {
    let mut set = services();
    set.insert(4, entry);
    request(8, &set)
}

fn from(external: &str) -> Entry {
    entry(external, 0, 65535, target(1))
}

fn to(internal_ip: &str) -> Entry {
    let target = Target { internal_ip: internal_ip.parse().unwrap(), ..target(1) };
    entry("203.0.113.7", 0, 65535, target)
}

fn with_mac(inner_mac: [u8; 6]) -> Entry {
    entry("203.0.113.7", 0, 65535, Target { inner_mac, ..target(1) })
}

#[rstest]
#[case::from_nowhere(from("0.0.0.0"), &["0.0.0.0", "unspecified"])]
#[case::from_here(from("127.0.0.1"), &["127.0.0.1", "loopback"])]
#[case::from_everyone(from("255.255.255.255"), &["255.255.255.255", "broadcast"])]
#[case::from_many(from("239.1.2.3"), &["239.1.2.3", "multicast"])]
#[case::from_the_link(from("169.254.7.7"), &["169.254.7.7", "link-local"])]
#[case::from_nowhere(from("::"), &["::", "unspecified"])]
#[case::from_here(from("::1"), &["::1", "loopback"])]
#[case::from_many(from("ff05::2"), &["ff05::2", "multicast"])]
#[case::from_the_link(from("fe80::7"), &["fe80::7", "link-local"])]
#[case::from_ipv4_in_disguise(from("::ffff:192.0.2.1"), &["::ffff:192.0.2.1", "IPv4-mapped"])]
#[case::ports_the_wrong_way_round(entry("203.0.113.7", 80, 79, target(1)), &["80", "79"])]
#[case::to_nowhere(to("::"), &["internal_ip", "unspecified"])]
#[case::to_here(to("::1"), &["internal_ip", "loopback"])]
#[case::to_many(to("ff02::1"), &["internal_ip", "multicast"])]
#[case::to_ipv4_in_disguise(to("::ffff:10.0.0.1"), &["internal_ip", "IPv4-mapped"])]
#[case::to_a_mac_of_many(with_mac([1, 0, 0x5e, 0, 0, 1]), &["inner_mac", "multicast"])]
#[case::to_the_mac_of_all(with_mac([255; 6]), &["inner_mac", "ff:ff:ff:ff:ff:ff"])]
#[case::more_than_24_bits(
    entry("203.0.113.7", 0, 65535, target(1).vni(1 << 24)),
    &["vni", "16777216", "16777215"]
)]
#[tokio::test]
async fn a_value_that_is_not_allowed_is_named_by_index_with_the_reason(
    #[case] bad: Entry,
    #[case] words: &[&str],
) {
    let bed = Testbed::inhabited().await;
    let body = with_entry(bad);
    let refusal = bed.refuses("InvalidEntries", bed.ensure_with("services", &body)).await;
    assert_eq!(refusal["invalid_total"], 1);
    let invalid = &refusal["invalid"][0];
    assert_eq!((&invalid["index"], &invalid["entry"]), (&json!(4), &bad.json()));
    for text in [&invalid["reason"], &refusal["message"]] {
        let text = text.as_str().unwrap();
        assert!(words.iter().all(|word| text.contains(word)), "{text}");
    }
    assert!(refusal["message"].as_str().unwrap().contains("entries[4]"), "{refusal}");
}

#[rstest]
#[case::the_same_entry_twice(services()[2], "same address and ports as entries[2]")]
#[case::the_same_slot_to_another_target(
    services()[2].to(target(9)),
    "same address and ports as entries[2]"
)]
#[case::within_another(entry("198.51.100.3", 80, 80, target(1)), "overlaps entries[2]")]
#[case::around_another(entry("198.51.100.1", 0, 65535, target(1)), "overlaps entries[0]")]
#[case::by_a_single_port(entry("198.51.100.1", 16383, 16384, target(1)), "overlaps entries[0]")]
#[case::in_ipv6(entry("2001:db8:53::1", 443, 443, target(1)), "overlaps entries[9]")]
#[tokio::test]
async fn of_two_entries_that_overlap_the_later_is_named_with_the_earlier(
    #[case] bad: Entry,
    #[case] reason: &str,
) {
    let bed = Testbed::inhabited().await;
    let mut set = services();
    set.push(bad);
    let refusal = bed.refuses("InvalidEntries", bed.ensure("services", 8, &set)).await;
    assert_eq!(refusal["invalid_total"], 1);
    let invalid = &refusal["invalid"][0];
    assert_eq!((&invalid["index"], &invalid["entry"]), (&json!(10), &bad.json()));
    let text = invalid["reason"].as_str().unwrap();
    assert!(text.contains(reason), "{text}");
}

#[tokio::test]
async fn every_entry_that_is_not_allowed_is_named_with_every_reason() {
    let bed = Testbed::inhabited().await;
    let set = [
        services()[0],
        entry("127.0.0.1", 9, 8, target(1).vni(1 << 24)),
        services()[1],
        services()[0],
        with_mac([255; 6]),
    ];
    let refusal = bed.refuses("InvalidEntries", bed.ensure("services", 8, &set)).await;
    assert_eq!(refusal["invalid_total"], 3);
    let invalid = refusal["invalid"].as_array().unwrap();
    let indexes: Vec<&Value> = invalid.iter().map(|invalid| &invalid["index"]).collect();
    assert_eq!(indexes, [1, 3, 4]);
    let reasons = invalid[0]["reason"].as_str().unwrap();
    for reason in ["loopback", "low 9 is above high 8", "24 bits"] {
        assert!(reasons.contains(reason), "{reasons}");
    }
}

#[tokio::test]
async fn of_many_bad_entries_the_first_32_are_listed_and_all_are_counted() {
    let bed = Testbed::start();
    let bad: Vec<Entry> = (0..50).map(|port| entry("224.0.0.1", port, port, target(1))).collect();
    let refusal = bed.refuses("InvalidEntries", bed.ensure("services", 8, &bad)).await;
    assert_eq!(refusal["invalid_total"], 50);
    let indexes: Vec<u64> = refusal["invalid"]
        .as_array()
        .unwrap()
        .iter()
        .map(|invalid| invalid["index"].as_u64().unwrap())
        .collect();
    assert_eq!(indexes, (0..32).collect::<Vec<_>>());
}
