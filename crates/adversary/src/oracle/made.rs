//! How every tensor of a graph is made, and what its integers are.

use super::form::Form;
use super::function::Function;
use super::linear::{add_bias, forms};
use provenn_fixed_point::{
    Embedding, Gather, Keys, QuantGraph, QuantOp, Quotient, Source, TensorId,
};

/// A graph, written out.
#[derive(Clone, Debug)]
pub struct Oracle<'g> {
    /// The graph.
    pub graph: &'g QuantGraph,
    /// By tensor one form for each element, where it is one: of views and exact sums the element, of rescales the
    /// accumulator with its bias.
    pub forms: Vec<Vec<Form>>,
}

impl<'g> Oracle<'g> {
    /// Writes a valid graph out.
    #[must_use]
    pub fn of(graph: &'g QuantGraph) -> Self {
        let forms = graph.tensors.iter().map(|tensor| match &tensor.op {
            QuantOp::View { sources, map } => {
                let form = |from: &Source| match *from {
                    Source::Constant(constant) => {
                        Form { constant: i128::from(constant), ..Form::default() }
                    }
                    Source::Element { source, index } => {
                        let mut form = Form::default();
                        form.add(1, (sources[source as usize], index as usize));
                        form
                    }
                };
                map.iter().map(form).collect()
            }
            QuantOp::Exact { linear } => forms(graph, linear, &tensor.shape),
            QuantOp::Rescale { linear, bias, .. } => {
                let mut forms = forms(graph, linear, &tensor.shape);
                add_bias(&mut forms, bias);
                forms
            }
            QuantOp::Input { .. }
            | QuantOp::Quotient(_)
            | QuantOp::Root { .. }
            | QuantOp::Gather(_)
            | QuantOp::Embedding(_)
            | QuantOp::Sort { .. }
            | QuantOp::Maximum { .. } => vec![],
        });
        Oracle { graph, forms: forms.collect() }
    }

    /// All integers for these inputs; `None` where an index names nothing or a divisor is too small.
    #[must_use]
    pub fn values(&self, inputs: &[Vec<i64>]) -> Option<Vec<Vec<i64>>> {
        self.values_but(inputs, |_, _, honest| honest)
    }

    /// The same, but that each output of a table and each maximum is what `claim` says, of its tensor, element, and what
    /// it should be.
    #[must_use]
    pub fn values_but(
        &self,
        inputs: &[Vec<i64>],
        mut claim: impl FnMut(TensorId, usize, i64) -> i64,
    ) -> Option<Vec<Vec<i64>>> {
        let mut values: Vec<Vec<i64>> = vec![];
        for id in (0..self.graph.tensors.len()).map(TensorId) {
            let mut next = self.next(id, inputs, &values)?;
            if let QuantOp::Rescale { .. } | QuantOp::Maximum { .. } = self.graph.tensors[id.0].op {
                next.iter_mut().enumerate().for_each(|(i, x)| *x = claim(id, i, *x));
            }
            values.push(next);
        }
        Some(values)
    }

    fn next(&self, id: TensorId, inputs: &[Vec<i64>], values: &[Vec<i64>]) -> Option<Vec<i64>> {
        let forms = self.forms[id.0].iter().map(|form| form.at(values));
        let of = |id: TensorId| &values[id.0];
        let tensor = &self.graph.tensors[id.0];
        let len: usize = tensor.shape.iter().product();
        match &tensor.op {
            QuantOp::Input { index } => Some(inputs[*index].clone()),
            QuantOp::View { .. } | QuantOp::Exact { .. } => {
                forms.map(|x| i64::try_from(x).ok()).collect()
            }
            QuantOp::Rescale { .. } => {
                let function = Function::of(self.graph, id)?;
                forms.map(|y| function.at(y)).collect()
            }
            QuantOp::Quotient(Quotient { numerator, multiplier, divisor, least }) => (0..len)
                .map(|i| {
                    let n = numerator.map_or(1, |n| i128::from(of(n)[i]));
                    let (c, d) = (i128::from(*multiplier), of(*divisor)[i]);
                    let d = (d >= *least).then_some(i128::from(d))?;
                    // c·n/d + 1/2
                    i64::try_from((2 * c * n + d).div_euclid(2 * d)).ok()
                })
                .collect(),
            QuantOp::Root { operand, addend } => {
                of(*operand).iter().map(|v| root(i128::from(*v) + i128::from(*addend))).collect()
            }
            QuantOp::Gather(Gather { data, indices, lines, keys }) => {
                let (line, picks) = (of(*data).len() / lines, len / lines);
                let one = |(at, &index): (usize, &i64)| {
                    let key = find(*keys, index, line)?;
                    Some(of(*data)[at / picks * line + key])
                };
                of(*indices).iter().enumerate().map(one).collect()
            }
            QuantOp::Embedding(Embedding { indices, rows, keys }) => {
                let width = len / of(*indices).len();
                let mut all = vec![];
                for &index in of(*indices) {
                    let key = find(*keys, index, rows.len() / width)?;
                    all.extend(&rows[key * width..(key + 1) * width]);
                }
                Some(all)
            }
            QuantOp::Sort { operand, extent } => {
                Some(of(*operand).chunks(*extent).flat_map(order).collect())
            }
            QuantOp::Maximum { operand, window: [rows, columns] } => {
                let shape = &self.graph.tensors[operand.0].shape;
                let [.., height, width] = shape.as_slice() else { return None };
                let [.., own_height, own_width] = tensor.shape.as_slice() else { return None };
                let largest = |element: usize| {
                    let (i, j) = (element / own_width % own_height, element % own_width);
                    let plane = element / (own_height * own_width);
                    let mut most = i64::MIN;
                    for a in i * rows..(i + 1) * rows {
                        for b in j * columns..(j + 1) * columns {
                            most = most.max(of(*operand)[(plane * height + a) * width + b]);
                        }
                    }
                    most
                };
                Some((0..len).map(largest).collect())
            }
        }
    }
}

/// Which of so many keys an index is.
fn find(keys: Keys, index: i64, count: usize) -> Option<usize> {
    let key = |k: usize| (i128::from(keys.first) + k as i128) * i128::from(keys.unit);
    (0..count).find(|k| key(*k) == i128::from(index))
}

/// The largest integer whose square is at most v, by trying one bit after the other.
fn root(v: i128) -> Option<i64> {
    let mut x = 0_i128;
    for bit in (0..62).rev() {
        let more = x | (1 << bit);
        if more * more <= v {
            x = more;
        }
    }
    if v < 0 { None } else { i64::try_from(x).ok() }
}

/// The positions of a line, again and again that of the largest of those left, the first of equal ones.
fn order(line: &[i64]) -> Vec<i64> {
    let mut left: Vec<usize> = (0..line.len()).collect();
    let mut order = vec![];
    while let Some(most) = left.iter().map(|at| line[*at]).max() {
        let first = left.iter().position(|at| line[*at] == most).expect("one is the largest");
        order.push(left.remove(first) as i64);
    }
    order
}
