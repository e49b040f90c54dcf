//! From the bytes of an ONNX file to a [`Graph`].
//!
//! 1. `model`: decode, check sizes and wiring, give symbols their values, and inputs (`fixed`); `observations` is for models
//!    that leave open how many they take; `external` reads weights beside the file.
//! 2. `sparse`, `nibbles`, `elements`, `normalise`: one form for what ONNX can say in several; `finite`: what no data are.
//!    `rewrite`: operators that standard nodes say become those.
//! 3. `operators`: refuse operators that nothing here can express, all at once. `rewrite::unfold`: those that stand
//!    for several steps become these. `own`: those that are not left to the analysis.
//! 4. `analyse`: tract infers shapes and types and folds constants, every size checked beforehand;
//!    `whole` computes whole numbers without wrapping around, `extent` bounds those that are sizes; `declared` compares
//!    the shapes with those the file states.
//! 5. `translate`: each remaining tract operator through its family's file; `builder` folds and simplifies.
//! 6. `merge`: equal nodes are one; `finish`: drop dead nodes, name the rest after the model's nodes, validate.

mod analyse;
mod attributes;
mod axis;
mod binary;
mod builder;
mod cast;
mod concat;
mod constant;
mod conv;
mod counting;
mod declared;
mod division;
mod einsum;
mod elements;
mod expand;
mod extent;
mod external;
mod finish;
mod finite;
mod fixed;
mod folding;
mod function;
mod gate;
mod gather;
mod gelu;
mod importer;
mod integral;
mod letters;
mod logic;
mod logistic;
mod merge;
mod model;
mod modulo;
mod nibbles;
mod nodes;
mod norm;
mod normalise;
mod observations;
mod operators;
mod options;
mod own;
mod panics;
mod patterns;
mod pointwise;
mod pool;
mod power;
mod reason;
mod reduce;
mod rewrite;
mod rounding;
mod select;
mod selection;
mod slice;
mod softmax;
mod sparse;
mod squares;
mod stored;
mod subtracted;
mod top_k;
mod translate;
mod unary;
mod used;
mod volume;
mod whole;
mod whole_power;
mod window;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use tract_onnx::prelude::Framework;

use crate::{Graph, ImportError, work};
pub use counting::{NO_LABEL, counting_model};
use external::Reading;
pub use options::ImportOptions;
pub use used::operators;

/// Largest model file that is read: protobuf's own limit, which exporters keep to.
const SIZE_LIMIT: u64 = (2 << 30) - 1;

/// The ONNX operators that can be imported where they depend on an input, in the order of their names; what is
/// computed from constants and shapes alone is folded, whatever operator computes it.
#[must_use]
pub fn supported_operators() -> &'static [&'static str] {
    operators::SUPPORTED
}

/// Imports the ONNX file at `path`; weights stored beside it are found.
pub fn load(path: &Path, options: &ImportOptions) -> Result<Graph, ImportError> {
    load_reading(path, options, &mut |_, _| {})
}

