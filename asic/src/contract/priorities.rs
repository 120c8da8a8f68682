//! Which row wins.

use super::probe::{holds, meets, perform, refused, same};
use super::{Breach, Factory, Subject, sample};
use crate::outcome::Refusal;
use crate::row::{Row, TableWrite};
use crate::table::Table;

const SIZE_ROWS: u32 = 64;

pub(super) fn priority_zero_is_refused(factory: &mut Factory<'_>) -> Result<(), Breach> {
    let mut subject = factory(SIZE_ROWS);
    for &table in Table::ALL {
        let key = sample::key(table, 1, sample::ALL_PORTS)?;
        let row = Row::new(key.at_priority(0), sample::action(table, 1)?)?;
        let what = "an insert at priority 0";
        refused(&mut subject.asic, what, TableWrite::Insert(row))?;
        holds(&mut subject, "the rows after it was refused", table, &[])?;
    }
    Ok(())
}

pub(super) fn a_row_is_known_by_its_key_and_its_priority(
    factory: &mut Factory<'_>,
) -> Result<(), Breach> {
    let mut subject = factory(SIZE_ROWS);
    if !subject.asic.capabilities().has_priorities {
        return Ok(());
    }
    for table in sample::tables_with_range() {
        let key = sample::key(table, 1, (100, 200))?;
        let row =
            |priority, number| Row::new(key.at_priority(priority), sample::action(table, number)?);
        let (low, high) = (row(1, 1)?, row(2, 2)?);
        perform(&mut subject.asic, &[TableWrite::Insert(high), TableWrite::Insert(low)])?;
        holds(&mut subject, "two rows of one key", table, &[low, high])?;

        for write in [TableWrite::Modify(row(3, 3)?), TableWrite::Delete(key.at_priority(3))] {
            let what = "a write to a priority that the key is not at";
            let refusal = refused(&mut subject.asic, what, write)?;
            same(what, Refusal::NotFound { key: key.at_priority(3) }, refusal)?;
        }
        let changed = row(2, 4)?;
        perform(&mut subject.asic, &[TableWrite::Modify(changed)])?;
        holds(&mut subject, "two rows, one modified", table, &[low, changed])?;
        perform(&mut subject.asic, &[TableWrite::Delete(low.key())])?;
        holds(&mut subject, "two rows, one deleted", table, &[changed])?;
    }
    Ok(())
}

pub(super) fn the_larger_priority_wins(factory: &mut Factory<'_>) -> Result<(), Breach> {
    if !factory(SIZE_ROWS).asic.capabilities().has_priorities {
        return Ok(());
    }
    for table in sample::tables_with_range() {
        // The order in which they come must not matter, nor whether one lies within the other.
        for priorities in [[1, 2, 3], [3, 2, 1], [2, 3, 1], [1, 3, 2]] {
            let mut subject = factory(SIZE_ROWS);
            let [p, q, r] = priorities;
            let mut rows = Vec::new();
            for (priority, ports, number) in
                [(p, (0, 65535), 1), (q, (100, 300), 2), (r, (200, 400), 3)]
            {
                let key = sample::key(table, 1, ports)?;
                rows.push(Row::new(key.at_priority(priority), sample::action(table, number)?)?);
            }
            let writes: Vec<TableWrite> = rows.iter().copied().map(TableWrite::Insert).collect();
            perform(&mut subject.asic, &writes)?;
            rows.sort_by_key(|row| row.key().priority);
            while let Some(&winner) = rows.last() {
                for port in [0, 99, 100, 199, 200, 250, 300, 301, 400, 401, 65535] {
                    let holds_port = |row: &&Row| {
                        row.key().key.range().is_some_and(|(low, high)| low <= port && port <= high)
                    };
                    let expected = rows.iter().rev().find(holds_port).copied();
                    let packet = sample::packet(table, 1, port);
                    let door = &mut *subject.back_door;
                    meets(door, "a packet for several rows", (table, &packet), expected)?;
                }
                perform(&mut subject.asic, &[TableWrite::Delete(winner.key())])?;
                rows.pop();
            }
        }
    }
    Ok(())
}

pub(super) fn rows_of_one_priority_do_not_overlap(factory: &mut Factory<'_>) -> Result<(), Breach> {
    for table in sample::tables_with_range() {
        let mut subject = factory(SIZE_ROWS);
        let standing = sample::row(table, 1, (1000, 1999))?;
        let far = sample::row(table, 1, (5000, 5999))?;
        perform(&mut subject.asic, &[TableWrite::Insert(standing), TableWrite::Insert(far)])?;
        let overlapping =
            [(0, 1000), (1999, 65535), (1500, 1500), (1000, 1998), (1001, 1999), (999, 2000)];
        for ports in overlapping {
            let row = Row::new(sample::key(table, 1, ports)?, sample::action(table, 2)?)?;
            let what = "an insert over a row of the same priority";
            let write = TableWrite::Insert(row);
            match refused(&mut subject.asic, what, write)? {
                Refusal::Overlaps { key, existing } if key == row.key() => {
                    let named = [standing.key(), far.key()].contains(&existing);
                    let true_overlap = existing.key.overlaps(&key.key);
                    same("the row named as overlapped", (true, true), (named, true_overlap))?;
                }
                other => {
                    let expected = "an overlap".to_owned();
                    return Err(Breach::Differs { what, expected, found: format!("{other:?}") });
                }
            }
            holds(&mut subject, "the rows after it was refused", table, &[standing, far])?;
        }
        // What only touches, or is of another address, does not overlap.
        let beside = [(1, (0, 999)), (1, (2000, 4999)), (1, (6000, 65535)), (2, (0, 65535))];
        for (number, ports) in beside {
            let row = sample::row(table, number, ports)?;
            perform(&mut subject.asic, &[TableWrite::Insert(row)])?;
        }
    }
    Ok(())
}

pub(super) fn a_table_whose_rows_never_compete_takes_the_default_priority_alone(
    factory: &mut Factory<'_>,
) -> Result<(), Breach> {
    let mut subject = factory(SIZE_ROWS);
    for &table in Table::ALL.iter().filter(|table| !table.spec().takes_priorities()) {
        takes_the_default_priority_alone(&mut subject, table)?;
    }
    Ok(())
}

pub(super) fn a_device_without_priorities_takes_the_default_alone(
    factory: &mut Factory<'_>,
) -> Result<(), Breach> {
    let mut subject = factory(SIZE_ROWS);
    if subject.asic.capabilities().has_priorities {
        return Ok(());
    }
    for &table in Table::ALL {
        takes_the_default_priority_alone(&mut subject, table)?;
    }
    Ok(())
}

fn takes_the_default_priority_alone(subject: &mut Subject, table: Table) -> Result<(), Breach> {
    let standing = sample::row(table, 1, (0, 1023))?;
    perform(&mut subject.asic, &[TableWrite::Insert(standing)])?;
    let elsewhere = sample::key(table, 2, (0, 1023))?;
    for key in [standing.key().key, elsewhere] {
        for priority in [2, u32::MAX] {
            let row = Row::new(key.at_priority(priority), sample::action(table, 2)?)?;
            let writes =
                [TableWrite::Insert(row), TableWrite::Modify(row), TableWrite::Delete(row.key())];
            for write in writes {
                refused(&mut subject.asic, "a write at another priority", write)?;
                holds(subject, "the rows after it was refused", table, &[standing])?;
            }
        }
    }
    Ok(())
}
