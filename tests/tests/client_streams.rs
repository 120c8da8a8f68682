//! The streams of `dpd-client` over lists of many pages: each item once, in order, and where it
//! was promised all of one generation, whatever is written between two pages.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use dpd_client::{ChangesPage, Client, EntriesPage, Failure, Page, items, pages};
use dpd_tests::{Entry, Testbed, changes, digest, entry, instances, target};
use dpd_types::{ErrorCode, GenerationInfo, GroupView, NatEntry};
use futures::{Stream, TryStreamExt};
use rstest::rstest;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::pin::pin;

/// A client as any program would make it.
fn client(bed: &Testbed) -> Client {
    Client::new(&format!("http://{}", bed.address()))
}

fn limit(limit: u32) -> NonZeroU32 {
    NonZeroU32::new(limit).unwrap()
}

/// All that a stream gives, as the wire has it.
async fn all<T: Serialize>(stream: impl Stream<Item = Result<T, Failure>>) -> Vec<Value> {
    let items: Vec<T> = stream.try_collect().await.unwrap();
    items.iter().map(|item| serde_json::to_value(item).unwrap()).collect()
}

fn wire(entries: &[Entry]) -> Vec<Value> {
    entries.iter().map(Entry::json).collect()
}

/// The pages of a group's entries.
fn entries_pages(
    client: &Client,
    size: u32,
) -> impl Stream<Item = Result<EntriesPage, Failure>> + use<'_> {
    pages(move |token| {
        let request = client.nat_group_entries().group("instances").limit(limit(size));
        match token {
            None => request.send(),
            Some(token) => request.page_token(token).send(),
        }
    })
}

/// The pages of what changed in a group since a generation.
fn changes_pages(
    client: &Client,
    from: u64,
    size: u32,
) -> impl Stream<Item = Result<ChangesPage, Failure>> + use<'_> {
    pages(move |token| {
        let request = client.nat_group_changes().group("instances").limit(limit(size));
        match token {
            None => request.from(from).send(),
            Some(token) => request.page_token(token).send(),
        }
    })
}

/// The pages of a group's generations, three to each.
fn generation_pages(
    client: &Client,
) -> impl Stream<Item = Result<Page<GenerationInfo>, Failure>> + use<'_> {
    pages(|token| {
        let request = client.nat_group_generations().group("instances").limit(limit(3));
        match token {
            None => request.send(),
            Some(token) => request.page_token(token).send(),
        }
    })
}

#[rstest]
#[case::one_item_to_a_page(40, 1)]
#[case::a_last_page_with_one_item(50, 7)]
#[case::a_last_page_that_is_full(49, 7)]
#[case::all_on_one_page(50, 50)]
#[tokio::test]
async fn entries_come_once_and_in_order(#[case] count: usize, #[case] size: u32) {
    let bed = Testbed::start();
    let set = instances(count, 1);
    bed.ensure("instances", 1, &set).await.ok();
    let client = client(&bed);
    let pages: Vec<EntriesPage> = entries_pages(&client, size).try_collect().await.unwrap();
    assert_eq!(pages.len(), count.div_ceil(size as usize));
    let entries: Vec<NatEntry> = pages.into_iter().flat_map(|page| page.items).collect();
    assert_eq!(serde_json::to_value(entries).unwrap(), Value::from(wire(&set)));
}

#[tokio::test]
async fn all_pages_of_entries_are_of_the_first_ones_generation_while_a_writer_moves_on() {
    let bed = Testbed::start();
    let first = instances(60, 1);
    bed.ensure("instances", 1, &first).await.ok();
    let client = client(&bed);
    let (mut read, mut count) = (Vec::new(), 0);
    {
        let mut pages = pin!(entries_pages(&client, 7));
        while let Some(page) = pages.try_next().await.unwrap() {
            assert_eq!(page.generation, 1);
            assert_eq!(page.digest.to_string(), digest(&first));
            read.extend(page.items);
            count += 1;
            // Another set altogether after each page, and in the end more of them than are kept.
            for generation in [2 * count, 2 * count + 1] {
                bed.ensure("instances", generation, &instances(60, generation)).await.ok();
            }
        }
    }
    assert!(count >= 9, "{count} pages");
    assert_eq!(serde_json::to_value(read).unwrap(), Value::from(wire(&first)));
    let now: Vec<EntriesPage> = entries_pages(&client, 100).try_collect().await.unwrap();
    assert_eq!(now[0].generation, 2 * count + 1);
}

