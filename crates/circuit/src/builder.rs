//! The builder: collects fixed values, copies and the program while operators are lowered.
//!
//! A *dry* builder counts rows and banks only; the planner runs it for every candidate shape.

use crate::error::CompileError;
use crate::place::{Block, BorderRun, Digest, Kind, Piece, PlaneLayout, Point, Spot, Tape};
use crate::plan::Borders;
use crate::tables::Tables;
use provenn_fixed_point::{QuantGraph, QuantOp, Source, TensorId};
use provenn_gadgets::linear::{Division, Extents};
use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

/// Fixed values of one activation bank.
#[derive(Clone, Debug, Default)]
pub(crate) struct ActivationFixed {
    /// (lane, row, tag, offset)
    pub(crate) lanes: Vec<(usize, usize, i64, i64)>,
    pub(crate) step: Vec<usize>,
    pub(crate) turn: Vec<usize>,
}

/// Fixed values of one plain bank.
#[derive(Clone, Debug, Default)]
pub(crate) struct PlainFixed {
    pub(crate) step: Vec<usize>,
    pub(crate) turn: Vec<usize>,
    /// (lane, row, coefficient)
    pub(crate) coefficients: Vec<(usize, usize, i64)>,
}

/// A run of a linear identity.
#[derive(Clone)]
pub(crate) struct Part<'g> {
    pub(crate) rho: bool,
    pub(crate) engine: usize,
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) units: Range<usize>,
    pub(crate) extents: Extents,
    pub(crate) weights: Rc<dyn Fn(usize, usize) -> i64 + 'g>,
    pub(crate) inputs: Rc<[Spot]>,
}

/// One glue row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GlueRow {
    pub(crate) bank: usize,
    pub(crate) row: usize,
    pub(crate) coefficients: [i64; 6],
    pub(crate) operands: [Option<Spot>; 3],
}

/// A step of the second phase, by spots.
#[derive(Clone, Copy, Debug)]
pub(crate) enum SpotStep {
    Glue(GlueRow),
    /// By position among the parts.
    Linear(usize),
}

/// Element sources: a spot, or a constant.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ElementSpot {
    Spot(Spot),
    Constant(i64),
}

/// Everything that lowering produces.
pub(crate) struct Builder<'g> {
    pub(crate) graph: &'g QuantGraph,
    pub(crate) dry: bool,
    /// How the gadget set divides weights.
    pub(crate) divide: fn(Extents) -> Division,
    pub(crate) lanes: usize,
    pub(crate) engine_lanes: usize,
    pub(crate) capacity: usize,
    pub(crate) activation: Tape,
    pub(crate) plain: Tape,
    pub(crate) engines: [Tape; 2],
    pub(crate) border: Tape,
    pub(crate) borders: Borders,
    pub(crate) border_runs: Vec<BorderRun>,
    /// Some layout is turned.
    pub(crate) turned: bool,
    pub(crate) glue_rows: usize,
    pub(crate) activation_fixed: Vec<ActivationFixed>,
    pub(crate) plain_fixed: Vec<PlainFixed>,
    pub(crate) parts: Vec<Part<'g>>,
    pub(crate) copies: Vec<(Spot, Spot)>,
    pub(crate) steps: Vec<SpotStep>,
    pub(crate) blocks: Vec<Block>,
    pub(crate) tables: Tables,
    pub(crate) rho_digests: bool,
    pub(crate) scaled_digests: bool,
    pub(crate) product_digests: bool,
    /// Primary block of each tensor that has one.
    pub(crate) primary: Vec<Option<usize>>,
    /// Plain blocks by tensor and layout.
    pub(crate) plain_copies: BTreeMap<(TensorId, PlaneLayout), usize>,
    pub(crate) constants: BTreeMap<i64, Spot>,
    pub(crate) powers: BTreeMap<(Point, usize), Spot>,
    /// By exponents of σ and τ.
    pub(crate) mixed_powers: BTreeMap<(usize, usize), Spot>,
    /// Layout that users of a tensor would like.
    pub(crate) wanted: Vec<Option<PlaneLayout>>,
}

