//! Walks tract's decluttered model and hands each node to the family of operators that knows it.

use std::collections::HashMap;

use tract_onnx::pb::ModelProto;
use tract_onnx::prelude::{
    DatumType, Outlet, OutletId, TractError, TypedFact, TypedModel, TypedNode,
};

use super::builder::Builder;
use super::importer::Importer;
use super::options::ImportOptions;
use super::reason::{Outcome, Reason};
use super::{
    axis, binary, cast, concat, conv, einsum, expand, gather, logic, modulo, norm, operators, own,
    pool, reduce, rounding, select, slice, unary,
};
use crate::{ElementType, ImportError, NodeId, Op, Unsupported};

/// Every family; the first that knows a node translates it.
const FAMILIES: &[fn(&mut Importer, &TypedNode) -> Outcome] = &[
    axis::translate,
    logic::translate,
    binary::translate,
    modulo::translate,
    rounding::translate,
    unary::translate,
    einsum::translate,
    conv::translate,
    pool::translate,
    reduce::translate,
    norm::translate,
    select::translate,
    cast::translate,
    concat::translate,
    slice::translate,
    gather::translate,
    expand::translate,
];

/// Translates a whole model, or lists all that could not be.
pub(super) fn translate(
    model: &TypedModel,
    proto: &ModelProto,
    elements: &HashMap<String, ElementType>,
    options: &ImportOptions,
) -> Result<Builder, ImportError> {
    let analysis = |_: TractError| ImportError::Analysis {
        reason: "its nodes are not connected as a graph".to_owned(),
    };
    let builder = Builder::new(options.folded_elements);
    let mut importer = Importer { model, builder, wires: HashMap::new() };
    let mut refused: Vec<(&TypedNode, Reason)> = Vec::new();
    for &outlet in model.input_outlets().map_err(analysis)? {
        let node = model.node(outlet.node);
        let element = elements.get(&node.name).copied().unwrap_or_default();
        if let Err(reason) = importer.input_node(node, outlet, element) {
            refused.push((node, reason));
        }
    }
    for id in model.eval_order().map_err(analysis)? {
        let node = model.node(id);
        if let Err(reason) = importer.node(node) {
            refused.push((node, reason));
            importer.stand_in(node);
        }
    }
    for &outlet in model.output_outlets().map_err(analysis)? {
        let node = model.node(outlet.node);
        match importer.wire(outlet) {
            Ok(id) => importer.builder.outputs.push(id),
            Err(reason) => refused.push((node, reason)),
        }
    }
    if refused.is_empty() {
        return Ok(importer.builder);
    }
    let operators =
        refused.into_iter().map(|(node, reason)| describe(node, reason, proto)).collect();
    Err(ImportError::Unsupported { operators })
}

/// Names the ONNX node behind a tract node: the one whose name it carries, possibly with a suffix.
fn describe(node: &TypedNode, reason: Reason, proto: &ModelProto) -> Unsupported {
    let nodes = proto.graph.iter().flat_map(|graph| &graph.node);
    let origin = nodes
        .filter(|candidate| node.name.starts_with(&operators::name(candidate)))
        .max_by_key(|candidate| operators::name(candidate).len());
    let (name, op) = match origin {
        Some(origin) => (operators::name(origin), origin.op_type.clone()),
        None => (node.name.clone(), node.op.name().into_owned()),
    };
    Unsupported { node: name, op, reason: reason.0 }
}

impl Importer<'_> {
    fn input_node(
        &mut self,
        node: &TypedNode,
        outlet: OutletId,
        element: ElementType,
    ) -> Result<(), Reason> {
        let kind = self.model.outlet_fact(outlet)?.datum_type;
        if !kind.is_number() && kind != DatumType::Bool {
            return Err(Reason(format!("inputs of type {kind:?} are not supported")));
        }
        let shape = self.shape(outlet)?;
        let id = self.builder.input(&node.name, shape);
        self.builder.elements.insert(id, element);
        self.wires.insert(outlet, id);
        Ok(())
    }

    fn node(&mut self, node: &TypedNode) -> Result<(), Reason> {
        let outlet = OutletId::new(node.id, 0);
        let known = self.wires.contains_key(&outlet);
        let folded = node.outputs.iter().all(|output| output.fact.konst.is_some());
        // What has no elements is wired where it is read.
        let empty = |output: &Outlet<TypedFact>| {
            output.fact.shape.as_concrete().is_some_and(|shape| shape.contains(&0))
        };
        if known || folded || node.outputs.iter().all(empty) {
            return Ok(());
        }
        if let Some(all) = self.top_k(node).or_else(|| own::translate(self, node)) {
            return all;
        }
        if node.outputs.len() > 1
            && node.outputs.iter().skip(1).any(|output| !output.successors.is_empty())
        {
            return Err("only its first output can be used".into());
        }
        let outcome = FAMILIES.iter().find_map(|family| family(self, node));
        let id =
            outcome.unwrap_or_else(|| Err("there is no circuit for it in this form".into()))?;
        let (expected, got) = (self.shape(outlet)?, self.builder.shape(id));
        if expected != got {
            return Err(Reason(format!(
                "its shape should be {expected:?} but comes out as {got:?}"
            )));
        }
        self.wires.insert(outlet, id);
        self.mark_whole(id, self.output_type(node)?)
    }

    /// Remembers that a node computes with whole numbers; what is folded of them must have stayed exact.
    pub(super) fn mark_whole(&mut self, id: NodeId, kind: DatumType) -> Result<(), Reason> {
        if kind == DatumType::Bool {
            self.builder.elements.entry(id).or_insert(ElementType::Boolean);
        }
        if !kind.is_integer() && kind != DatumType::TDim {
            return Ok(());
        }
        let folded = self.builder.value(id).and_then(|tensor| {
            tensor.data.iter().find(|value| f64::from(value.abs()) >= crate::graph::EXACT)
        });
        if let Some(value) = folded {
            return Err(Reason(format!(
                "it comes to {value}, a whole number from 2^24 on, which float32 need not hold exactly"
            )));
        }
        let bits = u8::try_from(kind.size_of() * 8).ok().filter(|_| kind != DatumType::TDim);
        let element =
            ElementType::Integer { bits: bits.unwrap_or(64), signed: !kind.is_unsigned() };
        self.builder.elements.entry(id).or_insert(element);
        Ok(())
    }

    /// Puts something of the right shape where a node was refused, so that the nodes after it are checked too.
    fn stand_in(&mut self, node: &TypedNode) {
        for slot in 0..node.outputs.len() {
            let outlet = OutletId::new(node.id, slot);
            if let Ok(shape) = self.shape(outlet) {
                let id = self.builder.keep(
                    &node.name,
                    Op::Input { index: usize::MAX },
                    Vec::new(),
                    shape,
                );
                self.wires.insert(outlet, id);
            }
        }
    }
}
