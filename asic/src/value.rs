//! The value of one field: an address, a MAC address or a number.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use crate::spec::Format;

/// The value of an exact key field or of an action's argument.
///
/// Its kind must be the one that the field's [`Format`] asks for, so that two arguments given in
/// the wrong order are noticed.
///
/// ```
/// use asic::Value;
///
/// assert_eq!(Value::Mac([0xa8, 0x40, 0x25, 0xf0, 0, 1]).to_string(), "a8:40:25:f0:00:01");
/// assert_eq!(Value::from(100_u32).to_string(), "100");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    /// An IPv4 address.
    Ipv4(Ipv4Addr),
    /// An IPv6 address.
    Ipv6(Ipv6Addr),
    /// A MAC address, first octet first.
    Mac([u8; 6]),
    /// Any other number.
    Number(u64),
}

impl Value {
    /// The format that this value has.
    pub const fn format(self) -> Format {
        match self {
            Value::Ipv4(_) => Format::Ipv4,
            Value::Ipv6(_) => Format::Ipv6,
            Value::Mac(_) => Format::Mac,
            Value::Number(_) => Format::Number,
        }
    }

    /// The value as a number, its first octet the most significant.
    pub const fn to_bits(self) -> u128 {
        match self {
            Value::Ipv4(address) => address.to_bits() as u128,
            Value::Ipv6(address) => address.to_bits(),
            Value::Mac([a, b, c, d, e, f]) => u64::from_be_bytes([0, 0, a, b, c, d, e, f]) as u128,
            Value::Number(number) => number as u128,
        }
    }

    /// The value of this format whose bits these are, or `None` if they are too many for it.
    pub fn from_bits(format: Format, bits: u128) -> Option<Value> {
        Some(match format {
            Format::Ipv4 => Value::Ipv4(Ipv4Addr::from_bits(u32::try_from(bits).ok()?)),
            Format::Ipv6 => Value::Ipv6(Ipv6Addr::from_bits(bits)),
            Format::Mac => {
                let [0, 0, octets @ ..] = u64::try_from(bits).ok()?.to_be_bytes() else {
                    return None;
                };
                Value::Mac(octets)
            }
            Format::Number => Value::Number(u64::try_from(bits).ok()?),
        })
    }

    /// The IPv4 address, if this is one.
    pub const fn as_ipv4(self) -> Option<Ipv4Addr> {
        match self {
            Value::Ipv4(address) => Some(address),
            _ => None,
        }
    }

    /// The IPv6 address, if this is one.
    pub const fn as_ipv6(self) -> Option<Ipv6Addr> {
        match self {
            Value::Ipv6(address) => Some(address),
            _ => None,
        }
    }

    /// The octets of the MAC address, if this is one.
    pub const fn as_mac(self) -> Option<[u8; 6]> {
        match self {
            Value::Mac(octets) => Some(octets),
            _ => None,
        }
    }

    /// The number, if this is one and no address.
    pub const fn as_number(self) -> Option<u64> {
        match self {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }
}

impl From<Ipv4Addr> for Value {
    fn from(address: Ipv4Addr) -> Value {
        Value::Ipv4(address)
    }
}

impl From<Ipv6Addr> for Value {
    fn from(address: Ipv6Addr) -> Value {
        Value::Ipv6(address)
    }
}

impl From<[u8; 6]> for Value {
    fn from(octets: [u8; 6]) -> Value {
        Value::Mac(octets)
    }
}

impl From<u16> for Value {
    fn from(number: u16) -> Value {
        Value::Number(number.into())
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Value {
        Value::Number(number.into())
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Value {
        Value::Number(number)
    }
}

/// The text of a table dump.
impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Ipv4(address) => address.fmt(formatter),
            Value::Ipv6(address) => address.fmt(formatter),
            Value::Mac([a, b, c, d, e, f]) => {
                write!(formatter, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{f:02x}")
            }
            Value::Number(number) => number.fmt(formatter),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(Value::Ipv4(Ipv4Addr::new(203, 0, 113, 7)), 0xcb00_7107, "203.0.113.7")]
    #[case(Value::Ipv6(Ipv6Addr::LOCALHOST), 1, "::1")]
    #[case(Value::Mac([0xa8, 0x40, 0x25, 0xf0, 0, 1]), 0xa840_25f0_0001, "a8:40:25:f0:00:01")]
    #[case(Value::Number(16_777_215), 0xff_ffff, "16777215")]
    fn a_value_is_its_bits_and_its_text(
        #[case] value: Value,
        #[case] bits: u128,
        #[case] text: &str,
    ) {
        assert_eq!(value.to_bits(), bits);
        assert_eq!(Value::from_bits(value.format(), bits), Some(value));
        assert_eq!(value.to_string(), text);
    }

    #[rstest]
    #[case(Format::Ipv4, 1 << 32)]
    #[case(Format::Mac, 1 << 48)]
    #[case(Format::Number, 1 << 64)]
    fn bits_that_a_format_has_no_room_for_are_no_value(#[case] format: Format, #[case] bits: u128) {
        assert!(Value::from_bits(format, bits - 1).is_some());
        assert_eq!(Value::from_bits(format, bits), None);
    }
}
