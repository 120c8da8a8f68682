//! What packets find while generations change: the old or the new, never nothing and never a third.

use dpd_tests::{Device, Entry, Settings, Testbed, entry, target};
use rstest::rstest;
use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

const ADDRESSES: [&str; 5] = ["10.0.0.1", "10.0.0.2", "10.0.0.3", "2001:db8::1", "2001:db8::2"];

/// The set of a generation, which its entries carry as their VNI: each address is cut in another
/// way than before, or gets another target, and some ports of it are always there.
fn set(generation: u32) -> Vec<Entry> {
    let mut set = Vec::new();
    for (shift, address) in (0..).zip(ADDRESSES) {
        let cuts: &[(u16, u16)] = match (generation + shift) % 4 {
            0 => &[(0, 65535)],
            1 => &[(0, 32767), (32768, 65535)],
            2 => &[(0, 32767), (32768, 49151), (49152, 65535)],
            _ => &[(1000, 65535)],
        };
        let to = |low| target((generation % 8 * 4 + u32::from(low) / 16384) as u16).vni(generation);
        set.extend(cuts.iter().map(|&(low, high)| entry(address, low, high, to(low))));
    }
    // What comes and goes makes room, and does not matter.
    if generation.is_multiple_of(2) {
        let to = target(1).vni(generation);
        set.extend((0..4).map(|host| entry(&format!("10.9.9.{host}"), 0, 9, to)));
    }
    set
}

/// Sends packets to ports that are there in every generation, until told to stop; how many times it
/// found the next generation where it had found the one before.
fn probe(device: &Device, current: &AtomicU32, stop: &AtomicBool) -> usize {
    let destinations: Vec<(IpAddr, u16)> = ADDRESSES
        .iter()
        .flat_map(|address| {
            [1000, 32767, 32768, 65535].map(|port| (address.parse().unwrap(), port))
        })
        .collect();
    let mut found = vec![0; destinations.len()];
    let mut changes = 0;
    while !stop.load(Ordering::Relaxed) {
        for ((external, port), found) in destinations.iter().zip(&mut found) {
            let before = current.load(Ordering::SeqCst);
            let target = device.packet(*external, *port);
            let target = target.unwrap_or_else(|| panic!("nothing at {external} port {port}"));
            let after = current.load(Ordering::SeqCst);
            // `current` is the last generation that was answered; the next may be under way.
            assert!(before <= target.vni && target.vni <= after + 1, "{target:?} at {before}");
            assert!(*found <= target.vni, "back from {found} to {target:?}");
            let of_set = set(target.vni);
            assert!(of_set.iter().any(|it| it.covers(*external, *port) && it.target == target));
            changes += usize::from(*found != target.vni);
            *found = target.vni;
        }
    }
    changes
}

#[rstest]
#[case::write_by_write(NonZeroUsize::MIN)]
#[case::in_large_batches(NonZeroUsize::MAX)]
#[tokio::test]
async fn packets_find_the_old_or_the_new_while_generations_change(#[case] max_batch: NonZeroUsize) {
    let bed = Testbed::start_with(Settings { max_batch, ..Settings::default() });
    bed.ensure("a", 1, &set(0)).await.ok();
    let (current, stop) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicBool::new(false)));
    let prober = {
        let (device, current, stop) = (bed.device.clone(), current.clone(), stop.clone());
        std::thread::spawn(move || probe(&device, &current, &stop))
    };
    for generation in 1..=150 {
        let answer = bed.ensure("a", u64::from(generation) + 1, &set(generation)).await.ok();
        assert_eq!(answer["gaps"], serde_json::json!([]));
        current.store(generation, Ordering::SeqCst);
        if prober.is_finished() {
            break;
        }
    }
    stop.store(true, Ordering::Relaxed);
    let changes = prober.join().unwrap();
    assert!(changes > 100, "the packets met only {changes} changes");
}
