//! One group: its status, and what became of a change.

use super::diff;
use super::grid::Grid;
use super::rows::{state, time};
use dpd_types::{EnsureResult, GroupView, PerFamily, RepairStatus, RepairWait};

/// A group's status, a line for each thing.
pub(crate) fn group_view(view: &GroupView) -> String {
    let GroupView {
        group,
        generation,
        digest,
        entries,
        table_rows,
        state: group_state,
        diverged,
        programmed_generation,
        last_change,
        last_request_id,
        reserve,
        last_error,
        repair,
    } = view;
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "none".to_owned());
    let lines = [
        ("group", group.to_string()),
        ("generation", generation.to_string()),
        ("programmed generation", or_none(programmed_generation.map(|number| number.to_string()))),
        ("state", state(*group_state).to_owned()),
        ("diverged rows", diverged.to_string()),
        ("last error", or_none(last_error.clone())),
        ("entries", per_family(*entries)),
        ("table rows", per_family(*table_rows)),
        ("reserved rows", per_family(*reserve)),
        ("last change", or_none(last_change.map(time))),
        ("last request", or_none(last_request_id.clone())),
        ("digest", digest.to_string()),
    ];
    let mut grid = Grid::default();
    for (name, value) in lines {
        grid.push(vec![name.to_owned(), value]);
        if name == "last error"
            && let Some(status) = repair
        {
            grid.push(vec!["repair".to_owned(), repair_status(status)]);
        }
    }
    grid.to_string()
}

/// What a repair waits for, since when there is one, and how often it failed.
fn repair_status(status: &RepairStatus) -> String {
    let RepairStatus { attempts, next_attempt_ms, waits_for, since } = status;
    let tries = match attempts {
        0 => String::new(),
        1 => ", tried once in vain".to_owned(),
        times => format!(", tried {times} times in vain"),
    };
    let next = match next_attempt_ms {
        Some(ms) if waits_for.is_some() => {
            format!(", again in {}.{} s", ms / 1000, ms % 1000 / 100)
        }
        _ => String::new(),
    };
    format!("{} since {}{tries}{next}", waiting(*waits_for), time(*since))
}

fn waiting(waits_for: Option<RepairWait>) -> &'static str {
    match waits_for {
        None => "under way",
        Some(RepairWait::Retry) => "waiting to try again",
        Some(RepairWait::Room) => "waiting for free rows",
        Some(RepairWait::Device) => "waiting for the device",
        Some(RepairWait::Journal) => "waiting for dpd's state directory",
        Some(RepairWait::Request) => "waiting to be asked",
    }
}

/// What an ensure did.
pub(crate) fn ensured(result: &EnsureResult, color: bool) -> String {
    let EnsureResult {
        group,
        generation,
        previous_generation,
        digest: _,
        dry_run,
        added,
        updated,
        removed,
        unchanged,
        adopted,
        writes,
        repaired,
        gaps,
        peak_rows,
        changes,
        changes_total: _,
    } = result;
    let before = match previous_generation {
        Some(previous) if previous == generation => "again".to_owned(),
        Some(previous) => format!("after {previous}"),
        None => "a new group".to_owned(),
    };
    let mut counts =
        format!("{added} added, {updated} updated, {removed} removed, {unchanged} unchanged");
    if *adopted > 0 {
        counts += &format!(", {adopted} adopted");
    }
    if *repaired > 0 {
        counts += &format!(", {repaired} repaired");
    }
    let mut text = diff(changes, color);
    if let Some(more) = not_shown(result) {
        text += &format!("and {more} more");
        if !dry_run {
            let from = previous_generation.unwrap_or(0);
            text += &format!(": swadm nat group diff {group} {from} {generation}");
        }
        text += "\n";
    }
    for gap in gaps {
        text += &format!("gap: {gap} was removed before its successor was added\n");
    }
    text +=
        &format!("{group}: generation {generation}, {before}: {counts}; table writes: {writes}\n");
    if let Some(PerFamily { ipv4, ipv6 }) = peak_rows {
        text += &format!("at most {ipv4} IPv4 and {ipv6} IPv6 rows would be taken meanwhile\n");
    }
    if *dry_run {
        text += DRY_RUN;
    }
    text
}

/// What a deletion did. What it removed cannot be looked up any more: a deleted group has no
/// history.
pub(crate) fn deleted(result: &EnsureResult, color: bool) -> String {
    let EnsureResult { group, generation, previous_generation, dry_run, removed, writes, .. } =
        result;
    let mut text = diff(&result.changes, color);
    if let Some(more) = not_shown(result) {
        text += &format!("and {more} more\n");
    }
    text += &match previous_generation {
        Some(previous) => format!(
            "{group}: deleted at generation {generation}, after {previous}: {removed} removed; \
             table writes: {writes}\n"
        ),
        None => format!(
            "{group}: there is no such group any more; it was deleted at generation {generation}\n"
        ),
    };
    if *dry_run {
        text += DRY_RUN;
    }
    text
}

const DRY_RUN: &str = "This was a dry run: nothing was changed.\n";

/// How many changes there are beyond those listed, if there are any.
fn not_shown(result: &EnsureResult) -> Option<u64> {
    let shown = u64::try_from(result.changes.len()).ok()?;
    result.changes_total.checked_sub(shown).filter(|more| *more > 0)
}

fn per_family(PerFamily { ipv4, ipv6 }: PerFamily) -> String {
    format!("{ipv4} IPv4, {ipv6} IPv6")
}
