//! Columns, gates and bus: what parameters alone determine, and so a key.

use crate::Error;
use provenn_gadgets::bus::{BusTerm, Numerator};
use provenn_gadgets::{CircuitParams, Column, Gadget, GadgetSet, Layout};
use provenn_verifier::KeyError;
use provenn_verifier::constraints::constraint_system;
use serde::Serialize;
use std::collections::BTreeMap;

/// What holds between cells.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Constraints {
    /// Name of the gadget set.
    pub gadgets: &'static str,
    /// k: there are 2^k rows.
    pub k: u32,
    /// Rows on which constraints act.
    pub active_rows: usize,
    /// Challenge phases: integers, then what depends on challenges, in one or two.
    pub phases: usize,
    /// Fixed columns, which the key commits to.
    pub fixed_columns: usize,
    /// Advice columns of the first phase: integers.
    pub first_phase_columns: usize,
    /// Advice columns of later phases.
    pub later_columns: usize,
    /// Columns in the permutation argument, that of public values among them.
    pub copied_columns: usize,
    /// The largest degree of a gate.
    pub degree: usize,
    /// All parameters, as the key holds them.
    pub parameters: CircuitParams,
    /// Columns by role.
    pub columns: Vec<Columns>,
    /// Gates by name.
    pub gates: Vec<Gate>,
    /// The bus by gadget.
    pub bus: Vec<BusOfGadget>,
}

/// Columns of one role in all banks of a gadget.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Columns {
    /// The gadget.
    pub gadget: &'static str,
    /// Banks that have such columns.
    pub banks: usize,
    /// What they hold.
    pub role: &'static str,
    /// When they are committed to.
    pub kind: &'static str,
    /// How many, in all banks.
    pub columns: usize,
}

/// A constraint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Gate {
    /// The gadget.
    pub gadget: String,
    /// Its name.
    pub constraint: String,
    /// In how many banks.
    pub count: usize,
    /// Degree, the column that says where it acts included.
    pub degree: usize,
}

/// A gadget's terms on the bus, per row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct BusOfGadget {
    /// The gadget.
    pub gadget: &'static str,
    /// Tuples that are looked up.
    pub lookups: usize,
    /// Tuples that there are to find, counted in the first phase.
    pub found: usize,
    /// Tuples with weights, which are powers of a challenge.
    pub weighted: usize,
    /// Tuples with sums of such weights.
    pub sums: usize,
}

pub(super) fn constraints<G: GadgetSet>(params: &CircuitParams) -> Result<Constraints, Error> {
    let system = constraint_system::<G>(params).map_err(KeyError::from)?;
    let layout = Layout::<G>::number(params);
    let mut gates: Vec<Gate> = vec![];
    let mut known: BTreeMap<(String, String), usize> = BTreeMap::new();
    for gate in system.gates() {
        for (i, polynomial) in gate.polynomials().iter().enumerate() {
            let (gadget, constraint) = (gate.name().to_owned(), gate.constraint_name(i).to_owned());
            let degree = polynomial.degree();
            let at = *known.entry((gadget.clone(), constraint.clone())).or_insert(gates.len());
            match gates.get_mut(at) {
                Some(gate) => {
                    gate.count += 1;
                    gate.degree = gate.degree.max(degree);
                }
                None => gates.push(Gate { gadget, constraint, count: 1, degree }),
            }
        }
    }
    Ok(Constraints {
        gadgets: G::NAME,
        k: params.k,
        active_rows: params.active_rows(),
        phases: if layout.three_phases() { 3 } else { 2 },
        fixed_columns: layout.fixed,
        first_phase_columns: layout.first,
        later_columns: layout.second,
        copied_columns: layout.equality_columns().len(),
        degree: gates.iter().map(|gate| gate.degree).max().unwrap_or(0),
        parameters: params.clone(),
        columns: columns(&layout),
        gates,
        bus: layout.families().into_iter().filter_map(|(_, gadgets)| bus(&gadgets)).collect(),
    })
}

fn columns<G: GadgetSet>(layout: &Layout<G>) -> Vec<Columns> {
    let kind = |column: &Column| match *column {
        Column::Instance => "public values",
        Column::Fixed(_) => "fixed",
        Column::First(_) => "first phase",
        Column::Second(column) if layout.phase(column) < 2 => "second phase",
        Column::Second(_) => "third phase",
    };
    let own = |gadget, role, kind, columns| Columns { gadget, banks: 1, role, kind, columns };
    let mut all = vec![
        own("circuit", "public values", "public values", layout.instance),
        own("circuit", "where constraints act", "fixed", 3),
    ];
    for (_, gadgets) in layout.families() {
        let begin = all.len();
        for gadget in gadgets {
            let mut seen: Vec<(&str, &str)> = vec![];
            for role in gadget.roles() {
                let Some(kind) = role.columns.first().map(kind) else { continue };
                // A gadget may have several sets of one role.
                let banks = usize::from(!seen.contains(&(role.name, kind)));
                seen.push((role.name, kind));
                let of_family = all.get_mut(begin..).unwrap_or_default();
                let like = |of: &&mut Columns| (of.role, of.kind) == (role.name, kind);
                match of_family.iter_mut().find(like) {
                    Some(of) => {
                        of.banks += banks;
                        of.columns += role.columns.len();
                    }
                    None => all.push(own(gadget.name(), role.name, kind, role.columns.len())),
                }
            }
        }
    }
    all
}

/// Of the gadgets of one family; `None` if they have no terms.
fn bus(gadgets: &[&dyn Gadget]) -> Option<BusOfGadget> {
    let gadget = gadgets.first()?.name();
    let mut terms: Vec<BusTerm> = vec![];
    gadgets.iter().for_each(|gadget| gadget.terms(&mut terms));
    let mut of = BusOfGadget { gadget, lookups: 0, found: 0, weighted: 0, sums: 0 };
    for term in &terms {
        match term.numerator {
            Numerator::One => of.lookups += 1,
            Numerator::Count(_) => of.found += 1,
            Numerator::Weight(_) => of.weighted += 1,
            Numerator::WeightSum(_) => of.sums += 1,
        }
    }
    (!terms.is_empty()).then_some(of)
}
