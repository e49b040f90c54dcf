//! Duty 4: for every constraint a false statement that it alone catches.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::cast_possible_wrap, clippy::cast_possible_truncation)]

mod forgery;
mod sample;

use forgery::{Output, closing_sum, referenced, subject, with_terms};
use provenn_circuit::{CompiledCircuit, PlanOptions};
use provenn_fixed_point::{Coefficients, Linear, QuantGraph};
use provenn_gadgets::TermsPerHelper;
use provenn_gadgets::testing::{Subject, every_second_cell_is_bound, only_caught_by};
use sample::{Sample, identity, noise, samples};

/// A false output, consistent but for the linear identity; `pick` names the cell that hides it.
fn hidden_in(s: &Subject, constraint: &str, pick: impl Fn(&Subject) -> (usize, usize)) {
    let output = Output::last(s);
    let mut forged = output.forge(s, output.neighbour(s));
    assert_ne!(forged.instance, s.instance);
    only_caught_by(&forged, "copy");
    let (column, row) = pick(s);
    forged.absorb(column, row);
    only_caught_by(&forged, constraint);
}

/// Small inputs, so that no output saturates.
fn threes(graph: &QuantGraph) -> Vec<Vec<i64>> {
    graph.inputs.iter().map(|id| vec![3; graph.tensors[id.0].len()]).collect()
}

fn small(graph: &QuantGraph) -> Subject {
    subject(graph, &threes(graph), false)
}

fn layer() -> QuantGraph {
    let mut s = Sample::new();
    let x = s.input(&[6]);
    let y = s.dense(x, 5, identity(12));
    s.finish(&[y])
}

fn dense() -> Subject {
    small(&layer())
}

fn conv() -> Subject {
    let mut s = Sample::new();
    let x = s.input(&[1, 3, 3]);
    let y = s.conv(x, 2, [2, 2], [1, 1], [0, 0], identity(12));
    small(&s.finish(&[y]))
}

fn product() -> Subject {
    let mut s = Sample::new();
    let (a, b) = (s.input(&[5]), s.input(&[5]));
    let y = s.rescale(&[5], Linear::Contract { a, b, multiplier: 2 }, vec![], identity(12));
    small(&s.finish(&[y]))
}

fn scaled() -> Subject {
    let mut s = Sample::new();
    let x = s.input(&[5]);
    let y = s.combine(&[5], vec![(x, Coefficients::PerElement(noise(3, 5, 20)))], identity(12));
    small(&s.finish(&[y]))
}

fn mat_mul() -> Subject {
    let (_, graph) = samples().into_iter().find(|(name, _)| *name == "mat_mul").unwrap();
    small(&graph)
}

#[test]
fn activation_fingerprint_y() {
    for s in [dense(), conv(), product(), scaled(), mat_mul()] {
        hidden_in(&s, "activation/fingerprint_y", |s| {
            let place = Output::last(s).place;
            let column = s.layout().activation[place.bank].fingerprint_y;
            (column, place.fingerprint_row(s, column))
        });
    }
}

/// The public output and the cell that states it differ from the activation.
fn misstated(s: &Subject) -> (Subject, Output) {
    let output = Output::last(s);
    let mut forged = s.clone();
    let value = s.first(output.twin.0, output.twin.1);
    output.state(&mut forged, value + 1);
    forged.finish();
    only_caught_by(&forged, "copy");
    (forged, output)
}

#[test]
fn activation_fingerprint_a() {
    let (mut forged, Output { place, .. }) = misstated(&dense());
    let column = forged.layout().activation[place.bank].fingerprint_a;
    let row = place.fingerprint_row(&forged, column);
    forged.absorb(column, row);
    only_caught_by(&forged, "activation/fingerprint_a");
}

#[test]
fn plain_fingerprint() {
    let (mut forged, output) = misstated(&dense());
    let banks = &forged.layout().plain;
    let bank = banks.iter().find(|p| p.cell.contains(&output.twin.0)).unwrap();
    let column = bank.fingerprint;
    let rows = referenced(&forged, column);
    let row = rows.into_iter().filter(|&row| row <= output.twin.1).max().unwrap();
    forged.absorb(column, row);
    only_caught_by(&forged, "plain/fingerprint");
}

/// First read cell among the given fingerprint columns.
fn first_read(s: &Subject, columns: impl Iterator<Item = Option<usize>>) -> (usize, usize) {
    columns
        .flatten()
        .find_map(|column| referenced(s, column).first().map(|&row| (column, row)))
        .unwrap()
}

