//! What is wrong with the text of a program.

use thiserror::Error;

/// Why a text is no P4_16 program.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SyntaxProblem {
    /// Something else should stand here.
    #[error("expected {expected}, found {found}")]
    Expected {
        /// What should stand here.
        expected: String,
        /// What does.
        found: String,
    },
}
