//! Test scripts in the form of p4c's test suite, STF.
//!
//! A script adds entries to the tables of a program, sends packets and says which packets have to
//! come out:
//!
//! ```text
//! add MyIngress.routes hdr.ipv4.dst_addr:0x0a00**** MyIngress.forward(port:2)   # 10.0/16
//! packet 1 0a000001 beef
//! expect 2 0a000001 be**$
//! check_counter MyIngress.sent(2) packets == 1
//! ```
//!
//! Tables, keys, actions and counters go by their control-plane names or the ends of them. Digits
//! that do not matter are `*`, and `$` says that a packet ends there. Larger priorities win.

mod device;
mod failure;
mod lexer;
mod names;
mod parser;
mod problem;
mod resolve;
mod runner;
mod script;

use std::sync::Arc;

use thiserror::Error;

pub use failure::Failure;
pub use problem::{InvalidScript, ScriptProblem};

use crate::program::Program;
use crate::source::{Position, SourceMap};
use device::Device;

/// Why a script has not passed.
#[derive(Clone, Debug, Error)]
pub enum ScriptError {
    /// It cannot be run.
    #[error(transparent)]
    Invalid(Box<InvalidScript>),
    /// Something else came than it expects.
    #[error(transparent)]
    Failed(Box<Failure>),
}

/// A packet that a script sends.
#[derive(Clone, Debug)]
pub struct SentPacket<'a> {
    /// The line of the script that sends it.
    pub position: Position,
    /// What the switch did with it, a line for each step.
    pub trace: &'a str,
}

impl ScriptError {
    /// Whether it is a feature of STF that is missing, and neither script nor program is wrong.
    pub fn is_unsupported(&self) -> bool {
        match self {
            ScriptError::Invalid(invalid) => {
                matches!(invalid.problem, ScriptProblem::Unsupported { .. })
            }
            ScriptError::Failed(_) => false,
        }
    }
}

/// Runs a script on a new switch with a program. Messages call the script by the name; `sent` is
/// told of every packet.
///
/// # Errors
///
/// If the script cannot be run, or if something else came than it expects.
pub fn run(
    program: &Arc<Program>,
    name: &str,
    text: &str,
    sent: &mut dyn FnMut(SentPacket<'_>),
) -> Result<(), ScriptError> {
    let mut sources = SourceMap::new();
    let file = sources.add(name, text);
    let mut told = |packet: &runner::Sent| {
        sent(SentPacket { position: sources.position(packet.span), trace: &packet.trace });
    };
    let result = parser::parse(text, file).and_then(|script| {
        runner::run(Device::new(Arc::clone(program)), &script, &sources, &mut told)
    });
    match result {
        Ok(None) => Ok(()),
        Ok(Some(failure)) => Err(ScriptError::Failed(Box::new(failure))),
        Err(problem::Misplaced { problem, span }) => {
            let invalid = InvalidScript { problem, span, sources };
            Err(ScriptError::Invalid(Box::new(invalid)))
        }
    }
}
