//! What came of a run.

use crate::coverage::Coverage;
use crate::planted::Planted;
use std::fmt;
use thiserror::Error;

/// What to simulate.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// All that is drawn by chance comes from this.
    pub seed: u64,
    /// How many steps, unless a rule is broken before.
    pub steps: usize,
    /// A mistake on purpose.
    pub planted: Option<Planted>,
}

impl Options {
    /// How many steps a run has unless something else is asked for.
    pub const STEPS: usize = 100;

    /// A run of the usual length without a mistake on purpose.
    pub fn new(seed: u64) -> Self {
        Self { seed, steps: Self::STEPS, planted: None }
    }
}

/// What came of a run.
#[derive(Clone, Debug)]
pub struct Report {
    /// What was asked for.
    pub options: Options,
    /// How many steps there were.
    pub steps: usize,
    /// A fingerprint of all that happened: the same for the same options.
    pub trace_hash: u64,
    /// What happened, and how often.
    pub coverage: Coverage,
    /// What happened, a line for each step.
    pub trace: Vec<String>,
    /// The rule that was broken, if one was.
    pub broken: Option<Broken>,
}

/// A rule that was broken.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{rule}: {found}")]
pub struct Broken {
    /// The rule.
    pub rule: &'static str,
    /// What is so and what should be.
    pub found: String,
}

impl fmt::Display for Report {
    /// A line if all is well; otherwise all that is needed to find the reason.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Options { seed, steps: _, planted } = self.options;
        let Some(Broken { rule, found }) = &self.broken else {
            return write!(formatter, "seed {seed}: {} steps, and every rule was kept", self.steps);
        };
        writeln!(formatter, "seed {seed}")?;
        if let Some(planted) = planted {
            writeln!(formatter, "with {planted}")?;
        }
        self.trace.iter().try_for_each(|line| writeln!(formatter, "{line}"))?;
        writeln!(formatter, "broken in step {}: {rule}", self.steps)?;
        writeln!(formatter, "  {}", found.replace('\n', "\n  "))?;
        write!(formatter, "replay: cargo xtask simulate --seed {seed} --steps {}", self.steps)
    }
}
