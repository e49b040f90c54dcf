//! Odd sizes and values.

use crate::description::{Description, Numbers, STYLE, Style};
use crate::provers::{Case, bases};

fn works(seed: u64, style: Style) {
    let case = Case::new(Description::random(seed, style));
    let proof = case.proof(&bases(style.k, false), None, seed);
    assert!(case.accepts(&proof), "seed {seed}, {style:?}");
}

#[test]
fn every_k() {
    for k in (4..=12).chain([15, 18]) {
        works(u64::from(k), Style { k, ..STYLE });
    }
}

#[test]
fn every_kind_of_values() {
    for values in [Numbers::Zero, Numbers::OneRow, Numbers::Full, Numbers::Extreme] {
        for seed in 0..6 {
            works(seed, Style { values, ..STYLE });
        }
    }
}

#[test]
fn no_permutation_no_gates_low_and_high_degree() {
    for seed in 0..6 {
        works(seed, Style { copies: false, ..STYLE });
        works(seed, Style { gates: 0, ..STYLE });
        works(seed, Style { gates: 0, copies: false, phases: 1, ..STYLE });
        works(seed, Style { degree: 3, ..STYLE });
        works(seed, Style { degree: 9, gates: 3, ..STYLE });
    }
}
