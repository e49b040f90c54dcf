//! Runs programs over all rows of the domain or of a coset, a block at a time on every core.

use super::program::{Leaf, Op, Program};
use crate::column::{rotated, segments};
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::halo2curves::ff::Field;
use provenn_simd::registers::{ROWS, Registers, Term};
use provenn_simd::slices;
use rayon::prelude::*;
use std::ops::Range;

/// Rows at a time: the registers of a block stay in the second cache.
const BLOCK: usize = ROWS;

/// What programs read: values of forms on `shift·ω^i`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Inputs<'v> {
    /// By form; those that no program reads here may be empty.
    pub(crate) forms: &'v [Vec<Fr>],
    pub(crate) domain: &'v [Fr],
    pub(crate) shift: Fr,
}

impl Program {
    /// The result on every row.
    pub(crate) fn run(&self, inputs: &Inputs<'_>) -> Vec<Fr> {
        let mut out = vec![Fr::ZERO; inputs.domain.len()];
        self.add_to(&mut out, inputs);
        out
    }

    /// Adds the result, row by row.
    pub(crate) fn add_to(&self, out: &mut [Fr], inputs: &Inputs<'_>) {
        self.add_to_blocks(out, inputs, |_| true);
    }

    /// Adds the result where it is wanted: blocks of rows are asked for.
    pub(crate) fn add_to_blocks(
        &self,
        out: &mut [Fr],
        inputs: &Inputs<'_>,
        wanted: impl Fn(Range<usize>) -> bool + Sync,
    ) {
        let blocks = out.par_chunks_mut(BLOCK).enumerate();
        let blocks = blocks.filter(|(i, out)| wanted(i * BLOCK..i * BLOCK + out.len()));
        match Registers::new(self.registers) {
            Some(registers) if inputs.domain.len().is_multiple_of(BLOCK) => {
                let each = |registers: &mut Registers, (i, out): (usize, &mut [Fr])| {
                    self.run_in_lanes(registers, inputs, i * BLOCK, out);
                };
                blocks.for_each_init(|| registers.clone(), each);
            }
            _ => {
                let registers = || vec![[Fr::ZERO; BLOCK]; self.registers];
                blocks.for_each_init(registers, |registers, (i, out)| {
                    self.run_alone(registers, inputs, i * BLOCK, out);
                });
            }
        }
    }

    /// Adds the result of a whole block, eight elements at a time.
    fn run_in_lanes(
        &self,
        registers: &mut Registers,
        inputs: &Inputs<'_>,
        start: usize,
        out: &mut [Fr],
    ) {
        for (to, op) in &self.steps {
            match op {
                Op::Leaf(leaf) => load_lanes(leaf, inputs, start, registers, *to),
                Op::Multiply(a, b) => registers.multiply(*to, *a, *b),
                Op::Add(a, b) => registers.add(*to, *a, *b),
                Op::Subtract(a, b) => registers.subtract(*to, *a, *b),
                Op::Scale(a, c) => registers.scale(*to, *a, c),
                Op::AddScaled(a, b, c) => registers.add_scaled(*to, *a, *b, c),
            }
        }
        if let Some((result, _)) = self.steps.last() {
            registers.add_to(*result, out);
        }
    }

    /// Adds the result of a block, one element at a time.
    fn run_alone(
        &self,
        registers: &mut [[Fr; BLOCK]],
        inputs: &Inputs<'_>,
        start: usize,
        out: &mut [Fr],
    ) {
        for (target, op) in &self.steps {
            // Taken out, since operands are read from among the others.
            let mut result = std::mem::replace(&mut registers[*target], [Fr::ZERO; BLOCK]);
            step(op, registers, inputs, start, &mut result[..out.len()]);
            registers[*target] = result;
        }
        if let Some((result, _)) = self.steps.last() {
            out.iter_mut().zip(&registers[*result]).for_each(|(out, value)| *out += value);
        }
    }
}

fn load_lanes(
    leaf: &Leaf,
    inputs: &Inputs<'_>,
    start: usize,
    registers: &mut Registers,
    to: usize,
) {
    let n = inputs.domain.len();
    let x = leaf.x * inputs.shift;
    let roots = Term { elements: &inputs.domain[start..start + BLOCK], factor: &x };
    let roots = (x != Fr::ZERO).then_some(roots);
    let Some(values) = leaf.form.map(|form| &inputs.forms[form]) else {
        return registers.load(to, &leaf.constant, [roots, None]);
    };
    let from = rotated(start, leaf.rotation, n);
    let mut across = [Fr::ZERO; BLOCK];
    let elements = values.get(from..from + BLOCK).unwrap_or_else(|| {
        for (from, to, length) in segments(from, BLOCK, n) {
            across[to..to + length].copy_from_slice(&values[from..from + length]);
        }
        &across
    });
    let form = Term { elements, factor: &leaf.scale };
    registers.load(to, &leaf.constant, [Some(form), roots]);
}

fn step(op: &Op, registers: &[[Fr; BLOCK]], inputs: &Inputs<'_>, start: usize, out: &mut [Fr]) {
    let rows = out.len();
    let register = |i: &usize| &registers[*i][..rows];
    let pairs = |a, b| register(a).iter().zip(register(b));
    match op {
        Op::Leaf(leaf) => load(leaf, inputs, start, out),
        Op::Multiply(a, b) => {
            out.copy_from_slice(register(a));
            slices::multiply(out, register(b));
        }
        Op::Add(a, b) => out.iter_mut().zip(pairs(a, b)).for_each(|(o, (a, b))| *o = a + b),
        Op::Subtract(a, b) => out.iter_mut().zip(pairs(a, b)).for_each(|(o, (a, b))| *o = a - b),
        Op::Scale(a, c) => {
            out.copy_from_slice(register(a));
            slices::scale(out, *c);
        }
        Op::AddScaled(a, b, c) => {
            out.copy_from_slice(register(a));
            slices::add_scaled(out, register(b), *c);
        }
    }
}

fn load(leaf: &Leaf, inputs: &Inputs<'_>, start: usize, out: &mut [Fr]) {
    let n = inputs.domain.len();
    if leaf.x == Fr::ZERO {
        out.fill(leaf.constant);
    } else {
        let x = leaf.x * inputs.shift;
        let roots = &inputs.domain[start..];
        out.fill(leaf.constant);
        slices::add_scaled(out, &roots[..out.len()], x);
    }
    let Some(values) = leaf.form.map(|form| &inputs.forms[form]) else { return };
    let start = rotated(start, leaf.rotation, n);
    for (from, to, length) in segments(start, out.len(), n) {
        let (out, values) = (&mut out[to..to + length], &values[from..from + length]);
        if leaf.scale == Fr::ONE {
            out.iter_mut().zip(values).for_each(|(o, value)| *o += value);
        } else if leaf.scale == -Fr::ONE {
            out.iter_mut().zip(values).for_each(|(o, value)| *o -= value);
        } else {
            slices::add_scaled(out, values, leaf.scale);
        }
    }
}
