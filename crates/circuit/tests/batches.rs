//! Batches of images through one convolution: what is laid once, and that images do not make up for one another.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::cast_possible_wrap, clippy::cast_possible_truncation)]

use provenn_adversary::forgery::{Output, Parts, outputs, placed, settle, subject};
use provenn_adversary::refused;
use provenn_adversary::sample::{Sample, exact_relu, inputs, relu};
use provenn_circuit::{Binding, BoundaryTerms, CompiledCircuit, CompiledParts, Plan};
use provenn_fixed_point::{Linear, QuantGraph, accumulate};
use provenn_gadgets::testing::Subject;
use provenn_gadgets::{Column, Gadget, TensorVisibility, TermsPerHelper};

const PLACES: [BoundaryTerms; 2] = [BoundaryTerms::InLanes, BoundaryTerms::Combined];

/// Two convolutions of so many images, whose outputs are public.
fn batch(images: usize) -> QuantGraph {
    let mut s = Sample::new();
    let x = s.input(&[images, 2, 3, 4]);
    let a = s.conv(x, 3, [2, 2], [1, 1], [1, 0], relu(10));
    let y = s.conv(
        a,
        2,
        [2, 3],
        [1, 1],
        [1, 1],
        exact_relu(provenn_adversary::sample::SHIFT, provenn_adversary::sample::LOW, 1 << 13),
    );
    s.finish(&[y])
}

/// One layer of 1×1, whose outputs are far from saturation: `16·x + b` in each of two channels.
fn pixels(images: usize) -> QuantGraph {
    let mut s = Sample::with(4, 3);
    let x = s.input(&[images, 1, 1, 2]);
    let linear = Linear::Conv {
        input: x,
        kernel: vec![16, 32].into(),
        kernel_shape: [2, 1, 1, 1],
        groups: 1,
        dilation: [1, 1],
        pad_before: [0, 0],
        pad_after: [0, 0],
    };
    let bias = [8, 24].repeat(images);
    let y = s.rescale(&[images, 2, 1, 2], linear, bias, exact_relu(4, 3, 1 << 10));
    s.finish(&[y])
}

fn laid(graph: &QuantGraph, boundary: BoundaryTerms) -> Subject {
    placed(graph, &inputs(graph, 3), boundary)
}

/// Every fixed column of the banks of weights and of what is dropped is the same, whatever the number of images.
#[test]
fn weights_taps_and_borders_are_laid_once() {
    for boundary in PLACES {
        let compiled = |images| {
            let plan = Plan {
                k: 10,
                lanes: 4,
                weight_lanes: 3,
                terms_per_helper: TermsPerHelper::default(),
                boundary,
                ranges: None,
                window_lanes: 1,
                format_lanes: vec![4],
                undropped: false,
                input_visibility: TensorVisibility::Public,
                output_visibility: TensorVisibility::Public,
            };
            let graph = batch(images);
            let binding = Binding::of(&graph);
            CompiledCircuit::from_parts(CompiledParts { graph, plan, binding }).unwrap()
        };
        let fixed = |images| -> Vec<Vec<i64>> {
            let compiled: CompiledCircuit = compiled(images);
            let layout = compiled.layout();
            let linear = layout.linear.iter().map(|bank| bank as &dyn Gadget);
            let boundary = layout.boundary.iter().map(|bank| bank as &dyn Gadget);
            let columns =
                linear.chain(boundary).flat_map(Gadget::roles).flat_map(|role| role.columns);
            let fixed = &compiled.assignment().fixed;
            let fixed = |column| match column {
                Column::Fixed(column) => Some(fixed[column].clone()),
                Column::First(_) | Column::Second(_) | Column::Instance => None,
            };
            columns.filter_map(fixed).collect()
        };
        let one = fixed(1);
        assert!(one.iter().flatten().any(|&weight| weight != 0));
        for images in [2, 5] {
            assert_eq!(fixed(images), one, "{images} images, {boundary:?}");
        }
    }
}

/// Image by image, what the interpreter says of the image alone.
#[test]
fn every_image_is_what_it_is_alone() {
    let (one, three) = (batch(1), batch(3));
    let all = inputs(&three, 5);
    let last = three.outputs[0];
    let together = three.interpret(&all).unwrap();
    let sums = accumulate(&three, last, &together).unwrap();
    for image in 0..3 {
        let part = |all: &[i64]| {
            let len = all.len() / 3;
            all[image * len..(image + 1) * len].to_vec()
        };
        let alone = one.interpret(&[part(&all[0])]).unwrap();
        assert_eq!(part(&together[last.0]), alone[last.0]);
        assert_eq!(part(&sums), accumulate(&one, last, &alone).unwrap());
    }
    for boundary in PLACES {
        let compiled = laid(&three, boundary);
        assert!(compiled.holds());
    }
}

