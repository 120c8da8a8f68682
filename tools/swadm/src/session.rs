//! The command line resolved: what a command works with.

use crate::args::{Args, Color};
use crate::output::Output;
use dpd_client::Client;
use std::io::{self, IsTerminal};
use std::net::Ipv6Addr;

/// A dpd to talk to and a way to print.
#[derive(Clone, Debug)]
pub struct Session {
    pub(crate) client: Client,
    pub(crate) output: Output,
}

impl Session {
    /// Resolves what was typed, with the environment and the terminal.
    pub fn new(args: &Args) -> Self {
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self {
            client: Client::new(&base_url(&args.host, args.port)),
            output: Output {
                json: args.json,
                color: in_color(args.color, io::stdout().is_terminal(), no_color),
            },
        }
    }
}

/// Where dpd is. An IPv6 address takes brackets there, which nobody should have to type.
fn base_url(host: &str, port: u16) -> String {
    match host.parse::<Ipv6Addr>() {
        Ok(address) => format!("http://[{address}]:{port}"),
        Err(_) => format!("http://{host}:{port}"),
    }
}

/// Whether to print in colours. (For `NO_COLOR` see no-color.org.)
fn in_color(color: Color, terminal: bool, no_color: bool) -> bool {
    match color {
        Color::Auto => terminal && !no_color,
        Color::Always => true,
        Color::Never => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("::1", "http://[::1]:12224")]
    #[case("[::1]", "http://[::1]:12224")]
    #[case("127.0.0.1", "http://127.0.0.1:12224")]
    #[case("switch0", "http://switch0:12224")]
    fn a_host_is_a_name_or_an_address(#[case] host: &str, #[case] url: &str) {
        assert_eq!(base_url(host, 12224), url);
    }

    #[rstest]
    #[case(Color::Auto, true, false, true)]
    #[case(Color::Auto, false, false, false)]
    #[case(Color::Auto, true, true, false)]
    #[case(Color::Always, false, true, true)]
    #[case(Color::Never, true, false, false)]
    fn colours_are_for_terminals_unless_asked_for(
        #[case] color: Color,
        #[case] terminal: bool,
        #[case] no_color: bool,
        #[case] expected: bool,
    ) {
        assert_eq!(in_color(color, terminal, no_color), expected);
    }
}
