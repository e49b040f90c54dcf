//! Input data: `input.json` and its relatives.
//!
//! | file | holds |
//! |---|---|
//! | `.json` | `{"input_data": [[…], …]}`, optionally `labels`; other forms below |
//! | `.jsonl`, `.ndjson` | one such object, or one list of numbers per model input, per line |
//! | `.npy` | an array whose first axis counts observations |
//! | `.npz` | such an array per model input, by the input's name, or `arr_0`, `arr_1`, … in order; optionally `labels` |
//!
//! Observations may follow each other list by list, or stand one after the other in one list per model input. Where a
//! model takes N inputs at once, lists of one input each make an observation of every N.

mod arrays;
mod batches;
mod forms;
mod json_lines;
mod source;

pub use source::DataSource;

use crate::Error;
use provenn_artefact::read_at_most;
use provenn_fixed_point::QuantGraph;
use provenn_onnx_ir::{ElementType, Graph, NodeId, Tensor};
use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};
use serde::Serialize;
use std::io::ErrorKind;
use std::path::Path;

/// Files beyond this size are refused before they are read.
const LIMIT: u64 = 1 << 30;

/// Observations for a model: one list of flat values per graph input, observation after observation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct InputData {
    /// Flat row-major values; with m graph inputs, lists m·i to m·i+m−1 are observation i.
    pub input_data: Vec<Vec<f64>>,
    /// Ignored: the model knows its shapes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_shapes: Option<Vec<Vec<usize>>>,
    /// Names of the m inputs in the order of the lists, where the file has names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_names: Option<Vec<String>>,
    /// What is known of each observation: a class, or a value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<Vec<f64>>,
}

impl InputData {
    /// Observations without names or labels.
    #[must_use]
    pub fn new(input_data: Vec<Vec<f64>>) -> Self {
        InputData { input_data, input_shapes: None, input_names: None, labels: None }
    }

