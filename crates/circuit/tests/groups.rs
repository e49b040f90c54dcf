//! Convolutions of several groups: they are what a dense kernel with zeros between them is, whose zeros are laid nowhere,
//! and groups do not make up for one another.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::cast_possible_wrap, clippy::cast_possible_truncation)]

use provenn_adversary::forgery::{outputs, placed, settle, subject};
use provenn_adversary::refused;
use provenn_adversary::sample::{Sample, exact_relu, inputs};
use provenn_circuit::BoundaryTerms;
use provenn_fixed_point::{Linear, QuantGraph, QuantOp};
use provenn_gadgets::testing::Subject;

const PLACES: [BoundaryTerms; 2] = [BoundaryTerms::InLanes, BoundaryTerms::Combined];

/// Channels, outputs, groups.
const KINDS: [[usize; 3]; 4] = [[4, 4, 4], [4, 8, 4], [4, 2, 2], [6, 9, 3]];

/// A convolution whose outputs are public.
fn grouped([channels, outputs, groups]: [usize; 3], images: usize) -> QuantGraph {
    let mut s = Sample::new();
    let x = s.input(&[images, channels, 3, 2]);
    let f = exact_relu(provenn_adversary::sample::SHIFT, provenn_adversary::sample::LOW, 1 << 11);
    let y = s.conv_in(groups, x, outputs, [2, 2], [1, 1], [1, 1], f);
    s.finish(&[y])
}

/// The same with one group, whose kernel has zeros where a group reads no channel.
fn dense(graph: &QuantGraph) -> QuantGraph {
    let mut graph = graph.clone();
    let last = graph.outputs[0].0;
    let QuantOp::Rescale { linear, .. } = &mut graph.tensors[last].op else { panic!() };
    let Linear::Conv { kernel, kernel_shape, groups, .. } = linear else { panic!() };
    let [o, per_group, h, w] = *kernel_shape;
    let (channels, taps) = (per_group * *groups, h * w);
    let mut all = vec![0; o * channels * taps];
    for (out, row) in kernel.chunks(per_group * taps).enumerate() {
        let first = out / (o / *groups) * per_group;
        all[(out * channels + first) * taps..][..row.len()].copy_from_slice(row);
    }
    (*kernel, *kernel_shape, *groups) = (all.into(), [o, channels, h, w], 1);
    graph
}

fn laid(graph: &QuantGraph, boundary: BoundaryTerms) -> Subject {
    placed(graph, &inputs(graph, 3), boundary)
}

#[test]
fn groups_are_a_dense_kernel_with_zeros() {
    for (kind, images) in KINDS.into_iter().zip([1, 2, 1, 3]) {
        let graph = grouped(kind, images);
        let plain = dense(&graph);
        plain.validate().unwrap();
        let x = inputs(&graph, 7);
        assert_eq!(graph.interpret(&x).unwrap(), plain.interpret(&x).unwrap(), "{kind:?}");
        for boundary in PLACES {
            let (own, other) = (laid(&graph, boundary), laid(&plain, boundary));
            assert!(own.holds() && other.holds(), "{kind:?} {boundary:?}");
            assert_eq!(own.instance, other.instance);
        }
    }
}

#[test]
fn groups_that_divide_nothing_are_malformed() {
    for (groups, shape) in [(0, [4, 2, 2, 2]), (3, [4, 2, 2, 2]), (4, [4, 2, 2, 2])] {
        let mut graph = grouped([4, 4, 2], 1);
        let last = graph.outputs[0].0;
        let QuantOp::Rescale { linear, .. } = &mut graph.tensors[last].op else { panic!() };
        let Linear::Conv { groups: of, kernel_shape, .. } = linear else { panic!() };
        (*of, *kernel_shape) = (groups, shape);
        assert!(graph.validate().is_err(), "{groups}");
    }
}

#[test]
fn an_element_of_any_group() {
    for boundary in PLACES {
        let honest = laid(&grouped([4, 8, 4], 1), boundary);
        let mut forged = 0;
        for output in outputs(&honest, 4 * 3 * 2) {
            if output.place.read(&honest).slope != 0 {
                refused(&output.forge(&honest, output.neighbour(&honest)), "copy");
                forged += 1;
            }
        }
        assert!(forged > 10, "{forged} outputs in {boundary:?}");
    }
}

/// A difference that is taken off any other element, of this group or another, leaves none that vanishes.
#[test]
fn differences_that_cancel_between_groups() {
    let mut s = Sample::with(4, 3);
    let x = s.input(&[3, 1, 2]);
    let linear = Linear::Conv {
        input: x,
        kernel: vec![16, 32, 48].into(),
        kernel_shape: [3, 1, 1, 1],
        groups: 3,
        dilation: [1, 1],
        pad_before: [0, 0],
        pad_after: [0, 0],
    };
    let y = s.rescale(&[3, 1, 2], linear, vec![8, 24, 40], exact_relu(4, 3, 1 << 10));
    let graph = s.finish(&[y]);
    let honest = subject(&graph, &[vec![2, 7, 12, 6, 11, 5]], false);
    assert!(honest.holds());
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
