//! The daemon ends and starts again, while packets go through a switch that is a process of its own.

use super::traffic::Traffic;
use super::{Ends, Shell, Step, say};
use crate::daemon::{Daemon, Launcher};
use anyhow::{Result, ensure};
use dpd_replay::SwitchProcess;
use std::fs;
use std::path::Path;

/// How many packets are to come through before the daemon ends, while there is none, and after.
const PACKETS: u64 = 500;

const FIRST: Step = Step {
    says: "The rack's agent sends its set, and packets begin to flow through the switch.",
    command: "nat group ensure services --generation 1 examples/services.csv",
    ends: Ends::Well,
};

const STILL_THERE: Step = Step {
    says: "The new daemon knows the group, and found its rows in the switch as they should be.",
    command: "nat group list",
    ends: Ends::Well,
};

const MOVED: Step = Step {
    says: "A service moves while packets go to it.",
    command: "nat group ensure services --generation 2 examples/services-moved.csv",
    ends: Ends::Well,
};

const STALE: Step = Step {
    says: "What was acknowledged is not forgotten: a request from before is refused as ever.",
    command: "nat group ensure services --generation 1 examples/services.csv",
    ends: Ends::Refused,
};

/// Shows it, and fails if a packet is lost.
pub(super) fn run(dpd: &Path, config: &Path, shell: &Shell) -> Result<()> {
    let switch = SwitchProcess::start(dpd)?;
    let folder = tempfile::tempdir()?;
    let (program, p4info) = (folder.path().join("nat.p4"), folder.path().join("nat.p4info.txtpb"));
    let source = dpd_replay::nat_program(1024, 1024, 0);
    fs::write(&p4info, dpd_replay::p4info(&source)?)?;
    fs::write(&program, source)?;
    let arguments = [
        "--asic".to_owned(),
        format!("p4runtime={}", switch.address()),
        "--p4info".to_owned(),
        p4info.display().to_string(),
        "--device-config".to_owned(),
        program.display().to_string(),
    ];
    let launcher = Launcher::new(dpd, config, &arguments)?;
    println!(
        "\nNow the switch is a process of its own, and a new daemon drives it over P4Runtime. So the \
         daemon can go, and packets still flow."
    );
    let daemon = launcher.start()?;
    shell.show(&FIRST, FIRST.command, &daemon)?;
    let traffic = Traffic::start(&switch)?;
    let daemon = end_and_start(&traffic, &launcher, daemon, "is stopped", Daemon::stop)?;
    shell.show(&STILL_THERE, STILL_THERE.command, &daemon)?;
    shell.show(&MOVED, MOVED.command, &daemon)?;
    let daemon = end_and_start(&traffic, &launcher, daemon, "is killed", Daemon::kill)?;
    shell.show(&STALE, STALE.command, &daemon)?;
    let (sent, lost) = traffic.stop()?;
    say("And the packets?");
    println!("{sent} packets sent, {lost} lost");
    ensure!(lost == 0, "{lost} of {sent} packets were lost");
    daemon.stop()
}

/// Lets the daemon end, packets flow without one, and another start with what it kept.
fn end_and_start(
    traffic: &Traffic,
    launcher: &Launcher,
    daemon: Daemon,
    ends: &str,
    end: fn(Daemon) -> Result<()>,
) -> Result<Daemon> {
    traffic.pass(PACKETS)?;
    say(&format!("The daemon {ends}, and started again."));
    let before = traffic.sent();
    end(daemon)?;
    traffic.pass(PACKETS)?;
    let daemon = launcher.start()?;
    let meanwhile = traffic.sent() - before;
    println!("{meanwhile} packets went through the switch meanwhile");
    traffic.pass(PACKETS)?;
    Ok(daemon)
}
