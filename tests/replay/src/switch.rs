//! A switch to replay on.

use std::net::Ipv6Addr;
use std::time::Duration;

use asic::{
    Action, Asic, InvalidRow, MatchKey, Outcome, ReadError, Row, Table, TableWrite, WriteError,
};
use dpd::lower::{self, LowerError};
use nat_groups::{DeviceRow, Family};
use softswitch::PacketSocketError;
use thiserror::Error;

use crate::probe::{NEXT_HOP, NEXT_HOP_MAC, REAR, UNDERLAY, UPLINK, port_mac};

/// A switch whose tables can be written and whose ports take packets.
pub trait Switch {
    /// Its tables.
    fn asic(&mut self) -> &mut dyn Asic;

    /// Sends a frame in by a port: what comes out, by port.
    ///
    /// # Errors
    ///
    /// If the switch does not tell.
    fn send(&mut self, port: u16, frame: &[u8]) -> Result<Vec<(u16, Vec<u8>)>, SwitchFailure>;

    /// What the program does with such a frame, a line for each step.
    ///
    /// # Errors
    ///
    /// If the switch does not tell.
    fn trace(&mut self, port: u16, frame: &[u8]) -> Result<String, SwitchFailure>;
}

/// Why a switch cannot be used for a replay.
#[derive(Debug, Error)]
pub enum SwitchFailure {
    /// It did not do a write that it should have done.
    #[error("{write}: {error}")]
    Write {
        /// The write.
        write: Box<TableWrite>,
        /// What became of it.
        error: WriteError,
    },
    /// A table cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A row that is not as the list of tables describes it.
    #[error(transparent)]
    Row(#[from] InvalidRow),
    /// A row that no mapping can have.
    #[error(transparent)]
    Foreign(#[from] LowerError),
    /// It does not tell what became of a packet.
    #[error(transparent)]
    Packet(#[from] PacketSocketError),
}

/// How long the switch has for a call.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Performs one write.
pub(crate) fn perform(asic: &mut dyn Asic, write: TableWrite) -> Result<(), SwitchFailure> {
    let outcome: Option<Outcome> = asic.write(&[write], TIMEOUT).pop();
    match outcome.unwrap_or(Err(WriteError::NotAttempted)) {
        Ok(()) => Ok(()),
        Err(error) => Err(SwitchFailure::Write { write: Box::new(write), error }),
    }
}

/// The rows of a family's NAT table.
pub(crate) fn nat_rows(
    asic: &mut dyn Asic,
    family: Family,
) -> Result<Vec<DeviceRow>, SwitchFailure> {
    let rows = asic.read(lower::table_of(family), TIMEOUT)?;
    rows.iter().map(|row| Ok(lower::raise_row(row)?)).collect()
}

/// Programs what is around the NAT tables: an uplink, a rear port, and a way to every sled.
///
/// # Errors
///
/// If the switch refuses a row.
pub fn set_up(asic: &mut dyn Asic) -> Result<(), SwitchFailure> {
    let mut rows = vec![
        row(
            MatchKey::builder(Table::PortRole).exact(u64::from(UPLINK)),
            Action::builder(Table::PortRole, "uplink"),
        )?,
        row(
            MatchKey::builder(Table::PortRole).exact(u64::from(REAR)),
            Action::builder(Table::PortRole, "rear"),
        )?,
        row(
            MatchKey::builder(Table::SwitchAddressIpv6).exact(UNDERLAY),
            Action::builder(Table::SwitchAddressIpv6, "own_address"),
        )?,
        row(
            MatchKey::builder(Table::RouteIpv6).prefix(Ipv6Addr::UNSPECIFIED, 0),
            Action::builder(Table::RouteIpv6, "forward_ipv6")
                .argument(u64::from(REAR))
                .argument(NEXT_HOP),
        )?,
        row(
            MatchKey::builder(Table::NeighborIpv6).exact(NEXT_HOP),
            Action::builder(Table::NeighborIpv6, "rewrite_ipv6").argument(NEXT_HOP_MAC),
        )?,
    ];
    for port in [UPLINK, REAR] {
        rows.push(row(
            MatchKey::builder(Table::PortInterface).exact(u64::from(port)),
            Action::builder(Table::PortInterface, "send_from")
                .argument(port_mac(port))
                .argument(UNDERLAY),
        )?);
    }
    rows.into_iter().try_for_each(|row| perform(asic, TableWrite::Insert(row)))
}

fn row(key: asic::MatchKeyBuilder, action: asic::ActionBuilder) -> Result<Row, InvalidRow> {
    Row::new(key.build()?, action.build()?)
}
