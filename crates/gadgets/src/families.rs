//! The seams: what the rest of a circuit asks of a family's gadget, beside what every gadget registers.
//!
//! A planner lays and fills gadgets through these traits alone. The linear identity has its own module,
//! [`linear`](crate::linear).

use crate::bus::BusTerm;
use crate::cells::Cells;
use crate::chain::Chain;
use crate::column::{Integers, Numbers};
use crate::columns::Challenges;
use crate::gadget::Gadget;
use crate::params::{ActivationBanks, CircuitParams, MaximumBanks, RangeBanks};
use crate::poseidon::message::Message;
use halo2_proofs::halo2curves::bn256::Fr;

/// A position in a bank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lane {
    /// Which of the bank's lanes.
    pub lane: usize,
    /// The row.
    pub row: usize,
}

/// An accumulator as its table sees it: `y + o = high·2^(S+t) + low·2^S + remainder`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decomposition {
    /// r, below 2^S.
    pub remainder: i64,
    /// l, below 2^t.
    pub low: i64,
    /// h, which selects the table's row.
    pub high: i64,
    /// The row's slope.
    pub slope: i64,
    /// The row's base; the output is slope·low + base.
    pub base: i64,
}

/// Rescaling and a function.
///
/// # Contract
/// In each lane of each row, for fixed tag and o and the format's S and t, `y = h·2^(S+t) + l·2^S + r − o` and `a = slope·l + base` with r and l
/// in their ranges and (h, slope, base) a row of the table that the tag names, all of which the bus shows; two
/// fingerprints are the polynomials `Σ_j σ^j·y_j` and `Σ_j σ^j·a_j` over lanes and chained rows. In a lane with tag and o
/// zero h, slope, base and so a are zero, and y is any number below 2^(S+t): nothing else says which.
/// `testing::activation_conforms` checks it on any implementation.
pub trait Activation: Gadget + Clone + 'static {
    /// Numbers the columns of one bank of this format; with a third phase its image rows may turn.
    fn allocate(numbers: &mut Numbers, format: &ActivationBanks, turns: bool) -> Self;
    /// Which rows its fingerprints go on over.
    fn chain(&self) -> Chain;
    /// Puts the function's tag and o in the key.
    fn lay(&self, at: Lane, tag: i64, offset: i64, fixed: &mut [Vec<i64>]);
    /// Fills the first-phase cells, which hold zeros.
    fn fill(&self, at: Lane, of: &Decomposition, first: &mut [Vec<i64>]);
    /// The later column with y's fingerprint.
    fn accumulator(&self) -> usize;
    /// The later column with a's fingerprint.
    fn output(&self) -> usize;
}

/// What is largest in a window, as a prover fills it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Largest {
    /// m, where there is no function.
    Itself(i64),
    /// h and l of m, with the table's row; there is no remainder.
    Looked(Decomposition),
}

/// A window as a prover fills it.
#[derive(Clone, Copy, Debug)]
pub struct Window<'a> {
    /// m.
    pub largest: Largest,
    /// d and r of each element, row by row.
    pub elements: &'a [(i64, i64)],
}

/// The largest of a window's elements, and a function of it.
///
/// # Contract
/// In each lane of each row that a window was laid for, with its o and the banks' S and t, `y_e = (m − d_e)·2^S + r_e − o` for
/// each of the window's elements e, `0 ≤ r_e < 2^S`, d_e has as many bits as the banks' limbs, and some d_e is zero. In banks
/// with a function `m = h·2^t + l` and `a = slope·l + base` with l in its range and (h, slope, base) a row of the table that
/// the tag names; else a = m. The bus shows what is in a range or a table. The fingerprint of outputs is the polynomial
/// `Σ_j σ^j·a_j` over lanes and chained rows; for each row i of the window that of sums is
/// `Σ_j σ^(width·j)·Σ_b σ^b·y_(i,b),j` over lanes and the rows of a line. In a lane without a window a is zero, and without a
/// function so is y.
/// `testing::maximum_conforms` checks it on any implementation.
pub trait Maximum: Gadget + Clone + 'static {
    /// Numbers the columns of one bank; with a third phase its image rows may turn.
    fn allocate(numbers: &mut Numbers, banks: &MaximumBanks, turns: bool) -> Self;
    /// Which rows the fingerprint of outputs goes on over.
    fn chain(&self) -> Chain;
    /// The fixed column that says which rows those of sums go on over.
    fn line(&self) -> usize;
    /// Puts in the key that a window stands here, its function's tag, if there is any, and o.
    fn lay(&self, at: Lane, tag: i64, offset: i64, fixed: &mut [Vec<i64>]);
    /// Fills the first-phase cells, which hold zeros.
    fn fill(&self, at: Lane, of: &Window<'_>, first: &mut [Vec<i64>]);
    /// The later column with the fingerprint of outputs.
    fn output(&self) -> usize;
    /// The later columns with those of sums, by row of a window.
    fn sums(&self) -> &[usize];
}

