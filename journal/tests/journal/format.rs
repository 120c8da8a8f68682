//! The format is what it was.

use crate::history::{ensure, mapping};
use crate::kept::{after, stamp};
use journal::{DocumentChange, Journal as _, RedbJournal, Step};
use nat_groups::{Generation, GroupName, Limits, one_row};
use redb::{Database, Key, ReadableDatabase as _, ReadableTable as _, TableDefinition, Value};
use std::fmt::Write as _;

fn dump<K: Key + 'static, V: Value + 'static>(
    text: &mut String,
    database: &Database,
    name: &'static str,
    show: impl Fn(K::SelfType<'_>, V::SelfType<'_>) -> (String, String),
) {
    writeln!(text, "{name}").unwrap();
    let transaction = database.begin_read().unwrap();
    let table = transaction.open_table(TableDefinition::<K, V>::new(name)).unwrap();
    for record in table.iter().unwrap() {
        let (key, value) = record.unwrap();
        let (key, value) = show(key.value(), value.value());
        writeln!(text, "  {key} = {value}").unwrap();
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// Should this fail, then a dpd of before reads what this one writes differently, or not at all: the
/// number of the format has to become another one, and the old format has to be read too.
#[test]
fn every_record_of_a_small_journal_is_written_as_before() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, mut contents) =
        RedbJournal::open(folder.path(), Limits::default(), one_row, stamp(0)).unwrap();
    let mut take = |step: Step| {
        journal.commit(&step).unwrap();
        contents = after(&contents, &step);
        contents.clone()
    };
    let mut now = RedbJournal::in_memory(Limits::default(), one_row, stamp(0)).unwrap().1;
    now = take(ensure(&now, "services", 5, vec![mapping(1, 1), mapping(2, 1)]));
    now = take(ensure(&now, "services", 6, vec![mapping(1, 2), mapping(0xffff, 3)]));
    now = take(ensure(&now, "gone", 8, vec![mapping(77, 1)]));
    let gone = GroupName::new("gone").unwrap();
    let decision = now.store.delete(&gone, Generation::new(9).unwrap()).unwrap();
    let document = DocumentChange { name: "forwarding", before: None, after: Some(vec![1, 2]) };
    take(Step {
        before: now.store,
        after: decision.next,
        touched: decision.touched,
        documents: vec![document],
    });
    drop(journal);

    let database = Database::open(folder.path().join(RedbJournal::FILE_NAME)).unwrap();
    let mut text = String::new();
    let t = &mut text;
    dump::<&str, u64>(t, &database, "numbers", |k, v| (k.to_owned(), v.to_string()));
    dump::<u32, &str>(t, &database, "groups", |k, v| (k.to_string(), v.to_owned()));
    dump::<(u32, u64), &[u8]>(t, &database, "versions", |k, v| (format!("{k:?}"), hex(v)));
    dump::<(u32, u64), &[u8]>(t, &database, "changes", |k, v| (format!("{k:?}"), hex(v)));
    dump::<&[u8; 25], &[u8; 25]>(t, &database, "mappings", |k, v| (hex(k), hex(v)));
    dump::<&str, u64>(t, &database, "tombstones", |k, v| (k.to_owned(), v.to_string()));
    dump::<&str, &[u8]>(t, &database, "documents", |k, v| (k.to_owned(), hex(v)));
    expectorate::assert_contents("tests/journal/format.txt", &text);
}
