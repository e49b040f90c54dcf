//! From spots to columns: the shape that fits what was built, and its fixed values.

use crate::builder::{Builder, GlueRow, SpotStep};
use crate::place::{Digest, Spot};
use provenn_gadgets::{Assignment, Cell, Column, Layout, Shape, Step};

impl Builder<'_> {
    /// The shape that holds everything placed so far.
    pub(crate) fn shape(&self, k: u32) -> Shape {
        let pairs = usize::from(self.product_digests);
        let plain_banks = self.plain.used.len();
        let tables = if self.activation.used.is_empty() {
            0
        } else {
            self.tables.rows().div_ceil(self.capacity)
        };
        Shape {
            k,
            lanes: self.lanes,
            shift: self.graph.shift,
            low_bits: self.graph.low_bits,
            activation_banks: self.activation.used.len(),
            plain_banks: plain_banks + plain_banks % 2 * pairs,
            rho_digests: self.rho_digests,
            scaled_digests: self.scaled_digests,
            product_digests: self.product_digests,
            sigma_engines: self.engines[0].used.len(),
            rho_engines: self.engines[1].used.len(),
            engine_lanes: self.engine_lanes,
            glue_banks: self.glue_rows.div_ceil(self.capacity),
            table_banks: tables,
        }
    }

    /// Columns of the key and the program, for a shape made by [`Builder::shape`].
    pub(crate) fn assemble(&self, shape: &Shape) -> Assignment {
        let layout = Layout::new(shape);
        let mut fixed = vec![vec![]; layout.fixed];
        for (bank, values) in layout.activation.iter().zip(&self.activation_fixed) {
            for &(lane, row, tag, offset) in &values.lanes {
                set(&mut fixed[bank.tag[lane]], row, tag);
                set(&mut fixed[bank.offset[lane]], row, offset);
            }
            flag(&mut fixed[bank.step], &values.step);
        }
        for (bank, values) in layout.plain.iter().zip(&self.plain_fixed) {
            flag(&mut fixed[bank.step], &values.step);
            for &(lane, row, c) in &values.coefficients {
                set(&mut fixed[bank.coefficient[lane]], row, c);
            }
        }
        let engines = self.engine_fixed[0].iter().zip(&layout.engine[..shape.sigma_engines]);
        let engines =
            engines.chain(self.engine_fixed[1].iter().zip(&layout.engine[shape.sigma_engines..]));
        for (values, engine) in engines {
            for (row, weights) in &values.weights {
                for (lane, &w) in weights.iter().enumerate() {
                    set(&mut fixed[engine.weight[lane]], *row, w);
                }
            }
            flag(&mut fixed[engine.step], &values.step);
            flag(&mut fixed[engine.first], &values.first);
            flag(&mut fixed[engine.sum], &values.sum);
        }
        for step in &self.steps {
            if let SpotStep::Glue(GlueRow { bank, row, coefficients, .. }) = step {
                for (&column, &c) in layout.glue[*bank].coefficient.iter().zip(coefficients) {
                    set(&mut fixed[column], *row, c);
                }
            }
        }
        if shape.table_banks > 0 {
            for (index, tuple) in self.tables.tuples().iter().enumerate() {
                let bank = &layout.table[index / self.capacity];
                for (&column, &v) in bank.tuple.iter().zip(tuple) {
                    set(&mut fixed[column], index % self.capacity, v);
                }
            }
        }
        let cell = |spot: Spot| resolve(&layout, shape, spot);
        Assignment {
            fixed,
            copies: self.copies.iter().map(|&(left, right)| (cell(left), cell(right))).collect(),
            steps: self.steps.iter().map(|step| resolve_step(&layout, shape, step)).collect(),
        }
    }
}

fn set(column: &mut Vec<i64>, row: usize, value: i64) {
    if value != 0 {
        if column.len() <= row {
            column.resize(row + 1, 0);
        }
        column[row] = value;
    }
}

fn flag(column: &mut Vec<i64>, rows: &[usize]) {
    for &row in rows {
        set(column, row, 1);
    }
}

fn resolve(layout: &Layout, shape: &Shape, spot: Spot) -> Cell {
    let engine = |rho: bool, engine: usize| {
        &layout.engine[if rho { shape.sigma_engines + engine } else { engine }]
    };
    let (column, row) = match spot {
        Spot::Instance { row } => (Column::Instance, row),
        Spot::Plain { bank, lane, row } => (Column::First(layout.plain[bank].cell[lane]), row),
        Spot::DigestY { bank, row } => (Column::Second(layout.activation[bank].digest_y), row),
        Spot::DigestA { bank, row } => (Column::Second(layout.activation[bank].digest_a), row),
        Spot::PlainDigest { bank, row, of } => {
            let plain = &layout.plain[bank];
            let column = match of {
                Digest::Sigma | Digest::Accumulator => Some(plain.digest),
                Digest::Rho => plain.digest_rho,
                Digest::Scaled => plain.digest_scaled,
                Digest::Product => plain.digest_product,
            };
            debug_assert!(column.is_some(), "digest of a bank without it");
            (Column::Second(column.unwrap_or(plain.digest)), row)
        }
        Spot::EngineZ { rho, engine: e, row } => (Column::Second(engine(rho, e).z), row),
        Spot::GlueZ { bank, row } => (Column::Second(layout.glue[bank].value[3]), row),
    };
    Cell { column, row }
}

fn resolve_step(layout: &Layout, shape: &Shape, step: &SpotStep) -> Step {
    let index = |rho: bool, engine: usize| if rho { shape.sigma_engines + engine } else { engine };
    match *step {
        SpotStep::Glue(GlueRow { bank, row, operands, .. }) => {
            let [a, b, c] = operands.map(|spot| spot.map(|spot| resolve(layout, shape, spot)));
            Step::Glue { bank, row, a, b, c }
        }
        SpotStep::EngineInput { rho, engine, row, from } => Step::EngineInput {
            engine: index(rho, engine),
            row,
            from: resolve(layout, shape, from),
        },
        SpotStep::EngineSum { rho, engine, start, end } => {
            Step::EngineSum { engine: index(rho, engine), start, end }
        }
    }
}
