//! A device that fails by chance, again and again, under a client that keeps asking: no
//! acknowledged set is lost, no refused one takes effect, and in the end the device holds exactly
//! what was acknowledged.

use asic::{ChaosConfig, Rate};
use dpd_tests::{Entry, Settings, Testbed, entry, target, until};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use rstest::rstest;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;

const GROUPS: [&str; 3] = ["a", "b", "c"];

/// A random set of a group that has addresses of its own: some entries of the group's few
/// addresses, cut in one of a few ways, to one of two sleds.
fn random_set(random: &mut StdRng, group: usize) -> Vec<Entry> {
    let mut set = Vec::new();
    for host in 0..5_u16 {
        let address = if host < 3 {
            format!("10.0.{group}.{host}")
        } else {
            format!("2001:db8:{group}::{host}")
        };
        let cuts: &[(u16, u16)] = match random.random_range(0..5) {
            0 => &[],
            1 | 2 => &[(0, 65535)],
            3 => &[(0, 32767), (32768, 65535)],
            _ => &[(1000, 40_000)],
        };
        for (low, high) in cuts {
            set.push(entry(&address, *low, *high, target(random.random_range(1..3))));
        }
    }
    set
}

#[rstest]
#[tokio::test]
async fn under_random_faults_what_was_acknowledged_holds_and_nothing_else(
    #[values(1, 2, 3, 4, 5, 6)] seed: u64,
    #[values(3, usize::MAX)] max_batch: usize,
) {
    let rate = |rate| Rate::new(rate).unwrap();
    let chaos = ChaosConfig {
        seed,
        refuse: rate(0.08),
        midway: rate(0.15),
        lose: rate(0.12),
        ..ChaosConfig::default()
    };
    let max_batch = NonZeroUsize::new(max_batch).unwrap();
    let bed = Testbed::start_with(Settings { chaos, max_batch, ..Settings::default() });
    let mut random = StdRng::seed_from_u64(seed);
    let mut acknowledged: BTreeMap<&str, (u64, Vec<Entry>)> = BTreeMap::new();
    let mut tally: BTreeMap<u16, usize> = BTreeMap::new();
    for generation in 1..=60 {
        let group = random.random_range(0..GROUPS.len());
        let name = GROUPS[group];
        let mut set = random_set(&mut random, group);
        set.sort_unstable();
        let body = serde_json::json!({
            "generation": generation, "entries": dpd_tests::entry_list(&set), "allow_empty": true,
        });
        let answer = bed.ensure_with(name, &body).await;
        *tally.entry(answer.status).or_default() += 1;
        match answer.status {
            200 => {
                acknowledged.insert(name, (generation, set));
            }
            503 => {
                let code = answer.text.contains("Torn").then_some("Torn");
                answer.refused(code.unwrap_or("DeviceRefused"));
            }
            _ => panic!("{answer:?}"),
        }
        // Neither lost nor mixed, whatever the device did.
        for (name, (generation, set)) in &acknowledged {
            assert_eq!(bed.view(name).await["generation"], *generation);
            assert_eq!(bed.entries(name).await, *set);
        }
    }
    assert!(tally[&200] > 5 && tally[&503] > 5, "the faults are too few or too many: {tally:?}");

    bed.device.set_random_faults(false);
    for name in acknowledged.keys() {
        until("the group is programmed", async || {
            let view = bed.view(name).await;
            view["state"] == "programmed" && view["diverged"] == 0
        })
        .await;
    }
    let mut desired: Vec<Entry> = acknowledged.values().flat_map(|(_, set)| set).copied().collect();
    desired.sort_unstable();
    // Rows of a group that was refused before it came to be are in no view.
    until("the device holds what was acknowledged", async || {
        let rows: Vec<Entry> = bed.device.rows().iter().map(|row| row.entry).collect();
        rows == desired
    })
    .await;
    bed.device.assert_forwards(&desired);
}
