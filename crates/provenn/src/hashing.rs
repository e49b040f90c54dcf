//! Digests of data as proofs show them: what the owner of data can say of them without the model.

use crate::{Error, InputData};
use halo2_proofs::halo2curves::ff::PrimeField;
use provenn_circuit::{CompiledCircuit, Witness};
use provenn_fixed_point::{Interval, quantise_values};
use provenn_gadgets::{PublicTensor, Statement, TensorVisibility, digest_of_digests};
use provenn_onnx_ir::Tensor;
use provenn_proof::WitnessFile;
use provenn_verifier::transcript::decode_scalar;
use provenn_verifier::{VerifyingKey, pretty_digest};
use serde::Serialize;

/// A tensor and its digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NamedDigest {
    /// The tensor's name.
    pub name: String,
    /// Extents, batch included.
    pub shape: Vec<usize>,
    /// Bits that an element takes in the digest.
    pub width: u32,
    /// The digest, as proof files show it.
    pub digest: String,
    /// Elements that lay outside the range that the key has for them, and were clamped to its ends.
    pub clamped: usize,
}

/// The digests of every observation's inputs, as proofs under this key show them.
///
/// # Errors
/// [`Error::Hash`] if the key hashes no inputs, [`Error::Observation`] for data that do not fit.
pub fn hash_data(key: &VerifyingKey, data: &InputData) -> Result<Vec<Vec<NamedDigest>>, Error> {
    let statement = key.statement();
    if statement.input_visibility != TensorVisibility::Hashed {
        return Err(Error::Hash { what: "inputs".into(), reason: "the key does not hash them" });
    }
    let observations = data.observations_of_public(&statement.inputs)?;
    let of_one = |observation: &Vec<Tensor>| {
        let tensors = statement.inputs.iter().zip(observation);
        tensors.map(|(public, tensor)| hash_reals(public, &tensor.data)).collect()
    };
    observations.iter().map(of_one).collect()
}

/// The digests of a witness' hashed inputs, and of its hashed outputs.
///
/// # Errors
/// [`Error::Hash`] if the key hashes neither, or the witness is not of its circuit.
pub fn hash_witness(
    key: &VerifyingKey,
    witness: &WitnessFile,
) -> Result<[Vec<NamedDigest>; 2], Error> {
    let digests = hash_sides(key.statement(), &witness.inputs, &witness.outputs)?;
    if digests.iter().all(Vec::is_empty) {
        let what = "inputs and outputs".into();
        return Err(Error::Hash { what, reason: "the key does not hash them" });
    }
    Ok(digests)
}

/// The digests that a proof of this witness of the circuit shows: of hashed inputs, and of hashed outputs, if there are any.
///
/// # Errors
/// [`Error::Hash`] if the witness is not of the circuit.
pub fn witness_digests(
    circuit: &CompiledCircuit,
    witness: &Witness,
) -> Result<[Vec<NamedDigest>; 2], Error> {
    hash_sides(circuit.statement(), witness.inputs(), witness.outputs())
}

/// The digests of integers that a statement shows by digest; none where it shows them otherwise, or not at all.
fn hash_sides(
    statement: &Statement,
    inputs: &[Vec<i64>],
    outputs: &[Vec<i64>],
) -> Result<[Vec<NamedDigest>; 2], Error> {
    let side = |tensors: &[PublicTensor], visibility, integers: &[Vec<i64>]| {
        if visibility != TensorVisibility::Hashed {
            return Ok(vec![]);
        }
        if tensors.len() != integers.len() {
            let reason = "the witness has another number of tensors than the key";
            return Err(Error::Hash { what: "tensors".into(), reason });
        }
        let digests = tensors.iter().zip(integers);
        digests.map(|(tensor, integers)| hash_integers(tensor, integers)).collect()
    };
    Ok([
        side(&statement.inputs, statement.input_visibility, inputs)?,
        side(&statement.outputs, statement.output_visibility, outputs)?,
    ])
}

/// The digest of one tensor's reals, rounded as the circuit's inputs are.
fn hash_reals(public: &PublicTensor, reals: &[f32]) -> Result<NamedDigest, Error> {
    let (integers, clamped) = quantise_public(public, reals);
    Ok(NamedDigest { clamped, ..hash_integers(public, &integers)? })
}

/// A tensor's reals, rounded as the circuit's inputs are, and how many of them were clamped.
pub(crate) fn quantise_public(public: &PublicTensor, reals: &[f32]) -> (Vec<i64>, usize) {
    let provenn_gadgets::Grid { steps, offsets, inner } = public.grid.clone();
    let grid = provenn_fixed_point::Grid { steps, offsets, inner };
    let interval = Interval { lo: public.lo, hi: public.hi };
    let (integers, clamped) = quantise_values(reals, &grid, interval);
    (integers, clamped.len())
}

/// The digest of one tensor's integers.
///
/// # Errors
/// [`Error::Hash`] if they are not as many as the tensor has, or one is out of its range.
pub fn hash_integers(public: &PublicTensor, integers: &[i64]) -> Result<NamedDigest, Error> {
    let failed = |reason| Error::Hash { what: format!("`{}`", public.name), reason };
    if integers.iter().any(|x| !(public.lo..=public.hi).contains(x)) {
        return Err(failed("an integer is outside the range that the key has for it"));
    }
    let message = public.message().ok_or_else(|| failed("it has too many elements"))?;
    let digest = message.digest(integers);
    let digest = digest.map_err(|_| failed("it has another number of elements than the key's"))?;
    Ok(NamedDigest {
        name: public.name.clone(),
        shape: public.shape.clone(),
        width: message.width(),
        digest: pretty_digest(digest),
        clamped: 0,
    })
}

/// The digest of field elements, as of digests: no tensor has it. Elements and digest are canonical, the least byte first.
///
/// # Errors
/// [`Error::Hash`] naming the first that is no field element.
pub fn hash_elements(elements: &[[u8; 32]]) -> Result<[u8; 32], Error> {
    let reason = "it is not below the field's order, least byte first";
    let decode = |(index, bytes)| {
        decode_scalar(bytes).ok_or_else(|| Error::Hash { what: format!("element {index}"), reason })
    };
    let decoded: Vec<_> = elements.iter().enumerate().map(decode).collect::<Result<_, _>>()?;
    Ok(digest_of_digests(&decoded).to_repr())
}

#[cfg(test)]
mod tests {
    use super::hash_elements;
    use halo2_proofs::halo2curves::ff::PrimeField;
    use provenn_gadgets::{Fr, Message, digest_of_digests};

    #[test]
    fn elements_have_a_digest_of_their_own_kind() {
        let elements = [Fr::from(3), -Fr::from(5), Fr::from(7)];
        let digest = hash_elements(&elements.map(|x| x.to_repr())).unwrap();
        assert_eq!(digest, digest_of_digests(&elements).to_repr());
        let message = Message::of(3, -128, 127).unwrap();
        assert_ne!(digest, message.digest(&[3, -5, 7]).unwrap().to_repr());
        assert_ne!(digest, hash_elements(&elements.map(|x| x.to_repr())[..2]).unwrap());
    }

    #[test]
    fn what_is_no_element_is_named() {
        let mut order = (-Fr::from(1)).to_repr();
        assert!(hash_elements(&[order]).is_ok());
        order[0] += 1;
        let error = hash_elements(&[[0; 32], order]).unwrap_err();
        assert!(error.to_string().contains("element 1"), "{error}");
    }
}