/// Values in a range.
///
/// # Contract
/// A value is limbs on rows below each other, each one of 0 … 2^w − 1, which the bus shows: `y = Σ_i limb_i·2^(w·i)` over the rows that
/// were laid for it. Values stand side by side in lanes; the fingerprint is the polynomial `Σ_j σ^j·y_j` over lanes, and over
/// the values that go on below. A lane that is not filled holds any such limbs: nothing else says which.
/// `testing::range_conforms` checks it on any implementation.
pub trait Range: Gadget + Clone + 'static {
    /// Numbers the columns of one bank.
    fn allocate(numbers: &mut Numbers, banks: &RangeBanks) -> Self;
    /// Puts in the key that these rows hold the limbs of one value in each lane, and whether the next row's values go on.
    fn lay(&self, rows: std::ops::Range<usize>, goes_on: bool, fixed: &mut [Vec<i64>]);
    /// Fills the first-phase cells of a value in range, which hold zeros: so many limbs from this row on.
    fn fill(&self, at: Lane, limbs: usize, value: i64, first: &mut [Vec<i64>]);
    /// The later column with y's fingerprint.
    fn fingerprint(&self) -> usize;
}

/// Which polynomial of plain cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reading {
    /// `Σ_j σ^j·p_j`
    Sigma,
    /// `Σ_j ρ^j·p_j`
    Rho,
    /// `Σ_j σ^j·c_j·p_j` for fixed coefficients c.
    Scaled,
    /// `Σ_j σ^j·p_j·p*_j` with the next bank's cells p*.
    Product,
}

/// Cells and the fingerprints that read them.
///
/// # Contract
/// Each lane has a first-phase column, which copies may touch; each reading that the parameters have is a later column, chained
/// over rows. `testing::fingerprint_conforms` checks it on any implementation.
pub trait Fingerprint: Gadget + Clone + 'static {
    /// Numbers the columns of all banks, those of memories last and with [`Reading::Sigma`] alone: entries, then keys and
    /// values in turn. Products are of neighbours.
    fn allocate(numbers: &mut Numbers, params: &CircuitParams) -> Vec<Self>;
    /// Which rows its fingerprints go on over.
    fn chain(&self) -> Chain;
    /// First-phase columns, by lane.
    fn cells(&self) -> &[usize];
    /// Fixed columns of the coefficients, by lane; none without [`Reading::Scaled`].
    fn coefficients(&self) -> &[usize];
    /// The later column of a reading, if the bank has it.
    fn fingerprint(&self, of: Reading) -> Option<usize>;
}

/// Arithmetic on single field elements.
///
/// # Contract
/// `z = c0 + c1·c + c2·a·b + s·σ + r·ρ + t·τ` in each row, with fixed coefficients; t with a third phase only.
/// `testing::arithmetic_conforms` checks it on any implementation.
pub trait Arithmetic: Gadget + Clone + 'static {
    /// Numbers the columns of one bank.
    fn allocate(numbers: &mut Numbers, params: &CircuitParams) -> Self;
    /// Fixed columns of c0, c1, c2, s, r, and of t where there is one.
    fn coefficients(&self) -> Vec<usize>;
    /// Later columns of a, b, c.
    fn operands(&self) -> [usize; 3];
    /// The later column of z.
    fn result(&self) -> usize;
    /// Computes the row, whose operands are there.
    fn evaluate(
        &self,
        row: usize,
        challenges: &Challenges<Fr>,
        fixed: Integers<'_>,
        cells: &mut impl Cells,
    );
}

