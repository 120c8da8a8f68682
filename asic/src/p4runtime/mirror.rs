//! Which rows the switch is known to hold, for the one question that it does not answer itself.
//!
//! A switch takes rows of one priority that match the same packets and chooses between them as it
//! likes; a device of ours refuses them. So for the tables where that can happen, the keys that
//! were written and read are kept, and an insert is compared with them before it is sent. Nothing
//! else is ever answered from here. A key is kept only while it surely is a row, as far as we were
//! told: what a switch did behind our backs is known after the next read, and after a connection
//! is made anew nothing is known. So a row that nobody here knows of can be overlapped, and none
//! is refused for one that we know to be gone.

use std::collections::{BTreeMap, BTreeSet};

use crate::key::{MatchKey, RowKey};
use crate::outcome::{Outcome, Refusal, WriteError};
use crate::row::{Row, TableWrite};
use crate::table::{PerTable, Table};

/// The keys of the rows that the switch is known to hold.
#[derive(Debug)]
pub(super) struct Mirror {
    epoch: u64,
    tables: PerTable<Option<Keys>>,
}

/// The keys of one table, in one layer for each priority.
#[derive(Debug, Default)]
struct Keys(BTreeMap<u32, Layer>);

#[derive(Debug, Default)]
struct Layer {
    keys: BTreeSet<MatchKey>,
    /// Whether some of them overlap, which only others can have written.
    overlapping: bool,
}

/// The keys that a batch would add, until it is known whether it did.
#[derive(Debug, Default)]
#[must_use]
pub(super) struct Pending(Vec<RowKey>);

impl Mirror {
    /// Nothing is known.
    pub(super) fn new(epoch: u64) -> Mirror {
        let empty = |table: Table| table.spec().takes_priorities().then(Keys::default);
        Mirror { epoch, tables: PerTable::from_fn(empty) }
    }

    /// Forgets everything if the device is in another epoch.
    pub(super) fn in_epoch(&mut self, epoch: u64) -> &mut Mirror {
        if self.epoch != epoch {
            *self = Mirror::new(epoch);
        }
        self
    }

    /// Takes the inserts of a batch in, unless one overlaps a row or another insert: then its place
    /// and why, and nothing is changed.
    pub(super) fn prepare(&mut self, writes: &[TableWrite]) -> Result<Pending, (usize, Refusal)> {
        let mut pending = Pending::default();
        for (place, write) in writes.iter().enumerate() {
            let TableWrite::Insert(row) = write else { continue };
            let Some(keys) = &mut self.tables[row.table()] else { continue };
            let RowKey { key, priority } = row.key();
            let layer = keys.0.entry(priority).or_default();
            if let Some(existing) = layer.overlapping(&key) {
                let existing = existing.at_priority(priority);
                self.withdraw(pending);
                return Err((place, Refusal::Overlaps { key: row.key(), existing }));
            }
            if layer.keys.insert(key) {
                pending.0.push(row.key());
            }
        }
        Ok(pending)
    }

    /// Takes back what a batch would have added.
    pub(super) fn withdraw(&mut self, Pending(keys): Pending) {
        for key in keys {
            self.remove(&key);
        }
    }

    /// Makes of what a batch would have added what it did add, and takes out what it removed.
    pub(super) fn settle(&mut self, pending: Pending, writes: &[TableWrite], outcomes: &[Outcome]) {
        let all_done = outcomes.iter().all(Result::is_ok);
        if !all_done {
            self.withdraw(pending);
        }
        for (write, outcome) in writes.iter().zip(outcomes) {
            let key = write.key();
            match (write, outcome) {
                // They are in already.
                (TableWrite::Insert(_), Ok(())) if all_done => {}
                (TableWrite::Insert(_), Ok(()))
                | (TableWrite::Modify(_), Ok(()))
                | (_, Err(WriteError::Refused(Refusal::Exists { .. }))) => self.add(&key),
                (TableWrite::Delete(_), Ok(()))
                | (TableWrite::Delete(_), Err(WriteError::Unknown(_)))
                | (_, Err(WriteError::Refused(Refusal::NotFound { .. }))) => self.remove(&key),
                _ => {}
            }
        }
    }

