//! A case measured in a process of its own, so that its peak memory is its own.

use serde::Serialize;
use serde::de::DeserializeOwned;
use std::process::Command;

/// Tells a child process its case.
const CASE: &str = "PROVENN_BENCH_CASE";

/// Measures a case in a process of its own and reads what it says.
///
/// # Panics
/// If the child fails.
pub fn in_child<C: Serialize, M: DeserializeOwned>(case: &C, variables: &[(&str, &str)]) -> M {
    let case = serde_json::to_string(case).unwrap();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.env(CASE, &case).envs(variables.iter().copied());
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    eprint!("{text}"); // progress
    assert!(output.status.success(), "{case}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_str(text.lines().last().unwrap()).unwrap()
}

/// In a child process: measures its case, says what was measured, and returns true.
pub fn is_child<C: DeserializeOwned>(measure: impl Fn(&C) -> serde_json::Value) -> bool {
    let Ok(case) = std::env::var(CASE) else { return false };
    println!("{}", measure(&serde_json::from_str(&case).unwrap()));
    true
}
