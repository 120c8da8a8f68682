//! What an audit found.

use super::grid::{Column, Grid, Row};
use super::rows::time;
use chrono::{DateTime, Utc};
use dpd_types::{
    AuditDifferent, AuditExtra, AuditForwarding, AuditKind, AuditMissing, AuditReason, AuditResult,
    AuditRow, GroupName, NatTarget,
};
use std::net::IpAddr;

/// Every difference, and how many there were.
pub(crate) fn audited(result: &AuditResult) -> String {
    let AuditResult {
        checked,
        clean,
        missing,
        missing_total,
        extra,
        extra_total,
        different,
        different_total,
        forwarding,
        forwarding_total,
        repaired,
        remaining,
    } = result;
    let rows: Vec<Difference> = missing
        .iter()
        .map(Difference::missing)
        .chain(extra.iter().map(Difference::extra))
        .chain(different.iter().map(Difference::different))
        .collect();
    let mut text = String::new();
    if !rows.is_empty() {
        text += &Grid::of(&rows).to_string();
    }
    if !forwarding.is_empty() {
        text += &Grid::of(forwarding).to_string();
    }
    let total = missing_total + extra_total + different_total + forwarding_total;
    let listed = rows.len() as u64 + forwarding.len() as u64;
    if total > listed {
        text += &format!("and {} more\n", total - listed);
    }
    text += &match clean {
        true => format!("{checked} rows compared: the device holds what it should\n"),
        false => format!(
            "{checked} rows compared: {missing_total} missing, {extra_total} extra, \
             {different_total} different, {forwarding_total} in other tables; \
             repaired by {repaired} table writes, {remaining} left\n"
        ),
    };
    text
}

/// A row of a NAT table that is not as it should be.
struct Difference {
    what: &'static str,
    external: IpAddr,
    ports: (u16, u16),
    group: Option<GroupName>,
    expected: String,
    found: String,
    since: DateTime<Utc>,
}

impl Difference {
    fn missing(missing: &AuditMissing) -> Self {
        let AuditMissing { external, low, high, target: expected, group, since } = missing;
        Self {
            what: "missing",
            external: *external,
            ports: (*low, *high),
            group: group.clone(),
            expected: target(expected),
            found: String::new(),
            since: *since,
        }
    }

    fn extra(extra: &AuditExtra) -> Self {
        let AuditExtra { external, low, high, target: found, priority, group, since } = extra;
        Self {
            what: "extra",
            external: *external,
            ports: (*low, *high),
            group: group.clone(),
            expected: String::new(),
            found: format!("{}, priority {priority}", target(found)),
            since: *since,
        }
    }

    fn different(different: &AuditDifferent) -> Self {
        let AuditDifferent { external, low, high, reason, expected, found, group, since } =
            different;
        let (what, tell): (_, fn(&AuditRow) -> String) = match reason {
            AuditReason::Target => ("target", |row| target(&row.target)),
            AuditReason::Priority => ("priority", |row| format!("priority {}", row.priority)),
        };
        Self {
            what,
            external: *external,
            ports: (*low, *high),
            group: group.clone(),
            expected: tell(expected),
            found: tell(found),
            since: *since,
        }
    }
}

impl Row for Difference {
    const COLUMNS: &'static [Column] = &[
        Column::text("DIFFERENCE"),
        Column::text("EXTERNAL"),
        Column::text("PORTS"),
        Column::text("GROUP"),
        Column::text("EXPECTED"),
        Column::text("FOUND"),
        Column::text("SINCE"),
    ];

    fn cells(&self) -> Vec<String> {
        let Self { what, external, ports: (low, high), group, expected, found, since } = self;
        vec![
            (*what).to_owned(),
            external.to_string(),
            format!("{low}-{high}"),
            group.as_ref().map(ToString::to_string).unwrap_or_default(),
            expected.clone(),
            found.clone(),
            time(*since),
        ]
    }
}

impl Row for AuditForwarding {
    const COLUMNS: &'static [Column] = &[
        Column::text("DIFFERENCE"),
        Column::text("TABLE"),
        Column::text("KEYS"),
        Column::text("SINCE"),
    ];

    fn cells(&self) -> Vec<String> {
        let Self { table, keys, kind, since } = self;
        let what = match kind {
            AuditKind::Missing => "missing",
            AuditKind::Extra => "extra",
            AuditKind::Different => "different",
        };
        let keys: Vec<String> = keys.iter().map(|(name, key)| format!("{name}={key}")).collect();
        vec![what.to_owned(), table.clone(), keys.join(" "), time(*since)]
    }
}

fn target(NatTarget { internal_ip, inner_mac, vni }: &NatTarget) -> String {
    format!("{internal_ip} {inner_mac} {vni}")
}
