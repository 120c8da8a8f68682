//! Many runs, on several threads.

use crate::coverage::Coverage;
use crate::report::{Options, Report};
use crate::simulation::run;
use parking_lot::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// Runs with seeds in a row.
#[derive(Clone, Copy, Debug)]
pub struct Campaign {
    /// The first; those that follow differ by their seeds alone.
    pub first: Options,
    /// How many.
    pub seeds: u64,
    /// How many at a time.
    pub jobs: usize,
    /// After so many runs that broke a rule no more are begun.
    pub most_broken: usize,
}

/// What came of many runs.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// How many runs there were.
    pub runs: u64,
    /// How many steps they had.
    pub steps: u64,
    /// What happened in them.
    pub coverage: Coverage,
    /// Those that broke a rule, by seed.
    pub broken: Vec<Report>,
}

impl Campaign {
    /// Runs them all. `progress` is told of each that has ended.
    pub fn run(&self, progress: impl Fn(&Report) + Sync) -> Findings {
        let Campaign { first, seeds, jobs, most_broken } = *self;
        let next = AtomicU64::new(0);
        let findings = Mutex::new(Findings::default());
        let work = || {
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                if index >= seeds || findings.lock().broken.len() >= most_broken {
                    return;
                }
                let report = run(&Options { seed: first.seed.wrapping_add(index), ..first });
                progress(&report);
                findings.lock().take(report);
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..jobs.max(1) {
                scope.spawn(work);
            }
        });
        let mut findings = findings.into_inner();
        findings.broken.sort_by_key(|report| report.options.seed);
        findings
    }
}

impl Findings {
    fn take(&mut self, report: Report) {
        self.runs += 1;
        self.steps += report.steps as u64;
        self.coverage.merge(&report.coverage);
        if report.broken.is_some() {
            self.broken.push(report);
        }
    }
}
