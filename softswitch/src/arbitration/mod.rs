//! Who is primary: P4Runtime specification 1.5, section 5, "Client Arbitration and Controller
//! Replication".
//!
//! Each role has streams, of which at most one is primary: the one whose election id is the highest
//! that the role has ever seen. When that one goes, nobody follows it by itself. A new primary is
//! told so, and may write, once the writes that were under way have ended.
//!
//! This is the state alone. What is to be told to whom it answers as [`Notice`]s.

use std::collections::BTreeMap;

use thiserror::Error;

use crate::election_id::ElectionId;

/// A stream, for as long as the switch runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct StreamId(pub(crate) u64);

/// How many streams there can be at once, all roles together.
pub(crate) const MAX_STREAMS: usize = 1024;

/// How many roles there can be. What a role has seen is never forgotten.
pub(crate) const MAX_ROLES: usize = 256;

/// How long the name of a role can be.
pub(crate) const MAX_ROLE_BYTES: usize = 256;

/// The roles with their streams.
#[derive(Debug, Default)]
pub(crate) struct Arbitration {
    roles: BTreeMap<String, Role>,
    /// The role of each stream.
    streams: BTreeMap<StreamId, String>,
}

/// What a stream is to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Notice {
    pub(crate) to: StreamId,
    pub(crate) standing: Standing,
    /// The highest that the role has seen, which is the primary's if there is one.
    pub(crate) highest: Option<ElectionId>,
}

/// What a stream is to its role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Primary,
    /// Another one is primary.
    Backup,
    /// Nobody is.
    NoPrimary,
}

/// Why a stream cannot be as it wants to, or a request is not let in.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum Refused {
    // Some controllers go by the words "election id" and "used", and bid another one.
    #[error("the election id {election_id} is already used by another stream of {}", shown(role))]
    ElectionIdTaken { role: String, election_id: ElectionId },
    #[error(
        "the stream is of {}, not of {}; another role needs another stream",
        shown(own),
        shown(role)
    )]
    OtherRole { own: String, role: String },
    #[error("there are {MAX_STREAMS} streams, which is the most there can be")]
    TooManyStreams,
    #[error("there are {MAX_ROLES} roles, which is the most there can be")]
    TooManyRoles,
    #[error("the name of the role has {bytes} bytes; the most is {MAX_ROLE_BYTES}")]
    RoleTooLong { bytes: usize },
    #[error("there is no {}: no stream has ever been of it", shown(role))]
    NoSuchRole { role: String },
    #[error("the request has no election id, and only the primary of {} may do this", shown(role))]
    NoElectionId { role: String },
    #[error("{} has no primary; a stream and its arbitration come first", shown(role))]
    NoPrimary { role: String },
    #[error(
        "the election id {given} is not that of the primary of {}, which is {primary}",
        shown(role)
    )]
    NotPrimary { role: String, given: ElectionId, primary: ElectionId },
    #[error(
        "writes of the former primary of {} are still under way; wait for the notification",
        shown(role)
    )]
    NotYet { role: String },
}

#[derive(Debug, Default)]
struct Role {
    /// The highest election id ever.
    highest: Option<ElectionId>,
    streams: BTreeMap<StreamId, Option<ElectionId>>,
    /// How many requests that only the primary may send are under way.
    writes: usize,
    /// The primary has not been told yet: requests from before it are under way.
    is_awaited: bool,
}

impl Arbitration {
    /// A stream says which role it is of, and its election id, for the first time or anew.
    pub(crate) fn update(
        &mut self,
        stream: StreamId,
        name: &str,
        election_id: Option<ElectionId>,
    ) -> Result<Vec<Notice>, Refused> {
        self.check(stream, name, election_id)?;
        let role = self.roles.entry(name.to_owned()).or_default();
        self.streams.entry(stream).or_insert_with(|| name.to_owned());
        let before = role.primary();
        role.streams.insert(stream, election_id);
        role.highest = role.highest.max(election_id);
        let after = role.primary();
        if after != before {
            role.is_awaited = after.is_some() && role.writes > 0;
        }
        let is_for_all = after == Some(stream) || after != before;
        Ok(if is_for_all { role.notices() } else { vec![role.notice(stream)] })
    }

