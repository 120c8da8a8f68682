//! Runs a script: writes tables, sends packets, and compares what comes out.
//!
//! Everything is done in the order of the lines. What comes out is compared at the end, port by
//! port, the n-th packet with the n-th that is expected; what is not expected is a failure too.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::device::{Device, Output};
use super::failure::{Failure, Mismatch};
use super::problem::{Misplaced, ScriptProblem};
use super::resolve;
use super::script::{Command, Condition, CounterIndex, Counts, Number, Pattern, Script, Word};
use crate::ir::{ExternId, ExternKind, TableId};
use crate::source::{SourceMap, Span};
use crate::table::{Count, EntryKey, Write};

/// A packet that a script has sent.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) span: Span,
    pub(super) trace: String,
}

/// A packet that has come out, and which packet it has come of.
struct Received {
    packet: Vec<u8>,
    from: Span,
}

struct Expected {
    pattern: Option<Pattern>,
    span: Span,
}

struct Run {
    device: Device,
    entries: HashMap<String, EntryKey>,
    received: BTreeMap<u16, Vec<Received>>,
    expected: BTreeMap<u16, Vec<Expected>>,
    /// The packets in their order.
    sent: Vec<Sent>,
    /// What has come of the last of them.
    last_outputs: Vec<Output>,
    mismatches: Vec<Mismatch>,
}

/// Runs a script to its end. `sent` is told of every packet.
pub(super) fn run(
    device: Device,
    script: &Script,
    sources: &SourceMap,
    sent: &mut dyn FnMut(&Sent),
) -> Result<Option<Failure>, Misplaced> {
    let mut run = Run {
        device,
        entries: HashMap::new(),
        received: BTreeMap::new(),
        expected: BTreeMap::new(),
        sent: Vec::new(),
        last_outputs: Vec::new(),
        mismatches: Vec::new(),
    };
    for statement in &script.statements {
        run.perform(&statement.command, statement.span, sent)?;
    }
    run.compare();
    let Run { sent, mismatches, .. } = run;
    let Some(first) = mismatches.first() else { return Ok(None) };
    // The packet that has to do with the first mismatch is that which came out wrong or, if it is
    // what did not come, the last one before.
    let explained = match first.from() {
        Some(from) => sent.into_iter().find(|sent| sent.span == from),
        None => sent.into_iter().rfind(|sent| sent.span.start < first.span().start),
    };
    Ok(Some(Failure { mismatches, explained, sources: sources.clone() }))
}

impl Run {
    fn perform(
        &mut self,
        command: &Command,
        span: Span,
        sent: &mut dyn FnMut(&Sent),
    ) -> Result<(), Misplaced> {
        match command {
            Command::Add { table, priority, matches, action, handle } => {
                let program = self.device.program();
                let (id, table) = resolve::table(program, table)?;
                let key = resolve::key(id, table, *priority, matches)?;
                let (place, arguments) = resolve::action(program, table, action)?;
                let write = Write::Insert { key: key.clone(), action: place, arguments };
                self.device.write(&write).map_err(|error| {
                    let span = resolve::place_of(&error, table, matches, action, span);
                    ScriptProblem::Write(error).at(span)
                })?;
                if let Some(name) = handle {
                    self.entries.insert(name.text.clone(), key);
                }
                Ok(())
            }
            Command::SetDefault { table, action } => {
                let program = self.device.program();
                let (id, table) = resolve::table(program, table)?;
                let (place, arguments) = resolve::action(program, table, action)?;
                let write = Write::SetDefault { table: id, action: place, arguments };
                self.device.write(&write).map_err(|error| {
                    let span = resolve::place_of(&error, table, &[], action, span);
                    ScriptProblem::Write(error).at(span)
                })
            }
            Command::RemoveAll => self.remove_all(span),
            Command::CheckCounter { counter, index, condition } => {
                self.check_counter(counter, index, *condition, span)
            }
            Command::Packet { port, data } => {
                let (outputs, trace) = self.device.send(*port, data);
                for (port, packet) in &outputs {
                    let received = Received { packet: packet.clone(), from: span };
                    self.received.entry(*port).or_default().push(received);
                }
                self.last_outputs = outputs;
                let packet = Sent { span, trace };
                sent(&packet);
                self.sent.push(packet);
                Ok(())
            }
            Command::Expect { port, data } => {
                let expected = Expected { pattern: data.clone(), span };
                self.expected.entry(*port).or_default().push(expected);
                Ok(())
            }
            Command::NoPacket => {
                let Some(Sent { span: from, .. }) = self.sent.last() else {
                    return Err(ScriptProblem::NoPacketSent.at(span));
                };
                let from = *from;
                self.mismatches.extend(self.last_outputs.iter().map(|(port, packet)| {
                    Mismatch::NotSilent { span, port: *port, packet: packet.clone(), from }
                }));
                Ok(())
            }
            Command::Wait => Ok(()),
        }
    }

