//! Learned weights where they are committed: nothing that a circuit is made of may follow from them.
//!
//! Bounds, bits and tables follow from how large settings say that they may be, node by node. What that is of the model
//! that settings are made for is recorded by lowering it once; another model of the same architecture is lowered under the
//! same magnitudes, and gives the same graph but for its weights.

use super::error::QuantiseError;
use super::lowering::Lowering;
use super::value::{Elements, Form};
use crate::committed::{COMMITTED_BITS, Committed, Magnitudes};
use crate::convert::{integer, real, real_count};
use crate::quant_graph::{Interval, Linear, QuantOp, TensorId};
use crate::run_args::Visibility;
use crate::settings::Settings;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// What is known of the learned weights of a model.
#[derive(Debug, Default)]
pub(super) struct Learned {
    /// What settings say; nothing, while they are made.
    pub(super) given: BTreeMap<String, Magnitudes>,
    recording: bool,
    /// What was met, with room.
    found: RefCell<BTreeMap<String, Magnitudes>>,
    /// The first weights that were larger than settings allow.
    beyond: RefCell<Option<QuantiseError>>,
    /// Weights as the model has them, by what no order of them changes, and the node that has them.
    met: RefCell<BTreeMap<[u64; 3], usize>>,
    /// Constants that are tensors of their own, by the node that has them.
    pub(super) constants: BTreeMap<usize, Elements>,
}

impl Learned {
    /// Of settings that commit to weights.
    pub(super) fn of(settings: &Settings) -> Option<Self> {
        let commits = settings.run_args.param_visibility == Visibility::Committed;
        let given = settings.magnitudes.clone();
        commits.then(|| Learned { recording: given.is_empty(), given, ..Learned::default() })
    }
}

