//! Random histories of the memory device, beside a list of rows that is searched from end to end.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::time::Duration;

use asic::{
    Action, Asic, Counter, MatchKey, MatchKind, MemoryAsic, MemoryConfig, Outcome, PerTable,
    RangeExpansion, Refusal, Row, RowKey, Table, TableWrite, Value, WriteError,
};
use proptest::prelude::*;

const TIMEOUT: Duration = Duration::from_secs(1);
const SIZE_ROWS: u32 = 24;

/// Few addresses and bounds, so that rows meet.
const ADDRESSES: u8 = 3;
const BOUNDS: [u16; 8] = [0, 1, 1000, 1024, 1999, 32768, 65534, 65535];

/// What a device must do, written to be read and not to be fast.
struct Naive {
    rows: Vec<(Row, Counter)>,
    config: MemoryConfig,
}

impl Naive {
    fn write(&mut self, writes: &[TableWrite]) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        for write in writes {
            if outcomes.iter().any(Result::is_err) {
                outcomes.push(Err(WriteError::NotAttempted));
            } else {
                outcomes.push(self.write_one(write).map_err(WriteError::Refused));
            }
        }
        outcomes
    }

    fn write_one(&mut self, write: &TableWrite) -> Result<(), Refusal> {
        let key = write.key();
        if key.priority == 0 {
            return Err(Refusal::PriorityZero);
        }
        let table = write.table();
        let takes_priorities = self.config.has_priorities && key.key.range().is_some();
        if key.priority != 1 && !takes_priorities {
            return Err(Refusal::NoPriorities { table, priority: key.priority });
        }
        let index = self.rows.iter().position(|(row, _)| row.key() == key);
        match (write, index) {
            (TableWrite::Insert(_), Some(_)) => Err(Refusal::Exists { key }),
            (TableWrite::Insert(row), None) => {
                let rival = self.rows.iter().find(|(other, _)| {
                    other.key().priority == key.priority
                        && other.key().key.overlaps(&key.key)
                        && key.key.prefix().is_none()
                });
                if let Some((rival, _)) = rival {
                    return Err(Refusal::Overlaps { key, existing: rival.key() });
                }
                let size_rows = self.config.size_rows[row.table()];
                if self.in_use_rows(row.table()) + self.cost(row) > size_rows {
                    return Err(Refusal::TableFull { table: row.table(), size_rows });
                }
                self.rows.push((*row, Counter::default()));
                Ok(())
            }
            (TableWrite::Modify(row), Some(index)) => {
                self.rows[index].0 = *row;
                Ok(())
            }
            (TableWrite::Delete(_), Some(index)) => {
                self.rows.remove(index);
                Ok(())
            }
            (TableWrite::Modify(_) | TableWrite::Delete(_), None) => Err(Refusal::NotFound { key }),
        }
    }

    fn packet(&mut self, table: Table, address: u8, port: u16) -> Option<Row> {
        let packet = match_key(table, address, (port, port));
        let matching = self.rows.iter_mut().filter(|(row, _)| row.key().key.overlaps(&packet));
        let length = |row: &Row| row.key().key.prefix().map(|(_, length)| length);
        let (row, counter) = matching.max_by_key(|(row, _)| (row.key().priority, length(row)))?;
        counter.packets += 1;
        counter.bytes += 100;
        Some(*row)
    }

    fn cost(&self, row: &Row) -> u32 {
        self.config.range_expansion.rows_of(&row.key().key)
    }

    fn in_use_rows(&self, table: Table) -> u32 {
        self.of(table).iter().map(|(row, _)| self.cost(row)).sum()
    }

    fn of(&self, table: Table) -> Vec<(Row, Counter)> {
        let mut rows = self.rows.clone();
        rows.retain(|(row, _)| row.table() == table);
        rows.sort_by_key(|(row, _)| row.key());
        rows
    }
}

#[derive(Clone, Debug)]
enum Event {
    Write(Vec<TableWrite>),
    Packet(Table, u8, u16),
    Reconnect,
}

fn table() -> impl Strategy<Value = Table> {
    prop::sample::select(Table::ALL)
}

fn port() -> impl Strategy<Value = u16> {
    prop::sample::select(&BOUNDS[..])
}

fn write() -> impl Strategy<Value = TableWrite> {
    // Mostly one priority, so that overlaps are refused; sometimes none, which does not exist.
    let priority = prop_oneof![1 => Just(0_u32), 12 => Just(1), 4 => Just(2), 2 => Just(70_000)];
    (table(), 0..ADDRESSES, (port(), port()), priority, 0..5_u32, 0..5).prop_map(
        |(table, address, (a, b), priority, vni, kind)| {
            let key = match_key(table, address, (a.min(b), a.max(b))).at_priority(priority);
            let row = Row::new(key, action(table, vni)).unwrap();
            match kind {
                0..3 => TableWrite::Insert(row),
                3 => TableWrite::Modify(row),
                _ => TableWrite::Delete(key),
            }
        },
    )
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        6 => prop::collection::vec(write(), 0..6).prop_map(Event::Write),
        3 => (table(), 0..ADDRESSES, port()).prop_map(|(t, a, p)| Event::Packet(t, a, p)),
        1 => Just(Event::Reconnect),
    ]
}

