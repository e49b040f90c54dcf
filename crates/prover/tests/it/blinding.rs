//! Zero knowledge: what a proof shows is random, and drawn from the given generator alone.

use crate::description::{Description, STYLE};
use crate::provers::{Case, bases};
use crate::script::{Item, Script, ZerosThen};
use rand_chacha::rand_core::RngCore;
use std::collections::HashSet;

fn case() -> Case {
    Case::new(Description::random(11, STYLE))
}

/// Points and scalars of a proof over pinned challenges.
fn shown(case: &Case, zeros: usize, seed: u64) -> Vec<Item> {
    let mut script = Script::new();
    let rng = ZerosThen::new(zeros, seed);
    case.ours(&bases(STYLE.k, true), None, rng, &mut script).unwrap();
    script.items
}

/// How many commitments and evaluations that depend on the witness stand in two proofs alike.
fn repeats(case: &Case, proofs: &[Vec<Item>]) -> usize {
    let x = proofs[0].iter().position(|item| matches!(item, Item::Scalar(_))).unwrap();
    let cs = case.key.get_vk().cs();
    // Fixed columns and the permutation's polynomials have the same values at the same point.
    let advice = x..x + cs.advice_queries().len();
    let random = advice.end + cs.fixed_queries().len();
    let products = random + 1 + case.key.permutation().permutations().len();
    let depends = |i: usize, item: &Item| match item {
        Item::Point(_) => true,
        Item::Scalar(_) => advice.contains(&i) || i == random || i >= products,
        _ => false,
    };
    let mut seen = HashSet::new();
    let items = proofs.iter().flat_map(|proof| proof.iter().enumerate());
    items.filter(|(i, item)| depends(*i, item) && !seen.insert(format!("{item:?}"))).count()
}

#[test]
fn nothing_repeats_over_many_proofs_of_one_witness() {
    let case = case();
    let proofs: Vec<_> = (0..40).map(|seed| shown(&case, 0, seed)).collect();
    assert_eq!(repeats(&case, &proofs), 0);
    // Without blinding everything does, so that the test can fail.
    let bare: Vec<_> = (0..2).map(|seed| shown(&case, usize::MAX / 8, seed)).collect();
    let shown = bare[0].iter().filter(|item| matches!(item, Item::Point(_))).count();
    assert!(repeats(&case, &bare) >= shown, "{}", repeats(&case, &bare));
}

#[test]
fn the_quotients_pieces_are_blinded_of_themselves() {
    let case = case();
    let mut counting = ZerosThen::new(usize::MAX / 8, 0);
    case.ours(&bases(STYLE.k, false), None, &mut counting, &mut Script::new()).unwrap();
    let before = counting.drawn / 8;
    let [first, second] = [1, 2].map(|seed| shown(&case, before, seed));
    let pieces = case.key.get_vk().cs().degree() - 1;
    let x = first.iter().position(|item| matches!(item, Item::Scalar(_))).unwrap();
    let differ: Vec<usize> = (0..first.len()).filter(|i| first[*i] != second[*i]).collect();
    // The pieces before x, and nothing else: what they sum up to at x is the same.
    assert_eq!(differ[..pieces], (x - 1 - pieces..x - 1).collect::<Vec<_>>());
    assert!(differ[pieces..].iter().all(|i| matches!(first[*i], Item::Point(_))), "{differ:?}");
    // Without the power beyond they are not.
    let mut script = Script::new();
    let rng = ZerosThen::new(before, 1);
    case.ours(&bases(STYLE.k, false), None, rng, &mut script).unwrap();
    let bare = shown(&case, usize::MAX / 8, 0);
    assert_eq!(script.items[x - 1 - pieces..x - 1], bare[x - 1 - pieces..x - 1]);
}

#[test]
fn a_seed_determines_every_byte() {
    let case = case();
    for blinded in [false, true] {
        let bases = bases(STYLE.k, blinded);
        let [first, again, other] = [1, 1, 2].map(|seed| case.proof(&bases, None, seed));
        assert!(first == again && first != other);
        assert!(case.accepts(&first) && case.accepts(&other));
    }
    // No generator but the given one: the report says what the bases allow.
    for blinded in [false, true] {
        let rng = ZerosThen::new(0, 3);
        let report = case.ours(&bases(STYLE.k, blinded), None, rng, &mut Script::new()).unwrap();
        assert_eq!(report.quotient_blinded, blinded);
    }
    assert!(ZerosThen::new(1, 0).next_u64() == 0);
}
