//! How to print.

use crate::render::{Grid, Row};
use crate::trouble::Trouble;
use serde::Serialize;
use std::io::{self, Write};

/// How to print: for people or for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Output {
    /// For programs.
    pub(crate) json: bool,
    /// For people, in colours.
    pub(crate) color: bool,
}

impl Output {
    /// Prints a list.
    pub(crate) fn list<R: Row + Serialize>(&self, rows: &[R]) -> Result<(), Trouble> {
        self.print(&rows, |_| Grid::of(rows).to_string())
    }

    /// Prints a value: as JSON, or as the text that `for_people` makes, in colours if told so.
    pub(crate) fn print<T: Serialize>(
        &self,
        value: &T,
        for_people: impl FnOnce(bool) -> String,
    ) -> Result<(), Trouble> {
        let text =
            if self.json { serde_json::to_string(value)? + "\n" } else { for_people(self.color) };
        let mut stdout = io::stdout().lock();
        stdout.write_all(text.as_bytes())?;
        Ok(stdout.flush()?)
    }
}
