//! Programs that are wrong, or that say what is not supported, are refused with words that help.
//!
//! What is printed for `errors/NAME.p4` is in `errors/NAME.txt`; `EXPECTORATE=overwrite` writes it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};

use p4::Program;
use rstest::rstest;

#[rstest]
fn a_wrong_program_is_refused_with_words_that_help(#[files("tests/errors/*.p4")] path: PathBuf) {
    // Messages are to say the same wherever the crate is.
    let path = Path::new("tests/errors").join(path.file_name().unwrap());
    let invalid = match Program::load(&path, &[]) {
        Ok(_) => panic!("{} was accepted", path.display()),
        Err(invalid) => invalid,
    };
    let words = invalid.to_string();
    expectorate::assert_contents(path.with_extension("txt"), &format!("{words}\n"));

    let text = std::fs::read_to_string(&path).unwrap();
    let what = text.lines().next().unwrap().strip_prefix("// ").unwrap();
    // The exit status of `p4-stf` says which of the two it is.
    assert_eq!(invalid.is_unsupported(), what.starts_with("Not supported: "), "{what}");
    if let Some(thing) = what.strip_prefix("Not supported: ") {
        let first = words.lines().next().unwrap();
        assert!(first.contains("not supported"), "{what} {first}");
        // A word of the thing's name, without the ending of its plural.
        let is_named = thing
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .filter(|word| word.len() > 2)
            .any(|word| first.contains(word.trim_end_matches('s')));
        assert!(is_named, "{what} {first}");
    }
}
