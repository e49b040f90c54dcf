//! The other side of `provenn`'s example `prover_service`: reads proofs, one per line, and prints the outputs
//! it accepts. It needs no model, no weights and no prover:
//!
//! `cargo run --release -p provenn-verifier --example verifier_service -- public < proofs.jsonl`
#![allow(clippy::print_stdout)] // the service's output

use provenn_verifier::{ProofFile, VerifierSrs, VerifyOptions, VerifyingKey};
use std::error::Error;
use std::io::BufRead;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let Some(public) = std::env::args().nth(1).map(PathBuf::from) else {
        return Err("usage: verifier_service PUBLIC_FOLDER".into());
    };
    // Whoever proves publishes key and SRS before the first proof.
    let mut proofs = std::io::stdin().lock().lines().peekable();
    let _ = proofs.peek();
    let key = VerifyingKey::read(&public.join("vk.key"))?;
    let srs = VerifierSrs::read(&public.join("kzg.srs"))?;
    // Accepted here because the example's SRS is drawn locally; leave it out with a ceremony's.
    let options = VerifyOptions::allowing_insecure_srs();
    for line in proofs {
        let proof: ProofFile = serde_json::from_str(&line?)?;
        match proof.verify(&key, &srs, options) {
            Ok(()) => println!("accepted: {:?}", proof.pretty_public_inputs.outputs),
            // A message may hold what the file says.
            Err(error) => println!("refused: {}", provenn_escape::plain(&error.to_string())),
        }
    }
    Ok(())
}
