//! What a rewriting reads of its node, and appends for it.

use std::collections::{BTreeSet, HashMap, HashSet};

use tract_onnx::pb::{AttributeProto, GraphProto, NodeProto, TensorProto};

use crate::import::attributes::{integer_of, number_of, word_of};
pub(super) use crate::import::attributes::{number, tensor_of, whole, wholes, word};
use crate::import::operators;
use crate::import::stored::{attribute, kind};

/// From here on axes are inputs: of `Squeeze`, `Unsqueeze` and `ReduceSum`.
const AXES_OF_SHAPES: i64 = 13;
/// The same of all other reductions.
const AXES_OF_REDUCTIONS: i64 = 18;

/// A node that is being rewritten, and what stands for it so far.
pub(super) struct Draft<'g> {
    /// The node.
    pub(super) node: &'g NodeProto,
    /// The version of the standard operators that the new nodes are read as.
    pub(super) opset: i64,
    /// New nodes.
    pub(super) nodes: Vec<NodeProto>,
    /// New constants.
    pub(super) stored: Vec<TensorProto>,
    known: &'g HashMap<&'g str, &'g TensorProto>,
    /// Element types of values, as far as the file says them.
    kinds: Option<&'g HashMap<&'g str, i32>>,
    /// What the names of new values begin with.
    prefix: String,
    /// What they are called after that; a part that is there already gets a number.
    parts: HashSet<String>,
}

/// What the names of new values begin with, node by node: nothing that a value of the model begins with, or of another
/// node. Names of nodes need not be distinct.
pub(super) struct Prefixes(BTreeSet<String>);

impl Prefixes {
    /// Those that a graph's values leave.
    pub(super) fn beside<'v>(values: impl Iterator<Item = &'v String>) -> Self {
        Prefixes(values.cloned().collect())
    }

    fn next(&mut self, name: &str) -> String {
        // Within what another's names begin with a number at the end frees nothing, so that such a name gives its dots away.
        let stem = match self.lies_within(&format!("{name}.")) {
            true => format!("{}_", name.replace('.', "_")),
            false => format!("{name}."),
        };
        let numbered = (2usize..).map(|number| format!("{stem}{number}"));
        let free = |candidate: &String| {
            let inner = format!("{candidate}.");
            let after = self.0.range(inner.clone()..).next();
            !after.is_some_and(|value| value.starts_with(&inner)) && !self.lies_within(candidate)
        };
        let prefix = std::iter::once(name.to_owned()).chain(numbered).find(free);
        let prefix = prefix.unwrap_or_default();
        self.0.insert(format!("{prefix}."));
        prefix
    }

    /// Whether it begins with a beginning that is taken.
    fn lies_within(&self, name: &str) -> bool {
        let mut outer = name.match_indices('.').filter_map(|(at, _)| name.get(..=at));
        outer.any(|outer| self.0.contains(outer))
    }
}

impl<'g> Draft<'g> {
    pub(super) fn new(
        node: &'g NodeProto,
        known: &'g HashMap<&'g str, &'g TensorProto>,
        opset: i64,
    ) -> Self {
        let prefix = operators::name(node);
        let (nodes, stored, parts) = (vec![], vec![], HashSet::new());
        Draft { node, opset, nodes, stored, known, kinds: None, prefix, parts }
    }

    /// With names of its own, whatever the node's is.
    pub(super) fn apart(mut self, prefixes: &mut Prefixes) -> Self {
        self.prefix = prefixes.next(&self.prefix);
        self
    }

    /// With the element types of values.
    pub(super) fn typed(mut self, kinds: &'g HashMap<&'g str, i32>) -> Self {
        self.kinds = Some(kinds);
        self
    }

    /// The element type of a value, where the file says it.
    pub(super) fn kind(&self, name: &str) -> Option<i32> {
        self.constant(name).map(|tensor| tensor.data_type).or(self.kinds?.get(name).copied())
    }

