//! Glue rows: constants, powers of challenges, products and sums of digests.

use crate::builder::{Builder, GlueRow, SpotStep};
use crate::error::CompileError;
use crate::place::{PlaneLayout, Point, Spot};
use provenn_gadgets::shape::MOST_GLUE_BANKS;

/// Glue rows of a circuit; a few bytes of a file can ask for any number.
const MOST_ROWS: usize = 1 << 22;

impl Builder<'_> {
    /// A row; stops at once where a circuit cannot have as many, whoever asks.
    fn glue(
        &mut self,
        coefficients: [i64; 6],
        operands: [Option<Spot>; 3],
    ) -> Result<Spot, CompileError> {
        if self.glue_rows >= self.capacity.saturating_mul(MOST_GLUE_BANKS).min(MOST_ROWS) {
            return Err(self.too_large(format!("{} rows of arithmetic on digests", self.glue_rows)));
        }
        let (bank, row) = (self.glue_rows / self.capacity, self.glue_rows % self.capacity);
        self.glue_rows += 1;
        if !self.dry {
            self.steps.push(SpotStep::Glue(GlueRow { bank, row, coefficients, operands }));
        }
        Ok(Spot::GlueZ { bank, row })
    }

    /// A cell that equals a constant.
    pub(crate) fn constant(&mut self, value: i64) -> Result<Spot, CompileError> {
        if let Some(&spot) = self.constants.get(&value) {
            return Ok(spot);
        }
        let spot = self.glue([value, 0, 0, 0, 0, 0], [None; 3])?;
        self.constants.insert(value, spot);
        Ok(spot)
    }

    /// A cell that equals a challenge's power.
    pub(crate) fn power(&mut self, point: Point, e: usize) -> Result<Spot, CompileError> {
        if let Some(&spot) = self.powers.get(&(point, e)) {
            return Ok(spot);
        }
        let spot = match e {
            0 => self.constant(1)?,
            1 => {
                let is = |of| i64::from(point == of);
                let [s, r, t] = [is(Point::Sigma), is(Point::Rho), is(Point::Tau)];
                self.glue([0, 0, 0, s, r, t], [None; 3])?
            }
            _ => {
                let (left, right) = (self.power(point, e / 2)?, self.power(point, e - e / 2)?);
                self.multiply(left, right)?
            }
        };
        self.powers.insert((point, e), spot);
        Ok(spot)
    }

    /// A cell that equals σ^i·τ^j.
    pub(crate) fn powers(&mut self, sigma: usize, tau: usize) -> Result<Spot, CompileError> {
        match (sigma, tau) {
            (_, 0) => self.power(Point::Sigma, sigma),
            (0, _) => self.power(Point::Tau, tau),
            _ => {
                if let Some(&spot) = self.mixed_powers.get(&(sigma, tau)) {
                    return Ok(spot);
                }
                let left = self.power(Point::Sigma, sigma)?;
                let right = self.power(Point::Tau, tau)?;
                let spot = self.multiply(left, right)?;
                self.mixed_powers.insert((sigma, tau), spot);
                Ok(spot)
            }
        }
    }

    /// The weight of (i, j) in a block's planes, by the block's stride: υ^i·σ^j.
    pub(crate) fn place_power(
        &mut self,
        layout: PlaneLayout,
        i: usize,
        j: usize,
    ) -> Result<Spot, CompileError> {
        if layout.turned {
            self.powers(i * (layout.stride - self.lanes) + j, i)
        } else {
            self.power(Point::Sigma, i * layout.stride + j)
        }
    }

    /// a·b
    pub(crate) fn multiply(&mut self, a: Spot, b: Spot) -> Result<Spot, CompileError> {
        self.glue([0, 0, 1, 0, 0, 0], [Some(a), Some(b), None])
    }

    /// factor·a·b + c1·c
    pub(crate) fn multiply_add(
        &mut self,
        factor: i64,
        a: Spot,
        b: Spot,
        c: Option<(i64, Spot)>,
    ) -> Result<Spot, CompileError> {
        let (c1, c) = c.map_or((0, None), |(c1, spot)| (c1, Some(spot)));
        self.glue([0, c1, factor, 0, 0, 0], [Some(a), Some(b), c])
    }
}