    /// Reads a data file of any of the formats above, by its extension; unknown ones are read as JSON.
    ///
    /// # Errors
    /// [`Error::Data`] naming the file and what is wrong with it.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let wrong = |reason: String| Error::Data { path: path.into(), reason };
        let bytes = read_at_most(path, LIMIT).map_err(|error| match error.kind() {
            ErrorKind::NotFound => {
                wrong(format!("{error}; give observations with -D, gen-random-data makes some"))
            }
            _ => wrong(error.to_string()),
        })?;
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("jsonl" | "ndjson") => json_lines::read(&bytes).map_err(wrong),
            Some("npy") => arrays::read_npy(bytes).map_err(wrong),
            Some("npz") => arrays::read_npz(bytes).map_err(wrong),
            _ => forms::read(&bytes).map_err(wrong),
        }
    }

    /// Reads data from the text of a JSON file.
    ///
    /// # Errors
    /// [`Error::Data`] with `name` in the place of the file's.
    pub fn from_json(name: &str, text: &str) -> Result<Self, Error> {
        forms::read(text.as_bytes()).map_err(|reason| Error::Data { path: name.into(), reason })
    }

    /// Reads labels, one number per observation: `.npy`, or a JSON list.
    ///
    /// # Errors
    /// [`Error::Data`] naming the file and what is wrong with it.
    pub fn read_labels(path: &Path) -> Result<Vec<f64>, Error> {
        let wrong = |reason: String| Error::Data { path: path.into(), reason };
        let bytes = read_at_most(path, LIMIT).map_err(|error| match error.kind() {
            ErrorKind::NotFound => wrong(format!(
                "{error}; give a file with a label per observation, or leave --labels out"
            )),
            _ => wrong(error.to_string()),
        })?;
        if path.extension().is_some_and(|extension| extension == "npy") {
            return Ok(arrays::read_npy(bytes).map_err(wrong)?.input_data.concat());
        }
        serde_json::from_slice(&bytes)
            .map_err(|error| wrong(format!("{error}; expected [label of observation 0, …]")))
    }

    /// The observations as tensors of the graph's input shapes.
    ///
    /// # Errors
    /// [`Error::Observation`] for an empty file, a wrong count or length, or a value that is no number.
    pub fn observations(&self, graph: &Graph) -> Result<Vec<Vec<Tensor>>, Error> {
        self.split(&slots(graph), Rest::Refused)
    }

    /// The same to calibrate on: where the last batch lacks inputs, the first ones stand in for them.
    ///
    /// # Errors
    /// As [`InputData::observations`], but for a number of inputs that is no multiple of a batch.
    pub fn whole_batches(&self, graph: &Graph) -> Result<Vec<Vec<Tensor>>, Error> {
        self.split(&slots(graph), Rest::Filled)
    }

    /// The first observation, with the shapes of a quantised graph.
    ///
    /// # Errors
    /// As [`InputData::observations`].
    pub fn first_observation(&self, graph: &QuantGraph) -> Result<Vec<Tensor>, Error> {
        Ok(self.observations_of(graph)?.swap_remove(0))
    }

    /// The observations, with the shapes of a quantised graph.
    ///
    /// # Errors
    /// As [`InputData::observations`].
    pub fn observations_of(&self, graph: &QuantGraph) -> Result<Vec<Vec<Tensor>>, Error> {
        let slots: Vec<_> = graph
            .inputs
            .iter()
            .map(|id| Slot {
                name: &graph.tensors[id.0].name,
                shape: &graph.tensors[id.0].shape,
                element: graph.elements.get(id).copied().unwrap_or_default(),
            })
            .collect();
        self.split(&slots, Rest::Refused)
    }

    fn split(&self, slots: &[Slot<'_>], rest: Rest) -> Result<Vec<Vec<Tensor>>, Error> {
        let order = self.order(slots)?;
        if let Some(batch) = self.batch(&order, slots) {
            return self.in_batches(slots.len(), batch, rest)?.split(slots, rest);
        }
        let lists = self.input_data.len();
        // An array of one observation has no axis of its own for it.
        if let [slot] = slots
            && lists > 1
            && self.input_data.iter().all(|list| list.len() == self.input_data[0].len())
            && self.input_data[0].len() * lists == slot.shape.iter().product::<usize>()
        {
            let values = self.input_data.concat();
            return tensor(&values, slot)
                .map(|tensor| vec![vec![tensor]])
                .map_err(|reason| Error::Observation { index: 0, reason });
        }
        if lists == 0 || slots.is_empty() || !lists.is_multiple_of(slots.len()) {
            let reason = format!(
                "found {lists} lists of values, expected a positive multiple of {} (one per model input)",
                slots.len()
            );
            return Err(Error::Observation { index: 0, reason });
        }
        let joined = self.joined(&order, slots);
        (0..joined.unwrap_or(lists / slots.len()))
            .map(|index| {
                let inputs = order.iter().zip(slots).map(|(&at, slot)| {
                    let length: usize = slot.shape.iter().product();
                    let values = match joined {
                        Some(_) => self.input_data[at].chunks(length).nth(index).unwrap_or(&[]),
                        None => &self.input_data[index * slots.len() + at],
                    };
                    tensor(values, slot).map_err(|reason| format!("input `{}` {reason}", slot.name))
                });
                inputs
                    .collect::<Result<Vec<_>, _>>()
                    .map_err(|reason| Error::Observation { index, reason })
            })
            .collect()
    }

    /// How many observations stand one after the other in one list per model input; `None` if they have lists of
    /// their own.
    fn joined(&self, order: &[usize], slots: &[Slot<'_>]) -> Option<usize> {
        if self.input_data.len() != slots.len() {
            return None;
        }
        let counts = order.iter().zip(slots).map(|(&at, slot)| {
            let (values, length) = (self.input_data[at].len(), slot.shape.iter().product());
            (length > 0 && values.is_multiple_of(length)).then_some(values / length)
        });
        let counts: Vec<usize> = counts.collect::<Option<_>>()?;
        counts.first().copied().filter(|&n| n > 1 && counts.iter().all(|&count| count == n))
    }

    /// Where each model input stands among the lists of an observation.
    fn order(&self, slots: &[Slot<'_>]) -> Result<Vec<usize>, Error> {
        let positions = (0..slots.len()).collect();
        let Some(names) = &self.input_names else { return Ok(positions) };
        let numbered = names.iter().enumerate().all(|(i, name)| *name == format!("arr_{i}"));
        if numbered && names.len() == slots.len() {
            return Ok(positions);
        }
        let found = slots.iter().map(|slot| names.iter().position(|n| n == slot.name));
        match found.collect::<Option<Vec<_>>>() {
            Some(order) if names.len() == slots.len() => Ok(order),
            _ => {
                let expected: Vec<_> = slots.iter().map(|slot| slot.name).collect();
                let reason = format!(
                    "the data are for inputs {names:?}, the model has {expected:?}; rename them, or number them arr_0, arr_1, …"
                );
                Err(Error::Observation { index: 0, reason })
            }
        }
    }

    /// Uniform values in [-1, 1) for the graph's inputs.
    #[must_use]
    pub fn random(graph: &Graph, observations: usize, seed: u64) -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let mut value = move || f64::from(rng.next_u32()) / f64::from(1_u32 << 31) - 1.0;
        let lengths: Vec<usize> =
            graph.inputs.iter().map(|id| graph.nodes[id.0].shape.iter().product()).collect();
        let input_data = (0..observations)
            .flat_map(|_| lengths.clone())
            .map(|length| (0..length).map(|_| value()).collect())
            .collect();
        InputData::new(input_data)
    }
}

impl InputData {
    /// The same, values within ±1, with whole numbers for the inputs that hold such: none below zero where there
    /// are none, truth values where these are meant, and indices of the axis that they are meant for.
    #[must_use]
    pub fn whole(mut self, graph: &Graph) -> Self {
        let extents = graph.index_extents();
        let inputs = graph.inputs.iter().map(|id| (graph.element(*id), extents[id.0]));
        let inputs: Vec<(ElementType, Option<usize>)> = inputs.collect();
        for (list, (element, extent)) in self.input_data.iter_mut().zip(inputs.iter().cycle()) {
            if let Some(extent) = extent {
                #[allow(clippy::cast_precision_loss)] // no axis has 2^53 elements
                let extent = *extent as f64;
                list.iter_mut().for_each(|x| *x = (x.abs() * extent).floor().min(extent - 1.0));
                continue;
            }
            match element {
                ElementType::Float | ElementType::Double => {}
                ElementType::Integer { signed: true, .. } => {
                    list.iter_mut().for_each(|x| *x = x.round());
                }
                ElementType::Integer { signed: false, .. } => {
                    list.iter_mut().for_each(|x| *x = x.round().abs());
                }
                ElementType::Boolean => {
                    list.iter_mut().for_each(|x| *x = f64::from(u8::from(*x > 0.0)));
                }
            }
        }
        self
    }
}

/// What becomes of inputs that are fewer than a model takes at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rest {
    /// An error.
    Refused,
    /// The first inputs stand in for those that are missing.
    Filled,
}

