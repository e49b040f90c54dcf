//! Committed inputs and outputs as prover and verifier use them, and what the command line says when they err.
#![allow(missing_docs, clippy::unwrap_used, dead_code)] // a test reports by panicking

mod support;

use std::path::Path;
use support::{fails, fails_with, model, succeeds};
use tempfile::TempDir;

const VERIFY: &str = "verify --allow-insecure-srs";

fn filled(folder: &Path) {
    for file in ["network.onnx", "input.json", "calibration.json"] {
        std::fs::copy(model(file), folder.join(file)).unwrap();
    }
}

/// A folder with everything up to the proof.
fn proven() -> TempDir {
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    filled(at);
    for arguments in [
        "gen-settings --input-visibility committed --output-visibility committed --logrows 11",
        "calibrate-settings -D calibration.json",
        "compile-circuit",
        "gen-srs --logrows 11",
        "setup",
        "gen-witness",
        "mock",
        "commit --of inputs",
        "commit --of outputs",
        "prove --inputs-opening inputs.secret --outputs-opening outputs.secret",
    ] {
        succeeds(at, arguments);
    }
    folder
}

#[test]
fn a_verifier_needs_both_commitments_and_no_secret() {
    let folder = proven();
    let at = folder.path();
    let verifier = TempDir::new().unwrap();
    let at_verifier = verifier.path();
    succeeds(
        at,
        &format!(
            "export-verifier --inputs-commitment inputs.pf --outputs-commitment outputs.pf --out {}",
            at_verifier.display()
        ),
    );
    // Nothing is handed on that is not the key's.
    let error = fails(
        at,
        "export-verifier --inputs-commitment outputs.pf --outputs-commitment inputs.pf --out other",
    );
    assert!(error.contains("tensors of lengths") && !at.join("other").exists(), "{error}");
    std::fs::copy(at.join("proof.json"), at_verifier.join("proof.json")).unwrap();
    let both = "--inputs-commitment inputs.pf --outputs-commitment outputs.pf";
    let said = succeeds(at_verifier, &format!("{VERIFY} {both}"));
    assert!(said.ends_with("\nverified\n"), "{said}");
    for of in ["inputs", "outputs"] {
        let digest = succeeds(at_verifier, &format!("digest -q {of}.pf"));
        assert!(said.contains(&format!("{of:<7} {} (committed)", digest.trim())), "{said}");
        assert_eq!(succeeds(at, &format!("digest -q {of}.secret")), digest);
    }
    assert!(said.contains("] committed\n"), "{said}");
    // No value of either is in what the verifier has.
    let proof = std::fs::read_to_string(at.join("proof.json")).unwrap();
    let proof: serde_json::Value = serde_json::from_str(&proof).unwrap();
    assert_eq!(proof["instances"], serde_json::json!([[]]));
    assert_eq!(proof["pretty_public_inputs"]["outputs"], serde_json::json!([[]]));
    // Nobody knows which.
    let (code, error) = fails_with(at_verifier, VERIFY);
    assert!(code == 3 && error.contains("--inputs-commitment"), "{error}");
    let one = format!("{VERIFY} --inputs-commitment inputs.pf");
    let (code, error) = fails_with(at_verifier, &one);
    assert!(code == 3 && error.contains("--outputs-commitment"), "{error}");
    let error = fails(at, "prove --proof-path other.json --outputs-opening outputs.secret");
    assert!(error.contains("commit --of inputs") && error.contains("--inputs-opening"), "{error}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let found = std::fs::metadata(at.join("inputs.secret")).unwrap();
        assert_eq!(found.permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn other_commitments_are_told_apart() {
    let folder = proven();
    let at = folder.path();
    let outputs = "--outputs-commitment outputs.pf";
    succeeds(at, "commit --of inputs --commitment-path second.pf --opening-path second.secret");
    let (code, error) =
        fails_with(at, &format!("{VERIFY} {outputs} --inputs-commitment second.pf"));
    assert!(code == 1 && error.contains("for inputs of commitment"), "{error}");
    // An opening is not replaced unasked.
    let (code, error) = fails_with(at, "commit --of inputs");
    assert!(code == 2 && error.contains("--force"), "{error}");
    for (wrong, what) in [
        ("prove --inputs-opening inputs.pf", "a commitment to inputs or outputs"),
        ("verify --inputs-commitment inputs.secret", "an opening of inputs or outputs"),
        ("verify --commitment inputs.pf", "a commitment to inputs or outputs"),
        ("commit", "commit: "),
        (
            "prove --inputs-opening inputs.secret --outputs-opening outputs.secret --prover stock",
            "--prover stock",
        ),
        // Inputs of other lengths than outputs.
        (
            "prove --inputs-opening outputs.secret --outputs-opening inputs.secret",
            "tensors of lengths",
        ),
    ] {
        let error = fails(at, wrong);
        assert!(error.contains(what), "{wrong}: {error}");
    }
    // Another witness.
    let other = std::fs::read_to_string(at.join("calibration.json")).unwrap();
    std::fs::write(at.join("other.json"), other).unwrap();
    succeeds(at, "gen-witness -D other.json -O other.witness");
    let error = fails(
        at,
        "prove --witness other.witness --inputs-opening inputs.secret --outputs-opening outputs.secret",
    );
    assert!(error.contains("the opening is of other"), "{error}");
}

/// Whatever is committed, one command makes everything.
#[test]
fn a_run_commits_to_all_that_is_committed() {
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    filled(at);
    let said = succeeds(
        at,
        "run --calibration calibration.json --param-visibility committed --input-visibility committed --verifier verifier",
    );
    assert!(said.contains("opening.secret, commitment.pf, inputs.secret, inputs.pf"), "{said}");
    let verifier = at.join("verifier");
    std::fs::copy(at.join("out/proof.json"), verifier.join("proof.json")).unwrap();
    let both = "--commitment commitment.pf --inputs-commitment inputs.pf";
    let said = succeeds(&verifier, &format!("{VERIFY} {both}"));
    assert!(said.contains("weights ") && said.contains("inputs  "), "{said}");
    // The weights' commitment in the inputs' place.
    let error = fails(&verifier, "verify --commitment inputs.pf --inputs-commitment commitment.pf");
    assert!(error.contains("a commitment to"), "{error}");
}
