//! Observations as tensors of a model's inputs.

use super::batches::{Rest, entries};
use super::input_data::InputData;
use super::slot::{Slot, public_slots, slots};
use crate::{Error, ObservationProblem, ValuesProblem};
use provenn_fixed_point::QuantGraph;
use provenn_gadgets::PublicTensor;
use provenn_onnx_ir::{Graph, Tensor};

impl InputData {
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

    /// The observations, with the shapes of a key's inputs.
    ///
    /// # Errors
    /// As [`InputData::observations`].
    pub fn observations_of_public(
        &self,
        inputs: &[PublicTensor],
    ) -> Result<Vec<Vec<Tensor>>, Error> {
        self.split(&public_slots(inputs), Rest::Refused)
    }

    fn split(&self, slots: &[Slot<'_>], rest: Rest) -> Result<Vec<Vec<Tensor>>, Error> {
        let order = self.order(slots)?;
        if let Some(batch) = self.batch(&order, slots) {
            return self.in_batches(slots.len(), batch, rest)?.split(slots, rest);
        }
        let lists = self.input_data.len();
        // A model that reads nothing, as when all its inputs are fixed, does so once.
        if slots.is_empty() && lists == 0 {
            return Ok(vec![vec![]]);
        }
        // An array of one observation has no axis of its own for it.
        if let [slot] = slots
            && lists > 1
            && self.input_data.iter().all(|list| list.len() == self.input_data[0].len())
            && self.input_data[0].len() * lists == slot.shape.iter().product::<usize>()
        {
            let values = self.input_data.concat();
            return tensor(&values, slot)
                .map(|tensor| vec![vec![tensor]])
                .map_err(|problem| ObservationProblem::from(problem).of(0));
        }
        if lists == 0 || slots.is_empty() || !lists.is_multiple_of(slots.len()) {
            let problem = ObservationProblem::Lists { got: lists, inputs: slots.len() };
            return Err(problem.of(0));
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
                    tensor(values, slot).map_err(|source| ObservationProblem::Input {
                        name: slot.name.to_owned(),
                        source,
                    })
                });
                inputs
                    .collect::<Result<Vec<_>, _>>()
                    .map_err(|problem: ObservationProblem| problem.of(index))
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
                let expected = slots.iter().map(|slot| slot.name.to_owned()).collect();
                Err(ObservationProblem::Names { got: names.clone(), expected }.of(0))
            }
        }
    }
}

fn tensor(values: &[f64], slot: &Slot<'_>) -> Result<Tensor, ValuesProblem> {
    let shape = slot.shape;
    let expected: usize = shape.iter().product();
    if values.len() != expected {
        let (got, shape) = (values.len(), shape.to_vec());
        return Err(ValuesProblem::Count { got, expected, shape, batch: entries(slot) });
    }
    if let Some(at) = values.iter().position(|v| !v.is_finite()) {
        return Err(ValuesProblem::NotFinite { at, value: values[at] });
    }
    if let Some(at) = values.iter().position(|&value| !slot.element.holds(value)) {
        let (value, element) = (values[at], slot.element);
        return Err(ValuesProblem::NotHeld { at, value, element });
    }
    #[allow(clippy::cast_possible_truncation)] // the model computes in f32
    let data: Vec<f32> = values.iter().map(|&v| v as f32).collect();
    if let Some(at) = data.iter().position(|v| !v.is_finite()) {
        return Err(ValuesProblem::TooLarge { at, value: values[at] });
    }
    Ok(Tensor { shape: shape.to_vec(), data })
}