fn config() -> impl Strategy<Value = MemoryConfig> {
    let expansions = vec![RangeExpansion::None, RangeExpansion::TernaryNibbles];
    (prop::sample::select(expansions), any::<bool>()).prop_map(
        |(range_expansion, has_priorities)| {
            let size_rows = PerTable::from_fn(|_| SIZE_ROWS);
            MemoryConfig { size_rows, range_expansion, has_priorities, ..MemoryConfig::default() }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_memory_device_does_what_a_list_of_rows_does(
        config in config(),
        history in prop::collection::vec(event(), 1..60),
    ) {
        let mut asic = MemoryAsic::new(config);
        let handle = asic.handle();
        let mut naive = Naive { rows: Vec::new(), config };
        for event in history {
            match event {
                Event::Write(writes) => {
                    let outcomes = asic.write(&writes, TIMEOUT);
                    let expected = naive.write(&writes);
                    prop_assert_eq!(outcomes.len(), expected.len());
                    for (outcome, expected) in outcomes.into_iter().zip(expected) {
                        prop_assert_eq!(name_any_overlap(outcome, &naive), name_any_overlap(expected, &naive));
                    }
                }
                Event::Packet(table, address, port) => {
                    let mut fields = vec![address_value(table, address)];
                    if table.spec().takes_priorities() {
                        fields.push(port.into());
                    }
                    let hit = handle.lookup(table, &fields, 100).unwrap();
                    prop_assert_eq!(hit, naive.packet(table, address, port));
                }
                Event::Reconnect => asic = handle.reconnect(),
            }
            handle.validate().unwrap();
            for &table in Table::ALL {
                let expected = naive.of(table);
                let rows: Vec<Row> = expected.iter().map(|(row, _)| *row).collect();
                let counters: Vec<(RowKey, Counter)> =
                    expected.iter().map(|(row, counter)| (row.key(), *counter)).collect();
                let counters = if table.spec().has_counters { counters } else { vec![] };
                prop_assert_eq!(&handle.rows(table), &rows);
                prop_assert_eq!(asic.read(table, TIMEOUT).unwrap(), rows);
                prop_assert_eq!(asic.counters(table, TIMEOUT).unwrap(), counters);
                prop_assert_eq!(handle.in_use_rows(table), naive.in_use_rows(table));
            }
        }
    }
}

/// Which of several overlapped rows a refusal names is left open: here, the first there is.
fn name_any_overlap(outcome: Outcome, naive: &Naive) -> Outcome {
    let Err(WriteError::Refused(Refusal::Overlaps { key, existing })) = outcome else {
        return outcome;
    };
    assert!(existing.key.overlaps(&key.key) && existing.priority == key.priority);
    let first = naive
        .of(key.table())
        .into_iter()
        .map(|(row, _)| row.key())
        .find(|other| other.priority == key.priority && other.key.overlaps(&key.key));
    Err(WriteError::Refused(Refusal::Overlaps { key, existing: first.unwrap() }))
}

/// A value for the first field of the table.
fn address_value(table: Table, address: u8) -> Value {
    Value::from_bits(table.spec().keys[0].format, address.into()).unwrap()
}

/// A key for these ports or, of a table of prefixes, for a prefix as long as the first bound says,
/// which for the packet of one port is a whole address.
fn match_key(table: Table, address: u8, (low, high): (u16, u16)) -> MatchKey {
    let field = &table.spec().keys[0];
    let builder = MatchKey::builder(table);
    match field.kind {
        MatchKind::Exact if table.spec().takes_priorities() => {
            builder.exact(address_value(table, address)).range(low, high).build().unwrap()
        }
        MatchKind::Exact => builder.exact(address_value(table, address)).build().unwrap(),
        MatchKind::Lpm | MatchKind::Range => {
            let open = if low == high { 0 } else { low % 3 };
            let address = address >> open << open;
            let length = field.width_bits - u32::from(open);
            builder.prefix(address_value(table, address), length).build().unwrap()
        }
    }
}

/// One of the table's actions, and a value that tells it from others.
fn action(table: Table, number: u32) -> Action {
    let actions = table.spec().actions;
    let spec = &actions[number as usize % actions.len()];
    let arguments = spec.arguments.iter();
    arguments
        .fold(Action::builder(table, spec.name), |builder, argument| {
            builder.argument(Value::from_bits(argument.format, number.into()).unwrap())
        })
        .build()
        .unwrap()
}