    /// Removes all entries that can be removed.
    fn remove_all(&mut self, span: Span) -> Result<(), Misplaced> {
        let tables = self.device.tables();
        let count = u32::try_from(self.device.program().tables.len()).unwrap_or(u32::MAX);
        for table in (0..count).map(TableId) {
            for entry in tables.entries(table).filter(|entry| !entry.is_const) {
                let write = Write::Delete(entry.key.clone());
                let error = |error| ScriptProblem::Write(error).at(span);
                self.device.write(&write).map_err(error)?;
            }
        }
        Ok(())
    }

    fn check_counter(
        &mut self,
        name: &Word,
        index: &CounterIndex,
        condition: Option<Condition>,
        span: Span,
    ) -> Result<(), Misplaced> {
        let id = resolve::counter(self.device.program(), name)?;
        let count = match index {
            CounterIndex::Number(number) => self.count_at(id, *number)?,
            CounterIndex::Handle(handle) => self.count_of(id, name, handle)?,
        };
        // Without a condition it is enough that there is such a counter.
        let Some(Condition { counts, comparison, number }) = condition else { return Ok(()) };
        let found = match counts {
            Counts::Packets => count.packets,
            Counts::Bytes => count.bytes,
        };
        if !comparison.holds(found, number) {
            let counter = self.counter_name(id);
            let mismatch =
                Mismatch::Counter { span, counter, counts, found, comparison, wanted: number };
            self.mismatches.push(mismatch);
        }
        Ok(())
    }

    fn count_at(&self, id: ExternId, number: Number) -> Result<Count, Misplaced> {
        let counter = self.counter_name(id);
        match self.device.program().externs.get(id.index()).map(|counter| &counter.kind) {
            Some(ExternKind::Counter { size, .. }) => {
                let place = u64::try_from(number.value).ok();
                let count = place.and_then(|place| self.device.counter(id, place));
                let (size, index) = (*size, number.value);
                count.ok_or(ScriptProblem::NoPlace { counter, size, index }.at(number.span))
            }
            _ => Err(ScriptProblem::NeedsEntry { counter }.at(number.span)),
        }
    }

    fn count_of(&self, id: ExternId, name: &Word, handle: &Word) -> Result<Count, Misplaced> {
        let (text, counter) = (|| handle.text.clone(), self.counter_name(id));
        let Some(key) = self.entries.get(&handle.text) else {
            return Err(ScriptProblem::UnknownEntry { name: text() }.at(handle.span));
        };
        let program = self.device.program();
        match program.externs.get(id.index()).map(|counter| &counter.kind) {
            Some(ExternKind::DirectCounter { table, .. }) if *table != Some(key.table) => {
                let table = program.tables.get(key.table.index());
                let table = table.map_or_else(|| Arc::from(""), |table| Arc::clone(&table.name));
                return Err(ScriptProblem::OtherTable { counter, table }.at(name.span));
            }
            Some(ExternKind::DirectCounter { .. }) => {}
            _ => return Err(ScriptProblem::NotDirect { counter }.at(name.span)),
        }
        let count = self.device.tables().find(key).map(|entry| entry.counter.read());
        count.ok_or_else(|| ScriptProblem::EntryGone { name: text() }.at(handle.span))
    }

    fn counter_name(&self, id: ExternId) -> Arc<str> {
        let counter = self.device.program().externs.get(id.index());
        counter.map_or_else(|| Arc::from(""), |counter| Arc::clone(&counter.name))
    }

    /// Compares what came out with what was expected.
    fn compare(&mut self) {
        let received = std::mem::take(&mut self.received);
        let mut expected = std::mem::take(&mut self.expected);
        for (port, received) in received {
            let mut wanted = expected.remove(&port).unwrap_or_default().into_iter();
            for Received { packet, from } in received {
                match wanted.next() {
                    None => self.mismatches.push(Mismatch::Unexpected { port, packet, from }),
                    Some(Expected { pattern: Some(pattern), span })
                        if pattern.first_difference(&packet).is_some() =>
                    {
                        let mismatch = Mismatch::Different { span, port, pattern, packet, from };
                        self.mismatches.push(mismatch);
                    }
                    Some(_) => {}
                }
            }
            expected.insert(port, wanted.collect());
        }
        for (port, missing) in expected {
            self.mismatches.extend(
                missing.into_iter().map(|Expected { pattern, span }| Mismatch::Missing {
                    span,
                    port,
                    pattern,
                }),
            );
        }
        let place = |mismatch: &Mismatch| mismatch.span().start;
        self.mismatches.sort_by_key(place);
    }
}
