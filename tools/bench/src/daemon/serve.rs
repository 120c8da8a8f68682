//! The daemon's side.

use anyhow::Context as _;
use dpd::cli::RunArguments;
use dpd::{Daemon, logger};
use std::io::{self, Write as _};

/// Runs a daemon until standard input ends, which it does when the bench ends, however that comes.
pub(crate) fn serve(arguments: RunArguments) -> anyhow::Result<()> {
    let run = arguments.resolve()?;
    let runtime = tokio::runtime::Runtime::new().context("cannot start the runtime")?;
    runtime.block_on(async {
        let log = logger(run.log);
        let state = run.state()?;
        let device = run.device(&log)?;
        let daemon = Daemon::start(run.options, state, device, log)?;
        for address in daemon.addresses() {
            writeln!(io::stdout(), "listening on http://{address}")?;
        }
        tokio::task::spawn_blocking(|| io::copy(&mut io::stdin(), &mut io::sink())).await??;
        daemon.close().await;
        Ok(())
    })
}
