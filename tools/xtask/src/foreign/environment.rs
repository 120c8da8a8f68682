//! Virtual environments for Python with packages of fixed versions.

use crate::packages;
use anyhow::{Context, Result, bail, ensure};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A virtual environment.
pub(crate) struct Environment {
    folder: PathBuf,
}

/// Looks whether Python can make virtual environments, and has it installed if not.
pub(crate) fn install_what_is_missing() -> Result<()> {
    if has_venv() {
        return Ok(());
    }
    if rustix::process::geteuid().is_root() {
        packages::install(&["python3", "python3-venv"])?;
    }
    if !has_venv() {
        bail!("python3 with venv is needed; install the packages python3 and python3-venv");
    }
    Ok(())
}

fn has_venv() -> bool {
    // On Debian, venv itself is always there, and what it needs is not.
    let output = Command::new("python3").args(["-c", "import venv, ensurepip"]).output();
    output.is_ok_and(|output| output.status.success())
}

impl Environment {
    /// Makes an environment in a folder, unless it is there with the same Python and packages.
    pub(crate) fn make(folder: &Path, requirements: &Path) -> Result<Environment> {
        let environment = Environment { folder: folder.to_owned() };
        let packages = fs::read_to_string(requirements)
            .with_context(|| format!("cannot read {}", requirements.display()))?;
        let python = run(Command::new("python3").arg("--version"))?;
        let made_of = format!("{}{packages}", String::from_utf8_lossy(&python.stdout));
        // Written at the end, so that one that is half made is made anew.
        let stamp = folder.join("made-of.txt");
        if fs::read_to_string(&stamp).is_ok_and(|before| before == made_of) {
            return Ok(environment);
        }
        println!(
            "making a virtual environment of {} in {}",
            requirements.display(),
            folder.display()
        );
        match fs::remove_dir_all(folder) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("cannot remove {}", folder.display()));
            }
            _ => {}
        }
        run(Command::new("python3").args(["-m", "venv"]).arg(folder))?;
        run(Command::new(environment.python())
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"])
            .args(["--only-binary", ":all:", "--requirement"])
            .arg(requirements))?;
        fs::write(stamp, made_of)?;
        Ok(environment)
    }

    /// Its Python.
    pub(crate) fn python(&self) -> PathBuf {
        self.folder.join("bin/python")
    }
}

fn run(command: &mut Command) -> Result<Output> {
    let output = command.output().with_context(|| format!("cannot run {command:?}"))?;
    ensure!(
        output.status.success(),
        "{command:?} ended with {}: {}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(output)
}
