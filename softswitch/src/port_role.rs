//! Rows that say what is behind a port, for a switch that forwards before any controller comes.

use p4::table::{Arguments, EntryKey, Match, Matches, Write, WriteError};
use thiserror::Error;

use crate::SoftSwitch;

/// The table of dpd's program that says what is behind a port.
const TABLE: &str = "Ingress.ports.role";

/// Why a port cannot have a role.
#[derive(Debug, Error)]
#[expect(missing_docs, reason = "the sentences say what the fields are")]
pub enum NoSuchRole {
    /// There is no program.
    #[error("its role is a row of the program's, and there is no program")]
    NoProgram,
    /// The program knows no roles.
    #[error("the program has no table {TABLE} with the port as its key, which would say its role")]
    NoTable,
    /// The program knows others.
    #[error(
        "the table {TABLE} has no action {role} without parameters; it has {}",
        there.join(", ")
    )]
    NoAction { role: String, there: Vec<String> },
    /// The row does not go in.
    #[error("its role cannot be told to the program: {0}")]
    Refused(#[from] WriteError),
}

impl SoftSwitch {
    /// Inserts the row that says what is behind a port: its role is the last part of an action's
    /// name. The row is like one of a controller, which owns the tables.
    ///
    /// # Errors
    ///
    /// If the program has no such table or action, or the row not room.
    pub fn set_port_role(&self, port: u16, role: &str) -> Result<(), NoSuchRole> {
        let pipeline = self.shared.pipeline.load_full().ok_or(NoSuchRole::NoProgram)?;
        let switch = &pipeline.switch;
        let ir = switch.program().ir();
        let (table, found) = switch.program().table(TABLE).ok_or(NoSuchRole::NoTable)?;
        let is_of_ports = |key: &p4::ir::TableKey| key.match_kind == p4::ir::MatchKind::Exact;
        if found.keys.len() != 1 || !found.keys.iter().all(is_of_ports) {
            return Err(NoSuchRole::NoTable);
        }
        let actions = found.actions.iter().enumerate().filter(|(_, one)| !one.default_only);
        let actions: Vec<(usize, &str)> = actions
            .filter_map(|(place, one)| Some((place, ir.actions.get(one.action.index())?)))
            .filter(|(_, action)| action.control_parameters.is_empty())
            .map(|(place, action)| (place, action.name.rsplit('.').next().unwrap_or_default()))
            .collect();
        let action = actions.iter().find(|(_, name)| *name == role);
        let Some((action, _)) = action else {
            let there = actions.iter().map(|(_, name)| (*name).to_owned()).collect();
            return Err(NoSuchRole::NoAction { role: role.to_owned(), there });
        };
        let matches: Matches = [Match::Exact(port.into())].into_iter().collect();
        let key = EntryKey { table, matches, priority: 0 };
        let write = Write::Insert { key, action: *action, arguments: Arguments::new() };
        Ok(switch.write(&write)?)
    }
}
