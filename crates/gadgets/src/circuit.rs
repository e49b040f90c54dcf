//! The halo2 circuit: assigns finished columns into one region.

use crate::assignment::{Assignment, BoundaryValues, FirstPhase};
use crate::column::CellRef;
use crate::columns::{Challenges, Columns, Query};
use crate::field::from_signed;
use crate::gadget::On;
use crate::gadget_set::{GadgetSet, Standard};
use crate::layout::Layout;
use crate::params::{CircuitParams, MAX_DEGREE};
use crate::program::implied_copies;
use crate::second_phase::{Committed, early_columns, second_phase};
use halo2_proofs::circuit::{Cell as Halo2Cell, Layouter, Region, SimpleFloorPlanner, Value};
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::plonk::{Circuit, ConstraintSystem, Error};
use std::borrow::Cow;
use std::marker::PhantomData;
use std::sync::Arc;

/// A circuit of the given parameters, with or without a witness.
#[derive(Clone, Debug, Default)]
pub struct ProvennCircuit<G: GadgetSet = Standard> {
    params: CircuitParams,
    assignment: Arc<Assignment>,
    witness: Option<Arc<FirstPhase>>,
    boundary: Arc<Vec<BoundaryValues>>,
    instance: Arc<Vec<Fr>>,
    gadgets: PhantomData<G>,
}

/// A fixed column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FixedColumn<'a> {
    /// Of integers.
    Integers(Cow<'a, [i64]>),
    /// Of field elements.
    Field(Vec<Fr>),
}

impl FixedColumn<'_> {
    /// How many values are given.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            FixedColumn::Integers(integers) => integers.len(),
            FixedColumn::Field(values) => values.len(),
        }
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A value; zero from the end on.
    #[must_use]
    pub fn at(&self, row: usize) -> Fr {
        match self {
            FixedColumn::Integers(integers) => {
                integers.get(row).map(|integer| from_signed(*integer))
            }
            FixedColumn::Field(values) => values.get(row).copied(),
        }
        .unwrap_or(Fr::zero())
    }
}

/// Configuration: the columns and where roles stand among them.
#[derive(Clone, Debug)]
pub struct Config<G: GadgetSet = Standard> {
    columns: Columns,
    layout: Layout<G>,
    /// By constraint: the later column that it defines; the harness reads it.
    #[cfg_attr(not(any(test, feature = "testing")), expect(dead_code, reason = "for the harness"))]
    pub(crate) defined: Vec<Option<usize>>,
}

impl ProvennCircuit {
    /// The circuit of the standard gadgets without a witness, for key generation.
    #[must_use]
    pub fn new(params: CircuitParams, assignment: Arc<Assignment>) -> Self {
        Self::with_gadgets(params, assignment)
    }
}

impl<G: GadgetSet> ProvennCircuit<G> {
    /// The circuit without a witness.
    #[must_use]
    pub fn with_gadgets(params: CircuitParams, assignment: Arc<Assignment>) -> Self {
        ProvennCircuit { params, assignment, ..Self::default() }
    }

    /// The circuit with its first-phase integers and its instance.
    #[must_use]
    pub fn with_witness(mut self, witness: FirstPhase, instance: Vec<Fr>) -> Self {
        self.witness = Some(Arc::new(witness));
        self.instance = Arc::new(instance);
        self
    }

    /// The circuit with what its convolutions drop.
    #[must_use]
    pub fn with_boundary(mut self, boundary: Vec<BoundaryValues>) -> Self {
        self.boundary = Arc::new(boundary);
        self
    }

    /// What its convolutions drop.
    #[must_use]
    pub fn boundary(&self) -> &[BoundaryValues] {
        &self.boundary
    }

    /// The parameters.
    #[must_use]
    pub fn params(&self) -> &CircuitParams {
        &self.params
    }

    /// The key's part of the columns.
    #[must_use]
    pub fn assignment(&self) -> &Assignment {
        &self.assignment
    }

    /// The first-phase integers, if any.
    #[must_use]
    pub fn first_phase(&self) -> Option<&FirstPhase> {
        self.witness.as_deref()
    }

    fn fill_key(&self, config: &Config<G>, region: &mut Region<'_, Fr>) {
        let Config { columns, layout, .. } = config;
        for (column, values) in columns.fixed.iter().zip(self.fixed_columns(layout)) {
            for row in 0..values.len() {
                let value = values.at(row);
                if value != Fr::zero() {
                    region.assign_fixed(*column, row, value);
                }
            }
        }
        let cell = |cell: CellRef| {
            let (column, row_offset) = columns.place(cell);
            Halo2Cell { row_offset, column }
        };
        for (left, right) in self.all_copies(layout) {
            region.constrain_equal(cell(left), cell(right));
        }
    }

    fn fill_later(&self, config: &Config<G>, region: &mut Region<'_, Fr>, phase: u8) {
        let Config { columns, layout, .. } = config;
        let c = columns.challenges;
        // Those of this phase or a later one are not known yet, and nothing computed now uses them.
        let mut drawn = [Fr::zero(); 5];
        for (drawn, challenge) in drawn.iter_mut().zip([c.sigma, c.rho, c.alpha, c.beta, c.tau]) {
            let _ = region.get_challenge(challenge).map(|value| *drawn = value);
        }
        let values = self.later_columns(layout, phase, &Challenges::all(drawn));
        let places = (0..layout.second).filter(|column| layout.phase(*column) == phase);
        for (place, values) in places.zip(values) {
            for (row, value) in values.into_iter().enumerate() {
                region.assign_advice(columns.second[place], row, Value::known(value));
            }
        }
    }

