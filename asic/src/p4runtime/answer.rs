//! What the switch's answer to a write says of each of its updates.

use std::time::Duration;

use p4runtime::{update_errors, v1};
use tonic::{Code, Status};

use super::words::{error_words, is_from_switch, status_words};
use crate::device::Atomicity;
use crate::outcome::{NoAnswer, Outcome, Refusal, WriteError};
use crate::row::TableWrite;
use crate::table::Table;

/// What came of a call.
pub(super) enum Answer<T> {
    Done(T),
    Failed(Status),
    /// None came in time.
    Late(Duration),
    /// The connection and all that belongs to it ended first.
    Lost,
}

/// What the answer to a write is to be taken for.
pub(super) enum Taken {
    Outcomes(Vec<Outcome>),
    /// Nothing was done, since the switch does not offer such atomicity.
    NotSoAtomic,
}

/// What became of each write of a batch that was sent with this atomicity.
pub(super) fn take(
    answer: Answer<()>,
    writes: &[TableWrite],
    atomicity: Atomicity,
    size_rows: impl Fn(Table) -> u32,
) -> Taken {
    let all = |error: WriteError| Taken::Outcomes(vec![Err(error); writes.len()]);
    let status = match answer {
        Answer::Done(()) => return Taken::Outcomes(vec![Ok(()); writes.len()]),
        Answer::Late(timeout) => return all(WriteError::Unknown(NoAnswer::Deadline { timeout })),
        Answer::Lost => return all(WriteError::Unknown(NoAnswer::Lost)),
        Answer::Failed(status) => status,
    };
    if !is_from_switch(&status) {
        return all(WriteError::Unknown(NoAnswer::Lost));
    }
    if status.code() == Code::Unknown {
        return match update_errors(&status, writes.len()) {
            Some(errors) => {
                let outcomes = match atomicity {
                    Atomicity::EachWrite => each_by_itself(&errors, writes, size_rows),
                    Atomicity::Batch | Atomicity::BatchInDataPlane => {
                        all_undone(&errors, writes, size_rows)
                    }
                };
                Taken::Outcomes(outcomes)
            }
            // Nobody can say what became of which.
            None => all(WriteError::Unknown(NoAnswer::Lost)),
        };
    }
    if status.code() == Code::Unimplemented && atomicity != Atomicity::EachWrite {
        return Taken::NotSoAtomic;
    }
    match did_nothing(status.code()) {
        true => all(Refusal::Device { words: status_words(&status) }.into()),
        false => all(WriteError::Unknown(NoAnswer::Lost)),
    }
}

/// Whether a call that the switch ended with this code, and without errors of updates, surely did
/// nothing.
fn did_nothing(code: Code) -> bool {
    match code {
        Code::InvalidArgument
        | Code::NotFound
        | Code::AlreadyExists
        | Code::PermissionDenied
        | Code::ResourceExhausted
        | Code::FailedPrecondition
        | Code::Unimplemented
        | Code::Unauthenticated => true,
        // A switch fails so in the midst of something; or our side says so of its answer.
        Code::Ok
        | Code::Cancelled
        | Code::Unknown
        | Code::DeadlineExceeded
        | Code::Aborted
        | Code::OutOfRange
        | Code::Internal
        | Code::Unavailable
        | Code::DataLoss => false,
    }
}

fn each_by_itself(
    errors: &[v1::Error],
    writes: &[TableWrite],
    size_rows: impl Fn(Table) -> u32,
) -> Vec<Outcome> {
    let outcome = |(error, write): (&v1::Error, &TableWrite)| match is_ok(error) {
        true => Ok(()),
        false => Err(refusal(error, write, &size_rows).into()),
    };
    errors.iter().zip(writes).map(outcome).collect()
}

/// Those that failed were refused, and all others undone or never attempted.
fn all_undone(
    errors: &[v1::Error],
    writes: &[TableWrite],
    size_rows: impl Fn(Table) -> u32,
) -> Vec<Outcome> {
    let is_aborted = |error: &v1::Error| error.canonical_code == Code::Aborted as i32;
    let failed = |error: &v1::Error| !is_ok(error) && !is_aborted(error);
    let mut outcomes: Vec<Outcome> = errors
        .iter()
        .zip(writes)
        .map(|(error, write)| match failed(error) {
            true => Err(refusal(error, write, &size_rows).into()),
            false => Err(WriteError::NotAttempted),
        })
        .collect();
    if !errors.iter().any(failed) {
        match errors.iter().zip(&mut outcomes).find(|(error, _)| is_aborted(error)) {
            // A switch that undid a batch and blames no update.
            Some((error, outcome)) => {
                let words = error_words(error);
                *outcome = Err(Refusal::Device { words }.into());
            }
            // All was well, it says, and yet the call failed.
            None => outcomes.fill(Err(WriteError::Unknown(NoAnswer::Lost))),
        }
    }
    outcomes
}

fn is_ok(error: &v1::Error) -> bool {
    error.canonical_code == Code::Ok as i32
}

fn refusal(error: &v1::Error, write: &TableWrite, size_rows: &impl Fn(Table) -> u32) -> Refusal {
    let (table, key) = (write.table(), write.key());
    match (Code::from_i32(error.canonical_code), write) {
        (Code::AlreadyExists, TableWrite::Insert(_)) => Refusal::Exists { key },
        (Code::NotFound, TableWrite::Modify(_) | TableWrite::Delete(_)) => {
            Refusal::NotFound { key }
        }
        (Code::ResourceExhausted, TableWrite::Insert(_)) => {
            Refusal::TableFull { table, size_rows: size_rows(table) }
        }
        _ => Refusal::Device { words: error_words(error) },
    }
}
