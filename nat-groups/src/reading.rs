//! What a device turns out to hold.

use crate::applied::{Applied, DeviceRow, Divergence, Priority, SlotRows};
use crate::diverged::DivergedSlots;
use crate::family::Family;
use crate::name::GroupId;
use crate::slot::{ExternalAddr, Slot};
use crate::store::Store;
use crate::target::Target;
use im::OrdMap;
use std::iter::Peekable;

/// What a slot should have, and what is known of it.
struct Known<'a> {
    slot: Slot,
    wanted: Option<Target>,
    divergence: Option<&'a Divergence>,
}

impl Applied {
    /// What a device holds that was found with `rows`, in order of slot and priority, and is to hold
    /// what `store` says. Whatever priority a row has that is right, it may keep.
    ///
    /// The base is the store if most of its rows are there, so that what is right costs nothing. Of a
    /// device that has lost them it is one without groups: nothing was programmed there.
    pub fn found(store: &Store, rows: &[DeviceRow]) -> Self {
        let base = if count_right(store, rows) * 2 >= store.len() {
            store.clone()
        } else {
            // What was promised stays promised.
            Store { committed: store.committed, ..store.emptied() }
        };
        let mut found = Self::of_base(base);
        for family in Family::ALL {
            let rows = rows.iter().filter(|row| row.slot.family() == family).copied();
            found = found.told(family, rows, |slot| store.owner(slot), |_| None);
        }
        found
    }

    /// The same rows, told by what `store` says instead of the base. Rows that only the base knows
    /// stay those of their groups.
    pub fn rebased(&self, store: &Store) -> Self {
        let mut rebased = Self::of_base(store.clone());
        for family in Family::ALL {
            let first = Slot::first_of(ExternalAddr::lowest(family));
            let rows = self.iter_from(first).take_while(|row| row.slot.family() == family);
            let acknowledged = |known: &Known<'_>| {
                let divergence = self.diverged.get(&known.slot);
                divergence.and_then(|divergence| divergence.acknowledged)
            };
            let owner = |slot: &Slot| {
                let known = self.diverged.get(slot).and_then(|divergence| divergence.group);
                self.base.owner(slot).or(known)
            };
            rebased = rebased.told(family, rows, owner, acknowledged);
        }
        rebased
    }

    /// What holds if the device turns out to have exactly `rows` in one family's table, in order of
    /// slot and priority. `next` is the store that was being programmed: it tells whose the rows
    /// are that the base does not know.
    ///
    /// A row that has another priority than the device acknowledged has diverged even if it is right
    /// otherwise: somebody else wrote it.
    pub fn read_back(
        &self,
        family: Family,
        rows: impl IntoIterator<Item = DeviceRow>,
        next: &Store,
    ) -> Self {
        let acknowledged = |known: &Known<'_>| match known.divergence {
            Some(divergence) => divergence.acknowledged,
            None => Some(self.priority(&known.slot)),
        };
        self.told(family, rows, |slot| next.owner(slot), acknowledged)
    }

    /// What holds of a device with the row of every mapping of the base.
    fn of_base(base: Store) -> Self {
        Self {
            rows: base.rows,
            row_cost: base.row_cost,
            base,
            raised: OrdMap::new(),
            diverged: DivergedSlots::default(),
            widest: 0,
        }
    }

    /// What holds once it is told which rows one family's table has, whose those are that the base
    /// does not know, and of those that are right at which priority they were acknowledged, if that
    /// is known.
    fn told(
        &self,
        family: Family,
        rows: impl IntoIterator<Item = DeviceRow>,
        owner: impl Fn(&Slot) -> Option<GroupId>,
        acknowledged: impl Fn(&Known<'_>) -> Option<Priority>,
    ) -> Self {
        let mut told = self.clone();
        let mut set = |known: &Known<'_>, here: SlotRows| {
            let Known { slot, wanted, divergence } = *known;
            let acknowledged = acknowledged(known);
            let is_as_before = match (here.as_slice(), divergence) {
                ([], None) => wanted.is_none(),
                ([(priority, target)], None) => {
                    wanted == Some(*target)
                        && *priority == self.priority(&slot)
                        && acknowledged.is_none_or(|acknowledged| acknowledged == *priority)
                }
                _ => false,
            };
            if !is_as_before {
                told.set_rows(slot, here, acknowledged, owner(&slot));
            }
        };
        let mut known = self.known(family).peekable();
        let mut rows = rows.into_iter().peekable();
        while let Some((slot, here)) = next_slot(&mut rows) {
            while let Some(missing) = known.next_if(|before| before.slot < slot) {
                set(&missing, SlotRows::new());
            }
            let nothing = Known { slot, wanted: None, divergence: None };
            set(&known.next_if(|known| known.slot == slot).unwrap_or(nothing), here);
        }
        for missing in known {
            set(&missing, SlotRows::new());
        }
        told
    }

    /// The slots of a family that have rows or should have, in order.
    fn known(&self, family: Family) -> impl Iterator<Item = Known<'_>> {
        let first = Slot::first_of(ExternalAddr::lowest(family));
        let mut base = self.base.mappings_from(first).map(|(mapping, _)| mapping).peekable();
        let mut diverged = self.diverged.range(first..).peekable();
        let merged = std::iter::from_fn(move || {
            let slot = match (base.peek(), diverged.peek()) {
                (Some(mapping), Some((slot, _))) => mapping.slot.min(**slot),
                (Some(mapping), None) => mapping.slot,
                (None, Some((slot, _))) => **slot,
                (None, None) => return None,
            };
            let wanted = base.next_if(|mapping| mapping.slot == slot).map(|it| it.target);
            let divergence = diverged.next_if(|(there, _)| **there == slot).map(|it| it.1);
            Some(Known { slot, wanted, divergence })
        });
        merged.take_while(move |known| known.slot.family() == family)
    }
}

/// The rows of the next slot.
fn next_slot(rows: &mut Peekable<impl Iterator<Item = DeviceRow>>) -> Option<(Slot, SlotRows)> {
    let DeviceRow { slot, priority, target } = rows.next()?;
    let mut here = SlotRows::from_iter([(priority, target)]);
    while let Some(row) = rows.next_if(|row| row.slot == slot) {
        here.push((row.priority, row.target));
    }
    Some((slot, here))
}

/// How many of these rows, in slot order, the store asks for.
fn count_right(store: &Store, rows: &[DeviceRow]) -> usize {
    let Some(first) = rows.first() else { return 0 };
    let mut desired = store.mappings_from(first.slot).map(|(mapping, _)| mapping).peekable();
    let is_right = |row: &&DeviceRow| {
        while desired.next_if(|mapping| mapping.slot < row.slot).is_some() {}
        desired.peek().is_some_and(|it| it.slot == row.slot && it.target == row.target)
    };
    rows.iter().filter(is_right).count()
}
