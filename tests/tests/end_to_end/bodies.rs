//! Bodies that are not what they should be: refused in words that lead to the mistake, and nothing
//! is done.

use dpd_tests::{Testbed, With as _, request, services};
use rstest::rstest;
use serde_json::{Value, json};

/// A good request for another generation of the group `services`.
fn good() -> Value {
    request(8, &services()[..6])
}

/// The good request with another value at this place, as in `/entries/3/low`.
fn with_value(place: &str, value: Value) -> Value {
    let mut body = good();
    let (parent, name) = place.rsplit_once('/').unwrap();
    match body.pointer_mut(parent).unwrap() {
        Value::Array(items) => items[name.parse::<usize>().unwrap()] = value,
        parent => parent[name] = value,
    }
    body
}

#[rstest]
#[case::text_for_a_number("/entries/3/target/vni", json!("100"), "entries[3].target.vni", "u32")]
#[case::negative("/entries/3/target/vni", json!(-1), "entries[3].target.vni", "-1")]
#[case::fraction("/entries/3/target/vni", json!(1.5), "entries[3].target.vni", "1.5")]
#[case::more_than_32_bits("/entries/3/target/vni", json!(1_u64 << 32), "entries[3].target.vni", "4294967296")]
#[case::null("/entries/3/target/vni", json!(null), "entries[3].target.vni", "null")]
#[case::no_port("/entries/5/low", json!(65536), "entries[5].low", "65536")]
#[case::no_address("/entries/0/external", json!("203.0.113"), "entries[0].external", "address")]
#[case::a_prefix("/entries/0/external", json!("203.0.113.0/24"), "entries[0].external", "address")]
#[case::the_wrong_family("/entries/1/target/internal_ip", json!("10.0.0.1"), "entries[1].target.internal_ip", "IPv6")]
#[case::short_mac("/entries/2/target/inner_mac/a", json!([1, 2, 3, 4, 5]), "entries[2].target.inner_mac.a", "5")]
#[case::long_mac("/entries/2/target/inner_mac/a", json!([1, 2, 3, 4, 5, 6, 7]), "entries[2].target.inner_mac.a", "items")]
#[case::no_byte("/entries/2/target/inner_mac/a/4", json!(256), "entries[2].target.inner_mac.a[4]", "256")]
#[case::mac_as_text("/entries/2/target/inner_mac", json!("a8:40:25:f0:00:01"), "entries[2].target.inner_mac", "`a`")]
#[case::no_entry("/entries/4", json!(7), "entries[4]", "`external`")]
#[case::no_list("/entries", json!({}), "entries", "map")]
#[case::unknown_field("/entries/4/hihg", json!(7), "entries[4].hihg", "`high`")]
#[case::unknown_field_on_top("/allow_emtpy", json!(true), "allow_emtpy", "`allow_empty`")]
#[case::unknown_adoption("/adopt", json!("all"), "adopt", "all")]
#[case::unknown_adoption_by("/adopt", json!({ "tag": "sled" }), "adopt", "tag")]
#[case::adoption_of_no_vni("/adopt", json!({ "vni": 1 << 24 }), "adopt.vni", "16777216")]
#[case::half_a_reservation("/reserve", json!({ "ipv4": 3 }), "reserve", "`ipv6`")]
#[case::negative_reservation("/reserve", json!({ "ipv4": -3, "ipv6": 0 }), "reserve.ipv4", "-3")]
#[case::endless_reservation("/reserve", json!({ "ipv4": 0, "ipv6": 1_u64 << 40 }), "reserve.ipv6", "1099511627776")]
#[case::negative_limit("/max_removals", json!(-1), "max_removals", "-1")]
#[case::no_truth("/allow_empty", json!("yes"), "allow_empty", "boolean")]
#[case::generation_zero("/generation", json!(0), "generation", "from 1 to 9223372036854775807")]
#[case::generation_below("/generation", json!(-1), "generation", "from 1 to 9223372036854775807")]
#[case::generation_beyond("/generation", json!(1_u64 << 63), "generation", "from 1 to 9223372036854775807")]
#[case::generation_far_beyond("/generation", json!(1e30), "generation", "from 1 to 9223372036854775807")]
#[case::generation_as_text("/generation", json!("8"), "generation", "from 1 to 9223372036854775807")]
#[tokio::test]
async fn a_wrong_value_is_named_by_its_path_with_what_would_be_right(
    #[case] place: &str,
    #[case] value: Value,
    #[case] path: &str,
    #[case] about: &str,
) {
    let bed = Testbed::inhabited().await;
    let body = with_value(place, value);
    let refusal = bed.refuses("InvalidBody", bed.ensure_with("services", &body)).await;
    assert_eq!(refusal["body_path"], path, "{refusal}");
    let message = refusal["message"].as_str().unwrap();
    assert!(message.contains(path) && message.contains(about), "{message}");
}

