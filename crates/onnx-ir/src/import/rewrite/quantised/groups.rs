//! A product between `DequantizeLinear`s and a `QuantizeLinear`, as quantisers write it: the product of whole numbers
//! that ONNX Runtime makes of it.
//!
//! `Conv`, `MatMul` and `Gemm` whose operands are dequantised, followed by nothing but a `Relu` or a `Clip` on the way
//! to the `QuantizeLinear` that alone reads them, become `QLinearConv`, `QLinearMatMul` or `QGemm`. The bound that is
//! left out is that of the quantised type, where the zero point says that it is; else the group stays as it is.

use std::collections::{HashMap, HashSet};

use tract_onnx::pb::{AttributeProto, GraphProto, NodeProto, TensorProto};

use super::Kind;
use crate::import::operators;
use crate::import::stored::{self, attribute, constant, kind};

/// Replaces all groups of a graph; what is then read by nobody is dropped later.
pub(in crate::import::rewrite) fn join(graph: &mut GraphProto) {
    let mut replaced: Vec<(usize, NodeProto)> = vec![];
    let quantised = |node: &&NodeProto| node.op_type == "QuantizeLinear" && is_known(node);
    if !graph.node.iter().any(|node| quantised(&node)) {
        return;
    }
    {
        let producers: HashMap<&str, &NodeProto> = graph
            .node
            .iter()
            .flat_map(|node| node.output.iter().map(move |output| (output.as_str(), node)))
            .collect();
        let mut readers: HashMap<&str, usize> = HashMap::new();
        let mut all = vec![];
        reads(graph, &mut all);
        all.into_iter().for_each(|name| *readers.entry(name).or_default() += 1);
        let search = Search { graph, producers, readers };
        for (at, node) in graph.node.iter().enumerate().filter(|(_, node)| quantised(node)) {
            replaced.extend(search.product(node).map(|node| (at, node)));
        }
    }
    if replaced.is_empty() {
        return;
    }
    for (at, node) in replaced {
        if let Some(place) = graph.node.get_mut(at) {
            *place = node;
        }
    }
    drop_unread(graph);
}

/// Nodes of the groups that nobody reads any more would be imported, and refused where they cannot be.
fn drop_unread(graph: &mut GraphProto) {
    loop {
        let mut all = vec![];
        reads(graph, &mut all);
        let read: HashSet<String> = all.into_iter().map(str::to_owned).collect();
        let before = graph.node.len();
        graph.node.retain(|node| {
            let of_groups = matches!(
                node.op_type.as_str(),
                "DequantizeLinear" | "Conv" | "MatMul" | "Gemm" | "Relu" | "Clip"
            );
            !of_groups || node.output.iter().any(|output| read.contains(output))
        });
        if graph.node.len() == before {
            return;
        }
    }
}

/// Every name that nodes read, those of subgraphs too, and that is published.
fn reads<'g>(graph: &'g GraphProto, all: &mut Vec<&'g str>) {
    for node in &graph.node {
        all.extend(node.input.iter().map(String::as_str));
        for attribute in &node.attribute {
            attribute.g.iter().chain(&attribute.graphs).for_each(|inner| reads(inner, all));
        }
    }
    all.extend(graph.output.iter().map(|output| output.name.as_str()));
}

fn is_known(node: &NodeProto) -> bool {
    matches!(node.domain.as_str(), "" | "ai.onnx" | "com.microsoft")
}

struct Search<'g> {
    graph: &'g GraphProto,
    producers: HashMap<&'g str, &'g NodeProto>,
    readers: HashMap<&'g str, usize>,
}

/// An input that is dequantised: the names of its integers, its scale and its zero point.
struct Source<'g> {
    x: &'g str,
    scale: &'g str,
    zero: &'g str,
}

impl<'g> Search<'g> {
    fn input(node: &'g NodeProto, slot: usize) -> Option<&'g str> {
        node.input.get(slot).map(String::as_str).filter(|name| !name.is_empty())
    }

    /// What makes the only input of a node, where nobody else reads it.
    fn alone(&self, name: &str) -> Option<&'g NodeProto> {
        (self.readers.get(name) == Some(&1)).then(|| self.producers.get(name).copied())?
    }

