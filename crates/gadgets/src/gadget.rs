//! What a gadget registers, so that whoever walks gadgets need not know them.
//!
//! A gadget is a set of columns of one family. It says which constraints hold on them and what each defines, what it
//! adds to the bus, which columns copies may touch and which are opened at the next row, and how its later columns are
//! computed. Layout, constraint system, cost model, prover, test harness and drawing are loops over gadgets.

use crate::assignment::BoundaryValues;
use crate::bus::BusTerm;
use crate::column::{Column, Integers};
use crate::columns::{Challenges, Query};
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::plonk::Expression;
use std::fmt::Debug;

/// Rows on which a constraint acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// All active rows.
    Active,
    /// The first row.
    First,
    /// The row after the last active one.
    Last,
}

/// A polynomial that vanishes on some rows.
#[derive(Clone, Debug)]
pub struct Constraint {
    /// Its name, as reports and tests say it.
    pub name: &'static str,
    /// Where it acts; whoever creates it multiplies it with the column that says so.
    pub on: On,
    /// The later column whose cell of this row it determines, all other cells given: it is linear in that cell, with
    /// a coefficient that is not zero.
    pub defines: Option<usize>,
    /// The polynomial, of degree 4 at most.
    pub polynomial: Expression<Fr>,
}

impl Constraint {
    /// On active rows, defining a later column.
    #[must_use]
    pub fn defining(name: &'static str, column: usize, polynomial: Expression<Fr>) -> Self {
        Constraint { name, on: On::Active, defines: Some(column), polynomial }
    }

    /// On certain rows, defining nothing.
    #[must_use]
    pub fn on(name: &'static str, on: On, polynomial: Expression<Fr>) -> Self {
        Constraint { name, on, defines: None, polynomial }
    }
}

/// First-phase cells, and the fingerprints that bind them: where a fingerprint is read, the cells of its row are, and
/// those of the rows that are chained to it.
#[derive(Clone, Debug)]
pub struct Fingerprinted {
    /// Later columns.
    pub fingerprints: Vec<usize>,
    /// Fixed columns: a fingerprint takes in the next row's where one of them is set.
    pub goes_on: Vec<usize>,
    /// First-phase columns.
    pub cells: Vec<usize>,
}

/// Columns of one meaning, for those who draw or count them.
#[derive(Clone, Debug)]
pub struct Role {
    /// What they hold.
    pub name: &'static str,
    /// The columns, of one kind.
    pub columns: Vec<Column>,
}

impl Role {
    /// Fixed columns.
    #[must_use]
    pub fn fixed(name: &'static str, columns: &[usize]) -> Self {
        Role { name, columns: columns.iter().map(|&c| Column::Fixed(c)).collect() }
    }
    /// First-phase columns.
    #[must_use]
    pub fn first(name: &'static str, columns: &[usize]) -> Self {
        Role { name, columns: columns.iter().map(|&c| Column::First(c)).collect() }
    }
    /// Later columns.
    #[must_use]
    pub fn second(name: &'static str, columns: &[usize]) -> Self {
        Role { name, columns: columns.iter().map(|&c| Column::Second(c)).collect() }
    }
}

/// What later columns are computed from.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// Active rows; a later column has one value more.
    pub rows: usize,
    /// The key's columns, those apart that say where constraints act.
    pub fixed: Integers<'a>,
    /// First-phase columns.
    pub first: Integers<'a>,
    /// Coefficients that convolutions drop.
    pub boundary: &'a [BoundaryValues],
    /// Columns that were committed between ρ and the other challenges; the others are empty.
    pub early: &'a [Vec<Fr>],
    /// Those drawn so far; before [`early`](Self::early) is committed that is ρ alone.
    pub challenges: Challenges<Fr>,
}

/// A set of columns that belong together.
pub trait Gadget: Debug + Send + Sync {
    /// What its family is called.
    fn name(&self) -> &'static str;

    /// All its columns.
    fn roles(&self) -> Vec<Role>;

    /// Whether it has constraints of its own.
    fn is_constrained(&self) -> bool {
        true
    }

    /// Its constraints.
    fn constraints(&self, q: &mut Query<'_, '_>) -> Vec<Constraint>;

    /// Its fixed columns that hold field elements, which follow from those that hold integers.
    fn field_columns(&self, rows: usize, fixed: Integers<'_>) -> Vec<(usize, Vec<Fr>)> {
        let _ = (rows, fixed);
        vec![]
    }

    /// Adds what it looks up, and what it has to be found.
    fn terms(&self, terms: &mut Vec<BusTerm>) {
        let _ = terms;
    }

    /// Columns that copies may touch.
    fn copied(&self) -> Vec<Column>;

    /// Later columns that constraints read on the next row too.
    fn opened_next(&self) -> Vec<usize>;

    /// Later columns that are committed after ρ and before all other challenges. With any, all other later
    /// columns follow in a third phase.
    fn before_sigma(&self) -> Vec<usize> {
        vec![]
    }

    /// The values of [`before_sigma`](Self::before_sigma)'s columns.
    fn early_values(&self, known: &Known<'_>) -> Vec<(usize, Vec<Fr>)> {
        let _ = known;
        vec![]
    }

    /// The values of further later columns that follow from committed ones; the program and the lookup argument fill
    /// the rest.
    fn values(&self, known: &Known<'_>) -> Vec<(usize, Vec<Fr>)> {
        let _ = known;
        vec![]
    }

    /// Its first-phase cells that fingerprints bind; what it looks up is bound with them.
    fn fingerprinted(&self) -> Option<Fingerprinted> {
        None
    }

    /// Later columns whose cell on this row every constraint multiplies with zero: free unless copied.
    fn unread(&self, row: usize, fixed: Integers<'_>) -> Vec<usize> {
        let _ = (row, fixed);
        vec![]
    }
}
