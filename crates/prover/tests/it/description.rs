//! Random circuits: gates `q·(output - P(…))` over random polynomials P, copies, phases.
//!
//! Cells are filled phase by phase. Input columns hold given values or copies of cells filled
//! earlier; output columns hold P's value where their gate is on.

use halo2_proofs::circuit::{Cell, Layouter, SimpleFloorPlanner, Value};
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::halo2curves::ff::Field;
use halo2_proofs::plonk::{
    Advice, Any, Challenge, Circuit, Column, ConstraintSystem, Error, Expression, FirstPhase,
    Fixed, Instance, SecondPhase, ThirdPhase, VirtualCells,
};
use halo2_proofs::poly::Rotation;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use std::sync::Arc;

/// Largest rotation either way.
pub(crate) const REACH: usize = 3;

/// A column by kind and index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Fixed(usize),
    Advice(usize),
    Instance(usize),
}

/// A polynomial over cells near a row.
#[derive(Clone, Debug)]
pub(crate) enum Poly {
    Constant(Fr),
    Challenge(usize),
    Query(Kind, i32),
    Negated(Box<Poly>),
    Scaled(Box<Poly>, Fr),
    Sum(Box<Poly>, Box<Poly>),
    Product(Box<Poly>, Box<Poly>),
}

/// `q·(output - poly)`
#[derive(Clone, Debug)]
pub(crate) struct Gate {
    pub(crate) output: usize,
    pub(crate) poly: Poly,
}

/// What a random circuit is like.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    pub(crate) k: u32,
    pub(crate) phases: u8,
    pub(crate) degree: usize,
    pub(crate) copies: bool,
    pub(crate) values: Numbers,
    pub(crate) gates: usize,
    /// One fixed column turns all gates on.
    pub(crate) shared: bool,
}

/// Small, with all that our circuits have.
pub(crate) const STYLE: Style = Style {
    k: 5,
    phases: 2,
    degree: 5,
    copies: true,
    values: Numbers::Mixed,
    gates: 3,
    shared: false,
};

/// What given values are like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Numbers {
    Mixed,
    Zero,
    OneRow,
    Full,
    Extreme,
}

/// A circuit and its values but for what follows from challenges.
#[derive(Clone, Debug, Default)]
pub(crate) struct Description {
    pub(crate) k: u32,
    pub(crate) degree: usize,
    pub(crate) rows: usize,
    pub(crate) shared: bool,
    /// Phase of every advice column.
    pub(crate) phases: Vec<u8>,
    /// Phase of every challenge.
    pub(crate) challenges: Vec<u8>,
    pub(crate) gates: Vec<Gate>,
    /// Gate columns first.
    pub(crate) fixed: Vec<Vec<Fr>>,
    pub(crate) instance: Vec<Vec<Fr>>,
    /// Given values of advice columns.
    pub(crate) given: Vec<Vec<Fr>>,
    /// Copies: the later cell takes the earlier one's value.
    pub(crate) copies: Vec<((Kind, usize), (Kind, usize))>,
}

