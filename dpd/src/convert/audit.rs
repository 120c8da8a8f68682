//! What an audit found, as it crosses the wire.

use super::response::{date_time, group_name, keys, wire_slot, wire_target};
use crate::controller::thread::Audited;
use crate::controller::{Differing, Finding, Kind};
use dpd_types::{
    AuditDifferent, AuditExtra, AuditForwarding, AuditKind, AuditMissing, AuditReason, AuditResult,
    AuditRow, NatSlot,
};
use nat_groups::{DeviceRow, Difference, Priority, Target};

/// What an audit found, and what became of it.
pub fn audit_result(audited: &Audited) -> AuditResult {
    let Audited { audit, repaired, remaining } = audited;
    let (nat, others) = (&audit.nat_totals, &audit.forwarding_totals);
    let mut result = AuditResult {
        checked: audit.checked,
        clean: audit.is_clean(),
        missing: Vec::new(),
        missing_total: nat[Kind::Missing],
        extra: Vec::new(),
        extra_total: nat[Kind::Extra],
        different: Vec::new(),
        different_total: nat[Kind::WrongTarget] + nat[Kind::WrongPriority],
        forwarding: Vec::new(),
        forwarding_total: Kind::ALL.iter().map(|&kind| others[kind]).sum(),
        repaired: *repaired,
        remaining: *remaining,
    };
    audit.findings.iter().for_each(|finding| list(&mut result, finding));
    result
}

fn list(result: &mut AuditResult, finding: &Finding) {
    let Finding { what, group, since_unix_micros } = finding;
    let group = group.as_ref().map(group_name);
    let since = date_time(*since_unix_micros);
    let difference = match *what {
        Differing::Nat(difference) => difference,
        Differing::Forwarding { key, kind } => {
            let kind = match kind {
                Kind::Missing => AuditKind::Missing,
                Kind::Extra => AuditKind::Extra,
                Kind::WrongTarget | Kind::WrongPriority => AuditKind::Different,
            };
            let table = key.table().name().to_owned();
            result.forwarding.push(AuditForwarding { table, keys: keys(&key), kind, since });
            return;
        }
    };
    let NatSlot { external, low, high } = wire_slot(difference.slot());
    let (reason, expected, found) = match difference {
        Difference::Missing { slot: _, target } => {
            let target = wire_target(target);
            result.missing.push(AuditMissing { external, low, high, target, group, since });
            return;
        }
        Difference::Extra { row: DeviceRow { slot: _, priority: Priority(priority), target } } => {
            let target = wire_target(target);
            let extra = AuditExtra { external, low, high, target, priority, group, since };
            result.extra.push(extra);
            return;
        }
        Difference::WrongTarget { slot: _, expected, found, priority } => {
            (AuditReason::Target, row(expected, priority), row(found, priority))
        }
        Difference::WrongPriority { slot: _, target, expected, found } => {
            (AuditReason::Priority, row(target, expected), row(target, found))
        }
    };
    let different = AuditDifferent { external, low, high, reason, expected, found, group, since };
    result.different.push(different);
}

fn row(target: Target, Priority(priority): Priority) -> AuditRow {
    AuditRow { target: wire_target(target), priority }
}
