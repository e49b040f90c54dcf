//! The analysis itself, a node at a time: what a step would make is known before it is taken.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use tract_onnx::prelude::{
    InferenceFact, InferenceModel, OutletId, Tensor, TractError, TractResult,
};
use tract_onnx::tract_hir::infer::Factoid;
use tract_onnx::tract_hir::ops::konst::Const;

use super::extents::extents;
use super::limits::Limits;
use super::origins::Origins;
use super::own_refusal;
use crate::ImportError;
use crate::import::extent;
use crate::import::own;
use crate::import::panics;
use crate::import::whole::Known;

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

/// Runs the analysis to its end, a node at a time.
pub(super) fn settle(
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
        let computed = foreseen.unwrap_or_else(|()| Err(misfit(model, id, origins)))?;
        let exact = computed.is_some();
        let changed = panics::quietly(|| match computed {
            Some(value) => set(model, id, value),
            None => step(model, id),
        });
        let changed = changed.map_err(|()| misfit(model, id, origins))?;
        let changed = changed
            .map_err(|error| own_refusal(&error).unwrap_or_else(|| misfit(model, id, origins)))?;
        if !exact {
            recheck(model, id, origins)?;
        }
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

/// Puts a constant in a node's place: whoever analyses the model again must not compute it anew.
fn set(model: &mut InferenceModel, id: usize, value: Tensor) -> TractResult<Vec<OutletId>> {
    let value = Arc::new(value);
    let inputs = std::mem::take(&mut model.node_mut(id).inputs);
    for outlet in inputs {
        let outputs = &mut model.node_mut(outlet.node).outputs;
        let successors = outputs.get_mut(outlet.slot).map(|output| &mut output.successors);
        successors.into_iter().for_each(|readers| readers.retain(|inlet| inlet.node != id));
    }
    model.node_mut(id).op = Box::new(Const::new(value.clone())?);
    let outlet = OutletId::new(id, 0);
    let fact = model.outlet_fact(outlet)?.unify(&InferenceFact::try_from(value)?)?;
    model.set_outlet_fact(outlet, fact)?;
    Ok(vec![outlet])
}

/// Checks the sizes that a step would make, before it makes them; gives the result where that can be had without it.
fn foresee(
    model: &InferenceModel,
    id: usize,
    origins: &Origins<'_>,
    limits: &Limits<'_>,
) -> Result<Option<Tensor>, ImportError> {
    let node = model.node(id);
    let Ok((inputs, outputs)) = model.node_facts(id) else { return Ok(None) };
    let values: Vec<_> = inputs.iter().map(|fact| fact.value.concretize()).collect();
    let kinds = inputs.iter().map(|fact| fact.datum_type.concretize());
    let given: Vec<extent::Input<'_>> = kinds.zip(values.iter().map(Option::as_deref)).collect();
    let op = origins.op(&node.name);
    extent::check(&node.name, op, &given, &[])?;
    let shapes: Vec<Vec<Option<usize>>> = inputs.iter().map(|fact| extents(fact)).collect();
    let constant = !inputs.is_empty() && inputs.iter().all(|fact| fact.value.is_concrete());
    let observed = node.op.observe_outlets(model, node).unwrap_or_default();
    let observed = observed.iter().filter_map(|&outlet| model.outlet_fact(outlet).ok()).collect();
    // An error here is found again by the step itself.
    let Ok((_, made, _)) = node.op.clone().infer_facts(inputs, outputs, observed) else {
        return Ok(None);
    };
    for fact in &made {
        let shape = extents(fact);
        limits.check(&node.name, &shape)?;
        let open = shape.iter().any(Option::is_none) || fact.shape.rank().concretize().is_none();
        if constant && !open {
            limits.count(&node.name, origins.get(&node.name), &shapes, &shape)?;
        }
        if constant && open && GROWING.contains(&op) {
            let reason =
                format!("node {} ({op}): the size of its result cannot be foreseen", node.name);
            return Err(ImportError::Analysis { reason });
        }
    }
    if let Some(value) = own_value(model, id) {
        let value = value
            .map_err(|error| own_refusal(&error).unwrap_or_else(|| misfit(model, id, origins)))?;
        return Ok(Some(value));
    }
    // Of what it is cast like the type alone counts.
    if let ("CastLike", Some(Some(value)), [fact]) = (op, values.first(), made.as_slice())
        && let Some(kind) = fact.datum_type.concretize()
        && kind.is_float()
        && value.datum_type().is_float()
        && let Ok(cast) = value.cast_to_dt(kind)
    {
        return Ok(Some(cast.into_owned()));
    }
    let all: Option<Vec<&Tensor>> = values.iter().map(Option::as_deref).collect();
    let mut computed = None;
    if let (Some(inputs), [fact]) = (all.filter(|all| !all.is_empty()), made.as_slice()) {
        let shape: Option<Vec<usize>> = extents(fact).into_iter().collect();
        let shape = shape.filter(|_| fact.shape.rank().is_concrete());
        if let (Some(shape), Some(kind)) = (shape, fact.datum_type.concretize()) {
            let proto = origins.get(&node.name);
            computed = Known { name: &node.name, proto, inputs: &inputs }.compute(&shape, kind)?;
        }
    }
    if computed.is_none() && !matches!(op, "Cast" | "CastLike") {
        let kinds: Vec<_> = made.iter().map(|fact| fact.datum_type.concretize()).collect();
        extent::check(&node.name, op, &given, &kinds)?;
    }
    Ok(computed)
}

/// The value of an operator that is read here, where its inputs are constant and it has one.
fn own_value(model: &InferenceModel, id: usize) -> Option<TractResult<Tensor>> {
    let (inputs, _) = model.node_facts(id).ok()?;
    own::value(model.node(id), &inputs)
}

/// Bounds whole numbers that were computed from constants.
fn recheck(model: &InferenceModel, id: usize, origins: &Origins<'_>) -> Result<(), ImportError> {
    let Ok((inputs, outputs)) = model.node_facts(id) else { return Ok(()) };
    let inputs: Option<Vec<_>> = inputs.iter().map(|fact| fact.value.concretize()).collect();
    let outputs: Option<Vec<_>> = outputs.iter().map(|fact| fact.value.concretize()).collect();
    let (Some(inputs), Some(outputs)) = (inputs, outputs) else { return Ok(()) };
    let inputs: Vec<_> = inputs.iter().map(|input| &**input).collect();
    if inputs.is_empty() {
        return Ok(());
    }
    let name = &model.node(id).name;
    let known = Known { name, proto: origins.get(name), inputs: &inputs };
    outputs.iter().try_for_each(|output| known.check(output))
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
