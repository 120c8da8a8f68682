//! Debian packages that tests need and a machine may lack.

use anyhow::{Context, Result, ensure};
use std::process::Command;

/// Installs packages with `apt-get`, for which one has to be root.
pub(crate) fn install(packages: &[&str]) -> Result<()> {
    let shown = packages.join(", ");
    println!("installing {shown}");
    let options: &[&str] = &["install", "--yes", "--no-install-recommends"];
    apt_get(&["update"])
        .and_then(|()| apt_get(&[options, packages].concat()))
        .with_context(|| format!("these packages are needed: {shown}"))
}

fn apt_get(arguments: &[&str]) -> Result<()> {
    let output = Command::new("apt-get").args(arguments).output().context("cannot run apt-get")?;
    let (text, error) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    ensure!(
        output.status.success(),
        "`apt-get {}` ended with {}: {}{}",
        arguments.join(" "),
        output.status,
        text.trim(),
        error.trim()
    );
    Ok(())
}
