//! Measures a dpd daemon from outside; see `dpd-bench --help`.
//!
//! The daemon is a process of its own, this very program run again, so that its processor time and
//! memory are its alone. [`flow`] holds what a client does in a pass, [`measure`] does it over and
//! over and notes what it took, and [`report`] says so, beside what a daemon should reach.

mod arguments;

mod workload;

mod connection;
mod flow;

mod daemon;
mod machine;
mod process;

mod measure;
mod statistics;

mod report;

use anyhow::Context as _;
use arguments::{Arguments, Bench, Part, Task};
use clap::Parser as _;
use machine::MachineReading;
use measure::{cpu, durable, memory, p4runtime, packets, passes, progress::Progress, readers};
use report::Report;
use std::fs;
use std::io::Write as _;

fn main() -> anyhow::Result<()> {
    let Arguments { task, bench } = Arguments::parse();
    match task {
        Some(Task::Daemon(run)) => daemon::serve(*run),
        Some(Task::Switch(switch)) => daemon::serve_switch(*switch),
        None => run(&bench),
    }
}

fn run(bench: &Bench) -> anyhow::Result<()> {
    let progress = Progress::start();
    let before = MachineReading::now()?;
    let mut report = Report::new(bench);
    if bench.parts().any(|part| part.is_of_one_daemon()) {
        let daemon = bench.start_daemon(passes::ROWS)?;
        if bench.has(Part::PerEntry) || bench.has(Part::Ensure) {
            report.passes = passes::measure(&daemon, bench, &progress)?;
        }
        if bench.has(Part::Cpu) {
            report.cpu = Some(cpu::measure(&daemon, bench, &progress)?);
        }
        if bench.has(Part::Readers) {
            report.readers = Some(readers::measure(&daemon, bench, &progress)?);
        }
        daemon.stop()?;
    }
    if bench.has(Part::Memory) {
        report.memory = Some(memory::measure(bench, &progress)?);
    }
    if bench.has(Part::Packets) {
        report.packets = Some(packets::measure(bench, &progress)?);
    }
    if bench.has(Part::P4runtime) {
        report.p4runtime = Some(p4runtime::measure(bench, &progress)?);
    }
    if bench.has(Part::Durable) {
        report.durable = Some(durable::measure(bench, &progress)?);
    }
    report.others = MachineReading::now()?.others_since(&before);
    report.judge();
    if let Some(path) = &bench.json {
        let json = serde_json::to_vec_pretty(&report)?;
        fs::write(path, json).with_context(|| format!("cannot write {}", path.display()))?;
    }
    writeln!(std::io::stdout(), "{report}").context("cannot write to standard output")
}
