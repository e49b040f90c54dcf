//! The division, one group of parts after the other.

use super::expression::Arena;
use super::numerator::Part;
use super::pieces::Cosets;
use super::program::{Form, Forms, Program};
use super::run::Inputs;
use super::sources::Sources;
use crate::combine::{Term, combine};
use crate::key::Prover;
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::halo2curves::ff::Field;
use provenn_simd::slices;
use rayon::prelude::*;

/// The quotient so far.
pub(super) struct Division<'p> {
    prover: &'p Prover<'p>,
    cosets: Cosets,
    /// Coefficients of the pieces, in bit-reversed order like all coefficients here.
    pieces: Vec<Vec<Fr>>,
    /// Minus the sum of all remainders, on the domain.
    rest: Vec<Fr>,
}

/// A part with its programs.
struct Class {
    /// Cosets that the body is divided on, and pieces that this gives.
    pieces: usize,
    body: Program,
    /// Coefficients of the body's remainder.
    remainder: Vec<Fr>,
    factored: Option<Factored>,
}

/// A factor that is multiplied after the division.
struct Factored {
    program: Program,
    /// Coefficients of the product's remainder.
    remainder: Vec<Fr>,
    /// Pieces of the body's quotient.
    pieces: Vec<Vec<Fr>>,
}

impl<'p> Division<'p> {
    pub(super) fn new(prover: &'p Prover<'p>) -> Self {
        let count = prover.degree - 1;
        let zeros = || vec![Fr::ZERO; prover.n()];
        Division {
            prover,
            cosets: Cosets::new(prover.fft.k(), count),
            pieces: (0..count).map(|_| zeros()).collect(),
            rest: zeros(),
        }
    }

    /// Adds the quotient of some parts; `last` if no others follow.
    pub(super) fn add(
        &mut self,
        arena: &Arena,
        parts: &[Part],
        sources: &impl Sources,
        last: bool,
    ) {
        let prover = self.prover;
        let mut forms = Forms::default();
        let programs: Vec<(usize, Program, Option<Program>)> = parts
            .iter()
            .map(|part| {
                let body = Program::new(arena, &part.body, &mut forms);
                let factor = part.factor.as_ref();
                let factor = factor.map(|factor| Program::new(arena, factor, &mut forms));
                (arena.sum_degree(&part.body).saturating_sub(1), body, factor)
            })
            .collect();
        let mut inputs: Vec<Vec<Fr>> =
            forms.forms.par_iter().map(|form| self.form(form, sources)).collect();
        let mut classes = self.classes(programs, &inputs, last);
        let needed = needed(&classes, inputs.len());
        inputs.par_iter_mut().zip(&needed).for_each(|(values, needed)| match needed {
            0 => *values = vec![],
            _ => prover.to_coefficients(values),
        });
        self.divide(&mut classes, &inputs, &needed);
        for class in &mut classes {
            if let Some(factored) = class.factored.take() {
                self.multiply(factored, &class.remainder, &inputs);
            }
        }
    }

    /// The pieces' values on the domain.
    pub(super) fn finish(mut self) -> Vec<Vec<Fr>> {
        self.pieces.par_iter_mut().for_each(|piece| self.prover.fourier.to_values(piece));
        self.pieces
    }

    /// Values of a form on the domain.
    fn form(&self, form: &Form, sources: &impl Sources) -> Vec<Fr> {
        let term = |(source, rotation, coefficient): &(_, i32, Fr)| Term {
            column: sources.column(*source),
            rotation: *rotation,
            coefficient: *coefficient,
        };
        combine(&form.iter().map(term).collect::<Vec<_>>(), &self.prover.domain)
    }

    /// Runs parts on the domain for their remainders; the very last has what the others leave.
    fn classes(
        &mut self,
        programs: Vec<(usize, Program, Option<Program>)>,
        inputs: &[Vec<Fr>],
        last: bool,
    ) -> Vec<Class> {
        let prover = self.prover;
        let inputs = Inputs { forms: inputs, domain: &prover.domain, shift: Fr::ONE };
        let count = programs.len();
        let classes = programs.into_iter().enumerate().map(|(i, (pieces, body, factor))| {
            if last && i + 1 == count && factor.is_none() {
                let mut remainder = std::mem::take(&mut self.rest);
                prover.to_coefficients(&mut remainder);
                return Class { pieces, body, remainder, factored: None };
            }
            let mut remainder = body.run(&inputs);
            let factored = factor.map(|program| {
                let mut product = program.run(&inputs);
                slices::multiply(&mut product, &remainder);
                (program, product)
            });
            let whole = factored.as_ref().map_or(&remainder, |(_, product)| product);
            self.rest.iter_mut().zip(whole).for_each(|(rest, value)| *rest -= value);
            prover.to_coefficients(&mut remainder);
            let factored = factored.map(|(program, mut product)| {
                prover.to_coefficients(&mut product);
                let pieces = vec![vec![Fr::ZERO; prover.n()]; pieces];
                Factored { program, remainder: product, pieces }
            });
            Class { pieces, body, remainder, factored }
        });
        classes.collect()
    }

