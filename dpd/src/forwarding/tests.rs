//! Random changes, performed write by write in any order that a plan allows, beside a packet that
//! is looked up in plain lists.

use super::*;
use crate::lower::forwarding_rows;
use asic::{
    Action, Asic, MemoryAsic, MemoryConfig, MemoryHandle, PerTable, RowKey, Table, TableWrite,
    Value,
};
use nat_groups::{Family, MacAddr};
use oxnet::IpNet;
use proptest::prelude::*;
use rstest::rstest;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(1);

/// Few ports, next hops and prefixes, so that they meet.
const PORTS: u64 = 4;
const HOSTS: u8 = 4;

fn port_number(number: u64) -> PortNumber {
    PortNumber::new(number).unwrap()
}

fn port(number: u64, role: PortRole, mac: u8) -> Port {
    let number = port_number(number);
    let mac = MacAddr([2, 0, 0, 0, 0, mac]);
    Port { id: role.default_id(number), role, mac, interface: None }
}

fn host(family: Family, number: u8) -> IpAddr {
    match family {
        Family::V4 => Ipv4Addr::new(192, 0, 2, number).into(),
        Family::V6 => Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, number.into()).into(),
    }
}

/// One of a few nested prefixes; `bits` says which of those of its length.
fn prefix(family: Family, length: u8, bits: u8) -> IpNet {
    let address = match family {
        Family::V4 => IpNet::new(Ipv4Addr::new(bits, 0, 0, 0).into(), length),
        Family::V6 => {
            IpNet::new(Ipv6Addr::new(u16::from(bits) << 8, 0, 0, 0, 0, 0, 0, 0).into(), length)
        }
    }
    .unwrap();
    IpNet::new(address.prefix(), length).unwrap()
}

fn family() -> impl Strategy<Value = Family> {
    prop::sample::select(&Family::ALL[..])
}

fn state() -> impl Strategy<Value = Forwarding> {
    let ports = prop::collection::btree_map(0..PORTS, (any::<bool>(), 0..2_u8), 0..PORTS as usize);
    let routes = (family(), 0..5_u8, 0..32_u8, 0..PORTS, 0..HOSTS);
    let neighbors = (family(), 1..HOSTS, 1..3_u8);
    (
        ports,
        prop::option::of(1..3_u8),
        prop::collection::vec(routes, 0..12),
        prop::collection::vec(neighbors, 0..6),
    )
        .prop_map(|(ports, underlay, routes, neighbors)| {
            let mut state = Forwarding::default();
            for (number, (is_uplink, mac)) in ports {
                let role = if is_uplink { PortRole::Uplink } else { PortRole::Rear };
                state.insert_port(port_number(number), port(number, role, mac)).unwrap();
            }
            let underlay = underlay.map(|number| Underlay {
                address: Ipv6Addr::new(0xfd00, 0, 0, 1, 0, 0, 0, number.into()),
                tag: String::new(),
            });
            state.replace_underlay(underlay).unwrap();
            for (family, length, bits, port, next_hop) in routes {
                let next_hop = match (family, next_hop) {
                    (Family::V4, 0) => Ipv4Addr::UNSPECIFIED.into(),
                    (Family::V6, 0) => Ipv6Addr::UNSPECIFIED.into(),
                    (family, number) => host(family, number),
                };
                let route = Route { port: port_number(port), next_hop, tag: String::new() };
                // A route through a port that is not there is refused; there are enough others.
                let _ = state.replace_route(prefix(family, length, bits << 3), route);
            }
            for (family, number, mac) in neighbors {
                let neighbor = Neighbor {
                    mac: MacAddr([2, 0, 0, 0, 1, mac]),
                    tag: String::new(),
                    updated_unix_micros: 0,
                };
                state.replace_neighbor(host(family, number), neighbor).unwrap();
            }
            state
        })
}

/// The answer of a table to a packet, found by looking at every row.
fn look_up(rows: &Rows, table: Table, value: Value) -> Option<Action> {
    let matching = rows.iter().filter(|(RowKey { key, .. }, _)| {
        key.table() == table
            && match key.prefix() {
                Some((prefix, length)) => agree(prefix, value, length),
                None => key.render().any(|(_, text)| text == value.to_string()),
            }
    });
    let longest = matching.max_by_key(|(key, _)| key.key.prefix().map(|(_, length)| length));
    longest.map(|(_, action)| *action)
}

