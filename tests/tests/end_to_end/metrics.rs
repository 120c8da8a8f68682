//! What is counted and measured for those who watch.

use dpd_tests::{Backend, Settings, Step, Testbed, entry, instances, services, target, until};
use std::collections::BTreeMap;

/// Every sample of a page of metrics, by its name with its labels.
async fn metrics(bed: &Testbed) -> BTreeMap<String, f64> {
    let answer = bed.get("/metrics").await;
    assert_eq!(answer.status, 200);
    let content_type = answer.headers["content-type"].to_str().unwrap();
    assert_eq!(content_type, "application/openmetrics-text; version=1.0.0; charset=utf-8");
    assert!(answer.text.ends_with("# EOF\n"));
    let samples = answer.text.lines().filter(|line| !line.starts_with('#'));
    samples
        .map(|line| {
            let (name, value) = line.rsplit_once(' ').unwrap();
            (name.to_owned(), value.parse().unwrap())
        })
        .collect()
}

const IPV4: &str = "Ingress.nat_ingress.ingress_ipv4";

#[tokio::test]
async fn requests_refusals_writes_and_their_times_are_counted() {
    let bed = Testbed::start();
    let before = metrics(&bed).await;
    bed.ensure("services", 7, &services()).await.ok();
    bed.ensure("services", 6, &services()).await.refused("StaleGeneration");
    bed.ensure("services", 5, &services()).await.refused("StaleGeneration");
    let after = metrics(&bed).await;
    let grown = |name: &str| after.get(name).unwrap_or(&0.0) - before.get(name).unwrap_or(&0.0);
    assert_eq!(grown(r#"dpd_requests_total{operation="nat_group_ensure",status="2xx"}"#), 1.0);
    assert_eq!(grown(r#"dpd_requests_total{operation="nat_group_ensure",status="4xx"}"#), 2.0);
    assert_eq!(grown(r#"dpd_refusals_total{code="StaleGeneration"}"#), 2.0);
    assert_eq!(grown(r#"dpd_table_writes_total{outcome="done"}"#), 10.0);
    assert_eq!(grown("dpd_plan_seconds_count"), 1.0);
    assert_eq!(grown("dpd_table_write_seconds_count"), 1.0);
    assert_eq!(grown("dpd_journal_commit_seconds_count"), 1.0);
    assert!(grown("dpd_journal_sync_seconds_count") >= 1.0);
}

#[tokio::test]
async fn tables_and_groups_are_told_as_they_are_now() {
    let bed =
        Testbed::start_with(Settings { backend: Backend::Memory, ..Settings::sized(300, 200) });
    bed.live_in().await;
    let now = metrics(&bed).await;
    let rows = |name: &str| now[&format!(r#"dpd_{name}{{table="{IPV4}"}}"#)];
    assert_eq!((rows("table_size_rows"), rows("table_used_rows")), (300.0, 9.0 + 35.0 + 1.0));
    assert_eq!(now[&format!(r#"dpd_group_rows{{table="{IPV4}",group="services"}}"#)], 9.0);
    for name in ["accepted", "programmed"] {
        assert_eq!(now[&format!(r#"dpd_group_{name}_generation{{group="instances"}}"#)], 41.0);
    }
    assert_eq!(now[r#"dpd_group_state{group="services",state="programmed"}"#], 1.0);
    assert_eq!(now[r#"dpd_group_state{group="services",state="torn"}"#], 0.0);
    assert_eq!(now["dpd_repair_failed_attempts"], 0.0);
    bed.delete_group("services", 7).await.ok();
    assert!(!metrics(&bed).await.keys().any(|name| name.contains("services")));
}

#[tokio::test]
async fn what_is_torn_and_what_its_repair_waits_for_is_told() {
    let bed = Testbed::inhabited().await;
    bed.device.script([Step::Perform(4), Step::Refuse(usize::MAX)]);
    let moved: Vec<_> = services()[3..].iter().map(|it| it.to(target(30))).collect();
    let set = [&moved[..], &[entry("198.51.100.99", 0, 9, target(1))]].concat();
    bed.ensure("services", 8, &set).await.refused("Torn");
    until("a repair has failed", async || metrics(&bed).await["dpd_repair_failed_attempts"] >= 1.0)
        .await;
    let torn = metrics(&bed).await;
    assert_eq!(torn[r#"dpd_group_state{group="services",state="torn"}"#], 1.0);
    assert!(torn[r#"dpd_group_diverged{group="services"}"#] >= 1.0);
    assert!(torn[r#"dpd_repairs_total{result="retry"}"#] >= 1.0);
    assert!(torn[r#"dpd_table_writes_total{outcome="refused"}"#] >= 2.0);
    bed.device.script([]);
    until("the group is whole again", async || {
        let now = metrics(&bed).await;
        now[r#"dpd_group_state{group="services",state="programmed"}"#] == 1.0
            && now[r#"dpd_group_diverged{group="services"}"#] == 0.0
    })
    .await;
    assert!(metrics(&bed).await[r#"dpd_repairs_total{result="clean"}"#] >= 1.0);
}

#[tokio::test]
async fn what_audits_find_is_counted_by_kind() {
    let bed = Testbed::inhabited().await;
    bed.device.snatch_away(&services()[4]);
    bed.device.snatch_away(&instances(40, 1)[7]);
    bed.post("/nat/audit").await.ok();
    let now = metrics(&bed).await;
    assert_eq!(now[r#"dpd_audit_findings_total{kind="missing"}"#], 2.0);
    assert_eq!(now[r#"dpd_audit_findings_total{kind="extra"}"#], 0.0);
}
