//! Sizes and work of the analysis, counted before anything of that size is made.

use std::cell::RefCell;
use std::collections::HashSet;

use tract_onnx::pb::{ModelProto, NodeProto};
use tract_onnx::prelude::{InferenceFact, InferenceModel, OutletId};
use tract_onnx::tract_hir::infer::Factoid;

use super::extents::extents;
use super::origins::Origins;
use crate::import::options::ImportOptions;
use crate::import::stored::volume;
use crate::import::{folding, operators};
use crate::work::Work;
use crate::{ImportError, Unsupported};

/// Elements of the largest tensor that the file holds itself, and so has paid for.
fn largest_stored(proto: &ModelProto) -> usize {
    let graph = proto.graph.iter();
    graph.flat_map(|graph| &graph.initializer).filter_map(|t| volume(&t.dims)).max().unwrap_or(0)
}

/// What a model may ask for while it is analysed.
pub(super) struct Limits<'a> {
    /// Most elements of one tensor.
    tensor: usize,
    options: &'a ImportOptions,
    folded: &'a RefCell<Folded>,
}

/// What constants take that are computed from others, and the nodes that are counted: of all parts of a model, where it is
/// analysed part by part.
#[derive(Debug, Default)]
pub(in crate::import) struct Folded {
    work: Work,
    nodes: HashSet<String>,
}

impl<'a> Limits<'a> {
    pub(super) fn new(
        proto: &ModelProto,
        options: &'a ImportOptions,
        folded: &'a RefCell<Folded>,
    ) -> Self {
        let tensor = options.tensor_elements.max(largest_stored(proto));
        Self { tensor, options, folded }
    }

    /// Checks one shape, whose open extents count as 1.
    pub(super) fn check(&self, node: &str, shape: &[Option<usize>]) -> Result<(), ImportError> {
        let known: Vec<usize> = shape.iter().map(|extent| extent.unwrap_or(1)).collect();
        match crate::tensor::volume(&known).filter(|&size| size <= self.tensor) {
            Some(_) => Ok(()),
            None => Err(ImportError::TooManyElements {
                node: node.to_owned(),
                shape: known,
                limit: self.tensor,
            }),
        }
    }

    /// Counts, once, a node that computes `made` from constants of the shapes `given`.
    pub(super) fn count(
        &self,
        name: &str,
        proto: Option<&NodeProto>,
        given: &[Vec<Option<usize>>],
        made: &[Option<usize>],
    ) -> Result<(), ImportError> {
        let mut folded = self.folded.borrow_mut();
        if !folded.nodes.insert(name.to_owned()) {
            return Ok(());
        }
        folded.work = folded.work.plus(folding::of(proto, given, made));
        folded.work.check_folded(self.options.folded_elements).map_err(|reason| {
            let node = proto.map_or_else(String::new, operators::name);
            let op = proto.map_or_else(String::new, |node| node.op_type.clone());
            ImportError::Unsupported { operators: vec![Unsupported { node, op, reason }] }
        })
    }

    /// Counts the nodes whose inputs are constant only once other nodes are computed.
    pub(super) fn check_folding(
        &self,
        model: &InferenceModel,
        origins: &Origins<'_>,
    ) -> Result<(), ImportError> {
        let mut constant: HashSet<usize> = HashSet::new();
        for id in model.eval_order().unwrap_or_default() {
            let node = model.node(id);
            let known = node.outputs.iter().all(|output| output.fact.value.is_concrete());
            let computed = !node.inputs.is_empty()
                && node.inputs.iter().all(|outlet| constant.contains(&outlet.node));
            if !known && !computed {
                continue;
            }
            constant.insert(id);
            let inputs = node.inputs.iter().filter_map(|&outlet| model.outlet_fact(outlet).ok());
            let given: Vec<_> = inputs.map(extents).collect();
            for output in node.outputs.iter().filter(|_| computed) {
                let proto = origins.get(&node.name);
                self.count(&node.name, proto, &given, &extents(&output.fact))?;
            }
        }
        Ok(())
    }

    /// Checks all values that depend on an input: they are not too many together, and what has no elements is read
    /// by nothing that would make some of it.
    pub(super) fn check_total(
        &self,
        model: &InferenceModel,
        origins: &Origins<'_>,
    ) -> Result<(), ImportError> {
        let limit = self.options.total_elements;
        let mut total = 0usize;
        for node in &model.nodes {
            let outputs = node.outputs.iter().enumerate();
            for (slot, output) in outputs.filter(|(_, out)| !out.fact.value.is_concrete()) {
                let shape: Option<Vec<usize>> = extents(&output.fact).into_iter().collect();
                let Some(shape) = shape.filter(|_| output.fact.shape.rank().is_concrete()) else {
                    continue;
                };
                if shape.contains(&0) {
                    check_empty(model, origins, OutletId::new(node.id, slot), &shape)?;
                    continue;
                }
                total = total.saturating_add(crate::tensor::volume(&shape).unwrap_or(usize::MAX));
                if total > limit {
                    let node = node.name.clone();
                    return Err(ImportError::TooManyInAll { node, shape, total, limit });
                }
            }
        }
        Ok(())
    }
}

/// Refuses a value without elements that is an output, or that something else than a `Concat` makes elements of.
fn check_empty(
    model: &InferenceModel,
    origins: &Origins<'_>,
    outlet: OutletId,
    shape: &[usize],
) -> Result<(), ImportError> {
    let maker = model.node(outlet.node);
    let refused = |reason: String| {
        let (node, op) = (maker.name.clone(), origins.op(&maker.name).to_owned());
        ImportError::Unsupported { operators: vec![Unsupported { node, op, reason }] }
    };
    if model.output_outlets().is_ok_and(|outputs| outputs.contains(&outlet)) {
        return Err(refused(format!(
            "it makes an output of shape {shape:?}, which has no elements to prove: take it out of the model's outputs"
        )));
    }
    let readers = maker.outputs.get(outlet.slot).map(|output| &output.successors);
    for inlet in readers.into_iter().flatten() {
        let reader = model.node(inlet.node);
        let empty =
            |fact: &InferenceFact| fact.value.is_concrete() || extents(fact).contains(&Some(0));
        let drops = origins.op(&reader.name) == "Concat"
            || reader.outputs.iter().all(|output| empty(&output.fact));
        if !drops {
            let (reader, reads) = (&reader.name, origins.op(&reader.name));
            return Err(refused(format!(
                "it makes an empty tensor, of shape {shape:?}, which {reader} ({reads}) reads: only a Concat may"
            )));
        }
    }
    Ok(())
}
