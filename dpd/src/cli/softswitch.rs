//! The command line of the soft switch as a process.

use super::LogLevel;
use crate::forwarding::{InvalidPortNumber, PortNumber, PortRole, UnknownPortRole};
use crate::logging::{LogFormat, LogSettings};
use asic::soft_ports::PortConfig;
use clap::Args;
use softswitch::Listen;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;
use std::thread;
use thiserror::Error;

/// The settings as given.
#[derive(Args, Clone, Debug)]
pub struct SoftswitchArguments {
    /// Run this P4_16 program for v1model from the start. Without it, packets are dropped until a
    /// controller sets a pipeline, of which the device configuration is the source of a program
    #[arg(long, value_name = "FILE.p4")]
    pub program: Option<PathBuf>,
    /// Look for what the program includes here too. May be given several times
    #[arg(long, value_name = "DIR", requires = "program")]
    pub include: Vec<PathBuf>,
    /// Serve P4Runtime here; port 0 picks a free one. May be given several times. Each place is
    /// told on standard output once it is served, as in `p4runtime on 127.0.0.1:9559`
    #[arg(long, value_name = "ADDR:PORT|unix:PATH", required_unless_present = "write_p4info")]
    pub p4rt_listen: Vec<Listen>,
    /// The id by which controllers name the switch
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub device_id: u64,
    /// The port of the controllers: what the program sends there reaches the primary controller,
    /// with the header packet_in of the program as metadata, and what a controller sends comes in
    /// by it
    #[arg(long, value_name = "N", default_value_t = 510)]
    pub cpu_port: u16,
    /// A port of the switch and the network interface that it is, as in `1=veth0`. With a role,
    /// as in `1=veth0:uplink` or `2=veth2:rear`, the program's table Ingress.ports.role gets the
    /// port's row at the start; tables are the controller's from then on. May be given several
    /// times
    #[arg(long, value_name = "N=INTERFACE[:ROLE]", requires = "p4rt_listen")]
    pub port: Vec<SwitchPort>,
    /// How many threads move packets between interfaces [default: as many as there are processors]
    #[arg(long, value_name = "N")]
    pub packet_threads: Option<NonZeroUsize>,
    /// Take packets at a Unix socket too, for tests and tools without interfaces: frames come in by
    /// any port, and all that leaves the switch because of one is its answer
    #[arg(long, value_name = "PATH", requires = "p4rt_listen")]
    pub packet_socket: Option<PathBuf>,
    /// Write the P4Info of the program as text, to standard output if the file is `-`. Without
    /// `--p4rt-listen` nothing else is done
    #[arg(long, value_name = "FILE", requires = "program")]
    pub write_p4info: Option<PathBuf>,
    /// How to write the log, which goes to standard error
    #[arg(long, value_enum, default_value_t)]
    pub log_format: LogFormat,
    /// What to log
    #[arg(long, value_enum, value_name = "LEVEL", default_value_t = LogLevel::Info)]
    pub log_level: LogLevel,
}

/// A port as given: as in `1=veth0` or `1=veth0:uplink`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SwitchPort {
    /// Its number.
    pub number: u64,
    /// The network interface that it is.
    pub interface: String,
    /// What is behind it, for a program that wants to know.
    pub role: Option<PortRole>,
}

/// Everything resolved: what is needed to run.
#[derive(Clone, Debug)]
pub struct Softswitch {
    /// The program to begin with, and where what it includes is looked for.
    pub program: Option<(PathBuf, Vec<PathBuf>)>,
    /// Where to serve; nowhere if there is only P4Info to be written.
    pub listen: Vec<Listen>,
    /// What switch to be.
    pub config: softswitch::Config,
    /// The interfaces.
    pub ports: Vec<PortConfig>,
    /// What is behind the ports.
    pub roles: Vec<(PortNumber, PortRole)>,
    /// How many threads move packets.
    pub packet_threads: NonZeroUsize,
    /// Where packets come from too.
    pub packet_socket: Option<PathBuf>,
    /// Where the P4Info goes.
    pub write_p4info: Option<PathBuf>,
    /// How to log.
    pub log: LogSettings,
}

