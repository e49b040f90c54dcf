//! Copies of a subgraph in the graph around it. What the subgraph makes is named after the node and the step; what it
//! stores is kept once for all steps; what it reads of the graphs around it keeps its name.

use std::collections::{HashMap, HashSet};

use tract_onnx::pb::{GraphProto, NodeProto, TensorProto};

use super::super::draft::Draft;
use super::check_count;
use crate::import::operators;
use crate::import::reason::Reason;

/// A subgraph of a node.
pub(super) struct Body<'g> {
    graph: &'g GraphProto,
    /// New names of what is kept once.
    kept: HashMap<&'g str, String>,
    /// How large a copy is, in nodes.
    size: usize,
}

impl<'g> Body<'g> {
    /// The node's subgraph of that name; `first` is whether what it stores is not there yet.
    pub(super) fn new(draft: &mut Draft<'g>, name: &str, first: bool) -> Result<Self, Reason> {
        let graph = draft
            .subgraph(name)
            .ok_or_else(|| Reason(format!("its subgraph {name} is missing")))?;
        let mut kept = HashMap::new();
        for tensor in &graph.initializer {
            let name = format!("{}.{name}.{}", draft.name(), tensor.name);
            kept.insert(tensor.name.as_str(), name.clone());
            if first {
                draft.stored.push(TensorProto { name, ..tensor.clone() });
            }
        }
        for node in graph.node.iter().filter(|node| is_constant(node)) {
            let Some(output) = node.output.first() else { continue };
            let name = format!("{}.{name}.{output}", draft.name());
            kept.insert(output.as_str(), name.clone());
            if first {
                let output = vec![name.clone()];
                draft.nodes.push(NodeProto { name, output, ..node.clone() });
            }
        }
        let size = graph.node.iter().map(size_of_node).sum();
        Ok(Self { graph, kept, size })
    }

    /// Inputs of the subgraph that it has no value for itself.
    pub(super) fn inputs(&self) -> Vec<&'g str> {
        let inputs = self.graph.input.iter().map(|input| input.name.as_str());
        inputs.filter(|name| !self.kept.contains_key(name)).collect()
    }

    /// How many outputs it has.
    pub(super) fn outputs(&self) -> usize {
        self.graph.output.len()
    }

    /// The name of the output at `place`, as the subgraph has it.
    pub(super) fn output(&self, place: usize) -> Option<&'g str> {
        self.graph.output.get(place).map(|output| output.name.as_str())
    }

    /// The node of the subgraph that makes a value.
    pub(super) fn maker(&self, value: &str) -> Option<&'g NodeProto> {
        self.graph.node.iter().find(|node| node.output.iter().any(|output| output == value))
    }

    /// What the subgraph stores under a name.
    pub(super) fn stored(&self, value: &str) -> Option<&'g TensorProto> {
        self.graph.initializer.iter().find(|tensor| tensor.name == value)
    }

    /// Appends a copy whose inputs are `given`; tells what its outputs are called.
    pub(super) fn copy(
        &self,
        draft: &mut Draft<'_>,
        step: &str,
        given: &[String],
    ) -> Result<Vec<String>, Reason> {
        check_count(1, self.size.saturating_add(draft.nodes.len()))?;
        let inputs = self.inputs();
        if inputs.len() != given.len() {
            let (wanted, got) = (inputs.len(), given.len());
            return Err(Reason(format!("its subgraph has {wanted} inputs and is given {got}")));
        }
        let prefix = format!("{}.{step}", draft.name());
        let mut names: HashMap<&str, String> = self.kept.clone();
        names.extend(inputs.into_iter().zip(given.iter().cloned()));
        let nodes = || self.graph.node.iter().filter(|node| !is_constant(node));
        for output in nodes().flat_map(|node| &node.output).filter(|name| !name.is_empty()) {
            names.insert(output, format!("{prefix}.{output}"));
        }
        for node in nodes() {
            let mut copy = node.clone();
            copy.name = format!("{prefix}.{}", operators::name(node));
            rename_node(&mut copy, &names);
            for output in copy.output.iter_mut().filter(|name| !name.is_empty()) {
                *output = format!("{prefix}.{output}");
            }
            draft.nodes.push(copy);
        }
        let outputs = self.graph.output.iter().map(|output| &output.name);
        let renamed = |name: &String| names.get(name.as_str()).unwrap_or(name).clone();
        Ok(outputs.map(renamed).collect())
    }
}

fn is_constant(node: &NodeProto) -> bool {
    node.op_type == "Constant" && node.input.is_empty()
}

/// What a node counts for: one, and as many as its own subgraphs have, whose numbers are copied with it.
fn size_of_node(node: &NodeProto) -> usize {
    const NUMBERS: usize = 256;
    let inner = node.attribute.iter().flat_map(|found| found.g.iter().chain(&found.graphs));
    let of_graph = |graph: &GraphProto| {
        let stored = graph.initializer.iter().map(numbers).sum::<usize>() / NUMBERS;
        stored.saturating_add(graph.node.iter().map(size_of_node).sum())
    };
    let tensors = node.attribute.iter().filter_map(|found| found.t.as_ref());
    1 + tensors.map(numbers).sum::<usize>() / NUMBERS + inner.map(of_graph).sum::<usize>()
}

fn numbers(tensor: &TensorProto) -> usize {
    let lists = [tensor.float_data.len(), tensor.int32_data.len(), tensor.int64_data.len()];
    tensor.raw_data.len() / 4 + lists.iter().sum::<usize>() + tensor.double_data.len()
}

/// Gives what a node reads its new name, in its subgraphs too.
fn rename_node(node: &mut NodeProto, names: &HashMap<&str, String>) {
    for input in &mut node.input {
        if let Some(name) = names.get(input.as_str()) {
            input.clone_from(name);
        }
    }
    for found in &mut node.attribute {
        for inner in found.g.iter_mut().chain(&mut found.graphs) {
            rename_graph(inner, names);
        }
    }
}

/// As `rename_node`, but for names that a subgraph has itself.
fn rename_graph(graph: &mut GraphProto, names: &HashMap<&str, String>) {
    let inputs = graph.input.iter().map(|input| input.name.clone());
    let stored = graph.initializer.iter().map(|tensor| tensor.name.clone());
    let made = graph.node.iter().flat_map(|node| node.output.iter().cloned());
    let own: HashSet<String> = inputs.chain(stored).chain(made).collect();
    let outer = names.iter().filter(|(name, _)| !own.contains(**name));
    let outer: HashMap<&str, String> = outer.map(|(&name, new)| (name, new.clone())).collect();
    graph.node.iter_mut().for_each(|node| rename_node(node, &outer));
    for output in &mut graph.output {
        if let Some(name) = outer.get(output.name.as_str()) {
            output.name.clone_from(name);
        }
    }
}
