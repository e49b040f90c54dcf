//! Where each role's columns stand: the one place that knows the order of columns.

use crate::gadget_set::{GadgetSet, Standard};
use crate::linear::LinearIdentity;
use crate::shape::Shape;
use serde::{Deserialize, Serialize};

/// A column by kind and position among its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Column {
    /// Part of the key.
    Fixed(usize),
    /// Small integers, committed before any challenge.
    First(usize),
    /// Field elements, committed after the challenges.
    Second(usize),
    /// The public values.
    Instance,
}

/// A cell by column and row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Cell {
    /// Its column.
    pub column: Column,
    /// Its row.
    pub row: usize,
}

/// Columns of one activation bank; each `Vec` has one entry per lane.
#[derive(Clone, Debug)]
pub struct ActivationColumns {
    /// Fixed: which function table.
    pub tag: Vec<usize>,
    /// Fixed: o, subtracted from the recomposed accumulator (half and bias).
    pub offset: Vec<usize>,
    /// Fixed: the next row belongs to the same segment.
    pub step: usize,
    /// Fixed, with borders: the next row begins the next image row of the same plane.
    pub turn: Option<usize>,
    /// First phase, per limb then per lane: r.
    pub remainder: Vec<Vec<usize>>,
    /// First phase: l.
    pub low: Vec<usize>,
    /// First phase: h.
    pub high: Vec<usize>,
    /// First phase: slope.
    pub slope: Vec<usize>,
    /// First phase: base.
    pub base: Vec<usize>,
    /// Second phase: digest of the accumulator y.
    pub digest_y: usize,
    /// Second phase: digest of the output a.
    pub digest_a: usize,
}

/// Columns of one plain bank.
#[derive(Clone, Debug)]
pub struct PlainColumns {
    /// Fixed: the next row belongs to the same segment.
    pub step: usize,
    /// Fixed, with borders: the next row begins the next image row of the same plane.
    pub turn: Option<usize>,
    /// Fixed: coefficients per lane (empty without scaled digests).
    pub coefficient: Vec<usize>,
    /// First phase: the cells.
    pub cell: Vec<usize>,
    /// Second phase: digest in σ.
    pub digest: usize,
    /// Second phase: digest in ρ.
    pub digest_rho: Option<usize>,
    /// Second phase: digest of coefficient times cell.
    pub digest_scaled: Option<usize>,
    /// Second phase, even banks only: digest of this bank's cells times the next bank's.
    pub digest_product: Option<usize>,
}

/// Columns of one border bank.
#[derive(Clone, Debug)]
pub struct BorderColumns {
    /// Fixed: the next row belongs to the same segment.
    pub step: usize,
    /// Second phase: a dropped coefficient, combined over channels.
    pub value: usize,
    /// Third phase: digest of the values.
    pub digest: usize,
}

/// Columns of one glue bank: z = c0 + c1·c + c2·a·b + s·σ + r·ρ + t·τ.
#[derive(Clone, Debug)]
pub struct GlueColumns {
    /// Fixed c0, c1, c2, s, r.
    pub coefficient: [usize; 5],
    /// Fixed t, with borders.
    pub tau: Option<usize>,
    /// Second phase a, b, c, z.
    pub value: [usize; 4],
}

/// Columns of one table bank.
#[derive(Clone, Debug)]
pub struct TableColumns {
    /// Fixed: the tuple's three values and its tag.
    pub tuple: [usize; 4],
    /// First phase: how often each row is looked up.
    pub multiplicity: usize,
}

/// All columns of a shape.
#[derive(Clone, Debug)]
pub struct Layout<G: GadgetSet = Standard> {
    /// Number of fixed columns.
    pub fixed: usize,
    /// Number of first-phase advice columns.
    pub first: usize,
    /// Number of later advice columns.
    pub second: usize,
    /// Fixed: 1 on the rows where constraints act.
    pub active: usize,
    /// Fixed: 1 on row 0.
    pub first_row: usize,
    /// Fixed: 1 on the row after the last active one.
    pub last_row: usize,
    /// Activation banks.
    pub activation: Vec<ActivationColumns>,
    /// Plain banks.
    pub plain: Vec<PlainColumns>,
    /// Engines: the σ ones, then the ρ ones.
    pub engine: Vec<<G::Linear as LinearIdentity>::Columns>,
    /// Glue banks.
    pub glue: Vec<GlueColumns>,
    /// Border banks.
    pub border: Vec<BorderColumns>,
    /// Table banks.
    pub table: Vec<TableColumns>,
    /// Second phase: sums of inverses.
    pub helper: Vec<usize>,
    /// Second phase: running sum over the helpers (only with lookups).
    pub running_sum: Option<usize>,
}

/// The numbers given so far to columns of one kind.
#[derive(Clone, Debug, Default)]
pub struct Counter(usize);

