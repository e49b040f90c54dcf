//! The verifying key and its file.
//!
//! Payload: digest of the SRS's verifier's part (32 bytes), length of the gadget set's name (1), the name, length of the
//! statement (4, little-endian), the statement, commitments to fixed columns, commitments to permuted columns
//! (32 each, compressed), with anything committed what [`committed_key`](crate::committed_key) says, halo2's digest of the key (32).
//!
//! A key may come from a stranger, whose digests are right. So the statement is held against fixed
//! limits, then against the number of bytes, and only then is anything configured; every point must
//! be the one encoding of a point on the curve.

use crate::ceremony::Origin;
use crate::committed_key::CommittedKey;
use crate::constraints::{ConstraintsError, commitments, constraint_system, verifier_domain};
use crate::link::Relation;
use crate::public::{instance_length, tensors};
use crate::transcript::{POINT_BYTES, decode_point};
use halo2_proofs::halo2curves::bn256::{Fr, G1Affine};
use halo2_proofs::halo2curves::ff::PrimeField;
use halo2_proofs::halo2curves::group::GroupEncoding;
use halo2_proofs::plonk::{self, permutation};
use halo2_proofs::poly::EvaluationDomain;
use provenn_artefact::codec::{self, CodecError};
use provenn_artefact::{self as artefact, ArtefactError, Kind, Payload};
use provenn_gadgets::{GadgetSet, Layout, PublicTensor, Standard, Statement, TensorVisibility};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Most bytes of a key's payload.
pub const MOST_BYTES: u64 = 1 << 26;
/// Most bytes of a gadget set's name.
const GADGETS_LIMIT: u8 = 64;
/// Most bytes of a tensor's name.
const NAME_LIMIT: usize = 1 << 10;

