//! The one list of tables.
//!
//! Everything that speaks of tables, from the plan to a dump, goes through it. A new table is one
//! entry of [`Table`] and the [`TableSpec`] it names.

use std::fmt;
use std::ops::{Index, IndexMut};

use crate::spec::{ActionSpec, ArgumentSpec, Format, KeyField, MatchKind, TableSpec};

/// Declares [`Table`], [`Table::ALL`] and [`Table::spec`] together, so that none can lack a table
/// that another has.
macro_rules! tables {
    ($($(#[$attribute:meta])* $name:ident => $spec:ident,)+) => {
        /// A match-action table of the switch.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Table {
            $($(#[$attribute])* $name,)+
        }

        impl Table {
            /// Every table, in the order in which they are listed to people.
            pub const ALL: &'static [Table] = &[$(Table::$name),+];

            /// How many tables there are.
            pub const COUNT: usize = Table::ALL.len();

            /// What the table looks like.
            pub const fn spec(self) -> &'static TableSpec {
                match self {
                    $(Table::$name => &$spec,)+
                }
            }
        }

        $(const _: () = $spec.assert_well_formed();)+
    };
}

tables! {
    /// External IPv4 address and port to sled.
    NatIngressIpv4 => NAT_INGRESS_IPV4,
    /// External IPv6 address and port to sled.
    NatIngressIpv6 => NAT_INGRESS_IPV6,
}

static NAT_INGRESS_IPV4: TableSpec = TableSpec {
    name: "Ingress.nat_ingress.ingress_ipv4",
    size_rows: 1024,
    keys: &[
        KeyField { name: "dst_addr", width_bits: 32, kind: MatchKind::Exact, format: Format::Ipv4 },
        L4_DST_PORT,
    ],
    actions: &[ActionSpec { name: "forward_ipv4_to", arguments: NAT_TARGET }],
};

static NAT_INGRESS_IPV6: TableSpec = TableSpec {
    name: "Ingress.nat_ingress.ingress_ipv6",
    size_rows: 1024,
    keys: &[
        KeyField {
            name: "dst_addr",
            width_bits: 128,
            kind: MatchKind::Exact,
            format: Format::Ipv6,
        },
        L4_DST_PORT,
    ],
    actions: &[ActionSpec { name: "forward_ipv6_to", arguments: NAT_TARGET }],
};

const L4_DST_PORT: KeyField = KeyField {
    name: "l4_dst_port",
    width_bits: 16,
    kind: MatchKind::Range,
    format: Format::Number,
};

const NAT_TARGET: &[ArgumentSpec] = &[
    ArgumentSpec { name: "target", width_bits: 128, format: Format::Ipv6 },
    ArgumentSpec { name: "inner_mac", width_bits: 48, format: Format::Mac },
    ArgumentSpec { name: "vni", width_bits: 24, format: Format::Number },
];

impl Table {
    /// The control-plane name, as in `Ingress.nat_ingress.ingress_ipv4`.
    pub const fn name(self) -> &'static str {
        self.spec().name
    }

    /// The table of this control-plane name, if there is one.
    pub fn from_name(name: &str) -> Option<Table> {
        Table::ALL.iter().copied().find(|table| table.name() == name)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// One value for each table.
///
/// ```
/// use asic::{PerTable, Table};
///
/// let mut size_rows = PerTable::from_fn(|table| table.spec().size_rows);
/// size_rows[Table::NatIngressIpv6] = 256;
/// assert_eq!(size_rows[Table::NatIngressIpv4], 1024);
/// assert_eq!(size_rows[Table::NatIngressIpv6], 256);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PerTable<T>([T; Table::COUNT]);

impl<T> PerTable<T> {
    /// Asks `value` once for each table.
    pub fn from_fn(mut value: impl FnMut(Table) -> T) -> PerTable<T> {
        PerTable(std::array::from_fn(|index| value(Table::ALL[index])))
    }

    /// Each table with its value, in the order of [`Table::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Table, &T)> {
        Table::ALL.iter().copied().zip(&self.0)
    }
}

impl<T> Index<Table> for PerTable<T> {
    type Output = T;

    fn index(&self, table: Table) -> &T {
        &self.0[table as usize]
    }
}

impl<T> IndexMut<Table> for PerTable<T> {
    fn index_mut(&mut self, table: Table) -> &mut T {
        &mut self.0[table as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tables_name_leads_back_to_it_and_no_two_share_one() {
        for &table in Table::ALL {
            assert_eq!(Table::from_name(table.name()), Some(table));
        }
        assert_eq!(Table::from_name("Ingress.nat_ingress"), None);
    }

    #[test]
    fn the_nat_tables_are_those_of_the_program() {
        let names: Vec<&str> = Table::ALL.iter().map(|table| table.name()).collect();
        assert_eq!(names, ["Ingress.nat_ingress.ingress_ipv4", "Ingress.nat_ingress.ingress_ipv6"]);
        for &table in Table::ALL {
            let spec = table.spec();
            let keys: Vec<&str> = spec.keys.iter().map(|field| field.name).collect();
            assert_eq!(keys, ["dst_addr", "l4_dst_port"]);
            assert_eq!(spec.size_rows, 1024);
        }
    }

    #[test]
    fn each_table_finds_its_own_value() {
        let names = PerTable::from_fn(Table::name);
        for (table, name) in names.iter() {
            assert_eq!(*name, table.name());
            assert_eq!(names[table], table.name());
        }
    }
}