/// Positive everywhere, so that nothing is cut at zero.
fn bright(images: usize) -> Subject {
    let values = (0..2 * images).map(|i| 2 + (i as i64 * 5) % 11).collect::<Vec<_>>();
    subject(&pixels(images), &[values], false)
}

/// A forged element of any image is caught by the convolution's identity, and by it alone.
#[test]
fn an_element_of_any_image() {
    for boundary in PLACES {
        let graph = batch(3);
        let honest = laid(&graph, boundary);
        let mut forged = 0;
        for output in outputs(&honest, 3 * 2 * 3 * 4) {
            if output.place.read(&honest).slope != 0 {
                refused(&output.forge(&honest, output.neighbour(&honest)), "copy");
                forged += 1;
            }
        }
        assert!(forged > 10, "{forged} outputs in {boundary:?}");
    }
    let honest = bright(3);
    for output in outputs(&honest, 6) {
        refused(&output.forge(&honest, output.neighbour(&honest)), "copy");
    }
}

/// Images do not make up for one another: a difference that is taken off any other element, of this image or
/// another, of this channel or the one that follows it in the sum, leaves none that vanishes.
#[test]
fn differences_that_cancel_between_images() {
    let honest = bright(3);
    let all = outputs(&honest, 6);
    let unit = 1 << honest.params().formats[0].shift;
    for (i, raised) in all.iter().enumerate() {
        for lowered in all.iter().skip(i + 1) {
            let mut forged = honest.clone();
            raised.claim(&mut forged, raised.place.shifted(&honest, unit));
            lowered.claim(&mut forged, lowered.place.shifted(&honest, -unit));
            refused(&settle(forged), "copy");
        }
    }
}

/// The outputs of two images in one another's places.
#[test]
fn outputs_of_two_images_swapped() {
    let honest = bright(3);
    let all = outputs(&honest, 6);
    let per_image = all.len() / 3;
    for (a, b) in [(0, 1), (1, 2), (0, 2)] {
        let mut forged = honest.clone();
        for i in 0..per_image {
            let (left, right) = (all[a * per_image + i], all[b * per_image + i]);
            // The quotient and limbs that give the other's output: the same bias, the same table.
            let (of_left, of_right) = (left.place.read(&honest), right.place.read(&honest));
            left.claim(&mut forged, of_right);
            right.claim(&mut forged, of_left);
        }
        assert_ne!(forged.instance, honest.instance);
        refused(&settle(forged), "copy");
    }
}

/// Of all pairs of accumulators that two images' outputs can be decomposed from, one is provable.
#[test]
fn one_pair_of_outputs_is_provable() {
    let mut s = Sample::with(2, 1);
    let x = s.input(&[2, 1, 1, 1]);
    let linear = Linear::Conv {
        input: x,
        kernel: vec![3].into(),
        kernel_shape: [1, 1, 1, 1],
        groups: 1,
        dilation: [1, 1],
        pad_before: [0, 0],
        pad_after: [0, 0],
    };
    let y = s.rescale(&[2, 1, 1, 1], linear, vec![], exact_relu(2, 1, 50));
    let graph = s.finish(&[y]);
    let input = vec![vec![5, -3]];
    let honest = subject(&graph, &input, false);
    let pair = outputs(&honest, 2);
    let all = |output: &Output| -> Vec<Parts> {
        let deltas = (-40..=40).filter_map(|delta| {
            let old = output.place.read(&honest);
            let y = (((old.high << 1) + old.low) << 2) + old.remainder + delta;
            let high = y >> 3;
            let (slope, base) =
                provenn_adversary::forgery::entry(&honest, output.place.tag(&honest), high)?;
            Some(Parts { high, low: y >> 2 & 1, remainder: y & 3, slope, base })
        });
        deltas.collect()
    };
    let mut provable = vec![];
    for &left in &all(&pair[0]) {
        for &right in &all(&pair[1]) {
            let mut forged = honest.clone();
            pair[0].claim(&mut forged, left);
            pair[1].claim(&mut forged, right);
            let forged = settle(forged);
            if forged.holds() {
                provable.push(forged.instance[2..].to_vec());
            }
        }
    }
    let values = graph.interpret(&input).unwrap();
    assert_eq!(provable, [values[graph.outputs[0].0].clone()]);
}

/// What is dropped of one image does not hide a difference in another: one value stands for all images' channels.
#[test]
fn dropped_coefficients_of_every_image_are_bound() {
    let honest = laid(&batch(3), BoundaryTerms::Combined);
    let runs: Vec<usize> = (0..honest.boundary.len()).collect();
    let planes = honest.boundary.iter().map(|run| run.planes.len()).collect::<Vec<_>>();
    assert!(planes.contains(&9) && planes.contains(&6), "{planes:?}");
    for run in runs {
        for plane in 0..planes[run] {
            let mut forged = honest.clone();
            forged.boundary[run].planes[plane][0] += 1;
            forged.finish();
            refused(&forged, "copy");
        }
    }
}
