//! What `LSTM`, `GRU` and `RNN` have in common: directions, layouts, lengths, and sums of both products as one product of
//! input and state side by side, which is rescaled once. The weights are the same in all steps, and so laid once.

use std::collections::HashMap;
use std::ops::Range;

use super::super::draft::{Draft, whole, wholes};
use super::activation::{self, Activation};
use super::nodes::{clip, reshape, slice};
use super::{Known, check_count};
use crate::import::reason::Reason;
use crate::import::rewrite::quantised::linear::Dynamic;
use crate::import::stored::kind;
use crate::limits::MOST_ELEMENTS;

/// Nodes of one step, at most, with what they store.
const NODES_OF_A_STEP: usize = 64;

/// What tells the operators apart.
pub(super) struct Kind {
    /// Blocks of rows that the weights have.
    pub(super) gates: usize,
    /// Functions of one direction.
    pub(super) activations: &'static [&'static str],
    /// Whether there is a second state, the cell, and weights from it to the gates.
    pub(super) cell: bool,
    /// Whether weights are bytes, `[input, gates·hidden]`, and states become bytes too, as com.microsoft's operator has it.
    pub(super) quantised: bool,
    /// One step.
    pub(super) step: fn(&mut Side<'_, '_>, Step<'_>) -> Result<State, Reason>,
}

/// The state after a step; none is all zeros.
#[derive(Clone, Default)]
pub(super) struct State {
    pub(super) h: Option<String>,
    pub(super) c: Option<String>,
}

/// What a step is given.
pub(super) struct Step<'a> {
    /// What its nodes' names start with.
    pub(super) name: String,
    /// Its input, `[batch, input]`.
    pub(super) x: String,
    /// The state before.
    pub(super) before: &'a State,
}

/// Which weights a product is with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Of {
    /// Those of the input.
    X,
    /// Those of the state.
    H,
    /// Those of input and state, one below the other.
    Both,
}

/// What the sums of gates are made of.
pub(super) enum Operands {
    /// Input and state side by side, for a product with the weights of both.
    Beside(String),
    /// The sums themselves, of all gates.
    Sums(String),
}

/// One direction.
pub(super) struct Side<'d, 'g> {
    pub(super) draft: &'d mut Draft<'g>,
    name: &'static str,
    pub(super) hidden: usize,
    activations: Vec<Activation>,
    /// Weights `[input, gates·hidden]` and `[hidden, gates·hidden]`, turned.
    w: String,
    r: String,
    /// Biases of both, `[1, gates·hidden]`.
    b: Option<[String; 2]>,
    /// Weights from the cell to its gates, `[1, 3·hidden]`.
    pub(super) p: Option<String>,
    /// A state of zeros.
    pub(super) zeros: String,
    clip: Option<f32>,
    /// Weights of the state that are bytes.
    bytes: Option<Bytes>,
    /// Weights and biases of blocks of gates, which all steps read.
    parts: HashMap<(Of, usize, usize), (String, Option<String>)>,
}

impl Side<'_, '_> {
    /// Blocks of the gates.
    pub(super) fn gates(&mut self, part: &str, x: &str, gates: Range<usize>) -> String {
        let range = gates.start * self.hidden..gates.end * self.hidden;
        slice(self.draft, part, x, 1, range)
    }

    /// Weights and biases of these gates.
    fn weights(&mut self, of: Of, gates: Range<usize>) -> (String, Option<String>) {
        let key = (of, gates.start, gates.end);
        if let Some(known) = self.parts.get(&key) {
            return known.clone();
        }
        let name = format!("{}.{of:?}.{}.{}", self.name, gates.start, gates.end).to_lowercase();
        let (w, r) = (self.w.clone(), self.r.clone());
        let mut of_x = || self.gates(&format!("{name}.w"), &w, gates.clone());
        let weights = match of {
            Of::X => of_x(),
            Of::H => self.gates(&format!("{name}.r"), &r, gates.clone()),
            Of::Both => {
                let of_x = of_x();
                let of_h = self.gates(&format!("{name}.r"), &r, gates.clone());
                let axis = vec![whole("axis", 0)];
                self.draft.push(&format!("{name}.wr"), "Concat", &[&of_x, &of_h], axis)
            }
        };
        let bias = self.b.clone().map(|[of_x, of_h]| {
            let bias = match of {
                Of::X => of_x,
                Of::H => of_h,
                Of::Both => self.both(&format!("{name}.bias"), "Add", &of_x, &of_h),
            };
            self.gates(&format!("{name}.b"), &bias, gates.clone())
        });
        self.parts.insert(key, (weights.clone(), bias.clone()));
        (weights, bias)
    }

