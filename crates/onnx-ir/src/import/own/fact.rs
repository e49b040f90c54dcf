//! How the analysis sees a node that is read here: an operator with types and shapes.

use std::collections::HashMap;
use std::fmt;

use tract_onnx::pb::NodeProto;
use tract_onnx::prelude::{
    DatumType, InferenceFact, InferenceModel, OutletId, SpecialOps, TVec, Tensor, TractError,
    TractResult, TypedFact, TypedModel,
};
use tract_onnx::tract_hir::infer::{Factoid, InferenceNode, InferenceOp};
use tract_onnx::tract_hir::internal::{DimLike, EvalOp, Op, StaticName, TValue, TypedOp};

use super::site::{Given, Site};
use super::{Kind, Reason, fold};
use crate::import::operators;

/// A node of the file, and how it is read.
#[derive(Clone)]
pub(super) struct Own {
    node: NodeProto,
    opset: i64,
    kind: &'static Kind,
    /// What its outputs are, once that is known.
    made: Option<Vec<(DatumType, Vec<usize>)>>,
}

/// Why a node cannot be read, on its way through the analysis.
#[derive(Debug)]
pub(in crate::import) struct Refused {
    pub(in crate::import) node: String,
    pub(in crate::import) op: String,
    pub(in crate::import) reason: String,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.node, self.op, self.reason)
    }
}

impl std::error::Error for Refused {}

impl Own {
    pub(super) fn new(node: &NodeProto, opset: i64, kind: &'static Kind) -> Self {
        Own { node: node.clone(), opset, kind, made: None }
    }

    pub(super) fn kind(&self) -> &'static Kind {
        self.kind
    }

    /// The outputs that have names, by their slots in the file: those are all that the analysis knows of.
    pub(super) fn outputs(&self) -> impl Iterator<Item = (usize, &str)> {
        let named = self.node.output.iter().map(String::as_str).enumerate();
        named.filter(|(_, name)| !name.is_empty())
    }

    /// What the analysis has for each input, by slot: it knows nothing of inputs that are left out.
    pub(super) fn slots<T>(&self, known: impl IntoIterator<Item = T>) -> Vec<Option<T>> {
        let mut known = known.into_iter();
        let slot = |name: &String| if name.is_empty() { None } else { known.next() };
        self.node.input.iter().map(slot).collect()
    }

    pub(super) fn site(&self, known: Vec<Given>) -> Site<'_> {
        Site { node: &self.node, opset: self.opset, inputs: self.slots(known) }
    }

    fn refused(&self, Reason(reason): Reason) -> TractError {
        let (node, op) = (operators::name(&self.node), operators::qualified(&self.node));
        TractError::new(Refused { node, op, reason })
    }

    /// What the outputs are, as soon as everything is known that this depends on.
    fn outlook(&mut self, inputs: &[&InferenceFact]) -> TractResult<()> {
        let mut known = Vec::with_capacity(inputs.len());
        for fact in inputs {
            let shape = fact.shape.concretize().and_then(|shape| {
                shape.iter().map(|extent| extent.to_usize().ok()).collect::<Option<Vec<usize>>>()
            });
            let (Some(kind), Some(shape)) = (fact.datum_type.concretize(), shape) else {
                return Ok(());
            };
            known.push(Given { shape, kind, value: fact.value.concretize() });
        }
        let site = self.site(known);
        let open = |slot: usize| site.input(slot).is_some_and(|given| given.value.is_none());
        if self.kind.constants.iter().any(|&(slot, _)| open(slot)) {
            return Ok(());
        }
        let made = (self.kind.shapes)(&site).map_err(|reason| self.refused(reason))?;
        if let Some((at, _)) = self.outputs().find(|(at, _)| *at >= made.len()) {
            return Err(self.refused(Reason(format!("its output {at} is not supported"))));
        }
        self.made = Some(made);
        Ok(())
    }
}

