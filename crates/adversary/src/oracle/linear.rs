//! The forms of linear operations, from their definitions, one element of the result after the other.

use super::form::Form;
use provenn_fixed_point::{Coefficients, Linear, QuantGraph, TensorId};

/// One form for each element of a result of this shape, without bias.
pub(super) fn forms(graph: &QuantGraph, linear: &Linear, shape: &[usize]) -> Vec<Form> {
    let len: usize = shape.iter().product();
    let size = |id: TensorId| -> usize { graph.tensors[id.0].shape.iter().product() };
    let mut forms = vec![Form::default(); len];
    match linear {
        Linear::Dense { input, weights } => {
            let inner = size(*input);
            for (n, y) in forms.iter_mut().enumerate() {
                for k in 0..inner {
                    y.add(weights[n * inner + k], (*input, k));
                }
            }
        }
        Linear::Conv { input, kernel, kernel_shape, groups, dilation, pad_before, .. } => {
            let [_, _, in_height, in_width] = images(&graph.tensors[input.0].shape);
            let [count, outputs, height, width] = images(shape);
            let [_, channels, rows, columns] = *kernel_shape;
            let mut y = forms.iter_mut();
            for (image, o) in pairs(count, outputs) {
                for (i, j) in pairs(height, width) {
                    let y = y.next().expect("a form for every element");
                    for (c, tap) in pairs(channels, rows * columns) {
                        let (a, b) = (tap / columns, tap % columns);
                        // Beyond the image there are zeros.
                        let row = (i + a * dilation[0]).checked_sub(pad_before[0]);
                        let column = (j + b * dilation[1]).checked_sub(pad_before[1]);
                        let (Some(row), Some(column)) = (row, column) else { continue };
                        if row < in_height && column < in_width {
                            let channel = o * groups / outputs * channels + c;
                            let plane = image * groups * channels + channel;
                            let x = (plane * in_height + row) * in_width + column;
                            let weight = kernel[((o * channels + c) * rows + a) * columns + b];
                            y.add(weight, (*input, x));
                        }
                    }
                }
            }
        }
        Linear::MatMul { a, b, multiplier } => {
            let inner = graph.tensors[a.0].shape[1];
            let columns = graph.tensors[b.0].shape[1];
            for (at, y) in forms.iter_mut().enumerate() {
                let (m, n) = (at / columns, at % columns);
                for k in 0..inner {
                    y.add_product(*multiplier, (*a, m * inner + k), (*b, k * columns + n));
                }
            }
        }
        Linear::Combine { terms } => {
            for (tensor, coefficients) in terms {
                for (i, y) in forms.iter_mut().enumerate() {
                    let c = match coefficients {
                        Coefficients::Scalar(c) => *c,
                        Coefficients::PerElement(all) => all[i],
                    };
                    y.add(c, (*tensor, i));
                }
            }
        }
        Linear::Contract { a, b, multiplier } => {
            let inner = size(*a) / len;
            for (i, y) in forms.iter_mut().enumerate() {
                for k in i * inner..(i + 1) * inner {
                    y.add_product(*multiplier, (*a, k), (*b, k));
                }
            }
        }
    }
    forms
}

/// Adds a bias: one for each element, or one for so many elements that follow each other, or none.
pub(super) fn add_bias(forms: &mut [Form], bias: &[i64]) {
    let len = forms.len();
    for (i, form) in forms.iter_mut().enumerate() {
        if !bias.is_empty() {
            form.constant += i128::from(bias[i * bias.len() / len]);
        }
    }
}

/// Images, planes, rows, columns.
fn images(shape: &[usize]) -> [usize; 4] {
    match *shape {
        [channels, height, width] => [1, channels, height, width],
        [count, channels, height, width] => [count, channels, height, width],
        _ => panic!("{shape:?} is no shape of images"),
    }
}

/// All pairs below two ends, in the order of rows.
fn pairs(first: usize, second: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..first).flat_map(move |a| (0..second).map(move |b| (a, b)))
}
