//! The compiled circuit: a quantised graph, a plan, and what they determine.

use crate::binding::{Binding, grid, public};
use crate::error::{AssignError, CompileError, Contradiction};
use crate::known::Known;
use crate::lower::lower;
use crate::plan::cost::{Cost, cost_of};
use crate::plan::{Plan, PlanOptions, further_instance_columns, plan, plan_like};
use crate::record::{Circuit, record};
use crate::size::Sizes;
use crate::stand::Standing;
use crate::tables::Tables;
use crate::witness::Filler;
use provenn_fixed_point::{Format, QuantGraph, QuantTensor, TensorId};
use provenn_gadgets::{
    ActivationBanks, Assignment, CircuitParams, Fr, GadgetSet, Grid, Layout, LinearIdentity,
    ProvennCircuit, Standard, Statement, TensorVisibility, from_signed,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Advice cells of all columns, used or not: 8 GiB of integers.
const MOST_COLUMN_CELLS: usize = 1 << 30;

/// What a compiled circuit is rebuilt from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CompiledParts {
    /// The quantised model.
    pub graph: QuantGraph,
    /// Where it stands.
    pub plan: Plan,
    /// Whose it is.
    pub binding: Binding,
}

/// A model laid out as a circuit.
#[derive(Clone, Debug)]
pub struct CompiledCircuit<G: GadgetSet = Standard> {
    parts: CompiledParts,
    statement: Statement,
    layout: Layout<G>,
    assignment: Arc<Assignment>,
    pub(crate) standing: Standing,
    pub(crate) tables: Tables,
}

/// Integers of every tensor for one input: computed once, for the report of saturated values, the columns and the
/// file alike. Only a [`CompiledCircuit`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    inputs: Vec<Vec<i64>>,
    outputs: Vec<Vec<i64>>,
    tensors: Vec<Vec<i64>>,
}

impl Witness {
    /// Per graph input.
    #[must_use]
    pub fn inputs(&self) -> &[Vec<i64>] {
        &self.inputs
    }

    /// Per graph output.
    #[must_use]
    pub fn outputs(&self) -> &[Vec<i64>] {
        &self.outputs
    }

    /// Per tensor of the graph.
    #[must_use]
    pub fn tensors(&self) -> &[Vec<i64>] {
        &self.tensors
    }
}

impl CompiledCircuit {
    /// Plans and lays out a quantised graph.
    ///
    /// # Errors
    /// [`CompileError`] naming the node at fault.
    pub fn compile(graph: QuantGraph, options: &PlanOptions) -> Result<Self, CompileError> {
        Self::with_gadgets(graph, options)
    }

    /// The plan that [`CompiledCircuit::compile`] would follow, and its modelled cost, without laying out.
    ///
    /// # Errors
    /// As [`CompiledCircuit::compile`].
    pub fn plan(graph: &QuantGraph, options: &PlanOptions) -> Result<(Plan, Cost), CompileError> {
        graph.validate()?;
        Self::plan_of_valid(graph, options)
    }

    /// The same of a graph that is known to be valid, as one that was quantised just now; it is not checked.
    ///
    /// # Errors
    /// As [`CompiledCircuit::plan`].
    pub fn plan_of_valid(
        graph: &QuantGraph,
        options: &PlanOptions,
    ) -> Result<(Plan, Cost), CompileError> {
        plan::<Standard>(graph, options)
    }

    /// The cheapest plan of a valid graph among those much like another's: in as many lanes, with boundary terms in the
    /// same place, about as many rows. Nearly the cheapest of all for a graph that differs in precision alone.
    ///
    /// # Errors
    /// As [`CompiledCircuit::plan_of_valid`].
    pub fn plan_like(
        graph: &QuantGraph,
        options: &PlanOptions,
        like: &Plan,
    ) -> Result<(Plan, Cost), CompileError> {
        plan_like::<Standard>(graph, options, like)
    }
}

impl<G: GadgetSet> CompiledCircuit<G> {
    /// Plans and lays out a quantised graph with gadgets of one's own; proofs use the standard ones.
    ///
    /// # Errors
    /// [`CompileError`] naming the node at fault.
    pub fn with_gadgets(graph: QuantGraph, options: &PlanOptions) -> Result<Self, CompileError> {
        let binding = Binding::of(&graph);
        Self::bound(graph, options, binding)
    }

    /// As [`CompiledCircuit::with_gadgets`], for a graph whose model and settings are known.
    ///
    /// # Errors
    /// [`CompileError`] naming the node at fault.
    pub fn bound(
        graph: QuantGraph,
        options: &PlanOptions,
        binding: Binding,
    ) -> Result<Self, CompileError> {
        graph.validate()?;
        let (plan, _) = plan::<G>(&graph, options)?;
        Self::laid_out(CompiledParts { graph, plan, binding })
    }

