//! A device behind P4Runtime: any switch that speaks it, as a process here or a box elsewhere.
//!
//! A [`P4RuntimeAsic`] is one controller of one switch. It asks to be the primary, gives the switch
//! its pipeline or finds that it has it, and finds the tables of the list ([`Table`]) in the P4Info
//! by their names. A batch of writes is one request, in the strongest atomicity that the switch
//! offers.
//!
//! The owner's calls block. They are made on a thread of the device's own, on which an async
//! runtime keeps the connection: it notices when the switch falls silent, goes away or takes
//! another controller for primary, and comes back when it can. Once there is no
//! way to the switch the device is in another epoch, and every call is refused at once; when there is
//! one again, it is in yet another.
//!
//! P4Runtime leaves one thing to switches that a device of ours refuses: rows of one priority that
//! match the same packets. What was written and read is remembered for that, and for nothing else.

mod address;
mod config;
mod error;
mod event;

mod binding;
mod entry;
mod mirror;
mod words;

mod answer;
mod calls;
mod connection;
mod reader;

mod backoff;
mod keeper;
mod session;
mod shared;

mod handle;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, Instant};

use p4runtime::v1::{self, entity};

use crate::device::{Asic, Capabilities, Counter};
use crate::key::{DEFAULT_PRIORITY, RowKey};
use crate::outcome::{NoAnswer, Outcome, ReadError, Refusal, WriteError};
use crate::range_expansion::RangeExpansion;
use crate::row::{Row, TableWrite};
use crate::table::Table;
use answer::{Answer, Taken};
use calls::{Calls, Thread};
use entry::ForeignEntry;
use mirror::Mirror;
use reader::ReadFailure;
use session::Opener;
use shared::{Report, Shared, Up};

pub use address::{InvalidSwitchAddress, SwitchAddress};
pub use config::P4RuntimeConfig;
pub use error::{NotWritable, P4InfoOf, P4RuntimeError};
pub use event::SwitchEvent;
pub use handle::{CountersError, P4RuntimeHandle};

/// How many writes one call performs at most. The errors of all updates of a failed write come in
/// the trailer of its answer, about 150 bytes for each; with more, they would not fit what gRPC
/// libraries are used to. And a batch that is atomic holds up others for as long as it takes.
const MAX_BATCH: NonZeroUsize = NonZeroUsize::MIN.saturating_add(999);

/// A switch that is driven over P4Runtime, as its owner sees it.
#[derive(Debug)]
pub struct P4RuntimeAsic {
    device_id: u64,
    election_id: u128,
    range_expansion: RangeExpansion,
    shared: Arc<Shared>,
    calls: Calls,
    mirror: Mirror,
    _thread: Thread,
}

impl P4RuntimeAsic {
    /// Connects to the switch, becomes its primary controller and sees to its pipeline, in at most
    /// `timeout` for the connection and as much for the pipeline; later, when the connection has to
    /// be made anew, as well. What happens is reported, from a thread of the device's own: it waits
    /// for the report to return, which therefore must ask the device nothing itself.
    ///
    /// # Errors
    ///
    /// [`P4RuntimeError`] says why the switch cannot be driven.
    pub fn connect(
        config: P4RuntimeConfig,
        timeout: Duration,
        report: impl Fn(SwitchEvent) + Send + Sync + 'static,
    ) -> Result<P4RuntimeAsic, P4RuntimeError> {
        let P4RuntimeConfig { device_id, election_id, range_expansion, .. } = config;
        if election_id == 0 {
            return Err(P4RuntimeError::ElectionIdZero);
        }
        let report: Report = Arc::new(report);
        let opener = Opener::new(config, timeout, Arc::clone(&report))?;
        let (thread, calls) = Thread::start().map_err(P4RuntimeError::Thread)?;
        let address = opener.config.address.clone();
        let opened = calls.run(async move {
            let (mut session, standing) = opener.open().await?;
            if let Some(not_primary) = standing {
                return Err(opener.not_primary(not_primary));
            }
            let prepared = opener.prepare(&mut session.client).await?;
            let shared = Arc::new(Shared::new(session.client.clone(), prepared, report));
            tokio::spawn(keeper::keep(opener, Arc::clone(&shared), session));
            Ok(shared)
        });
        let ended = || P4RuntimeError::Broken {
            address,
            doing: "connecting",
            why: "its thread ended".to_owned(),
        };
        let shared = opened.ok_or_else(ended)??;
        let mirror = Mirror::new(shared.epoch());
        Ok(P4RuntimeAsic {
            device_id,
            election_id,
            range_expansion,
            shared,
            calls,
            mirror,
            _thread: thread,
        })
    }

