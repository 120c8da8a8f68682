//! What one write does, and what is read afterwards.

use super::probe::{TIMEOUT, holds, meets, perform, refused, same};
use super::{Breach, Factory, sample};
use crate::outcome::Refusal;
use crate::row::{Row, TableWrite};
use crate::table::Table;

const SIZE_ROWS: u32 = 64;

pub(super) fn a_fresh_device_is_empty(factory: &mut Factory<'_>) -> Result<(), Breach> {
    let mut subject = factory(SIZE_ROWS);
    for &table in Table::ALL {
        holds(&mut subject, "the rows of a fresh device", table, &[])?;
        let counters = subject.asic.counters(table, TIMEOUT)?;
        same("the counters of a fresh device", vec![], counters)?;
        same("whether the table has any room", true, subject.asic.size_rows(table) > 0)?;
    }
    Ok(())
}

pub(super) fn rows_read_back_exactly_and_in_order(factory: &mut Factory<'_>) -> Result<(), Breach> {
    let mut subject = factory(SIZE_ROWS);
    let mut all = Vec::new();
    for &table in Table::ALL {
        // Written in another order than they are to be read in.
        for number in [3, 1, 0, 2, 0x1234, 0x12_3456] {
            all.push(sample::row(table, number, (0, 65535))?);
        }
        if table.spec().has_range() {
            for ports in [(65535, 65535), (0, 0), (1000, 1999), (0xff, 0x100)] {
                all.push(sample::row(table, 7, ports)?);
            }
        }
        if table.spec().lpm_field().is_some() {
            let key = sample::key(table, 7, sample::ALL_PORTS)?;
            for (length, number) in [(8, 1), (0, 2), (28, 3), (1, 4)] {
                let row = Row::new(key.with_prefix_length(length), sample::action(table, number)?)?;
                all.push(row);
            }
        }
    }
    let writes: Vec<TableWrite> = all.iter().copied().map(TableWrite::Insert).collect();
    perform(&mut subject.asic, &writes)?;
    for &table in Table::ALL {
        let mut expected: Vec<Row> = all.iter().copied().filter(|r| r.table() == table).collect();
        expected.sort_by_key(Row::key);
        holds(&mut subject, "the rows inserted", table, &expected)?;
    }
    Ok(())
}

pub(super) fn tables_are_read_from_the_device(factory: &mut Factory<'_>) -> Result<(), Breach> {
    let mut subject = factory(SIZE_ROWS);
    for &table in Table::ALL {
        let rows = (0..4)
            .map(|number| sample::row(table, number, sample::ALL_PORTS))
            .collect::<Result<Vec<_>, _>>()?;
        let mut expected = rows.clone();
        expected.sort_by_key(Row::key);
        let writes: Vec<TableWrite> = rows.iter().copied().map(TableWrite::Insert).collect();
        perform(&mut subject.asic, &writes)?;
        holds(&mut subject, "the rows inserted", table, &expected)?;
        // Others change every row, the first to be read too.
        for (number, row) in (100..).zip(&mut expected) {
            *row = Row::new(row.key(), sample::action(table, number)?)?;
            let write = TableWrite::Modify(*row);
            let altered = subject.back_door.alter(&write);
            altered.map_err(|error| Breach::Write { write: Box::new(write), error })?;
        }
        holds(&mut subject, "the rows altered by others", table, &expected)?;
        while let Some(row) = expected.pop() {
            let write = TableWrite::Delete(row.key());
            let altered = subject.back_door.alter(&write);
            altered.map_err(|error| Breach::Write { write: Box::new(write), error })?;
            holds(&mut subject, "the rows left over by others", table, &expected)?;
        }
    }
    Ok(())
}

pub(super) fn a_modify_changes_the_action_and_nothing_else(
    factory: &mut Factory<'_>,
) -> Result<(), Breach> {
    let mut subject = factory(SIZE_ROWS);
    for &table in Table::ALL {
        let one = sample::row(table, 1, sample::ALL_PORTS)?;
        let other = sample::row(table, 2, sample::ALL_PORTS)?;
        let changed = Row::new(one.key(), sample::action(table, 4)?)?;
        perform(&mut subject.asic, &[TableWrite::Insert(one), TableWrite::Insert(other)])?;
        perform(&mut subject.asic, &[TableWrite::Modify(changed)])?;
        let mut expected = [changed, other];
        expected.sort_by_key(Row::key);
        holds(&mut subject, "the rows after a modify", table, &expected)?;
        let packet = sample::packet(table, 1, 443);
        let door = &mut *subject.back_door;
        meets(door, "a packet after a modify", (table, &packet), Some(changed))?;
    }
    Ok(())
}

