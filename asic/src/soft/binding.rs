//! Where the tables of the list are in a program, and that they are the same there.

use p4::Program;
use p4::ir::{self, CounterType, ExternId, ExternKind, TableId};

use super::error::SoftError;
use crate::difference::{Difference, action_text, actions_of_list, key_text, keys_of_list};
use crate::spec::MatchKind;
use crate::table::{PerTable, Table};

/// What the switch has to know of a program.
#[derive(Debug)]
pub(super) struct Binding {
    pub(super) tables: PerTable<TableBinding>,
    /// By port, what came in.
    pub(super) received: ExternId,
    /// By port, what went out.
    pub(super) sent: ExternId,
    /// By reason, what was dropped.
    pub(super) drops: ExternId,
    /// The names of the reasons with their places among the counters.
    pub(super) drop_reasons: Vec<(String, u64)>,
}

/// Where one table is.
#[derive(Clone, Debug, Default)]
pub(super) struct TableBinding {
    /// Its number in the program; 0 until it is found.
    id: u32,
    /// For each action of the list its place among the program's.
    actions: Vec<usize>,
}

impl TableBinding {
    pub(super) fn id(&self) -> TableId {
        TableId(self.id)
    }

    /// The program's place of an action of the list.
    pub(super) fn action_in_program(&self, id: u8) -> usize {
        // Every action of the list has a place, or there were no binding.
        self.actions.get(usize::from(id)).copied().unwrap_or(usize::MAX)
    }

    /// The list's place of an action of the program.
    pub(super) fn action_in_list(&self, place: usize) -> Option<usize> {
        self.actions.iter().position(|bound| *bound == place)
    }
}

/// The number of ports that are counted, as wide as v1model's `PortId_t`.
pub(super) const PORTS: u64 = 512;

/// The enumeration of the program whose members say why packets are dropped.
const DROP_REASONS: &str = "DropReason";

impl Binding {
    /// Finds the tables and counters of the list in the program.
    ///
    /// # Errors
    ///
    /// The first thing in which both differ.
    pub(super) fn new(program: &Program, name: &str) -> Result<Binding, SoftError> {
        let ir = program.ir();
        let foreign = ir.tables.iter().find(|table| Table::from_name(&table.name).is_none());
        if let Some(table) = foreign {
            let (program, name) = (name.to_owned(), table.name.to_string());
            return Err(SoftError::UnknownTable { program, name });
        }
        let mut tables = PerTable::from_fn(|_| TableBinding::default());
        for &table in Table::ALL {
            tables[table] = bind(program, name, table)?;
        }
        let reasons = ir.enums.iter().find(|reasons| *reasons.name == *DROP_REASONS);
        let members = reasons.into_iter().flat_map(|reasons| &reasons.members);
        // The value 0 says that there is no reason.
        let drop_reasons: Vec<(String, u64)> = members
            .filter_map(|(name, value)| Some((name.to_string(), u64::try_from(*value).ok()?)))
            .filter(|(_, value)| *value != 0)
            .collect();
        let last = drop_reasons.iter().map(|(_, value)| *value).max().unwrap_or_default();
        Ok(Binding {
            tables,
            received: counter(program, name, "Ingress.ports.received", PORTS)?,
            sent: counter(program, name, "Egress.ports.sent", PORTS)?,
            drops: counter(program, name, "Ingress.drops", last + 1)?,
            drop_reasons,
        })
    }
}

fn bind(program: &Program, name: &str, table: Table) -> Result<TableBinding, SoftError> {
    let ir = program.ir();
    let Some((id, found)) = program.table(table.name()) else {
        return Err(SoftError::NoSuchTable {
            program: name.to_owned(),
            table,
            there: ir.tables.iter().map(|table| table.name.to_string()).collect(),
        });
    };
    let spec = table.spec();
    let differs = |difference| SoftError::Differs { program: name.to_owned(), table, difference };
    if found.size != u64::from(spec.size_rows) {
        return Err(differs(Difference::Size { program: found.size, list: spec.size_rows }));
    }
    let keys = [keys_of(found), keys_of_list(spec)];
    if keys[0] != keys[1] {
        let [program, list] = keys;
        return Err(differs(Difference::Keys { program, list }));
    }
    let has_counters = found.direct_counter.is_some();
    if has_counters != spec.has_counters {
        let (program, list) = (has_counters, spec.has_counters);
        return Err(differs(Difference::Counters { program, list }));
    }
    let actions = actions_of(ir, found);
    let wanted = actions_of_list(spec);
    let places: Option<Vec<usize>> = wanted
        .iter()
        .map(|text| actions.iter().find(|(_, found)| found == text).map(|(place, _)| *place))
        .collect();
    match places {
        Some(places) if places.len() == actions.len() => {
            Ok(TableBinding { id: id.0, actions: places })
        }
        _ => {
            let program = actions.into_iter().map(|(_, text)| text).collect();
            Err(differs(Difference::Actions { program, list: wanted }))
        }
    }
}

/// The key fields of a table of the program, as texts that are compared and shown.
fn keys_of(table: &ir::Table) -> Vec<String> {
    let text = |key: &ir::TableKey| match key.match_kind {
        ir::MatchKind::Exact => key_text(&key.name, MatchKind::Exact, key.width),
        ir::MatchKind::Lpm => key_text(&key.name, MatchKind::Lpm, key.width),
        ir::MatchKind::Range => key_text(&key.name, MatchKind::Range, key.width),
        // The list knows neither.
        other @ (ir::MatchKind::Ternary | ir::MatchKind::Optional) => {
            format!("{}: {other} of {} bits", key.name, key.width)
        }
    };
    table.keys.iter().map(text).collect()
}

/// The actions that rows of a table can have, by their places, as texts. The list knows an action by
/// the last part of its name.
fn actions_of(ir: &ir::Program, table: &ir::Table) -> Vec<(usize, String)> {
    let actions = table.actions.iter().enumerate().filter(|(_, action)| !action.default_only);
    actions
        .filter_map(|(place, action)| {
            let action = ir.actions.get(action.action.index())?;
            let name = action.name.rsplit('.').next().unwrap_or_default();
            let parameters = action.control_parameters.iter();
            let parameters = parameters.map(|parameter| (&*parameter.name, parameter.width));
            Some((place, action_text(name, parameters)))
        })
        .collect()
}

fn counter(
    program: &Program,
    program_name: &str,
    name: &'static str,
    size: u64,
) -> Result<ExternId, SoftError> {
    let found = program.instance(name).filter(|(_, instance)| {
        matches!(
            instance.kind,
            ExternKind::Counter { size: found, counts: CounterType::PacketsAndBytes }
                if found >= size
        )
    });
    let missing = || SoftError::NoSuchCounter { program: program_name.to_owned(), name, size };
    found.map(|(id, _)| id).ok_or_else(missing)
}
