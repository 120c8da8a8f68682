//! What threads other than the owner's can ask of a switch.

use std::time::Duration;

use thiserror::Error;

use crate::outcome::NoAnswer;
use crate::soft::{DropCount, PortCount};

/// A way to a [`P4RuntimeAsic`](super::P4RuntimeAsic) past its owner, to read what it counts.
/// Clones lead to the same switch.
#[derive(Clone, Debug)]
pub struct P4RuntimeHandle {}

/// Why counters could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CountersError {
    /// The program has no such counters.
    #[error("the program of the switch has no counters {name} of packets and bytes")]
    NoSuchCounters {
        /// Their name.
        name: &'static str,
    },
    /// The switch said no, or there is no connection to it.
    #[error("{words}")]
    Refused {
        /// The code and the switch's own words, or why there is no connection.
        words: String,
    },
    /// The switch did not answer.
    #[error(transparent)]
    NoAnswer(#[from] NoAnswer),
}

impl P4RuntimeHandle {
    /// Whether the switch can be asked and written now.
    pub fn is_up(&self) -> bool {
        false
    }

    /// What the program has counted at a port; none if it counts none there, or the switch does not
    /// answer.
    pub fn port_count(&self, port: u16, timeout: Duration) -> Option<PortCount> {
        let _ = (port, timeout);
        None
    }

    /// What was dropped for each reason that the program has, whether there has been such a packet
    /// or not. A reason that the P4Info does not name is called by its number.
    ///
    /// # Errors
    ///
    /// [`CountersError`] says why not.
    pub fn drops(&self, timeout: Duration) -> Result<Vec<DropCount>, CountersError> {
        let _ = timeout;
        Err(CountersError::NoSuchCounters { name: "Ingress.drops" })
    }
}
