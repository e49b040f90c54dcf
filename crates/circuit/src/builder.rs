//! The builder: collects fixed values, copies and the program while operators are lowered.
//!
//! A *dry* builder counts rows and banks only; the planner runs it for every candidate shape.

use crate::error::CompileError;
use crate::place::{Block, BorderRun, Kind, PlaneLayout, Point, Slot, Spot, Tape};
use crate::plan::Borders;
use crate::tables::Tables;
use crate::views::Views;
use provenn_fixed_point::{QuantGraph, TensorId};
use provenn_gadgets::linear::{Division, Extents};
use provenn_gadgets::shape::MOST_BANKS;
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

/// What the graph alone determines, made once for all builders.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) tables: Tables,
    pub(crate) views: Views,
}

impl Known {
    pub(crate) fn new(
        graph: &QuantGraph,
        borders: Borders,
        private_inputs: bool,
    ) -> Result<Self, CompileError> {
        let tables = Tables::new(graph, borders, private_inputs)?;
        Ok(Known { tables, views: Views::new(graph)? })
    }
}

/// Cells of all blocks, gaps included; a few bytes of a file can ask for any number.
const MOST_CELLS: usize = 1 << 25;

/// Everything that lowering produces.
pub(crate) struct Builder<'g> {
    pub(crate) graph: &'g QuantGraph,
    pub(crate) known: &'g Known,
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
    /// Cells of all blocks so far.
    cells: usize,
    pub(crate) rho_digests: bool,
    pub(crate) scaled_digests: bool,
    pub(crate) product_digests: bool,
    /// Primary block of each tensor that has one.
    pub(crate) primary: Vec<Option<usize>>,
    /// Tensors whose elements all have cells, those under views included.
    pub(crate) ready: Vec<bool>,
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
    #[allow(clippy::too_many_arguments)] // each is one choice of the plan
    pub(crate) fn new(
        graph: &'g QuantGraph,
        known: &'g Known,
        lanes: usize,
        engine_lanes: usize,
        capacity: usize,
        dry: bool,
        borders: Borders,
        divide: fn(Extents) -> Division,
    ) -> Self {
        Builder {
            graph,
            known,
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
            cells: 0,
            rho_digests: false,
            scaled_digests: false,
            product_digests: false,
            primary: vec![None; graph.tensors.len()],
            ready: vec![false; graph.tensors.len()],
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

    /// The planner or the lowering contradicts itself.
    pub(crate) fn internal(&self, tensor: TensorId, what: &'static str) -> CompileError {
        let node = self.graph.tensors.get(tensor.0).map_or(String::new(), |t| t.name.clone());
        CompileError::Internal { node, what }
    }

    pub(crate) fn too_large(&self, reason: String) -> CompileError {
        CompileError::TooLarge { limit: self.capacity.next_power_of_two().trailing_zeros(), reason }
    }

    pub(crate) fn no_room(&self, tensor: TensorId) -> CompileError {
        let node = &self.graph.tensors[tensor.0].name;
        self.too_large(format!(
            "a plane or weight column of node `{node}` is longer than a circuit column"
        ))
    }

    /// The tag of a tensor's table, and the key of the table's first row.
    pub(crate) fn table(&self, tensor: TensorId) -> Result<(i64, i64), CompileError> {
        let tag = self.known.tables.tag(tensor);
        let table = tag.and_then(|tag| Some((tag, self.known.tables.first(tag)?)));
        table.ok_or_else(|| self.internal(tensor, "its function has no table"))
    }

    /// Where a position of a block stands.
    pub(crate) fn slot(
        &self,
        block: &Block,
        plane: usize,
        position: usize,
    ) -> Result<Slot, CompileError> {
        block
            .slot(plane, position, self.lanes)
            .ok_or_else(|| self.internal(block.tensor, "a position outside its block"))
    }

    fn check_banks(&self, banks: usize, tensor: TensorId) -> Result<(), CompileError> {
        if banks <= MOST_BANKS {
            return Ok(());
        }
        let node = &self.graph.tensors[tensor.0].name;
        Err(self.too_large(format!("with node `{node}` it has more than {MOST_BANKS} banks")))
    }

    /// Counts the cells of a block that is about to be placed.
    fn count(&mut self, tensor: TensorId, layout: &PlaneLayout) -> Result<(), CompileError> {
        let rows = layout.rows_per_plane(self.lanes).checked_mul(layout.planes);
        let cells = rows.and_then(|rows| rows.checked_mul(self.lanes));
        let cells = cells.and_then(|cells| cells.checked_add(self.cells));
        match cells.filter(|cells| *cells <= MOST_CELLS) {
            Some(cells) => {
                self.cells = cells;
                Ok(())
            }
            None => {
                let node = &self.graph.tensors[tensor.0].name;
                let reason = format!("with node `{node}` it has more than {MOST_CELLS} cells");
                Err(self.too_large(reason))
            }
        }
    }

    /// Places a block without contents.
    pub(crate) fn place(
        &mut self,
        kind: Kind,
        tensor: TensorId,
        layout: PlaneLayout,
    ) -> Result<usize, CompileError> {
        self.count(tensor, &layout)?;
        let tape = match kind {
            Kind::Activation => &mut self.activation,
            Kind::Plain => &mut self.plain,
        };
        let pieces = tape.place(&layout, self.lanes);
        let banks = tape.used.len();
        let pieces = pieces.ok_or_else(|| self.no_room(tensor))?;
        self.check_banks(banks, tensor)?;
        self.push_block(Block { kind, tensor, layout, pieces, transposed: None })
    }

    /// Places two blocks of equal layout in partner banks, at the same rows.
    pub(crate) fn place_pair(
        &mut self,
        tensors: [TensorId; 2],
        layout: PlaneLayout,
    ) -> Result<[usize; 2], CompileError> {
        self.count(tensors[0], &layout)?;
        self.count(tensors[1], &layout)?;
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
        self.check_banks(self.plain.used.len(), tensors[0])?;
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
}

/// Extends a vector so that `index` exists.
pub(crate) fn grow<T: Default>(items: &mut Vec<T>, index: usize) {
    while items.len() <= index {
        items.push(T::default());
    }
}
