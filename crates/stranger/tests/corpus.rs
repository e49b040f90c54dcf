//! What coverage-guided fuzzing has found worth keeping, read again: every file of `fuzz/corpus` through its target.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use provenn_stranger::{Honest, TARGETS, root};
use std::fs;
use std::path::PathBuf;

#[test]
fn every_file_of_every_corpus() {
    let honest = Honest::new();
    for target in TARGETS {
        let folder = root().join("fuzz/corpus").join(target.name);
        let files = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<PathBuf> = files.collect();
        files.sort();
        assert!(!files.is_empty(), "{} has no corpus", target.name);
        for file in files {
            // Beside a panic.
            println!("{}", file.display());
            target.read(&honest, &fs::read(&file).unwrap());
        }
    }
}
