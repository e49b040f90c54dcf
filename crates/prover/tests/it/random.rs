//! Random circuits: the verifier accepts both provers' proofs, and ours only for true statements.

use crate::description::{Description, Numbers, Style};
use crate::provers::{Case, bases};
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::halo2curves::ff::Field;

/// Circuits of one test; several tests run beside each other.
const CIRCUITS: u64 = 50;

fn style(seed: u64) -> Style {
    Style {
        k: 5 + (seed % 2) as u32,
        phases: 1 + (seed / 2 % 3) as u8,
        degree: 3 + (seed / 3 % 5) as usize,
        copies: !seed.is_multiple_of(5),
        values: if seed.is_multiple_of(7) { Numbers::Full } else { Numbers::Mixed },
        gates: (seed % 4) as usize,
        shared: false,
    }
}

/// Enough columns under one factor that the quotient keeps it apart.
fn wide_style(seed: u64) -> Style {
    Style { gates: 9 + (seed % 6) as usize, shared: true, ..style(seed) }
}

fn check(style: fn(u64) -> Style, seeds: impl IntoIterator<Item = u64>) {
    let mut forged = 0;
    for seed in seeds {
        let style = style(seed);
        let case = Case::new(Description::random(seed, style));
        let bases = bases(style.k, !seed.is_multiple_of(3));
        let proof = case.proof(&bases, None, seed);
        assert!(case.accepts(&proof), "seed {seed}, {style:?}");
        // Halo2's prover knows two phases.
        if style.phases < 3 {
            let stock = case.stock_proof();
            assert!(case.accepts(&stock), "seed {seed}: the stock prover");
            assert_eq!(proof.len(), stock.len());
        }

        // One cell changed: of the first column that is bound, of the last (its phase is the
        // last), and of one between.
        let bound = case.description.bound();
        for at in [0, bound.len() / 2, bound.len().saturating_sub(1)] {
            let Some((column, row)) = bound.get(at) else { continue };
            for by in [Fr::ONE, -Fr::from(1 << 20)] {
                let proof = case.proof(&bases, Some((*column, *row, by)), seed);
                assert!(!case.accepts(&proof), "seed {seed}: column {column}, row {row}");
                forged += 1;
            }
        }
        // One public value changed, after the proof.
        let mut instance = case.description.instance.clone();
        if let Some(value) = instance.first_mut().and_then(|column| column.first_mut()) {
            *value += Fr::ONE;
            let instance: Vec<&[Fr]> = instance.iter().map(Vec::as_slice).collect();
            assert!(!case.accepts_for(&proof, &instance), "seed {seed}: public value");
        }
    }
    assert!(forged > 100);
}

#[test]
fn circuits_of_every_style_part_1() {
    check(style, 0..CIRCUITS);
}

#[test]
fn circuits_of_every_style_part_2() {
    check(style, CIRCUITS..2 * CIRCUITS);
}

#[test]
fn circuits_of_every_style_part_3() {
    check(style, 2 * CIRCUITS..3 * CIRCUITS);
}

#[test]
fn circuits_of_every_style_part_4() {
    check(style, 3 * CIRCUITS..4 * CIRCUITS);
}

#[test]
fn circuits_with_one_factor() {
    check(wide_style, 1000..1020);
}

#[test]
fn a_limit_on_memory_changes_no_byte() {
    for seed in 0..12 {
        let style = if seed % 2 == 0 { style(seed) } else { wide_style(seed) };
        let case = Case::new(Description::random(seed, style));
        let bases = bases(style.k, true);
        let proof = case.proof(&bases, None, seed);
        for memory in [0, 10_000, 50_000] {
            assert!(
                proof == case.limited_proof(&bases, memory, seed),
                "seed {seed}, {memory} bytes"
            );
        }
    }
}
