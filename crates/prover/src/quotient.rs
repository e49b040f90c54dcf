//! Step 3: the quotient of all constraints by X^n - 1.
//!
//! The numerator is a sum of classes N_m of degree m+1 in the columns. On the domain itself its
//! values R_m come without any transform, and `Q_m = (N_m - R_m)/(X^n - 1)` has m pieces of n
//! coefficients, so that values on m cosets `g·ω^i` determine it: on a coset X^n - 1 is a constant.
//! The remainders of all classes cancel, which gives the last class's. Columns of low-degree
//! constraints are thus extended to few cosets, and cosets are done one after the other.

mod expression;
mod numerator;
mod pieces;
mod program;
mod run;

pub(crate) use expression::Source;
pub(crate) use numerator::{Challenges, source};

use crate::column::Column;
use crate::combine::{Term, combine};
use crate::key::Prover;
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::halo2curves::ff::Field;
use pieces::Cosets;
use program::{Form, Forms, Program};
use rayon::prelude::*;
use run::Inputs;
use std::collections::BTreeMap;

/// Columns by source.
pub(crate) trait Sources: Sync {
    /// The column; every source that constraints name has one.
    fn column(&self, source: Source) -> &Column<'_>;
}

/// A class: the number of its pieces, its program, its remainder's coefficients.
struct Class {
    pieces: usize,
    program: Program,
    remainder: Vec<Fr>,
}

impl Prover<'_> {
    /// The quotient's pieces: coefficients in natural order.
    pub(crate) fn quotient(
        &self,
        sources: &impl Sources,
        challenges: &Challenges<'_>,
    ) -> Vec<Vec<Fr>> {
        let (arena, by_degree) = self.numerator(challenges);
        let mut forms = Forms::default();
        let programs: Vec<(usize, Program)> = (by_degree.iter())
            .map(|(degree, sum)| (degree.saturating_sub(1), Program::new(&arena, sum, &mut forms)))
            .collect();
        let mut inputs: Vec<Vec<Fr>> =
            forms.forms.par_iter().map(|form| self.form(form, sources)).collect();
        let classes = self.remainders(programs, &inputs);

        // Cosets that each form is needed on.
        let mut needed = vec![0; inputs.len()];
        for class in &classes {
            for form in class.program.reads() {
                needed[form] = class.pieces.max(needed[form]);
            }
        }
        inputs.par_iter_mut().zip(&needed).for_each(|(values, needed)| match needed {
            0 => *values = vec![],
            _ => self.fft.to_coefficients(values),
        });
        self.divide(&classes, &inputs, &needed)
    }

    /// Values of a form on the domain.
    fn form(&self, form: &Form, sources: &impl Sources) -> Vec<Fr> {
        let terms: Vec<Term<'_>> = form
            .iter()
            .map(|(source, rotation, coefficient)| Term {
                column: sources.column(*source),
                rotation: *rotation,
                coefficient: *coefficient,
            })
            .collect();
        combine(&terms, &self.domain)
    }

    /// Runs all classes but the last on the domain.
    fn remainders(&self, programs: Vec<(usize, Program)>, inputs: &[Vec<Fr>]) -> Vec<Class> {
        let inputs = Inputs { forms: inputs, domain: &self.domain, shift: Fr::ONE };
        let mut rest = vec![Fr::ZERO; self.n()];
        let last = programs.len().saturating_sub(1);
        let classes = programs.into_iter().enumerate().map(|(i, (pieces, program))| {
            let mut remainder = if i == last {
                std::mem::take(&mut rest)
            } else {
                let values = program.run(&inputs);
                rest.iter_mut().zip(&values).for_each(|(rest, value)| *rest -= value);
                values
            };
            self.fft.to_coefficients(&mut remainder);
            Class { pieces, program, remainder }
        });
        classes.collect()
    }

    /// Runs the classes on the cosets that they need.
    fn divide(&self, classes: &[Class], inputs: &[Vec<Fr>], needed: &[usize]) -> Vec<Vec<Fr>> {
        let most = classes.iter().map(|class| class.pieces).max().unwrap_or(0);
        let cosets = Cosets::new(self.fft.k(), most);
        let inverses: BTreeMap<usize, Vec<Vec<Fr>>> =
            classes.iter().map(|class| (class.pieces, cosets.inverse(class.pieces))).collect();
        let mut pieces = vec![vec![Fr::ZERO; self.n()]; self.degree - 1];
        let mut extended: Vec<Vec<Fr>> = vec![vec![]; inputs.len()];
        for coset in 0..most {
            let shift = cosets.shift(coset);
            let powers = self.fft.bit_reversed_powers(Fr::ONE, shift);
            let back = self.fft.bit_reversed_powers(self.fft.n_inv(), cosets.unshift(coset));
            (extended.par_iter_mut().zip(inputs).zip(needed)).for_each(|((out, form), needed)| {
                out.clear();
                if *needed > coset {
                    out.extend(form.iter().zip(&powers).map(|(c, power)| c * power));
                    self.fft.to_values(out);
                }
            });
            let inputs = Inputs { forms: &extended, domain: &self.domain, shift };
            for class in classes.iter().filter(|class| class.pieces > coset) {
                let mut values = class.program.run(&inputs);
                self.fft.to_scaled_coefficients(&mut values);
                let remainder = values.iter_mut().zip(&back).zip(&class.remainder);
                remainder.for_each(|((value, back), r)| *value = *value * back - r);
                let divisor = cosets.divisor(coset);
                let rows = inverses.get(&class.pieces).into_iter().flatten();
                pieces.par_iter_mut().zip(rows.collect::<Vec<_>>()).for_each(|(piece, row)| {
                    let factor = row[coset] * divisor;
                    piece.iter_mut().zip(&values).for_each(|(sum, v)| *sum += factor * v);
                });
            }
        }
        pieces.par_iter_mut().for_each(|piece| self.fft.reverse_bits(piece));
        pieces
    }
}
