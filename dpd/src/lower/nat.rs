//! The rows of the NAT tables.

use asic::{Action, InvalidRow, MatchKey, Row, RowKey, Table, TableWrite};
use nat_groups::{DeviceRow, Family, MacAddr, PortRange, Priority, Slot, Target, Vni, Write};
use std::net::IpAddr;
use thiserror::Error;

/// The table of a family's mappings.
pub fn table_of(family: Family) -> Table {
    match family {
        Family::V4 => Table::NatIngressIpv4,
        Family::V6 => Table::NatIngressIpv6,
    }
}

/// The family whose mappings a table holds, if it holds mappings.
pub fn family_of(table: Table) -> Option<Family> {
    Family::ALL.into_iter().find(|family| table_of(*family) == table)
}

/// A planned write, as the device takes it.
///
/// # Errors
///
/// Only if the list of tables does not describe the NAT tables.
pub fn write(write: &Write) -> Result<TableWrite, InvalidRow> {
    Ok(match write {
        Write::Insert(device_row) => TableWrite::Insert(row(device_row)?),
        Write::Modify(device_row) => TableWrite::Modify(row(device_row)?),
        Write::Delete { slot, priority } => TableWrite::Delete(key(slot, *priority)?),
    })
}

/// A row, as the device takes it.
///
/// # Errors
///
/// As for [`write()`].
pub fn row(DeviceRow { slot, priority, target }: &DeviceRow) -> Result<Row, InvalidRow> {
    let action = match slot.family() {
        Family::V4 => "forward_ipv4_to",
        Family::V6 => "forward_ipv6_to",
    };
    let action = Action::builder(table_of(slot.family()), action)
        .argument(target.internal_ip)
        .argument(target.inner_mac.0)
        .argument(target.vni.get())
        .build()?;
    Row::new(key(slot, *priority)?, action)
}

/// A row that a device gave back, as the core knows it.
///
/// # Errors
///
/// If it is not a row that a mapping can have.
pub fn raise_row(row: &Row) -> Result<DeviceRow, LowerError> {
    let foreign = || LowerError::ForeignRow { row: row.to_string() };
    let key = row.key();
    let address = key.key.exact("dst_addr").ok_or_else(foreign)?;
    let external = match family_of(row.table()) {
        Some(Family::V4) => address.as_ipv4().map(IpAddr::V4),
        Some(Family::V6) => address.as_ipv6().map(IpAddr::V6),
        None => None,
    };
    let (low, high) = key.key.range().ok_or_else(foreign)?;
    let ports = PortRange::new(low, high).map_err(|_| foreign())?;
    let argument = |name| row.action().argument(name);
    let target = Target {
        internal_ip: argument("target").and_then(|ip| ip.as_ipv6()).ok_or_else(foreign)?,
        inner_mac: argument("inner_mac")
            .and_then(|mac| mac.as_mac())
            .map(MacAddr)
            .ok_or_else(foreign)?,
        vni: argument("vni")
            .and_then(|vni| u32::try_from(vni.as_number()?).ok())
            .and_then(|vni| Vni::new(vni).ok())
            .ok_or_else(foreign)?,
    };
    Ok(DeviceRow {
        slot: Slot::new(external.ok_or_else(foreign)?, ports),
        priority: Priority(key.priority),
        target,
    })
}

/// A row that is none of ours.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LowerError {
    /// It has a key or an action that no mapping has.
    #[error("the table holds a row that no mapping can have: {row}")]
    ForeignRow {
        /// The row.
        row: String,
    },
}

fn key(slot: &Slot, priority: Priority) -> Result<RowKey, InvalidRow> {
    let key = MatchKey::builder(table_of(slot.family()));
    let key = match IpAddr::from(slot.external) {
        IpAddr::V4(address) => key.exact(address),
        IpAddr::V6(address) => key.exact(address),
    };
    let key = key.range(slot.ports.low(), slot.ports.high()).build()?;
    Ok(key.at_priority(priority.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("203.0.113.7", 0, 16383, 1)]
    #[case("203.0.113.7", 65535, 65535, 7)]
    #[case("2001:db8::1", 0, 65535, 2)]
    fn a_row_comes_back_as_it_was_sent(
        #[case] external: IpAddr,
        #[case] low: u16,
        #[case] high: u16,
        #[case] priority: u32,
    ) {
        let sent = DeviceRow {
            slot: Slot::new(external, PortRange::new(low, high).unwrap()),
            priority: Priority(priority),
            target: Target {
                internal_ip: "fd00:1122:3344:101::1".parse().unwrap(),
                inner_mac: MacAddr([0xa8, 0x40, 0x25, 0xf0, 0, 1]),
                vni: Vni::new(Vni::MAX).unwrap(),
            },
        };
        let lowered = row(&sent).unwrap();
        assert_eq!(family_of(lowered.table()), Some(sent.slot.family()));
        assert_eq!(raise_row(&lowered).unwrap(), sent);
    }
}
