//! One step from a state to the next.

use nat_groups::{GroupId, Store};

/// What was, what is to be, and where the two may differ.
#[derive(Clone, Debug)]
pub struct Step {
    /// The store that the journal holds.
    pub before: Store,
    /// The store that it is to hold.
    pub after: Store,
    /// The groups that may differ between the two.
    pub touched: Vec<GroupId>,
    /// The documents that change.
    pub documents: Vec<DocumentChange>,
}

/// A document that changes: something small that is written as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentChange {
    /// Its name.
    pub name: &'static str,
    /// What the journal holds; `None` if it has no such document.
    pub before: Option<Vec<u8>>,
    /// What it is to hold.
    pub after: Option<Vec<u8>>,
}

impl Step {
    /// Whether both sides are the same.
    pub fn is_empty(&self) -> bool {
        let Step { before, after, touched, documents } = self;
        let generation = |store: &Store, id: &GroupId| {
            store.group_by_id(*id).map(|group| group.current().generation)
        };
        touched.iter().all(|id| generation(before, id) == generation(after, id))
            && before.tombstone_changes(after).next().is_none()
            && documents.iter().all(|document| document.before == document.after)
    }

    /// The step back.
    #[must_use]
    pub fn reversed(self) -> Self {
        let Step { before, after, touched, documents } = self;
        let documents = documents
            .into_iter()
            .map(|DocumentChange { name, before, after }| DocumentChange {
                name,
                before: after,
                after: before,
            })
            .collect();
        Step { before: after, after: before, touched, documents }
    }
}
