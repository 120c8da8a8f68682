//! What went wrong in the per-entry daemon that came before, each as the rule that it broke.

use dpd_tests::{
    DeviceRow, Entry, Target, Testbed, With as _, digest, entry, entry_list, eventually, instances,
    request, services, target, ungrouped,
};
use rstest::rstest;
use serde_json::{Value, json};
use std::time::Duration;

/// There, a refused add left its address behind in the list of addresses, empty.
#[rstest]
#[case("/nat/ipv4", "203.0.113.7", services()[0])]
#[case("/nat/ipv6", "2001:db8::7", services()[9])]
#[tokio::test]
async fn a_refused_add_leaves_nothing_behind(
    #[case] family: &str,
    #[case] address: &str,
    #[case] taken: Entry,
) {
    let bed = Testbed::start_with(dpd_tests::Settings::sized(9, 1));
    bed.ensure("services", 1, &services()).await.ok();
    let new = entry(address, 0, 9, target(1));
    let before = bed.everything().await;
    // For want of room, for its ports, for another that is in the way, for what it is to do.
    bed.put_entry(&new).await.refused("TableFull");
    bed.put_entry(&Entry { low: 10, ..new }).await.refused("InvalidPath");
    bed.put_entry(&taken.to(target(30))).await.refused("conflicting mapping");
    bed.put_entry(&new.to(target(1).vni(1 << 24))).await.refused("InvalidBody");
    assert_eq!(bed.everything().await, before);

    // By the device.
    bed.ensure("services", 2, &services()[1..9]).await.ok();
    let before = bed.everything().await;
    bed.device.refuse_writes(true);
    bed.put_entry(&new).await.refused("DeviceRefused");
    assert_eq!(bed.everything().await.without_last_errors(), before);

    let addresses = bed.all_pages(family).await;
    assert!(!addresses.contains(&json!(address)), "{addresses:?}");
    let page = bed.get(new.address_path()).await.ok();
    assert_eq!(page, json!({ "items": [], "next_page": null }));
}

/// There, a removal forgot the entry before the device confirmed; when the device then refused, the
/// row stayed in the device and nobody knew of it.
#[tokio::test]
async fn an_entry_whose_removal_fails_is_still_there_and_can_be_removed_again() {
    let bed = Testbed::inhabited().await;
    let before = bed.everything().await;
    let [one, other] = ungrouped();
    bed.device.refuse_writes(true);
    for answer in [
        bed.delete_entry(&one).await,
        bed.delete("/nat/ipv6").await,
        bed.delete_group("services", 7).await,
        bed.ensure("services", 8, &services()[1..]).await,
    ] {
        let refusal = answer.refused("DeviceRefused");
        assert!(refusal["device_write"].as_str().unwrap().starts_with("delete"), "{refusal}");
    }
    assert_eq!(bed.everything().await.without_last_errors(), before);
    assert_eq!(bed.get(one.port_path(0)).await.ok(), one.target.json());
    bed.device.refuse_writes(false);
    bed.delete_entry(&one).await.no_content();
    assert_eq!(bed.entries("ungrouped").await, [other]);
    assert_eq!(bed.device.packet(one.external, one.low), None);
}

/// There, the loop that pulled entries moved its generation past an add that had failed, and the
/// entry was lost until it changed again.
#[tokio::test]
async fn a_generation_does_not_step_over_a_failure() {
    let bed = Testbed::inhabited().await;
    let set = instances(45, 1);
    bed.device.refuse_after(2);
    bed.ensure("instances", 42, &set).await.refused("DeviceRefused");
    assert_eq!(bed.view("instances").await["generation"], 41);
    assert_eq!(bed.get("/rpw/nat/gen").await.ok(), 41);
    // So its owner sees that it is not there, sends it again, and it is taken as new.
    let answer = bed.ensure("instances", 42, &set).await.ok();
    assert_eq!((&answer["generation"], &answer["previous_generation"]), (&json!(42), &json!(41)));
    assert_eq!(bed.entries("instances").await, set);
    assert_eq!(bed.get("/rpw/nat/gen").await.ok(), 42);
}

/// There, a page of which every row failed was fetched again at once, without end or pause. What
/// fails here as a whole and is tried again by itself is a repair.
#[tokio::test]
async fn what_fails_again_and_again_is_tried_again_only_after_a_pause() {
    let bed = Testbed::inhabited().await;
    bed.device.script([dpd_tests::Step::Perform(2), dpd_tests::Step::Refuse(usize::MAX)]);
    bed.ensure("services", 8, &services()[4..]).await.refused("Torn");
    let failures = eventually("repair failed three times", async || {
        Some(bed.records.saying("repair failed")).filter(|records| records.len() >= 3)
    });
    // Twice as long each time, and a quarter of that more or less.
    for (pair, least) in failures.await.windows(2).zip([100, 150]) {
        let pause = pair[1].time - pair[0].time;
        assert!(pause >= Duration::from_millis(least), "{pause:?}");
    }
}

