//! Operators that stand for several steps are replaced by the nodes of these steps, once it is known how many.
//!
//! The number follows from shapes and constants, which the analysis finds: of all nodes that depend on no such
//! operator first, then of what could be read since, until none is left.
//!
//! | file | what |
//! |---|---|
//! | `recurrent` | what `LSTM`, `GRU` and `RNN` have in common: `lstm`, `gru`, `rnn` are their cells |
//! | `activation` | the functions that these name |
//! | `choice`, `repeat`, `scan` | `If`, `Loop`, `Scan` |
//! | `body` | copies of their subgraphs |
//! | `sequence` | lists of tensors |
//! | `nodes` | standard nodes whose form differs between versions |

mod activation;
mod body;
mod choice;
mod gru;
mod lstm;
mod nodes;
mod recurrent;
mod repeat;
mod rnn;
mod scan;
mod sequence;

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};

use tract_onnx::Onnx;
use tract_onnx::pb::{GraphProto, ModelProto, NodeProto, TensorProto};

use super::draft::Draft;
use super::{OPSET, constants, version};
use crate::import::analyse::{self, Fact, Settled};
use crate::import::normalise;
use crate::import::operators;
use crate::import::options::ImportOptions;
use crate::import::reason::Reason;
use crate::{ImportError, Unsupported};
use repeat::Taken;

/// Most nodes that operators unfold to, all together.
const MOST_NODES: usize = 1 << 17;

/// Most times that a model is read on the way, for the conditions of its loops.
const MOST_PASSES: usize = 512;

/// Most nodes that are looked at on the way, all passes together.
const MOST_VISITS: usize = 1 << 23;

/// What is known of the values that a node reads.
#[derive(Default)]
pub(super) struct Known {
    facts: HashMap<String, Fact>,
    /// The elements of values that are lists of tensors, by name.
    sequences: HashMap<String, Vec<String>>,
    /// How many elements all of them have.
    listed: usize,
    /// Loops whose condition is followed step by step, by their first output.
    loops: HashMap<String, Taken>,
    /// Names that stand for a value.
    names: HashSet<String>,
}

impl Known {
    /// The shape of a value.
    pub(super) fn shape(&self, name: &str) -> Result<&[usize], Reason> {
        let known = self.facts.get(name).and_then(|fact| fact.shape.as_deref());
        known.ok_or_else(|| Reason(format!("the shape of its input {name} is not known")))
    }

    /// The whole numbers of a value that depends on no input.
    pub(super) fn whole(&self, name: &str) -> Option<&[i64]> {
        self.facts.get(name).and_then(|fact| fact.whole.as_deref())
    }
}

