//! Brings a decoded model to the few forms that the analysis treats as ONNX means them.
//!
//! The analysis ignores `ceil_mode` where `auto_pad` is given, takes an optional input with an empty name for
//! one that is there, has no crop by negative padding, and so on. Each rule here removes one such form.

use std::collections::HashSet;

use tract_onnx::pb::{GraphProto, NodeProto, TensorProto};

use super::attributes::wholes;
use super::operators;
use super::stored::{attribute, kind, pads};

/// Rewrites the nodes of `graph` and its subgraphs.
pub(super) fn normalise(graph: &mut GraphProto) {
    let nodes = std::mem::take(&mut graph.node);
    for mut node in nodes {
        trim(&mut node.input);
        trim(&mut node.output);
        let name = operators::name(&node);
        for attribute in &mut node.attribute {
            if let Some(tensor) = attribute.t.as_mut().filter(|tensor| tensor.name.is_empty()) {
                tensor.name.clone_from(&name);
            }
            attribute.g.iter_mut().chain(&mut attribute.graphs).for_each(normalise);
        }
        match node.op_type.as_str() {
            "MaxPool" | "AveragePool" | "LpPool" | "Conv" | "ConvTranspose" | "QLinearConv"
            | "ConvInteger" => padding(&mut node),
            op if op.starts_with("Reduce") => {
                // Without axes every axis is meant; the analysis would take an empty list at its word.
                node.attribute.retain(|found| found.name != "axes" || !found.ints.is_empty());
            }
            "TopK" => {
                // Before version 10 the number of elements is an attribute.
                let count = attribute(&node, "k").map(|found| found.i);
                if let (Some(count), [_]) = (count, node.input.as_slice()) {
                    let count = stored(graph, &format!("{name}.count"), vec![count]);
                    node.input.push(count);
                    node.attribute.retain(|found| found.name != "k");
                }
            }
            "Pad" => {
                let cut = crop(graph, &mut node);
                graph.node.extend(cut);
            }
            _ => {}
        }
        graph.node.push(node);
    }
}

/// Names of nodes and of values are separate in ONNX, but not in the analysis: a node that is called as an
/// input, a constant or another node is called after its result instead.
pub(super) fn tell_apart(graph: &mut GraphProto) {
    let inputs = graph.input.iter().map(|input| input.name.clone());
    let stored = graph.initializer.iter().map(|tensor| tensor.name.clone());
    let mut taken: HashSet<String> = inputs.chain(stored).collect();
    for node in &mut graph.node {
        let base = operators::name(node);
        let result = node.output.first().cloned().unwrap_or_default();
        let mut names = std::iter::once(base.clone())
            .chain([result])
            .chain((2usize..).map(|number| format!("{base}.{number}")));
        if let Some(name) = names.find(|name| !name.is_empty() && !taken.contains(name)) {
            taken.insert(name.clone());
            node.name = name;
        }
    }
}

/// Drops optional values at the end that are not given.
fn trim(names: &mut Vec<String>) {
    while names.last().is_some_and(String::is_empty) {
        names.pop();
    }
}

/// `pads` are void where `auto_pad` decides; where that is `VALID` they are zero, which leaves `ceil_mode` its say.
fn padding(node: &mut NodeProto) {
    let auto = attribute(node, "auto_pad").map(|mode| mode.s.clone()).unwrap_or_default();
    if auto.is_empty() || auto == b"NOTSET" {
        return;
    }
    node.attribute.retain(|found| found.name != "pads");
    let axes = attribute(node, "kernel_shape").map(|shape| shape.ints.len());
    if let (b"VALID", Some(axes)) = (auto.as_slice(), axes) {
        node.attribute.retain(|found| found.name != "auto_pad");
        node.attribute.push(wholes("pads", vec![0; 2 * axes]));
    }
}

/// Negative padding with a constant cuts off: a `Slice` before a `Pad` by what is not negative.
fn crop(graph: &mut GraphProto, node: &mut NodeProto) -> Option<NodeProto> {
    let pads = pads(graph, node)?;
    let constant_mode = attribute(node, "mode").is_none_or(|mode| mode.s == b"constant");
    let axes = pads.len() / 2;
    let by_attribute = attribute(node, "pads").is_some();
    if pads.iter().all(|&pad| pad >= 0) || !constant_mode || pads.len() % 2 == 1 || by_attribute {
        return None;
    }
    let name = operators::name(node);
    let x = node.input.first_mut()?;
    let source = std::mem::replace(x, format!("{name}.cut"));
    let (before, after) = pads.split_at(axes);
    // An end of 0 would mean the beginning, so what is not cut ends beyond every extent.
    let ends = after.iter().map(|&pad| if pad < 0 { pad } else { i64::MAX }).collect();
    let starts = before.iter().map(|&pad| pad.min(0).saturating_neg()).collect();
    let listed = match node.input.get(3).filter(|name| !name.is_empty()) {
        Some(listed) => listed.clone(),
        None => stored(graph, &format!("{name}.cut.axes"), (0..).take(axes).collect()),
    };
    let input = vec![
        source,
        stored(graph, &format!("{name}.cut.starts"), starts),
        stored(graph, &format!("{name}.cut.ends"), ends),
        listed,
    ];
    let positive = pads.iter().map(|&pad| pad.max(0)).collect();
    *node.input.get_mut(1)? = stored(graph, &format!("{name}.pads"), positive);
    Some(NodeProto {
        op_type: "Slice".to_owned(),
        name: format!("{name}.cut"),
        input,
        output: vec![format!("{name}.cut")],
        ..NodeProto::default()
    })
}

/// Adds an initializer of integers and gives its name.
fn stored(graph: &mut GraphProto, name: &str, values: Vec<i64>) -> String {
    graph.initializer.push(TensorProto {
        name: name.to_owned(),
        dims: vec![i64::try_from(values.len()).unwrap_or(i64::MAX)],
        data_type: kind::INT64,
        int64_data: values,
        ..TensorProto::default()
    });
    name.to_owned()
}