impl Description {
    pub(crate) fn random(seed: u64, style: Style) -> Arc<Self> {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let mut pick = move |count: usize| (rng.next_u64() % count as u64) as usize;
        let mut made = Description {
            k: style.k,
            degree: style.degree,
            shared: style.shared,
            ..Self::default()
        };
        // At most four rotations of a column are queried, and halo2 wants five rows more.
        made.rows = (1_usize << style.k) - 2 * REACH - 5;
        let mut columns: Vec<Kind> = vec![];
        for i in 0..pick(3) {
            made.instance.push(numbers(style.values, made.rows, &mut pick));
            columns.push(Kind::Instance(i));
        }
        for i in 0..pick(3) {
            made.fixed.push(numbers(style.values, made.rows, &mut pick));
            columns.push(Kind::Fixed(style.gates + i));
        }
        for phase in 0..style.phases {
            for _ in 0..1 + pick(3) {
                let column = made.given.len();
                made.given.push(numbers(style.values, made.rows, &mut pick));
                made.phases.push(phase);
                for row in 0..made.rows {
                    if style.copies && !columns.is_empty() && pick(4) == 0 {
                        let from = (columns[pick(columns.len())], pick(made.rows));
                        made.copies.push((from, (Kind::Advice(column), row)));
                    }
                }
                columns.push(Kind::Advice(column));
            }
            let gates = style.gates / usize::from(style.phases)
                + if phase == 0 { style.gates % usize::from(style.phases) } else { 0 };
            for _ in 0..gates {
                let output = made.given.len();
                let challenges = made.challenges.len();
                let poly = polynomial(style.degree - 1, 4, &columns, challenges, &mut pick);
                made.given.push(numbers(style.values, made.rows, &mut pick));
                made.phases.push(phase);
                made.gates.push(Gate { output, poly });
                columns.push(Kind::Advice(output));
            }
            if phase + 1 < style.phases {
                let count = 1 + pick(2);
                made.challenges.extend(vec![phase; count]);
            }
        }
        let selectors = (0..style.gates)
            .map(|_| {
                let on = |row| REACH <= row && row < made.rows - REACH && pick(5) > 0;
                (0..made.rows).map(on).map(|on| Fr::from(u64::from(on))).collect()
            })
            .collect::<Vec<_>>();
        made.fixed = selectors.into_iter().chain(made.fixed).collect();
        Arc::new(made)
    }

    /// The fixed column that turns a gate on.
    fn selector(&self, gate: usize) -> usize {
        if self.shared { 0 } else { gate }
    }

    fn value(&self, advice: &[Vec<Fr>], kind: Kind, row: usize) -> Fr {
        let column = match kind {
            Kind::Fixed(i) => &self.fixed[i],
            Kind::Advice(i) => &advice[i],
            Kind::Instance(i) => &self.instance[i],
        };
        column.get(row).copied().unwrap_or(Fr::ZERO)
    }

    /// Fills the columns of a phase; those of earlier phases are there.
    pub(crate) fn fill(&self, phase: u8, challenges: &[Fr], advice: &mut Vec<Vec<Fr>>) {
        advice.resize(self.phases.len(), vec![]);
        for column in (0..self.phases.len()).filter(|i| self.phases[*i] == phase) {
            advice[column] = self.given[column].clone();
            advice[column].resize(self.rows, Fr::ZERO);
            for (from, (_, row)) in
                self.copies.iter().filter(|(_, (kind, _))| *kind == Kind::Advice(column))
            {
                advice[column][*row] = self.value(advice, from.0, from.1);
            }
            for (number, gate) in self.gates.iter().enumerate().filter(|(_, g)| g.output == column)
            {
                for row in
                    (0..self.rows).filter(|row| self.fixed[self.selector(number)][*row] == Fr::ONE)
                {
                    advice[column][row] = self.evaluate(&gate.poly, advice, challenges, row);
                }
            }
        }
    }

    fn evaluate(&self, poly: &Poly, advice: &[Vec<Fr>], challenges: &[Fr], row: usize) -> Fr {
        let of = |poly| self.evaluate(poly, advice, challenges, row);
        match poly {
            Poly::Constant(c) => *c,
            Poly::Challenge(i) => challenges[*i],
            Poly::Query(kind, rotation) => {
                self.value(advice, *kind, row.checked_add_signed(*rotation as isize).unwrap())
            }
            Poly::Negated(a) => -of(a),
            Poly::Scaled(a, c) => of(a) * c,
            Poly::Sum(a, b) => of(a) + of(b),
            Poly::Product(a, b) => of(a) * of(b),
        }
    }