impl Lowering<'_> {
    /// Whether learned weights are committed.
    pub(super) fn commits(&self) -> bool {
        self.learned.is_some()
    }

    /// Takes every weight for as large as it is, and keeps that.
    pub(super) fn record(&mut self) {
        if let Some(learned) = &mut self.learned {
            learned.recording = true;
        }
    }

    /// What was kept.
    pub(super) fn recorded(self) -> BTreeMap<String, Magnitudes> {
        self.learned.map(|learned| learned.found.into_inner()).unwrap_or_default()
    }

    /// How large the learned weights of a form may be, if they are committed.
    fn magnitudes_of(&self, form: &Form) -> Option<Magnitudes> {
        let learned = self.learned.as_ref()?;
        let (weights, bias) = form.learned()?;
        let own = Magnitudes::of(weights, form.outputs(), bias);
        Some(self.allowed(learned, self.at, own, own.with_room()))
    }

    /// How large the numbers of a learned table may be, if they are committed: of a node's constant operand that holds no
    /// whole numbers, which are indices and counts.
    pub(super) fn most_of_table(
        &self,
        values: &[f64],
        table: usize,
        node: usize,
    ) -> Result<Option<f64>, QuantiseError> {
        let Some(learned) = self.learned.as_ref().filter(|_| !self.is_whole(table)) else {
            return Ok(None);
        };
        self.note_weights(values, node)?;
        self.allowed_alone(learned, self.at, values).map(Some)
    }

    /// How large the numbers of a learned constant may be, if they are committed. Settings say so of the constant itself.
    pub(super) fn most_of_constant(
        &self,
        values: &[f64],
        constant: usize,
    ) -> Result<Option<f64>, QuantiseError> {
        let most = |learned| self.allowed_alone(learned, constant, values);
        self.learned.as_ref().map(most).transpose()
    }

    fn allowed_alone(
        &self,
        learned: &Learned,
        node: usize,
        values: &[f64],
    ) -> Result<f64, QuantiseError> {
        let own = Magnitudes::of(values, 0, &[]);
        // Nothing is summed, and there is no bias.
        let alone = |all: Magnitudes| Magnitudes { weight: all.weight, ..Magnitudes::default() };
        let most = self.allowed(learned, node, alone(own), alone(own.with_room()));
        match learned.beyond.borrow().clone() {
            Some(error) => Err(error),
            None => Ok(most.weight),
        }
    }

    /// What settings allow weights of a node; `room`, while settings are made.
    fn allowed(
        &self,
        learned: &Learned,
        node: usize,
        own: Magnitudes,
        room: Magnitudes,
    ) -> Magnitudes {
        let node = self.node(node);
        let name = &node.name;
        if learned.recording {
            let mut found = learned.found.borrow_mut();
            let all = found.entry(name.clone()).or_default();
            *all = all.hull(room);
            return room;
        }
        let most = learned.given.get(name).copied().unwrap_or_default();
        if !most.cover(own) {
            learned.beyond.borrow_mut().get_or_insert_with(|| QuantiseError::Magnitudes {
                node: node.name.clone(),
                op: node.op.name().into(),
                own: Box::new(own),
                most: Box::new(most),
            });
        }
        most.hull(own)
    }

    /// Real bounds of every row of a form whose weights are committed.
    pub(super) fn bounds_of_committed(&self, form: &Form) -> Option<Vec<(f64, f64)>> {
        let magnitudes = self.magnitudes_of(form)?;
        let (input, rows, optional) = match form {
            Form::Dense { input, bias, .. } => (*input, bias.len(), false),
            Form::Conv(conv) => (conv.input, conv.bias.len(), true),
            Form::MatMul { .. } | Form::Contract { .. } | Form::Combine { .. } => return None,
        };
        Some(vec![magnitudes.bounds(self.proven(input), optional); rows])
    }

    /// Bits and digits of the learned weights of a form, if they are committed: of weights times their input's step, in
    /// this unit, and of biases in this unit, less `shift`. And what its accumulators come to at most.
    pub(super) fn committed(
        &self,
        form: &Form,
        (unit, shift): (f64, i64),
        node: usize,
    ) -> Result<Option<(Committed, Interval)>, QuantiseError> {
        let Some(magnitudes) = self.magnitudes_of(form) else { return Ok(None) };
        let Magnitudes { weight, bias, positive, negative } = magnitudes;
        let beyond = self.learned.as_ref().and_then(|learned| learned.beyond.borrow().clone());
        if let Some(error) = beyond {
            return Err(error);
        }
        let (input, terms, optional) = match form {
            Form::Dense { input, .. } => (*input, self.out.tensors[input.0].len(), false),
            Form::Conv(conv) => (conv.input, conv.taps(), true),
            Form::MatMul { .. } | Form::Contract { .. } | Form::Combine { .. } => return Ok(None),
        };
        let step = self.step(input);
        let whole = |x: f64| self.integer(x, unit, node).map(i64::unsigned_abs);
        let (weight, bias) = (whole(weight * step)?, whole(bias)?);
        let bias = bias.saturating_add(shift.unsigned_abs());
        let committed = self.bits_of((weight, bias), node)?;
        // In integers, each of which is off by half of one at most.
        let Interval { lo, hi } = self.out.tensors[input.0].interval;
        let off = real_count(terms) / 2.0 + 1.0;
        let integers = Magnitudes {
            weight: 0.0,
            bias: real_count(usize::try_from(bias).unwrap_or(usize::MAX)) + 1.0,
            positive: positive * step / unit + off,
            negative: negative * step / unit + off,
        };
        let (least, most) = integers.bounds((real(lo), real(hi)), optional);
        // Beyond 2^53 floats count in steps of more than one.
        let (least, most) = (least * (1.0 + f64::EPSILON), most * (1.0 + f64::EPSILON));
        let ends = integer(least.floor()).zip(integer(most.ceil()));
        let (lo, hi) = ends.ok_or_else(|| self.wrap(node))?;
        let accumulator = Interval { lo, hi };
        Ok(Some((committed, accumulator)))
    }

    /// The bits and digits of weights and biases that are no larger than these.
    pub(super) fn bits_of(
        &self,
        (weight, bias): (u64, u64),
        node: usize,
    ) -> Result<Committed, QuantiseError> {
        Committed::of(weight, bias).ok_or_else(|| {
            let bits = u64::BITS - weight.leading_zeros() + 1;
            let most = COMMITTED_BITS.end();
            self.unsupported(
                node,
                format!(
                    "its weights take {bits} bits, committed ones have {most} at most; lower --bits or --shift"
                ),
            )
        })
    }

    /// That no other node has these weights, in whatever order: a commitment says of none that they are another's. Strides,
    /// transposes and scales have done nothing to them yet.
    pub(super) fn note_weights(&self, weights: &[f64], node: usize) -> Result<(), QuantiseError> {
        let Some(learned) = self.learned.as_ref().filter(|_| weights.len() > 1) else {
            return Ok(());
        };
        let first = *learned.met.borrow_mut().entry(unordered(weights)).or_insert(node);
        if first == node {
            return Ok(());
        }
        Err(self.unsupported(node, shared(&self.node(first).name)))
    }

    /// The same of a constant that elementwise operators read. Equal numbers throughout are what training begins with, and
    /// tell of no other node's: then nothing else may read the constant.
    pub(super) fn note_constant(
        &self,
        values: &[f64],
        constant: usize,
        node: usize,
    ) -> Result<(), QuantiseError> {
        if is_uniform(values) && self.readers[constant].len() == 1 {
            return Ok(());
        }
        self.note_weights(values, node)
    }

    /// That no two forms have the same integers: the entries of a batch, or constants that stand there twice.
    pub(super) fn check_shared(&self) -> Result<(), QuantiseError> {
        let weights = |id: &TensorId| match &self.out.tensors.get(id.0)?.op {
            QuantOp::Embedding(embedding) => Some(&embedding.rows),
            op => match op.linear()? {
                Linear::Dense { weights, .. } | Linear::Conv { kernel: weights, .. } => {
                    Some(weights)
                }
                Linear::MatMul { .. } | Linear::Combine { .. } | Linear::Contract { .. } => None,
            },
        };
        let mut met: BTreeMap<&[i64], TensorId> = BTreeMap::new();
        for id in self.out.committed.keys() {
            let Some(weights) = weights(id).filter(|weights| weights.len() > 1) else { continue };
            if self.is_of_elements(*id) && is_uniform(weights) {
                continue;
            }
            let Some(first) = met.insert(weights, *id) else { continue };
            let [first, tensor] = [&self.out.tensors[first.0], &self.out.tensors[id.0]];
            return Err(QuantiseError::Unsupported {
                node: tensor.name.clone(),
                op: tensor.onnx_op.clone(),
                reason: shared(&first.name),
            });
        }
        Ok(())
    }
}