/// Coefficients that convolutions drop, combined over channels.
///
/// # Contract
/// A value per row, committed after ρ and before σ: the boundary terms' sum by powers of ρ; its fingerprint
/// `Σ_i σ^i·g_i` over rows where `step` is set.
pub trait Boundary: Gadget + Clone + 'static {
    /// Numbers the columns of all banks.
    fn allocate(numbers: &mut Numbers, params: &CircuitParams) -> Vec<Self>;
    /// The fixed column that says where the fingerprint goes on.
    fn step(&self) -> usize;
    /// The later column with the fingerprint.
    fn fingerprint(&self) -> usize;
}

/// Values found by their keys among committed ones.
///
/// # Contract
/// The bus shows that every pair (key, value) that is looked up in a space is among the space's entries; the first row of
/// the first bank of entries holds none. `testing::memory_conforms` checks it on any implementation.
pub trait Memory: Gadget + Clone + 'static {
    /// Numbers the columns beside plain cells by bank and lane: entries, and pairs of keys and values.
    fn allocate(numbers: &mut Numbers, entries: &[&[usize]], lookups: &[[&[usize]; 2]]) -> Self;
    /// Puts an entry's space, which is positive, and key in the key.
    fn lay_entry(&self, bank: usize, at: Lane, space_and_key: (i64, i64), fixed: &mut [Vec<i64>]);
    /// Puts the space that a pair is looked up in in the key.
    fn lay_lookup(&self, bank: usize, at: Lane, space: i64, fixed: &mut [Vec<i64>]);
}

/// Where keys occur in lists of indices.
///
/// # Contract
/// For every list and each of its keys k a later cell that is committed after ρ and before the other challenges holds
/// `Σ_{i: index_i = k} ρ^i`, i counting a list's rows from the last one up; every index of a list is one of its keys.
/// `testing::occurrences_conform` checks it on any implementation.
pub trait Occurrences: Gadget + Clone + 'static {
    /// Numbers the columns of all banks.
    fn allocate(numbers: &mut Numbers, params: &CircuitParams) -> Self;
    /// Puts a list, whose number is positive, in the key: its indices stand on these rows, the last one first.
    fn lay_list(
        &self,
        bank: usize,
        rows: std::ops::Range<usize>,
        list: i64,
        fixed: &mut [Vec<i64>],
    );
    /// Puts a list's key in the key.
    fn lay_key(&self, bank: usize, row: usize, list_and_key: (i64, i64), fixed: &mut [Vec<i64>]);
    /// A bank's first-phase column of indices, which copies may touch.
    fn index(&self, bank: usize) -> usize;
    /// A bank's later column of sums, which copies may touch.
    fn sum(&self, bank: usize) -> usize;
}

/// Digests of tensors.
///
/// # Contract
/// A message that was laid from a row on has its digest in that row; it is a function of as many first-phase cells as the
/// message's padded length, which copies may touch: its elements, and behind them cells that must hold zero.
/// `testing::hash_conforms` checks it on any implementation.
pub trait Hash: Gadget + Clone + 'static {
    /// Numbers the columns of one bank.
    fn allocate(numbers: &mut Numbers) -> Self;
    /// How many rows a message takes.
    fn rows(of: Message) -> usize;
    /// Puts a message in the key, from this row on.
    fn lay(&self, row: usize, of: Message, fixed: &mut [Vec<i64>]);
    /// First-phase column and row of an element, or of a zero behind the last one.
    fn element(&self, row: usize, of: Message, index: usize) -> (usize, usize);
    /// The later column with digests, each in the first row of its message.
    fn digest(&self) -> usize;
}

/// What shows that a bus is balanced.
///
/// # Contract
/// Its constraints hold only if `Σ n/(α − f) = 0` over all terms of all active rows, except with negligible probability
/// over α and β. `testing::lookup_argument_conforms` checks it on any implementation.
pub trait LookupArgument: Gadget + Clone + 'static {
    /// Numbers the columns for these terms, of which there is at least one.
    fn allocate(numbers: &mut Numbers, terms: Vec<BusTerm>, params: &CircuitParams) -> Self;
    /// How many of its columns are multiplied with denominators, for the cost model.
    fn factors(&self) -> usize;
    /// Computes what follows from its other columns, down the rows.
    fn accumulate(&self, rows: usize, cells: &mut impl Cells);
}
