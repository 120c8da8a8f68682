//! The bench's side.

use crate::process::Process;
use anyhow::{Context as _, bail, ensure};
use std::env;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use tempfile::TempDir;

/// A daemon in a process of its own. It ends when this is dropped.
pub(crate) struct DaemonProcess {
    child: Child,
    /// The daemon runs until this is closed.
    stdin: Option<ChildStdin>,
    address: SocketAddr,
    process: Process,
    /// Where it keeps its state, if that is to go with it.
    _state: Option<TempDir>,
}

impl DaemonProcess {
    /// Starts a daemon whose tables have `rows` rows each, and waits until it serves requests.
    pub(crate) fn start(rows: u32, log: Option<&Path>) -> anyhow::Result<Self> {
        Self::start_with(&["--nat-rows".to_owned(), rows.to_string()], log)
    }

    /// Starts a daemon with these arguments, and waits until it serves requests.
    pub(crate) fn start_with(arguments: &[String], log: Option<&Path>) -> anyhow::Result<Self> {
        let state = tempfile::tempdir().context("cannot make a folder for the state")?;
        let mut daemon = Self::start_in(state.path(), arguments, log)?;
        daemon._state = Some(state);
        Ok(daemon)
    }

    /// The same, with the state in a folder that stays.
    pub(crate) fn start_in(
        state: &Path,
        arguments: &[String],
        log: Option<&Path>,
    ) -> anyhow::Result<Self> {
        let mut command = this_program("daemon", log)?;
        let mut child = command
            .args(["--listen", "127.0.0.1:0", "--state-dir"])
            .arg(state)
            .args(arguments)
            .spawn()
            .context("cannot start the daemon")?;
        let process = Process::new(child.id());
        let stdin = child.stdin.take();
        let line = first_line(&mut child)?;
        match address(&line) {
            Some(address) => Ok(Self { child, stdin, address, process, _state: None }),
            None => {
                child.kill()?;
                bail!("the daemon does not start; see what it says with `--daemon-log FILE`");
            }
        }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it costs.
    pub(crate) fn process(&self) -> &Process {
        &self.process
    }

    /// Kills it, and waits until it has ended.
    pub(crate) fn kill(mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Stops it, and waits until it has.
    pub(crate) fn stop(mut self) -> anyhow::Result<()> {
        drop(self.stdin.take());
        let status = self.child.wait()?;
        ensure!(status.success(), "the daemon failed: {status}");
        Ok(())
    }
}

impl Drop for DaemonProcess {
    fn drop(&mut self) {
        // One that has stopped already cannot be killed, which is fine.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// This program as something else than a bench, which ends with its standard input.
pub(super) fn this_program(task: &str, log: Option<&Path>) -> anyhow::Result<Command> {
    let stderr = match log {
        Some(path) => File::options()
            .create(true)
            .append(true)
            .open(path)
            .with_context(|| format!("cannot write {}", path.display()))?
            .into(),
        None => Stdio::null(),
    };
    let mut command = Command::new(env::current_exe().context("cannot find this program")?);
    command.arg(task).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(stderr);
    Ok(command)
}

/// What a process says first.
pub(super) fn first_line(child: &mut Child) -> anyhow::Result<String> {
    let mut line = String::new();
    if let Some(stdout) = child.stdout.take() {
        BufReader::new(stdout).read_line(&mut line)?;
    }
    Ok(line)
}

/// The address in the line that a daemon prints once it serves requests.
fn address(line: &str) -> Option<SocketAddr> {
    line.trim_end().strip_prefix("listening on http://")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_daemon_says_where_it_listens() {
        let line = "listening on http://127.0.0.1:4711\n";
        assert_eq!(address(line), Some(SocketAddr::from(([127, 0, 0, 1], 4711))));
        assert_eq!(address(""), None);
        assert_eq!(address("dpd: cannot listen"), None);
    }
}
