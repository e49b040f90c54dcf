//! Each gadget alone, laid out by hand: its columns equal its statement, and the lookups admit the
//! tables' rows and nothing else.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use halo2_proofs::halo2curves::bn256::Fr;
use provenn_gadgets::table::FUNCTION;
use provenn_gadgets::testing::{
    Subject, activation_conforms, arithmetic_conforms, boundary_conforms,
    every_second_cell_is_bound, fingerprint_conforms, linear_identity_conforms,
    lookup_argument_conforms, maximum_conforms, only_caught_by, range_conforms, registrations_hold,
};
use provenn_gadgets::{
    ActivationBanks, Assignment, CellRef, CircuitParams, Column, Layout, ProvennCircuit, Standard,
    Step, TermsPerHelper, from_signed,
};
use std::sync::Arc;

fn set(columns: &mut [Vec<i64>], column: usize, row: usize, value: i64) {
    if columns[column].len() <= row {
        columns[column].resize(row + 1, 0);
    }
    columns[column][row] = value;
}

/// Σ point^i·values[i].
fn at(point: Fr, values: &[i64]) -> Fr {
    values.iter().rev().fold(Fr::zero(), |acc, &v| acc * point + from_signed(v))
}

fn linear_params() -> CircuitParams {
    CircuitParams {
        k: 4,
        lanes: 2,
        plain_banks: 2,
        rho_fingerprints: true,
        scaled_fingerprints: true,
        product_fingerprints: true,
        sigma_weight_banks: 1,
        rho_weight_banks: 1,
        weight_lanes: 2,
        arithmetic_banks: 1,
        ..CircuitParams::default()
    }
}

const LEFT: [i64; 4] = [3, -5, 0, 7];
const RIGHT: [i64; 4] = [-2, 4, 9, 1];
const SCALE: [i64; 4] = [1, -1, 6, 2];
/// Two weight columns of three.
const WEIGHTS: [[i64; 3]; 2] = [[2, -3, 4], [0, 5, -6]];

/// Four cells in each plain bank, two weight columns in each bank of weights, one arithmetic row z = 2 + 3c − a·b + 5σ + 7ρ.
fn linear() -> Subject {
    let params = linear_params();
    let layout = Layout::new(&params);
    let mut fixed = vec![vec![]; layout.fixed];
    let mut first = vec![vec![]; layout.first];
    let mut steps = vec![];
    for (bank, cells) in layout.plain.iter().zip([LEFT, RIGHT]) {
        set(&mut fixed, bank.chain.step, 0, 1);
        for i in 0..4 {
            set(&mut first, bank.cell[i % 2], i / 2, cells[i]);
            set(&mut fixed, bank.coefficient[i % 2], i / 2, SCALE[i]);
        }
    }
    let cell = |row: usize, lane: usize| CellRef {
        column: Column::First(layout.plain[0].cell[lane]),
        row,
    };
    for (index, bank) in layout.linear.iter().enumerate() {
        for (k, weights) in WEIGHTS.iter().enumerate() {
            for (n, &w) in weights.iter().enumerate() {
                set(&mut fixed, bank.weight[n % 2], 2 * k + n / 2, w);
            }
            set(&mut fixed, bank.sums.step, 2 * k, 1);
            set(&mut fixed, bank.sums.first, 2 * k, 1);
            steps.push(Step::Copy { column: bank.sums.x, row: 2 * k, from: cell(0, k) });
        }
        for row in 0..3 {
            set(&mut fixed, bank.sums.sum, row, 1);
        }
        steps.push(Step::Linear { bank: index, start: 0, end: 4 });
    }
    for (&column, value) in layout.arithmetic[0].coefficient.iter().zip([2, 3, -1, 5, 7]) {
        set(&mut fixed, column, 0, value);
    }
    let operands = [cell(0, 0), cell(0, 1), cell(1, 1)].map(Some);
    steps.push(Step::Arithmetic {
        bank: 0,
        row: 0,
        a: operands[0],
        b: operands[1],
        c: operands[2],
    });
    let assignment = Assignment { fixed, steps, ..Assignment::default() };
    let circuit = ProvennCircuit::new(params, Arc::new(assignment)).with_witness(first, vec![]);
    Subject::new(&circuit, &[])
}