pub(super) fn a_delete_removes_its_row_and_no_other(
    factory: &mut Factory<'_>,
) -> Result<(), Breach> {
    let mut subject = factory(SIZE_ROWS);
    for &table in Table::ALL {
        let gone = sample::row(table, 1, sample::ALL_PORTS)?;
        let kept = sample::row(table, 2, sample::ALL_PORTS)?;
        perform(&mut subject.asic, &[TableWrite::Insert(gone), TableWrite::Insert(kept)])?;
        perform(&mut subject.asic, &[TableWrite::Delete(gone.key())])?;
        holds(&mut subject, "the rows after a delete", table, &[kept])?;
        let packet = sample::packet(table, 1, 443);
        let door = &mut *subject.back_door;
        meets(door, "a packet for a deleted row", (table, &packet), None)?;
    }
    Ok(())
}

pub(super) fn an_insert_of_a_row_that_is_there_is_refused(
    factory: &mut Factory<'_>,
) -> Result<(), Breach> {
    let mut subject = factory(SIZE_ROWS);
    for &table in Table::ALL {
        let row = sample::row(table, 1, sample::ALL_PORTS)?;
        let other = Row::new(row.key(), sample::action(table, 2)?)?;
        perform(&mut subject.asic, &[TableWrite::Insert(row)])?;
        for again in [row, other] {
            let what = "an insert of a row that is there";
            let refusal = refused(&mut subject.asic, what, TableWrite::Insert(again))?;
            same(what, Refusal::Exists { key: row.key() }, refusal)?;
            holds(&mut subject, "the rows after it was refused", table, &[row])?;
        }
    }
    Ok(())
}

pub(super) fn a_modify_or_delete_of_a_row_that_is_not_there_is_refused(
    factory: &mut Factory<'_>,
) -> Result<(), Breach> {
    let mut subject = factory(SIZE_ROWS);
    for &table in Table::ALL {
        let there = sample::row(table, 1, (0, 1023))?;
        perform(&mut subject.asic, &[TableWrite::Insert(there)])?;
        let mut absent = vec![sample::row(table, 2, (0, 1023))?];
        if table.spec().has_range() {
            // Of the same address, above, around and within the range that is there.
            for ports in [(1024, 2047), (0, 65535), (0, 1022), (1, 1023)] {
                absent.push(sample::row(table, 1, ports)?);
            }
        }
        for row in absent {
            for write in [TableWrite::Modify(row), TableWrite::Delete(row.key())] {
                let what = "a write to a row that is not there";
                let refusal = refused(&mut subject.asic, what, write)?;
                same(what, Refusal::NotFound { key: row.key() }, refusal)?;
                holds(&mut subject, "the rows after it was refused", table, &[there])?;
            }
        }
    }
    Ok(())
}

pub(super) fn ranges_hold_both_their_bounds_and_no_more(
    factory: &mut Factory<'_>,
) -> Result<(), Breach> {
    let mut subject = factory(SIZE_ROWS);
    for table in sample::tables_with_range() {
        let below = Row::new(sample::key(table, 1, (0, 0))?, sample::action(table, 1)?)?;
        let middle = Row::new(sample::key(table, 1, (1000, 1999))?, sample::action(table, 2)?)?;
        let beside = Row::new(sample::key(table, 1, (2000, 2000))?, sample::action(table, 3)?)?;
        let last = Row::new(sample::key(table, 1, (65535, 65535))?, sample::action(table, 4)?)?;
        let writes = [below, middle, beside, last].map(TableWrite::Insert);
        perform(&mut subject.asic, &writes)?;
        let hits = [
            (0, Some(below)),
            (1, None),
            (999, None),
            (1000, Some(middle)),
            (1500, Some(middle)),
            (1999, Some(middle)),
            (2000, Some(beside)),
            (2001, None),
            (65534, None),
            (65535, Some(last)),
        ];
        for (port, row) in hits {
            let door = &mut *subject.back_door;
            let packet = sample::packet(table, 1, port);
            meets(door, "a packet at the bound of a range", (table, &packet), row)?;
            let packet = sample::packet(table, 2, port);
            meets(door, "a packet of another address", (table, &packet), None)?;
        }
        perform(&mut subject.asic, &[TableWrite::Delete(last.key())])?;
        let packet = sample::packet(table, 1, 65535);
        let door = &mut *subject.back_door;
        meets(door, "a packet at the last port, its row deleted", (table, &packet), None)?;
    }
    Ok(())
}
