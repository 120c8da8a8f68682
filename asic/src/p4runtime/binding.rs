//! Where the tables of the list are in a P4Info, and that they are the same there.
//!
//! A program may have more tables than the list: other controllers may own those, or the program
//! may fill them itself, and nothing here reads or writes them. (The built-in soft switch refuses
//! such programs: there, nobody else could.) Sizes may be other than the list's: a switch says how
//! large its tables are.

use p4runtime::config::{self, P4Info, action_ref, counter_spec, match_field};

use super::error::{NotWritable, P4InfoOf, P4RuntimeError};
use crate::difference::{Difference, action_text, actions_of_list, key_text, keys_of_list};
use crate::spec::{MatchKind, TableSpec};
use crate::table::{PerTable, Table};

/// What has to be known of a P4Info to write and read tables and counters.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Binding {
    pub(super) tables: PerTable<TableBinding>,
    /// By port, what came in.
    pub(super) received: Option<CounterArray>,
    /// By port, what went out.
    pub(super) sent: Option<CounterArray>,
    /// By reason, what was dropped.
    pub(super) drops: Option<CounterArray>,
    /// The names of the reasons with their places among the counters.
    pub(super) drop_reasons: Vec<(String, i64)>,
}

/// Where one table is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct TableBinding {
    pub(super) id: u32,
    /// The id of each key field, in the order of the list.
    pub(super) fields: Vec<u32>,
    /// Each action of the list, by its number there.
    pub(super) actions: Vec<ActionBinding>,
    pub(super) size_rows: u32,
}

/// What an action and its parameters are called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ActionBinding {
    pub(super) id: u32,
    /// The id of each parameter, in the order of the list.
    pub(super) parameters: Vec<u32>,
}

/// An array of counters for packets and bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CounterArray {
    pub(super) id: u32,
    pub(super) size: i64,
}

/// The names of the counters that are read, if the program has them.
pub(super) const RECEIVED: &str = "Ingress.ports.received";
pub(super) const SENT: &str = "Egress.ports.sent";
pub(super) const DROPS: &str = "Ingress.drops";

/// The enumeration of the program whose members say why packets are dropped.
const DROP_REASONS: &str = "DropReason";

impl Binding {
    /// Finds the tables and counters of the list.
    ///
    /// # Errors
    ///
    /// The first thing in which both differ.
    pub(super) fn new(info: &P4Info, of: P4InfoOf) -> Result<Binding, P4RuntimeError> {
        let mut tables = PerTable::from_fn(|_| TableBinding::default());
        for &table in Table::ALL {
            tables[table] = bind(info, of, table)?;
        }
        let drops = counter_array(info, DROPS);
        Ok(Binding {
            tables,
            received: counter_array(info, RECEIVED),
            sent: counter_array(info, SENT),
            drops,
            drop_reasons: drops.map_or_else(Vec::new, |drops| drop_reasons(info, drops.size)),
        })
    }
}

fn bind(info: &P4Info, of: P4InfoOf, table: Table) -> Result<TableBinding, P4RuntimeError> {
    let names = |found: &config::Table| found.preamble.as_ref().map(|one| one.name.clone());
    let named = |found: &&config::Table| {
        found.preamble.as_ref().is_some_and(|preamble| preamble.name == table.name())
    };
    let Some(found) = info.tables.iter().find(named) else {
        let there = info.tables.iter().filter_map(names).collect();
        return Err(P4RuntimeError::NoSuchTable { of, table, there });
    };
    let id = found.preamble.as_ref().map_or(0, |preamble| preamble.id);
    let not_writable = |reason| P4RuntimeError::NotWritable { of, table, reason };
    if found.is_const_table {
        return Err(not_writable(NotWritable::Constant));
    }
    if found.implementation_id != 0 {
        return Err(not_writable(NotWritable::ActionProfile));
    }
    let spec = table.spec();
    let differs = |difference| P4RuntimeError::Differs { of, table, difference };
    let fields = bind_fields(found, spec).map_err(differs)?;
    let has_counters = info.direct_counters.iter().any(|counter| {
        let counts_both = counter.spec.is_some_and(|spec| spec.unit() == counter_spec::Unit::Both);
        counter.direct_table_id == id && counts_both
    });
    if has_counters != spec.has_counters {
        let (program, list) = (has_counters, spec.has_counters);
        return Err(differs(Difference::Counters { program, list }));
    }
    let actions = bind_actions(info, found, spec).map_err(differs)?;
    let size_rows = match found.size {
        ..=0 => spec.size_rows,
        size => u32::try_from(size).unwrap_or(u32::MAX),
    };
    Ok(TableBinding { id, fields, actions, size_rows })
}

