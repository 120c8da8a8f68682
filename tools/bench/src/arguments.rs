//! The command line.

use crate::daemon::DaemonProcess;
use clap::{Args, Parser, Subcommand, ValueEnum};
use dpd::cli::{RunArguments, SoftswitchArguments};
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// Measures what a dpd daemon costs its clients, its processor and its memory.
///
/// Starts a daemon on a free port, as a process of its own, and drives it as clients do: through
/// the per-entry operations (list the addresses, list the entries of each, compare, delete, put)
/// and through groups (one ensure, one view). Ends with a table of what each pass took and with the
/// ratios that a daemon should reach, each marked as met or missed; the exit code does not depend
/// on them. Numbers of one run compare well with each other, those of different machines do not.
///
/// Build it with `--release`. All parts together take a few minutes.
#[derive(Debug, Parser)]
#[command(
    name = "dpd-bench",
    version,
    max_term_width = 100,
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true
)]
pub(crate) struct Arguments {
    /// What else to be than a bench.
    #[command(subcommand)]
    pub(crate) task: Option<Task>,
    /// What to measure, and how.
    #[command(flatten)]
    pub(crate) bench: Bench,
}

/// What this program runs itself as.
#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    /// The daemon that is measured. It runs until standard input ends.
    #[command(hide = true)]
    Daemon(Box<RunArguments>),
    /// The switch that is measured. It runs until standard input ends.
    #[command(hide = true)]
    Switch(Box<SoftswitchArguments>),
}

/// What to measure, and how.
#[derive(Args, Clone, Debug)]
pub(crate) struct Bench {
    /// Measure these parts alone [default: all]
    #[arg(long, value_enum, value_delimiter = ',', value_name = "PARTS")]
    pub(crate) only: Vec<Part>,
    /// How many entries the passes have, each on an address of its own; the per-entry operations
    /// are driven with at most 1000. The targets are for 1000
    #[arg(
        long,
        value_delimiter = ',',
        value_name = "NUMBERS",
        default_values = ["10", "100", "1000", "10000", "100000"],
        value_parser = clap::value_parser!(u32).range(1..=100_000)
    )]
    pub(crate) sizes: Vec<u32>,
    /// How many rounds to measure; of all that they take, the medians are reported
    #[arg(long, value_name = "N", default_value = "5")]
    pub(crate) repeat: NonZeroUsize,
    /// How long readers are timed while a writer keeps the daemon busy
    #[arg(
        long,
        value_name = "SECONDS",
        default_value = "20",
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    pub(crate) readers_seconds: u32,
    /// The seed of all that is made up; the same seed makes the same entries and changes
    #[arg(long, value_name = "NUMBER", default_value = "1")]
    pub(crate) seed: u64,
    /// Write all numbers to this file too, as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Write the daemon's log to this file [default: thrown away]
    #[arg(long, value_name = "FILE")]
    pub(crate) daemon_log: Option<PathBuf>,
}

/// Something to measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// Passes of a client of the per-entry operations
    PerEntry,
    /// Passes of a client of a group
    Ensure,
    /// The processor time of an ensure of 100,000 entries, against parsing its body
    Cpu,
    /// The memory of a daemon with 1,000,000 mappings in ten groups
    Memory,
    /// The latency of 500 views a second while a writer keeps the daemon busy
    Readers,
    /// Packets through the P4 program, alone and beside writes, and loading it
    Packets,
    /// A soft switch in a process of its own: table entries and ensures over P4Runtime
    P4runtime,
    /// Ensures that are on disk when they are answered, and starting with 1,000,000 mappings on disk
    Durable,
}

impl Part {
    /// Whether it is measured on a daemon that it shares with others.
    pub(crate) fn is_of_one_daemon(self) -> bool {
        match self {
            Self::PerEntry | Self::Ensure | Self::Cpu | Self::Readers => true,
            Self::Memory | Self::Packets | Self::P4runtime | Self::Durable => false,
        }
    }
}

impl Bench {
    /// The parts to measure.
    pub(crate) fn parts(&self) -> impl Iterator<Item = Part> + '_ {
        Part::value_variants().iter().copied().filter(|part| self.has(*part))
    }

    /// Whether this part is to be measured.
    pub(crate) fn has(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }

    /// A fresh daemon whose tables have this many rows each.
    pub(crate) fn start_daemon(&self, rows: u32) -> anyhow::Result<DaemonProcess> {
        DaemonProcess::start(rows, self.daemon_log.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    fn bench(arguments: &[&str]) -> Bench {
        let arguments = ["dpd-bench"].iter().chain(arguments);
        Arguments::try_parse_from(arguments).unwrap().bench
    }

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn all_parts_are_measured_unless_some_are_chosen() {
        assert_eq!(bench(&[]).parts().count(), Part::value_variants().len());
        let chosen: Vec<Part> = bench(&["--only", "readers,per-entry"]).parts().collect();
        assert_eq!(chosen, [Part::PerEntry, Part::Readers]);
    }

    #[test]
    fn the_daemon_is_not_for_people() {
        let help = Arguments::command().render_long_help().to_string();
        assert!(!help.contains("daemon that is measured"), "{help}");
        let daemon = ["dpd-bench", "daemon", "--nat-rows", "7"];
        let Some(Task::Daemon(run)) = Arguments::try_parse_from(daemon).unwrap().task else {
            panic!("no daemon");
        };
        assert!(run.nat_rows.is_some());
    }
}
