//! What the analysis takes to compute a node whose inputs are constant, counted from shapes alone.

use tract_onnx::pb::NodeProto;

use super::stored::attribute;
use crate::work::Work;

/// Elements and multiplications of computing `made` from inputs of the shapes `given`; extents that are not known
/// count as 1.
/// Windows are gathered before they are multiplied: their taps count as elements too.
pub(super) fn of(
    proto: Option<&NodeProto>,
    given: &[Vec<Option<usize>>],
    made: &[Option<usize>],
) -> Work {
    let input = |at: usize| given.get(at).map_or(&[][..], Vec::as_slice);
    let made = volume(made);
    let read = given.iter().map(|shape| volume(shape)).fold(0, u128::saturating_add);
    let last = |shape: &[Option<usize>], back: usize| {
        let axis = shape.len().checked_sub(back);
        axis.and_then(|axis| shape.get(axis)).map_or(1, |&extent| wide(extent.unwrap_or(1)))
    };
    let windows = |taps: u128| {
        let taken = made.saturating_mul(taps);
        Work { elements: made.saturating_add(taken), products: taken, grown: 0 }
    };
    let products = |products: u128| Work { elements: made, products, grown: 0 };
    let attribute = |name: &str| proto.and_then(|node| attribute(node, name));
    let work = match proto.map_or("", |node| node.op_type.as_str()) {
        "MatMul" => products(made.saturating_mul(last(input(0), 1))),
        "Gemm" => {
            let back = if attribute("transA").is_some_and(|found| found.i != 0) { 2 } else { 1 };
            products(made.saturating_mul(last(input(0), back)))
        }
        "Conv" => windows(input(1).get(1..).map_or(1, volume)),
        "ConvTranspose" => {
            let kernel = input(1).get(1..).map_or(1, volume);
            let taken = volume(input(0)).saturating_mul(kernel);
            Work { elements: made.saturating_add(taken), products: taken, grown: 0 }
        }
        "MaxPool" | "AveragePool" | "LpPool" => {
            let kernel = attribute("kernel_shape").map(|found| found.ints.as_slice());
            let extents = kernel.unwrap_or(&[]).iter().map(|extent| extent.unsigned_abs().into());
            let taps = extents.fold(1, u128::saturating_mul);
            Work { elements: made, products: made.saturating_mul(taps), grown: 0 }
        }
        // A sum over any axes that the inputs have: at most every pair of their elements meets.
        "Einsum" => {
            let pairs = given.iter().map(|shape| volume(shape));
            products(pairs.fold(1, u128::saturating_mul).max(made))
        }
        _ => products(made.saturating_add(read)),
    };
    work.of_constant(made, read)
}

fn volume(shape: &[Option<usize>]) -> u128 {
    shape.iter().map(|extent| wide(extent.unwrap_or(1))).fold(1, u128::saturating_mul)
}

/// A count, which always fits.
fn wide(count: usize) -> u128 {
    count as u128
}
