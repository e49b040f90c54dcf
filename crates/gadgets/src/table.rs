//! Lookup tables: fixed tuples, and how often each is looked up.
//!
//! # Statement
//! On the bus: `−m/(α − t)` for every row's tuple t = (v0, v1, v2, tag).
//!
//! # Layout
//! Any number of banks, so that no table sets k. The first row of the first bank is the *zero row*: zeros under
//! tag 0, which no table has. Lanes of activations that hold nothing have tag 0 and look it up; their limbs are any in
//! range, so that y is free there, and whoever reads y in place has to say what it is. Rows beyond the last table repeat it with m = 0.
//!
//! # Soundness
//! m needs no range: the bus' rational functions agree only if every tuple that is looked up has a row.
//!
//! # Cost
//! Four fixed cells and one small one per row.

use crate::bus::{BusTerm, Value};
use crate::column::{Column, Numbers};
use crate::columns::Query;
use crate::gadget::{Constraint, Gadget, Role};

/// Tag of the table of boundary positions: any h, output 0. Circuits have it where boundary terms stand in lanes.
pub const GAP: i64 = 63;
/// Tag of the first function table; the range table of width w has tag w.
pub const FUNCTION: i64 = 64;

/// One bank.
#[derive(Clone, Debug)]
pub struct TableBank {
    /// Fixed: the tuple's three values and its tag.
    pub tuple: [usize; 4],
    /// First phase: how often each row is looked up.
    pub multiplicity: usize,
}

impl TableBank {
    /// Numbers the columns of one bank.
    pub(crate) fn allocate(numbers: &mut Numbers) -> Self {
        TableBank { tuple: numbers.fixed.array(), multiplicity: numbers.first.one() }
    }
}

impl Gadget for TableBank {
    fn name(&self) -> &'static str {
        "table"
    }

    fn roles(&self) -> Vec<Role> {
        vec![Role::fixed("table", &self.tuple), Role::first("multiplicity", &[self.multiplicity])]
    }

    fn is_constrained(&self) -> bool {
        false
    }

    fn constraints(&self, _: &mut Query<'_, '_>) -> Vec<Constraint> {
        vec![]
    }

    fn terms(&self, terms: &mut Vec<BusTerm>) {
        let [values @ .., tag] = self.tuple.map(Value::Fixed);
        terms.push(BusTerm::table(&values, tag, self.multiplicity));
    }

    fn copied(&self) -> Vec<Column> {
        vec![]
    }

    fn opened_next(&self) -> Vec<usize> {
        vec![]
    }
}
