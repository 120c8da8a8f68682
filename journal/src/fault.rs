//! What goes wrong with a journal.

use nat_groups::Inconsistency;
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// Why a step was not made durable.
#[derive(Debug, Error)]
pub enum CommitError {
    /// Nothing was written.
    #[error("{0}")]
    NotDone(#[source] JournalFault),
    /// It may have been written, or not.
    #[error("{0}; whether it was written is not known yet")]
    Unknown(#[source] JournalFault),
}

/// What the storage below a journal would not do.
#[derive(Debug, Error)]
pub enum JournalFault {
    /// The database.
    #[error("the journal cannot be written: {0}")]
    Storage(#[source] Box<redb::Error>),
    /// What was read back is none of ours.
    #[error("the journal is damaged: {0}")]
    Damage(#[from] Damage),
    /// The file is gone, or something else is in its place.
    #[error(
        "the journal's file is gone, or another is in its place; restart dpd with the right one"
    )]
    Gone,
    /// An earlier step's outcome has to be found out first.
    #[error("the outcome of an earlier write to the journal is not known yet")]
    Unsettled,
    /// Someone else has written to it.
    #[error("the journal was changed by someone else: it is at step {found}, not {expected}")]
    ChangedBelow {
        /// The number of the last step that we know of.
        expected: u64,
        /// The number of the last step that it holds.
        found: u64,
    },
}

/// Why a journal cannot be used from the start.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The folder cannot be made or used.
    #[error("cannot use the state directory {}: {error}", path.display())]
    Directory {
        /// The folder.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// It is no folder.
    #[error("the state directory {} is not a folder; give one, or a path where one can be made", path.display())]
    NotADirectory {
        /// What was given.
        path: PathBuf,
    },
    /// The folder holds something else.
    #[error(
        "the state directory {} holds {} and no journal of dpd; give it a folder of its own",
        path.display(), found.display()
    )]
    Foreign {
        /// The folder.
        path: PathBuf,
        /// The name of something in it.
        found: PathBuf,
    },
    /// What has the name of the journal is no file.
    #[error("{} should be the file of the journal, and is not a file; move it away", path.display())]
    NotAFile {
        /// What should be a file.
        path: PathBuf,
    },
    /// The file is of something else.
    #[error(
        "the file {} is no journal of dpd. It was left as it is; give another state directory, or \
         move the file away",
        path.display()
    )]
    NotAJournal {
        /// The file.
        path: PathBuf,
    },
    /// Another daemon has it.
    #[error("the state directory {} is in use by another dpd", path.display())]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// The file is of a later version of dpd.
    #[error(
        "the journal {} is of format {found}, made by dpd {written_by}; this dpd knows formats up \
         to {known}. It was left as it is; run that dpd or a later one",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The latest format that is known.
        known: u32,
        /// The version of dpd that wrote it.
        written_by: String,
    },
    /// The file is a database of another version.
    #[error(
        "the journal {} is a database file of format {found}, which this dpd cannot read. It was \
         left as it is; run the dpd that wrote it or a later one",
        path.display()
    )]
    OtherDatabaseFormat {
        /// The file.
        path: PathBuf,
        /// The format of the database file.
        found: u8,
    },
    /// The storage.
    #[error("cannot open the journal {}: {error}", path.display())]
    Storage {
        /// The file.
        path: PathBuf,
        /// Why not.
        error: Box<redb::Error>,
    },
    /// The contents.
    #[error(
        "the journal {} is damaged: {damage}. It was left as it is; restore it from a copy, or move \
         it away to begin without groups",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        damage: Damage,
    },
}

/// What a journal holds that no dpd has written.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Damage {
    /// The file has no content.
    #[error("the file is empty")]
    Empty,
    /// The database cannot be read.
    #[error("{words}")]
    Database {
        /// What redb says.
        words: String,
    },
    /// A record does not have the form that it should.
    #[error("a record of {table} is malformed")]
    Malformed {
        /// The table of the database.
        table: &'static str,
    },
    /// Mappings or generations belong to no group.
    #[error("{table} has records of a group that is not there")]
    Orphan {
        /// The table of the database.
        table: &'static str,
    },
    /// A set is not the one that its digest was taken of.
    #[error("generation {generation} of group {group} is not the set that was written")]
    Digest {
        /// The group.
        group: String,
        /// The generation.
        generation: u64,
    },
    /// The groups do not go together.
    #[error("{0}")]
    Inconsistent(#[from] Inconsistency),
}