/// The ids of the key fields, in the order of the list, if they are those of the list.
fn bind_fields(found: &config::Table, spec: &TableSpec) -> Result<Vec<u32>, Difference> {
    let program: Vec<String> = found.match_fields.iter().map(field_text).collect();
    let list = keys_of_list(spec);
    match places(&list, &program) {
        Some(places) => Ok(places.into_iter().map(|place| found.match_fields[place].id).collect()),
        None => Err(Difference::Keys { program, list }),
    }
}

fn field_text(field: &config::MatchField) -> String {
    let width_bits = u32::try_from(field.bitwidth).unwrap_or_default();
    let kind = match &field.r#match {
        Some(match_field::Match::MatchType(kind)) => {
            match match_field::MatchType::try_from(*kind) {
                Ok(match_field::MatchType::Exact) => {
                    return key_text(&field.name, MatchKind::Exact, width_bits);
                }
                Ok(match_field::MatchType::Lpm) => {
                    return key_text(&field.name, MatchKind::Lpm, width_bits);
                }
                Ok(match_field::MatchType::Range) => {
                    return key_text(&field.name, MatchKind::Range, width_bits);
                }
                // The list knows none of these.
                Ok(match_field::MatchType::Ternary) => "ternary",
                Ok(match_field::MatchType::Optional) => "optional",
                Ok(match_field::MatchType::Unspecified) | Err(_) => "of no known kind",
            }
        }
        Some(match_field::Match::OtherMatchType(kind)) => kind,
        None => "of no known kind",
    };
    format!("{}: {kind} of {width_bits} bits", field.name)
}

/// The actions of the list, by their numbers there, if they are those that rows can have. The list
/// knows an action by the last part of its name.
fn bind_actions(
    info: &P4Info,
    found: &config::Table,
    spec: &TableSpec,
) -> Result<Vec<ActionBinding>, Difference> {
    let for_rows =
        found.action_refs.iter().filter(|action| action.scope() != action_ref::Scope::DefaultOnly);
    let actions: Vec<&config::Action> = for_rows
        .filter_map(|named| {
            let has_id = |action: &&config::Action| {
                action.preamble.as_ref().is_some_and(|preamble| preamble.id == named.id)
            };
            info.actions.iter().find(has_id)
        })
        .collect();
    let program: Vec<String> = actions.iter().map(|action| program_action_text(action)).collect();
    let list = actions_of_list(spec);
    let Some(places) = places(&list, &program) else {
        return Err(Difference::Actions { program, list });
    };
    let bound = places.into_iter().map(|place| {
        let action = actions[place];
        let parameters = action.params.iter().map(|parameter| parameter.id).collect();
        let id = action.preamble.as_ref().map_or(0, |preamble| preamble.id);
        ActionBinding { id, parameters }
    });
    Ok(bound.collect())
}

fn program_action_text(action: &config::Action) -> String {
    let name = action.preamble.as_ref().map_or("", |preamble| preamble.name.as_str());
    let name = name.rsplit('.').next().unwrap_or_default();
    let parameters = action.params.iter();
    let parameters = parameters.map(|parameter| {
        (parameter.name.as_str(), u32::try_from(parameter.bitwidth).unwrap_or_default())
    });
    action_text(name, parameters)
}

/// Where each text of the list stands among those of the program, if these are the same texts in
/// any order.
fn places(list: &[String], program: &[String]) -> Option<Vec<usize>> {
    let place = |text| program.iter().position(|found| found == text);
    let places: Vec<usize> = list.iter().map(place).collect::<Option<_>>()?;
    (list.len() == program.len()).then_some(places)
}

fn counter_array(info: &P4Info, name: &str) -> Option<CounterArray> {
    let found = info.counters.iter().find(|counter| {
        let named = counter.preamble.as_ref().is_some_and(|preamble| preamble.name == name);
        named && counter.spec.is_some_and(|spec| spec.unit() == counter_spec::Unit::Both)
    })?;
    let id = found.preamble.as_ref()?.id;
    Some(CounterArray { id, size: found.size })
}

/// The reasons that the P4Info names. The value 0 says that there is no reason. Where it names
/// none, a reason is called by its number.
fn drop_reasons(info: &P4Info, size: i64) -> Vec<(String, i64)> {
    let named =
        info.type_info.as_ref().and_then(|types| types.serializable_enums.get(DROP_REASONS)).map(
            |reasons| {
                let reason = |member: &config::p4_serializable_enum_type_spec::Member| {
                    let value = p4runtime::value(&member.value, 63).ok()?;
                    Some((member.name.clone(), i64::try_from(value).ok()?))
                };
                reasons.members.iter().filter_map(reason).collect::<Vec<_>>()
            },
        );
    let by_number = || (1..size.min(256)).map(|number| (number.to_string(), number)).collect();
    let mut reasons = named.unwrap_or_else(by_number);
    reasons.retain(|(_, value)| (1..size).contains(value));
    reasons
}