#[tokio::test]
async fn changes_lead_from_one_generation_to_the_other_while_a_writer_moves_on() {
    let bed = Testbed::start();
    let (before, after) = (instances(60, 1), instances(70, 2));
    bed.ensure("instances", 1, &before).await.ok();
    bed.ensure("instances", 2, &after).await.ok();
    let client = client(&bed);
    let (mut read, mut next) = (Vec::new(), 3);
    {
        let mut pages = pin!(changes_pages(&client, 1, 7));
        while let Some(page) = pages.try_next().await.unwrap() {
            assert_eq!((page.from, page.to), (1, 2));
            assert_eq!(page.digest.to_string(), digest(&after));
            read.extend(page.items);
            bed.ensure("instances", next, &instances(50, next)).await.ok();
            next += 1;
        }
    }
    assert!(next > 10, "there were {} pages", next - 3);
    assert_eq!(serde_json::to_value(read).unwrap(), Value::from(changes(&before, &after)));
}

#[tokio::test]
async fn groups_come_once_and_in_order() {
    let bed = Testbed::start();
    let mut names: Vec<String> = (0..23).map(|number| format!("rack-{number:02}")).collect();
    for (number, name) in (0_u16..).zip(&names) {
        let external = format!("203.0.113.{number}");
        bed.ensure(name, 1, &[entry(&external, 0, 65535, target(1))]).await.ok();
    }
    names.push("ungrouped".to_owned());
    let client = client(&bed);
    let groups = items(|token| {
        let request = client.nat_group_list().limit(limit(4));
        match token {
            None => request.send(),
            Some(token) => request.page_token(token).send(),
        }
    });
    let groups: Vec<GroupView> = groups.try_collect().await.unwrap();
    let listed: Vec<String> = groups.iter().map(|view| view.group.to_string()).collect();
    assert_eq!(listed, names);
}

#[tokio::test]
async fn generations_come_once_and_newest_first() {
    let bed = Testbed::start();
    for generation in 1..=20 {
        bed.ensure("instances", generation, &instances(2, generation)).await.ok();
    }
    let client = client(&bed);
    let pages: Vec<Page<GenerationInfo>> = generation_pages(&client).try_collect().await.unwrap();
    let numbers: Vec<u64> =
        pages.iter().flat_map(|page| &page.items).map(|info| info.generation).collect();
    assert_eq!(numbers, (5..=20).rev().collect::<Vec<u64>>(), "the last 16 are kept");
}

#[tokio::test]
async fn the_addresses_of_each_family_come_once_and_in_order() {
    let bed = Testbed::start();
    let set = instances(60, 1);
    bed.ensure("instances", 1, &set).await.ok();
    let client = client(&bed);
    let ipv4 = items::<Page<_>, _>(|token| {
        let request = client.nat_ipv4_addresses_list().limit(limit(4));
        match token {
            None => request.send(),
            Some(token) => request.page_token(token).send(),
        }
    });
    let ipv6 = items::<Page<_>, _>(|token| {
        let request = client.nat_ipv6_addresses_list().limit(limit(4));
        match token {
            None => request.send(),
            Some(token) => request.page_token(token).send(),
        }
    });
    let read = [all(ipv4).await, all(ipv6).await].concat();
    let addresses: BTreeSet<IpAddr> = set.iter().map(|entry| entry.external).collect();
    assert!(addresses.iter().any(IpAddr::is_ipv6) && addresses.len() > 12);
    assert_eq!(Value::from(read), serde_json::to_value(addresses).unwrap());
}

