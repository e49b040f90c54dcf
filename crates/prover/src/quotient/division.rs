//! The division, part by part, and of each part group by group: forms that no group needs any longer are gone, so
//! that memory grows with the forms of a group. What groups add up to on the domain and on the cosets is divided once.

use super::expression::{Arena, Sum};
use super::groups::groups;
use super::numerator::Part;
use super::pieces::Cosets;
use super::program::{Form, Forms, Program};
use super::run::Inputs;
use super::sources::Sources;
use crate::combine::{Term, combine_into};
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
    /// Powers of the shift of each coset, over n: forms are held as n times their coefficients.
    powers: Vec<Vec<Fr>>,
    /// Forms on a coset, reused.
    extended: Vec<Vec<Fr>>,
    /// Room for forms, reused.
    room: Vec<Vec<Fr>>,
}

/// A factor that is multiplied after the division.
struct Factor {
    program: Program,
    /// n times the coefficients of its forms.
    inputs: Vec<Vec<Fr>>,
    /// Its values on the domain.
    values: Vec<Fr>,
}

impl<'p> Division<'p> {
    pub(super) fn new(prover: &'p Prover<'p>) -> Self {
        let count = prover.degree - 1;
        let zeros = || vec![Fr::ZERO; prover.n()];
        let cosets = Cosets::new(prover.fft.k(), count);
        let n_inv = prover.fft.n_inv();
        let powers = |coset| prover.fft.bit_reversed_powers(n_inv, cosets.shift(coset));
        let powers = (0..count).into_par_iter().map(powers).collect();
        let pieces = (0..count).map(|_| zeros()).collect();
        Division { prover, cosets, pieces, rest: zeros(), powers, extended: vec![], room: vec![] }
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
        let factor = part.factor.as_ref().map(|factor| self.factor(arena, factor, sources));
        let left = if last { std::mem::take(&mut self.rest) } else { vec![] };
        // Values of the remainder that need not be computed: all parts add up to zero on the domain.
        let known = |row: usize| match &factor {
            None => left.get(row).copied(),
            Some(factor) if part.vanishes => (factor.values[row] != Fr::ZERO).then_some(Fr::ZERO),
            Some(factor) if factor.values[row] == Fr::ONE => left.get(row).copied(),
            Some(_) => None,
        };
        let mut remainder = zeros();
        for body in groups(arena, &part.body, most) {
            let (program, mut inputs) = self.load(arena, &body, sources);
            program.add_to_blocks(&mut remainder, &self.on_domain(&inputs), |mut rows| {
                rows.any(|row| known(row).is_none())
            });
            inputs.par_iter_mut().for_each(|values| prover.fourier.to_scaled_coefficients(values));
            for (coset, values) in values.iter_mut().enumerate() {
                self.extend_all(&inputs, coset);
                program.add_to(values, &self.on_coset(coset, inputs.len()));
            }
            self.room.extend(inputs);
        }
        remainder.iter_mut().enumerate().for_each(|(row, value)| {
            if let Some(known) = known(row) {
                *value = known;
            }
        });
        if !last {
            // As a product, where there is a factor.
            let mut whole = remainder.clone();
            if let Some(factor) = &factor {
                slices::multiply(&mut whole, &factor.values);
            }
            self.rest.iter_mut().zip(&whole).for_each(|(rest, value)| *rest -= value);
        }
        let product = factor.as_ref().map(|factor| {
            let mut product = remainder.clone();
            slices::multiply(&mut product, &factor.values);
            // Over n, as what it is taken from.
            prover.fourier.to_scaled_coefficients(&mut product);
            slices::scale(&mut product, prover.fft.n_inv().square());
            product
        });
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
        match factor.zip(product) {
            None => divide(&mut self.pieces),
            Some((factor, product)) => {
                let mut pieces: Vec<Vec<Fr>> = (0..count).map(|_| zeros()).collect();
                divide(&mut pieces);
                self.multiply(&factor, &pieces, &remainder, &product);
                self.room.extend(factor.inputs);
            }
        }
    }

    /// A factor's values on the domain and its forms.
    fn factor(&mut self, arena: &Arena, factor: &Sum, sources: &impl Sources) -> Factor {
        let (program, mut inputs) = self.load(arena, factor, sources);
        let values = program.run(&self.on_domain(&inputs));
        let fourier = &self.prover.fourier;
        inputs.par_iter_mut().for_each(|values| fourier.to_scaled_coefficients(values));
        Factor { program, inputs, values }
    }

    /// The pieces' values on the domain.
    pub(super) fn finish(mut self) -> Vec<Vec<Fr>> {
        self.pieces.par_iter_mut().for_each(|piece| self.prover.fourier.to_values(piece));
        self.pieces
    }

    /// Values of a form on the domain.
    fn form(&self, form: &Form, sources: &impl Sources, out: &mut Vec<Fr>) {
        let term = |(source, rotation, coefficient): &(_, i32, Fr)| Term {
            column: sources.column(*source),
            rotation: *rotation,
            coefficient: *coefficient,
        };
        combine_into(&form.iter().map(term).collect::<Vec<_>>(), &self.prover.domain, out);
    }

    /// A sum's program, and the values on the domain of the forms that it reads.
    fn load(
        &mut self,
        arena: &Arena,
        sum: &Sum,
        sources: &impl Sources,
    ) -> (Program, Vec<Vec<Fr>>) {
        let mut forms = Forms::default();
        let program = Program::new(arena, sum, &mut forms);
        let forms = forms.forms;
        let mut inputs = self.room.split_off(self.room.len().saturating_sub(forms.len()));
        inputs.resize(forms.len(), vec![]);
        let both = inputs.par_iter_mut().zip(&forms);
        both.for_each(|(input, form)| self.form(form, sources, input));
        (program, inputs)
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
            extend(prover, form, powers, out);
        });
    }

    /// Multiplies the quotient of a body, in pieces, by a factor, and adds the factor's part of the remainder; of the
    /// product's remainder the coefficients are given over n.
    fn multiply(&mut self, factor: &Factor, pieces: &[Vec<Fr>], remainder: &[Fr], product: &[Fr]) {
        let prover = self.prover;
        // What is extended below comes out over n.
        let n = Fr::from(prover.n() as u64);
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
            extend(prover, &cosets.join(coset, pieces), powers, &mut quotient);
            let values = times_factor(std::mem::take(&mut quotient));
            let coefficients = cosets.reduce(prover, coset, values, &[]);
            accumulate(&mut self.pieces, &inverse, coset, n, &coefficients);
            quotient = coefficients;
            if coset == 0 {
                extend(prover, remainder, powers, &mut quotient);
                let values = times_factor(std::mem::take(&mut quotient));
                let coefficients = cosets.reduce(prover, coset, values, product);
                let (one, divisor) = (vec![vec![Fr::ONE]], cosets.divisor(coset) * n);
                accumulate(&mut self.pieces, &one, coset, divisor, &coefficients);
            }
        }
    }
}

/// From coefficients to values on a coset, whose shift has these powers.
fn extend(prover: &Prover<'_>, coefficients: &[Fr], powers: &[Fr], out: &mut Vec<Fr>) {
    out.resize(coefficients.len(), Fr::ZERO);
    prover.fourier.products_to_values(coefficients, powers, out);
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