/// Counters per kind of column.
#[derive(Clone, Debug, Default)]
pub struct Numbers {
    /// Fixed columns.
    pub fixed: Counter,
    /// First-phase advice.
    pub first: Counter,
    /// Second-phase advice.
    pub second: Counter,
}

impl Counter {
    /// The next number.
    pub fn one(&mut self) -> usize {
        self.0 += 1;
        self.0 - 1
    }
    /// The next n numbers.
    pub fn many(&mut self, n: usize) -> Vec<usize> {
        (0..n).map(|_| self.one()).collect()
    }
    fn array<const N: usize>(&mut self) -> [usize; N] {
        std::array::from_fn(|_| self.one())
    }
}

impl Layout {
    /// Numbers the columns of `shape` with the standard gadgets.
    #[must_use]
    pub fn new(shape: &Shape) -> Self {
        Self::number(shape)
    }
}

impl<G: GadgetSet> Layout<G> {
    /// Numbers the columns of `shape`.
    #[must_use]
    pub fn number(shape: &Shape) -> Self {
        let mut numbers = Numbers::default();
        let Numbers { fixed: f, first: p, second: q } = &mut numbers;
        let lanes = shape.lanes;
        let (active, first_row, last_row) = (f.one(), f.one(), f.one());
        let limbs = shape.remainder_limbs().len();
        let borders = shape.border_banks > 0;
        // Halo2 numbers columns phase by phase.
        let values = q.many(shape.border_banks);
        let border: Vec<_> = values
            .into_iter()
            .map(|value| BorderColumns { step: f.one(), value, digest: q.one() })
            .collect();
        let activation = (0..shape.activation_banks)
            .map(|_| ActivationColumns {
                tag: f.many(lanes),
                offset: f.many(lanes),
                step: f.one(),
                turn: borders.then(|| f.one()),
                remainder: (0..limbs).map(|_| p.many(lanes)).collect(),
                low: p.many(lanes),
                high: p.many(lanes),
                slope: p.many(lanes),
                base: p.many(lanes),
                digest_y: q.one(),
                digest_a: q.one(),
            })
            .collect();
        let plain = (0..shape.plain_banks)
            .map(|bank| PlainColumns {
                step: f.one(),
                turn: borders.then(|| f.one()),
                coefficient: if shape.scaled_digests { f.many(lanes) } else { vec![] },
                cell: p.many(lanes),
                digest: q.one(),
                digest_rho: shape.rho_digests.then(|| q.one()),
                digest_scaled: shape.scaled_digests.then(|| q.one()),
                digest_product: (shape.product_digests && bank % 2 == 0).then(|| q.one()),
            })
            .collect();
        let engine = (0..shape.sigma_engines + shape.rho_engines)
            .map(|i| {
                G::Linear::allocate(&mut numbers, shape.engine_lanes, i >= shape.sigma_engines)
            })
            .collect();
        let Numbers { fixed: f, first: p, second: q } = &mut numbers;
        let glue = (0..shape.glue_banks)
            .map(|_| GlueColumns {
                coefficient: f.array(),
                tau: borders.then(|| f.one()),
                value: q.array(),
            })
            .collect();
        let table = (0..shape.table_banks)
            .map(|_| TableColumns { tuple: f.array(), multiplicity: p.one() })
            .collect();
        let helper = q.many(shape.helper_columns());
        let running_sum = (!helper.is_empty()).then(|| q.one());
        Layout {
            fixed: f.0,
            first: p.0,
            second: q.0,
            active,
            first_row,
            last_row,
            activation,
            plain,
            engine,
            glue,
            border,
            table,
            helper,
            running_sum,
        }
    }

    /// The phase of a later column, counted from 0: 1, or with borders 2 for all but their values.
    #[must_use]
    pub fn phase(&self, second: usize) -> u8 {
        let early = self.border.is_empty() || self.border.iter().any(|b| b.value == second);
        if early { 1 } else { 2 }
    }

    /// Columns that copies may touch, in the order they join the permutation argument.
    #[must_use]
    pub fn equality_columns(&self) -> Vec<Column> {
        let mut columns = vec![Column::Instance];
        for bank in &self.activation {
            columns.extend([Column::Second(bank.digest_y), Column::Second(bank.digest_a)]);
        }
        for bank in &self.plain {
            columns.extend(bank.cell.iter().map(|&c| Column::First(c)));
            columns.push(Column::Second(bank.digest));
            let extra = [bank.digest_rho, bank.digest_scaled, bank.digest_product];
            columns.extend(extra.into_iter().flatten().map(Column::Second));
        }
        for engine in &self.engine {
            columns.extend(G::Linear::copied(engine));
        }
        columns.extend(self.border.iter().map(|border| Column::Second(border.digest)));
        for glue in &self.glue {
            columns.extend(glue.value.iter().map(|&c| Column::Second(c)));
        }
        columns
    }
}
