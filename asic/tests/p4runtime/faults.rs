//! A switch that goes away, is slow, or answers what it should not.

use asic::{Asic as _, NoAnswer, Refusal, SwitchEvent, Table, TableWrite, WriteError};
use p4runtime::{batch_failed, v1};
use rstest::rstest;
use tonic::{Code, Status};

use crate::switch::{OnWrite, SOON, Switch};
use crate::{AT_ONCE, connect, insert, row};

const LOST: WriteError = WriteError::Unknown(NoAnswer::Lost);

#[test]
fn a_switch_that_goes_away_in_the_midst_of_a_batch_leaves_it_unknown() {
    let mut switch = Switch::running();
    let (mut asic, events) = connect(&switch);
    switch.with(|state| state.writes.push_back(OnWrite::PerformAndVanish));
    assert_eq!(asic.write(&[insert(1), insert(2)], SOON), [Err(LOST), Err(LOST)]);
    switch.wait_until_stopped();
    switch.start();
    events.wait_for_epoch();
    // It kept what it had, and what it had done.
    let rows = asic.read(Table::NatIngressIpv4, SOON).unwrap();
    assert_eq!(rows, [row(1, (0, 1023)), row(2, (0, 1023))]);
    assert_eq!(switch.with(|state| state.pipelines_set), 1);
}

#[test]
fn an_answer_that_does_not_come_in_time_leaves_a_batch_unknown() {
    let switch = Switch::running();
    let (mut asic, _) = connect(&switch);
    switch.with(|state| state.writes.push_back(OnWrite::PerformInSilence));
    let late = WriteError::Unknown(NoAnswer::Deadline { timeout: AT_ONCE });
    assert_eq!(asic.write(&[insert(1)], AT_ONCE), [Err(late)]);
    // The connection is as good as before.
    assert_eq!(asic.write(&[insert(2)], SOON), [Ok(())]);
    assert_eq!(asic.epoch(), 0);
}

/// What was not acknowledged is not taken to be there: an insert over it is the switch's to judge.
#[test]
fn a_row_of_unknown_fate_is_not_overlapped() {
    let switch = Switch::running();
    let (mut asic, _) = connect(&switch);
    switch.with(|state| {
        state.writes.push_back(OnWrite::Fail(Status::internal("somewhere in the midst")));
    });
    assert_eq!(asic.write(&[insert(1)], SOON), [Err(LOST)]);
    let over_it = TableWrite::Insert(row(1, (1000, 2000)));
    assert_eq!(asic.write(&[over_it], SOON), [Ok(())]);
}

/// What the switch says of the call as a whole.
#[rstest]
#[case(Code::InvalidArgument, true)]
#[case(Code::NotFound, true)]
#[case(Code::PermissionDenied, true)]
#[case(Code::ResourceExhausted, true)]
#[case(Code::FailedPrecondition, true)]
#[case(Code::Unauthenticated, true)]
#[case(Code::Unknown, false)]
#[case(Code::Cancelled, false)]
#[case(Code::DeadlineExceeded, false)]
#[case(Code::Aborted, false)]
#[case(Code::OutOfRange, false)]
#[case(Code::Internal, false)]
#[case(Code::Unavailable, false)]
#[case(Code::DataLoss, false)]
fn a_call_that_failed_is_refused_only_if_it_surely_did_nothing(
    #[case] code: Code,
    #[case] is_refused: bool,
) {
    let switch = Switch::running();
    let (mut asic, _) = connect(&switch);
    let status = Status::new(code, "because");
    switch.with(|state| state.writes.push_back(OnWrite::Fail(status)));
    let outcomes = asic.write(&[insert(1), insert(2)], SOON);
    match is_refused {
        true => {
            for outcome in &outcomes {
                let said = outcome.as_ref().unwrap_err().to_string();
                assert!(said.starts_with("the device refused: "), "{said}");
                assert!(said.ends_with(": because"), "{said}");
            }
        }
        false => assert_eq!(outcomes, [Err(LOST), Err(LOST)]),
    }
}

#[test]
fn errors_that_are_not_one_for_each_update_say_nothing_of_any() {
    let switch = Switch::running();
    let (mut asic, _) = connect(&switch);
    let error = |code: Code| v1::Error { canonical_code: code.into(), ..v1::Error::default() };
    let wrong = [
        // Too few, too many, and all well where the call failed.
        vec![error(Code::NotFound)],
        vec![error(Code::Ok), error(Code::NotFound), error(Code::Ok)],
        vec![error(Code::Ok), error(Code::Ok)],
    ];
    for errors in wrong {
        let status = batch_failed("some", errors);
        switch.with(|state| state.writes.push_back(OnWrite::Fail(status)));
        assert_eq!(asic.write(&[insert(1), insert(2)], SOON), [Err(LOST), Err(LOST)]);
    }
}

#[test]
fn a_batch_that_was_undone_without_blame_is_refused() {
    let switch = Switch::running();
    let (mut asic, _) = connect(&switch);
    let aborted = v1::Error {
        canonical_code: Code::Aborted.into(),
        message: "no time".to_owned(),
        ..v1::Error::default()
    };
    let status = batch_failed("none", vec![aborted.clone(), aborted]);
    switch.with(|state| state.writes.push_back(OnWrite::Fail(status)));
    let words = "ABORTED: no time".to_owned();
    let refused = WriteError::Refused(Refusal::Device { words });
    let outcomes = asic.write(&[insert(1), insert(2)], SOON);
    assert_eq!(outcomes, [Err(refused), Err(WriteError::NotAttempted)]);
}

#[test]
fn a_stream_that_the_switch_ends_is_opened_again() {
    let switch = Switch::running();
    let (asic, events) = connect(&switch);
    switch.end_streams(Status::resource_exhausted("too many controllers"));
    let event = events.wait_for(|event| matches!(event, SwitchEvent::Lost { .. }));
    assert!(event.to_string().contains("RESOURCE_EXHAUSTED: too many controllers"), "{event}");
    events.wait_for_epoch();
    assert_eq!(asic.epoch(), 2);
}
