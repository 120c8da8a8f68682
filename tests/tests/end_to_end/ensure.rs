//! Ensuring a group: what is answered, and what the device then does to packets.

use dpd_tests::{
    Entry, Settings, Testbed, With as _, changes, digest, ensured, entry, instances, request,
    services, target,
};
use rstest::rstest;
use serde_json::{Value, json};

/// The life of a group: each set with what it takes there, always from the one before.
#[tokio::test]
async fn each_generation_is_answered_with_what_it_changed_and_is_what_packets_find() {
    let bed = Testbed::start();
    let first = services();
    let moved = first.iter().map(|it| if *it == first[4] { it.to(target(30)) } else { *it });
    let moved: Vec<Entry> = moved.collect();
    let larger = [&moved[..], &[entry("198.51.100.77", 0, 65535, target(7))]].concat();
    let larger = [&larger[..], &[entry("2001:db8:53::2", 0, 65535, target(8))]].concat();
    let smaller: Vec<Entry> = larger[3..].to_vec();
    let mixed: Vec<Entry> = [
        &[entry("198.51.100.1", 0, 65535, target(1).vni(7))],
        &smaller[1..8],
        &[entry("2001:db8:53::2", 0, 65535, target(9))],
    ]
    .concat();

    let mut before: Vec<Entry> = Vec::new();
    let mut previous = None;
    // Generations may skip numbers, and the last one changes nothing but the generation.
    for (generation, after) in
        [(1, first), (2, moved), (3, larger), (10, smaller), (11, mixed.clone()), (12, mixed)]
    {
        let answer = bed.ensure("services", generation, &after).await.ok();
        assert_eq!(answer, ensured("services", generation, previous, &before, &after));
        bed.device.assert_holds(&after);
        assert_eq!(bed.view("services").await["generation"], generation);
        let mut listed = after.clone();
        listed.sort_unstable();
        assert_eq!(bed.entries("services").await, listed);
        (before, previous) = (after, Some(generation));
    }
}

#[tokio::test]
async fn the_same_generation_with_equal_content_is_a_success_that_writes_nothing() {
    let bed = Testbed::start();
    let set = services();
    bed.ensure("services", 7, &set).await.ok();
    let before = bed.everything().await;
    // Whatever the order, and whatever else it asks for.
    let mut shuffled = set.clone();
    shuffled.reverse();
    shuffled.swap(2, 5);
    let again = request(7, &shuffled).with("max_removals", 0).with("allow_empty", true);
    let answer = bed.ensure_with("services", &again).await.ok();
    assert_eq!(answer, ensured("services", 7, Some(7), &set, &set));
    assert_eq!(bed.everything().await, before);
}

#[tokio::test]
async fn the_order_of_the_entries_does_not_matter() {
    let bed = Testbed::start();
    let sorted = instances(40, 1);
    let mut reversed = sorted.clone();
    reversed.reverse();
    let one = bed.ensure("one", 1, &reversed).await.ok();
    assert_eq!(one, ensured("one", 1, None, &[], &sorted));
    bed.device.assert_holds(&sorted);
}

#[tokio::test]
async fn at_most_a_hundred_changes_are_listed_in_slot_order_with_their_total() {
    let bed = Testbed::start();
    let set = instances(250, 2);
    let answer = bed.ensure("instances", 1, &set).await.ok();
    assert_eq!(answer, ensured("instances", 1, None, &[], &set));
    assert_eq!(answer["changes"].as_array().unwrap().len(), 100);
    assert_eq!((&answer["changes_total"], &answer["writes"]), (&json!(250), &json!(250)));
    bed.device.assert_holds(&set);
}

/// Checked against the numbers of the core's own test, which another implementation computed.
#[tokio::test]
async fn a_digest_is_the_sum_of_the_hashes_of_the_entries() {
    let bed = Testbed::start();
    let to = target(1);
    let to = dpd_tests::Target { inner_mac: [0xa8, 0x40, 0x25, 0xff, 0, 1], ..to };
    let set = [entry("203.0.113.7", 0, 16383, to), entry("2001:db8::7", 80, 80, to)];
    let one = bed.ensure("a", 1, &set[..1]).await.ok();
    assert_eq!(one["digest"], "1ca6c540a6ab2cbdf7bb1b98f7e621d3c8f358f62b192ad0b63bc62361f63ad1");
    let two = bed.ensure("a", 2, &set).await.ok();
    assert_eq!(two["digest"], "147cecc669c63689cf289cebd49a9389953b773c5af58a885bab62ecccde8ccb");
    assert_eq!(two["digest"], digest(&set));
    let none = bed.ensure_with("a", &request(3, &[]).with("allow_empty", true)).await.ok();
    assert_eq!(none["digest"], "0".repeat(64));
}