/// Why a key could not be read or written.
#[derive(Debug, Error)]
#[allow(missing_docs)] // the messages say what the fields are
#[non_exhaustive]
pub enum KeyError {
    #[error(transparent)]
    Artefact(#[from] ArtefactError),
    #[error("{path}: {source}")]
    In { path: PathBuf, source: Box<KeyError> },
    #[error("the key has {got} bytes, at most {MOST_BYTES} are read; is it the right file?")]
    Size { got: u64 },
    #[error("the key ends inside its {what}; make it again with `setup`")]
    Truncated { what: &'static str },
    #[error("the key's {what} is malformed; make it again with `setup`")]
    Malformed { what: &'static str },
    #[error("statement: {0}")]
    Codec(#[from] CodecError),
    #[error(transparent)]
    Constraints(#[from] ConstraintsError),
    #[error("public tensor {name:?}: {reason}; make the key again with `setup`")]
    Tensor { name: String, reason: &'static str },
    #[error(
        "the parameters imply {expected} bytes of {what}, the key has {got}; make it again with `setup`"
    )]
    Commitments { what: &'static str, expected: usize, got: usize },
    #[error("{what} {index} is not a point of the curve; make the key again with `setup`")]
    Point { what: &'static str, index: usize },
    #[error(
        "the key is of gadget set {got:?}, expected {expected:?}; read it with the gadgets that it was made with"
    )]
    Gadgets { expected: &'static str, got: String },
    #[error(
        "the gadget set's name {name:?} has more than {GADGETS_LIMIT} bytes; call it something shorter"
    )]
    Name { name: &'static str },
    #[error("the key was made by another version of the constraints; make it again with `setup`")]
    Version,
}

impl KeyError {
    /// The same, in this file.
    #[must_use]
    pub fn at(self, path: &Path) -> Self {
        match self {
            KeyError::Artefact(_) | KeyError::In { .. } => self,
            source => KeyError::In { path: path.into(), source: Box::new(source) },
        }
    }
}

/// What a verifier needs beside the SRS.
#[derive(Clone, Debug)]
pub struct VerifyingKey {
    statement: Statement,
    gadgets: &'static str,
    srs_digest: [u8; 32],
    halo2: plonk::VerifyingKey<G1Affine>,
    committed: Option<CommittedKey>,
    relations: Vec<Relation>,
    payload: Vec<u8>,
}

/// Commitments to fixed and to permuted columns.
pub type Commitments = (Vec<G1Affine>, Vec<G1Affine>);

impl VerifyingKey {
    /// The public part of the circuit.
    #[must_use]
    pub fn statement(&self) -> &Statement {
        &self.statement
    }

    /// Name of the gadget set whose constraints the key is for.
    #[must_use]
    pub fn gadgets(&self) -> &'static str {
        self.gadgets
    }

    /// Where the SRS of this key came from.
    #[must_use]
    pub fn origin(&self) -> Origin {
        Origin::of(&self.srs_digest)
    }

    /// Digest of the verifier's part of the SRS that the key was made with.
    #[must_use]
    pub fn srs_digest(&self) -> [u8; 32] {
        self.srs_digest
    }

    /// Halo2's key, with a domain that serves verifying only.
    #[must_use]
    pub fn halo2(&self) -> &plonk::VerifyingKey<G1Affine> {
        &self.halo2
    }

    /// What it holds of what is committed, if its circuit has anything of the kind.
    #[must_use]
    pub fn committed(&self) -> Option<&CommittedKey> {
        self.committed.as_ref()
    }

    /// What a proof's columns have to be of committed ones.
    #[must_use]
    pub fn relations(&self) -> &[Relation] {
        &self.relations
    }

    /// Digest of the whole key.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        artefact::digest(b"provenn vk      ", &self.payload)
    }

    /// The key as bytes; equal keys have equal bytes.
    #[must_use]
    pub fn to_bytes(&self) -> &[u8] {
        &self.payload
    }

    /// Writes the key.
    ///
    /// # Errors
    /// [`KeyError::Artefact`] if the place is not writable.
    pub fn write(&self, path: &Path) -> Result<(), KeyError> {
        artefact::write::<io::Error>(path, Kind::VerifyingKey, |w| w.write_all(&self.payload))?;
        Ok(())
    }

    /// Reads a key of the standard gadgets, trusting nothing in it.
    ///
    /// # Errors
    /// [`KeyError`] naming the file and what is wrong with it.
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        Self::read_of::<Standard>(path)
    }

    /// Reads a key of a gadget set, trusting nothing in it.
    ///
    /// # Errors
    /// [`KeyError`] naming the file and what is wrong with it.
    pub fn read_of<G: GadgetSet>(path: &Path) -> Result<Self, KeyError> {
        Self::read_payload::<G, _>(path, artefact::open(path, Kind::VerifyingKey)?)
    }

    /// As [`read`](Self::read), of a file's bytes; `name` goes into errors.
    ///
    /// # Errors
    /// [`KeyError`] naming the file and what is wrong with it.
    pub fn read_bytes(name: &Path, bytes: &[u8]) -> Result<Self, KeyError> {
        Self::read_bytes_of::<Standard>(name, bytes)
    }

    /// As [`read_of`](Self::read_of), of a file's bytes; `name` goes into errors.
    ///
    /// # Errors
    /// [`KeyError`] naming the file and what is wrong with it.
    pub fn read_bytes_of<G: GadgetSet>(name: &Path, bytes: &[u8]) -> Result<Self, KeyError> {
        Self::read_payload::<G, _>(name, artefact::in_memory(name, bytes, Kind::VerifyingKey)?)
    }

    fn read_payload<G: GadgetSet, R: Read>(
        path: &Path,
        payload: Payload<R>,
    ) -> Result<Self, KeyError> {
        let bytes = payload.within(path, MOST_BYTES, |got| KeyError::Size { got }.at(path))?;
        Self::from_bytes_of::<G>(&bytes).map_err(|error| error.at(path))
    }

    /// A key of a gadget set from its parts, as key generation yields them.
    ///
    /// # Errors
    /// [`KeyError`] naming what a statement may not be.
    pub fn new<G: GadgetSet>(
        statement: Statement,
        srs_digest: [u8; 32],
        (fixed, permuted): Commitments,
        committed: Option<CommittedKey>,
    ) -> Result<Self, KeyError> {
        check(&statement)?;
        match &committed {
            Some(committed) => committed.check::<G>(&statement.params, srs_digest)?,
            None if statement.params.commits() => {
                return Err(KeyError::Malformed { what: "lack of what is committed" });
            }
            None => {}
        }
        let mut payload = srs_digest.to_vec();
        let name = G::NAME;
        let length = u8::try_from(name.len()).ok().filter(|length| *length <= GADGETS_LIMIT);
        payload.push(length.ok_or(KeyError::Name { name })?);
        payload.extend_from_slice(name.as_bytes());
        let encoded = codec::encode(&statement)?;
        let length = u32::try_from(encoded.len());
        payload
            .extend(length.map_err(|_| KeyError::Malformed { what: "statement" })?.to_le_bytes());
        payload.extend(encoded);
        for point in fixed.iter().chain(&permuted) {
            payload.extend_from_slice(point.to_bytes().as_ref());
        }
        if let Some(committed) = &committed {
            committed.write(&mut payload)?;
        }
        let domain = verifier_domain(statement.params.k)?;
        let halo2 = assemble::<G>(&statement, domain, (fixed, permuted))?;
        payload.extend(halo2.transcript_repr().to_repr());
        let relations = Relation::all(&Layout::<G>::number(&statement.params));
        Ok(VerifyingKey {
            statement,
            gadgets: name,
            srs_digest,
            halo2,
            committed,
            relations,
            payload,
        })
    }

    /// Reads a key of the standard gadgets from bytes, trusting nothing in them.
    ///
    /// # Errors
    /// [`KeyError`] naming what is wrong.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        Self::from_bytes_of::<Standard>(bytes)
    }

