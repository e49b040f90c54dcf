//! The ONNX operators that can be imported, and the check that lists all others at once.
//!
//! Only operators that depend on an input count: what is computed from constants and shapes alone is folded.

use std::collections::HashSet;

use tract_onnx::Onnx;
use tract_onnx::model::ParsingContext;
use tract_onnx::pb::{AttributeProto, GraphProto, ModelProto, NodeProto};
use tract_onnx::prelude::TractResult;
use tract_onnx::tract_hir::infer::InferenceOp;

use super::own;
use super::rewrite::unfold;
use super::stored::{attribute, constant, floats, integers};
use super::{function, modulo, rounding};
use crate::{ImportError, Unsupported};

/// Operators that some file of this folder can express on values that are not constant.
pub(super) const SUPPORTED: &[&str] = &[
    "Abs",
    "Acos",
    "Acosh",
    "Add",
    "AffineGrid",
    "And",
    "ArgMax",
    "ArgMin",
    "Asin",
    "Asinh",
    "Atan",
    "Atanh",
    "Attention",
    "AveragePool",
    "BatchNormalization",
    "BitCast",
    "BitShift",
    "BitwiseAnd",
    "BitwiseNot",
    "BitwiseOr",
    "BitwiseXor",
    "BlackmanWindow",
    "Cast",
    "CastLike",
    "CausalConvWithState",
    "Ceil",
    "Celu",
    "CenterCropPad",
    "Clip",
    "Col2Im",
    "Compress",
    "Concat",
    "ConcatFromSequence",
    "Constant",
    "ConstantOfShape",
    "Conv",
    "ConvInteger",
    "ConvTranspose",
    "Cos",
    "Cosh",
    "CumProd",
    "CumSum",
    "DFT",
    "DepthToSpace",
    "DequantizeLinear",
    "Det",
    "Div",
    "Dropout",
    "DynamicQuantizeLinear",
    "Einsum",
    "Elu",
    "Equal",
    "Erf",
    "Exp",
    "Expand",
    "Flatten",
    "Floor",
    "GRU",
    "Gather",
    "GatherElements",
    "GatherND",
    "Gelu",
    "Gemm",
    "GlobalAveragePool",
    "GlobalLpPool",
    "GlobalMaxPool",
    "Greater",
    "GreaterOrEqual",
    "GridSample",
    "GroupNormalization",
    "HammingWindow",
    "HannWindow",
    "HardSigmoid",
    "HardSwish",
    "Hardmax",
    "Identity",
    "If",
    "InstanceNormalization",
    "IsNaN",
    "LRN",
    "LSTM",
    "LayerNormalization",
    "LeakyRelu",
    "Less",
    "LessOrEqual",
    "LinearAttention",
    "Log",
    "LogSoftmax",
    "Loop",
    "LpNormalization",
    "LpPool",
    "MatMul",
    "MatMulInteger",
    "Max",
    "MaxPool",
    "MaxUnpool",
    "Mean",
    "MeanVarianceNormalization",
    "MelWeightMatrix",
    "Min",
    "Mish",
    "Mod",
    "Mul",
    "Neg",
    "NegativeLogLikelihoodLoss",
    "Not",
    "OneHot",
    "Or",
    "PRelu",
    "Pad",
    "Pow",
    "QLinearConv",
    "QLinearMatMul",
    "QuantizeLinear",
    "RMSNormalization",
    "RNN",
    "Range",
    "Reciprocal",
    "ReduceL1",
    "ReduceL2",
    "ReduceLogSum",
    "ReduceLogSumExp",
    "ReduceMax",
    "ReduceMean",
    "ReduceMin",
    "ReduceProd",
    "ReduceSum",
    "ReduceSumSquare",
    "Relu",
    "Reshape",
    "Resize",
    "ReverseSequence",
    "RoiAlign",
    "RotaryEmbedding",
    "Round",
    "STFT",
    "Scan",
    "Scatter",
    "ScatterElements",
    "ScatterND",
    "Selu",
    "SequenceAt",
    "SequenceConstruct",
    "SequenceEmpty",
    "SequenceErase",
    "SequenceInsert",
    "SequenceLength",
    "Shrink",
    "Sigmoid",
    "Sign",
    "SimplifiedLayerNormalization",
    "Sin",
    "Sinh",
    "Slice",
    "Softmax",
    "SoftmaxCrossEntropyLoss",
    "Softplus",
    "Softsign",
    "SpaceToDepth",
    "Split",
    "SplitToSequence",
    "Sqrt",
    "Squeeze",
    "Sub",
    "Sum",
    "SwiGLU",
    "Swish",
    "Tan",
    "Tanh",
    "TensorScatter",
    "TfIdfVectorizer",
    "ThresholdedRelu",
    "Tile",
    "TopK",
    "Transpose",
    "Trilu",
    "Unsqueeze",
    "Upsample",
    "Where",
    "Xor",
    "ai.onnx.ml.ArrayFeatureExtractor",
    "ai.onnx.ml.Binarizer",
    "ai.onnx.ml.FeatureVectorizer",
    "ai.onnx.ml.Imputer",
    "ai.onnx.ml.LabelEncoder",
    "ai.onnx.ml.LinearClassifier",
    "ai.onnx.ml.LinearRegressor",
    "ai.onnx.ml.Normalizer",
    "ai.onnx.ml.OneHotEncoder",
    "ai.onnx.ml.SVMClassifier",
    "ai.onnx.ml.SVMRegressor",
    "ai.onnx.ml.Scaler",
    "ai.onnx.ml.TreeEnsemble",
    "ai.onnx.ml.TreeEnsembleClassifier",
    "ai.onnx.ml.TreeEnsembleRegressor",
    "ai.onnx.ml.ZipMap",
    "com.microsoft.Attention",
    "com.microsoft.BiasGelu",
    "com.microsoft.DynamicQuantizeLSTM",
    "com.microsoft.DynamicQuantizeMatMul",
    "com.microsoft.EmbedLayerNormalization",
    "com.microsoft.FastGelu",
    "com.microsoft.Gelu",
    "com.microsoft.MatMulIntegerToFloat",
    "com.microsoft.MultiHeadAttention",
    "com.microsoft.QAttention",
    "com.microsoft.QEmbedLayerNormalization",
    "com.microsoft.QGemm",
    "com.microsoft.QLinearAdd",
    "com.microsoft.QLinearAveragePool",
    "com.microsoft.QLinearConcat",
    "com.microsoft.QLinearGlobalAveragePool",
    "com.microsoft.QLinearLeakyRelu",
    "com.microsoft.QLinearMul",
    "com.microsoft.QLinearSigmoid",
    "com.microsoft.QLinearSoftmax",
    "com.microsoft.QuickGelu",
    "com.microsoft.RotaryEmbedding",
    "com.microsoft.SkipLayerNormalization",
    "com.microsoft.SkipSimplifiedLayerNormalization",
];