#[rstest]
#[case::of_everything_optional(json!({ "reserve": null, "max_removals": null }))]
#[case::as_it_is_without(json!({ "adopt": "identical", "allow_empty": false }))]
#[tokio::test]
async fn what_is_optional_can_be_given_as_its_default(#[case] optional: Value) {
    let bed = Testbed::start();
    let mut body = request(1, &services());
    body.as_object_mut().unwrap().extend(optional.as_object().unwrap().clone());
    let answer = bed.ensure_with("services", &body).await.ok();
    assert_eq!(answer, ensured("services", 1, None, &[], &services()));
}

/// Clients and daemons of different ages meet: a target may say more than this daemon knows.
#[tokio::test]
async fn what_a_target_says_beyond_what_is_known_is_tolerated() {
    let bed = Testbed::start();
    let set = [entry("203.0.113.7", 0, 16383, target(1))];
    let mut body = request(1, &set);
    body["entries"][0]["target"]["mtu"] = json!(1500);
    bed.ensure_with("services", &body).await.ok();
    bed.device.assert_holds(&set);
}

#[rstest]
#[case::the_least(1)]
#[case::the_greatest(i64::MAX as u64)]
#[tokio::test]
async fn a_group_can_begin_at_any_generation(#[case] generation: u64) {
    let bed = Testbed::start();
    let answer = bed.ensure("a", generation, &services()).await.ok();
    assert_eq!(answer, ensured("a", generation, None, &[], &services()));
    assert_eq!(bed.view("a").await["programmed_generation"], generation);
}

#[tokio::test]
async fn a_new_group_may_be_empty() {
    let bed = Testbed::start();
    let answer = bed.ensure("a", 1, &[]).await.ok();
    assert_eq!(answer, ensured("a", 1, None, &[], &[]));
    assert_eq!(bed.entries("a").await, []);
}

#[rstest]
#[case("a")]
#[case("a23456789.123456789_123456789:123456789-123456789.123456789.123")]
#[case("sled-agent:services.v1_2")]
#[tokio::test]
async fn a_name_may_have_up_to_63_characters_of_these(#[case] name: &str) {
    let bed = Testbed::start();
    bed.ensure(name, 1, &services()).await.ok();
    assert_eq!(bed.view(name).await["group"], name);
    assert_eq!(bed.entries(name).await, services());
}

/// The bounds that a range and a value can have, in both families.
#[tokio::test]
async fn every_bound_that_is_allowed_is_taken() {
    let bed = Testbed::start();
    let set = [
        entry("0.0.0.1", 0, 0, target(1).vni(0)),
        entry("10.0.0.1", 65535, 65535, target(1).vni((1 << 24) - 1)),
        entry("10.0.0.1", 0, 65534, target(2)),
        entry("223.255.255.255", 0, 65535, target(3)),
        entry("240.0.0.1", 1, 2, target(3)),
        entry("2001:db8::1", 0, 0, target(1)),
        entry("2001:db8::1", 1, 65535, target(2)),
        entry("fd00::1", 65535, 65535, target(1)),
    ];
    bed.ensure("a", 1, &set).await.ok();
    bed.device.assert_holds(&set);
    assert_eq!(bed.entries("a").await.len(), set.len());
}

#[tokio::test]
async fn a_retarget_is_written_in_place_and_its_counter_lives_on() {
    let bed = Testbed::start();
    let set = services();
    bed.ensure("services", 1, &set).await.ok();
    for entry in &set {
        bed.device.packet(entry.external, entry.low).unwrap();
    }
    let retargeted = [&[set[0].to(target(31))], &set[1..]].concat();
    let answer = bed.ensure("services", 2, &retargeted).await.ok();
    assert_eq!(
        answer["changes"],
        json!([{ "op": "update", "entry": retargeted[0].json(), "was": set[0].target.json() }])
    );
    assert_eq!(bed.device.packets_counted().into_values().collect::<Vec<_>>(), [1; 10]);
    bed.device.assert_holds(&retargeted);
}

