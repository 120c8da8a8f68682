//! What the counters of rows count.

use super::probe::{TIMEOUT, counts, meets, perform, same};
use super::{Breach, Factory, Subject, sample};
use crate::device::Counter;
use crate::row::{Row, TableWrite};
use crate::table::Table;

const SIZE_ROWS: u32 = 64;

pub(super) fn counters_count_packets_and_bytes(factory: &mut Factory<'_>) -> Result<(), Breach> {
    let mut subject = factory(SIZE_ROWS);
    for table in tables_with_counters() {
        let hit = sample::row(table, 1, sample::ALL_PORTS)?;
        let idle = sample::row(table, 2, sample::ALL_PORTS)?;
        perform(&mut subject.asic, &[TableWrite::Insert(hit), TableWrite::Insert(idle)])?;
        counts(&mut subject, "the counter of a new row", hit.key(), Counter::default())?;
        for length_bytes in [100, 1500, 64] {
            let packet = sample::packet(table, 1, 443);
            subject.back_door.packet(table, &packet, length_bytes)?;
        }
        subject.back_door.packet(table, &sample::packet(table, 3, 443), 1500)?;
        let counted = Counter { packets: 3, bytes: 1664 };
        counts(&mut subject, "the counter after three packets", hit.key(), counted)?;
        counts(&mut subject, "the counter of an idle row", idle.key(), Counter::default())?;
    }
    Ok(())
}

pub(super) fn counters_live_through_a_modify_and_not_through_a_delete(
    factory: &mut Factory<'_>,
) -> Result<(), Breach> {
    let mut subject = factory(SIZE_ROWS);
    for table in tables_with_counters() {
        let row = sample::row(table, 1, sample::ALL_PORTS)?;
        let changed = Row::new(row.key(), sample::action(table, 2)?)?;
        perform(&mut subject.asic, &[TableWrite::Insert(row)])?;
        hit(&mut subject, row)?;
        perform(&mut subject.asic, &[TableWrite::Modify(changed)])?;
        let once = Counter { packets: 1, bytes: 100 };
        counts(&mut subject, "the counter after a modify", row.key(), once)?;
        hit(&mut subject, changed)?;
        let twice = Counter { packets: 2, bytes: 200 };
        counts(&mut subject, "the counter of a modified row", row.key(), twice)?;
        perform(&mut subject.asic, &[TableWrite::Delete(row.key())])?;
        perform(&mut subject.asic, &[TableWrite::Insert(row)])?;
        counts(&mut subject, "the counter of a row inserted again", row.key(), Counter::default())?;
    }
    Ok(())
}

pub(super) fn a_table_without_counters_has_none_to_show(
    factory: &mut Factory<'_>,
) -> Result<(), Breach> {
    let mut subject = factory(SIZE_ROWS);
    for &table in Table::ALL.iter().filter(|table| !table.spec().has_counters) {
        let row = sample::row(table, 1, sample::ALL_PORTS)?;
        perform(&mut subject.asic, &[TableWrite::Insert(row)])?;
        hit(&mut subject, row)?;
        let counters = subject.asic.counters(table, TIMEOUT)?;
        same("the counters of a table without any", vec![], counters)?;
    }
    Ok(())
}

fn tables_with_counters() -> impl Iterator<Item = Table> {
    Table::ALL.iter().copied().filter(|table| table.spec().has_counters)
}

/// One packet of 100 bytes for a row of number 1.
fn hit(subject: &mut Subject, row: Row) -> Result<(), Breach> {
    let table = row.table();
    let packet = sample::packet(table, 1, 443);
    meets(&mut *subject.back_door, "a packet to be counted", (table, &packet), Some(row))
}
