//! Tensors whose axes have letters, as a product of several names them.

use super::importer::Importer;
use super::reason::Reason;
use crate::NodeId;

/// A tensor with a letter for every axis.
pub(super) struct Operand {
    pub(super) id: NodeId,
    pub(super) letters: Vec<char>,
}

/// Brings the axes into the order of `letters`.
pub(super) fn permute(
    importer: &mut Importer,
    name: &str,
    x: &Operand,
    letters: &[char],
) -> Result<NodeId, Reason> {
    let perm: Option<Vec<usize>> =
        letters.iter().map(|letter| x.letters.iter().position(|own| own == letter)).collect();
    let perm = perm.ok_or("an axis of the product's output comes from neither input")?;
    importer.builder.transpose(&format!("{name}.order"), x.id, perm)
}