    /// A way to the switch for other threads.
    pub fn handle(&self) -> P4RuntimeHandle {
        P4RuntimeHandle {
            shared: Arc::clone(&self.shared),
            calls: self.calls.clone(),
            device_id: self.device_id,
        }
    }
}

impl P4RuntimeAsic {
    /// What became of a batch that is small enough.
    fn write_batch(&mut self, writes: &[TableWrite], timeout: Duration) -> Vec<Outcome> {
        if let Some((place, refusal)) = first_impossible(writes) {
            return refused_alone(writes.len(), place, refusal);
        }
        let up = match self.shared.up() {
            Ok(up) => up,
            Err(why) => {
                let refusal = Refusal::NotConnected { words: why.to_string() };
                return vec![Err(refusal.into()); writes.len()];
            }
        };
        let mirror = self.mirror.in_epoch(up.epoch);
        match mirror.prepare(writes) {
            Err((place, refusal)) => refused_alone(writes.len(), place, refusal),
            Ok(pending) => {
                let outcomes = self.send(up, writes, timeout);
                self.mirror.settle(pending, writes, &outcomes);
                outcomes
            }
        }
    }

    /// Sends a batch, in the best atomicity that the switch turns out to offer.
    fn send(&self, up: Up, writes: &[TableWrite], timeout: Duration) -> Vec<Outcome> {
        let Up { client, binding, mut atomicity, epoch: _ } = up;
        let begun = Instant::now();
        let size_rows = |table| binding.tables[table].size_rows;
        loop {
            let mut updates = Vec::with_capacity(writes.len());
            let lower = |write: &TableWrite| entry::lower(&binding.tables[write.table()], write);
            updates.extend(writes.iter().map(lower));
            let request =
                session::write_request(self.device_id, self.election_id, atomicity, updates);
            let mut client = client.clone();
            let call = async move { client.write(request).await.map(drop) };
            let answer = match self.calls.wait(timeout.saturating_sub(begun.elapsed()), call) {
                // The time that the caller gave.
                Answer::Late(_) => Answer::Late(timeout),
                answer => answer,
            };
            match answer::take(answer, writes, atomicity, size_rows) {
                Taken::Outcomes(outcomes) => return outcomes,
                Taken::NotSoAtomic => atomicity = self.shared.fall_back(atomicity),
            }
        }
    }

    /// What `raise` makes of every entity of `table` that the switch has, in the order of its keys.
    fn read_table<T: Send + 'static>(
        &mut self,
        table: Table,
        timeout: Duration,
        wildcard: impl FnOnce(v1::TableEntry) -> entity::Entity,
        raise: impl Fn(&binding::TableBinding, v1::Entity) -> Result<Option<T>, ForeignEntry>
        + Send
        + 'static,
        key: impl Fn(&T) -> RowKey,
    ) -> Result<(u64, Vec<T>), ReadError> {
        let refused = |words: String| ReadError::Refused { table, words };
        let no_answer = |reason| ReadError::NoAnswer { table, reason };
        let Up { client, binding, epoch, .. } = self
            .shared
            .up()
            .map_err(|why| ReadError::NotConnected { table, words: why.to_string() })?;
        let all =
            v1::TableEntry { table_id: binding.tables[table].id, ..v1::TableEntry::default() };
        let request = v1::ReadRequest {
            device_id: self.device_id,
            entities: vec![v1::Entity { entity: Some(wildcard(all)) }],
            ..v1::ReadRequest::default()
        };
        let raise = move |entity| raise(&binding.tables[table], entity).transpose();
        let read = async move { reader::read(client, request, raise).await };
        let raised = match self.calls.wait(timeout, read) {
            Answer::Done(raised) => raised,
            Answer::Late(timeout) => return Err(no_answer(NoAnswer::Deadline { timeout })),
            Answer::Lost => return Err(no_answer(NoAnswer::Lost)),
            Answer::Failed(status) => {
                return Err(match ReadFailure::of(&status) {
                    ReadFailure::Refused(words) => refused(words),
                    ReadFailure::Lost => no_answer(NoAnswer::Lost),
                });
            }
        };
        let foreign = |foreign: ForeignEntry| refused(foreign.to_string());
        let mut rows: Vec<T> =
            raised.into_iter().flatten().collect::<Result<_, _>>().map_err(foreign)?;
        rows.sort_unstable_by_key(&key);
        match rows.windows(2).find(|pair| key(&pair[0]) == key(&pair[1])) {
            Some(pair) => Err(foreign(ForeignEntry::Twice { table, key: key(&pair[0]) })),
            None => Ok((epoch, rows)),
        }
    }
}

