//! A set in CSV: a header line, then a line for each entry.

use super::{Malformed, Options, Parsed, Place};
use csv::{ReaderBuilder, StringRecord, Trim};
use dpd_types::{MacAddr, NatEntry, NatTarget};
use std::str::FromStr;

/// The columns, which may stand in any order.
const COLUMNS: [&str; 6] = ["external", "low", "high", "internal_ip", "inner_mac", "vni"];

pub(super) fn parse(text: &str) -> Result<Parsed, Malformed> {
    let mut reader =
        ReaderBuilder::new().trim(Trim::All).comment(Some(b'#')).from_reader(text.as_bytes());
    let unreadable = |error| unreadable(text, &error);
    let headers = reader.headers().map_err(unreadable)?.clone();
    let header = || Place { line: line_of(text, headers.position()), ..Place::default() };
    if let Some(unknown) = headers.iter().find(|header| !COLUMNS.contains(header)) {
        let problem = format!("unknown column {unknown:?}; the columns are {}", COLUMNS.join(","));
        return Err(Malformed { place: header(), problem });
    }
    let mut columns = [0; COLUMNS.len()];
    for (column, name) in columns.iter_mut().zip(COLUMNS) {
        *column = headers.iter().position(|header| header == name).ok_or_else(|| Malformed {
            place: header(),
            problem: format!("there is no column {name:?}"),
        })?;
    }

    let (mut entries, mut lines) = (Vec::new(), Vec::new());
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        let line = line_of(text, record.position());
        entries.push(entry(&Line { record: &record, line, columns })?);
        lines.push(line.unwrap_or_default());
    }
    Ok(Parsed { entries, options: Options::default(), lines: Some(lines) })
}

/// A line, and where in it each of [`COLUMNS`] stands.
struct Line<'r> {
    record: &'r StringRecord,
    /// Its number, from 1.
    line: Option<u64>,
    columns: [usize; COLUMNS.len()],
}

fn entry(line: &Line<'_>) -> Result<NatEntry, Malformed> {
    const PORT: &str = "a port: a number from 0 to 65535";
    Ok(NatEntry {
        external: line.field(0, "an IP address")?,
        low: line.field(1, PORT)?,
        high: line.field(2, PORT)?,
        target: NatTarget {
            internal_ip: line.field(3, "an IPv6 address")?,
            inner_mac: line.field::<MacAddr>(4, "a MAC address such as a8:40:25:f0:00:01")?,
            vni: line.field(5, "a VNI: a number from 0 to 16777215")?,
        },
    })
}

impl Line<'_> {
    /// Reads the field of the column `COLUMNS[index]`.
    fn field<T: FromStr>(&self, index: usize, what: &str) -> Result<T, Malformed> {
        let text = self.record.get(self.columns[index]).unwrap_or_default();
        text.parse().map_err(|_| Malformed {
            place: Place { line: self.line, column: None, path: Some(COLUMNS[index].to_owned()) },
            problem: format!("{text:?} is not {what}"),
        })
    }
}

/// A line that is not CSV, such as one with too few fields.
fn unreadable(text: &str, error: &csv::Error) -> Malformed {
    let line = line_of(text, error.position());
    let problem = match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("it has {len} fields where the header has {expected_len}")
        }
        _ => error.to_string(),
    };
    Malformed { place: Place { line, ..Place::default() }, problem }
}

/// The number of the line at a reader's position, from 1. The reader counts from where it began to
/// look for the line, before empty lines and comments.
fn line_of(text: &str, position: Option<&csv::Position>) -> Option<u64> {
    let position = position?;
    let rest = text.get(usize::try_from(position.byte()).ok()?..)?;
    let skipped = rest.lines().take_while(|line| line.is_empty() || line.starts_with('#'));
    Some(position.line() + u64::try_from(skipped.count()).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const SET: &str = "\
external,low,high,internal_ip,inner_mac,vni
203.0.113.7,0,16383,fd00:1122:3344:101::1,a8:40:25:f0:00:01,100
# a comment

2001:db8::7,    0, 65535,fd00:1122:3344:102::1,A8:40:25:F0:00:02,100
";

    #[test]
    fn each_line_is_an_entry_with_its_place() {
        let Parsed { entries, options, lines } = parse(SET).unwrap();
        let shown: Vec<String> = entries.iter().map(ToString::to_string).collect();
        assert_eq!(
            shown,
            [
                "203.0.113.7 ports 0-16383 -> fd00:1122:3344:101::1 mac a8:40:25:f0:00:01 vni 100",
                "2001:db8::7 ports 0-65535 -> fd00:1122:3344:102::1 mac a8:40:25:f0:00:02 vni 100",
            ]
        );
        assert_eq!((options, lines), (Options::default(), Some(vec![2, 5])));
    }

    #[test]
    fn columns_may_stand_in_any_order() {
        let text = "vni,inner_mac,internal_ip,high,low,external\n\
                    100,a8:40:25:f0:00:01,fd00:1122:3344:101::1,16383,0,203.0.113.7\n";
        assert_eq!(parse(text).unwrap().entries, parse(SET).unwrap().entries[..1]);
    }

    #[rstest]
    #[case("16383", "65536", "line 2, `high`: \"65536\" is not a port: a number from 0 to 65535")]
    #[case("16383", "-1", "line 2, `high`: \"-1\" is not a port: a number from 0 to 65535")]
    #[case("203.0.113.7", "203.0.113", "line 2, `external`: \"203.0.113\" is not an IP address")]
    #[case(
        "a8:40:25:f0:00:01",
        "",
        "line 2, `inner_mac`: \"\" is not a MAC address such as a8:40:25:f0:00:01"
    )]
    #[case("02,100", "02", "line 5: it has 5 fields where the header has 6")]
    #[case(",vni\n", "\n", "line 1: there is no column \"vni\"")]
    #[case(
        ",vni\n",
        ",vnl\n",
        "line 1: unknown column \"vnl\"; the columns are \
         external,low,high,internal_ip,inner_mac,vni"
    )]
    fn what_is_wrong_is_named_with_its_place(
        #[case] right: &str,
        #[case] wrong: &str,
        #[case] expected: &str,
    ) {
        let Malformed { place, problem } = parse(&SET.replacen(right, wrong, 1)).unwrap_err();
        assert_eq!(format!("{place}: {problem}"), expected);
    }
}