    /// Rebuilds a circuit from its parts; the parts may come from a file.
    ///
    /// # Errors
    /// [`CompileError`] if the parts contradict themselves.
    pub fn from_parts(parts: CompiledParts) -> Result<Self, CompileError> {
        parts.graph.validate()?;
        Self::laid_out(parts)
    }

    /// Lays out a valid graph.
    fn laid_out(mut parts: CompiledParts) -> Result<Self, CompileError> {
        if parts.plan.undropped
            && let Some(graph) = parts.graph.undropped()
        {
            graph.validate()?;
            parts.graph = graph;
        }
        parts.binding.check(&parts.graph)?;
        let Plan {
            k,
            lanes,
            weight_lanes,
            terms_per_helper,
            boundary,
            input_visibility,
            output_visibility,
            ranges,
            window_lanes,
            format_lanes: _,
            undropped: _,
        } = parts.plan;
        let probe = CircuitParams {
            k,
            lanes,
            weight_lanes,
            terms_per_helper,
            formats: formats(&parts.graph, &parts.plan.format_lanes)?,
            ranges: ranges.map(|ranges| ranges.banks(1)),
            // As many as lookups need, if there are any.
            table_banks: usize::from(ranges.is_some() || !parts.graph.formats.is_empty()),
            ..CircuitParams::default()
        };
        probe.validate().map_err(Contradiction::from)?;
        if window_lanes == 0 || !lanes.is_multiple_of(window_lanes) {
            return Err(Contradiction::WindowLanes { lanes, got: window_lanes }.into());
        }
        let visibility = [input_visibility, output_visibility];
        further_instance_columns(&parts.graph, visibility, k)?;
        let known = Known::new(&parts.graph)?;
        let tables = Tables::new(&parts.graph, boundary, ranges)?;
        let (params, layout, assignment, standing) = {
            let graph = &parts.graph;
            let program = lower(graph, &known, [lanes, window_lanes], boundary, visibility)?;
            let sizes = Sizes::of::<G>(graph, &known, &tables, program, lanes);
            let mut at = sizes.at(k, &parts.plan.format_lanes, ranges, G::Linear::divide)?;
            let (params, linears) = at.params(weight_lanes, terms_per_helper)?;
            params
                .validate()
                .map_err(|error| CompileError::TooLarge { limit: k, source: error.into() })?;
            let layout = Layout::<G>::number(&params);
            check_columns(&layout, k, params.active_rows())?;
            let (known, tables) = (&known, &tables);
            let circuit = Circuit { graph, known, tables, params: &params, layout: &layout };
            let assignment = Arc::new(record(circuit, at.placed(&linears))?);
            let blocks = at.into_blocks();
            (params, layout, assignment, Standing::new(sizes.program(), blocks))
        };
        let (graph, binding) = (&parts.graph, &parts.binding);
        let statement = Statement {
            model: binding.model,
            settings: binding.settings,
            input_visibility,
            output_visibility,
            inputs: public(graph, &graph.inputs, &binding.inputs, input_visibility),
            outputs: public(graph, &graph.outputs, &binding.outputs, output_visibility),
            params,
        };
        Ok(CompiledCircuit { statement, layout, assignment, standing, tables, parts })
    }

    /// What it is rebuilt from.
    #[must_use]
    pub fn parts(&self) -> &CompiledParts {
        &self.parts
    }

    /// The quantised model.
    #[must_use]
    pub fn graph(&self) -> &QuantGraph {
        &self.parts.graph
    }

    /// The public part.
    #[must_use]
    pub fn statement(&self) -> &Statement {
        &self.statement
    }

    /// Parameters of the circuit.
    #[must_use]
    pub fn params(&self) -> &CircuitParams {
        &self.statement.params
    }

    /// Numbered columns.
    #[must_use]
    pub fn layout(&self) -> &Layout<G> {
        &self.layout
    }

    /// The key's part of the columns.
    #[must_use]
    pub fn assignment(&self) -> &Assignment {
        &self.assignment
    }

    /// Which reals the integers of a tensor stand for.
    #[must_use]
    pub fn grid(&self, id: TensorId) -> Option<Grid> {
        let known = id.0 < self.parts.graph.tensors.len();
        known.then(|| grid(&self.parts.graph, id))
    }

    /// Modelled cost.
    #[must_use]
    pub fn cost(&self) -> Cost {
        cost_of::<G>(self.params())
    }

    /// The circuit without a witness.
    #[must_use]
    pub fn keygen_circuit(&self) -> ProvennCircuit<G> {
        ProvennCircuit::with_gadgets(self.params().clone(), Arc::clone(&self.assignment))
    }

    /// Runs the quantised model.
    ///
    /// # Errors
    /// [`AssignError::Interpret`] for inputs of wrong count, length or range.
    pub fn witness(&self, inputs: &[Vec<i64>]) -> Result<Witness, AssignError> {
        let tensors = self.parts.graph.interpret(inputs)?;
        let outputs = self.parts.graph.outputs.iter().map(|id| tensors[id.0].clone()).collect();
        Ok(Witness { inputs: inputs.to_vec(), outputs, tensors })
    }