    /// Reads a key of a gadget set from bytes, trusting nothing in them.
    ///
    /// # Errors
    /// [`KeyError`] naming what is wrong.
    pub fn from_bytes_of<G: GadgetSet>(bytes: &[u8]) -> Result<Self, KeyError> {
        Self::parse::<G>(bytes, true)
    }

    /// Reads a key that another one holds: it holds none itself.
    pub(crate) fn of_ranges<G: GadgetSet>(bytes: &[u8]) -> Result<Self, KeyError> {
        Self::parse::<G>(bytes, false)
    }

    fn parse<G: GadgetSet>(bytes: &[u8], may_commit: bool) -> Result<Self, KeyError> {
        let truncated = |what| KeyError::Truncated { what };
        let (srs_digest, rest) = bytes.split_first_chunk().ok_or(truncated("srs digest"))?;
        let rest = check_gadgets(G::NAME, rest)?;
        let (length, rest) = rest.split_first_chunk().ok_or(truncated("statement"))?;
        let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
        let (statement, rest) = rest.split_at_checked(length).ok_or(truncated("statement"))?;
        let statement: Statement = codec::decode(statement)?;
        check(&statement)?;
        let (rest, repr) = rest.split_last_chunk::<32>().ok_or(truncated("digest"))?;
        let commits = statement.params.commits();
        if commits && !may_commit {
            return Err(KeyError::Malformed { what: "key of weights' ranges" });
        }
        let (points, rest) = read_commitments::<G>(&statement, rest, commits)?;
        let committed = commits.then(|| CommittedKey::read::<G>(rest)).transpose()?;
        let key = Self::new::<G>(statement, *srs_digest, points, committed)?;
        // One encoding per key; this also compares the digest at the end.
        if key.halo2.transcript_repr().to_repr() != *repr {
            return Err(KeyError::Version);
        }
        if key.payload != bytes {
            return Err(KeyError::Malformed { what: "statement" });
        }
        Ok(key)
    }
}

/// That a key names this gadget set; what follows the name.
fn check_gadgets<'a>(expected: &'static str, bytes: &'a [u8]) -> Result<&'a [u8], KeyError> {
    let what = "name of its gadget set";
    let (&length, rest) = bytes.split_first().ok_or(KeyError::Truncated { what })?;
    if length > GADGETS_LIMIT {
        return Err(KeyError::Malformed { what });
    }
    let (name, rest) = rest.split_at_checked(length.into()).ok_or(KeyError::Truncated { what })?;
    if name != expected.as_bytes() {
        let got = String::from_utf8_lossy(name).into_owned();
        return Err(KeyError::Gadgets { expected, got });
    }
    Ok(rest)
}

