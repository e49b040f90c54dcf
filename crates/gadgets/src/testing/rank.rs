//! The rank of a circuit's identities: whether copies and fingerprints leave anything to choose.
//!
//! Accumulators, plain cells and the values of boundary terms are unknowns; the outputs of activations are kept, since
//! tables make them functions of their accumulators, and so is what ranges and memories bind (limbs, looked-up values).
//! Every copy is an equation, linear or quadratic in the unknowns: at an honest assignment its derivatives, over as many
//! draws of the challenges as add anything, form a matrix. A vector in its kernel is a direction in which a prover may
//! move, as far as identities go, for all challenges at once. There is to be none but what is documented: lanes that hold
//! nothing beside boundary terms, and the boundary terms themselves.

use super::Subject;
use crate::assignment::{BoundaryValues, FirstPhase};
use crate::column::{CellRef, Column};
use crate::columns::Challenges;
use crate::families::Hash;
use crate::gadget_set::Standard;
use crate::layout::Layout;
use crate::maximum::LargestCells;
use crate::second_phase::{Committed, second_phase};
use halo2_proofs::arithmetic::Field;
use halo2_proofs::halo2curves::bn256::Fr;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Draws in a row that add nothing before the rest counts as free.
const QUIET: usize = 3;

/// What a prover chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unknown {
    /// An accumulator, by the cell that holds its high part.
    Accumulator {
        /// First-phase column of h.
        column: usize,
        /// The row.
        row: usize,
        /// Whether a table is named there.
        tagged: bool,
    },
    /// A plain cell.
    Plain {
        /// First-phase column.
        column: usize,
        /// The row.
        row: usize,
    },
    /// A later cell that nothing defines: there is to be none.
    Later {
        /// Its column.
        column: usize,
        /// The row.
        row: usize,
    },
    /// A value of boundary terms, chosen after ρ.
    Dropped {
        /// Which ρ.
        rho: usize,
        /// Which run.
        run: usize,
        /// Which element.
        at: usize,
    },
}

/// What identities demand of the unknowns, everything else kept.
#[derive(Clone, Debug)]
pub struct Demanded {
    /// Whether the unknowns are determined.
    pub rank: Rank,
    /// Unknowns that would have to be others, and by how much. Exact where the identities are linear in them.
    pub off: Vec<(Unknown, Fr)>,
    /// Whether no values of the unknowns would do.
    pub contradiction: bool,
}

/// What identities leave.
#[derive(Clone, Debug)]
pub struct Rank {
    /// Unknowns.
    pub unknowns: usize,
    /// Independent equations.
    pub rank: usize,
    /// Draws of challenges.
    pub draws: usize,
    /// Unknowns that some direction moves, and that nothing documented excuses.
    pub unbound: Vec<Unknown>,
}

impl Subject<Standard> {
    /// How many unknowns [`Subject::rank`] has to solve for.
    #[must_use]
    pub fn unknowns(&self) -> usize {
        self.unknown_cells().len() + self.rhos() * self.dropped().count()
    }

    /// The rank of all identities at these columns, by challenges from `draw`. Takes time as the cube of
    /// [`Subject::unknowns`].
    ///
    /// # Panics
    /// If an identity does not hold at the columns as they are.
    #[must_use]
    pub fn rank(&self, draw: impl FnMut() -> Fr) -> Rank {
        let Demanded { rank, off, contradiction } = self.eliminate(draw, true);
        assert!(off.is_empty() && !contradiction, "an identity does not hold");
        rank
    }

    /// What identities demand at these columns, by challenges from `draw`: the columns may be no honest ones, outputs that no
    /// table has among them.
    #[must_use]
    pub fn demanded(&self, draw: impl FnMut() -> Fr) -> Demanded {
        self.eliminate(draw, false)
    }