/// Imports the ONNX file at `path` and tells `reading` of every file that was read: the model itself first,
/// under the empty name, then each file of external data once, by its name relative to the model's folder,
/// in the order of the names. The bytes are those the graph was made of, so that a digest can cover them.
pub fn load_reading(
    path: &Path,
    options: &ImportOptions,
    reading: &mut dyn FnMut(&str, &[u8]),
) -> Result<Graph, ImportError> {
    let read = |source| ImportError::Read { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(read)?;
    let size = file.metadata().map_err(read)?.len();
    if size > SIZE_LIMIT {
        return Err(ImportError::TooLarge { bytes: size, limit: SIZE_LIMIT });
    }
    // One more than the limit, so that a file that lies about its size is found out too.
    file.take(SIZE_LIMIT + 1).read_to_end(&mut bytes).map_err(read)?;
    reading("", &bytes);
    import(&bytes, path.parent(), options, reading)
}

/// Imports an ONNX model from memory; it must hold its own weights.
pub fn load_bytes(bytes: &[u8], options: &ImportOptions) -> Result<Graph, ImportError> {
    import(bytes, None, options, &mut |_, _| {})
}

fn import(
    bytes: &[u8],
    folder: Option<&Path>,
    options: &ImportOptions,
    reading: Reading<'_>,
) -> Result<Graph, ImportError> {
    let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if size > SIZE_LIMIT {
        return Err(ImportError::TooLarge { bytes: size, limit: SIZE_LIMIT });
    }
    import_guarded(bytes, folder, options, reading)
}

/// As [`import_unguarded`]; of a model that leaves open how many observations it takes, and nothing else, one is imported.
fn import_guarded(
    bytes: &[u8],
    folder: Option<&Path>,
    options: &ImportOptions,
    reading: Reading<'_>,
) -> Result<Graph, ImportError> {
    let import = |options: &ImportOptions, reading: Reading<'_>| {
        // tract panics on some malformed models. Nothing outlives the closure, so nothing can be left half-changed.
        panics::quietly(|| import_unguarded(bytes, folder, options, reading)).unwrap_or_else(|()| {
            let reason = "its nodes do not fit together in a way that could be named; run onnx.checker on it";
            Err(ImportError::Malformed { reason: reason.to_owned() })
        })
    };
    // Extents are looked at before any other file is read.
    let error = match import(options, reading) {
        Err(error) => error,
        Ok(graph) => return Ok(graph),
    };
    let Some(open) = observations::open(&error, &options.variables) else { return Err(error) };
    let sized = |count| ImportOptions { variables: open.all(count), ..options.clone() };
    let mut one = import(&sized(1), reading)?;
    if !observations::is_tried(&one) {
        return Err(error);
    }
    let two = import(&sized(2), &mut |_, _| {});
    if !two.is_ok_and(|two| observations::apart(&one, &two)) {
        return Err(error);
    }
    one.assumed = open.all(1);
    Ok(one)
}

fn import_unguarded(
    bytes: &[u8],
    folder: Option<&Path>,
    options: &ImportOptions,
    reading: Reading<'_>,
) -> Result<Graph, ImportError> {
    // Intermediate shapes stored in the file may name symbols that are numbers by now; `declared` compares them.
    let mut onnx = tract_onnx::onnx().with_ignore_value_info(true);
    operators::amend(&mut onnx);
    let mut reader = bytes;
    let mut proto = onnx.proto_model_for_read(&mut reader).map_err(|_| {
        let reason = "its bytes are no ONNX message, or end too early".to_owned();
        ImportError::Malformed { reason }
    })?;
    if let Some(graph) = proto.graph.as_mut() {
        rounding::refuse(graph)?;
        sparse::make_dense(graph, options.tensor_elements)?;
        normalise::normalise(graph);
        finite::fold(graph);
    }
    nibbles::unpack(&mut proto);
    let refused = rewrite::rewrite(&mut proto);
    model::check(&proto)?;
    model::fix_extents(&mut proto, &options.variables)?;
    fixed::fix(&mut proto, &options.fixed)?;
    operators::check(&proto, &onnx, refused)?;
    proto.graph.iter_mut().for_each(normalise::tell_apart);
    let beside = external::resolve(&mut proto, folder, reading)?;
    let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX).saturating_add(beside);
    let options = &options.for_file(size);
    let elements = proto.graph.as_ref().map(elements::of_inputs).unwrap_or_default();
    elements::narrow(&mut proto)?;
    nibbles::as_bytes(&mut proto);
    own::mark(&mut proto);
    let unfolded = rewrite::unfold::unfold(&mut proto, &onnx, options)?;
    if unfolded {
        proto.graph.iter_mut().for_each(normalise::normalise);
        let refused = rewrite::rewrite(&mut proto);
        model::check(&proto)?;
        operators::check(&proto, &onnx, refused)?;
        proto.graph.iter_mut().for_each(normalise::tell_apart);
        own::mark(&mut proto);
    }
    proto.graph.iter_mut().for_each(subtracted::keep_apart);
    let typed = analyse::analyse(&proto, &onnx, options, unfolded)?;
    let mut drafted = translate::translate(&typed, &proto, &elements, options)?;
    merge::merge(&mut drafted);
    let mut graph = finish::finish(drafted, &proto);
    constant::bound_infinite(&mut graph);
    graph.validate()?;
    work::check(&graph, size)?;
    constant::check_finite(&graph)?;
    Ok(graph)
}
