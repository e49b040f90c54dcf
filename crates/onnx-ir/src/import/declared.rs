//! The shapes that the file declares for its values, against those that its operators give.

use std::collections::HashMap;

use tract_onnx::pb::tensor_shape_proto::dimension::Value as Extent;
use tract_onnx::pb::type_proto::Value as TypeValue;
use tract_onnx::pb::{ModelProto, ValueInfoProto};
use tract_onnx::prelude::{InferenceModel, OutletId};
use tract_onnx::tract_hir::infer::Factoid;
use tract_onnx::tract_hir::internal::DimLike;

use super::operators;
use crate::ImportError;

/// Compares every declared extent that is a number; symbols may stand for anything.
///
/// An output's shape is a promise to whoever reads it. Inner shapes are notes of some tool, and go stale when
/// somebody edits the batch: they count where all their extents are numbers, but for the first.
pub(super) fn check(
    proto: &ModelProto,
    model: &InferenceModel,
    values: &HashMap<String, OutletId>,
) -> Result<(), ImportError> {
    let Some(graph) = &proto.graph else { return Ok(()) };
    let outputs = graph.output.iter().map(|info| (info, true));
    let inner = graph.value_info.iter().map(|info| (info, false));
    for (info, is_output) in inner.chain(outputs) {
        let (Some(mut declared), Some(&outlet)) = (shape(info), values.get(&info.name)) else {
            continue;
        };
        if !is_output && declared.iter().any(Option::is_none) {
            continue;
        }
        if let (false, Some(batch)) = (is_output, declared.first_mut()) {
            *batch = None;
        }
        let Ok(fact) = model.outlet_fact(outlet) else { continue };
        let Some(rank) = fact.shape.rank().concretize() else { continue };
        let got: Vec<Option<usize>> =
            fact.shape.dims().map(|extent| extent.concretize()?.to_usize().ok()).collect();
        let differ = |(declared, got): (&Option<usize>, &Option<usize>)| {
            declared.zip(*got).is_some_and(|(declared, got)| declared != got)
        };
        let other_rank = usize::try_from(rank).ok() != Some(declared.len());
        if other_rank || declared.iter().zip(&got).any(differ) {
            let maker = graph.node.iter().find(|node| node.output.contains(&info.name));
            return Err(ImportError::DeclaredShape {
                value: info.name.clone(),
                node: maker.map_or_else(|| info.name.clone(), operators::name),
                declared: list(&declared),
                got: list(&got),
            });
        }
    }
    Ok(())
}

/// The declared shape, if there is one.
fn shape(info: &ValueInfoProto) -> Option<Vec<Option<usize>>> {
    let TypeValue::TensorType(tensor) = info.r#type.as_ref()?.value.as_ref()?;
    let dims = tensor.shape.as_ref()?.dim.iter();
    let number = |value: &Option<Extent>| match value {
        // Files written before symbols existed say 0 for "open".
        Some(Extent::DimValue(extent)) => {
            usize::try_from(*extent).ok().filter(|&extent| extent > 0)
        }
        Some(Extent::DimParam(_)) | None => None,
    };
    Some(dims.map(|dim| number(&dim.value)).collect())
}

fn list(shape: &[Option<usize>]) -> String {
    let extent = |extent: &Option<usize>| extent.map_or("?".to_owned(), |e| e.to_string());
    format!("[{}]", shape.iter().map(extent).collect::<Vec<_>>().join(", "))
}
