//! What is no journal that can be used is refused in words, and left as it is.

use crate::history::{ensure, mapping};
use crate::kept::{Kept, Kit, nothing, stamp};
use journal::{ChaosDisk, Damage, Journal as _, OpenError, Opening, RedbJournal};
use nat_groups::{Limits, one_row};
use redb::backends::FileBackend;
use redb::{Builder, Database, TableDefinition};
use rstest::rstest;
use std::fs;
use std::path::Path;

const NUMBERS: TableDefinition<'static, &str, u64> = TableDefinition::new("numbers");
const GROUPS: TableDefinition<'static, u32, &str> = TableDefinition::new("groups");
const VERSIONS: TableDefinition<'static, (u32, u64), &[u8]> = TableDefinition::new("versions");
const CHANGES: TableDefinition<'static, (u32, u64), &[u8]> = TableDefinition::new("changes");
const MAPPINGS: TableDefinition<'static, &[u8; 25], &[u8; 25]> = TableDefinition::new("mappings");
const TOMBSTONES: TableDefinition<'static, &str, u64> = TableDefinition::new("tombstones");

fn open(directory: &Path) -> Result<(RedbJournal, Kept), OpenError> {
    let opened = RedbJournal::open(directory, Limits::default(), one_row, stamp(0));
    opened.map(|(journal, contents)| (journal, Kept::of(&contents)))
}

/// Every file below a folder with its contents.
fn files(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let entry = |entry: std::io::Result<fs::DirEntry>| {
        let path = entry.unwrap().path();
        (path.display().to_string(), fs::read(&path).unwrap_or_default())
    };
    let mut files: Vec<_> = fs::read_dir(directory).unwrap().map(entry).collect();
    files.sort();
    files
}

#[track_caller]
fn refused(directory: &Path, words: &str) {
    let before = files(directory);
    let error = open(directory).unwrap_err().to_string();
    assert!(error.contains(words), "{error}");
    assert!(files(directory) == before, "refused, and changed");
}

#[test]
fn a_folder_is_made_with_those_above_it_and_belongs_to_one_daemon() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/b/c");
    let (journal, contents) = open(&path).unwrap();
    assert_eq!((contents, journal.opening()), (nothing(), Opening::New));
    refused(&path, "in use by another dpd");
    drop(journal);
    assert_eq!(open(&path).unwrap().0.opening(), Opening::Clean);
}

#[test]
fn what_an_interrupted_first_start_left_and_what_a_file_system_puts_there_are_no_matter() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("journal.redb.new"), "half of it").unwrap();
    fs::create_dir(folder.path().join("lost+found")).unwrap();
    assert_eq!(open(folder.path()).unwrap().1, nothing());
    assert!(!folder.path().join("journal.redb.new").exists());
}

#[test]
fn a_folder_with_something_else_in_it_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("passwd"), "root").unwrap();
    refused(folder.path(), "holds passwd and no journal of dpd; give it a folder of its own");
}

#[test]
fn beside_a_journal_there_may_be_anything() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()).unwrap());
    fs::write(folder.path().join("notes"), "mine").unwrap();
    open(folder.path()).unwrap();
}

#[test]
fn what_is_no_folder_or_cannot_be_made_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "text").unwrap();
    let error = open(&file).unwrap_err();
    assert!(matches!(error, OpenError::NotADirectory { .. }), "{error}");
    for path in [file.join("below"), "/proc/no/such".into()] {
        let error = open(&path).unwrap_err();
        assert!(matches!(error, OpenError::Directory { .. }), "{error}");
    }
    fs::remove_file(file).unwrap();
    fs::create_dir(folder.path().join(RedbJournal::FILE_NAME)).unwrap();
    refused(folder.path(), "is not a file; move it away");
}

#[rstest]
#[case::text(b"no database at all, and longer than a header", "is no journal of dpd")]
#[case::short(b"redb", "is no journal of dpd")]
#[case::empty(b"", "the file is empty")]
fn a_file_that_is_no_database_is_refused(#[case] bytes: &[u8], #[case] words: &str) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(RedbJournal::FILE_NAME), bytes).unwrap();
    refused(folder.path(), words);
}

#[rstest]
fn a_database_of_something_else_is_refused(#[values(true, false)] was_closed: bool) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(RedbJournal::FILE_NAME);
    let database = Database::create(&path).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction.open_table(NUMBERS).unwrap().insert("format", 1).unwrap();
    transaction.open_table(NUMBERS).unwrap().insert("step", 1).unwrap();
    transaction.commit().unwrap();
    if was_closed {
        drop(database);
    } else {
        let bytes = fs::read(&path).unwrap();
        drop(database);
        fs::write(&path, bytes).unwrap();
    }
    refused(folder.path(), "is no journal of dpd");
}

