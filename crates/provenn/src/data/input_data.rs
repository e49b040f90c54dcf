//! Observations as a file holds them, or as they are drawn.

use provenn_onnx_ir::{ElementType, Graph};
use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};
use serde::Serialize;

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

    /// Uniform values in [low, high) for the graph's inputs; whole numbers, truth values and indices where those are
    /// meant.
    #[must_use]
    pub fn random_within(
        graph: &Graph,
        observations: usize,
        seed: u64,
        (low, high): (f64, f64),
    ) -> Self {
        let mut data = InputData::random(graph, observations, seed);
        for value in data.input_data.iter_mut().flatten() {
            *value = low + (*value + 1.0) / 2.0 * (high - low);
        }
        data.whole(graph)
    }

    /// Observations of several inputs as each input's rows: all have the same number of them.
    ///
    /// # Errors
    /// The names of two inputs that differ in it.
    pub(super) fn of_rows(inputs: Vec<(String, Vec<Vec<f64>>)>) -> Result<Self, String> {
        let observations = inputs.first().map_or(0, |(_, rows)| rows.len());
        if let Some((name, rows)) = inputs.iter().find(|(_, rows)| rows.len() != observations) {
            return Err(format!(
                "array `{name}` has {} observations, `{}` has {observations}",
                rows.len(),
                inputs[0].0
            ));
        }
        let (names, mut inputs): (Vec<_>, Vec<_>) = inputs.into_iter().unzip();
        let mut data = InputData::new(vec![]);
        for i in 0..observations {
            data.input_data.extend(inputs.iter_mut().map(|rows| std::mem::take(&mut rows[i])));
        }
        data.input_names = Some(names);
        Ok(data)
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
