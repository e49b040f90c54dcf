//! The decoded file: checks before anything is allocated on its word, and values for its symbols.

use std::collections::{BTreeMap, HashSet};

use tract_onnx::pb::tensor_shape_proto::Dimension;
use tract_onnx::pb::tensor_shape_proto::dimension::Value as Extent;
use tract_onnx::pb::type_proto::Value as TypeValue;
use tract_onnx::pb::{GraphProto, ModelProto, TensorProto, ValueInfoProto};

use crate::ImportError;
use crate::error::OpenExtent;

/// Most elements that one tensor may have: 4 GiB of `f32`.
pub(super) const ELEMENT_LIMIT: usize = 1 << 30;

fn malformed(reason: String) -> ImportError {
    ImportError::Malformed { reason }
}

/// Checks what tract takes on trust: sizes of stored tensors, and that every name is produced somewhere.
pub(super) fn check(model: &ModelProto) -> Result<(), ImportError> {
    let graph = model.graph.as_ref().ok_or_else(|| malformed("it holds no graph".to_owned()))?;
    if graph.output.is_empty() {
        return Err(malformed("its graph has no outputs".to_owned()));
    }
    let standard = |domain: &str| matches!(domain, "" | "ai.onnx");
    if !model.opset_import.iter().any(|set| standard(&set.domain) && set.version > 0) {
        return Err(malformed("it names no version of the ONNX operators".to_owned()));
    }
    check_graph(graph, &HashSet::new())
}

fn check_graph<'a>(graph: &'a GraphProto, outer: &HashSet<&'a str>) -> Result<(), ImportError> {
    let mut known = outer.clone();
    known.extend(graph.input.iter().map(|input| input.name.as_str()));
    known.extend(graph.node.iter().flat_map(|node| &node.output).map(String::as_str));
    let mut made: HashSet<&str> = graph.input.iter().map(|input| input.name.as_str()).collect();
    for tensor in &graph.initializer {
        check_tensor(tensor)?;
        known.insert(&tensor.name);
        made.insert(&tensor.name);
    }
    for node in &graph.node {
        // Of two values of one name readers would get either.
        if let Some(twice) =
            node.output.iter().find(|name| !name.is_empty() && !made.insert(name.as_str()))
        {
            return Err(malformed(format!("{twice} is produced twice, by node {} too", node.name)));
        }
        if let Some(input) =
            node.input.iter().find(|name| !name.is_empty() && !known.contains(name.as_str()))
        {
            return Err(malformed(format!(
                "node {} reads {input}, which nothing produces",
                node.name
            )));
        }
        for attribute in &node.attribute {
            attribute.t.iter().chain(&attribute.tensors).try_for_each(check_tensor)?;
            attribute
                .g
                .iter()
                .chain(&attribute.graphs)
                .try_for_each(|inner| check_graph(inner, &known))?;
        }
    }
    match graph.output.iter().find(|output| !known.contains(output.name.as_str())) {
        Some(output) => Err(malformed(format!("nothing produces its output {}", output.name))),
        None => Ok(()),
    }
}

/// A tensor may not claim more elements than it stores.
fn check_tensor(tensor: &TensorProto) -> Result<(), ImportError> {
    let shape: Option<Vec<usize>> =
        tensor.dims.iter().map(|&extent| usize::try_from(extent).ok()).collect();
    let count =
        shape.as_deref().and_then(crate::tensor::volume).filter(|&count| count <= ELEMENT_LIMIT);
    let stored = [
        tensor.raw_data.len(),
        tensor.float_data.len(),
        tensor.int32_data.len(),
        tensor.int64_data.len(),
        tensor.double_data.len(),
        tensor.uint64_data.len(),
        tensor.string_data.len(),
    ];
    let stored: usize = stored.into_iter().sum();
    // The size of external data is checked against its file when it is read.
    match count {
        Some(count) if count <= stored || !tensor.external_data.is_empty() => Ok(()),
        _ => Err(malformed(format!(
            "tensor {} of shape {:?} does not hold its elements",
            tensor.name, tensor.dims
        ))),
    }
}

/// The variable that stands for how many inputs a model takes at once.
const BATCH: &str = "batch_size";

