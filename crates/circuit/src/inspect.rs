//! What a circuit holds: cells per node, multiply-accumulates.

use crate::compiled::CompiledCircuit;
use crate::stand::{StandingActivations, StandingMaxima};
use provenn_escape::plain;
use provenn_fixed_point::{QuantGraph, TensorId};
use provenn_gadgets::{Gadget, GadgetSet};
use serde::Serialize;

/// One tensor's share of the circuit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NodeInspection {
    /// ONNX node name.
    pub name: String,
    /// ONNX operator.
    pub onnx_op: String,
    /// Elements of the tensor.
    pub elements: usize,
    /// First-phase cells, boundary positions included.
    pub cells: usize,
    /// Multiply-accumulates of the linear form.
    pub multiply_accumulates: usize,
}

/// Totals and shares of a circuit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Inspection {
    /// Rows are 2^k.
    pub k: u32,
    /// 2^k.
    pub rows: usize,
    /// First-phase advice columns.
    pub first_phase_columns: usize,
    /// Second-phase advice columns.
    pub second_phase_columns: usize,
    /// Fixed columns.
    pub fixed_columns: usize,
    /// Columns in the permutation argument.
    pub copied_columns: usize,
    /// Rows of all lookup tables.
    pub table_rows: usize,
    /// Σ of the nodes' cells.
    pub cells: usize,
    /// Σ of the nodes' multiply-accumulates.
    pub multiply_accumulates: usize,
    /// Modelled CPU seconds of proving.
    pub modelled_prove_seconds: f64,
    /// Per tensor, in topological order.
    pub nodes: Vec<NodeInspection>,
}

fn multiply_accumulates(graph: &QuantGraph, id: TensorId) -> usize {
    let tensor = &graph.tensors[id.0];
    let linear = tensor.op.linear();
    linear.map_or(0, |linear| linear.multiply_accumulates(graph, tensor.len()))
}

impl std::fmt::Display for Inspection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(
            f,
            "k = {} ({} rows), {} + {} advice columns by phase, {} fixed, {} copied",
            self.k,
            self.rows,
            self.first_phase_columns,
            self.second_phase_columns,
            self.fixed_columns,
            self.copied_columns
        )?;
        writeln!(
            f,
            "{} table rows, modelled {:.2} CPU s to prove",
            self.table_rows, self.modelled_prove_seconds
        )?;
        writeln!(
            f,
            "\n{:<40} {:<20} {:>9} {:>9} {:>12}",
            "node", "operator", "elements", "cells", "mul-adds"
        )?;
        for node in &self.nodes {
            writeln!(
                f,
                "{:<40} {:<20} {:>9} {:>9} {:>12}",
                plain(&node.name),
                plain(&node.onnx_op),
                node.elements,
                node.cells,
                node.multiply_accumulates
            )?;
        }
        write!(
            f,
            "{:<40} {:<20} {:>9} {:>9} {:>12}",
            "total", "", "", self.cells, self.multiply_accumulates
        )
    }
}

impl<G: GadgetSet> CompiledCircuit<G> {
    /// Counts cells.
    #[must_use]
    pub fn inspect(&self) -> Inspection {
        let (graph, params, layout) = (self.graph(), self.params(), self.layout());
        let mut nodes: Vec<NodeInspection> = graph
            .tensors
            .iter()
            .enumerate()
            .map(|(i, t)| NodeInspection {
                name: t.name.clone(),
                onnx_op: t.onnx_op.clone(),
                elements: t.len(),
                cells: 0,
                multiply_accumulates: multiply_accumulates(graph, TensorId(i)),
            })
            .collect();
        let cells = |gadget: Option<&dyn Gadget>| {
            gadget.and_then(Gadget::fingerprinted).map_or(0, |of| of.cells.len())
        };
        for StandingActivations { lanes, block, .. } in &self.standing.activation {
            let bank = block.segments.first().and_then(|s| layout.activation.get(s.bank));
            let each = cells(bank.map(|bank| bank as &dyn Gadget)) / lanes;
            nodes[block.tensor.0].cells += block.layout.planes * block.layout.length * each;
        }
        for StandingMaxima { lanes, block, .. } in &self.standing.maximum {
            let bank = block.segments.first().and_then(|s| layout.maximum.get(s.bank));
            let each = cells(bank.map(|bank| bank as &dyn Gadget)) / lanes;
            nodes[block.tensor.0].cells += block.layout.planes * block.layout.length * each;
        }
        let each = cells(layout.plain.first().map(|bank| bank as &dyn Gadget)) / params.lanes;
        for block in &self.standing.plain {
            nodes[block.tensor.0].cells += block.layout.planes * block.layout.length * each;
        }
        for range in &self.standing.range {
            let positions = range.layout.planes * range.layout.length;
            nodes[range.tensor.0].cells += positions * range.place.limbs;
        }
        Inspection {
            k: params.k,
            rows: 1 << params.k,
            first_phase_columns: layout.first,
            second_phase_columns: layout.second,
            fixed_columns: layout.fixed,
            copied_columns: layout.equality_columns().len(),
            table_rows: self.tables.rows(),
            cells: nodes.iter().map(|n| n.cells).sum(),
            multiply_accumulates: nodes.iter().map(|n| n.multiply_accumulates).sum(),
            modelled_prove_seconds: self.cost().prove_seconds,
            nodes,
        }
    }
}
