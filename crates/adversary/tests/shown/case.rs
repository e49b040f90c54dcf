//! A circuit's proofs as functions of random values.

use halo2_proofs::arithmetic::Field;
use halo2_proofs::halo2curves::bn256::{Fr, G1Affine};
use halo2_proofs::halo2curves::group::Curve;
use provenn_adversary::sample::inputs;
use provenn_adversary::shown::{Chosen, Drawn, Item, Layout, Logs, Pinned};
use provenn_circuit::{CompiledCircuit, PlanOptions};
use provenn_fixed_point::QuantGraph;
use provenn_gadgets::params::UNUSABLE_ROWS;
use provenn_gadgets::{Layout as Columns, ProvennCircuit, TensorVisibility, from_signed};
use provenn_kzg_srs::Srs;
use provenn_proof::testing::{commit_unchecked, write_shown};
use provenn_proof::{Openings, ProvingKey, TensorOpening, setup};
use provenn_prover::Bases;
use provenn_prover::fft::Fft;
use provenn_verifier::link::Recorded;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use std::collections::BTreeMap;

/// Draws of challenges.
const SEED: u64 = 3;

/// A circuit with its witness and its key, over a secret that is known.
pub(crate) struct Case {
    circuit: ProvennCircuit,
    instance: Vec<Fr>,
    /// If they are committed.
    inputs: Option<Vec<Vec<i64>>>,
    srs: Srs,
    pub(crate) key: ProvingKey,
    bases: Bases<'static>,
    logs: Logs,
}

/// What a random value is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Random {
    /// Of a commitment to a column of weights or inputs.
    Committed(usize, usize),
    /// By which a combined column's blinding values differ from the committed ones.
    Difference(usize, usize),
    /// Of the link's announcement.
    Announced(usize),
    /// Of halo2's protocol.
    Proof(Drawn),
}

impl Case {
    pub(crate) fn of(graph: &QuantGraph, options: &PlanOptions) -> Self {
        let compiled = CompiledCircuit::compile(graph.clone(), options).unwrap();
        let inputs = inputs(graph, 1);
        let witness = compiled.witness(&inputs).unwrap();
        let committed = options.input_visibility == TensorVisibility::Committed;
        let inputs = committed.then_some(inputs);
        let (circuit, instance) = compiled.assign(&witness).unwrap();
        let k = compiled.params().k;
        let rng = || ChaCha20Rng::seed_from_u64(k.into());
        let srs = Srs::draw_insecure(k, rng()).unwrap();
        // It is drawn first; points are held against it.
        let secret = Fr::random(rng());
        let bases = Bases::new(srs.powers().to_vec(), srs.lagrange().to_vec()).unwrap();
        let logs = Logs::new(secret, &bases);
        let key = setup(&circuit, compiled.statement(), &srs).unwrap();
        Case { circuit, instance, inputs, srs, key, bases, logs }
    }

    pub(crate) fn layout(&self) -> Layout {
        let verifying = self.key.verifying_key();
        let given: Vec<usize> = verifying.relations().iter().map(|of| of.advice).collect();
        Layout::of(verifying.halo2().cs(), self.circuit.params().k, true, &given)
    }

    pub(crate) fn commits(&self) -> bool {
        !self.key.verifying_key().relations().is_empty()
    }

    /// All random values, in the order of drawing.
    pub(crate) fn random(&self) -> Vec<Random> {
        let each = |of: usize, make: fn(usize, usize) -> Random| {
            (0..of).flat_map(move |of| (0..UNUSABLE_ROWS).map(move |row| make(of, row)))
        };
        let mut all = vec![];
        if self.commits() {
            let columns = self.committed().len();
            all.extend(each(columns, Random::Committed));
            all.extend(each(self.key.verifying_key().relations().len(), Random::Difference));
            all.extend((0..UNUSABLE_ROWS).map(Random::Announced));
        }
        all.extend(self.layout().drawn.into_iter().map(Random::Proof));
        all
    }

