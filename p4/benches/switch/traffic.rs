//! A switch with the forwarding program and many NAT rows, and packets for them.

use std::sync::Arc;

use p4::table::{EntryKey, Match, Write};
use p4::{NAT_P4, Program, Switch};

/// The port that leads outside, and the one to the sleds.
const UPLINK: u16 = 1;
const REAR: u16 = 2;

const UNDERLAY: u128 = 0xfd00_1122_3344_0099_0000_0000_0000_0001;
const SLEDS: u128 = 0xfd00_1122_3344_0101_0000_0000_0000_0000;
const NEXT_HOP: u128 = 0xfe80_0000_0000_0000_0000_0000_0000_0101;

/// How many rows an address has: each for a quarter of its ports.
const ROWS_PER_ADDRESS: u32 = 4;
const PORTS_PER_ROW: u32 = 65_536 / ROWS_PER_ADDRESS;

/// A switch for packets from outside, with so many rows in the table of IPv4 addresses.
pub(crate) fn nat_switch(rows: u32) -> Switch {
    let program = Arc::new(Program::from_source("nat.p4", NAT_P4).unwrap());
    let switch = Switch::new(program, |table| table.size.max(rows.into()));
    let put = |table: &str, matched: Match, action: &str, arguments: &[u128]| {
        switch.write(&insert(&switch, table, &[matched], 0, action, arguments)).unwrap();
    };
    put("Ingress.ports.role", Match::Exact(UPLINK.into()), "uplink", &[]);
    put("Ingress.ports.role", Match::Exact(REAR.into()), "rear", &[]);
    let arguments = [0xa840_2500_0002, UNDERLAY];
    put("Ingress.ports.interface", Match::Exact(REAR.into()), "send_from", &arguments);
    put("Ingress.nat_egress.underlay", Match::Exact(UNDERLAY), "own_address", &[]);
    let sleds = Match::Lpm { value: SLEDS, prefix_length: 64 };
    put("Ingress.router.route_ipv6", sleds, "forward_ipv6", &[REAR.into(), NEXT_HOP]);
    let next_hop = Match::Exact(NEXT_HOP);
    put("Ingress.router.neighbor_ipv6", next_hop, "rewrite_ipv6", &[0xa840_250a_0101]);
    let rows: Vec<Write> = (0..rows).map(|row| nat_row(&switch, row)).collect();
    switch.write_batch_atomic(&rows).unwrap();
    switch
}

/// The write that makes a row.
pub(crate) fn nat_row(switch: &Switch, row: u32) -> Write {
    let low = u128::from(row % ROWS_PER_ADDRESS * PORTS_PER_ROW);
    let ports = Match::Range { low, high: low + u128::from(PORTS_PER_ROW) - 1 };
    let matches = [Match::Exact(address(row).into()), ports];
    let arguments = [SLEDS + u128::from(row), 0xa840_25ff_0000 + u128::from(row), 100];
    let table = "Ingress.nat_ingress.ingress_ipv4";
    insert(switch, table, &matches, 1, "forward_ipv4_to", &arguments)
}

/// The external address of a row: they are spread, as those of a provider are.
fn address(row: u32) -> u32 {
    (row / ROWS_PER_ADDRESS).wrapping_mul(2_654_435_761)
}

fn insert(
    switch: &Switch,
    table: &str,
    matches: &[Match],
    priority: u32,
    action: &str,
    arguments: &[u128],
) -> Write {
    let program = switch.program();
    let (id, table) = program.table(table).unwrap();
    let name = |id: p4::ir::ActionId| &program.ir().actions[id.index()].name;
    let ends = format!(".{action}");
    let action = table.actions.iter().position(|listed| name(listed.action).ends_with(&ends));
    Write::Insert {
        key: EntryKey { table: id, matches: matches.iter().copied().collect(), priority },
        action: action.unwrap(),
        arguments: arguments.iter().copied().collect(),
    }
}

/// Packets of 100 bytes with UDP, of so many flows for rows that are spread over all there are.
pub(crate) fn packets(rows: u32, flows: u32) -> Vec<[u8; 100]> {
    let spread = |number: u32| number.wrapping_mul(2_246_822_519) % rows;
    (0..flows).map(|number| udp(spread(number))).collect()
}

fn udp(row: u32) -> [u8; 100] {
    let mut packet = [0; 100];
    packet[..14].copy_from_slice(&[2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 9, 8, 0]);
    packet[14..24].copy_from_slice(&[0x45, 0, 0, 86, 0, 1, 0, 0, 64, 17]);
    packet[26..30].copy_from_slice(&[198, 51, 100, 7]);
    packet[30..34].copy_from_slice(&address(row).to_be_bytes());
    let words = packet[14..34].chunks(2).map(|word| u32::from(word[0]) << 8 | u32::from(word[1]));
    let sum = words.sum::<u32>();
    let sum = (sum & 0xffff) + (sum >> 16);
    packet[24..26].copy_from_slice(&(!((sum & 0xffff) + (sum >> 16)) as u16).to_be_bytes());
    let port = row % ROWS_PER_ADDRESS * PORTS_PER_ROW + 77;
    packet[34..36].copy_from_slice(&40_000_u16.to_be_bytes());
    packet[36..38].copy_from_slice(&(port as u16).to_be_bytes());
    packet[38..40].copy_from_slice(&66_u16.to_be_bytes());
    packet
}