#[tokio::test]
async fn the_entries_of_one_address_come_once_and_in_order() {
    let bed = Testbed::start();
    let chunks = |external| move |low| entry(external, low, low + 1023, target(1));
    let ipv4: Vec<Entry> = (0..30).map(|it| it * 1024).map(chunks("203.0.113.7")).collect();
    let ipv6: Vec<Entry> = (0..31).map(|it| it * 1024).map(chunks("2001:db8::7")).collect();
    bed.ensure("instances", 1, &[ipv4.as_slice(), &ipv6].concat()).await.ok();
    let client = client(&bed);
    let read_ipv4 = items::<Page<_>, _>(|token| {
        let request = client.nat_ipv4_list().ipv4([203, 0, 113, 7]).limit(limit(7));
        match token {
            None => request.send(),
            Some(token) => request.page_token(token).send(),
        }
    });
    assert_eq!(all(read_ipv4).await, wire(&ipv4));
    let read_ipv6 = items::<Page<_>, _>(|token| {
        let request =
            client.nat_ipv6_list().ipv6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 7]).limit(limit(7));
        match token {
            None => request.send(),
            Some(token) => request.page_token(token).send(),
        }
    });
    assert_eq!(all(read_ipv6).await, wire(&ipv6));
}

#[tokio::test]
async fn a_list_of_one_address_has_what_stays_once_while_others_come_and_go() {
    let bed = Testbed::start();
    let kept: Vec<Entry> =
        (0..20).map(|it| entry("203.0.113.7", it * 2048, it * 2048 + 9, target(1))).collect();
    bed.ensure("instances", 1, &kept).await.ok();
    let client = client(&bed);
    let mut read = Vec::new();
    {
        let mut pages = pin!(pages::<Page<NatEntry>, _>(|token| {
            let request = client.nat_ipv4_list().ipv4([203, 0, 113, 7]).limit(limit(3));
            match token {
                None => request.send(),
                Some(token) => request.page_token(token).send(),
            }
        }));
        let mut passing: Option<Entry> = None;
        while let Some(page) = pages.try_next().await.unwrap() {
            read.extend(page.items);
            // One comes just before where the next page begins, and the one before it goes.
            let low = read.last().unwrap().low + 100;
            let next = entry("203.0.113.7", low, low + 9, target(2));
            if let Some(passed) = passing.replace(next) {
                bed.delete(passed.port_path(passed.low)).await.no_content();
            }
            bed.put_entry(&next).await.no_content();
        }
    }
    let stayed: Vec<&NatEntry> = read.iter().filter(|entry| entry.low % 2048 == 0).collect();
    assert_eq!(serde_json::to_value(stayed).unwrap(), Value::from(wire(&kept)));
    assert!(read.len() > kept.len(), "no other came in between");
    assert!(read.is_sorted_by_key(|entry| entry.low), "{read:?}");
}

#[tokio::test]
async fn whoever_reads_a_group_reads_to_its_end_though_it_is_deleted_meanwhile() {
    let bed = Testbed::start();
    let set = instances(20, 1);
    bed.ensure("instances", 1, &set).await.ok();
    let client = client(&bed);
    let mut pages = pin!(entries_pages(&client, 7));
    let mut read = pages.try_next().await.unwrap().unwrap().items;
    bed.delete_group("instances", 2).await.ok();
    while let Some(page) = pages.try_next().await.unwrap() {
        read.extend(page.items);
    }
    assert_eq!(serde_json::to_value(read).unwrap(), Value::from(wire(&set)));
}

#[tokio::test]
async fn a_refusal_in_the_middle_is_handed_on_and_ends_the_stream() {
    let bed = Testbed::start();
    for generation in 1..=5 {
        bed.ensure("instances", generation, &instances(2, generation)).await.ok();
    }
    let client = client(&bed);
    let mut pages = pin!(generation_pages(&client));
    let first = pages.try_next().await.unwrap().unwrap();
    assert_eq!(first.items.len(), 3);
    bed.delete_group("instances", 6).await.ok();
    match pages.try_next().await.unwrap_err() {
        Failure::Answered { error, .. } => {
            assert_eq!(error.code(), Some(ErrorCode::NoSuchGroup));
            assert_eq!(error.tombstone_generation, Some(6));
        }
        other => panic!("{other}"),
    }
    assert_eq!(pages.try_next().await.unwrap(), None);
}
