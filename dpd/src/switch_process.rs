//! The soft switch as a process of its own, which any P4Runtime controller can drive.

use crate::cli::Softswitch;
use crate::soft::report_to;
use asic::soft_ports::{Ports, PortsError};
use p4::{InvalidProgram, Program};
use slog::{Logger, info, o};
use softswitch::{ListenError, NoSuchRole, PacketListener, PipelineError, Server, SoftSwitch};
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};
use thiserror::Error;

/// A switch that is ready to be served.
pub struct SwitchProcess {
    server: Server,
    packets: Option<PacketListener>,
    /// Its interfaces, which stop with it.
    ports: Option<Ports>,
}

/// Why there is no such switch.
#[derive(Debug, Error)]
pub enum SwitchError {
    /// The program cannot be read.
    #[error("cannot read {}: {error}", path.display())]
    Unreadable {
        /// Where it should be.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// The program is wrong, or needs what the switch has not.
    #[error("{} cannot be run:\n{error}", path.display())]
    Program {
        /// Where it is.
        path: PathBuf,
        /// What is wrong.
        error: InvalidProgram,
    },
    /// Controllers could not drive the program.
    #[error("{} cannot be run: {error}", path.display())]
    Pipeline {
        /// Where it is.
        path: PathBuf,
        /// Why not.
        error: PipelineError,
    },
    /// The P4Info cannot be written.
    #[error("cannot write the P4Info to {}: {error}", path.display())]
    P4Info {
        /// Where to.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// The program has no place for the role of a port.
    #[error("port {number}: {error}")]
    Role {
        /// The port.
        number: u16,
        /// Why not.
        error: NoSuchRole,
    },
    /// It cannot be reached.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// Packets cannot come in.
    #[error("cannot take packets at {}: {error}", path.display())]
    PacketSocket {
        /// Where.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// An interface is not there, or cannot be opened.
    #[error(transparent)]
    Ports(#[from] PortsError),
}

impl SwitchProcess {
    /// Reads the program, writes its P4Info if that is wanted, and makes the switch ready: whoever
    /// connects is served once [`SwitchProcess::serve`] runs. None if there was only P4Info to be
    /// written. This has to be called in a runtime.
    ///
    /// # Errors
    ///
    /// [`SwitchError`] says what cannot be; nothing runs then.
    pub fn start(settings: &Softswitch, log: Logger) -> Result<Option<Self>, SwitchError> {
        let program = match &settings.program {
            Some((path, include)) => Some((path, read_program(path, include)?)),
            None => None,
        };
        if let (Some(path), Some((_, (program, _)))) = (&settings.write_p4info, &program) {
            write_p4info(path, program)?;
        }
        if settings.listen.is_empty() {
            return Ok(None);
        }
        if !settings.ports.is_empty() {
            Ports::find(&settings.ports)?;
        }
        let switch = SoftSwitch::new(settings.config, log.clone());
        if let Some((path, (program, source))) = program {
            let refused = |error| SwitchError::Pipeline { path: path.clone(), error };
            switch.load(program, source).map_err(refused)?;
        }
        for (number, role) in &settings.roles {
            let number = number.get();
            let refused = |error| SwitchError::Role { number, error };
            switch.set_port_role(number, role.as_str()).map_err(refused)?;
        }
        let server = Server::bind(switch.clone(), &settings.listen)?;
        let packets = settings.packet_socket.as_ref().map(|path| {
            let refused = |error| SwitchError::PacketSocket { path: path.clone(), error };
            PacketListener::bind(switch.clone(), path).map_err(refused)
        });
        let packets = packets.transpose()?;
        let ports = start_ports(settings, &switch, &log)?;
        Ok(Some(Self { server, packets, ports }))
    }

    /// Where controllers reach it, with the ports that were chosen.
    pub fn addresses(&self) -> Vec<softswitch::Listen> {
        self.server.addresses()
    }

    /// Serves until the future ends.
    pub async fn serve(self, until: impl Future<Output = ()>) {
        let Self { server, packets, ports } = self;
        let packets = packets.map(PacketListener::serve);
        server.serve(until).await;
        drop((packets, ports));
    }
}

fn read_program(path: &Path, include: &[PathBuf]) -> Result<(Program, Vec<u8>), SwitchError> {
    let program = Program::load(path, include)
        .map_err(|error| SwitchError::Program { path: path.to_owned(), error })?;
    let source =
        fs::read(path).map_err(|error| SwitchError::Unreadable { path: path.to_owned(), error })?;
    Ok((program, source))
}

fn write_p4info(path: &Path, program: &Program) -> Result<(), SwitchError> {
    let text = p4::p4info::P4Info::new(program.ir()).to_text();
    let written = match path.to_str() {
        Some("-") => io::Write::write_all(&mut io::stdout(), text.as_bytes()),
        _ => fs::write(path, text),
    };
    written.map_err(|error| SwitchError::P4Info { path: path.to_owned(), error })
}

fn start_ports(
    settings: &Softswitch,
    switch: &SoftSwitch,
    log: &Logger,
) -> Result<Option<Ports>, PortsError> {
    if settings.ports.is_empty() {
        return Ok(None);
    }
    let report = report_to(log.new(o!("part" => "ports")));
    let forwarder = Arc::new(switch.clone());
    let ports = Ports::start(&settings.ports, settings.packet_threads, forwarder, report)?;
    switch.send_by(ports.sender());
    info!(log, "packets are moved"; "ports" => settings.ports.len());
    Ok(Some(ports))
}
