//! What a failed script says: what was expected, and what came.

use std::fmt;
use std::sync::Arc;

use thiserror::Error;

use super::runner::Sent;
use super::script::{Comparison, Counts, Pattern, digit_at};
use crate::source::{SourceMap, Span};

/// How what came differs from what a script expects.
#[derive(Clone, Debug, Error)]
pub struct Failure {
    pub(super) mismatches: Vec<Mismatch>,
    /// The packet that the first of them has to do with.
    pub(super) explained: Option<Sent>,
    pub(super) sources: SourceMap,
}

/// One difference.
#[derive(Clone, Debug)]
pub(super) enum Mismatch {
    /// A packet that came is another than the expected one.
    Different { span: Span, port: u16, pattern: Pattern, packet: Vec<u8>, from: Span },
    /// A packet did not come.
    Missing { span: Span, port: u16, pattern: Option<Pattern> },
    /// A packet came that nothing is said of.
    Unexpected { port: u16, packet: Vec<u8>, from: Span },
    /// A packet came of one that nothing was to come of.
    NotSilent { span: Span, port: u16, packet: Vec<u8>, from: Span },
    /// A counter has another value.
    Counter {
        span: Span,
        counter: Arc<str>,
        counts: Counts,
        found: u64,
        comparison: Comparison,
        wanted: u64,
    },
}

/// How many bytes stand in a line.
const LINE: usize = 16;

impl Mismatch {
    /// The packet that what came has come of.
    pub(super) fn from(&self) -> Option<Span> {
        match self {
            Mismatch::Different { from, .. }
            | Mismatch::Unexpected { from, .. }
            | Mismatch::NotSilent { from, .. } => Some(*from),
            Mismatch::Missing { .. } | Mismatch::Counter { .. } => None,
        }
    }

    /// The line of the script that is not as it says.
    pub(super) fn span(&self) -> Span {
        match self {
            Mismatch::Different { span, .. }
            | Mismatch::Missing { span, .. }
            | Mismatch::Unexpected { from: span, .. }
            | Mismatch::NotSilent { span, .. }
            | Mismatch::Counter { span, .. } => *span,
        }
    }
}

/// Each mismatch with its place, and behind them the trace of a packet.
impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, mismatch) in self.mismatches.iter().enumerate() {
            if index > 0 {
                formatter.write_str("\n")?;
            }
            write!(formatter, "{}: ", self.sources.position(mismatch.span()))?;
            self.describe(formatter, mismatch)?;
        }
        if let Some(Sent { span, trace }) = &self.explained {
            let line = self.sources.position(*span).line;
            write!(formatter, "\ntrace of the packet in line {line}:")?;
            for line in trace.lines() {
                write!(formatter, "\n  {line}")?;
            }
        }
        Ok(())
    }
}

impl Failure {
    fn describe(&self, formatter: &mut fmt::Formatter<'_>, mismatch: &Mismatch) -> fmt::Result {
        let line = |span: &Span| self.sources.position(*span).line;
        match mismatch {
            Mismatch::Different { port, pattern, packet, from, .. } => {
                let from = line(from);
                write!(formatter, "another packet than expected came out of port {port}, ")?;
                write!(formatter, "of the packet in line {from}")?;
                write_difference(formatter, pattern, packet)
            }
            Mismatch::Missing { port, pattern, .. } => {
                write!(formatter, "expected a packet out of port {port}, and none came")?;
                match pattern {
                    Some(pattern) => write_rows(formatter, "expected", &digits_of(pattern)),
                    None => Ok(()),
                }
            }
            Mismatch::Unexpected { port, packet, .. } => {
                write!(formatter, "a packet that is not expected came out of port {port}")?;
                write_rows(formatter, "received", &digits(packet))
            }
            Mismatch::NotSilent { port, packet, from, .. } => {
                let from = line(from);
                write!(formatter, "a packet came out of port {port} of the one in line {from}")?;
                write_rows(formatter, "received", &digits(packet))
            }
            Mismatch::Counter { counter, counts, found, comparison, wanted, .. } => {
                let counts = match counts {
                    Counts::Packets => "packets",
                    Counts::Bytes => "bytes",
                };
                let comparison = comparison.text();
                write!(formatter, "expected {counts} {comparison} {wanted} of {counter}, ")?;
                write!(formatter, "found {found}")
            }
        }
    }
}

/// Both packets below each other, line by line, with a mark at the first difference.
fn write_difference(
    formatter: &mut fmt::Formatter<'_>,
    pattern: &Pattern,
    packet: &[u8],
) -> fmt::Result {
    let (expected, received) = (digits_of(pattern), digits(packet));
    let difference = pattern.first_difference(packet);
    let rows = expected.len().max(received.len()).div_ceil(LINE * 2);
    for row in 0..rows {
        let begin = row * LINE * 2;
        write_row(formatter, "expected", &expected, begin)?;
        write_row(formatter, "received", &received, begin)?;
        if let Some(place) = difference.filter(|place| place / (LINE * 2) == row) {
            // The mark stands where the digit does, behind the words and the blanks between bytes.
            let column = HEAD + column_of(place - begin);
            write!(formatter, "\n{:column$}^ byte {}", "", place / 2)?;
        }
    }
    let has_end = |is_whole: bool| if is_whole { "" } else { " or more" };
    let (wanted, came) = (expected.len().div_ceil(2), packet.len());
    if wanted != came && (pattern.is_whole || came < wanted) {
        let more = has_end(pattern.is_whole);
        write!(formatter, "\n  expected {wanted} bytes{more}, received {came}")?;
    }
    Ok(())
}

/// How much stands before the first digit in a line.
const HEAD: usize = "  expected 0000  ".len();

fn write_rows(formatter: &mut fmt::Formatter<'_>, words: &str, digits: &[char]) -> fmt::Result {
    (0..digits.len().div_ceil(LINE * 2))
        .try_for_each(|row| write_row(formatter, words, digits, row * LINE * 2))
}

fn write_row(
    formatter: &mut fmt::Formatter<'_>,
    words: &str,
    digits: &[char],
    begin: usize,
) -> fmt::Result {
    let row = digits.iter().skip(begin).take(LINE * 2);
    write!(formatter, "\n  {words} {:04x} ", begin / 2)?;
    for (place, digit) in row.enumerate() {
        let blank = if place.is_multiple_of(2) { " " } else { "" };
        write!(formatter, "{blank}{digit}")?;
    }
    Ok(())
}

/// The column of a digit among digits with a blank after every second one.
fn column_of(place: usize) -> usize {
    place + place / 2
}

fn digits(packet: &[u8]) -> Vec<char> {
    let places = 0..packet.len() * 2;
    places.map(|place| character(digit_at(packet, place))).collect()
}

fn digits_of(pattern: &Pattern) -> Vec<char> {
    pattern.digits.iter().map(|digit| character(*digit)).collect()
}

fn character(digit: Option<u8>) -> char {
    digit.and_then(|digit| char::from_digit(u32::from(digit), 16)).unwrap_or('*')
}
