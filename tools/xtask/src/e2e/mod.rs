//! End to end over the kernel's own network stacks: an ordinary client outside, the switch, and two
//! sleds, each in a network namespace, with an ordinary server behind a tunnel.

mod generations;
mod geneve;
mod namespace;
mod network;
mod privileges;
mod process;
mod scenario;
mod sled;
mod stream;
mod switch;
mod verdict;
mod web;

use crate::build;
use anyhow::{Context, Result, bail};
use clap::Args;
use network::{Network, SLEDS};
use process::SwitchProcess;
use scenario::World;
use sled::Sled;
use std::cell::Cell;
use std::path::{Path, PathBuf};
use switch::Switch;
use tokio::signal::unix::{SignalKind, signal};

/// How to run it.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Pass without a test where there is no right to make network namespaces
    #[arg(long)]
    skip_if_unprivileged: bool,
    /// Let everything run on at the end, to try things by hand, until Ctrl-C
    #[arg(long)]
    keep: bool,
    /// Run this daemon instead of one that is built first
    #[arg(long, value_name = "PATH")]
    dpd: Option<PathBuf>,
    /// Let a soft switch in a process of its own move the packets, and the daemon drive it over
    /// P4Runtime
    #[arg(long)]
    over_p4runtime: bool,
    /// How long a transfer takes while generations change
    #[arg(long, value_name = "SECONDS", default_value_t = 8,
          value_parser = clap::value_parser!(u32).range(1..=600))]
    seconds: u32,
}

/// Runs it. Whatever happens, nothing is left behind.
pub(crate) fn run(options: &Options) -> Result<()> {
    if !privileges::are_there() {
        if options.skip_if_unprivileged {
            println!("skipped: it needs root, to make network namespaces");
            return Ok(());
        }
        bail!("it needs root, to make network namespaces; --skip-if-unprivileged skips it");
    }
    privileges::install_what_is_missing()?;
    let dpd = match &options.dpd {
        Some(dpd) => dpd.canonicalize().with_context(|| format!("no {}", dpd.display()))?,
        None => build::daemon()?,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        let kept = Cell::new(false);
        // What is dropped when a signal comes takes everything down.
        tokio::select! {
            outcome = in_a_world(&dpd, options, &kept) => outcome,
            _ = tokio::signal::ctrl_c() => match kept.get() {
                true => Ok(()),
                false => bail!("interrupted"),
            },
            _ = terminate.recv() => bail!("terminated"),
        }
    })
}

async fn in_a_world(dpd: &Path, options: &Options, kept: &Cell<bool>) -> Result<()> {
    namespace::clean_up_after_the_dead()?;
    let network = Network::build().await?;
    let [first, second] = &SLEDS;
    let sleds = [
        Sled::start(first, &network.sleds[0]).await?,
        Sled::start(second, &network.sleds[1]).await?,
    ];
    scenario::say("network", "a client, the switch and two sleds, joined by three cables");
    let process = match options.over_p4runtime {
        true => Some(SwitchProcess::start(dpd, &network.switch)?),
        false => None,
    };
    let switch = Switch::start(dpd, &network.switch, process)?;
    // The switch goes before the network that it is in.
    let mut world = World { switch, sleds, network };
    let outcome = scenario::play(&mut world, options.seconds).await;
    if let Err(error) = &outcome {
        world.explain(error).await;
    }
    if options.keep {
        kept.set(outcome.is_ok());
        world.keep().await;
    }
    outcome?;
    let World { switch, .. } = world;
    switch.stop()?;
    scenario::say("end", "the daemon has stopped, and everything is taken down");
    Ok(())
}
