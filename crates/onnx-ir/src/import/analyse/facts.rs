//! What is known of the values of a model, or of the part of one that can be read already.

use std::cell::RefCell;
use std::collections::HashMap;

use tract_onnx::Onnx;
use tract_onnx::pb::tensor_shape_proto::Dimension;
use tract_onnx::pb::tensor_shape_proto::dimension::Value as Extent;
use tract_onnx::pb::{ModelProto, TensorProto, ValueInfoProto};
use tract_onnx::prelude::{DatumType, InferenceFact, Tensor};
use tract_onnx::tract_hir::infer::Factoid;

use super::extents::extents;
use super::limits::{Folded, Limits};
use super::origins::Origins;
use super::{settle, unparsed};
use crate::ImportError;
use crate::import::constant;
use crate::import::options::ImportOptions;
use crate::import::stored::{self, kind};

/// What is known of one value.
#[derive(Clone, Debug, Default)]
pub(in crate::import) struct Fact {
    /// Its shape, if all of it is known.
    pub(in crate::import) shape: Option<Vec<usize>>,
    /// Its elements, if they are whole numbers or truth values and depend on no input.
    pub(in crate::import) whole: Option<Vec<i64>>,
    /// What may stand for it in a model without what makes it.
    pub(in crate::import) known: Option<Settled>,
}

/// A value of which all is known that an analysis can find out.
#[derive(Clone, Debug)]
pub(in crate::import) enum Settled {
    /// It depends on an input: its type and shape.
    Input(ValueInfoProto),
    /// Its elements.
    Constant(TensorProto),
}

/// Analyses a model as far as its shapes and constants go.
pub(in crate::import) fn facts(
    proto: &ModelProto,
    onnx: &Onnx,
    options: &ImportOptions,
    folded: &RefCell<Folded>,
) -> Result<HashMap<String, Fact>, ImportError> {
    let origins = Origins::new(proto);
    let parsed = onnx.parse(proto, None).map_err(|error| unparsed(&error, &origins))?;
    let mut model = parsed.model;
    settle::settle(&mut model, &origins, &Limits::new(proto, options, folded))?;
    let mut found = HashMap::new();
    for (name, outlet) in parsed.outlets_by_name {
        let Ok(fact) = model.outlet_fact(outlet) else { continue };
        let shape = fact.shape.rank().is_concrete().then(|| extents(fact).into_iter().collect());
        let shape: Option<Vec<usize>> = shape.flatten();
        let whole = fact.value.concretize().and_then(|value| whole(&value));
        let known = settled(&name, fact, shape.as_deref());
        found.insert(name, Fact { shape, whole, known });
    }
    Ok(found)
}

/// Most elements of a constant that may stand for itself.
const KEPT_ELEMENTS: usize = 1 << 10;

fn settled(name: &str, fact: &InferenceFact, shape: Option<&[usize]>) -> Option<Settled> {
    let elem_type = number(fact.datum_type.concretize()?)?;
    let extents = shape?.iter().map(|&extent| i64::try_from(extent).ok());
    let dims: Vec<i64> = extents.collect::<Option<_>>()?;
    let Some(value) = fact.value.concretize() else {
        let extent =
            |&dim: &i64| Dimension { value: Some(Extent::DimValue(dim)), ..Dimension::default() };
        let dim = dims.iter().map(extent).collect();
        return Some(Settled::Input(stored::declared(name, elem_type, dim)));
    };
    // What is empty would be read as of another type.
    if value.len() == 0 || value.len() > KEPT_ELEMENTS {
        return None;
    }
    Some(Settled::Constant(TensorProto {
        name: name.to_owned(),
        dims,
        data_type: elem_type,
        raw_data: value.try_as_plain_ram().ok()?.as_bytes().to_vec(),
        ..TensorProto::default()
    }))
}

/// ONNX's number for an element type. None for extents, which a file cannot hold.
fn number(of: DatumType) -> Option<i32> {
    match of {
        DatumType::Bool => Some(kind::BOOL),
        DatumType::F32 => Some(kind::FLOAT),
        DatumType::F64 => Some(kind::DOUBLE),
        DatumType::F16 => Some(kind::FLOAT16),
        of => (kind::UINT8..=kind::UINT64).find(|&number| stored::whole_type(number) == Some(of)),
    }
}

fn whole(value: &Tensor) -> Option<Vec<i64>> {
    let kind = value.datum_type();
    let counts = kind.is_integer()
        || kind == tract_onnx::prelude::DatumType::TDim
        || kind == tract_onnx::prelude::DatumType::Bool;
    constant::integers(value).ok().filter(|_| counts)
}
