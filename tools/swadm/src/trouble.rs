//! What can go wrong, and the exit code that tells programs.

use crate::input::{InputError, InputSet};
use crate::render::failure_details;
use dpd_client::Failure;
use oxnet::IpNet;
use std::io;
use std::net::IpAddr;
use std::process::ExitCode;
use thiserror::Error;

/// Why a command did not do what was asked.
#[derive(Debug, Error)]
pub(crate) enum Trouble {
    /// The command line is not complete.
    #[error(
        "which generation? Give --generation NUMBER, or --next for the one after the group's \
         current one"
    )]
    WhichGeneration,
    /// There is no generation after the current one.
    #[error("the group is at the greatest generation there is: nothing comes next")]
    LastGeneration,
    /// A route's next hop is of the other family.
    #[error("a route to {cidr} cannot have the next hop {next_hop}, which is of the other family")]
    OtherFamily {
        /// The prefix.
        cidr: IpNet,
        /// The next hop.
        next_hop: IpAddr,
    },
    /// The file with the entries is not as it should be.
    #[error(transparent)]
    Input(#[from] InputError),
    /// dpd refused the entries of a file.
    #[error("{failure}")]
    Entries {
        /// What dpd says.
        failure: Failure,
        /// The file, to say where in it the entries are.
        set: Box<InputSet>,
    },
    /// dpd refused, could not do it, or was not there.
    #[error(transparent)]
    Dpd(#[from] Failure),
    /// An audit found differences, which were printed.
    #[error("the device did not hold what it should")]
    Differences,
    /// What there is to say could not be printed.
    #[error("cannot print: {0}")]
    Print(#[from] io::Error),
    /// What there is to say could not be written as JSON.
    #[error("cannot write JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// What an exit code means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// It was done.
    Done = 0,
    /// Something here is wrong, such as a file.
    Here = 1,
    /// The command line is wrong.
    Usage = 2,
    /// dpd refused.
    Refused = 3,
    /// dpd was not there.
    Unreachable = 4,
    /// dpd could not.
    Failed = 5,
    /// An audit found differences.
    Differs = 6,
}

impl Exit {
    const ALL: [Exit; 7] = [
        Self::Done,
        Self::Here,
        Self::Usage,
        Self::Refused,
        Self::Unreachable,
        Self::Failed,
        Self::Differs,
    ];

    fn meaning(self) -> &'static str {
        match self {
            Self::Done => "it was done",
            Self::Here => "something here is wrong: a file cannot be read or understood",
            Self::Usage => "the command line is wrong",
            Self::Refused => "dpd refused; the same again is of no use until something changes",
            Self::Unreachable => "dpd cannot be reached, or what answers is not dpd",
            Self::Failed => "dpd could not do it: a table is full, or the device refused",
            Self::Differs => "an audit found that the device did not hold what it should",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

/// The exit codes, as `--help` shows them.
pub(crate) fn exit_codes_help() -> String {
    let codes = Exit::ALL.map(|exit| format!("  {}  {}\n", exit as u8, exit.meaning()));
    format!("Exit codes:\n{}", codes.concat())
}

impl Trouble {
    /// The exit code.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::WhichGeneration | Self::OtherFamily { .. } => Exit::Usage,
            // Whoever reads our output has had enough, as `head` does.
            Self::Print(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Done,
            Self::Differences => Exit::Differs,
            Self::LastGeneration | Self::Input(_) | Self::Print(_) | Self::Json(_) => Exit::Here,
            Self::Dpd(failure) | Self::Entries { failure, .. } => match failure {
                _ if failure.is_refusal() => Exit::Refused,
                Failure::Answered { .. } => Exit::Failed,
                Failure::Unreachable { .. }
                | Failure::NotUnderstood { .. }
                | Failure::EndlessPages { .. } => Exit::Unreachable,
                Failure::InvalidRequest { .. } => Exit::Here,
            },
        }
    }

    /// For people: a sentence, and the parties below it.
    pub(crate) fn for_people(&self) -> String {
        let (failure, set) = match self {
            Self::Entries { failure, set } => (failure, Some(set.as_ref())),
            Self::Dpd(failure) => (failure, None),
            _ => return format!("swadm: {self}\n"),
        };
        format!("swadm: {self}\n{}", failure_details(failure, set))
    }

    /// For programs: dpd's own error if there is one.
    pub(crate) fn for_programs(&self) -> String {
        let error = match self {
            Self::Dpd(Failure::Answered { error, .. })
            | Self::Entries { failure: Failure::Answered { error, .. }, .. } => {
                serde_json::to_string(error).ok()
            }
            _ => None,
        };
        let message = || serde_json::json!({ "message": self.to_string() }).to_string();
        error.unwrap_or_else(message) + "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dpd_client::Client;
    use rstest::rstest;

    #[test]
    fn each_exit_code_is_documented() {
        let help = exit_codes_help();
        for exit in Exit::ALL {
            assert!(help.contains(&format!("  {}  {}", exit as u8, exit.meaning())), "{help}");
        }
    }

    #[rstest]
    #[case::usage(Trouble::WhichGeneration, Exit::Usage)]
    #[case::file(Trouble::Input(InputError::UnknownFormat { origin: "set.txt".into() }), Exit::Here)]
    #[case::nobody_reads_on(Trouble::Print(io::ErrorKind::BrokenPipe.into()), Exit::Done)]
    #[case::differences(Trouble::Differences, Exit::Differs)]
    #[case::nowhere_to_print(Trouble::Print(io::ErrorKind::StorageFull.into()), Exit::Here)]
    #[case::not_there(
        Trouble::Dpd(Failure::Unreachable { address: None, problem: "refused".into() }),
        Exit::Unreachable
    )]
    #[case::not_dpd(
        Trouble::Dpd(Failure::NotUnderstood { problem: "html".into() }),
        Exit::Unreachable
    )]
    fn each_trouble_has_its_exit_code(#[case] trouble: Trouble, #[case] exit: Exit) {
        assert_eq!(trouble.exit(), exit);
    }

    #[tokio::test]
    async fn a_program_reads_what_went_wrong_as_json() {
        let port = std::net::TcpListener::bind("[::1]:0").unwrap().local_addr().unwrap().port();
        let client = Client::new(&format!("http://[::1]:{port}"));
        let failure = client.dpd_version().send().await.map_err(Failure::from).unwrap_err();
        let trouble = Trouble::Dpd(failure);
        let error: serde_json::Value = serde_json::from_str(&trouble.for_programs()).unwrap();
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("Connection refused"), "{message}");
    }
}
