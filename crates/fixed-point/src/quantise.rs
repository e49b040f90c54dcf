//! Quantisation: the float graph, node by node, as the few operations of a [`QuantGraph`].
//!
//! Linear nodes stay *pending* in `f64` (`value.rs`) until something needs their integers: constants that
//! follow fold into their weights, and an activation that follows becomes the function of the same rescale.
//! One operator is one file.

mod affine;
mod average_pool;
mod bounded;
mod clip;
mod columns;
mod compare;
mod compared;
mod constant;
mod conv;
mod conv_transpose;
mod derivatives;
mod deviation;
mod div;
mod edges;
mod effect;
mod emit;
mod erf;
mod error;
mod exact;
mod exp;
mod family;
mod form_deviation;
mod function;
mod gather;
mod gather_computed;
mod gelu;
mod ideal;
mod in_columns;
mod kept;
mod leaky_relu;
mod learned;
mod learned_constant;
mod lowering;
mod made;
mod mask;
mod mat_mul;
mod max;
mod max_pool;
mod mul;
mod need;
mod parts;
mod readers;
mod reduce;
mod rescale_deviation;
mod rounded;
mod select;
mod sight;
mod smooth;
mod smooth_error;
mod smooth_function;
mod softplus;
mod sqrt;
mod stairs;
mod tensor_deviation;
mod trunc;
mod value;
mod view;
mod whole;

pub use error::QuantiseError;

use crate::committed::Magnitudes;
use crate::error_bound::ErrorBounds;
use crate::quant_graph::QuantGraph;
use crate::settings::Settings;
use kept::Kept;
use lowering::Lowering;
use provenn_onnx_ir::Graph;
use std::collections::BTreeMap;

/// Quantises a model.
///
/// The result is deterministic: the same graph and settings give the same integers.
///
/// # Errors
/// [`QuantiseError`], naming the node: operators and operands that are not supported, values that could wrap
/// around, tables that would be too large, settings of another model.
pub fn quantise(graph: &Graph, settings: &Settings) -> Result<QuantGraph, QuantiseError> {
    Ok(quantise_with_bounds(graph, settings)?.0)
}

/// How large a model's weights are, node by node, with room for training: what settings say where weights are
/// committed.
///
/// # Errors
/// As [`quantise`].
pub fn magnitudes(
    graph: &Graph,
    settings: &Settings,
) -> Result<BTreeMap<String, Magnitudes>, QuantiseError> {
    Quantiser::once(graph).magnitudes(settings)
}

/// Quantises a model, and bounds the distance of every tensor from its float value.
///
/// The quantised graph is that of [`quantise`].
///
/// # Errors
/// As [`quantise`].
pub fn quantise_with_bounds(
    graph: &Graph,
    settings: &Settings,
) -> Result<(QuantGraph, ErrorBounds), QuantiseError> {
    Quantiser::once(graph).quantise_with_bounds(settings)
}

/// Quantises one model under many settings, and keeps what these have in common. The results are those of [`quantise`].
#[derive(Debug)]
pub struct Quantiser<'g> {
    pub(crate) graph: &'g Graph,
    kept: Kept,
}

impl<'g> Quantiser<'g> {
    /// Of a model.
    #[must_use]
    pub fn new(graph: &'g Graph) -> Self {
        Quantiser { graph, kept: Kept::many() }
    }

    /// To quantise it once.
    pub(crate) fn once(graph: &'g Graph) -> Self {
        Quantiser { graph, kept: Kept::none() }
    }

    /// As [`quantise_with_bounds`].
    ///
    /// # Errors
    /// As it.
    pub fn quantise_with_bounds(
        &self,
        settings: &Settings,
    ) -> Result<(QuantGraph, ErrorBounds), QuantiseError> {
        self.begin(settings)?.lowered()?.finish()
    }

    /// As [`magnitudes`].
    ///
    /// # Errors
    /// As it.
    pub fn magnitudes(
        &self,
        settings: &Settings,
    ) -> Result<BTreeMap<String, Magnitudes>, QuantiseError> {
        let mut lowering = self.begin(settings)?;
        lowering.record();
        let mut lowering = lowering.lowered()?;
        lowering.outputs()?;
        Ok(lowering.recorded())
    }

    fn begin<'a>(&'a self, settings: &'a Settings) -> Result<Lowering<'a>, QuantiseError> {
        settings.check()?;
        self.graph.validate()?;
        Lowering::new(self.graph, settings, &self.kept)
    }
}
