//! The command line as it was typed.

use crate::input::{Format, Source};
use crate::packet::{self, Protocol};
use crate::trouble;
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use dpd_types::{Adopt, Generation, MacAddr, PerFamily};
use oxnet::IpNet;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;
use thiserror::Error;

/// Looks at and changes what a switch forwards, through its dpd.
#[derive(Clone, Debug, Parser)]
#[command(version, after_help = trouble::exit_codes_help(), max_term_width = 100)]
pub struct Args {
    /// The host that dpd runs on: a name or an address.
    #[arg(long, global = true, help_heading = GLOBAL, default_value = "::1", env = "SWADM_HOST")]
    pub(crate) host: String,
    /// The port that dpd listens on.
    #[arg(long, global = true, help_heading = GLOBAL, default_value_t = 12224, env = "SWADM_PORT")]
    pub(crate) port: u16,
    /// Print JSON, for programs; also of what went wrong.
    #[arg(long, global = true, help_heading = GLOBAL)]
    pub(crate) json: bool,
    /// When to print in colours.
    #[arg(long, global = true, help_heading = GLOBAL, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Color,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// When to print in colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum Command {
    /// NAT entries and their groups.
    #[command(subcommand)]
    Nat(NatCommand),
    /// Where packets go, by prefix.
    #[command(subcommand)]
    Route(RouteCommand),
    /// The hosts next to the switch and their MAC addresses (ARP and NDP).
    #[command(subcommand)]
    Neighbor(NeighborCommand),
    /// The switch's own address among the sleds, where tunnels begin and end.
    #[command(subcommand)]
    Loopback(LoopbackCommand),
    /// The ports of the switch.
    #[command(subcommand)]
    Port(PortCommand),
    /// What becomes of a packet.
    #[command(subcommand)]
    Packet(PacketCommand),
    /// The tables of the device, as they are.
    #[command(subcommand)]
    Table(TableCommand),
    /// Print a script that teaches a shell to complete swadm's commands.
    Completions {
        /// The shell.
        shell: Shell,
    },
}

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum NatCommand {
    /// List the entries of all groups.
    List {
        /// Only those of this external address.
        external: Option<IpAddr>,
    },
    /// Show where the traffic to an external address and port goes.
    Get {
        /// The external address.
        external: IpAddr,
        /// The L4 port.
        // Not `port`: under that name it would be taken for the port that dpd listens on.
        #[arg(value_name = "L4_PORT")]
        l4_port: u16,
    },
    /// Add an entry to the group `ungrouped`.
    Add {
        /// The external address.
        external: IpAddr,
        /// The L4 ports: one, such as `80`, or a range, such as `0-16383`.
        ports: Ports,
        /// The IPv6 address of the sled.
        #[arg(long, value_name = "ADDRESS")]
        internal_ip: Ipv6Addr,
        /// The MAC address of the inner packet's destination, such as a8:40:25:f0:00:01.
        #[arg(long, value_name = "MAC")]
        inner_mac: MacAddr,
        /// The Geneve virtual network identifier.
        #[arg(long)]
        vni: u32,
    },
    /// Delete the entry of the group `ungrouped` that covers an external address and port.
    Del {
        /// The external address.
        external: IpAddr,
        /// The L4 port.
        // Not `port`: under that name it would be taken for the port that dpd listens on.
        #[arg(value_name = "L4_PORT")]
        l4_port: u16,
    },
    /// Compare the rows of the device with what they should be, and mend them.
    ///
    /// Exits with 6 if something differed, mended or not.
    Audit {
        /// Leave what differs as it is.
        #[arg(long)]
        no_repair: bool,
    },
    /// Sets of entries, each with an owner and a generation.
    #[command(subcommand)]
    Group(GroupCommand),
}

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum GroupCommand {
    /// List all groups.
    List,
    /// Show the status of a group.
    Show {
        /// The group.
        group: String,
    },
    /// List a group's entries, all of one generation.
    Entries {
        /// The group.
        group: String,
        /// Only those of this external address.
        #[arg(long, value_name = "ADDRESS")]
        external: Option<IpAddr>,
        /// Only those with this VNI.
        #[arg(long)]
        vni: Option<u32>,
        /// Those of this generation, if it is kept, instead of the current one.
        #[arg(long)]
        generation: Option<Generation>,
    },
    /// Make a group have exactly the entries of a file.
    ///
    /// What the group has and the file lacks is removed. All of it takes effect or nothing.
    Ensure(Ensure),
    /// Delete a group and all its entries, leaving a tombstone.
    Delete {
        /// The group.
        group: String,
        #[command(flatten)]
        generation: GenerationArgs,
        /// Show what would happen and change nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// List the generations of a group that are kept, newest first.
    History {
        /// The group.
        group: String,
    },
    /// Show what changed between two kept generations of a group.
    Diff {
        /// The group.
        group: String,
        /// The generation to start from; 0 is the empty set before the first.
        from: u64,
        /// The generation to lead to; the current one if left out.
        to: Option<u64>,
    },
}

#[derive(Clone, Debug, ClapArgs)]
#[command(after_help = ENSURE_HELP)]
pub(crate) struct Ensure {
    /// The group.
    pub(crate) group: String,
    /// The file with the entries; `-` is standard input.
    #[arg(default_value = "-")]
    pub(crate) file: Source,
    /// How the file is written. By its name if left out; standard input is JSON then.
    #[arg(long)]
    pub(crate) format: Option<Format>,
    #[command(flatten)]
    pub(crate) generation: GenerationArgs,
    /// Show what would happen and change nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Which entries of `ungrouped` the group takes over: `none`, `identical` (those requested as
    /// they are), or `vni=NUMBER` (all with this VNI, so that those not requested go).
    #[arg(long, value_parser = parse_adopt)]
    pub(crate) adopt: Option<Adopt>,
    /// Table rows to keep free for the group.
    #[arg(long, value_name = "IPV4,IPV6", value_parser = parse_reserve)]
    pub(crate) reserve: Option<PerFamily>,
    /// Refuse if more entries than this would be removed.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) max_removals: Option<u64>,
    /// Empty the group if the file has no entries.
    #[arg(long)]
    pub(crate) allow_empty: bool,
}

/// The generation of a change.
#[derive(Clone, Copy, Debug, ClapArgs)]
#[group(multiple = false)]
pub(crate) struct GenerationArgs {
    /// The generation of this change.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) generation: Option<Generation>,
    /// Take the generation after the group's current one.
    #[arg(long)]
    pub(crate) next: bool,
}

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum RouteCommand {
    /// List all routes.
    List,
    /// Route a prefix. The same route again is a success.
    Add {
        /// The prefix, such as 0.0.0.0/0.
        cidr: IpNet,
        /// The port that packets leave by, such as qsfp0.
        // Not `port`: under that name it would be taken for the port that dpd listens on.
        #[arg(value_name = "L4_PORT")]
        port_id: String,
        /// The neighbour they go to; their own destination if left out.
        next_hop: Option<IpAddr>,
        /// Replace another route of this prefix.
        #[arg(long)]
        replace: bool,
        /// What to call it.
        #[arg(long, default_value = TAG)]
        tag: String,
    },
    /// Delete the route of a prefix.
    Delete {
        /// The prefix.
        cidr: IpNet,
    },
}

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum NeighborCommand {
    /// List all neighbours.
    List,
    /// Add a neighbour, or give one that is there another MAC address.
    Add {
        /// Its address.
        ip: IpAddr,
        /// Its MAC address, such as a8:40:25:f0:00:01.
        mac: MacAddr,
        /// What to call it.
        #[arg(long, default_value = TAG)]
        tag: String,
    },
    /// Delete a neighbour.
    Delete {
        /// Its address.
        ip: IpAddr,
    },
}

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum LoopbackCommand {
    /// Show the address, if there is one.
    List,
    /// Give the switch its address.
    Add {
        /// The address.
        addr: Ipv6Addr,
        /// What to call it.
        #[arg(long, default_value = TAG)]
        tag: String,
    },
    /// Take the address away.
    Delete {
        /// The address.
        addr: Ipv6Addr,
    },
}

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum PortCommand {
    /// List the ports, with what they have counted.
    ///
    /// SENT is what the program sent to a port. What its interface then could not send on, because
    /// it was down for example, is among what `swadm port drops` shows.
    List,
    /// Show how many packets were dropped, by reason.
    Drops,
}

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum PacketCommand {
    /// Run a packet through the switch's program and show where it goes, or why it does not.
    ///
    /// Nothing is sent anywhere. Only a device that runs the program itself can tell.
    Trace(PacketArgs),
}

/// The packet, and how to tell of it.
#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct PacketArgs {
    /// The address that a packet is made for.
    #[arg(required_unless_present = "frame")]
    pub(crate) to: Option<IpAddr>,
    /// The L4 port that it is made for; of ICMP echo, the identifier.
    // Not `port`: under that name it would be taken for the port that dpd listens on.
    #[arg(value_name = "L4_PORT", requires = "to", required_unless_present = "frame")]
    pub(crate) l4_port: Option<u16>,
    /// The whole frame instead, from its Ethernet header on, as hexadecimal digits.
    #[arg(long, value_name = "HEX", conflicts_with = "to")]
    pub(crate) frame: Option<Frame>,
    /// What to make.
    #[arg(long, value_enum, default_value_t, conflicts_with = "frame")]
    pub(crate) protocol: Protocol,
    /// The number of the port that it comes in by.
    #[arg(long = "in", value_name = "NUMBER", default_value_t = 1)]
    pub(crate) ingress: u16,
    /// Count it as packets from outside are counted.
    #[arg(long)]
    pub(crate) count: bool,
    /// Show every step of the program.
    #[arg(long)]
    pub(crate) steps: bool,
}

