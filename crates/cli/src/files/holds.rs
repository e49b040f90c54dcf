//! What a file holds, as far as its first bytes or its keys tell.

use provenn::artefact::{self, Kind};
use serde::de::IgnoredAny;
use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

/// Kinds of files that must not replace each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    Artefact(Kind),
    Model,
    Settings,
    /// What `export-verifier` makes of them.
    VerifierSettings,
    Data,
    Witness,
    Proof,
    Claim,
    Report,
    Audit,
    /// Drawings, pages, lists of points: what is recognised as nothing else may be replaced by one.
    Picture,
}

/// Longest JSON file whose keys are looked at.
const JSON: u64 = 1 << 30;

impl Holds {
    /// `None` for no regular file, an empty one, or one that is not recognised.
    pub(crate) fn at(path: &Path) -> Option<Self> {
        if !std::fs::metadata(path).ok()?.is_file() {
            return None;
        }
        if let Some(kind) = artefact::kind_of(path) {
            return Some(Holds::Artefact(kind));
        }
        let extension = path.extension().and_then(|text| text.to_str()).unwrap_or_default();
        let mut start = vec![];
        File::open(path).ok()?.take(16).read_to_end(&mut start).ok()?;
        match start.as_slice() {
            [] => None,
            [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => Some(Holds::Data),
            [b'P', b'K', 3, 4, ..] if extension == "npz" => Some(Holds::Data),
            _ if extension == "onnx" => Some(Holds::Model),
            // ONNX begins with the version of its format, then a name or an operator set.
            [0x08, 1..=32, 0x12 | 0x1a | 0x22 | 0x2a | 0x32 | 0x3a | 0x42, ..] => {
                Some(Holds::Model)
            }
            [b'{' | b' ' | b'\n' | b'\r' | b'\t', ..] => by_keys(path),
            _ if is_raw_srs(path, &start) => Some(Holds::Artefact(Kind::Srs)),
            _ => None,
        }
    }
}

fn by_keys(path: &Path) -> Option<Holds> {
    let reader = BufReader::new(File::open(path).ok()?.take(JSON));
    let keys: BTreeMap<String, IgnoredAny> = serde_json::from_reader(reader).ok()?;
    let signs = [
        ("run_args", Holds::Settings),
        ("settings_digest", Holds::VerifierSettings),
        ("input_data", Holds::Data),
        ("compiled_digest", Holds::Witness),
        ("hex_proof", Holds::Proof),
        ("data_digest", Holds::Claim),
        ("prove_steps", Holds::Report),
        ("audit_version", Holds::Audit),
    ];
    signs.into_iter().find(|(key, _)| keys.contains_key(*key)).map(|(_, holds)| holds)
}

/// Halo2's raw format: k, then as many points as that says.
fn is_raw_srs(path: &Path, start: &[u8]) -> bool {
    let size = std::fs::metadata(path).map_or(0, |found| found.len());
    let k = start.first_chunk().map(|bytes| u32::from_le_bytes(*bytes));
    k.is_some_and(|k| (1..=26).contains(&k) && size == 4 + (128 << k) + 256)
}

impl fmt::Display for Holds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Holds::Artefact(kind) => return kind.fmt(f),
            Holds::Model => "a model",
            Holds::Settings => "settings",
            Holds::VerifierSettings => "a verifier's copy of settings",
            Holds::Data => "data",
            Holds::Witness => "a witness",
            Holds::Proof => "a proof",
            Holds::Claim => "a claim",
            Holds::Report => "a report",
            Holds::Audit => "an audit report",
            Holds::Picture => "a picture or page",
        })
    }
}
