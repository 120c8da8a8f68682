//! Building the programs of this workspace.

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The programs that the demo shows.
pub(crate) struct Programs {
    /// The daemon.
    pub(crate) dpd: PathBuf,
    /// Its command line.
    pub(crate) swadm: PathBuf,
}

/// Builds them. Cargo's own progress goes to the terminal.
pub(crate) fn programs() -> Result<Programs> {
    let [dpd, swadm] = build(["dpd", "swadm"])?;
    Ok(Programs { dpd, swadm })
}

/// Builds the daemon alone.
pub(crate) fn daemon() -> Result<PathBuf> {
    let [dpd] = build(["dpd"])?;
    Ok(dpd)
}

/// Builds programs that are named as their packages are, and says where they are.
fn build<const N: usize>(names: [&str; N]) -> Result<[PathBuf; N]> {
    let packages = names.iter().flat_map(|name| ["--package", name]);
    let output = Command::new(env!("CARGO"))
        .args(["build", "--bins"])
        .args(packages)
        .arg("--message-format=json-render-diagnostics")
        .stderr(Stdio::inherit())
        .output()
        .context("cannot run cargo")?;
    ensure!(output.status.success(), "the programs do not build");
    let text = String::from_utf8(output.stdout).context("cargo wrote something other than text")?;
    let built: Vec<Artifact> = text
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .filter(|artifact: &Artifact| artifact.executable.is_some())
        .collect();
    let find = |name: &str| {
        let artifact = built.iter().find(|artifact| artifact.target.name == name);
        artifact
            .and_then(|artifact| artifact.executable.clone())
            .with_context(|| format!("cargo did not say where it put {name}"))
    };
    let mut programs = Vec::with_capacity(N);
    for name in names {
        programs.push(find(name)?);
    }
    programs.try_into().ok().context("a program is missing")
}

/// What cargo says of something it built.
#[derive(Deserialize)]
struct Artifact {
    target: Target,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}