/// Gives a model that was exported for one input at a time as many as the variables say: `batch_size`, where no
/// symbol has that name, for every input whose first extent is 1 or open and without a name, or INPUT.0 for one of them. Outputs of one must
/// then be outputs of as many, unless inputs disagree; what the file notes of shapes in between is of one input, and
/// is dropped. Returns the names that had an effect.
fn fix_batch(graph: &mut GraphProto, variables: &BTreeMap<String, usize>) -> Vec<String> {
    let stored: HashSet<String> = graph.initializer.iter().map(|t| t.name.clone()).collect();
    let symbolic = |info: &ValueInfoProto| extents_of(info).any(|extent| is_symbol(extent, BATCH));
    let own = graph.input.iter().any(symbolic);
    let mut used = vec![];
    let mut batches = vec![];
    for input in graph.input.iter_mut().filter(|input| !stored.contains(&input.name)) {
        let numbered = format!("{}.0", input.name);
        let whole = variables.get_key_value(BATCH).filter(|_| !own);
        let Some((name, value)) = variables.get_key_value(&numbered).or(whole) else { continue };
        let gap = |first: &&mut Dimension| name == BATCH && is_gap(first);
        let first = first_extent(input).filter(|first| is_one(first) || gap(first));
        let Some(first) = first else { continue };
        let value = i64::try_from(*value).ok().filter(|&value| value > 0);
        let Some(value) = value else { continue };
        first.value = Some(Extent::DimValue(value));
        used.push(name.clone());
        batches.push(value);
    }
    batches.sort_unstable();
    batches.dedup();
    if !batches.is_empty() && batches != [1] {
        graph.value_info.clear();
        for first in graph.output.iter_mut().filter_map(first_extent).filter(is_one) {
            first.value = match batches.as_slice() {
                [batch] => Some(Extent::DimValue(*batch)),
                _ => None,
            };
        }
    }
    used
}

fn is_one(extent: &&mut Dimension) -> bool {
    matches!(extent.value, Some(Extent::DimValue(1)))
}

/// Whether an exporter left it open without a name; a written 0 is none.
fn is_gap(extent: &Dimension) -> bool {
    match &extent.value {
        Some(Extent::DimParam(name)) => name.is_empty() || name == "?",
        Some(Extent::DimValue(value)) => *value < 0,
        None => true,
    }
}

fn is_symbol(extent: &Dimension, symbol: &str) -> bool {
    matches!(&extent.value, Some(Extent::DimParam(name)) if name == symbol)
}

fn extents_of(info: &ValueInfoProto) -> impl Iterator<Item = &Dimension> {
    let kind = info.r#type.as_ref().and_then(|kind| kind.value.as_ref());
    let shape = kind.and_then(|TypeValue::TensorType(tensor)| tensor.shape.as_ref());
    shape.into_iter().flat_map(|shape| &shape.dim)
}

fn first_extent(info: &mut ValueInfoProto) -> Option<&mut Dimension> {
    let TypeValue::TensorType(tensor) = info.r#type.as_mut()?.value.as_mut()?;
    tensor.shape.as_mut()?.dim.first_mut()
}

/// Replaces symbols and gaps in the shapes of the inputs by the values given for them.
pub(super) fn fix_extents(
    model: &mut ModelProto,
    variables: &BTreeMap<String, usize>,
) -> Result<(), ImportError> {
    let mut open = Vec::new();
    let mut known: Vec<String> = Vec::new();
    let Some(graph) = model.graph.as_mut() else { return Ok(()) };
    let batch = fix_batch(graph, variables);
    let stored: HashSet<&str> =
        graph.initializer.iter().map(|tensor| tensor.name.as_str()).collect();
    for input in graph.input.iter_mut().filter(|input| !stored.contains(input.name.as_str())) {
        let missing = || ImportError::MissingShape { input: input.name.clone() };
        // Types other than tensors are not decoded.
        if input.r#type.as_ref().is_some_and(|kind| kind.value.is_none()) {
            return Err(ImportError::NotATensor { input: input.name.clone() });
        }
        let Some(TypeValue::TensorType(tensor)) =
            input.r#type.as_mut().and_then(|kind| kind.value.as_mut())
        else {
            return Err(missing());
        };
        let shape = tensor.shape.as_mut().ok_or_else(missing)?;
        for (axis, extent) in shape.dim.iter_mut().enumerate() {
            let symbol = match &extent.value {
                Some(Extent::DimValue(1..)) => continue,
                Some(Extent::DimParam(name)) if !name.is_empty() && name != "?" => name.clone(),
                Some(Extent::DimParam(_) | Extent::DimValue(_)) | None => {
                    format!("{}.{axis}", input.name)
                }
            };
            if !known.contains(&symbol) {
                known.push(symbol.clone());
            }
            let default = (symbol == BATCH).then_some(&1);
            let value = variables.get(&symbol).or(default);
            let value = value.and_then(|&value| i64::try_from(value).ok());
            match value.filter(|&value| value > 0) {
                Some(value) => extent.value = Some(Extent::DimValue(value)),
                None => {
                    let zero = matches!(extent.value, Some(Extent::DimValue(0)));
                    open.push(OpenExtent { input: input.name.clone(), axis, symbol, zero });
                }
            }
        }
    }
    if let Some(name) = variables.keys().find(|name| !known.contains(name) && !batch.contains(name))
    {
        return Err(ImportError::UnknownVariable { name: name.clone(), known });
    }
    if !open.is_empty() {
        return Err(ImportError::UnresolvedExtents { extents: open });
    }
    Ok(())
}
