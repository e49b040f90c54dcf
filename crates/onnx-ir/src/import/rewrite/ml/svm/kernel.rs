//! `[N, V]` kernels of observations and support vectors.

use super::super::super::draft::{Draft, whole};
use super::super::matrix;
use crate::evaluate::precision::{count, store};
use crate::import::reason::Reason;

/// Support vectors, row by row, and the function that they are compared with x by.
pub(super) struct Kernel {
    vectors: Vec<f32>,
    count: usize,
    features: usize,
    function: Function,
}

#[derive(Clone, Copy, Debug)]
enum Function {
    Linear,
    Polynomial { gamma: f32, shift: f32, degree: f32 },
    Radial { gamma: f32 },
    Sigmoid { gamma: f32, shift: f32 },
}

impl Kernel {
    /// That of a node with so many support vectors.
    pub(super) fn read(draft: &Draft<'_>, count: usize) -> Result<Self, Reason> {
        let vectors = draft.floats("support_vectors").unwrap_or_default();
        let features = vectors.len().checked_div(count).filter(|&features| features > 0);
        let features = features.filter(|features| features * count == vectors.len());
        let features = features.ok_or_else(|| {
            Reason(format!("its support_vectors are {} numbers, no {count} rows", vectors.len()))
        })?;
        let (gamma, shift, degree) = match draft.floats("kernel_params").as_deref() {
            None | Some([]) => (0.0, 0.0, 0.0),
            Some(&[gamma, shift, degree]) => (gamma, shift, degree),
            Some(_) => return Err("its kernel_params are not three numbers".into()),
        };
        let function = match draft.text("kernel_type", "LINEAR") {
            "LINEAR" => Function::Linear,
            "POLY" => Function::Polynomial { gamma, shift, degree },
            "RBF" => Function::Radial { gamma },
            "SIGMOID" => Function::Sigmoid { gamma, shift },
            other => return Err(Reason(format!("its kernel_type {other} is unknown"))),
        };
        Ok(Kernel { vectors, count, features, function })
    }

    /// Sums of kernels, weighted by `[V, P]`, plus `[P]`.
    pub(super) fn scores(
        &self,
        draft: &mut Draft<'_>,
        weights: &[f32],
        shift: Vec<f32>,
    ) -> Result<String, Reason> {
        let pairs = shift.len();
        let shift = draft.store("rho", &[pairs], shift);
        let x = matrix(draft)?;
        if matches!(self.function, Function::Linear) {
            // The weighted sum of the vectors themselves.
            let weighted = self.weighted(weights, pairs);
            let weights = draft.store("weights", &[self.features, pairs], weighted);
            return Ok(draft.push("scores", "Gemm", &[&x, &weights, &shift], vec![]));
        }
        let kernels = self.kernels(draft, &x);
        let weights = draft.store("weights", &[self.count, pairs], weights.to_vec());
        Ok(draft.push("scores", "Gemm", &[&kernels, &weights, &shift], vec![]))
    }

    /// `vectorsᵀ · weights`: `[F, P]`.
    fn weighted(&self, weights: &[f32], pairs: usize) -> Vec<f32> {
        let mut sums = vec![0.0_f64; self.features * pairs];
        for (vector, row) in self.vectors.chunks(self.features).zip(weights.chunks(pairs.max(1))) {
            for (x, sums) in vector.iter().zip(sums.chunks_mut(pairs.max(1))) {
                for (sum, weight) in sums.iter_mut().zip(row) {
                    *sum += f64::from(*x) * f64::from(*weight);
                }
            }
        }
        sums.into_iter().map(store).collect()
    }

    fn kernels(&self, draft: &mut Draft<'_>, x: &str) -> String {
        match self.function {
            Function::Radial { gamma } => self.radial(draft, x, gamma),
            Function::Linear => self.products(draft, x, 1.0, 0.0),
            Function::Polynomial { gamma, shift, degree } => {
                let products = self.products(draft, x, gamma, shift);
                let degree = draft.store("degree", &[], vec![degree]);
                draft.push("kernels", "Pow", &[&products, &degree], vec![])
            }
            Function::Sigmoid { gamma, shift } => {
                let products = self.products(draft, x, gamma, shift);
                draft.push("kernels", "Tanh", &[&products], vec![])
            }
        }
    }

    /// `gamma·x·v + shift` for every vector v.
    fn products(&self, draft: &mut Draft<'_>, x: &str, gamma: f32, shift: f32) -> String {
        let vectors = self.vectors.iter().map(|x| gamma * x).collect();
        let vectors = draft.store("vectors", &[self.count, self.features], vectors);
        let shift = draft.store("shift", &[1], vec![shift]);
        draft.push("products", "Gemm", &[x, &vectors, &shift], vec![whole("transB", 1)])
    }

    /// `e^(−gamma·|x − v|²)`: the exponent is one linear form of x and of |x|², both taken from the middle of the
    /// vectors, so that no large numbers cancel.
    fn radial(&self, draft: &mut Draft<'_>, x: &str, gamma: f32) -> String {
        let mut middle = vec![0.0_f64; self.features];
        for vector in self.vectors.chunks(self.features) {
            middle.iter_mut().zip(vector).for_each(|(sum, x)| *sum += f64::from(*x));
        }
        let count = count(self.count);
        let middle: Vec<f32> = middle.into_iter().map(|sum| store(sum / count)).collect();
        let gamma = f64::from(gamma);
        let (mut rows, mut shift) = (Vec::with_capacity(self.vectors.len()), vec![]);
        for vector in self.vectors.chunks(self.features) {
            let from = vector.iter().zip(&middle).map(|(x, m)| f64::from(*x) - f64::from(*m));
            let from: Vec<f64> = from.collect();
            rows.extend(from.iter().map(|x| store(2.0 * gamma * x)));
            rows.push(store(-gamma));
            shift.push(store(-gamma * from.iter().map(|x| x * x).sum::<f64>()));
        }
        let middle = draft.store("middle", &[self.features], middle);
        let from = draft.push("from", "Sub", &[x, &middle], vec![]);
        let squares = draft.push("squares", "Mul", &[&from, &from], vec![]);
        let square = draft.reduce("square", "ReduceSum", &squares, 1, true);
        let both = draft.push("both", "Concat", &[&from, &square], vec![whole("axis", 1)]);
        let rows = draft.store("vectors", &[self.count, self.features + 1], rows);
        let shift = draft.store("shift", &[self.count], shift);
        let exponents =
            draft.push("exponents", "Gemm", &[&both, &rows, &shift], vec![whole("transB", 1)]);
        draft.push("kernels", "Exp", &[&exponents], vec![])
    }
}
