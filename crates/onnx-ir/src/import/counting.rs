//! From a classifier to the model that counts how many of its labels are right.

use prost::Message;
use tract_onnx::pb::tensor_proto::DataType;
use tract_onnx::pb::tensor_shape_proto::Dimension;
use tract_onnx::pb::tensor_shape_proto::dimension::Value as DimensionValue;
use tract_onnx::pb::type_proto::Value as TypeValue;
use tract_onnx::pb::{
    AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto,
};

use super::attributes::whole;
use super::stored::declared;
use crate::ImportError;

/// A label that no class has: an observation that only fills up a batch.
pub const NO_LABEL: i64 = -1;

/// Appends to a classifier of many observations at once what counts: a further input holds a label for each of them, and
/// the outputs are two numbers in place of scores, how many labels the classifier gives, and how many are not
/// [`NO_LABEL`]. The class of a row of scores is the first of the largest; an output of one axis is a class itself.
///
/// # Errors
/// [`ImportError::NoClassifier`] if the model is none, [`ImportError::Malformed`] for bytes that are no model.
pub fn counting_model(bytes: &[u8], output: Option<&str>) -> Result<Vec<u8>, ImportError> {
    let mut model = ModelProto::decode(bytes).map_err(|_| ImportError::Malformed {
        reason: "its bytes are no ONNX message, or end too early".to_owned(),
    })?;
    let graph = model
        .graph
        .as_mut()
        .ok_or_else(|| ImportError::Malformed { reason: "it holds no graph".to_owned() })?;
    count(graph, output)?;
    Ok(model.encode_to_vec())
}

fn none(reason: String) -> ImportError {
    ImportError::NoClassifier { reason }
}

fn count(graph: &mut GraphProto, output: Option<&str>) -> Result<(), ImportError> {
    let scores = scores(graph, output)?;
    let stored = |name: &str| graph.initializer.iter().any(|tensor| tensor.name == name);
    let input = graph.input.iter().find(|input| !stored(&input.name));
    let batch = input.and_then(extents).and_then(<[Dimension]>::first).cloned();
    let batch = batch.ok_or_else(|| none("its first input has no axis of observations".into()))?;
    let axes = extents(&scores).map(<[Dimension]>::len);
    let mut names = Names::of(graph);
    let [labels, right, labelled] =
        ["labels", "right_labels", "labelled"].map(|name| names.fresh(name));
    let class = match axes {
        Some(1) => scores.name.clone(),
        Some(2) if one_score(&scores) => {
            return Err(none(format!(
                "its output {} has one score, of which no class is the largest; append a node that says the class",
                scores.name
            )));
        }
        Some(2) => {
            let class = names.fresh("predicted");
            let attributes = vec![whole("axis", 1), whole("keepdims", 0)];
            graph.node.push(node("ArgMax", &[&scores.name], &class, attributes));
            class
        }
        Some(_) | None => {
            return Err(none(format!(
                "its output {} is neither a class for each observation nor a row of scores",
                scores.name
            )));
        }
    };
    // Classes and labels are compared as whole numbers, whatever the classifier says them in.
    let [whole_class, is_label, is_right, no_label, given] =
        ["predicted_class", "is_label", "is_right", "no_label", "is_given"]
            .map(|name| names.fresh(name));
    graph.node.push(node(
        "Cast",
        &[&class],
        &whole_class,
        vec![whole("to", kind(DataType::Int64))],
    ));
    graph.node.push(node("Equal", &[&whole_class, &labels], &is_label, vec![]));
    graph.initializer.push(TensorProto {
        name: no_label.clone(),
        data_type: DataType::Int64.into(),
        int64_data: vec![NO_LABEL],
        ..TensorProto::default()
    });
    graph.node.push(node("Greater", &[&labels, &no_label], &given, vec![]));
    // What only fills up is never right, whatever its class.
    graph.node.push(node("And", &[&is_label, &given], &is_right, vec![]));
    for (truth, sum) in [(is_right, &right), (given, &labelled)] {
        let numbers = names.fresh(&format!("{truth}_number"));
        let to = whole("to", kind(DataType::Float));
        graph.node.push(node("Cast", &[&truth], &numbers, vec![to]));
        graph.node.push(node("ReduceSum", &[&numbers], sum, vec![whole("keepdims", 0)]));
    }
    graph.input.push(declared(&labels, DataType::Int64.into(), vec![batch]));
    graph.output =
        [right, labelled].map(|name| declared(&name, DataType::Float.into(), vec![])).to_vec();
    // What the file notes of shapes in between stays true.
    Ok(())
}

/// The output that says the class.
fn scores(graph: &GraphProto, output: Option<&str>) -> Result<ValueInfoProto, ImportError> {
    let names = || graph.output.iter().map(|o| o.name.as_str()).collect::<Vec<_>>().join(", ");
    let found = match (output, graph.output.as_slice()) {
        (Some(name), outputs) => outputs.iter().find(|output| output.name == name),
        (None, [output]) => Some(output),
        (None, _) => None,
    };
    found.cloned().ok_or_else(|| match output {
        Some(name) => none(format!("it has no output {name}; its outputs are {}", names())),
        None => none(format!("name the output that says the class, of {}", names())),
    })
}

/// Whether rows of scores have one element.
fn one_score(info: &ValueInfoProto) -> bool {
    let last = extents(info).and_then(<[Dimension]>::last);
    let value = last.and_then(|extent| extent.value.as_ref());
    matches!(value, Some(DimensionValue::DimValue(1)))
}

fn extents(info: &ValueInfoProto) -> Option<&[Dimension]> {
    let TypeValue::TensorType(tensor) = info.r#type.as_ref()?.value.as_ref()?;
    Some(tensor.shape.as_ref()?.dim.as_slice())
}

fn kind(of: DataType) -> i64 {
    i64::from(i32::from(of))
}

fn node(op: &str, input: &[&str], output: &str, attribute: Vec<AttributeProto>) -> NodeProto {
    NodeProto {
        name: output.to_owned(),
        op_type: op.to_owned(),
        input: input.iter().map(|&name| name.to_owned()).collect(),
        output: vec![output.to_owned()],
        attribute,
        ..NodeProto::default()
    }
}

/// Names that a graph has not.
struct Names(std::collections::HashSet<String>);

impl Names {
    fn of(graph: &GraphProto) -> Self {
        let nodes = graph.node.iter().flat_map(|node| {
            node.output.iter().chain(&node.input).chain(std::iter::once(&node.name))
        });
        let values = graph.input.iter().chain(&graph.output).map(|value| &value.name);
        let stored = graph.initializer.iter().map(|tensor| &tensor.name);
        Names(nodes.chain(values).chain(stored).cloned().collect())
    }

    fn fresh(&mut self, name: &str) -> String {
        let numbered = (1_usize..).map(|number| format!("{name}_{number}"));
        let mut all = std::iter::once(name.to_owned()).chain(numbered);
        let fresh = all.find(|name| !self.0.contains(name)).unwrap_or_default();
        self.0.insert(fresh.clone());
        fresh
    }
}
