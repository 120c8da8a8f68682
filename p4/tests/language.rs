//! Each rule of the language, in a small program with a script of packets.
//!
//! The programs and scripts are written from the specification, not from this implementation: what
//! a packet is to become was worked out by hand. They are p4c's own kind of test, so that the same
//! pairs can show what the reference compiler and switch do.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use p4::{Program, stf};
use rstest::rstest;

#[rstest]
fn a_program_does_what_the_specification_says(#[files("tests/language/*.p4")] path: PathBuf) {
    let path = Path::new("tests/language").join(path.file_name().unwrap());
    let program = Program::load(&path, &[]).unwrap_or_else(|invalid| panic!("{invalid}"));
    let program = Arc::new(program);
    let script = path.with_extension("stf");
    let text = std::fs::read_to_string(&script).unwrap();
    let mut packets = 0;
    let result = stf::run(&program, &script.display().to_string(), &text, &mut |_| packets += 1);
    result.unwrap_or_else(|error| panic!("{error}"));
    assert!(packets > 0, "{} sends nothing", script.display());
}