fn agree(one: Value, other: Value, length: u32) -> bool {
    let width = if matches!(one, Value::Ipv4(_)) { 32 } else { 128 };
    (0..length).all(|bit| {
        let of = |value: Value| value.to_bits() >> (width - 1 - bit) & 1;
        of(one) == of(other)
    })
}

/// Where a packet to this destination goes: port, next hop, and the two MAC addresses.
fn forward(rows: &Rows, destination: IpAddr) -> Option<(u64, IpAddr, [u8; 6], [u8; 6])> {
    let (route, neighbor, value) = match destination {
        IpAddr::V4(v4) => (Table::RouteIpv4, Table::NeighborIpv4, Value::from(v4)),
        IpAddr::V6(v6) => (Table::RouteIpv6, Table::NeighborIpv6, Value::from(v6)),
    };
    let action = look_up(rows, route, value)?;
    let port = action.argument("port")?.as_number()?;
    let next_hop = match action.argument("next_hop")? {
        Value::Ipv4(v4) if v4.is_unspecified() => value,
        Value::Ipv6(v6) if v6.is_unspecified() => value,
        other => other,
    };
    let to = look_up(rows, neighbor, next_hop)?.argument("mac")?.as_mac()?;
    let from = look_up(rows, Table::PortInterface, Value::Number(port))?;
    let next_hop = match next_hop {
        Value::Ipv4(v4) => v4.into(),
        Value::Ipv6(v6) => v6.into(),
        _ => return None,
    };
    Some((port, next_hop, to, from.argument("mac")?.as_mac()?))
}

fn probes() -> Vec<IpAddr> {
    let hosts =
        Family::ALL.into_iter().flat_map(|family| (0..HOSTS).map(move |it| host(family, it)));
    let far = (0..32_u8).flat_map(|bits| {
        Family::ALL.into_iter().map(move |family| prefix(family, 5, bits << 3).addr())
    });
    hosts.chain(far).collect()
}

/// A device that holds these rows.
fn device(rows: &Rows, size_rows: PerTable<u32>) -> (MemoryAsic, MemoryHandle) {
    let mut asic = MemoryAsic::new(MemoryConfig { size_rows, ..MemoryConfig::default() });
    let handle = asic.handle();
    let row = |(key, action): (&RowKey, &Action)| asic::Row::new(*key, *action).unwrap();
    let writes: Vec<TableWrite> = rows.iter().map(row).map(TableWrite::Insert).collect();
    assert!(asic.write(&writes, TIMEOUT).iter().all(Result::is_ok));
    (asic, handle)
}

fn held(handle: &MemoryHandle) -> Rows {
    let rows = Table::ALL.iter().flat_map(|&table| handle.rows(table));
    rows.map(|row| (row.key(), row.action())).collect()
}

