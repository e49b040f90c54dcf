//! What lowering says of a circuit before anything has a place: blocks of cells, and identities over their
//! fingerprints.
//!
//! A program knows lanes, for layouts are made of whole rows of them, but neither rows nor columns: those are
//! given by [`crate::place`], for as many heights of a circuit as a planner likes to try.

use crate::error::CompileError;
use crate::ids::{
    ActivationId, BlockId, BoundaryId, HashId, LinearId, ListId, MaximumId, PlainId, RangeId,
    Space, ValueId,
};
use crate::planes::PlaneLayout;
use crate::views::{Origin, Views};
use provenn_fixed_point::{Committed, FormatId, Keys, QuantGraph, QuantTensor, TensorId};
use provenn_gadgets::linear::Extents;
use provenn_gadgets::{Message, TensorForm};
use rustc_hash::FxHashMap;

/// Rows of arithmetic of a circuit; a few bytes of a file can ask for any number.
pub(crate) const MOST_VALUES: usize = 1 << 22;

/// Which values a block shows not to be negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// Those of range `index` of its tensor's operation, less the range's least value.
    Operation { index: usize, least: i64 },
    /// Its tensor's elements, less the least that they may be.
    Above { least: i64 },
    /// The greatest value that its tensor's elements may be, less these.
    Below { greatest: i64 },
}

/// Values in a range, one per element of a tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RangeBlock {
    pub(crate) tensor: TensorId,
    pub(crate) shown: Shown,
    /// Never turned: its lanes are not the circuit's.
    pub(crate) layout: PlaneLayout,
    /// Bits that the largest value has.
    pub(crate) bits: u32,
}

/// A tensor's accumulators and outputs.
#[derive(Clone, Debug)]
pub(crate) struct ActivationBlock<'g> {
    pub(crate) tensor: TensorId,
    pub(crate) format: FormatId,
    pub(crate) layout: PlaneLayout,
    /// One per element or plane, or none.
    pub(crate) bias: &'g [i64],
    /// Positions without an element hold what a convolution drops.
    pub(crate) boundary: bool,
}

/// The image rows of each of a block's planes of windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lines {
    /// How many.
    pub(crate) count: usize,
    /// Windows of each.
    pub(crate) windows: usize,
    /// Positions from one to the next, in lanes of its own: whole rows of them.
    pub(crate) stride: usize,
    /// A column of elements is the one line.
    pub(crate) upright: bool,
}

/// Which banks of maxima a block stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MaximumKind {
    /// Height and width of a window.
    pub(crate) window: [usize; 2],
    pub(crate) shift: u32,
    pub(crate) low_bits: u32,
    /// Elements are rescaled, and a function is looked up of the largest.
    pub(crate) function: bool,
}

/// A tensor's maxima, over windows of what another one is before or after its rescale.
#[derive(Clone, Debug)]
pub(crate) struct MaximumBlock<'g> {
    pub(crate) tensor: TensorId,
    /// Whose elements the windows hold.
    pub(crate) of: TensorId,
    pub(crate) kind: MaximumKind,
    /// Of the maxima, as readers see it: in the circuit's lanes.
    pub(crate) layout: PlaneLayout,
    /// The same polynomials in lanes of its own; lines are whole rows of them.
    pub(crate) own: PlaneLayout,
    pub(crate) lanes: usize,
    pub(crate) lines: Lines,
    /// One per plane, or none.
    pub(crate) bias: &'g [i64],
    /// Bits that any distance from a maximum has.
    pub(crate) bits: u32,
}

/// What makes the cells of a plain block what they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Contents {
    /// A graph input: nothing but its statement; gaps are zero.
    Input,
    /// Fingerprints that equal others, whose gaps are zero.
    Equated,
    /// What is shown of them on the bus, a range or a place in a memory; gaps are zero. A lane of a range's block
    /// that holds no value looks up any limbs, and a lookup that holds none finds any entry that holds none, so that
    /// nothing but the copies of zero keeps its gaps, and with them those of all that is read in place, from being
    /// what a prover likes.
    Shown,
    /// Copies of the tensor's elements; gaps are zero.
    Copies,
}

