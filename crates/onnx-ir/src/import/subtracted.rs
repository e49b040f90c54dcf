//! Convolutions that something is subtracted by, or divided by: `a − conv(x)` and `a / conv(x)`.
//!
//! The analysis joins a convolution with arithmetic on its channels, and joins these two wrongly: it leaves the kernel
//! of `a − conv(x)` as it is, and takes `a / conv(x)` for a convolution with the kernel `a / k`. Said as `−(conv(x) − a)`
//! and `(−a) / (−conv(x))`, which are the same in floats, they stay apart.

use std::collections::{HashMap, HashSet};

use tract_onnx::pb::{GraphProto, NodeProto};

use super::operators;

/// Operators behind which the analysis still finds a convolution: they move elements, or are joined with it themselves.
const TRANSPARENT: [&str; 17] = [
    "Add",
    "BatchNormalization",
    "Cast",
    "CastLike",
    "Div",
    "Dropout",
    "Expand",
    "Flatten",
    "Identity",
    "Mul",
    "Neg",
    "Pad",
    "Reshape",
    "Squeeze",
    "Sub",
    "Transpose",
    "Unsqueeze",
];

/// Rewrites such differences and quotients of `graph` and its subgraphs.
pub(super) fn keep_apart(graph: &mut GraphProto) {
    let convolved = convolved(graph);
    for mut node in std::mem::take(&mut graph.node) {
        for attribute in &mut node.attribute {
            attribute.g.iter_mut().chain(&mut attribute.graphs).for_each(keep_apart);
        }
        let second = node.input.get(1).is_some_and(|name| convolved.contains(name));
        match node.op_type.as_str() {
            "Sub" if second => graph.node.extend(negated(node)),
            "Div" if second => graph.node.extend(both_negated(node)),
            _ => graph.node.push(node),
        }
    }
}

/// Values that may be a convolution's by the time the analysis joins it with others.
fn convolved(graph: &GraphProto) -> HashSet<String> {
    let mut readers: HashMap<&str, Vec<&NodeProto>> = HashMap::new();
    for node in graph.node.iter().filter(|node| TRANSPARENT.contains(&node.op_type.as_str())) {
        node.input.iter().for_each(|name| readers.entry(name).or_default().push(node));
    }
    let mut waiting: Vec<&NodeProto> =
        graph.node.iter().filter(|node| node.op_type == "Conv").collect();
    let mut found = HashSet::new();
    while let Some(node) = waiting.pop() {
        for name in node.output.iter().filter(|name| !name.is_empty()) {
            if found.insert(name.clone()) {
                waiting.extend(readers.get(name.as_str()).into_iter().flatten());
            }
        }
    }
    found
}

fn neg(x: String, result: String) -> NodeProto {
    NodeProto {
        op_type: "Neg".to_owned(),
        name: result.clone(),
        input: vec![x],
        output: vec![result],
        ..NodeProto::default()
    }
}

/// −(y − a)
fn negated(mut node: NodeProto) -> [NodeProto; 2] {
    let name = operators::name(&node);
    node.input.reverse();
    let result = std::mem::replace(&mut node.output, vec![format!("{name}.negated")]);
    let last = NodeProto { output: result, ..neg(format!("{name}.negated"), name.clone()) };
    node.name = format!("{name}.negated");
    [node, last]
}

/// (−a) / (−y)
fn both_negated(mut node: NodeProto) -> [NodeProto; 3] {
    let name = operators::name(&node);
    let mut operand = |slot: usize, what: &str| {
        let result = format!("{name}.{what}");
        let source = node.input.get_mut(slot).map(|input| std::mem::replace(input, result.clone()));
        neg(source.unwrap_or_default(), result)
    };
    let (numerator, divisor) = (operand(0, "numerator"), operand(1, "divisor"));
    [numerator, divisor, node]
}
