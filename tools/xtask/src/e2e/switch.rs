//! The switch: a daemon with the soft back end or on a soft switch in a process of its own, and
//! what is asked of it.

use super::generations::Entry;
use super::namespace::Namespace;
use super::network::{
    CLIENT_MAC, CLIENT_V4, CLIENT_V6, Port, SLEDS, SWITCH_UNDERLAY, UPLINK, ports,
};
use super::process::SwitchProcess;
use anyhow::{Context, Result, ensure};
use reqwest::Method;
use rustix::process::{Pid, Signal, kill_process};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// The group that is watched.
const GROUP: &str = "services";

/// How long the daemon has for an answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// A daemon in the switch's place. Dropped without [`Switch::stop`], it is killed.
pub(crate) struct Switch {
    daemon: Running,
    dpd: PathBuf,
    client: reqwest::Client,
    /// What it is told, what it logs and what it keeps.
    folder: TempDir,
    /// What moves the packets, if it is not the daemon itself.
    process: Option<SwitchProcess>,
}

/// A daemon that serves requests. Dropped, it is killed.
struct Running {
    child: Child,
    address: String,
}

/// How a daemon ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// It is asked to stop.
    Stopped,
    /// As by `kill -9`.
    Killed,
}

/// What the daemon says of a change.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Changed {
    pub(crate) added: u64,
    pub(crate) updated: u64,
    pub(crate) removed: u64,
    pub(crate) writes: u64,
    pub(crate) gaps: Vec<Value>,
}

/// How many packets the switch dropped, by the reason.
pub(crate) type Drops = BTreeMap<String, u64>;

impl Switch {
    /// Starts the daemon, on this process if there is one, and waits until it serves requests.
    pub(crate) fn start(
        dpd: &Path,
        place: &Namespace,
        process: Option<SwitchProcess>,
    ) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join(CONFIG), configuration(process.as_ref()))?;
        let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build()?;
        let daemon = Running::start(dpd, place, folder.path());
        let of_process = || process.as_ref().map(SwitchProcess::log).unwrap_or_default();
        let daemon = daemon.with_context(|| log_tail(&of_process(), folder.path()))?;
        Ok(Self { daemon, dpd: dpd.to_owned(), client, folder, process })
    }

    /// Whether the packets are moved by a process of its own, which outlives the daemon.
    pub(crate) fn outlives_daemon(&self) -> bool {
        self.process.is_some()
    }

    /// Ends the daemon.
    pub(crate) fn end(&mut self, end: End) -> Result<()> {
        self.daemon.end(end).with_context(|| self.log_tail())
    }

    /// Starts the daemon again after it has ended, with what it kept.
    pub(crate) fn start_again(&mut self, place: &Namespace) -> Result<()> {
        let daemon = Running::start(&self.dpd, place, self.folder.path());
        self.daemon = daemon.with_context(|| self.log_tail())?;
        Ok(())
    }

    /// Makes the group this set.
    pub(crate) async fn ensure(
        &self,
        place: &Namespace,
        generation: u64,
        entries: &[Entry],
    ) -> Result<Changed> {
        let body = json!({ "generation": generation, "entries": entries });
        let path = format!("/nat/groups/{GROUP}");
        Ok(serde_json::from_value(self.ask(place, Method::PUT, &path, Some(body)).await?)?)
    }

    /// What the switch dropped since it started.
    pub(crate) async fn drops(&self, place: &Namespace) -> Result<Drops> {
        #[derive(Deserialize)]
        struct Counter {
            reason: String,
            dropped: Packets,
        }
        #[derive(Deserialize)]
        struct Packets {
            pkts: u64,
        }
        let answer = self.ask(place, Method::GET, "/drops", None).await?;
        let counters: Vec<Counter> = serde_json::from_value(answer)?;
        Ok(counters.into_iter().map(|counter| (counter.reason, counter.dropped.pkts)).collect())
    }

    /// The ports as the daemon tells of them.
    pub(crate) async fn ports(&self, place: &Namespace) -> Result<Vec<Value>> {
        let answer = self.ask(place, Method::GET, "/ports", None).await?;
        Ok(answer["items"].as_array().context("no list of ports")?.clone())
    }

    /// Whether packets can pass a port, or why not.
    pub(crate) async fn port_state(&self, place: &Namespace, port: &Port) -> Result<String> {
        if let Some(process) = &self.process {
            return Ok(process.port_state(port));
        }
        let ports = self.ports(place).await?;
        let found = ports.iter().find(|found| found["port"] == port.number);
        let state = &found.with_context(|| format!("no port {}", port.number))?["state"];
        Ok(state.as_str().unwrap_or_default().to_owned())
    }

    async fn ask(
        &self,
        place: &Namespace,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<Value> {
        let shown = format!("{method} {path}");
        let address = &self.daemon.address;
        let mut request = self.client.request(method, format!("{address}{path}"));
        if let Some(body) = body {
            request = request.json(&body);
        }
        place
            .within(async move {
                let answer = request.send().await?;
                let (status, text) = (answer.status(), answer.text().await?);
                ensure!(status.is_success(), "{shown}: {status}: {text}");
                Ok(serde_json::from_str(&text)?)
            })
            .await
    }

    /// Where it listens, within the switch's place.
    pub(crate) fn address(&self) -> &str {
        &self.daemon.address
    }

    /// The generation of the group, and its state.
    pub(crate) async fn group(&self, place: &Namespace) -> Result<(u64, String)> {
        let view = self.ask(place, Method::GET, &format!("/nat/groups/{GROUP}"), None).await?;
        let generation = view["generation"].as_u64().context("no generation")?;
        Ok((generation, view["state"].as_str().unwrap_or_default().to_owned()))
    }

    /// The last lines of the daemon's log.
    pub(crate) fn log_tail(&self) -> String {
        let of_process = self.process.as_ref().map(SwitchProcess::log).unwrap_or_default();
        log_tail(&of_process, self.folder.path())
    }

    /// Asks the daemon to stop, and waits until it has.
    pub(crate) fn stop(mut self) -> Result<()> {
        self.end(End::Stopped)
    }
}

