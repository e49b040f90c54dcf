//! Files of a stranger: mutated artefacts of every kind, others every day, with their digests put right or not. Nothing
//! panics, hangs or takes memory by what a file says of itself, and what is still accepted says what it said.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, missing_docs)]

use provenn::artefact;
use provenn_stranger::{Editor, FILES, Honest, Target, protobuf};
use std::fs;
use std::time::{Duration, Instant, SystemTime};

/// Mutants of each file in a run.
const MUTANTS: u64 = 120;
/// Seconds for each file instead, in long runs.
const SECONDS: &str = "MUTATION_SECONDS";
/// Memory of the whole process at its peak.
const MOST_KIB: u64 = 3 << 20;

/// Reads a mutant: of the whole file, or of what is under its header, whose digest is then put right.
fn read(target: &Target, editor: &mut Editor, honest: &Honest, original: &[u8]) {
    let header = usize::try_from(artefact::HEADER_BYTES).unwrap();
    let fields = protobuf::parse(original).filter(|_| target.name == "onnx");
    match (original.starts_with(&artefact::MAGIC), fields) {
        (true, _) if editor.below(4) > 0 => {
            target.read_payload(honest, &editor.edited(&original[header..]));
        }
        (_, Some(mut fields)) if editor.below(4) > 0 => {
            protobuf::edit(&mut fields, editor);
            target.read_file(honest, &protobuf::encode(&fields));
        }
        _ => target.read_file(honest, &editor.edited(original)),
    }
}

/// KiB of memory at the peak so far, where the system tells.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

#[test]
fn files_of_a_stranger() {
    let honest = Honest::new();
    let long: Option<u64> = std::env::var(SECONDS).ok().map(|seconds| seconds.parse().unwrap());
    let today = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let seed =
        if long.is_some() { today.as_secs() << 20 } else { (today.as_secs() / 86_400) << 20 };
    for (name, target) in FILES {
        let (target, original) = (Target::named(target), fs::read(honest.path(name)).unwrap());
        let (start, mut mutants) = (Instant::now(), 0);
        let goes_on = |mutants| match long {
            Some(seconds) => start.elapsed() < Duration::from_secs(seconds),
            None => mutants < MUTANTS,
        };
        while goes_on(mutants) {
            // Beside a panic.
            if mutants % 64 == 0 {
                println!("{name}: from seed {}", seed + mutants);
            }
            read(&target, &mut Editor::of(seed + mutants), &honest, &original);
            mutants += 1;
        }
        println!("{name}: {mutants} mutants, peak {} MiB", peak() >> 10);
        assert!(peak() < MOST_KIB, "{name}: {} KiB", peak());
    }
}
