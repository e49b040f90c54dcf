//! The cost model: what a shape costs, as a weighted sum of features.
//!
//! The weights are fitted by the bench `cost_model` to measured proofs of every model of the repository and of the
//! scaling families; `docs/src/fidelity.md` says how far predictions are off.

use provenn_gadgets::layout::PlainColumns;
use provenn_gadgets::{GadgetSet, Layout, Shape, Standard};

/// Modelled cost of a circuit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cost {
    /// CPU seconds to prove.
    pub prove_seconds: f64,
    /// Bytes held at the peak of proving.
    pub prove_bytes: f64,
    /// Bytes of the proving key's polynomials.
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
const SECONDS: [f64; 4] = [1.85e-3, 1.29e-6, 8.65e-8, 2.19e-7];
/// Bytes, one weight per entry of [`Features::bytes`].
const BYTES: [f64; 3] = [2.38e7, 3.74, 1.55];

/// What the model knows of a shape.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Features {
    /// Columns that each proof commits to; cells of all columns; the same times k (transforms); additions of
    /// curve points (commitments).
    pub seconds: [f64; 4],
    /// One; bytes of all columns' values; bytes of those that each proof commits to.
    pub bytes: [f64; 3],
}

/// Additions for a commitment to n scalars of so many bits, by Pippenger's buckets as halo2curves sizes them.
fn additions(n: f64, bits: f64) -> f64 {
    let window = (n.ln() + 2.0).floor();
    let windows = (254.0 / window).ceil();
    n * (bits / window).ceil() + windows * 1.5 * (window - 1.0).exp2()
}

/// The features of a shape with the standard gadgets.
#[must_use]
pub fn features(shape: &Shape) -> Features {
    features_of::<Standard>(shape)
}

#[allow(clippy::cast_precision_loss)] // column counts are far below 2^52
fn features_of<G: GadgetSet>(shape: &Shape) -> Features {
    let layout = Layout::<G>::number(shape);
    let n = (1_u64 << shape.k) as f64;
    let copied = layout.equality_columns().len();
    let first = layout.first as f64;
    // Second phase, permutation products of three columns each, the quotient's pieces, the opening.
    let full = (layout.second + copied.div_ceil(3) + 6) as f64;
    let columns = first + full + (layout.fixed + copied) as f64;
    let cells = columns * n;
    Features {
        seconds: [
            first + full,
            cells,
            cells * f64::from(shape.k),
            first * additions(n, 16.0) + full * additions(n, 254.0),
        ],
        bytes: [1.0, cells * 32.0, (first + full) * n * 32.0],
    }
}

fn weighted(weights: &[f64], features: &[f64]) -> f64 {
    weights.iter().zip(features).map(|(w, f)| w * f).sum()
}

/// Models the cost of proving a shape with the standard gadgets.
#[must_use]
pub fn cost(shape: &Shape) -> Cost {
    cost_of::<Standard>(shape)
}

/// Models the cost of proving a shape.
#[must_use]
pub(crate) fn cost_of<G: GadgetSet>(shape: &Shape) -> Cost {
    let features = features_of::<G>(shape);
    let layout = Layout::<G>::number(shape);
    let columns = 3 + 2 * (layout.fixed + layout.equality_columns().len());
    Cost {
        prove_seconds: weighted(&SECONDS, &features.seconds),
        prove_bytes: weighted(&BYTES, &features.bytes),
        key_bytes: columns << (shape.k + 5),
        proof_bytes: proof_bytes_of(&layout),
    }
}

/// Bytes of a proof: 32 per commitment and per evaluation.
fn proof_bytes_of<G: GadgetSet>(layout: &Layout<G>) -> usize {
    let copied = layout.equality_columns().len();
    let products = copied.div_ceil(3);
    // Advice, products, random polynomial, four quotient pieces, two of the opening.
    let commitments = layout.first.max(1) + layout.second + products + 1 + 4 + 2;
    let digests = |plain: &PlainColumns| {
        let extra = [plain.digest_rho, plain.digest_scaled, plain.digest_product];
        1 + extra.iter().flatten().count()
    };
    // Chained columns are opened at the next row too; of an engine two.
    let chained = 2 * layout.activation.len()
        + layout.plain.iter().map(digests).sum::<usize>()
        + 2 * layout.engine.len()
        + usize::from(layout.running_sum.is_some());
    let evaluations = layout.first
        + layout.second
        + chained
        + layout.fixed
        + 1
        + copied
        + (3 * products).saturating_sub(1);
    32 * (commitments + evaluations)
}
