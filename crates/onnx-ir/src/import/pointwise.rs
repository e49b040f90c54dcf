//! `Conv` with a kernel of one element, which tract has made an `EinSum`: a `Conv` again.
//!
//! As a product with the constant on the right it would need a transposition before and after.

use super::importer::Importer;
use super::letters::{Operand, permute};
use super::reason::Reason;
use crate::{NodeId, Op, Window};

/// `x · weights` as a `Conv` where the summed axes of `x` are followed by others that the product leaves
/// in place; `None` for any other product. The result has the axes of `output`.
pub(super) fn product(
    importer: &mut Importer,
    name: &str,
    x: &Operand,
    weights: &Operand,
    output: &[char],
) -> Result<Option<NodeId>, Reason> {
    let (fixed, varies) =
        (importer.builder.value(weights.id).is_some(), importer.builder.value(x.id).is_none());
    let (summed, made): (Vec<char>, Vec<char>) =
        weights.letters.iter().partition(|letter| x.letters.contains(letter));
    let Some(first) = x.letters.iter().position(|letter| summed.contains(letter)) else {
        return Ok(None);
    };
    let (before, rest) = x.letters.split_at(first);
    let (channels, space) = rest.split_at(summed.len().min(rest.len()));
    let ordered: Vec<char> =
        output.iter().copied().filter(|letter| made.contains(letter)).collect();
    let expected: Vec<char> = [before, &ordered, space].concat();
    let applies = channels.iter().all(|letter| summed.contains(letter))
        && !space.is_empty()
        && expected == output
        && ordered.len() == made.len();
    if !(fixed && varies && applies) {
        return Ok(None);
    }
    let shape = importer.builder.shape(x.id);
    let size = |from: usize, to: usize| {
        shape.get(from..to).map_or(1, |part| part.iter().product::<usize>())
    };
    let end = first + channels.len();
    let (batch, inputs) = (size(0, first), size(first, end));
    let (height, width) = match shape.get(end..) {
        Some(&[height, width]) => (height, width),
        _ => (1, size(end, shape.len())),
    };
    let order: Vec<char> = [&ordered, channels].concat();
    let kernel = permute(importer, &format!("{name}.kernel"), weights, &order)?;
    let outputs = importer.builder.shape(kernel).iter().take(ordered.len()).product();
    let extents = importer.builder.shape(kernel);
    let kernel =
        importer.builder.reshape(&format!("{name}.kernel"), kernel, &[outputs, inputs, 1, 1])?;
    let plane = importer.builder.reshape(
        &format!("{name}.input"),
        x.id,
        &[batch, inputs, height, width],
    )?;
    let ones = [1; 2];
    let window = Window {
        kernel: ones,
        stride: ones,
        dilation: ones,
        pad_before: [0; 2],
        pad_after: [0; 2],
    };
    let y = importer.builder.push(name, Op::Conv { window, groups: 1 }, &[plane, kernel])?;
    let made = extents.get(..ordered.len()).unwrap_or(&[]);
    let result =
        [shape.get(..first).unwrap_or(&[]), made, shape.get(end..).unwrap_or(&[])].concat();
    importer.builder.reshape(&format!("{name}.unfold"), y, &result).map(Some)
}
