//! The soft switch as a process of its own, in the switch's place.

use super::namespace::Namespace;
use super::network::{Port, ports};
use anyhow::{Context, Result, bail};
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// A process that moves the packets. Dropped, it is killed.
pub(crate) struct SwitchProcess {
    child: Child,
    folder: TempDir,
}

impl SwitchProcess {
    /// Starts it, without a program, and waits until it can be driven.
    pub(crate) fn start(dpd: &Path, place: &Namespace) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let source = dpd_replay::nat_program(1024, 1024, 0);
        fs::write(folder.path().join("nat.p4info.txtpb"), dpd_replay::p4info(&source)?)?;
        fs::write(folder.path().join("nat.p4"), source)?;
        let ports = ports().flat_map(|Port { number, interface, .. }| {
            ["--port".to_owned(), format!("{number}={interface}")]
        });
        let mut child = Command::new("ip")
            .args(["netns", "exec", place.name()])
            // It does not outlive this program, even if that is killed.
            .args(["setpriv", "--pdeathsig", "KILL"])
            .arg(dpd)
            .args(["softswitch", "--p4rt-listen", "unix:p4rt.sock"])
            .args(ports)
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(folder.path().join("log"))?)
            .spawn()
            .with_context(|| format!("cannot start {}", dpd.display()))?;
        let stdout = child.stdout.take().context("the switch has no standard output")?;
        // From here on the child is killed if anything fails.
        let process = Self { child, folder };
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        if !line.starts_with("p4runtime on ") {
            bail!("the switch does not start: {}", process.log());
        }
        Ok(process)
    }

    /// What the daemon is told of it, in its configuration.
    pub(crate) fn settings(&self) -> String {
        let path = |name| -> PathBuf { self.folder.path().join(name) };
        format!(
            "asic = \"p4runtime=unix:{}\"\np4info = \"{}\"\ndevice-config = \"{}\"\n",
            path("p4rt.sock").display(),
            path("nat.p4info.txtpb").display(),
            path("nat.p4").display()
        )
    }

    /// What the log last said of a port: that it is up, or why not.
    pub(crate) fn port_state(&self, port: &Port) -> String {
        let is = format!("port {} ({}) is ", port.number, port.interface);
        let log = self.log();
        let said = log.lines().rev().find_map(|line| line.split_once(&is));
        match said {
            Some((_, state)) if state.starts_with("up") => "up".to_owned(),
            Some((_, state)) if state.contains("no such interface") => "missing".to_owned(),
            Some((_, state)) => state.to_owned(),
            None => "not told of".to_owned(),
        }
    }

    /// All that it logged.
    pub(crate) fn log(&self) -> String {
        let log = self.folder.path().join("log");
        fs::read_to_string(log).unwrap_or_else(|error| error.to_string())
    }
}

impl Drop for SwitchProcess {
    fn drop(&mut self) {
        // It may have ended already, which is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
