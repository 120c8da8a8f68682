//! Every rule of the contract is broken here by some device, and is seen to be broken.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::time::Duration;

use asic::contract::{BackDoor, MemoryBackDoor, RULES, Subject};
use asic::{
    Action, Asic, Atomicity, Capabilities, Counter, DEFAULT_PRIORITY, InvalidRow, MatchKey,
    MemoryAsic, MemoryConfig, MemoryHandle, Outcome, PerTable, RangeExpansion, ReadError, Refusal,
    Row, RowKey, Table, TableWrite, Value, WriteError,
};

/// What is wrong with a device, most of it seen in the wild.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flaw {
    /// Nothing.
    None,
    /// It has a row that no one asked for.
    LeftoverRow,
    /// It is not asked again for what was read from it once.
    CachedRead,
    /// It gives the rows in no order.
    UnorderedRead,
    /// It says yes to a modify and does nothing.
    ModifyDoesNothing,
    /// A delete takes every row of the table.
    DeleteTakesAll,
    /// An insert replaces what is there.
    InsertReplaces,
    /// A modify or delete of nothing is fine.
    MissingIsFine,
    /// A range does not hold its upper bound.
    RangesEndEarly,
    /// A refused write is not spoken of.
    OutcomeDropped,
    /// No writes have an outcome too.
    OutcomeTooMany,
    /// All writes of a batch share the first failure.
    OneOutcomeForAll,
    /// It says that a batch is done whole or not at all, and leaves what came before a failure.
    HalfBatch,
    /// What does not fit into some buffer is forgotten and reported as done.
    BatchCutOff,
    /// A batch longer than it says is performed all the same.
    BatchTooLong,
    /// It counts rows as we do, not as it expands them.
    CountsEntries,
    /// It holds one row less than it says.
    HoldsLess,
    /// It takes any priority as the default one.
    PrioritiesIgnored,
    /// The smaller priority wins.
    SmallerPriorityWins,
    /// Rows of one priority may overlap: the later one goes in beneath.
    OverlapsTaken,
    /// It claims to have no priorities and takes them.
    PrioritiesUnspoken,
    /// It counts no packets.
    NoCounters,
    /// A modify is a delete and an insert.
    ModifyByReplacing,
    /// The shortest prefix wins.
    ShortestPrefixWins,
    /// There is one prefix for each value.
    PrefixLengthIgnored,
    /// It counts what nothing counts.
    CountersMadeUp,
}

/// Which rule is broken by which flaw.
const BROKEN: &[(Flaw, &str)] = &[
    (Flaw::LeftoverRow, "a_fresh_device_is_empty"),
    (Flaw::CachedRead, "tables_are_read_from_the_device"),
    (Flaw::UnorderedRead, "rows_read_back_exactly_and_in_order"),
    (Flaw::ModifyDoesNothing, "a_modify_changes_the_action_and_nothing_else"),
    (Flaw::DeleteTakesAll, "a_delete_removes_its_row_and_no_other"),
    (Flaw::InsertReplaces, "an_insert_of_a_row_that_is_there_is_refused"),
    (Flaw::MissingIsFine, "a_modify_or_delete_of_a_row_that_is_not_there_is_refused"),
    (Flaw::RangesEndEarly, "ranges_hold_both_their_bounds_and_no_more"),
    (Flaw::OutcomeDropped, "each_write_has_one_outcome_in_order"),
    (Flaw::OneOutcomeForAll, "each_write_has_one_outcome_in_order"),
    (Flaw::HalfBatch, "a_failed_batch_leaves_nothing_where_the_device_says_so"),
    (Flaw::OutcomeTooMany, "an_empty_batch_has_no_outcomes"),
    (Flaw::BatchCutOff, "large_batches_are_performed_whole"),
    (Flaw::BatchTooLong, "a_batch_beyond_the_largest_is_not_attempted"),
    (Flaw::CountsEntries, "a_table_takes_all_its_rows_and_refuses_the_next"),
    (Flaw::HoldsLess, "a_table_takes_all_its_rows_and_refuses_the_next"),
    (Flaw::PrioritiesIgnored, "priority_zero_is_refused"),
    (Flaw::PrioritiesIgnored, "a_row_is_known_by_its_key_and_its_priority"),
    (Flaw::SmallerPriorityWins, "the_larger_priority_wins"),
    (Flaw::OverlapsTaken, "rows_of_one_priority_do_not_overlap"),
    (Flaw::PrioritiesUnspoken, "a_device_without_priorities_takes_the_default_alone"),
    (Flaw::PrioritiesIgnored, "a_table_whose_rows_never_compete_takes_the_default_priority_alone"),
    (Flaw::ShortestPrefixWins, "the_longest_prefix_wins"),
    (Flaw::PrefixLengthIgnored, "a_prefix_is_known_by_its_value_and_its_length"),
    (Flaw::CountersMadeUp, "a_table_without_counters_has_none_to_show"),
    (Flaw::NoCounters, "counters_count_packets_and_bytes"),
    (Flaw::ModifyByReplacing, "counters_live_through_a_modify_and_not_through_a_delete"),
];

