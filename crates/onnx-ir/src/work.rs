//! What a graph takes, counted from its shapes alone: elements and multiplications of every node, as evaluation
//! and quantisation make them, never more than they do.

use crate::limits::{
    MOST_ELEMENTS, MOST_FOLDED_PRODUCTS, MOST_GROWN, MOST_PRODUCTS, MOST_UNPAID, for_bytes,
};
use crate::{Graph, ImportError, Node, Op, Window};

/// Elements, multiplications, and elements that constants grow by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Work {
    pub(crate) elements: u128,
    pub(crate) products: u128,
    pub(crate) grown: u128,
}

impl Work {
    fn times(self, count: u128) -> Self {
        Work {
            elements: self.elements.saturating_mul(count),
            products: self.products.saturating_mul(count),
            grown: self.grown,
        }
    }

    pub(crate) fn plus(self, other: Work) -> Self {
        Work {
            elements: self.elements.saturating_add(other.elements),
            products: self.products.saturating_add(other.products),
            grown: self.grown.saturating_add(other.grown),
        }
    }
}

impl Work {
    /// The work of computing a constant of `made` elements from constants of `read`.
    pub(crate) fn of_constant(self, made: u128, read: u128) -> Self {
        Work { grown: made.saturating_sub(read), ..self }
    }

    /// Whether constants of so many elements may be computed for so much, or why not.
    pub(crate) fn check_folded(self, most: usize) -> Result<(), String> {
        for (what, got, limit) in [
            ("elements", self.elements, wide(most)),
            ("elements more than those it reads", self.grown, MOST_UNPAID),
            ("multiplications", self.products, MOST_FOLDED_PRODUCTS),
        ] {
            if got > limit {
                return Err(format!(
                    "with it, computing constants from constants takes {got} {what}, at most {limit} are supported; use smaller extents, or store the result in the model"
                ));
            }
        }
        Ok(())
    }
}

impl Graph {
    /// Elements of all nodes that are no constants.
    #[must_use]
    pub fn elements_in_all(&self) -> usize {
        let moving = self.nodes.iter().filter(|node| !matches!(node.op, Op::Constant(_)));
        let volumes = moving.map(|node| crate::tensor::volume(&node.shape).unwrap_or(usize::MAX));
        volumes.fold(0, usize::saturating_add)
    }

    /// Multiplications of all nodes.
    #[must_use]
    pub fn multiplications(&self) -> u128 {
        total(self).products
    }
}

/// Refuses a graph, of a file of so many bytes, that takes too much: by the node at which a total passes its limit.
pub(crate) fn check(graph: &Graph, bytes: u64) -> Result<(), ImportError> {
    let mut total = Work::default();
    for (node, work) in of_nodes(graph) {
        total = total.plus(work);
        for (what, got, limit) in [
            ("elements", total.elements, for_bytes(MOST_ELEMENTS, bytes.into())),
            ("multiplications", total.products, MOST_PRODUCTS),
            ("elements that kernels grow by", total.grown, MOST_GROWN),
        ] {
            if got > limit {
                return Err(excess(node, what, got, limit));
            }
        }
    }
    Ok(())
}

/// What all nodes take together.
fn total(graph: &Graph) -> Work {
    of_nodes(graph).fold(Work::default(), |total, (_, work)| total.plus(work))
}

/// What each node takes that is no constant.
fn of_nodes(graph: &Graph) -> impl Iterator<Item = (&Node, Work)> {
    let moving = |node: &Node| !matches!(node.op, Op::Constant(_));
    graph.nodes.iter().filter(move |node| moving(node)).map(move |node| {
        let operands = || node.inputs.iter().filter_map(|id| graph.nodes.get(id.0));
        let inputs: Vec<&[usize]> = operands().map(|operand| operand.shape.as_slice()).collect();
        let moving = operands().filter(|operand| moving(operand)).count();
        (node, of(&node.op, &inputs, &node.shape, moving))
    })
}

fn excess(node: &Node, what: &'static str, got: u128, limit: u128) -> ImportError {
    let (shape, op) = (node.shape.clone(), node.op.name().to_owned());
    ImportError::TooMuchWork { node: node.name.clone(), op, shape, what, got, limit }
}

/// What computing a node takes whose operands are constant.
pub(crate) fn of_constant(op: &Op, inputs: &[&[usize]], shape: &[usize]) -> Work {
    let read = inputs.iter().map(|input| volume(input)).fold(0, u128::saturating_add);
    of(op, inputs, shape, 0).of_constant(volume(shape), read)
}

