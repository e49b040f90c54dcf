//! Views resolved once: which element of which tensor that is no view, or which constant, each element is.
//!
//! Views may stand on views however deep, and name a source many times: resolving them tensor by tensor, in the
//! order they are made, takes time in proportion to their elements.

use crate::error::CompileError;
use provenn_fixed_point::{QuantGraph, QuantOp, Source, TensorId};

/// What an element of a view is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// An element of a tensor that is no view.
    Element { tensor: TensorId, index: usize },
    /// A constant.
    Constant(i64),
}

/// A view's elements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct View {
    pub(crate) origins: Vec<Origin>,
    /// The constants among them, each once, in order.
    pub(crate) constants: Vec<i64>,
}

/// The views of a graph, by tensor.
#[derive(Clone, Debug)]
pub(crate) struct Views(Vec<Option<View>>);

impl Views {
    /// Resolves every view.
    pub(crate) fn new(graph: &QuantGraph) -> Result<Self, CompileError> {
        let mut views: Vec<Option<View>> = Vec::with_capacity(graph.tensors.len());
        for tensor in &graph.tensors {
            let QuantOp::View { sources, map } = &tensor.op else {
                views.push(None);
                continue;
            };
            let damaged = || CompileError::Internal {
                node: tensor.name.clone(),
                what: "a view reads beyond its sources",
            };
            let mut origins = Vec::with_capacity(map.len());
            for source in map {
                origins.push(match *source {
                    Source::Constant(c) => Origin::Constant(c),
                    Source::Element { source, index } => {
                        let index = usize::try_from(index).map_err(|_| damaged())?;
                        let source = usize::try_from(source).ok().and_then(|at| sources.get(at));
                        let tensor = *source.ok_or_else(damaged)?;
                        match views.get(tensor.0).ok_or_else(damaged)? {
                            Some(view) => *view.origins.get(index).ok_or_else(damaged)?,
                            None => Origin::Element { tensor, index },
                        }
                    }
                });
            }
            let mut constants: Vec<i64> = origins
                .iter()
                .filter_map(|origin| match origin {
                    Origin::Constant(c) => Some(*c),
                    Origin::Element { .. } => None,
                })
                .collect();
            constants.sort_unstable();
            constants.dedup();
            views.push(Some(View { origins, constants }));
        }
        Ok(Views(views))
    }

    /// The view that a tensor is, if it is one.
    pub(crate) fn get(&self, tensor: TensorId) -> Option<&View> {
        self.0.get(tensor.0).and_then(Option::as_ref)
    }
}
