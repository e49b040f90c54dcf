//! Which operators a model's file uses.

use prost::Message;
use std::collections::BTreeSet;
use tract_onnx::pb::{ModelProto, NodeProto};

use crate::ImportError;

/// Names of all operators of a model, those in its functions and in the graphs of others included: of another domain than
/// ONNX's own with the domain before a colon.
///
/// # Errors
/// [`ImportError::Malformed`] for bytes that are no model.
pub fn operators(bytes: &[u8]) -> Result<BTreeSet<String>, ImportError> {
    let model = ModelProto::decode(bytes).map_err(|_| ImportError::Malformed {
        reason: "its bytes are no ONNX message, or end too early".to_owned(),
    })?;
    let mut names = BTreeSet::new();
    model.graph.iter().for_each(|graph| of_nodes(&graph.node, &mut names));
    for function in &model.functions {
        of_nodes(&function.node, &mut names);
    }
    for function in &model.functions {
        names.remove(&named(function.domain(), function.name()));
    }
    Ok(names)
}

fn named(domain: &str, name: &str) -> String {
    match domain {
        "" | "ai.onnx" => name.to_owned(),
        domain => format!("{domain}:{name}"),
    }
}

fn of_nodes(nodes: &[NodeProto], names: &mut BTreeSet<String>) {
    for node in nodes {
        names.insert(named(&node.domain, &node.op_type));
        for attribute in &node.attribute {
            let graphs = attribute.g.iter().chain(&attribute.graphs);
            graphs.for_each(|graph| of_nodes(&graph.node, names));
        }
    }
}