/// The bytes of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame(pub(crate) Vec<u8>);

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum TableCommand {
    /// List the names of the tables.
    List,
    /// List the rows of a table.
    Dump {
        /// The table's name.
        table: String,
        /// Read every row from the device itself, not from what dpd knows it to hold.
        #[arg(long)]
        from_hardware: bool,
    },
}

/// A port or a range of ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ports {
    pub(crate) low: u16,
    pub(crate) high: u16,
}

/// What routes, neighbours and addresses are called unless told otherwise.
const TAG: &str = "swadm";

/// What every command takes.
const GLOBAL: &str = "Global options";

const ENSURE_HELP: &str = "\
A CSV file has a header line and the columns
    external,low,high,internal_ip,inner_mac,vni
in any order. A TOML file has an [[entries]] table for each entry with these fields. A JSON file
is a list of such objects, also as `swadm nat group entries --json` prints them, or an object with
`entries`. In TOML and JSON, `generation`, `adopt`, `reserve`, `max_removals` and `allow_empty` can
stand beside `entries`; what the command line says counts for more.";

impl FromStr for Frame {
    type Err = NoFrame;

    fn from_str(text: &str) -> Result<Self, NoFrame> {
        let digits: String = text.split_whitespace().collect();
        packet::from_hex(&digits).map(Self).ok_or(NoFrame)
    }
}