/// Changes a journal behind its back.
fn tamper(change: impl FnOnce(&redb::WriteTransaction)) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, contents) =
        RedbJournal::open(folder.path(), Limits::default(), one_row, stamp(0)).unwrap();
    let step = ensure(&contents, "x", 1, vec![mapping(1, 1), mapping(2, 1)]);
    journal.commit(&step).unwrap();
    let contents = crate::kept::after(&contents, &step);
    journal.commit(&ensure(&contents, "x", 2, vec![mapping(1, 1)])).unwrap();
    drop(journal);
    let database = Database::open(folder.path().join(RedbJournal::FILE_NAME)).unwrap();
    let transaction = database.begin_write().unwrap();
    change(&transaction);
    transaction.commit().unwrap();
    folder
}

#[test]
fn a_journal_of_a_later_format_is_refused_with_what_wrote_it() {
    let folder = tamper(|transaction| {
        transaction.open_table(NUMBERS).unwrap().insert("format", 2).unwrap();
    });
    refused(folder.path(), "is of format 2, made by dpd 0.1.0; this dpd knows formats up to 1");
}

fn first_key(transaction: &redb::WriteTransaction) -> [u8; 25] {
    use redb::ReadableTable as _;
    let table = transaction.open_table(MAPPINGS).unwrap();
    let (key, _) = table.first().unwrap().unwrap();
    *key.value()
}

#[rstest]
#[case::missing_mapping(|it: &redb::WriteTransaction| {
    let key = first_key(it);
    it.open_table(MAPPINGS).unwrap().remove(&key).unwrap();
}, "is not the set that was written")]
#[case::other_target(|it: &redb::WriteTransaction| {
    let key = first_key(it);
    it.open_table(MAPPINGS).unwrap().insert(&key, &[0; 25]).unwrap();
}, "is not the set that was written")]
#[case::bad_family(|it: &redb::WriteTransaction| {
    let mut key = first_key(it);
    key[4] = 5;
    it.open_table(MAPPINGS).unwrap().insert(&key, &[0; 25]).unwrap();
}, "a record of mappings is malformed")]
#[case::ports_reversed(|it: &redb::WriteTransaction| {
    let mut key = first_key(it);
    key[21..].copy_from_slice(&[9, 0, 8, 0]);
    it.open_table(MAPPINGS).unwrap().insert(&key, &[0; 25]).unwrap();
}, "a record of mappings is malformed")]
#[case::overlap(|it: &redb::WriteTransaction| {
    let mut key = first_key(it);
    key[24] -= 1;
    it.open_table(MAPPINGS).unwrap().insert(&key, &[0; 25]).unwrap();
}, "a record of mappings is malformed")]
#[case::mapping_of_no_group(|it: &redb::WriteTransaction| {
    let mut key = first_key(it);
    key[0] = 9;
    it.open_table(MAPPINGS).unwrap().insert(&key, &[0; 25]).unwrap();
}, "mappings has records of a group that is not there")]
#[case::no_groups(|it: &redb::WriteTransaction| {
    it.delete_table(GROUPS).unwrap();
}, "groups")]
#[case::no_ungrouped(|it: &redb::WriteTransaction| {
    it.open_table(GROUPS).unwrap().remove(0).unwrap();
    it.open_table(VERSIONS).unwrap().remove((0, 1)).unwrap();
}, "the built-in group `ungrouped` is missing")]
#[case::last_number(|it: &redb::WriteTransaction| {
    it.open_table(GROUPS).unwrap().insert(u32::MAX, "y").unwrap();
}, "a record of groups is malformed")]
#[case::bad_name(|it: &redb::WriteTransaction| {
    it.open_table(GROUPS).unwrap().insert(1, "No name").unwrap();
}, "a record of groups is malformed")]
#[case::name_twice(|it: &redb::WriteTransaction| {
    it.open_table(GROUPS).unwrap().insert(1, "ungrouped").unwrap();
}, "ungrouped is there twice")]
#[case::group_without_generations(|it: &redb::WriteTransaction| {
    it.open_table(GROUPS).unwrap().insert(7, "y").unwrap();
}, "the generations of group y are not in order")]
#[case::short_version(|it: &redb::WriteTransaction| {
    it.open_table(VERSIONS).unwrap().insert((1, 2), [1; 40].as_slice()).unwrap();
}, "a record of versions is malformed")]
#[case::generation_zero(|it: &redb::WriteTransaction| {
    it.open_table(VERSIONS).unwrap().insert((1, 0), [0; 80].as_slice()).unwrap();
}, "a record of versions is malformed")]
#[case::request_id_not_text(|it: &redb::WriteTransaction| {
    it.open_table(VERSIONS).unwrap().insert((1, 2), [0xff; 90].as_slice()).unwrap();
}, "a record of versions is malformed")]
#[case::reservation_beyond_all_tables(|it: &redb::WriteTransaction| {
    it.open_table(VERSIONS).unwrap().insert((1, 2), [0x7f; 90].as_slice()).unwrap();
}, "a record of versions is malformed")]
#[case::unknown_change(|it: &redb::WriteTransaction| {
    it.open_table(CHANGES).unwrap().insert((1, 2), [4; 47].as_slice()).unwrap();
}, "a record of changes is malformed")]
#[case::half_a_change(|it: &redb::WriteTransaction| {
    it.open_table(CHANGES).unwrap().insert((1, 2), [1; 30].as_slice()).unwrap();
}, "a record of changes is malformed")]
#[case::change_lost(|it: &redb::WriteTransaction| {
    it.open_table(CHANGES).unwrap().remove((1, 2)).unwrap();
}, "generation 1 of group x is not the set that was written")]
#[case::change_that_does_not_fit(|it: &redb::WriteTransaction| {
    use redb::ReadableTable as _;
    let mut table = it.open_table(CHANGES).unwrap();
    let mut bytes = table.get((1, 2)).unwrap().unwrap().value().to_vec();
    bytes.extend_from_within(..);
    table.insert((1, 2), bytes.as_slice()).unwrap();
}, "in a way that does not fit the one before")]
#[case::change_of_no_group(|it: &redb::WriteTransaction| {
    it.open_table(CHANGES).unwrap().insert((8, 2), [].as_slice()).unwrap();
}, "changes has records of a group that is not there")]
#[case::deleted_and_there(|it: &redb::WriteTransaction| {
    it.open_table(TOMBSTONES).unwrap().insert("x", 5).unwrap();
}, "x is there twice")]
#[case::tombstone_zero(|it: &redb::WriteTransaction| {
    it.open_table(TOMBSTONES).unwrap().insert("y", 0).unwrap();
}, "a record of tombstones is malformed")]
fn records_that_no_dpd_has_written_are_refused(
    #[case] change: fn(&redb::WriteTransaction),
    #[case] words: &str,
) {
    let folder = tamper(change);
    refused(folder.path(), words);
    refused(folder.path(), "is damaged");
}

