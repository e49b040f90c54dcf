//! For every constraint of the gadgets a false statement that it alone refuses, so that without it the statement would
//! pass.

use crate::attempt::Forgery;
use crate::committed::{WEIGHTS, ranges};
use crate::forgery::{
    Output, closing_sum, combined, entry, hashed, public_cell, referenced, subject, with_terms,
};
use crate::random::committing;
use crate::sample::{Sample, identity, inputs, noise, samples, scalar};
use halo2_proofs::halo2curves::bn256::Fr;
use provenn_fixed_point::{Coefficients, Keys, Linear, QuantGraph};
use provenn_gadgets::column::set;
use provenn_gadgets::families::{Hash, Lane, Largest, Maximum, Occurrences, Window};
use provenn_gadgets::maximum::LargestCells;
use provenn_gadgets::poseidon::{ROUNDS, WIDTH};
use provenn_gadgets::testing::{Subject, only_caught_by};
use provenn_gadgets::{
    Assignment, CellRef, CircuitParams, Column, Gadget, Layout, MaximumBank, MaximumBanks,
    PoseidonBank, ProvennCircuit, Standard, TermsPerHelper, from_signed,
};
use std::sync::Arc;

/// Makes some.
pub type Forgeries = fn() -> Vec<Forgery>;

/// Constraints, the false statement that each is to refuse, and forgeries of it.
pub const KILLERS: [(&str, &str, Forgeries); 27] = [
    (
        "activation/fingerprint_a",
        "an output that is not the activation's",
        activation_fingerprint_a,
    ),
    (
        "activation/fingerprint_y",
        "an accumulator that is not the layer's",
        activation_fingerprint_y,
    ),
    ("arithmetic", "a sum of fingerprints that is another", arithmetic),
    ("boundary/fingerprint", "a difference hidden in a boundary term, chosen late", boundary),
    ("committed/column", "a product with other weights than are committed", committed_weights),
    ("committed/sum", "a sum of products with committed weights that is another", committed_sums),
    ("copy", "a public value that is not the output", copy),
    ("freivalds/column", "a product with other weights", weights),
    ("freivalds/sum", "a sum of products that is another", sums),
    ("hash/packed", "a digest of elements that are packed wrongly", hash_packed),
    ("hash/round", "a digest of nothing, at the end of a round", hash_round),
    ("hash/square", "a digest of nothing, by a power that is another", hash_square),
    ("logup/first", "a running sum that begins elsewhere", logup_first),
    ("logup/helper", "a fraction that is another", logup_helper),
    ("logup/last", "a row that no table has", logup_last),
    ("logup/sum", "a running sum that jumps", logup_sum),
    ("maximum/attained", "more than the largest of a window", attained),
    ("maximum/empty", "a value where no window stands", empty),
    ("maximum/fingerprint", "a largest value that is another", maximum),
    ("maximum/sums", "the largest of other elements", sums_of_windows),
    ("occurrences/weight", "rows of a table in another order than their indices", occurrences),
    ("plain/fingerprint", "a cell that is not what is copied from it", plain),
    ("plain/fingerprint_product", "a product of two cells that is another", plain_product),
    ("plain/fingerprint_rho", "an operand of a product of matrices", plain_rho),
    ("plain/fingerprint_scaled", "a weighted sum of cells that is another", plain_scaled),
    ("range/fingerprint", "a value out of range whose limbs are another's", range),
    (
        "weight_ranges/limbs",
        "a committed weight out of range whose limbs are another's",
        weight_ranges,
    ),
];

/// A false output, consistent but for the linear identity; `pick` names the cell that hides it.
fn hidden_in(s: &Subject, pick: impl Fn(&Subject) -> (usize, usize)) -> Forgery {
    let output = Output::last(s);
    let forged = output.forge(s, output.neighbour(s));
    assert_ne!(forged.instance, s.instance);
    only_caught_by(&forged, "copy");
    let (column, row) = pick(s);
    absorbing(forged, column, row)
}

