//! Operators that others say: each is replaced, in the file's own terms, by nodes of standard operators before the
//! analysis, which then infers shapes and folds constants as if they had been exported so.
//!
//! | folder or file | operators |
//! |---|---|
//! | `contrib` | those of com.microsoft |
//! | `gated` | `SwiGLU` |
//! | `loss` | losses of classification |
//! | `norm` | normalisations |
//! | `draft` | what a rewriting appends nodes and constants with |
//! | `ml` | those of ai.onnx.ml |
//! | `quantised` | of quantised tensors |
//! | `unfold` | recurrent ones, once shapes are known |

mod contrib;
mod draft;
mod gated;
mod loss;
mod ml;
mod norm;
mod quantised;
pub(super) mod unfold;

use std::collections::HashMap;

use tract_onnx::pb::type_proto::Value as TypeValue;
use tract_onnx::pb::{
    GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto, ValueInfoProto,
};

use super::operators;
use super::reason::Reason;
use super::stored::{attribute, kind};
use crate::Unsupported;
use draft::{Draft, Prefixes};

/// Appends what a node stands for; its outputs keep their names.
type Rewrite = fn(&mut Draft<'_>) -> Result<(), Reason>;

/// Every operator that is rewritten: domain, name, and how.
const REWRITES: &[(&str, &str, Rewrite)] = &[
    ("", "ConvInteger", quantised::products::conv_integer),
    ("", "DequantizeLinear", quantised::linear::dequantise),
    ("", "DynamicQuantizeLinear", quantised::linear::dynamic),
    ("", "MatMulInteger", quantised::products::mat_mul_integer),
    ("", "QLinearConv", quantised::products::conv),
    ("", "QLinearMatMul", quantised::products::mat_mul),
    ("", "QuantizeLinear", quantised::linear::quantise),
    ("", "LRN", norm::local_response),
    ("", "MeanVarianceNormalization", norm::mean_variance),
    ("", "NegativeLogLikelihoodLoss", loss::negative_log_likelihood),
    ("", "SimplifiedLayerNormalization", norm::simplified),
    ("", "SoftmaxCrossEntropyLoss", loss::softmax_cross_entropy),
    ("", "SwiGLU", gated::swiglu),
    (CONTRIB, "Attention", contrib::attention::attention),
    (CONTRIB, "BiasGelu", contrib::gelu::gelu),
    (CONTRIB, "EmbedLayerNormalization", contrib::embedding::embedding),
    (CONTRIB, "FastGelu", contrib::gelu::fast),
    (CONTRIB, "Gelu", contrib::gelu::gelu),
    (CONTRIB, "MultiHeadAttention", contrib::attention::multi_head),
    (CONTRIB, "QAttention", contrib::attention::quantised),
    (CONTRIB, "QEmbedLayerNormalization", contrib::embedding::quantised),
    (CONTRIB, "QuickGelu", contrib::gelu::quick),
    (CONTRIB, "RotaryEmbedding", contrib::attention::rotary),
    (CONTRIB, "SkipLayerNormalization", contrib::skip_norm::layer),
    (CONTRIB, "SkipSimplifiedLayerNormalization", contrib::skip_norm::simplified),
    (ML, "ArrayFeatureExtractor", ml::array_feature_extractor::array_feature_extractor),
    (ML, "Binarizer", ml::binarizer::binarizer),
    (ML, "CategoryMapper", ml::category_mapper::category_mapper),
    (ML, "FeatureVectorizer", ml::feature_vectorizer::feature_vectorizer),
    (ML, "Imputer", ml::imputer::imputer),
    (ML, "LabelEncoder", ml::label_encoder::label_encoder),
    (ML, "LinearClassifier", ml::linear::classifier),
    (ML, "LinearRegressor", ml::linear::regressor),
    (ML, "Normalizer", ml::normalizer::normalizer),
    (ML, "OneHotEncoder", ml::one_hot_encoder::one_hot_encoder),
    (ML, "SVMClassifier", ml::svm::classifier),
    (ML, "SVMRegressor", ml::svm::regressor),
    (ML, "Scaler", ml::scaler::scaler),
    (ML, "TreeEnsemble", ml::trees::ensemble::ensemble),
    (ML, "TreeEnsembleClassifier", ml::trees::classifier::classifier),
    (ML, "TreeEnsembleRegressor", ml::trees::regressor::regressor),
    (ML, "ZipMap", ml::zip_map::zip_map),
    ("com.microsoft", "DequantizeLinear", quantised::linear::dequantise),
    ("com.microsoft", "DynamicQuantizeLSTM", dynamic_lstm),
    ("com.microsoft", "DynamicQuantizeMatMul", quantised::products::dynamic_mat_mul),
    ("com.microsoft", "MatMulIntegerToFloat", quantised::products::mat_mul_to_float),
    ("com.microsoft", "QGemm", quantised::products::gemm),
    ("com.microsoft", "QLinearAdd", quantised::elementwise::add),
    ("com.microsoft", "QLinearAveragePool", quantised::means::average_pool),
    ("com.microsoft", "QLinearConcat", quantised::elementwise::concat),
    ("com.microsoft", "QLinearGlobalAveragePool", quantised::elementwise::global_average_pool),
    ("com.microsoft", "QLinearLeakyRelu", quantised::elementwise::leaky_relu),
    ("com.microsoft", "QLinearMul", quantised::elementwise::mul),
    ("com.microsoft", "QLinearSigmoid", quantised::elementwise::sigmoid),
    ("com.microsoft", "QLinearSoftmax", quantised::means::softmax),
    ("com.microsoft", "QuantizeLinear", quantised::linear::quantise),
];

/// The domain of operators that optimisers write.
const CONTRIB: &str = "com.microsoft";

/// The domain of classical models.
const ML: &str = "ai.onnx.ml";

/// The standard operators that rewritten nodes are of, where the model names none itself.
const OPSET: i64 = 17;

/// Its steps are said once its shapes are known.
fn dynamic_lstm(draft: &mut Draft<'_>) -> Result<(), Reason> {
    let inputs: Vec<&str> = draft.node.input.iter().map(String::as_str).collect();
    let attributes = draft.node.attribute.clone();
    draft.finish_all(unfold::DYNAMIC_LSTM, &inputs, attributes);
    Ok(())
}

/// How an operator is rewritten, if it is.
fn of(node: &NodeProto) -> Option<Rewrite> {
    let domain = if node.domain == "ai.onnx" { "" } else { node.domain.as_str() };
    let is = |found: &&(&str, &str, Rewrite)| (found.0, found.1) == (domain, &*node.op_type);
    REWRITES.iter().find(is).map(|found| found.2)
}

/// Rewrites the nodes of a model. Those that cannot be stay as they are; the list says why.
pub(super) fn rewrite(model: &mut ModelProto) -> Vec<Unsupported> {
    let opset = version(model);
    let rewritten = |set: &OperatorSetIdProto| REWRITES.iter().any(|found| found.0 == set.domain);
    if opset.is_none() && model.opset_import.iter().any(rewritten) {
        let standard = OperatorSetIdProto { domain: String::new(), version: OPSET };
        model.opset_import.push(standard);
    }
    let mut refused = vec![];
    if let Some(graph) = model.graph.as_mut() {
        rewrite_graph(graph, opset.unwrap_or(OPSET), &mut refused);
    }
    refused
}

/// The version of the standard operators that the model names, if it does.
fn version(model: &ModelProto) -> Option<i64> {
    let standard = |set: &&OperatorSetIdProto| matches!(set.domain.as_str(), "" | "ai.onnx");
    model.opset_import.iter().find(standard).map(|set| set.version)
}

fn rewrite_graph(graph: &mut GraphProto, opset: i64, refused: &mut Vec<Unsupported>) {
    quantised::groups::join(graph);
    let nodes = std::mem::take(&mut graph.node);
    let (mut made, mut stored) = (Vec::with_capacity(nodes.len()), vec![]);
    if nodes.iter().any(|node| of(node).is_some()) {
        let known = constants(&graph.initializer, &nodes);
        let kinds = kinds(&graph.input, &nodes);
        let inputs = graph.input.iter().map(|input| &input.name);
        let stored_names = graph.initializer.iter().map(|tensor| &tensor.name);
        let computed = nodes.iter().flat_map(|node| &node.output);
        let mut prefixes = Prefixes::beside(inputs.chain(stored_names).chain(computed));
        for node in &nodes {
            let Some(rewrite) = of(node) else {
                made.push(node.clone());
                continue;
            };
            let mut draft = Draft::new(node, &known, opset).typed(&kinds).apart(&mut prefixes);
            match rewrite(&mut draft) {
                Ok(()) => {
                    made.append(&mut draft.nodes);
                    stored.append(&mut draft.stored);
                    if node.op_type == "TreeEnsembleRegressor" {
                        graph.output.iter_mut().for_each(|output| widen(output, node));
                    }
                }
                Err(Reason(reason)) => {
                    let (name, op) = (operators::name(node), operators::qualified(node));
                    refused.push(Unsupported { node: name, op, reason });
                    made.push(node.clone());
                }
            }
        }
    } else {
        made = nodes;
    }
    for attribute in made.iter_mut().flat_map(|node| &mut node.attribute) {
        let inner = attribute.g.iter_mut().chain(&mut attribute.graphs);
        // What is refused of a graph that turns out not to be taken does not matter; what is taken comes here again.
        inner.for_each(|graph| rewrite_graph(graph, opset, &mut vec![]));
    }
    graph.node = made;
    graph.initializer.append(&mut stored);
}

/// What a regressor of trees gives is a matrix; some exporters declare a list, which runtimes take for a note.
fn widen(output: &mut ValueInfoProto, node: &NodeProto) {
    if !node.output.contains(&output.name) {
        return;
    }
    if let Some(TypeValue::TensorType(tensor)) =
        output.r#type.as_mut().and_then(|kind| kind.value.as_mut())
    {
        tensor.shape.take_if(|shape| shape.dim.len() == 1);
    }
}

/// Element types that the file says: of inputs, and of what is cast or quantised.
fn kinds<'g>(inputs: &'g [ValueInfoProto], nodes: &'g [NodeProto]) -> HashMap<&'g str, i32> {
    let declared = inputs.iter().filter_map(|input| {
        let TypeValue::TensorType(tensor) = input.r#type.as_ref()?.value.as_ref()?;
        Some((input.name.as_str(), tensor.elem_type))
    });
    let given = nodes.iter().filter_map(|node| {
        let kind = match node.op_type.as_str() {
            "Cast" => i32::try_from(attribute(node, "to")?.i).ok()?,
            _ => return None,
        };
        Some((node.output.first()?.as_str(), kind))
    });
    let dynamic = nodes.iter().filter(|node| node.op_type == "DynamicQuantizeLinear");
    let dynamic = dynamic.flat_map(|node| {
        let bytes = [node.output.first(), node.output.get(2)];
        bytes.into_iter().flatten().map(|name| (name.as_str(), kind::UINT8))
    });
    declared.chain(given).chain(dynamic).collect()
}

/// Tensors by the names that stand for them: initializers, and values of `Constant` nodes.
fn constants<'g>(
    stored: &'g [TensorProto],
    nodes: &'g [NodeProto],
) -> HashMap<&'g str, &'g TensorProto> {
    let made = nodes.iter().filter(|node| node.op_type == "Constant").filter_map(|node| {
        let value = attribute(node, "value")?.t.as_ref()?;
        Some((node.output.first()?.as_str(), value))
    });
    stored.iter().map(|tensor| (tensor.name.as_str(), tensor)).chain(made).collect()
}