/// A journal as a file, what it holds, and what it may be taken to hold if it is damaged: where it was
/// not closed in order, a header that does not fit is one that was being written when the power went,
/// and the state before it counts.
fn sample(was_closed: bool) -> (Vec<u8>, Vec<Kept>) {
    let disk = ChaosDisk::new(0);
    let mut kit = Kit::open(&disk).unwrap();
    let mut kept = Vec::new();
    for generation in 1..4_u32 {
        let set = (0..100 * generation).map(|number| mapping(number, generation)).collect();
        let step = ensure(&kit.contents, "x", generation.into(), set);
        kit.commit(&step);
        kept.insert(0, kit.kept());
    }
    kept.truncate(if was_closed { 1 } else { 2 });
    if was_closed {
        kit.journal.close().unwrap();
    }
    (disk.bytes(), kept)
}

/// What becomes of a damaged file: it is refused and stays as it is, or all that was kept is there.
fn check_damaged(bytes: Vec<u8>, kept: &[Kept], what: &str) -> bool {
    let disk = ChaosDisk::holding(0, bytes.clone());
    match Kit::open(&disk) {
        Ok(kit) => {
            assert!(kept.contains(&kit.kept()), "{what}: opened with other contents");
            true
        }
        Err(error) => {
            assert!(disk.bytes() == bytes, "{what}: refused with {error}, and changed");
            false
        }
    }
}

#[rstest]
fn a_file_that_was_cut_short_is_refused(#[values(true, false)] was_closed: bool) {
    let (bytes, kept) = sample(was_closed);
    for len in (0..bytes.len()).step_by(1 << 12).chain([1, 9, 63, 64, 100, 320, 511, 5000]) {
        // What is at the very end may be free.
        let opened = check_damaged(bytes[..len].to_vec(), &kept, &format!("{len} bytes"));
        assert!(!opened || len > bytes.len() / 2, "{len} of {}", bytes.len());
    }
}

#[rstest]
fn a_flipped_bit_is_no_matter_or_refused(#[values(true, false)] was_closed: bool) {
    let (bytes, kept) = sample(was_closed);
    let mut refused = 0;
    let header = 0..320 * 8;
    let rest = (320 * 8..bytes.len() * 8).step_by(1999);
    for bit in header.chain(rest) {
        let mut damaged = bytes.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        let opened = check_damaged(damaged, &kept, &format!("bit {bit}"));
        refused += usize::from(!opened);
    }
    assert!(refused > 100, "{refused}");
}

#[test]
fn a_damaged_page_is_told_as_damage() {
    let (mut bytes, _) = sample(true);
    bytes[4096..].fill(0x5a);
    let error = Kit::open(&ChaosDisk::holding(0, bytes)).err().unwrap();
    assert!(
        matches!(error, OpenError::Damaged { damage: Damage::Database { .. }, .. }),
        "{error:?}"
    );
}

#[test]
fn a_database_file_of_another_version_is_refused_with_its_number() {
    let (bytes, kept) = sample(true);
    let mut other = bytes;
    // The version of each of the two slots: redb's docs/design.md, "Transaction slot".
    for slot in [64, 192] {
        other[slot] = 1;
    }
    assert!(!check_damaged(other, &kept, "version 1"));
}

#[test]
fn a_file_that_another_program_has_open_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()).unwrap());
    let file = fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open(folder.path().join(RedbJournal::FILE_NAME))
        .unwrap();
    let other = Builder::new().create_with_backend(FileBackend::new(file).unwrap()).unwrap();
    let error = open(folder.path()).unwrap_err();
    assert!(matches!(error, OpenError::InUse { .. }), "{error}");
    drop(other);
    open(folder.path()).unwrap();
}