/// The same in some other order.
fn shuffled(writes: &[TableWrite], seed: &mut u64) -> Vec<TableWrite> {
    let mut writes = writes.to_vec();
    for index in (1..writes.len()).rev() {
        *seed =
            seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        writes.swap(index, (*seed >> 33) as usize % (index + 1));
    }
    writes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn between_two_states_no_look_up_has_an_answer_of_neither(
        before in state(), after in state(), mut seed in any::<u64>(),
    ) {
        let (before, after) = (forwarding_rows(&before).unwrap(), forwarding_rows(&after).unwrap());
        let size_rows = PerTable::from_fn(|table| table.spec().size_rows);
        let plan = plan(&before, &after, &size_rows).unwrap();
        let (mut asic, handle) = device(&before, size_rows);
        let probes = probes();
        let ends: Vec<_> =
            probes.iter().map(|it| (forward(&before, *it), forward(&after, *it))).collect();
        for write in plan.stages().iter().flat_map(|stage| shuffled(stage, &mut seed)) {
            prop_assert_eq!(asic.write(&[write], TIMEOUT), [Ok(())]);
            let rows = held(&handle);
            for (probe, (was, will_be)) in probes.iter().zip(&ends) {
                let value = match probe {
                    IpAddr::V4(v4) => Value::from(*v4),
                    IpAddr::V6(v6) => Value::from(*v6),
                };
                let table = if probe.is_ipv4() { Table::RouteIpv4 } else { Table::RouteIpv6 };
                let route = |rows: &Rows| look_up(rows, table, value);
                let now = route(&rows);
                prop_assert!(now == route(&before) || now == route(&after), "{} {}", probe, write);
                // What is forwarded before and after is never lost, nor sent to a third place.
                if let (Some(was), Some(will_be)) = (was, will_be) {
                    let now = forward(&rows, *probe);
                    prop_assert!(now.is_some(), "{} is lost after {}", probe, write);
                    let hop = now.map(|(port, next_hop, ..)| (port, next_hop));
                    prop_assert!([(was.0, was.1), (will_be.0, will_be.1)].map(Some).contains(&hop));
                }
            }
            for number in 0..PORTS {
                let role = |rows: &Rows| look_up(rows, Table::PortRole, Value::Number(number));
                let now = role(&rows);
                prop_assert!(now == role(&before) || now == role(&after));
            }
        }
        prop_assert_eq!(held(&handle), after);
    }

    #[test]
    fn a_plan_never_needs_more_rows_than_there_are(before in state(), after in state()) {
        let (before, after) = (forwarding_rows(&before).unwrap(), forwarding_rows(&after).unwrap());
        let count = |rows: &Rows, table| rows.keys().filter(|key| key.table() == table).count();
        let size_rows = PerTable::from_fn(|table| {
            count(&before, table).max(count(&after, table)) as u32
        });
        let plan = plan(&before, &after, &size_rows).unwrap();
        let (mut asic, handle) = device(&before, size_rows);
        for write in plan.stages().iter().flatten() {
            prop_assert_eq!(asic.write(&[*write], TIMEOUT), [Ok(())]);
        }
        prop_assert_eq!(held(&handle), after);
    }

    #[test]
    fn between_a_state_and_itself_there_is_nothing_to_do(state in state()) {
        let rows = forwarding_rows(&state).unwrap();
        let size_rows = PerTable::from_fn(|table| table.spec().size_rows);
        prop_assert_eq!(plan(&rows, &rows, &size_rows).unwrap().writes(), 0);
    }
}

#[test]
fn what_does_not_fit_is_refused_before_anything_is_written() {
    let mut state = Forwarding::default();
    state.insert_port(port_number(1), port(1, PortRole::Uplink, 1)).unwrap();
    let mut size_rows = PerTable::from_fn(|table| table.spec().size_rows);
    size_rows[Table::PortInterface] = 0;
    let rows = forwarding_rows(&state).unwrap();
    let refusal = plan(&Rows::new(), &rows, &size_rows).unwrap_err().to_string();
    let expected = "Ingress.ports.interface is full: this needs 1 rows and the table has 0";
    assert_eq!(refusal, expected);
}

/// One uplink, one rear port, a default route and its next hop.
fn small() -> Forwarding {
    let mut state = Forwarding::default();
    state.insert_port(port_number(0), port(0, PortRole::Uplink, 1)).unwrap();
    state.insert_port(port_number(3), port(3, PortRole::Rear, 2)).unwrap();
    let route = Route { port: port_number(0), next_hop: host(Family::V4, 1), tag: "up".into() };
    state.replace_route("0.0.0.0/0".parse().unwrap(), route).unwrap();
    state
}

fn set_route(cidr: &str, port: u64, next_hop: &str, replace: bool) -> Command {
    let route =
        Route { port: port_number(port), next_hop: next_hop.parse().unwrap(), tag: String::new() };
    Command::SetRoute { cidr: cidr.parse().unwrap(), route, replace }
}

