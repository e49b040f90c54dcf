//! Which cell holds which element, for those who hold a circuit's columns against what they are to state.

use crate::compiled::CompiledCircuit;
use crate::rows::Slot;
use crate::stand::StandingBlock;
use provenn_fixed_point::TensorId;
use provenn_gadgets::GadgetSet;

/// An element's place in banks of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ElementPlace {
    /// The tensor.
    pub tensor: TensorId,
    /// Which of its elements, row-major.
    pub element: usize,
    /// The bank, among those of its kind.
    pub bank: usize,
    /// Which of the bank's cells of a row.
    pub lane: usize,
    /// The row.
    pub row: usize,
}

/// The place of every element of a block that says of itself which element it is.
fn places(block: &StandingBlock, lanes: usize) -> impl Iterator<Item = ElementPlace> + '_ {
    (0..block.layout.elements()).filter_map(move |at| {
        let (tensor, element) = block.source(at, &[])?;
        let (plane, position) = block.layout.position(at);
        let Slot { bank, row, lane } = block.slot(plane, position, lanes)?;
        Some(ElementPlace { tensor, element, bank, lane, row })
    })
}

impl<G: GadgetSet> CompiledCircuit<G> {
    /// Where the elements of tensors stand that a table makes, in activation banks.
    #[must_use]
    pub fn activation_places(&self) -> Vec<ElementPlace> {
        let blocks = self.standing.activation.iter();
        blocks.flat_map(|standing| places(&standing.block, standing.lanes)).collect()
    }

    /// Where the elements of maxima stand, in banks of maxima.
    #[must_use]
    pub fn maximum_places(&self) -> Vec<ElementPlace> {
        let blocks = self.standing.maximum.iter();
        blocks.flat_map(|standing| places(&standing.block, standing.lanes)).collect()
    }

    /// Where elements stand in plain banks, as often as they are copied, but for those in an order that is computed.
    #[must_use]
    pub fn plain_places(&self) -> Vec<ElementPlace> {
        let lanes = self.params().lanes;
        self.standing.plain.iter().flat_map(|block| places(block, lanes)).collect()
    }
}
