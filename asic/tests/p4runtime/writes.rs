//! What becomes of writes, update by update.

use asic::{Asic as _, Atomicity, MatchKey, Refusal, Row, SwitchEvent, Table, TableWrite, Value};
use asic::{P4RuntimeAsic, WriteError};
use p4runtime::v1::write_request;
use rstest::rstest;
use std::net::Ipv4Addr;
use tonic::Status;

use crate::events::Events;
use crate::switch::{OnWrite, SOON, Switch};
use crate::{action, connect, insert, row};

const NOT_ATTEMPTED: WriteError = WriteError::NotAttempted;

fn offering(best: write_request::Atomicity) -> (Switch, P4RuntimeAsic, Events) {
    let switch = Switch::running();
    switch.with(|state| state.best = best);
    let (asic, events) = connect(&switch);
    (switch, asic, events)
}

#[rstest]
#[case(write_request::Atomicity::DataplaneAtomic, Atomicity::BatchInDataPlane)]
#[case(write_request::Atomicity::RollbackOnError, Atomicity::Batch)]
#[case(write_request::Atomicity::ContinueOnError, Atomicity::EachWrite)]
fn the_best_atomicity_that_the_switch_offers_is_used_and_told(
    #[case] best: write_request::Atomicity,
    #[case] atomicity: Atomicity,
) {
    let (switch, mut asic, events) = offering(best);
    assert_eq!(asic.capabilities().atomicity, atomicity);
    let less = |event: &SwitchEvent| matches!(event, SwitchEvent::LessAtomic { .. });
    if atomicity != Atomicity::BatchInDataPlane {
        let from = Atomicity::BatchInDataPlane;
        assert_eq!(events.wait_for(less), SwitchEvent::LessAtomic { from, to: atomicity });
    }
    assert_eq!(asic.write(&[insert(1)], SOON), [Ok(())]);
    // A batch of which one fails.
    let batch = [insert(2), insert(1), insert(3), TableWrite::Delete(row(9, (5, 6)).key())];
    let exists = || Err(WriteError::Refused(Refusal::Exists { key: insert(1).key() }));
    let not_found = || Err(WriteError::Refused(Refusal::NotFound { key: batch[3].key() }));
    let (expected, left) = match atomicity {
        Atomicity::EachWrite => ([Ok(()), exists(), Ok(()), not_found()], vec![1, 2, 3]),
        _ => ([Err(NOT_ATTEMPTED), exists(), Err(NOT_ATTEMPTED), not_found()], vec![1]),
    };
    assert_eq!(asic.write(&batch, SOON), expected);
    let left: Vec<Row> = left.into_iter().map(|address| row(address, (0, 1023))).collect();
    assert_eq!(asic.read(Table::NatIngressIpv4, SOON).unwrap(), left);
    assert_eq!(switch.with(|state| state.written.clone()), [(1, best), (4, best)]);
}

#[test]
fn a_switch_that_refuses_an_atomicity_only_when_it_comes_to_it_is_asked_for_less() {
    let (switch, mut asic, events) = offering(write_request::Atomicity::DataplaneAtomic);
    events.said();
    switch.with(|state| state.best = write_request::Atomicity::ContinueOnError);
    assert_eq!(asic.write(&[insert(1), insert(2)], SOON), [Ok(()), Ok(())]);
    assert_eq!(asic.capabilities().atomicity, Atomicity::EachWrite);
    let said = events.said();
    assert_eq!(said.len(), 2, "{said:?}");
    let words = "the switch does not offer `all of a batch or nothing, for packets too`; \
                 what a failed batch leaves is now: all of a batch or nothing";
    assert_eq!(said[0], words);
    // Nothing is left to fall back to.
    switch.with(|state| state.writes.push_back(OnWrite::Fail(Status::unimplemented("writes"))));
    let said = asic.write(&[insert(3)], SOON).remove(0).unwrap_err().to_string();
    assert_eq!(said, "the device refused: UNIMPLEMENTED: writes");
}

#[test]
fn a_table_that_is_smaller_than_it_said_is_full() {
    let (switch, mut asic, _) = offering(write_request::Atomicity::ContinueOnError);
    switch.with(|state| state.room = 2);
    let full = Refusal::TableFull { table: Table::NatIngressIpv4, size_rows: 1024 };
    let outcomes = asic.write(&[insert(1), insert(2), insert(3)], SOON);
    assert_eq!(outcomes, [Ok(()), Ok(()), Err(full.into())]);
    assert_eq!(asic.read(Table::NatIngressIpv4, SOON).unwrap().len(), 2);
}

