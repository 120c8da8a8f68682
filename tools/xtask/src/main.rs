//! The demo and the chores of this repository: see `cargo xtask --help`.

mod build;
mod daemon;
mod demo;

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
    /// Start a daemon, take two groups through a few generations, and show every command with its
    /// answer.
    ///
    /// Fails if an answer is not the one that the demo tells of.
    Demo,
}

fn main() -> ExitCode {
    let Arguments { chore } = Arguments::parse();
    let result = match chore {
        Chore::Demo => demo::run(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
