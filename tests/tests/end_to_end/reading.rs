//! Reading a group's entries, page by page.

use dpd_tests::{Entry, Settings, Testbed, digest, entry, entry_list, instances, services, target};
use nat_groups::Limits;
use rstest::rstest;
use serde_json::{Value, json};

#[tokio::test]
async fn entries_come_sorted_with_their_generation_and_its_digest() {
    let bed = Testbed::start();
    let sorted = [
        entry("9.0.0.1", 0, 9, target(1)),
        entry("10.0.0.1", 5, 9, target(2)),
        entry("10.0.0.1", 10, 10, target(3)),
        entry("203.0.113.1", 0, 65535, target(4)),
        entry("2001:db8::1", 0, 79, target(5)),
        entry("2001:db8::1", 80, 80, target(6)),
        entry("2001:db8::2", 0, 0, target(7)),
    ];
    let shuffled: Vec<Entry> = [4, 2, 6, 0, 3, 5, 1].map(|index: usize| sorted[index]).to_vec();
    bed.ensure("a", 3, &shuffled).await.ok();
    let page = bed.get("/nat/groups/a/entries").await.ok();
    let expected = json!({
        "generation": 3,
        "digest": digest(&sorted),
        "items": entry_list(&sorted),
        "next_page": null,
    });
    assert_eq!(page, expected);
}

#[rstest]
#[case::one_by_one(1, 10)]
#[case::that_divide_it(5, 2)]
#[case::that_do_not(7, 2)]
#[case::as_long_as_it_is(10, 1)]
#[case::longer(11, 1)]
#[tokio::test]
async fn pages_of_any_length_are_the_whole_set_in_order(
    #[case] limit: usize,
    #[case] pages: usize,
) {
    let bed = Testbed::start();
    bed.ensure("services", 1, &services()).await.ok();
    let read = bed.pages(&format!("/nat/groups/services/entries?limit={limit}")).await;
    assert_eq!(read.len(), pages);
    assert!(read[..pages - 1].iter().all(|page| page.len() == limit));
    assert_eq!(Value::from(read.concat()), entry_list(&services()));
}

#[tokio::test]
async fn every_page_says_the_generation_and_the_digest_of_the_whole_set() {
    let bed = Testbed::start();
    let set = services();
    bed.ensure("services", 5, &set).await.ok();
    let mut path = "/nat/groups/services/entries?limit=4".to_owned();
    for page in 0..3 {
        let answer = bed.get(&path).await.ok();
        assert_eq!(answer["generation"], 5, "page {page}");
        assert_eq!(answer["digest"], digest(&set), "page {page}");
        let token = &answer["next_page"];
        assert_eq!(token.is_null(), page == 2);
        path = format!(
            "/nat/groups/services/entries?limit=4&page_token={}",
            token.as_str().unwrap_or_default()
        );
    }
}

#[rstest]
#[case::left_out("", 1000)]
#[case::given("?limit=1500", 1500)]
#[case::beyond_the_most("?limit=4000000000", 2500)]
#[tokio::test]
async fn a_page_has_1000_entries_unless_the_client_says_otherwise(
    #[case] query: &str,
    #[case] length: usize,
) {
    let bed = Testbed::start_with(Settings::sized(4000, 4000));
    bed.ensure("a", 1, &instances(2500, 1)).await.ok();
    let page = bed.get(format!("/nat/groups/a/entries{query}")).await.ok();
    assert_eq!(page["items"].as_array().unwrap().len(), length);
    assert_eq!(page["next_page"].is_null(), length == 2500);
}

#[tokio::test]
async fn a_page_never_has_more_than_10000_entries() {
    let bed = Testbed::start_with(Settings::sized(12_000, 12_000));
    let set = instances(10_001, 1);
    bed.ensure("a", 1, &set).await.ok();
    let read = bed.pages("/nat/groups/a/entries?limit=20000").await;
    assert_eq!(read.iter().map(Vec::len).collect::<Vec<_>>(), [10_000, 1]);
    assert_eq!(Value::from(read.concat()), entry_list(&set));
}

