//! Every program of the repository parses.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use p4::{NAT_P4, ParsedProgram, Problem, Program};

/// The programs below a directory, without those that are there to be refused or included.
fn programs(directory: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if !name.starts_with('.') && !matches!(name.as_str(), "target" | "errors" | "parts") {
                programs(&path, found);
            }
        } else if name.ends_with(".p4") && !name.starts_with("wrong_") {
            found.push(path);
        }
    }
}

#[test]
fn every_program_of_the_repository_parses() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut found = Vec::new();
    programs(root, &mut found);
    assert!(found.iter().any(|path| path.ends_with("p4/include/v1model.p4")));
    for path in found {
        let parsed = ParsedProgram::load(&path, &[]);
        let parsed = parsed.unwrap_or_else(|invalid| panic!("{}:\n{invalid}", path.display()));
        assert!(!parsed.unit.declarations.is_empty(), "{} declares nothing", path.display());
    }
}

#[test]
fn a_text_may_include_the_architecture() {
    let parsed = ParsedProgram::from_source("x.p4", "#include <v1model.p4>\n").unwrap();
    assert!(parsed.unit.declarations.len() > 20);
    let invalid = ParsedProgram::from_source("x.p4", "header h {").unwrap_err();
    assert!(matches!(invalid.diagnostics[0].problem, Problem::Syntax(_)));
}

#[test]
fn the_program_of_the_switch_is_loaded_from_its_text_and_from_its_file() {
    let from_source = Program::from_source("nat.p4", NAT_P4).unwrap_or_else(|e| panic!("{e}"));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("programs/nat.p4");
    let loaded = Program::load(&path, &[]).unwrap();
    let names = |program: &Program| -> Vec<String> {
        program.ir().tables.iter().map(|table| table.name.to_string()).collect()
    };
    assert_eq!(names(&from_source), names(&loaded));
    assert!(loaded.table("Ingress.nat_ingress.ingress_ipv4").is_some());
}
