//! Zero knowledge, counted: everything that a proof shows, as field elements over an SRS whose secret is known, is as many
//! independent functions of the random values as there can be.
//!
//! *What every proof satisfies.* With challenges given, two of the things shown follow from the others, whatever witness and
//! randomness: the first point of the opening is a function of commitments and values (with the quotient's value at x, which
//! follows from the other values by the verifier's equation), and the second is what the verifier's pairing then asks for.
//! All else is to be free: s^n being in the SRS, no equation among commitments and values holds for all proofs.

use crate::description::{Description, STYLE, Style};
use crate::provers::{Case, bases, secret};
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::halo2curves::ff::Field;
use provenn_adversary::shown::{
    Chosen, Direction, Drawn, Layout, Logs, Pinned, Shows, Slopes, alone, jacobian, kernel, rank,
};
use provenn_prover::fft::Fft;
use provenn_prover::{Bases, Prover};
use std::collections::BTreeMap;

/// Shown, but a function of the rest.
const RELATIONS: usize = 2;

/// A circuit's proofs, over bases with the power beyond or without.
struct Proofs {
    seed: u64,
    case: Case,
    bases: Bases<'static>,
    logs: Logs,
    layout: Layout,
    /// Random values, any.
    drawn: Vec<Fr>,
    /// By random value how what is shown depends on it, there.
    slopes: Vec<Slopes>,
}

impl Proofs {
    fn of(seed: u64, blinded: bool) -> Self {
        let style = style(seed);
        let case = Case::new(Description::random(seed, style));
        let layout = Layout::of(case.key.get_vk().cs(), style.k, blinded, &[]);
        let bases = bases(style.k, blinded);
        let logs = Logs::new(secret(style.k), &bases);
        let (drawn, slopes) = (vec![], vec![]);
        let mut proofs = Proofs { seed, case, bases, logs, layout, drawn, slopes };
        proofs.drawn = proofs.shown(&[]).1;
        let all: Vec<Direction> = (0..proofs.drawn.len()).map(alone).collect();
        proofs.slopes = proofs.jacobian(&all);
        proofs
    }

    /// What a proof with these random values shows, and all random values that were drawn.
    fn shown(&self, values: &[Fr]) -> (Vec<Fr>, Vec<Fr>) {
        let (logs, fft) = (self.logs.anew(), Fft::new(self.case.description.k).unwrap());
        let prover = Prover::from_halo2(&self.case.key, &self.bases).unwrap();
        let prover = prover.with_backend(Box::new(logs.clone()), Box::new(fft));
        let mut chosen = Chosen::new(values.to_vec(), self.seed);
        let mut pinned = Pinned::new(self.seed);
        self.case.ours_by(&prover, None, &mut chosen, &mut pinned).unwrap();
        assert_eq!(chosen.drawn(), self.layout.drawn.len());
        let (items, drawn) = (&pinned.items, chosen.values);
        (self.layout.values(items, &drawn, &logs, &BTreeMap::new()), drawn)
    }

    fn jacobian(&self, directions: &[Direction]) -> Vec<Slopes> {
        let degree = self.case.key.get_vk().cs().degree();
        jacobian(&self.drawn, directions, degree, |values| {
            let (mut shown, _) = self.shown(values);
            shown.push(self.quotient(&shown));
            shown
        })
    }

    /// t(s), which commitments to pieces determine; it stands behind what is shown.
    fn quotient(&self, shown: &[Fr]) -> Fr {
        let power = self.logs.secret.pow_vartime([1 << self.case.description.k]);
        let powers = std::iter::successors(Some(Fr::ONE), |before| Some(before * power));
        let all = self.layout.shows.iter().zip(shown);
        let pieces = all.filter(|(of, _)| matches!(of, Shows::Piece(_)));
        pieces.zip(powers).map(|((_, piece), power)| piece * power).sum()
    }

    /// The rank of what is wanted of what is shown, over wanted random values.
    fn rank(&self, shows: impl Fn(Shows) -> bool, drawn: impl Fn(Drawn) -> bool) -> usize {
        let values = self.layout.drawn.iter().zip(&self.slopes).filter(|(of, _)| drawn(**of));
        rank(values.map(|(_, Slopes { slopes, .. })| {
            let rows = self.layout.shows.iter().zip(slopes).filter(|(of, _)| shows(**of));
            rows.map(|(_, slope)| *slope).collect()
        }))
    }

    /// How many functions of a witness are shown.
    fn functions(&self) -> usize {
        self.layout.shows.iter().filter(|shows| Layout::depends(**shows)).count()
    }
}

fn style(seed: u64) -> Style {
    Style {
        k: 5 + (seed % 2) as u32,
        phases: 1 + (seed % 3) as u8,
        degree: 3 + (seed % 3) as usize,
        ..STYLE
    }
}

