//! Dense: Σ_n σ^n·y_n = Σ_n σ^n·Σ_k W_nk·x_k.
//!
//! Tensors that apply the same weights ([`crate::alike`]) have one identity, wherever in the graph they stand: a step of
//! a recurrent net may read what an earlier step made. With b counting them,
//!
//! ```text
//! Σ_b ρ^b·Σ_n σ^n·y_bn = Σ_n σ^n·Σ_k W_nk·Σ_b ρ^b·x_bk
//! ```
//!
//! Inputs are copied side by side, plane k holding x_bk for every b, and read at ρ. All x and y are committed before
//! either challenge, so that this holds of each b: powers of ρ tell them apart.

use super::Lowering;
use super::waiting::Multiplied;
use crate::error::CompileError;
use crate::ids::{LinearId, ValueId};
use crate::planes::PlaneLayout;
use crate::program::{Inputs, LinearValue, PlainFingerprint, Value, Weights};
use provenn_fixed_point::TensorId;
use provenn_gadgets::linear::Extents;

impl<'g> Lowering<'g> {
    pub(super) fn dense(
        &mut self,
        id: TensorId,
        input: TensorId,
        weights: &'g [i64],
    ) -> Result<(), CompileError> {
        let n = self.graph.tensors[id.0].len();
        let k = self.graph.tensors[input.0].len();
        if n.checked_mul(k) != Some(weights.len()) {
            return Err(self.internal(id, "its weights are not one per input and output"));
        }
        let block = self.made(id, PlaneLayout::flat(n), false)?;
        self.prepare(input)?;
        let product = Multiplied { tensor: id, y: block, x: input };
        let Some(all) = self.known.alike.gather(&mut self.waiting.multiplied, id, product) else {
            return Ok(());
        };
        let digits = self.digits(id, k, [n, 1])?;
        let one = self.program.constant(1);
        let further = match digits {
            Some(digits) => self.digit_inputs(id, digits, one)?,
            None => vec![],
        };
        let extents = Extents { outputs: n, inputs: k + further.len() };
        let inputs = match all.as_slice() {
            [_] if !further.is_empty() => Inputs::Extended(input, k, further),
            [_] => Inputs::Elements(input),
            all => Inputs::Values(self.side_by_side(all, k)?),
        };
        let form = self.linear(LinearValue {
            tensor: id,
            rho: false,
            committed: digits,
            extents,
            weights: Weights::Dense { weights, columns: k },
            inputs,
        });
        let mut total: Option<ValueId> = None;
        for one in all.iter().rev() {
            // One power of ρ each: results would meet at one otherwise.
            if self.program.layout(one.y).planes != 1 {
                return Err(self.internal(one.tensor, "a product by weights in several planes"));
            }
            let own = self.accumulated(one.y)?;
            total = Some(self.follow(own, total, 1));
        }
        let total = total.ok_or_else(|| self.internal(id, "weights that nobody applies"))?;
        self.program.equal(total, form);
        Ok(())
    }

    /// `Σ_b ρ^b·x_bk` for every k.
    fn side_by_side(&mut self, all: &[Multiplied], k: usize) -> Result<Vec<ValueId>, CompileError> {
        let block = self.interleaved_copy(all.iter().map(|one| one.x).collect(), k)?;
        Ok((0..k).map(|at| self.plain_plane(block, at, PlainFingerprint::Rho)).collect())
    }

    /// The value of a linear identity, by whichever gadget the set has.
    pub(super) fn linear(&mut self, value: LinearValue<'g>) -> ValueId {
        // A convolution whose weights are all zero has no units.
        if value.extents.inputs == 0 || value.extents.outputs == 0 {
            return self.program.constant(0);
        }
        self.program.linears.push(value);
        self.program.push(Value::Linear(LinearId(self.program.linears.len() - 1)))
    }
}