/// A range that is cut another way is another slot: the new row goes in beside the old one, with
/// the smallest priority that is free there, and the old one goes out.
#[tokio::test]
async fn a_recut_is_a_removal_and_an_addition_without_a_gap() {
    let bed = Testbed::start();
    let whole = entry("203.0.113.7", 0, 65535, target(1));
    let halves =
        [entry("203.0.113.7", 0, 32767, target(1)), entry("203.0.113.7", 32768, 65535, target(2))];
    bed.ensure("a", 1, &[whole]).await.ok();
    let cut = bed.ensure("a", 2, &halves).await.ok();
    assert_eq!(cut, ensured("a", 2, Some(1), &[whole], &halves));
    let priorities = || bed.device.rows().iter().map(|row| row.priority).collect::<Vec<_>>();
    assert_eq!(priorities(), [2, 2]);
    bed.device.assert_forwards(&halves);

    let joined = bed.ensure("a", 3, &[whole]).await.ok();
    assert_eq!(joined, ensured("a", 3, Some(2), &halves, &[whole]));
    assert_eq!(priorities(), [1]);
    bed.device.assert_holds(&[whole]);
}

/// In a full table one old row has to go first, which makes room for the others one after the other;
/// one free row is enough for that; without priorities, all that overlap have to.
#[rstest]
#[case::in_a_full_table(Settings::sized(2, 1), 1)]
#[case::in_a_table_with_one_free_row(Settings::sized(3, 1), 0)]
#[case::on_a_device_without_priorities(
    Settings { has_priorities: false, ..Settings::default() },
    2
)]
#[tokio::test]
async fn a_recut_that_cannot_go_in_beside_the_old_rows_names_its_gaps(
    #[case] settings: Settings,
    #[case] gaps: usize,
) {
    let bed = Testbed::start_with(settings);
    let recut = |low, host: u8| entry(&format!("203.0.113.{host}"), low, 65535, target(1));
    let before = [recut(0, 1), recut(0, 2)];
    let after = [recut(1, 1), recut(1, 2)];
    bed.ensure("a", 1, &before).await.ok();
    let answer = bed.ensure("a", 2, &after).await.ok();
    let slots: Vec<Value> = before.iter().map(Entry::slot_json).collect();
    let named = answer["gaps"].as_array().unwrap();
    assert_eq!(named.len(), gaps, "{answer}");
    assert!(named.iter().all(|gap| slots.contains(gap)), "{answer}");
    assert_eq!(answer.without("gaps")["changes"], json!(changes(&before, &after)));
    bed.device.assert_forwards(&after);
    assert_eq!(bed.device.rows().len(), 2);
}

/// However many writes the device takes at once.
#[tokio::test]
async fn a_device_that_takes_few_writes_at_once_is_given_few_at_once() {
    let settings = Settings { max_batch: 7.try_into().unwrap(), ..Settings::default() };
    let bed = Testbed::start_with(settings);
    let set = instances(100, 3);
    let answer = bed.ensure("a", 1, &set).await.ok();
    assert_eq!(answer, ensured("a", 1, None, &[], &set));
    bed.device.assert_holds(&set);
}

#[tokio::test]
async fn a_large_set_is_ensured_whole_whatever_its_order() {
    let bed = Testbed::start_with(Settings::sized(20_000, 20_000));
    let set = instances(10_000, 4);
    let mut shuffled = set.clone();
    let (front, back) = shuffled.split_at_mut(5_000);
    front.swap_with_slice(back);
    let answer = bed.ensure("a", 1, &shuffled).await.ok();
    assert_eq!((&answer["added"], &answer["digest"]), (&json!(10_000), &json!(digest(&set))));
    assert_eq!(bed.entries("a").await, set);
    let rows: Vec<Entry> = bed.device.rows().iter().map(|row| row.entry).collect();
    assert_eq!(rows, set);
}
