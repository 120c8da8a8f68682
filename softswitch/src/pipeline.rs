//! A program on the switch, with what controllers know of it.

use std::sync::Arc;
use std::time::Instant;

use p4::{InvalidProgram, Program};
use p4runtime::config::P4Info;
use slog::{Logger, debug};
use thiserror::Error;

use crate::difference::{Difference, difference};
use crate::names::Names;
use crate::packet_io::{InvalidPacketHeader, PacketHeaders};

/// A program on the switch, with its tables, and what controllers know of it.
pub struct Pipeline {
    /// The program, its tables, counters and registers.
    pub switch: Arc<p4::Switch>,
    /// The P4Info that a controller set or, without one, that of the program.
    pub p4info: P4Info,
    /// The source of the program.
    pub device_config: Vec<u8>,
    /// The controller's, if it gave one.
    pub cookie: Option<u64>,
    pub(crate) names: Names,
    pub(crate) packet_headers: PacketHeaders,
}

/// Why there is no such pipeline.
#[derive(Debug, Error)]
#[expect(missing_docs, reason = "the sentences say what the fields are")]
pub enum PipelineError {
    /// What compilers for other switches make.
    #[error(
        "the device configuration is {what}; this switch takes the source of a P4 program for \
         v1model as text"
    )]
    NotSource { what: &'static str },
    /// The program is wrong, or says what the interpreter has not.
    #[error("the program is not taken:\n{0}")]
    InvalidProgram(#[from] InvalidProgram),
    /// Controllers could not say which they mean.
    #[error("the program has two {kind} that controllers call {name}")]
    Ambiguous { kind: &'static str, name: Arc<str> },
    /// Packets of controllers could not have the program's headers.
    #[error(transparent)]
    PacketHeader(#[from] InvalidPacketHeader),
    /// The P4Info of the program is not read as such.
    #[error("the P4Info of the program cannot be shown: {0}")]
    Unshown(#[from] p4runtime::InvalidP4Info),
    /// Ids would mean one thing to the controller and another to the switch.
    #[error("the P4Info is not that of the program: {0}")]
    OtherP4Info(#[from] Difference),
}

impl Pipeline {
    /// A program with its tables as it says them, and its own P4Info. The source is what
    /// controllers get that ask for the device configuration.
    ///
    /// # Errors
    ///
    /// If controllers could not tell two things of the program from each other.
    pub fn new(program: Program, source: Vec<u8>, log: &Logger) -> Result<Pipeline, PipelineError> {
        let info = p4::p4info::P4Info::new(program.ir());
        let names = Names::new(&program, &info)?;
        let p4info = p4runtime::p4info_from_text(&info.to_text())?;
        let packet_headers = PacketHeaders::new(program.ir(), &p4info)?;
        let (started, log) = (Instant::now(), log.clone());
        let microseconds = move || u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        let switch = p4::Switch::new(Arc::new(program), |table| table.size)
            .with_clock(Arc::new(microseconds))
            .with_log(move |line| debug!(log, "the program logs"; "text" => line));
        let switch = Arc::new(switch);
        let (device_config, cookie) = (source, None);
        Ok(Pipeline { switch, p4info, device_config, cookie, names, packet_headers })
    }

    /// The pipeline that a controller sets: with the source of a program and what the controller
    /// takes for its P4Info.
    ///
    /// # Errors
    ///
    /// If the source is none, the program wrong, or the P4Info that of another.
    pub(crate) fn from_config(
        source: Vec<u8>,
        p4info: P4Info,
        cookie: Option<u64>,
        log: &Logger,
    ) -> Result<Pipeline, PipelineError> {
        let program = Program::from_source("the device configuration", text(&source)?)?;
        let pipeline = Pipeline::new(program, source, log)?;
        difference(&pipeline.p4info, &p4info)?;
        Ok(Pipeline { p4info, cookie, ..pipeline })
    }
}

/// The text of a program, as far as one sees that without reading it.
fn text(source: &[u8]) -> Result<&str, PipelineError> {
    let not_source = |what| Err(PipelineError::NotSource { what });
    let Ok(text) = std::str::from_utf8(source) else {
        return not_source("not UTF-8, as what a compiler has made");
    };
    match text.trim_start() {
        "" => not_source("empty"),
        rest if rest.starts_with('{') => not_source("JSON, as compilers make it for BMv2"),
        _ => Ok(text),
    }
}
