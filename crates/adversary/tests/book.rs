//! The book's list of exploits names tests that there are.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)] // a test reports by panicking

use provenn_adversary::killers::KILLERS;
use std::collections::BTreeSet;
use std::path::Path;

const PAGE: &str = include_str!("../../../docs/src/exploits.md");
const SOUNDNESS: &str = include_str!("../../../docs/src/soundness.md");
const KILLERS_FILE: &str = "adversary/src/killers.rs";

/// The cells of each row of each table: what is tried, what refuses, tests.
fn rows() -> Vec<[&'static str; 3]> {
    let cells = |line: &'static str| {
        let cells = line.strip_prefix("| ")?.strip_suffix(" |")?;
        let (what, rest) = cells.split_once(" | ")?;
        let (refused_by, tests) = rest.split_once(" | ")?;
        Some([what, refused_by, tests])
    };
    let rows = PAGE.lines().filter_map(cells);
    // The tables' heads.
    rows.filter(|[.., tests]| *tests != "test").collect()
}

/// File and name of each test of a row.
fn named(tests: &'static str) -> Vec<(&'static str, &'static str)> {
    let one = |test: &'static str| {
        let inner = test.strip_prefix('`').and_then(|test| test.strip_suffix('`'));
        let parts = inner.and_then(|test| test.split_once("::"));
        parts.unwrap_or_else(|| panic!("{test} names no test"))
    };
    tests.split(", ").map(one).collect()
}

/// The names of a file's tests that run by themselves.
fn tests_of(text: &str) -> BTreeSet<&str> {
    let tests = text.split("#[test]").skip(1).filter_map(|test| test.split_once("fn "));
    let run = tests.filter(|(attributes, _)| !attributes.contains("ignore"));
    run.filter_map(|(_, rest)| rest.split_once('(')).map(|(name, _)| name).collect()
}

#[test]
fn every_class_names_tests_that_there_are() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    for [what, _, tests] in rows() {
        for (file, name) in named(tests) {
            let text = std::fs::read_to_string(crates.join(file));
            let text = text.unwrap_or_else(|error| panic!("{what}: {file}: {error}"));
            let there = match file {
                KILLERS_FILE => KILLERS.iter().any(|(constraint, ..)| *constraint == name),
                _ => tests_of(&text).contains(name),
            };
            assert!(there, "{what}: {file} has no test {name}");
        }
    }
}

#[test]
fn every_constraint_has_its_class() {
    let all = rows();
    let named: BTreeSet<_> = all.iter().flat_map(|[.., tests]| named(tests)).collect();
    for (constraint, ..) in KILLERS {
        assert!(named.contains(&(KILLERS_FILE, constraint)), "{constraint}");
    }
}

/// Classes differ, and there are as many as the page on soundness says.
#[test]
fn classes_are_counted() {
    let classes: BTreeSet<_> = rows().into_iter().map(|[what, ..]| what).collect();
    assert_eq!(classes.len(), rows().len(), "a class stands there twice");
    let said = format!("{} classes", classes.len());
    assert!(SOUNDNESS.contains(&said), "docs/src/soundness.md does not say {said}");
}