    /// Advice cells that a change of which breaks a gate or a copy for certain.
    pub(crate) fn bound(&self) -> Vec<(usize, usize)> {
        let gates = self.gates.iter().enumerate().flat_map(|(number, gate)| {
            let rows = (0..self.rows)
                .filter(move |row| self.fixed[self.selector(number)][*row] == Fr::ONE);
            rows.map(move |row| (gate.output, row))
        });
        let copied = self.copies.iter().filter_map(|(_, (kind, row))| match kind {
            Kind::Advice(column) => Some((*column, *row)),
            _ => None,
        });
        gates.chain(copied).collect()
    }
}

fn numbers(style: Numbers, rows: usize, mut pick: impl FnMut(usize) -> usize) -> Vec<Fr> {
    let mut rng = ChaCha20Rng::seed_from_u64(pick(1 << 40) as u64);
    let signed = |x: i64| {
        let magnitude = Fr::from(x.unsigned_abs());
        if x < 0 { -magnitude } else { magnitude }
    };
    let kind = match style {
        Numbers::Mixed => pick(6),
        Numbers::Zero => 0,
        Numbers::OneRow => return vec![signed(-5)],
        Numbers::Full => 5,
        Numbers::Extreme => 6,
    };
    let bits = pick(40);
    let constant = Fr::random(&mut rng);
    (0..rows)
        .map(|row| match kind {
            0 => Fr::ZERO,
            1 => Fr::from((row / 4) as u64),
            2 => constant,
            3 | 4 => signed((rng.next_u64() >> (63 - bits)) as i64 - (1 << bits)),
            5 => Fr::random(&mut rng),
            _ => signed([i64::MIN, i64::MAX, -1, 0, i64::MIN + 1][pick(5)]),
        })
        .collect()
}

fn polynomial(
    degree: usize,
    depth: usize,
    columns: &[Kind],
    challenges: usize,
    pick: &mut impl FnMut(usize) -> usize,
) -> Poly {
    let rotation = |pick: &mut dyn FnMut(usize) -> usize| match pick(3) {
        0 => pick(2 * REACH + 1) as i32 - REACH as i32,
        _ => 0,
    };
    let choice = if depth == 0 { 6 + pick(3) } else { pick(9) };
    let mut inner = |degree| Box::new(polynomial(degree, depth - 1, columns, challenges, pick));
    match choice {
        0 | 1 => Poly::Sum(inner(degree), inner(degree)),
        2..=4 if degree > 1 => {
            let split = degree / 2;
            Poly::Product(inner(split), inner(degree - split))
        }
        5 => Poly::Scaled(inner(degree), Fr::from(3).invert().unwrap()),
        2..=4 => Poly::Negated(inner(degree)),
        6 if challenges > 0 => Poly::Challenge(pick(challenges)),
        6 => Poly::Constant(-Fr::from(pick(9) as u64)),
        _ if degree == 0 => Poly::Constant(Fr::from(2)),
        _ => Poly::Query(columns[pick(columns.len())], rotation(pick)),
    }
}

/// The circuit for halo2, with cells overwritten after everything was computed.
#[derive(Clone, Debug, Default)]
pub(crate) struct RandomCircuit {
    pub(crate) description: Arc<Description>,
}

#[derive(Clone, Debug)]
pub(crate) struct Config {
    advice: Vec<Column<Advice>>,
    fixed: Vec<Column<Fixed>>,
    instance: Vec<Column<Instance>>,
    challenges: Vec<Challenge>,
}

impl Config {
    fn any(&self, kind: Kind) -> Column<Any> {
        match kind {
            Kind::Fixed(i) => self.fixed[i].into(),
            Kind::Advice(i) => self.advice[i].into(),
            Kind::Instance(i) => self.instance[i].into(),
        }
    }

