//! What a circuit's statement says beside what its graph and plan determine.

use crate::error::{CompileError, Contradiction};
use provenn_fixed_point::{QuantGraph, TensorId};
use provenn_gadgets::{Grid, PublicTensor, TensorVisibility};
use serde::{Deserialize, Serialize};

/// An input or output as the model's owner knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// Its name.
    pub name: String,
    /// Extents, batch included.
    pub shape: Vec<usize>,
}

/// Whom a circuit belongs to. Two models may give one graph; their circuits must not pass for each other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// Digest of the model.
    pub model: [u8; 32],
    /// Digest of the settings.
    pub settings: [u8; 32],
    /// The graph's inputs in order.
    pub inputs: Vec<Named>,
    /// Its outputs.
    pub outputs: Vec<Named>,
}

impl Binding {
    /// Names and extents of the graph's own tensors, no digests: for a graph that comes from no file.
    #[must_use]
    pub fn of(graph: &QuantGraph) -> Self {
        let named = |ids: &[TensorId]| {
            let tensors = ids.iter().filter_map(|id| graph.tensors.get(id.0));
            tensors.map(|t| Named { name: t.name.clone(), shape: t.shape.clone() }).collect()
        };
        Binding {
            inputs: named(&graph.inputs),
            outputs: named(&graph.outputs),
            ..Binding::default()
        }
    }

    /// Checks that it names as many tensors as the graph has, each with as many elements.
    pub(crate) fn check(&self, graph: &QuantGraph) -> Result<(), CompileError> {
        for (what, named, ids) in
            [("input", &self.inputs, &graph.inputs), ("output", &self.outputs, &graph.outputs)]
        {
            if named.len() != ids.len() {
                let (expected, got) = (ids.len(), named.len());
                return Err(Contradiction::Names { what, expected, got }.into());
            }
            for (named, id) in named.iter().zip(ids) {
                let product = |shape: &[usize]| {
                    shape.iter().try_fold(1_usize, |all, extent| all.checked_mul(*extent))
                };
                let elements = graph.tensors.get(id.0).and_then(|tensor| product(&tensor.shape));
                if elements.is_none() || product(&named.shape) != elements {
                    let name = named.name.clone();
                    return Err(Contradiction::Extents { what, name }.into());
                }
            }
        }
        Ok(())
    }
}

/// The tensors as a statement lists them; none if they are private.
pub(crate) fn public(
    graph: &QuantGraph,
    ids: &[TensorId],
    named: &[Named],
    visibility: TensorVisibility,
) -> Vec<PublicTensor> {
    let tensors = ids.iter().zip(named).filter(|_| visibility != TensorVisibility::Private);
    let public = |(id, named): (&TensorId, &Named)| {
        let tensor = graph.tensors.get(id.0)?;
        Some(PublicTensor {
            name: named.name.clone(),
            shape: named.shape.clone(),
            grid: grid(graph, *id),
            lo: tensor.interval.lo,
            hi: tensor.interval.hi,
        })
    };
    tensors.filter_map(public).collect()
}

/// Which reals the integers of a tensor stand for.
pub(crate) fn grid(graph: &QuantGraph, id: TensorId) -> Grid {
    public_grid(&graph.grid(id))
}

/// A grid of the quantised graph as statements carry it.
#[must_use]
pub fn public_grid(grid: &provenn_fixed_point::Grid) -> Grid {
    let provenn_fixed_point::Grid { steps, offsets, inner } = grid.clone();
    Grid { steps, offsets, inner }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_binding_of_another_graph_is_refused() {
        let graph = QuantGraph::default();
        assert!(Binding::of(&graph).check(&graph).is_ok());
        let inputs = vec![Named { name: "x".into(), shape: vec![1] }];
        assert!(Binding { inputs, ..Binding::default() }.check(&graph).is_err());
    }
}
