//! Values as people read them.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use crate::ir::{Program, Type};

use super::operators::signed;

/// What kind of scalar a value is, as far as it matters for showing it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// `bool`
    Bool,
    /// `bit` of this width.
    Bit(u32),
    /// `int` of this width.
    Int(u32),
    /// A member of an enumeration or an error.
    Named {
        /// The enumeration, or `error`.
        of: Arc<str>,
        /// The members with their values.
        members: Arc<[(Arc<str>, u128)]>,
    },
}

/// A value with its kind. Shown as an address where its width is that of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// The value.
    pub value: u128,
    /// What it is.
    pub kind: ValueKind,
}

impl ValueKind {
    /// The kind of a scalar type; none for other types.
    pub(crate) fn of(program: &Program, ty: &Type) -> Option<ValueKind> {
        match ty {
            Type::Bool => Some(ValueKind::Bool),
            Type::Bit(width) => Some(ValueKind::Bit(*width)),
            Type::Int(width) => Some(ValueKind::Int(*width)),
            Type::Error => {
                let members = program.errors.iter().cloned().zip(0..).collect();
                Some(ValueKind::Named { of: Arc::from("error"), members })
            }
            Type::Enum(id) => {
                let all = &program.enums[id.index()];
                let members = all.members.iter().cloned().collect();
                Some(ValueKind::Named { of: all.name.clone(), members })
            }
            _ => None,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.value;
        match &self.kind {
            ValueKind::Bool => write!(formatter, "{}", value != 0),
            ValueKind::Bit(32) => write!(formatter, "{}", Ipv4Addr::from_bits(value as u32)),
            ValueKind::Bit(128) => write!(formatter, "{}", Ipv6Addr::from_bits(value)),
            ValueKind::Bit(48) => {
                let [_, _, bytes @ ..] = (value as u64).to_be_bytes();
                let [a, b, c, d, e, f] = bytes;
                write!(formatter, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{f:02x}")
            }
            ValueKind::Bit(width) if *width <= 16 => write!(formatter, "{value}"),
            ValueKind::Bit(_) => write!(formatter, "{value:#x}"),
            ValueKind::Int(width) => write!(formatter, "{}", signed(value, *width)),
            ValueKind::Named { of, members } => {
                match members.iter().find(|(_, member)| *member == value) {
                    Some((name, _)) => formatter.write_str(name),
                    None => write!(formatter, "{of}({value})"),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_the_width_of_an_address_are_shown_as_one() {
        let show = |value, kind| Value { value, kind }.to_string();
        assert_eq!(show(0x0a00_0001, ValueKind::Bit(32)), "10.0.0.1");
        assert_eq!(show(1, ValueKind::Bit(128)), "::1");
        assert_eq!(show(0xa840_2500_0001, ValueKind::Bit(48)), "a8:40:25:00:00:01");
        assert_eq!(show(443, ValueKind::Bit(16)), "443");
        assert_eq!(show(0xffff, ValueKind::Bit(24)), "0xffff");
        assert_eq!(show(0xff, ValueKind::Int(8)), "-1");
        assert_eq!(show(1, ValueKind::Bool), "true");
        let members: Arc<[_]> = [(Arc::from("nat_miss"), 6)].into();
        let named =
            |value| show(value, ValueKind::Named { of: "Drop".into(), members: members.clone() });
        assert_eq!(named(6), "nat_miss");
        assert_eq!(named(7), "Drop(7)");
    }
}