#[test]
fn other_plain_fingerprints() {
    hidden_in(&mat_mul(), "plain/fingerprint_rho", |s| {
        first_read(s, s.layout().plain.iter().map(|p| p.fingerprint_rho))
    });
    hidden_in(&scaled(), "plain/fingerprint_scaled", |s| {
        first_read(s, s.layout().plain.iter().map(|p| p.fingerprint_scaled))
    });
    hidden_in(&product(), "plain/fingerprint_product", |s| {
        first_read(s, s.layout().plain.iter().map(|p| p.fingerprint_product))
    });
}

#[test]
fn bank() {
    for s in [dense(), conv()] {
        hidden_in(&s, "freivalds/column", |s| (s.layout().linear[0].u, 0));
        hidden_in(&s, "freivalds/sum", |s| (s.layout().linear[0].z, 0));
    }
}

#[test]
fn arithmetic() {
    hidden_in(&product(), "arithmetic", |s| {
        let z = s.layout().arithmetic[0].value[3];
        // The last row made is the form that the accumulators must equal.
        (z, referenced(s, z).last().copied().unwrap())
    });
}

/// For one, two and three fractions per helper column, a table row that does not exist: base one too high, and the
/// output with it.
fn outside_the_table() -> [Subject; 3] {
    TermsPerHelper::ALL.map(|terms| {
        let s = with_terms(&layer(), &threes(&layer()), terms);
        assert_eq!(
            s.layout().lookups.as_ref().unwrap().helper.len(),
            s.layout().terms().len().div_ceil(terms.get())
        );
        let output = Output::last(&s);
        let mut parts = output.place.read(&s);
        parts.base += 1;
        let forged = output.forge(&s, parts);
        assert_ne!(forged.instance, s.instance);
        forged
    })
}

#[test]
fn logup_last() {
    for forged in outside_the_table() {
        only_caught_by(&forged, "logup/last");
    }
}

#[test]
fn logup_first_and_sum() {
    for forged in outside_the_table() {
        let sum = forged.layout().lookups.as_ref().unwrap().running_sum;
        let total = closing_sum(&forged);

        let mut late = forged.clone();
        late.pin(sum, 0, -total);
        late.finish();
        only_caught_by(&late, "logup/first");

        let (mut jumping, last) = (forged, late.params().active_rows());
        jumping.pin(sum, last, halo2_proofs::halo2curves::bn256::Fr::zero());
        jumping.finish();
        only_caught_by(&jumping, "logup/sum");
    }
}

#[test]
fn logup_helper() {
    for forged in outside_the_table() {
        for &helper in &forged.layout().lookups.clone().unwrap().helper {
            let mut hidden = forged.clone();
            hidden.pin(helper, 2, forged.second(helper, 2) - closing_sum(&forged));
            hidden.finish();
            only_caught_by(&hidden, "logup/helper");
        }
    }
}

/// Few rows have too few equal ones; the choice is the planner's, unless it is made for it.
#[test]
fn the_planner_chooses_one_fraction_where_rows_are_many() {
    let choice = |logrows, terms_per_helper| {
        let logrows = Some(logrows);
        let options = PlanOptions { logrows, terms_per_helper, ..PlanOptions::default() };
        CompiledCircuit::plan(&layer(), &options).unwrap().0.terms_per_helper
    };
    assert_eq!(choice(8, None), TermsPerHelper::Three);
    assert_eq!(choice(13, None), TermsPerHelper::Three);
    assert_eq!(choice(14, None), TermsPerHelper::One);
    assert_eq!(choice(14, Some(TermsPerHelper::Two)), TermsPerHelper::Two);
}

#[test]
fn helpers_of_any_number_of_fractions_are_bound() {
    for terms in TermsPerHelper::ALL {
        let s = with_terms(&layer(), &threes(&layer()), terms);
        let rows = s.params().active_rows();
        let columns = {
            let lookups = s.layout().lookups.as_ref().unwrap();
            lookups.helper.iter().copied().chain([lookups.running_sum])
        };
        let cells = columns.flat_map(|column| (0..rows).map(move |row| (column, row)));
        every_second_cell_is_bound(&s, &cells.collect::<Vec<_>>());
    }
}

#[test]
fn copy() {
    let mut forged = dense();
    forged.instance[0] += 1;
    forged.finish();
    only_caught_by(&forged, "copy");
}
