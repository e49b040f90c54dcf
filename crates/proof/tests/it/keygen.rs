//! Our key generation gives halo2's keys.

use crate::toy::*;
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::halo2curves::serde::SerdeObject;
use halo2_proofs::plonk::keygen_pk2;
use provenn_gadgets::{
    ActivationBanks, Assignment, CellRef, CircuitParams, Column, Grid, Layout, MaximumBanks,
    ProvennCircuit, PublicTensor, RangeBanks, Statement, TermsPerHelper,
};
use provenn_proof::{SetupError, setup, stock};
use rand_core::RngCore;
use std::sync::Arc;

fn params() -> CircuitParams {
    CircuitParams {
        k: 7,
        lanes: 3,
        formats: vec![ActivationBanks { banks: 1, lanes: 3, shift: 5, low_bits: 3 }],
        maxima: vec![MaximumBanks {
            banks: 1,
            lanes: 2,
            shift: 3,
            low_bits: 2,
            limbs: 2,
            window: [2, 2],
            function: true,
        }],
        ranges: Some(RangeBanks { banks: 1, lanes: 2, width: 3 }),
        plain_banks: 2,
        sigma_weight_banks: 1,
        rho_weight_banks: 1,
        weight_lanes: 4,
        committed_sigma_banks: 0,
        committed_rho_banks: 0,
        arithmetic_banks: 1,
        table_banks: 1,
        terms_per_helper: TermsPerHelper::Three,
        boundary_banks: 1,
        entry_banks: 0,
        lookup_banks: 0,
        occurrence_banks: 0,
        weight_range_columns: 0,
        hash_banks: 1,
        committed_tensor_columns: 0,
        further_instance_columns: 1,
        rho_fingerprints: true,
        scaled_fingerprints: true,
        product_fingerprints: true,
    }
}

/// Values and copies drawn at random: long cycles, cells copied to themselves, repeated copies.
fn random(seed: u64) -> Assignment {
    let (mut rng, layout, rows) = (rng(seed), Layout::new(&params()), params().active_rows());
    let mut draw = |below: usize| rng.next_u64() as usize % below;
    let fixed = (0..layout.fixed)
        .map(|_| {
            let bits = draw(64);
            (0..draw(rows)).map(|_| (draw(usize::MAX) as i64) >> bits).collect()
        })
        .collect();
    let columns: Vec<Column> = layout.equality_columns();
    let mut cell = || {
        let column = columns[draw(columns.len())];
        // Public values are counted through both instance columns.
        let most = if column == Column::Instance { 2 * rows } else { rows };
        CellRef { column, row: draw(most) }
    };
    let copies = (0..600).map(|_| (cell(), cell())).collect();
    Assignment { fixed, copies, ..Assignment::default() }
}

#[test]
fn keys_are_halo2s() {
    let srs = srs(7, 1);
    for seed in 0..3 {
        let circuit = ProvennCircuit::new(params(), Arc::new(random(seed)));
        let shape = vec![params().active_rows() + 1];
        let grid = Grid::uniform(1.0);
        let public = PublicTensor { name: "x".into(), shape, grid, lo: 0, hi: 1 };
        let inputs = vec![public];
        let statement = Statement { params: params(), inputs, ..Statement::default() };
        let ours = setup(&circuit, &statement, &srs).unwrap();
        let theirs = keygen_pk2(&srs.params(), &circuit, false).unwrap();
        let ours = stock::proving_key(ours.verifying_key(), &circuit).unwrap();
        let vk = theirs.get_vk();
        assert_eq!(ours.get_vk().fixed_commitments(), vk.fixed_commitments());
        assert_eq!(ours.get_vk().permutation().commitments(), vk.permutation().commitments());
        assert_eq!(ours.get_vk().transcript_repr(), vk.transcript_repr());
        let raw = |scalars: &[Fr]| scalars.iter().flat_map(Fr::to_raw_bytes).collect::<Vec<u8>>();
        assert_eq!(raw(ours.l0()), raw(theirs.l0()));
        assert_eq!(raw(ours.l_last()), raw(theirs.l_last()));
        assert_eq!(raw(ours.l_active_row()), raw(theirs.l_active_row()));
        let columns = |key: &halo2_proofs::plonk::ProvingKey<_>| {
            let mut all: Vec<Vec<u8>> = key.fixed_values().iter().map(|p| raw(p)).collect();
            all.extend(key.fixed_polys().iter().map(|p| raw(p)));
            all.extend(key.permutation().permutations().iter().map(|p| raw(p)));
            all.extend(key.permutation().polys().iter().map(|p| raw(p)));
            all
        };
        assert!(columns(&ours) == columns(&theirs), "seed {seed}");
    }
}

#[test]
fn cells_outside_the_rows_are_errors() {
    let srs = srs(K, 1);
    let refused = |change: fn(&mut Assignment)| {
        let mut assignment = circuit().assignment().clone();
        change(&mut assignment);
        let circuit = ProvennCircuit::new(crate::toy::params(), Arc::new(assignment));
        setup(&circuit, &statement(), &srs).unwrap_err()
    };
    let fit = |error| matches!(error, SetupError::Fit { .. });
    assert!(fit(refused(|a| a.fixed[3] = vec![1; 40])));
    assert!(fit(refused(|a| a.copies[0].0.row = 31)));
    assert!(fit(refused(|a| a.copies[0].0.column = Column::Fixed(0))));
}
