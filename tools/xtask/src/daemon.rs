//! A daemon of one's own, for as long as it is needed.

use anyhow::{Context, Result, ensure};
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// How a daemon is started, and what it keeps from one start to the next.
pub(crate) struct Launcher {
    dpd: PathBuf,
    arguments: Vec<String>,
    state: TempDir,
}

/// A running daemon. Dropped without [`Daemon::stop`], it is killed.
pub(crate) struct Daemon {
    child: Child,
    address: SocketAddr,
}

impl Launcher {
    /// For daemons with this configuration and these arguments besides. Nothing is kept yet.
    pub(crate) fn new(dpd: &Path, config: &Path, arguments: &[String]) -> Result<Self> {
        let config = ["--config".to_owned(), config.display().to_string()];
        let arguments = config.iter().chain(arguments).cloned().collect();
        Ok(Self { dpd: dpd.to_owned(), arguments, state: tempfile::tempdir()? })
    }

    /// Starts a daemon on a free port and waits until it serves requests.
    pub(crate) fn start(&self) -> Result<Daemon> {
        let Self { dpd, arguments, state } = self;
        let mut child = Command::new(dpd)
            .args(["run", "--listen", "127.0.0.1:0", "--log-level", "warning"])
            .args(arguments)
            .arg("--state-dir")
            .arg(state.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", dpd.display()))?;
        let stdout = child.stdout.take().context("the daemon has no standard output")?;
        // From here on the child is killed if anything fails.
        let mut daemon = Daemon { child, address: SocketAddr::from(([127, 0, 0, 1], 0)) };
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        daemon.address = line
            .trim()
            .strip_prefix("listening on http://")
            .and_then(|address| address.parse().ok())
            .with_context(|| format!("the daemon did not say where it listens, but {line:?}"))?;
        Ok(daemon)
    }
}

impl Daemon {
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

    /// Kills it, as `kill -9` does, and waits until it has ended.
    pub(crate) fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
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
