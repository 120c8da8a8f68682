//! The disk keeps what was synced, and of the rest any part.

use super::*;
use crate::storage::{Layer, Unsynced};
use redb::{Builder, Database, ReadableDatabase as _, TableDefinition};
use std::collections::BTreeSet;

const TABLE: TableDefinition<'static, u32, &[u8]> = TableDefinition::new("table");

fn try_database(disk: &ChaosDisk) -> Result<Database, redb::DatabaseError> {
    let mut source = disk.source();
    if source.open()?.is_none() {
        Builder::new()
            .create_with_backend(Layer::through(source.create()?, Unsynced::default()))?
            .close()?;
        source.publish()?;
    }
    Builder::new().create_with_backend(Layer::through(source.open()?.unwrap(), Unsynced::default()))
}

fn database(disk: &ChaosDisk) -> Database {
    try_database(disk).unwrap()
}

fn write(database: &Database, key: u32) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    transaction.open_table(TABLE)?.insert(key, [7_u8; 10_000].as_slice())?;
    transaction.commit()?;
    Ok(())
}

fn keys(database: &Database) -> Vec<u32> {
    use redb::ReadableTable as _;
    let transaction = database.begin_read().unwrap();
    let table = transaction.open_table(TABLE).unwrap();
    table.iter().unwrap().map(|record| record.unwrap().0.value()).collect()
}

#[test]
fn what_was_synced_outlives_every_crash_and_what_was_not_is_there_or_not() {
    let mut states = BTreeSet::new();
    for seed in 0..64 {
        let disk = ChaosDisk::new(0);
        let old = database(&disk);
        write(&old, 1).unwrap();
        disk.fail_after(DiskOperation::Sync, 0, DiskFault::Refused);
        write(&old, 2).unwrap_err();
        disk.crash(seed);
        drop(old);
        let keys = keys(&database(&disk));
        assert_eq!(keys[0], 1);
        states.insert(keys.len());
    }
    assert_eq!(states, [1, 2].into());
}

#[test]
fn a_killed_process_leaves_what_it_wrote_and_changes_nothing_more() {
    let disk = ChaosDisk::new(0);
    let old = database(&disk);
    write(&old, 1).unwrap();
    assert!(matches!(try_database(&disk), Err(redb::DatabaseError::DatabaseAlreadyOpen)));
    disk.kill();
    let bytes = disk.bytes();
    drop(old);
    assert_eq!(disk.bytes(), bytes);
    assert_eq!(keys(&database(&disk)), [1]);
}

#[test]
fn the_power_goes_during_the_change_that_was_told_and_all_fails_from_then_on() {
    let disk = ChaosDisk::new(0);
    let old = database(&disk);
    let before = disk.counts();
    disk.power_off_after(1);
    write(&old, 1).unwrap_err();
    assert!(disk.is_off());
    let counts = disk.counts().since(&before);
    assert!(counts.changes() >= 2 && counts.faults >= 1, "{counts:?}");
    try_database(&disk).unwrap_err();
    disk.crash(1);
    assert!(!disk.is_off());
    write(&database(&disk), 2).unwrap();
}

#[test]
fn a_full_disk_refuses_to_grow_and_takes_what_fits_again() {
    for limit in [ChaosDisk::limit_len, ChaosDisk::limit_allocated] {
        let disk = ChaosDisk::new(0);
        let mut old = database(&disk);
        write(&old, 0).unwrap();
        limit(&disk, Some(disk.bytes().len() as u64));
        let refused = (1..100).find(|key| write(&old, *key).is_err()).unwrap();
        drop(old);
        limit(&disk, None);
        old = database(&disk);
        assert_eq!(keys(&old), (0..refused).collect::<Vec<_>>());
        write(&old, refused).unwrap();
    }
}

#[test]
fn a_sync_that_forgets_lets_be_read_what_is_lost_with_the_power() {
    let lost = (0..64).filter(|seed| {
        let disk = ChaosDisk::new(*seed);
        let old = database(&disk);
        write(&old, 1).unwrap();
        disk.fail_after(DiskOperation::Sync, 0, DiskFault::Forgotten);
        write(&old, 2).unwrap_err();
        disk.kill();
        let seen = disk.bytes();
        // A sync that succeeds does not bring it back.
        disk.state.lock().journal.as_mut().unwrap().sync();
        disk.crash(0);
        disk.bytes() != seen
    });
    assert!(lost.count() > 16);
}

#[test]
fn the_same_seeds_and_calls_give_the_same_disk() {
    let run = || {
        let disk = ChaosDisk::new(5);
        disk.set_rates(DiskRates { write_ppm: 100_000, sync_ppm: 300_000, ..DiskRates::NEVER });
        for key in 0..20 {
            if let Ok(database) = try_database(&disk) {
                let _ = write(&database, key);
            }
            disk.crash(u64::from(key));
        }
        (disk.counts(), disk.bytes())
    };
    let (counts, bytes) = run();
    assert!(counts.faults > 5, "{counts:?}");
    assert!(run() == (counts, bytes));
}
