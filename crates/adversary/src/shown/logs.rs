//! A back end that knows the logarithm of everything that it makes: of a commitment to p it is p(s).

use halo2_proofs::halo2curves::bn256::{Fr, G1, G1Affine};
use halo2_proofs::halo2curves::ff::{Field, PrimeField};
use halo2_proofs::halo2curves::group::prime::PrimeCurveAffine;
use halo2_proofs::halo2curves::group::{Curve, GroupEncoding};
use provenn_gadgets::from_signed;
use provenn_prover::Bases;
use provenn_prover::backend::Msm;
use provenn_prover::msm::FixedBases;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

type Encoded = Vec<u8>;

/// Logarithms of points to the generator.
#[derive(Clone, Debug)]
pub struct Logs {
    /// s.
    pub secret: Fr,
    /// `L_i(s)`, by row.
    pub lagrange: Arc<Vec<Fr>>,
    /// The first two Lagrange points, by which all of them are known.
    first: [G1Affine; 2],
    /// Of powers, Lagrange points and their sums.
    known: Arc<HashMap<Encoded, Fr>>,
    /// Of what was made since.
    made: Arc<Mutex<HashMap<Encoded, Fr>>>,
    /// Those of sums over blinding rows among them.
    ends: Arc<Mutex<Vec<Fr>>>,
}

fn encoded(point: &G1Affine) -> Encoded {
    point.to_bytes().as_ref().to_vec()
}

/// A multiple of the generator.
fn multiple(log: Fr) -> G1 {
    static GENERATOR: LazyLock<FixedBases> =
        LazyLock::new(|| FixedBases::new(&[G1Affine::generator()]));
    GENERATOR.sum(&[log])
}

impl Logs {
    /// Of these points.
    ///
    /// # Panics
    /// If they are not this secret's.
    #[must_use]
    pub fn new(secret: Fr, bases: &Bases<'_>) -> Self {
        let n = bases.n() as u64;
        let k = n.ilog2();
        let omega = Fr::ROOT_OF_UNITY.pow([1 << (Fr::S - k)]);
        // (s^n − 1)·ω^i / (n·(s − ω^i))
        let scale = (secret.pow([n]) - Fr::one()) * Fr::from(n).invert().unwrap();
        let roots = std::iter::successors(Some(Fr::one()), |root| Some(root * omega));
        let lagrange: Vec<Fr> = roots
            .take(bases.n())
            .map(|root| scale * root * (secret - root).invert().unwrap())
            .collect();
        let mut known = HashMap::from([(encoded(&G1Affine::identity()), Fr::zero())]);
        let mut sum = Fr::zero();
        for (log, point) in lagrange.iter().zip(bases.lagrange()) {
            assert_eq!(multiple(*log).to_affine(), *point, "a Lagrange point of another secret");
            sum += log;
            known.insert(encoded(point), *log);
            known.insert(encoded(&multiple(sum).to_affine()), sum);
        }
        let mut power = Fr::one();
        for point in bases.powers() {
            assert_eq!(multiple(power).to_affine(), *point, "a power of another secret");
            known.insert(encoded(point), power);
            power *= secret;
        }
        let (lagrange, known) = (Arc::new(lagrange), Arc::new(known));
        let first = [0, 1].map(|row| bases.lagrange()[row]);
        Logs { secret, lagrange, first, known, made: Arc::default(), ends: Arc::default() }
    }

    /// The same with nothing made yet.
    #[must_use]
    pub fn anew(&self) -> Self {
        Logs { made: Arc::default(), ends: Arc::default(), ..self.clone() }
    }

    /// The logarithm of a point that was made here, maybe as a sum with the multiple of one of `beside`.
    #[must_use]
    pub fn of(&self, point: G1Affine, beside: &[Fr]) -> Option<Fr> {
        let log = |point: G1Affine| {
            let point = encoded(&point);
            let made = || self.made.lock().unwrap().get(&point).copied();
            self.known.get(&point).copied().or_else(made)
        };
        let without = |beside: &Fr| {
            let rest = log((G1::from(point) - multiple(*beside)).to_affine())?;
            Some(rest + beside)
        };
        log(point).or_else(|| beside.iter().find_map(without))
    }

    /// Logarithms of all sums over blinding rows that were made here.
    #[must_use]
    pub fn ends(&self) -> Vec<Fr> {
        self.ends.lock().unwrap().clone()
    }

    fn make(&self, log: Fr) -> G1 {
        let point = multiple(log);
        self.made.lock().unwrap().insert(encoded(&point.to_affine()), log);
        point
    }

    /// The logarithm of each point.
    fn all(&self, points: &[G1Affine]) -> Cow<'_, [Fr]> {
        let basis = points.len() == self.lagrange.len() && points.starts_with(&self.first);
        let log = |point: &G1Affine| self.of(*point, &[]).expect("a point that is known");
        if basis {
            Cow::Borrowed(&self.lagrange)
        } else {
            Cow::Owned(points.iter().map(log).collect())
        }
    }

    fn sum(&self, scalars: impl ExactSizeIterator<Item = Fr>, points: &[G1Affine]) -> G1 {
        // Whole bases are given for a few of their points.
        let basis = points.len() == self.lagrange.len();
        let logs = self.all(if basis { points } else { &points[..scalars.len()] });
        self.make(scalars.zip(&*logs).map(|(scalar, log)| scalar * log).sum())
    }
}

impl Msm for Logs {
    fn integers(&self, scalars: &[i64], points: &[G1Affine]) -> G1 {
        self.sum(scalars.iter().map(|scalar| from_signed(*scalar)), points)
    }
    fn elements(&self, scalars: &[Fr], points: &[G1Affine]) -> G1 {
        self.sum(scalars.iter().copied(), points)
    }
    fn by_key(&self, keys: &[u16], count: usize, _: u16, points: &[G1Affine]) -> Vec<G1Affine> {
        let mut sums = vec![Fr::zero(); count];
        for (key, log) in keys.iter().zip(&*self.all(points)) {
            // A key that is skipped may be none of them.
            sums.get_mut(usize::from(*key)).into_iter().for_each(|sum| *sum += log);
        }
        sums.into_iter().map(|sum| self.make(sum).to_affine()).collect()
    }
    fn fixed(&self, scalars: &[Fr], _: &FixedBases) -> G1 {
        let last = &self.lagrange[self.lagrange.len() - scalars.len()..];
        let log = scalars.iter().zip(last).map(|(scalar, log)| scalar * log).sum();
        self.ends.lock().unwrap().push(log);
        self.make(log)
    }
}
