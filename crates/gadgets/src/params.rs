//! The parameters of a circuit: everything `configure` needs and a verifier must know.

pub use crate::params_error::ParamsError;
use crate::terms::TermsPerHelper;
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// Rows at the end of every column that hold blinding values: five blinding factors and one.
pub const UNUSABLE_ROWS: usize = 6;

/// The degree of every constraint system; constraints, the column that says where they act included, have no
/// more.
pub const MAX_DEGREE: usize = 5;

/// k: a circuit has 2^k rows.
pub const LOGROWS: RangeInclusive<u32> = 4..=26;

/// S that a format can have; the same as a quantised graph's.
pub const SHIFT: RangeInclusive<u32> = 0..=30;

/// t that a format can have; the same as a quantised graph's.
pub const LOW_BITS: RangeInclusive<u32> = 1..=16;

/// Most formats of a circuit; the same as a quantised graph's.
pub const MOST_FORMATS: usize = 8;

/// Most kinds of windows of a circuit.
pub const MOST_MAXIMA: usize = 16;

/// Most first-phase columns of banks of maxima: more than a key of any circuit has commitments.
pub const MOST_COLUMNS_OF_MAXIMA: usize = 8192;

/// Most elements of a window; the same as a quantised graph's.
pub const MOST_OF_WINDOW: usize = 4;

/// Most banks of activations, of maxima, of values in ranges, and of plain cells.
pub const MOST_BANKS: usize = 256;

/// Most banks of arithmetic.
pub const MOST_ARITHMETIC_BANKS: usize = 64;

/// Most committed columns: the circuit that shows their ranges takes about five commitments for each, and a verifier combines
/// some thousands.
pub const MOST_COMMITTED_COLUMNS: usize = 1024;

/// Most columns of committed tensors: a proof has a commitment and some values for each, and a verifier combines them.
pub const MOST_TENSOR_COLUMNS: usize = 64;

/// Most instance columns: each takes part in the permutation argument.
pub const MOST_INSTANCE_COLUMNS: usize = 16;

/// Most banks of hashes.
pub const MOST_HASH_BANKS: usize = 64;

/// Banks of rescaled activations of one format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActivationBanks {
    /// How many.
    pub banks: usize,
    /// Activations per row.
    pub lanes: usize,
    /// S: bits dropped by a rescale.
    pub shift: u32,
    /// t: bits of the low limb, and width of a range table.
    pub low_bits: u32,
}

impl ActivationBanks {
    /// Widths of the limbs of the remainder r, low to high; they sum to S. With S = 0 there is none.
    #[must_use]
    pub fn remainder_limbs(&self) -> Vec<u32> {
        remainder_limbs(self.shift, self.low_bits)
    }
}

/// Limbs of a remainder of S bits by limbs of t bits, low to high: their widths.
fn remainder_limbs(shift: u32, low_bits: u32) -> Vec<u32> {
    let mut widths = vec![low_bits; (shift / low_bits) as usize];
    if !shift.is_multiple_of(low_bits) {
        widths.push(shift % low_bits);
    }
    widths
}

/// Banks of maxima over windows of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MaximumBanks {
    /// How many.
    pub banks: usize,
    /// Windows per row.
    pub lanes: usize,
    /// S: bits dropped by the rescale of every element.
    pub shift: u32,
    /// t: bits of a limb, and width of a range table.
    pub low_bits: u32,
    /// Limbs of every element's distance from the largest.
    pub limbs: usize,
    /// Height and width of a window.
    pub window: [usize; 2],
    /// A table says what becomes of the largest; else it is the output, and nothing is rescaled.
    pub function: bool,
}

impl MaximumBanks {
    /// Widths of the limbs of a remainder, low to high; they sum to S.
    #[must_use]
    pub fn remainder_limbs(&self) -> Vec<u32> {
        remainder_limbs(self.shift, self.low_bits)
    }

    /// First-phase columns of all of them.
    fn columns(&self) -> usize {
        let MaximumBanks { banks, lanes, limbs, window: [height, width], .. } = *self;
        let of_element = limbs.saturating_add(self.remainder_limbs().len());
        let of_window = height.saturating_mul(width).saturating_mul(of_element).saturating_add(4);
        banks.saturating_mul(lanes).saturating_mul(of_window)
    }
}

/// Banks of values in a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RangeBanks {
    /// How many.
    pub banks: usize,
    /// Values per row.
    pub lanes: usize,
    /// Bits of a limb; a range table has that width.
    pub width: u32,
}

