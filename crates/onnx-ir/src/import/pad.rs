//! `Pad` with a constant.

use tract_onnx::prelude::TypedNode;
use tract_onnx::tract_core::ops::array::{Pad, PadMode};

use super::constant;
use super::importer::Importer;
use super::reason::{Outcome, Reason};
use crate::{NodeId, Op};

pub(super) fn translate(importer: &mut Importer, node: &TypedNode) -> Outcome {
    let op = node.op_as::<Pad>()?;
    Some(pad(importer, node, op))
}

fn pad(importer: &mut Importer, node: &TypedNode, op: &Pad) -> Result<NodeId, Reason> {
    let x = importer.input(node, 0)?;
    let value = match &op.mode {
        PadMode::Constant(value) => {
            constant::tensor(value)?.uniform().ok_or("its padding value is missing")?
        }
        PadMode::Reflect | PadMode::Edge => {
            return Err("only padding with a constant is supported".into());
        }
    };
    let (before, after) = op.pads.iter().copied().unzip();
    importer.builder.push(&node.name, Op::Pad { before, after, value }, &[x])
}
