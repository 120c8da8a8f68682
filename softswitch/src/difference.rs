//! Whether the P4Info that a controller has is that of the program.

use std::collections::BTreeMap;
use std::fmt::Debug;

use p4runtime::config::{
    Action, ActionRef, ControllerPacketMetadata, Counter, CounterSpec, DirectCounter, MatchField,
    P4Info, Preamble, Register, Table, match_field, match_field::MatchType,
};
use thiserror::Error;

/// The first thing in which a P4Info is not that of the program.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "the sentences say what the fields are")]
pub enum Difference {
    /// The program has more.
    #[error("it lacks {what}")]
    Missing { what: String },
    /// The program has less.
    #[error("the program has no {what}")]
    Unknown { what: String },
    /// Both have it, but not alike.
    #[error("{what} is {given} in it and {own} in the program")]
    Other { what: String, given: String, own: String },
    /// Two things of one id.
    #[error("it has two {kind} with id {id:#x}")]
    Twice { kind: &'static str, id: u32 },
}

/// Things by their ids, each with what it is in words and what is said of it.
type Facts = BTreeMap<u32, (String, Vec<(&'static str, String)>)>;

/// Compares what controllers and switch have to agree on: ids, names, widths, kinds of matches,
/// sizes and units. What is there for people is not compared, nor in what order things come.
///
/// # Errors
///
/// The first difference.
pub(crate) fn difference(own: &P4Info, given: &P4Info) -> Result<(), Difference> {
    for (kind, count) in foreign(given) {
        if count > 0 {
            return Err(Difference::Unknown { what: kind.to_owned() });
        }
    }
    for (kind, facts) in KINDS {
        compare(&facts(own, kind)?, &facts(given, kind)?)?;
    }
    Ok(())
}

/// What can be in a P4Info and not in a program of the interpreter.
fn foreign(given: &P4Info) -> [(&'static str, usize); 6] {
    [
        ("action profiles", given.action_profiles.len()),
        ("meters", given.meters.len()),
        ("direct meters", given.direct_meters.len()),
        ("value sets", given.value_sets.len()),
        ("digests", given.digests.len()),
        ("externs of its own", given.externs.len()),
    ]
}

type Collect = fn(&P4Info, &'static str) -> Result<Facts, Difference>;

const KINDS: [(&str, Collect); 6] = [
    ("tables", |info, kind| collect(kind, &info.tables, preamble_of_table, table)),
    ("actions", |info, kind| collect(kind, &info.actions, preamble_of_action, action)),
    ("counters", |info, kind| collect(kind, &info.counters, |one| one.preamble.as_ref(), counter)),
    ("direct counters", |info, kind| {
        collect(kind, &info.direct_counters, |one| one.preamble.as_ref(), direct_counter)
    }),
    ("registers", |info, kind| {
        collect(kind, &info.registers, |one| one.preamble.as_ref(), register)
    }),
    ("packet metadata", |info, kind| {
        collect(kind, &info.controller_packet_metadata, |one| one.preamble.as_ref(), header)
    }),
];

fn preamble_of_table(table: &Table) -> Option<&Preamble> {
    table.preamble.as_ref()
}

fn preamble_of_action(action: &Action) -> Option<&Preamble> {
    action.preamble.as_ref()
}

fn collect<T>(
    kind: &'static str,
    all: &[T],
    preamble: impl Fn(&T) -> Option<&Preamble>,
    said: impl Fn(&T) -> Result<Vec<(&'static str, String)>, Difference>,
) -> Result<Facts, Difference> {
    let mut facts = Facts::new();
    let singular = kind.strip_suffix('s').unwrap_or(kind);
    for one in all {
        let (id, name) =
            preamble(one).map_or((0, ""), |preamble| (preamble.id, preamble.name.as_str()));
        let mut said = said(one)?;
        said.insert(0, ("name", name.to_owned()));
        if facts.insert(id, (format!("{singular} {name} (id {id:#010x})"), said)).is_some() {
            return Err(Difference::Twice { kind, id });
        }
    }
    Ok(facts)
}

fn compare(own: &Facts, given: &Facts) -> Result<(), Difference> {
    if let Some((_, (what, _))) = own.iter().find(|(id, _)| !given.contains_key(*id)) {
        return Err(Difference::Missing { what: what.clone() });
    }
    for (id, (what, given)) in given {
        let Some((_, own)) = own.get(id) else {
            return Err(Difference::Unknown { what: what.clone() });
        };
        for ((aspect, own), (_, given)) in own.iter().zip(given) {
            if own != given {
                let what = format!("the {aspect} of {what}");
                return Err(Difference::Other { what, given: given.clone(), own: own.clone() });
            }
        }
    }
    Ok(())
}

fn table(table: &Table) -> Result<Vec<(&'static str, String)>, Difference> {
    let fields = table.match_fields.iter().map(|field| {
        let MatchField { id, name, bitwidth, .. } = field;
        (*id, format!("{name} ({bitwidth} bits, {})", match_type(field)))
    });
    let actions = table.action_refs.iter().map(|one| {
        let ActionRef { id, .. } = one;
        (*id, format!("{id:#010x} ({})", one.scope().as_str_name()))
    });
    let resources = table.direct_resource_ids.iter().map(|id| (*id, format!("{id:#010x}")));
    // Of a table that never changes it does not matter how much would fit in.
    let size = if table.is_const_table { 0 } else { table.size };
    Ok(vec![
        ("key", list("match fields", fields)?),
        ("list of actions", list("actions in a table", actions)?),
        ("list of direct resources", list("resources of a table", resources)?),
        ("constancy", table.is_const_table.to_string()),
        ("size", size.to_string()),
    ])
}

fn match_type(field: &MatchField) -> String {
    match &field.r#match {
        Some(match_field::Match::MatchType(number)) => match MatchType::try_from(*number) {
            Ok(kind) => kind.as_str_name().to_owned(),
            Err(_) => format!("kind {number}"),
        },
        Some(match_field::Match::OtherMatchType(other)) => other.clone(),
        None => "without a kind".to_owned(),
    }
}

fn action(action: &Action) -> Result<Vec<(&'static str, String)>, Difference> {
    let parameters = action.params.iter().map(|one| (one.id, bits(&one.name, one.bitwidth)));
    Ok(vec![("list of parameters", list("parameters of an action", parameters)?)])
}

fn counter(counter: &Counter) -> Result<Vec<(&'static str, String)>, Difference> {
    Ok(vec![("unit", unit(counter.spec.as_ref())), ("size", counter.size.to_string())])
}

fn direct_counter(counter: &DirectCounter) -> Result<Vec<(&'static str, String)>, Difference> {
    let table = format!("{:#010x}", counter.direct_table_id);
    Ok(vec![("unit", unit(counter.spec.as_ref())), ("table", table)])
}

fn register(register: &Register) -> Result<Vec<(&'static str, String)>, Difference> {
    let element = register.type_spec.as_ref().map(shown).unwrap_or_default();
    Ok(vec![("type", element), ("size", register.size.to_string())])
}

fn header(header: &ControllerPacketMetadata) -> Result<Vec<(&'static str, String)>, Difference> {
    let fields = header.metadata.iter().map(|one| (one.id, bits(&one.name, one.bitwidth)));
    Ok(vec![("list of fields", list("fields of packet metadata", fields)?)])
}

fn unit(spec: Option<&CounterSpec>) -> String {
    spec.map(|spec| spec.unit().as_str_name().to_owned()).unwrap_or_default()
}

fn bits(name: &str, width: i32) -> String {
    format!("{name} ({width} bits)")
}

fn shown(value: &impl Debug) -> String {
    format!("{value:?}")
}

/// Parts by their ids, in the order of these.
fn list(
    kind: &'static str,
    parts: impl Iterator<Item = (u32, String)>,
) -> Result<String, Difference> {
    let mut ordered = BTreeMap::new();
    for (id, part) in parts {
        if ordered.insert(id, part).is_some() {
            return Err(Difference::Twice { kind, id });
        }
    }
    let all: Vec<String> = ordered.iter().map(|(id, part)| format!("{id}: {part}")).collect();
    Ok(if all.is_empty() { "empty".to_owned() } else { all.join(", ") })
}
