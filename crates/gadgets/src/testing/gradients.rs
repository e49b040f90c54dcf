//! Derivatives of every copy by every unknown, at several challenges at once: backwards through the constraints.
//!
//! A constraint that defines a later cell says how it moves with the other cells of its row and with the next row; a copied
//! operand moves as what it is copied from. So one pass from an equation down to first-phase cells gives its derivatives by all
//! of them, whatever their number.

use super::Subject;
use super::rank::Unknown;
use crate::column::{CellRef, Column};
use crate::families::{Hash, Occurrences};
use crate::gadget_set::Standard;
use crate::program::implied_copies;
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::plonk::Expression;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Draws of challenges that derivatives are taken at.
pub(super) const DRAWS: usize = 4;

/// A derivative, at each draw.
pub(super) type Slopes = [Fr; DRAWS];

/// An equation: which unknowns move it, and how much.
pub(super) type Equation = Vec<(usize, Slopes)>;

/// How a defined cell moves with another of its constraint.
#[derive(Debug)]
struct Move {
    column: Column,
    next: bool,
    by: Expression<Fr>,
}

/// How a later column's cells are defined.
#[derive(Debug)]
struct Rule {
    /// The constraint's derivative by the cell itself.
    own: Expression<Fr>,
    moves: Vec<Move>,
}

/// Where a cell stands among those that unknowns move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Unseen,
    Still,
    /// Behind all that it depends on.
    Moved(usize),
}

/// What moves a cell.
#[derive(Clone, Copy, Debug)]
enum Mover {
    Unknown(usize),
    /// A later cell, by its order.
    Later(usize),
}

/// Whatever unknowns move, in an order in which later cells follow what they depend on.
#[derive(Debug)]
pub(super) struct Gradients<'a> {
    /// The same circuit under each draw.
    subjects: &'a [Subject<Standard>; DRAWS],
    rules: Vec<Option<Rule>>,
    /// What operands are copied from, by column and row.
    sources: HashMap<(usize, usize), CellRef>,
    /// Later columns that something other than identities binds: the bus, a link, a hash.
    kept: BTreeSet<usize>,
    /// The given ones, then later cells that nothing defines.
    pub(super) unknowns: Vec<Unknown>,
    by_cell: HashMap<CellRef, usize>,
    order: Vec<Vec<Order>>,
    /// Later cells that unknowns move, in order.
    moved: Vec<(usize, usize)>,
    /// What moves each of these, and how much.
    movers: Vec<Vec<(Mover, Slopes)>>,
}

impl<'a> Gradients<'a> {
    /// Of all that these copies read, by these unknowns.
    pub(super) fn new(
        subjects: &'a [Subject<Standard>; DRAWS],
        unknowns: Vec<Unknown>,
        copies: &[(CellRef, CellRef)],
    ) -> Self {
        let subject = &subjects[0];
        let (layout, rows) = (subject.layout(), subject.params().active_rows() + 1);
        let implied = implied_copies(layout, &subject.assignment().steps);
        let there: BTreeSet<&(CellRef, CellRef)> = subject.copies().iter().collect();
        let sources = implied.iter().filter(|copy| there.contains(copy));
        let sources = sources.filter_map(|&(to, from)| match to.column {
            Column::Second(column) => Some(((column, to.row), from)),
            Column::Fixed(_) | Column::First(_) | Column::Instance => None,
        });
        let digests = layout.hash.iter().map(Hash::digest);
        let sums = layout.occurrences.iter().flat_map(|of| {
            let banks = 0..subject.params().occurrence_banks;
            banks.map(|bank| of.sum(bank))
        });
        let links = layout.links().into_iter().map(|link| link.combined);
        let mut gradients = Gradients {
            subjects,
            rules: rules(subject),
            sources: sources.collect(),
            kept: digests.chain(sums).chain(links).collect(),
            unknowns: vec![],
            by_cell: HashMap::new(),
            order: vec![vec![Order::Unseen; rows]; layout.second],
            moved: vec![],
            movers: vec![],
        };
        unknowns.into_iter().for_each(|unknown| gradients.add(unknown));
        copies.iter().flat_map(|&(a, b)| [a, b]).for_each(|cell| gradients.arrange(cell));
        let movers = gradients.moved.par_iter().map(|&cell| gradients.movers(cell)).collect();
        gradients.movers = movers;
        gradients
    }

