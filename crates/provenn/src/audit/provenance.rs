//! What others name the artefacts by, versions, and where the SRS comes from.

use provenn_artefact::Kind;
use provenn_fixed_point::{SETTINGS_VERSION, Settings};
use provenn_gadgets::Statement;
use provenn_verifier::{Mark, Origin, VerifierSrs, VerifyingKey, proof_file};
use serde::Serialize;
use std::collections::BTreeMap;

/// Versions of formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Formats {
    /// Settings.
    pub settings: u32,
    /// Compiled circuits.
    pub compiled_circuit: u32,
    /// Proving keys.
    pub proving_key: u32,
    /// Verifying keys.
    pub verifying_key: u32,
    /// The container of an SRS.
    pub srs: u32,
    /// Proofs.
    pub proof: u32,
}

pub(super) fn formats() -> Formats {
    Formats {
        settings: SETTINGS_VERSION,
        compiled_circuit: Kind::CompiledCircuit.version(),
        proving_key: Kind::ProvingKey.version(),
        verifying_key: Kind::VerifyingKey.version(),
        srs: Kind::Srs.version(),
        proof: proof_file::VERSION,
    }
}

/// Digests, in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Digests {
    /// Of the model, as the statement names it.
    pub model: String,
    /// Of the settings, as the statement names them.
    pub settings: String,
    /// Of the compiled circuit, as witnesses name it.
    pub circuit: Option<String>,
    /// Of the verifying key, as proofs name it.
    pub verifying_key: Option<String>,
    /// Of the SRS, as keys name it.
    pub srs: Option<String>,
}

pub(super) fn digests(
    statement: &Statement,
    key: Option<&VerifyingKey>,
    srs: Option<&VerifierSrs>,
) -> Digests {
    let srs = srs.map(VerifierSrs::digest).or(key.map(VerifyingKey::srs_digest));
    Digests {
        model: hex::encode(statement.model),
        settings: hex::encode(statement.settings),
        circuit: None,
        verifying_key: key.map(|key| hex::encode(key.digest())),
        srs: srs.map(hex::encode),
    }
}

/// Where the SRS comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SrsProvenance {
    /// Whether it is told by a file or a key; nothing is known without either.
    pub known: bool,
    /// The public ceremony whose secret it has.
    pub ceremony: Option<&'static str>,
    /// Largest k of the files that the ceremony published.
    pub ceremony_max_k: Option<u32>,
    /// Whether its file says that it was drawn by this program, which is for tests; `null` without a file.
    pub drawn_locally: Option<bool>,
    /// In words.
    pub trust: &'static str,
}

pub(super) fn srs(key: Option<&VerifyingKey>, srs: Option<&VerifierSrs>) -> SrsProvenance {
    let drawn_locally = srs.map(|srs| srs.mark() == Mark::Drawn);
    let origin = srs.map(VerifierSrs::origin).or(key.map(VerifyingKey::origin));
    let (ceremony, trust) = match origin {
        None => (None, "Neither key nor SRS was given: nothing is known of the secret."),
        Some(Origin::Ceremony(ceremony)) => (
            Some(ceremony),
            "Sound if one participant of the ceremony was honest: `verify` accepts it.",
        ),
        Some(Origin::Unknown) => (
            None,
            "Of no known ceremony: whoever made it may know its secret, and can then prove anything. `verify` refuses it unless its digest is named.",
        ),
    };
    SrsProvenance {
        known: origin.is_some(),
        ceremony: ceremony.map(|ceremony| ceremony.name),
        ceremony_max_k: ceremony.map(|ceremony| ceremony.max_k),
        drawn_locally,
        trust,
    }
}

/// What settings say beside the circuit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SettingsSummary {
    /// Bits of an activation over its calibrated range.
    pub bits: u32,
    /// Bits that rescales drop, unless a node has others.
    pub shift: u32,
    /// Low bits of tables, unless a node has others.
    pub low_bits: u32,
    /// Bits of single nodes.
    pub node_bits: BTreeMap<String, u32>,
    /// Nodes whose rescales have a format of their own.
    pub node_formats: Vec<String>,
    /// Nodes with a calibrated range.
    pub calibrated_nodes: usize,
    /// Nodes with ranges of their own for each column.
    pub nodes_by_column: usize,
    /// Extents that the model leaves open.
    pub variables: BTreeMap<String, usize>,
    /// Inputs that are constants of the circuit, and how many values each was given.
    pub fixed_inputs: BTreeMap<String, usize>,
}

pub(super) fn summary(settings: &Settings) -> SettingsSummary {
    let fixed = settings.run_args.fixed.iter();
    SettingsSummary {
        bits: settings.bits,
        shift: settings.shift,
        low_bits: settings.low_bits,
        node_bits: settings.node_bits.clone(),
        node_formats: settings.node_formats.keys().cloned().collect(),
        calibrated_nodes: settings.ranges.len(),
        nodes_by_column: settings.columns.len(),
        variables: settings.run_args.variables.clone(),
        fixed_inputs: fixed.map(|(name, values)| (name.clone(), values.len())).collect(),
    }
}
