//! What is known while a model is walked: its values, our nodes for them, their shapes and types.

use std::collections::HashMap;

use tract_onnx::prelude::{DatumType, OutletId, TDim, TypedModel, TypedNode};
use tract_onnx::tract_hir::internal::DimLike;

use super::builder::Builder;
use super::constant;
use super::reason::Reason;
use crate::{NodeId, Tensor};

/// The walk's state.
pub(super) struct Importer<'a> {
    pub(super) model: &'a TypedModel,
    pub(super) builder: Builder,
    /// Which of our nodes carries each of tract's values.
    pub(super) wires: HashMap<OutletId, NodeId>,
}

impl Importer<'_> {
    /// Our node for one of tract's values; constants come into being when first read.
    pub(super) fn wire(&mut self, outlet: OutletId) -> Result<NodeId, Reason> {
        if let Some(&id) = self.wires.get(&outlet) {
            return Ok(id);
        }
        let fact = self.model.outlet_fact(outlet)?;
        let name = &self.model.node(outlet.node).name;
        if let Some(shape) = fact.shape.as_concrete().filter(|shape| shape.contains(&0)) {
            let empty = Tensor { shape: shape.to_vec(), data: vec![] };
            return Ok(self.builder.constant(name, empty));
        }
        let Some(tensor) = fact.konst.as_deref() else {
            return Err(Reason(format!(
                "{name} gives {:?}, which has no circuit here",
                fact.datum_type
            )));
        };
        let tensor = constant::tensor(tensor)
            .map_err(|Reason(reason)| Reason(format!("its constant {name}: {reason}")))?;
        let id = self.builder.constant(name, tensor);
        self.wires.insert(outlet, id);
        Ok(id)
    }

    /// Our node for input `slot` of a tract node.
    pub(super) fn input(&mut self, node: &TypedNode, slot: usize) -> Result<NodeId, Reason> {
        let outlet = node.inputs.get(slot).copied().ok_or("an input is missing")?;
        self.wire(outlet)
    }

    /// The shape of one of tract's values, which must be numbers.
    pub(super) fn shape(&self, outlet: OutletId) -> Result<Vec<usize>, Reason> {
        let fact = self.model.outlet_fact(outlet)?;
        let shape = fact
            .shape
            .as_concrete()
            .ok_or_else(|| Reason(format!("its shape {:?} is not known", fact.shape)))?;
        Ok(shape.to_vec())
    }

    /// The shape of a node's first output.
    pub(super) fn output_shape(&self, node: &TypedNode) -> Result<Vec<usize>, Reason> {
        self.shape(OutletId::new(node.id, 0))
    }

    /// An extent that must be a number.
    pub(super) fn number(extent: &TDim) -> Result<usize, Reason> {
        extent
            .to_usize()
            .map_err(|_| Reason(format!("it depends on {extent}, which is not a known number")))
    }

    /// The element type of a node's first output.
    pub(super) fn output_type(&self, node: &TypedNode) -> Result<DatumType, Reason> {
        Ok(self.model.outlet_fact(OutletId::new(node.id, 0))?.datum_type)
    }
}
