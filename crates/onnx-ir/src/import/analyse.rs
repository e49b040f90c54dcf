//! Shapes and types of every value, with every size checked before anything of that size is made.
//!
//! The analysis evaluates a node as soon as its inputs are constant, whatever the size of its result. So each
//! step first asks for the shapes alone; a result beyond the limit is refused by its node's name.

mod limits;
mod settle;

use std::collections::HashMap;

use tract_onnx::Onnx;
use tract_onnx::pb::{ModelProto, NodeProto};
use tract_onnx::prelude::{
    InferenceFact, InferenceModel, InferenceModelExt, TractError, TypedModel,
};
use tract_onnx::tract_hir::infer::Factoid;
use tract_onnx::tract_hir::internal::DimLike;
use tract_onnx::tract_hir::tract_core::optim::Optimizer;

use super::ImportOptions;
use super::operators;
use crate::ImportError;
use limits::Limits;

/// What a value is called and how it is made, for messages.
struct Origins<'a>(HashMap<String, &'a NodeProto>);

impl<'a> Origins<'a> {
    fn new(proto: &'a ModelProto) -> Self {
        let nodes = proto.graph.iter().flat_map(|graph| &graph.node);
        Self(nodes.map(|node| (operators::name(node), node)).collect())
    }

    fn op(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |node| node.op_type.as_str())
    }

    /// The node that a message of the analysis speaks of: the longest name that stands in it in quotes.
    fn in_text(&self, text: &str) -> Option<String> {
        let named = self.0.keys().filter(|name| text.contains(&format!("\"{name}\"")));
        named.max_by_key(|name| name.len()).cloned()
    }
}

/// Parses and analyses a model that has been checked and normalised.
pub(super) fn analyse(
    proto: &ModelProto,
    onnx: &Onnx,
    options: &ImportOptions,
) -> Result<TypedModel, ImportError> {
    let origins = Origins::new(proto);
    let parsed = onnx.parse(proto, None).map_err(|error| unparsed(&error, &origins))?;
    let mut model = parsed.model;
    let limits = Limits::new(proto, options);
    settle::settle(&mut model, &origins, &limits)?;
    limits.check_folding(&model, &origins)?;
    limits.check_total(&model, &origins)?;
    super::declared::check(proto, &model, &parsed.outlets_by_name)?;
    let lost = |error: TractError| {
        let node = origins.in_text(&format!("{error:#}"));
        let reason = match node {
            Some(node) => {
                let op = origins.op(&node);
                format!("node {node} ({op}) is used in a way that is not supported")
            }
            None => "some node is used in a way that is not supported".to_owned(),
        };
        ImportError::Analysis { reason }
    };
    let typed = model.into_typed().map_err(lost)?;
    for node in &typed.nodes {
        for output in node.outputs.iter().filter(|output| output.fact.konst.is_none()) {
            let shape = output.fact.shape.as_concrete().unwrap_or(&[]);
            limits
                .check(&node.name, &shape.iter().map(|&extent| Some(extent)).collect::<Vec<_>>())?;
        }
    }
    let mut typed = typed;
    simplifier().optimize(&mut typed).map_err(lost)?;
    Ok(typed)
}

/// Passes of the analysis that take a time that grows with the square of the number of nodes, or of a value's readers:
/// moving axes about, which `builder` needs not, and joining nodes that compute the same, which `merge` does.
const LEFT_OUT: [&str; 2] = ["ChangeAxes", "PushSplitDown"];

/// What the analysis simplifies, without what is left out.
fn simplifier() -> Optimizer {
    let mut optimizer = Optimizer::declutter();
    let left_out = |pass: &str| LEFT_OUT.iter().any(|name| pass.starts_with(name));
    optimizer.passes.retain(|pass| !left_out(&format!("{pass:?}")));
    optimizer
}

/// A node that could not even be built, by the name that the message gives.
fn unparsed(error: &TractError, origins: &Origins<'_>) -> ImportError {
    let text = error.to_string();
    let name = text.strip_prefix("Building node ").and_then(|rest| rest.rsplit_once(" ("));
    let reason = match name.filter(|(name, _)| origins.0.contains_key(*name)) {
        Some((name, _)) => format!(
            "node {name} ({}) lacks an attribute or has one with a value that is not supported",
            origins.op(name)
        ),
        None => match name {
            Some((_, op)) => {
                let op = op.trim_end_matches(')');
                format!(
                    "a node of {op} lacks an attribute or has one with a value that is not supported"
                )
            }
            None => "a constant or an input has a type that is not supported".to_owned(),
        },
    };
    ImportError::Analysis { reason }
}

/// The extents that are known.
fn extents(fact: &InferenceFact) -> Vec<Option<usize>> {
    fact.shape.dims().map(|extent| extent.concretize()?.to_usize().ok()).collect()
}

/// Why a node could not be analysed: its inputs, as far as they are known.
fn misfit(model: &InferenceModel, id: usize, origins: &Origins<'_>) -> ImportError {
    let node = model.node(id);
    let inputs = node.inputs.iter().filter_map(|&outlet| model.outlet_fact(outlet).ok());
    let shapes: Vec<String> = inputs
        .map(|fact| {
            let extent = |extent: Option<usize>| extent.map_or("?".to_owned(), |e| e.to_string());
            let list: Vec<String> = extents(fact).into_iter().map(extent).collect();
            format!("[{}]", list.join(", "))
        })
        .collect();
    let op = origins.op(&node.name);
    ImportError::Analysis {
        reason: format!(
            "node {} ({op}): its attributes and inputs of shape {} do not fit together",
            node.name,
            shapes.join(", ")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passes_are_left_out_by_names_that_they_have() {
        let all = Optimizer::declutter().passes.len();
        assert_eq!(simplifier().passes.len(), all - LEFT_OUT.len());
    }
}