    /// Fixed columns; shorter ones are zero from there on.
    #[must_use]
    pub fn fixed_columns(&self, layout: &Layout<G>) -> Vec<FixedColumn<'_>> {
        let given = self.assignment.fixed.iter().map(|values| Cow::Borrowed(values.as_slice()));
        let mut columns: Vec<Cow<'_, [i64]>> = given.take(layout.fixed).collect();
        columns.resize(layout.fixed, Cow::Borrowed(&[]));
        let active = self.params.active_rows();
        let rows = [
            (layout.active, 0..active),
            (layout.first_row, 0..1),
            (layout.last_row, active..active + 1),
        ];
        for (column, ones) in rows {
            let values = columns[column].to_mut();
            values.resize(values.len().max(ones.end), 0);
            values[ones].iter_mut().filter(|value| **value == 0).for_each(|value| *value = 1);
        }
        let mut columns: Vec<FixedColumn<'_>> =
            columns.into_iter().map(FixedColumn::Integers).collect();
        for (column, values) in layout.field_columns(active, &self.assignment) {
            columns[column] = FixedColumn::Field(values);
        }
        columns
    }

    /// All pairs of equal cells.
    #[must_use]
    pub fn all_copies(&self, layout: &Layout<G>) -> Vec<(CellRef, CellRef)> {
        let implied = implied_copies(layout, &self.assignment.steps);
        self.assignment.copies.iter().copied().chain(implied).collect()
    }

    /// First-phase advice columns in halo2's order, if there is a witness.
    #[must_use]
    pub fn first_columns(&self, layout: &Layout<G>) -> Option<Vec<&[i64]>> {
        let witness = self.witness.as_ref()?;
        let given = witness.iter().map(Vec::as_slice);
        let count = layout.first.max(1);
        Some(given.chain(std::iter::repeat_n([].as_slice(), count)).take(count).collect())
    }

    /// Advice columns of a later phase, 1 or 2, in halo2's order, from the challenges drawn before it.
    #[must_use]
    pub fn later_columns(
        &self,
        layout: &Layout<G>,
        phase: u8,
        challenges: &Challenges<Fr>,
    ) -> Vec<Vec<Fr>> {
        let Some(first) = self.witness.as_deref() else { return vec![] };
        let committed = Committed { first, boundary: &self.boundary, instance: &self.instance };
        let (params, assignment) = (&self.params, &self.assignment);
        if phase == 1 && layout.three_phases() {
            let columns = early_columns(params, layout, assignment, committed, challenges);
            return columns.into_iter().map(|(_, values)| values).collect();
        }
        let columns = second_phase(params, layout, assignment, committed, challenges);
        let of_phase = columns.into_iter().enumerate().filter(|(i, _)| layout.phase(*i) == phase);
        of_phase.map(|(_, column)| column).collect()
    }
}

impl<G: GadgetSet> Circuit<Fr> for ProvennCircuit<G> {
    type Config = Config<G>;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = CircuitParams;

    fn params(&self) -> CircuitParams {
        self.params.clone()
    }

    fn without_witnesses(&self) -> Self {
        Self::with_gadgets(self.params.clone(), Arc::clone(&self.assignment))
    }

    fn configure_with_params(meta: &mut ConstraintSystem<Fr>, params: CircuitParams) -> Config<G> {
        // halo2-axiom lets the environment lower the degree it computes; a minimum cannot be lowered.
        meta.set_minimum_degree(MAX_DEGREE);
        let layout = Layout::<G>::number(&params);
        let columns = Columns::allocate(meta, &layout.numbered(params.active_rows()));
        let mut defined = vec![];
        for gadget in layout.gadgets().filter(|gadget| gadget.is_constrained()) {
            meta.create_gate(gadget.name(), |meta| {
                let mut q = Query { meta, columns: &columns };
                let active = q.fixed(layout.active);
                let mut polynomials = vec![];
                for constraint in gadget.constraints(&mut q) {
                    let on = match constraint.on {
                        On::Active => active.clone(),
                        On::First => q.fixed(layout.first_row),
                        On::Last => q.fixed(layout.last_row),
                    };
                    defined.push(constraint.defines);
                    polynomials.push((constraint.name, on * constraint.polynomial));
                }
                polynomials
            });
        }
        Config { columns, layout, defined }
    }

    fn configure(meta: &mut ConstraintSystem<Fr>) -> Config<G> {
        Self::configure_with_params(
            meta,
            CircuitParams { k: 4, lanes: 1, weight_lanes: 1, ..CircuitParams::default() },
        )
    }

    fn synthesize(&self, config: Config<G>, mut layouter: impl Layouter<Fr>) -> Result<(), Error> {
        layouter.assign_region(
            || "provenn",
            |mut region| {
                self.fill_key(&config, &mut region);
                let Some(witness) = &self.witness else { return Ok(()) };
                let Config { columns, layout, .. } = &config;
                for (i, values) in witness.iter().enumerate() {
                    for (row, &value) in values.iter().enumerate() {
                        let value = Value::known(from_signed(value));
                        region.assign_advice(columns.first[i], row, value);
                    }
                }
                let last = if layout.three_phases() { 2 } else { 1 };
                for phase in 1..=last {
                    region.next_phase();
                    self.fill_later(&config, &mut region, phase);
                }
                Ok(())
            },
        )
    }
}
