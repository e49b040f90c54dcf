//! Embedding: `Σ_i ρ^i·Y_i(σ) = Σ_k x_k·u_k(σ)`, x_k being where the key k occurs among the indices.
//!
//! # Statement
//! With `x_k = Σ_{i: index_i = k} ρ^i` and the table's row k as `u_k(σ) = Σ_n σ^n·row_kn`, the right side is
//! `Σ_i ρ^i·u_(index_i)(σ)`: row i of the result is the table's row at index i.
//!
//! Of a table of one row that constants name, `x = Σ_i ρ^i` is known and no memory is asked: a learned constant, whose row
//! it is.
//!
//! # Soundness
//! Indices and result are committed before ρ and σ, x after ρ and before σ: Schwartz–Zippel in both. Rows are fixed before
//! either, in the key or, with weights, in a commitment; there nothing is known of them but their bits, which is what the
//! result's interval is made of (`Embedding::interval`).
//!
//! # Cost
//! One pass over the table, whatever the number of indices: the weights of a dense layer, and a few later cells per key.
//! Committed rows take no column of the circuit but that of their combination, however wide they are.

use super::Lowering;
use crate::error::CompileError;
use crate::ids::ListId;
use crate::planes::PlaneLayout;
use crate::program::{
    Contents, Digits, Inputs, LinearValue, List, PlainFingerprint, Point, Value, Weights,
};
use provenn_fixed_point::{Embedding, QuantOp, Source, TensorId};
use provenn_gadgets::linear::Extents;

impl<'g> Lowering<'g> {
    pub(super) fn embedding(
        &mut self,
        id: TensorId,
        embedding: &'g Embedding,
    ) -> Result<(), CompileError> {
        let Embedding { indices, ref rows, keys } = *embedding;
        let [len, length] = [id, indices].map(|id| self.graph.tensors[id.0].len());
        let width = embedding.width(len, length);
        let width = width.ok_or_else(|| self.internal(id, "a table without whole rows"))?;
        let count = rows.len() / width;
        let inputs = if count == 1 && self.all_are(indices, keys.first.checked_mul(keys.unit)) {
            vec![self.geometric((Point::Rho, 1), length)]
        } else {
            self.prepare(indices)?;
            self.program.lists.push(List { indices, length, keys, count });
            let list = ListId(self.program.lists.len() - 1);
            let inputs = (0..count).map(|key| self.program.push(Value::Occurrences(list, key)));
            inputs.collect()
        };
        let inputs = Inputs::Values(inputs);
        // For the gaps.
        self.program.constant(0);
        let block = self.home(id, PlaneLayout::rows(length, width), Contents::Equated)?;
        let committed = self.graph.committed.get(&id);
        let form = self.linear(LinearValue {
            tensor: id,
            rho: false,
            committed: committed.map(|&of| Digits { bias: &[], of, first: count }),
            extents: Extents { outputs: width, inputs: count },
            weights: Weights::Rows { rows, width },
            inputs,
        });
        let result = self.plain_total(block, PlainFingerprint::Sigma)?;
        self.program.equal(result, form);
        Ok(())
    }

    /// Whether all elements of a tensor are this constant.
    fn all_are(&self, id: TensorId, constant: Option<i64>) -> bool {
        let QuantOp::View { sources, map } = &self.graph.tensors[id.0].op else { return false };
        let constant = constant.map(Source::Constant);
        sources.is_empty() && map.iter().all(|source| Some(*source) == constant)
    }
}
