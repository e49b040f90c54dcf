//! Shapes and types of every value, with every size checked before anything of that size is made.
//!
//! The analysis evaluates a node as soon as its inputs are constant, whatever the size of its result. So each
//! step first asks for the shapes alone; a result beyond the limit is refused by its node's name.

mod extents;
mod facts;
mod limits;
mod names;
mod needed;
mod origins;
mod settle;

use std::cell::RefCell;

use tract_onnx::Onnx;
use tract_onnx::pb::ModelProto;
use tract_onnx::prelude::{InferenceModelExt, TractError, TypedModel};
use tract_onnx::tract_hir::tract_core::optim::Optimizer;

use super::options::ImportOptions;
use super::own::Refused;
use crate::{ImportError, Unsupported};
pub(super) use facts::{Fact, Settled, facts};
use limits::Limits;
use origins::Origins;

/// Parses and analyses a model that has been checked and normalised; `unfolded`: whether it has steps of operators
/// that stood for several.
pub(super) fn analyse(
    proto: &ModelProto,
    onnx: &Onnx,
    options: &ImportOptions,
    unfolded: bool,
) -> Result<TypedModel, ImportError> {
    let origins = Origins::new(proto);
    let parsed = onnx.parse(proto, None).map_err(|error| unparsed(&error, &origins))?;
    let mut model = parsed.model;
    let folded = RefCell::default();
    let limits = Limits::new(proto, options, &folded);
    settle::settle(&mut model, &origins, &limits)?;
    limits.check_folding(&model, &origins)?;
    limits.check_total(&model, &origins)?;
    super::declared::check(proto, &model, &parsed.outlets_by_name)?;
    needed::check(&model, &origins)?;
    let lost = |error: TractError| {
        if let Some(refused) = own_refusal(&error) {
            return refused;
        }
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
    let before = model.nodes.iter().map(|node| node.name.clone()).collect();
    let typed = model.into_typed().map_err(lost)?;
    for node in &typed.nodes {
        for output in node.outputs.iter().filter(|output| output.fact.konst.is_none()) {
            let shape = output.fact.shape.as_concrete().unwrap_or(&[]);
            limits
                .check(&node.name, &shape.iter().map(|&extent| Some(extent)).collect::<Vec<_>>())?;
        }
    }
    let mut typed = typed;
    simplifier(unfolded).optimize(&mut typed).map_err(lost)?;
    names::without_numbers(&mut typed, &before);
    Ok(typed)
}

/// What an operator that is read here says of itself, on its way through the analysis.
fn own_refusal(error: &TractError) -> Option<ImportError> {
    let Refused { node, op, reason } = error.downcast_ref()?;
    let refused = Unsupported { node: node.clone(), op: op.clone(), reason: reason.clone() };
    Some(ImportError::Unsupported { operators: vec![refused] })
}

/// Passes of the analysis that take a time that grows with the square of the number of nodes, or of a value's readers:
/// moving axes about, which `builder` needs not, and joining nodes that compute the same, which `merge` does.
const LEFT_OUT: [&str; 2] = ["ChangeAxes", "PushSplitDown"];

/// Those that take steps apart: slices of all gates would become gates of their own, and a product of input and state
/// side by side two products.
const OF_STEPS: [&str; 2] = ["PushSliceUp", "ConcatThenEinsum"];

/// What the analysis simplifies, without what is left out.
fn simplifier(unfolded: bool) -> Optimizer {
    let mut optimizer = Optimizer::declutter();
    let left_out = |pass: &str| {
        let of_steps = OF_STEPS.iter().filter(|_| unfolded);
        LEFT_OUT.iter().chain(of_steps).any(|name| pass.starts_with(name))
    };
    optimizer.passes.retain(|pass| !left_out(&format!("{pass:?}")));
    optimizer
}

/// A node that could not even be built, by the name that the message gives.
fn unparsed(error: &TractError, origins: &Origins<'_>) -> ImportError {
    let text = error.to_string();
    let name = text.strip_prefix("Building node ").and_then(|rest| rest.rsplit_once(" ("));
    let reason = match name.filter(|(name, _)| origins.has(name)) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passes_are_left_out_by_names_that_they_have() {
        let all = Optimizer::declutter().passes.len();
        assert_eq!(simplifier(false).passes.len(), all - LEFT_OUT.len());
        assert_eq!(simplifier(true).passes.len(), all - LEFT_OUT.len() - OF_STEPS.len());
    }
}
