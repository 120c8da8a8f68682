//! The protobuf text form: fields in the order of their numbers, zeros left out, two blanks for
//! each level, and bytes that are no plain letters in octal.

use std::fmt;

use super::{
    ActionRef, ControllerPacketMetadata, Counter, DataType, DirectCounter, Documentation,
    MatchField, Member, P4Info, Preamble, Register, Scope, SerializableEnum, Table,
    TableActionCall,
};
use crate::ir::{CounterType, MatchKind};

impl fmt::Display for P4Info {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut message = Message { text: String::new(), depth: 0 };
        message.text.push_str("# proto-file: p4/config/v1/p4info.proto\n");
        message.text.push_str("# proto-message: p4.config.v1.P4Info\n\n");
        message.info(self);
        formatter.write_str(&message.text)
    }
}

struct Message {
    text: String,
    depth: usize,
}

impl Message {
    fn info(&mut self, info: &P4Info) {
        let P4Info {
            tables,
            actions,
            counters,
            direct_counters,
            controller_packet_metadata,
            registers,
            serializable_enums,
        } = info;
        self.message("pkg_info", |it| it.string("arch", "v1model"));
        for table in tables {
            self.message("tables", |it| it.table(table));
        }
        for action in actions {
            self.message("actions", |it| {
                it.preamble(&action.preamble);
                for param in &action.params {
                    it.message("params", |it| it.member(param, |_| {}));
                }
            });
        }
        for Counter { preamble, unit, size } in counters {
            self.message("counters", |it| {
                it.preamble(preamble);
                it.counter_spec(*unit);
                it.number("size", *size);
            });
        }
        for DirectCounter { preamble, unit, direct_table_id } in direct_counters {
            self.message("direct_counters", |it| {
                it.preamble(preamble);
                it.counter_spec(*unit);
                it.number("direct_table_id", u64::from(*direct_table_id));
            });
        }
        for ControllerPacketMetadata { preamble, metadata } in controller_packet_metadata {
            self.message("controller_packet_metadata", |it| {
                it.preamble(preamble);
                for field in metadata {
                    it.message("metadata", |it| it.member(field, |_| {}));
                }
            });
        }
        for Register { preamble, type_spec, size } in registers {
            self.message("registers", |it| {
                it.preamble(preamble);
                it.message("type_spec", |it| it.data_type(type_spec));
                it.number("size", *size);
            });
        }
        self.message("type_info", |it| {
            for (name, spec) in serializable_enums {
                it.message("serializable_enums", |it| {
                    it.string("key", name);
                    it.message("value", |it| it.serializable_enum(spec));
                });
            }
        });
    }

    fn table(&mut self, table: &Table) {
        let Table {
            preamble,
            match_fields,
            action_refs,
            const_default_action_id,
            initial_default_action: TableActionCall { action_id, arguments },
            direct_resource_ids,
            size,
            is_const_table,
            has_initial_entries,
        } = table;
        self.preamble(preamble);
        for MatchField { member, match_type } in match_fields {
            let match_type = match match_type {
                MatchKind::Exact => "EXACT",
                MatchKind::Lpm => "LPM",
                MatchKind::Ternary => "TERNARY",
                MatchKind::Range => "RANGE",
                MatchKind::Optional => "OPTIONAL",
            };
            self.message("match_fields", |it| {
                it.member(member, |it| it.word("match_type", match_type));
            });
        }
        for ActionRef { id, annotations, scope } in action_refs {
            self.message("action_refs", |it| {
                it.number("id", u64::from(*id));
                it.strings("annotations", annotations);
                match scope {
                    Scope::TableAndDefault => {}
                    Scope::TableOnly => it.word("scope", "TABLE_ONLY"),
                    Scope::DefaultOnly => it.word("scope", "DEFAULT_ONLY"),
                }
            });
        }
        self.number("const_default_action_id", u64::from(*const_default_action_id));
        self.message("initial_default_action", |it| {
            it.number("action_id", u64::from(*action_id));
            for (id, value, width) in arguments {
                it.message("arguments", |it| {
                    it.number("param_id", u64::from(*id));
                    it.bytes("value", &padded(*value, *width));
                });
            }
        });
        for id in direct_resource_ids {
            self.number("direct_resource_ids", u64::from(*id));
        }
        self.number("size", *size);
        self.flag("is_const_table", *is_const_table);
        self.flag("has_initial_entries", *has_initial_entries);
    }

