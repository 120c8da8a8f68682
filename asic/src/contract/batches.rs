//! What becomes of many writes in one call.

use super::probe::{TIMEOUT, holds, meets, perform, same};
use super::{Breach, Factory, sample};
use crate::device::Atomicity;
use crate::outcome::{Refusal, WriteError};
use crate::row::{Row, TableWrite};
use crate::table::Table;

/// As many rows as a busy rack has and more.
const LARGE: u32 = 5000;

pub(super) fn each_write_has_one_outcome_in_order(factory: &mut Factory<'_>) -> Result<(), Breach> {
    for &table in Table::ALL {
        // The write that cannot succeed stands first, in the middle and last.
        for bad_index in [0, 3, 6] {
            let mut subject = factory(64);
            let standing = sample::row(table, 100, sample::ALL_PORTS)?;
            perform(&mut subject.asic, &[TableWrite::Insert(standing)])?;
            let mut writes = Vec::new();
            for number in 0..6 {
                let row = sample::row(table, number, sample::ALL_PORTS)?;
                writes.push(TableWrite::Insert(row));
            }
            let other = Row::new(standing.key(), sample::action(table, 101)?)?;
            writes.insert(bad_index, TableWrite::Insert(other));
            let outcomes = subject.asic.write(&writes, TIMEOUT);
            same("number of outcomes", writes.len(), outcomes.len())?;

            let mut expected = vec![standing];
            for (index, (write, outcome)) in writes.iter().zip(&outcomes).enumerate() {
                let bad = index == bad_index;
                match (write, outcome) {
                    (TableWrite::Insert(row), Ok(())) if !bad => expected.push(*row),
                    (_, Err(WriteError::Refused(_))) if bad => {}
                    (_, Err(WriteError::NotAttempted)) => {}
                    _ => {
                        let expected = format!(
                            "a refusal at index {bad_index}, the others done or not attempted"
                        );
                        let found = format!("{outcomes:?}");
                        let what = "outcomes of a batch with one bad write";
                        return Err(Breach::Differs { what, expected, found });
                    }
                }
            }
            let refusals =
                outcomes.iter().filter(|outcome| matches!(outcome, Err(WriteError::Refused(_))));
            same("number of refusals", 1, refusals.count())?;
            expected.sort_by_key(Row::key);
            holds(&mut subject, "the rows reported as done", table, &expected)?;
        }
    }
    Ok(())
}

pub(super) fn a_failed_batch_leaves_nothing_where_the_device_says_so(
    factory: &mut Factory<'_>,
) -> Result<(), Breach> {
    for &table in Table::ALL {
        // The write that cannot succeed stands first, in the middle and last.
        for bad_index in [0, 2, 4] {
            let mut subject = factory(64);
            if subject.asic.capabilities().atomicity == Atomicity::EachWrite {
                return Ok(());
            }
            let [changed, gone, new, newer] = [1, 2, 3, 4];
            let row = |number| sample::row(table, number, sample::ALL_PORTS);
            let mut standing = [row(changed)?, row(gone)?];
            perform(&mut subject.asic, &standing.map(TableWrite::Insert))?;
            let mut writes = vec![
                TableWrite::Insert(row(new)?),
                TableWrite::Modify(Row::new(row(changed)?.key(), sample::action(table, 5)?)?),
                TableWrite::Delete(row(gone)?.key()),
                TableWrite::Insert(row(newer)?),
            ];
            let absent = row(9)?;
            writes.insert(bad_index, TableWrite::Delete(absent.key()));
            let outcomes = subject.asic.write(&writes, TIMEOUT);
            let mut expected = vec![Err(WriteError::NotAttempted); writes.len()];
            let not_found = Refusal::NotFound { key: absent.key() };
            if let Some(bad) = expected.get_mut(bad_index) {
                *bad = Err(not_found.into());
            }
            same("outcomes of a batch that is done whole or not at all", expected, outcomes)?;
            standing.sort_by_key(Row::key);
            holds(&mut subject, "the rows after a failed batch", table, &standing)?;
            let met = [Some(row(changed)?), Some(row(gone)?), None, None];
            for (number, row) in [changed, gone, new, newer].into_iter().zip(met) {
                let packet = sample::packet(table, number, 443);
                let door = &mut *subject.back_door;
                meets(door, "a packet after a failed batch", (table, &packet), row)?;
            }
        }
    }
    Ok(())
}

pub(super) fn an_empty_batch_has_no_outcomes(factory: &mut Factory<'_>) -> Result<(), Breach> {
    same("outcomes of no writes", vec![], factory(64).asic.write(&[], TIMEOUT))
}

pub(super) fn large_batches_are_performed_whole(factory: &mut Factory<'_>) -> Result<(), Breach> {
    for &table in Table::ALL {
        let mut subject = factory(LARGE);
        let count = LARGE.min(subject.asic.size_rows(table)).min(sample::distinct_keys(table));
        let mut before = Vec::new();
        let mut after = Vec::new();
        for number in 0..count {
            let row = sample::row(table, number, sample::ALL_PORTS)?;
            before.push(row);
            after.push(Row::new(row.key(), sample::action(table, number + 1)?)?);
        }
        let steps: [(Vec<TableWrite>, &mut Vec<Row>); 2] = [
            (before.iter().copied().map(TableWrite::Insert).collect(), &mut before),
            (after.iter().copied().map(TableWrite::Modify).collect(), &mut after),
        ];
        for (writes, expected) in steps {
            perform(&mut subject.asic, &writes)?;
            expected.sort_by_key(Row::key);
            holds(&mut subject, "the rows of a large batch", table, expected)?;
        }
        let deletes: Vec<TableWrite> =
            after.iter().map(|row| TableWrite::Delete(row.key())).collect();
        perform(&mut subject.asic, &deletes)?;
        holds(&mut subject, "the rows of an emptied table", table, &[])?;
    }
    Ok(())
}

pub(super) fn a_batch_beyond_the_largest_is_not_attempted(
    factory: &mut Factory<'_>,
) -> Result<(), Breach> {
    for &table in Table::ALL {
        let mut subject = factory(LARGE);
        let max_batch = subject.asic.capabilities().max_batch.get();
        // A device that sets no limit worth the name has kept the rule.
        let Some(count) = u32::try_from(max_batch).ok().and_then(|max| max.checked_add(1)) else {
            continue;
        };
        if count > LARGE.min(subject.asic.size_rows(table)).min(sample::distinct_keys(table)) {
            continue;
        }
        let rows = (0..count)
            .map(|number| sample::row(table, number, sample::ALL_PORTS))
            .collect::<Result<Vec<_>, _>>()?;
        let writes: Vec<TableWrite> = rows.iter().copied().map(TableWrite::Insert).collect();
        let mut expected = vec![Ok(()); max_batch];
        expected.push(Err(WriteError::NotAttempted));
        same("outcomes of a long batch", expected, subject.asic.write(&writes, TIMEOUT))?;
        let mut performed = rows;
        performed.truncate(max_batch);
        performed.sort_by_key(Row::key);
        holds(&mut subject, "the rows of a long batch", table, &performed)?;
    }
    Ok(())
}
