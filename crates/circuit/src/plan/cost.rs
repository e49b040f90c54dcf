//! The cost model: what parameters cost, as a weighted sum of features.
//!
//! The weights are fitted by the bench `cost_model` to measured proofs of every model of the repository and of the
//! scaling families; `docs/src/fidelity.md` says how far predictions are off.

use provenn_gadgets::bus::{BusTerm, Numerator, Value};
use provenn_gadgets::families::LookupArgument;
use provenn_gadgets::{CircuitParams, GadgetSet, Layout, Standard, TermsPerHelper};

/// Modelled cost of a circuit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cost {
    /// CPU seconds to prove.
    pub prove_seconds: f64,
    /// Bytes held at the peak of proving.
    pub prove_bytes: f64,
    /// Bytes of the proving key's commitments; it holds no columns.
    pub key_bytes: usize,
    /// Bytes of a proof.
    pub proof_bytes: usize,
}

/// A proof of this many bytes is worth taking twice as long to avoid.
const PROOF: f64 = 65_536.0;

impl Cost {
    /// What the planner makes small: proving time, and with less weight what is sent and verified.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // a size in bytes
    pub fn objective(&self) -> f64 {
        self.prove_seconds * (1.0 + self.proof_bytes as f64 / PROOF)
    }
}

/// CPU seconds, one weight per entry of [`Features::seconds`].
const SECONDS: [f64; 5] = [3.25e-4, 3.87e-8, 3.26e-8, 0.0, 9.91e-8];
/// Bytes, one weight per entry of [`Features::bytes`]; by two large circuits, since the quotient is divided in groups.
const BYTES: [f64; 3] = [1.53e7, 1.8, 1.9];

/// What the model knows of parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Features {
    /// Columns that each proof commits to; additions of curve points for full-width ones; butterflies of Fourier
    /// transforms; cells of columns that each proof commits to; fixed cells.
    pub seconds: [f64; 5],
    /// One; bytes of full-width columns; of integers.
    pub bytes: [f64; 3],
}

/// Additions for a commitment to n field elements: buckets of signed windows, as our prover sizes them.
fn additions(n: f64) -> f64 {
    let power = |exponent: u32| f64::from(1_u32 << exponent);
    let ends = |width: u32| match width {
        ..=6 => power(width - 1).min(n) * f64::from(width) / 2.0,
        _ => 2.0 * power(width - 1).min(n) + f64::from(width) * power(width / 2) / 2.0,
    };
    let window = |width: u32| n + ends(width) + 32.0;
    let all = |width: u32| f64::from(255_u32.div_ceil(width)) * window(width);
    (2..=14).map(all).fold(f64::INFINITY, f64::min)
}

/// Bits of what a term looks up, if it is a range; `tagged`, where a fixed cell says whether there is anything to look up.
fn range(term: &BusTerm, tagged: Option<u32>) -> Option<u32> {
    let [Value::First(_), zeros @ .., width] = term.folded() else { return None };
    let zero = |value: &Value| *value == Value::Constant(0);
    let range = term.numerator == Numerator::One && zeros.iter().all(zero);
    let width = match width {
        Value::Constant(width) => u32::try_from(*width).ok(),
        Value::Fixed(_) => tagged,
        Value::First(_) => None,
    };
    width.filter(|width| range && (1..=16).contains(width))
}

/// Helper columns of a single range, which take few different values, and the additions that these cost: one per
/// row, and a sum over the values. How many rows of function tables are met is not known beforehand.
fn single_ranges<G: GadgetSet>(params: &CircuitParams, layout: &Layout<G>, n: f64) -> (f64, f64) {
    if params.terms_per_helper != TermsPerHelper::One {
        return (0.0, 0.0);
    }
    let terms = layout.terms();
    let tagged = params.maxima.iter().map(|kind| kind.low_bits).max();
    let values = terms.iter().filter_map(|term| range(term, tagged));
    let values = values.map(|width| f64::from(1_u32 << width));
    // The prover looks for columns with an eighth as many values as rows.
    let few = values.filter(|values| 8.0 * values <= n);
    few.fold((0.0, 0.0), |(count, sum), values| (count + 1.0, sum + n + additions(values)))
}

