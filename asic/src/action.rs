//! The action of a row: what happens to the packets it is for.

use std::fmt;

use crate::invalid::InvalidRow;
use crate::packed::{Packer, Place, Unpacker};
use crate::spec::{ARGUMENT_BYTES, ActionSpec, ArgumentSpec};
use crate::table::Table;
use crate::value::Value;

/// One of a table's actions with its arguments: 32 bytes, whatever the table.
///
/// ```
/// use std::net::Ipv6Addr;
/// use asic::{Action, Table, Value};
///
/// let action = Action::builder(Table::NatIngressIpv4, "forward_ipv4_to")
///     .argument("fd00:1122:3344:101::1".parse::<Ipv6Addr>()?)
///     .argument([0xa8, 0x40, 0x25, 0xf0, 0x00, 0x01])
///     .argument(100_u32)
///     .build()?;
/// assert_eq!(action.argument("vni"), Some(Value::Number(100)));
/// assert_eq!(
///     action.to_string(),
///     "forward_ipv4_to(target=fd00:1122:3344:101::1, inner_mac=a8:40:25:f0:00:01, vni=100)",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Action {
    table: Table,
    id: u8,
    bytes: [u8; ARGUMENT_BYTES],
}

/// Takes the arguments of an action in the order of its [`ActionSpec::arguments`].
///
/// The first mistake is kept and is what [`ActionBuilder::build`] returns.
#[derive(Clone, Debug)]
#[must_use]
pub struct ActionBuilder(Result<PartialAction, InvalidRow>);

impl Action {
    /// Starts the action `name` of `table`.
    pub fn builder(table: Table, name: &str) -> ActionBuilder {
        let found = table.spec().actions.iter().zip(0..).find(|(spec, _)| spec.name == name);
        ActionBuilder(match found {
            Some((spec, id)) => {
                Ok(PartialAction { table, id, spec, given: 0, packer: Packer::new() })
            }
            None => Err(InvalidRow::NoSuchAction { table, action: name.to_owned() }),
        })
    }

    /// The table this is an action of.
    pub const fn table(&self) -> Table {
        self.table
    }

    /// The action's place in [`TableSpec::actions`](crate::TableSpec::actions).
    pub const fn id(&self) -> u8 {
        self.id
    }

    /// What the table's specification says of the action.
    pub const fn spec(&self) -> &'static ActionSpec {
        &self.table.spec().actions[self.id as usize]
    }

    /// The control-plane name of the action.
    pub const fn name(&self) -> &'static str {
        self.spec().name
    }

    /// Each argument with its value, in the action's order.
    pub fn arguments(&self) -> impl Iterator<Item = (&'static ArgumentSpec, Value)> {
        let table = self.table;
        let mut packed = Unpacker::new(&self.bytes);
        self.spec().arguments.iter().map(move |argument| {
            let bits = packed.next(argument.width_bits);
            (argument, place(table, argument).value_of(bits))
        })
    }

    /// The value of the argument `name`; `None` if the action has no such argument.
    pub fn argument(&self, name: &str) -> Option<Value> {
        self.arguments().find(|(argument, _)| argument.name == name).map(|(_, value)| value)
    }

    /// Each argument's name with its text, as a table dump shows it.
    pub fn render(&self) -> impl Iterator<Item = (&'static str, String)> {
        self.arguments().map(|(argument, value)| (argument.name, value.to_string()))
    }
}

impl ActionBuilder {
    /// The value of the next argument.
    pub fn argument(self, value: impl Into<Value>) -> ActionBuilder {
        ActionBuilder(self.0.and_then(|partial| partial.argument(value.into())))
    }

    /// The action.
    ///
    /// # Errors
    ///
    /// That the table has no such action, the first value that does not fit its argument, or the
    /// first argument that was left out.
    pub fn build(self) -> Result<Action, InvalidRow> {
        self.0.and_then(PartialAction::finish)
    }
}

/// The action as a call, its arguments by name.
impl fmt::Display for Action {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}(", self.name())?;
        for (index, (argument, value)) in self.arguments().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(formatter, "{separator}{}={value}", argument.name)?;
        }
        formatter.write_str(")")
    }
}

impl fmt::Debug for Action {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Action({self})")
    }
}

/// An action of which the first `given` arguments are packed.
#[derive(Clone, Debug)]
struct PartialAction {
    table: Table,
    id: u8,
    spec: &'static ActionSpec,
    given: usize,
    packer: Packer<ARGUMENT_BYTES>,
}

impl PartialAction {
    fn argument(mut self, value: Value) -> Result<PartialAction, InvalidRow> {
        let table = self.table;
        let arguments = self.spec.arguments;
        let argument = arguments
            .get(self.given)
            .ok_or(InvalidRow::TooMany { table, count: arguments.len() })?;
        self.packer.push(argument.width_bits, place(table, argument).bits_of(value)?);
        self.given += 1;
        Ok(self)
    }

    fn finish(self) -> Result<Action, InvalidRow> {
        let PartialAction { table, id, spec, given, packer } = self;
        match spec.arguments.get(given) {
            Some(argument) => Err(InvalidRow::Missing { table, field: argument.name }),
            None => Ok(Action { table, id, bytes: packer.into_bytes() }),
        }
    }
}

fn place(table: Table, argument: &ArgumentSpec) -> Place {
    Place { table, field: argument.name, width_bits: argument.width_bits, format: argument.format }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv6Addr;

    use proptest::prelude::*;

    use super::*;

    const MAC: [u8; 6] = [0xa8, 0x40, 0x25, 0xf0, 0, 1];

    fn start() -> ActionBuilder {
        Action::builder(Table::NatIngressIpv6, "forward_ipv6_to")
    }

    #[test]
    fn an_action_is_small() {
        assert_eq!(size_of::<Action>(), 32);
    }

    #[test]
    fn every_mistake_in_an_action_is_named() {
        let table = Table::NatIngressIpv6;
        let target = Ipv6Addr::LOCALHOST;
        let cases = [
            (start().argument(target).argument(MAC), "vni is missing"),
            (start().argument(MAC), "target is an IPv6 address, which a8:40:25:f0:00:01 is not"),
            (
                start().argument(target).argument(MAC).argument(1_u32 << 24),
                "vni has 24 bits, too few for 16777216",
            ),
            (
                start().argument(target).argument(MAC).argument(1_u32).argument(1_u32),
                "only 3 values are expected here",
            ),
        ];
        for (builder, reason) in cases {
            assert_eq!(builder.build().unwrap_err().to_string(), format!("{table}: {reason}"));
        }
        assert_eq!(
            Action::builder(table, "forward_ipv4_to").build().unwrap_err().to_string(),
            format!("{table} has no action named forward_ipv4_to"),
        );
    }

    proptest! {
        #[test]
        fn what_goes_into_an_action_comes_out(
            target in any::<u128>(), mac in any::<[u8; 6]>(), vni in 0..1_u32 << 24,
        ) {
            let target = Ipv6Addr::from_bits(target);
            let action = start().argument(target).argument(mac).argument(vni).build().unwrap();
            prop_assert_eq!(action.argument("target").and_then(Value::as_ipv6), Some(target));
            prop_assert_eq!(action.argument("inner_mac").and_then(Value::as_mac), Some(mac));
            prop_assert_eq!(action.argument("vni").and_then(Value::as_number), Some(vni.into()));
            prop_assert_eq!(action.argument("port"), None);
            let text: Vec<_> = action.render().collect();
            prop_assert_eq!(text.len(), 3);
            prop_assert_eq!(&text[2], &("vni", vni.to_string()));
        }
    }
}