    /// The product with weights of these gates, and their biases.
    pub(super) fn product(&mut self, part: &str, of: Of, x: &str, gates: Range<usize>) -> String {
        let (weights, bias) = self.weights(of, gates);
        let product = self.both(&format!("{part}.product"), "MatMul", x, &weights);
        match bias {
            Some(bias) => self.both(&format!("{part}.sum"), "Add", &product, &bias),
            None => product,
        }
    }

    /// The input and a state side by side; a state before the first is all zeros.
    pub(super) fn beside(&mut self, part: &str, x: &str, h: Option<&str>) -> String {
        let h = h.unwrap_or(&self.zeros);
        self.draft.push(part, "Concat", &[x, h], vec![whole("axis", 1)])
    }

    /// What the sums of a step's gates are made of.
    pub(super) fn operands(
        &mut self,
        part: &str,
        x: &str,
        h: Option<&str>,
    ) -> Result<Operands, Reason> {
        let Some(bytes) = self.bytes.clone() else {
            return Ok(Operands::Beside(self.beside(part, x, h)));
        };
        // The input has met its weights already.
        let mut sums = x.to_owned();
        if let Some(h) = h {
            let product = bytes.product(self.draft, h)?;
            sums = self.both(&format!("{part}.of_both"), "Add", &sums, &product);
        }
        if let Some([of_x, of_h]) = self.b.clone() {
            let bias = self.both(&format!("{part}.bias"), "Add", &of_x, &of_h);
            sums = self.both(&format!("{part}.biased"), "Add", &sums, &bias);
        }
        Ok(Operands::Sums(sums))
    }

    /// The sums of these gates.
    pub(super) fn sums(&mut self, part: &str, of: &Operands, gates: Range<usize>) -> String {
        match of {
            Operands::Beside(both) => self.product(part, Of::Both, both, gates),
            Operands::Sums(sums) => self.gates(&format!("{part}.sum"), sums, gates),
        }
    }

    /// A function of what is kept within the node's `clip`.
    pub(super) fn activate(&mut self, part: &str, which: usize, x: &str) -> Result<String, Reason> {
        let clipped = self.clip.map(|most| clip(self.draft, &format!("{part}.clip"), x, most));
        let activation = self.activations.get(which).ok_or("an activation is missing")?;
        Ok(activation.push(self.draft, part, clipped.as_deref().unwrap_or(x)))
    }

    /// A node of two operands.
    pub(super) fn both(&mut self, part: &str, op: &str, a: &str, b: &str) -> String {
        self.draft.push(part, op, &[a, b], vec![])
    }
}

/// Weights that are bytes, less their zero points, and their scales.
#[derive(Clone)]
struct Bytes {
    weights: String,
    scale: String,
}

impl Bytes {
    /// The product with rows that become bytes of their own range.
    fn product(&self, draft: &mut Draft<'_>, x: &str) -> Result<String, Reason> {
        let Dynamic { y, scale, point } = Dynamic::of(draft, x)?;
        let centred = draft.push("bytes.centred", "Sub", &[&y, &point], vec![]);
        let product = draft.push("bytes.product", "MatMul", &[&centred, &self.weights], vec![]);
        let by = draft.push("bytes.factor", "Mul", &[&scale, &self.scale], vec![]);
        Ok(draft.push("bytes.real", "Mul", &[&product, &by], vec![]))
    }
}

/// The sizes of a node, all of them checked against its inputs.
struct Sizes {
    steps: usize,
    /// Steps that are taken; what is beyond them is padding.
    length: usize,
    batch: usize,
    input: usize,
    hidden: usize,
    batch_first: bool,
}