/// Halo2's key over a domain.
///
/// # Errors
/// [`KeyError::Constraints`] if the statement's shape has no constraint system.
pub fn assemble<G: GadgetSet>(
    statement: &Statement,
    domain: EvaluationDomain<Fr>,
    (fixed, permuted): Commitments,
) -> Result<plonk::VerifyingKey<G1Affine>, KeyError> {
    let cs = constraint_system::<G>(&statement.params)?;
    let permutation = permutation::VerifyingKey::from_commitments(permuted);
    Ok(plonk::VerifyingKey::from_parts(domain, fixed, permutation, cs, vec![], false))
}

/// Exactly the commitments that the parameters imply, and what follows them, which is nothing unless there may be more.
fn read_commitments<'a, G: GadgetSet>(
    statement: &Statement,
    bytes: &'a [u8],
    more: bool,
) -> Result<(Commitments, &'a [u8]), KeyError> {
    let (fixed, permuted) = commitments::<G>(&statement.params)?;
    let (what, expected) = ("commitments", (fixed + permuted) * POINT_BYTES);
    let got = bytes.len();
    let (bytes, rest) = (bytes.split_at_checked(expected))
        .filter(|(_, rest)| more || rest.is_empty())
        .ok_or(KeyError::Commitments { what, expected, got })?;
    let (chunks, _) = bytes.as_chunks::<POINT_BYTES>();
    let (first, second) = chunks.split_at_checked(fixed).ok_or(KeyError::Truncated { what })?;
    let decode = |what, chunks: &[[u8; POINT_BYTES]]| {
        let point = |(index, bytes)| decode_point(bytes).ok_or(KeyError::Point { what, index });
        chunks.iter().enumerate().map(point).collect::<Result<Vec<_>, _>>()
    };
    let points = (decode("fixed commitment", first)?, decode("permutation commitment", second)?);
    Ok((points, rest))
}

/// Limits on a statement.
fn check(statement: &Statement) -> Result<(), KeyError> {
    statement.params.validate().map_err(ConstraintsError::CircuitParams)?;
    for shown in tensors(statement) {
        let tensor = shown.tensor;
        let reason = if tensor.name.len() > NAME_LIMIT {
            "its name is too long"
        } else if tensor.lo > tensor.hi {
            "its range is empty"
        } else {
            match shown
                .values()
                .and(tensor.elements())
                .map(|elements| tensor.grid.validate(elements))
            {
                None => "its extents overflow",
                Some(Err(reason)) => reason,
                Some(Ok(())) => continue,
            }
        };
        let name = tensor.name.chars().take(64).collect();
        return Err(KeyError::Tensor { name, reason });
    }
    let private = [
        (statement.input_visibility, &statement.inputs),
        (statement.output_visibility, &statement.outputs),
    ];
    let listed = |(of, tensors): (TensorVisibility, &Vec<PublicTensor>)| {
        of == TensorVisibility::Private && !tensors.is_empty()
    };
    if private.into_iter().any(listed) {
        return Err(KeyError::Malformed { what: "list of public tensors (they are private)" });
    }
    let forms = statement.committed_tensors().into_iter().flatten();
    let mut columns = forms.map(|form| form.columns().filter(|_| form.holds_something()));
    let columns = columns.try_fold(0_usize, |sum, columns| sum.checked_add(columns?));
    if columns != Some(statement.params.committed_tensor_columns) {
        return Err(KeyError::Malformed { what: "list of committed tensors" });
    }
    // As many columns as they take, so that a statement has one form.
    let last = |length: usize| statement.params.instance_place(length.saturating_sub(1)).0;
    match instance_length(statement).map(last) {
        Some(last) if last == statement.params.further_instance_columns => Ok(()),
        Some(_) | None => {
            let what = "list of public tensors (they take other columns)";
            Err(KeyError::Malformed { what })
        }
    }
}
