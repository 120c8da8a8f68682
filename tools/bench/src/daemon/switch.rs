//! A soft switch in a process of its own, from both sides.

use super::child::{first_line, this_program};
use anyhow::{Context as _, bail, ensure};
use dpd::cli::SoftswitchArguments;
use dpd::{SwitchProcess as Served, logger};
use std::io::{self, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin};
use tempfile::TempDir;

/// A switch without a program, in a process of its own. It ends when this is dropped.
pub(crate) struct SwitchProcess {
    child: Child,
    /// The switch runs until this is closed.
    stdin: Option<ChildStdin>,
    address: String,
    _directory: TempDir,
}

impl SwitchProcess {
    /// Starts it on a Unix socket, and waits until it serves controllers.
    pub(crate) fn start(log: Option<&Path>) -> anyhow::Result<Self> {
        let directory = tempfile::tempdir()?;
        let socket = format!("unix:{}", directory.path().join("p4rt").display());
        let mut child = this_program("switch", log)?
            .args(["--p4rt-listen", &socket])
            .spawn()
            .context("cannot start the switch")?;
        let stdin = child.stdin.take();
        let line = first_line(&mut child)?;
        match line.trim_end().strip_prefix(ANNOUNCEMENT) {
            Some(address) => {
                Ok(Self { address: address.to_owned(), child, stdin, _directory: directory })
            }
            None => {
                child.kill()?;
                bail!("the switch does not start; see what it says with `--daemon-log FILE`");
            }
        }
    }

    /// Where it is driven.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Stops it, and waits until it has.
    pub(crate) fn stop(mut self) -> anyhow::Result<()> {
        drop(self.stdin.take());
        let status = self.child.wait()?;
        ensure!(status.success(), "the switch failed: {status}");
        Ok(())
    }
}

impl Drop for SwitchProcess {
    fn drop(&mut self) {
        // One that has stopped already cannot be killed, which is fine.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a switch until standard input ends.
pub(crate) fn serve_switch(arguments: SoftswitchArguments) -> anyhow::Result<()> {
    let settings = arguments.resolve()?;
    let runtime = tokio::runtime::Runtime::new().context("cannot start the runtime")?;
    runtime.block_on(async {
        let switch = Served::start(&settings, logger(settings.log))?;
        let switch = switch.context("the switch has nowhere to listen")?;
        for address in switch.addresses() {
            writeln!(io::stdout(), "{ANNOUNCEMENT}{address}")?;
        }
        let ended = tokio::task::spawn_blocking(|| io::copy(&mut io::stdin(), &mut io::sink()));
        switch.serve(async { drop(ended.await) }).await;
        Ok(())
    })
}

const ANNOUNCEMENT: &str = "p4runtime on ";
