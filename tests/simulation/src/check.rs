//! The rules that hold after each step.

use crate::model::{ModelGroup, World, same};
use crate::report::Broken;
use crate::universe::{packets, shown};
use asic::Row;
use dpd::controller::{GroupState, Snapshot};
use dpd::lower::forwarding_rows;
use nat_groups::{DeviceRow, Group, Mapping, Slot, Store};
use std::sync::Arc;

pub(crate) const NOTHING_LOST: &str =
    "what was acknowledged is never lost, and nothing that was not appears";
pub(crate) const NO_STALE: &str = "a command is taken if and only if the rules allow it";
pub(crate) const NO_OVERLAP: &str = "no two mappings overlap, and all that is kept is consistent";
pub(crate) const OLD_OR_NEW: &str = "a packet finds the old or the new, never a third";
pub(crate) const NO_MISS: &str = "a packet that has a mapping before and after always finds one";
pub(crate) const TRUE_STATUS: &str = "a group's status is true";
pub(crate) const TRUE_APPLIED: &str = "what is applied is what the switch holds";
pub(crate) const NOTHING_LEFT: &str = "a refusal leaves everything as it was";
pub(crate) const ENDS_WELL: &str = "once faults end, the switch soon holds what it should";
pub(crate) const WARM_START: &str = "a restart finds all as it was and touches nothing";
pub(crate) const TRUE_ANSWER: &str = "an answer is true, and a failure has a reason";
pub(crate) const STARTS: &str = "a daemon starts if nothing is in its way";

/// A rule is broken.
pub(crate) fn broken<T>(rule: &'static str, found: impl Into<String>) -> Result<T, Broken> {
    Err(Broken { rule, found: found.into() })
}

/// Checks that a rule is kept.
pub(crate) fn require(
    kept: bool,
    rule: &'static str,
    found: impl FnOnce() -> String,
) -> Result<(), Broken> {
    if kept { Ok(()) } else { broken(rule, found()) }
}

/// The groups that were found to be right. A group that is the same one is right still.
#[derive(Debug, Default)]
pub(crate) struct Checked(Vec<Arc<Group>>);

impl Checked {
    /// Checks that a store is what clients were told.
    pub(crate) fn store(&mut self, store: &Store, world: &World) -> Result<(), Broken> {
        let mut all = Vec::with_capacity(world.groups.len());
        for model in &world.groups {
            let Some(group) = store.group(&model.name) else {
                return broken(NOTHING_LOST, format!("group {} is not there", model.name));
            };
            let is_known = self.0.iter().any(|known| Arc::ptr_eq(known, group))
                && group.current().generation == model.generation();
            if !is_known {
                compare(group, model)?;
            }
            all.push(Arc::clone(group));
        }
        let unchanged = self.0.len() == all.len()
            && self.0.iter().zip(&all).all(|(one, other)| Arc::ptr_eq(one, other));
        self.0 = all;
        if store.groups().count() != world.groups.len() {
            let names: Vec<&str> = store.groups().map(|group| group.name().as_str()).collect();
            return broken(NOTHING_LOST, format!("these groups are there: {}", names.join(", ")));
        }
        let tombstones: Vec<_> = store.tombstones().collect();
        let is_told = |(name, at): &(&_, _)| world.tombstone(name) == Some(*at);
        require(
            tombstones.len() == world.deleted.len() && tombstones.iter().all(is_told),
            NOTHING_LOST,
            || format!("the tombstones are {tombstones:?}, and told was of {:?}", world.deleted),
        )?;
        if !unchanged {
            store.validate().or_else(|error| broken(NO_OVERLAP, error))?;
            require(!world.has_overlap(), NO_OVERLAP, || format!("{:?}", world.mappings()))?;
        }
        Ok(())
    }
}

/// Whether a store is this world, as far as clients can tell.
pub(crate) fn is_world(store: &Store, world: &World) -> bool {
    Checked::default().store(store, world).is_ok()
}