/// The value of a node whose inputs are all constant; none where the node is not read here, or has none.
pub(in crate::import) fn value(
    node: &InferenceNode,
    inputs: &[&InferenceFact],
) -> Option<TractResult<Tensor>> {
    let own = node.op_as::<Own>()?;
    let value = fold::of(own.kind.name)?;
    let known = inputs.iter().map(|fact| {
        let given = fact.value.concretize()?;
        Some(Given {
            shape: given.shape().to_vec(),
            kind: fact.datum_type.concretize()?,
            value: Some(given),
        })
    });
    let site = own.site(known.collect::<Option<Vec<Given>>>()?);
    Some(value(&site).map_err(|reason| own.refused(reason)))
}

impl fmt::Debug for Own {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind.name)
    }
}

impl PartialEq for Own {
    /// No node stands for another.
    fn eq(&self, _: &Self) -> bool {
        false
    }
}

impl Eq for Own {}

impl Op for Own {
    fn name(&self) -> StaticName {
        self.kind.name.into()
    }

    fn as_typed(&self) -> Option<&dyn TypedOp> {
        Some(self)
    }
}

impl EvalOp for Own {
    fn eval_out_of_plan(&self, _: TVec<TValue>) -> TractResult<Option<TVec<TValue>>> {
        Ok(None)
    }
}

impl InferenceOp for Own {
    fn infer_facts(
        &mut self,
        inputs: TVec<&InferenceFact>,
        outputs: TVec<&InferenceFact>,
        observed: TVec<&InferenceFact>,
    ) -> TractResult<(TVec<InferenceFact>, TVec<InferenceFact>, TVec<InferenceFact>)> {
        self.outlook(&inputs)?;
        let mut found: TVec<InferenceFact> = outputs.into_iter().cloned().collect();
        if let Some(made) = &self.made {
            for (fact, (slot, _)) in found.iter_mut().zip(self.outputs()) {
                if let Some((kind, shape)) = made.get(slot) {
                    *fact = fact.unify(&InferenceFact::dt_shape(*kind, shape.as_slice()))?;
                }
            }
        }
        let same = |facts: TVec<&InferenceFact>| facts.into_iter().cloned().collect();
        Ok((same(inputs), found, same(observed)))
    }

    fn nboutputs(&self) -> TractResult<usize> {
        Ok(self.outputs().count())
    }

    fn as_op(&self) -> &dyn Op {
        self
    }

    fn as_op_mut(&mut self) -> &mut dyn Op {
        self
    }

    fn to_typed(
        &self,
        _: &InferenceModel,
        node: &InferenceNode,
        target: &mut TypedModel,
        mapping: &HashMap<OutletId, OutletId>,
    ) -> TractResult<TVec<OutletId>> {
        if self.made.is_none() {
            let constants: Vec<&str> = self.kind.constants.iter().map(|(_, name)| *name).collect();
            let what = constants.join(", ");
            return Err(self.refused(Reason(format!(
                "it is supported where these inputs are constants: {what}; give the inputs that decide them a value (--fix INPUT=VALUE)"
            ))));
        }
        let inputs: Option<Vec<OutletId>> =
            node.inputs.iter().map(|outlet| mapping.get(outlet).copied()).collect();
        let inputs = inputs.ok_or_else(|| self.refused("an input is missing".into()))?;
        target.wire_node(&node.name, self.clone(), &inputs)
    }
}

impl TypedOp for Own {
    fn as_op(&self) -> &dyn Op {
        self
    }

    fn as_op_mut(&mut self) -> &mut dyn Op {
        self
    }

    fn output_facts(&self, _: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let made = self.made.as_deref().unwrap_or(&[]);
        let facts = self.outputs().filter_map(|(slot, _)| {
            let (kind, shape) = made.get(slot)?;
            Some(TypedFact::dt_shape(*kind, shape.as_slice()))
        });
        Ok(facts.collect())
    }
}
