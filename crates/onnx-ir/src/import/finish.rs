//! Drops dead nodes and gives every node a name of its own, as close to the model's as can be.

use std::collections::{BTreeMap, HashMap, HashSet};

use tract_onnx::pb::ModelProto;

use super::builder::Builder;
use super::operators;
use crate::{ElementType, Graph, Node, NodeId, Op};

/// Turns a draft into a graph.
pub(super) fn finish(draft: Builder, proto: &ModelProto) -> Graph {
    let mut graph = prune(draft);
    rename(&mut graph.nodes, proto);
    graph.output_names = output_names(proto);
    graph
}

fn output_names(proto: &ModelProto) -> Vec<String> {
    proto.graph.iter().flat_map(|graph| &graph.output).map(|value| value.name.clone()).collect()
}

/// Keeps inputs and whatever the outputs depend on.
fn prune(draft: Builder) -> Graph {
    let mut alive = vec![false; draft.nodes.0.len()];
    for &NodeId(id) in draft.inputs.iter().chain(&draft.outputs) {
        if let Some(alive) = alive.get_mut(id) {
            *alive = true;
        }
    }
    for (id, node) in draft.nodes.0.iter().enumerate().rev() {
        if alive.get(id) == Some(&true) {
            for &NodeId(input) in &node.inputs {
                if let Some(alive) = alive.get_mut(input) {
                    *alive = true;
                }
            }
        }
    }
    let mut places = HashMap::new();
    let mut nodes = Vec::new();
    for (id, mut node) in draft.nodes.0.into_iter().enumerate() {
        if alive.get(id) == Some(&true) {
            places.insert(NodeId(id), NodeId(nodes.len()));
            node.inputs = moved(&node.inputs, &places);
            nodes.push(node);
        }
    }
    let elements = draft.elements.into_iter().filter(|(_, element)| *element != ElementType::Float);
    let elements = elements.filter_map(|(id, element)| Some((*places.get(&id)?, element)));
    Graph {
        nodes,
        inputs: moved(&draft.inputs, &places),
        outputs: moved(&draft.outputs, &places),
        output_names: vec![],
        elements: elements.collect(),
        assumed: BTreeMap::new(),
    }
}

fn moved(ids: &[NodeId], places: &HashMap<NodeId, NodeId>) -> Vec<NodeId> {
    ids.iter().filter_map(|id| places.get(id).copied()).collect()
}

/// The last node that stems from an ONNX node takes its plain name; the others get numbers where names repeat.
fn rename(nodes: &mut [Node], proto: &ModelProto) {
    let mut originals: HashSet<String> =
        proto.graph.iter().flat_map(|graph| &graph.node).map(operators::name).collect();
    let mut plain = vec![false; nodes.len()];
    // What computes something has the better claim to a name than a change of shape after it.
    for reshapes in [false, true] {
        let is_reshape = |op: &Op| matches!(op, Op::Reshape | Op::Transpose { .. });
        let own = nodes.iter_mut().zip(&mut plain).rev();
        for (node, plain) in own.filter(|(node, _)| is_reshape(&node.op) == reshapes) {
            if node.inputs.is_empty() {
                originals.remove(&node.name);
                continue;
            }
            let dots = node.name.match_indices('.').map(|(at, _)| at).chain([node.name.len()]);
            let mut stems =
                dots.filter_map(|at| node.name.get(..at)).filter(|stem| originals.contains(*stem));
            if let Some(stem) = stems.next_back().map(str::to_owned) {
                originals.remove(&stem);
                node.name = stem;
                *plain = true;
            }
        }
    }
    let mut taken: HashSet<String> = HashSet::new();
    // Inputs keep their names, by which data are found; then nodes that have the model's own, by which settings name them;
    // then other computed ones.
    let turn = |node: &Node, plain: bool| match node.op {
        Op::Input { .. } => 0,
        _ if plain => 1,
        _ if node.inputs.is_empty() => 3,
        _ => 2,
    };
    for now in 0..=3 {
        let own = nodes.iter_mut().zip(&plain).rev();
        for (node, _) in own.filter(|(node, plain)| turn(node, **plain) == now) {
            let base = node.name.clone();
            let mut number = 1;
            while !taken.insert(node.name.clone()) {
                number += 1;
                node.name = format!("{base}.{number}");
            }
        }
    }
}