#[rstest]
#[case::on_top(good().without("generation"), "generation")]
#[case::on_top(good().without("entries"), "entries")]
#[case::in_an_entry(with_value("/entries/3", good()["entries"][3].clone().without("high")), "high")]
#[case::in_a_target(
    with_value("/entries/3/target", good()["entries"][3]["target"].clone().without("vni")),
    "vni"
)]
#[tokio::test]
async fn a_missing_field_is_named(#[case] body: Value, #[case] field: &str) {
    let bed = Testbed::inhabited().await;
    let refusal = bed.refuses("InvalidBody", bed.ensure_with("services", &body)).await;
    let message = refusal["message"].as_str().unwrap();
    assert!(message.contains(&format!("missing field `{field}`")), "{message}");
}

#[rstest]
#[case::nothing("", "missing")]
#[case::only_space(" \r\n ", "missing")]
#[case::garbage("generation=8", "line 1, column 1")]
#[case::half_of_it(&good().to_string()[..300], "EOF")]
#[case::something_behind_it(&format!("{}\n]", good()), "line 2, column 1")]
#[case::a_list("[]", "`generation` and `entries`")]
#[case::a_text("\"generation\"", "`generation` and `entries`")]
#[case::a_comma_too_many("{\"generation\": 8,}", "trailing comma")]
#[case::a_field_twice("{\"generation\": 8, \"generation\": 9, \"entries\": []}", "duplicate field")]
#[tokio::test]
async fn what_is_not_the_json_it_should_be_is_refused(#[case] body: &str, #[case] about: &str) {
    let bed = Testbed::inhabited().await;
    let refusal = bed.refuses("InvalidBody", bed.put_text("/nat/groups/services", body)).await;
    assert!(refusal["message"].as_str().unwrap().contains(about), "{refusal}");
}

#[tokio::test]
async fn what_is_not_text_is_refused() {
    let bed = Testbed::inhabited().await;
    let before = bed.everything().await;
    let mut connection = bed.connect().await;
    connection.head("PUT", "/nat/groups/services", "content-length: 18").await;
    connection.send(b"{\"generation\": \"\xff\"").await;
    let (status, body) = connection.answer().await;
    assert_eq!((status, &body["error_code"]), (400, &json!("InvalidBody")));
    assert!(body["message"].as_str().unwrap().contains("offset 16"), "{body}");
    assert_eq!(bed.everything().await, before);
}

/// The client goes away in the middle, having sent what by itself could be understood.
#[tokio::test]
async fn half_a_body_is_refused_and_not_done() {
    let bed = Testbed::inhabited().await;
    let before = bed.everything().await;
    let body = good().to_string();
    let mut connection = bed.connect().await;
    let headers = format!("content-length: {}", body.len() + 10);
    connection.head("PUT", "/nat/groups/services", &headers).await;
    connection.send(&body).await;
    connection.finish_sending().await;
    let (status, refusal) = connection.answer().await;
    assert_eq!((status, &refusal["error_code"]), (400, &json!("InvalidBody")));
    let came = format!("cut short after {} bytes", body.len());
    assert!(refusal["message"].as_str().unwrap().contains(&came), "{refusal}");
    assert_eq!(bed.everything().await, before);
}