/// Operators whose result is constant whatever their input is, because all shapes are known.
const SHAPES: [&str; 3] = ["EyeLike", "Shape", "Size"];

/// Replaces the analysis' reading of operators where it is narrower than ONNX's.
pub(super) fn amend(onnx: &mut Onnx) {
    onnx.op_register.insert("Squeeze", squeeze);
    super::function::amend(onnx);
    own::register(onnx);
    onnx.op_register.insert(rounding::ROUNDED, rounding::read);
    onnx.op_register.insert("Mod", modulo::read);
}

/// Before version 13 a `Squeeze` without axes removes every extent of 1, as it does after.
fn squeeze(
    context: &ParsingContext<'_>,
    node: &NodeProto,
) -> TractResult<(Box<dyn InferenceOp>, Vec<String>)> {
    const AXES_AS_INPUT: i64 = 13;
    let mut context = context.clone();
    if attribute(node, "axes").is_none() {
        context.onnx_operator_set_version = context.onnx_operator_set_version.max(AXES_AS_INPUT);
    }
    let original = tract_onnx::onnx().op_register.0.get("Squeeze").copied();
    let build = original
        .ok_or_else(|| tract_onnx::prelude::TractError::msg("the analysis knows no Squeeze"))?;
    build(&context, node)
}

/// Lists every operator of the model that cannot be imported.
///
/// `refused` are those that could not be rewritten.
pub(super) fn check(
    model: &ModelProto,
    onnx: &Onnx,
    refused: Vec<Unsupported>,
) -> Result<(), ImportError> {
    let Some(graph) = model.graph.as_ref() else { return Ok(()) };
    let live = live(graph);
    let known: HashSet<String> = refused.iter().map(|node| node.node.clone()).collect();
    let mut operators = refused;
    for node in &graph.node {
        let name = name(node);
        if !known.contains(&name)
            && let Some(reason) = refusal(graph, node, depends(node, &live), onnx)
        {
            operators.push(Unsupported { node: name, op: qualified(node), reason });
        }
    }
    if operators.is_empty() { Ok(()) } else { Err(ImportError::Unsupported { operators }) }
}

