//! From names to the nodes of the file.

use std::collections::HashMap;

use tract_onnx::pb::{ModelProto, NodeProto};

use crate::import::operators;

/// What a value is called and how it is made, for messages.
pub(super) struct Origins<'a>(HashMap<String, &'a NodeProto>);

impl<'a> Origins<'a> {
    pub(super) fn new(proto: &'a ModelProto) -> Self {
        let nodes = proto.graph.iter().flat_map(|graph| &graph.node);
        Self(nodes.map(|node| (operators::name(node), node)).collect())
    }

    pub(super) fn op(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |node| node.op_type.as_str())
    }

    /// Whether the file has a node of that name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The file's node of that name.
    pub(super) fn get(&self, name: &str) -> Option<&'a NodeProto> {
        self.0.get(name).copied()
    }

    /// The node that a message of the analysis speaks of: the longest name that stands in it in quotes.
    pub(super) fn in_text(&self, text: &str) -> Option<String> {
        let named = self.0.keys().filter(|name| text.contains(&format!("\"{name}\"")));
        named.max_by_key(|name| name.len()).cloned()
    }
}
