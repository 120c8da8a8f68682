//! How much a table holds.

use super::probe::{holds, perform, refused, same};
use super::{Breach, Factory, Subject, sample};
use crate::outcome::Refusal;
use crate::row::{Row, TableWrite};
use crate::table::Table;

/// A range that costs a device several rows, if it expands ranges at all.
const COSTLY_PORTS: (u16, u16) = (1000, 1999);

pub(super) fn a_table_takes_all_its_rows_and_refuses_the_next(
    factory: &mut Factory<'_>,
) -> Result<(), Breach> {
    for &table in Table::ALL {
        let mut subject = factory(30);
        let expansion = subject.asic.capabilities().range_expansion;
        let size_rows = subject.asic.size_rows(table);
        if sample::distinct_keys(table) <= size_rows.saturating_add(1) {
            // A table with room for every key that there is cannot be filled.
            continue;
        }
        let costly_rows = expansion.rows_of(&sample::key(table, 0, COSTLY_PORTS)?);
        let is_full = Refusal::TableFull { table, size_rows };
        let mut held = Vec::new();
        let mut next = 0..;
        let mut row = |ports| sample::row(table, next.next().unwrap_or_default(), ports);

        // As many costly rows as fit, then one more, then cheap ones into what is left.
        for _ in 0..size_rows / costly_rows {
            held.push(row(COSTLY_PORTS)?);
        }
        let writes: Vec<TableWrite> = held.iter().copied().map(TableWrite::Insert).collect();
        perform(&mut subject.asic, &writes)?;
        let what = "an insert into a table without room for it";
        let refusal = refused(&mut subject.asic, what, TableWrite::Insert(row(COSTLY_PORTS)?))?;
        same(what, is_full.clone(), refusal)?;
        for _ in 0..size_rows % costly_rows {
            let cheap = row(sample::ALL_PORTS)?;
            perform(&mut subject.asic, &[TableWrite::Insert(cheap)])?;
            held.push(cheap);
        }
        let refusal =
            refused(&mut subject.asic, what, TableWrite::Insert(row(sample::ALL_PORTS)?))?;
        same(what, is_full.clone(), refusal)?;
        holds_all(&mut subject, table, &held)?;

        // A modify needs no room, a row that left gives its rows back, and no more than these.
        if let Some(first) = held.first_mut() {
            let changed = Row::new(first.key(), sample::action(table, 1_000_000)?)?;
            perform(&mut subject.asic, &[TableWrite::Modify(changed)])?;
            *first = changed;
            perform(&mut subject.asic, &[TableWrite::Delete(first.key())])?;
            *first = row(COSTLY_PORTS)?;
            perform(&mut subject.asic, &[TableWrite::Insert(*first)])?;
        }
        let refusal =
            refused(&mut subject.asic, what, TableWrite::Insert(row(sample::ALL_PORTS)?))?;
        same(what, is_full, refusal)?;
        holds_all(&mut subject, table, &held)?;
    }
    Ok(())
}

fn holds_all(subject: &mut Subject, table: Table, rows: &[Row]) -> Result<(), Breach> {
    let mut expected = rows.to_vec();
    expected.sort_by_key(Row::key);
    holds(subject, "the rows of a full table", table, &expected)
}