/// Random circuits, the SRS with the power s^n.
#[test]
fn all_that_can_be_is_independent() {
    let (mut shown, mut drawn, mut ranks) = (0, 0, 0);
    for seed in 0..8 {
        let proofs = Proofs::of(seed, true);
        let layout = &proofs.layout;
        assert!(layout.products() > 0, "seed {seed}: the quotient is masked by a product");
        let free = proofs.functions() - RELATIONS;
        assert_eq!(proofs.rank(|_| true, |_| true), free, "seed {seed}");
        // The opening adds nothing.
        let opening = |shows: Shows| matches!(shows, Shows::Opening(_));
        assert_eq!(proofs.rank(|shows| !opening(shows), |_| true), free, "seed {seed}");
        // Nothing of what the key fixes moves.
        assert_eq!(proofs.rank(|shows| !Layout::depends(shows), |_| true), 0, "seed {seed}");
        // What the argument uses is enough: a square matrix, so that each of it is needed.
        let used = |of: Drawn| layout.is_used(of);
        assert_eq!(layout.drawn.iter().filter(|of| used(**of)).count(), free, "seed {seed}");
        assert_eq!(proofs.rank(|_| true, used), free, "seed {seed}");
        for &without in layout.drawn.iter().filter(|of| used(**of)) {
            // One blinding row less of one column.
            if let Drawn::Advice(column, 0) = without {
                let rank = proofs.rank(|_| true, |of| used(of) && of != without);
                assert_eq!(rank, free - 1, "seed {seed}: column {column}");
            }
        }
        // Pieces that are not blinded.
        let pieces = layout.drawn.iter().filter(|of| matches!(of, Drawn::Piece(_))).count();
        let rank = proofs.rank(|_| true, |of| used(of) && !matches!(of, Drawn::Piece(_)));
        println!("seed {seed}: {free} free, {rank} without {pieces} pieces' values");
        assert_eq!(rank, free - pieces, "seed {seed}");
        shown += proofs.functions();
        drawn += layout.drawn.len();
        ranks += free;
    }
    println!("{shown} shown, {drawn} random values, rank {ranks}");
}

/// Independent is uniform: commitments to columns and their values are affine in the random values; given these t(s) is
/// affine in one that is left of the last product, and given that, pieces are in their own.
#[test]
fn what_is_independent_is_uniform() {
    for seed in 0..4 {
        let proofs = Proofs::of(seed, true);
        let layout = &proofs.layout;
        let of_quotient = |shows: Shows| matches!(shows, Shows::Piece(_) | Shows::Opening(_));
        for (drawn, Slopes { slopes, affine }) in layout.drawn.iter().zip(&proofs.slopes) {
            let of_piece = matches!(drawn, Drawn::Piece(_));
            for (shows, affine) in layout.shows.iter().zip(affine) {
                assert!(*affine || of_quotient(*shows) && !of_piece, "{shows:?} in {drawn:?}");
            }
            // t(s) is what it is however pieces are blinded.
            assert!(!of_piece || slopes[layout.shows.len()] == Fr::ZERO, "{drawn:?}");
        }
        let last = layout.products() - 1;
        let of_last = |shows: Shows| match shows {
            Shows::Product(set) | Shows::ProductAt(set, _) => set == last,
            _ => false,
        };
        // Four random values, three things shown: one direction leaves these as they are.
        let values: Vec<usize> =
            (1..=4).map(|i| place(&layout.drawn, Drawn::Product(last, i))).collect();
        let of_values = values.iter().map(|value| {
            let slopes = layout.shows.iter().zip(&proofs.slopes[*value].slopes);
            slopes.filter(|(shows, _)| of_last(**shows)).map(|(_, slope)| *slope).collect()
        });
        let factors = kernel(&of_values.collect::<Vec<Vec<Fr>>>()).unwrap();
        let direction: Direction = values.into_iter().zip(factors).collect();
        let Slopes { slopes, affine } = proofs.jacobian(&[direction]).remove(0);
        for (shows, slope) in layout.shows.iter().zip(&slopes) {
            assert!(of_quotient(*shows) || *slope == Fr::ZERO, "seed {seed}: {shows:?}");
        }
        assert!(affine[layout.shows.len()] && slopes[layout.shows.len()] != Fr::ZERO);
    }
}

fn place(all: &[Drawn], of: Drawn) -> usize {
    all.iter().position(|drawn| *drawn == of).unwrap()
}

/// Over the bare powers, pieces are as they are. Random values that the argument does not use make even these independent, as
/// functions of no low degree of them, which does not make them uniform: those are left out.
#[test]
fn without_the_power_beyond_less_is_independent() {
    for seed in 0..4 {
        let proofs = Proofs::of(seed, false);
        let free = proofs.functions() - RELATIONS;
        let rank = proofs.rank(|_| true, |of| proofs.layout.is_used(of));
        let all = proofs.rank(|_| true, |_| true);
        println!("seed {seed}: {free} would be free, rank {rank}, {all} by spare values");
        let pieces = proofs.layout.shows.iter().filter(|of| matches!(of, Shows::Piece(_))).count();
        assert_eq!(rank, free - (pieces - 1), "seed {seed}");
    }
}
