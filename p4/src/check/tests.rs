#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use rstest::rstest;

use crate::ir;
use crate::{NAT_P4, ParsedProgram};

fn checked(text: &str) -> ir::Program {
    let program = ParsedProgram::from_source("test.p4", text).and_then(ParsedProgram::check);
    program.unwrap_or_else(|problem| panic!("{problem}"))
}

#[rstest]
#[case("Ingress.nat_ingress.ingress_ipv4", "dst_addr exact 32, l4_dst_port range 16")]
#[case("Ingress.nat_ingress.ingress_ipv6", "dst_addr exact 128, l4_dst_port range 16")]
#[case("Ingress.ports.role", "port exact 9")]
#[case("Ingress.nat_egress.underlay", "dst_addr exact 128")]
#[case("Ingress.router.route_ipv4", "dst_addr lpm 32")]
#[case("Ingress.router.route_ipv6", "dst_addr lpm 128")]
#[case("Ingress.router.neighbor_ipv4", "next_hop exact 32")]
#[case("Ingress.router.neighbor_ipv6", "next_hop exact 128")]
#[case("Ingress.ports.interface", "port exact 9")]
fn tables_of_the_forwarding_program_have_their_names_and_keys(
    #[case] name: &str,
    #[case] keys: &str,
) {
    let program = checked(NAT_P4);
    let table = program.tables.iter().find(|table| &*table.name == name).expect("the table");
    let shown: Vec<String> = table
        .keys
        .iter()
        .map(|key| format!("{} {:?} {}", key.name, key.match_kind, key.width).to_lowercase())
        .collect();
    assert_eq!(shown.join(", "), keys);
}
