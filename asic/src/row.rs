//! A row of a table, and the writes that change which rows a table holds.

use std::fmt;

use crate::action::Action;
use crate::invalid::InvalidRow;
use crate::key::RowKey;
use crate::table::Table;

/// A row: which packets it is for, at what priority, and what happens to them. 60 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Row {
    key: RowKey,
    action: Action,
}

/// One change of one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TableWrite {
    /// Add a row that is not there. Its counter begins at zero.
    Insert(Row),
    /// Give a row that is there another action, without a moment in which it is missing. Its
    /// counter goes on.
    Modify(Row),
    /// Take away a row that is there.
    Delete(RowKey),
}

impl Row {
    /// A row of the table that both `key` and `action` are of.
    ///
    /// # Errors
    ///
    /// [`InvalidRow::OtherTable`] if they are of two tables.
    pub fn new(key: impl Into<RowKey>, action: Action) -> Result<Row, InvalidRow> {
        let key = key.into();
        match (key.table(), action.table()) {
            (key_table, action_table) if key_table != action_table => {
                Err(InvalidRow::OtherTable { key_table, action_table })
            }
            _ => Ok(Row { key, action }),
        }
    }

    /// The table this is a row of.
    pub const fn table(&self) -> Table {
        self.key.table()
    }

    /// What identifies the row.
    pub const fn key(&self) -> RowKey {
        self.key
    }

    /// What happens to the packets it is for.
    pub const fn action(&self) -> Action {
        self.action
    }

    /// A row from a key and an action that some row of one table had.
    pub(crate) const fn of_one_table(key: RowKey, action: Action) -> Row {
        Row { key, action }
    }
}

impl TableWrite {
    /// The table that changes.
    pub const fn table(&self) -> Table {
        self.key().table()
    }

    /// Which row changes.
    pub const fn key(&self) -> RowKey {
        match self {
            TableWrite::Insert(row) | TableWrite::Modify(row) => row.key,
            TableWrite::Delete(key) => *key,
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Row { key, action } = self;
        write!(formatter, "{key} -> {action}")
    }
}

/// The write as one line, with its table.
impl fmt::Display for TableWrite {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let table = self.table();
        match self {
            TableWrite::Insert(row) => write!(formatter, "insert {table} {row}"),
            TableWrite::Modify(row) => write!(formatter, "modify {table} {row}"),
            TableWrite::Delete(key) => write!(formatter, "delete {table} {key}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use super::*;
    use crate::key::MatchKey;

    fn action(table: Table, name: &str) -> Action {
        Action::builder(table, name)
            .argument(Ipv6Addr::LOCALHOST)
            .argument([2, 0, 0, 0, 0, 1])
            .argument(100_u32)
            .build()
            .unwrap()
    }

    fn key() -> MatchKey {
        MatchKey::builder(Table::NatIngressIpv4)
            .exact(Ipv4Addr::LOCALHOST)
            .range(0, 1023)
            .build()
            .unwrap()
    }

    #[test]
    fn a_row_is_small() {
        assert_eq!(size_of::<Row>(), 60);
        assert_eq!(size_of::<TableWrite>(), 64);
    }

    #[test]
    fn the_key_and_the_action_of_a_row_are_of_one_table() {
        let foreign = action(Table::NatIngressIpv6, "forward_ipv6_to");
        assert_eq!(
            Row::new(key(), foreign),
            Err(InvalidRow::OtherTable {
                key_table: Table::NatIngressIpv4,
                action_table: Table::NatIngressIpv6,
            }),
        );
    }

    #[test]
    fn a_write_reads_as_one_line() {
        let row = Row::new(key().at_priority(2), action(Table::NatIngressIpv4, "forward_ipv4_to"))
            .unwrap();
        assert_eq!(
            TableWrite::Insert(row).to_string(),
            "insert Ingress.nat_ingress.ingress_ipv4 dst_addr=127.0.0.1 l4_dst_port=0-1023 \
             priority=2 -> forward_ipv4_to(target=::1, inner_mac=02:00:00:00:00:01, vni=100)",
        );
        assert_eq!(
            TableWrite::Delete(key().into()).to_string(),
            "delete Ingress.nat_ingress.ingress_ipv4 dst_addr=127.0.0.1 l4_dst_port=0-1023",
        );
    }
}
