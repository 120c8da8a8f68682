//! The other side of the memory device: what packets, auditors and tests do to it.

use std::fmt;
use std::sync::Arc;

use parking_lot::Mutex;

use super::store::{BrokenRule, TableStore};
use super::{MemoryAsic, MemoryConfig};
use crate::invalid::InvalidRow;
use crate::key::{MatchKey, RowKey};
use crate::outcome::{Outcome, WriteError};
use crate::row::{Row, TableWrite};
use crate::spec::{KeyField, MatchKind};
use crate::table::{PerTable, Table};
use crate::value::Value;

/// A way to the tables of a [`MemoryAsic`] past its owner: to send packets, to look, to meddle.
///
/// Clones lead to the same tables.
#[derive(Clone)]
pub struct MemoryHandle {
    config: MemoryConfig,
    tables: Arc<Mutex<PerTable<TableStore>>>,
}

impl MemoryHandle {
    pub(super) fn new(
        config: MemoryConfig,
        tables: Arc<Mutex<PerTable<TableStore>>>,
    ) -> MemoryHandle {
        MemoryHandle { config, tables }
    }

    /// The row of `table` that a packet hits, the one with the largest priority; its counter
    /// counts the packet with its length.
    ///
    /// `fields` are the packet's values for the table's key fields, in their order.
    ///
    /// ```
    /// # use std::net::{Ipv4Addr, Ipv6Addr};
    /// # use asic::{Action, Asic, MatchKey, MemoryAsic, MemoryConfig, Row, Table, TableWrite};
    /// # let table = Table::NatIngressIpv4;
    /// # let address = Ipv4Addr::new(203, 0, 113, 7);
    /// # let key = MatchKey::builder(table).exact(address).range(0, 1023).build()?;
    /// # let action = Action::builder(table, "forward_ipv4_to")
    /// #     .argument(Ipv6Addr::LOCALHOST).argument([2, 0, 0, 0, 0, 1]).argument(100_u32).build()?;
    /// # let row = Row::new(key, action)?;
    /// let switch = MemoryAsic::new(MemoryConfig::default()).handle();
    /// switch.alter(&TableWrite::Insert(row))?;
    /// assert_eq!(switch.lookup(table, &[address.into(), 443_u16.into()], 1500)?, Some(row));
    /// assert_eq!(switch.lookup(table, &[address.into(), 1024_u16.into()], 1500)?, None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If these are not values of the table's key fields.
    pub fn lookup(
        &self,
        table: Table,
        fields: &[Value],
        length_bytes: u64,
    ) -> Result<Option<Row>, InvalidRow> {
        let packet = packet_key(table, fields)?;
        Ok(self.tables.lock()[table].hit(&packet, length_bytes))
    }

    /// Performs a write that the device's owner knows nothing of.
    ///
    /// # Errors
    ///
    /// The device's refusal: its own rules hold for everyone.
    pub fn alter(&self, write: &TableWrite) -> Outcome {
        self.tables.lock()[write.table()].perform(write).map_err(WriteError::Refused)
    }

    /// Every row of `table`, by key and then by priority.
    pub fn rows(&self, table: Table) -> Vec<Row> {
        self.tables.lock()[table].rows()
    }

    /// The row of this key and priority.
    pub fn row(&self, key: RowKey) -> Option<Row> {
        self.tables.lock()[key.table()].row(key)
    }

    /// How many rows of the device are taken in `table`.
    pub fn in_use_rows(&self, table: Table) -> u32 {
        self.tables.lock()[table].in_use_rows()
    }

    /// A device over the same tables, for an owner that starts anew on a switch that runs on.
    pub fn reconnect(&self) -> MemoryAsic {
        MemoryAsic { config: self.config, tables: Arc::clone(&self.tables) }
    }

    /// Checks everything that the device relies on itself.
    ///
    /// # Errors
    ///
    /// The first rule found broken.
    pub fn validate(&self) -> Result<(), BrokenRule> {
        let tables = self.tables.lock();
        Table::ALL.iter().try_for_each(|&table| tables[table].validate())
    }
}

impl fmt::Debug for MemoryHandle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("MemoryHandle").field("config", &self.config).finish_non_exhaustive()
    }
}

/// The key that matches packets with these values and no others.
fn packet_key(table: Table, fields: &[Value]) -> Result<MatchKey, InvalidRow> {
    let mut builder = MatchKey::builder(table);
    for (index, &value) in fields.iter().enumerate() {
        builder = match table.spec().keys.get(index) {
            Some(&KeyField { kind: MatchKind::Range, name: field, format: expected, .. }) => {
                let port = value
                    .as_number()
                    .and_then(|number| u16::try_from(number).ok())
                    .ok_or(InvalidRow::OtherFormat { table, field, expected, value })?;
                builder.range(port, port)
            }
            Some(&KeyField { kind: MatchKind::Lpm, width_bits, .. }) => {
                builder.prefix(value, width_bits)
            }
            Some(&KeyField { kind: MatchKind::Exact, .. }) | None => builder.exact(value),
        };
    }
    builder.build()
}