/// Column counts and constants of a circuit. Two circuits of equal parameters have equal gates.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CircuitParams {
    /// Rows are 2^k.
    pub k: u32,
    /// L: cells per row of every plain bank.
    pub lanes: usize,
    /// Banks of rescaled activations, format by format.
    pub formats: Vec<ActivationBanks>,
    /// Banks of maxima over windows, kind by kind.
    pub maxima: Vec<MaximumBanks>,
    /// Banks of values in a range, if there are any.
    pub ranges: Option<RangeBanks>,
    /// Banks of plain cells.
    pub plain_banks: usize,
    /// Plain banks also carry a fingerprint in ρ (MatMul of two activations).
    pub rho_fingerprints: bool,
    /// Plain banks also carry a fingerprint weighted by fixed coefficients.
    pub scaled_fingerprints: bool,
    /// Plain banks 2i and 2i+1 also carry a fingerprint of their products.
    pub product_fingerprints: bool,
    /// Banks of weights that evaluate weight columns at σ (dense layers).
    pub sigma_weight_banks: usize,
    /// Banks of weights that evaluate weight columns at ρ (convolutions).
    pub rho_weight_banks: usize,
    /// M: weights per row of a bank of weights.
    pub weight_lanes: usize,
    /// Banks of committed weights that are combined at σ.
    pub committed_sigma_banks: usize,
    /// Banks of committed weights that are combined at ρ.
    pub committed_rho_banks: usize,
    /// Banks of scalar arithmetic on fingerprints.
    pub arithmetic_banks: usize,
    /// Banks of lookup tables.
    pub table_banks: usize,
    /// Fractions of the lookup argument per helper column.
    pub terms_per_helper: TermsPerHelper,
    /// Banks of boundary terms of convolutions, combined over channels at ρ. With any, there is a
    /// third phase, and image rows are powers of τ.
    pub boundary_banks: usize,
    /// Banks of plain cells that are entries of memories.
    pub entry_banks: usize,
    /// Pairs of banks of plain cells that are looked up in memories: keys, values.
    pub lookup_banks: usize,
    /// Banks of indices and keys whose occurrences are counted. With any, there is a third phase.
    pub occurrence_banks: usize,
    /// Columns of weights whose ranges are shown: none but in the circuit that comes with a commitment to weights.
    pub weight_range_columns: usize,
    /// Banks in which tensors are hashed.
    pub hash_banks: usize,
    /// Columns of committed tensors.
    pub committed_tensor_columns: usize,
    /// Instance columns beside the first one: public values stand in one after the other.
    pub further_instance_columns: usize,
}

