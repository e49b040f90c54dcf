//! A report for those who decide whether to rely on a circuit or on a key: what a proof says and what it does not, who
//! learns what, how far every integer stays from the modulus, what the circuit consists of, and what it was made from.
//!
//! The report is a function of the files alone: no time, no path, no machine, no measurement. Whoever has the same files has the
//! same bytes.
//!
//! | module | holds |
//! |---|---|
//! | `said` | the statement in words, visibility and what it leaks |
//! | `nodes` | quantisation, and node by node the proven interval, its margin, its place |
//! | `constraints` | columns, gates and bus of parameters |
//! | `provenance` | digests, versions, the SRS |
//! | `text`, `html` | the report for people |

mod constraints;
mod html;
mod nodes;
mod provenance;
mod said;
mod text;

pub use constraints::{BusOfGadget, Columns, Constraints, Gate};
pub use nodes::{Node, Nodes, RescaleFormat, Watched};
pub use provenance::{Digests, Formats, SettingsSummary, SrsProvenance};
pub use said::{PublicValues, Said, Visible};

use crate::binding::settings_digest;
use crate::run::read_settings;
use crate::{Error, workflow};
use provenn_circuit::CompiledCircuit;
use provenn_fixed_point::Settings;
use provenn_gadgets::{GadgetSet, Standard, Statement};
use provenn_verifier::{VerifierSrs, VerifyingKey};
use serde::Serialize;
use std::path::Path;

/// Version of the report's form.
pub const AUDIT_VERSION: u32 = 1;

/// The report.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Audit {
    /// [`AUDIT_VERSION`].
    pub audit_version: u32,
    /// The program that wrote it.
    pub program: String,
    /// What it was made from, in words.
    pub made_from: &'static str,
    /// Versions of the formats that this program reads and writes.
    pub formats: Formats,
    /// What others name the artefacts by.
    pub digests: Digests,
    /// Where the SRS comes from.
    pub srs: SrsProvenance,
    /// The statement in words.
    #[serde(flatten)]
    pub said: Said,
    /// What settings say beside the circuit, if they were given.
    pub settings: Option<SettingsSummary>,
    /// Quantisation and nodes, if a circuit was given: a key knows neither.
    pub nodes: Option<Nodes>,
    /// Columns, gates and bus.
    pub constraints: Constraints,
    /// The layout as a drawing, which the page shows.
    #[serde(skip)]
    pub layout: Option<String>,
}

/// What is audited.
#[derive(Clone, Copy, Debug)]
pub enum Subject<'a> {
    /// A compiled circuit, and the key that belongs to it.
    Circuit {
        /// The compiled circuit.
        circuit: &'a Path,
        /// The verifying key.
        key: Option<&'a Path>,
    },
    /// A verifying key alone.
    Key(&'a Path),
}

/// The report on files.
///
/// # Errors
/// The files' errors; [`Error::OtherKey`], [`Error::OtherSrs`] or [`Error::OtherStatement`] if they do not belong together.
pub fn audit_files(
    subject: Subject<'_>,
    srs: Option<&Path>,
    settings: Option<&Path>,
) -> Result<Audit, Error> {
    let points = srs.map(VerifierSrs::read).transpose()?;
    let key_of = |path: &Path| {
        let key = VerifyingKey::read(path)?;
        match (srs, &points) {
            (Some(srs), Some(points)) if key.srs_digest() != points.digest() => {
                let [expected, got] = [key.srs_digest(), points.digest()].map(hex::encode);
                Err(Error::OtherSrs { key: path.into(), srs: srs.into(), expected, got })
            }
            _ => Ok(key),
        }
    };
    let settings_of = |statement: &Statement, path: &Path| {
        let Some(file) = settings else { return Ok(None) };
        let read = read_settings(file)?;
        if settings_digest(&read)? == statement.settings {
            return Ok(Some(read));
        }
        let (settings, field) = (file.into(), "contents (their digest)".into());
        Err(Error::OtherStatement { settings, field, key: path.into() })
    };
    match subject {
        Subject::Key(path) => {
            let key = key_of(path)?;
            let settings = settings_of(key.statement(), path)?;
            audit_key(&key, points.as_ref(), settings.as_ref())
        }
        Subject::Circuit { circuit: path, key: key_path } => {
            let key = key_path.map(key_of).transpose()?;
            let circuit = workflow::read_compiled(path)?;
            if let (Some(key), Some(key_path)) = (&key, key_path)
                && let Some(field) = difference(circuit.statement(), key.statement())
            {
                return Err(Error::OtherKey { circuit: path.into(), key: key_path.into(), field });
            }
            let settings = settings_of(circuit.statement(), path)?;
            audit_circuit(&circuit, key.as_ref(), points.as_ref(), settings.as_ref())
        }
    }
}