#[rstest]
#[case::by_address("external=10.0.0.1", &[0, 1, 2])]
#[case::by_another_address("external=2001:db8::1", &[4, 5])]
#[case::by_vni("vni=7", &[1, 3, 5])]
#[case::by_both("external=10.0.0.1&vni=7", &[1])]
#[case::by_what_is_not_there("external=10.0.0.9", &[])]
#[case::by_a_network_that_is_not_there("vni=8", &[])]
#[tokio::test]
async fn a_filter_picks_entries_and_keeps_the_digest_of_the_whole(
    #[case] filter: &str,
    #[case] picked: &[usize],
    #[values(1, 2, 1000)] limit: usize,
) {
    let bed = Testbed::start();
    let set = [
        entry("10.0.0.1", 0, 9, target(1)),
        entry("10.0.0.1", 10, 19, target(2).vni(7)),
        entry("10.0.0.1", 20, 29, target(3)),
        entry("10.0.0.2", 0, 9, target(4).vni(7)),
        entry("2001:db8::1", 0, 9, target(5)),
        entry("2001:db8::1", 10, 19, target(6).vni(7)),
    ];
    bed.ensure("a", 1, &set).await.ok();
    let path = format!("/nat/groups/a/entries?{filter}&limit={limit}");
    assert_eq!(bed.get(&path).await.ok()["digest"], digest(&set));
    let expected: Vec<Entry> = picked.iter().map(|index| set[*index]).collect();
    let pages = bed.pages(&path).await;
    assert_eq!(Value::from(pages.concat()), entry_list(&expected));
    assert_eq!(pages.len(), expected.len().div_ceil(limit).max(1));
}

#[tokio::test]
async fn a_kept_generation_is_read_by_its_number() {
    let bed = Testbed::start();
    let set = services();
    for generation in 1..=5 {
        bed.ensure("services", 10 * generation, &set[..2 * generation as usize]).await.ok();
    }
    for generation in 1..=5 {
        let expected = &set[..2 * generation];
        let path = format!("/nat/groups/services/entries?generation={}", 10 * generation);
        let page = bed.get(path).await.ok();
        assert_eq!(page["generation"], 10 * generation);
        assert_eq!(page["digest"], digest(expected));
        assert_eq!(page["items"], entry_list(expected));
    }
}

#[rstest]
#[case::too_old(30, "GenerationExpired")]
#[case::older_than_any(1, "GenerationExpired")]
#[case::between_two(55, "NoSuchGeneration")]
#[case::yet_to_come(71, "NoSuchGeneration")]
#[tokio::test]
async fn a_generation_that_is_not_kept_is_refused_with_those_that_are(
    #[case] generation: u64,
    #[case] code: &str,
) {
    let limits = Limits { history: 3, ..Limits::default() };
    let bed = Testbed::start_with(Settings { limits, ..Settings::default() });
    for generation in 1..=7 {
        bed.ensure("services", 10 * generation, &services()).await.ok();
    }
    for path in [
        format!("/nat/groups/services/entries?generation={generation}"),
        format!("/nat/groups/services/changes?from={generation}"),
        format!("/nat/groups/services/changes?from=70&to={generation}"),
    ] {
        let refusal = bed.get(path).await.refused(code);
        assert_eq!(refusal["oldest_generation"], 50);
        assert_eq!(refusal["current_generation"], 70);
    }
    for kept in [50, 60, 70] {
        bed.get(format!("/nat/groups/services/entries?generation={kept}")).await.ok();
    }
}

#[rstest]
#[case("/nat/groups/nobody/entries")]
#[case("/nat/groups/nobody/entries?generation=1")]
#[case("/nat/groups/nobody/generations")]
#[case("/nat/groups/nobody/changes?from=0")]
#[tokio::test]
async fn nothing_is_read_of_a_group_that_never_was(#[case] path: &str) {
    let bed = Testbed::start();
    bed.get(path).await.refused("NoSuchGroup");
}