/// Unfolds a node.
pub(super) fn unfold(draft: &mut Draft<'_>, facts: &Known, kind: &Kind) -> Result<(), Reason> {
    let reverse: &[bool] = match draft.text("direction", "forward") {
        "forward" => &[false],
        "reverse" => &[true],
        "bidirectional" => &[false, true],
        other => return Err(Reason(format!("its direction {other} is not known"))),
    };
    let sizes = sizes(draft, facts, kind, reverse.len())?;
    let nodes = if kind.quantised { 2 * NODES_OF_A_STEP } else { NODES_OF_A_STEP };
    check_count(sizes.length * reverse.len(), nodes)?;
    let activations = activation::of_node(draft, kind.activations, reverse.len())?;
    let clip = draft.given("clip").then(|| draft.float("clip", 0.0)).filter(|&clip| clip > 0.0);
    let x = draft.input(0).ok_or("its input is missing")?.to_owned();
    let x = match sizes.batch_first {
        true => draft.push("x.turned", "Transpose", &[&x], vec![wholes("perm", vec![1, 0, 2])]),
        false => x,
    };
    let x = reshape(draft, "x", &x, &[sizes.steps * sizes.batch, sizes.input]);
    let mut sides = vec![];
    for (number, &reverse) in reverse.iter().enumerate() {
        let name = if reverse { "reverse" } else { "forward" };
        let count = kind.activations.len();
        let own = activations.iter().skip(number * count).take(count).cloned().collect();
        let side = Direction { number, name, reverse, sizes: &sizes, kind };
        sides.push(side.steps(draft, &x, own, clip)?);
    }
    outputs(draft, &sizes, &sides)
}

/// What a direction comes to: the state after every step in the order of time, and the last.
struct Sequence {
    all: Vec<String>,
    last: State,
}

struct Direction<'a> {
    number: usize,
    name: &'static str,
    reverse: bool,
    sizes: &'a Sizes,
    kind: &'a Kind,
}