    /// Runs the bodies on the cosets that they need.
    fn divide(&mut self, classes: &mut [Class], inputs: &[Vec<Fr>], needed: &[usize]) {
        let prover = self.prover;
        let most = needed.iter().copied().max().unwrap_or(0);
        let mut extended: Vec<Vec<Fr>> = vec![vec![]; inputs.len()];
        for coset in 0..most {
            let powers = prover.fft.bit_reversed_powers(Fr::ONE, self.cosets.shift(coset));
            (extended.par_iter_mut().zip(inputs).zip(needed)).for_each(|((out, form), needed)| {
                out.clear();
                if *needed > coset {
                    self.extend(form, &powers, out);
                }
            });
            let values = Inputs {
                forms: &extended,
                domain: &prover.domain,
                shift: self.cosets.shift(coset),
            };
            for class in classes.iter_mut().filter(|class| class.pieces > coset) {
                let values = class.body.run(&values);
                let pieces = match &mut class.factored {
                    Some(factored) => &mut factored.pieces,
                    None => &mut self.pieces,
                };
                let inverse = self.cosets.inverse(class.pieces);
                let divisor = self.cosets.divisor(coset);
                let coefficients = self.cosets.reduce(prover, coset, values, &class.remainder);
                accumulate(pieces, &inverse, coset, divisor, &coefficients);
            }
        }
    }

    /// Multiplies the quotient of a body by its factor, and adds the factor's part of the remainder.
    fn multiply(&mut self, factored: Factored, remainder: &[Fr], inputs: &[Vec<Fr>]) {
        let prover = self.prover;
        let count = factored.pieces.len() + 1;
        let inverse = self.cosets.inverse(count);
        let (mut extended, mut quotient) = (vec![vec![]; inputs.len()], vec![]);
        for coset in 0..count {
            let powers = prover.fft.bit_reversed_powers(Fr::ONE, self.cosets.shift(coset));
            for form in factored.program.reads() {
                extended[form].clear();
                self.extend(&inputs[form], &powers, &mut extended[form]);
            }
            let shift = self.cosets.shift(coset);
            let values = Inputs { forms: &extended, domain: &prover.domain, shift };
            let factor = factored.program.run(&values);
            let times_factor = |mut values: Vec<Fr>| {
                slices::multiply(&mut values, &factor);
                values
            };

            // On a coset, a polynomial in pieces is their sum by powers of c.
            quotient.clear();
            self.extend(&self.cosets.join(coset, &factored.pieces), &powers, &mut quotient);
            let product = times_factor(quotient.clone());
            let coefficients = self.cosets.reduce(prover, coset, product, &[]);
            accumulate(&mut self.pieces, &inverse, coset, Fr::ONE, &coefficients);
            if coset == 0 {
                quotient.clear();
                self.extend(remainder, &powers, &mut quotient);
                let product = times_factor(quotient.clone());
                let rest = &factored.remainder;
                let coefficients = self.cosets.reduce(prover, coset, product, rest);
                let (one, divisor) = (vec![vec![Fr::ONE]], self.cosets.divisor(coset));
                accumulate(&mut self.pieces, &one, coset, divisor, &coefficients);
            }
        }
    }

    /// From coefficients to values on a coset, whose shift has these powers.
    fn extend(&self, coefficients: &[Fr], powers: &[Fr], out: &mut Vec<Fr>) {
        out.extend_from_slice(coefficients);
        slices::multiply(out, powers);
        self.prover.fourier.to_values(out);
    }
}

/// On how many cosets each form is needed.
fn needed(classes: &[Class], forms: usize) -> Vec<usize> {
    let mut needed = vec![0; forms];
    for class in classes {
        for form in class.body.reads() {
            needed[form] = class.pieces.max(needed[form]);
        }
        // Factors are extended on their own.
        for form in class.factored.iter().flat_map(|factored| factored.program.reads()) {
            needed[form] = needed[form].max(1);
        }
    }
    needed
}

/// Adds a coset's share to the pieces: `inverse[piece][coset]·scale` of it.
fn accumulate(
    pieces: &mut [Vec<Fr>],
    inverse: &[Vec<Fr>],
    coset: usize,
    scale: Fr,
    coefficients: &[Fr],
) {
    pieces.par_iter_mut().zip(inverse).for_each(|(piece, row)| {
        slices::add_scaled(piece, coefficients, row[coset] * scale);
    });
}