/// Why a text describes no port of the switch.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidSwitchPort {
    /// It has not the form.
    #[error(
        "{text:?} is no port; write NUMBER=INTERFACE, as in 1=veth0, or NUMBER=INTERFACE:ROLE, as \
         in 1=veth0:uplink"
    )]
    Form {
        /// The text.
        text: String,
    },
    /// The role is none.
    #[error(transparent)]
    Role(#[from] UnknownPortRole),
}

/// Why the settings make no sense.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidSoftswitch {
    /// A port that cannot be.
    #[error("port: {0}")]
    Port(#[from] InvalidPortNumber),
    /// A port that cannot be the controllers'.
    #[error("cpu-port: {0}")]
    CpuPort(InvalidPortNumber),
    /// A port that no packet ever reaches.
    #[error("cpu-port: packets to port {DROP_PORT} are dropped in v1model; take another one")]
    CpuPortDrops,
    /// A port that is an interface and the controllers' too.
    #[error(
        "port {number} is the port of the controllers; take another --cpu-port or another port"
    )]
    IsCpuPort {
        /// The port.
        number: PortNumber,
    },
    /// A role that no table could hold.
    #[error("port {number} has a role, which is a row of the program's, and there is no --program")]
    RoleWithoutProgram {
        /// The port.
        number: PortNumber,
    },
}

/// The port to which v1model's `mark_to_drop` sends packets.
const DROP_PORT: u16 = 511;

impl SoftswitchArguments {
    /// Checks that the settings fit each other.
    ///
    /// # Errors
    ///
    /// [`InvalidSoftswitch`] says what does not.
    pub fn resolve(self) -> Result<Softswitch, InvalidSoftswitch> {
        PortNumber::new(self.cpu_port.into()).map_err(InvalidSoftswitch::CpuPort)?;
        if self.cpu_port == DROP_PORT {
            return Err(InvalidSoftswitch::CpuPortDrops);
        }
        let (mut ports, mut roles) = (Vec::new(), Vec::new());
        for SwitchPort { number, interface, role } in self.port {
            let number = PortNumber::new(number)?;
            if number.get() == self.cpu_port {
                return Err(InvalidSoftswitch::IsCpuPort { number });
            }
            ports.push(PortConfig { number: number.get(), interface });
            match role {
                Some(_) if self.program.is_none() => {
                    return Err(InvalidSoftswitch::RoleWithoutProgram { number });
                }
                Some(role) => roles.push((number, role)),
                None => {}
            }
        }
        Ok(Softswitch {
            program: self.program.map(|program| (program, self.include)),
            listen: self.p4rt_listen,
            config: softswitch::Config { device_id: self.device_id, cpu_port: self.cpu_port },
            ports,
            roles,
            packet_threads: self
                .packet_threads
                .or_else(|| thread::available_parallelism().ok())
                .unwrap_or(NonZeroUsize::MIN),
            packet_socket: self.packet_socket,
            write_p4info: self.write_p4info,
            log: LogSettings { format: self.log_format, level: self.log_level.into() },
        })
    }
}

impl FromStr for SwitchPort {
    type Err = InvalidSwitchPort;