impl Direction<'_> {
    /// The direction's row of an input, in another shape.
    fn row(
        &self,
        draft: &mut Draft<'_>,
        slot: usize,
        part: &str,
        shape: &[usize],
    ) -> Option<String> {
        let all = draft.input(slot)?.to_owned();
        let axis = usize::from(self.sizes.batch_first && matches!(part, "h" | "c"));
        let part = format!("{}.{part}", self.name);
        let range = self.number..self.number + 1;
        let one = slice(draft, &format!("{part}.row"), &all, axis, range);
        Some(reshape(draft, &part, &one, shape))
    }

    /// Weights that are bytes, with their scales and zero points: one for all, or for each column.
    fn bytes(
        &self,
        draft: &mut Draft<'_>,
        part: &str,
        weights: &str,
        [scale, zero]: [usize; 2],
    ) -> Result<Bytes, Reason> {
        let name = format!("{}.{part}", self.name);
        let mut row = |what: &str, slot: usize| {
            let all = draft.input(slot)?.to_owned();
            let range = self.number..self.number + 1;
            let one = slice(draft, &format!("{name}.{what}.row"), &all, 0, range);
            let shape = draft.store_whole(&format!("{name}.{what}.shape"), &[2], vec![1, -1]);
            Some(draft.push(&format!("{name}.{what}"), "Reshape", &[&one, &shape], vec![]))
        };
        let scale = row("scale", scale).ok_or("the scale of its weights is missing")?;
        let zero = row("zero", zero);
        let float = || vec![whole("to", i64::from(kind::FLOAT))];
        let mut weights = draft.push(&format!("{name}.float"), "Cast", &[weights], float());
        if let Some(zero) = zero {
            let zero = draft.push(&format!("{name}.zero.float"), "Cast", &[&zero], float());
            weights = draft.push(&format!("{name}.centred"), "Sub", &[&weights, &zero], vec![]);
        }
        Ok(Bytes { weights, scale })
    }

    fn steps(
        &self,
        draft: &mut Draft<'_>,
        x: &str,
        activations: Vec<Activation>,
        clip: Option<f32>,
    ) -> Result<Sequence, Reason> {
        let mut x = x.to_owned();
        let Sizes { length, batch, input, hidden, .. } = *self.sizes;
        let (name, width) = (self.name, self.kind.gates * hidden);
        let turn = |draft: &mut Draft<'_>, part: &str, x: &str| {
            let perm = vec![wholes("perm", vec![1, 0])];
            draft.push(&format!("{name}.{part}"), "Transpose", &[x], perm)
        };
        let missing = "its weights are missing";
        let (w, r, bytes) = match self.kind.quantised {
            false => {
                let w = self.row(draft, 1, "w", &[width, input]).ok_or(missing)?;
                let r = self.row(draft, 2, "r", &[width, hidden]).ok_or(missing)?;
                (turn(draft, "w.turned", &w), turn(draft, "r.turned", &r), None)
            }
            true => {
                let w = self.row(draft, 1, "w", &[input, width]).ok_or(missing)?;
                let r = self.row(draft, 2, "r", &[hidden, width]).ok_or(missing)?;
                let of_x = self.bytes(draft, "w", &w, [8, 9])?;
                x = of_x.product(draft, &x)?;
                let of_h = self.bytes(draft, "r", &r, [10, 11])?;
                (w, r, Some(of_h))
            }
        };
        let b = self.row(draft, 3, "b", &[1, 2 * width]).map(|both| {
            let of_x = slice(draft, &format!("{name}.b.x"), &both, 1, 0..width);
            [of_x, slice(draft, &format!("{name}.b.h"), &both, 1, width..2 * width)]
        });
        let p = if self.kind.cell { self.row(draft, 7, "p", &[1, 3 * hidden]) } else { None };
        let h = self.row(draft, 5, "h", &[batch, hidden]);
        let c = if self.kind.cell { self.row(draft, 6, "c", &[batch, hidden]) } else { None };
        let zeros = vec![0.0; batch * hidden];
        let zeros = draft.store(&format!("{name}.zeros"), &[batch, hidden], zeros);
        let parts = HashMap::new();
        let mut side =
            Side { draft, name, hidden, activations, w, r, b, p, zeros, clip, bytes, parts };
        let mut state = State { h, c };
        let mut all = vec![String::new(); length];
        for taken in 0..length {
            let time = if self.reverse { length - 1 - taken } else { taken };
            let name = format!("{name}.{time}");
            let rows = time * batch..(time + 1) * batch;
            let x = slice(side.draft, &format!("{name}.x"), &x, 0, rows);
            state = (self.kind.step)(&mut side, Step { name, x, before: &state })?;
            if let (Some(place), Some(h)) = (all.get_mut(time), &state.h) {
                place.clone_from(h);
            }
        }
        Ok(Sequence { all, last: state })
    }
}

/// Appends the outputs that somebody reads: states of all steps, and the last ones.
fn outputs(draft: &mut Draft<'_>, sizes: &Sizes, sides: &[Sequence]) -> Result<(), Reason> {
    let Sizes { steps, length, batch, hidden, .. } = *sizes;
    if draft.output(0) {
        let mut parts = vec![];
        for (number, side) in sides.iter().enumerate() {
            let mut states: Vec<&str> = side.all.iter().map(String::as_str).collect();
            let part = format!("y.{number}");
            let rest = (steps - length) * batch;
            let padding = (rest > 0).then(|| {
                draft.store(&format!("{part}.rest"), &[rest, hidden], vec![0.0; rest * hidden])
            });
            states.extend(padding.as_deref());
            let axis = vec![whole("axis", 0)];
            let all = draft.push(&format!("{part}.all"), "Concat", &states, axis);
            parts.push(reshape(draft, &part, &all, &[steps, 1, batch, hidden]));
        }
        let turned = sizes.batch_first.then(|| vec![2, 0, 1, 3]);
        join(draft, 0, "y", &parts, 1, turned);
    }
    for slot in [1, 2] {
        if !draft.output(slot) {
            continue;
        }
        let mut parts = vec![];
        for (number, side) in sides.iter().enumerate() {
            let state = if slot == 1 { &side.last.h } else { &side.last.c };
            let state = state.clone().ok_or("it has no such output")?;
            parts.push(reshape(draft, &format!("y{slot}.{number}"), &state, &[1, batch, hidden]));
        }
        let turned = sizes.batch_first.then(|| vec![1, 0, 2]);
        join(draft, slot, &format!("y{slot}"), &parts, 0, turned);
    }
    Ok(())
}

