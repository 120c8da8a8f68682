//! The soft switch as a process, driven by P4Runtime clients that others have made.
//!
//! What is checked is in `tests/foreign`, in the language of the clients. Here are the environments
//! that the clients need, and the sum of what they found.

mod environment;
mod script;

use crate::build;
use anyhow::{Context, Result, ensure};
use clap::Args;
use environment::Environment;
use script::Found;
use std::path::{Path, PathBuf};

/// How to run it.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Check the softswitch of this program instead of one that is built first
    #[arg(long, value_name = "PATH")]
    dpd: Option<PathBuf>,
    /// Run the checks with this text in their names
    #[arg(long, value_name = "TEXT", default_value = "")]
    only: String,
}

/// A client that others have made.
struct Client {
    name: &'static str,
    script: &'static str,
}

/// The clients. They need different versions of the same packages, so that each has its own.
static CLIENTS: [Client; 2] = [
    Client { name: "shell", script: "shell.py" },
    Client { name: "finsy", script: "finsy_client.py" },
];

/// Runs all scripts.
pub(crate) fn run(options: &Options) -> Result<()> {
    let Options { dpd, only } = options;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).context("no workspace")?;
    let tests = root.join("tests/foreign");
    environment::install_what_is_missing()?;
    let mut clients = Vec::new();
    for Client { name, script } in &CLIENTS {
        let requirements = tests.join("requirements").join(format!("{name}.txt"));
        let folder = root.join("target/foreign").join(name);
        clients.push((Environment::make(&folder, &requirements)?, tests.join(script)));
    }
    let dpd = match dpd {
        Some(dpd) => dpd.canonicalize().with_context(|| format!("no {}", dpd.display()))?,
        None => build::daemon()?,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut found = Found::default();
    for (environment, script) in &clients {
        found += runtime.block_on(script::run(environment, script, &dpd, only))?;
    }
    println!("\n{found}");
    ensure!(found.passed > 0, "no check has {only:?} in its name");
    ensure!(found.failed == 0, "{} checks failed", found.failed);
    Ok(())
}
