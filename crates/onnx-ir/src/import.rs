//! From the bytes of an ONNX file to a [`Graph`].
//!
//! 1. `model`: decode, check sizes and wiring, give symbols their values.
//! 2. `operators`: refuse operators that nothing here can express, all at once.
//! 3. tract: infer shapes and types, declutter (constant folding, identities).
//! 4. `importer`: each remaining tract operator through its family's file; `builder` folds and simplifies.
//! 5. `finish`: drop dead nodes, name the rest after the model's nodes, validate.

mod axis;
mod binary;
mod builder;
mod cast;
mod concat;
mod constant;
mod conv;
mod conv_transpose;
mod einsum;
mod finish;
mod gather;
mod importer;
mod model;
mod operators;
mod pad;
mod patterns;
mod pointwise;
mod pool;
mod reduce;
mod resize;
mod select;
mod slice;
mod tile;
mod unary;
mod window;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use tract_onnx::prelude::{Framework, InferenceModelExt, TypedModel};

use crate::{Graph, ImportError};

/// Largest model file that is read.
const SIZE_LIMIT: u64 = 512 << 20;

/// What an import needs beyond the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportOptions {
    /// Values of the symbols in the shapes of the inputs.
    pub variables: BTreeMap<String, usize>,
}

impl Default for ImportOptions {
    /// `batch_size` is 1.
    fn default() -> Self {
        Self { variables: BTreeMap::from([("batch_size".to_owned(), 1)]) }
    }
}

/// Imports the ONNX file at `path`; weights stored beside it are found.
pub fn load(path: &Path, options: &ImportOptions) -> Result<Graph, ImportError> {
    let read = |source| ImportError::Read { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(read)?;
    let size = file.metadata().map_err(read)?.len();
    if size > SIZE_LIMIT {
        return Err(ImportError::TooLarge { bytes: size, limit: SIZE_LIMIT });
    }
    // One more than the limit, so that a file that lies about its size is found out too.
    file.take(SIZE_LIMIT + 1).read_to_end(&mut bytes).map_err(read)?;
    // `None` for a path that is not UTF-8: then only weights inside the file can be read.
    let folder = path.parent().and_then(Path::to_str);
    import(&bytes, folder, options)
}

/// Imports an ONNX model from memory; it must hold its own weights.
pub fn load_bytes(bytes: &[u8], options: &ImportOptions) -> Result<Graph, ImportError> {
    import(bytes, None, options)
}

fn import(
    bytes: &[u8],
    folder: Option<&str>,
    options: &ImportOptions,
) -> Result<Graph, ImportError> {
    let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if size > SIZE_LIMIT {
        return Err(ImportError::TooLarge { bytes: size, limit: SIZE_LIMIT });
    }
    // tract panics on some malformed models. Nothing outlives the closure, so nothing can be left half-changed.
    catch_unwind(AssertUnwindSafe(|| import_unguarded(bytes, folder, options))).unwrap_or_else(
        |panic| {
            let reason = panic.downcast_ref::<String>().map(String::as_str);
            let reason = reason
                .or_else(|| panic.downcast_ref::<&str>().copied())
                .unwrap_or("no reason given");
            Err(ImportError::Malformed { reason: one_line(reason) })
        },
    )
}

fn import_unguarded(
    bytes: &[u8],
    folder: Option<&str>,
    options: &ImportOptions,
) -> Result<Graph, ImportError> {
    // Intermediate shapes stored in the file are redundant, and may name symbols that are numbers by now.
    let onnx = tract_onnx::onnx().with_ignore_value_info(true);
    let mut reader = bytes;
    let mut proto = onnx
        .proto_model_for_read(&mut reader)
        .map_err(|error| ImportError::Malformed { reason: one_line(&format!("{error:#}")) })?;
    model::check(&proto)?;
    model::fix_extents(&mut proto, &options.variables)?;
    operators::check(&proto, &onnx)?;
    let analyse = || -> tract_onnx::prelude::TractResult<TypedModel> {
        let parsed = onnx.parse(&proto, folder)?;
        parsed.model.into_typed()?.into_decluttered()
    };
    let typed = analyse()
        .map_err(|error| ImportError::Analysis { reason: one_line(&format!("{error:#}")) })?;
    let drafted = importer::translate(&typed, &proto)?;
    let graph = finish::finish(drafted, &proto);
    graph.validate()?;
    constant::check_finite(&graph)?;
    Ok(graph)
}

/// A foreign message as part of a one-line message of ours.
fn one_line(message: &str) -> String {
    const LONGEST: usize = 600;
    let words: Vec<&str> = message.split_whitespace().collect();
    words.join(" ").chars().take(LONGEST).collect()
}
