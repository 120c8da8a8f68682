//! What the owner of the switch does not see: packets by its packet socket, and another client.

use asic::contract::BackDoor;
use asic::{Action, FieldMatch, InvalidRow, Outcome, Refusal, RowKey, SwitchAddress};
use asic::{Table, TableWrite, Value};
use p4runtime::config::P4Info;
use p4runtime::v1::p4_runtime_client::P4RuntimeClient;
use p4runtime::v1::{self, entity, field_match, table_action, update};
use softswitch::PacketSocket;
use tokio::runtime::Runtime;
use tonic::transport::{Channel, Endpoint};

use crate::process::{DEVICE_ID, Process};
use crate::program;

pub(crate) struct ProcessBackDoor {
    packets: PacketSocket,
    p4info: P4Info,
    /// The owner's, in whose name this client writes too.
    election_id: u128,
    client: P4RuntimeClient<Channel>,
    runtime: Runtime,
}

/// The port by which packets come and answers go.
const PORT: u16 = 1;

impl ProcessBackDoor {
    pub(crate) fn open(process: &Process, election_id: u128, p4info: P4Info) -> ProcessBackDoor {
        let packets = PacketSocket::connect(process.packet_socket()).unwrap();
        let SwitchAddress::Unix(path) = process.address() else { panic!("a Unix socket") };
        let endpoint = Endpoint::from_shared(format!("unix:{}", path.display())).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let client = P4RuntimeClient::new(runtime.block_on(endpoint.connect()).unwrap());
        ProcessBackDoor { packets, p4info, election_id, client, runtime }
    }
}

impl BackDoor for ProcessBackDoor {
    fn packet(
        &mut self,
        table: Table,
        fields: &[Value],
        length_bytes: u64,
    ) -> Result<Option<Action>, InvalidRow> {
        let probe = program::probe(table, fields, length_bytes);
        let traced = self.packets.send(PORT, &probe).unwrap();
        let [(PORT, answer)] = &traced.outputs[..] else { panic!("{traced:?}") };
        Ok(program::met(table, answer))
    }

    fn alter(&mut self, write: &TableWrite) -> Outcome {
        let request = v1::WriteRequest {
            device_id: DEVICE_ID,
            election_id: Some(self.election_id.into()),
            updates: vec![lower(&self.p4info, write)],
            ..v1::WriteRequest::default()
        };
        let written = self.runtime.block_on(self.client.write(request));
        let refused = |words: String| Refusal::Device { words }.into();
        written.map(drop).map_err(|status| refused(format!("{status:?}")))
    }
}

/// The write as P4Runtime has it, by the names of the P4Info and nothing else.
fn lower(info: &P4Info, write: &TableWrite) -> v1::Update {
    let (r#type, entry) = match write {
        TableWrite::Insert(row) => {
            (update::Type::Insert, with_action(info, row.key(), row.action()))
        }
        TableWrite::Modify(row) => {
            (update::Type::Modify, with_action(info, row.key(), row.action()))
        }
        TableWrite::Delete(key) => (update::Type::Delete, without_action(info, *key)),
    };
    let entity = v1::Entity { entity: Some(entity::Entity::TableEntry(entry)) };
    v1::Update { r#type: r#type.into(), entity: Some(entity) }
}

fn without_action(info: &P4Info, RowKey { key, priority }: RowKey) -> v1::TableEntry {
    let named = |table: &&p4runtime::config::Table| {
        table.preamble.as_ref().unwrap().name == key.table().name()
    };
    let table = info.tables.iter().find(named).unwrap();
    let matches = key.fields().filter_map(|(field, said)| {
        let found = table.match_fields.iter().find(|found| found.name == field.name).unwrap();
        let canonical = p4runtime::canonical;
        let said = match said {
            FieldMatch::Exact(value) => {
                let value = canonical(value.to_bits());
                field_match::FieldMatchType::Exact(field_match::Exact { value })
            }
            FieldMatch::Range { low: 0, high: u16::MAX } => return None,
            FieldMatch::Range { low, high } => {
                let (low, high) = (canonical(low.into()), canonical(high.into()));
                field_match::FieldMatchType::Range(field_match::Range { low, high })
            }
            FieldMatch::Prefix { length: 0, .. } => return None,
            FieldMatch::Prefix { value, length } => {
                let (value, prefix_len) = (canonical(value.to_bits()), length as i32);
                field_match::FieldMatchType::Lpm(field_match::Lpm { value, prefix_len })
            }
        };
        Some(v1::FieldMatch { field_id: found.id, field_match_type: Some(said) })
    });
    let is_ordered = key.table().spec().takes_priorities();
    v1::TableEntry {
        table_id: table.preamble.as_ref().unwrap().id,
        r#match: matches.collect(),
        priority: if is_ordered { i32::try_from(priority).unwrap() } else { 0 },
        ..v1::TableEntry::default()
    }
}

fn with_action(info: &P4Info, key: RowKey, action: Action) -> v1::TableEntry {
    let named = |found: &&p4runtime::config::Action| {
        let name = &found.preamble.as_ref().unwrap().name;
        name.rsplit('.').next() == Some(action.name())
    };
    let found = info.actions.iter().find(named).unwrap();
    let params = action.arguments().map(|(argument, value)| {
        let param = found.params.iter().find(|param| param.name == argument.name).unwrap();
        let value = p4runtime::canonical(value.to_bits());
        v1::action::Param { param_id: param.id, value }
    });
    let action_id = found.preamble.as_ref().unwrap().id;
    let action = v1::Action { action_id, params: params.collect() };
    let action = v1::TableAction { r#type: Some(table_action::Type::Action(action)) };
    v1::TableEntry { action: Some(action), ..without_action(info, key) }
}
