//! What is counted and measured for those who watch, as OpenMetrics text
//! (<https://prometheus.io/docs/specs/om/open_metrics_spec/>).
//!
//! [`Meters`] count what happens; what there is at the moment is taken from the snapshot that is
//! rendered. Nothing depends on either.

mod metered;

pub(crate) use metered::Metered;

use crate::controller::{GroupState, Snapshot};
use crate::lower::table_of;
use asic::{Outcome, PerTable, Table, WriteError};
use nat_groups::Family as AddressFamily;
use prometheus_client::encoding::text::{encode_eof, encode_registry};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};
use std::fmt;
use std::time::Duration;

/// The media type of OpenMetrics text.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// One label with its value.
type Labelled = [(&'static str, &'static str); 1];

/// What has happened since the daemon started. Clones count the same.
#[derive(Clone, Debug)]
pub struct Meters {
    requests: Family<[(&'static str, String); 2], Counter>,
    refusals: Family<[(&'static str, String); 1], Counter>,
    table_writes: Family<Labelled, Counter>,
    repairs: Family<Labelled, Counter>,
    findings: Family<Labelled, Counter>,
    plan_seconds: Histogram,
    write_seconds: Histogram,
    commit_seconds: Histogram,
    sync_seconds: Histogram,
}

impl Default for Meters {
    fn default() -> Self {
        // From 10 microseconds to some 40 seconds.
        let times = || Histogram::new(exponential_buckets(1e-5, 4.0, 12));
        Self {
            requests: Family::default(),
            refusals: Family::default(),
            table_writes: Family::default(),
            repairs: Family::default(),
            findings: Family::default(),
            plan_seconds: times(),
            write_seconds: times(),
            commit_seconds: times(),
            sync_seconds: times(),
        }
    }
}

impl Meters {
    /// An operation was answered with this status.
    pub(crate) fn answered(&self, operation: &str, status: u16) {
        let class = format!("{}xx", status / 100);
        let labels = [("operation", operation.to_owned()), ("status", class)];
        self.requests.get_or_create(&labels).inc();
    }

    /// A request was refused with this error code.
    pub(crate) fn refused(&self, code: &str) {
        self.refusals.get_or_create(&[("code", code.to_owned())]).inc();
    }

    /// A batch was handed to the device, which took so long for it.
    pub(crate) fn wrote(&self, outcomes: &[Outcome], time: Duration) {
        self.write_seconds.observe(time.as_secs_f64());
        for (name, count) in OUTCOMES.into_iter().zip(count_outcomes(outcomes)) {
            if count > 0 {
                self.table_writes.get_or_create(&[("outcome", name)]).inc_by(count);
            }
        }
    }

    /// A plan was made.
    pub(crate) fn planned(&self, time: Duration) {
        self.plan_seconds.observe(time.as_secs_f64());
    }

    /// A step was handed to the journal, which synced so often meanwhile.
    pub(crate) fn committed(&self, time: Duration, syncs: &[Duration]) {
        self.commit_seconds.observe(time.as_secs_f64());
        syncs.iter().for_each(|time| self.sync_seconds.observe(time.as_secs_f64()));
    }

    /// A repair ended.
    pub(crate) fn repaired(&self, result: &'static str) {
        self.repairs.get_or_create(&[("result", result)]).inc();
    }

    /// An audit has found so many differences of a kind that were not known before.
    pub(crate) fn found(&self, kind: &'static str, count: u64) {
        self.findings.get_or_create(&[("kind", kind)]).inc_by(count);
    }

    /// All of it, and what there is now, as text.
    ///
    /// # Errors
    ///
    /// None that is known of: a text takes whatever is written to it.
    pub(crate) fn render(
        &self,
        snapshot: &Snapshot,
        size_rows: &PerTable<u32>,
    ) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode_registry(&mut text, &self.registry())?;
        encode_registry(&mut text, &present(snapshot, size_rows))?;
        encode_eof(&mut text)?;
        Ok(text)
    }

    fn registry(&self) -> Registry {
        let Self {
            requests,
            refusals,
            table_writes,
            repairs,
            findings,
            plan_seconds,
            write_seconds,
            commit_seconds,
            sync_seconds,
        } = self.clone();
        let mut all = Registry::with_prefix("dpd");
        all.register("requests", "Requests that were answered, by class of status", requests);
        all.register("refusals", "Requests that were refused, by error code", refusals);
        all.register("table_writes", "Table writes, by what became of them", table_writes);
        all.register("repairs", "Repair passes, by how they ended", repairs);
        let help = "Differences between device and desired that audits have found";
        all.register("audit_findings", help, findings);
        let mut time = |name, help, histogram| {
            all.register_with_unit(name, help, Unit::Seconds, histogram);
        };
        time("plan", "Time to plan a change", plan_seconds);
        time("table_write", "Time that the device took for a batch of writes", write_seconds);
        time("journal_commit", "Time to make a change durable", commit_seconds);
        time("journal_sync", "Time that the disk took to sync the journal", sync_seconds);
        all
    }
}

/// What becomes of a write, in words.
const OUTCOMES: [&str; 4] = ["done", "refused", "unknown", "not_attempted"];

fn count_outcomes(outcomes: &[Outcome]) -> [u64; 4] {
    let mut counts = [0; 4];
    for outcome in outcomes {
        let index = match outcome {
            Ok(()) => 0,
            Err(WriteError::Refused(_)) => 1,
            Err(WriteError::Unknown(_)) => 2,
            Err(WriteError::NotAttempted) => 3,
        };
        counts[index] += 1;
    }
    counts
}

type ByTable = Family<Labelled, Gauge>;
type ByGroup = Family<[(&'static str, String); 1], Gauge>;
type ByTableAndGroup = Family<[(&'static str, String); 2], Gauge>;

/// What there is at the moment.
fn present(snapshot: &Snapshot, size_rows: &PerTable<u32>) -> Registry {
    let gauge = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let mut now = Registry::with_prefix("dpd");
    let (sizes, used) = (ByTable::default(), ByTable::default());
    for &table in Table::ALL {
        sizes.get_or_create(&[("table", table.name())]).set(size_rows[table].into());
    }
    let of_groups = ByTableAndGroup::default();
    let reserved = ByTableAndGroup::default();
    let (accepted, programmed) = (ByGroup::default(), ByGroup::default());
    let (diverged, states) = (ByGroup::default(), Family::<[(&str, String); 2], Gauge>::default());
    for family in AddressFamily::ALL {
        let rows = gauge(snapshot.applied.rows()[family]);
        used.get_or_create(&[("table", table_of(family).name())]).set(rows);
    }
    for group in snapshot.store.groups() {
        let (name, current) = (group.name().to_string(), group.current());
        for family in AddressFamily::ALL {
            let labels = [("table", table_of(family).name().to_owned()), ("group", name.clone())];
            of_groups.get_or_create(&labels).set(gauge(current.set.rows()[family]));
            reserved.get_or_create(&labels).set(gauge(current.reserve[family]));
        }
        let label = [("group", name.clone())];
        accepted.get_or_create(&label).set(gauge(current.generation.get()));
        let generation = snapshot.applied.programmed_generation(group.id());
        programmed.get_or_create(&label).set(generation.map_or(0, |it| gauge(it.get())));
        diverged.get_or_create(&label).set(gauge(snapshot.diverged(group.id())));
        let state = snapshot.state(group.id());
        for (each, word) in STATES {
            let labels = [("group", name.clone()), ("state", word.to_owned())];
            states.get_or_create(&labels).set((each == state).into());
        }
    }
    now.register("table_size_rows", "Rows of a table, taken and free", sizes);
    now.register("table_used_rows", "Rows of a NAT table that are taken", used);
    now.register("group_rows", "Rows that a group takes", of_groups);
    now.register("group_reserved_rows", "Rows that a group reserves", reserved);
    now.register("group_accepted_generation", "Generation of a group that was accepted", accepted);
    let help = "Generation of a group that was last programmed whole; 0 if none was";
    now.register("group_programmed_generation", help, programmed);
    now.register("group_diverged", "Slots of a group that are not as they should be", diverged);
    now.register("group_state", "Whether a group is in this state", states);
    let attempts = Gauge::<i64>::default();
    attempts.set(snapshot.mending.as_ref().map_or(0, |mending| mending.attempts.into()));
    let help = "Repairs that have failed one after the other; 0 if nothing is amiss";
    now.register("repair_failed_attempts", help, attempts);
    let waits = ByTable::default();
    for waits_for in crate::controller::WaitsFor::ALL {
        let waiting = snapshot.mending.as_ref().and_then(|mending| mending.waits_for);
        let labels = [("for", waits_for.name())];
        waits.get_or_create(&labels).set((waiting == Some(waits_for)).into());
    }
    now.register("repair_waiting", "Whether the next repair waits for this", waits);
    now
}

/// The states of a group, in words.
const STATES: [(GroupState, &str); 3] = [
    (GroupState::Programmed, "programmed"),
    (GroupState::Repairing, "repairing"),
    (GroupState::Torn, "torn"),
];
