//! `dpd`: see `dpd --help`.

use clap::Parser;
use dpd::cli::{Action, Arguments, Run};
use dpd::{Daemon, logger};
use std::error::Error;
use std::io::Write as _;
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

fn main() -> ExitCode {
    let Action::Run(arguments) = Arguments::parse().action;
    let result = arguments.resolve().map_err(Into::into).and_then(run);
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("dpd: {error}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run(run: Run) -> Result<(), Box<dyn Error>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let device = run.device()?;
    let daemon = Daemon::start(run.options, device, logger(run.log))?;
    for address in daemon.addresses() {
        // Whoever started the daemon may not care to read this.
        let _ = writeln!(std::io::stdout(), "listening on http://{address}");
    }
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    daemon.close().await;
    Ok(())
}
