//! What changed, as people know it from `diff`.

use super::grid::{Grid, Row};
use dpd_types::{ChangeOp, NatChange, NatTarget};
use owo_colors::Style;

/// A line for each change: `+` what was added, `-` what was removed, `~` what goes elsewhere now,
/// with what it was before.
pub(crate) fn diff(changes: &[NatChange], color: bool) -> String {
    let mut grid = Grid::default();
    for NatChange { op, entry, was } in changes {
        let mut cells = vec![sign(*op).to_owned()];
        cells.extend(entry.cells());
        cells.extend(was.map(|was| before(&was, &entry.target)));
        grid.push(cells);
    }
    let lines = grid.lines();
    changes
        .iter()
        .zip(lines)
        .map(|(change, line)| {
            let style = if color { style(change.op) } else { Style::new() };
            format!("{}\n", style.style(line))
        })
        .collect()
}

fn sign(op: ChangeOp) -> &'static str {
    match op {
        ChangeOp::Add => "+",
        ChangeOp::Update => "~",
        ChangeOp::Remove => "-",
    }
}

fn style(op: ChangeOp) -> Style {
    match op {
        ChangeOp::Add => Style::new().green(),
        ChangeOp::Update => Style::new().yellow(),
        ChangeOp::Remove => Style::new().red(),
    }
}

/// What is different from what was.
fn before(was: &NatTarget, is: &NatTarget) -> String {
    let NatTarget { internal_ip, inner_mac, vni } = was;
    let parts = [
        (internal_ip != &is.internal_ip).then(|| internal_ip.to_string()),
        (inner_mac != &is.inner_mac).then(|| inner_mac.to_string()),
        (vni != &is.vni).then(|| format!("vni {vni}")),
    ];
    format!("(was {})", parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
}
