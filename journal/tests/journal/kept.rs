//! All that a journal is to keep, as plain values, to compare.

use journal::{ChaosDisk, Contents, Journal as _, OpenError, RedbJournal, Step};
use nat_groups::{
    ChangeCounts, Generation, Group, Limits, Mapping, PerFamily, Stamp, Store, one_row,
};
use std::collections::BTreeMap;

/// Groups by name, tombstones and documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    groups: BTreeMap<String, Vec<KeptVersion>>,
    tombstones: BTreeMap<String, Generation>,
    documents: BTreeMap<String, Vec<u8>>,
}

/// A generation with its set.
#[derive(Clone, Debug, PartialEq, Eq)]
struct KeptVersion {
    generation: Generation,
    mappings: Vec<Mapping>,
    digest: [u8; 32],
    reserve: PerFamily<u64>,
    counts: ChangeCounts,
    stamp: Stamp,
}

impl Kept {
    pub(crate) fn of(contents: &Contents) -> Self {
        let Contents { store, documents } = contents;
        let versions = |group: &Group| {
            let version = |version: &nat_groups::Version| KeptVersion {
                generation: version.generation,
                mappings: version.set.iter().collect(),
                digest: version.set.digest().to_bytes(),
                reserve: version.reserve,
                counts: version.counts,
                stamp: version.stamp.clone(),
            };
            group.generations().map(|it| version(it)).collect()
        };
        Self {
            groups: store.groups().map(|it| (it.name().to_string(), versions(it))).collect(),
            tombstones: store.tombstones().map(|(name, at)| (name.to_string(), at)).collect(),
            documents: documents.clone(),
        }
    }

    /// With so many generations of each group at most.
    pub(crate) fn with_history(mut self, history: usize) -> Self {
        self.groups.values_mut().for_each(|versions| versions.truncate(history));
        self
    }
}

/// A journal and what it should hold.
pub(crate) struct Kit {
    pub(crate) journal: RedbJournal,
    pub(crate) contents: Contents,
}

impl Kit {
    pub(crate) fn open(disk: &ChaosDisk) -> Result<Self, OpenError> {
        Self::open_with(disk, Limits::default())
    }

    pub(crate) fn open_with(disk: &ChaosDisk, limits: Limits) -> Result<Self, OpenError> {
        let opened = RedbJournal::open_source(disk.source(), limits, one_row, stamp(0));
        opened.map(|(journal, contents)| {
            contents.store.validate().unwrap();
            Self { journal, contents }
        })
    }

    pub(crate) fn kept(&self) -> Kept {
        Kept::of(&self.contents)
    }

    /// Commits a step that has to succeed.
    pub(crate) fn commit(&mut self, step: &Step) {
        self.journal.commit(step).unwrap();
        self.contents = after(&self.contents, step);
    }
}

/// What there is once a step is taken.
pub(crate) fn after(contents: &Contents, step: &Step) -> Contents {
    let mut documents = contents.documents.clone();
    for document in &step.documents {
        match &document.after {
            Some(bytes) => documents.insert(document.name.to_owned(), bytes.clone()),
            None => documents.remove(document.name),
        };
    }
    Contents { store: step.after.clone(), documents }
}

pub(crate) fn stamp(number: u64) -> Stamp {
    Stamp { unix_micros: number, request_id: format!("request-{number}").into() }
}

/// A new store, and nothing else.
pub(crate) fn nothing() -> Kept {
    let store = Store::new(Limits::default(), one_row, stamp(0));
    Kept::of(&Contents { store, documents: BTreeMap::new() })
}