impl<'g> Builder<'g> {
    pub(crate) fn new(
        graph: &'g QuantGraph,
        lanes: usize,
        engine_lanes: usize,
        capacity: usize,
        dry: bool,
        borders: Borders,
        divide: fn(Extents) -> Division,
    ) -> Self {
        Builder {
            graph,
            dry,
            divide,
            lanes,
            engine_lanes,
            capacity,
            activation: Tape::new(capacity),
            plain: Tape::new(capacity),
            engines: [Tape::new(capacity), Tape::new(capacity)],
            border: Tape::new(capacity),
            borders,
            border_runs: vec![],
            turned: false,
            glue_rows: 0,
            activation_fixed: vec![],
            plain_fixed: vec![],
            parts: vec![],
            copies: vec![],
            steps: vec![],
            blocks: vec![],
            tables: Tables::new(graph),
            rho_digests: false,
            scaled_digests: false,
            product_digests: false,
            primary: vec![None; graph.tensors.len()],
            plain_copies: BTreeMap::new(),
            constants: BTreeMap::new(),
            powers: BTreeMap::new(),
            mixed_powers: BTreeMap::new(),
            wanted: crate::lower::conv::wanted_layouts(graph, lanes, borders),
        }
    }

    pub(crate) fn unsupported(&self, tensor: TensorId, reason: impl Into<String>) -> CompileError {
        let t = &self.graph.tensors[tensor.0];
        CompileError::Unsupported {
            node: t.name.clone(),
            op: t.onnx_op.clone(),
            reason: reason.into(),
        }
    }

    pub(crate) fn no_room(&self, tensor: TensorId) -> CompileError {
        let node = &self.graph.tensors[tensor.0].name;
        CompileError::TooLarge {
            limit: self.capacity.next_power_of_two().trailing_zeros(),
            reason: format!(
                "a plane or weight column of node `{node}` is longer than a circuit column"
            ),
        }
    }

    /// Places a block without contents.
    pub(crate) fn place(
        &mut self,
        kind: Kind,
        tensor: TensorId,
        layout: PlaneLayout,
    ) -> Result<usize, CompileError> {
        let tape = match kind {
            Kind::Activation => &mut self.activation,
            Kind::Plain => &mut self.plain,
        };
        let pieces = tape.place(&layout, self.lanes).ok_or_else(|| self.no_room(tensor))?;
        self.push_block(Block { kind, tensor, layout, pieces, transposed: None })
    }

    /// Places two blocks of equal layout in partner banks, at the same rows.
    pub(crate) fn place_pair(
        &mut self,
        tensors: [TensorId; 2],
        layout: PlaneLayout,
    ) -> Result<[usize; 2], CompileError> {
        self.product_digests = true;
        if self.plain.used.len() % 2 == 1 {
            self.plain.open();
        }
        let rows = layout.rows_per_plane(self.lanes);
        let mut pieces = [vec![], vec![]];
        let mut done = 0;
        while done < rows {
            let bank = self.plain.used.len();
            let units = (rows - done).min(self.capacity);
            for (side, pieces) in pieces.iter_mut().enumerate() {
                self.plain.used.push(units);
                pieces.push(crate::place::Piece {
                    bank: bank + side,
                    row: 0,
                    rows: units,
                    plane: 0,
                    planes: 1,
                    row_in_plane: done,
                });
            }
            done += units;
        }
        let [left, right] = pieces;
        let left = self.push_block(Block {
            kind: Kind::Plain,
            tensor: tensors[0],
            layout,
            pieces: left,
            transposed: None,
        })?;
        let right = self.push_block(Block {
            kind: Kind::Plain,
            tensor: tensors[1],
            layout,
            pieces: right,
            transposed: None,
        })?;
        Ok([left, right])
    }

    fn push_block(&mut self, block: Block) -> Result<usize, CompileError> {
        self.turned |= block.layout.turned;
        if !self.dry {
            self.chain(&block);
        }
        self.blocks.push(block);
        Ok(self.blocks.len() - 1)
    }

