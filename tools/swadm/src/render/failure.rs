//! The parties of a refusal, below dpd's sentence.

use super::grid::{Align, Grid};
use crate::input::InputSet;
use dpd_client::Failure;
use dpd_types::{EntryConflict, Error, GroupRows, InvalidEntry};

/// A line for each party that dpd names. Entries are named by their place in the file they came
/// from, if they did.
pub(crate) fn failure_details(failure: &Failure, set: Option<&InputSet>) -> String {
    let Failure::Answered { error, .. } = failure else { return String::new() };
    [invalid(error, set), conflicts(error), rows(error)].concat()
}

fn invalid(error: &Error, set: Option<&InputSet>) -> String {
    let listed = error.invalid.as_deref().unwrap_or_default();
    let lines = listed.iter().map(|InvalidEntry { index, entry, reason }| {
        let place = match set {
            Some(set) => set.place(*index),
            None => format!("entries[{index}]"),
        };
        format!("  {place}: {entry}: {reason}\n")
    });
    lines.chain(more(listed.len(), error.invalid_total)).collect()
}

fn conflicts(error: &Error) -> String {
    let listed = error.conflicts.as_deref().unwrap_or_default();
    if error.conflicts_total == Some(1) {
        // The sentence has named both.
        return String::new();
    }
    let lines = listed.iter().map(|EntryConflict { requested, existing, group }| {
        format!("  {requested}\n    overlaps {existing} of group {group}\n")
    });
    lines.chain(more(listed.len(), error.conflicts_total)).collect()
}

fn rows(error: &Error) -> String {
    let listed = error.by_group.as_deref().unwrap_or_default();
    if listed.is_empty() {
        return String::new();
    }
    let mut grid = Grid::without_header([Align::Left, Align::Right, Align::Right]);
    grid.push(["  GROUP", "ROWS", "RESERVED"].map(str::to_owned).to_vec());
    for GroupRows { group, in_use, reserved } in listed {
        grid.push(vec![format!("  {group}"), in_use.to_string(), reserved.to_string()]);
    }
    let mut text = grid.to_string();
    text.extend(more(listed.len(), error.by_group_total));
    text
}

/// How many there are beyond those listed.
fn more(listed: usize, total: Option<u64>) -> Option<String> {
    let more = total?.checked_sub(u64::try_from(listed).ok()?)?;
    (more > 0).then(|| format!("  and {more} more\n"))
}