fn compare(group: &Group, model: &ModelGroup) -> Result<(), Broken> {
    let name = &model.name;
    let current = group.current();
    require(current.generation == model.generation(), NOTHING_LOST, || {
        format!(
            "group {name} is at generation {}, and clients were told of {}",
            current.generation,
            model.generation()
        )
    })?;
    require(current.reserve == model.reserve, NOTHING_LOST, || {
        format!("group {name} reserves {:?} instead of {:?}", current.reserve, model.reserve)
    })?;
    for version in group.generations() {
        let generation = version.generation;
        let told = model.generations.iter().rfind(|told| told.generation == generation);
        let Some(told) = told else {
            return broken(
                NOTHING_LOST,
                format!("group {name} keeps generation {generation}, of which nobody was told"),
            );
        };
        let mappings: Vec<Mapping> = version.set.iter().collect();
        require(same(&mappings, &told.mappings), NOTHING_LOST, || {
            format!(
                "generation {generation} of group {name} has {mappings:?} instead of {:?}",
                told.mappings
            )
        })?;
        require(version.set.digest() == told.digest(), NOTHING_LOST, || {
            format!("generation {generation} of group {name} has another digest")
        })?;
    }
    Ok(())
}

/// Whether a switch holds exactly the rows of these mappings where they are, and packets find them.
pub(crate) fn holds(rows: &[DeviceRow], mappings: &[Mapping]) -> Result<(), String> {
    for mapping in mappings {
        let here = rows.iter().filter(|row| row.slot == mapping.slot);
        let targets: Vec<_> = here.map(|row| row.target).collect();
        if targets != [mapping.target] {
            return Err(format!("{mapping} should be there, and its rows go to {targets:?}"));
        }
        for packet in packets().into_iter().filter(|packet| packet.is_of(&mapping.slot)) {
            let found = shown(rows, packet);
            if found != Some(mapping.target) {
                return Err(format!("a packet to {packet} of {mapping} finds {found:?}"));
            }
        }
    }
    Ok(())
}

/// Whether a switch holds exactly these rows and no others.
pub(crate) fn holds_only(rows: &[DeviceRow], mappings: &[Mapping]) -> Result<(), String> {
    let is_wanted = |slot: &Slot| mappings.iter().any(|mapping| mapping.slot == *slot);
    if let Some(surplus) = rows.iter().find(|row| !is_wanted(&row.slot)) {
        return Err(format!("{surplus:?} should not be there"));
    }
    holds(rows, mappings)
}

/// Whether a switch holds exactly the rows of ports, routes and neighbours.
pub(crate) fn forwards(snapshot: &Snapshot, rows: &[Row]) -> Result<(), String> {
    let wanted = forwarding_rows(&snapshot.forwarding).map_err(|invalid| invalid.to_string())?;
    if let Some(surplus) = rows.iter().find(|row| wanted.get(&row.key()) != Some(&row.action())) {
        return Err(format!("{surplus} should not be there"));
    }
    if rows.len() < wanted.len() {
        return Err(format!("of ports and routes, {} rows are there: {rows:?}", rows.len()));
    }
    Ok(())
}

/// Checks that no group is said to be programmed that is not.
pub(crate) fn status(snapshot: &Snapshot, world: &World, rows: &[DeviceRow]) -> Result<(), Broken> {
    for model in &world.groups {
        let Some(group) = snapshot.store.group(&model.name) else { continue };
        let diverged = snapshot.diverged(group.id());
        if snapshot.state(group.id()) != GroupState::Programmed {
            continue;
        }
        require(diverged == 0, TRUE_STATUS, || {
            format!("group {} is programmed, and {diverged} of its slots diverged", model.name)
        })?;
        let programmed = snapshot.applied.programmed_generation(group.id());
        require(programmed == Some(model.generation()), TRUE_STATUS, || {
            format!("group {} is programmed, and at generation {programmed:?}", model.name)
        })?;
        holds(rows, model.mappings()).or_else(|found| {
            broken(TRUE_STATUS, format!("group {} is programmed, and {found}", model.name))
        })?;
    }
    Ok(())
}

/// Checks that what is applied is what the switch holds.
pub(crate) fn applied(snapshot: &Snapshot, rows: &[DeviceRow]) -> Result<(), Broken> {
    snapshot.applied.validate().or_else(|error| broken(NO_OVERLAP, error))?;
    let mut applied: Vec<DeviceRow> = snapshot.applied.iter().collect();
    let mut held = rows.to_vec();
    applied.sort_by_key(|row| (row.slot, row.priority));
    held.sort_by_key(|row| (row.slot, row.priority));
    require(applied == held, TRUE_APPLIED, || {
        let only = |these: &[DeviceRow], those: &[DeviceRow]| {
            let only: Vec<_> = these.iter().filter(|row| !those.contains(row)).cloned().collect();
            format!("{only:?}")
        };
        format!(
            "applied alone has {}, and the switch alone {}",
            only(&applied, &held),
            only(&held, &applied)
        )
    })
}