impl CircuitParams {
    /// Checks every field against fixed limits, so that foreign parameters cannot make `configure`
    /// allocate or overflow.
    ///
    /// # Errors
    /// [`ParamsError`] naming the first field out of range.
    pub fn validate(&self) -> Result<(), ParamsError> {
        let check = |field, got: usize, lo, hi| {
            if (lo..=hi).contains(&got) { Ok(()) } else { Err(ParamsError { field, got, lo, hi }) }
        };
        check("k", self.k as usize, *LOGROWS.start() as usize, *LOGROWS.end() as usize)?;
        check("lanes", self.lanes, 1, 64)?;
        check("formats", self.formats.len(), 0, MOST_FORMATS)?;
        for &ActivationBanks { banks, lanes, shift, low_bits } in &self.formats {
            check("formats.banks", banks, 1, MOST_BANKS)?;
            check("formats.lanes", lanes, 1, 64)?;
            for (field, got, range) in
                [("formats.shift", shift, SHIFT), ("formats.low_bits", low_bits, LOW_BITS)]
            {
                check(field, got as usize, *range.start() as usize, *range.end() as usize)?;
            }
        }
        let banks = self.formats.iter().map(|format| format.banks).sum();
        check("formats.banks in all", banks, 0, MOST_BANKS)?;
        check("maxima", self.maxima.len(), 0, MOST_MAXIMA)?;
        for &MaximumBanks { banks, lanes, shift, low_bits, limbs, window, function } in &self.maxima
        {
            check("maxima.banks", banks, 1, MOST_BANKS)?;
            check("maxima.lanes", lanes, 1, 64)?;
            for (field, got, range) in
                [("maxima.shift", shift, SHIFT), ("maxima.low_bits", low_bits, LOW_BITS)]
            {
                check(field, got as usize, *range.start() as usize, *range.end() as usize)?;
            }
            if !function {
                check("maxima.shift without a function", shift as usize, 0, 0)?;
            }
            // No more than 64 bits.
            check("maxima.limbs", limbs, 1, 64_u32.div_ceil(low_bits) as usize)?;
            let [height, width] = window;
            check("maxima.window", height.saturating_mul(width), 2, MOST_OF_WINDOW)?;
        }
        let banks = self.maxima.iter().map(|kind| kind.banks).sum();
        check("maxima.banks in all", banks, 0, MOST_BANKS)?;
        // Each field by itself allows for far more than a key has commitments.
        let columns = self.maxima.iter().map(MaximumBanks::columns).sum();
        check("maxima.columns in all", columns, 0, MOST_COLUMNS_OF_MAXIMA)?;
        if let Some(RangeBanks { banks, lanes, width }) = self.ranges {
            check("ranges.banks", banks, 1, MOST_BANKS)?;
            check("ranges.lanes", lanes, 1, 64)?;
            check("ranges.width", width as usize, 1, *LOW_BITS.end() as usize)?;
        }
        check("plain_banks", self.plain_banks, 0, MOST_BANKS)?;
        if self.product_fingerprints {
            check("plain_banks modulo 2", self.plain_banks % 2, 0, 0)?;
        }
        check("sigma_weight_banks", self.sigma_weight_banks, 0, 64)?;
        check("rho_weight_banks", self.rho_weight_banks, 0, 64)?;
        check("committed_sigma_banks", self.committed_sigma_banks, 0, 64)?;
        check("committed_rho_banks", self.committed_rho_banks, 0, 64)?;
        check("weight_lanes", self.weight_lanes, 1, 512)?;
        let committed = self.committed_sigma_banks + self.committed_rho_banks;
        check("committed columns", committed * self.weight_lanes, 0, MOST_COMMITTED_COLUMNS)?;
        check("arithmetic_banks", self.arithmetic_banks, 0, MOST_ARITHMETIC_BANKS)?;
        check("boundary_banks", self.boundary_banks, 0, 64)?;
        check("entry_banks", self.entry_banks, 0, MOST_BANKS)?;
        check("lookup_banks", self.lookup_banks, 0, MOST_BANKS)?;
        check("occurrence_banks", self.occurrence_banks, 0, 64)?;
        check("hash_banks", self.hash_banks, 0, MOST_HASH_BANKS)?;
        check("committed_tensor_columns", self.committed_tensor_columns, 0, MOST_TENSOR_COLUMNS)?;
        let further = MOST_INSTANCE_COLUMNS - 1;
        check("further_instance_columns", self.further_instance_columns, 0, further)?;
        check("weight_range_columns", self.weight_range_columns, 0, MOST_COMMITTED_COLUMNS)?;
        let lookups = !self.formats.is_empty() || !self.maxima.is_empty() || self.ranges.is_some();
        let lookups = usize::from(lookups || self.weight_range_columns > 0);
        check("table_banks", self.table_banks, lookups, 256 * lookups)
    }

    /// Rows on which constraints act; one further row closes the running sum.
    #[must_use]
    pub fn active_rows(&self) -> usize {
        (1_usize << self.k).saturating_sub(UNUSABLE_ROWS + 1)
    }

    /// How many instance columns there are.
    #[must_use]
    pub fn instance_columns(&self) -> usize {
        1 + self.further_instance_columns
    }

    /// Public values, column by column; there is one for each instance column, and more if they do not fit.
    #[must_use]
    pub fn by_instance_column<'a, T>(&self, values: &'a [T]) -> Vec<&'a [T]> {
        let mut columns: Vec<&[T]> = values.chunks(self.active_rows().max(1)).collect();
        columns.resize(columns.len().max(self.instance_columns()), &[]);
        columns
    }

    /// The same as columns of their own, for who takes these.
    #[must_use]
    pub fn instance_by_column<T: Clone>(&self, values: &[T]) -> Vec<Vec<T>> {
        self.by_instance_column(values).into_iter().map(<[T]>::to_vec).collect()
    }

    /// The instance column and the row of a public value.
    #[must_use]
    pub fn instance_place(&self, value: usize) -> (usize, usize) {
        let rows = self.active_rows().max(1);
        (value / rows, value % rows)
    }

    /// Whether weights stand in commitments of their own.
    #[must_use]
    pub fn commits_weights(&self) -> bool {
        self.committed_sigma_banks + self.committed_rho_banks > 0
    }

    /// Whether anything stands in a commitment of its own.
    #[must_use]
    pub fn commits(&self) -> bool {
        self.commits_weights() || self.committed_tensor_columns > 0
    }

    /// Whether image rows can be powers of τ, which is drawn after what convolutions drop is committed.
    #[must_use]
    pub fn turns(&self) -> bool {
        self.boundary_banks > 0
    }
}