#[test]
fn a_flawed_device_breaks_the_rule() {
    for &(flaw, name) in BROKEN {
        let rule = RULES.iter().find(|rule| rule.name == name).expect(name);
        let result = rule.check(&mut |size_rows| flawed(flaw, size_rows));
        assert!(result.is_err(), "{flaw:?} keeps {name}");
        let sound = rule.check(&mut |size_rows| flawed(Flaw::None, size_rows));
        assert_eq!(sound, Ok(()), "without a flaw");
    }
}

#[test]
fn every_rule_is_broken_by_some_device() {
    for rule in RULES {
        assert!(BROKEN.iter().any(|(_, name)| *name == rule.name), "{}", rule.name);
    }
}

struct Flawed {
    flaw: Flaw,
    memory: MemoryAsic,
    handle: MemoryHandle,
    cache: BTreeMap<Table, Vec<Row>>,
}

struct FlawedBackDoor {
    flaw: Flaw,
    inner: MemoryBackDoor,
}

fn flawed(flaw: Flaw, size_rows: u32) -> Subject {
    let tofino = flaw == Flaw::CountsEntries;
    let max_batch = if flaw == Flaw::BatchTooLong { 100 } else { usize::MAX };
    let memory = MemoryAsic::new(MemoryConfig {
        size_rows: PerTable::from_fn(|_| size_rows - u32::from(flaw == Flaw::HoldsLess)),
        range_expansion: RangeExpansion::None,
        has_priorities: true,
        max_batch: NonZeroUsize::MAX,
    });
    let handle = memory.handle();
    if flaw == Flaw::LeftoverRow {
        handle.alter(&TableWrite::Insert(leftover())).unwrap();
    }
    let back_door = Box::new(FlawedBackDoor { flaw, inner: MemoryBackDoor(handle.clone()) });
    let capabilities = Capabilities {
        range_expansion: if tofino { RangeExpansion::TernaryNibbles } else { RangeExpansion::None },
        has_priorities: flaw != Flaw::PrioritiesUnspoken,
        max_batch: NonZeroUsize::new(max_batch).unwrap(),
        atomicity: match flaw {
            Flaw::HalfBatch => Atomicity::Batch,
            _ => Atomicity::EachWrite,
        },
    };
    let flawed = Flawed { flaw, memory, handle, cache: BTreeMap::new() };
    Subject { asic: Box::new(Claims { capabilities, size_rows, inner: flawed }), back_door }
}

/// What the device says of itself, true or not.
struct Claims {
    capabilities: Capabilities,
    size_rows: u32,
    inner: Flawed,
}

impl Asic for Claims {
    fn name(&self) -> &str {
        "flawed"
    }