    /// Sets the columns that chain a block's rows.
    fn chain(&mut self, block: &Block) {
        let per_plane = block.layout.rows_per_plane(self.lanes);
        for piece in &block.pieces {
            for i in 0..piece.rows {
                let row = piece.row + i;
                if i + 1 == piece.rows || (block.layout.planes > 1 && (i + 1) % per_plane == 0) {
                    continue;
                }
                let in_plane = (piece.row_in_plane + i) % per_plane;
                let turns = block.layout.ends_image_row(in_plane, self.lanes);
                let (step, turn) = match block.kind {
                    Kind::Activation => {
                        grow(&mut self.activation_fixed, piece.bank);
                        let fixed = &mut self.activation_fixed[piece.bank];
                        (&mut fixed.step, &mut fixed.turn)
                    }
                    Kind::Plain => {
                        grow(&mut self.plain_fixed, piece.bank);
                        let fixed = &mut self.plain_fixed[piece.bank];
                        (&mut fixed.step, &mut fixed.turn)
                    }
                };
                if turns { turn.push(row) } else { step.push(row) }
            }
        }
    }

    /// The spot of each element of a tensor, through views; activations are materialised first.
    pub(crate) fn element_spots(
        &mut self,
        tensor: TensorId,
    ) -> Result<Vec<ElementSpot>, CompileError> {
        let graph = self.graph;
        match &graph.tensors[tensor.0].op {
            QuantOp::View { sources, map } => {
                let mut parts = vec![];
                for &source in sources {
                    parts.push(self.element_spots(source)?);
                }
                Ok(map
                    .iter()
                    .map(|source| match *source {
                        Source::Element { source, index } => parts[source as usize]
                            .get(index as usize)
                            .copied()
                            .unwrap_or(ElementSpot::Constant(0)),
                        Source::Constant(c) => ElementSpot::Constant(c),
                    })
                    .collect())
            }
            QuantOp::Rescale { .. } => {
                let block = self.materialised(tensor)?;
                Ok(self.block_spots(block))
            }
            QuantOp::Input { .. } | QuantOp::Exact { .. } => {
                let block = self.primary[tensor.0]
                    .ok_or_else(|| self.unsupported(tensor, "used before it is made"))?;
                Ok(self.block_spots(block))
            }
        }
    }

    fn block_spots(&self, block: usize) -> Vec<ElementSpot> {
        if self.dry {
            return vec![];
        }
        let block = &self.blocks[block];
        (0..block.layout.elements())
            .map(|element| {
                let (plane, position) = block.layout.position(element);
                let (bank, row, lane) = block.slot(plane, position, self.lanes);
                ElementSpot::Spot(Spot::Plain { bank, lane, row })
            })
            .collect()
    }

    /// The plain twin of an activation block: same layout, equal digests.
    fn materialised(&mut self, tensor: TensorId) -> Result<usize, CompileError> {
        let activation = self.primary[tensor.0]
            .ok_or_else(|| self.unsupported(tensor, "used before it is made"))?;
        let layout = self.blocks[activation].layout;
        if let Some(&block) = self.plain_copies.get(&(tensor, layout)) {
            return Ok(block);
        }
        let block = self.place(Kind::Plain, tensor, layout)?;
        self.plain_copies.insert((tensor, layout), block);
        for plane in 0..layout.planes {
            let (left, right) =
                (self.plane_digest(activation, plane), self.plane_digest(block, plane));
            self.equal(left, right);
        }
        Ok(block)
    }

    /// A plain block of a tensor in the given layout: its own if it has one, else a copy.
    pub(crate) fn plain_block(
        &mut self,
        tensor: TensorId,
        layout: PlaneLayout,
    ) -> Result<usize, CompileError> {
        if let Some(block) = self.primary[tensor.0]
            && self.blocks[block].kind == Kind::Plain
            && self.blocks[block].layout == layout
        {
            return Ok(block);
        }
        if let Some(&block) = self.plain_copies.get(&(tensor, layout)) {
            return Ok(block);
        }
        let spots = self.element_spots(tensor)?;
        if let Some(&block) = self.plain_copies.get(&(tensor, layout)) {
            return Ok(block);
        }
        let block = self.place(Kind::Plain, tensor, layout)?;
        self.plain_copies.insert((tensor, layout), block);
        self.bind(block, &spots)?;
        Ok(block)
    }

