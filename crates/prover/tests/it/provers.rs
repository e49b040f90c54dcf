//! Both provers and the one verifier.

use crate::description::{Description, RandomCircuit};
use halo2_proofs::halo2curves::bn256::{Bn256, Fr, G1Affine};
use halo2_proofs::halo2curves::ff::{Field, PrimeField};
use halo2_proofs::halo2curves::group::Curve;
use halo2_proofs::plonk::{ProvingKey, create_proof, keygen_pk, keygen_vk, verify_proof};
use halo2_proofs::poly::commitment::ParamsProver;
use halo2_proofs::poly::kzg::commitment::{KZGCommitmentScheme, ParamsKZG};
use halo2_proofs::poly::kzg::multiopen::{ProverSHPLONK, VerifierSHPLONK};
use halo2_proofs::poly::kzg::strategy::SingleStrategy;
use halo2_proofs::transcript::{
    Blake2bRead, Blake2bWrite, Challenge255, EncodedChallenge, TranscriptReadBuffer,
    TranscriptWrite, TranscriptWriterBuffer,
};
use provenn_kzg_srs::Srs;
use provenn_prover::{Assignment, Bases, Prover, ProverError, Report, Values};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{CryptoRng, RngCore, SeedableRng};
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex};

/// Reference strings by k, drawn when a test first asks.
static DRAWN: LazyLock<Mutex<BTreeMap<u32, Arc<Srs>>>> = LazyLock::new(Mutex::default);

fn srs(k: u32) -> Arc<Srs> {
    let mut drawn = DRAWN.lock().unwrap();
    let draw = || Arc::new(Srs::draw_insecure(k, ChaCha20Rng::seed_from_u64(7)).unwrap());
    Arc::clone(drawn.entry(k).or_insert_with(draw))
}

/// The secret of [`srs`], which draws it first.
pub(crate) fn secret(k: u32) -> Fr {
    let secret = Fr::random(ChaCha20Rng::seed_from_u64(7));
    assert_eq!((G1Affine::generator() * secret).to_affine(), srs(k).powers()[1]);
    secret
}

/// Params of 2^k rows.
pub(crate) fn params(k: u32) -> ParamsKZG<Bn256> {
    srs(k).params()
}

/// Bases of 2^k rows; with the power beyond if asked.
pub(crate) fn bases(k: u32, blinded: bool) -> Bases<'static> {
    let srs = srs(k);
    let powers = &srs.powers()[..(1 << k) + usize::from(blinded)];
    Bases::new(powers.to_vec(), srs.lagrange().to_vec()).unwrap()
}

/// A circuit with its key.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) description: Arc<Description>,
    pub(crate) params: ParamsKZG<Bn256>,
    pub(crate) key: ProvingKey<G1Affine>,
}

/// An advice cell that is changed, and by what.
pub(crate) type Change = Option<(usize, usize, Fr)>;

impl Case {
    pub(crate) fn new(description: Arc<Description>) -> Self {
        let params = params(description.k);
        let circuit = RandomCircuit { description: Arc::clone(&description) };
        let vk = keygen_vk(&params, &circuit).unwrap();
        let key = keygen_pk(&params, vk, &circuit).unwrap();
        Case { description, params, key }
    }

    fn instance(&self) -> Vec<&[Fr]> {
        self.description.instance.iter().map(Vec::as_slice).collect()
    }

