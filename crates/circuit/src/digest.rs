//! Digests of planes and of whole blocks, joined by glue.

use crate::builder::Builder;
use crate::error::CompileError;
use crate::place::{Block, Digest, Kind, Piece, Point, Spot};

impl Builder<'_> {
    /// Digest of one plane of a block's elements (output for activations), at σ.
    pub(crate) fn plane_digest(
        &mut self,
        block: usize,
        plane: usize,
    ) -> Result<Spot, CompileError> {
        self.plane_digest_of(block, plane, Digest::Sigma)
    }

    /// A given digest of one plane; a split plane is joined by glue.
    pub(crate) fn plane_digest_of(
        &mut self,
        block: usize,
        plane: usize,
        of: Digest,
    ) -> Result<Spot, CompileError> {
        let Block { kind, layout, tensor, ref pieces, .. } = self.blocks[block];
        let per_plane = layout.rows_per_plane(self.lanes);
        let held: Vec<Piece> = pieces
            .iter()
            .filter(|p| (p.plane..p.plane + p.planes).contains(&plane))
            .copied()
            .collect();
        let mut total: Option<Spot> = None;
        for piece in held.into_iter().rev() {
            let (bank, row) = (piece.bank, piece.row + (plane - piece.plane) * per_plane);
            let spot = match (kind, of) {
                (Kind::Activation, Digest::Accumulator) => Spot::DigestY { bank, row },
                (Kind::Activation, Digest::Sigma) => Spot::DigestA { bank, row },
                (Kind::Plain, Digest::Sigma | Digest::Rho | Digest::Scaled | Digest::Product) => {
                    Spot::PlainDigest { bank, row, of }
                }
                (Kind::Activation, Digest::Rho | Digest::Scaled | Digest::Product)
                | (Kind::Plain, Digest::Accumulator) => {
                    return Err(self.internal(tensor, "its bank has no such digest"));
                }
            };
            total = Some(match total {
                None => spot,
                Some(total) => {
                    let rows = piece.row_in_plane..piece.row_in_plane + piece.rows;
                    let turns = rows.filter(|row| layout.ends_image_row(*row, self.lanes)).count();
                    let power = match of {
                        Digest::Rho => self.power(Point::Rho, piece.rows * self.lanes)?,
                        Digest::Sigma | Digest::Scaled | Digest::Product | Digest::Accumulator => {
                            self.powers((piece.rows - turns) * self.lanes, turns)?
                        }
                    };
                    self.multiply_add(1, total, power, Some((1, spot)))?
                }
            });
        }
        total.ok_or_else(|| self.internal(tensor, "a plane that no bank holds"))
    }

    /// Digest of the whole block in (ρ, σ): Σ_p ρ^p·plane_p(σ).
    pub(crate) fn total(&mut self, block: usize, of: Digest) -> Result<Spot, CompileError> {
        let Block { layout, tensor, .. } = self.blocks[block];
        let mut total = None;
        for plane in (0..layout.planes).rev() {
            let digest = self.plane_digest_of(block, plane, of)?;
            total = Some(match total {
                None => digest,
                Some(total) => {
                    let rho = self.power(Point::Rho, 1)?;
                    self.multiply_add(1, total, rho, Some((1, digest)))?
                }
            });
        }
        total.ok_or_else(|| self.internal(tensor, "a block without planes"))
    }
}