/// Once challenges are known, the cell takes the one value with which all copies hold.
fn absorbing(forged: Subject, column: usize, row: usize) -> Forgery {
    Forgery::adapting(forged, move |s| s.absorb(column, row))
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

fn window() -> QuantGraph {
    let mut s = Sample::new();
    let x = s.input(&[1, 3, 3]);
    let y = s.conv(x, 2, [2, 2], [1, 1], [0, 0], identity(12));
    s.finish(&[y])
}

fn conv() -> Subject {
    small(&window())
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

/// Digests in place of inputs and outputs: a later cell, some rows below a digest, is another, and what follows from it is
/// stated.
fn hashing(below: usize, column: impl Fn(&PoseidonBank) -> usize) -> Vec<Forgery> {
    let graph = layer();
    let s = hashed(&graph, &threes(&graph));
    let digests = (0..s.instance.len()).map(|at| {
        let stated = CellRef { column: Column::Instance, row: at };
        let digest = s.copies().iter().find(|(_, b)| *b == stated).unwrap().0;
        let of = |bank: &&PoseidonBank| Column::Second(bank.digest()) == digest.column;
        let bank = s.layout().hash.iter().find(of).unwrap();
        let (column, row) = (column(bank), digest.row + below);
        let mut forged = s.clone();
        forged.pin(column, row, s.second(column, row) + Fr::one());
        forged.finish();
        forged.digests.insert(at, forged.second(bank.digest(), digest.row));
        assert_ne!(forged.digests, s.digests);
        Forgery::of(forged)
    });
    digests.collect()
}

fn hash_packed() -> Vec<Forgery> {
    let both = [0, 1].map(|side| hashing(ROUNDS, move |bank| bank.packed[side]));
    both.into_iter().flatten().collect()
}

/// Of each element of the state; the digest itself is one of them.
fn hash_round() -> Vec<Forgery> {
    let digest = hashing(0, |bank| bank.state[1]);
    let each = (0..WIDTH).flat_map(|i| {
        [1, 30].into_iter().flat_map(move |below| hashing(below, move |bank| bank.state[i]))
    });
    digest.into_iter().chain(each).collect()
}

/// Of the first element in each round, of the others in full ones.
fn hash_square() -> Vec<Forgery> {
    let first = hashing(20, |bank| bank.square[0]);
    let each = (0..WIDTH).flat_map(|i| hashing(1, move |bank| bank.square[i]));
    first.into_iter().chain(each).collect()
}

fn activation_fingerprint_y() -> Vec<Forgery> {
    let hidden = |s: &Subject| {
        hidden_in(s, |s| {
            let place = Output::last(s).place;
            let column = s.layout().activation[place.bank].fingerprint_y;
            (column, place.fingerprint_row(s, column))
        })
    };
    [dense(), conv(), product(), scaled(), mat_mul()].iter().map(hidden).collect()
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

fn activation_fingerprint_a() -> Vec<Forgery> {
    let (forged, Output { place, .. }) = misstated(&dense());
    let column = forged.layout().activation[place.bank].fingerprint_a;
    let row = place.fingerprint_row(&forged, column);
    vec![absorbing(forged, column, row)]
}

fn plain() -> Vec<Forgery> {
    let (forged, output) = misstated(&dense());
    let banks = &forged.layout().plain;
    let bank = banks.iter().find(|p| p.cell.contains(&output.twin.0)).unwrap();
    let column = bank.fingerprint;
    let rows = referenced(&forged, column);
    let row = rows.into_iter().filter(|&row| row <= output.twin.1).max().unwrap();
    vec![absorbing(forged, column, row)]
}

/// First read cell among the given fingerprint columns.
fn first_read(s: &Subject, columns: impl Iterator<Item = Option<usize>>) -> (usize, usize) {
    columns
        .flatten()
        .find_map(|column| referenced(s, column).first().map(|&row| (column, row)))
        .unwrap()
}

fn plain_rho() -> Vec<Forgery> {
    let read = |s: &Subject| first_read(s, s.layout().plain.iter().map(|p| p.fingerprint_rho));
    vec![hidden_in(&mat_mul(), read)]
}

fn plain_scaled() -> Vec<Forgery> {
    let read = |s: &Subject| first_read(s, s.layout().plain.iter().map(|p| p.fingerprint_scaled));
    vec![hidden_in(&scaled(), read)]
}

fn plain_product() -> Vec<Forgery> {
    let read = |s: &Subject| first_read(s, s.layout().plain.iter().map(|p| p.fingerprint_product));
    vec![hidden_in(&product(), read)]
}

fn weights() -> Vec<Forgery> {
    [dense(), conv()].iter().map(|s| hidden_in(s, |s| (s.layout().linear[0].sums.u, 0))).collect()
}

fn sums() -> Vec<Forgery> {
    [dense(), conv()].iter().map(|s| hidden_in(s, |s| (s.layout().linear[0].sums.z, 0))).collect()
}

/// The same layers with committed weights.
fn committed() -> [Subject; 2] {
    [layer(), window()].map(|graph| small(&committing(&graph).unwrap()))
}

fn committed_weights() -> Vec<Forgery> {
    let u = |s: &Subject| (s.layout().committed[0].opened_next()[0], 0);
    let layers = committed().map(|s| hidden_in(&s, u));
    layers.into_iter().chain(tables().map(|s| absorbed_row(s, u))).collect()
}

/// With committed rows: of a table, of which the first is asked for, and a learned constant, which is the row.
fn tables() -> [Subject; 2] {
    let mut s = Sample::new();
    let indices = s.indices(&[2], 0, 7);
    let y = s.embedding(indices, noise(5, 8 * 3, 15), 3, Keys { first: 0, unit: 1 });
    let table = s.finish(&[y]);
    let mut s = Sample::new();
    let x = s.input(&[2]);
    let row = s.learned(noise(5, 3, 15));
    let y = s.combine(&[2], vec![scalar(x, 16)], identity(12));
    let constant = s.finish(&[row, y]);
    [(table, vec![0, 5]), (constant, vec![3, -4])]
        .map(|(graph, inputs)| subject(&committing(&graph).unwrap(), &[inputs], false))
}

/// Another row than the committed one, which is the first public one; `pick` names the cell that hides it.
fn absorbed_row(mut forged: Subject, pick: impl Fn(&Subject) -> (usize, usize)) -> Forgery {
    let value = forged.instance[2] + 1;
    let (column, row) = public_cell(&forged, 2);
    forged.set_first(column, row, value);
    forged.instance[2] = value;
    forged.finish();
    only_caught_by(&forged, "copy");
    let (column, row) = pick(&forged);
    absorbing(forged, column, row)
}

fn committed_sums() -> Vec<Forgery> {
    let z = |s: &Subject| (s.layout().committed[0].result(), 0);
    let layers = committed().map(|s| hidden_in(&s, z));
    layers.into_iter().chain(tables().map(|s| absorbed_row(s, z))).collect()
}

fn arithmetic() -> Vec<Forgery> {
    vec![hidden_in(&product(), |s| {
        let z = s.layout().arithmetic[0].value[3];
        // The last row made is the form that the accumulators must equal.
        (z, referenced(s, z).last().copied().unwrap())
    })]
}

/// A false output of a convolution whose boundary terms stand apart.
fn boundary() -> Vec<Forgery> {
    let mut sample = Sample::new();
    let x = sample.input(&[1, 3, 3]);
    let y = sample.conv(x, 2, [2, 2], [1, 1], [0, 0], identity(12));
    let graph = sample.finish(&[y]);
    let s = combined(&graph, &threes(&graph), false);
    let run = &s.boundary[0];
    let (fingerprint, row) = (s.layout().boundary[run.bank].fingerprint, run.row);
    vec![hidden_in(&s, |_| (fingerprint, row))]
}

/// Windows of every kind that has columns of its own, each stated as an output.
fn windows() -> Vec<Subject> {
    let of = |shape: &[usize], window| {
        let mut s = Sample::new();
        let x = s.input(shape);
        let y = s.maximum(x, window);
        let graph = s.finish(&[y]);
        subject(&graph, &threes(&graph), false)
    };
    let mut s = Sample::new();
    let x = s.input(&[1, 3, 3]);
    let h = s.conv(x, 1, [2, 2], [1, 1], [0, 0], identity(12));
    let y = s.maximum(h, [2, 2]);
    let graph = s.finish(&[y]);
    let taken_in = combined(&graph, &threes(&graph), false);
    vec![of(&[1, 2, 2], [2, 2]), of(&[1, 1, 3], [1, 3]), taken_in]
}

/// The last output is one more than it is, as cells have it.
fn one_more(s: &Subject) -> Subject {
    let stated = s.instance.len() - 1;
    let (column, row) = public_cell(s, stated);
    let mut forged = s.clone();
    forged.set_first(column, row, s.first(column, row) + 1);
    forged.instance[stated] += 1;
    forged
}

/// The bank of the last output, with the first row and the lane of a window.
fn last_window(s: &Subject) -> (MaximumBank, usize, usize) {
    let bank = s.layout().maximum[0].clone();
    let rows = s.params().active_rows();
    let mut places = (0..rows).flat_map(|row| (0..bank.tag.len()).map(move |lane| (row, lane)));
    let stands = |&(row, lane): &(usize, usize)| s.fixed_integer(bank.tag[lane], row) != 0;
    let (row, lane) = places.rfind(stands).unwrap();
    (bank, row, lane)
}

/// What is largest is one more in cells, with every distance from it.
fn raised(s: &Subject, distances: bool) -> Subject {
    let (bank, row, lane) = last_window(s);
    let mut forged = one_more(s);
    match &bank.largest {
        LargestCells::Itself(cells) => {
            let cell = cells[lane];
            forged.set_first(cell, row, s.first(cell, row) + 1);
        }
        LargestCells::Function { high, low, slope, base } => {
            let [h, l] = [high, low].map(|cells| s.first(cells[lane], row));
            let tag = s.fixed_integer(bank.tag[lane], row);
            let (h, l) = match l + 1 {
                l if l >> bank.low_bits == 0 => (h, l),
                _ => (h + 1, 0),
            };
            let (of_slope, of_base) = entry(s, tag, h).unwrap();
            let all = [(high, h), (low, l), (slope, of_slope), (base, of_base)];
            all.into_iter().for_each(|(cells, value)| forged.set_first(cells[lane], row, value));
        }
    }
    for limbs in bank.distance.iter().filter(|_| distances) {
        let mut carry = 1;
        for limb in limbs {
            let limb = limb[lane];
            let value = s.first(limb, row) + carry;
            carry = value >> bank.low_bits;
            forged.set_first(limb, row, value & ((1 << bank.low_bits) - 1));
        }
    }
    forged.repair_multiplicities();
    forged.finish();
    forged
}

fn attained() -> Vec<Forgery> {
    windows().iter().map(|s| Forgery::of(raised(s, true))).collect()
}

/// Elements that are all one more, which the fingerprints of the window's rows hide one after the other.
fn sums_of_windows() -> Vec<Forgery> {
    let hidden = |s: Subject| {
        let (bank, ..) = last_window(&s);
        let forged = raised(&s, false);
        only_caught_by(&forged, "copy");
        let each = bank.sums.into_iter().map(move |column| {
            let row = referenced(&forged, column)[0];
            absorbing(forged.clone(), column, row)
        });
        each.collect::<Vec<_>>()
    };
    windows().into_iter().flat_map(hidden).collect()
}

fn maximum() -> Vec<Forgery> {
    let hidden = |s: Subject| {
        let (bank, ..) = last_window(&s);
        let mut forged = one_more(&s);
        forged.finish();
        only_caught_by(&forged, "copy");
        let row = referenced(&forged, bank.fingerprint)[0];
        absorbing(forged, bank.fingerprint, row)
    };
    windows().into_iter().map(hidden).collect()
}

/// Two lanes, of which the key has a window in one alone: what plain cells say of the other is zero.
fn empty() -> Vec<Forgery> {
    let (t, width) = (2_u32, 2);
    let of = |stands: usize, value: i64| {
        let params = CircuitParams {
            k: 5,
            lanes: 2 * width,
            maxima: vec![MaximumBanks {
                banks: 1,
                lanes: 2,
                shift: 0,
                low_bits: t,
                limbs: 1,
                window: [1, width],
                function: false,
            }],
            plain_banks: 2,
            weight_lanes: 1,
            table_banks: 1,
            ..CircuitParams::default()
        };
        let layout = Layout::new(&params);
        let (mut fixed, mut first) = (vec![vec![]; layout.fixed], vec![vec![]; layout.first]);
        for limb in 0..1 << t {
            let row = usize::try_from(limb).unwrap() + 1;
            set(&mut fixed, layout.table[0].tuple[0], row, limb);
            set(&mut fixed, layout.table[0].tuple[3], row, t.into());
        }
        let (bank, [outputs, elements]) = (&layout.maximum[0], [0, 1].map(|i| &layout.plain[i]));
        bank.lay(Lane { lane: stands, row: 0 }, 0, 0, &mut fixed);
        let window = |largest: i64| Window {
            largest: Largest::Itself(largest),
            elements: &[(0, 0), (0, 0)],
        };
        for (lane, value) in [(stands, 3), (1 - stands, value)] {
            bank.fill(Lane { lane, row: 0 }, &window(value), &mut first);
            set(&mut first, outputs.cell[lane], 0, value);
            elements.cell[width * lane..width * (lane + 1)]
                .iter()
                .for_each(|cell| set(&mut first, *cell, 0, value));
        }
        let second = |column| CellRef::second(column, 0);
        let copies = vec![
            (second(bank.fingerprint), second(outputs.fingerprint)),
            (second(bank.sums[0]), second(elements.fingerprint)),
            (
                CellRef { column: Column::First(outputs.cell[1 - stands]), row: 0 },
                CellRef { column: Column::Instance, row: 0 },
            ),
        ];
        let assignment = Arc::new(Assignment { fixed, copies, ..Assignment::default() });
        let circuit = ProvennCircuit::<Standard>::with_gadgets(params, assignment);
        let stated = [from_signed(value)];
        let circuit = circuit.with_witness(first, stated.to_vec());
        let mut s = Subject::new(&circuit, &stated);
        s.repair_multiplicities();
        s.finish();
        s
    };
    let each = [0, 1].map(|stands| {
        assert!(of(stands, 0).holds(), "{:?}", of(stands, 0).violations());
        Forgery::of(of(stands, 1))
    });
    each.into()
}

/// A value below its range: its neighbour's limbs, whose fingerprint is said to be another.
fn range() -> Vec<Forgery> {
    let (_, graph) = samples().into_iter().find(|(name, _)| *name == "dense").unwrap();
    let mut s = subject(&graph, &inputs(&graph, 1), true);
    let bank = s.layout().range[0].clone();
    let row = referenced(&s, bank.fingerprint)[0];
    s.set_first(bank.limb[0], row, s.first(bank.limb[0], row) ^ 1);
    s.repair_multiplicities();
    s.finish();
    only_caught_by(&s, "copy");
    vec![absorbing(s, bank.fingerprint, row)]
}

/// In every committed column a weight that is one above its range, with the limbs of one within.
fn weight_ranges() -> Vec<Forgery> {
    let honest = ranges(&WEIGHTS);
    let columns = honest.layout().weight_ranges.clone().unwrap();
    let beyond = |(&weight, &bits): (&usize, &usize)| {
        let mut forged = honest.clone();
        // A lane that has no weight holds 0 alone.
        let value = match honest.fixed_integer(bits, 0) {
            0 => 1,
            bits => 1 << (bits - 1),
        };
        forged.set_first(weight, 0, value);
        forged.finish();
        Forgery::of(forged)
    };
    columns.weight.iter().zip(&columns.bits).map(beyond).collect()
}

/// Of two indices, each other's rows: the sums at keys are those of the rows, so that the bus agrees.
fn occurrences() -> Vec<Forgery> {
    let mut s = Sample::new();
    let indices = s.indices(&[2], 0, 7);
    let y = s.embedding(indices, noise(5, 8 * 3, 15), 3, Keys { first: 0, unit: 1 });
    let graph = s.finish(&[y]);
    let honest = subject(&graph, &[vec![2, 5]], false);
    let layout = honest.layout();
    let gadget = layout.occurrences.clone().unwrap();
    let (index, sum) = (gadget.index(0), gadget.sum(0));
    let weight = gadget.before_sigma().into_iter().find(|&column| column != sum).unwrap();
    let rows = honest.params().active_rows();
    let at =
        [2, 5].map(|wanted| (0..rows).find(|&row| honest.first(index, row) == wanted).unwrap());
    let mut forged = honest.clone();
    for (public, stated) in [(0, 5), (1, 2)] {
        let cell = public_cell(&honest, public);
        forged.instance[public] = stated;
        forged.set_first(cell.0, cell.1, stated);
    }
    for (row, other) in [(at[0], at[1]), (at[1], at[0])] {
        forged.set_first(index, row, honest.first(index, other));
    }
    forged.repair_multiplicities();
    forged.finish();
    // Each index with the other's weight: the sums at keys are then those of the rows that are stated.
    vec![Forgery::adapting(forged, move |s| {
        let [first, second] = at.map(|row| s.second(weight, row));
        let swapped = |value: Fr| match value {
            value if value == first => second,
            value if value == second => first,
            value => value,
        };
        let pins = |s: &Subject, column: usize| -> Vec<(usize, Fr)> {
            (0..rows).map(|row| (row, swapped(s.second(column, row)))).collect()
        };
        for column in [weight, sum] {
            for (row, value) in pins(s, column) {
                s.pin(column, row, value);
            }
        }
        s.finish();
    })]
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

fn logup_last() -> Vec<Forgery> {
    outside_the_table().map(Forgery::of).into()
}

fn logup_first() -> Vec<Forgery> {
    let late = |s: &mut Subject| {
        let sum = s.layout().lookups.as_ref().unwrap().running_sum;
        s.pin(sum, 0, -closing_sum(s));
        s.finish();
    };
    outside_the_table().map(|forged| Forgery::adapting(forged, late)).into()
}

fn logup_sum() -> Vec<Forgery> {
    let jumping = |s: &mut Subject| {
        let sum = s.layout().lookups.as_ref().unwrap().running_sum;
        s.pin(sum, s.params().active_rows(), Fr::zero());
        s.finish();
    };
    outside_the_table().map(|forged| Forgery::adapting(forged, jumping)).into()
}

fn logup_helper() -> Vec<Forgery> {
    let mut all = vec![];
    for forged in outside_the_table() {
        for helper in forged.layout().lookups.clone().unwrap().helper {
            all.push(Forgery::adapting(forged.clone(), move |s| {
                s.pin(helper, 2, s.second(helper, 2) - closing_sum(s));
                s.finish();
            }));
        }
    }
    all
}

fn copy() -> Vec<Forgery> {
    let mut forged = dense();
    forged.instance[0] += 1;
    forged.finish();
    vec![Forgery::of(forged)]
}