/// The inputs of a model.
fn slots(graph: &Graph) -> Vec<Slot<'_>> {
    let slot = |id: &NodeId| Slot {
        name: &graph.nodes[id.0].name,
        shape: &graph.nodes[id.0].shape,
        element: graph.element(*id),
    };
    graph.inputs.iter().map(slot).collect()
}

/// What a model's input takes.
struct Slot<'a> {
    name: &'a str,
    shape: &'a [usize],
    element: ElementType,
}

fn tensor(values: &[f64], slot: &Slot<'_>) -> Result<Tensor, String> {
    let shape = slot.shape;
    let expected: usize = shape.iter().product();
    if values.len() != expected {
        let got = values.len();
        let batch = batches::entries(slot).map_or(String::new(), |(count, each)| {
            format!(", or {count} lists of {each}, one for each input that it takes at once")
        });
        return Err(format!("has {got} values, expected {expected} for shape {shape:?}{batch}"));
    }
    if let Some(at) = values.iter().position(|v| !v.is_finite()) {
        return Err(format!("value {at} is {}, expected a finite number", values[at]));
    }
    if let Some(at) = values.iter().position(|&value| !slot.element.holds(value)) {
        return Err(format!(
            "value {at} is {}, which float32 cannot hold as the model's {} does; scale the numbers down",
            values[at], slot.element
        ));
    }
    #[allow(clippy::cast_possible_truncation)] // the model computes in f32
    let data: Vec<f32> = values.iter().map(|&v| v as f32).collect();
    if let Some(at) = data.iter().position(|v| !v.is_finite()) {
        return Err(format!("value {at} is {:e}, beyond what a 32-bit float holds", values[at]));
    }
    Ok(Tensor { shape: shape.to_vec(), data })
}