/// Appends the steps that a node stands for.
type Unfold = fn(&mut Draft<'_>, &mut Known) -> Result<(), Reason>;

/// What `rewrite` calls com.microsoft's operator, which is unfolded as the standard ones are.
pub(super) const DYNAMIC_LSTM: &str = "DynamicQuantizeLSTM";

/// Every operator that is unfolded.
const UNFOLDED: &[(&str, Unfold)] = &[
    ("ConcatFromSequence", sequence::concat),
    (DYNAMIC_LSTM, lstm::dynamic),
    ("GRU", gru::gru),
    ("If", choice::choice),
    ("LSTM", lstm::lstm),
    ("Loop", repeat::repeat),
    ("RNN", rnn::rnn),
    ("Scan", scan::scan),
    ("SequenceAt", sequence::at),
    ("SequenceConstruct", sequence::construct),
    ("SequenceEmpty", sequence::construct),
    ("SequenceErase", sequence::erase),
    ("SequenceInsert", sequence::insert),
    ("SequenceLength", sequence::length),
    ("SplitToSequence", sequence::split),
];

fn of(node: &NodeProto) -> Option<Unfold> {
    let standard = matches!(node.domain.as_str(), "" | "ai.onnx");
    let found = UNFOLDED.iter().find(|found| standard && found.0 == node.op_type);
    found.map(|found| found.1)
}

/// Whether a node is one that is unfolded.
pub(in crate::import) fn is_unfolded(node: &NodeProto) -> bool {
    of(node).is_some()
}

/// Unfolds all nodes of a model that has been checked and holds its data; tells whether there were any.
pub(in crate::import) fn unfold(
    model: &mut ModelProto,
    onnx: &Onnx,
    options: &ImportOptions,
) -> Result<bool, ImportError> {
    let opset = version(model).unwrap_or(OPSET);
    let mut known = Known::default();
    let folded = RefCell::default();
    let (mut made, mut passes, mut visits) = (0, 0, 0_usize);
    if let Some(graph) = model.graph.as_ref() {
        known.names.extend(names(graph).cloned());
    }
    loop {
        let Some(graph) = model.graph.as_ref() else { return Ok(passes > 0) };
        if !graph.node.iter().any(|node| known.unfolds(node)) {
            known.check_outputs(graph)?;
            return Ok(passes > 0);
        }
        passes += 1;
        visits = visits.saturating_add(graph.node.len());
        let ready = ready(graph, &known);
        if ready.is_empty() || passes > MOST_PASSES || visits > MOST_VISITS {
            let reason = if passes > MOST_PASSES {
                format!("its loops depend on conditions for more than {MOST_PASSES} steps")
            } else if visits > MOST_VISITS {
                "its loops depend on conditions for too many steps of too many nodes".to_owned()
            } else {
                "its nodes feed each other in a circle".to_owned()
            };
            return Err(ImportError::Malformed { reason });
        }
        let facts = analyse::facts(&before(model, &ready, &known), onnx, options, &folded)?;
        // What does not stand for itself is found again where it is needed.
        known.facts.retain(|_, fact| fact.known.is_some());
        known.facts.extend(facts);
        let Some(graph) = model.graph.as_mut() else { return Ok(true) };
        pass(graph, &ready, &mut known, opset, &mut made)?;
        normalise::tell_apart(graph);
    }
}

impl Known {
    /// How a node is unfolded, if it is: one that only passes a list on is, too.
    fn how(&self, node: &NodeProto) -> Option<Unfold> {
        let list = |name: &String| self.sequences.contains_key(name);
        let passes = node.op_type == "Identity" && node.input.first().is_some_and(list);
        if passes { Some(sequence::pass) } else { of(node) }
    }

    /// Takes the names of what stands for a node; of two values of one name readers would get either.
    fn name(
        &mut self,
        nodes: &[NodeProto],
        stored: &[TensorProto],
        of: &NodeProto,
    ) -> Result<(), Reason> {
        let made = nodes.iter().flat_map(|node| &node.output);
        let made = made.filter(|name| !name.is_empty() && !of.output.contains(name));
        let taken = |name: &&String| !self.names.insert((*name).clone());
        match made.chain(stored.iter().map(|tensor| &tensor.name)).find(taken) {
            None => Ok(()),
            Some(name) => Err(Reason(format!(
                "its steps would have a value called {name}, as another is: give the node another name"
            ))),
        }
    }

    fn unfolds(&self, node: &NodeProto) -> bool {
        self.how(node).is_some()
    }

    /// An output must be a tensor.
    fn check_outputs(&self, graph: &GraphProto) -> Result<(), ImportError> {
        let list = graph.output.iter().find(|output| self.sequences.contains_key(&output.name));
        let Some(output) = list else { return Ok(()) };
        let reason = "it is a list of tensors: make each an output of its own".to_owned();
        let (node, op) = (output.name.clone(), "output".to_owned());
        Err(ImportError::Unsupported { operators: vec![Unsupported { node, op, reason }] })
    }
}

/// Unfolds the nodes at the places `ready`.
fn pass(
    graph: &mut GraphProto,
    ready: &HashSet<usize>,
    known: &mut Known,
    opset: i64,
    made: &mut usize,
) -> Result<(), ImportError> {
    let nodes = std::mem::take(&mut graph.node);
    let constants = constants(&graph.initializer, &nodes);
    let (mut unfolded, mut stored, mut refused) = (HashMap::new(), vec![], vec![]);
    for (place, node) in nodes.iter().enumerate().filter(|(place, _)| ready.contains(place)) {
        let Some(unfold) = known.how(node) else { continue };
        let mut draft = Draft::new(node, &constants, opset);
        let outcome = unfold(&mut draft, known);
        *made += draft.nodes.len();
        let outcome = outcome
            .and_then(|()| check_count(1, *made))
            .and_then(|()| known.name(&draft.nodes, &draft.stored, node));
        match outcome {
            Ok(()) => {
                unfolded.insert(place, draft.nodes);
                stored.append(&mut draft.stored);
            }
            Err(Reason(reason)) => {
                let (node, op) = (operators::name(node), operators::qualified(node));
                refused.push(Unsupported { node, op, reason });
            }
        }
    }
    drop(constants);
    for (place, node) in nodes.into_iter().enumerate() {
        match unfolded.remove(&place) {
            Some(mut steps) => graph.node.append(&mut steps),
            None => graph.node.push(node),
        }
    }
    graph.initializer.append(&mut stored);
    if refused.is_empty() {
        return Ok(());
    }
    Err(ImportError::Unsupported { operators: refused })
}

/// Refuses, before they are made, steps of so many nodes each that all models together may not have.
pub(super) fn check_count(steps: usize, each: usize) -> Result<(), Reason> {
    let count = steps.checked_mul(each).filter(|&count| count <= MOST_NODES);
    count.map(|_| ()).ok_or_else(too_many)
}

fn too_many() -> Reason {
    Reason(format!("its steps come to more than {MOST_NODES} nodes: give it a shorter sequence"))
}

/// Names of all values of a graph.
fn names(graph: &GraphProto) -> impl Iterator<Item = &String> {
    let inputs = graph.input.iter().map(|input| &input.name);
    let stored = graph.initializer.iter().map(|tensor| &tensor.name);
    inputs.chain(stored).chain(graph.node.iter().flat_map(|node| &node.output))
}

/// The places of nodes to unfold that wait for no other.
fn ready(graph: &GraphProto, known: &Known) -> HashSet<usize> {
    let mut waiting: HashSet<&str> = HashSet::new();
    let mut ready = HashSet::new();
    for (place, node) in graph.node.iter().enumerate() {
        let mut reads: Vec<&str> = node.input.iter().map(String::as_str).collect();
        node.attribute.iter().for_each(|found| operators::inner_reads(found, &mut reads));
        let waits = reads.iter().any(|name| waiting.contains(name));
        if known.unfolds(node) && !waits {
            ready.insert(place);
        }
        if known.unfolds(node) || waits {
            waiting.extend(node.output.iter().map(String::as_str).filter(|name| !name.is_empty()));
        }
    }
    ready
}

/// The part of a model that makes what the nodes at the places `ready` read, from the inputs and from values that an earlier
/// part has settled: so a loop's steps are read once each.
fn before(model: &ModelProto, ready: &HashSet<usize>, known: &Known) -> ModelProto {
    let mut part = ModelProto {
        ir_version: model.ir_version,
        opset_import: model.opset_import.clone(),
        ..ModelProto::default()
    };
    let Some(graph) = model.graph.as_ref() else { return part };
    let mut needed: HashSet<&str> = HashSet::new();
    let mut nodes: Vec<NodeProto> = vec![];
    let settled = |name: &str| known.facts.get(name).and_then(|fact| fact.known.as_ref());
    let mut standing: BTreeMap<&str, &Settled> = BTreeMap::new();
    for (place, node) in graph.node.iter().enumerate().rev() {
        let read = ready.contains(&place);
        let mut made = false;
        for name in node.output.iter().filter(|name| !read && needed.contains(name.as_str())) {
            match settled(name) {
                Some(settled) => _ = standing.insert(name, settled),
                None => made = true,
            }
        }
        if read || made {
            needed.extend(node.input.iter().map(String::as_str));
        }
        if made {
            nodes.push(node.clone());
        }
    }
    nodes.reverse();
    // A node that is there makes all of its values.
    let made: HashSet<&str> =
        nodes.iter().flat_map(|node| &node.output).map(String::as_str).collect();
    let is_needed = |tensor: &&TensorProto| needed.contains(tensor.name.as_str());
    let mut input = graph.input.clone();
    let mut initializer: Vec<_> = graph.initializer.iter().filter(is_needed).cloned().collect();
    for (_, settled) in standing.into_iter().filter(|(name, _)| !made.contains(name)) {
        match settled {
            Settled::Input(value) => input.push(value.clone()),
            Settled::Constant(tensor) => initializer.push(tensor.clone()),
        }
    }
    let name = graph.name.clone();
    let mut graph = GraphProto { name, node: nodes, input, initializer, ..GraphProto::default() };
    normalise::tell_apart(&mut graph);
    part.graph = Some(graph);
    part
}
