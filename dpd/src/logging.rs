//! The log: on standard error, and never in the way of the work.

use clap::ValueEnum;
use serde::Deserialize;
use slog::{Drain, Level, LevelFilter, Logger, o};
use slog_async::{Async, OverflowStrategy};

/// How to log.
#[derive(Clone, Copy, Debug)]
pub struct LogSettings {
    /// In which form.
    pub format: LogFormat,
    /// From which level on.
    pub level: Level,
}

/// The form of the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    /// Lines for people
    #[default]
    Term,
    /// One JSON object a line, for programs
    Json,
}

/// How many records may wait to be written. Beyond that some are dropped, and counted in the log.
const WAITING_RECORDS: usize = 16 * 1024;

/// A logger to standard error.
pub fn logger(LogSettings { format, level }: LogSettings) -> Logger {
    match format {
        LogFormat::Term => {
            let decorator = slog_term::TermDecorator::new().stderr().build();
            in_background(slog_term::FullFormat::new(decorator).build(), level)
        }
        LogFormat::Json => in_background(slog_json::Json::default(std::io::stderr()), level),
    }
}

fn in_background<D>(drain: D, level: Level) -> Logger
where
    D: Drain<Ok = ()> + Send + 'static,
    D::Err: std::fmt::Debug,
{
    // A log that cannot be written must not stop the daemon.
    let drain = Async::new(drain.ignore_res())
        .chan_size(WAITING_RECORDS)
        .overflow_strategy(OverflowStrategy::DropAndReport)
        .build();
    Logger::root(LevelFilter::new(drain, level).fuse(), o!())
}
