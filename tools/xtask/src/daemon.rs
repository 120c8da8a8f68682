//! A daemon of one's own, for as long as it is needed.

use anyhow::{Context, Result, ensure};
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// A running daemon. Dropped without [`Daemon::stop`], it is killed.
pub(crate) struct Daemon {
    child: Child,
    address: SocketAddr,
    /// Where it keeps its state.
    _state: TempDir,
}

impl Daemon {
    /// Starts a daemon with this configuration on a free port and waits until it serves requests.
    pub(crate) fn start(dpd: &Path, config: &Path) -> Result<Self> {
        let state = tempfile::tempdir()?;
        let mut child = Command::new(dpd)
            .args(["run", "--listen", "127.0.0.1:0", "--log-level", "warning", "--config"])
            .arg(config)
            .arg("--state-dir")
            .arg(state.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", dpd.display()))?;
        let stdout = child.stdout.take().context("the daemon has no standard output")?;
        // From here on the child is killed if anything fails.
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut daemon = Self { child, address, _state: state };
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        daemon.address = line
            .trim()
            .strip_prefix("listening on http://")
            .and_then(|address| address.parse().ok())
            .with_context(|| format!("the daemon did not say where it listens, but {line:?}"))?;
        Ok(daemon)
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Asks it to stop, and waits until it has.
    pub(crate) fn stop(mut self) -> Result<()> {
        kill_process(Pid::from_child(&self.child), Signal::TERM)?;
        let status = self.child.wait()?;
        ensure!(status.success(), "the daemon stopped with {status}");
        Ok(())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended already, which is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
