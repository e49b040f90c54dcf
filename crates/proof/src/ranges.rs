//! The circuit that shows committed weights to be in range, which a commitment comes with: first-phase columns of weights in their own
//! rows and of their limbs, and tables of these.

use crate::setup::SetupError;
use provenn_gadgets::weight_ranges::LimbTables;
use provenn_gadgets::{
    Assignment, CircuitParams, FirstPhase, GadgetSet, Layout, ProvennCircuit, TermsPerHelper,
};
use std::sync::Arc;

/// The circuit of ranges of another circuit's weights.
#[derive(Debug)]
pub(crate) struct Ranges<G: GadgetSet> {
    circuit: ProvennCircuit<G>,
    layout: Layout<G>,
    tables: LimbTables,
}

impl<G: GadgetSet> Ranges<G> {
    /// Of a circuit with these parameters; nothing but where how many bits stand goes into it.
    pub(crate) fn of(of: &CircuitParams, bits: &[Vec<u8>]) -> Result<Self, SetupError> {
        let columns = Layout::<G>::number(of).committed_columns;
        let active = of.active_rows();
        if bits.len() != columns || bits.iter().any(|column| column.len() > active) {
            return Err(SetupError::WeightBits);
        }
        let tables = LimbTables::of(bits).ok_or(SetupError::WeightBits)?;
        let params = CircuitParams {
            k: of.k,
            lanes: 1,
            weight_lanes: 1,
            table_banks: tables.rows().div_ceil(active.max(1)),
            terms_per_helper: TermsPerHelper::Three,
            weight_range_columns: columns,
            ..CircuitParams::default()
        };
        params.validate().map_err(provenn_verifier::constraints::ConstraintsError::from)?;
        let layout = Layout::<G>::number(&params);
        let mut fixed = vec![vec![]; layout.fixed];
        tables.lay(&layout.table, active, &mut fixed);
        let own = layout.weight_ranges.iter().flat_map(|ranges| &ranges.bits);
        for (&column, bits) in own.zip(bits) {
            fixed[column] = bits.iter().map(|bits| i64::from(*bits)).collect();
        }
        let assignment = Assignment { fixed, ..Assignment::default() };
        let circuit = ProvennCircuit::with_gadgets(params, Arc::new(assignment));
        Ok(Ranges { circuit, layout, tables })
    }

    /// Without a witness.
    pub(crate) fn circuit(&self) -> &ProvennCircuit<G> {
        &self.circuit
    }

    /// With weights in it.
    ///
    /// # Errors
    /// Column and row of the first one that is out of range.
    pub(crate) fn witnessed(
        self,
        bits: &[Vec<u8>],
        weights: &[Vec<i64>],
    ) -> Result<ProvennCircuit<G>, (usize, usize)> {
        let counts = self.tables.count(bits, weights, self.circuit.params().active_rows())?;
        Ok(self.filled(bits, [weights, weights], &counts))
    }

    /// With any weights in it, and the limbs of any others; those that are out of range look nothing up.
    #[cfg(feature = "testing")]
    pub(crate) fn forged(
        self,
        bits: &[Vec<u8>],
        [weights, limbs]: [&[Vec<i64>]; 2],
    ) -> ProvennCircuit<G> {
        let active = self.circuit.params().active_rows();
        let mut within = limbs.to_vec();
        let counts = loop {
            match self.tables.count(bits, &within, active) {
                Ok(counts) => break counts,
                Err((column, row)) => within[column][row] = 0,
            }
        };
        self.filled(bits, [weights, limbs], &counts)
    }

    fn filled(
        self,
        bits: &[Vec<u8>],
        [weights, limbs]: [&[Vec<i64>]; 2],
        counts: &[i64],
    ) -> ProvennCircuit<G> {
        let Ranges { circuit, layout, .. } = self;
        let active = circuit.params().active_rows();
        let mut first: FirstPhase = vec![vec![]; layout.first];
        if let Some(ranges) = &layout.weight_ranges {
            for (column, limbs) in limbs.iter().enumerate() {
                for (row, &of) in limbs.iter().enumerate() {
                    let bits = bits.get(column).and_then(|bits| bits.get(row)).copied();
                    ranges.fill_limbs(column, row, [bits.unwrap_or(0).into(), of], &mut first);
                }
            }
            for (&column, weights) in ranges.weight.iter().zip(weights) {
                first[column].clone_from(weights);
            }
        }
        for (bank, counts) in layout.table.iter().zip(counts.chunks(active)) {
            first[bank.multiplicity] = counts.to_vec();
        }
        circuit.with_witness(first, vec![])
    }
}
