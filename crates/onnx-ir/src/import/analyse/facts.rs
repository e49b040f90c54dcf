//! What is known of the values of a model, or of the part of one that can be read already.

use std::collections::HashMap;

use tract_onnx::Onnx;
use tract_onnx::pb::ModelProto;
use tract_onnx::prelude::Tensor;
use tract_onnx::tract_hir::infer::Factoid;

use super::extents::extents;
use super::limits::Limits;
use super::origins::Origins;
use super::{settle, unparsed};
use crate::ImportError;
use crate::import::constant;
use crate::import::options::ImportOptions;

/// What is known of one value.
#[derive(Clone, Debug, Default)]
pub(in crate::import) struct Fact {
    /// Its shape, if all of it is known.
    pub(in crate::import) shape: Option<Vec<usize>>,
    /// Its elements, if they are whole numbers or truth values and depend on no input.
    pub(in crate::import) whole: Option<Vec<i64>>,
}

/// Analyses a model as far as its shapes and constants go.
pub(in crate::import) fn facts(
    proto: &ModelProto,
    onnx: &Onnx,
    options: &ImportOptions,
) -> Result<HashMap<String, Fact>, ImportError> {
    let origins = Origins::new(proto);
    let parsed = onnx.parse(proto, None).map_err(|error| unparsed(&error, &origins))?;
    let mut model = parsed.model;
    settle::settle(&mut model, &origins, &Limits::new(proto, options))?;
    let mut found = HashMap::new();
    for (name, outlet) in parsed.outlets_by_name {
        let Ok(fact) = model.outlet_fact(outlet) else { continue };
        let shape = fact.shape.rank().is_concrete().then(|| extents(fact).into_iter().collect());
        let whole = fact.value.concretize().and_then(|value| whole(&value));
        found.insert(name, Fact { shape: shape.flatten(), whole });
    }
    Ok(found)
}

fn whole(value: &Tensor) -> Option<Vec<i64>> {
    let kind = value.datum_type();
    let counts = kind.is_integer()
        || kind == tract_onnx::prelude::DatumType::TDim
        || kind == tract_onnx::prelude::DatumType::Bool;
    constant::integers(value).ok().filter(|_| counts)
}