    fn add(&mut self, unknown: Unknown) {
        let subject = &self.subjects[0];
        let cell = match unknown {
            Unknown::Accumulator { column, row, .. } | Unknown::Plain { column, row } => {
                CellRef { column: Column::First(column), row }
            }
            Unknown::Later { column, row } => CellRef::second(column, row),
            Unknown::Dropped { run, at, .. } => {
                let run = &subject.boundary[run];
                CellRef::second(subject.layout().boundary[run.bank].value, run.row + at)
            }
        };
        self.by_cell.insert(cell, self.unknowns.len());
        self.unknowns.push(unknown);
    }

    /// Puts a cell behind whatever it depends on.
    fn arrange(&mut self, cell: CellRef) {
        let Column::Second(column) = cell.column else { return };
        let mut open = vec![(column, cell.row, None)];
        while let Some((column, row, depends)) = open.pop() {
            if self.order[column][row] != Order::Unseen {
                continue;
            }
            let still = self.kept.contains(&column);
            if still || self.by_cell.contains_key(&CellRef::second(column, row)) {
                self.order[column][row] = Order::Still;
                continue;
            }
            if let Some(depends) = depends {
                let depends: Vec<CellRef> = depends;
                if depends.iter().any(|cell| self.mover(*cell).is_some()) {
                    self.order[column][row] = Order::Moved(self.moved.len());
                    self.moved.push((column, row));
                } else {
                    self.order[column][row] = Order::Still;
                }
                continue;
            }
            let Some(depends) = self.depends(column, row) else {
                self.add(Unknown::Later { column, row });
                continue;
            };
            let further = depends.iter().filter_map(|cell| match cell.column {
                Column::Second(column) => Some((column, cell.row, None)),
                Column::Fixed(_) | Column::First(_) | Column::Instance => None,
            });
            let further: Vec<_> = further.collect();
            open.push((column, row, Some(depends)));
            open.extend(further);
        }
    }

    /// What a later cell is defined by, if anything defines it.
    fn depends(&self, column: usize, row: usize) -> Option<Vec<CellRef>> {
        if let Some(&from) = self.sources.get(&(column, row)) {
            return Some(vec![from]);
        }
        let moves = |by: &Expression<Fr>| self.subjects[0].evaluate(by, row) != Fr::zero();
        // On a row where its constraint does not read it, nothing defines it.
        let rule = self.rules[column].as_ref().filter(|rule| moves(&rule.own))?;
        let cells = rule.moves.iter().filter(|of| moves(&of.by));
        Some(cells.map(|of| of.cell(row)).collect())
    }

    fn mover(&self, cell: CellRef) -> Option<Mover> {
        if let Some(&unknown) = self.by_cell.get(&cell) {
            return Some(Mover::Unknown(unknown));
        }
        let Column::Second(column) = cell.column else { return None };
        match self.order[column][cell.row] {
            Order::Moved(at) => Some(Mover::Later(at)),
            Order::Unseen | Order::Still => None,
        }
    }

    fn movers(&self, (column, row): (usize, usize)) -> Vec<(Mover, Slopes)> {
        if let Some(&from) = self.sources.get(&(column, row)) {
            return self.mover(from).map(|mover| (mover, [Fr::one(); DRAWS])).into_iter().collect();
        }
        let Some(rule) = &self.rules[column] else { return vec![] };
        let at = |polynomial: &Expression<Fr>| {
            self.subjects.each_ref().map(|subject| subject.evaluate(polynomial, row))
        };
        // own·cell + Σ by·other is zero.
        let own = at(&rule.own).map(|own| Option::<Fr>::from(own.invert()).unwrap_or(Fr::zero()));
        let moving = rule.moves.iter().filter_map(|of| Some((self.mover(of.cell(row))?, of)));
        let moving = moving.map(|(mover, of)| {
            let mut slopes = at(&of.by);
            slopes.iter_mut().zip(own).for_each(|(slope, own)| *slope *= -own);
            (mover, slopes)
        });
        moving.filter(|(_, slopes)| moves(slopes)).collect()
    }