#[test]
fn fingerprints_are_polynomials_of_their_cells() {
    let s = linear();
    assert_eq!(s.violations(), Default::default());
    let (sigma, rho) = (s.challenges().sigma, s.challenges().rho);
    let times =
        |a: [i64; 4], b: [i64; 4]| -> Vec<i64> { a.iter().zip(b).map(|(a, b)| a * b).collect() };
    for (bank, cells) in s.layout().plain.iter().zip([LEFT, RIGHT]) {
        assert_eq!(s.second(bank.fingerprint, 0), at(sigma, &cells));
        assert_eq!(s.second(bank.fingerprint, 1), at(sigma, &cells[2..]));
        assert_eq!(s.second(bank.fingerprint_rho.unwrap(), 0), at(rho, &cells));
        assert_eq!(s.second(bank.fingerprint_scaled.unwrap(), 0), at(sigma, &times(SCALE, cells)));
    }
    let product = s.layout().plain[0].fingerprint_product.unwrap();
    assert_eq!(s.second(product, 0), at(sigma, &times(LEFT, RIGHT)));
    assert_eq!(s.layout().plain[1].fingerprint_product, None);
}

#[test]
fn weights_and_arithmetic_compute_what_they_state() {
    let s = linear();
    let (sigma, rho) = (s.challenges().sigma, s.challenges().rho);
    for (bank, omega) in s.layout().linear.iter().zip([sigma, rho]) {
        let columns = WEIGHTS.iter().zip(LEFT);
        let expected = columns.fold(Fr::zero(), |z, (w, x)| z + from_signed(x) * at(omega, w));
        assert_eq!(s.second(bank.sums.z, 0), expected);
        assert_eq!(s.second(bank.sums.u, 2), at(omega, &WEIGHTS[1]));
    }
    let expected = from_signed(2 + 3 * 7 + 3 * 5) + from_signed(5) * sigma + from_signed(7) * rho;
    assert_eq!(s.second(s.layout().arithmetic[0].value[3], 0), expected);
}

#[test]
fn what_gadgets_register_is_true() {
    registrations_hold::<Standard>();
}

#[test]
fn freivalds_conforms_to_the_linear_identity() {
    linear_identity_conforms::<Standard>();
}

#[test]
fn activation_banks_conform() {
    activation_conforms::<Standard>();
}

#[test]
fn maximum_banks_conform() {
    maximum_conforms::<Standard>();
}

#[test]
fn range_banks_conform() {
    range_conforms::<Standard>();
}

#[test]
fn plain_banks_conform() {
    fingerprint_conforms::<Standard>();
}

#[test]
fn the_arithmetic_bank_conforms() {
    arithmetic_conforms::<Standard>();
}

#[test]
fn boundary_banks_conform() {
    boundary_conforms::<Standard>();
}

#[test]
fn logup_conforms() {
    lookup_argument_conforms::<Standard>();
}

#[test]
fn linear_columns_are_bound() {
    let s = linear();
    every_second_cell_is_bound(&s, &s.determined_cells());
    let layout = s.layout();
    for (column, name) in [
        (layout.plain[0].fingerprint, "plain/fingerprint"),
        (layout.plain[0].fingerprint_rho.unwrap(), "plain/fingerprint_rho"),
        (layout.plain[1].fingerprint_scaled.unwrap(), "plain/fingerprint_scaled"),
        (layout.plain[0].fingerprint_product.unwrap(), "plain/fingerprint_product"),
        (layout.linear[1].sums.z, "freivalds/sum"),
        (layout.arithmetic[0].value[3], "arithmetic"),
    ] {
        only_caught_by(&s.forge_second(column, 0, Fr::one()), name);
    }
}