    fn capabilities(&self) -> Capabilities {
        self.capabilities
    }

    fn size_rows(&self, _table: Table) -> u32 {
        self.size_rows
    }

    fn write(&mut self, writes: &[TableWrite], timeout: Duration) -> Vec<Outcome> {
        self.inner.write(writes, timeout)
    }

    fn read(&mut self, table: Table, timeout: Duration) -> Result<Vec<Row>, ReadError> {
        let rows = self.inner.memory.read(table, timeout)?;
        Ok(match self.inner.flaw {
            Flaw::CachedRead => self.inner.cache.entry(table).or_insert(rows).clone(),
            Flaw::UnorderedRead => rows.into_iter().rev().collect(),
            _ => rows,
        })
    }

    fn counters(
        &mut self,
        table: Table,
        timeout: Duration,
    ) -> Result<Vec<(RowKey, Counter)>, ReadError> {
        let mut counters = self.inner.memory.counters(table, timeout)?;
        if self.inner.flaw == Flaw::NoCounters {
            counters.iter_mut().for_each(|(_, counter)| *counter = Counter::default());
        }
        if self.inner.flaw == Flaw::CountersMadeUp && counters.is_empty() {
            let rows = self.inner.memory.read(table, timeout)?;
            counters.extend(rows.iter().map(|row| (row.key(), Counter::default())));
        }
        Ok(counters)
    }
}

impl Flawed {
    fn write(&mut self, writes: &[TableWrite], timeout: Duration) -> Vec<Outcome> {
        match self.flaw {
            Flaw::OutcomeTooMany if writes.is_empty() => vec![Ok(())],
            Flaw::OutcomeDropped => {
                let mut outcomes = self.memory.write(writes, timeout);
                outcomes.retain(Result::is_ok);
                outcomes
            }
            Flaw::OneOutcomeForAll => {
                let outcomes = self.memory.write(writes, timeout);
                let failure = outcomes.iter().find(|outcome| outcome.is_err());
                let shared = failure.cloned().unwrap_or(Ok(()));
                vec![shared; writes.len()]
            }
            Flaw::BatchCutOff => {
                let mut outcomes = self.memory.write(&writes[..writes.len().min(4096)], timeout);
                outcomes.resize(writes.len(), Ok(()));
                outcomes
            }
            _ => self.write_one_by_one(writes, timeout),
        }
    }

    fn write_one_by_one(&mut self, writes: &[TableWrite], timeout: Duration) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        for write in writes {
            outcomes.push(self.write_one(*write, timeout));
            if outcomes.iter().any(Result::is_err) {
                break;
            }
        }
        outcomes.resize(writes.len(), Err(WriteError::NotAttempted));
        outcomes
    }

    fn write_one(&mut self, write: TableWrite, timeout: Duration) -> Outcome {
        let mut perform = |write: TableWrite| self.memory.write(&[write], timeout).remove(0);
        match (self.flaw, write) {
            (Flaw::ModifyDoesNothing, TableWrite::Modify(row)) => {
                self.handle.row(row.key()).map(|_| ()).ok_or_else(|| not_found(row.key()))
            }
            (Flaw::DeleteTakesAll, TableWrite::Delete(key)) => {
                let outcome = perform(write);
                for row in self.handle.rows(key.table()) {
                    perform(TableWrite::Delete(row.key()))?;
                }
                outcome
            }
            (Flaw::InsertReplaces, TableWrite::Insert(row)) => {
                perform(write).or_else(|_| perform(TableWrite::Modify(row)))
            }
            (Flaw::MissingIsFine, TableWrite::Modify(_) | TableWrite::Delete(_)) => {
                perform(write).or(Ok(()))
            }
            (Flaw::PrioritiesIgnored, write) => perform(at_default_priority(write)),
            (Flaw::OverlapsTaken, TableWrite::Insert(row)) => perform(write).or_else(|error| {
                let Some(Refusal::Overlaps { .. }) = error.refusal() else { return Err(error) };
                let beneath = row.key().key.at_priority(row.key().priority + 1000);
                perform(TableWrite::Insert(Row::new(beneath, row.action()).unwrap()))
            }),
            (Flaw::PrefixLengthIgnored, TableWrite::Insert(row))
                if row.key().key.prefix().is_some_and(|(value, _)| {
                    self.handle
                        .rows(row.table())
                        .iter()
                        .any(|other| other.key().key.prefix().is_some_and(|(v, _)| v == value))
                }) =>
            {
                Err(WriteError::Refused(Refusal::Exists { key: row.key() }))
            }
            (Flaw::ModifyByReplacing, TableWrite::Modify(row)) => {
                perform(TableWrite::Delete(row.key()))?;
                perform(TableWrite::Insert(row))
            }
            (_, write) => perform(write),
        }
    }
}