    /// The node's input at `slot`; none where it is left out.
    pub(super) fn input(&self, slot: usize) -> Option<&'g str> {
        self.node.input.get(slot).map(String::as_str).filter(|name| !name.is_empty())
    }

    /// What the names of its nodes and constants start with.
    pub(super) fn name(&self) -> &str {
        &self.prefix
    }

    /// A subgraph of the node.
    pub(super) fn subgraph(&self, name: &str) -> Option<&'g GraphProto> {
        attribute(self.node, name)?.g.as_ref()
    }

    /// Stores a truth value and gives its name.
    pub(super) fn store_truth(&mut self, part: &str, value: bool) -> String {
        let truth = TensorProto { int32_data: vec![i32::from(value)], ..tensor(kind::BOOL, &[]) };
        self.keep(part, truth)
    }

    /// Whether somebody may read the node's output at `slot`.
    pub(super) fn output(&self, slot: usize) -> bool {
        self.node.output.get(slot).is_some_and(|name| !name.is_empty())
    }

    /// The constant that a name stands for.
    pub(super) fn constant(&self, name: &str) -> Option<&'g TensorProto> {
        self.known.get(name).copied()
    }

    /// Whether an attribute is given.
    pub(super) fn given(&self, name: &str) -> bool {
        attribute(self.node, name).is_some()
    }

    /// Words of a list attribute; none where it is not given.
    pub(super) fn texts(&self, name: &str) -> Option<Vec<String>> {
        let found = attribute(self.node, name)?;
        Some(found.strings.iter().map(|text| String::from_utf8_lossy(text).into_owned()).collect())
    }

    /// Numbers of a list attribute; none where it is not given.
    pub(super) fn floats(&self, name: &str) -> Option<Vec<f32>> {
        attribute(self.node, name).map(|found| found.floats.clone())
    }

    /// Whole numbers of a list attribute; none where it is not given.
    pub(super) fn integers(&self, name: &str) -> Option<&'g [i64]> {
        attribute(self.node, name).map(|found| found.ints.as_slice())
    }

    /// A whole number, or what it is where it is not given.
    pub(super) fn integer(&self, name: &str, default: i64) -> i64 {
        integer_of(self.node, name, default)
    }

    /// A number, or what it is where it is not given.
    pub(super) fn float(&self, name: &str, default: f32) -> f32 {
        number_of(self.node, name, default)
    }

    /// A word, or what it is where it is not given.
    pub(super) fn text(&self, name: &str, default: &'g str) -> &'g str {
        word_of(self.node, name, default)
    }

    /// Stores floats of a shape and gives their name; a scalar has no extents.
    pub(super) fn store(&mut self, part: &str, shape: &[usize], values: Vec<f32>) -> String {
        let floats = TensorProto { float_data: values, ..tensor(kind::FLOAT, shape) };
        self.keep(part, floats)
    }

    /// Stores whole numbers of a shape and gives their name.
    pub(super) fn store_whole(&mut self, part: &str, shape: &[usize], values: Vec<i64>) -> String {
        let integers = TensorProto { int64_data: values, ..tensor(kind::INT64, shape) };
        self.keep(part, integers)
    }

    fn new_name(&mut self, part: &str) -> String {
        let numbered = (2usize..).map(|number| format!("{part}{number}"));
        let mut names = std::iter::once(part.to_owned()).chain(numbered);
        let part = names.find(|name| !self.parts.contains(name)).unwrap_or_default();
        let name = format!("{}.{part}", self.prefix);
        self.parts.insert(part);
        name
    }

    fn keep(&mut self, part: &str, tensor: TensorProto) -> String {
        let name = self.new_name(part);
        self.stored.push(TensorProto { name: name.clone(), ..tensor });
        name
    }

    /// Appends a node with one result and gives its name; `part` tells it from the others.
    pub(super) fn push(
        &mut self,
        part: &str,
        op_type: &str,
        input: &[&str],
        attribute: Vec<AttributeProto>,
    ) -> String {
        let name = self.new_name(part);
        self.append(&name, op_type, input, vec![name.clone()], attribute);
        name
    }

    /// One more axis of extent 1.
    pub(super) fn unsqueeze(&mut self, part: &str, x: &str, axis: i64) -> String {
        self.along(part, ("Unsqueeze", AXES_OF_SHAPES), x, vec![axis], vec![])
    }

    /// Without an axis of extent 1.
    pub(super) fn squeeze(&mut self, part: &str, x: &str, axis: i64) -> String {
        self.along(part, ("Squeeze", AXES_OF_SHAPES), x, vec![axis], vec![])
    }

    /// A reduction along one axis, which stays as extent 1 where it is kept.
    pub(super) fn reduce(
        &mut self,
        part: &str,
        op_type: &str,
        x: &str,
        axis: i64,
        keep: bool,
    ) -> String {
        self.reduce_over(part, op_type, x, vec![axis], keep)
    }

    /// A reduction along some axes, which stay as extent 1 where they are kept.
    pub(super) fn reduce_over(
        &mut self,
        part: &str,
        op_type: &str,
        x: &str,
        axes: Vec<i64>,
        keep: bool,
    ) -> String {
        let since = if op_type == "ReduceSum" { AXES_OF_SHAPES } else { AXES_OF_REDUCTIONS };
        self.along(part, (op_type, since), x, axes, vec![whole("keepdims", i64::from(keep))])
    }

    /// A node along axes, which are an attribute before the version `since` and an input from there on.
    fn along(
        &mut self,
        part: &str,
        (op_type, since): (&str, i64),
        x: &str,
        axes: Vec<i64>,
        mut attributes: Vec<AttributeProto>,
    ) -> String {
        if self.opset < since {
            attributes.push(wholes("axes", axes));
            return self.push(part, op_type, &[x], attributes);
        }
        let axes = self.store_whole(&format!("{part}.axes"), &[axes.len()], axes);
        self.push(part, op_type, &[x, &axes], attributes)
    }

    /// Appends the node whose result is the output at `slot`; nothing, where nobody reads that.
    pub(super) fn finish(
        &mut self,
        slot: usize,
        op_type: &str,
        input: &[&str],
        attribute: Vec<AttributeProto>,
    ) {
        let Some(output) = self.node.output.get(slot).filter(|name| !name.is_empty()) else {
            return;
        };
        let name = match slot {
            0 => operators::name(self.node),
            _ => format!("{}.{slot}", self.prefix),
        };
        self.append(&name, op_type, input, vec![output.clone()], attribute);
    }

    /// Appends a node of several results and gives their names.
    pub(super) fn node_with_outputs(
        &mut self,
        part: &str,
        op_type: &str,
        input: &[&str],
        count: usize,
        attribute: Vec<AttributeProto>,
    ) -> Vec<String> {
        let names: Vec<String> = (0..count).map(|_| self.new_name(part)).collect();
        let name = names.first().cloned().unwrap_or_default();
        self.append(&name, op_type, input, names.clone(), attribute);
        names
    }

    /// Appends the node whose results are all outputs.
    pub(super) fn finish_all(
        &mut self,
        op_type: &str,
        input: &[&str],
        attribute: Vec<AttributeProto>,
    ) {
        let name = operators::name(self.node);
        self.append(&name, op_type, input, self.node.output.clone(), attribute);
    }

    fn append(
        &mut self,
        name: &str,
        op_type: &str,
        input: &[&str],
        output: Vec<String>,
        attribute: Vec<AttributeProto>,
    ) {
        self.nodes.push(NodeProto {
            name: name.to_owned(),
            op_type: op_type.to_owned(),
            input: input.iter().map(|&name| name.to_owned()).collect(),
            output,
            attribute,
            ..NodeProto::default()
        });
    }
}

fn tensor(data_type: i32, shape: &[usize]) -> TensorProto {
    // More than an i64 holds is more than any file does.
    let dims = shape.iter().map(|&extent| i64::try_from(extent).unwrap_or(i64::MAX)).collect();
    TensorProto { dims, data_type, ..TensorProto::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginnings_differ_whatever_nodes_are_called() {
        let values = ["x", "y.", "z.1"].map(str::to_owned);
        let mut prefixes = Prefixes::beside(values.iter());
        let names = ["norm", "norm", "norm.1", "norm.1", "x", "y.a", "z", "z", "z.2.b", ""];
        let made = names.map(|name| prefixes.next(name));
        let expected =
            ["norm", "norm_2", "norm_1_2", "norm_1_3", "x", "y_a_2", "z.2", "z.3", "z_2_b_2", ""];
        assert_eq!(made, expected);
        for (at, prefix) in made.iter().enumerate() {
            let begins = |other: &String| format!("{other}.").starts_with(&format!("{prefix}."));
            assert!(!made[at + 1..].iter().any(begins), "{prefix}");
        }
    }
}
