//! The extents of a value, as far as the analysis knows them.

use tract_onnx::prelude::InferenceFact;
use tract_onnx::tract_hir::infer::Factoid;
use tract_onnx::tract_hir::internal::DimLike;

/// The extents that are known.
pub(super) fn extents(fact: &InferenceFact) -> Vec<Option<usize>> {
    fact.shape.dims().map(|extent| extent.concretize()?.to_usize().ok()).collect()
}
