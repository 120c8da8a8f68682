//! A device that fails by chance, again and again, under a client that keeps asking: no
//! acknowledged set is lost, no refused one takes effect, and in the end the device holds exactly
//! what was acknowledged.

use asic::{ChaosConfig, Rate};
use dpd_tests::{
    Entry, RangeExpansion, Settings, Testbed, With as _, entry, request, target, until,
};
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
    set.sort_unstable();
    set
}

/// A switch with room and priorities, one that takes few writes at once, one without priorities,
/// and one whose rows are few and dear.
fn settings(kind: &str) -> Settings {
    let all = Settings::default();
    match kind {
        "plain" => all,
        "small batches" => Settings { max_batch: NonZeroUsize::new(3).unwrap(), ..all },
        "no priorities" => Settings { has_priorities: false, ..all },
        "tight" => {
            Settings { range_expansion: RangeExpansion::TernaryNibbles, ..Settings::sized(18, 12) }
        }
        _ => panic!("{kind}"),
    }
}

#[rstest]
#[tokio::test]
async fn under_random_faults_what_was_acknowledged_holds_and_nothing_else(
    #[values("plain", "small batches", "no priorities", "tight")] kind: &str,
    #[values(1, 2, 3)] seed: u64,
) {
    let rate = |rate| Rate::new(rate).unwrap();
    let (refuse, midway, lose) = (rate(0.08), rate(0.15), rate(0.12));
    let chaos = ChaosConfig { seed, refuse, midway, lose, ..ChaosConfig::default() };
    let bed = Testbed::start_with(Settings { chaos, ..settings(kind) });
    let mut random = StdRng::seed_from_u64(seed);
    let mut acknowledged: BTreeMap<&str, (u64, Vec<Entry>)> = BTreeMap::new();
    let mut tally: BTreeMap<u16, usize> = BTreeMap::new();
    for generation in 1..=60 {
        let group = random.random_range(0..GROUPS.len());
        let name = GROUPS[group];
        let set = random_set(&mut random, group);
        let body = request(generation, &set).with("allow_empty", true);
        let answer = bed.ensure_with(name, &body).await;
        *tally.entry(answer.status).or_default() += 1;
        match answer.status {
            200 => {
                acknowledged.insert(name, (generation, set));
            }
            507 => assert_eq!(kind, "tight"),
            503 if answer.text.contains("Torn") => {
                answer.refused("Torn");
            }
            _ => {
                answer.refused("DeviceRefused");
            }
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
        bed.device.rows().iter().map(|row| row.entry).eq(desired.iter().copied())
    })
    .await;
    bed.device.assert_forwards(&desired);
}
