//! Numbers as tables for people: words to the left, numbers to the right.

use super::target::{Bound, Target, Unit};
use crate::measure::cpu::{CpuOfEnsure, CpuReport};
use crate::measure::durable::{DurableReport, FEW, GROUPS, MANY, StartReport};
use crate::measure::memory::MemoryReport;
use crate::measure::p4runtime::{ENTRIES, P4RuntimeReport};
use crate::measure::packets::{FEW_ROWS, MANY_ROWS, PacketsReport};
use crate::measure::passes::{Client, Pass, PassReport};
use crate::measure::readers::ReadersReport;
use tabled::builder::Builder;
use tabled::settings::object::Columns;
use tabled::settings::style::HorizontalLine;
use tabled::settings::{Alignment, Padding, Style};

pub(super) fn passes(passes: &[PassReport]) -> String {
    let head = [
        "client",
        "pass",
        "entries",
        "requests",
        "median",
        "fastest",
        "client CPU",
        "server CPU",
        "server memory",
    ];
    let rows = passes.iter().map(|report| {
        [
            client(report.client).to_owned(),
            pass(report.pass).to_owned(),
            count(u64::from(report.entries)),
            count(report.requests),
            time(report.median_us),
            time(report.least_us),
            time(report.client_cpu_us),
            time(report.server_cpu_us),
            memory_size(report.server_resident_bytes),
        ]
    });
    render(head, rows, 2)
}

pub(super) fn cpu(report: &CpuReport) -> String {
    let CpuReport { entries, body_bytes, sorted, unsorted } = report;
    let rows = [("sorted", sorted), ("unsorted", unsorted)].map(|(order, cpu)| {
        let CpuOfEnsure { ensures: _, server_cpu_us, parse_cpu_us } = cpu;
        [
            order.to_owned(),
            count(u64::from(*entries)),
            memory_size(*body_bytes as u64),
            time(*server_cpu_us),
            time(*parse_cpu_us),
            format!("{:.2}", cpu.ratio()),
        ]
    });
    render(["order", "entries", "body", "server CPU", "parse alone", "ratio"], rows, 1)
}

pub(super) fn memory(report: &MemoryReport) -> String {
    let MemoryReport {
        groups, mappings, resident_at_start_bytes, resident_bytes, peak_bytes, ..
    } = report;
    let row = |when: &str, mappings: String, bytes: u64, each: String| {
        [when.to_owned(), mappings, memory_size(bytes), each]
    };
    let rows = [
        row("started", count(0), *resident_at_start_bytes, String::new()),
        row(
            &format!("{groups} groups loaded in {}", time(report.load_ms * 1e3)),
            count(*mappings),
            *resident_bytes,
            format!("{:.0} B", report.bytes_per_mapping()),
        ),
        row(
            "at the most",
            String::new(),
            *peak_bytes,
            format!("{:.0} B", report.peak_bytes_per_mapping()),
        ),
        [
            "the same with the built-in switch".to_owned(),
            count(*mappings),
            String::new(),
            format!("{:.0} B", report.with_switch_bytes_per_mapping),
        ],
    ];
    render(["when", "mappings", "resident", "each mapping"], rows, 1)
}

pub(super) fn readers(report: &ReadersReport) -> String {
    let ReadersReport {
        entries,
        ensures,
        ensure_median_us,
        requests_per_second,
        requests,
        median_us,
        p99_us,
        greatest_us,
        sent_late_p99_us,
    } = report;
    let rows = [
        [
            format!("view, {requests_per_second} a second"),
            count(*requests as u64),
            time(*median_us),
            time(*p99_us),
            time(*greatest_us),
            time(*sent_late_p99_us),
        ],
        [
            format!("ensure of {} entries, one after the other", count(u64::from(*entries))),
            count(*ensures as u64),
            time(*ensure_median_us),
            String::new(),
            String::new(),
            String::new(),
        ],
    ];
    render(["request", "number", "median", "p99", "slowest", "p99 sent late"], rows, 1)
}

pub(super) fn packets(report: &PacketsReport) -> String {
    let PacketsReport {
        few_rows_per_second,
        many_rows_per_second,
        beside_writes_per_second,
        writes_per_second,
        write_us,
        load_ms,
    } = report;
    let each = |what: &str, rows: u32, per_second: f64| {
        [what.to_owned(), count(rows.into()), count(per_second as u64), time(1e6 / per_second)]
    };
    let beside = format!("packets, beside {} writes/s", count(*writes_per_second as u64));
    let rows = [
        each("packets", FEW_ROWS, *few_rows_per_second),
        each("packets", MANY_ROWS, *many_rows_per_second),
        each(&beside, MANY_ROWS, *beside_writes_per_second),
        each("writes", MANY_ROWS, 1e6 / write_us),
        ["loads of the program".to_owned(), String::new(), String::new(), time(load_ms * 1e3)],
    ];
    render(["what", "rows", "a second", "CPU of each"], rows, 1)
}

