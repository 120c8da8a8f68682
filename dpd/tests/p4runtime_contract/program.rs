//! A P4 program that has exactly the tables of the list, and says which action a packet meets.
//!
//! A packet begins with a [`Probe`](PROBE_BYTES): the number of a table and the values of its key
//! fields. The table is applied, and what goes back by the port that the packet came by begins with
//! the number of the action that was met, from 1, or 0 if it was none, and its arguments.

use std::fmt::Write as _;

use asic::{Action, MatchKind, Table, TableSpec, Value};
use p4::Program;
use p4::p4info::P4Info;

/// The bytes of a probe: the table, the value of its exact or prefix field, an L4 port.
pub(crate) const PROBE_BYTES: usize = 1 + 16 + 2;

/// How many arguments there is room for in an answer, 16 bytes each.
const ARGUMENTS: usize = 3;

/// The source, with tables of as many rows. The number makes it another program each time.
pub(crate) fn source(size_rows: u32, number: u128) -> String {
    let mut text = format!("// Program {number}.\n{BEGIN}");
    for (index, table) in Table::ALL.iter().enumerate() {
        declare(&mut text, index, table.spec(), size_rows);
    }
    text.push_str("    apply {\n        hdr.answer.setValid();\n");
    for index in 0..Table::COUNT {
        writeln!(text, "        if (hdr.probe.table_number == {index}) {{ t{index}.apply(); }}")
            .unwrap();
    }
    text.push_str(END);
    text
}

pub(crate) fn p4info(source: &str) -> p4runtime::config::P4Info {
    let program = Program::from_source("contract.p4", source).unwrap();
    p4runtime::p4info_from_text(&P4Info::new(program.ir()).to_string()).unwrap()
}

/// A packet with these values of the table's key fields, as long as asked for.
pub(crate) fn probe(table: Table, fields: &[Value], length_bytes: u64) -> Vec<u8> {
    let mut packet = vec![table as u8];
    let (mut wide, mut port) = (0_u128, 0_u16);
    for (field, value) in table.spec().keys.iter().zip(fields) {
        match field.kind {
            MatchKind::Exact | MatchKind::Lpm => wide = value.to_bits(),
            MatchKind::Range => port = u16::try_from(value.to_bits()).unwrap(),
        }
    }
    packet.extend(wide.to_be_bytes());
    packet.extend(port.to_be_bytes());
    assert_eq!(packet.len(), PROBE_BYTES);
    packet.resize(usize::try_from(length_bytes).unwrap(), 0);
    packet
}

/// The action that an answer tells of.
pub(crate) fn met(table: Table, answer: &[u8]) -> Option<Action> {
    let (number, arguments) = answer.split_first().unwrap();
    let spec = table.spec().actions.get(usize::from(number.checked_sub(1)?)).unwrap();
    let arguments = arguments.as_chunks::<16>().0[..ARGUMENTS].iter();
    let builder = Action::builder(table, spec.name);
    let builder =
        spec.arguments.iter().zip(arguments).fold(builder, |builder, (argument, bytes)| {
            let bits = u128::from_be_bytes(*bytes);
            builder.argument(Value::from_bits(argument.format, bits).unwrap())
        });
    Some(builder.build().unwrap())
}

fn declare(text: &mut String, index: usize, spec: &TableSpec, size_rows: u32) {
    let TableSpec { name, size_rows: _, keys, actions, has_counters } = spec;
    for (number, action) in (1..).zip(*actions) {
        let parameters: Vec<String> = action
            .arguments
            .iter()
            .map(|argument| format!("bit<{}> {}", argument.width_bits, argument.name))
            .collect();
        let action_name = action.name;
        writeln!(text, "    action {action_name}({}) {{", parameters.join(", ")).unwrap();
        writeln!(text, "        hdr.answer.action_number = {number};").unwrap();
        for (argument, place) in action.arguments.iter().zip(0..) {
            let name = argument.name;
            writeln!(text, "        hdr.answer.argument{place} = (bit<128>) {name};").unwrap();
        }
        text.push_str("    }\n");
    }
    if *has_counters {
        writeln!(text, "    direct_counter(CounterType.packets_and_bytes) c{index};").unwrap();
    }
    writeln!(text, "    @name(\".{name}\")\n    table t{index} {{\n        key = {{").unwrap();
    for key in *keys {
        let (name, kind) = (key.name, key.kind);
        let value = match kind {
            MatchKind::Range => "hdr.probe.l4_port".to_owned(),
            MatchKind::Exact | MatchKind::Lpm => {
                format!("hdr.probe.value[{}:0]", key.width_bits - 1)
            }
        };
        writeln!(text, "            {value}: {kind} @name(\"{name}\");").unwrap();
    }
    text.push_str("        }\n        actions = {\n");
    for action in *actions {
        writeln!(text, "            {};", action.name).unwrap();
    }
    text.push_str("            @defaultonly NoAction;\n        }\n");
    writeln!(text, "        const default_action = NoAction();\n        size = {size_rows};")
        .unwrap();
    if *has_counters {
        writeln!(text, "        counters = c{index};").unwrap();
    }
    text.push_str("    }\n");
}

const BEGIN: &str = "\
#include <core.p4>
#include <v1model.p4>

header probe_t {
    bit<8> table_number;
    bit<128> value;
    bit<16> l4_port;
}

header answer_t {
    bit<8> action_number;
    bit<128> argument0;
    bit<128> argument1;
    bit<128> argument2;
}

struct headers_t {
    answer_t answer;
    probe_t probe;
}

struct metadata_t {}

parser ContractParser(packet_in packet, out headers_t hdr, inout metadata_t meta,
                      inout standard_metadata_t standard_metadata) {
    state start {
        packet.extract(hdr.probe);
        transition accept;
    }
}

control ContractVerifyChecksum(inout headers_t hdr, inout metadata_t meta) {
    apply {}
}

control ContractIngress(inout headers_t hdr, inout metadata_t meta,
                        inout standard_metadata_t standard_metadata) {
";

const END: &str = "\
        hdr.probe.setInvalid();
        standard_metadata.egress_spec = standard_metadata.ingress_port;
    }
}

control ContractEgress(inout headers_t hdr, inout metadata_t meta,
                       inout standard_metadata_t standard_metadata) {
    apply {}
}

control ContractComputeChecksum(inout headers_t hdr, inout metadata_t meta) {
    apply {}
}

control ContractDeparser(packet_out packet, in headers_t hdr) {
    apply {
        packet.emit(hdr);
    }
}

V1Switch(ContractParser(),
         ContractVerifyChecksum(),
         ContractIngress(),
         ContractEgress(),
         ContractComputeChecksum(),
         ContractDeparser()) main;
";
