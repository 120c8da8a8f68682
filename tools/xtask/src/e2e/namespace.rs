//! Network namespaces: places with interfaces, addresses and sockets of their own.

use anyhow::{Context, Result, ensure};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use std::fs::File;
use std::future::Future;
use std::os::fd::AsFd as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use tokio::runtime::{Builder, Runtime};

/// What the names of all namespaces of this program begin with.
const PREFIX: &str = "dpd-e2e-";

/// A network namespace that goes away when it is dropped, and a runtime whose threads, and so
/// whose sockets, are in it.
pub(crate) struct Namespace {
    name: String,
    // Gone before the namespace is.
    runtime: Option<Runtime>,
}

impl Namespace {
    /// Makes one, with its loopback interface up.
    pub(crate) fn new(role: &str) -> Result<Self> {
        let name = format!("{PREFIX}{}-{role}", std::process::id());
        run(&["ip", "netns", "add", &name])?;
        // From here on it goes away whatever fails.
        let mut namespace = Self { name, runtime: None };
        namespace.ip("link set lo up")?;
        let file = Arc::new(File::open(namespace.path())?);
        let enter = move || {
            // A thread that does not get in must not run tasks in the wrong place.
            if let Err(error) =
                move_into_link_name_space(file.as_fd(), Some(LinkNameSpaceType::Network))
            {
                eprintln!("xtask: a thread cannot enter its network namespace: {error}");
                std::process::abort();
            }
        };
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name(role)
            .on_thread_start(enter)
            .enable_all()
            .build()?;
        namespace.runtime = Some(runtime);
        Ok(namespace)
    }

    /// Its name, for `ip netns exec`.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    fn path(&self) -> PathBuf {
        Path::new("/run/netns").join(&self.name)
    }

    /// Runs `ip` on what is in it.
    pub(crate) fn ip(&self, arguments: &str) -> Result<()> {
        let mut command = vec!["ip", "-n", &self.name];
        command.extend(arguments.split_whitespace());
        run(&command).map(|_| ())
    }

    /// Runs a program in it, and gives its standard output.
    pub(crate) fn run(&self, command: &str) -> Result<String> {
        let mut inside = vec!["ip", "netns", "exec", &self.name];
        inside.extend(command.split_whitespace());
        run(&inside)
    }

    /// Sets a setting of its kernel, as in `net/ipv4/ip_forward`.
    pub(crate) async fn set(&self, setting: String, value: &'static str) -> Result<()> {
        self.within(async move {
            let path = Path::new("/proc/sys").join(&setting);
            std::fs::write(path, value).with_context(|| format!("cannot set {setting}"))
        })
        .await
    }

    /// Starts a task in it.
    pub(crate) fn spawn<T: Send + 'static>(
        &self,
        task: impl Future<Output = T> + Send + 'static,
    ) -> Result<tokio::task::JoinHandle<T>> {
        let runtime = self.runtime.as_ref().context("the namespace is being taken down")?;
        Ok(runtime.spawn(task))
    }

    /// Does something in it and waits for the result.
    pub(crate) async fn within<T: Send + 'static>(
        &self,
        task: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        self.spawn(task)?.await?
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
        // It may be gone already, which is as well.
        let _ = run(&["ip", "netns", "delete", &self.name]);
    }
}

/// Takes down what earlier runs left that were killed.
pub(crate) fn clean_up_after_the_dead() -> Result<()> {
    for line in run(&["ip", "netns", "list"])?.lines() {
        let name = line.split_whitespace().next().unwrap_or_default();
        let process = name.strip_prefix(PREFIX).and_then(|rest| rest.split('-').next());
        if process.is_some_and(|process| !Path::new("/proc").join(process).exists()) {
            run(&["ip", "netns", "delete", name])?;
        }
    }
    Ok(())
}

/// Runs a program and gives its standard output.
pub(crate) fn run(command: &[&str]) -> Result<String> {
    let shown = command.join(" ");
    let (program, arguments) = command.split_first().context("no program to run")?;
    let output = Command::new(program)
        .args(arguments)
        .output()
        .with_context(|| format!("cannot run `{shown}`"))?;
    let (text, error) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    ensure!(
        output.status.success(),
        "`{shown}` ended with {}: {}{}",
        output.status,
        text.trim(),
        error.trim()
    );
    Ok(text.into_owned())
}
