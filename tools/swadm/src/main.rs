//! The command line for dpd: see `swadm --help`.

use clap::Parser;
use std::process::ExitCode;
use swadm::{Args, run};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    run(Args::parse()).await
}
