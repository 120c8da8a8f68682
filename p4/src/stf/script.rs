//! What a script says, line by line, before names have got a meaning.

use crate::source::Span;

/// A script.
#[derive(Clone, Debug)]
pub(super) struct Script {
    pub(super) statements: Vec<Statement>,
}

/// A line of a script.
#[derive(Clone, Debug)]
pub(super) struct Statement {
    pub(super) span: Span,
    pub(super) command: Command,
}

#[derive(Clone, Debug)]
pub(super) enum Command {
    Add {
        table: Word,
        priority: Option<u32>,
        matches: Vec<(Word, MatchText)>,
        action: ActionText,
        /// The name that the script gives the entry.
        handle: Option<Word>,
    },
    SetDefault {
        table: Word,
        action: ActionText,
    },
    RemoveAll,
    CheckCounter {
        counter: Word,
        index: CounterIndex,
        condition: Option<Condition>,
    },
    Packet {
        port: u16,
        data: Vec<u8>,
    },
    Expect {
        port: u16,
        /// None: whatever it is.
        data: Option<Pattern>,
    },
    /// Nothing comes of the packet before it.
    NoPacket,
    /// Everything is done in order anyway.
    Wait,
}

/// A name, or the text of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) span: Span,
}

/// The values of a key element.
#[derive(Clone, Debug)]
pub(super) struct MatchText {
    pub(super) span: Span,
    pub(super) form: MatchForm,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum MatchForm {
    /// One number, maybe with digits that do not matter.
    Number(Number),
    /// `value/length`
    Prefix(Number, Number),
    /// `value&&&mask`
    Masked(Number, Number),
    /// `low->high`
    Range(Number, Number),
}

/// A number as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Number {
    /// The value, zero where digits do not matter.
    pub(super) value: u128,
    /// Ones at the bits of digits that are written as `*`.
    pub(super) any: u128,
    /// Ones at the bits of all digits that are written; none if it is decimal.
    pub(super) written: u128,
    pub(super) span: Span,
}

#[derive(Clone, Debug)]
pub(super) struct ActionText {
    pub(super) name: Word,
    pub(super) arguments: Vec<ArgumentText>,
    pub(super) span: Span,
}

/// An argument, by its name or by its place.
#[derive(Clone, Debug)]
pub(super) struct ArgumentText {
    pub(super) name: Option<Word>,
    pub(super) value: Number,
}

#[derive(Clone, Debug)]
pub(super) enum CounterIndex {
    /// The n-th.
    Number(Number),
    /// That of a named entry.
    Handle(Word),
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Condition {
    pub(super) counts: Counts,
    pub(super) comparison: Comparison,
    pub(super) number: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counts {
    Packets,
    Bytes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

/// What a packet has to look like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    /// Half bytes, none where any will do.
    pub(super) digits: Vec<Option<u8>>,
    /// Whether the packet ends there.
    pub(super) is_whole: bool,
}

impl Comparison {
    pub(super) fn holds(self, found: u64, wanted: u64) -> bool {
        match self {
            Comparison::Equal => found == wanted,
            Comparison::NotEqual => found != wanted,
            Comparison::Less => found < wanted,
            Comparison::LessEqual => found <= wanted,
            Comparison::Greater => found > wanted,
            Comparison::GreaterEqual => found >= wanted,
        }
    }

    pub(super) fn text(self) -> &'static str {
        match self {
            Comparison::Equal => "==",
            Comparison::NotEqual => "!=",
            Comparison::Less => "<",
            Comparison::LessEqual => "<=",
            Comparison::Greater => ">",
            Comparison::GreaterEqual => ">=",
        }
    }
}

impl Pattern {
    /// The place, in half bytes, of the first difference from a packet.
    pub(super) fn first_difference(&self, packet: &[u8]) -> Option<usize> {
        let length = packet.len() * 2;
        let differs = |place: usize| match self.digits.get(place) {
            Some(Some(digit)) => digit_at(packet, place) != Some(*digit),
            Some(None) => place >= length,
            None => self.is_whole,
        };
        (0..length.max(self.digits.len())).find(|place| differs(*place))
    }
}

/// A half byte of a packet.
pub(super) fn digit_at(packet: &[u8], place: usize) -> Option<u8> {
    let byte = packet.get(place / 2)?;
    Some(if place.is_multiple_of(2) { byte >> 4 } else { byte & 0xf })
}
