//! Replaying a group's changes, fetched from a running daemon, on a fresh switch.

use crate::build;
use anyhow::{Context, Result, bail, ensure};
use clap::{Args, ValueEnum};
use dpd_client::Client;
use dpd_replay::{
    Options, Planner, Report, SoftSwitch, Switch, SwitchProcess, Version, fetch, replay,
};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal as _;
use std::num::NonZeroU64;
use std::time::Instant;

/// Which changes to replay, and how.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Where the daemon is
    #[arg(long, default_value = "http://[::1]:12224", value_name = "URL")]
    url: String,
    /// The group whose generations are replayed
    #[arg(long, value_name = "NAME")]
    group: String,
    /// The generation to start from, which the daemon has to keep; 0 is the empty set before the
    /// first
    #[arg(long, default_value_t = 0, value_name = "GENERATION")]
    from: u64,
    /// The generation to end at, which the daemon has to keep [default: the current one]
    #[arg(long, value_name = "GENERATION")]
    to: Option<u64>,
    /// The rows of the IPv4 and of the IPv6 NAT table of the switch [default: what the sets need,
    /// with room for the old rows beside the new, and 1024 at least]
    #[arg(long, value_name = "ROWS")]
    nat_rows: Option<u32>,
    /// Chooses the order of the writes of each stage
    #[arg(long, default_value_t = 1, value_name = "NUMBER")]
    seed: u64,
    /// How many orders to try, each on a fresh switch
    #[arg(long, default_value = "1", value_name = "COUNT")]
    orders: NonZeroU64,
    /// How many violations to show in full
    #[arg(long, default_value_t = 5, value_name = "COUNT")]
    show: usize,
    /// Replay on a soft switch in a process of its own, driven over P4Runtime
    #[arg(long)]
    over_p4runtime: bool,
    /// Plant a mistake, to see what the replay says of one
    #[arg(long, value_enum, value_name = "MISTAKE")]
    plant: Option<Mistake>,
}

/// A mistake to plant.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Mistake {
    /// Delete whatever changes before anything is added
    DeleteFirst,
}

/// Replays, and fails if any packet found what it should not have found.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let Arguments { url, group, from, to, nat_rows, seed, orders, show, over_p4runtime, plant } =
        arguments;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let versions = runtime.block_on(fetch(&Client::new(url), group, *from, *to))?;
    let last = versions.last().context("the daemon keeps no generation of this group")?;
    println!(
        "{group}: {} from generation {from} to {}, {} entries at the end",
        counted(versions.len().saturating_sub(1), "step"),
        last.generation,
        last.set.len(),
    );
    let planner = match plant {
        None => Planner::Dpd,
        Some(Mistake::DeleteFirst) => Planner::DeleteFirst,
    };
    let rows = nat_rows.map_or_else(|| rows_for(&versions), Ok)?;
    let mut process = match over_p4runtime {
        true => Some(SwitchProcess::start(&build::daemon()?)?),
        false => None,
    };
    let mut violations = 0;
    for seed in (*seed..).take(usize::try_from(orders.get())?) {
        let options = Options { planner, seed, most_violations: *show };
        let mut switch: Box<dyn Switch> = match &mut process {
            Some(process) => Box::new(process.fresh(rows, rows)?),
            None => Box::new(SoftSwitch::new(rows, rows)?),
        };
        let report = replay_once(&mut *switch, &versions, &options)?;
        violations += report.violations_total;
    }
    if violations > 0 {
        bail!("{} found what they should not have found", counted_u64(violations, "probe"));
    }
    println!("Every packet found the old or the new, and at the end of each step the new.");
    Ok(())
}

fn replay_once(switch: &mut dyn Switch, versions: &[Version], options: &Options) -> Result<Report> {
    let bar = progress_bar();
    let began = Instant::now();
    let report = replay(switch, versions, options, |progress| {
        bar.set_length(progress.write.1 as u64);
        bar.set_position(progress.write.0 as u64);
        bar.set_message(format!("step {} of {}", progress.step.0, progress.step.1));
    })?;
    bar.finish_and_clear();
    let Report { steps, writes, probes, gaps, violations_total, violations } = &report;
    println!(
        "seed {}: {}, {}, {} in {:.1} s: {}, {} named by the plans",
        options.seed,
        counted_u64(*steps, "step"),
        counted_u64(*writes, "write"),
        counted_u64(*probes, "probe"),
        began.elapsed().as_secs_f64(),
        counted_u64(*violations_total, "violation"),
        counted(gaps.len(), "gap"),
    );
    for violation in violations {
        print!("\n{violation}");
    }
    let more = violations_total.saturating_sub(violations.len() as u64);
    if more > 0 {
        println!("\nand {more} more (--show COUNT shows more of them)");
    }
    Ok(report)
}

/// Room for the largest set twice.
fn rows_for(versions: &[Version]) -> Result<u32> {
    let rows = versions.iter().map(|version| version.set.rows());
    let most = rows.map(|rows| rows.v4.max(rows.v6)).max().unwrap_or_default();
    let rows = u32::try_from(2 * most).context("the sets are larger than any table")?;
    ensure!(rows < u32::MAX / 2, "the sets are larger than any table");
    Ok(rows.max(1024))
}

/// A bar, where someone can see it.
fn progress_bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(0);
    match ProgressStyle::with_template("{msg} [{bar:40}] write {pos} of {len} ({eta} left)") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

fn counted(count: usize, what: &str) -> String {
    counted_u64(count as u64, what)
}

fn counted_u64(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
