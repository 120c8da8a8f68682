//! What threads other than the owner's can ask of a switch.

use std::sync::Arc;
use std::time::Duration;

use p4runtime::v1::{self, entity};
use thiserror::Error;

use super::answer::Answer;
use super::binding::{CounterArray, DROPS, RECEIVED, SENT};
use super::calls::Calls;
use super::reader::{self, ReadFailure};
use super::shared::Shared;
use crate::device::Counter;
use crate::outcome::NoAnswer;
use crate::soft::{DropCount, PortCount};

/// A way to a [`P4RuntimeAsic`](crate::P4RuntimeAsic) past its owner, to read what it counts.
/// Clones lead to the same switch.
#[derive(Clone, Debug)]
pub struct P4RuntimeHandle {
    pub(super) shared: Arc<Shared>,
    pub(super) calls: Calls,
    pub(super) device_id: u64,
}

/// Why counters could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CountersError {
    /// The program has no such counters.
    #[error("the program of the switch has no counters {name} of packets and bytes")]
    NoSuchCounters {
        /// Their name.
        name: &'static str,
    },
    /// The switch said no, or there is no connection to it.
    #[error("{words}")]
    Refused {
        /// The code and the switch's own words, or why there is no connection.
        words: String,
    },
    /// The switch did not answer.
    #[error(transparent)]
    NoAnswer(#[from] NoAnswer),
}

impl P4RuntimeHandle {
    /// Whether the switch can be asked and written now.
    pub fn is_up(&self) -> bool {
        self.shared.is_up()
    }

    /// What the program has counted at a port; none if it counts none there, or the switch does not
    /// answer.
    pub fn port_count(&self, port: u16, timeout: Duration) -> Option<PortCount> {
        let binding = self.shared.binding();
        let index = i64::from(port);
        let arrays = [(RECEIVED, binding.received), (SENT, binding.sent)];
        let arrays = arrays.map(|(_, array)| array.filter(|array| index < array.size));
        let [Some(received), Some(sent)] = arrays else { return None };
        let counted =
            self.read(vec![element(received, Some(index)), element(sent, Some(index))], timeout);
        let counted = counted.ok()?;
        let count = |array: CounterArray| find(&counted, array, index);
        Some(PortCount { received: count(received)?, sent: count(sent)? })
    }

    /// What was dropped for each reason that the program has, whether there has been such a packet
    /// or not. A reason that the P4Info does not name is called by its number.
    ///
    /// # Errors
    ///
    /// [`CountersError`] says why not.
    pub fn drops(&self, timeout: Duration) -> Result<Vec<DropCount>, CountersError> {
        let binding = self.shared.binding();
        let drops = binding.drops.ok_or(CountersError::NoSuchCounters { name: DROPS })?;
        let counted = self.read(vec![element(drops, None)], timeout)?;
        let count = |(reason, index): &(String, i64)| DropCount {
            reason: reason.clone(),
            dropped: find(&counted, drops, *index).unwrap_or_default(),
        };
        Ok(binding.drop_reasons.iter().map(count).collect())
    }

    fn read(
        &self,
        entities: Vec<v1::Entity>,
        timeout: Duration,
    ) -> Result<Vec<v1::CounterEntry>, CountersError> {
        let refused = |words: String| CountersError::Refused { words };
        let up = self.shared.up().map_err(|why| refused(why.to_string()))?;
        let request =
            v1::ReadRequest { device_id: self.device_id, entities, ..v1::ReadRequest::default() };
        let read = reader::read(up.client, request, |entity| match entity.entity {
            Some(entity::Entity::CounterEntry(entry)) => Some(entry),
            _ => None,
        });
        match self.calls.wait(timeout, read) {
            Answer::Done(entries) => Ok(entries.into_iter().flatten().collect()),
            Answer::Late(timeout) => Err(NoAnswer::Deadline { timeout }.into()),
            Answer::Lost => Err(NoAnswer::Lost.into()),
            Answer::Failed(status) => Err(match ReadFailure::of(&status) {
                ReadFailure::Refused(words) => refused(words),
                ReadFailure::Lost => NoAnswer::Lost.into(),
            }),
        }
    }
}

/// An element of an array of counters, or all of them.
fn element(array: CounterArray, index: Option<i64>) -> v1::Entity {
    let index = index.map(|index| v1::Index { index });
    let entry = v1::CounterEntry { counter_id: array.id, index, data: None };
    v1::Entity { entity: Some(entity::Entity::CounterEntry(entry)) }
}

fn find(entries: &[v1::CounterEntry], array: CounterArray, index: i64) -> Option<Counter> {
    let wanted = |entry: &&v1::CounterEntry| {
        entry.counter_id == array.id && entry.index.is_some_and(|one| one.index == index)
    };
    entries.iter().find(wanted).map(|entry| reader::counter(entry.data.as_ref()))
}
