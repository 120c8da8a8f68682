//! A script of checks: what it prints is shown, and what it counts is kept.

use super::environment::Environment;
use anyhow::{Context, Result, bail, ensure};
use std::fmt;
use std::ops::AddAssign;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// How long a script may take. It needs some seconds.
const PATIENCE: Duration = Duration::from_secs(300);

/// How many checks passed and how many failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

/// Runs a script and gives what it counted.
pub(crate) async fn run(
    environment: &Environment,
    script: &Path,
    dpd: &Path,
    only: &str,
) -> Result<Found> {
    println!("\n{}", script.display());
    let mut child = Command::new("setpriv")
        // It does not outlive this program, even if that is killed.
        .args(["--pdeathsig", "KILL"])
        .arg(environment.python())
        // What it compiles would be left in the source tree.
        .arg("-B")
        .arg(script)
        .arg("--dpd")
        .arg(dpd)
        .args(["--only", only])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context("cannot run setpriv, of util-linux")?;
    match timeout(PATIENCE, until_it_ends(&mut child)).await {
        Ok(found) => found.with_context(|| format!("{} did not end well", script.display())),
        Err(_) => bail!("{} took longer than {PATIENCE:?} and was killed", script.display()),
    }
}

async fn until_it_ends(child: &mut Child) -> Result<Found> {
    let stdout = child.stdout.take().context("it has no standard output")?;
    let mut lines = BufReader::new(stdout).lines();
    let mut found = None;
    while let Some(line) = lines.next_line().await? {
        println!("{line}");
        found = counted(&line);
    }
    let status = child.wait().await?;
    let found = found.with_context(|| format!("it ended with {status} before it had counted"))?;
    let is_good = found.failed == 0 && found.passed > 0;
    // Of a few checks that one asks for, a client may have none.
    let is_idle = found == Found::default();
    ensure!(status.success() == is_good || is_idle, "it counted {found} and ended with {status}");
    Ok(found)
}

/// What a last line says, as in `12 passed, 0 failed`.
fn counted(line: &str) -> Option<Found> {
    let (passed, failed) = line.split_once(" passed, ")?;
    let failed = failed.strip_suffix(" failed")?;
    Some(Found { passed: passed.parse().ok()?, failed: failed.parse().ok()? })
}

impl AddAssign for Found {
    fn add_assign(&mut self, other: Found) {
        let Found { passed, failed } = other;
        self.passed += passed;
        self.failed += failed;
    }
}

impl fmt::Display for Found {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Found { passed, failed } = self;
        write!(formatter, "{passed} passed, {failed} failed")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_last_line_says_how_many_passed_and_failed() {
        let found = Found { passed: 12, failed: 3 };
        assert_eq!(counted("12 passed, 3 failed"), Some(found));
        assert_eq!(counted(&found.to_string()), Some(found));
    }

    #[test]
    fn other_lines_say_nothing() {
        for line in
            ["", "ok      12 passed, 3 failed", "12 passed, 3 failed.", "-1 passed, 0 failed"]
        {
            assert_eq!(counted(line), None, "{line:?}");
        }
    }
}
