//! Which device holds the tables.

use asic::{InvalidSwitchAddress, SwitchAddress};
use serde::Deserialize;
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// A kind of device, as in `soft`, `memory` or `p4runtime=192.0.2.1:9559`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Backend {
    /// A switch in the daemon that runs the P4 program, on the interfaces of its ports.
    #[default]
    Soft,
    /// Tables in the daemon's memory; forwards no packets.
    Memory,
    /// A switch that speaks P4Runtime, at this address.
    P4Runtime(SwitchAddress),
}

/// Why a text names no device.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidBackend {
    /// There is no such kind.
    #[error(
        "{text:?} is no kind of device; there are soft, memory and p4runtime=ADDRESS, as in \
         p4runtime=192.0.2.1:9559 or p4runtime=unix:/run/switch.sock"
    )]
    Unknown {
        /// The text.
        text: String,
    },
    /// It is not said where the switch is.
    #[error(
        "p4runtime needs the address of the switch, as in p4runtime=192.0.2.1:9559 or \
         p4runtime=unix:/run/switch.sock"
    )]
    NoAddress,
    /// What is said to be the address is none.
    #[error("p4runtime: {0}")]
    Address(#[from] InvalidSwitchAddress),
    /// An address for a device that has none.
    #[error("{kind} has no address; write {kind} alone")]
    AddressOfNone {
        /// The kind of device.
        kind: Backend,
    },
}

impl FromStr for Backend {
    type Err = InvalidBackend;

    fn from_str(text: &str) -> Result<Self, InvalidBackend> {
        let (kind, address) = match text.split_once('=') {
            Some((kind, address)) => (kind, Some(address)),
            None => (text, None),
        };
        let kind = match kind {
            "soft" => Self::Soft,
            "memory" => Self::Memory,
            "p4runtime" => {
                let address = address.filter(|address| !address.is_empty());
                let address = address.ok_or(InvalidBackend::NoAddress)?;
                return Ok(Self::P4Runtime(address.parse()?));
            }
            _ => return Err(InvalidBackend::Unknown { text: text.to_owned() }),
        };
        match address {
            None => Ok(kind),
            Some(_) => Err(InvalidBackend::AddressOfNone { kind }),
        }
    }
}

impl TryFrom<String> for Backend {
    type Error = InvalidBackend;

    fn try_from(text: String) -> Result<Self, InvalidBackend> {
        text.parse()
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Backend::Soft => formatter.write_str("soft"),
            Backend::Memory => formatter.write_str("memory"),
            Backend::P4Runtime(address) => write!(formatter, "p4runtime={address}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("soft")]
    #[case("memory")]
    #[case("p4runtime=192.0.2.1:9559")]
    #[case("p4runtime=[2001:db8::1]:9559")]
    #[case("p4runtime=unix:/run/a=b.sock")]
    fn a_device_reads_as_it_was_written(#[case] text: &str) {
        assert_eq!(text.parse::<Backend>().unwrap().to_string(), text);
    }

    #[rstest]
    #[case("tofino", "\"tofino\" is no kind of device; there are soft, memory and p4runtime=")]
    #[case("", "\"\" is no kind of device")]
    #[case("p4runtime", "p4runtime needs the address of the switch")]
    #[case("p4runtime=", "p4runtime needs the address of the switch")]
    #[case("p4runtime=switch", "p4runtime: \"switch\" is neither HOST:PORT")]
    #[case("p4runtime=unix:", "p4runtime: unix: needs the path of a socket")]
    #[case("memory=1", "memory has no address; write memory alone")]
    fn what_is_no_device_is_told_why(#[case] text: &str, #[case] about: &str) {
        let error = text.parse::<Backend>().unwrap_err().to_string();
        assert!(error.contains(about), "{error}");
    }
}