/// The names of values that depend on an input; nodes stand after those they read.
pub(super) fn live(graph: &GraphProto) -> HashSet<String> {
    let stored: HashSet<&str> =
        graph.initializer.iter().map(|tensor| tensor.name.as_str()).collect();
    let inputs = graph.input.iter().map(|input| input.name.as_str());
    let inputs = inputs.filter(|name| !stored.contains(name));
    let mut live: HashSet<String> = inputs.map(str::to_owned).collect();
    for node in &graph.node {
        if depends(node, &live) && !SHAPES.contains(&node.op_type.as_str()) {
            live.extend(node.output.iter().filter(|name| !name.is_empty()).cloned());
        }
    }
    live
}

/// Whether a node reads what is live.
pub(super) fn depends(node: &NodeProto, live: &HashSet<String>) -> bool {
    let mut reads: Vec<&str> = node.input.iter().map(String::as_str).collect();
    node.attribute.iter().for_each(|attribute| inner_reads(attribute, &mut reads));
    reads.iter().any(|name| live.contains(*name))
}

/// Names that the subgraphs of an attribute read, their own included: a superset is harmless here.
pub(super) fn inner_reads<'a>(attribute: &'a AttributeProto, reads: &mut Vec<&'a str>) {
    for GraphProto { node, .. } in attribute.g.iter().chain(&attribute.graphs) {
        for inner in node {
            reads.extend(inner.input.iter().map(String::as_str));
            inner.attribute.iter().for_each(|attribute| inner_reads(attribute, reads));
        }
    }
}

/// Why a node cannot be imported, if so.
fn refusal(graph: &GraphProto, node: &NodeProto, depends: bool, onnx: &Onnx) -> Option<String> {
    let op = node.op_type.as_str();
    if !matches!(node.domain.as_str(), "" | "ai.onnx") {
        return Some("operators outside the standard ONNX domain are unknown".to_owned());
    }
    if unfold::is_unfolded(node) {
        return None;
    }
    if !onnx.op_register.0.contains_key(op) {
        return Some("unknown operator".to_owned());
    }
    // Subgraphs would be evaluated whole, with no say in what they make.
    if node.attribute.iter().any(|found| found.g.is_some() || !found.graphs.is_empty()) {
        return Some(
            "operators with subgraphs are not supported: export the model without control flow"
                .to_owned(),
        );
    }
    if !depends || SHAPES.contains(&op) {
        return None;
    }
    if !SUPPORTED.contains(&op)
        && ![rounding::ROUNDED, own::KEY_MASK, function::PROBIT].contains(&op)
    {
        return Some("the operator has no circuit".to_owned());
    }
    attributes(graph, node)
}

/// What the analysis would ignore, or take for something else.
fn attributes(graph: &GraphProto, node: &NodeProto) -> Option<String> {
    let given = |name: &str| attribute(node, name);
    let is_set = |name: &str| given(name).is_some_and(|found| found.i != 0);
    let reason = match node.op_type.as_str() {
        "BatchNormalization" if is_set("training_mode") || node.output.len() > 1 => {
            "training_mode is not inference: export in evaluation mode"
        }
        "BatchNormalization" if given("spatial").is_some_and(|found| found.i == 0) => {
            "spatial = 0 is not supported: export with a newer operator set"
        }
        "Dropout" => return training(graph, node),
        _ => return None,
    };
    Some(reason.to_owned())
}

/// A `Dropout` that drops: one in training mode, unless its ratio is zero.
fn training(graph: &GraphProto, node: &NodeProto) -> Option<String> {
    let input = |slot: usize| node.input.get(slot).filter(|name| !name.is_empty());
    let mode = input(2)?;
    let mode = constant(graph, mode).and_then(integers);
    let ratio = input(1).and_then(|ratio| floats(constant(graph, ratio)?));
    match mode.as_deref() {
        Some([0]) => None,
        Some([_]) if ratio.as_deref() == Some(&[0.0]) => None,
        Some(_) => {
            Some("training mode drops values at random: export in evaluation mode".to_owned())
        }
        None => Some("its training mode must be a constant: export in evaluation mode".to_owned()),
    }
}

/// The node's name, or its first output's where it has none, as tract names it.
pub(super) fn name(node: &NodeProto) -> String {
    let named =
        std::iter::once(&node.name).chain(node.output.first()).find(|name| !name.is_empty());
    named.unwrap_or(&node.op_type).clone()
}

/// The operator's name, with its domain unless it is a standard one.
pub(super) fn qualified(node: &NodeProto) -> String {
    match node.domain.as_str() {
        "" | "ai.onnx" => node.op_type.clone(),
        domain => format!("{domain}.{}", node.op_type),
    }
}
