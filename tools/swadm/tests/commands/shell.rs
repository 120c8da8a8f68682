//! As much of a shell as the scripts need: `swadm`, a daemon in the background, `cat > FILE`,
//! `head -n NUMBER`, pipes, and input below a command.

use crate::normal::normal;
use clap::Parser;
use dpd::Daemon;
use dpd::cli::{Action, Arguments};
use slog::{Discard, Logger, o};
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::Stdio;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// A shell in a directory of its own, in which `examples` are the project's.
pub(crate) struct Shell {
    directory: TempDir,
    daemon: Option<Daemon>,
}

/// What became of a command.
#[derive(Default)]
struct Outcome {
    stdout: String,
    stderr: String,
    exit: i32,
}

impl Shell {
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let examples = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples");
        std::os::unix::fs::symlink(examples, directory.path().join("examples")).unwrap();
        Self { directory, daemon: None }
    }

    /// Runs a line, and gives what it prints and, if that is not 0, its exit code.
    pub(crate) async fn run(&mut self, line: &str, input: Option<&str>) -> String {
        let line = line.strip_suffix("<<END").unwrap_or(line).trim_end();
        let mut input = input.unwrap_or_default().to_owned();
        let (mut stderr, mut exit) = (String::new(), 0);
        for command in line.split(" | ") {
            let outcome = self.command(command, &input).await;
            input = outcome.stdout;
            stderr += &outcome.stderr;
            exit = outcome.exit;
        }
        let mut output = input + &stderr;
        if exit != 0 {
            output += &format!("[exit {exit}]\n");
        }
        normal(&output, self.address())
    }

    /// Ends what still runs.
    pub(crate) async fn exit(mut self) {
        self.stop().await;
    }

    async fn command(&mut self, command: &str, input: &str) -> Outcome {
        let words: Vec<&str> = command.split_whitespace().collect();
        let stdout = match *words.as_slice() {
            ["swadm", ref arguments @ ..] => return self.swadm(arguments, input).await,
            ["dpd", ref arguments @ .., "&"] => self.start(arguments),
            ["kill", "%dpd"] => {
                self.stop().await;
                String::new()
            }
            ["cat", ">", file] => {
                fs::write(self.directory.path().join(file), input).unwrap();
                String::new()
            }
            ["head", "-n", number] => {
                let lines = input.lines().take(number.parse().unwrap());
                lines.map(|line| format!("{line}\n")).collect()
            }
            _ => panic!("this shell knows no {command:?}"),
        };
        Outcome { stdout, ..Outcome::default() }
    }

    async fn swadm(&self, arguments: &[&str], input: &str) -> Outcome {
        let mut swadm = Command::new(env!("CARGO_BIN_EXE_swadm"))
            .args(arguments)
            .current_dir(self.directory.path())
            .env_clear()
            .env("SWADM_HOST", self.address().ip().to_string())
            .env("SWADM_PORT", self.address().port().to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = swadm.stdin.take().unwrap();
        // A command that reads no input may have closed it by now.
        let _ = stdin.write_all(input.as_bytes()).await;
        drop(stdin);
        let done = swadm.wait_with_output().await.unwrap();
        let stdout = String::from_utf8(done.stdout).unwrap();
        let stderr = String::from_utf8(done.stderr).unwrap();
        let exit = done.status.code().unwrap();
        // What was asked for and what went wrong never mix.
        let silent = if exit == 0 { &stderr } else { &stdout };
        assert_eq!(silent, "", "{arguments:?} ends with {exit} and prints this");
        Outcome { stdout, stderr, exit }
    }

    /// Starts a daemon as its command line says, but on a free port.
    fn start(&mut self, arguments: &[&str]) -> String {
        assert!(self.daemon.is_none(), "one daemon is enough");
        let arguments = ["dpd"].iter().chain(arguments).chain(&["--listen", "127.0.0.1:0"]);
        let action = Arguments::try_parse_from(arguments).unwrap().action;
        let Action::Run(mut arguments) = action else { panic!("{action:?} is no daemon") };
        // The daemon is in this process, which is in another directory than the shell.
        arguments.config = arguments.config.map(|file| self.directory.path().join(file));
        let state_dir = arguments.state_dir.unwrap_or_else(|| "dpd-state".into());
        arguments.state_dir = Some(self.directory.path().join(state_dir));
        let run = arguments.resolve().unwrap();
        let log = Logger::root(Discard, o!());
        let state = run.state().unwrap();
        let device = run.device(&log).unwrap();
        self.daemon = Some(Daemon::start(run.options, state, device, log).unwrap());
        format!("listening on http://{}\n", self.address())
    }

    async fn stop(&mut self) {
        if let Some(daemon) = self.daemon.take() {
            daemon.close().await;
        }
    }

    /// Where the daemon listens. Without one, a port that no system gives away for the asking.
    fn address(&self) -> SocketAddr {
        let daemon = self.daemon.as_ref().and_then(|daemon| daemon.addresses().next());
        daemon.unwrap_or(SocketAddr::from((Ipv4Addr::LOCALHOST, 1)))
    }
}