/// Side of a pair of plain blocks whose products have a fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Left,
    Right,
}

/// Which banks a plain block stands in, and what its cells are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stand {
    /// Plain cells.
    Alone,
    /// One of two side by side whose products have a fingerprint; the right one follows the left one.
    Pair(Side),
    /// Entries of memories: each line of `per_line` elements is a space of its own, `first` the first line's.
    Entries { first: Space, per_line: usize, keys: Keys },
    /// Keys (left) and values (right) that are looked up, line by line in spaces from `first` on; the right one follows
    /// the left one.
    Lookup { side: Side, first: Space, per_line: usize },
}

/// A tensor's elements, in some order.
#[derive(Clone, Debug)]
pub(crate) struct PlainBlock<'g> {
    pub(crate) tensor: TensorId,
    pub(crate) layout: PlaneLayout,
    pub(crate) contents: Contents,
    /// Which elements it holds, in order.
    pub(crate) order: Order,
    pub(crate) stand: Stand,
    /// Factors of the scaled fingerprint, one per element; no other use of the block has one.
    pub(crate) coefficients: &'g [i64],
}

/// A pair of plain blocks that stand side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pairing {
    Products,
    Lookup,
}

impl Stand {
    /// What it is the left one of, if it is: the right one stands behind it.
    pub(crate) fn left_of(self) -> Option<Pairing> {
        self.pairing(Side::Left)
    }

    /// What it is the right one of, if it is.
    pub(crate) fn right_of(self) -> Option<Pairing> {
        self.pairing(Side::Right)
    }

    fn pairing(self, of: Side) -> Option<Pairing> {
        match self {
            Stand::Pair(side) => (side == of).then_some(Pairing::Products),
            Stand::Lookup { side, .. } => (side == of).then_some(Pairing::Lookup),
            Stand::Alone | Stand::Entries { .. } => None,
        }
    }
}

/// Which elements a plain block holds, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Its tensor's.
    Own,
    /// Those of the transpose of its tensor's `[rows, columns]`.
    Transposed([usize; 2]),
    /// Those of the first rows and columns of its tensor's planes: of `from` elements each, `to` are left.
    Cropped { from: [usize; 2], to: [usize; 2] },
    /// The first of each of these tensors, then the second of each, and so on.
    Interleaved(Vec<TensorId>),
    /// Its tensor's, as a sort of lines of `extent` elements puts them.
    Sorted { order: TensorId, extent: usize },
}

impl Order {
    /// The element at `i` of a block of `tensor`; `None` of those that only a witness puts in order.
    pub(crate) fn source(&self, tensor: TensorId, i: usize) -> Option<(TensorId, usize)> {
        match self {
            Order::Own => Some((tensor, i)),
            Order::Transposed([rows, columns]) => Some((tensor, (i % rows) * columns + i / rows)),
            Order::Cropped { from: [height, width], to: [rows, columns] } => {
                let of_plane = rows.checked_mul(*columns)?;
                let (plane, at) = (i.checked_div(of_plane)?, i % of_plane);
                Some((tensor, (plane * height + at / columns) * width + at % columns))
            }
            Order::Interleaved(all) => Some((*all.get(i % all.len().max(1))?, i / all.len())),
            Order::Sorted { .. } => None,
        }
    }
}

/// A challenge that has powers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Point {
    Sigma,
    Rho,
    Tau,
}

/// Fingerprints of a block of activations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum ActivationFingerprint {
    /// Of y, the accumulators.
    Accumulator,
    /// Of a, the outputs.
    Output,
}

/// Fingerprints of a block of plain cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum PlainFingerprint {
    Sigma,
    Rho,
    /// Of coefficient times cell.
    Scaled,
    /// Of a left block's cells times the right one's.
    Product,
}