#[tokio::test]
async fn a_body_of_100_megabytes_is_refused_before_it_comes() {
    let bed = Testbed::inhabited().await;
    let before = bed.everything().await;
    let mut connection = bed.connect().await;
    connection.head("PUT", "/nat/groups/services", "content-length: 100000000").await;
    let (status, refusal) = connection.answer().await;
    assert_eq!((status, &refusal["error_code"]), (413, &json!("BodyTooLarge")));
    assert_eq!(refusal["limit_bytes"], 64 << 20);
    assert!(refusal["message"].as_str().unwrap().contains("67108864 bytes"), "{refusal}");
    assert!(!refusal["request_id"].as_str().unwrap().is_empty());
    assert_eq!(bed.everything().await, before);
}

#[tokio::test]
async fn a_body_of_unknown_length_is_refused_as_soon_as_it_is_too_long() {
    let bed = Testbed::inhabited().await;
    let before = bed.everything().await;
    let mut connection = bed.connect().await;
    connection.head("PUT", "/nat/groups/services", "transfer-encoding: chunked").await;
    let chunk = format!("{:x}\r\n{}\r\n", 1 << 20, " ".repeat(1 << 20));
    for _ in 0..64 {
        connection.send(&chunk).await;
    }
    // 64 MiB are taken, one byte more is not; the rest of the 100 MB would never be read.
    connection.send("1\r\n \r\n").await;
    let (status, refusal) = connection.answer().await;
    assert_eq!((status, &refusal["error_code"]), (413, &json!("BodyTooLarge")));
    assert_eq!(refusal["limit_bytes"], 64 << 20);
    assert_eq!(bed.everything().await, before);
}

#[tokio::test]
async fn the_limit_is_what_the_daemon_was_told() {
    let body = good().to_string();
    let settings =
        dpd_tests::Settings { max_body_bytes: body.len(), ..dpd_tests::Settings::default() };
    let bed = Testbed::start_with(settings);
    let refusal = bed.put_text("/nat/groups/services", format!("{body} ")).await;
    assert_eq!(refusal.refused("BodyTooLarge")["limit_bytes"], body.len());
    bed.put_text("/nat/groups/services", body).await.ok();
}

/// The per-entry operations read bodies in the same way.
#[rstest]
#[case::wrong_type(json!({ "internal_ip": "fd00::1", "inner_mac": { "a": [0, 0, 0, 0, 0, 1] }, "vni": "1" }), "vni")]
#[case::short_mac(json!({ "internal_ip": "fd00::1", "inner_mac": { "a": [0, 0, 0, 0, 0] }, "vni": 1 }), "inner_mac")]
#[case::not_ipv6(json!({ "internal_ip": "10.0.0.1", "inner_mac": { "a": [0, 0, 0, 0, 0, 1] }, "vni": 1 }), "internal_ip")]
#[case::large_vni(json!({ "internal_ip": "fd00::1", "inner_mac": { "a": [0, 0, 0, 0, 0, 1] }, "vni": 1 << 24 }), "vni")]
#[case::nothing(json!({}), "internal_ip")]
#[tokio::test]
async fn a_per_entry_body_that_is_wrong_is_refused_saying_where(
    #[case] body: Value,
    #[case] about: &str,
    #[values("/nat/ipv4/192.0.2.9/0/9", "/nat/ipv6/2001:db8::9/0/9")] path: &str,
) {
    let bed = Testbed::inhabited().await;
    let refusal = bed.refuses("InvalidBody", bed.put(path, &body)).await;
    assert!(refusal["message"].as_str().unwrap().contains(about), "{refusal}");
}
