//! The commands.

mod ensure;
mod forwarding;
mod group;
mod nat;
mod packet;
mod table;

use crate::args::{Args, Command, NatCommand};
use crate::session::Session;
use crate::trouble::{Exit, Trouble};
use clap::CommandFactory;
use std::io::{self, Write};
use std::process::ExitCode;

/// Carries out a command, and says on standard error what went wrong.
pub async fn run(args: Args) -> ExitCode {
    let session = Session::new(&args);
    let Err(trouble) = carry_out(&session, args.command).await else { return Exit::Done.into() };
    let exit = trouble.exit();
    // What differs has been printed, and is no fault of the command.
    if !matches!(exit, Exit::Done | Exit::Differs) {
        let json = session.output.json;
        let text = if json { trouble.for_programs() } else { trouble.for_people() };
        // If even that cannot be printed, the exit code still tells.
        let _ = io::stderr().write_all(text.as_bytes());
    }
    exit.into()
}

async fn carry_out(session: &Session, command: Command) -> Result<(), Trouble> {
    match command {
        Command::Nat(NatCommand::Group(command)) => group::carry_out(session, command).await,
        Command::Nat(command) => nat::carry_out(session, command).await,
        Command::Route(command) => forwarding::route(session, command).await,
        Command::Neighbor(command) => forwarding::neighbor(session, command).await,
        Command::Loopback(command) => forwarding::loopback(session, command).await,
        Command::Port(command) => forwarding::port(session, command).await,
        Command::Packet(command) => packet::carry_out(session, command).await,
        Command::Table(command) => table::carry_out(session, command).await,
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Args::command(), "swadm", &mut script);
            Ok(io::stdout().write_all(&script)?)
        }
    }
}
