//! The contract, over every device of this crate.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::num::NonZeroUsize;
use std::time::Duration;

use asic::contract::{self, MemoryBackDoor, SoftBackDoor, Subject};
use asic::{
    Asic, ChaosAsic, ChaosConfig, MemoryAsic, MemoryConfig, PerTable, RangeExpansion, Rate,
    SoftAsic, SoftConfig,
};
use rstest::rstest;

fn memory(config: MemoryConfig) -> impl FnMut(u32) -> Subject {
    move |size_rows| {
        let asic =
            MemoryAsic::new(MemoryConfig { size_rows: PerTable::from_fn(|_| size_rows), ..config });
        let back_door = Box::new(MemoryBackDoor(asic.handle()));
        Subject { asic: Box::new(asic), back_door }
    }
}

fn soft(config: SoftConfig) -> impl FnMut(u32) -> Subject {
    move |size_rows| {
        let size_rows = PerTable::from_fn(|_| size_rows);
        let asic = SoftAsic::new(SoftConfig { size_rows, ..config }).unwrap();
        let back_door = Box::new(SoftBackDoor(asic.handle()));
        Subject { asic: Box::new(asic), back_door }
    }
}

/// A device of every fault there is, none of which happens.
fn chaos(config: ChaosConfig, switched_on: bool) -> impl FnMut(u32) -> Subject {
    let mut memory = memory(MemoryConfig::default());
    move |size_rows| {
        let Subject { asic, back_door } = memory(size_rows);
        let sleep = Box::new(|time: Duration| panic!("a delay of {time:?} without a fault"));
        let asic = ChaosAsic::new(asic, config, sleep);
        asic.switch().set_random_faults(switched_on);
        Subject { asic: Box::new(asic), back_door }
    }
}

fn every_fault() -> ChaosConfig {
    let [refuse, midway, lose, delay] = [Rate::ALWAYS; 4];
    ChaosConfig { refuse, midway, lose, delay, ..ChaosConfig::default() }
}

fn with_priorities() -> MemoryConfig {
    MemoryConfig::default()
}

fn without_priorities() -> MemoryConfig {
    MemoryConfig { has_priorities: false, ..with_priorities() }
}

fn tofino() -> MemoryConfig {
    MemoryConfig { range_expansion: RangeExpansion::TernaryNibbles, ..with_priorities() }
}

fn small_batches() -> MemoryConfig {
    MemoryConfig { max_batch: NonZeroUsize::new(7).unwrap(), ..tofino() }
}

#[rstest]
#[case::memory(memory(with_priorities()))]
#[case::memory_without_priorities(memory(without_priorities()))]
#[case::memory_with_the_expansion_of_a_tofino(memory(tofino()))]
#[case::memory_with_small_batches(memory(small_batches()))]
#[case::soft(soft(SoftConfig::default()))]
#[case::soft_without_priorities(soft(SoftConfig {
    has_priorities: false,
    ..SoftConfig::default()
}))]
#[case::soft_with_the_expansion_of_a_tofino(soft(SoftConfig {
    range_expansion: RangeExpansion::TernaryNibbles,
    ..SoftConfig::default()
}))]
#[case::soft_with_small_batches(soft(SoftConfig {
    max_batch: NonZeroUsize::new(7).unwrap(),
    ..SoftConfig::default()
}))]
#[case::chaos_with_rates_of_zero(chaos(ChaosConfig::default(), true))]
#[case::chaos_switched_off(chaos(every_fault(), false))]
fn a_device_keeps_the_contract(#[case] mut factory: impl FnMut(u32) -> Subject) {
    let violations = contract::check_all(&mut factory);
    let said: Vec<String> = violations.iter().map(ToString::to_string).collect();
    assert!(said.is_empty(), "{}", said.join("\n"));
}

#[test]
fn a_boxed_device_is_the_device() {
    let config = tofino();
    let boxed: Box<dyn Asic> = Box::new(MemoryAsic::new(config));
    let twice: Box<Box<dyn Asic>> = Box::new(boxed);
    assert_eq!(twice.name(), "memory");
    assert_eq!(twice.capabilities(), MemoryAsic::new(config).capabilities());
}