    /// A witness of integers that somebody claims of every tensor, whether or not they follow from one another: for those who
    /// test what a circuit refuses.
    #[must_use]
    pub fn claimed(&self, tensors: Vec<Vec<i64>>) -> Witness {
        let of = |ids: &[TensorId]| {
            ids.iter().map(|id| tensors.get(id.0).cloned().unwrap_or_default()).collect()
        };
        let (inputs, outputs) = (of(&self.parts.graph.inputs), of(&self.parts.graph.outputs));
        Witness { inputs, outputs, tensors }
    }

    /// Runs the quantised model again on the inputs of a witness that comes from a file, whose outputs must be the
    /// model's.
    ///
    /// # Errors
    /// [`AssignError`] if they are not, or the inputs do not fit.
    pub fn witness_of(
        &self,
        inputs: &[Vec<i64>],
        claimed: &[Vec<i64>],
    ) -> Result<Witness, AssignError> {
        let witness = self.witness(inputs)?;
        if claimed.len() != witness.outputs.len() {
            return Err(AssignError::Mismatch {
                what: "outputs",
                expected: witness.outputs.len(),
                got: claimed.len(),
            });
        }
        match witness.outputs.iter().zip(claimed).position(|(output, claimed)| output != claimed) {
            Some(output) => Err(AssignError::Output { output }),
            None => Ok(witness),
        }
    }

    /// Fills the circuit and returns it with its public values.
    ///
    /// # Errors
    /// [`AssignError`] if the witness is not one of this model.
    pub fn assign(&self, witness: &Witness) -> Result<(ProvennCircuit<G>, Vec<Fr>), AssignError> {
        let values = &witness.tensors;
        let lengths = values.iter().map(Vec::len);
        if !lengths.eq(self.parts.graph.tensors.iter().map(QuantTensor::len)) {
            return Err(AssignError::Mismatch {
                what: "tensors",
                expected: self.parts.graph.tensors.len(),
                got: values.len(),
            });
        }
        let (first, boundary) = Filler {
            graph: &self.parts.graph,
            params: self.params(),
            layout: &self.layout,
            assignment: &self.assignment,
            standing: &self.standing,
            tables: &self.tables,
            values,
        }
        .fill()?;
        let instance = self.public_values(witness)?;
        let circuit = self.keygen_circuit().with_witness(first, instance.clone());
        Ok((circuit.with_boundary(boundary), instance))
    }
}

impl<G: GadgetSet> CompiledCircuit<G> {
    /// The public values: elements or digests, of inputs and then of outputs.
    ///
    /// # Errors
    /// [`AssignError`] if the witness is not one of this model.
    pub fn public_values(&self, witness: &Witness) -> Result<Vec<Fr>, AssignError> {
        let Statement { inputs, outputs, input_visibility, output_visibility, .. } =
            &self.statement;
        let mut values = vec![];
        for (tensors, integers, visibility) in [
            (inputs, &witness.inputs, input_visibility),
            (outputs, &witness.outputs, output_visibility),
        ] {
            match visibility {
                TensorVisibility::Private | TensorVisibility::Committed => {}
                TensorVisibility::Public => {
                    values.extend(integers.iter().flatten().map(|&integer| from_signed(integer)));
                }
                TensorVisibility::Hashed => {
                    for (tensor, integers) in tensors.iter().zip(integers) {
                        let digest = tensor.message().map(|message| message.digest(integers));
                        let unhashed = || AssignError::Internal {
                            node: tensor.name.clone(),
                            what: "a tensor that has no digest",
                        };
                        values.push(digest.and_then(Result::ok).ok_or_else(unhashed)?);
                    }
                }
            }
        }
        Ok(values)
    }
}

/// A bank of each format, for its limits to be checked.
fn formats(graph: &QuantGraph, lanes: &[usize]) -> Result<Vec<ActivationBanks>, CompileError> {
    let (expected, got) = (graph.formats.len(), lanes.len());
    if expected != got {
        return Err(Contradiction::Formats { expected, got }.into());
    }
    let bank = |(format, &lanes): (&Format, &usize)| {
        let Format { shift, low_bits } = *format;
        ActivationBanks { banks: 1, lanes, shift, low_bits }
    };
    Ok(graph.formats.iter().zip(lanes).map(bank).collect())
}

/// That a witness, whose columns have 2^k rows however few are in use, can be held at all.
fn check_columns<G: GadgetSet>(
    layout: &Layout<G>,
    k: u32,
    rows: usize,
) -> Result<(), CompileError> {
    let columns = layout.first + layout.second;
    match columns.checked_mul(rows) {
        Some(cells) if cells <= MOST_COLUMN_CELLS => Ok(()),
        _ => Err(CompileError::TooManyCells { columns, k, limit: MOST_COLUMN_CELLS }),
    }
}
