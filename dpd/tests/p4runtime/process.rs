//! A process of the program under test, with its log.

use parking_lot::{Condvar, Mutex};
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead as _, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long to wait for what has to come.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running process, which is killed when this is dropped.
pub(crate) struct Process {
    child: Child,
    stdout: Lines,
    log: Lines,
}

impl Process {
    /// Starts `dpd` with these arguments.
    pub(crate) fn start<S: AsRef<str>>(arguments: &[S]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_dpd"))
            .args(arguments.iter().map(S::as_ref))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = Lines::of(child.stdout.take().unwrap());
        let log = Lines::of(child.stderr.take().unwrap());
        Self { child, stdout, log }
    }

    /// What follows `prefix` in a line of standard output, once there is one.
    pub(crate) fn says(&self, prefix: &str) -> String {
        let line = self.stdout.wait_for(prefix, 0, &self.log);
        line.strip_prefix(prefix).unwrap().to_owned()
    }

    /// Whether there is such a line by now.
    pub(crate) fn has_said(&self, prefix: &str) -> bool {
        self.stdout.state.0.lock().lines.iter().any(|line| line.starts_with(prefix))
    }

    /// Waits for a line of the log in which this stands, and gives it.
    pub(crate) fn logs(&self, text: &str) -> String {
        self.log.wait_for(text, 0, &self.log)
    }

    /// The same, counting no line among the first `seen`.
    pub(crate) fn logs_after(&self, seen: usize, text: &str) -> String {
        self.log.wait_for(text, seen, &self.log)
    }

    /// The log so far.
    pub(crate) fn log(&self) -> Vec<String> {
        self.log.state.0.lock().lines.clone()
    }

    /// Kills the process, as `kill -9` does.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Sends a signal that the process ends by: how it did, and all that it logged.
    pub(crate) fn stop(self, signal: Signal) -> (ExitStatus, String) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
        self.ends()
    }

    /// How the process ended by itself, and all that it logged.
    pub(crate) fn ends(mut self) -> (ExitStatus, String) {
        self.log.wait_for_end();
        let status = self.child.wait().unwrap();
        (status, self.log().join("\n"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Lines as they come.
struct Lines {
    state: Arc<(Mutex<State>, Condvar)>,
}

#[derive(Default)]
struct State {
    lines: Vec<String>,
    has_ended: bool,
}

impl Lines {
    fn of(source: impl Read + Send + 'static) -> Self {
        let state = Arc::new((Mutex::new(State::default()), Condvar::new()));
        let lines = Self { state: Arc::clone(&state) };
        std::thread::spawn(move || {
            let (shared, changed) = &*state;
            for line in BufReader::new(source).lines().map_while(Result::ok) {
                shared.lock().lines.push(line);
                changed.notify_all();
            }
            shared.lock().has_ended = true;
            changed.notify_all();
        });
        lines
    }

    /// Fails the test if no such line comes, and shows the log then.
    fn wait_for(&self, text: &str, from: usize, log: &Lines) -> String {
        let (shared, changed) = &*self.state;
        let deadline = Instant::now() + PATIENCE;
        let mut state = shared.lock();
        loop {
            if let Some(line) = state.lines.iter().skip(from).find(|line| line.contains(text)) {
                return line.clone();
            }
            if state.has_ended || changed.wait_until(&mut state, deadline).timed_out() {
                drop(state);
                let log = log.state.0.lock().lines.join("\n");
                panic!("nothing says {text:?}; the log is\n{log}");
            }
        }
    }

    fn wait_for_end(&self) {
        let (shared, changed) = &*self.state;
        let deadline = Instant::now() + PATIENCE;
        let mut state = shared.lock();
        while !state.has_ended {
            let waited = changed.wait_until(&mut state, deadline);
            assert!(!waited.timed_out(), "the process goes on:\n{}", state.lines.join("\n"));
        }
    }
}
