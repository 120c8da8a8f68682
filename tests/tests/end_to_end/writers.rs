//! Writers at the same time: each change is made whole, one after the other.

use dpd_tests::{Client, Entry, Testbed, digest, entry, services, target};
use std::collections::BTreeMap;

/// The set that writer `writer` sends for a generation.
fn set(writer: u16, generation: u64) -> Vec<Entry> {
    (0..8)
        .map(|host| {
            let low = if (generation + host).is_multiple_of(3) { 0 } else { 1024 };
            entry(&format!("10.0.0.{host}"), low, 65535, target(writer))
        })
        .collect()
}

/// Sends generation after generation; those that were taken, with their digests.
async fn write(client: Client, writer: u16) -> Vec<u64> {
    let mut taken = Vec::new();
    for generation in 1..=60 {
        let answer = client.ensure("contested", generation, &set(writer, generation)).await;
        match answer.status {
            200 => taken.push(generation),
            _ => {
                let is_stale = answer.text.contains("StaleGeneration");
                let code = if is_stale { "StaleGeneration" } else { "GenerationMismatch" };
                answer.refused(code);
            }
        }
    }
    taken
}

/// Two owners of one group is a mistake, and it is found out: of each generation one set is taken
/// whole, and the other is refused.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_writers_with_the_same_generations_never_interleave() {
    let bed = Testbed::start();
    let [one, other] = [1, 2].map(|writer| tokio::spawn(write(bed.client(), writer)));
    let taken = [(1, one.await.unwrap()), (2, other.await.unwrap())];
    let mut winners: BTreeMap<u64, u16> = BTreeMap::new();
    for (writer, generations) in taken {
        for generation in generations {
            assert_eq!(winners.insert(generation, writer), None, "both were taken at {generation}");
        }
    }
    assert_eq!(winners.len(), 60, "each generation was taken from someone");
    for info in bed.all_pages("/nat/groups/contested/generations").await {
        let generation = info["generation"].as_u64().unwrap();
        assert_eq!(info["digest"], digest(&set(winners[&generation], generation)));
    }
    let last = set(winners[&60], 60);
    assert_eq!(bed.entries("contested").await, last);
    let rows: Vec<Entry> = bed.device.rows().iter().map(|row| row.entry).collect();
    assert_eq!(rows, last);
    bed.device.assert_forwards(&last);
}

/// Many owners, each with its own group, and single entries besides: nobody is in another's way.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_of_different_groups_do_not_disturb_each_other() {
    let bed = Testbed::start();
    let own = |writer: u16, generation: u64| -> Vec<Entry> {
        let hosts = 1..=(2 + (generation + u64::from(writer)) % 5);
        hosts.map(|host| entry(&format!("10.{writer}.0.{host}"), 0, 9, target(writer))).collect()
    };
    let writers: Vec<_> = (1..=6)
        .map(|writer| {
            let client = bed.client();
            tokio::spawn(async move {
                for generation in 1..=25 {
                    let group = format!("group{writer}");
                    client.ensure(&group, generation, &own(writer, generation)).await.ok();
                    let single = entry(&format!("10.{writer}.9.9"), 0, 9, target(writer));
                    client.put_entry(&single).await.no_content();
                    if generation % 2 == 0 {
                        client.delete_entry(&single).await.no_content();
                    }
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let mut all = Vec::new();
    for writer in 1..=6 {
        assert_eq!(bed.entries(&format!("group{writer}")).await, own(writer, 25));
        all.extend(own(writer, 25));
        all.push(entry(&format!("10.{writer}.9.9"), 0, 9, target(writer)));
    }
    bed.device.assert_holds(&all);
}

/// A retry that overtakes its own first try is the same request.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_request_many_times_at_once_takes_effect_once() {
    let bed = Testbed::start();
    let tries: Vec<_> = (0..12)
        .map(|_| {
            let client = bed.client();
            tokio::spawn(async move { client.ensure("services", 7, &services()).await.ok() })
        })
        .collect();
    let mut writes = 0;
    for answer in tries {
        writes += answer.await.unwrap()["writes"].as_u64().unwrap();
    }
    assert_eq!(writes, 10);
    bed.device.assert_holds(&services());
}