    /// The table has these rows, in the order of their keys, and no others.
    pub(super) fn replace(&mut self, table: Table, rows: &[Row]) {
        if let Some(keys) = &mut self.tables[table] {
            *keys = Keys::in_order(rows);
        }
    }

    fn add(&mut self, key: &RowKey) {
        if let Some(keys) = &mut self.tables[key.table()] {
            keys.add(key);
        }
    }

    fn remove(&mut self, RowKey { key, priority }: &RowKey) {
        let Some(keys) = &mut self.tables[key.table()] else { return };
        if let Some(layer) = keys.0.get_mut(priority) {
            layer.keys.remove(key);
            if layer.keys.is_empty() {
                keys.0.remove(priority);
            }
        }
    }
}

impl Keys {
    /// The keys of rows that are in the order of their keys.
    fn in_order(rows: &[Row]) -> Keys {
        let mut layers = BTreeMap::<u32, Vec<MatchKey>>::new();
        for RowKey { key, priority } in rows.iter().map(Row::key) {
            layers.entry(priority).or_default().push(key);
        }
        let layer = |keys: Vec<MatchKey>| {
            // Of rows in order, one that overlaps a later one overlaps the next too.
            let overlapping = keys.windows(2).any(|pair| pair[0].conflicts_with(&pair[1]));
            Layer { keys: keys.into_iter().collect(), overlapping }
        };
        Keys(layers.into_iter().map(|(priority, keys)| (priority, layer(keys))).collect())
    }

    fn add(&mut self, RowKey { key, priority }: &RowKey) {
        let layer = self.0.entry(*priority).or_default();
        if !layer.keys.contains(key) {
            layer.overlapping |= layer.overlapping(key).is_some();
            layer.keys.insert(*key);
        }
    }
}

