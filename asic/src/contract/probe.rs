//! Asks a device something and compares the answer with what it must be.

use std::fmt::Debug;
use std::time::Duration;

use super::{BackDoor, Breach, Subject};
use crate::device::{Asic, Counter};
use crate::key::RowKey;
use crate::outcome::{Refusal, WriteError};
use crate::row::{Row, TableWrite};
use crate::table::Table;
use crate::value::Value;

/// How long any one call may take.
pub(super) const TIMEOUT: Duration = Duration::from_secs(10);

/// That what was found is what was expected.
pub(super) fn same<T: PartialEq + Debug>(
    what: &'static str,
    expected: T,
    found: T,
) -> Result<(), Breach> {
    if expected == found {
        return Ok(());
    }
    let (expected, found) = (format!("{expected:?}"), format!("{found:?}"));
    Err(Breach::Differs { what, expected, found })
}

/// That the table holds these rows, given in order, and no others.
pub(super) fn holds(
    subject: &mut Subject,
    what: &'static str,
    table: Table,
    expected: &[Row],
) -> Result<(), Breach> {
    let found = subject.asic.read(table, TIMEOUT)?;
    if found == expected {
        return Ok(());
    }
    // A table may be large: what is said is where the two lists part.
    let agreeing = found.iter().zip(expected).take_while(|(one, other)| one == other).count();
    let part =
        |rows: &[Row]| format!("{} rows, at index {agreeing} {:?}", rows.len(), rows.get(agreeing));
    Err(Breach::Differs { what, expected: part(expected), found: part(&found) })
}

/// Performs the writes in batches that the device takes; all must succeed.
pub(super) fn perform(asic: &mut dyn Asic, writes: &[TableWrite]) -> Result<(), Breach> {
    for batch in writes.chunks(asic.capabilities().max_batch.get()) {
        let outcomes = asic.write(batch, TIMEOUT);
        same("number of outcomes", batch.len(), outcomes.len())?;
        for (write, outcome) in batch.iter().zip(outcomes) {
            outcome.map_err(|error| Breach::Write { write: Box::new(*write), error })?;
        }
    }
    Ok(())
}

/// That a write is refused, for any reason.
pub(super) fn refused(
    asic: &mut dyn Asic,
    what: &'static str,
    write: TableWrite,
) -> Result<Refusal, Breach> {
    match asic.write(&[write], TIMEOUT).as_slice() {
        [Err(WriteError::Refused(refusal))] => Ok(refusal.clone()),
        other => {
            let expected = format!("one refusal of {write}");
            Err(Breach::Differs { what, expected, found: format!("{other:?}") })
        }
    }
}

/// That a packet meets the action of this row, or of none.
pub(super) fn meets(
    back_door: &mut dyn BackDoor,
    what: &'static str,
    (table, packet): (Table, &[Value]),
    expected: Option<Row>,
) -> Result<(), Breach> {
    let found = back_door.packet(table, packet, 100)?;
    same(what, expected.map(|row| row.action()), found)
}

/// That this is the counter of this row, and that there is one for each row of the table.
pub(super) fn counts(
    subject: &mut Subject,
    what: &'static str,
    key: RowKey,
    expected: Counter,
) -> Result<(), Breach> {
    let rows = subject.asic.read(key.table(), TIMEOUT)?;
    let counters = subject.asic.counters(key.table(), TIMEOUT)?;
    let rows: Vec<RowKey> = rows.iter().map(Row::key).collect();
    let counted: Vec<RowKey> = counters.iter().map(|(key, _)| *key).collect();
    same("the rows that have counters", rows, counted)?;
    let found = counters.iter().find(|(counted, _)| *counted == key).map(|(_, counter)| *counter);
    same(what, Some(expected), found)
}
