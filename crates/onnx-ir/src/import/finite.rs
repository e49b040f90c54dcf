//! `IsNaN` and `IsInf` of what is neither: inputs are refused unless they are finite, and so is what is only moved, cut
//! or turned around of them. Exporters ask so before they fill gaps; where there is none, nothing is filled.

use std::collections::HashSet;

use tract_onnx::pb::type_proto::Value as TypeValue;
use tract_onnx::pb::{GraphProto, NodeProto, TensorProto, ValueInfoProto};

use super::attributes::{integer_of, tensor_of};
use super::operators;
use super::stored::{attribute, floats, kind};

/// Operators that give finite numbers where their first operands are; none of them computes, since sums and products of
/// large numbers are infinite.
const FIRST: [&str; 13] = [
    "Abs",
    "Cast",
    "Flatten",
    "Gather",
    "Identity",
    "Neg",
    "Relu",
    "Reshape",
    "Slice",
    "Split",
    "Squeeze",
    "Transpose",
    "Unsqueeze",
];

/// The same of all their operands.
const ALL: [&str; 3] = ["Concat", "Max", "Min"];

/// Replaces what is asked of finite numbers by as many truth values that are false.
pub(super) fn fold(graph: &mut GraphProto) {
    if !graph.node.iter().any(asks) {
        return;
    }
    let stored: HashSet<&str> = graph.initializer.iter().map(|t| t.name.as_str()).collect();
    let inputs = graph.input.iter().filter(|input| !stored.contains(input.name.as_str()));
    let mut finite: HashSet<String> =
        inputs.filter(|input| is_wide(input)).map(|input| input.name.clone()).collect();
    let constants = graph.initializer.iter().map(|tensor| (tensor.name.as_str(), tensor));
    let given = graph.node.iter().filter(|node| node.op_type == "Constant").filter_map(|node| {
        Some((node.output.first()?.as_str(), attribute(node, "value")?.t.as_ref()?))
    });
    let constants = constants.chain(given).filter(|(_, tensor)| holds_numbers(tensor));
    finite.extend(constants.map(|(name, _)| name.to_owned()));
    let mut taken: HashSet<String> = graph.node.iter().flat_map(|n| n.output.clone()).collect();
    taken.extend(graph.input.iter().map(|input| input.name.clone()));
    taken.extend(graph.initializer.iter().map(|tensor| tensor.name.clone()));
    for node in std::mem::take(&mut graph.node) {
        let first = node.input.first().filter(|name| finite.contains(*name));
        match first {
            Some(operand) if asks(&node) => graph.node.extend(never(&node, operand, &mut taken)),
            _ => {
                if keeps(&node, &finite) {
                    finite.extend(node.output.iter().cloned());
                }
                graph.node.push(node);
            }
        }
    }
}

fn is_standard(node: &NodeProto) -> bool {
    matches!(node.domain.as_str(), "" | "ai.onnx")
}

fn asks(node: &NodeProto) -> bool {
    is_standard(node) && matches!(node.op_type.as_str(), "IsNaN" | "IsInf")
}

/// Whether an input is of a type whose largest numbers are no less than those that inputs may be.
fn is_wide(input: &ValueInfoProto) -> bool {
    let kind_of = input.r#type.as_ref().and_then(|kind| kind.value.as_ref());
    matches!(kind_of, Some(TypeValue::TensorType(tensor)) if tensor.elem_type != kind::FLOAT16)
}

/// Whether a constant's elements are all finite; those that lie in another file are not read for this.
fn holds_numbers(tensor: &TensorProto) -> bool {
    let finite = |values: Vec<f64>| values.iter().all(|value| value.abs() <= f64::from(f32::MAX));
    tensor.external_data.is_empty() && floats(tensor).is_none_or(finite)
}

fn keeps(node: &NodeProto, finite: &HashSet<String>) -> bool {
    let op = node.op_type.as_str();
    let is = |name: &String| finite.contains(name);
    let narrow = op == "Cast" && integer_of(node, "to", 0) == i64::from(kind::FLOAT16);
    let read = match op {
        _ if !is_standard(node) || narrow => return false,
        _ if FIRST.contains(&op) => node.input.get(..1),
        _ if ALL.contains(&op) => Some(node.input.as_slice()),
        "Where" => node.input.get(1..),
        _ => return false,
    };
    read.is_some_and(|read| !read.is_empty() && read.iter().all(is))
}

/// False, in the operand's shape.
fn never(node: &NodeProto, operand: &str, taken: &mut HashSet<String>) -> [NodeProto; 2] {
    let name = operators::name(node);
    let numbered = (2usize..).map(|number| format!("{name}.extents{number}"));
    let mut names = std::iter::once(format!("{name}.extents")).chain(numbered);
    let extents = names.find(|name| !taken.contains(name)).unwrap_or_default();
    taken.insert(extents.clone());
    let shape = NodeProto {
        name: extents.clone(),
        op_type: "Shape".to_owned(),
        input: vec![operand.to_owned()],
        output: vec![extents.clone()],
        ..NodeProto::default()
    };
    let no = TensorProto {
        dims: vec![1],
        data_type: kind::BOOL,
        int32_data: vec![0],
        ..TensorProto::default()
    };
    let never = NodeProto {
        op_type: "ConstantOfShape".to_owned(),
        input: vec![extents],
        attribute: vec![tensor_of("value", no)],
        ..node.clone()
    };
    [shape, never]
}
