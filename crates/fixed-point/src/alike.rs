//! Nodes that apply the same weights to values of about the same size: towers of a net that compares, steps of a
//! recurrent one that was unrolled.
//!
//! Such nodes are given one range, and so are their operands and whatever follows alike from them: their weights are
//! then the same integers, which a circuit lays once. Ranges that are far apart stay as they are, for a common one
//! would take bits from the smaller.

use crate::observe::Observed;
use crate::settings::Range;
use provenn_onnx_ir::{Graph, Op};
use std::collections::{BTreeMap, HashMap};

/// Ranges are shared that grow by no more than this.
const NEAR: f64 = 4.0;

/// Classes of nodes, each by its first.
struct Classes(Vec<usize>);

impl Classes {
    fn of(&self, mut node: usize) -> usize {
        while self.0[node] != node {
            node = self.0[node];
        }
        node
    }

    /// Whether two classes became one.
    fn join(&mut self, a: usize, b: usize) -> bool {
        let (a, b) = (self.of(a), self.of(b));
        self.0[a.max(b)] = a.min(b);
        a != b
    }
}

fn bits(data: &[f32]) -> impl Iterator<Item = u32> + '_ {
    data.iter().map(|x| x.to_bits())
}

/// The first of the constants with these values, for each constant.
fn constants(graph: &Graph) -> Vec<Option<usize>> {
    let mut known: HashMap<(&[usize], Vec<u32>), Vec<usize>> = HashMap::new();
    let mut same = vec![];
    for (at, node) in graph.nodes.iter().enumerate() {
        let Op::Constant(tensor) = &node.op else {
            same.push(None);
            continue;
        };
        // A few values tell most constants apart.
        let few = bits(&tensor.data).step_by(tensor.data.len() / 8 + 1).collect();
        let alike = known.entry((&node.shape, few)).or_default();
        let equal = |&&other: &&usize| {
            let Op::Constant(one) = &graph.nodes[other].op else { return false };
            bits(&one.data).eq(bits(&tensor.data))
        };
        same.push(Some(match alike.iter().find(equal) {
            Some(&first) => first,
            None => {
                alike.push(at);
                at
            }
        }));
    }
    same
}

/// The operand that an operator multiplies with a constant, and which constant.
fn product(graph: &Graph, constants: &[Option<usize>], node: usize) -> Option<(usize, usize)> {
    let node = &graph.nodes[node];
    let applies = matches!(node.op, Op::MatMul | Op::Conv { .. } | Op::ConvTranspose { .. });
    let [a, b, ..] = node.inputs.as_slice() else { return None };
    match (applies, constants[a.0], constants[b.0]) {
        (true, None, Some(weights)) => Some((a.0, weights)),
        (true, Some(weights), None) => Some((b.0, weights)),
        (true, ..) | (false, ..) => None,
    }
}

/// Nodes with products by the same weights, their operands, and what follows from members of the same classes.
fn classes(graph: &Graph) -> Classes {
    let constants = constants(graph);
    let mut classes = Classes((0..graph.nodes.len()).collect());
    // All that an operator says of itself is in its text.
    let text = |node: usize| format!("{:?}", graph.nodes[node].op);
    let mut products: HashMap<(String, usize, &[usize]), (usize, usize)> = HashMap::new();
    let mut any = false;
    for node in 0..graph.nodes.len() {
        let Some((operand, weights)) = product(graph, &constants, node) else { continue };
        let key = (text(node), weights, graph.nodes[node].shape.as_slice());
        let (first, of_first) = *products.entry(key).or_insert((node, operand));
        any |= classes.join(first, node);
        if graph.nodes[operand].shape == graph.nodes[of_first].shape {
            classes.join(of_first, operand);
        }
    }
    // What follows may be an operand of what has been seen before.
    while any {
        any = false;
        let mut known: HashMap<(String, Vec<usize>, &[usize]), usize> = HashMap::new();
        for (at, node) in graph.nodes.iter().enumerate() {
            if matches!(node.op, Op::Constant(_) | Op::Input { .. }) {
                continue;
            }
            let operand = |input: usize| constants[input].unwrap_or_else(|| classes.of(input));
            let operands = node.inputs.iter().map(|id| operand(id.0)).collect();
            let first = *known.entry((text(at), operands, &node.shape)).or_insert(at);
            any |= classes.join(first, at);
        }
        // What is only looked at in another shape is what has the step.
        for (at, node) in graph.nodes.iter().enumerate().rev() {
            let first = &graph.nodes[classes.of(at)];
            if let (Op::Reshape | Op::Transpose { .. }, [x]) = (&node.op, node.inputs.as_slice())
                && let [of_first] = first.inputs.as_slice()
                && node.op == first.op
                && graph.nodes[x.0].shape == graph.nodes[of_first.0].shape
            {
                any |= classes.join(of_first.0, x.0);
            }
        }
    }
    classes
}

/// Gives alike nodes one range.
pub(crate) fn share(graph: &Graph, observed: &mut BTreeMap<String, Observed>) {
    let classes = classes(graph);
    let mut members: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    for (at, node) in graph.nodes.iter().enumerate() {
        members.entry(classes.of(at)).or_default().push(&node.name);
    }
    for names in members.into_values().filter(|names| names.len() > 1) {
        let all: Vec<&Observed> = names.iter().filter_map(|name| observed.get(*name)).collect();
        let Some(joined) = all.iter().copied().cloned().reduce(|a, b| a.join(&b)) else { continue };
        let near = |one: &&Observed| is_near(one.range, joined.range);
        if all.iter().all(near) {
            for name in names {
                observed.insert(name.to_owned(), joined.clone());
            }
        }
    }
}

/// Whether a range that becomes this one keeps most of its bits; nothing is lost of zeros.
fn is_near(own: Range, joined: Range) -> bool {
    own.magnitude() == 0.0 || joined.magnitude() <= NEAR * own.magnitude()
}