    /// Accumulators, plain cells, and boundary terms for so many ρ.
    pub(super) fn all_unknowns(&self, rhos: usize) -> Vec<Unknown> {
        let mut unknowns = self.unknown_cells();
        let dropped: Vec<(usize, usize)> = self.dropped().collect();
        for rho in 0..rhos {
            unknowns.extend(dropped.iter().map(|&(run, at)| Unknown::Dropped { rho, run, at }));
        }
        unknowns
    }

    /// Adds equations until they add nothing; where a full rank is `enough`, not longer.
    fn eliminate(&self, mut draw: impl FnMut() -> Fr, enough: bool) -> Demanded {
        let identities = Identities::new(self);
        let rhos = self.rhos();
        let unknowns = self.all_unknowns(rhos);
        let count = unknowns.len();
        let fixed: Vec<Fr> = (0..rhos).map(|_| draw()).collect();
        // The last column is what identities are off by.
        let (mut matrix, mut draws, mut quiet) = (Matrix::new(count + 1), 0, 0);
        while quiet < QUIET * rhos && !(matrix.rank >= count && (enough && draws > 0 || quiet > 0))
        {
            let which = draws % rhos;
            // Boundary terms are chosen once for each ρ; without them ρ is as free as σ.
            let rho = if rhos == 1 { draw() } else { fixed[which] };
            let [sigma, alpha, beta, tau] = [(); 4].map(|()| draw());
            let challenges = Challenges { sigma, rho, alpha, beta, tau };
            let before = matrix.rank;
            for equation in identities.equations(&unknowns, which, &challenges) {
                matrix.add(equation);
            }
            if rhos > 1 {
                // Where no boundary term is met ρ is as free as σ, and powers of it may be more than these values.
                let challenges = Challenges { rho: draw(), ..challenges };
                for equation in identities.equations(&unknowns, which, &challenges) {
                    let met = unknowns.iter().zip(&equation).any(|(unknown, slope)| {
                        matches!(unknown, Unknown::Dropped { .. }) && !bool::from(slope.is_zero())
                    });
                    if !met {
                        matrix.add(equation);
                    }
                }
            }
            quiet = if matrix.rank == before { quiet + 1 } else { 0 };
            draws += 1;
        }
        let contradiction = matrix.pivots[count].is_some();
        let required = if contradiction { vec![] } else { matrix.kernel(count) };
        let off = unknowns.iter().copied().zip(required);
        let off = off.filter(|(_, by)| !bool::from(by.is_zero())).collect();
        let moved = matrix.moved(count).into_iter().map(|i| unknowns[i]);
        let three_phases = self.layout().three_phases();
        let bound = |unknown: &Unknown| match unknown {
            Unknown::Accumulator { tagged, .. } => *tagged || !three_phases,
            Unknown::Plain { .. } | Unknown::Later { .. } => true,
            Unknown::Dropped { .. } => false,
        };
        let unbound = moved.filter(bound).collect();
        let rank = matrix.rank - usize::from(contradiction);
        Demanded { rank: Rank { unknowns: count, rank, draws, unbound }, off, contradiction }
    }

    /// Values of ρ, each with boundary terms of its own: as many as powers of ρ that these could hide behind, and one more.
    fn rhos(&self) -> usize {
        self.boundary.iter().map(|of| of.planes.len() + 1).max().unwrap_or(1)
    }

    fn dropped(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let runs = self.boundary.iter().enumerate();
        runs.flat_map(|(run, of)| {
            let len = of.planes.first().map_or(0, Vec::len);
            (0..len).map(move |at| (run, at))
        })
    }

