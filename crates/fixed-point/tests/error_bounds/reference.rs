//! The float graph in `f64`: what the bounds are bounds against.

use provenn_onnx_ir::{Graph, Node, Op, Rounding, Tensor, Window, functions};

/// The values of every node.
pub(crate) fn evaluate(graph: &Graph, inputs: &[Tensor]) -> Vec<Vec<f64>> {
    // Nodes of constants alone are `f32` by definition.
    let single = graph.evaluate(inputs).unwrap();
    let mut constant: Vec<bool> = vec![];
    let mut values: Vec<Vec<f64>> = vec![];
    for (node, single) in graph.nodes.iter().zip(&single) {
        let fixed =
            !matches!(node.op, Op::Input { .. }) && node.inputs.iter().all(|id| constant[id.0]);
        constant.push(fixed);
        let given = || single.data.iter().map(|&x| f64::from(x)).collect();
        values.push(match node.op {
            Op::Input { .. } => given(),
            _ if fixed => given(),
            _ => {
                let operands: Vec<Operand<'_>> = node
                    .inputs
                    .iter()
                    .map(|id| Operand { shape: &graph.nodes[id.0].shape, data: &values[id.0] })
                    .collect();
                apply(node, &operands)
            }
        });
    }
    values
}

#[derive(Clone, Copy)]
struct Operand<'v> {
    shape: &'v [usize],
    data: &'v [f64],
}

fn coordinates(mut flat: usize, shape: &[usize]) -> Vec<usize> {
    let mut at = vec![0; shape.len()];
    for (c, &extent) in at.iter_mut().zip(shape).rev() {
        *c = flat % extent;
        flat /= extent;
    }
    at
}

fn flat(at: &[usize], shape: &[usize]) -> usize {
    at.iter().zip(shape).fold(0, |flat, (&c, &extent)| flat * extent + c)
}

impl Operand<'_> {
    /// The element that broadcasting reads at these coordinates.
    fn at(&self, at: &[usize]) -> f64 {
        let own: Vec<usize> = at[at.len() - self.shape.len()..]
            .iter()
            .zip(self.shape)
            .map(|(&c, &extent)| if extent == 1 { 0 } else { c })
            .collect();
        self.data[flat(&own, self.shape)]
    }
}

