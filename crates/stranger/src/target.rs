//! A kind of file, and what is done with bytes of it.

use crate::honest::Honest;
use crate::{circuit, keys, model, proofs, srs};
use provenn::artefact::{self, Kind, MAGIC};
use std::fs;
use std::path::{Path, PathBuf};

/// How a file is read; the path is of one that holds the stranger's bytes.
pub(crate) type Read = fn(&Honest, &Path);

/// A kind of file. The fuzzer has a target of its name, and a corpus.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name.
    pub name: &'static str,
    /// The headers that are put before a payload, one after the other; none where files have no header.
    kinds: &'static [Kind],
    read: Read,
}

/// All there are.
pub const TARGETS: [Target; 17] = [
    Target { name: "onnx", kinds: &[], read: model::onnx },
    Target { name: "settings", kinds: &[], read: model::settings },
    Target { name: "data", kinds: &[], read: model::data },
    Target { name: "compiled", kinds: &[Kind::CompiledCircuit], read: circuit::compiled },
    Target { name: "srs", kinds: &[Kind::Srs, Kind::VerifierSrs], read: srs::srs },
    Target { name: "srs_raw", kinds: &[], read: srs::srs },
    Target { name: "ptau", kinds: &[], read: srs::srs },
    Target { name: "verifying_key", kinds: &[Kind::VerifyingKey], read: keys::verifying_key },
    Target { name: "proving_key", kinds: &[Kind::ProvingKey], read: keys::proving_key },
    Target { name: "witness", kinds: &[], read: proofs::witness },
    Target { name: "proof", kinds: &[], read: proofs::proof },
    Target { name: "commitment", kinds: &[Kind::Commitment], read: proofs::commitment },
    Target { name: "opening", kinds: &[Kind::Opening], read: proofs::opening },
    Target {
        name: "tensor_commitment",
        kinds: &[Kind::TensorCommitment],
        read: proofs::tensor_commitment,
    },
    Target { name: "tensor_opening", kinds: &[Kind::TensorOpening], read: proofs::tensor_opening },
    Target { name: "claim", kinds: &[], read: proofs::claim },
    Target { name: "data_secret", kinds: &[Kind::DataSecret], read: proofs::data_secret },
];

impl Target {
    /// The target of that name.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn named(name: &str) -> Self {
        let found = TARGETS.into_iter().find(|target| target.name == name);
        found.unwrap_or_else(|| panic!("no target {name}"))
    }

    /// Reads what a fuzzer or a corpus gives: a payload, whose header is put right, unless it has a header of its own.
    pub fn read(&self, honest: &Honest, bytes: &[u8]) {
        match self.kinds {
            [_, ..] if !bytes.starts_with(&MAGIC) => self.read_payload(honest, bytes),
            _ => self.read_file(honest, bytes),
        }
    }

    /// Reads a whole file.
    pub fn read_file(&self, honest: &Honest, bytes: &[u8]) {
        let path = self.place(honest);
        fs::write(&path, bytes).unwrap();
        (self.read)(honest, &path);
    }

    /// Reads a payload under a header whose length and digest are right.
    pub fn read_payload(&self, honest: &Honest, payload: &[u8]) {
        for &kind in self.kinds {
            let path = self.place(honest);
            artefact::write(&path, kind, |writer| writer.write_all(payload)).unwrap();
            (self.read)(honest, &path);
        }
    }

    /// Where a stranger's file is put. Nothing is there.
    fn place(&self, honest: &Honest) -> PathBuf {
        let path = honest.path(&format!("stranger.{}", self.name));
        // An artefact of another kind would not be written over.
        let _ = fs::remove_file(&path);
        path
    }
}
