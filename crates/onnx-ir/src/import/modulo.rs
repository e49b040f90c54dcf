//! `Mod`: x − b·⌊x/b⌋, or with `fmod` x − b·trunc(x/b).
//!
//! The analysis would take it apart into comparisons of remainders.

use tract_onnx::model::ParsingContext;
use tract_onnx::pb::NodeProto;
use tract_onnx::prelude::{DatumType, DatumTypeExt, SpecialOps, TypedNode};
use tract_onnx::tract_core::broadcast::multi_broadcast;
use tract_onnx::tract_core::{as_op, not_out_of_plan, op_as_typed_op};
use tract_onnx::tract_hir::infer::InferenceOp;
use tract_onnx::tract_hir::internal::{
    EvalOp, Expansion, InferenceResult, Op, OutletId, Solver, StaticName, TValue, TVec,
    TensorProxy, TractError, TractResult, TypedFact, TypedModel, TypedOp, expand, tvec,
};
use tract_onnx::tract_hir::ops::binary::{rules, wire_cast, wire_rank_broadcast};

use super::builder::Builder;
use super::division::Division;
use super::importer::Importer;
use super::integral;
use super::reason::{Outcome, Reason};
use super::stored::attribute;
use crate::tensor::volume;
use crate::{NodeId, Op as Ours, Tensor};

/// With the sign of the divisor, or with `fmod` that of the dividend.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Modulo {
    fmod: bool,
}

pub(super) fn read(
    _: &ParsingContext<'_>,
    node: &NodeProto,
) -> TractResult<(Box<dyn InferenceOp>, Vec<String>)> {
    let fmod = attribute(node, "fmod").is_some_and(|found| found.i != 0);
    Ok((expand(Modulo { fmod }), vec![]))
}

impl Expansion for Modulo {
    fn name(&self) -> StaticName {
        "Modulo".into()
    }

    fn rules<'r, 'p: 'r, 's: 'r>(
        &'s self,
        s: &mut Solver<'r>,
        inputs: &'p [TensorProxy],
        outputs: &'p [TensorProxy],
    ) -> InferenceResult {
        rules(s, inputs, outputs, |a, b| {
            a.common_super_type(b).ok_or_else(|| TractError::msg("of two types"))
        })
    }

    /// Constants are not computed before, since a shape may be among them that is not known yet.
    fn runs_out_of_plan(&self) -> bool {
        false
    }

    fn wire(
        &self,
        prefix: &str,
        model: &mut TypedModel,
        inputs: &[OutletId],
    ) -> TractResult<TVec<OutletId>> {
        let mut kinds = vec![];
        for &input in inputs {
            kinds.push(model.outlet_fact(input)?.datum_type);
        }
        let kind = DatumType::super_type_for(&kinds);
        let kind = kind.ok_or_else(|| TractError::msg("of two types"))?;
        let wires = wire_rank_broadcast(prefix, model, inputs)?;
        let wires = wire_cast(prefix, model, &wires, kind)?;
        model.wire_node(prefix, self.clone(), &wires)
    }
}

impl Op for Modulo {
    fn name(&self) -> StaticName {
        "Modulo".into()
    }

    op_as_typed_op!();
}

impl EvalOp for Modulo {
    not_out_of_plan!();
}

impl TypedOp for Modulo {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let [a, b] = inputs else { return Err(TractError::msg("another number of inputs")) };
        let shape = multi_broadcast(&[a.shape.clone(), b.shape.clone()])?;
        Ok(tvec!(a.datum_type.fact(shape)))
    }

    as_op!();
}

pub(super) fn translate(importer: &mut Importer, node: &TypedNode) -> Outcome {
    let op = node.op_as::<Modulo>()?;
    Some(modulo(importer, node, op.fmod))
}

fn modulo(importer: &mut Importer, node: &TypedNode, fmod: bool) -> Result<NodeId, Reason> {
    let (x, b) = (importer.input(node, 0)?, importer.input(node, 1)?);
    let name = node.name.as_str();
    let builder = &mut importer.builder;
    let Some((divisor, negative)) = one_sign(builder, b)? else {
        let mut division = Division { builder, name };
        return if fmod { division.remainder(x, b) } else { division.modulo(x, b) };
    };
    let data = divisor.data.iter().map(|b| b.abs()).collect();
    let size =
        builder.constant(&format!("{name}.size"), Tensor { shape: divisor.shape.clone(), data });
    // A quotient has the shape of the result, since a scale is broadcast to x.
    let x = broadcast(builder, name, x, &divisor)?;
    let times = format!("{name}.times");
    let beyond = if fmod {
        let times = integral::truncated(builder, &times, x, size)?;
        builder.push(&format!("{name}.beyond"), Ours::Mul, &[times, size])?
    } else if negative {
        let minus = builder.push(&format!("{name}.negative"), Ours::Neg, &[x])?;
        let times = integral::floor(builder, &times, minus, size, f32::NEG_INFINITY)?;
        builder.push(&format!("{name}.beyond"), Ours::Mul, &[times, b])?
    } else {
        let times = integral::floor(builder, &times, x, size, f32::NEG_INFINITY)?;
        builder.push(&format!("{name}.beyond"), Ours::Mul, &[times, size])?
    };
    builder.push(name, Ours::Sub, &[x, beyond])
}

/// Divisors that are constants of one sign, and whether that is negative.
pub(super) fn one_sign(builder: &Builder, b: NodeId) -> Result<Option<(Tensor, bool)>, Reason> {
    let Some(divisor) = builder.value(b) else { return Ok(None) };
    if divisor.data.iter().any(|&b| b == 0.0 || !b.is_finite()) {
        return Err("it divides by a constant zero or infinity".into());
    }
    let negative = divisor.data.iter().any(|&b| b < 0.0);
    let one = negative != divisor.data.iter().any(|&b| b > 0.0);
    Ok(one.then(|| (divisor.clone(), negative)))
}

/// x in the shape that it has together with a constant.
pub(super) fn broadcast(
    builder: &mut Builder,
    name: &str,
    x: NodeId,
    with: &Tensor,
) -> Result<NodeId, Reason> {
    let own = builder.shape(x);
    let shape = crate::tensor::broadcast(&own, &with.shape).filter(|shape| volume(shape).is_some());
    let shape = shape.ok_or("its operands do not fit together")?;
    if shape == own {
        return Ok(x);
    }
    builder.push_shaped(&format!("{name}.expanded"), Ours::Expand, &[x], &shape)
}
