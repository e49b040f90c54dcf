//! Public values: field elements, signed integers, and the reals that they stand for.

use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::halo2curves::ff::PrimeField;
use provenn_gadgets::{Grid, PublicTensor, Statement};

/// Number of elements of a tensor. `None` if it overflows.
#[must_use]
pub fn elements(tensor: &PublicTensor) -> Option<usize> {
    tensor.shape.iter().try_fold(1_usize, |product, &extent| product.checked_mul(extent))
}

/// Number of public values. `None` if it overflows.
#[must_use]
pub fn instance_length(statement: &Statement) -> Option<usize> {
    tensors(statement).try_fold(0_usize, |sum, tensor| sum.checked_add(elements(tensor)?))
}

/// The public tensors in the order of the instance column.
pub fn tensors(statement: &Statement) -> impl Iterator<Item = &PublicTensor> {
    statement.inputs.iter().chain(&statement.outputs)
}

/// The signed 64-bit integer that a field element stands for, if it is one.
#[must_use]
pub fn to_signed(x: Fr) -> Option<i64> {
    let small = |x: Fr| {
        let bytes = x.to_repr();
        let (low, high) = bytes.split_first_chunk::<8>()?;
        high.iter().all(|&byte| byte == 0).then(|| u64::from_le_bytes(*low))
    };
    match small(x).and_then(|magnitude| i64::try_from(magnitude).ok()) {
        Some(x) => Some(x),
        None => small(-x).and_then(|magnitude| 0_i64.checked_sub_unsigned(magnitude)),
    }
}

/// The reals of a tensor's integers as decimals, each in the shortest form that reads back as the same `f64`.
#[must_use]
pub fn pretty(integers: &[i64], grid: &Grid) -> Vec<String> {
    let reals = integers.iter().enumerate().map(|(element, &integer)| grid.real(element, integer));
    reals.map(|real| real.to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use provenn_gadgets::from_signed;

    #[test]
    fn signed_integers_survive_the_field() {
        for x in [0, 1, -1, i64::MAX, i64::MIN, i64::MIN + 1, 123_456_789] {
            assert_eq!(to_signed(from_signed(x)), Some(x));
        }
        let beyond = from_signed(i64::MAX) + Fr::one();
        assert_eq!(to_signed(beyond), None);
        assert_eq!(to_signed(from_signed(i64::MIN) - Fr::one()), None);
        assert_eq!(to_signed(beyond * beyond * beyond), None);
    }
}
