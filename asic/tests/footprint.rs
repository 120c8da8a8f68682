//! What a row costs in memory. Alone in its file, since it counts every allocation.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::alloc::System;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use asic::{Action, Asic, MatchKey, MemoryAsic, MemoryConfig, PerTable, Row, Table, TableWrite};
use stats_alloc::{Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: StatsAlloc<System> = StatsAlloc::system();

const ROWS: u32 = 100_000;

#[test]
fn a_row_of_the_memory_device_costs_less_than_120_bytes() {
    let table = Table::NatIngressIpv4;
    let writes: Vec<TableWrite> =
        (0..ROWS).map(|number| TableWrite::Insert(row(table, number))).collect();
    let region = Region::new(&ALLOCATOR);
    let size_rows = PerTable::from_fn(|_| ROWS);
    let mut asic = MemoryAsic::new(MemoryConfig { size_rows, ..MemoryConfig::default() });
    let outcomes = asic.write(&writes, Duration::from_secs(1));
    assert!(outcomes.iter().all(Result::is_ok));
    drop(outcomes);
    let change = region.change();
    let held = change.bytes_allocated as f64 - change.bytes_deallocated as f64;
    let per_row = held / f64::from(ROWS);
    println!("{per_row:.1} bytes for each of {ROWS} rows, inserted in order");
    assert!((60.0..120.0).contains(&per_row), "{per_row:.1} bytes for each row");
    assert_eq!(asic.read(table, Duration::from_secs(1)).unwrap().len(), ROWS as usize);
}

fn row(table: Table, number: u32) -> Row {
    let key = MatchKey::builder(table)
        .exact(Ipv4Addr::from_bits(number / 4))
        .range((number % 4 * 16384) as u16, (number % 4 * 16384 + 16383) as u16)
        .build()
        .unwrap();
    let action = Action::builder(table, "forward_ipv4_to")
        .argument(Ipv6Addr::from_bits(u128::from(number)))
        .argument([0xa8, 0x40, 0x25, 0, 0, 1])
        .argument(number)
        .build()
        .unwrap();
    Row::new(key, action).unwrap()
}