impl Asic for P4RuntimeAsic {
    fn name(&self) -> &str {
        "p4runtime"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            has_priorities: true,
            range_expansion: self.range_expansion,
            max_batch: MAX_BATCH,
            atomicity: self.shared.atomicity(),
        }
    }

    fn epoch(&self) -> u64 {
        self.shared.epoch()
    }

    fn size_rows(&self, table: Table) -> u32 {
        self.shared.binding().tables[table].size_rows
    }

    fn write(&mut self, writes: &[TableWrite], timeout: Duration) -> Vec<Outcome> {
        let batch = &writes[..writes.len().min(MAX_BATCH.get())];
        let mut outcomes = match batch {
            [] => Vec::new(),
            batch => self.write_batch(batch, timeout),
        };
        outcomes.resize(writes.len(), Err(WriteError::NotAttempted));
        outcomes
    }

    fn read(&mut self, table: Table, timeout: Duration) -> Result<Vec<Row>, ReadError> {
        let raise = move |binding: &binding::TableBinding, entity: v1::Entity| {
            let Some(entity::Entity::TableEntry(entry)) = entity.entity else {
                return Err(ForeignEntry::OtherEntity);
            };
            entry::raise(table, binding, &entry)
        };
        let wildcard = entity::Entity::TableEntry;
        let (epoch, rows) = self.read_table(table, timeout, wildcard, raise, Row::key)?;
        self.mirror.in_epoch(epoch).replace(table, &rows);
        Ok(rows)
    }

    fn counters(
        &mut self,
        table: Table,
        timeout: Duration,
    ) -> Result<Vec<(RowKey, Counter)>, ReadError> {
        if !table.spec().has_counters {
            return Ok(Vec::new());
        }
        let raise = move |binding: &binding::TableBinding, entity: v1::Entity| {
            let Some(entity::Entity::DirectCounterEntry(counted)) = entity.entity else {
                return Err(ForeignEntry::OtherEntity);
            };
            let v1::DirectCounterEntry { table_entry: Some(entry), data: Some(data) } = counted
            else {
                return Err(ForeignEntry::NoCounter { table });
            };
            if entry.is_default_action {
                return Ok(None);
            }
            let key = entry::raise_key(table, binding, &entry)?;
            Ok(Some((key, reader::counter(Some(&data)))))
        };
        let wildcard = |entry| {
            let entry = v1::DirectCounterEntry { table_entry: Some(entry), data: None };
            entity::Entity::DirectCounterEntry(entry)
        };
        let counters = self.read_table(table, timeout, wildcard, raise, |(key, _)| *key);
        counters.map(|(_, counters)| counters)
    }
}

/// The first write that no switch could be told of, and why.
fn first_impossible(writes: &[TableWrite]) -> Option<(usize, Refusal)> {
    writes.iter().map(impossible).enumerate().find_map(|(place, why)| Some((place, why?)))
}

fn impossible(write: &TableWrite) -> Option<Refusal> {
    /// The largest that fits a message.
    const LARGEST: u32 = i32::MAX as u32;
    let (table, priority) = (write.table(), write.key().priority);
    match priority {
        0 => Some(Refusal::PriorityZero),
        DEFAULT_PRIORITY => None,
        _ if !table.spec().takes_priorities() => Some(Refusal::NoPriorities { table, priority }),
        2..=LARGEST => None,
        _ => Some(Refusal::Device {
            words: format!("priority {priority} does not fit P4Runtime, the largest is {LARGEST}"),
        }),
    }
}

/// One write of a batch is refused, and none of it was sent.
fn refused_alone(count: usize, place: usize, refusal: Refusal) -> Vec<Outcome> {
    let mut outcomes = vec![Err(WriteError::NotAttempted); count];
    outcomes[place] = Err(refusal.into());
    outcomes
}