    /// Everything shown of a proof with these random values, and all random values that were drawn.
    pub(crate) fn shown(&self, values: &[Fr]) -> (Vec<Fr>, Vec<Fr>) {
        let layout = self.layout();
        let logs = self.logs.anew();
        let mut chosen = Chosen::new(values.to_vec(), SEED);
        let weights = self.circuit.params().commits_weights();
        let weights = weights
            .then(|| commit_unchecked(&self.key, &self.circuit, &self.srs, &mut chosen).unwrap());
        let inputs = self.inputs.as_ref();
        let inputs =
            inputs.map(|inputs| TensorOpening::commit(inputs, &self.srs, &mut chosen).unwrap());
        let openings = Openings {
            weights: weights.as_ref().map(|(_, opening)| opening),
            inputs: inputs.as_ref(),
            outputs: None,
        };
        let mut pinned = Pinned::new(SEED);
        let backend = (
            Box::new(logs.clone()) as Box<_>,
            Box::new(Fft::new(self.circuit.params().k).unwrap()) as Box<_>,
        );
        let (circuit, instance) = (&self.circuit, self.instance.as_slice());
        write_shown(
            &self.key,
            circuit,
            instance,
            &self.bases,
            openings,
            backend,
            &mut chosen,
            &mut pinned,
        )
        .unwrap();
        let drawn = chosen.values;
        assert_eq!(drawn.len(), self.random().len());
        if !self.commits() {
            return (layout.values(&pinned.items, &drawn, &logs, &BTreeMap::new()), drawn);
        }
        let (tails, beyond) = drawn.split_at(UNUSABLE_ROWS * self.committed().len());
        let columns = self.columns(tails);
        let weights = weights.iter().flat_map(|(commitment, _)| commitment.points());
        let inputs = inputs.iter().flat_map(|opening| opening.commitment().points());
        assert!(columns.iter().zip(weights.chain(inputs)).all(|(log, point)| is(*log, point)));
        let given = self.combined(&pinned, &columns, beyond);
        let beyond = &beyond[UNUSABLE_ROWS * given.len()..];
        let (announced, of_proof) = beyond.split_at(UNUSABLE_ROWS);
        let (proof, link) = pinned.items.split_at(layout.shows.len());
        let of_proof = layout.values(proof, of_proof, &logs, &given);
        ([columns, of_proof, self.link(announced, link)].concat(), drawn)
    }

    /// Of a column that is 0 but for these values of its blinding rows.
    fn over_blinding_rows(&self, tail: &[Fr]) -> Fr {
        let rows = &self.logs.lagrange[self.logs.lagrange.len() - UNUSABLE_ROWS..];
        tail.iter().zip(rows).map(|(x, log)| x * log).sum()
    }

    /// What is committed to: columns of weights, and of inputs.
    fn committed(&self) -> Vec<&[i64]> {
        let layout = Columns::new(self.circuit.params());
        let first = self.circuit.first_columns(&layout).unwrap();
        let inputs = layout.committed_tensors.iter().flat_map(|tensors| &tensors.columns);
        let weights = self.circuit.assignment().committed.iter().map(Vec::as_slice);
        weights.chain(inputs.map(|column| first[*column])).collect()
    }

    /// Of the commitments to these columns with these blinding values.
    fn columns(&self, tails: &[Fr]) -> Vec<Fr> {
        let column = |(values, tail): (&[i64], &[Fr])| -> Fr {
            let values = values.iter().zip(self.logs.lagrange.iter());
            let values = values.map(|(x, log)| from_signed(*x) * log);
            values.sum::<Fr>() + self.over_blinding_rows(tail)
        };
        let tails = tails.chunks(UNUSABLE_ROWS);
        self.committed().into_iter().zip(tails).map(column).collect()
    }

    /// Of the commitments to combined columns, by advice column.
    fn combined(&self, proof: &Pinned, columns: &[Fr], differences: &[Fr]) -> BTreeMap<usize, Fr> {
        let verifying = self.key.verifying_key();
        let cs = verifying.halo2().cs();
        let point = |item: &Item| match item {
            Item::Point(point) => *point,
            Item::Scalar(_) => panic!("columns are committed to before values are shown"),
        };
        let points = proof.items[..cs.num_advice_columns()].iter().map(point);
        let drawn = &proof.drawn[..cs.num_challenges()];
        let recorded = Recorded::of(cs, &points.collect::<Vec<_>>(), drawn).unwrap();
        let relations = verifying.relations().iter().zip(differences.chunks(UNUSABLE_ROWS));
        let combined = relations.map(|(relation, tail)| {
            let omegas = relation.powers(&recorded.challenges).unwrap();
            let columns = &columns[relation.committed.clone()];
            let sum: Fr = omegas.iter().zip(columns).map(|(omega, c)| omega * c).sum();
            (relation.advice, sum + self.over_blinding_rows(tail))
        });
        combined.collect()
    }

    /// What the link shows.
    fn link(&self, announced: &[Fr], link: &[Item]) -> Vec<Fr> {
        let announced = self.over_blinding_rows(announced);
        let value = |item: &Item| match item {
            Item::Point(announcement) => {
                assert!(is(announced, announcement));
                announced
            }
            Item::Scalar(response) => *response,
        };
        link.iter().map(value).collect()
    }
}

/// Whether a point has this logarithm.
fn is(log: Fr, point: &G1Affine) -> bool {
    (G1Affine::generator() * log).to_affine() == *point
}
