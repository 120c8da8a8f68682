//! What has to be there: root, and a few programs.

use crate::packages;
use anyhow::Result;
use std::path::Path;

/// The programs that are needed and the Debian packages that have them.
const PROGRAMS: [(&str, &str); 3] =
    [("ip", "iproute2"), ("ethtool", "ethtool"), ("ping", "iputils-ping")];

/// Whether network namespaces can be made here.
pub(crate) fn are_there() -> bool {
    rustix::process::geteuid().is_root()
}

/// Installs the packages whose programs are missing.
pub(crate) fn install_what_is_missing() -> Result<()> {
    let missing: Vec<&str> = PROGRAMS
        .into_iter()
        .filter(|(program, _)| !is_there(program))
        .map(|(_, package)| package)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    packages::install(&missing)
}

fn is_there(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // Where programs for root are, which need not be in the path of whoever asks.
    let always = ["/usr/sbin", "/sbin"].map(Into::into);
    std::env::split_paths(&path)
        .chain(always)
        .any(|folder| Path::new(&folder).join(program).exists())
}
