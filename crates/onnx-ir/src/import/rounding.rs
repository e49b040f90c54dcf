//! Rounding: `Floor`, `Ceil`, `Round`, `Sign`, and the node that rewritten quantisation is made of.
//!
//! The analysis knows no operator that is exactly a float32 quotient or product, rounded and bounded, and would fold a
//! scale into a kernel. So `rewrite` writes a node of a name of our own, whose inputs are x and what it is divided or
//! multiplied by, with the attributes below; the analysis carries it as it is.

use tract_onnx::model::ParsingContext;
use tract_onnx::pb::{GraphProto, NodeProto};
use tract_onnx::prelude::{Datum, DatumType, SpecialOps, TypedNode};
use tract_onnx::tract_core::ops::element_wise::ElementWiseOp;
use tract_onnx::tract_core::{as_op, op_as_typed_op, op_out_of_plan};
use tract_onnx::tract_hir::infer::InferenceOp;
use tract_onnx::tract_hir::internal::{
    DatumExt, EvalContext, EvalOp, Expansion, InferenceResult, Op, OutletId, Solver, StaticName,
    TValue, TVec, Tensor as TractTensor, TensorProxy, TractError, TractResult, TypedFact,
    TypedModel, TypedOp, expand, tvec,
};

use super::importer::Importer;
use super::reason::{Outcome, Reason};
use super::stored::attribute;
use super::{operators, own};
use crate::tensor::broadcast_strides;
use crate::{ElementType, ImportError, NodeId, Op as Ours, Rounding, Unsupported};

/// The operator that `rewrite` writes; no file has it.
pub(super) const ROUNDED: &str = "a quotient or product, rounded";
/// Its attributes.
pub(super) const ROUNDING: &str = "rounding";
pub(super) const LEAST: &str = "least";
pub(super) const GREATEST: &str = "greatest";

/// Refuses files that have operators themselves that only `rewrite` writes.
pub(super) fn refuse(graph: &GraphProto) -> Result<(), ImportError> {
    for node in &graph.node {
        if [ROUNDED, own::KEY_MASK].contains(&node.op_type.as_str()) {
            let (node, op) = (operators::name(node), operators::qualified(node));
            let reason = "unknown operator".to_owned();
            let operators = vec![Unsupported { node, op, reason }];
            return Err(ImportError::Unsupported { operators });
        }
        for attribute in &node.attribute {
            attribute.g.iter().chain(&attribute.graphs).try_for_each(refuse)?;
        }
    }
    Ok(())
}

/// The number that stands for a rounding in the attribute.
pub(super) fn code(rounding: Rounding) -> i64 {
    match rounding {
        Rounding::Floor => 0,
        Rounding::Even => 1,
        Rounding::EvenOfProduct => 2,
    }
}

/// `min(max(round(x), least), greatest)`, bounds by their bits.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Rounded {
    rounding: Rounding,
    bounds: [u32; 2],
}

/// Reads the node that `rewrite` writes.
pub(super) fn read(
    _: &ParsingContext<'_>,
    node: &NodeProto,
) -> TractResult<(Box<dyn InferenceOp>, Vec<String>)> {
    let bound = |name: &str| attribute(node, name).map(|found| found.f.to_bits());
    let rounding = match attribute(node, ROUNDING).map(|found| found.i) {
        Some(0) => Rounding::Floor,
        Some(1) => Rounding::Even,
        Some(2) => Rounding::EvenOfProduct,
        _ => return Err(TractError::msg("no rounding")),
    };
    let (Some(least), Some(greatest)) = (bound(LEAST), bound(GREATEST)) else {
        return Err(TractError::msg("no bounds"));
    };
    Ok((expand(Rounded { rounding, bounds: [least, greatest] }), vec![]))
}

impl Rounded {
    fn bounds(&self) -> [f32; 2] {
        self.bounds.map(f32::from_bits)
    }
}

impl Expansion for Rounded {
    fn name(&self) -> StaticName {
        "Rounded".into()
    }

    fn rules<'r, 'p: 'r, 's: 'r>(
        &'s self,
        s: &mut Solver<'r>,
        inputs: &'p [TensorProxy],
        outputs: &'p [TensorProxy],
    ) -> InferenceResult {
        let ([x, by], [y]) = (inputs, outputs) else {
            return Err(TractError::msg("another number of inputs"));
        };
        s.equals(&x.datum_type, f32::datum_type())?;
        s.equals(&by.datum_type, f32::datum_type())?;
        s.equals(&y.datum_type, f32::datum_type())?;
        s.equals(&x.shape, &y.shape)
    }

    fn wire(
        &self,
        prefix: &str,
        model: &mut TypedModel,
        inputs: &[OutletId],
    ) -> TractResult<TVec<OutletId>> {
        model.wire_node(prefix, self.clone(), inputs)
    }
}

impl Op for Rounded {
    fn name(&self) -> StaticName {
        "Rounded".into()
    }