/// The features of parameters with the standard gadgets.
#[must_use]
pub fn features(params: &CircuitParams) -> Features {
    let layout = Layout::<Standard>::number(params);
    features_of(params, &layout, layout.equality_columns().len())
}

#[allow(clippy::cast_precision_loss)] // column counts are far below 2^52
fn features_of<G: GadgetSet>(
    params: &CircuitParams,
    layout: &Layout<G>,
    copied: usize,
) -> Features {
    let n = (1_u64 << params.k) as f64;
    let copied = copied as f64;
    let first = layout.first as f64;
    // Permutation products of three columns each.
    let products = (copied / 3.0).ceil();
    let terms = layout.bus as f64;
    let (few, additions_of_few) = single_ranges(params, layout, n);
    let factors = layout.lookups.as_ref().map_or(0, LookupArgument::factors) as f64;
    // Second phase, products, the quotient's pieces, the opening.
    let full = layout.second as f64 + products + 6.0;
    // What enters products of the constraints, as coefficients and on cosets: three for permutations, as many as
    // fractions share a helper for lookups.
    let cosets = params.terms_per_helper.get() as f64;
    let lookups = (terms + factors) * (1.0 + cosets);
    let transforms = lookups + 4.0 * (2.0 * copied + products);
    // A maximum, a distance for each element of its window, and a product of two of them, in products of four.
    let attained = params.maxima.iter().map(|kind| {
        let elements = kind.window.iter().product::<usize>();
        kind.banks * kind.lanes * (elements + 2)
    });
    let transforms = transforms + 5.0 * attained.sum::<usize>() as f64;
    let butterflies = transforms * n / 2.0 * f64::from(params.k);
    Features {
        seconds: [
            first + full,
            (full - few) * additions(n) + additions_of_few,
            butterflies,
            (first + full) * n,
            layout.fixed as f64 * n,
        ],
        bytes: [1.0, full * n * 32.0, (first + layout.fixed as f64) * n * 8.0],
    }
}

fn weighted(weights: &[f64], features: &[f64]) -> f64 {
    weights.iter().zip(features).map(|(w, f)| w * f).sum()
}

/// Models the cost of proving parameters with the standard gadgets.
#[must_use]
pub fn cost(params: &CircuitParams) -> Cost {
    cost_of::<Standard>(params)
}

/// Models the cost of proving parameters.
#[must_use]
pub(crate) fn cost_of<G: GadgetSet>(params: &CircuitParams) -> Cost {
    let layout = Layout::<G>::number(params);
    let copied = layout.equality_columns().len();
    let features = features_of(params, &layout, copied);
    Cost {
        prove_seconds: weighted(&SECONDS, &features.seconds),
        prove_bytes: weighted(&BYTES, &features.bytes),
        key_bytes: 32 * (layout.fixed + copied),
        proof_bytes: proof_bytes_of(&layout, copied),
    }
}

/// Bytes of a proof: 32 per commitment and per evaluation.
fn proof_bytes_of<G: GadgetSet>(layout: &Layout<G>, copied: usize) -> usize {
    let products = copied.div_ceil(3);
    // Advice, products, random polynomial, four quotient pieces, two of the opening.
    let commitments = layout.first.max(1) + layout.second + products + 1 + 4 + 2;
    let next: usize = layout.gadgets().map(|gadget| gadget.opened_next().len()).sum();
    let evaluations = layout.first
        + layout.second
        + next
        + layout.fixed
        + 1
        + copied
        + (3 * products).saturating_sub(1);
    32 * (commitments + evaluations)
}