pub(super) fn p4runtime(report: &P4RuntimeReport) -> String {
    let P4RuntimeReport { writes_per_second, write_us, read_ms, ensure_us, built_in_ensure_us } =
        report;
    let many = count(MANY_ROWS.into());
    let rows = [
        ["a table entry, in batches".to_owned(), time(1e6 / writes_per_second)],
        ["a table entry by itself".to_owned(), time(*write_us)],
        [format!("reading {many} entries back"), time(read_ms * 1e3)],
        [format!("an ensure of {} new entries", count(ENTRIES.into())), time(*ensure_us)],
        ["the same on the built-in switch".to_owned(), time(*built_in_ensure_us)],
    ];
    render(["what", "median"], rows, 1)
}

pub(super) fn durable(report: &DurableReport) -> String {
    let DurableReport {
        place,
        ensure_us,
        append_us,
        first_ensure_ms,
        parse_ms,
        after_stop,
        after_kill,
    } = report;
    let mappings = count(u64::from(GROUPS) * u64::from(MANY));
    let row = |what: String, micros: f64| [what, time(micros)];
    let starts = [("a clean stop", after_stop), ("kill -9", after_kill)];
    let starts = starts.into_iter().flat_map(|(after, start)| {
        let StartReport { serving_ms, programmed_ms } = start;
        [("serving", serving_ms), ("all programmed", programmed_ms)].map(|(until, ms)| {
            row(format!("starting with {mappings} mappings after {after}, until {until}"), ms * 1e3)
        })
    });
    let rows = [
        row(format!("an ensure of {FEW} entries, 1 of them changed"), *ensure_us),
        row("an append and fdatasync".to_owned(), *append_us),
        row(format!("a first ensure of {} entries", count(MANY.into())), first_ensure_ms * 1e3),
        row("parsing its body".to_owned(), parse_ms * 1e3),
    ];
    render([&format!("in {place}"), "median"], rows.into_iter().chain(starts), 1)
}

pub(super) fn targets(targets: &[Target]) -> String {
    let rows = targets.iter().map(|target| {
        let Target { name, measured, unit, bound, limit, aim, met } = target;
        let bound = match bound {
            Bound::AtLeast => "at least",
            Bound::AtMost => "at most",
        };
        let mark = match (met, aim) {
            (false, _) => "MISSED".to_owned(),
            (true, Some(aim)) if target.bound.holds(*measured, *aim) => {
                format!("met, and the aim of {}", quantity(*aim, *unit))
            }
            (true, Some(aim)) => format!("met; the aim is {}", quantity(*aim, *unit)),
            (true, None) => "met".to_owned(),
        };
        [
            (*name).to_owned(),
            format!("{bound} {}", quantity(*limit, *unit)),
            quantity(*measured, *unit),
            mark,
        ]
    });
    let mut builder = builder(["target", "wanted", "measured", ""], rows);
    builder.modify(Columns::new(1..3), Alignment::right()).to_string()
}

/// A table whose first `words` columns hold words and whose others hold numbers.
fn render<const N: usize>(
    head: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
    words: usize,
) -> String {
    builder(head, rows).modify(Columns::new(words..), Alignment::right()).to_string()
}

fn builder<const N: usize>(
    head: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> tabled::Table {
    let mut builder = Builder::new();
    builder.push_record(head);
    rows.into_iter().for_each(|row| builder.push_record(row));
    let mut table = builder.build();
    table
        .with(Style::empty().horizontals([(1, HorizontalLine::new('─'))]))
        .modify(Columns::first(), Padding::zero())
        .modify(Columns::new(1..), Padding::new(2, 0, 0, 0));
    table
}

fn client(client: Client) -> &'static str {
    match client {
        Client::PerEntry => "per-entry",
        Client::Group => "group",
    }
}

fn pass(pass: Pass) -> &'static str {
    match pass {
        Pass::Load => "load",
        Pass::Unchanged => "unchanged",
        Pass::UnchangedEnsure => "unchanged, sent again",
        Pass::OnePercent => "1 % changed",
    }
}

/// With the unit in which it has one to three digits before the point.
fn time(micros: f64) -> String {
    match micros {
        ..1e3 => format!("{micros:.1} µs"),
        1e3..1e6 => format!("{:.2} ms", micros / 1e3),
        _ => format!("{:.2} s", micros / 1e6),
    }
}

fn memory_size(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}

/// With a comma before every three digits.
fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn quantity(number: f64, unit: Unit) -> String {
    match unit {
        Unit::Times if number >= 100.0 => format!("{number:.0} x"),
        Unit::Times => format!("{number:.2} x"),
        Unit::Bytes => format!("{number:.0} B"),
        Unit::Milliseconds => format!("{number:.2} ms"),
        Unit::Microseconds => format!("{number:.2} µs"),
        Unit::PerSecond => format!("{}/s", count(number as u64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(0.4, "0.4 µs")]
    #[case(999.94, "999.9 µs")]
    #[case(1_000.0, "1.00 ms")]
    #[case(65_432.1, "65.43 ms")]
    #[case(2_500_000.0, "2.50 s")]
    fn a_time_has_the_unit_that_suits_it(#[case] micros: f64, #[case] text: &str) {
        assert_eq!(time(micros), text);
    }

    #[rstest]
    #[case(0, "0")]
    #[case(999, "999")]
    #[case(1_000, "1,000")]
    #[case(12_345_678, "12,345,678")]
    fn a_large_number_has_commas(#[case] number: u64, #[case] text: &str) {
        assert_eq!(count(number), text);
    }
}
