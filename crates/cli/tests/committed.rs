//! Committed weights as prover and verifier use them, and what the command line says when they err.
#![allow(missing_docs, clippy::unwrap_used, dead_code)] // a test reports by panicking

mod support;

use std::path::Path;
use support::{fails, fails_with, model, succeeds};
use tempfile::TempDir;

const VERIFY: &str = "verify --allow-insecure-srs";

/// A folder with everything up to the proof.
fn proven() -> TempDir {
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    for file in ["network.onnx", "input.json", "calibration.json"] {
        std::fs::copy(model(file), at.join(file)).unwrap();
    }
    for arguments in [
        "gen-settings --param-visibility committed --logrows 11",
        "calibrate-settings -D calibration.json",
        "compile-circuit",
        "gen-srs --logrows 11",
        "setup",
        "commit",
        "gen-witness",
        "mock",
        "prove --opening-path opening.secret",
    ] {
        succeeds(at, arguments);
    }
    folder
}

#[test]
fn a_verifier_needs_the_commitment_and_no_secret() {
    let folder = proven();
    let at = folder.path();
    let verifier = TempDir::new().unwrap();
    for file in ["proof.json", "vk.key", "kzg.srs", "commitment.pf"] {
        std::fs::copy(at.join(file), verifier.path().join(file)).unwrap();
    }
    let at_verifier = verifier.path();
    let said = succeeds(at_verifier, &format!("{VERIFY} --commitment commitment.pf"));
    assert!(said.ends_with("\nverified\n"), "{said}");
    let digest = succeeds(at_verifier, "digest -q commitment.pf");
    assert!(said.contains(&format!("weights {} (committed)", digest.trim())), "{said}");
    assert!(said.contains(" (architecture alone)\n"), "{said}");
    assert!(succeeds(at, "digest settings.json").contains("of architecture"));
    assert_eq!(succeeds(at, "digest -q opening.secret"), digest);
    // What was checked once is not checked again, and nothing else is taken for it.
    let of =
        |digest: &str| format!("{VERIFY} --commitment commitment.pf --checked-commitment {digest}");
    assert_eq!(succeeds(at_verifier, &of(digest.trim())), said);
    let (code, error) = fails_with(at_verifier, &of(&"ab".repeat(32)));
    assert!(code == 1 && error.contains("expected commitment abab"), "{error}");
    // Nobody knows which weights.
    let (code, error) = fails_with(at_verifier, VERIFY);
    assert!(code == 3 && error.contains("--commitment"), "{error}");
    let error = fails(at, "prove --proof-path other.json");
    assert!(error.contains("--opening-path"), "{error}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let found = std::fs::metadata(at.join("opening.secret")).unwrap();
        assert_eq!(found.permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn another_commitment_and_its_opening_are_told_apart() {
    let folder = proven();
    let at = folder.path();
    succeeds(at, "commit --commitment-path second.pf --opening-path second.secret");
    // To the same weights, and nothing tells: a proof is for one of them.
    let (code, error) = fails_with(at, &format!("{VERIFY} --commitment second.pf"));
    assert!(code == 1 && error.contains("the proof is for weights of commitment"), "{error}");
    succeeds(at, "prove --opening-path second.secret --proof-path second.json");
    succeeds(at, &format!("{VERIFY} --proof-path second.json --commitment second.pf"));
    // Each file in another one's place.
    for (wrong, what) in [
        ("prove --opening-path commitment.pf", "a commitment"),
        ("verify --commitment opening.secret", "an opening"),
        ("commit --opening-path vk.key", "a verifying key"),
        ("prove --opening-path absent", "absent"),
        ("prove --opening-path opening.secret --prover stock", "--prover stock"),
    ] {
        let error = fails(at, wrong);
        assert!(error.contains(what), "{wrong}: {error}");
    }
}

#[test]
fn fixed_weights_have_no_commitment() {
    let folder = proven();
    let at = folder.path();
    for arguments in [
        "gen-settings --logrows 11",
        "calibrate-settings -D calibration.json",
        "compile-circuit",
        "setup",
        "gen-witness",
        "prove",
        VERIFY,
    ] {
        succeeds(at, arguments);
    }
    // What proofs of a commitment need is not replaced unasked.
    let error = fails(at, "commit");
    assert!(error.contains("--force"), "{error}");
    for wrong in [
        "commit --force",
        "prove --opening-path opening.secret",
        "verify --allow-insecure-srs --commitment commitment.pf",
    ] {
        let error = fails(at, wrong);
        assert!(error.contains("weights are fixed"), "{wrong}: {error}");
    }
}

#[test]
fn one_command_commits_too() {
    let folder = TempDir::new().unwrap();
    let [network, input] = ["network.onnx", "input.json"].map(model);
    let (network, input) = (network.display(), input.display());
    let run = format!("run -M {network} -D {input} --param-visibility committed --out out");
    let said = succeeds(folder.path(), &run);
    assert!(said.contains("opening.secret, commitment.pf"), "{said}");
    let at = folder.path().join("out");
    let verified = succeeds(Path::new(&at), &format!("{VERIFY} --commitment commitment.pf"));
    assert!(verified.ends_with("\nverified\n"), "{verified}");
}
