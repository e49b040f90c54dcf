//! Shapes and types of every value, with every size checked before anything of that size is made.
//!
//! The analysis evaluates a node as soon as its inputs are constant, whatever the size of its result. So each
//! step first asks for the shapes alone; a result beyond the limit is refused by its node's name.

use std::collections::{BTreeSet, HashMap};

use tract_onnx::Onnx;
use tract_onnx::pb::{ModelProto, NodeProto};
use tract_onnx::prelude::{
    InferenceFact, InferenceModel, InferenceModelExt, OutletId, TractError, TractResult, TypedModel,
};
use tract_onnx::tract_hir::infer::Factoid;
use tract_onnx::tract_hir::internal::DimLike;

use super::ImportOptions;
use super::operators;
use super::panics;
use super::stored::volume;
use super::whole;
use crate::ImportError;

/// Operators whose result can be larger than their inputs together by any factor.
const GROWING: [&str; 14] = [
    "ConstantOfShape",
    "Expand",
    "EyeLike",
    "Tile",
    "Range",
    "Resize",
    "Upsample",
    "Pad",
    "OneHot",
    "Multinomial",
    "RandomNormal",
    "RandomUniform",
    "ConvTranspose",
    "GatherND",
];

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
    let limits = Limits { tensor: options.tensor_elements.max(largest_stored(proto)), options };
    settle(&mut model, &origins, &limits)?;
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
    typed.into_decluttered().map_err(lost)
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

/// Runs the analysis to its end, a node at a time.
fn settle(
    model: &mut InferenceModel,
    origins: &Origins<'_>,
    limits: &Limits<'_>,
) -> Result<(), ImportError> {
    let mut queue: BTreeSet<usize> = (0..model.nodes.len()).collect();
    let mut observers: HashMap<OutletId, Vec<usize>> = HashMap::new();
    for node in &model.nodes {
        let observed = node.op.observe_outlets(model, node).unwrap_or_default();
        for outlet in observed {
            observers.entry(outlet).or_default().push(node.id);
        }
    }
    while let Some(id) = queue.pop_first() {
        // A panic in a step is an error that names its node.
        let foreseen = panics::quietly(|| foresee(model, id, origins, limits));
        foreseen.unwrap_or_else(|()| Err(misfit(model, id, origins)))?;
        let changed =
            panics::quietly(|| step(model, id)).map_err(|()| misfit(model, id, origins))?;
        let changed = changed.map_err(|_| misfit(model, id, origins))?;
        recompute(model, id, origins)?;
        for edge in changed {
            let successors =
                model.nodes.get(edge.node).and_then(|node| node.outputs.get(edge.slot));
            queue.extend(
                successors.iter().flat_map(|outlet| &outlet.successors).map(|inlet| inlet.node),
            );
            queue.extend((edge.node != id).then_some(edge.node));
            queue.extend(observers.get(&edge).into_iter().flatten());
        }
    }
    Ok(())
}

/// Lets a node say what it knows of its inputs and outputs; gives the values of which more is known now.
fn step(model: &mut InferenceModel, id: usize) -> TractResult<Vec<OutletId>> {
    let node = model.node(id);
    let watched = node.op.observe_outlets(model, node)?;
    let outlets: Vec<OutletId> = node.inputs.to_vec();
    let made = (0..node.outputs.len()).map(|slot| OutletId::new(id, slot));
    let outlets: Vec<OutletId> = outlets.into_iter().chain(made).chain(watched).collect();
    let inputs = node.inputs.len();
    let outputs = node.outputs.len();
    if node.op.nboutputs()? != outputs {
        return Err(TractError::msg("another number of outputs than the operator has"));
    }
    let facts: Vec<InferenceFact> = outlets
        .iter()
        .map(|&outlet| model.outlet_fact(outlet).cloned())
        .collect::<Result<_, _>>()?;
    let (given, rest) = facts.split_at(inputs);
    let (wanted, observed) = rest.split_at(outputs);
    let op = &mut model.node_mut(id).op;
    let (given, wanted, observed) =
        op.infer(given.iter().collect(), wanted.iter().collect(), observed.iter().collect())?;
    let mut changed = Vec::new();
    for (&outlet, found) in outlets.iter().zip(given.iter().chain(&wanted).chain(&observed)) {
        let known = model.outlet_fact(outlet)?;
        let unified = known.unify(found)?;
        if unified != *known {
            model.set_outlet_fact(outlet, unified)?;
            changed.push(outlet);
        }
    }
    Ok(changed)
}

