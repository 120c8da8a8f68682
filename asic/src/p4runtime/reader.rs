//! Reads entities, answer by answer.

use p4runtime::v1;
use tonic::Status;

use super::connection::Client;
use super::words::{is_from_switch, status_words};
use crate::device::Counter;

/// Why a read failed.
pub(super) enum ReadFailure {
    /// The switch's words.
    Refused(String),
    Lost,
}

impl ReadFailure {
    pub(super) fn of(status: &Status) -> ReadFailure {
        match is_from_switch(status) {
            true => ReadFailure::Refused(status_words(status)),
            false => ReadFailure::Lost,
        }
    }
}

/// What `take` makes of every entity that the switch answers with. Each answer is taken as it comes
/// and then dropped, so that a large table is never there twice.
pub(super) async fn read<T>(
    mut client: Client,
    request: v1::ReadRequest,
    mut take: impl FnMut(v1::Entity) -> T,
) -> Result<Vec<T>, Status> {
    let mut taken = Vec::new();
    let mut answers = client.read(request).await?.into_inner();
    while let Some(answer) = answers.message().await? {
        taken.extend(answer.entities.into_iter().map(&mut take));
    }
    Ok(taken)
}

/// The counts of an entity; none if it has no data.
pub(super) fn counter(data: Option<&v1::CounterData>) -> Counter {
    let count = |count: i64| u64::try_from(count).unwrap_or_default();
    data.map_or_else(Counter::default, |data| Counter {
        packets: count(data.packet_count),
        bytes: count(data.byte_count),
    })
}
