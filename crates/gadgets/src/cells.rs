//! Cells as whoever computes later columns sees them: an honest prover's, or those of one that lies.

use crate::column::CellRef;
use halo2_proofs::halo2curves::bn256::Fr;

/// The columns while later ones are computed. A dishonest prover's may answer `get` with another value than was `set`,
/// so whoever computes reads back what it builds on.
pub trait Cells {
    /// Any cell's value.
    fn read(&self, cell: CellRef) -> Fr;
    /// Computes a later cell.
    fn set(&mut self, column: usize, row: usize, value: Fr);
    /// A later cell's value.
    fn get(&self, column: usize, row: usize) -> Fr {
        self.read(CellRef::second(column, row))
    }
}