impl Running {
    fn start(dpd: &Path, place: &Namespace, folder: &Path) -> Result<Self> {
        let log = File::options().create(true).append(true).open(folder.join(LOG))?;
        let mut child = Command::new("ip")
            .args(["netns", "exec", place.name()])
            // It does not outlive this program, even if that is killed.
            .args(["setpriv", "--pdeathsig", "KILL"])
            .arg(dpd)
            .args(["run", "--config", CONFIG, "--state-dir", "state"])
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start {}", dpd.display()))?;
        let stdout = child.stdout.take().context("the daemon has no standard output")?;
        // From here on the child is killed if anything fails.
        let mut daemon = Self { child, address: String::new() };
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let address = line.trim().strip_prefix("listening on ");
        daemon.address = address.context("the daemon does not start")?.to_owned();
        Ok(daemon)
    }

    fn end(&mut self, end: End) -> Result<()> {
        // What was started has become the daemon.
        let pid = Pid::from_child(&self.child);
        match end {
            End::Stopped => {
                kill_process(pid, Signal::TERM)?;
                let status = self.child.wait()?;
                ensure!(status.success(), "the daemon stopped with {status}");
            }
            End::Killed => {
                kill_process(pid, Signal::KILL)?;
                self.child.wait()?;
            }
        }
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already, which is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const CONFIG: &str = "dpd.toml";
const LOG: &str = "log";

/// The last lines of what was logged.
fn log_tail(of_process: &str, folder: &Path) -> String {
    const LINES: usize = 30;
    let text = fs::read_to_string(folder.join(LOG)).unwrap_or_else(|error| error.to_string());
    let lines: Vec<&str> = of_process.lines().chain(text.lines()).collect();
    lines[lines.len().saturating_sub(LINES)..].join("\n")
}

/// What the daemon reads: the ports, and what the switch knows of its neighbours. The MAC addresses
/// of the ports are those of their interfaces.
///
/// Of a process, which has the interfaces then, the daemon has to be told those addresses.
fn configuration(process: Option<&SwitchProcess>) -> String {
    let mut text = format!(
        "listen = [\"[::1]:0\"]\nlog-level = \"warning\"\nunderlay = \"{SWITCH_UNDERLAY}\"\n"
    );
    text += &process.map_or("asic = \"soft\"\n".to_owned(), SwitchProcess::settings);
    for Port { number, interface, role, mac } in ports() {
        text += &format!("[[port]]\nnumber = {number}\nrole = \"{role}\"\n");
        text += &match process {
            None => format!("interface = \"{interface}\"\n"),
            Some(_) => format!("mac = \"{mac}\"\n"),
        };
    }
    let route = |cidr: String, port: &Port, next_hop: Option<IpAddr>| {
        let next_hop = next_hop.map(|next_hop| format!("next-hop = \"{next_hop}\"\n"));
        format!(
            "[[route]]\ncidr = \"{cidr}\"\nport = {}\n{}",
            port.number,
            next_hop.unwrap_or_default()
        )
    };
    let neighbor =
        |ip: IpAddr, mac: &str| format!("[[neighbor]]\nip = \"{ip}\"\nmac = \"{mac}\"\n");
    // The client is on the link by IPv4, and reached as a next hop by IPv6.
    text += &route("198.51.100.0/30".to_owned(), &UPLINK, None);
    text += &route("::/0".to_owned(), &UPLINK, Some(CLIENT_V6.into()));
    text += &neighbor(CLIENT_V4.into(), CLIENT_MAC);
    text += &neighbor(CLIENT_V6.into(), CLIENT_MAC);
    for sled in &SLEDS {
        text += &route(format!("{}/128", sled.underlay), &sled.port, None);
        text += &neighbor(sled.underlay.into(), sled.underlay_mac);
    }
    text
}
