//! A table's rows, under the names that the table itself gives its keys and arguments.

use super::grid::Grid;
use dpd_types::{TableDump, TableEntry};
use std::collections::{BTreeMap, BTreeSet};

/// A table's rows, and how full it is.
pub(crate) fn table_dump(dump: &TableDump) -> String {
    let TableDump { name, size, entries } = dump;
    let keys = names(entries.iter().map(|entry| &entry.keys));
    let args = names(entries.iter().map(|entry| &entry.action_args));
    let header = keys.iter().copied().chain(["priority", "action"]).chain(args.iter().copied());
    let mut grid = Grid::default();
    if !entries.is_empty() {
        grid.push(header.map(str::to_uppercase).collect());
    }
    for TableEntry { keys: key_values, priority, action, action_args } in entries {
        let cells = keys.iter().map(|key| value(key_values, key));
        let cells = cells.chain([priority.to_string(), action.clone()]);
        grid.push(cells.chain(args.iter().map(|arg| value(action_args, arg))).collect());
    }
    format!("{grid}{name}: {} of {size} rows\n", entries.len())
}

/// Every name there is, each once.
fn names<'a>(maps: impl Iterator<Item = &'a BTreeMap<String, String>>) -> BTreeSet<&'a str> {
    maps.flat_map(BTreeMap::keys).map(String::as_str).collect()
}

fn value(map: &BTreeMap<String, String>, name: &str) -> String {
    map.get(name).cloned().unwrap_or_default()
}