    fn preamble(&mut self, preamble: &Preamble) {
        let Preamble { id, name, alias, annotations, doc } = preamble;
        self.message("preamble", |it| {
            it.number("id", u64::from(*id));
            it.string("name", name);
            it.string("alias", alias);
            it.strings("annotations", annotations);
            it.documentation(doc.as_ref());
        });
    }

    /// A part, with what stands between its width and its documentation.
    fn member(&mut self, member: &Member, rest: impl FnOnce(&mut Message)) {
        let Member { id, name, annotations, bitwidth, doc, type_name } = member;
        self.number("id", u64::from(*id));
        self.string("name", name);
        self.strings("annotations", annotations);
        self.number("bitwidth", u64::from(*bitwidth));
        rest(self);
        self.documentation(doc.as_ref());
        if let Some(type_name) = type_name {
            self.message("type_name", |it| it.string("name", type_name));
        }
    }

    fn documentation(&mut self, doc: Option<&Documentation>) {
        if let Some(Documentation { brief, description }) = doc {
            self.message("doc", |it| {
                it.string("brief", brief);
                it.string("description", description);
            });
        }
    }

    fn counter_spec(&mut self, unit: CounterType) {
        let unit = match unit {
            CounterType::Packets => "PACKETS",
            CounterType::Bytes => "BYTES",
            CounterType::PacketsAndBytes => "BOTH",
        };
        self.message("spec", |it| it.word("unit", unit));
    }

    fn data_type(&mut self, data_type: &DataType) {
        match data_type {
            DataType::Bool => self.message("bool", |_| {}),
            DataType::SerializableEnum(name) => {
                self.message("serializable_enum", |it| it.string("name", name));
            }
            DataType::Bit(width) | DataType::Int(width) => {
                let signedness = if matches!(data_type, DataType::Bit(_)) { "bit" } else { "int" };
                self.message("bitstring", |it| {
                    it.message(signedness, |it| it.number("bitwidth", u64::from(*width)));
                });
            }
        }
    }

    fn serializable_enum(&mut self, spec: &SerializableEnum) {
        let SerializableEnum { bitwidth, members } = spec;
        self.message("underlying_type", |it| it.number("bitwidth", u64::from(*bitwidth)));
        for (name, value) in members {
            self.message("members", |it| {
                it.string("name", name);
                it.bytes("value", &padded(*value, *bitwidth));
            });
        }
    }

    fn message(&mut self, name: &str, fields: impl FnOnce(&mut Message)) {
        self.line(&format!("{name} {{"));
        self.depth += 1;
        fields(self);
        self.depth -= 1;
        self.line("}");
    }

    fn number(&mut self, name: &str, value: u64) {
        if value != 0 {
            self.line(&format!("{name}: {value}"));
        }
    }

    fn flag(&mut self, name: &str, value: bool) {
        if value {
            self.line(&format!("{name}: true"));
        }
    }

    fn word(&mut self, name: &str, value: &str) {
        self.line(&format!("{name}: {value}"));
    }

    fn strings(&mut self, name: &str, values: &[String]) {
        values.iter().for_each(|value| self.string(name, value));
    }

    fn string(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            self.bytes(name, value.as_bytes());
        }
    }

    fn bytes(&mut self, name: &str, value: &[u8]) {
        self.line(&format!("{name}: \"{}\"", escaped(value)));
    }

    fn line(&mut self, text: &str) {
        for _ in 0..self.depth {
            self.text.push_str("  ");
        }
        self.text.push_str(text);
        self.text.push('\n');
    }
}

/// A value in as many bytes as its width needs, the highest first.
fn padded(value: u128, width: u32) -> Vec<u8> {
    let bytes = value.to_be_bytes();
    let count = (width.div_ceil(8).max(1) as usize).min(bytes.len());
    bytes.iter().skip(bytes.len() - count).copied().collect()
}

fn escaped(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes {
        match byte {
            b'\n' => text.push_str("\\n"),
            b'\r' => text.push_str("\\r"),
            b'\t' => text.push_str("\\t"),
            b'"' | b'\'' | b'\\' => {
                text.push('\\');
                text.push(char::from(*byte));
            }
            0x20..=0x7e => text.push(char::from(*byte)),
            _ => text.push_str(&format!("\\{byte:03o}")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_letters_or_octal_and_as_many_as_the_width_needs() {
        assert_eq!(escaped(&padded(0x0800, 16)), "\\010\\000");
        assert_eq!(escaped(&padded(0x41, 9)), "\\000A");
        assert_eq!(escaped("é \"x\"\n".as_bytes()), "\\303\\251 \\\"x\\\"\\n");
    }
}
