//! What gadgets register of themselves is what they do.

use crate::bus::{BusTerm, Numerator, Value};
use crate::circuit::ProvennCircuit;
use crate::column::Column;
use crate::gadget::Gadget;
use crate::gadget_set::GadgetSet;
use crate::layout::Layout;
use crate::params::{ActivationBanks, CircuitParams, MAX_DEGREE, MaximumBanks, RangeBanks};
use crate::terms::TermsPerHelper;
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::plonk::{Circuit, ConstraintSystem, Expression};
use halo2_proofs::poly::Rotation;
use std::collections::BTreeSet;

/// Gadgets of every family, with two phases and with three, for one reason and for another.
fn all_params() -> [CircuitParams; 3] {
    let two = CircuitParams {
        k: 6,
        lanes: 3,
        formats: vec![
            ActivationBanks { banks: 2, lanes: 3, shift: 5, low_bits: 2 },
            ActivationBanks { banks: 1, lanes: 2, shift: 0, low_bits: 3 },
        ],
        maxima: [([2, 2], 5, true), ([1, 3], 0, false)]
            .map(|(window, shift, function)| MaximumBanks {
                banks: 2,
                lanes: 2,
                shift,
                low_bits: 2,
                limbs: 3,
                window,
                function,
            })
            .to_vec(),
        ranges: Some(RangeBanks { banks: 2, lanes: 2, width: 4 }),
        plain_banks: 4,
        rho_fingerprints: true,
        scaled_fingerprints: true,
        product_fingerprints: true,
        sigma_weight_banks: 2,
        rho_weight_banks: 1,
        weight_lanes: 3,
        committed_sigma_banks: 1,
        committed_rho_banks: 2,
        arithmetic_banks: 2,
        table_banks: 2,
        terms_per_helper: TermsPerHelper::Three,
        entry_banks: 2,
        lookup_banks: 2,
        occurrence_banks: 0,
        boundary_banks: 0,
        weight_range_columns: 2,
        hash_banks: 2,
        committed_tensor_columns: 2,
        further_instance_columns: 1,
    };
    let terms_per_helper = TermsPerHelper::Two;
    let three = CircuitParams { boundary_banks: 2, terms_per_helper, ..two.clone() };
    let counting = CircuitParams { occurrence_banks: 2, ..two.clone() };
    [two, three, counting]
}

/// Every column has one role; columns that are opened at the next row are those that are said to be; constraints are
/// linear in what they define and of a degree that proofs allow; what is on the bus is committed before it is folded.
///
/// # Panics
/// Naming what does not hold.
pub fn registrations_hold<G: GadgetSet>() {
    assert!(G::NAME.len() <= 64, "keys have no room for the name {:?}", G::NAME);
    for params in all_params() {
        let layout = Layout::<G>::number(&params);
        let mut cs = ConstraintSystem::default();
        let config = ProvennCircuit::<G>::configure_with_params(&mut cs, params.clone());
        roles_are_columns(&layout);
        openings_are_true(&layout, &cs);
        let polynomials: Vec<&Expression<Fr>> =
            cs.gates().iter().flat_map(|gate| gate.polynomials()).collect();
        assert_eq!(polynomials.len(), config.defined.len());
        for (polynomial, defined) in polynomials.into_iter().zip(&config.defined) {
            assert!(polynomial.degree() <= MAX_DEGREE, "a constraint of too high a degree");
            if let Some(column) = *defined {
                is_linear(polynomial, layout.first.max(1) + column);
            }
        }
        layout.terms().iter().for_each(|term| is_committed(&layout, term));
    }
}

fn roles_are_columns<G: GadgetSet>(layout: &Layout<G>) {
    let control = [layout.active, layout.first_row, layout.last_row].map(Column::Fixed);
    let mut seen: BTreeSet<Column> = control.into_iter().collect();
    for gadget in layout.gadgets() {
        for column in gadget.roles().into_iter().flat_map(|role| role.columns) {
            assert!(seen.insert(column), "{} has {column:?} twice", gadget.name());
        }
    }
    let all = (0..layout.fixed).map(Column::Fixed);
    let all = all.chain((0..layout.first).map(Column::First));
    let all: BTreeSet<Column> = all.chain((0..layout.second).map(Column::Second)).collect();
    assert_eq!(seen, all, "columns without a role, or roles without a column");
}

fn openings_are_true<G: GadgetSet>(layout: &Layout<G>, cs: &ConstraintSystem<Fr>) {
    let said: Vec<usize> = layout.gadgets().flat_map(Gadget::opened_next).collect();
    let distinct: BTreeSet<usize> = said.iter().copied().collect();
    assert_eq!(said.len(), distinct.len(), "a column is said to be opened twice");
    let mut queried = BTreeSet::new();
    for (column, rotation) in cs.advice_queries() {
        match *rotation {
            Rotation(0) => {}
            Rotation(1) => {
                let later = column.index().checked_sub(layout.first.max(1));
                queried.insert(later.unwrap_or(usize::MAX));
            }
            other => assert_eq!(other, Rotation(0), "only this row and the next are opened"),
        }
    }
    assert_eq!(distinct, queried, "columns opened at the next row: said, and true");
    assert!(cs.fixed_queries().iter().all(|(_, rotation)| *rotation == Rotation(0)));
}

/// Linear in the cell of this row of an advice column, with a coefficient that is not zero where it acts.
fn is_linear(polynomial: &Expression<Fr>, column: usize) {
    let at = |value: u64| {
        let pseudo = |kind: u64, index: usize, rotation: i32| {
            let seed = 0x9e37_79b9_7f4a_7c15_u64
                .wrapping_mul(kind + 7 * index as u64 + 3)
                .rotate_left(rotation.unsigned_abs() + 1);
            Fr::from(seed).square() + Fr::from(kind)
        };
        polynomial.evaluate(
            &|constant| constant,
            &|_| Fr::zero(),
            &|query| pseudo(1, query.column_index(), query.rotation().0),
            &|query| match (query.column_index(), query.rotation().0) {
                (index, 0) if index == column => Fr::from(value),
                (index, rotation) => pseudo(2, index, rotation),
            },
            &|_| Fr::zero(),
            &|challenge| pseudo(3, challenge.index(), 0),
            &|a| -a,
            &|a, b| a + b,
            &|a, b| a * b,
            &|a, s| a * s,
        )
    };
    let [first, second, third] = [5, 6, 7].map(at);
    assert_ne!(first, second, "a constraint does not depend on what it defines");
    assert_eq!(third - second, second - first, "a constraint is not linear in what it defines");
}

fn is_committed<G: GadgetSet>(layout: &Layout<G>, term: &BusTerm) {
    for value in term.folded() {
        let exists = match *value {
            Value::First(column) => column < layout.first,
            Value::Fixed(column) => column < layout.fixed,
            Value::Constant(_) => true,
        };
        assert!(exists, "{value:?} is no column");
    }
    match term.numerator {
        Numerator::One => {}
        Numerator::Count(column) => {
            assert!(column < layout.first, "counts are first-phase columns")
        }
        Numerator::Weight(column) | Numerator::WeightSum(column) => {
            let early = layout.three_phases() && layout.phase(column) == 1;
            assert!(early, "weights are committed before σ, α and β");
        }
    }
}
