//! Input data: `input.json` and its relatives.

use crate::Error;
use provenn_fixed_point::QuantGraph;
use provenn_onnx_ir::{Graph, Tensor};
use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Files beyond this size are refused before they are read.
const LIMIT: u64 = 1 << 30;

/// Observations for a model: one list of flat values per graph input, observation after observation.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct InputData {
    /// Flat row-major values; with m graph inputs, lists m·i to m·i+m−1 are observation i.
    pub input_data: Vec<Vec<f64>>,
    /// Ignored: the model knows its shapes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_shapes: Option<Vec<Vec<usize>>>,
}

impl InputData {
    /// Reads `{"input_data": [[…]]}`.
    ///
    /// # Errors
    /// [`Error::Data`] naming the file and what is wrong with it.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let wrong = |reason: String| Error::Data { path: path.into(), reason };
        let size = std::fs::metadata(path).map_err(|error| wrong(error.to_string()))?.len();
        if size > LIMIT {
            return Err(wrong(format!("has {size} bytes, at most {LIMIT} are read")));
        }
        let text = std::fs::read(path).map_err(|error| wrong(error.to_string()))?;
        serde_json::from_slice(&text).map_err(|error| {
            wrong(format!("{error}; expected {{\"input_data\": [[numbers of input 0], …]}}"))
        })
    }

    /// The observations as tensors of the graph's input shapes.
    ///
    /// # Errors
    /// [`Error::Observation`] for an empty file, a wrong count or length, or a value that is no number.
    pub fn observations(&self, graph: &Graph) -> Result<Vec<Vec<Tensor>>, Error> {
        let shapes: Vec<_> = graph
            .inputs
            .iter()
            .map(|id| (graph.nodes[id.0].name.as_str(), graph.nodes[id.0].shape.as_slice()))
            .collect();
        self.split(&shapes)
    }

    /// The first observation, with the shapes of a quantised graph.
    ///
    /// # Errors
    /// As [`InputData::observations`].
    pub fn first_observation(&self, graph: &QuantGraph) -> Result<Vec<Tensor>, Error> {
        let shapes: Vec<_> = graph
            .inputs
            .iter()
            .map(|id| (graph.tensors[id.0].name.as_str(), graph.tensors[id.0].shape.as_slice()))
            .collect();
        Ok(self.split(&shapes)?.swap_remove(0))
    }

    fn split(&self, shapes: &[(&str, &[usize])]) -> Result<Vec<Vec<Tensor>>, Error> {
        let lists = self.input_data.len();
        if lists == 0 || shapes.is_empty() || !lists.is_multiple_of(shapes.len()) {
            let reason = format!(
                "found {lists} lists of values, expected a positive multiple of {} (one per model input)",
                shapes.len()
            );
            return Err(Error::Observation { index: 0, reason });
        }
        self.input_data
            .chunks(shapes.len())
            .enumerate()
            .map(|(index, lists)| {
                lists
                    .iter()
                    .zip(shapes)
                    .map(|(values, (name, shape))| {
                        tensor(values, shape).map_err(|reason| format!("input `{name}` {reason}"))
                    })
                    .collect::<Result<Vec<_>, _>>()
                    .map_err(|reason| Error::Observation { index, reason })
            })
            .collect()
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
        InputData { input_data, input_shapes: None }
    }
}

fn tensor(values: &[f64], shape: &[usize]) -> Result<Tensor, String> {
    let expected: usize = shape.iter().product();
    if values.len() != expected {
        return Err(format!(
            "has {} values, expected {expected} for shape {shape:?}",
            values.len()
        ));
    }
    if let Some(at) = values.iter().position(|v| !v.is_finite()) {
        return Err(format!("value {at} is {}, expected a finite number", values[at]));
    }
    #[allow(clippy::cast_possible_truncation)] // the model computes in f32
    let data = values.iter().map(|&v| v as f32).collect();
    Ok(Tensor { shape: shape.to_vec(), data })
}
