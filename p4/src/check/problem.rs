//! What is wrong with what a program says.

use thiserror::Error;

/// Why a program is not taken although it is P4_16.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CheckProblem {
    /// The language has it, this crate does not.
    #[error("{what} is not supported")]
    Unsupported {
        /// What it is called.
        what: String,
    },
}