/// Checks the sizes that a step would make, before it makes them.
fn foresee(
    model: &InferenceModel,
    id: usize,
    origins: &Origins<'_>,
    limits: &Limits<'_>,
) -> Result<(), ImportError> {
    let node = model.node(id);
    let Ok((inputs, outputs)) = model.node_facts(id) else { return Ok(()) };
    let constant = !inputs.is_empty() && inputs.iter().all(|fact| fact.value.is_concrete());
    let observed = node.op.observe_outlets(model, node).unwrap_or_default();
    let observed = observed.iter().filter_map(|&outlet| model.outlet_fact(outlet).ok()).collect();
    // An error here is found again by the step itself.
    let Ok((_, made, _)) = node.op.clone().infer_facts(inputs, outputs, observed) else {
        return Ok(());
    };
    for fact in &made {
        let shape = extents(fact);
        limits.check(&node.name, &shape)?;
        // Shape arithmetic that overflows the analysis comes out as 0.
        if matches!(origins.op(&node.name), "Expand" | "Tile") && shape.contains(&Some(0)) {
            return Err(ImportError::Analysis {
                reason: format!(
                    "node {} ({}) makes a tensor without elements, or of more than can be counted",
                    node.name,
                    origins.op(&node.name)
                ),
            });
        }
        let open = shape.iter().any(Option::is_none) || fact.shape.rank().concretize().is_none();
        if constant && open && GROWING.contains(&origins.op(&node.name)) {
            let reason = "the size of its result cannot be foreseen".to_owned();
            return Err(ImportError::Analysis {
                reason: format!("node {} ({}): {reason}", node.name, origins.op(&node.name)),
            });
        }
    }
    Ok(())
}

/// Compares a constant of whole numbers with what its operator gives without limits of size.
fn recompute(model: &InferenceModel, id: usize, origins: &Origins<'_>) -> Result<(), ImportError> {
    let Ok((inputs, outputs)) = model.node_facts(id) else { return Ok(()) };
    let inputs: Option<Vec<_>> = inputs.iter().map(|fact| fact.value.concretize()).collect();
    let outputs: Option<Vec<_>> = outputs.iter().map(|fact| fact.value.concretize()).collect();
    let (Some(inputs), Some(outputs)) = (inputs, outputs) else { return Ok(()) };
    let inputs: Vec<_> = inputs.iter().map(|input| &**input).collect();
    let name = &model.node(id).name;
    let proto = origins.0.get(name).copied();
    outputs
        .iter()
        .filter(|_| !inputs.is_empty())
        .try_for_each(|output| whole::check(name, proto, &inputs, output))
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

/// Elements of the largest tensor that the file holds itself, and so has paid for.
fn largest_stored(proto: &ModelProto) -> usize {
    let graph = proto.graph.iter();
    graph.flat_map(|graph| &graph.initializer).filter_map(|t| volume(&t.dims)).max().unwrap_or(0)
}

struct Limits<'a> {
    /// Most elements of one tensor.
    tensor: usize,
    options: &'a ImportOptions,
}

impl Limits<'_> {
    /// Checks one shape, whose open extents count as 1.
    fn check(&self, node: &str, shape: &[Option<usize>]) -> Result<(), ImportError> {
        let known: Vec<usize> = shape.iter().map(|extent| extent.unwrap_or(1)).collect();
        match crate::tensor::volume(&known).filter(|&size| size <= self.tensor) {
            Some(_) => Ok(()),
            None => Err(ImportError::TooManyElements {
                node: node.to_owned(),
                shape: known,
                limit: self.tensor,
            }),
        }
    }

    /// Checks all values that depend on an input: each has elements, and together they are not too many.
    fn check_total(
        &self,
        model: &InferenceModel,
        origins: &Origins<'_>,
    ) -> Result<(), ImportError> {
        let limit = self.options.total_elements;
        let mut total = 0usize;
        for node in &model.nodes {
            for output in node.outputs.iter().filter(|out| !out.fact.value.is_concrete()) {
                let shape: Option<Vec<usize>> = extents(&output.fact).into_iter().collect();
                let Some(shape) = shape.filter(|_| output.fact.shape.rank().is_concrete()) else {
                    continue;
                };
                if shape.contains(&0) {
                    let (name, op) = (&node.name, origins.op(&node.name));
                    return Err(ImportError::Analysis {
                        reason: format!(
                            "{name} ({op}) makes an empty tensor, of shape {shape:?}, which has no elements to prove"
                        ),
                    });
                }
                total = total.saturating_add(crate::tensor::volume(&shape).unwrap_or(usize::MAX));
                if total > limit {
                    let node = node.name.clone();
                    return Err(ImportError::TooManyInAll { node, shape, total, limit });
                }
            }
        }
        Ok(())
    }
}