/// A text that is no frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("give pairs of hexadecimal digits, such as ffffffffffff020000000001 0800 45...")]
pub(crate) struct NoFrame;

impl FromStr for Ports {
    type Err = NoPorts;

    fn from_str(text: &str) -> Result<Self, NoPorts> {
        let (low, high) = text.split_once('-').unwrap_or((text, text));
        match (low.parse(), high.parse()) {
            (Ok(low), Ok(high)) => Ok(Self { low, high }),
            _ => Err(NoPorts),
        }
    }
}

/// A text that is neither a port nor a range of ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("give a port, such as 80, or a range, such as 0-16383, of numbers up to 65535")]
pub(crate) struct NoPorts;

/// A text that is no way to adopt entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("give `none`, `identical` or `vni=NUMBER`")]
struct NoAdopt;

fn parse_adopt(text: &str) -> Result<Adopt, NoAdopt> {
    match text {
        "none" => Ok(Adopt::None),
        "identical" => Ok(Adopt::Identical),
        _ => {
            let vni = text.strip_prefix("vni=").ok_or(NoAdopt)?;
            vni.parse().map(Adopt::Vni).map_err(|_| NoAdopt)
        }
    }
}

/// A text that is no reservation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("give two numbers of rows, for IPv4 and for IPv6, such as 32,32")]
struct NoReserve;

