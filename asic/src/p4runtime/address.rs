//! Where a switch is.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use thiserror::Error;

/// Where a switch listens for controllers.
///
/// ```
/// use asic::SwitchAddress;
///
/// let address: SwitchAddress = "switch7.rack.example:9559".parse()?;
/// assert_eq!(address, SwitchAddress::Tcp("switch7.rack.example:9559".to_owned()));
/// let address: SwitchAddress = "unix:/run/switch.sock".parse()?;
/// assert_eq!(address.to_string(), "unix:/run/switch.sock");
/// # Ok::<(), asic::InvalidSwitchAddress>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SwitchAddress {
    /// A TCP port, as `HOST:PORT`.
    Tcp(String),
    /// A Unix domain socket, by its path.
    Unix(PathBuf),
}

/// Why a text is no address of a switch.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidSwitchAddress {
    /// Nothing comes after `unix:`.
    #[error("unix: needs the path of a socket, as in unix:/run/switch.sock")]
    NoPath,
    /// There is no host or no port.
    #[error(
        "{text:?} is neither HOST:PORT, as in 192.0.2.1:9559 or [2001:db8::1]:9559, nor unix:PATH"
    )]
    NoPort {
        /// The text.
        text: String,
    },
    /// The port is none.
    #[error("{port:?} is no port: it is a number from 1 to 65535")]
    Port {
        /// What stands where the port should.
        port: String,
    },
}

const UNIX: &str = "unix:";

impl FromStr for SwitchAddress {
    type Err = InvalidSwitchAddress;

    fn from_str(text: &str) -> Result<SwitchAddress, InvalidSwitchAddress> {
        if let Some(path) = text.strip_prefix(UNIX) {
            return match path.is_empty() {
                true => Err(InvalidSwitchAddress::NoPath),
                false => Ok(SwitchAddress::Unix(PathBuf::from(path))),
            };
        }
        let no_port = || InvalidSwitchAddress::NoPort { text: text.to_owned() };
        let (host, port) = text.rsplit_once(':').ok_or_else(no_port)?;
        let bare_ipv6 = host.contains(':') && !(host.starts_with('[') && host.ends_with(']'));
        if host.is_empty() || bare_ipv6 || host.contains(char::is_whitespace) {
            return Err(no_port());
        }
        match port.parse::<u16>() {
            Ok(1..) => Ok(SwitchAddress::Tcp(text.to_owned())),
            _ => Err(InvalidSwitchAddress::Port { port: port.to_owned() }),
        }
    }
}

impl fmt::Display for SwitchAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SwitchAddress::Tcp(address) => formatter.write_str(address),
            SwitchAddress::Unix(path) => write!(formatter, "{UNIX}{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("127.0.0.1:9559")]
    #[case("[2001:db8::1]:50051")]
    #[case("switch:1")]
    #[case("unix:/run/switch.sock")]
    #[case("unix:switch.sock")]
    fn an_address_reads_as_it_was_written(#[case] text: &str) {
        assert_eq!(text.parse::<SwitchAddress>().unwrap().to_string(), text);
    }

    #[rstest]
    #[case("unix:", "unix: needs the path of a socket")]
    #[case("switch", "neither HOST:PORT")]
    #[case(":9559", "neither HOST:PORT")]
    #[case("2001:db8::1:9559", "neither HOST:PORT")]
    #[case("a b:9559", "neither HOST:PORT")]
    #[case("switch:0", "\"0\" is no port")]
    #[case("switch:65536", "\"65536\" is no port")]
    #[case("switch:p4", "\"p4\" is no port")]
    #[case("", "neither HOST:PORT")]
    fn what_is_no_address_is_told_why(#[case] text: &str, #[case] reason: &str) {
        let said = text.parse::<SwitchAddress>().unwrap_err().to_string();
        assert!(said.contains(reason), "{said}");
    }
}