/// Whether all are equal.
fn is_uniform<T: PartialEq>(values: &[T]) -> bool {
    values.windows(2).all(|pair| pair[0] == pair[1])
}

fn shared(first: &str) -> String {
    format!(
        "it has the same weights as node `{first}`, which a commitment could not show; weights that several nodes share have to be fixed"
    )
}

/// How many, and two sums of what their bits are mixed to (splitmix64's finaliser, Steele, Lea and Flood 2014): other weights
/// have others, but for one chance in 2^128. Zeros count for nothing.
fn unordered(weights: &[f64]) -> [u64; 3] {
    let mixed = |x: u64| {
        let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    };
    weights.iter().filter(|weight| **weight != 0.0).fold([0; 3], |[count, one, two], weight| {
        let bits = weight.to_bits();
        let (first, second) = (mixed(bits), mixed(bits ^ 0x9e37_79b9_7f4a_7c15));
        [count + 1, one.wrapping_add(first), two.wrapping_add(second)]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_zeros_do_not_tell_weights_apart_and_values_do() {
        let of = unordered(&[1.5, -2.0, 0.25]);
        assert_eq!(unordered(&[0.0, 0.25, 1.5, -0.0, -2.0]), of);
        for other in [&[1.5, -2.0][..], &[1.5, 2.0, 0.25], &[1.5, -2.0, 0.25, 0.25]] {
            assert_ne!(unordered(other), of);
        }
    }
}
