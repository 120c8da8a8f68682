//! A switch that runs a program.
//!
//! A packet runs with the tables as they are when it comes: a snapshot, which no write changes. A
//! write makes the next one, so that it is seen by all packets that come after it and by none only
//! in part. Packets never wait for writes; writes wait for each other.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;
use parking_lot::Mutex;

use crate::exec::{Clock, Externs, Input, LogSink, Scratch};
use crate::ir::{self, ExternId};
use crate::program::Program;
use crate::table::{Count, Tables, Write, WriteError};
use crate::trace::{Silent, Trace};
use crate::verdict::{DropReason, Verdict};

/// A program with its tables, counters and registers. Threads share it.
pub struct Switch {
    program: Arc<Program>,
    tables: ArcSwap<Tables>,
    writer: Mutex<()>,
    externs: Externs,
    clock: Option<Clock>,
    log: Option<LogSink>,
    drops: DropCounters,
}

/// What a thread needs to run packets: room for their headers and for the packets that go out.
pub struct Runner {
    /// The program that the room is for.
    program: Arc<Program>,
    scratch: Scratch,
}

/// How many packets were dropped, and by whom.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drops {
    /// By the program: with `mark_to_drop` or by the drop port.
    pub program: u64,
    /// Because they were sent to a multicast group.
    pub multicast: u64,
    /// Because an assertion or an assumption of the program did not hold.
    pub assertion_failed: u64,
    /// Because they came by a port that nine bits cannot say.
    pub no_such_port: u64,
    /// Because they were longer than 65,535 bytes.
    pub too_long: u64,
    /// Because the program took too many steps.
    pub too_many_steps: u64,
}

#[derive(Default)]
struct DropCounters {
    program: AtomicU64,
    multicast: AtomicU64,
    assertion_failed: AtomicU64,
    no_such_port: AtomicU64,
    too_long: AtomicU64,
    too_many_steps: AtomicU64,
}

impl Switch {
    /// A switch with the entries of the program in its tables. How many entries a table has room
    /// for is what `size_of` says; what the program says is [`ir::Table::size`].
    pub fn new(program: Arc<Program>, size_of: impl Fn(&ir::Table) -> u64) -> Switch {
        let tables = Tables::new(program.ir(), size_of);
        let externs = Externs::new(program.ir());
        Switch {
            program,
            tables: ArcSwap::from_pointee(tables),
            writer: Mutex::new(()),
            externs,
            clock: None,
            log: None,
            drops: DropCounters::default(),
        }
    }

    /// Takes the time for `ingress_global_timestamp` and the like from there. Without a clock it
    /// is always 0.
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Switch {
        self.clock = Some(clock);
        self
    }

    /// Hands the lines that the program logs with `log_msg` to somebody.
    #[must_use]
    pub fn with_log(mut self, log: impl Fn(&str) + Send + Sync + 'static) -> Switch {
        self.log = Some(Arc::new(log));
        self
    }

    /// The program.
    pub fn program(&self) -> &Arc<Program> {
        &self.program
    }

    /// The tables at this moment.
    pub fn tables(&self) -> Arc<Tables> {
        self.tables.load_full()
    }

    /// Does a write. Packets that come afterwards see it.
    ///
    /// # Errors
    ///
    /// If it does not fit the table or what is in it; nothing has changed then.
    pub fn write(&self, write: &Write) -> Result<(), WriteError> {
        self.write_batch_atomic(std::slice::from_ref(write)).map_err(|(_, error)| error)
    }

    /// Does all the writes, in their order, or none of them. A packet sees all or none.
    ///
    /// # Errors
    ///
    /// The first that cannot be done, by its place, and why; nothing has changed then.
    pub fn write_batch_atomic(&self, writes: &[Write]) -> Result<(), (usize, WriteError)> {
        self.change_tables(|tables| {
            let mut writes = writes.iter().enumerate();
            writes.try_for_each(|(place, write)| {
                tables.perform(write).map_err(|error| (place, error))
            })
        })
    }

    /// Does all the writes that can be done, in their order, and tells of each what became of it.
    /// A packet sees all that were done or none.
    pub fn write_batch(&self, writes: &[Write]) -> Vec<Result<(), WriteError>> {
        let done = self.change_tables(|tables| {
            Ok::<_, Infallible>(writes.iter().map(|write| tables.perform(write)).collect())
        });
        let Ok(results) = done;
        results
    }

    /// Changes the tables in whatever way, on a copy which costs next to nothing. If that comes to
    /// an error, nothing has changed; else packets see all that changed at once. Other writers wait
    /// meanwhile, packets do not.
    ///
    /// # Errors
    ///
    /// Those of the change.
    pub fn change_tables<T, E>(
        &self,
        change: impl FnOnce(&mut Tables) -> Result<T, E>,
    ) -> Result<T, E> {
        let _only_one = self.writer.lock();
        let mut tables = Tables::clone(&self.tables.load());
        let result = change(&mut tables)?;
        self.tables.store(Arc::new(tables));
        Ok(result)
    }