/// The report on a circuit; key, SRS and settings are taken to be its own.
///
/// # Errors
/// [`Error::Prove`] or [`Error::Key`] if the circuit has no constraint system.
pub fn audit_circuit<G: GadgetSet>(
    circuit: &CompiledCircuit<G>,
    key: Option<&VerifyingKey>,
    srs: Option<&VerifierSrs>,
    settings: Option<&Settings>,
) -> Result<Audit, Error> {
    let made_from = match key {
        Some(_) => "a compiled circuit and a verifying key",
        None => "a compiled circuit",
    };
    let digest = workflow::digest(circuit)?;
    let mut audit = of_statement::<G>(made_from, circuit.statement(), key, srs, settings)?;
    audit.digests.circuit = Some(digest);
    audit.nodes = Some(nodes::nodes(circuit));
    audit.layout = Some(circuit.draw());
    Ok(audit)
}

/// The report on what a key tells; SRS and settings are taken to be its own.
///
/// # Errors
/// [`Error::Key`] if the key has no constraint system.
pub fn audit_key(
    key: &VerifyingKey,
    srs: Option<&VerifierSrs>,
    settings: Option<&Settings>,
) -> Result<Audit, Error> {
    of_statement::<Standard>("a verifying key", key.statement(), Some(key), srs, settings)
}

fn of_statement<G: GadgetSet>(
    made_from: &'static str,
    statement: &Statement,
    key: Option<&VerifyingKey>,
    srs: Option<&VerifierSrs>,
    settings: Option<&Settings>,
) -> Result<Audit, Error> {
    Ok(Audit {
        audit_version: AUDIT_VERSION,
        program: format!("provenn {}", env!("CARGO_PKG_VERSION")),
        made_from,
        formats: provenance::formats(),
        digests: provenance::digests(statement, key, srs),
        srs: provenance::srs(key, srs),
        said: said::said(statement, settings),
        settings: settings.map(provenance::summary),
        nodes: None,
        constraints: constraints::constraints::<G>(&statement.params)?,
        layout: None,
    })
}

/// The first part of a circuit's statement that a key's says otherwise.
fn difference(circuit: &Statement, key: &Statement) -> Option<&'static str> {
    let parts = [
        ("digest of the model", circuit.model == key.model),
        ("digest of the settings", circuit.settings == key.settings),
        ("visibility", circuit.input_visibility == key.input_visibility),
        ("visibility", circuit.output_visibility == key.output_visibility),
        ("inputs", circuit.inputs == key.inputs),
        ("outputs", circuit.outputs == key.outputs),
        ("parameters", circuit.params == key.params),
    ];
    parts.into_iter().find(|(_, equal)| !equal).map(|(part, _)| part)
}

impl Audit {
    /// The report as JSON: one value for the same files, byte for byte.
    ///
    /// # Errors
    /// Whatever the writer reports.
    pub fn json(&self) -> serde_json::Result<String> {
        let text = serde_json::to_string_pretty(self)? + "\n";
        Ok(provenn_escape::json(&text).into_owned())
    }
}
