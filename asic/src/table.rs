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
    /// The port that a packet comes in by to what is behind that port.
    PortRole => PORT_ROLE,
    /// The addresses of the switch itself, to which tunnels end.
    SwitchAddressIpv6 => SWITCH_ADDRESS_IPV6,
    /// IPv4 destination to port and next hop.
    RouteIpv4 => ROUTE_IPV4,
    /// IPv6 destination to port and next hop.
    RouteIpv6 => ROUTE_IPV6,
    /// IPv4 next hop to MAC address.
    NeighborIpv4 => NEIGHBOR_IPV4,
    /// IPv6 next hop to MAC address.
    NeighborIpv6 => NEIGHBOR_IPV6,
    /// The port that a packet leaves by to the addresses it is sent from.
    PortInterface => PORT_INTERFACE,
}

static NAT_INGRESS_IPV4: TableSpec = TableSpec {
    name: "Ingress.nat_ingress.ingress_ipv4",
    size_rows: 1024,
    keys: &[key("dst_addr", MatchKind::Exact, IPV4), L4_DST_PORT],
    actions: &[ActionSpec { name: "forward_ipv4_to", arguments: NAT_TARGET }],
    has_counters: true,
};

static NAT_INGRESS_IPV6: TableSpec = TableSpec {
    name: "Ingress.nat_ingress.ingress_ipv6",
    size_rows: 1024,
    keys: &[key("dst_addr", MatchKind::Exact, IPV6), L4_DST_PORT],
    actions: &[ActionSpec { name: "forward_ipv6_to", arguments: NAT_TARGET }],
    has_counters: true,
};

static PORT_ROLE: TableSpec = TableSpec {
    name: "Ingress.ports.role",
    size_rows: 512,
    keys: &[key("port", MatchKind::Exact, PORT)],
    actions: &[
        ActionSpec { name: "uplink", arguments: &[] },
        ActionSpec { name: "rear", arguments: &[] },
    ],
    has_counters: false,
};

static SWITCH_ADDRESS_IPV6: TableSpec = TableSpec {
    name: "Ingress.nat_egress.underlay",
    size_rows: 64,
    keys: &[key("dst_addr", MatchKind::Exact, IPV6)],
    actions: &[ActionSpec { name: "own_address", arguments: &[] }],
    has_counters: false,
};

static ROUTE_IPV4: TableSpec = TableSpec {
    name: "Ingress.router.route_ipv4",
    size_rows: 4096,
    keys: &[key("dst_addr", MatchKind::Lpm, IPV4)],
    actions: &[ActionSpec {
        name: "forward_ipv4",
        arguments: &[argument("port", PORT), argument("next_hop", IPV4)],
    }],
    has_counters: false,
};

static ROUTE_IPV6: TableSpec = TableSpec {
    name: "Ingress.router.route_ipv6",
    size_rows: 4096,
    keys: &[key("dst_addr", MatchKind::Lpm, IPV6)],
    actions: &[ActionSpec {
        name: "forward_ipv6",
        arguments: &[argument("port", PORT), argument("next_hop", IPV6)],
    }],
    has_counters: false,
};

static NEIGHBOR_IPV4: TableSpec = TableSpec {
    name: "Ingress.router.neighbor_ipv4",
    size_rows: 1024,
    keys: &[key("next_hop", MatchKind::Exact, IPV4)],
    actions: &[ActionSpec { name: "rewrite_ipv4", arguments: &[argument("mac", MAC)] }],
    has_counters: false,
};

static NEIGHBOR_IPV6: TableSpec = TableSpec {
    name: "Ingress.router.neighbor_ipv6",
    size_rows: 1024,
    keys: &[key("next_hop", MatchKind::Exact, IPV6)],
    actions: &[ActionSpec { name: "rewrite_ipv6", arguments: &[argument("mac", MAC)] }],
    has_counters: false,
};

static PORT_INTERFACE: TableSpec = TableSpec {
    name: "Ingress.ports.interface",
    size_rows: 512,
    keys: &[key("port", MatchKind::Exact, PORT)],
    actions: &[ActionSpec {
        name: "send_from",
        arguments: &[argument("mac", MAC), argument("underlay", IPV6)],
    }],
    has_counters: false,
};

const L4_DST_PORT: KeyField = key("l4_dst_port", MatchKind::Range, L4_PORT);

const NAT_TARGET: &[ArgumentSpec] =
    &[argument("target", IPV6), argument("inner_mac", MAC), argument("vni", VNI)];

/// A width in bits and how such a value reads.
type Shape = (u32, Format);

const IPV4: Shape = (32, Format::Ipv4);
const IPV6: Shape = (128, Format::Ipv6);
const MAC: Shape = (48, Format::Mac);
const VNI: Shape = (24, Format::Number);
const L4_PORT: Shape = (16, Format::Number);
/// A port of the switch: `PortId_t` of the architecture v1model.
const PORT: Shape = (9, Format::Number);

const fn key(name: &'static str, kind: MatchKind, (width_bits, format): Shape) -> KeyField {
    KeyField { name, width_bits, kind, format }
}

const fn argument(name: &'static str, (width_bits, format): Shape) -> ArgumentSpec {
    ArgumentSpec { name, width_bits, format }
}

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
    fn the_tables_are_those_of_the_program() {
        let tables: Vec<String> = Table::ALL.iter().map(|table| describe(table.spec())).collect();
        let nat = "forward_ipvX_to(target 128, inner_mac 48, vni 24) 1024 counters";
        let expected = [
            &format!("Ingress.nat_ingress.ingress_ipv4: dst_addr exact 32, l4_dst_port range 16 -> {nat}")
                .replace('X', "4"),
            &format!("Ingress.nat_ingress.ingress_ipv6: dst_addr exact 128, l4_dst_port range 16 -> {nat}")
                .replace('X', "6"),
            "Ingress.ports.role: port exact 9 -> uplink(), rear() 512",
            "Ingress.nat_egress.underlay: dst_addr exact 128 -> own_address() 64",
            "Ingress.router.route_ipv4: dst_addr lpm 32 -> forward_ipv4(port 9, next_hop 32) 4096",
            "Ingress.router.route_ipv6: dst_addr lpm 128 -> forward_ipv6(port 9, next_hop 128) 4096",
            "Ingress.router.neighbor_ipv4: next_hop exact 32 -> rewrite_ipv4(mac 48) 1024",
            "Ingress.router.neighbor_ipv6: next_hop exact 128 -> rewrite_ipv6(mac 48) 1024",
            "Ingress.ports.interface: port exact 9 -> send_from(mac 48, underlay 128) 512",
        ];
        assert_eq!(tables, expected);
    }

    fn describe(spec: &TableSpec) -> String {
        let TableSpec { name, size_rows, keys, actions, has_counters } = spec;
        let keys = keys.iter().map(|key| format!("{} {} {}", key.name, key.kind, key.width_bits));
        let actions = actions.iter().map(|action| {
            let arguments = action.arguments.iter();
            let arguments = arguments.map(|one| format!("{} {}", one.name, one.width_bits));
            format!("{}({})", action.name, arguments.collect::<Vec<_>>().join(", "))
        });
        let [keys, actions] = [keys.collect::<Vec<_>>(), actions.collect()].map(|l| l.join(", "));
        let counters = if *has_counters { " counters" } else { "" };
        format!("{name}: {keys} -> {actions} {size_rows}{counters}")
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
