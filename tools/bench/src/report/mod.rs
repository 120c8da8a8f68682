//! All numbers of a run, and what they come to.

mod table;
mod target;

use crate::arguments::Bench;
use crate::measure::cpu::CpuReport;
use crate::measure::durable::DurableReport;
use crate::measure::memory::MemoryReport;
use crate::measure::p4runtime::P4RuntimeReport;
use crate::measure::packets::PacketsReport;
use crate::measure::passes::PassReport;
use crate::measure::readers::ReadersReport;
use serde::Serialize;
use std::fmt;
use std::thread::available_parallelism;
use target::Target;

/// All numbers of a run. What was not measured is left out.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Report {
    /// The seed of what was made up.
    seed: u64,
    /// The rounds.
    repeat: usize,
    /// The processors of the machine.
    processors: usize,
    /// The share of their time that others had meanwhile, 0 to 1.
    pub(crate) others: f64,
    /// Passes of clients.
    pub(crate) passes: Vec<PassReport>,
    /// The processor time of a large ensure.
    pub(crate) cpu: Option<CpuReport>,
    /// The latency of views.
    pub(crate) readers: Option<ReadersReport>,
    /// The memory of a daemon that holds much.
    pub(crate) memory: Option<MemoryReport>,
    /// Packets through the P4 program.
    pub(crate) packets: Option<PacketsReport>,
    /// A switch in a process of its own.
    pub(crate) p4runtime: Option<P4RuntimeReport>,
    /// What is on disk when it is answered.
    pub(crate) durable: Option<DurableReport>,
    /// What a daemon should reach.
    targets: Vec<Target>,
}

impl Report {
    /// No numbers yet.
    pub(crate) fn new(bench: &Bench) -> Self {
        Self {
            seed: bench.seed,
            repeat: bench.repeat.get(),
            processors: available_parallelism().map_or(1, |count| count.get()),
            others: 0.0,
            passes: Vec::new(),
            cpu: None,
            readers: None,
            memory: None,
            packets: None,
            p4runtime: None,
            durable: None,
            targets: Vec::new(),
        }
    }

    /// Compares what was measured with what a daemon should reach.
    pub(crate) fn judge(&mut self) {
        self.targets = target::judge(self);
    }
}

/// The most that others may have of a machine that is quiet.
const QUIET: f64 = 0.1;

/// Tables for people.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            seed,
            repeat,
            processors,
            others,
            passes,
            cpu,
            readers,
            memory,
            packets,
            p4runtime,
            durable,
            targets,
        } = self;
        let percent = others * 100.0;
        write!(f, "seed {seed}, {repeat} rounds, {processors} processors, ")?;
        write!(f, "of which other work had {percent:.0} %")?;
        if *others > QUIET {
            f.write_str(": better measure on a quiet machine")?;
        }
        let sections = [
            ("Passes of clients", (!passes.is_empty()).then(|| table::passes(passes))),
            ("Processor time of an ensure that changes nothing", cpu.as_ref().map(table::cpu)),
            ("Memory of the daemon", memory.as_ref().map(table::memory)),
            ("Readers beside a writer", readers.as_ref().map(table::readers)),
            ("Packets through the P4 program", packets.as_ref().map(table::packets)),
            ("A switch in a process of its own", p4runtime.as_ref().map(table::p4runtime)),
            ("On disk when it is answered", durable.as_ref().map(table::durable)),
            ("Targets", (!targets.is_empty()).then(|| table::targets(targets))),
        ];
        for (title, table) in sections {
            if let Some(table) = table {
                write!(f, "\n\n{title}\n{table}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
