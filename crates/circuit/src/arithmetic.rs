//! Glue rows: constants, powers of challenges, products and sums of digests.

use crate::builder::{Builder, GlueRow, SpotStep};
use crate::place::Spot;

impl Builder<'_> {
    fn glue(&mut self, coefficients: [i64; 5], operands: [Option<Spot>; 3]) -> Spot {
        let (bank, row) = (self.glue_rows / self.capacity, self.glue_rows % self.capacity);
        self.glue_rows += 1;
        if !self.dry {
            self.steps.push(SpotStep::Glue(GlueRow { bank, row, coefficients, operands }));
        }
        Spot::GlueZ { bank, row }
    }

    /// A cell that equals a constant.
    pub(crate) fn constant(&mut self, value: i64) -> Spot {
        if let Some(&spot) = self.constants.get(&value) {
            return spot;
        }
        let spot = self.glue([value, 0, 0, 0, 0], [None; 3]);
        self.constants.insert(value, spot);
        spot
    }

    /// A cell that equals ρ^e or σ^e.
    pub(crate) fn power(&mut self, rho: bool, e: usize) -> Spot {
        if let Some(&spot) = self.powers.get(&(rho, e)) {
            return spot;
        }
        let spot = match e {
            0 => self.constant(1),
            1 => self.glue([0, 0, 0, i64::from(!rho), i64::from(rho)], [None; 3]),
            _ => {
                let (left, right) = (self.power(rho, e / 2), self.power(rho, e - e / 2));
                self.multiply(left, right)
            }
        };
        self.powers.insert((rho, e), spot);
        spot
    }

    /// a·b
    pub(crate) fn multiply(&mut self, a: Spot, b: Spot) -> Spot {
        self.glue([0, 0, 1, 0, 0], [Some(a), Some(b), None])
    }

    /// factor·a·b + c1·c
    pub(crate) fn multiply_add(
        &mut self,
        factor: i64,
        a: Spot,
        b: Spot,
        c: Option<(i64, Spot)>,
    ) -> Spot {
        let (c1, c) = c.map_or((0, None), |(c1, spot)| (c1, Some(spot)));
        self.glue([0, c1, factor, 0, 0], [Some(a), Some(b), c])
    }
}