fn apply(node: &Node, x: &[Operand<'_>]) -> Vec<f64> {
    let shape = &node.shape;
    let each = |f: &dyn Fn(f64) -> f64| x[0].data.iter().map(|&x| f(x)).collect();
    let everywhere = |f: &dyn Fn(&[usize]) -> f64| {
        (0..shape.iter().product()).map(|i| f(&coordinates(i, shape))).collect()
    };
    let both = |f: &dyn Fn(f64, f64) -> f64| everywhere(&|at| f(x[0].at(at), x[1].at(at)));
    match &node.op {
        Op::Input { .. } | Op::Constant(_) => unreachable!(),
        Op::MatMul => everywhere(&|at| {
            let k = x[0].shape[2];
            (0..k).map(|k| x[0].at(&[at[0], at[1], k]) * x[1].at(&[at[0], k, at[2]])).sum()
        }),
        Op::Conv { window, groups } => {
            let per_group = x[1].shape[1];
            everywhere(&|at| {
                let first = at[1] / (shape[1] / groups) * per_group;
                let mut sum = x.get(2).map_or(0.0, |bias| bias.data[at[1]]);
                for tap in taps(window) {
                    let Some([h, w]) = read(window, tap, [at[2], at[3]], x[0].shape) else {
                        continue;
                    };
                    for c in 0..per_group {
                        sum += x[1].at(&[at[1], c, tap[0], tap[1]])
                            * x[0].at(&[at[0], first + c, h, w]);
                    }
                }
                sum
            })
        }
        Op::ConvTranspose { window, groups, .. } => {
            let (channels, per_group) = (x[0].shape[1], x[1].shape[1]);
            everywhere(&|at| {
                let group = at[1] / per_group;
                let mut sum = x.get(2).map_or(0.0, |bias| bias.data[at[1]]);
                for tap in taps(window) {
                    let source: Option<Vec<usize>> = (0..2)
                        .map(|i| {
                            let spread = (at[i + 2] + window.pad_before[i])
                                .checked_sub(tap[i] * window.dilation[i])?;
                            (spread % window.stride[i] == 0)
                                .then_some(spread / window.stride[i])
                                .filter(|&p| p < x[0].shape[i + 2])
                        })
                        .collect();
                    let Some(source) = source else { continue };
                    for c in group * (channels / groups)..(group + 1) * (channels / groups) {
                        sum += x[1].at(&[c, at[1] % per_group, tap[0], tap[1]])
                            * x[0].at(&[at[0], c, source[0], source[1]]);
                    }
                }
                sum
            })
        }
        Op::Add => both(&|a, b| a + b),
        Op::Sub => both(&|a, b| a - b),
        Op::Mul => both(&|a, b| a * b),
        Op::Div => both(&|a, b| a / b),
        Op::Max => both(&f64::max),
        Op::Min => both(&f64::min),
        Op::PRelu => both(&|x, slope| if x >= 0.0 { x } else { slope * x }),
        Op::Relu => each(&|x| x.max(0.0)),
        Op::LeakyRelu { alpha } => each(&|x| if x >= 0.0 { x } else { f64::from(*alpha) * x }),
        Op::Clip { min, max } => each(&|x| x.max(f64::from(*min)).min(f64::from(*max))),
        Op::Sigmoid => each(&|x| 1.0 / (1.0 + (-x).exp())),
        Op::Tanh => each(&f64::tanh),
        Op::Exp => each(&functions::exp),
        Op::Log => each(&functions::log),
        Op::Sqrt => each(&f64::sqrt),
        Op::Erf => each(&functions::erf),
        &Op::Gelu { tanh } => each(&|x| functions::gelu(x, tanh)),
        Op::Softplus => each(&functions::softplus),
        Op::Function(function) => each(&|x| function.of(x)),
        Op::Less => both(&|a, b| f64::from(u8::from(a < b))),
        Op::LessOrEqual => both(&|a, b| f64::from(u8::from(a <= b))),
        Op::Equal => both(&|a, b| f64::from(u8::from(a == b))),
        Op::Where => everywhere(&|at| if x[0].at(at) == 0.0 { x[2].at(at) } else { x[1].at(at) }),
        Op::Gather { axis } => everywhere(&|at| {
            let (before, rest) = at.split_at(*axis);
            let (own, after) = rest.split_at(x[1].shape.len());
            let index = x[1].at(own) as isize;
            let end = if index < 0 { x[0].shape[*axis] } else { 0 };
            x[0].at(&[before, &[end.checked_add_signed(index).unwrap()], after].concat())
        }),
        Op::GatherElements { axis } => everywhere(&|at| {
            let index = x[1].at(at) as isize;
            let end = if index < 0 { x[0].shape[*axis] } else { 0 };
            let mut from = at.to_vec();
            from[*axis] = end.checked_add_signed(index).unwrap();
            x[0].at(&from)
        }),
        Op::TopK { axis, largest } => everywhere(&|at| {
            let mut line: Vec<(f64, usize)> = (0..shape[*axis])
                .map(|k| {
                    let mut from = at.to_vec();
                    from[*axis] = k;
                    (x[0].at(&from) * if *largest { -1.0 } else { 1.0 }, k)
                })
                .collect();
            line.sort_by(|a, b| a.partial_cmp(b).unwrap());
            line[at[*axis]].1 as f64
        }),
        Op::Neg => each(&|x| -x),
        Op::Abs => each(&f64::abs),
        Op::Pow { exponent } => each(&|x| (0..*exponent).map(|_| x).product()),
        Op::Trunc => each(&f64::trunc),
        Op::Round { rounding, min, max } => everywhere(&|at| {
            let by = x.get(1).map_or(1.0, |by| by.at(at));
            let rounded = match rounding {
                Rounding::Floor => (x[0].at(at) / by).floor(),
                Rounding::Even => (x[0].at(at) / by).round_ties_even(),
                Rounding::EvenOfProduct => (x[0].at(at) * by).round_ties_even(),
            };
            rounded.max(f64::from(*min)).min(f64::from(*max))
        }),
        Op::MaxPool { window } => everywhere(&|at| {
            taps(window)
                .filter_map(|tap| read(window, tap, [at[2], at[3]], x[0].shape))
                .map(|[h, w]| x[0].at(&[at[0], at[1], h, w]))
                .fold(f64::NEG_INFINITY, f64::max)
        }),
        Op::AveragePool { window, count_include_pad } => everywhere(&|at| {
            let inside: Vec<f64> = taps(window)
                .filter_map(|tap| read(window, tap, [at[2], at[3]], x[0].shape))
                .map(|[h, w]| x[0].at(&[at[0], at[1], h, w]))
                .collect();
            let count = if *count_include_pad { taps(window).count() } else { inside.len() };
            inside.iter().sum::<f64>() / count as f64
        }),
        Op::ReduceSum { axes } => {
            reduced(x[0], axes, shape).iter().map(|g| g.iter().sum()).collect()
        }
        Op::ReduceMean { axes } => reduced(x[0], axes, shape)
            .iter()
            .map(|g| g.iter().sum::<f64>() / g.len() as f64)
            .collect(),
        Op::ReduceMax { axes } => reduced(x[0], axes, shape)
            .iter()
            .map(|g| g.iter().copied().fold(f64::NEG_INFINITY, f64::max))
            .collect(),
        Op::Reshape => x[0].data.to_vec(),
        Op::Transpose { perm } => everywhere(&|at| {
            let mut from = vec![0; at.len()];
            for (&axis, &c) in perm.iter().zip(at) {
                from[axis] = c;
            }
            x[0].at(&from)
        }),
        Op::Concat { axis } => everywhere(&|at| {
            let mut at = at.to_vec();
            let mut part = 0;
            while at[*axis] >= x[part].shape[*axis] {
                at[*axis] -= x[part].shape[*axis];
                part += 1;
            }
            x[part].data[flat(&at, x[part].shape)]
        }),
        Op::Slice { axis, start, step } => everywhere(&|at| {
            let mut at = at.to_vec();
            at[*axis] = start.checked_add_signed(at[*axis] as isize * step).unwrap();
            x[0].at(&at)
        }),
        Op::Pad { before, value, .. } => everywhere(&|at| {
            let from: Option<Vec<usize>> = at
                .iter()
                .zip(before)
                .zip(x[0].shape)
                .map(|((&c, &before), &extent)| c.checked_sub(before).filter(|&c| c < extent))
                .collect();
            from.map_or(f64::from(*value), |from| x[0].data[flat(&from, x[0].shape)])
        }),
        Op::Expand => everywhere(&|at| x[0].at(at)),
        Op::Take { axis, positions } => everywhere(&|at| {
            let mut from = at.to_vec();
            from[*axis] = positions[at[*axis]];
            x[0].at(&from)
        }),
        Op::Tile { .. } => everywhere(&|at| {
            let from: Vec<usize> = at.iter().zip(x[0].shape).map(|(&c, &e)| c % e).collect();
            x[0].at(&from)
        }),
    }
}

fn taps(window: &Window) -> impl Iterator<Item = [usize; 2]> {
    let [kh, kw] = window.kernel;
    (0..kh).flat_map(move |a| (0..kw).map(move |b| [a, b]))
}

/// The element of the input that a tap reads; `None` in the padding.
fn read(window: &Window, tap: [usize; 2], at: [usize; 2], shape: &[usize]) -> Option<[usize; 2]> {
    let one = |i: usize| {
        (at[i] * window.stride[i] + tap[i] * window.dilation[i])
            .checked_sub(window.pad_before[i])
            .filter(|&p| p < shape[i + 2])
    };
    Some([one(0)?, one(1)?])
}

fn reduced(x: Operand<'_>, axes: &[usize], shape: &[usize]) -> Vec<Vec<f64>> {
    let mut groups = vec![vec![]; shape.iter().product()];
    for (i, &value) in x.data.iter().enumerate() {
        let mut at = coordinates(i, x.shape);
        axes.iter().for_each(|&axis| at[axis] = 0);
        groups[flat(&at, shape)].push(value);
    }
    groups
}
