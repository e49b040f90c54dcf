//! The ONNX operators that can be imported, and the check that lists all others at once.
//!
//! Only operators that depend on an input count: what is computed from constants and shapes alone is folded.

use std::collections::HashSet;

use tract_onnx::Onnx;
use tract_onnx::pb::{AttributeProto, GraphProto, ModelProto, NodeProto};

use crate::{ImportError, Unsupported};

/// Operators that some file of this folder can express on values that are not constant.
const SUPPORTED: [&str; 62] = [
    "Abs",
    "Add",
    "AveragePool",
    "BatchNormalization",
    "Cast",
    "CastLike",
    "Clip",
    "Concat",
    "Constant",
    "Conv",
    "ConvTranspose",
    "DepthToSpace",
    "Div",
    "Dropout",
    "Einsum",
    "Expand",
    "Flatten",
    "Gather",
    "Greater",
    "GreaterOrEqual",
    "Less",
    "LessOrEqual",
    "Where",
    "Gemm",
    "GlobalAveragePool",
    "GlobalMaxPool",
    "HardSigmoid",
    "HardSwish",
    "Identity",
    "LeakyRelu",
    "MatMul",
    "Max",
    "MaxPool",
    "Mean",
    "Min",
    "Mul",
    "Neg",
    "PRelu",
    "Pad",
    "Pow",
    "Reciprocal",
    "ReduceL1",
    "ReduceMax",
    "ReduceMean",
    "ReduceMin",
    "ReduceSum",
    "ReduceSumSquare",
    "Relu",
    "Reshape",
    "Resize",
    "Sigmoid",
    "Slice",
    "Softsign",
    "SpaceToDepth",
    "Split",
    "Squeeze",
    "Sub",
    "Sum",
    "Tanh",
    "Tile",
    "Transpose",
    "Unsqueeze",
];

/// Operators whose result is constant whatever their input is, because all shapes are known.
const SHAPES: [&str; 2] = ["Shape", "Size"];

/// Lists every operator of the model that cannot be imported.
pub(super) fn check(model: &ModelProto, onnx: &Onnx) -> Result<(), ImportError> {
    let Some(graph) = model.graph.as_ref() else { return Ok(()) };
    let stored: HashSet<&str> =
        graph.initializer.iter().map(|tensor| tensor.name.as_str()).collect();
    let inputs = graph.input.iter().map(|input| input.name.as_str());
    let mut live: HashSet<&str> = inputs.filter(|name| !stored.contains(name)).collect();
    let mut operators = Vec::new();
    for node in &graph.node {
        let mut reads: Vec<&str> = node.input.iter().map(String::as_str).collect();
        node.attribute.iter().for_each(|attribute| inner_reads(attribute, &mut reads));
        let depends = reads.iter().any(|name| live.contains(name));
        if let Some(reason) = refusal(node, depends, onnx) {
            operators.push(Unsupported { node: name(node), op: qualified(node), reason });
        }
        if depends && !SHAPES.contains(&node.op_type.as_str()) {
            live.extend(node.output.iter().map(String::as_str).filter(|name| !name.is_empty()));
        }
    }
    if operators.is_empty() { Ok(()) } else { Err(ImportError::Unsupported { operators }) }
}

/// Names that the subgraphs of an attribute read, their own included: a superset is harmless here.
fn inner_reads<'a>(attribute: &'a AttributeProto, reads: &mut Vec<&'a str>) {
    for GraphProto { node, .. } in attribute.g.iter().chain(&attribute.graphs) {
        for inner in node {
            reads.extend(inner.input.iter().map(String::as_str));
            inner.attribute.iter().for_each(|attribute| inner_reads(attribute, reads));
        }
    }
}

/// Why a node cannot be imported, if so.
fn refusal(node: &NodeProto, depends: bool, onnx: &Onnx) -> Option<String> {
    let op = node.op_type.as_str();
    if !matches!(node.domain.as_str(), "" | "ai.onnx") {
        return Some("operators outside the standard ONNX domain are unknown".to_owned());
    }
    if !onnx.op_register.0.contains_key(op) {
        return Some("unknown operator".to_owned());
    }
    if !depends || SHAPES.contains(&op) {
        return None;
    }
    if !SUPPORTED.contains(&op) {
        return Some("the operator has no circuit".to_owned());
    }
    let given =
        |attribute: &str| node.attribute.iter().find(|candidate| candidate.name == attribute);
    let is_set = |attribute: &str| given(attribute).is_some_and(|found| found.i != 0);
    match op {
        "BatchNormalization" if is_set("training_mode") => {
            Some("training_mode is not inference: export in evaluation mode".to_owned())
        }
        "ConvTranspose" if given("output_shape").is_some() => {
            Some("output_shape is not supported: give pads and output_padding instead".to_owned())
        }
        // A recent attribute that tract would ignore.
        "SpaceToDepth" if given("mode").is_some_and(|mode| mode.s != b"DCR") => {
            Some("only mode DCR is supported".to_owned())
        }
        _ => None,
    }
}

/// The node's name, or its first output's where it has none, as tract names it.
pub(super) fn name(node: &NodeProto) -> String {
    let named =
        std::iter::once(&node.name).chain(node.output.first()).find(|name| !name.is_empty());
    named.unwrap_or(&node.op_type).clone()
}

fn qualified(node: &NodeProto) -> String {
    match node.domain.as_str() {
        "" | "ai.onnx" => node.op_type.clone(),
        domain => format!("{domain}.{}", node.op_type),
    }
}