impl Layer {
    /// A row that overlaps this key and is not of this very key: that one the switch refuses
    /// itself, if it is still there.
    fn overlapping(&self, key: &MatchKey) -> Option<&MatchKey> {
        let (_, high) = key.range().unwrap_or_default();
        let before = self.keys.range(..=key.upper_bound_at(high)).rev();
        // Of rows that do not overlap each other, the last one that begins at `high` or before
        // reaches furthest.
        let candidates = if self.overlapping { usize::MAX } else { 1 };
        before
            .take_while(|candidate| candidate.has_exact_fields_of(key))
            .take(candidates)
            .find(|candidate| *candidate != key && candidate.conflicts_with(key))
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use proptest::prelude::*;

    use super::*;
    use crate::action::Action;
    use crate::outcome::NoAnswer;

    const TABLE: Table = Table::NatIngressIpv4;

    fn row(address: u8, (low, high): (u16, u16), priority: u32) -> Row {
        let address = Ipv4Addr::new(203, 0, 113, address);
        let key = MatchKey::builder(TABLE).exact(address).range(low, high).build().unwrap();
        let action = Action::builder(TABLE, "forward_ipv4_to")
            .argument(Ipv6Addr::LOCALHOST)
            .argument([2, 0, 0, 0, 0, 1])
            .argument(1_u32);
        Row::new(key.at_priority(priority), action.build().unwrap()).unwrap()
    }

    /// What a batch does that the switch answers so.
    fn perform(mirror: &mut Mirror, writes: &[TableWrite], outcomes: &[Outcome]) {
        let pending = mirror.prepare(writes).unwrap();
        mirror.settle(pending, writes, outcomes);
    }

    fn holds(mirror: &mut Mirror, row: &Row) -> bool {
        let (low, high) = row.key().key.range().unwrap();
        let over_it = if low > 0 { (low - 1, high) } else { (low, high + 1) };
        let address = row.key().key.exact("dst_addr").unwrap().as_ipv4().unwrap().octets()[3];
        let write = TableWrite::Insert(self::row(address, over_it, row.key().priority));
        match mirror.prepare(&[write]) {
            Ok(pending) => {
                mirror.withdraw(pending);
                false
            }
            Err(_) => true,
        }
    }

    #[test]
    fn what_a_batch_left_is_known_by_its_outcomes() {
        let mut mirror = Mirror::new(0);
        let rows = [10, 20, 30, 40].map(|port| row(1, (port, port + 5), 1));
        let inserts = rows.map(TableWrite::Insert);
        let lost = || Err(WriteError::Unknown(NoAnswer::Lost));
        let exists = Err(Refusal::Exists { key: rows[3].key() }.into());
        let outcomes = [Ok(()), Err(WriteError::NotAttempted), lost(), exists];
        perform(&mut mirror, &inserts, &outcomes);
        assert_eq!(rows.map(|row| holds(&mut mirror, &row)), [true, false, false, true]);
        // One that may be gone is not counted on, nor one that the switch has not.
        let delete = TableWrite::Delete(rows[0].key());
        perform(&mut mirror, &[delete], &[Err(WriteError::NotAttempted)]);
        assert!(holds(&mut mirror, &rows[0]));
        perform(&mut mirror, &[delete], &[lost()]);
        assert!(!holds(&mut mirror, &rows[0]));
        let modify = TableWrite::Modify(rows[3]);
        let not_found = Err(Refusal::NotFound { key: rows[3].key() }.into());
        perform(&mut mirror, &[modify], &[not_found]);
        assert!(!holds(&mut mirror, &rows[3]));
    }

    #[test]
    fn a_row_inserted_again_stays_known_whatever_becomes_of_that() {
        let mut mirror = Mirror::new(0);
        let standing = row(1, (10, 20), 1);
        let write = [TableWrite::Insert(standing)];
        perform(&mut mirror, &write, &[Ok(())]);
        perform(&mut mirror, &write, &[Err(WriteError::NotAttempted)]);
        assert!(holds(&mut mirror, &standing));
        assert!(holds(mirror.in_epoch(0), &standing));
        assert!(!holds(mirror.in_epoch(1), &standing));
    }

    proptest! {
        /// Of whatever rows the switch holds, overlapping or not, an insert meets those that a
        /// look at each of them finds.
        #[test]
        fn an_insert_overlaps_what_a_look_at_every_row_finds(
            rows in prop::collection::vec((0..2_u8, 0..30_u16, 0..12_u16, 1..3_u32), 0..12),
            insert in (0..2_u8, 0..30_u16, 0..12_u16, 1..3_u32),
        ) {
            let row = |(address, low, length, priority): (u8, u16, u16, u32)| {
                row(address, (low, low + length), priority)
            };
            let mut rows: Vec<Row> = rows.into_iter().map(row).collect();
            rows.sort_by_key(Row::key);
            rows.dedup_by_key(|row| row.key());
            let mut mirror = Mirror::new(0);
            mirror.replace(TABLE, &rows);
            let insert = row(insert);
            let overlapped = |row: &&Row| {
                let (one, other) = (row.key(), insert.key());
                one != other && one.priority == other.priority && one.key.overlaps(&other.key)
            };
            let expected = rows.iter().filter(overlapped).map(Row::key).collect::<Vec<_>>();
            match mirror.prepare(&[TableWrite::Insert(insert)]) {
                Ok(_pending) => prop_assert_eq!(expected, vec![]),
                Err((0, Refusal::Overlaps { key, existing })) => {
                    prop_assert_eq!(key, insert.key());
                    prop_assert!(expected.contains(&existing));
                }
                Err(other) => prop_assert!(false, "{:?}", other),
            }
        }
    }
}
