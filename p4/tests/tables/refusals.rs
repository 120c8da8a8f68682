//! Every write that is refused, with the words for it.

use p4::ir::MatchKind::{Exact, Lpm, Optional, Range, Ternary};
use p4::ir::{self, TableId, ValueSet};
use p4::table::{Match, Tables, Write};
use rstest::rstest;
use smallvec::smallvec;

use crate::program::{Key, program, table};
use crate::{TABLE, entry_key, insert};

fn range(low: u128, high: u128) -> Match {
    Match::Range { low, high }
}

#[rstest]
#[case::kind(&[(Exact, 8, false)], &[range(1, 2)], 0, "key k0 of table t is matched exact, not range")]
#[case::wide(&[(Exact, 8, false)], &[Match::Exact(256)], 0, "0x100 does not fit the 8 bits of key k0 of table t")]
#[case::wide_mask(&[(Ternary, 4, false)], &[Match::Ternary { value: 0, mask: 0x1f }], 1, "0x1f does not fit the 4 bits of key k0 of table t")]
#[case::wide_range(&[(Range, 4, false)], &[range(0, 16)], 1, "0x10 does not fit the 4 bits of key k0 of table t")]
#[case::wide_optional(&[(Optional, 1, false)], &[Match::Optional(Some(2))], 1, "0x2 does not fit the 1 bits of key k0 of table t")]
#[case::host_bits(&[(Lpm, 8, false)], &[Match::Lpm { value: 0x12, prefix_length: 4 }], 0, "0x12 for key k0 of table t has bits outside its mask 0xf0")]
#[case::prefix(&[(Lpm, 8, false)], &[Match::Lpm { value: 0, prefix_length: 9 }], 0, "key k0 of table t has 8 bits, less than a prefix of 9")]
#[case::under_mask(&[(Ternary, 8, false)], &[Match::Ternary { value: 3, mask: 1 }], 1, "0x3 for key k0 of table t has bits outside its mask 0x1")]
#[case::empty(&[(Range, 8, false)], &[range(3, 2)], 1, "0x3 is above 0x2 for key k0 of table t")]
#[case::empty_signed(&[(Range, 8, true)], &[range(1, 0xff)], 1, "0x1 is above 0xff for key k0 of table t")]
#[case::no_priority(&[(Range, 8, false)], &[range(1, 2)], 0, "an entry of table t needs a priority of at least 1")]
#[case::priority(&[(Lpm, 8, false)], &[Match::Lpm { value: 0, prefix_length: 0 }], 3, "an entry of table t cannot have a priority, here 3")]
#[case::count(&[(Exact, 8, false)], &[], 0, "table t has 1 key elements, not 0")]
#[case::no_key(&[], &[], 0, "table t has no key and so no entries")]
fn a_key_that_does_not_fit(
    #[case] keys: &[Key],
    #[case] matches: &[Match],
    #[case] priority: u32,
    #[case] words: &str,
) {
    let mut tables = Tables::new(&program(vec![table(keys, 8)]), |table| table.size);
    let key = entry_key(matches, priority);
    let refused = |tables: &mut Tables, write| tables.perform(&write).unwrap_err().to_string();
    assert_eq!(refused(&mut tables, insert(&key, 1)), words);
    assert_eq!(refused(&mut tables, Write::Delete(key.clone())), words);
    assert!(tables.find(&key).is_none());
    assert!(tables.is_empty(TABLE));
    tables.validate().unwrap();
}

#[rstest]
#[case::unknown(9, &[], "table t has 4 actions, none of number 9")]
#[case::count(1, &[1], "action pair has 2 arguments, not 1")]
#[case::wide(1, &[1, 0x100], "0x100 does not fit the 8 bits of second of action pair")]
#[case::default_only(2, &[], "action none of table t can only be the default action")]
fn an_action_that_does_not_fit(
    #[case] action: usize,
    #[case] arguments: &[u128],
    #[case] words: &str,
) {
    let mut tables = with_one_entry(&table(&[(Exact, 8, false)], 8));
    let arguments = arguments.iter().copied().collect();
    let key = entry_key(&[Match::Exact(1)], 0);
    let write = Write::Modify { key, action, arguments };
    assert_eq!(tables.perform(&write).unwrap_err().to_string(), words);
    tables.validate().unwrap();
}

#[test]
fn a_default_that_cannot_be() {
    let mut with = table(&[(Exact, 8, false)], 8);
    let set = |action| Write::SetDefault { table: TABLE, action, arguments: smallvec![] };
    let refused = |with: &ir::Table, write: &Write| {
        with_one_entry(with).perform(write).unwrap_err().to_string()
    };
    assert_eq!(
        refused(&with, &set(3)),
        "action entry_only of table t cannot be the default action"
    );
    assert_eq!(refused(&with, &set(0)), "action set has 1 arguments, not 0");
    with.has_const_default = true;
    assert_eq!(refused(&with, &set(2)), "the default action of table t is constant");
    let reset = Write::ResetDefault { table: TABLE };
    assert_eq!(refused(&with, &reset), "the default action of table t is constant");
    let elsewhere = Write::ResetDefault { table: TableId(7) };
    assert_eq!(refused(&with, &elsewhere), "there is no table number 7");
}

#[test]
fn constant_entries_stay() {
    let mut with = table(&[(Exact, 8, false)], 8);
    with.entries = vec![ir::Entry {
        keys: vec![ValueSet::Value(2)],
        priority: 1,
        action: 0,
        arguments: vec![5],
        is_const: true,
    }];
    let key = entry_key(&[Match::Exact(2)], 0);
    let delete = Write::Delete(key.clone());
    let refused =
        |tables: &mut Tables, write: &Write| tables.perform(write).unwrap_err().to_string();
    let mut tables = with_one_entry(&with);
    assert_eq!(refused(&mut tables, &delete), "entry 0x2 of table t is constant");
    assert_eq!(refused(&mut tables, &insert(&key, 1)), "table t has entry 0x2");
    with.has_const_entries = true;
    let mut tables = Tables::new(&program(vec![with]), |table| table.size);
    assert_eq!(refused(&mut tables, &delete), "the entries of table t are constant");
    assert_eq!(refused(&mut tables, &insert(&key, 1)), "the entries of table t are constant");
}

#[test]
fn a_full_table_takes_no_more_but_says_first_what_exists() {
    let mut tables = Tables::new(&program(vec![table(&[(Exact, 8, false)], 8)]), |_| 1);
    let (one, two) = (entry_key(&[Match::Exact(1)], 0), entry_key(&[Match::Exact(2)], 0));
    tables.perform(&insert(&one, 1)).unwrap();
    let refused = |tables: &mut Tables, write| tables.perform(&write).unwrap_err().to_string();
    assert_eq!(refused(&mut tables, insert(&two, 1)), "table t is full with 1 entries");
    assert_eq!(refused(&mut tables, insert(&one, 1)), "table t has entry 0x1");
    assert_eq!(refused(&mut tables, Write::Delete(two.clone())), "table t has no entry 0x2");
    tables.perform(&Write::Delete(one)).unwrap();
    tables.perform(&insert(&two, 1)).unwrap();
}

fn with_one_entry(table: &ir::Table) -> Tables {
    let mut tables = Tables::new(&program(vec![table.clone()]), |table| table.size);
    if !table.has_const_entries {
        tables.perform(&insert(&entry_key(&[Match::Exact(1)], 0), 1)).unwrap();
    }
    tables
}