    /// What a thread needs to run packets.
    pub fn runner(&self) -> Runner {
        let scratch = self.program.executable().scratch();
        Runner { program: Arc::clone(&self.program), scratch }
    }

    /// The runner's room, made anew if it was for another program.
    fn room<'r>(&self, runner: &'r mut Runner) -> &'r mut Scratch {
        if !Arc::ptr_eq(&runner.program, &self.program) {
            *runner = self.runner();
        }
        &mut runner.scratch
    }

    /// Runs a packet that came in by a port, and hands what goes out to `emit`, with its port.
    ///
    /// Any packet of any length is fine: what the program cannot take is dropped and counted.
    pub fn process(
        &self,
        runner: &mut Runner,
        port: u16,
        packet: &[u8],
        emit: &mut dyn FnMut(u16, &[u8]),
    ) -> Verdict {
        let tables = self.tables.load();
        let input = self.input(port, packet, &tables, true);
        let scratch = self.room(runner);
        let verdict = self.program.executable().run(input, scratch, &mut Silent, emit);
        self.count(&verdict);
        verdict
    }

    /// Runs a packet as [`Switch::process`] does, counting it, and tells what happened.
    pub fn process_traced(
        &self,
        runner: &mut Runner,
        port: u16,
        packet: &[u8],
        emit: &mut dyn FnMut(u16, &[u8]),
    ) -> Trace {
        let tables = self.tables.load();
        let input = self.input(port, packet, &tables, true);
        let trace = self.traced(input, self.room(runner), emit);
        self.count(&trace.verdict);
        trace
    }

    /// Tells what would happen to a packet. Nothing is counted, and no register changes: a program
    /// that reads what it has just written to one reads the old value here.
    pub fn trace(&self, port: u16, packet: &[u8]) -> Trace {
        let tables = self.tables.load();
        let mut scratch = self.program.executable().scratch();
        self.traced(self.input(port, packet, &tables, false), &mut scratch, &mut |_, _| {})
    }

    fn traced(
        &self,
        input: Input<'_>,
        scratch: &mut Scratch,
        emit: &mut dyn FnMut(u16, &[u8]),
    ) -> Trace {
        let mut events = Vec::new();
        let verdict = self.program.executable().run(input, scratch, &mut events, emit);
        Trace { events, verdict }
    }

    fn input<'r>(
        &'r self,
        port: u16,
        packet: &'r [u8],
        tables: &'r Tables,
        is_real: bool,
    ) -> Input<'r> {
        let (clock, log) = (self.clock.as_ref(), self.log.as_ref().filter(|_| is_real));
        Input { port, packet, tables, externs: &self.externs, clock, log, is_real }
    }

    fn count(&self, verdict: &Verdict) {
        let Verdict::Dropped(reason) = verdict else { return };
        let counter = match reason {
            DropReason::Marked(_) | DropReason::DropPort { .. } => &self.drops.program,
            DropReason::Multicast { .. } => &self.drops.multicast,
            DropReason::AssertionFailed { .. } => &self.drops.assertion_failed,
            DropReason::NoSuchPort { .. } => &self.drops.no_such_port,
            DropReason::TooLong { .. } => &self.drops.too_long,
            DropReason::TooManySteps => &self.drops.too_many_steps,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// How many packets were dropped.
    pub fn drops(&self) -> Drops {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let DropCounters {
            program,
            multicast,
            assertion_failed,
            no_such_port,
            too_long,
            too_many_steps,
        } = &self.drops;
        Drops {
            program: read(program),
            multicast: read(multicast),
            assertion_failed: read(assertion_failed),
            no_such_port: read(no_such_port),
            too_long: read(too_long),
            too_many_steps: read(too_many_steps),
        }
    }

    /// What a counter of an array has counted; none if there is no such counter. Direct counters
    /// are with the entries: [`Entry::counter`](crate::table::Entry::counter).
    pub fn counter(&self, counter: ExternId, index: u64) -> Option<Count> {
        self.externs.counted(counter, index)
    }

    /// Makes it as if a counter had counted so much; whether there is such a counter.
    pub fn set_counter(&self, counter: ExternId, index: u64, count: Count) -> bool {
        self.externs.set_counter(counter, index, count)
    }

    /// The value of an element of a register; none if there is no such element.
    pub fn register(&self, register: ExternId, index: u64) -> Option<u128> {
        self.externs.register(register.0)?.read(index.into())
    }

    /// Changes an element of a register, to the bits that fit; whether there is such an element.
    pub fn set_register(&self, register: ExternId, index: u64, value: u128) -> bool {
        let register = self.externs.register(register.0);
        register.and_then(|register| register.write(index.into(), value)).is_some()
    }
}