    /// Copies elements into a plain block and zeros into its gaps.
    pub(crate) fn bind(&mut self, block: usize, spots: &[ElementSpot]) -> Result<(), CompileError> {
        // The zero is made even when nothing needs it, so that dry and real runs count alike.
        let zero = self.constant(0);
        if self.dry {
            return Ok(());
        }
        let Block { layout, .. } = self.blocks[block];
        let per_plane = layout.rows_per_plane(self.lanes) * self.lanes;
        let mut filled = vec![false; layout.planes * per_plane];
        for (element, spot) in spots.iter().enumerate() {
            let (plane, position) = layout.position(element);
            filled[plane * per_plane + position] = true;
            let (bank, row, lane) = self.blocks[block].slot(plane, position, self.lanes);
            let source = match *spot {
                ElementSpot::Spot(spot) => spot,
                ElementSpot::Constant(c) => self.constant(c),
            };
            self.copies.push((Spot::Plain { bank, lane, row }, source));
        }
        for (index, _) in filled.iter().enumerate().filter(|(_, filled)| !**filled) {
            let (bank, row, lane) =
                self.blocks[block].slot(index / per_plane, index % per_plane, self.lanes);
            self.copies.push((Spot::Plain { bank, lane, row }, zero));
        }
        Ok(())
    }

    /// Digest of one plane of a block's elements (output for activations), at σ.
    pub(crate) fn plane_digest(&mut self, block: usize, plane: usize) -> Spot {
        self.plane_digest_of(block, plane, Digest::Sigma)
    }

    /// A given digest of one plane; a split plane is joined by glue.
    pub(crate) fn plane_digest_of(&mut self, block: usize, plane: usize, of: Digest) -> Spot {
        let Block { kind, layout, ref pieces, .. } = self.blocks[block];
        let per_plane = layout.rows_per_plane(self.lanes);
        let held: Vec<(Spot, Piece)> = pieces
            .iter()
            .filter(|p| (p.plane..p.plane + p.planes).contains(&plane))
            .map(|piece| {
                let (bank, row) = (piece.bank, piece.row + (plane - piece.plane) * per_plane);
                let spot = match (kind, of) {
                    (Kind::Plain, of) => Spot::PlainDigest { bank, row, of },
                    (Kind::Activation, Digest::Accumulator) => Spot::DigestY { bank, row },
                    (Kind::Activation, _) => Spot::DigestA { bank, row },
                };
                (spot, *piece)
            })
            .collect();
        let mut total: Option<Spot> = None;
        for (spot, piece) in held.into_iter().rev() {
            total = Some(match total {
                None => spot,
                Some(total) => {
                    let rows = piece.row_in_plane..piece.row_in_plane + piece.rows;
                    let turns = rows.filter(|row| layout.ends_image_row(*row, self.lanes)).count();
                    let power = match of {
                        Digest::Rho => self.power(Point::Rho, piece.rows * self.lanes),
                        _ => self.powers((piece.rows - turns) * self.lanes, turns),
                    };
                    self.multiply_add(1, total, power, Some((1, spot)))
                }
            });
        }
        total.unwrap_or_else(|| self.constant(0))
    }

    /// Digest of the whole block in (ρ, σ): Σ_p ρ^p·plane_p(σ).
    pub(crate) fn total(&mut self, block: usize, of: Digest) -> Spot {
        let planes = self.blocks[block].layout.planes;
        let mut total = None;
        for plane in (0..planes).rev() {
            let digest = self.plane_digest_of(block, plane, of);
            total = Some(match total {
                None => digest,
                Some(total) => {
                    let rho = self.power(Point::Rho, 1);
                    self.multiply_add(1, total, rho, Some((1, digest)))
                }
            });
        }
        total.unwrap_or_else(|| self.constant(0))
    }

    /// Digest of an activation block's accumulators in (ρ, σ).
    pub(crate) fn total_y(&mut self, block: usize) -> Spot {
        self.total(block, Digest::Accumulator)
    }

    pub(crate) fn equal(&mut self, left: Spot, right: Spot) {
        if !self.dry {
            self.copies.push((left, right));
        }
    }
}

/// Extends a vector so that `index` exists.
pub(crate) fn grow<T: Default>(items: &mut Vec<T>, index: usize) {
    while items.len() <= index {
        items.push(T::default());
    }
}
