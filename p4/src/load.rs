//! Reading programs from files and texts.

use std::path::{Path, PathBuf};

use crate::check;
use crate::diagnostic::InvalidProgram;
use crate::ir;
use crate::source::SourceMap;
use crate::syntax::{self, Includes, Root, ast};

/// The text of `core.p4`, which `#include <core.p4>` finds unless a directory has another.
pub const CORE_P4: &str = include_str!("../include/core.p4");

/// The text of `v1model.p4`, which `#include <v1model.p4>` finds unless a directory has another.
pub const V1MODEL_P4: &str = include_str!("../include/v1model.p4");

/// The text of the program that the daemon's switch runs: NAT in both directions and routing.
pub const NAT_P4: &str = include_str!("../programs/nat.p4");

/// A program that was read and parsed, and not yet checked.
#[derive(Clone, Debug)]
pub struct ParsedProgram {
    /// Its files.
    pub sources: SourceMap,
    /// What they say.
    pub unit: ast::Unit,
}

impl ParsedProgram {
    /// Reads a program from a file. Files that it includes are looked for in the directories, in
    /// their order; for `#include "x.p4"` the directory of the including file comes first.
    ///
    /// # Errors
    ///
    /// All that is wrong with the text, up to 20 things.
    pub fn load(
        path: impl AsRef<Path>,
        include_directories: &[PathBuf],
    ) -> Result<ParsedProgram, InvalidProgram> {
        parse(Root::File(path.as_ref()), include_directories)
    }

    /// Reads a program from a text; messages call it by the name.
    ///
    /// # Errors
    ///
    /// All that is wrong with the text, up to 20 things.
    pub fn from_source(name: &str, text: &str) -> Result<ParsedProgram, InvalidProgram> {
        parse(Root::Text { name, text }, &[])
    }

    /// Checks the program and resolves all that it says.
    ///
    /// # Errors
    ///
    /// All that is wrong with it, up to 20 things.
    pub fn check(self) -> Result<ir::Program, InvalidProgram> {
        let ParsedProgram { sources, unit } = self;
        check::check(&unit).map_err(|diagnostics| InvalidProgram { diagnostics, sources })
    }
}

fn parse(root: Root<'_>, include_directories: &[PathBuf]) -> Result<ParsedProgram, InvalidProgram> {
    let includes = Includes {
        directories: include_directories.to_vec(),
        embedded: &[("core.p4", CORE_P4), ("v1model.p4", V1MODEL_P4)],
    };
    let (sources, result) = syntax::parse(root, &includes);
    match result {
        Ok(unit) => Ok(ParsedProgram { sources, unit }),
        Err(diagnostics) => Err(InvalidProgram { diagnostics, sources }),
    }
}
