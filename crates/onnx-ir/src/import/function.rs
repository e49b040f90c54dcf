//! Functions of one number that the analysis would take apart, though one table says each of them.
//!
//! The analysis is given an operator of its own for each, so that nothing of them is taken apart, and it still folds
//! what is constant.

use tract_onnx::Onnx;
use tract_onnx::model::ParsingContext;
use tract_onnx::pb::NodeProto;
use tract_onnx::prelude::{DatumType, TractError, TractResult};
use tract_onnx::tract_core::ops::element_wise::{ElementWiseMiniOp, ElementWiseOp};
use tract_onnx::tract_hir::infer::InferenceOp;
use tract_onnx::tract_hir::ops::element_wise::ElementWiseIntoHir;

use super::stored::attribute;
use crate::Function;

/// Every operator that is read as one function, in the order of their names.
const OPERATORS: [&str; 6] = ["Celu", "Elu", "Mish", PROBIT, "Selu", "Swish"];

/// The inverse of the normal distribution, which no operator of ONNX is but a transform of classifiers.
pub(super) const PROBIT: &str = "a probit";

/// Has the analysis keep the functions whole.
pub(super) fn amend(onnx: &mut Onnx) {
    for name in OPERATORS {
        onnx.op_register.insert(name, whole);
    }
}

fn whole(
    _: &ParsingContext<'_>,
    node: &NodeProto,
) -> TractResult<(Box<dyn InferenceOp>, Vec<String>)> {
    let function = read(node)
        .ok_or_else(|| TractError::msg("an attribute is zero, negative or no finite number"))?;
    Ok((ElementWiseOp(Box::new(Whole(function)), None).into_hir(), vec![]))
}

/// The function that a node stands for; `None` where its attributes give none.
fn read(node: &NodeProto) -> Option<Function> {
    let number = |name: &str, default: f32| attribute(node, name).map_or(default, |found| found.f);
    let finite = |x: f32| x.is_finite().then_some(x);
    Some(match node.op_type.as_str() {
        "Celu" => {
            let alpha = finite(number("alpha", 1.0)).filter(|&alpha| alpha > 0.0)?;
            Function::Elu { slope: 1.0, depth: alpha, width: alpha }
        }
        "Elu" => {
            let depth = finite(number("alpha", 1.0))?;
            Function::Elu { slope: 1.0, depth, width: 1.0 }
        }
        "Selu" => {
            let slope = finite(number("gamma", 1.050_701))?;
            let depth = finite(number("alpha", 1.673_263_2))?;
            Function::Elu { slope, depth: finite(slope * depth)?, width: 1.0 }
        }
        "Swish" => Function::Swish { beta: finite(number("alpha", 1.0))? },
        "Mish" => Function::Mish,
        PROBIT => Function::Probit,
        _ => return None,
    })
}

/// An operator of the analysis that is a function.
#[derive(Clone, Debug)]
pub(super) struct Whole(pub(super) Function);

impl PartialEq for Whole {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

/// Attributes are finite, so that every function equals itself.
impl Eq for Whole {}

impl ElementWiseMiniOp for Whole {
    fn name(&self) -> String {
        self.0.name().to_owned()
    }

    fn eval_in_place(
        &self,
        tensor: &mut tract_onnx::prelude::Tensor,
        _: Option<DatumType>,
    ) -> TractResult<()> {
        let kind = tensor.datum_type();
        let mut values = tensor.cast_to::<f64>()?.into_owned();
        values
            .try_as_plain_ram_mut()?
            .as_slice_mut::<f64>()?
            .iter_mut()
            .for_each(|x| *x = self.0.of(*x));
        *tensor = values.cast_to_dt(kind)?.into_owned();
        Ok(())
    }
}
