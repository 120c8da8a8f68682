//! Simulating the daemon's core under faults and crashes, for as long as one likes.

use anyhow::{Result, bail};
use clap::Args;
use dpd_simulation::{Campaign, Findings, Options, run as run_one};
use indicatif::{ProgressBar, ProgressStyle};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// What to simulate.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// One world, and show all that happens in it
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["seeds", "from", "jobs"])]
    seed: Option<u64>,
    /// How many worlds
    #[arg(long, default_value_t = 1000, value_name = "COUNT")]
    seeds: u64,
    /// The seed of the first; each has the next
    #[arg(long, default_value_t = 0, value_name = "NUMBER")]
    from: u64,
    /// How many steps a world has
    #[arg(long, default_value_t = Options::STEPS, value_name = "COUNT")]
    steps: usize,
    /// How many at a time [default: as many as there are processors]
    #[arg(long, value_name = "COUNT")]
    jobs: Option<NonZeroUsize>,
    /// Stop after so many worlds in which a rule was broken
    #[arg(long, default_value = "1", value_name = "COUNT")]
    show: NonZeroUsize,
}

/// Simulates, and fails if a rule was broken.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let Arguments { seed, seeds, from, steps, jobs, show } = arguments;
    if let Some(seed) = *seed {
        let report = run_one(&Options { steps: *steps, ..Options::new(seed) });
        if report.broken.is_some() {
            bail!("{report}");
        }
        report.trace.iter().for_each(|line| println!("{line}"));
        println!("{report}");
        return Ok(());
    }
    let processors = || std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let campaign = Campaign {
        first: Options { steps: *steps, ..Options::new(*from) },
        seeds: *seeds,
        jobs: jobs.unwrap_or_else(processors).get(),
        most_broken: show.get(),
    };
    let begun = Instant::now();
    let findings = with_progress(&campaign);
    tell(&findings, begun.elapsed());
    match findings.broken.len() {
        0 => Ok(()),
        worlds => bail!("a rule was broken in {worlds} of {} worlds", findings.runs),
    }
}

fn with_progress(campaign: &Campaign) -> Findings {
    let style = "{bar:40} {pos}/{len} worlds, {msg}, {eta} left";
    let style =
        ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::new(campaign.seeds).with_style(style);
    let (begun, steps) = (Instant::now(), AtomicU64::new(0));
    let findings = campaign.run(|report| {
        let steps = steps.fetch_add(report.steps as u64, Ordering::Relaxed);
        if let Some(broken) = &report.broken {
            bar.println(format!("seed {}: {}", report.options.seed, broken.rule));
        }
        bar.set_message(format!("{:.0} steps/s", steps as f64 / begun.elapsed().as_secs_f64()));
        bar.inc(1);
    });
    bar.finish_and_clear();
    findings
}

fn tell(findings: &Findings, taken: Duration) {
    let Findings { runs, steps, coverage, broken } = findings;
    print!("{coverage}");
    for report in broken {
        println!("\n{report}");
    }
    let seconds = taken.as_secs_f64();
    println!(
        "\n{runs} worlds, {steps} steps in {seconds:.1} s, {:.0} steps/s; {}",
        *steps as f64 / seconds,
        if broken.is_empty() { "every rule was kept" } else { "a rule was broken" }
    );
}
