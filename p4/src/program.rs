//! A program that can be run.

use std::path::{Path, PathBuf};

use crate::diagnostic::{Diagnostic, InvalidProgram};
use crate::exec::{Executable, TooLarge};
use crate::ir::{self, ActionId, ExternId, TableId};
use crate::load::ParsedProgram;
use crate::source::{FileId, SourceMap, Span};

/// A program: checked, and made executable. Immutable, so that switches share it.
#[derive(Debug)]
pub struct Program {
    sources: SourceMap,
    ir: ir::Program,
    executable: Executable,
}

impl Program {
    /// Reads a program from a file, with what it includes as [`ParsedProgram::load`] finds it.
    ///
    /// # Errors
    ///
    /// All that is wrong with it, up to 20 things.
    pub fn load(
        path: impl AsRef<Path>,
        include_directories: &[PathBuf],
    ) -> Result<Program, InvalidProgram> {
        Program::from_parsed(ParsedProgram::load(path, include_directories)?)
    }

    /// Reads a program from a text; messages call it by the name.
    ///
    /// # Errors
    ///
    /// All that is wrong with it, up to 20 things.
    pub fn from_source(name: &str, text: &str) -> Result<Program, InvalidProgram> {
        Program::from_parsed(ParsedProgram::from_source(name, text)?)
    }

    fn from_parsed(parsed: ParsedProgram) -> Result<Program, InvalidProgram> {
        let sources = parsed.sources.clone();
        let ir = parsed.check()?;
        Program::new(sources.clone(), ir).map_err(|too_large| {
            // It is no place in particular that is too much.
            let span = Span { file: FileId(0), start: 0, end: 0 };
            let diagnostic = Diagnostic { span, problem: too_large.into(), related: Vec::new() };
            InvalidProgram { diagnostics: vec![diagnostic], sources }
        })
    }

    /// Makes a checked program executable. The sources are those of its spans.
    ///
    /// # Errors
    ///
    /// If it needs too much memory.
    pub fn new(sources: SourceMap, ir: ir::Program) -> Result<Program, TooLarge> {
        let executable = Executable::new(&ir)?;
        Ok(Program { sources, ir, executable })
    }

    /// What the program says.
    pub fn ir(&self) -> &ir::Program {
        &self.ir
    }

    /// The files that it was read from.
    pub fn sources(&self) -> &SourceMap {
        &self.sources
    }

    pub(crate) fn executable(&self) -> &Executable {
        &self.executable
    }

    /// The table with this control-plane name.
    pub fn table(&self, name: &str) -> Option<(TableId, &ir::Table)> {
        let mut tables = (0..).map(TableId).zip(&self.ir.tables);
        tables.find(|(_, table)| *table.name == *name)
    }

    /// The action with this control-plane name.
    pub fn action(&self, name: &str) -> Option<(ActionId, &ir::Action)> {
        let mut actions = (0..).map(ActionId).zip(&self.ir.actions);
        actions.find(|(_, action)| *action.name == *name)
    }

    /// The counter or register with this control-plane name.
    pub fn instance(&self, name: &str) -> Option<(ExternId, &ir::Extern)> {
        let mut externs = (0..).map(ExternId).zip(&self.ir.externs);
        externs.find(|(_, instance)| *instance.name == *name)
    }
}