    fn tensor(&self, name: &str) -> Option<&'g TensorProto> {
        constant(self.graph, name)
    }

    /// What a name is dequantised from, by scales that are constant.
    fn source(&self, name: &str) -> Option<Source<'g>> {
        let node = self.producers.get(name).copied()?;
        let blocked = attribute(node, "block_size").is_some_and(|found| found.i != 0);
        if node.op_type != "DequantizeLinear" || !is_known(node) || blocked {
            return None;
        }
        let (x, scale) = (Self::input(node, 0)?, Self::input(node, 1)?);
        self.tensor(scale)?;
        let zero = Self::input(node, 2).unwrap_or("");
        if !zero.is_empty() {
            Kind::of(self.tensor(zero)?.data_type).ok()?;
        }
        Some(Source { x, scale, zero })
    }

    /// The node that does what ends in a `QuantizeLinear`.
    fn product(&self, last: &'g NodeProto) -> Option<NodeProto> {
        let (scale, zero) = (Self::input(last, 1)?, Self::input(last, 2)?);
        let scales = stored::floats(self.tensor(scale)?)?;
        let point = self.tensor(zero)?;
        let (&[scale_of], &[zero_of]) = (scales.as_slice(), stored::integers(point)?.as_slice())
        else {
            return None;
        };
        let to = Kind::of(point.data_type).ok()?;
        let mut node = self.alone(Self::input(last, 0)?)?;
        if matches!(node.op_type.as_str(), "Relu" | "Clip") {
            if !self.is_bound(node, (scale_of, zero_of), to) {
                return None;
            }
            node = self.alone(Self::input(node, 0)?)?;
        }
        let a = self.source(Self::input(node, 0)?)?;
        let b = self.source(Self::input(node, 1)?)?;
        // One scale for all of the left operand, one or one for each output for the right one.
        let one = |name: &str| self.tensor(name).and_then(|t| stored::volume(&t.dims)) == Some(1);
        if !one(a.scale) || !(a.zero.is_empty() || one(a.zero)) || a.zero.is_empty() {
            return None;
        }
        let bias = match Self::input(node, 2) {
            None => None,
            Some(name) => {
                let bias = self.source(name)?;
                // Whole numbers of the accumulator's own scale.
                let stored = self.tensor(bias.x)?;
                let own = stored.data_type == kind::INT32;
                (own && self.is_product(bias.scale, [a.scale, b.scale]))
                    .then_some(bias.x)
                    .map(Some)?
            }
        };
        let attributes = node.attribute.clone();
        let (op, domain, input, attribute) = match node.op_type.as_str() {
            "Conv" if self.along(Self::input(node, 1)?, b.scale, 0) && !b.zero.is_empty() => {
                let names = [a.x, a.scale, a.zero, b.x, b.scale, b.zero, scale, zero];
                ("QLinearConv", "", [&names[..], bias.as_slice()].concat(), attributes)
            }
            "MatMul" if one(b.scale) && one(b.zero) => {
                let names = [a.x, a.scale, a.zero, b.x, b.scale, b.zero, scale, zero];
                ("QLinearMatMul", "", names.to_vec(), attributes)
            }
            "Gemm" if is_plain(node) && !b.zero.is_empty() => {
                let transposed = attribute(node, "transB").is_some_and(|found| found.i != 0);
                if !self.along(Self::input(node, 1)?, b.scale, if transposed { 0 } else { 1 }) {
                    return None;
                }
                let c = bias.unwrap_or("");
                let names = [a.x, a.scale, a.zero, b.x, b.scale, b.zero, c, scale, zero];
                ("QGemm", "com.microsoft", names.to_vec(), attributes)
            }
            _ => return None,
        };
        Some(NodeProto {
            name: operators::name(last),
            op_type: op.to_owned(),
            domain: domain.to_owned(),
            input: input.into_iter().map(str::to_owned).collect(),
            output: last.output.clone(),
            attribute: attribute.into_iter().filter(is_attribute).collect(),
            ..NodeProto::default()
        })
    }

    /// Whether scales are the products of others, up to their rounding.
    fn is_product(&self, scale: &str, of: [&str; 2]) -> bool {
        let values = |name: &str| self.tensor(name).and_then(stored::floats);
        let (Some(scale), Some(a), Some(b)) = (values(scale), values(of[0]), values(of[1])) else {
            return false;
        };
        let one = |all: &[f64], at: usize| all.get(if all.len() == 1 { 0 } else { at }).copied();
        (0..scale.len().max(b.len())).all(|at| {
            let all = (one(&scale, at), one(&a, 0), one(&b, at));
            let (Some(scale), Some(a), Some(b)) = all else { return false };
            (scale - a * b).abs() <= 1e-6 * (a * b).abs()
        })
    }

    /// Whether the scales of a dequantised constant are one, or lie along this axis of it.
    fn along(&self, name: &str, scale: &str, axis: i64) -> bool {
        let Some(node) = self.producers.get(name) else { return false };
        let x = Self::input(node, 0).and_then(|x| self.tensor(x));
        let (Some(x), Some(scale)) = (x, self.tensor(scale)) else { return false };
        let rank = i64::try_from(x.dims.len()).unwrap_or(0);
        let stated = attribute(node, "axis").map_or(1, |found| found.i);
        let own = if stated < 0 { stated + rank } else { stated };
        stored::volume(&scale.dims) == Some(1) || own == axis
    }

    /// Whether a bound below or above is where the quantised type ends anyway.
    fn is_bound(&self, node: &NodeProto, (scale, zero): (f64, i64), to: Kind) -> bool {
        let value = |slot: usize, name: &str, open: f64| match attribute(node, name) {
            Some(found) => Some(f64::from(found.f)),
            None => match node.input.get(slot).filter(|name| !name.is_empty()) {
                None => Some(open),
                Some(name) => stored::floats(self.tensor(name)?)?.first().copied(),
            },
        };
        let (min, max) = match node.op_type.as_str() {
            "Relu" => (Some(0.0), Some(f64::INFINITY)),
            _ => (value(1, "min", f64::NEG_INFINITY), value(2, "max", f64::INFINITY)),
        };
        let (Some(min), Some(max)) = (min, max) else { return false };
        #[expect(clippy::cast_precision_loss, reason = "a zero point has 16 bits")]
        let zero = zero as f64;
        // What the bound is quantised to.
        let at = |x: f64| (x / scale).round_ties_even() + zero;
        at(min) <= f64::from(to.least) && at(max) >= f64::from(to.greatest)
    }
}

/// `Gemm` of factors 1, its left operand as it is.
fn is_plain(node: &NodeProto) -> bool {
    let one = |name: &str| attribute(node, name).is_none_or(|found| found.f == 1.0);
    one("alpha") && one("beta") && attribute(node, "transA").is_none_or(|found| found.i == 0)
}

fn is_attribute(attribute: &AttributeProto) -> bool {
    !matches!(attribute.name.as_str(), "alpha" | "beta")
}