    fn expression(&self, poly: &Poly, meta: &mut VirtualCells<'_, Fr>) -> Expression<Fr> {
        match poly {
            Poly::Constant(c) => Expression::Constant(*c),
            Poly::Challenge(i) => self.challenges[*i].expr(),
            Poly::Query(kind, rotation) => meta.query_any(self.any(*kind), Rotation(*rotation)),
            Poly::Negated(a) => -self.expression(a, meta),
            Poly::Scaled(a, c) => self.expression(a, meta) * *c,
            Poly::Sum(a, b) => self.expression(a, meta) + self.expression(b, meta),
            Poly::Product(a, b) => self.expression(a, meta) * self.expression(b, meta),
        }
    }
}

impl Circuit<Fr> for RandomCircuit {
    type Config = Config;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = Arc<Description>;

    fn params(&self) -> Arc<Description> {
        Arc::clone(&self.description)
    }

    fn without_witnesses(&self) -> Self {
        self.clone()
    }

    fn configure(_: &mut ConstraintSystem<Fr>) -> Config {
        unreachable!("configured with parameters")
    }

    fn configure_with_params(meta: &mut ConstraintSystem<Fr>, made: Arc<Description>) -> Config {
        meta.set_minimum_degree(made.degree);
        let mut config = Config {
            advice: vec![],
            fixed: made.fixed.iter().map(|_| meta.fixed_column()).collect(),
            instance: made.instance.iter().map(|_| meta.instance_column()).collect(),
            challenges: vec![],
        };
        for phase in 0..=made.phases.iter().copied().max().unwrap_or(0) {
            for _ in made.phases.iter().filter(|of| **of == phase) {
                config.advice.push(match phase {
                    0 => meta.advice_column_in(FirstPhase),
                    1 => meta.advice_column_in(SecondPhase),
                    _ => meta.advice_column_in(ThirdPhase),
                });
            }
            for _ in made.challenges.iter().filter(|of| **of == phase) {
                config.challenges.push(match phase {
                    0 => meta.challenge_usable_after(FirstPhase),
                    _ => meta.challenge_usable_after(SecondPhase),
                });
            }
        }
        for (from, to) in &made.copies {
            for (kind, _) in [from, to] {
                meta.enable_equality(config.any(*kind));
            }
        }
        for (number, gate) in made.gates.iter().enumerate() {
            meta.create_gate("random", |meta| {
                let q = meta.query_fixed(config.fixed[made.selector(number)], Rotation::cur());
                let output = meta.query_advice(config.advice[gate.output], Rotation::cur());
                vec![q * (output - config.expression(&gate.poly, meta))]
            });
        }
        config
    }

    fn synthesize(&self, config: Config, mut layouter: impl Layouter<Fr>) -> Result<(), Error> {
        let made = &self.description;
        layouter.assign_region(
            || "all",
            |mut region| {
                for (column, values) in config.fixed.iter().zip(&made.fixed) {
                    for (row, value) in values.iter().enumerate() {
                        region.assign_fixed(*column, row, *value);
                    }
                }
                for (from, to) in &made.copies {
                    let cell = |(kind, row): (Kind, usize)| Cell {
                        row_offset: row,
                        column: config.any(kind),
                    };
                    region.constrain_equal(cell(*from), cell(*to));
                }
                let mut advice = vec![];
                let last = made.phases.iter().copied().max().unwrap_or(0);
                for phase in 0..=last {
                    let mut challenges = vec![Fr::ZERO; config.challenges.len()];
                    for (i, challenge) in config.challenges.iter().enumerate() {
                        if made.challenges[i] < phase {
                            region.get_challenge(*challenge).map(|c| challenges[i] = c);
                        }
                    }
                    made.fill(phase, &challenges, &mut advice);
                    for (i, values) in
                        advice.iter().enumerate().filter(|(i, _)| made.phases[*i] == phase)
                    {
                        for (row, value) in values.iter().enumerate() {
                            region.assign_advice(config.advice[i], row, Value::known(*value));
                        }
                    }
                    if phase < last {
                        region.next_phase();
                    }
                }
                Ok(())
            },
        )
    }
}
