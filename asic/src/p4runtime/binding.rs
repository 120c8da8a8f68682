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

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn info() -> P4Info {
        let text = include_str!("../../../p4/programs/nat.p4info.txtpb");
        p4runtime::p4info_from_text(text).unwrap()
    }

    fn table_of(info: &mut P4Info, table: Table) -> &mut config::Table {
        let named = |found: &&mut config::Table| {
            found.preamble.as_ref().is_some_and(|preamble| preamble.name == table.name())
        };
        info.tables.iter_mut().find(named).unwrap()
    }

    fn action_of<'a>(info: &'a mut P4Info, name: &str) -> &'a mut config::Action {
        let named = |action: &&mut config::Action| {
            action.preamble.as_ref().is_some_and(|preamble| preamble.alias == name)
        };
        info.actions.iter_mut().find(named).unwrap()
    }

    fn bind_edited(edit: impl FnOnce(&mut P4Info)) -> Result<Binding, String> {
        let mut info = info();
        edit(&mut info);
        Binding::new(&info, P4InfoOf::Program).map_err(|error| error.to_string())
    }

    #[test]
    fn the_program_of_this_project_is_bound() {
        let binding = bind_edited(|_| {}).unwrap();
        let nat = &binding.tables[Table::NatIngressIpv4];
        assert_eq!((nat.id, &*nat.fields, nat.size_rows), (47_654_611, &[1, 2][..], 1024));
        let expected = ActionBinding { id: 18_784_167, parameters: vec![1, 2, 3] };
        assert_eq!(nat.actions, [expected]);
        // Each at its place in the list, whatever the order in the program.
        let roles = &binding.tables[Table::PortRole].actions;
        assert_eq!([roles[0].id, roles[1].id], [19_422_501, 24_836_318]);
        assert!(binding.received.is_some_and(|array| array.size == 512));
        assert!(binding.sent.is_some());
        assert_eq!(binding.drop_reasons.len(), 19);
        assert_eq!(binding.drop_reasons[5], ("nat_miss".to_owned(), 6));
    }

    /// A table of the list is changed in the program.
    type Edit = fn(&mut P4Info, &mut config::Table);
    type Info = P4Info;
    type Changed = config::Table;

    #[rstest]
    #[case::name(
        |_: &mut Info, table: &mut Changed| {
            table.preamble.as_mut().unwrap().name = "ingress".to_owned();
        },
        "has no table Ingress.nat_ingress.ingress_ipv4, which dpd writes; it has \
         Ingress.ports.role, "
    )]
    #[case::key_name(
        |_: &mut Info, table: &mut Changed| table.match_fields[1].name = "port".to_owned(),
        "its key is dst_addr: exact of 32 bits, port: range of 16 bits there and \
         dst_addr: exact of 32 bits, l4_dst_port: range of 16 bits here"
    )]
    #[case::key_width(
        |_: &mut Info, table: &mut Changed| table.match_fields[0].bitwidth = 31,
        "dst_addr: exact of 31 bits"
    )]
    #[case::key_kind(
        |_: &mut Info, table: &mut Changed| {
            let kind = match_field::MatchType::Ternary.into();
            table.match_fields[1].r#match = Some(match_field::Match::MatchType(kind));
        },
        "l4_dst_port: ternary of 16 bits"
    )]
    #[case::key_of_another_kind(
        |_: &mut Info, table: &mut Changed| {
            let kind = match_field::Match::OtherMatchType("fuzzy".to_owned());
            table.match_fields[1].r#match = Some(kind);
        },
        "l4_dst_port: fuzzy of 16 bits"
    )]
    #[case::key_missing(
        |_: &mut Info, table: &mut Changed| drop(table.match_fields.pop()),
        "its key is dst_addr: exact of 32 bits there"
    )]
    #[case::key_more(
        |_: &mut Info, table: &mut Changed| {
            table.match_fields.push(config::MatchField::default());
        },
        "l4_dst_port: range of 16 bits, : of no known kind of 0 bits there"
    )]
    #[case::action_missing(
        |_: &mut Info, table: &mut Changed| drop(table.action_refs.remove(0)),
        "its actions are  there and forward_ipv4_to(target: 128 bits, inner_mac: 48 bits, \
         vni: 24 bits) here"
    )]
    #[case::action_more(
        |_: &mut Info, table: &mut Changed| {
            table.action_refs[1].scope = action_ref::Scope::TableAndDefault.into();
        },
        "vni: 24 bits), NoAction() there"
    )]
    #[case::parameter_width(
        |info: &mut Info, _: &mut Changed| {
            action_of(info, "forward_ipv4_to").params[2].bitwidth = 20;
        },
        "inner_mac: 48 bits, vni: 20 bits) there"
    )]
    #[case::parameter_missing(
        |info: &mut Info, _: &mut Changed| {
            action_of(info, "forward_ipv4_to").params.pop();
        },
        "forward_ipv4_to(target: 128 bits, inner_mac: 48 bits) there"
    )]
    #[case::no_counters(
        |info: &mut Info, _: &mut Changed| info.direct_counters.clear(),
        "its rows have no counters there and have counters here"
    )]
    #[case::counters_of_packets_alone(
        |info: &mut Info, _: &mut Changed| {
            let unit = counter_spec::Unit::Packets.into();
            info.direct_counters[0].spec = Some(config::CounterSpec { unit });
        },
        "its rows have no counters there and have counters here"
    )]
    #[case::fixed(
        |_: &mut Info, table: &mut Changed| table.is_const_table = true,
        "cannot be written row by row: its rows are fixed by the program"
    )]
    #[case::action_profile(
        |_: &mut Info, table: &mut Changed| table.implementation_id = 1,
        "cannot be written row by row: its actions are in an action profile"
    )]
    fn what_differs_from_the_list_is_named(#[case] edit: Edit, #[case] words: &str) {
        let table = Table::NatIngressIpv4;
        let said = bind_edited(|info| {
            let mut changed = table_of(info, table).clone();
            edit(info, &mut changed);
            *table_of(info, table) = changed;
        });
        let said = said.unwrap_err();
        assert!(said.contains(words), "{said}");
        assert!(said.contains("P4Info of the program to be run"), "{said}");
        assert!(said.contains(table.name()), "{said}");
    }

    #[test]
    fn what_the_program_has_besides_and_in_which_order_does_not_matter() {
        let table = Table::NatIngressIpv4;
        let binding = bind_edited(|info| {
            let mut other = table_of(info, table).clone();
            other.preamble.as_mut().unwrap().name = "Ingress.acl".to_owned();
            info.tables.insert(0, other);
            info.tables.reverse();
            info.actions.reverse();
            let changed = table_of(info, table);
            changed.match_fields.reverse();
            changed.size = 0;
            table_of(info, Table::RouteIpv4).size = 7;
            table_of(info, Table::RouteIpv6).size = 1 << 40;
        });
        let binding = binding.unwrap();
        let sizes = [table, Table::RouteIpv4, Table::RouteIpv6];
        assert_eq!(sizes.map(|table| binding.tables[table].size_rows), [1024, 7, u32::MAX]);
        assert_eq!(binding.tables[table].fields, [1, 2]);
    }

    #[test]
    fn reasons_that_have_no_name_are_numbers() {
        let binding = bind_edited(|info| info.type_info = None).unwrap();
        let names: Vec<&str> = binding.drop_reasons.iter().map(|(name, _)| &**name).collect();
        assert_eq!(names[..3], ["1", "2", "3"]);
        // Nor is a reason told of for which there is no counter.
        let binding = bind_edited(|info| {
            let named = |counter: &&mut config::Counter| {
                counter.preamble.as_ref().is_some_and(|preamble| preamble.name == DROPS)
            };
            info.counters.iter_mut().find(named).unwrap().size = 3;
        });
        assert_eq!(binding.unwrap().drop_reasons.len(), 2);
    }
}