/// The fingerprint of one plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Fingerprint {
    Activation { block: ActivationId, plane: usize, of: ActivationFingerprint },
    Maximum { block: MaximumId, plane: usize },
    Plain { block: PlainId, plane: usize, of: PlainFingerprint },
    Range { block: RangeId, plane: usize },
}

/// One image row of sums: of a line of windows, one of the rows that these have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SumsOfRow {
    pub(crate) block: MaximumId,
    pub(crate) plane: usize,
    pub(crate) line: usize,
    pub(crate) row: usize,
}

/// A field element of the later phases.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Value {
    Constant(i64),
    Power(Point, usize),
    /// σ^i·τ^j
    Powers(usize, usize),
    Fingerprint(Fingerprint),
    /// The fingerprint of an image row of sums.
    Sums(SumsOfRow),
    /// The value of a linear identity.
    Linear(LinearId),
    /// An element of a plain block.
    Element(PlainId, usize),
    /// The fingerprint of a run of boundary terms.
    BoundaryValues(BoundaryId),
    /// Where a key occurs in a list, by the key's position: `Σ_{i: index_i = k} ρ^i`.
    Occurrences(ListId, usize),
    /// A tensor's digest.
    Digest(HashId),
    /// `factor·a·b + c1·c`
    Arithmetic {
        factor: i64,
        a: ValueId,
        b: ValueId,
        addend: Option<(i64, ValueId)>,
    },
}

/// The inputs of a linear identity.
#[derive(Clone, Debug)]
pub(crate) enum Inputs {
    /// The elements of a tensor.
    Elements(TensorId),
    /// The elements of a tensor, of so many, and these.
    Extended(TensorId, usize, Vec<ValueId>),
    /// These.
    Values(Vec<ValueId>),
}

/// A kernel coefficient's input channel, row and column.
pub(crate) type Tap = [usize; 3];

/// The weights of a linear identity.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Weights<'g> {
    /// Row-major, with this many columns.
    Dense { weights: &'g [i64], columns: usize },
    /// Row-major, one row for each input.
    Rows { rows: &'g [i64], width: usize },
    /// A kernel of `[O,C/G,KH,KW]`, restricted to some taps; of each, the outputs of its channel's group.
    Taps { kernel: &'g [i64], shape: [usize; 4], outputs: usize, taps: &'g [Tap] },
}

impl Weights<'_> {
    /// W_nk.
    pub(crate) fn at(&self, n: usize, k: usize) -> i64 {
        match *self {
            Weights::Dense { weights, columns } => weights[n * columns + k],
            Weights::Rows { rows, width } => rows[k * width + n],
            Weights::Taps { kernel, shape: [_, of_group, height, width], outputs, taps } => {
                let [c, a, b] = taps[k];
                let row = c / of_group * outputs + n;
                kernel[((row * of_group + c % of_group) * height + a) * width + b]
            }
        }
    }
}

/// Digits of biases as weights of further inputs: of each group's outputs all digits, the least first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Digits<'g> {
    /// One per output of every group, or none.
    pub(crate) bias: &'g [i64],
    pub(crate) of: Committed,
    /// The first of the further inputs.
    pub(crate) first: usize,
}

impl LinearValue<'_> {
    /// W_nk.
    pub(crate) fn weight(&self, n: usize, k: usize) -> i64 {
        let digit = |digits: Digits<'_>| {
            let (at, each) =
                (k.checked_sub(digits.first)?, usize::try_from(digits.of.digits).ok()?);
            let output = at.checked_div(each)? * self.extents.outputs + n;
            let bias = digits.bias.get(output).copied().unwrap_or(0);
            digits.of.digits(bias)?.get(at % each).copied()
        };
        match self.committed.and_then(digit) {
            Some(digit) => digit,
            None => self.weights.at(n, k),
        }
    }
}

