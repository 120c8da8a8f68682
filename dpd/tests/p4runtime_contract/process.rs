//! The soft switch as a process, for as long as a test lasts.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use asic::SwitchAddress;
use tempfile::TempDir;

pub(crate) const DEVICE_ID: u64 = 3;

pub(crate) struct Process {
    child: Child,
    directory: TempDir,
}

impl Process {
    /// Starts it, and waits until it is served.
    pub(crate) fn start() -> Process {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        let child = Command::new(env!("CARGO_BIN_EXE_dpd"))
            .args(["softswitch", "--device-id", &DEVICE_ID.to_string(), "--log-level", "warning"])
            .arg(format!("--p4rt-listen=unix:{}", path(SWITCH).display()))
            .arg("--packet-socket")
            .arg(path(PACKETS))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut process = Process { child, directory };
        let stdout = process.child.stdout.take().unwrap();
        let told = BufReader::new(stdout).lines().map_while(Result::ok);
        let served = told.take_while(|line| !line.starts_with("p4runtime on ")).count();
        assert!(process.child.try_wait().unwrap().is_none(), "it ended after {served} lines");
        process
    }

    pub(crate) fn address(&self) -> SwitchAddress {
        SwitchAddress::Unix(self.directory.path().join(SWITCH))
    }

    pub(crate) fn packet_socket(&self) -> PathBuf {
        self.directory.path().join(PACKETS)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself, which some other assertion has told.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const SWITCH: &str = "switch.sock";
const PACKETS: &str = "packets.sock";