    op_as_typed_op!();
}

impl EvalOp for Rounded {
    op_out_of_plan!();

    fn eval(&self, _: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let [x, by] = inputs.as_slice() else {
            return Err(TractError::msg("another number of inputs"));
        };
        let shape = x.shape().to_vec();
        if crate::tensor::broadcast(&shape, by.shape()).as_deref() != Some(&shape) {
            return Err(TractError::msg("a scale of another shape"));
        }
        let strides = broadcast_strides(by.shape(), &shape);
        let outer = crate::tensor::strides(&shape);
        let (x, by) = (x.try_as_plain_ram()?, by.try_as_plain_ram()?);
        let (x, by) = (x.as_slice::<f32>()?, by.as_slice::<f32>()?);
        let [least, greatest] = self.bounds();
        let rounded = x.iter().enumerate().map(|(place, &x)| {
            let axes = outer.iter().zip(&shape).zip(&strides);
            let at: usize =
                axes.map(|((outer, extent), stride)| place / outer % extent * stride).sum();
            self.rounding.apply(x, by.get(at).copied()).max(least).min(greatest)
        });
        let rounded: Vec<f32> = rounded.collect();
        Ok(tvec!(TractTensor::from_shape(&shape, &rounded)?.into()))
    }
}

impl TypedOp for Rounded {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let [x, _] = inputs else { return Err(TractError::msg("another number of inputs")) };
        Ok(tvec!(f32::fact(x.shape.clone())))
    }

    as_op!();
}

pub(super) fn translate(importer: &mut Importer, node: &TypedNode) -> Outcome {
    if let Some(rounded) = node.op_as::<Rounded>() {
        return Some(bounded(importer, node, rounded));
    }
    let op = node.op_as::<ElementWiseOp>()?;
    let name = op.0.name();
    matches!(name.as_str(), "Floor" | "Ceil" | "Round" | "RoundHalfToEven" | "Sign")
        .then(|| unary(importer, node, &name))
}

fn bounded(importer: &mut Importer, node: &TypedNode, op: &Rounded) -> Result<NodeId, Reason> {
    let (x, by) = (importer.input(node, 0)?, importer.input(node, 1)?);
    let constant = importer.builder.value(by).ok_or("its scale must be a constant")?;
    if !constant.data.iter().all(|scale| *scale > 0.0 && scale.is_finite()) {
        return Err("its scale must be positive".into());
    }
    let [min, max] = op.bounds();
    let op = Ours::Round { rounding: op.rounding, min, max };
    let id = importer.builder.push(&node.name, op, &[x, by])?;
    mark(importer, id);
    Ok(id)
}

/// Whole numbers although the model calls them floats; what is exact of them stays exact.
fn mark(importer: &mut Importer, id: NodeId) {
    importer.builder.elements.entry(id).or_insert(WHOLE);
}

/// Whole numbers in a float32.
pub(super) const WHOLE: ElementType = ElementType::Integer { bits: 32, signed: true };

fn unary(importer: &mut Importer, node: &TypedNode, op: &str) -> Result<NodeId, Reason> {
    let x = importer.input(node, 0)?;
    let kind = importer.output_type(node)?;
    let name = node.name.as_str();
    if op == "Sign" {
        return sign(importer, name, x);
    }
    // Integers are whole already.
    if kind.is_integer() || kind == DatumType::TDim {
        return Ok(x);
    }
    let (min, max) = (f32::NEG_INFINITY, f32::INFINITY);
    let builder = &mut importer.builder;
    match op {
        "Floor" => builder.push(name, Ours::Round { rounding: Rounding::Floor, min, max }, &[x]),
        "Ceil" => {
            let negative = builder.push(&format!("{name}.negative"), Ours::Neg, &[x])?;
            let floor = Ours::Round { rounding: Rounding::Floor, min, max };
            let floor = builder.push(&format!("{name}.floor"), floor, &[negative])?;
            builder.push(name, Ours::Neg, &[floor])
        }
        "RoundHalfToEven" => {
            builder.push(name, Ours::Round { rounding: Rounding::Even, min, max }, &[x])
        }
        other => Err(Reason(format!("no circuit for {other}"))),
    }
}

/// (0 < x) − (x < 0)
fn sign(importer: &mut Importer, name: &str, x: NodeId) -> Result<NodeId, Reason> {
    let builder = &mut importer.builder;
    let zero = builder.scalar(&format!("{name}.zero"), 0.0);
    let positive = builder.push(&format!("{name}.positive"), Ours::Less, &[zero, x])?;
    let negative = builder.push(&format!("{name}.negative"), Ours::Less, &[x, zero])?;
    for id in [positive, negative] {
        builder.elements.entry(id).or_insert(ElementType::Boolean);
    }
    let id = builder.push(name, Ours::Sub, &[positive, negative])?;
    mark(importer, id);
    Ok(id)
}