/// Two rows of a function of h in 0..3, one lane; the other rows look up zeros.
fn activation(terms_per_helper: TermsPerHelper) -> Subject {
    let params = CircuitParams {
        k: 4,
        lanes: 1,
        formats: vec![ActivationBanks { banks: 1, lanes: 1, shift: 2, low_bits: 1 }],
        weight_lanes: 1,
        table_banks: 1,
        terms_per_helper,
        ..CircuitParams::default()
    };
    let layout = Layout::new(&params);
    let mut fixed = vec![vec![]; layout.fixed];
    let first = vec![vec![]; layout.first];
    let rows = [
        [0; 4],
        [0, 0, 0, 1],
        [1, 0, 0, 1],
        [0, 1, -2, FUNCTION],
        [1, 0, 0, FUNCTION],
        [2, 3, 5, FUNCTION],
    ];
    for (row, tuple) in rows.iter().enumerate() {
        for (&column, &value) in layout.table[0].tuple.iter().zip(tuple) {
            set(&mut fixed, column, row, value);
        }
    }
    let bank = &layout.activation[0];
    set(&mut fixed, bank.chain.step, 0, 1);
    for row in 0..2 {
        set(&mut fixed, bank.tag[0], row, FUNCTION);
        set(&mut fixed, bank.offset[0], row, 10);
    }
    let circuit =
        ProvennCircuit::new(params, Arc::new(Assignment { fixed, ..Assignment::default() }))
            .with_witness(first, vec![]);
    Subject::new(&circuit, &[])
}

/// r (two limbs), l, h, slope, base.
fn filled(s: &Subject, row: usize, cells: [i64; 6]) -> Subject {
    let mut s = s.clone();
    let bank = s.layout().activation[0].clone();
    let columns = [
        bank.remainder[0][0],
        bank.remainder[1][0],
        bank.low[0],
        bank.high[0],
        bank.slope[0],
        bank.base[0],
    ];
    for (column, value) in columns.into_iter().zip(cells) {
        s.set_first(column, row, value);
    }
    s.repair_multiplicities();
    s.finish();
    s
}

#[test]
fn activations_hold_exactly_for_rows_of_the_tables() {
    let s = filled(&activation(TermsPerHelper::Three), 1, [1, 0, 1, 2, 3, 5]);
    let mut accepted = 0;
    for code in 0..4_i64.pow(3) * 5 * 5 * 9 {
        let digit = |below: i64, base: i64, from: i64| (code / below) % base + from;
        let (r0, r1, l) = (digit(1, 4, -1), digit(4, 4, -1), digit(16, 4, -1));
        let (h, slope, base) = (digit(64, 5, -1), digit(320, 5, -1), digit(1600, 9, -3));
        let bits = [r0, r1, l].iter().all(|v| (0..2).contains(v));
        let row = [(0, 1, -2), (1, 0, 0), (2, 3, 5)].contains(&(h, slope, base));
        let held = filled(&s, 0, [r0, r1, l, h, slope, base]);
        assert_eq!(
            held.holds(),
            bits && row,
            "r {r0} {r1}, l {l}, h {h}, slope {slope}, base {base}"
        );
        accepted += u32::from(bits && row);
        if bits && row {
            let bank = &held.layout().activation[0];
            let y = ((h * 2 + l) << 2) + r0 + 2 * r1 - 10;
            let second_y = ((2 * 2 + 1) << 2) + 1 - 10;
            let sigma = held.challenges().sigma;
            assert_eq!(held.second(bank.fingerprint_y, 0), at(sigma, &[y, second_y]));
            assert_eq!(held.second(bank.fingerprint_a, 0), at(sigma, &[slope * l + base, 8]));
        }
    }
    assert_eq!(accepted, 24);
}

#[test]
fn lookups_are_bound() {
    for terms in TermsPerHelper::ALL {
        let s = filled(&activation(terms), 1, [1, 0, 1, 2, 3, 5]);
        let s = filled(&s, 0, [0, 1, 0, 0, 1, -2]);
        assert_eq!(s.violations(), Default::default());
        every_second_cell_is_bound(&s, &s.determined_cells());
        for row in 0..s.params().active_rows() {
            let multiplicity = s.layout().table[0].multiplicity;
            only_caught_by(&s.forge_first(multiplicity, row, 1), "logup/last");
        }
    }
}
