//! `dpd`: see `dpd --help`.

use clap::Parser;
use dpd::cli::{Action, Arguments, Run, Softswitch};
use dpd::{Daemon, SwitchProcess, logger};
use std::error::Error;
use std::future::Future;
use std::io::{self, Write as _};
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

fn main() -> ExitCode {
    let result = match Arguments::parse().action {
        Action::Run(arguments) => arguments.resolve().map_err(Into::into).and_then(run),
        Action::Softswitch(arguments) => {
            arguments.resolve().map_err(Into::into).and_then(run_switch)
        }
    };
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
    let log = logger(run.log);
    let state = run.state()?;
    // It may have to wait for a switch; a signal still ends the program then as it ends any.
    let device = run.device(&log)?;
    let told_to_end = told_to_end()?;
    let mut daemon = Daemon::start(run.options, state, device, log)?;
    for address in daemon.addresses() {
        // Whoever started the daemon may not care to read this.
        let _ = writeln!(io::stdout(), "listening on http://{address}");
    }
    let result = tokio::select! {
        () = told_to_end => Ok(()),
        // One that cannot change anything any more had better be started again.
        () = daemon.failed() => Err("the controller has failed; the lines above say at what".into()),
    };
    daemon.close().await;
    result
}

#[tokio::main]
async fn run_switch(settings: Softswitch) -> Result<(), Box<dyn Error>> {
    let told_to_end = told_to_end()?;
    let Some(switch) = SwitchProcess::start(&settings, logger(settings.log))? else {
        return Ok(());
    };
    for address in switch.addresses() {
        let _ = writeln!(io::stdout(), "p4runtime on {address}");
    }
    switch.serve(told_to_end).await;
    Ok(())
}

/// Ends when SIGTERM or SIGINT comes, which no longer end the process.
fn told_to_end() -> io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