    fn from_str(text: &str) -> Result<Self, InvalidSwitchPort> {
        let form = || InvalidSwitchPort::Form { text: text.to_owned() };
        let (number, rest) = text.split_once('=').ok_or_else(form)?;
        let number = number.trim().parse().map_err(|_| form())?;
        let (interface, role) = match rest.split_once(':') {
            Some((interface, role)) => (interface, Some(role.parse()?)),
            None => (rest, None),
        };
        match interface {
            "" => Err(form()),
            interface => Ok(Self { number, interface: interface.to_owned(), role }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Action, Arguments};
    use super::*;
    use clap::Parser as _;
    use rstest::rstest;
    use slog::Level;

    fn softswitch(arguments: &[&str]) -> Result<Softswitch, String> {
        let arguments = ["dpd", "softswitch"].iter().chain(arguments);
        let arguments = Arguments::try_parse_from(arguments).map_err(|error| error.to_string())?;
        let Action::Softswitch(switch) = arguments.action else { panic!("not `softswitch`") };
        switch.resolve().map_err(|error| error.to_string())
    }

    const LISTEN: [&str; 2] = ["--p4rt-listen", "[::1]:0"];

    #[test]
    fn without_settings_the_defaults_hold() {
        let switch = softswitch(&LISTEN).unwrap();
        assert_eq!(switch.listen, ["[::1]:0".parse().unwrap()]);
        assert_eq!((switch.config.device_id, switch.config.cpu_port), (1, 510));
        assert!(switch.program.is_none() && switch.ports.is_empty());
        assert_eq!(switch.log.level, Level::Info);
    }

    #[test]
    fn ports_are_interfaces_and_have_a_role_if_they_are_given_one() {
        let arguments = ["--program", "a.p4", "--port", "0=veth0", "--port", "7=b:rear"];
        let switch = softswitch(&[&LISTEN[..], &arguments].concat()).unwrap();
        let interfaces: Vec<(u16, &str)> =
            switch.ports.iter().map(|port| (port.number, port.interface.as_str())).collect();
        assert_eq!(interfaces, [(0, "veth0"), (7, "b")]);
        let roles: Vec<(u16, PortRole)> =
            switch.roles.iter().map(|(number, role)| (number.get(), *role)).collect();
        assert_eq!(roles, [(7, PortRole::Rear)]);
    }

    #[test]
    fn p4info_can_be_written_without_listening() {
        let switch = softswitch(&["--program", "a.p4", "--write-p4info", "-"]).unwrap();
        assert!(switch.listen.is_empty());
        let error = softswitch(&["--write-p4info", "-"]).unwrap_err();
        assert!(error.contains("--program"), "{error}");
        let arguments = ["--program", "a.p4", "--write-p4info", "-", "--port", "1=a"];
        let error = softswitch(&arguments).unwrap_err();
        assert!(error.contains("--p4rt-listen"), "{error}");
    }

    #[rstest]
    #[case(&[], "--p4rt-listen")]
    #[case(&["--p4rt-listen", "9559"], "is no place to listen; write ADDR:PORT")]
    #[case(&["--port", "veth0"], "is no port; write NUMBER=INTERFACE")]
    #[case(&["--port", "1="], "is no port; write NUMBER=INTERFACE")]
    #[case(&["--port", "1=:rear"], "is no port; write NUMBER=INTERFACE")]
    #[case(&["--port", "x=veth0"], "is no port; write NUMBER=INTERFACE")]
    #[case(&["--port", "1=veth0:side"], "\"side\" is not a role")]
    #[case(&["--port", "512=veth0"], "there is no port 512; ports are numbered from 0 to 511")]
    #[case(&["--port", "510=veth0"], "port 510 is the port of the controllers")]
    #[case(&["--port", "1=veth0:rear"], "port 1 has a role")]
    #[case(&["--cpu-port", "600"], "cpu-port: there is no port 600")]
    #[case(&["--cpu-port", "511"], "packets to port 511 are dropped")]
    #[case(&["--include", "d"], "--program")]
    fn a_mistake_on_the_command_line_is_named(#[case] arguments: &[&str], #[case] about: &str) {
        let listens = arguments.is_empty() || arguments[0] == "--p4rt-listen";
        let listen = if listens { &[][..] } else { &LISTEN[..] };
        let error = softswitch(&[listen, arguments].concat()).unwrap_err();
        assert!(error.contains(about), "{error}");
    }
}