fn parse_reserve(text: &str) -> Result<PerFamily, NoReserve> {
    let (ipv4, ipv6) = text.split_once(',').ok_or(NoReserve)?;
    match (ipv4.trim().parse(), ipv6.trim().parse()) {
        (Ok(ipv4), Ok(ipv6)) => Ok(PerFamily { ipv4, ipv6 }),
        _ => Err(NoReserve),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;
    use rstest::rstest;

    fn parse(line: &str) -> Result<Args, clap::Error> {
        Args::try_parse_from(line.split_whitespace())
    }

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[rstest]
    #[case("swadm nat list")]
    #[case("swadm --host switch0 --port 12225 nat list 203.0.113.7")]
    #[case("swadm nat get 2001:db8::1 80 --json")]
    #[case(
        "swadm nat add 203.0.113.7 0-16383 --internal-ip fd00::1 --inner-mac a8:40:25:f0:00:01 --vni 100"
    )]
    #[case("swadm nat del 203.0.113.7 80")]
    #[case("swadm nat group list")]
    #[case("swadm nat group show services")]
    #[case("swadm nat group entries services --vni 100 --generation 7")]
    #[case(
        "swadm nat group ensure services set.csv --next --dry-run --adopt vni=100 --reserve 32,32"
    )]
    #[case(
        "swadm nat group ensure services - --format toml --generation 7 --max-removals 0 --allow-empty"
    )]
    #[case("swadm nat group ensure services")]
    #[case("swadm nat group delete services --generation 8")]
    #[case("swadm nat group history services")]
    #[case("swadm nat group diff services 0")]
    #[case("swadm nat group diff services 7 6")]
    #[case("swadm route add 0.0.0.0/0 qsfp0 192.0.2.1 --replace --tag up")]
    #[case("swadm route add fd00:1122:3344:101::/64 rear1")]
    #[case("swadm route delete 0.0.0.0/0")]
    #[case("swadm neighbor add fd00::1 a8:40:25:f0:00:01")]
    #[case("swadm loopback add fd00::1")]
    #[case("swadm port list")]
    #[case("swadm packet trace 203.0.113.7 443")]
    #[case("swadm packet trace 2001:db8::1 7 --protocol icmp --in 0 --count --steps")]
    #[case("swadm packet trace --frame ffffffffffff0200000000010806 --in 2")]
    #[case("swadm table list")]
    #[case("swadm table dump Ingress.nat_ingress.ingress_ipv4 --from-hardware")]
    #[case("swadm completions bash")]
    fn what_the_help_promises_is_understood(#[case] line: &str) {
        parse(line).unwrap();
    }

    #[rstest]
    #[case::two_generations("swadm nat group ensure services --next --generation 7", "--next")]
    #[case::generation_zero("swadm nat group delete services --generation 0", "from 1 to")]
    #[case::ports(
        "swadm nat add 203.0.113.7 0-65536 --internal-ip ::2 --inner-mac 02:00:00:00:00:01 --vni 1",
        "up to 65535"
    )]
    #[case::mac(
        "swadm nat add 203.0.113.7 0 --internal-ip ::2 --inner-mac 02-00 --vni 1",
        "a8:40:25:f0:00:01"
    )]
    #[case::prefix("swadm route add 10.0.0.0 qsfp0", "10.0.0.0")]
    #[case::adopt("swadm nat group ensure services --adopt all", "vni=NUMBER")]
    #[case::reserve("swadm nat group ensure services --reserve 32", "such as 32,32")]
    fn what_is_wrong_is_refused_with_what_would_be_right(#[case] line: &str, #[case] right: &str) {
        let refused = parse(line).unwrap_err().to_string();
        assert!(refused.contains(right), "{refused}");
    }

    #[test]
    fn the_port_of_an_entry_is_not_the_port_of_dpd() {
        for line in ["swadm nat get 203.0.113.7 80", "swadm nat del 203.0.113.7 80"] {
            let Args { port, command, .. } = parse(line).unwrap();
            assert_eq!(port, 12224);
            match command {
                Command::Nat(NatCommand::Get { l4_port, .. } | NatCommand::Del { l4_port, .. }) => {
                    assert_eq!(l4_port, 80);
                }
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn ports_are_one_or_a_range() {
        assert_eq!("80".parse(), Ok(Ports { low: 80, high: 80 }));
        assert_eq!("0-16383".parse(), Ok(Ports { low: 0, high: 16383 }));
        // Judging the range is dpd's business, in its own words.
        assert_eq!("5-4".parse(), Ok(Ports { low: 5, high: 4 }));
        assert_eq!("".parse::<Ports>(), Err(NoPorts));
    }
}
