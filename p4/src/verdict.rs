//! What became of a packet.

use std::fmt;
use std::sync::Arc;

use crate::exec::{Site, Value};
use crate::source::Span;
use crate::trace::Named;

/// What became of a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It went out, so many times.
    Sent(usize),
    /// It did not.
    Dropped(DropReason),
}

/// Why a packet was dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DropReason {
    /// The program dropped it with `mark_to_drop`.
    Marked(MarkedToDrop),
    /// The program dropped it by sending it to the drop port, 511.
    DropPort {
        /// The error that the parser had rejected with before, if it had.
        parser_error: Option<Arc<str>>,
    },
    /// The program sent it to a multicast group; there are none.
    Multicast {
        /// The group.
        group: u16,
    },
    /// An assertion or assumption of the program does not hold.
    AssertionFailed {
        /// Where it stands.
        span: Span,
        /// The action or control that it is in.
        within: Arc<str>,
    },
    /// It came by a port that the program has no number for.
    NoSuchPort {
        /// The port.
        port: u16,
    },
    /// It has more than 65,535 bytes.
    TooLong {
        /// How many it has.
        bytes: usize,
    },
    /// The program took more steps than a packet may.
    TooManySteps,
}

/// Where the program marked a packet to be dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkedToDrop {
    site: Arc<Site>,
    arguments: Arguments,
    parser_error: Option<Arc<str>>,
}

/// The values of the parameters of the action around.
pub(crate) type Arguments = smallvec::SmallVec<[u128; 2]>;

impl MarkedToDrop {
    pub(crate) fn new(
        site: Arc<Site>,
        arguments: &Arguments,
        parser_error: Option<Arc<str>>,
    ) -> MarkedToDrop {
        MarkedToDrop { site, arguments: arguments.clone(), parser_error }
    }

    /// Where `mark_to_drop` stands in the program.
    pub fn span(&self) -> Span {
        self.site.span
    }

    /// The control-plane name of the action that it stands in, or of the control.
    pub fn within(&self) -> &Arc<str> {
        &self.site.within
    }

    /// The parameters of that action, with their values then.
    pub fn arguments(&self) -> Vec<(Arc<str>, Value)> {
        self.site.named(&self.arguments)
    }

    /// The error that the parser had rejected with before, if it had.
    pub fn parser_error(&self) -> Option<&Arc<str>> {
        self.parser_error.as_ref()
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::Sent(1) => formatter.write_str("sent"),
            Verdict::Sent(count) => write!(formatter, "sent {count} times"),
            Verdict::Dropped(reason) => write!(formatter, "dropped: {reason}"),
        }
    }
}

impl fmt::Display for DropReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DropReason::Marked(marked) => marked.fmt(formatter),
            DropReason::DropPort { parser_error } => {
                formatter.write_str("sent to the drop port")?;
                write_parser_error(formatter, parser_error.as_ref())
            }
            DropReason::Multicast { group } => {
                write!(formatter, "sent to multicast group {group}, which does not exist")
            }
            DropReason::AssertionFailed { within, .. } => {
                write!(formatter, "an assertion in {within} does not hold")
            }
            DropReason::NoSuchPort { port } => {
                write!(formatter, "there is no port {port}: the last is 511")
            }
            DropReason::TooLong { bytes } => {
                write!(formatter, "{bytes} bytes are more than a packet can have")
            }
            DropReason::TooManySteps => formatter.write_str("the program took too many steps"),
        }
    }
}

/// As in `by drop_because(reason = nat_miss)`.
impl fmt::Display for MarkedToDrop {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "by {}", self.site.within)?;
        let arguments = self.arguments();
        if !arguments.is_empty() {
            write!(formatter, "({})", Named(&arguments))?;
        }
        write_parser_error(formatter, self.parser_error.as_ref())
    }
}

fn write_parser_error(formatter: &mut fmt::Formatter<'_>, error: Option<&Arc<str>>) -> fmt::Result {
    match error {
        Some(error) => write!(formatter, ", after the parser rejected with error.{error}"),
        None => Ok(()),
    }
}
