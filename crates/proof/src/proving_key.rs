//! The proving key and its file.
//!
//! Payload: length of the verifying key (8 bytes, little-endian), the verifying key, digest of the
//! circuit (32), then polynomials of n field elements each (32 bytes, little-endian, Montgomery
//! form): l_0, l_last, l_active; fixed columns as values, then as coefficients; permuted columns as
//! values, then as coefficients. Halo2's own reader panics on short input; this one does not.

use crate::artefact::{self, Kind};
use crate::constraints::{DEGREE, commitments};
use crate::verifying_key::{KeyError, VerifyingKey, assemble};
use halo2_proofs::halo2curves::bn256::{Fr, G1Affine};
use halo2_proofs::halo2curves::serde::SerdeObject;
use halo2_proofs::plonk::{self, permutation};
use halo2_proofs::poly::{EvaluationDomain, Polynomial};
use rayon::prelude::*;
use std::io::{self, Read, Write};
use std::path::Path;

/// Bytes of a field element.
const SCALAR_BYTES: usize = 32;

/// What a prover needs beside the circuit and the SRS.
#[derive(Clone, Debug)]
pub struct ProvingKey {
    verifying: VerifyingKey,
    circuit_digest: [u8; 32],
    halo2: plonk::ProvingKey<G1Affine>,
}

impl ProvingKey {
    pub(crate) fn new(
        verifying: VerifyingKey,
        circuit_digest: [u8; 32],
        halo2: plonk::ProvingKey<G1Affine>,
    ) -> Self {
        ProvingKey { verifying, circuit_digest, halo2 }
    }

    /// The verifying key that belongs to it.
    #[must_use]
    pub fn verifying_key(&self) -> &VerifyingKey {
        &self.verifying
    }

    /// Digest of the circuit that it was made for.
    #[must_use]
    pub fn circuit_digest(&self) -> [u8; 32] {
        self.circuit_digest
    }

    /// Halo2's key.
    #[must_use]
    pub fn halo2(&self) -> &plonk::ProvingKey<G1Affine> {
        &self.halo2
    }

    /// Writes the key.
    ///
    /// # Errors
    /// [`KeyError::Artefact`] if the place is not writable.
    pub fn write(&self, path: &Path) -> Result<(), KeyError> {
        artefact::write::<io::Error>(path, Kind::ProvingKey, |writer| {
            let verifying = self.verifying.to_bytes();
            writer.write_all(&(verifying.len() as u64).to_le_bytes())?;
            writer.write_all(verifying)?;
            writer.write_all(&self.circuit_digest)?;
            let key = &self.halo2;
            let permutation = key.permutation();
            write_scalars(writer, key.l0())?;
            write_scalars(writer, key.l_last())?;
            write_scalars(writer, key.l_active_row())?;
            key.fixed_values().iter().try_for_each(|p| write_scalars(writer, p))?;
            key.fixed_polys().iter().try_for_each(|p| write_scalars(writer, p))?;
            permutation.permutations().iter().try_for_each(|p| write_scalars(writer, p))?;
            permutation.polys().iter().try_for_each(|p| write_scalars(writer, p))
        })?;
        Ok(())
    }

    /// Reads a key.
    ///
    /// # Errors
    /// [`KeyError`] naming the file and what is wrong with it.
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        let mut payload = artefact::open(path, Kind::ProvingKey)?;
        let bytes = payload.bytes();
        read_payload(payload.reader(), bytes).map_err(|error| error.at(path))
    }
}

fn read_payload(reader: &mut impl Read, bytes: u64) -> Result<ProvingKey, KeyError> {
    let what = "verifying key";
    let truncated = |_| KeyError::Truncated { what: "header" };
    let mut length = [0; 8];
    reader.read_exact(&mut length).map_err(truncated)?;
    let length = u64::from_le_bytes(length);
    if length > bytes {
        return Err(KeyError::Truncated { what });
    }
    let mut verifying = vec![];
    reader.by_ref().take(length).read_to_end(&mut verifying).map_err(truncated)?;
    let verifying = VerifyingKey::from_bytes(&verifying)?;
    let mut circuit_digest = [0; 32];
    reader.read_exact(&mut circuit_digest).map_err(truncated)?;

    let shape = &verifying.statement().shape;
    let (fixed, permuted) = commitments(shape)?;
    let columns = 3 + 2 * (fixed + permuted);
    let expected = (columns * SCALAR_BYTES) as u64 * (1 << shape.k);
    let found = bytes.saturating_sub(8 + length + 32);
    if expected != found {
        let saturate = |x| usize::try_from(x).unwrap_or(usize::MAX);
        let (expected, found) = (saturate(expected), saturate(found));
        return Err(KeyError::Commitments { what: "polynomials", expected, found });
    }
    // From here on the file is as large as everything that is allocated.
    let mut read = Scalars { reader, buffer: vec![0; SCALAR_BYTES << shape.k] };
    let (l0, l_last, l_active) = (read.next()?, read.next()?, read.next()?);
    let fixed_values = read.many(fixed)?;
    let fixed_polys = read.many(fixed)?;
    let permutation =
        permutation::ProvingKey::from_parts(read.many(permuted)?, read.many(permuted)?);
    let points = {
        let halo2 = verifying.halo2();
        (halo2.fixed_commitments().clone(), halo2.permutation().commitments().clone())
    };
    let domain = EvaluationDomain::new(u32::try_from(DEGREE).unwrap_or(u32::MAX), shape.k);
    let vk = assemble(verifying.statement(), domain, points)?;
    let halo2 = plonk::ProvingKey::from_parts(
        vk,
        l0,
        l_last,
        l_active,
        fixed_values,
        fixed_polys,
        permutation,
    );
    Ok(ProvingKey { verifying, circuit_digest, halo2 })
}

/// Polynomials from a reader, one buffer after the other.
struct Scalars<'a, R> {
    reader: &'a mut R,
    buffer: Vec<u8>,
}

impl<R: Read> Scalars<'_, R> {
    fn next<B>(&mut self) -> Result<Polynomial<Fr, B>, KeyError> {
        let what = "polynomials";
        self.reader.read_exact(&mut self.buffer).map_err(|_| KeyError::Truncated { what })?;
        let scalars = self.buffer.par_chunks_exact(SCALAR_BYTES).map(Fr::from_raw_bytes);
        let scalars = scalars.collect::<Option<Vec<Fr>>>().ok_or(KeyError::Malformed { what })?;
        Ok(Polynomial::new(scalars))
    }

    fn many<B>(&mut self, count: usize) -> Result<Vec<Polynomial<Fr, B>>, KeyError> {
        (0..count).map(|_| self.next()).collect()
    }
}

fn write_scalars(writer: &mut dyn Write, scalars: &[Fr]) -> io::Result<()> {
    let mut bytes = vec![0; SCALAR_BYTES * scalars.len()];
    let slots = bytes.par_chunks_exact_mut(SCALAR_BYTES);
    slots.zip(scalars).try_for_each(|(mut slot, scalar)| scalar.write_raw(&mut slot))?;
    writer.write_all(&bytes)
}