/// `Σ_n ω^n·Σ_k W_nk·x_k`, ω being ρ or σ.
#[derive(Clone, Debug)]
pub(crate) struct LinearValue<'g> {
    /// Whom to blame.
    pub(crate) tensor: TensorId,
    /// ω is ρ, else σ.
    pub(crate) rho: bool,
    pub(crate) extents: Extents,
    /// Where weights stand in a commitment and not in the key: the digits of their bias, which are weights too.
    pub(crate) committed: Option<Digits<'g>>,
    pub(crate) weights: Weights<'g>,
    pub(crate) inputs: Inputs,
}

/// A run of boundary terms of one image row of a convolution's full product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BoundaryRun {
    pub(crate) tensor: TensorId,
    /// Image row, and the columns.
    pub(crate) i: usize,
    pub(crate) j: usize,
    pub(crate) length: usize,
}

/// A list of indices whose occurrences are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct List {
    pub(crate) indices: TensorId,
    /// How many indices.
    pub(crate) length: usize,
    pub(crate) keys: Keys,
    /// How many keys.
    pub(crate) count: usize,
}

/// A tensor that is hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hashed {
    pub(crate) tensor: TensorId,
    pub(crate) message: Message,
}

/// Public values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Public {
    /// A tensor's elements.
    Elements(TensorId),
    /// One value of the later phases.
    Value(ValueId),
}

impl ListId {
    /// Its number on the bus.
    pub(crate) fn space(self) -> Option<Space> {
        Some(Space(i64::try_from(self.0).ok()?.checked_add(1)?))
    }
}

/// An element of a tensor: a plain cell, or a constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Element {
    Plain(PlainId, usize),
    Constant(i64),
}

/// Blocks, and what holds between them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Program<'g> {
    pub(crate) activation: Vec<ActivationBlock<'g>>,
    pub(crate) maximum: Vec<MaximumBlock<'g>>,
    pub(crate) range: Vec<RangeBlock>,
    pub(crate) plain: Vec<PlainBlock<'g>>,
    pub(crate) boundary: Vec<BoundaryRun>,
    pub(crate) linears: Vec<LinearValue<'g>>,
    pub(crate) lists: Vec<List>,
    /// Spaces of memories so far.
    pub(crate) spaces: i64,
    /// In an order in which operands precede their users.
    pub(crate) values: Vec<Value>,
    /// Pairs of equal values.
    pub(crate) equal: Vec<(ValueId, ValueId)>,
    /// Tensors that are hashed.
    pub(crate) hashed: Vec<Hashed>,
    /// Tensors that stand in commitments of their own: inputs, then outputs.
    pub(crate) committed_tensors: Vec<TensorId>,
    /// What the public values are, in order.
    pub(crate) public: Vec<Public>,
    /// The plain block that holds each tensor's elements, where there is one.
    pub(crate) homes: FxHashMap<TensorId, PlainId>,
    known: FxHashMap<Known, ValueId>,
}

/// Values that are made once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Known {
    Constant(i64),
    Power(Point, usize),
    Powers(usize, usize),
    Fingerprint(Fingerprint),
}

impl<'g> Program<'g> {
    /// Where committed tensors stand in columns of 2^k rows.
    pub(crate) fn tensor_form(&self, graph: &QuantGraph, k: u32) -> TensorForm {
        let length = |id: &TensorId| graph.tensors.get(id.0).map_or(0, QuantTensor::len);
        TensorForm { k, lengths: self.committed_tensors.iter().map(length).collect() }
    }

    /// How many public values there are.
    pub(crate) fn public_values(&self, graph: &QuantGraph) -> usize {
        let values = self.public.iter().map(|public| match public {
            Public::Elements(id) => graph.tensors.get(id.0).map_or(0, QuantTensor::len),
            Public::Value(_) => 1,
        });
        values.fold(0, usize::saturating_add)
    }

