//! All mappings of a store, in slot order.

use crate::group::Group;
use crate::mapping::Mapping;
use crate::name::GroupId;
use crate::slot::Slot;
use crate::store::Store;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A walk along the owners of slots, and beside it along the set of each group that it meets: since
/// both are in slot order, a step takes no search.
pub(crate) struct InOrder<'a> {
    store: &'a Store,
    first: Slot,
    owned: Box<dyn Iterator<Item = (Slot, GroupId)> + 'a>,
    sets: BTreeMap<GroupId, Along<'a>>,
}

/// A group, and where the walk along its set is.
struct Along<'a> {
    group: &'a Arc<Group>,
    set: Box<dyn Iterator<Item = Mapping> + 'a>,
}

impl<'a> InOrder<'a> {
    /// The mappings from `first` on.
    pub(crate) fn new(store: &'a Store, first: Slot) -> Self {
        let owned = Box::new(store.owners.from(first));
        Self { store, first, owned, sets: BTreeMap::new() }
    }

    fn along(&mut self, owner: GroupId) -> Option<&mut Along<'a>> {
        use std::collections::btree_map::Entry;
        match self.sets.entry(owner) {
            Entry::Occupied(along) => Some(along.into_mut()),
            Entry::Vacant(vacant) => {
                let group = self.store.group_by_id(owner)?;
                let set = Box::new(group.current().set.from(self.first));
                Some(vacant.insert(Along { group, set }))
            }
        }
    }
}

impl<'a> Iterator for InOrder<'a> {
    type Item = (Mapping, &'a Arc<Group>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (slot, owner) = self.owned.next()?;
            let along = self.along(owner)?;
            // The owners are those of the groups' mappings, so the first is the one.
            if let Some(mapping) = along.set.find(|mapping| mapping.slot >= slot)
                && mapping.slot == slot
            {
                return Some((mapping, along.group));
            }
        }
    }
}
