//! A program that can be run.

use crate::exec::{Executable, TooLarge};
use crate::ir::{self, ActionId, ExternId, TableId};
use crate::source::SourceMap;

/// A program: checked, and made executable. Immutable, so that switches share it.
#[derive(Debug)]
pub struct Program {
    sources: SourceMap,
    ir: ir::Program,
    executable: Executable,
}

impl Program {
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