    pub(crate) fn push(&mut self, value: Value) -> ValueId {
        let known = match value {
            Value::Constant(c) => Some(Known::Constant(c)),
            Value::Power(point, e) => Some(Known::Power(point, e)),
            Value::Powers(i, j) => Some(Known::Powers(i, j)),
            Value::Fingerprint(fingerprint) => Some(Known::Fingerprint(fingerprint)),
            Value::Sums(_)
            | Value::Linear(_)
            | Value::Element(..)
            | Value::BoundaryValues(_)
            | Value::Occurrences(..)
            | Value::Digest(_)
            | Value::Arithmetic { .. } => None,
        };
        if let Some(id) = known.and_then(|known| self.known.get(&known)) {
            return *id;
        }
        let id = ValueId(self.values.len());
        self.values.push(value);
        if let Some(known) = known {
            self.known.insert(known, id);
        }
        id
    }

    pub(crate) fn constant(&mut self, value: i64) -> ValueId {
        self.push(Value::Constant(value))
    }

    pub(crate) fn power(&mut self, point: Point, e: usize) -> ValueId {
        self.push(match e {
            0 => Value::Constant(1),
            _ => Value::Power(point, e),
        })
    }

    /// σ^i·τ^j
    pub(crate) fn powers(&mut self, sigma: usize, tau: usize) -> ValueId {
        match (sigma, tau) {
            (_, 0) => self.power(Point::Sigma, sigma),
            (0, _) => self.power(Point::Tau, tau),
            _ => self.push(Value::Powers(sigma, tau)),
        }
    }

    /// a·b
    pub(crate) fn multiply(&mut self, a: ValueId, b: ValueId) -> ValueId {
        self.push(Value::Arithmetic { factor: 1, a, b, addend: None })
    }

    /// factor·a·b + c1·c
    pub(crate) fn multiply_add(
        &mut self,
        factor: i64,
        a: ValueId,
        b: ValueId,
        addend: Option<(i64, ValueId)>,
    ) -> ValueId {
        self.push(Value::Arithmetic { factor, a, b, addend })
    }

    pub(crate) fn equal(&mut self, left: ValueId, right: ValueId) {
        self.equal.push((left, right));
    }

    pub(crate) fn layout(&self, block: BlockId) -> PlaneLayout {
        match block {
            BlockId::Activation(id) => self.activation[id.0].layout,
            BlockId::Maximum(id) => self.maximum[id.0].layout,
            BlockId::Plain(id) => self.plain[id.0].layout,
        }
    }

    /// Whether some plain block's fingerprint of this kind is read.
    pub(crate) fn reads(&self, kind: PlainFingerprint) -> bool {
        self.values.iter().any(|value| {
            matches!(value, Value::Fingerprint(Fingerprint::Plain { of, .. }) if *of == kind)
        })
    }

    /// Whether image rows of some block are powers of a challenge of their own.
    pub(crate) fn turns(&self) -> bool {
        let activation = self.activation.iter().map(|block| block.layout);
        let maximum = self.maximum.iter().map(|block| block.layout);
        let plain = self.plain.iter().map(|block| block.layout);
        activation.chain(maximum).chain(plain).any(|layout| layout.turned)
    }

    /// What element `index` of a tensor is, through views.
    pub(crate) fn element(
        &self,
        views: &Views,
        tensor: TensorId,
        index: usize,
    ) -> Result<Element, CompileError> {
        let internal = |what| CompileError::Internal { node: format!("tensor {}", tensor.0), what };
        let (tensor, index) = match views.get(tensor) {
            None => (tensor, index),
            Some(view) => match view.origins.get(index) {
                Some(&Origin::Element { tensor, index }) => (tensor, index),
                Some(&Origin::Constant(c)) => return Ok(Element::Constant(c)),
                None => return Err(internal("a view has too few elements")),
            },
        };
        let home = self.homes.get(&tensor).copied();
        let home = home.ok_or_else(|| internal("an element is read that no plain cell holds"))?;
        Ok(Element::Plain(home, index))
    }
}
