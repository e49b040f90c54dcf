//! The division, part by part, and of each part group by group: forms that no group needs any longer are gone, so
//! that memory grows with the forms of a group. What groups add up to on the domain and on the cosets is divided once.

use super::expression::{Arena, Sum};
use super::groups::groups;
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
    /// Powers of the shift of each coset.
    powers: Vec<Vec<Fr>>,
    /// Forms on a coset, reused.
    extended: Vec<Vec<Fr>>,
}

/// A factor that is multiplied after the division.
struct Factor {
    program: Program,
    /// Coefficients of its forms.
    inputs: Vec<Vec<Fr>>,
    /// Coefficients of the product's remainder.
    remainder: Vec<Fr>,
}

impl<'p> Division<'p> {
    pub(super) fn new(prover: &'p Prover<'p>) -> Self {
        let count = prover.degree - 1;
        let zeros = || vec![Fr::ZERO; prover.n()];
        let cosets = Cosets::new(prover.fft.k(), count);
        let powers = |coset| prover.fft.bit_reversed_powers(Fr::ONE, cosets.shift(coset));
        let powers = (0..count).into_par_iter().map(powers).collect();
        let pieces = (0..count).map(|_| zeros()).collect();
        Division { prover, cosets, pieces, rest: zeros(), powers, extended: vec![] }
    }

    /// Adds the quotient of a part, of whose forms so many are held at a time; `last` if no other part follows.
    pub(super) fn add(
        &mut self,
        arena: &Arena,
        part: &Part,
        sources: &impl Sources,
        most: usize,
        last: bool,
    ) {
        let prover = self.prover;
        let count = arena.sum_degree(&part.body).saturating_sub(1);
        let zeros = || vec![Fr::ZERO; prover.n()];
        let mut values: Vec<Vec<Fr>> = (0..count).map(|_| zeros()).collect();
        // The very last remainder is what the others leave.
        let left = (last && part.factor.is_none()).then(|| std::mem::take(&mut self.rest));
        let mut remainder = if left.is_none() { zeros() } else { vec![] };
        for body in groups(arena, &part.body, most) {
            let (program, mut inputs) = self.load(arena, &body, sources);
            if left.is_none() {
                program.add_to(&mut remainder, &self.on_domain(&inputs));
            }
            inputs.par_iter_mut().for_each(|values| prover.to_coefficients(values));
            for (coset, values) in values.iter_mut().enumerate() {
                self.extend_all(&inputs, coset);
                program.add_to(values, &self.on_coset(coset, inputs.len()));
            }
        }
        let factor = part.factor.as_ref().map(|factor| {
            let (program, mut inputs) = self.load(arena, factor, sources);
            let mut product = program.run(&self.on_domain(&inputs));
            slices::multiply(&mut product, &remainder);
            self.rest.iter_mut().zip(&product).for_each(|(rest, value)| *rest -= value);
            prover.to_coefficients(&mut product);
            inputs.par_iter_mut().for_each(|values| prover.to_coefficients(values));
            Factor { program, inputs, remainder: product }
        });
        match left {
            Some(left) => remainder = left,
            None if factor.is_none() => {
                self.rest.iter_mut().zip(&remainder).for_each(|(rest, value)| *rest -= value);
            }
            None => {}
        }
        prover.to_coefficients(&mut remainder);
        let cosets = &self.cosets;
        let reduced = values
            .into_par_iter()
            .enumerate()
            .map(|(coset, values)| cosets.reduce(prover, coset, values, &remainder));
        let reduced: Vec<Vec<Fr>> = reduced.collect();
        let inverse = cosets.inverse(count);
        let divide = |pieces: &mut [Vec<Fr>]| {
            for (coset, coefficients) in reduced.iter().enumerate() {
                accumulate(pieces, &inverse, coset, cosets.divisor(coset), coefficients);
            }
        };
        match factor {
            None => divide(&mut self.pieces),
            Some(factor) => {
                let mut pieces: Vec<Vec<Fr>> = (0..count).map(|_| zeros()).collect();
                divide(&mut pieces);
                self.multiply(&factor, &pieces, &remainder);
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

    /// A sum's program, and the values on the domain of the forms that it reads.
    fn load(&self, arena: &Arena, sum: &Sum, sources: &impl Sources) -> (Program, Vec<Vec<Fr>>) {
        let mut forms = Forms::default();
        let program = Program::new(arena, sum, &mut forms);
        (program, forms.forms.par_iter().map(|form| self.form(form, sources)).collect())
    }

    fn on_domain<'a>(&'a self, forms: &'a [Vec<Fr>]) -> Inputs<'a> {
        Inputs { forms, domain: &self.prover.domain, shift: Fr::ONE }
    }

    /// The first forms that are extended, on the coset that they are extended to.
    fn on_coset(&self, coset: usize, forms: usize) -> Inputs<'_> {
        let (forms, shift) = (&self.extended[..forms], self.cosets.shift(coset));
        Inputs { forms, domain: &self.prover.domain, shift }
    }

    /// Extends forms to a coset.
    fn extend_all(&mut self, inputs: &[Vec<Fr>], coset: usize) {
        let (prover, powers) = (self.prover, &self.powers[coset]);
        let missing = inputs.len().saturating_sub(self.extended.len());
        self.extended.extend(std::iter::repeat_n(vec![], missing));
        self.extended.par_iter_mut().zip(inputs).for_each(|(out, form)| {
            out.clear();
            extend(prover, form, powers, out);
        });
    }

    /// Multiplies the quotient of a body, in pieces, by a factor, and adds the factor's part of the remainder.
    fn multiply(&mut self, factor: &Factor, pieces: &[Vec<Fr>], remainder: &[Fr]) {
        let prover = self.prover;
        let count = pieces.len() + 1;
        let inverse = self.cosets.inverse(count);
        let mut quotient = vec![];
        for coset in 0..count {
            self.extend_all(&factor.inputs, coset);
            let factors = factor.program.run(&self.on_coset(coset, factor.inputs.len()));
            let (cosets, powers) = (&self.cosets, &self.powers[coset]);
            let times_factor = |mut values: Vec<Fr>| {
                slices::multiply(&mut values, &factors);
                values
            };

            // On a coset, a polynomial in pieces is their sum by powers of c.
            quotient.clear();
            extend(prover, &cosets.join(coset, pieces), powers, &mut quotient);
            let product = times_factor(quotient.clone());
            let coefficients = cosets.reduce(prover, coset, product, &[]);
            accumulate(&mut self.pieces, &inverse, coset, Fr::ONE, &coefficients);
            if coset == 0 {
                quotient.clear();
                extend(prover, remainder, powers, &mut quotient);
                let product = times_factor(quotient.clone());
                let coefficients = cosets.reduce(prover, coset, product, &factor.remainder);
                let (one, divisor) = (vec![vec![Fr::ONE]], cosets.divisor(coset));
                accumulate(&mut self.pieces, &one, coset, divisor, &coefficients);
            }
        }
    }
}

/// From coefficients to values on a coset, whose shift has these powers.
fn extend(prover: &Prover<'_>, coefficients: &[Fr], powers: &[Fr], out: &mut Vec<Fr>) {
    out.extend_from_slice(coefficients);
    slices::multiply(out, powers);
    prover.fourier.to_values(out);
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
