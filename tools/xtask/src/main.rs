//! The demo and the chores of this repository: see `cargo xtask --help`.

mod build;
mod daemon;
mod demo;
mod e2e;
mod foreign;
mod packages;
mod replay;
mod simulate;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// The demo and the chores of this repository.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Debug, Subcommand)]
enum Chore {
    /// Start a daemon, take two groups through a few generations, send packets before and after each
    /// to see where they go, and show every command with its answer.
    ///
    /// Fails if an answer is not the one that the demo tells of.
    Demo {
        /// Show every step of the P4 program of each packet: states, headers, tables, drops.
        #[arg(long)]
        trace: bool,
    },
    /// Send packets from an ordinary client outside through the switch to ordinary servers on two
    /// sleds, each in a network namespace, while groups change.
    ///
    /// Needs root, and installs what it needs of iproute2, ethtool and iputils-ping.
    E2e(e2e::Options),
    /// Drive `dpd softswitch` with P4Runtime clients that others have made: the P4Runtime shell and
    /// finsy.
    ///
    /// Needs python3 with venv, and PyPI for the clients, which are kept in target/foreign. As root it
    /// installs python3-venv if that is missing.
    Foreign(foreign::Options),
    /// Fetch a group's changes from a running daemon and replay them on a fresh switch, write by
    /// write and packet by packet.
    ///
    /// After each table write, packets to every bound of every range of both generations have to be
    /// forwarded as before or as after; at the end of each step, as the new generation says. What
    /// is not so is shown with the write, the packet and the trace of what the P4 program did to
    /// it, and the exit code is 1. On the fresh switch any range takes one row, whatever it takes on
    /// the daemon's device.
    Replay(replay::Arguments),
    /// Simulate the daemon's core, step by step and by seed: clients that contradict each other, a
    /// switch and a disk that fail, crashes in the midst of everything, restarts.
    ///
    /// After each step all is compared with a simple model, and after each table write packets are
    /// sent. A broken rule is shown with what led to it and how to replay it, and the exit code is 1.
    Simulate(simulate::Arguments),
}

fn main() -> ExitCode {
    let Arguments { chore } = Arguments::parse();
    let result = match chore {
        Chore::Demo { trace } => demo::run(trace),
        Chore::E2e(options) => e2e::run(&options),
        Chore::Foreign(options) => foreign::run(&options),
        Chore::Replay(arguments) => replay::run(&arguments),
        Chore::Simulate(arguments) => simulate::run(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
