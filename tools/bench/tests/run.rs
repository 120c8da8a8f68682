//! The bench itself, on sets so small that it takes no time. What it measures is not looked at.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use serde_json::Value;
use std::process::Command;

/// The report of the bench with these arguments, as JSON.
fn report(arguments: &[&str]) -> Value {
    let directory = tempfile::tempdir().unwrap();
    let json = directory.path().join("report.json");
    let output = Command::new(env!("CARGO_BIN_EXE_dpd-bench"))
        .args(arguments)
        .arg("--json")
        .arg(&json)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    serde_json::from_slice(&std::fs::read(json).unwrap()).unwrap()
}

#[test]
fn a_pass_makes_the_requests_that_its_client_cannot_do_without() {
    let report = report(&["--only", "per-entry,ensure", "--sizes", "10,200", "--repeat", "1"]);
    let requests = |client: &str, pass: &str, entries: u64| {
        let passes = report["passes"].as_array().unwrap();
        let found = passes
            .iter()
            .find(|at| at["client"] == client && at["pass"] == pass && at["entries"] == entries);
        found.unwrap_or_else(|| panic!("no {pass} of {entries} by {client}"))["requests"].as_u64()
    };
    // One empty page of each family, and one request for each entry.
    assert_eq!(requests("per_entry", "load", 200), Some(2 + 200));
    // Two pages of IPv4 addresses, an empty one of IPv6, and one for each address.
    assert_eq!(requests("per_entry", "unchanged", 200), Some(3 + 200));
    // The same, and for each change one to delete and one to put.
    assert_eq!(requests("per_entry", "one_percent", 200), Some(3 + 200 + 4));
    assert_eq!(requests("per_entry", "one_percent", 10), Some(2 + 10 + 2));
    for pass in ["load", "unchanged", "unchanged_ensure", "one_percent"] {
        assert_eq!(requests("group", pass, 200), Some(1), "{pass}");
    }
}

#[test]
fn readers_are_all_answered() {
    let report = report(&["--only", "readers", "--readers-seconds", "1"]);
    assert_eq!(report["readers"]["requests"], 500);
    assert!(report["readers"]["ensures"].as_u64() > Some(0));
}
