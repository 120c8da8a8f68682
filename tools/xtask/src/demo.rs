//! The demo: a daemon, two owners, a few generations, and packets before and after each.

mod restart;
mod traffic;

use crate::build;
use crate::daemon::{Daemon, Launcher};
use anyhow::{Context, Result, ensure};
use owo_colors::{OwoColorize as _, Stream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a command is expected to end with. These are `swadm`'s exit codes.
#[derive(Clone, Copy)]
enum Ends {
    Well = 0,
    Refused = 3,
}

/// A step of the demo: what it shows, and the command that shows it.
struct Step {
    says: &'static str,
    command: &'static str,
    ends: Ends,
}

/// Two owners write: the rack's agent has the group `services`, a central controller `instances`.
const STEPS: &[Step] = &[
    Step {
        says: "A packet from outside, before there are any entries. (`--trace` shows every step.)",
        command: "packet trace 203.0.113.2 443 --count",
        ends: Ends::Well,
    },
    Step {
        says: "The rack's agent sends the complete set of service entries, as generation 1.",
        command: "nat group ensure services --generation 1 examples/services.csv",
        ends: Ends::Well,
    },
    Step {
        says: "The same packet now: in a tunnel to the sled that has the address.",
        command: "packet trace 203.0.113.2 443 --count",
        ends: Ends::Well,
    },
    Step {
        says: "A packet for an instance, whose entries are still to come.",
        command: "packet trace 198.51.100.10 22 --protocol tcp --count",
        ends: Ends::Well,
    },
    Step {
        says: "The central controller sends its instances.",
        command: "nat group ensure instances --generation 41 examples/instances.json",
        ends: Ends::Well,
    },
    Step {
        says: "And now.",
        command: "packet trace 198.51.100.10 22 --protocol tcp --count",
        ends: Ends::Well,
    },
    Step {
        says: "Both groups are programmed; the digest tells whether a set is the one you mean.",
        command: "nat group list",
        ends: Ends::Well,
    },
    Step {
        says: "The same set again, after a lost answer perhaps: nothing is written.",
        command: "nat group ensure services --generation 1 examples/services.csv",
        ends: Ends::Well,
    },
    Step {
        says: "A service moves to another sled. First: what would happen?",
        command: "nat group ensure services --generation 2 --dry-run examples/services-moved.csv",
        ends: Ends::Well,
    },
    Step {
        says: "Nothing has changed for packets.",
        command: "packet trace 203.0.113.2 443 --count",
        ends: Ends::Well,
    },
    Step {
        says: "Now it moves. One row is modified in place; no packet finds it missing.",
        command: "nat group ensure services --generation 2 examples/services-moved.csv",
        ends: Ends::Well,
    },
    Step {
        says: "They go to the other sled.",
        command: "packet trace 203.0.113.2 443 --count",
        ends: Ends::Well,
    },
    Step {
        says: "A packet for an instance that is still to come.",
        command: "packet trace 198.51.100.20 80 --count",
        ends: Ends::Well,
    },
    Step {
        says: "More instances come.",
        command: "nat group ensure instances --next examples/instances-more.json",
        ends: Ends::Well,
    },
    Step {
        says: "It has come.",
        command: "packet trace 198.51.100.20 80 --count",
        ends: Ends::Well,
    },
    Step {
        says: "A request that was delayed arrives late. It is older, and changes nothing.",
        command: "nat group ensure services --generation 1 examples/services.csv",
        ends: Ends::Refused,
    },
    Step {
        says: "A third owner wants ports that the services have. All of its set is refused.",
        command: "nat group ensure tests --generation 1 examples/conflict.toml",
        ends: Ends::Refused,
    },
    Step {
        says: "What has the group been through?",
        command: "nat group history services",
        ends: Ends::Well,
    },
    Step { says: "And what changed?", command: "nat group diff services 1 2", ends: Ends::Well },
    Step { says: "The group as it is.", command: "nat group entries services", ends: Ends::Well },
    Step {
        says: "The same in the switch.",
        command: "table dump Ingress.nat_ingress.ingress_ipv6",
        ends: Ends::Well,
    },
    Step {
        says: "The instances go. A tombstone stays, so that no late request brings them back.",
        command: "nat group delete instances --generation 43",
        ends: Ends::Well,
    },
    Step {
        says: "Packets find them no more.",
        command: "packet trace 198.51.100.20 80 --count",
        ends: Ends::Well,
    },
    Step {
        says: "Such as this one.",
        command: "nat group ensure instances --generation 42 examples/instances-more.json",
        ends: Ends::Refused,
    },
    Step {
        says: "What the switch has counted of these packets: at its ports,",
        command: "port list",
        ends: Ends::Well,
    },
    Step { says: "and of those that it dropped.", command: "port drops", ends: Ends::Well },
];

/// Runs the demo, and fails if a command does not end as the demo says. With `trace`, every step of
/// the program is shown of each packet.
pub(crate) fn run(trace: bool) -> Result<()> {
    let root = root()?;
    let programs = build::programs()?;
    let shell = Shell { swadm: programs.swadm, root };
    let config = shell.root.join("examples/rack.toml");
    let daemon = Launcher::new(&programs.dpd, &config, &[])?.start()?;
    let address = daemon.address();
    println!(
        "A daemon runs on {}, port {}, with the ports and routes of examples/rack.toml and without \
         NAT entries.",
        address.ip(),
        address.port()
    );
    for step in STEPS {
        let is_packet = step.command.starts_with("packet ");
        let more = if trace && is_packet { " --steps" } else { "" };
        shell.show(step, &format!("{}{more}", step.command), &daemon)?;
    }
    daemon.stop()?;
    restart::run(&programs.dpd, &config, &shell)?;
    println!("\nThat was all; `swadm --help` has the rest.");
    Ok(())
}

/// Where commands are typed.
struct Shell {
    swadm: PathBuf,
    root: PathBuf,
}

/// Says what comes now.
fn say(text: &str) {
    println!("\n# {}", text.if_supports_color(Stream::Stdout, |text| text.bold()));
}

impl Shell {
    /// Shows a command and its answer, and fails if it does not end as the step says.
    fn show(&self, step: &Step, command: &str, daemon: &Daemon) -> Result<()> {
        let Step { says, command: _, ends } = *step;
        say(says);
        println!("{} swadm {command}", "$".if_supports_color(Stream::Stdout, |text| text.dimmed()));
        // What is refused is told on standard error; here both belong together.
        let address = daemon.address();
        let output = Command::new(&self.swadm)
            .args(command.split(' '))
            .env("SWADM_HOST", address.ip().to_string())
            .env("SWADM_PORT", address.port().to_string())
            .current_dir(&self.root)
            .stdout(Stdio::inherit())
            .output()
            .context("cannot run swadm")?;
        print!("{}", String::from_utf8_lossy(&output.stderr));
        let status = output.status;
        ensure!(
            status.code() == Some(ends as i32),
            "`swadm {command}` ended with {status}, and should have with exit code {}",
            ends as i32
        );
        Ok(())
    }
}

/// The folder that the examples are in.
fn root() -> Result<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).map(Path::to_owned).context("the workspace has no folder")
}