#[test]
fn rows_of_one_priority_that_overlap_are_refused_and_not_sent() {
    let (switch, mut asic, _) = offering(write_request::Atomicity::ContinueOnError);
    let refused = |write: &TableWrite, existing: &Row| {
        Refusal::Overlaps { key: write.key(), existing: existing.key() }.into()
    };
    let standing = row(1, (1000, 1999));
    assert_eq!(asic.write(&[TableWrite::Insert(standing)], SOON), [Ok(())]);
    let over_it = TableWrite::Insert(row(1, (0, 1000)));
    let outcomes = asic.write(&[insert(2), over_it, insert(3)], SOON);
    let overlaps = Err(refused(&over_it, &standing));
    assert_eq!(outcomes, [Err(NOT_ATTEMPTED), overlaps.clone(), Err(NOT_ATTEMPTED)]);
    // Two of one batch.
    let pair = [insert(2), TableWrite::Insert(row(2, (1023, 1023)))];
    let expected = [Err(NOT_ATTEMPTED), Err(refused(&pair[1], &row(2, (0, 1023))))];
    assert_eq!(asic.write(&pair, SOON), expected);
    assert_eq!(switch.with(|state| state.written.len()), 1);
    // At another priority they may.
    let above = Row::new(row(1, (0, 1000)).key().key.at_priority(2), action(1)).unwrap();
    assert_eq!(asic.write(&[TableWrite::Insert(above)], SOON), [Ok(())]);

    // What others took away is known after a read.
    switch.with(|state| state.entries.clear());
    assert_eq!(asic.write(&[over_it], SOON), [overlaps]);
    assert_eq!(asic.read(Table::NatIngressIpv4, SOON).unwrap(), []);
    assert_eq!(asic.write(&[over_it], SOON), [Ok(())]);
    // What the switch says is not there, is not there.
    switch.with(|state| state.entries.clear());
    let outcome = asic.write(&[TableWrite::Delete(over_it.key())], SOON).remove(0);
    assert!(outcome.is_err());
    assert_eq!(asic.write(&[TableWrite::Insert(standing)], SOON), [Ok(())]);
    // And what is deleted neither.
    let outcomes = asic.write(&[TableWrite::Delete(standing.key())], SOON);
    assert_eq!(outcomes, [Ok(())]);
    assert_eq!(asic.write(&[over_it], SOON), [Ok(())]);
}

#[test]
fn a_batch_beyond_the_largest_is_sent_as_far_as_that() {
    let switch = Switch::running();
    let (mut asic, _) = connect(&switch);
    let most = asic.capabilities().max_batch.get();
    let writes: Vec<TableWrite> = (0..=most)
        .map(|number| {
            let mac = [2, 0, 0, 0, (number >> 8) as u8, number as u8];
            let next_hop = Ipv4Addr::from_bits(number as u32);
            let table = Table::NeighborIpv4;
            let key = MatchKey::builder(table).exact(next_hop).build().unwrap();
            let action = asic::Action::builder(table, "rewrite_ipv4").argument(Value::Mac(mac));
            TableWrite::Insert(Row::new(key, action.build().unwrap()).unwrap())
        })
        .collect();
    let mut expected = vec![Ok(()); most];
    expected.push(Err(NOT_ATTEMPTED));
    assert_eq!(asic.write(&writes, SOON), expected);
    assert_eq!(switch.with(|state| state.written[0].0), most);
    assert_eq!(asic.read(Table::NeighborIpv4, SOON).unwrap().len(), most);
    // The errors of all of them arrive.
    let outcomes = asic.write(&writes[..most], SOON);
    let expected = |write: &TableWrite| Err(Refusal::Exists { key: write.key() }.into());
    assert_eq!(outcomes, writes[..most].iter().map(expected).collect::<Vec<_>>());
}

#[test]
fn priorities_that_no_switch_takes_are_refused_and_not_sent() {
    let switch = Switch::running();
    let (mut asic, _) = connect(&switch);
    let at = |priority| {
        TableWrite::Insert(Row::new(insert(1).key().key.at_priority(priority), action(1)).unwrap())
    };
    let said = |asic: &mut P4RuntimeAsic, write| {
        asic.write(&[write], SOON).remove(0).unwrap_err().to_string()
    };
    assert_eq!(said(&mut asic, at(0)), "priority 0 does not exist, the smallest is 1");
    let words = "priority 2147483648 does not fit P4Runtime, the largest is 2147483647";
    assert_eq!(said(&mut asic, at(1 << 31)), format!("the device refused: {words}"));
    assert_eq!(asic.write(&[at((1 << 31) - 1)], SOON), [Ok(())]);
    assert_eq!(asic.write(&[], SOON), []);
    assert_eq!(switch.with(|state| state.written.len()), 1);
}
