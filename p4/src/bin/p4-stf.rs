//! Runs test scripts in the form of p4c's test suite on a P4 program.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use p4::Program;
use p4::stf::{self, ScriptError};

/// Run STF test scripts on a P4_16 program for v1model.
///
/// Each script runs on a switch of its own. The exit status is 0 if all have passed, 1 if one has
/// failed or cannot be run or the program is wrong, and 2 if a script or the program says what is
/// not supported.
#[derive(Debug, Parser)]
#[command(name = "p4-stf", version)]
struct Arguments {
    /// Where to look for included files.
    #[arg(short = 'I', long = "include", value_name = "DIR")]
    include: Vec<PathBuf>,

    /// Tell what the switch does with each packet, step by step.
    #[arg(long)]
    trace: bool,

    /// The program.
    #[arg(value_name = "PROGRAM.p4")]
    program: PathBuf,

    /// The scripts.
    #[arg(value_name = "TEST.stf", required = true)]
    scripts: Vec<PathBuf>,
}

/// How a script ended; the worst counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Passed,
    NotSupported,
    Failed,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> ExitCode {
        ExitCode::from(match outcome {
            Outcome::Passed => 0,
            Outcome::Failed => 1,
            Outcome::NotSupported => 2,
        })
    }
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // A status of 2, which clap has for wrong arguments, says something else here.
            let outcome = if error.use_stderr() { Outcome::Failed } else { Outcome::Passed };
            // Where nobody listens there is nothing to say.
            let _ = error.print();
            return outcome.into();
        }
    };
    let program = match Program::load(&arguments.program, &arguments.include) {
        Ok(program) => Arc::new(program),
        Err(invalid) => {
            eprintln!("{invalid}");
            let is_unsupported = invalid.is_unsupported();
            return if is_unsupported { Outcome::NotSupported } else { Outcome::Failed }.into();
        }
    };
    let outcomes = arguments.scripts.iter().map(|path| run(&program, path, arguments.trace));
    outcomes.max().unwrap_or(Outcome::Passed).into()
}

fn run(program: &Arc<Program>, path: &Path, is_traced: bool) -> Outcome {
    let name = path.display();
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            eprintln!("{name}: {error}");
            return Outcome::Failed;
        }
    };
    let mut sent = |packet: stf::SentPacket<'_>| {
        if is_traced {
            println!("{}: packet", packet.position);
            packet.trace.lines().for_each(|line| println!("  {line}"));
        }
    };
    match stf::run(program, &name.to_string(), &text, &mut sent) {
        Ok(()) => {
            println!("{name}: passed");
            Outcome::Passed
        }
        Err(error) => {
            eprintln!("{error}");
            match error {
                ScriptError::Invalid(_) if error.is_unsupported() => Outcome::NotSupported,
                ScriptError::Invalid(_) | ScriptError::Failed(_) => Outcome::Failed,
            }
        }
    }
}
