//! The soft switch as a process of its own, driven over P4Runtime.

use std::io::{self, BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use asic::{
    Asic, InvalidSwitchAddress, P4RuntimeAsic, P4RuntimeConfig, P4RuntimeError, RangeExpansion,
    SwitchAddress,
};
use p4::p4info::P4Info;
use p4::{InvalidProgram, Program};
use p4runtime::{InvalidP4Info, p4info_from_text};
use softswitch::PacketSocket;
use tempfile::TempDir;
use thiserror::Error;

use crate::switch::{Switch, SwitchFailure};

/// A process that is a switch, and is killed when this is dropped.
pub struct SwitchProcess {
    child: Child,
    address: SwitchAddress,
    packets: PathBuf,
    /// How many switches there have been.
    fresh: u32,
    _directory: TempDir,
}

/// A switch in a process, with empty tables to begin with.
pub struct RemoteSwitch {
    asic: P4RuntimeAsic,
    packets: PacketSocket,
}

/// Why there is no such switch.
#[derive(Debug, Error)]
pub enum ProcessFailure {
    /// There is no process.
    #[error("cannot start {}: {error}", dpd.display())]
    Start {
        /// The program.
        dpd: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// It ended, or said something else.
    #[error("the switch did not say where it listens, but {said:?}")]
    Address {
        /// What it said.
        said: String,
    },
    /// It listens nowhere.
    #[error(transparent)]
    NoAddress(#[from] InvalidSwitchAddress),
    /// The program does not load.
    #[error(transparent)]
    Program(#[from] Box<InvalidProgram>),
    /// The program's P4Info cannot be read.
    #[error(transparent)]
    P4Info(#[from] InvalidP4Info),
    /// It cannot be driven.
    #[error(transparent)]
    P4Runtime(#[from] P4RuntimeError),
    /// Its packet socket is not there.
    #[error("cannot connect to the packet socket of the switch: {0}")]
    Packets(#[source] io::Error),
}

/// How long the switch has for a call.
const TIMEOUT: Duration = Duration::from_secs(10);

impl SwitchProcess {
    /// Starts `dpd softswitch`, of which this is the program.
    ///
    /// # Errors
    ///
    /// [`ProcessFailure`] says why there is no such process.
    pub fn start(dpd: &Path) -> Result<Self, ProcessFailure> {
        let start = |error| ProcessFailure::Start { dpd: dpd.to_owned(), error };
        let directory = tempfile::tempdir().map_err(start)?;
        let (socket, packets) = (directory.path().join("p4rt"), directory.path().join("packets"));
        let child = Command::new(dpd)
            .args(["softswitch", "--log-level", "warning", "--p4rt-listen"])
            .arg(format!("unix:{}", socket.display()))
            .arg("--packet-socket")
            .arg(&packets)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(start)?;
        let address = SwitchAddress::Unix(socket);
        let mut process = Self { child, address, packets, fresh: 0, _directory: directory };
        let mut said = String::new();
        if let Some(stdout) = process.child.stdout.take() {
            BufReader::new(stdout).read_line(&mut said).map_err(start)?;
        }
        match said.trim().strip_prefix("p4runtime on ") {
            Some(address) => process.address = address.parse()?,
            None => return Err(ProcessFailure::Address { said }),
        }
        Ok(process)
    }

    /// Where it is driven.
    pub fn address(&self) -> &SwitchAddress {
        &self.address
    }

    /// A way for packets through it.
    ///
    /// # Errors
    ///
    /// If the process has ended.
    pub fn packets(&self) -> Result<PacketSocket, ProcessFailure> {
        PacketSocket::connect(&self.packets).map_err(ProcessFailure::Packets)
    }

    /// Makes it a fresh switch with so many rows in its NAT tables. One that it was before is
    /// driven no longer.
    ///
    /// # Errors
    ///
    /// [`ProcessFailure`] says why it cannot be driven.
    pub fn fresh(
        &mut self,
        ipv4_rows: u32,
        ipv6_rows: u32,
    ) -> Result<RemoteSwitch, ProcessFailure> {
        self.fresh += 1;
        let source = nat_program(ipv4_rows, ipv6_rows, self.fresh);
        let config = P4RuntimeConfig {
            address: self.address.clone(),
            device_id: 1,
            // Larger than that of whoever has driven it before, who may be about to leave.
            election_id: self.fresh.into(),
            p4info: p4info_from_text(&p4info(&source)?)?,
            device_config: source.into_bytes(),
            keep_pipeline: false,
            range_expansion: RangeExpansion::None,
        };
        let asic = P4RuntimeAsic::connect(config, TIMEOUT, |_| {})?;
        Ok(RemoteSwitch { asic, packets: self.packets()? })
    }
}

impl Drop for SwitchProcess {
    fn drop(&mut self) {
        // It may have ended already, which is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Switch for RemoteSwitch {
    fn asic(&mut self) -> &mut dyn Asic {
        &mut self.asic
    }

    fn send(&mut self, port: u16, frame: &[u8]) -> Result<Vec<(u16, Vec<u8>)>, SwitchFailure> {
        Ok(self.packets.send(port, frame)?.outputs)
    }

    fn trace(&mut self, port: u16, frame: &[u8]) -> Result<String, SwitchFailure> {
        Ok(self.packets.trace(port, frame)?.steps.join("\n"))
    }
}

/// The source of the NAT program with tables of these sizes. Programs of another number are others
/// to a switch, so that it takes them with empty tables.
pub fn nat_program(ipv4_rows: u32, ipv6_rows: u32, number: u32) -> String {
    const SIZE: &str = "size = 1024;";
    // Those of the NAT tables are the first two.
    let mut parts = p4::NAT_P4.splitn(3, SIZE);
    let [before, between, after] = [(); 3].map(|()| parts.next().unwrap_or_default());
    format!("{before}size = {ipv4_rows};{between}size = {ipv6_rows};{after}\n// Number {number}.\n")
}

/// The P4Info of a program, as text.
///
/// # Errors
///
/// If it is no program.
pub fn p4info(source: &str) -> Result<String, Box<InvalidProgram>> {
    let program = Program::from_source("nat.p4", source)?;
    Ok(P4Info::new(program.ir()).to_text())
}