    fn check(
        &self,
        stream: StreamId,
        name: &str,
        election_id: Option<ElectionId>,
    ) -> Result<(), Refused> {
        match self.streams.get(&stream) {
            Some(own) if own != name => {
                return Err(Refused::OtherRole { own: own.clone(), role: name.to_owned() });
            }
            Some(_) => {}
            None if self.streams.len() >= MAX_STREAMS => return Err(Refused::TooManyStreams),
            None => {}
        }
        if name.len() > MAX_ROLE_BYTES {
            return Err(Refused::RoleTooLong { bytes: name.len() });
        }
        let Some(role) = self.roles.get(name) else {
            let is_room = self.roles.len() < MAX_ROLES;
            return if is_room { Ok(()) } else { Err(Refused::TooManyRoles) };
        };
        let Some(election_id) = election_id else { return Ok(()) };
        let mut others = role.streams.iter().filter(|(other, _)| **other != stream);
        match others.any(|(_, taken)| *taken == Some(election_id)) {
            true => Err(Refused::ElectionIdTaken { role: name.to_owned(), election_id }),
            false => Ok(()),
        }
    }

    /// A stream has ended, or one that never was of a role.
    pub(crate) fn leave(&mut self, stream: StreamId) -> Vec<Notice> {
        let Some(name) = self.streams.remove(&stream) else { return Vec::new() };
        let Some(role) = self.roles.get_mut(&name) else { return Vec::new() };
        let was_primary = role.primary() == Some(stream);
        role.streams.remove(&stream);
        if was_primary {
            role.is_awaited = false;
            return role.notices();
        }
        if role.streams.is_empty() && role.highest.is_none() {
            // There is nothing to remember of it.
            self.roles.remove(&name);
        }
        Vec::new()
    }

    /// A request begins that only the primary may send. It is to be ended with
    /// [`Arbitration::end_write`].
    pub(crate) fn begin_write(
        &mut self,
        name: &str,
        election_id: Option<ElectionId>,
    ) -> Result<(), Refused> {
        let role = || name.to_owned();
        let found = self.roles.get_mut(name);
        if found.is_none() && !name.is_empty() {
            return Err(Refused::NoSuchRole { role: role() });
        }
        let given = election_id.ok_or_else(|| Refused::NoElectionId { role: role() })?;
        let no_primary = || Refused::NoPrimary { role: role() };
        let found = found.ok_or_else(no_primary)?;
        let primary = found.primary().and(found.highest).ok_or_else(no_primary)?;
        if given != primary {
            return Err(Refused::NotPrimary { role: role(), given, primary });
        }
        if found.is_awaited {
            return Err(Refused::NotYet { role: role() });
        }
        found.writes += 1;
        Ok(())
    }

    /// A request that was begun has ended.
    pub(crate) fn end_write(&mut self, name: &str) -> Option<Notice> {
        let role = self.roles.get_mut(name)?;
        role.writes = role.writes.saturating_sub(1);
        if role.writes > 0 || !std::mem::take(&mut role.is_awaited) {
            return None;
        }
        role.primary().map(|primary| role.notice(primary))
    }

    /// The role of a stream, once it has said which.
    pub(crate) fn role_of(&self, stream: StreamId) -> Option<&str> {
        self.streams.get(&stream).map(String::as_str)
    }

    /// The streams that are primary and have been told.
    pub(crate) fn primaries(&self) -> impl Iterator<Item = StreamId> {
        let told = self.roles.values().filter(|role| !role.is_awaited);
        told.filter_map(Role::primary)
    }
}

impl Role {
    fn primary(&self) -> Option<StreamId> {
        let highest = self.highest?;
        let mut streams = self.streams.iter();
        streams.find(|(_, election_id)| **election_id == Some(highest)).map(|(stream, _)| *stream)
    }

    fn notice(&self, to: StreamId) -> Notice {
        let standing = match self.primary() {
            Some(primary) if primary == to => Standing::Primary,
            Some(_) => Standing::Backup,
            None => Standing::NoPrimary,
        };
        Notice { to, standing, highest: self.highest }
    }

    /// What all streams are to be told, but a primary that has to wait.
    fn notices(&self) -> Vec<Notice> {
        let notices = self.streams.keys().map(|stream| self.notice(*stream));
        notices.filter(|one| !(self.is_awaited && one.standing == Standing::Primary)).collect()
    }
}

/// A role as messages call it.
pub(crate) fn shown(role: &str) -> String {
    match role {
        "" => "the default role".to_owned(),
        name => format!("the role {name:?}"),
    }
}

#[cfg(test)]
mod tests;
