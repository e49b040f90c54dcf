//! How far from the modulus the integers stay that a tensor's identities equate.
//!
//! An identity holds modulo p. It holds of integers because both of its sides are integers below p/2 in magnitude:
//! not only those that the interpreter computes, but all that limbs and tables *can* stand for, since a prover chooses these.

use crate::boundary::BoundaryTerms;
use crate::compiled::CompiledCircuit;
use crate::program::Shown;
use provenn_fixed_point::{Interval, Linear, QuantOp, Quotient, TensorId};
use provenn_gadgets::GadgetSet;
use provenn_gadgets::table::GAP;

/// Every integer below 2^252 in magnitude is below half of the scalar field's modulus.
pub const HALF_MODULUS_BITS: u32 = 252;

/// What is proven of a tensor's integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// Of its elements.
    pub interval: Interval,
    /// Of y + bias before the rescale, where there is one.
    pub accumulator: Option<Interval>,
    /// Both sides of each of its identities are below 2^bits in magnitude, whatever a prover puts into limbs.
    pub bits: u32,
}

impl Bound {
    /// Bits that are left below half of the modulus: at least so many times could every integer be doubled.
    #[must_use]
    pub fn margin(&self) -> u32 {
        HALF_MODULUS_BITS.saturating_sub(self.bits)
    }
}

/// Bits of what limbs can stand for that an operation shows ranges by.
#[derive(Clone, Copy, Debug, Default)]
struct Limbs {
    /// Of its first range, which is that of its result.
    first: u32,
    /// Of any.
    all: u32,
}

/// Bits of the largest magnitude.
fn bits(lo: i128, hi: i128) -> u32 {
    u128::BITS - lo.unsigned_abs().max(hi.unsigned_abs()).leading_zeros()
}

fn bits_of(Interval { lo, hi }: Interval) -> u32 {
    bits(lo.into(), hi.into())
}

impl<G: GadgetSet> CompiledCircuit<G> {
    /// By tensor of the graph.
    #[must_use]
    pub fn bounds(&self) -> Vec<Bound> {
        let graph = self.graph();
        let mut shown = vec![Limbs::default(); graph.tensors.len()];
        let width = self.params().ranges.map_or(0, |ranges| ranges.width);
        for range in &self.standing.range {
            let limbs = u32::try_from(range.place.limbs).unwrap_or(u32::MAX);
            // A value has 64 bits at most, which a limb of 16 bits at most exceeds by 15.
            let most = (1_i128 << limbs.saturating_mul(width).min(126)) - 1;
            let (index, lo, hi) = match range.shown {
                Shown::Operation { index, least } => {
                    (index, i128::from(least), i128::from(least) + most)
                }
                Shown::Above { least } => (0, i128::from(least), i128::from(least) + most),
                Shown::Below { greatest } => (0, i128::from(greatest) - most, i128::from(greatest)),
            };
            if let Some(shown) = shown.get_mut(range.tensor.0) {
                let bits = bits(lo, hi);
                shown.all = shown.all.max(bits);
                shown.first = shown.first.max(if index == 0 { bits } else { 0 });
            }
        }
        let of = |(at, shown): (usize, &Limbs)| {
            let id = TensorId(at);
            let tensor = graph.tensors.get(at)?;
            let accumulator = tensor.op.rescale().map(|rescale| rescale.accumulator);
            let own = accumulator.map_or(0, bits_of).max(bits_of(tensor.interval));
            let bits = own.max(shown.all).max(self.equated(id, &tensor.op, *shown));
            Some(Bound { interval: tensor.interval, accumulator, bits })
        };
        shown.iter().enumerate().filter_map(of).collect()
    }

    /// Bits of both sides of an operation's identities, where these are other integers than the tensor's own and than
    /// those that limbs stand for.
    fn equated(&self, id: TensorId, op: &QuantOp, limbs: Limbs) -> u32 {
        let graph = self.graph();
        let operand = |id: TensorId| graph.tensors.get(id.0).map_or(0, |t| bits_of(t.interval));
        match op {
            // Copies, or an identity that makes the tensor the form itself, whose operands are known integers.
            QuantOp::Input { .. }
            | QuantOp::View { .. }
            | QuantOp::Exact { .. }
            | QuantOp::Gather(_)
            | QuantOp::Embedding(_) => 0,
            QuantOp::Rescale { format, linear, .. } => {
                let Some(format) = graph.format(*format) else { return 0 };
                let recomposed = |tag: i64| {
                    let (first, last) = self.tables.bounds(tag);
                    let high = 1_i128 << (format.shift + format.low_bits);
                    let half = i128::from(format.half());
                    bits(i128::from(first) * high - half, (i128::from(last) + 1) * high - half)
                };
                let function = self.tables.tag(id).map_or(0, recomposed);
                let drops = matches!(linear, Linear::Conv { .. })
                    && self.parts().plan.boundary == BoundaryTerms::InLanes;
                function.max(if drops { recomposed(GAP) } else { 0 })
            }
            // 2·c·n + d = 2·d·x + r, and 2·d = r + (2·d − r)
            QuantOp::Quotient(Quotient { numerator, multiplier, divisor, .. }) => {
                let numerator = numerator.map_or(1, operand);
                let left = 1 + bits(0, i128::from(*multiplier)) + numerator;
                let right = 1 + operand(*divisor) + limbs.first;
                left.max(right).max(limbs.all) + 1
            }
            // v + addend = x² + r, and 2·x = r + (2·x − r)
            QuantOp::Root { operand: v, addend } => {
                let left = operand(*v).max(bits(0, i128::from(*addend)));
                left.max(2 * limbs.first).max(limbs.all) + 1
            }
            // Their own elements, or the sums of what is taken in.
            QuantOp::Maximum { .. } => {
                let maxima = self.standing.maximum.iter();
                let own = maxima.filter(|maxima| maxima.block.tensor == id).map(|maxima| {
                    let of_distance = u32::try_from(maxima.limbs).unwrap_or(u32::MAX);
                    let distance = of_distance.saturating_mul(maxima.kind.low_bits);
                    let largest = match maxima.kind.function {
                        true => graph
                            .tensors
                            .get(maxima.of.0)
                            .map_or(0, |of| self.equated(maxima.of, &of.op, limbs)),
                        false => operand(id),
                    };
                    // (m − d)·2^S + r
                    distance.saturating_add(maxima.kind.shift).max(largest).saturating_add(1)
                });
                own.max().unwrap_or(0)
            }
            // extent·v − p, and the differences of these and of the ends of lines
            QuantOp::Sort { operand: v, extent } => {
                let extent = usize::BITS - extent.leading_zeros();
                (extent + operand(*v) + 2).max(limbs.all) + 1
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use halo2_proofs::halo2curves::ff::PrimeField;
    use provenn_gadgets::Fr;

    #[test]
    fn half_of_the_modulus_has_253_bits() {
        // p − 1 in little-endian bytes.
        let last = (-Fr::one()).to_repr();
        let top = last.iter().rposition(|byte| *byte != 0).unwrap();
        let bits = u32::try_from(top).unwrap() * 8 + (8 - last[top].leading_zeros());
        assert_eq!(bits, HALF_MODULUS_BITS + 2);
    }

    #[test]
    fn bits_are_those_of_magnitudes() {
        for (lo, hi, expected) in [(0, 0, 0), (0, 1, 1), (-4, 3, 3), (-3, 4, 3), (0, 255, 8)] {
            assert_eq!(bits(lo, hi), expected, "{lo}..={hi}");
        }
    }
}