    /// The derivatives of `a − b`.
    pub(super) fn of(&self, (a, b): (CellRef, CellRef)) -> Equation {
        let mut found: BTreeMap<usize, Slopes> = BTreeMap::new();
        let mut waiting: BTreeMap<usize, Slopes> = BTreeMap::new();
        let mut add = |waiting: &mut BTreeMap<usize, Slopes>, mover, more: Slopes| {
            let all = match mover {
                Mover::Unknown(unknown) => found.entry(unknown),
                Mover::Later(at) => waiting.entry(at),
            };
            let all = all.or_insert([Fr::zero(); DRAWS]);
            all.iter_mut().zip(more).for_each(|(all, more)| *all += more);
        };
        for (cell, sign) in [(a, Fr::one()), (b, -Fr::one())] {
            if let Some(mover) = self.mover(cell) {
                add(&mut waiting, mover, [sign; DRAWS]);
            }
        }
        while let Some((at, slopes)) = waiting.pop_last() {
            for &(mover, mut by) in &self.movers[at] {
                by.iter_mut().zip(slopes).for_each(|(by, slope)| *by *= slope);
                add(&mut waiting, mover, by);
            }
        }
        found.into_iter().filter(|(_, slopes)| moves(slopes)).collect()
    }
}

fn moves(slopes: &Slopes) -> bool {
    slopes.iter().any(|slope| *slope != Fr::zero())
}

impl Move {
    fn cell(&self, row: usize) -> CellRef {
        CellRef { column: self.column, row: row + usize::from(self.next) }
    }
}

/// What defines each later column.
fn rules(subject: &Subject<Standard>) -> Vec<Option<Rule>> {
    let layout = subject.layout();
    let mut rules: Vec<Option<Rule>> = (0..layout.second).map(|_| None).collect();
    // Advice columns are numbered first phase first.
    let firsts = layout.first.max(1);
    for constraint in &subject.key.constraints {
        let Some(defined) = constraint.defines else { continue };
        let mut queries = BTreeSet::new();
        queried(&constraint.polynomial, &mut queries);
        let mut rule = Rule { own: Expression::Constant(Fr::zero()), moves: vec![] };
        for (index, next) in queries {
            let Some(by) = slope(&constraint.polynomial, (index, next)) else { continue };
            let column = match index.checked_sub(firsts) {
                Some(column) => Column::Second(column),
                None => Column::First(index),
            };
            if column == Column::Second(defined) && !next {
                rule.own = by;
            } else {
                rule.moves.push(Move { column, next, by });
            }
        }
        rules[defined] = Some(rule);
    }
    rules
}

/// Which advice cells a polynomial reads: the column, and whether on the next row.
fn queried(polynomial: &Expression<Fr>, all: &mut BTreeSet<(usize, bool)>) {
    match polynomial {
        Expression::Advice(query) => _ = all.insert((query.column_index(), query.rotation().0 > 0)),
        Expression::Negated(a) | Expression::Scaled(a, _) => queried(a, all),
        Expression::Sum(a, b) | Expression::Product(a, b) => {
            queried(a, all);
            queried(b, all);
        }
        Expression::Constant(_)
        | Expression::Selector(_)
        | Expression::Fixed(_)
        | Expression::Instance(_)
        | Expression::Challenge(_) => {}
    }
}

/// The derivative of a polynomial by an advice cell; `None` if it does not read that.
fn slope(polynomial: &Expression<Fr>, by: (usize, bool)) -> Option<Expression<Fr>> {
    let of = |a| slope(a, by);
    let times = |slope: Option<Expression<Fr>>, b: &Expression<Fr>| {
        slope.map(|slope| match slope {
            Expression::Constant(one) if one == Fr::one() => b.clone(),
            slope => slope * b.clone(),
        })
    };
    let plus = |a: Option<Expression<Fr>>, b: Option<Expression<Fr>>| match (a, b) {
        (Some(a), Some(b)) => Some(a + b),
        (one, other) => one.or(other),
    };
    match polynomial {
        Expression::Advice(query) => {
            let own = (query.column_index(), query.rotation().0 > 0) == by;
            own.then(|| Expression::Constant(Fr::one()))
        }
        Expression::Negated(a) => of(a).map(|slope| -slope),
        Expression::Scaled(a, factor) => of(a).map(|slope| slope * *factor),
        Expression::Sum(a, b) => plus(of(a), of(b)),
        Expression::Product(a, b) => plus(times(of(a), b), times(of(b), a)),
        Expression::Constant(_)
        | Expression::Selector(_)
        | Expression::Fixed(_)
        | Expression::Instance(_)
        | Expression::Challenge(_) => None,
    }
}