#[rstest]
#[case::host_bits(
    set_route("10.0.0.1/8", 0, "192.0.2.1", false),
    "10.0.0.1/8 has bits set beyond its length; the prefix is 10.0.0.0/8"
)]
#[case::port(
    set_route("10.0.0.0/8", 9, "192.0.2.1", false),
    "there is no port \"9\"; there are qsfp0, rear3"
)]
#[case::family(
    set_route("10.0.0.0/8", 0, "fd00::1", false),
    "a route to 10.0.0.0/8 cannot have the next hop fd00::1, which is of the other family"
)]
#[case::multicast(
    set_route("10.0.0.0/8", 0, "224.0.0.1", false),
    "224.0.0.1 cannot be a next hop: it is a multicast address"
)]
#[case::second_target(
    set_route("0.0.0.0/0", 3, "192.0.2.1", false),
    "0.0.0.0/0 is routed already, to 192.0.2.1 by qsfp0; a prefix has one target at most, and \
     `replace` replaces it"
)]
#[case::no_route(Command::DeleteRoute { cidr: "10.0.0.0/8".parse().unwrap() },
    "there is no route for 10.0.0.0/8")]
#[case::no_neighbor(Command::DeleteNeighbor { address: host(Family::V6, 1) },
    "there is no neighbour fd00::1")]
#[case::group_mac(
    Command::PutNeighbor {
        address: host(Family::V4, 1), mac: MacAddr([1, 0, 0, 0, 0, 0]), tag: String::new(),
    },
    "01:00:00:00:00:00 cannot be the address of neighbour 192.0.2.1: it is a group address")]
#[case::no_underlay(Command::DeleteUnderlay { address: Ipv6Addr::LOCALHOST },
    "::1 is not an underlay address of the switch")]
fn what_cannot_be_is_refused_with_both_parties(#[case] command: Command, #[case] words: &str) {
    assert_eq!(small().after(command, 7).unwrap_err().to_string(), words);
}

#[test]
fn a_route_is_replaced_only_on_request_and_the_same_one_is_no_change() {
    let state = small();
    let again = state.after(set_route("0.0.0.0/0", 0, "192.0.2.1", false), 7).unwrap();
    assert_eq!(forwarding_rows(&again), forwarding_rows(&state));
    let moved = state.after(set_route("0.0.0.0/0", 3, "192.0.2.2", true), 7).unwrap();
    let route = moved.route("0.0.0.0/0".parse().unwrap()).unwrap();
    assert_eq!((route.port.get(), route.next_hop), (3, host(Family::V4, 2)));
}

#[test]
fn there_is_one_underlay_address() {
    let underlay = |address: &str| Underlay { address: address.parse().unwrap(), tag: "a".into() };
    let one = small().after(Command::AddUnderlay(underlay("fd00::1")), 7).unwrap();
    let refusal = one.after(Command::AddUnderlay(underlay("fd00::2")), 7).unwrap_err();
    assert!(refusal.to_string().contains("is fd00::1, and it has one only"), "{refusal}");
    one.after(Command::AddUnderlay(underlay("fd00::1")), 7).unwrap();
    let none = one.after(Command::DeleteUnderlay { address: "fd00::1".parse().unwrap() }, 7);
    assert_eq!(none.unwrap().underlay(), None);
}

#[rstest]
#[case::number(port_number(0), port(1, PortRole::Rear, 1), "port 0 is given twice")]
#[case::id(port_number(4), port(3, PortRole::Rear, 1), "ports 3 and 4 have both the id \"rear3\"")]
#[case::no_id(port_number(4), Port { id: "a b".into(), ..port(4, PortRole::Rear, 1) },
    "port 4: an id is letters, digits and any of -_./, from 1 to 32 of them; \"a b\" is none")]
#[case::zero_mac(port_number(4), Port { mac: MacAddr([0; 6]), ..port(4, PortRole::Rear, 1) },
    "00:00:00:00:00:00 cannot be the address of port 4: it is zero")]
fn ports_do_not_share_what_tells_them_apart(
    #[case] number: PortNumber,
    #[case] port: Port,
    #[case] words: &str,
) {
    assert_eq!(small().insert_port(number, port).unwrap_err().to_string(), words);
}

#[test]
fn two_ports_are_not_one_interface() {
    let mut state = small();
    let on = |number| Port { interface: Some("veth0".into()), ..port(number, PortRole::Rear, 1) };
    state.insert_port(port_number(5), on(5)).unwrap();
    assert_eq!(
        state.insert_port(port_number(6), on(6)).unwrap_err().to_string(),
        "ports 5 and 6 are both the interface veth0"
    );
}
