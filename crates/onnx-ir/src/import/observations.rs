//! Models that leave open how many observations they take at once, and nothing else: their inputs' first axes.
//!
//! One is what is meant, if that axis counts observations. Whether it does is not believed of a name but tried: of two
//! invented observations each must have the outputs that it has alone. An axis of time, of nodes or of tokens, over which
//! something is summed, compared or carried on, does not pass; such a model keeps its open extent, which has to be given.

use std::collections::BTreeMap;

use crate::{ElementType, Graph, ImportError, Tensor};

/// How far an output of two may differ from that of one, as a share of its largest value: sums in another order.
const TOLERANCE: f32 = 1e-5;

/// Models of more multiplications are not tried, which would take seconds.
const MOST: u128 = 1 << 27;

/// The symbols of the open extents.
pub(super) struct Open(Vec<String>);

impl Open {
    /// All of them have this value.
    pub(super) fn all(&self, value: usize) -> BTreeMap<String, usize> {
        self.0.iter().map(|symbol| (symbol.clone(), value)).collect()
    }
}

/// What is open, where these are first axes alone, of one name or without any, and nothing was given. A 0 that the file
/// states is none.
pub(super) fn open(error: &ImportError, given: &BTreeMap<String, usize>) -> Option<Open> {
    let ImportError::UnresolvedExtents { extents } = error else { return None };
    let mut symbols: Vec<String> = extents.iter().map(|open| open.symbol.clone()).collect();
    symbols.dedup();
    let unnamed = extents.iter().all(|open| open.symbol == format!("{}.0", open.input));
    let first = extents.iter().all(|open| open.axis == 0 && !open.zero);
    (first && given.is_empty() && (unnamed || symbols.len() == 1)).then_some(Open(symbols))
}

/// Whether a model is small enough to be tried.
pub(super) fn is_tried(one: &Graph) -> bool {
    one.multiplications() <= MOST
}

/// Whether the model of two observations gives each the outputs that the model of one gives it.
pub(super) fn apart(one: &Graph, two: &Graph) -> bool {
    compare(one, two).unwrap_or(false)
}

fn compare(one: &Graph, two: &Graph) -> Option<bool> {
    let first = invented(one, 0)?;
    let (mut second, mut joined) = (vec![], vec![]);
    for (id, (first, other)) in two.inputs.iter().zip(first.iter().zip(invented(one, 1)?)) {
        let shape = two.nodes.get(id.0)?.shape.clone();
        // An input of constant extents is one for both.
        let shared = shape == first.shape;
        let data = match shared {
            true => first.data.clone(),
            false => [first.data.as_slice(), &other.data].concat(),
        };
        joined.push(Tensor { shape, data });
        second.push(if shared { first.clone() } else { other });
    }
    let both = outputs(two, &joined)?;
    let (first, second) = (outputs(one, &first)?, outputs(one, &second)?);
    let alike = both.iter().zip(first.iter().zip(&second)).all(|(both, (first, second))| {
        let rows = both.shape.split_first() == Some((&2, first.shape.get(1..).unwrap_or(&[])));
        let alone = first.data.iter().chain(&second.data);
        let largest = alone.clone().fold(0.0_f32, |largest, value| largest.max(value.abs()));
        let near = |(a, b): (&f32, &f32)| (a - b).abs() <= TOLERANCE * largest;
        rows && first.shape.first() == Some(&1) && both.data.iter().zip(alone).all(near)
    });
    Some(alike && both.len() == first.len())
}

fn outputs(graph: &Graph, inputs: &[Tensor]) -> Option<Vec<Tensor>> {
    let values = graph.evaluate_invented(inputs).ok()?;
    graph.outputs.iter().map(|id| values.get(id.0).cloned()).collect()
}

/// The first or the second invented observation; of whole numbers and truth values no element is the same in both.
fn invented(graph: &Graph, row: u32) -> Option<Vec<Tensor>> {
    let mut state = 1_u32;
    let inputs = graph.inputs.iter().map(|&id| {
        let shape = graph.nodes.get(id.0)?.shape.clone();
        let whole = matches!(graph.element(id), ElementType::Integer { .. });
        let truth = graph.element(id) == ElementType::Boolean;
        let elements = (0..crate::tensor::volume(&shape)?).map(|_| {
            // Numerical Recipes' linear congruence, of which the upper bits are good.
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let upper = u16::try_from(state >> 16).unwrap_or(u16::MAX);
            match (truth, whole) {
                (true, _) => f32::from(u8::from((u32::from(upper & 1)) != row)),
                (false, true) => f32::from(upper % 3) + if row == 0 { 0.0 } else { 1.0 },
                (false, false) => {
                    let unit = f32::from(upper) / f32::from(u16::MAX);
                    if row == 0 { 4.0 * unit - 2.0 } else { 1.0 - 3.0 * unit }
                }
            }
        });
        let data = elements.collect();
        Some(Tensor { shape, data })
    });
    inputs.collect()
}
