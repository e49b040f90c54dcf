//! Registers of 64 elements each, for programs of sums and products: what a step leaves the next takes as it is.

use crate::ifma::{Ifma, Register};
use halo2_proofs::halo2curves::bn256::Fr;

/// Elements of a register.
pub const ROWS: usize = 64;

/// As many elements as a register has, times a factor.
#[derive(Clone, Copy, Debug)]
pub struct Term<'a> {
    /// The elements.
    pub elements: &'a [Fr],
    /// The factor.
    pub factor: &'a Fr,
}

/// Some registers.
#[allow(clippy::vec_box, reason = "they change places")]
#[derive(Clone, Debug)]
pub struct Registers {
    ifma: Ifma,
    all: Vec<Box<Register>>,
    /// What a step writes to, and which then changes places with the register.
    spare: Box<Register>,
}

impl Registers {
    /// So many; none where the processor does not have the instructions.
    #[must_use]
    pub fn new(count: usize) -> Option<Self> {
        let ifma = Ifma::detect()?;
        let register = Box::new(ifma.register());
        Some(Registers { ifma, all: vec![register.clone(); count], spare: register })
    }

    /// `to = constant + Σ factor·elements`
    ///
    /// # Panics
    /// If a term has not as many elements as a register; in all functions here, if there is no such register.
    pub fn load(&mut self, to: usize, constant: &Fr, terms: [Option<Term<'_>>; 2]) {
        let right = |term: &Term<'_>| term.elements.len() == ROWS;
        assert!(terms.iter().flatten().all(right), "an element for every row");
        self.ifma.load(&mut self.all[to], constant, terms);
    }

    /// `to = a·b`
    pub fn multiply(&mut self, to: usize, a: usize, b: usize) {
        self.ifma.multiply_registers(&mut self.spare, &self.all[a], &self.all[b]);
        std::mem::swap(&mut self.all[to], &mut self.spare);
    }

    /// `to = a + b`
    pub fn add(&mut self, to: usize, a: usize, b: usize) {
        self.ifma.add_registers(&mut self.spare, &self.all[a], &self.all[b]);
        std::mem::swap(&mut self.all[to], &mut self.spare);
    }

    /// `to = a - b`
    pub fn subtract(&mut self, to: usize, a: usize, b: usize) {
        self.ifma.subtract_registers(&mut self.spare, &self.all[a], &self.all[b]);
        std::mem::swap(&mut self.all[to], &mut self.spare);
    }

    /// `to = factor·a`
    pub fn scale(&mut self, to: usize, a: usize, factor: &Fr) {
        self.ifma.scale_register(&mut self.spare, &self.all[a], factor);
        std::mem::swap(&mut self.all[to], &mut self.spare);
    }

    /// `to = a + factor·b`
    pub fn add_scaled(&mut self, to: usize, a: usize, b: usize, factor: &Fr) {
        self.ifma.add_scaled_register(&mut self.spare, &self.all[a], &self.all[b], factor);
        std::mem::swap(&mut self.all[to], &mut self.spare);
    }

    /// `out[i] += register[i]`
    ///
    /// # Panics
    /// If `out` has not as many elements as a register.
    pub fn add_to(&self, from: usize, out: &mut [Fr]) {
        assert_eq!(out.len(), ROWS, "an element for every row");
        self.ifma.add_register(&self.all[from], out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use halo2_proofs::halo2curves::ff::Field;
    use proptest::prelude::*;
    use rand_chacha::rand_core::SeedableRng;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
        /// Random steps over random elements and those next to zero and to the modulus, against the field.
        #[test]
        fn steps_are_those_of_the_field(
            seed: u64,
            steps in prop::collection::vec((0..6_u8, 0..4_usize, 0..4_usize, 0..4_usize, 0..8_usize), 1..40),
        ) {
            let Some(mut registers) = Registers::new(4) else { return Ok(()) };
            let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(seed);
            let mut expected = vec![[Fr::ZERO; ROWS]; 4];
            for (step, to, a, b, choice) in steps {
                let factors = [Fr::ONE, -Fr::ONE, Fr::ZERO, Fr::from(3), Fr::random(&mut rng)];
                let factor = factors[choice.min(4)];
                let (left, right) = (expected[a], expected[b]);
                let both = |f: &dyn Fn(Fr, Fr) -> Fr| std::array::from_fn(|i| f(left[i], right[i]));
                expected[to] = match step {
                    0 => {
                        let mut elements = || -> Vec<Fr> {
                            let edges = [Fr::ZERO, -Fr::ONE, Fr::ONE];
                            let one = |i: usize| edges.get((i + choice) % 9).copied();
                            let one = |i| one(i).unwrap_or_else(|| Fr::random(&mut rng));
                            (0..ROWS).map(one).collect()
                        };
                        let (x, y) = (elements(), elements());
                        let terms = [(&x, factor), (&y, factors[a])];
                        let term = |(elements, factor)| Term { elements, factor };
                        let given = terms.each_ref().map(|(e, f)| term((e.as_slice(), f)));
                        let count = choice % 3;
                        let kept = |i: usize| (i < count).then_some(given[i]);
                        registers.load(to, &factors[b], [kept(0), kept(1)]);
                        let value = |i: usize| {
                            let terms = terms.iter().take(count);
                            factors[b] + terms.map(|(e, f)| e[i] * f).sum::<Fr>()
                        };
                        std::array::from_fn(value)
                    }
                    1 => {
                        registers.multiply(to, a, b);
                        both(&|x, y| x * y)
                    }
                    2 => {
                        registers.add(to, a, b);
                        both(&|x, y| x + y)
                    }
                    3 => {
                        registers.subtract(to, a, b);
                        both(&|x, y| x - y)
                    }
                    4 => {
                        registers.scale(to, a, &factor);
                        both(&|x, _| x * factor)
                    }
                    _ => {
                        registers.add_scaled(to, a, b, &factor);
                        both(&|x, y| x + y * factor)
                    }
                };
                let mut out = [-Fr::ONE; ROWS];
                registers.add_to(to, &mut out);
                prop_assert_eq!(out, expected[to].map(|x| x - Fr::ONE));
            }
        }
    }
}
