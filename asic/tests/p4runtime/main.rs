//! The P4Runtime device before a switch that misbehaves.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod events;
mod faults;
mod reads;
mod sessions;
mod switch;
mod writes;

use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use asic::{
    Action, MatchKey, P4RuntimeAsic, P4RuntimeConfig, P4RuntimeError, RangeExpansion, Row, Table,
    TableWrite,
};
use events::Events;
use p4runtime::config::P4Info;
use switch::{DEVICE_ID, SOON, Switch};

/// The P4Info of this project's program.
fn p4info() -> P4Info {
    p4runtime::p4info_from_text(include_str!("../../../p4/programs/nat.p4info.txtpb")).unwrap()
}

fn config(switch: &Switch) -> P4RuntimeConfig {
    P4RuntimeConfig {
        address: switch.address(),
        device_id: DEVICE_ID,
        election_id: 1,
        p4info: p4info(),
        device_config: b"program".to_vec(),
        keep_pipeline: false,
        range_expansion: RangeExpansion::None,
    }
}

fn connect_as(config: P4RuntimeConfig) -> Result<(P4RuntimeAsic, Events), P4RuntimeError> {
    let events = Events::default();
    let asic = P4RuntimeAsic::connect(config, SOON, events.report())?;
    Ok((asic, events))
}

fn connect(switch: &Switch) -> (P4RuntimeAsic, Events) {
    connect_as(config(switch)).unwrap()
}

/// What is said of a switch that cannot be driven.
fn refusal(config: P4RuntimeConfig) -> String {
    connect_as(config).unwrap_err().to_string()
}

/// A row of the first NAT table.
fn row(address: u8, (low, high): (u16, u16)) -> Row {
    let table = Table::NatIngressIpv4;
    let address = Ipv4Addr::new(203, 0, 113, address);
    let key = MatchKey::builder(table).exact(address).range(low, high).build().unwrap();
    Row::new(key, action(100)).unwrap()
}

fn action(vni: u32) -> Action {
    Action::builder(Table::NatIngressIpv4, "forward_ipv4_to")
        .argument("fd00:1122:3344:101::1".parse::<Ipv6Addr>().unwrap())
        .argument([0xa8, 0x40, 0x25, 0xf0, 0, 1])
        .argument(vni)
        .build()
        .unwrap()
}

fn insert(address: u8) -> TableWrite {
    TableWrite::Insert(row(address, (0, 1023)))
}

/// A time that is over before anything can be answered.
const AT_ONCE: Duration = Duration::from_millis(1);