    /// Writes halo2's proof.
    pub(crate) fn stock<E: EncodedChallenge<G1Affine>>(
        &self,
        rng: impl RngCore,
        transcript: &mut impl TranscriptWrite<G1Affine, E>,
    ) {
        let circuit = RandomCircuit { description: Arc::clone(&self.description) };
        create_proof::<KZGCommitmentScheme<Bn256>, ProverSHPLONK<'_, _>, _, _, _, _>(
            &self.params,
            &self.key,
            &[circuit],
            &[&self.instance()],
            rng,
            transcript,
        )
        .unwrap();
    }

    /// Writes our proof.
    pub(crate) fn ours<E: EncodedChallenge<G1Affine>>(
        &self,
        bases: &Bases<'_>,
        change: Change,
        rng: impl RngCore + CryptoRng,
        transcript: &mut impl TranscriptWrite<G1Affine, E>,
    ) -> Result<Report, ProverError> {
        self.ours_by(&Prover::from_halo2(&self.key, bases)?, change, rng, transcript)
    }

    pub(crate) fn ours_by<E: EncodedChallenge<G1Affine>>(
        &self,
        prover: &Prover<'_>,
        change: Change,
        rng: impl RngCore + CryptoRng,
        transcript: &mut impl TranscriptWrite<G1Affine, E>,
    ) -> Result<Report, ProverError> {
        let made = &self.description;
        let mut filled = vec![];
        let advice = |phase: u8, challenges: &[Fr]| -> Vec<Values<'static>> {
            made.fill(phase, challenges, &mut filled);
            if let Some((column, row, by)) = change
                && made.phases[column] == phase
            {
                filled[column][row] += by;
            }
            let columns = filled.iter().zip(&made.phases).filter(|(_, of)| **of == phase);
            columns.map(|(values, _)| narrow(values)).collect()
        };
        prover.prove(Assignment { instance: &self.instance(), advice }, rng, transcript)
    }

    /// Our proof.
    pub(crate) fn proof(&self, bases: &Bases<'_>, change: Change, seed: u64) -> Vec<u8> {
        let mut transcript = Blake2bWrite::<_, G1Affine, Challenge255<_>>::init(vec![]);
        self.ours(bases, change, ChaCha20Rng::seed_from_u64(seed), &mut transcript).unwrap();
        transcript.finalize()
    }

    /// Our proof with a limit on memory.
    pub(crate) fn limited_proof(&self, bases: &Bases<'_>, bytes: u64, seed: u64) -> Vec<u8> {
        self.proof_by(bases, seed, |prover| prover.with_memory(bytes))
    }

    /// The proof of a changed prover.
    pub(crate) fn proof_by<'k>(
        &'k self,
        bases: &'k Bases<'k>,
        seed: u64,
        change: impl FnOnce(Prover<'k>) -> Prover<'k>,
    ) -> Vec<u8> {
        let prover = change(Prover::from_halo2(&self.key, bases).unwrap());
        let mut transcript = Blake2bWrite::<_, G1Affine, Challenge255<_>>::init(vec![]);
        let rng = ChaCha20Rng::seed_from_u64(seed);
        self.ours_by(&prover, None, rng, &mut transcript).unwrap();
        transcript.finalize()
    }

    /// Halo2's proof.
    pub(crate) fn stock_proof(&self) -> Vec<u8> {
        let mut transcript = Blake2bWrite::<_, G1Affine, Challenge255<_>>::init(vec![]);
        self.stock(ChaCha20Rng::seed_from_u64(1), &mut transcript);
        transcript.finalize()
    }

    /// Whether halo2's verifier accepts the proof.
    pub(crate) fn accepts(&self, proof: &[u8]) -> bool {
        self.accepts_for(proof, &self.instance())
    }

    /// Whether halo2's verifier accepts the proof for other public values.
    pub(crate) fn accepts_for(&self, proof: &[u8], instance: &[&[Fr]]) -> bool {
        let mut transcript = Blake2bRead::<_, G1Affine, Challenge255<_>>::init(proof);
        verify_proof::<KZGCommitmentScheme<Bn256>, VerifierSHPLONK<'_, _>, _, _, _>(
            self.params.verifier_params(),
            self.key.get_vk(),
            SingleStrategy::new(&self.params),
            &[instance],
            &mut transcript,
        )
        .is_ok()
    }
}

/// Integers if they all are, as a caller with narrow columns would give them.
fn narrow(values: &[Fr]) -> Values<'static> {
    let integer = |value: &Fr| {
        let small = |value: &Fr| {
            let bytes = value.to_repr();
            let (low, high) = bytes.split_at(8);
            let low = u64::from_le_bytes(low.try_into().unwrap());
            high.iter().all(|byte| *byte == 0).then_some(low)
        };
        match small(value).and_then(|x| i64::try_from(x).ok()) {
            Some(x) => Some(x),
            None => small(&-value).and_then(|x| 0_i64.checked_sub_unsigned(x)),
        }
    };
    let integers: Option<Vec<i64>> = values.iter().map(integer).collect();
    integers.map_or_else(|| values.to_vec().into(), Values::from)
}
