//! What readers see.

use super::backoff::WaitsFor;
use crate::forwarding::{Forwarding, Rows};
use nat_groups::{Applied, GroupId, Store};
use parking_lot::RwLock;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One consistent state: what should exist, what the device acknowledged, and what is amiss.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Desired.
    pub store: Store,
    /// Applied.
    pub applied: Applied,
    /// Whether the device may have started afresh and has not been read since, so that what is
    /// applied is what once was.
    pub is_unread: bool,
    /// What the device last refused of each group, if it has not been mended since.
    pub troubles: Arc<BTreeMap<GroupId, Trouble>>,
    /// What is known of the repair, if there is something to mend.
    pub mending: Option<Mending>,
    /// Ports, routes, neighbours and the underlay address, as they should be.
    pub forwarding: Arc<Forwarding>,
    /// The rows of these that the device acknowledged.
    pub forwarding_rows: Arc<Rows>,
}

/// Where the repair of what is amiss stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mending {
    /// How often it was tried in vain, one time after the other.
    pub attempts: u32,
    /// What it waits for; `None` if it is under way.
    pub waits_for: Option<WaitsFor>,
    /// When it is tried again at the latest, in microseconds since the beginning of 1970; `None` if
    /// only a request brings that about.
    pub next_attempt_unix_micros: Option<u64>,
    /// Since when something has been amiss.
    pub since_unix_micros: u64,
    /// What the last try met.
    pub error: Option<String>,
}

/// What the device refused of a group.
#[derive(Clone, Debug)]
pub struct Trouble {
    /// In words.
    pub error: String,
    /// Whether the group's rows were left half-way.
    pub torn: bool,
}

/// Whether the device holds what a group says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupState {
    /// It does.
    Programmed,
    /// Something diverged and is being mended, or is being looked for after the device may have
    /// started afresh.
    Repairing,
    /// A change was left half-way, and repair has not succeeded yet.
    Torn,
}

impl Snapshot {
    /// Whether the device holds what a group says.
    pub fn state(&self, group: GroupId) -> GroupState {
        let torn = self.troubles.get(&group).is_some_and(|trouble| trouble.torn);
        if torn {
            GroupState::Torn
        } else if self.is_unread || self.diverged(group) > 0 || !self.is_programmed(group) {
            GroupState::Repairing
        } else {
            GroupState::Programmed
        }
    }

    /// Where the repair stands that a group waits for, if it does.
    pub fn mending(&self, group: GroupId) -> Option<&Mending> {
        let is_journal = |mending: &&Mending| mending.waits_for == Some(WaitsFor::Journal);
        match self.state(group) {
            // The journal concerns every group.
            GroupState::Programmed => self.mending.as_ref().filter(is_journal),
            GroupState::Repairing | GroupState::Torn => self.mending.as_ref(),
        }
    }

    /// What went wrong with a group last, if it has not been mended since.
    pub fn last_error(&self, group: GroupId) -> Option<&str> {
        let trouble = self.troubles.get(&group).map(|trouble| trouble.error.as_str());
        trouble.or_else(|| self.mending(group)?.error.as_deref())
    }

    /// How many slots of a group are not as they should be.
    pub fn diverged(&self, group: GroupId) -> u64 {
        let all = || self.store.group_by_id(group).map_or(0, |group| group.current().set.len());
        let diverged = match self.applied.programmed_generation(group) {
            Some(_) => self.applied.diverged_of(group),
            None => all(),
        };
        diverged as u64
    }

    /// Whether it was the current generation of a group that was last programmed.
    fn is_programmed(&self, group: GroupId) -> bool {
        let current = self.store.group_by_id(group).map(|group| group.current().generation);
        self.applied.programmed_generation(group) == current
    }
}

/// Where the controller puts the latest snapshot and readers take it. Nobody waits for anybody
/// longer than it takes to copy a pointer.
#[derive(Clone, Debug)]
pub struct Published(Arc<RwLock<Arc<Snapshot>>>);

impl Published {
    pub(super) fn new(snapshot: Snapshot) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(snapshot))))
    }

    /// The latest snapshot.
    pub fn load(&self) -> Arc<Snapshot> {
        Arc::clone(&self.0.read())
    }

    pub(super) fn store(&self, snapshot: Snapshot) {
        let next = Arc::new(snapshot);
        // The old one may be the last of a large set: it is dropped after the lock is.
        let _old = std::mem::replace(&mut *self.0.write(), next);
    }
}