/// What one node takes; `moving` of its operands are no constants.
pub(crate) fn of(op: &Op, inputs: &[&[usize]], shape: &[usize], moving: usize) -> Work {
    let len = volume(shape);
    let first = inputs.first().map_or(0, |x| volume(x));
    let plain = |elements, products| Work { elements, products, grown: 0 };
    match (op, inputs) {
        (Op::MatMul, &[&[_, _, k], _]) => plain(len, len.saturating_mul(wide(k))),
        (Op::Conv { window, .. }, &[&[n, c, h, w], &[o, per_group, ..], ..]) => {
            let [_, _, oh, ow] = *shape else { return plain(len, 0) };
            let one = convolution(window, [o, c, per_group], [h, w], [oh, ow]);
            one.times(wide(n)).plus(plain(len, 0))
        }
        (Op::ConvTranspose { window, .. }, &[&[n, c, _, _], &[_, per_group, ..], ..]) => {
            let [_, _, oh, ow] = *shape else { return plain(len, 0) };
            let reach = |axis: usize| {
                wide(window.kernel[axis] - 1).saturating_mul(wide(window.dilation[axis]))
            };
            // Zeros between the input's elements, then the kernel at every place.
            let spread = [0, 1].map(|axis| reach(axis).saturating_add(wide([oh, ow][axis])));
            let spread = area(spread).saturating_mul(wide(c));
            let kernel = product([c, per_group, window.kernel[0], window.kernel[1]]);
            let products = kernel.saturating_mul(product([oh, ow]));
            plain(spread, products).times(wide(n)).plus(plain(len, 0))
        }
        (Op::MaxPool { window }, &[&[n, c, h, w]]) => {
            let [_, _, oh, ow] = *shape else { return plain(len, 0) };
            let planes = product([n, c]);
            let rounds =
                |axis, extent, out| wide(window.taps(axis, extent, out).len()).saturating_sub(1);
            // Each maximum of two is a difference of two, its positive part, and a sum of two.
            let columns = product([h, ow]).saturating_mul(rounds(1, w, ow));
            let rows = product([oh, ow]).saturating_mul(rounds(0, h, oh));
            let maxima = columns.saturating_add(rows).saturating_mul(planes);
            plain(len.saturating_add(maxima.saturating_mul(MAXIMUM)), 0)
        }
        (Op::AveragePool { window, .. }, &[&[_, _, h, w]]) => {
            let [_, _, oh, ow] = *shape else { return plain(len, 0) };
            if [oh, ow] == [1, 1] {
                return plain(len.saturating_add(first), first);
            }
            let taps = area([wide(window.taps(0, h, oh).len()), wide(window.taps(1, w, ow).len())]);
            let terms = len.saturating_mul(taps);
            plain(len.saturating_add(terms), terms)
        }
        (Op::ReduceMax { .. }, _) => {
            let lists = first.checked_div(len).unwrap_or(0).saturating_mul(LIST);
            let maxima = first.saturating_sub(len).saturating_mul(MAXIMUM);
            plain(len.saturating_add(maxima).saturating_add(lists), 0)
        }
        (Op::ReduceSum { .. } | Op::ReduceMean { .. }, _) => {
            plain(len.saturating_add(first), first)
        }
        (Op::Max | Op::Min, _) if moving > 1 => plain(len.saturating_mul(1 + MAXIMUM), 0),
        (Op::Mul | Op::Div, _) if moving > 1 => plain(len.saturating_mul(3), len),
        // A difference and its sign; equality takes the sign of both differences.
        (Op::Less | Op::LessOrEqual, _) if moving > 1 => plain(len.saturating_mul(2), 0),
        (Op::Equal, _) if moving > 1 => plain(len.saturating_mul(4), 0),
        // Entries of a memory and their counts, keys and values that are looked up; or one pass over a table.
        (Op::Gather { .. }, _) if moving > 1 => plain(memory(first, len), len),
        (Op::GatherElements { .. }, _) => plain(memory(first, len), len),
        (Op::Gather { .. }, _) => plain(len.saturating_mul(2), first),
        // A memory of the elements, and the differences of those that follow each other.
        (Op::TopK { .. }, _) => plain(len.saturating_mul(8), len),
        // y + condition·(x - y).
        (Op::Where, _) if moving > 2 => plain(len.saturating_mul(3), len),
        (
            Op::Input { .. }
            | Op::Constant(_)
            | Op::MatMul
            | Op::Conv { .. }
            | Op::ConvTranspose { .. }
            | Op::Add
            | Op::Sub
            | Op::Mul
            | Op::Div
            | Op::Relu
            | Op::LeakyRelu { .. }
            | Op::PRelu
            | Op::Clip { .. }
            | Op::Sigmoid
            | Op::Tanh
            | Op::Exp
            | Op::Log
            | Op::Sqrt
            | Op::Erf
            | Op::Gelu { .. }
            | Op::Softplus
            | Op::Function(_)
            | Op::Neg
            | Op::Abs
            | Op::Pow { .. }
            | Op::Round { .. }
            | Op::Trunc
            | Op::MaxPool { .. }
            | Op::AveragePool { .. }
            | Op::Max
            | Op::Min
            | Op::Less
            | Op::LessOrEqual
            | Op::Equal
            | Op::Where
            | Op::Reshape
            | Op::Transpose { .. }
            | Op::Concat { .. }
            | Op::Slice { .. }
            | Op::Pad { .. }
            | Op::Expand
            | Op::Take { .. }
            | Op::Tile { .. },
            _,
        ) => plain(len, 0),
    }
}

