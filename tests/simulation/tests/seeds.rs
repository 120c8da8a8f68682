//! Thousands of worlds: every rule is kept, everything happens that can, mistakes are found, and a
//! seed is always the same run.

use dpd_simulation::{Campaign, Coverage, Findings, Options, Planted, run};
use std::collections::BTreeSet;

const SEEDS_EACH: u64 = 500;

/// Runs with these seeds, in which no rule is broken.
fn clean(part: u64) -> Findings {
    let first = Options::new(part * SEEDS_EACH);
    let campaign = Campaign { first, seeds: SEEDS_EACH, jobs: 1, most_broken: 1 };
    let findings = campaign.run(|_| {});
    let told = findings.broken.first().map(ToString::to_string).unwrap_or_default();
    assert!(findings.broken.is_empty(), "{told}");
    assert_eq!(findings.runs, SEEDS_EACH);
    assert_eq!(findings.steps, SEEDS_EACH * Options::STEPS as u64);
    findings
}

/// What cannot be missing among so many runs, or the simulation has gone blind.
fn has_seen_all(coverage: &Coverage) {
    let expected: BTreeSet<&str> = Coverage::EXPECTED.into_iter().collect();
    let seen: BTreeSet<&str> = coverage.iter().map(|(kind, _)| kind).collect();
    let missing: Vec<_> = expected.difference(&seen).collect();
    let unlisted: Vec<_> =
        seen.difference(&expected).filter(|kind| !Coverage::RARE.contains(kind)).collect();
    assert!(missing.is_empty(), "never happened: {missing:?}");
    assert!(unlisted.is_empty(), "not in the list of what is expected: {unlisted:?}");
}

#[test]
fn every_rule_is_kept_and_everything_happens_in_the_first_worlds() {
    has_seen_all(&clean(0).coverage);
}

#[test]
fn every_rule_is_kept_and_everything_happens_in_the_second_worlds() {
    has_seen_all(&clean(1).coverage);
}

#[test]
fn every_rule_is_kept_and_everything_happens_in_the_third_worlds() {
    has_seen_all(&clean(2).coverage);
}

#[test]
fn every_rule_is_kept_and_everything_happens_in_the_fourth_worlds() {
    has_seen_all(&clean(3).coverage);
}

#[test]
fn a_seed_is_always_the_same_run() {
    for seed in 0..20 {
        let options = Options::new(seed);
        let [one, other] = [(); 2].map(|()| run(&options));
        assert_eq!(one.trace, other.trace);
        assert_eq!(one.trace_hash, other.trace_hash);
    }
    let hashes: BTreeSet<u64> = (0..20).map(|seed| run(&Options::new(seed)).trace_hash).collect();
    assert_eq!(hashes.len(), 20);
}

#[test]
fn a_run_that_breaks_a_rule_does_so_again_in_as_many_steps_as_it_took() {
    let planted = Some(Planted::SwitchSkipsWrites);
    let broken = (0..50).map(|seed| run(&Options { planted, ..Options::new(seed) }));
    let report = broken.into_iter().find(|report| report.broken.is_some()).unwrap();
    let again = run(&Options { steps: report.steps, ..report.options });
    assert_eq!(again.broken, report.broken);
    assert_eq!(again.trace, report.trace);
    let told = report.to_string();
    let seed = report.options.seed;
    assert!(told.contains(&format!("--seed {seed} --steps {}", report.steps)), "{told}");
    assert!(told.contains(report.broken.unwrap().rule), "{told}");
}

#[test]
fn every_mistake_is_found_within_forty_seeds() {
    for planted in Planted::ALL {
        let first = Options { planted: Some(planted), ..Options::new(0) };
        let findings = Campaign { first, seeds: 40, jobs: 1, most_broken: 1 }.run(|_| {});
        assert!(!findings.broken.is_empty(), "nobody finds {planted}");
    }
}