    /// Accumulators and plain cells that fingerprints read.
    fn unknown_cells(&self) -> Vec<Unknown> {
        let layout = self.layout();
        let read: BTreeSet<(usize, usize)> = self.read_cells().into_iter().collect();
        let rows = self.params().active_rows();
        let mut unknowns = vec![];
        for bank in &layout.activation {
            for (&column, &tag) in bank.high.iter().zip(&bank.tag) {
                for row in (0..rows).filter(|&row| read.contains(&(column, row))) {
                    let tagged = self.fixed_integer(tag, row) != 0;
                    unknowns.push(Unknown::Accumulator { column, row, tagged });
                }
            }
        }
        // A sum of a window is moved by its distance from the maximum.
        for bank in &layout.maximum {
            // Without a function, the bus and a constraint leave nothing where no window stands.
            let function = matches!(bank.largest, LargestCells::Function { .. });
            for limbs in &bank.distance {
                let lowest = limbs.first().into_iter().flatten();
                for (&column, &tag) in lowest.zip(&bank.tag) {
                    for row in (0..rows).filter(|&row| read.contains(&(column, row))) {
                        let tagged = self.fixed_integer(tag, row) != 0;
                        if tagged || function {
                            unknowns.push(Unknown::Accumulator { column, row, tagged });
                        }
                    }
                }
            }
        }
        let params = self.params();
        for (at, bank) in layout.plain.iter().enumerate() {
            // Of a memory's lookups the values are the entries' by the bus.
            let lookup = at.checked_sub(params.plain_banks + params.entry_banks);
            if lookup.is_some_and(|at| at % 2 == 1) {
                continue;
            }
            for &column in &bank.cell {
                let rows = (0..rows).filter(|&row| read.contains(&(column, row)));
                unknowns.extend(rows.map(|row| Unknown::Plain { column, row }));
            }
        }
        for &column in layout.hash.iter().flat_map(|bank| &bank.element) {
            let rows = (0..rows).filter(|&row| read.contains(&(column, row)));
            unknowns.extend(rows.map(|row| Unknown::Plain { column, row }));
        }
        unknowns
    }
}

/// All copies as functions of the first phase.
struct Identities<'a> {
    subject: &'a Subject<Standard>,
    /// Without the bus, which is no identity of these.
    layout: Layout<Standard>,
}

impl<'a> Identities<'a> {
    fn new(subject: &'a Subject<Standard>) -> Self {
        let mut layout = subject.layout().clone();
        layout.lookups = None;
        Identities { subject, layout }
    }

    /// What each copy is off by.
    fn residuals(
        &self,
        first: &FirstPhase,
        boundary: &[BoundaryValues],
        challenges: &Challenges<Fr>,
    ) -> Vec<Fr> {
        let subject = self.subject;
        let instance = subject.public_values();
        let committed = Committed { first, boundary, instance: &instance };
        let key = (subject.params(), &self.layout, subject.assignment());
        let second = second_phase(key.0, key.1, key.2, committed, challenges);
        let integers = crate::column::Integers(first);
        let value = |cell: CellRef| match cell.column {
            Column::Second(column) => second[column][cell.row],
            Column::First(column) => crate::field::from_signed(integers.at(column, cell.row)),
            Column::Fixed(_) | Column::Instance => subject.value(cell),
        };
        // A digest is no polynomial of low degree, and binds what is hashed besides.
        let digests: Vec<Column> =
            self.layout.hash.iter().map(|bank| Column::Second(bank.digest())).collect();
        let states = |cell: CellRef| digests.contains(&cell.column);
        let copies = subject.copies().iter().filter(|(a, b)| !states(*a) && !states(*b));
        copies.map(|&(a, b)| value(a) - value(b)).collect()
    }

