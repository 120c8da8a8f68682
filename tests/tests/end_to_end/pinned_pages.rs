//! Readers and a writer at the same time: all pages of a read are of one generation.

use dpd_tests::{Client, Entry, Settings, Testbed, digest, instances, services};
use nat_groups::Limits;
use rstest::rstest;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Reads the entries of `instances` in pages of `limit`; between two pages comes `meanwhile`.
/// The generation that every page said, and the entries.
async fn read(
    client: &Client,
    limit: usize,
    mut meanwhile: impl AsyncFnMut(),
) -> (u64, Vec<Entry>) {
    let path = "/nat/groups/instances/entries";
    let mut page = client.get(format!("{path}?limit={limit}")).await.ok();
    let generation = page["generation"].clone();
    let mut items: Vec<Value> = Vec::new();
    loop {
        assert_eq!(page["generation"], generation);
        items.extend(page["items"].as_array().unwrap().clone());
        let entries: Vec<Entry> = items.iter().map(Entry::parse).collect();
        let Some(token) = page["next_page"].as_str() else {
            assert_eq!(page["digest"], digest(&entries));
            return (generation.as_u64().unwrap(), entries);
        };
        meanwhile().await;
        page = client.get(format!("{path}?limit={limit}&page_token={token}")).await.ok();
    }
}

/// The set of `instances` at each generation: always other entries than before.
fn set(generation: u64) -> Vec<Entry> {
    instances(60, generation)
}

/// Far more generations than are kept go by while the pages are read.
#[rstest]
#[case::the_last_sixteen(16)]
#[case::only_the_last(1)]
#[tokio::test]
async fn pages_stay_with_the_generation_of_the_first_however_far_the_group_moves_on(
    #[case] history: usize,
) {
    let limits = Limits { history, ..Limits::default() };
    let bed = Testbed::start_with(Settings { limits, ..Settings::default() });
    bed.ensure("instances", 1, &set(1)).await.ok();
    let mut generation = 1;
    let (read, entries) = read(&bed, 7, async || {
        for _ in 0..5 {
            generation += 1;
            bed.ensure("instances", generation, &set(generation)).await.ok();
        }
    })
    .await;
    assert!(generation > 17);
    assert_eq!((read, entries), (1, set(1)));
    // For someone new it has gone, unless it is pinned by those who read it.
    assert_eq!(bed.view("instances").await["generation"], generation);
}

/// A filter is no way out of the generation, nor is another page length.
#[tokio::test]
async fn a_read_with_a_filter_stays_with_its_generation_too() {
    let bed = Testbed::start();
    let before = services();
    bed.ensure("a", 1, &before).await.ok();
    let first = bed.get("/nat/groups/a/entries?vni=100&limit=2").await.ok();
    for generation in 2..30 {
        bed.ensure("a", generation, &before[..1]).await.ok();
    }
    let token = first["next_page"].as_str().unwrap();
    let rest = bed.get(format!("/nat/groups/a/entries?limit=100&page_token={token}")).await.ok();
    assert_eq!((&rest["generation"], &rest["digest"]), (&1.into(), &digest(&before).into()));
    assert_eq!(rest["items"], dpd_tests::entry_list(&before[2..]));
}

/// A deletion takes the group from everybody, but not the page out of the reader's hand.
#[tokio::test]
async fn a_reader_can_finish_although_the_group_is_deleted_and_comes_back() {
    let bed = Testbed::start();
    bed.ensure("instances", 1, &set(1)).await.ok();
    let mut deleted = false;
    let (read, entries) = read(&bed, 25, async || {
        if deleted {
            bed.ensure("instances", 2, &set(2)).await.ok();
        } else {
            bed.delete_group("instances", 1).await.ok();
        }
        deleted = true;
    })
    .await;
    assert_eq!((read, entries), (1, set(1)));
}

/// Several readers in earnest, with a writer that does not wait for them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_read_is_one_generation_whole_while_a_writer_moves_on() {
    let bed = Testbed::start();
    bed.ensure("instances", 1, &set(1)).await.ok();
    let done = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = [3, 17, 59]
        .into_iter()
        .map(|limit| {
            let (client, done) = (bed.client(), Arc::clone(&done));
            tokio::spawn(async move {
                let mut reads = BTreeMap::new();
                while !done.load(Ordering::Relaxed) {
                    let (generation, entries) = read(&client, limit, async || ()).await;
                    assert_eq!(entries, set(generation));
                    *reads.entry(generation).or_insert(0) += 1;
                }
                reads
            })
        })
        .collect();
    for generation in 2..=60 {
        bed.ensure("instances", generation, &set(generation)).await.ok();
    }
    done.store(true, Ordering::Relaxed);
    let mut generations = BTreeMap::new();
    for reader in readers {
        generations.extend(reader.await.unwrap());
    }
    assert!(generations.len() > 3, "the readers and the writer did not meet: {generations:?}");
}
