//! Reports with numbers of which one can see what they come to.

use super::*;
use crate::arguments::Arguments;
use crate::measure::cpu::CpuOfEnsure;
use crate::measure::durable::{DurableReport, StartReport};
use crate::measure::p4runtime::P4RuntimeReport;
use crate::measure::packets::PacketsReport;
use crate::measure::passes::{Client, Pass};
use clap::Parser as _;
use rstest::rstest;

fn report() -> Report {
    Report::new(&Arguments::parse_from(["dpd-bench", "--repeat", "3"]).bench)
}

fn pass(client: Client, pass: Pass, entries: u32, least_us: f64) -> PassReport {
    PassReport {
        entries,
        client,
        pass,
        passes: 3,
        requests: 7,
        median_us: least_us * 2.0,
        least_us,
        client_cpu_us: 2.0,
        server_cpu_us: 1.0,
        server_resident_bytes: 5 << 20,
    }
}

fn full_report() -> Report {
    let cpu = |server_cpu_us| CpuOfEnsure { ensures: 3, server_cpu_us, parse_cpu_us: 50_000.0 };
    Report {
        passes: vec![
            pass(Client::PerEntry, Pass::OnePercent, 100, 1.0),
            pass(Client::PerEntry, Pass::OnePercent, 1000, 60_000.0),
            pass(Client::PerEntry, Pass::Unchanged, 1000, 50_000.0),
            pass(Client::Group, Pass::OnePercent, 1000, 2_000.0),
            pass(Client::Group, Pass::Unchanged, 1000, 50.0),
        ],
        cpu: Some(CpuReport {
            entries: 100_000,
            body_bytes: 15 << 20,
            sorted: cpu(90_000.0),
            unsorted: cpu(125_000.0),
        }),
        readers: Some(ReadersReport {
            entries: 10_000,
            ensures: 9,
            ensure_median_us: 12_000.0,
            requests_per_second: 500,
            requests: 5000,
            median_us: 90.0,
            p99_us: 4_000.0,
            greatest_us: 9_000.0,
            sent_late_p99_us: 200.0,
        }),
        memory: Some(MemoryReport {
            groups: 10,
            mappings: 1_000_000,
            resident_at_start_bytes: 10_000_000,
            resident_bytes: 410_000_000,
            peak_bytes: 510_000_000,
            load_ms: 3_000.0,
            with_switch_bytes_per_mapping: 700.0,
        }),
        packets: Some(PacketsReport {
            few_rows_per_second: 1e6,
            many_rows_per_second: 9e5,
            beside_writes_per_second: 7.2e5,
            writes_per_second: 9_900.0,
            write_us: 3.0,
            load_ms: 25.0,
        }),
        p4runtime: Some(P4RuntimeReport {
            writes_per_second: 2e5,
            write_us: 160.0,
            read_ms: 900.0,
            ensure_us: 9_000.0,
            built_in_ensure_us: 3_000.0,
        }),
        durable: Some(DurableReport {
            place: "/somewhere".to_owned(),
            ensure_us: 1_200.0,
            append_us: 300.0,
            first_ensure_ms: 300.0,
            parse_ms: 50.0,
            after_stop: StartReport { serving_ms: 2_900.0, programmed_ms: 9_000.0 },
            after_kill: StartReport { serving_ms: 5_100.0, programmed_ms: 9_000.0 },
        }),
        ..report()
    }
}

#[test]
fn each_target_is_measured_by_its_own_numbers() {
    let mut report = full_report();
    report.judge();
    let judged: Vec<(f64, bool)> =
        report.targets.iter().map(|target| (target.measured, target.met)).collect();
    assert_eq!(
        judged,
        [
            (30.0, true),
            (1000.0, true),
            (1.8, true),
            (2.5, false),
            (400.0, true),
            (4.0, true),
            (1e6, true),
            (0.9, true),
            (0.8, false),
            (3.0, true),
            (25.0, false),
            (2e5, true),
            (160.0, false),
            (900.0, true),
            (3.0, true),
            (4.0, true),
            (6.0, false),
            (2_900.0, true),
            (5_100.0, false),
        ]
    );
}

#[test]
fn what_was_not_measured_is_neither_judged_nor_shown() {
    let mut report = report();
    report.passes = vec![pass(Client::Group, Pass::OnePercent, 1000, 2_000.0)];
    report.judge();
    assert!(report.targets.is_empty());
    let text = report.to_string();
    assert!(text.contains("Passes of clients") && !text.contains("Targets"), "{text}");
}

#[rstest]
#[case(10.0, "MISSED")]
#[case(30.0, "met; the aim is 50.00 x")]
#[case(60.0, "met, and the aim of 50.00 x")]
fn a_target_says_how_it_stands_to_limit_and_aim(#[case] ratio: f64, #[case] mark: &str) {
    let mut report = report();
    report.passes = vec![
        pass(Client::PerEntry, Pass::OnePercent, 1000, ratio * 1_000.0),
        pass(Client::Group, Pass::OnePercent, 1000, 1_000.0),
    ];
    report.judge();
    let text = report.to_string();
    assert!(text.trim_end().ends_with(mark), "{text}");
}

#[rstest]
#[case(0.02, "2 processors, of which other work had 2 %")]
#[case(0.4, "of which other work had 40 %: better measure on a quiet machine")]
fn a_report_says_how_quiet_the_machine_was(#[case] others: f64, #[case] words: &str) {
    let text = Report { processors: 2, others, ..report() }.to_string();
    assert!(text.ends_with(words), "{text}");
}

#[test]
fn numbers_are_aligned_to_the_right_and_words_to_the_left() {
    let mut report = full_report();
    report.judge();
    let text = report.to_string();
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let head = lines.iter().position(|line| line.starts_with("client")).unwrap();
    assert_eq!(
        lines[head..head + 4],
        [
            "client     pass         entries  requests     median   fastest  client CPU  server CPU  server memory",
            "─────────────────────────────────────────────────────────────────────────────────────────────────────",
            "per-entry  1 % changed      100         7     2.0 µs    1.0 µs      2.0 µs      1.0 µs        5.0 MiB",
            "per-entry  1 % changed    1,000         7  120.00 ms  60.00 ms      2.0 µs      1.0 µs        5.0 MiB",
        ]
    );
}

#[test]
fn a_program_finds_every_number_under_its_name() {
    let mut report = full_report();
    report.judge();
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["passes"][3]["client"], "group");
    assert_eq!(json["passes"][3]["pass"], "one_percent");
    assert_eq!(json["passes"][3]["least_us"], 2_000.0);
    assert_eq!(json["cpu"]["unsorted"]["server_cpu_us"], 125_000.0);
    assert_eq!(json["targets"][3]["met"], false);
    assert_eq!(json["targets"][5]["unit"], "milliseconds");
}