/// There, listing after an entry that starts at port 65535 computed 65535 + 1 in 16 bits.
#[rstest]
#[case("203.0.113.7")]
#[case("2001:db8::7")]
#[tokio::test]
async fn a_list_goes_on_after_an_entry_that_starts_at_the_last_port(#[case] address: &str) {
    let bed = Testbed::start();
    let set = [entry(address, 0, 65534, target(1)), entry(address, 65535, 65535, target(2))];
    let next = match set[0].external {
        std::net::IpAddr::V4(_) => entry("203.0.113.8", 65535, 65535, target(3)),
        std::net::IpAddr::V6(_) => entry("2001:db8::8", 65535, 65535, target(3)),
    };
    for entry in set.iter().chain([&next]) {
        bed.put_entry(entry).await.no_content();
    }
    let pages = bed.pages(&format!("{}?limit=1", set[0].address_path())).await;
    assert_eq!(pages, set.map(|entry| vec![entry.json()]));
    let pages = bed.pages("/nat/groups/ungrouped/entries?limit=1").await;
    assert_eq!(pages, [set[0], set[1], next].map(|entry| vec![entry.json()]));
    let family = if next.external.is_ipv4() { "/nat/ipv4" } else { "/nat/ipv6" };
    let addresses = bed.all_pages(&format!("{family}?limit=1")).await;
    assert_eq!(addresses, [json!(address), json!(next.external)]);
    let pages = bed.pages("/nat/groups/ungrouped/changes?from=1&limit=1").await;
    assert_eq!(pages.len(), 3);
    assert_eq!(bed.get(next.port_path(65535)).await.ok(), next.target.json());
}

/// There, reading a table back "from hardware" took its first row from the cache.
#[tokio::test]
async fn every_row_of_a_dump_from_hardware_comes_from_the_hardware() {
    let bed = Testbed::start();
    let set = services();
    bed.ensure("services", 1, &set).await.ok();
    for entry in &set {
        bed.device.snatch_away(entry);
        bed.device.smuggle_in(DeviceRow { entry: entry.to(target(77)), priority: 1 });
    }
    let elsewhere = target(77).internal_ip.to_string();
    for (family, rows) in [("ipv4", 9), ("ipv6", 1)] {
        let path = format!("/table/Ingress.nat_ingress.ingress_{family}/dump?from_hardware=true");
        let dump = bed.get(path).await.ok();
        let targets: Vec<&Value> = dump["entries"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| &row["action_args"]["target"])
            .collect();
        assert_eq!(targets, vec![elsewhere.as_str(); rows]);
    }
}

/// There, clients asked for 128 items a page and silently got 64.
#[tokio::test]
async fn a_page_of_128_has_128_items() {
    let bed = Testbed::start();
    let here: Vec<Entry> =
        (0..150).map(|port| entry("203.0.113.7", port, port, target(1))).collect();
    let around: Vec<Entry> =
        (1..=150).map(|host| entry(&format!("10.0.0.{host}"), 0, 9, target(1))).collect();
    bed.ensure("a", 1, &[here, around].concat()).await.ok();
    for group in 0..150 {
        bed.ensure(&format!("g{group}"), 1, &[]).await.ok();
    }
    for list in [
        "/nat/ipv4?",
        "/nat/ipv4/203.0.113.7?",
        "/nat/groups?",
        "/nat/groups/a/entries?",
        "/nat/groups/a/changes?from=0&",
    ] {
        let page = bed.get(format!("{list}limit=128")).await.ok();
        assert_eq!(page["items"].as_array().unwrap().len(), 128, "{list}");
        assert!(page["next_page"].is_string(), "{list}");
    }
}

/// There, bodies were capped at 10 KiB, which is 64 entries.
#[rstest]
#[case(64)]
#[case(65)]
#[case(1000)]
#[tokio::test]
async fn a_set_is_not_capped_at_64_entries(#[case] count: usize) {
    let bed = Testbed::start();
    let set = instances(count, 1);
    bed.ensure("instances", 1, &set).await.ok();
    assert_eq!(bed.entries("instances").await, set);
    bed.device.assert_holds(&set);
}