    /// One equation for each copy that an unknown moves or that does not hold: twice its derivatives, of which it has two
    /// at most, and twice what it is off by.
    fn equations(
        &self,
        unknowns: &[Unknown],
        rho: usize,
        challenges: &Challenges<Fr>,
    ) -> Vec<Vec<Fr>> {
        let subject = self.subject;
        let off = self.residuals(&subject.first, &subject.boundary, challenges);
        let moved = |unknown: &Unknown, by: i64| -> Option<Vec<Fr>> {
            let (mut first, mut boundary) = (subject.first.clone(), subject.boundary.clone());
            match *unknown {
                Unknown::Accumulator { column, row, .. } | Unknown::Plain { column, row } => {
                    let cells = &mut first[column];
                    cells.resize(cells.len().max(row + 1), 0);
                    cells[row] += by;
                }
                Unknown::Dropped { rho: own, .. } if own != rho => return None,
                Unknown::Dropped { run, at, .. } => boundary[run].planes[0][at] += by,
                Unknown::Later { .. } => return None,
            }
            Some(self.residuals(&first, &boundary, challenges))
        };
        let nonzero = |slopes: Vec<Fr>| {
            let slopes = slopes.into_iter().enumerate();
            slopes.filter(|(_, slope)| !bool::from(slope.is_zero())).collect()
        };
        let mut columns: Vec<Vec<(usize, Fr)>> = unknowns
            .par_iter()
            .map(|unknown| {
                let Some((up, down)) = moved(unknown, 1).zip(moved(unknown, -1)) else {
                    return vec![];
                };
                nonzero(up.iter().zip(&down).map(|(up, down)| up - down).collect())
            })
            .collect();
        columns.push(nonzero(off.iter().map(Fr::double).collect()));
        let mut equations: BTreeMap<usize, Vec<Fr>> = BTreeMap::new();
        for (unknown, column) in columns.iter().enumerate() {
            for &(copy, slope) in column {
                let row = equations.entry(copy);
                row.or_insert_with(|| vec![Fr::zero(); columns.len()])[unknown] = slope;
            }
        }
        equations.into_values().collect()
    }
}

/// Rows in echelon form.
struct Matrix {
    pivots: Vec<Option<Vec<Fr>>>,
    rank: usize,
}

impl Matrix {
    fn new(columns: usize) -> Self {
        Matrix { pivots: vec![None; columns], rank: 0 }
    }

    fn add(&mut self, mut row: Vec<Fr>) {
        for i in 0..row.len() {
            let Some(inverse) = Option::<Fr>::from(row[i].invert()) else { continue };
            let Some(pivot) = &self.pivots[i] else {
                row[i..].iter_mut().for_each(|x| *x *= inverse);
                self.pivots[i] = Some(row);
                self.rank += 1;
                return;
            };
            let factor = row[i];
            for (x, p) in row[i..].iter_mut().zip(&pivot[i..]) {
                *x -= factor * p;
            }
        }
    }

    /// The vector of the kernel that has 1 in this column without a pivot, and 0 in all others.
    fn kernel(&self, free: usize) -> Vec<Fr> {
        let mut x = vec![Fr::zero(); free + 1];
        x[free] = Fr::one();
        for j in (0..free).rev() {
            let Some(pivot) = &self.pivots[j] else { continue };
            let sum = pivot[j + 1..=free].iter().zip(&x[j + 1..=free]);
            x[j] = -sum.map(|(p, x)| p * x).sum::<Fr>();
        }
        x
    }

    /// Columns among the first that some vector of the kernel moves.
    fn moved(&self, columns: usize) -> BTreeSet<usize> {
        let mut moved = BTreeSet::new();
        for free in (0..columns).filter(|&i| self.pivots[i].is_none()) {
            let x = self.kernel(free);
            moved.extend((0..=free).filter(|&i| !bool::from(x[i].is_zero())));
        }
        moved
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernels() {
        let row = |values: [i64; 3]| values.map(crate::field::from_signed).to_vec();
        let mut matrix = Matrix::new(3);
        matrix.add(row([1, 1, 0]));
        matrix.add(row([2, 2, 0]));
        assert_eq!((matrix.rank, matrix.moved(3)), (1, BTreeSet::from([0, 1, 2])));
        matrix.add(row([0, 0, 5]));
        assert_eq!((matrix.rank, matrix.moved(3)), (2, BTreeSet::from([0, 1])));
        matrix.add(row([1, -1, 7]));
        assert_eq!((matrix.rank, matrix.moved(3)), (3, BTreeSet::new()));
    }
}