impl BackDoor for FlawedBackDoor {
    fn packet(
        &mut self,
        table: Table,
        fields: &[Value],
        length_bytes: u64,
    ) -> Result<Option<Action>, InvalidRow> {
        let MemoryBackDoor(handle) = &self.inner;
        if self.flaw == Flaw::ShortestPrefixWins && table == Table::RouteIpv4 {
            let packet = MatchKey::builder(table).prefix(fields[0], 32).build().unwrap();
            let rows = handle.rows(table).into_iter();
            return Ok(rows
                .filter(|row| row.key().key.overlaps(&packet))
                .min_by_key(|row| row.key().key.prefix().map(|(_, length)| length))
                .map(|row| row.action()));
        }
        if !table.spec().takes_priorities() {
            return self.inner.packet(table, fields, length_bytes);
        }
        let port = fields.last().and_then(|value| value.as_number()).unwrap();
        let matching = handle.rows(table).into_iter().filter(|row| {
            let (low, high) = row.key().key.range().unwrap();
            row.key().key.exact("dst_addr") == fields.first().copied()
                && (u64::from(low)..=u64::from(high)).contains(&port)
        });
        match self.flaw {
            Flaw::SmallerPriorityWins => {
                Ok(matching.min_by_key(|row| row.key().priority).map(|row| row.action()))
            }
            Flaw::RangesEndEarly => {
                let inside = matching.filter(|row| {
                    row.key()
                        .key
                        .range()
                        .is_some_and(|(low, high)| low == high || port < u64::from(high))
                });
                Ok(inside.max_by_key(|row| row.key().priority).map(|row| row.action()))
            }
            _ => self.inner.packet(table, fields, length_bytes),
        }
    }

    fn alter(&mut self, write: &TableWrite) -> Outcome {
        self.inner.alter(write)
    }
}

fn not_found(key: RowKey) -> WriteError {
    WriteError::Refused(Refusal::NotFound { key })
}

fn at_default_priority(write: TableWrite) -> TableWrite {
    let row = |row: Row| Row::new(row.key().key.at_priority(DEFAULT_PRIORITY), row.action());
    match write {
        TableWrite::Insert(given) => TableWrite::Insert(row(given).unwrap()),
        TableWrite::Modify(given) => TableWrite::Modify(row(given).unwrap()),
        TableWrite::Delete(key) => TableWrite::Delete(key.key.at_priority(DEFAULT_PRIORITY)),
    }
}

fn leftover() -> Row {
    let table = Table::NatIngressIpv4;
    let address = std::net::Ipv4Addr::new(203, 0, 113, 99);
    let key = MatchKey::builder(table).exact(address).range(0, 65535).build().unwrap();
    let action = Action::builder(table, "forward_ipv4_to")
        .argument(std::net::Ipv6Addr::LOCALHOST)
        .argument([2, 0, 0, 0, 0, 1])
        .argument(100_u32)
        .build()
        .unwrap();
    Row::new(key, action).unwrap()
}