/// There, a back end answered Ok to `update` and `clear` and did nothing.
#[tokio::test]
async fn what_is_acknowledged_is_in_the_device() {
    let bed = Testbed::inhabited().await;
    let rows = |group: &[Entry]| [group, &instances(40, 1), &ungrouped()].concat();
    let moved: Vec<Entry> = services().iter().map(|entry| entry.to(target(31))).collect();
    let answer = bed.ensure("services", 8, &moved).await.ok();
    assert_eq!((&answer["updated"], &answer["writes"]), (&json!(10), &json!(10)));
    bed.device.assert_holds(&rows(&moved));
    bed.delete("/nat/ipv4").await.no_content();
    bed.delete("/nat/ipv6").await.no_content();
    bed.device.assert_holds(&[&moved[..], &instances(40, 1)].concat());
    bed.delete_group("services", 8).await.ok();
    bed.device.assert_holds(&instances(40, 1));
}

/// There, the equality of two entries ignored the target in one place, and a diff over it missed
/// every retarget.
#[rstest]
#[case::another_sled(Target { internal_ip: target(9).internal_ip, ..target(1) })]
#[case::another_interface(Target { inner_mac: target(9).inner_mac, ..target(1) })]
#[case::another_network(target(1).vni(101))]
#[tokio::test]
async fn a_retarget_is_seen_as_an_update_everywhere(#[case] to: Target) {
    let bed = Testbed::start();
    let before = [entry("203.0.113.7", 0, 9, target(1)), entry("2001:db8::7", 0, 9, target(1))];
    let after = before.map(|entry| entry.to(to));
    bed.ensure("a", 1, &before).await.ok();
    // It is no repetition of the same generation.
    bed.refuses("GenerationMismatch", bed.ensure("a", 1, &after)).await;
    let answer = bed.ensure("a", 2, &after).await.ok();
    assert_eq!(
        [&answer["added"], &answer["updated"], &answer["removed"], &answer["unchanged"]],
        [0, 2, 0, 0]
    );
    assert_eq!(answer["digest"], digest(&after));
    assert_ne!(digest(&after), digest(&before));
    bed.device.assert_holds(&after);
    let changes = bed.get("/nat/groups/a/changes?from=1").await.ok();
    assert_eq!(changes["items"], answer["changes"]);
    // Nor is it the identical entry, or one to adopt, to the per-entry operations.
    let single = entry("192.0.2.1", 0, 9, target(1));
    bed.put_entry(&single).await.no_content();
    bed.refuses("conflicting mapping", bed.put_entry(&single.to(to))).await;
    bed.refuses("EntryConflict", bed.ensure("b", 1, &[single.to(to)])).await;
}

/// There, who owns an entry was enforced on some paths and not on others, which is worse than none.
#[tokio::test]
async fn ownership_holds_on_every_path() {
    let bed = Testbed::inhabited().await;
    let owned = [services()[0], services()[9]];
    let before = bed.everything().await;
    for entry in &owned {
        // The identical entry is there, which is all that a PUT asks for.
        bed.put_entry(entry).await.no_content();
        for other in [entry.to(target(30)), Entry { high: entry.low, ..*entry }] {
            let refusal = bed.put_entry(&other).await.refused("conflicting mapping");
            let message = refusal["message"].as_str().unwrap();
            assert!(message.starts_with("Conflict") && message.contains("services"), "{message}");
            assert_eq!(refusal["conflicts"][0]["group"], "services");
        }
        let refusal = bed.delete_entry(entry).await.refused("conflicting mapping");
        let message = refusal["message"].as_str().unwrap();
        let words = ["Conflict", "services", &entry.external.to_string()];
        assert!(words.iter().all(|word| message.contains(word)), "{message}");
    }
    for adopt in [json!("none"), json!("identical"), json!({ "vni": 100 })] {
        let body = request(42, &owned).with("adopt", adopt);
        bed.ensure_with("instances", &body).await.refused("EntryConflict");
    }
    assert_eq!(bed.everything().await, before);
    // A reset takes what is nobody's, and only that.
    bed.delete("/nat/ipv4").await.no_content();
    bed.delete("/nat/ipv6").await.no_content();
    assert_eq!(bed.entries("services").await, services());
    assert_eq!(bed.entries("instances").await, instances(40, 1));
    bed.delete_group("instances", 41).await.ok();
    bed.device.assert_holds(&services());
}

/// There, of two requests that arrived in the wrong order the late, older set won.
#[tokio::test]
async fn a_late_older_set_is_refused() {
    let bed = Testbed::start();
    let (older, newer) = (services(), services()[..6].to_vec());
    bed.ensure("services", 8, &newer).await.ok();
    let refusal = bed.refuses("StaleGeneration", bed.ensure("services", 7, &older)).await;
    assert_eq!(refusal["current_generation"], 8);
    bed.device.assert_holds(&newer);
    // Nor does a deletion that was sent before.
    bed.refuses("StaleGeneration", bed.delete_group("services", 7)).await;
    let page = bed.get("/nat/groups/services/entries").await.ok();
    assert_eq!(page["items"], entry_list(&newer));
}