/// Makes an output of what the directions have for it.
fn join(
    draft: &mut Draft<'_>,
    slot: usize,
    part: &str,
    parts: &[String],
    axis: i64,
    turned: Option<Vec<i64>>,
) {
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let axis = vec![whole("axis", axis)];
    match turned {
        Some(perm) => {
            let all = draft.push(&format!("{part}.sides"), "Concat", &parts, axis);
            draft.finish(slot, "Transpose", &[&all], vec![wholes("perm", perm)]);
        }
        None => draft.finish(slot, "Concat", &parts, axis),
    }
}

/// Reads the sizes and checks every input against them.
fn sizes(
    draft: &Draft<'_>,
    facts: &Known,
    kind: &Kind,
    directions: usize,
) -> Result<Sizes, Reason> {
    let batch_first = match draft.integer("layout", 0) {
        0 => false,
        1 => true,
        other => return Err(Reason(format!("its layout {other} is not known"))),
    };
    let shape = |slot: usize| draft.input(slot).map(|name| facts.shape(name)).transpose();
    let &[first, second, input] = shape(0)?.ok_or("its input is missing")? else {
        return Err("its input must have three axes".into());
    };
    let (steps, batch) = if batch_first { (second, first) } else { (first, second) };
    let &[_, inner, last] = shape(2)?.ok_or("its weights are missing")? else {
        return Err("its weights must have three axes".into());
    };
    let hidden = if kind.quantised { inner } else { last };
    if draft.given("hidden_size") && usize::try_from(draft.integer("hidden_size", 0)) != Ok(hidden)
    {
        return Err("its hidden_size is not that of its weights".into());
    }
    let gates = kind.gates.checked_mul(hidden).ok_or("its weights are too large")?;
    let state = match batch_first {
        true => vec![batch, directions, hidden],
        false => vec![directions, batch, hidden],
    };
    let turned = |rows: usize| match kind.quantised {
        true => vec![directions, rows, gates],
        false => vec![directions, gates, rows],
    };
    let wanted = [
        (1, "W", turned(input)),
        (2, "R", turned(hidden)),
        (3, "B", vec![directions, 2 * gates]),
        (5, "initial_h", state.clone()),
        (6, "initial_c", state),
        (7, "P", vec![directions, 3 * hidden]),
    ];
    for (slot, name, wanted) in wanted {
        if slot >= 6 && !kind.cell {
            continue;
        }
        if let Some(got) = shape(slot)?.filter(|got| *got != wanted) {
            return Err(Reason(format!(
                "its input {name} has shape {got:?} instead of {wanted:?}"
            )));
        }
    }
    if steps == 0 || batch == 0 || hidden == 0 {
        return Err("an extent is 0".into());
    }
    let rows = steps.checked_mul(batch);
    let states = rows.and_then(|rows| rows.checked_mul(hidden));
    if states.is_none_or(|states| states as u128 > MOST_ELEMENTS) {
        return Err(Reason(format!(
            "its states have more than {MOST_ELEMENTS} elements: give it a shorter sequence or a smaller batch"
        )));
    }
    let length = length(draft, facts, steps, batch)?;
    Ok(Sizes { steps, length, batch, input, hidden, batch_first })
}

/// How many steps are taken: all, unless constant lengths say less.
fn length(draft: &Draft<'_>, facts: &Known, steps: usize, batch: usize) -> Result<usize, Reason> {
    let Some(lengths) = draft.input(4) else { return Ok(steps) };
    let Some(lengths) = facts.whole(lengths) else {
        return Err(Reason(format!(
            "its sequence_lens {lengths} depends on an input: leave it out, or give it a value (--fix INPUT=VALUE)"
        )));
    };
    let same = lengths.first().filter(|first| lengths.iter().all(|other| other == *first));
    let length = same.and_then(|&length| usize::try_from(length).ok());
    match length {
        Some(length) if lengths.len() == batch && (1..=steps).contains(&length) => Ok(length),
        _ => Err(Reason(format!(
            "its sequence_lens must be {batch} equal numbers from 1 to {steps}: export without them"
        ))),
    }
}
