//! NAT entries.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;
use thiserror::Error;

/// A NAT entry: traffic to one external address, in one range of ports, goes to one target.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(deny_unknown_fields, expecting = "an object with `external`, `low`, `high` and `target`")]
pub struct NatEntry {
    /// The external address, IPv4 or IPv6. A group's entry may not have an unspecified, loopback,
    /// multicast, broadcast, link-local or IPv4-mapped one.
    pub external: IpAddr,
    /// The first L4 port of the range, 0 to 65535; for ICMP echo it is the identifier.
    pub low: u16,
    /// The last L4 port of the range, itself included; not below `low`.
    pub high: u16,
    /// Where the traffic goes.
    pub target: NatTarget,
}

/// Where a NAT entry sends its traffic, encapsulated in Geneve.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(expecting = "an object with `internal_ip`, `inner_mac` and `vni`")]
pub struct NatTarget {
    /// The IPv6 address of the sled. In a group it may not be unspecified, loopback, multicast or
    /// IPv4-mapped.
    pub internal_ip: Ipv6Addr,
    /// The destination MAC address of the inner packet. In a group it may not be multicast.
    pub inner_mac: MacAddr,
    /// The Geneve virtual network identifier, 24 bits: 0 to 16777215.
    #[schemars(range(max = 16_777_215))]
    pub vni: u32,
}

/// The key of a NAT entry: an external address and a range of ports.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct NatSlot {
    /// The external address, IPv4 or IPv6.
    pub external: IpAddr,
    /// The first L4 port of the range.
    pub low: u16,
    /// The last L4 port of the range, itself included.
    pub high: u16,
}

/// A MAC address. On the wire it is `{"a": [168, 64, 37, 240, 0, 1]}`; for people,
/// `a8:40:25:f0:00:01`.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(expecting = "an object with `a`, a list of six bytes")]
pub struct MacAddr {
    /// The six bytes, first to last.
    pub a: [u8; 6],
}

impl NatEntry {
    /// The entry's key.
    pub fn slot(&self) -> NatSlot {
        let Self { external, low, high, target: _ } = *self;
        NatSlot { external, low, high }
    }
}

impl fmt::Display for NatEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} -> {}", self.slot(), self.target)
    }
}

impl fmt::Display for NatSlot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { external, low, high } = self;
        write!(f, "{external} ports {low}-{high}")
    }
}

impl fmt::Display for NatTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { internal_ip, inner_mac, vni } = self;
        write!(f, "{internal_ip} mac {inner_mac} vni {vni}")
    }
}

impl fmt::Display for MacAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.a;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

/// Six pairs of hex digits, of either case, with a colon between each two.
impl FromStr for MacAddr {
    type Err = InvalidMacAddr;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidMacAddr { text: text.to_owned() };
        let mut pairs = text.split(':');
        let mut a = [0; 6];
        for byte in &mut a {
            *byte = pairs.next().and_then(hex_pair).ok_or_else(invalid)?;
        }
        match pairs.next() {
            None => Ok(Self { a }),
            Some(_) => Err(invalid()),
        }
    }
}

/// A text that is no MAC address.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{text:?} is not a MAC address: it takes the form a8:40:25:f0:00:01")]
pub struct InvalidMacAddr {
    /// The text given.
    pub text: String,
}

/// The byte that exactly two hex digits say. (`from_str_radix` alone would also take `+1`.)
fn hex_pair(pair: &str) -> Option<u8> {
    let hex = pair.len() == 2 && pair.bytes().all(|digit| digit.is_ascii_hexdigit());
    if hex { u8::from_str_radix(pair, 16).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[test]
    fn an_entry_is_written_as_existing_clients_know_it() {
        let text = concat!(
            r#"{"external":"203.0.113.7","low":0,"high":16383,"target":"#,
            r#"{"internal_ip":"fd00:1122:3344:101::1","inner_mac":{"a":[168,64,37,255,0,1]},"vni":100}}"#
        );
        let entry: NatEntry = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&entry).unwrap(), text);
        assert_eq!(
            entry.to_string(),
            "203.0.113.7 ports 0-16383 -> fd00:1122:3344:101::1 mac a8:40:25:ff:00:01 vni 100"
        );
    }

    #[test]
    fn unknown_fields_are_tolerated_inside_a_target_alone() {
        let target = r#"{"internal_ip":"fd00::1","inner_mac":{"a":[0,0,0,0,0,1]},"vni":1,"new":0}"#;
        serde_json::from_str::<NatTarget>(target).unwrap();
        let entry = format!(r#"{{"external":"::2","low":0,"high":1,"target":{target}}}"#);
        serde_json::from_str::<NatEntry>(&entry).unwrap();
        let entry = format!(r#"{{"external":"::2","low":0,"high":1,"target":{target},"new":0}}"#);
        let refused = serde_json::from_str::<NatEntry>(&entry).unwrap_err().to_string();
        assert!(refused.contains("unknown field `new`"), "{refused}");
    }

    #[rstest]
    #[case::lower_case("a8:40:25:f0:00:01")]
    #[case::upper_case("A8:40:25:F0:00:01")]
    fn a_mac_is_read_from_text(#[case] text: &str) {
        let mac: MacAddr = text.parse().unwrap();
        assert_eq!(mac, MacAddr { a: [0xa8, 0x40, 0x25, 0xf0, 0, 1] });
        assert_eq!(mac.to_string(), "a8:40:25:f0:00:01");
    }

    #[rstest]
    #[case::empty("")]
    #[case::five_bytes("a8:40:25:f0:00")]
    #[case::seven_bytes("a8:40:25:f0:00:01:02")]
    #[case::one_digit("a8:40:25:f0:0:01")]
    #[case::sign("a8:40:25:f0:+0:01")]
    #[case::not_hex("a8:40:25:f0:0g:01")]
    #[case::dashes("a8-40-25-f0-00-01")]
    #[case::space(" a8:40:25:f0:00:01")]
    fn what_is_no_mac_is_refused(#[case] text: &str) {
        assert_eq!(text.parse::<MacAddr>(), Err(InvalidMacAddr { text: text.to_owned() }));
    }
}