/// What a memory of `entries` elements and as many results as `len` takes.
fn memory(entries: u128, len: u128) -> u128 {
    entries.saturating_add(len).saturating_mul(3).saturating_add(len)
}

/// Elements of a maximum of two: those of the difference and of the sum, each with both operands.
const MAXIMUM: u128 = 6;

/// What a list of elements takes beside them, in elements: a maximum of many has one for each.
const LIST: u128 = 16;

/// One image's convolution, by the form that quantisation gives it.
fn convolution(
    window: &Window,
    [o, c, per_group]: [usize; 3],
    input: [usize; 2],
    out: [usize; 2],
) -> Work {
    let [kh, kw] = window.kernel;
    let given = product([o, per_group, kh, kw]);
    if out == [1, 1] {
        // Every element of the image, of a group's channels, has a weight.
        let image = product([c, input[0], input[1]]);
        let weights = product([o, per_group, input[0], input[1]]);
        let grown = weights.saturating_sub(given);
        return Work { elements: image, products: weights, grown };
    }
    let reach =
        |axis: usize| wide(window.kernel[axis] - 1).saturating_mul(wide(window.dilation[axis]));
    if window.stride != [1, 1] {
        // Each phase of the stride is a channel of its own; with a dilation there may be fewer.
        let phases = |axis: usize| wide(window.stride[axis].min(window.kernel[axis]));
        let phases = if window.dilation == [1, 1] { area([phases(0), phases(1)]) } else { 1 };
        let place = |axis: usize| reach(axis) / wide(window.stride[axis].max(1)) + 1;
        let image = area([0, 1].map(|axis| wide(out[axis]) + place(axis) - 1));
        let channels = phases.saturating_mul(wide(c));
        let taps = area([phases, area([place(0), place(1)])]);
        let kernel = product([o, per_group]).saturating_mul(taps);
        let grown = kernel.saturating_sub(given);
        return Work { elements: area([channels, image]), products: area([kernel, image]), grown };
    }
    let inside =
        (0..2).all(|axis| wide(window.pad_before[axis].max(window.pad_after[axis])) <= reach(axis));
    let image = [0, 1].map(|axis| match inside {
        true => wide(input[axis]),
        false => wide(out[axis]).saturating_add(reach(axis)),
    });
    // The product with all its borders, the input spread to its width, and the input itself where zeros are put
    // around it.
    let full = [0, 1].map(|axis| image[axis].saturating_add(reach(axis)));
    let channels = wide(c);
    let padded = if inside { 0 } else { area(image) };
    let spread = area([image[0], full[1]]).saturating_add(padded);
    Work {
        elements: area([channels, spread]).saturating_add(area([wide(o), area(full)])),
        products: area([given, area(image)]),
        grown: 0,
    }
}

impl Window {
    /// Taps along an axis that fall on the input, rather than on padding, for one output position at least.
    #[must_use]
    pub fn taps(&self, axis: usize, input: usize, output: usize) -> Vec<usize> {
        let (stride, before) = (self.stride[axis], self.pad_before[axis]);
        let end = input.saturating_add(before);
        let last = output.saturating_sub(1).saturating_mul(stride);
        let falls = |tap: &usize| {
            let offset = tap.saturating_mul(self.dilation[axis]);
            // The first position whose tap lies at or beyond the input's start is the only one to ask.
            let first =
                before.saturating_sub(offset).div_ceil(stride.max(1)).saturating_mul(stride);
            first <= last && first.saturating_add(offset) < end
        };
        // Taps beyond the padded input fall nowhere.
        let most = end.div_ceil(self.dilation[axis].max(1)).min(self.kernel[axis]);
        let least = before.saturating_sub(last).div_ceil(self.dilation[axis].max(1));
        (least..most).filter(falls).collect()
    }
}

fn volume(shape: &[usize]) -> u128 {
    shape.iter().map(|&extent| wide(extent)).fold(1, u128::saturating_mul)
}

fn product<const N: usize>(extents: [usize; N]) -> u128 {
    volume(&extents)
}

fn area([height, width]: [u128; 2]) -> u128 {
    height.saturating_mul(width)
}

/// A count, which always fits.
fn wide(count: usize) -> u128 {
    count as u128
}
