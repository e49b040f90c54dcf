//! Powers of whole numbers, by a table of all that `f32` counts to.
//!
//! A product of many factors could reach far beyond what is exact, whatever the data are. So a power is looked up by
//! its base's magnitude, and what is beyond the table has no result.

use super::builder::Builder;
use super::integral;
use super::reason::Reason;
use super::rounding::WHOLE;
use crate::graph::EXACT;
use crate::{ElementType, NodeId, Op, Tensor};

/// Powers in the making.
pub(super) struct WholePower<'b> {
    pub(super) builder: &'b mut Builder,
    pub(super) name: &'b str,
}

impl WholePower<'_> {
    /// The largest exponent of two whose power is below 2^24.
    pub(super) const MOST: u8 = 23;

    /// x to a constant power, two at least.
    pub(super) fn constant(&mut self, x: NodeId, exponent: u8) -> Result<NodeId, Reason> {
        let (negative, size) = self.size(x)?;
        let powers = powers(exponent);
        let bound = self.number("bound", last(powers.len()))?;
        let beyond = self.number("beyond", Some(powers.len()))?;
        let fits = self.truth("fits", Op::LessOrEqual, &[size, bound])?;
        let row = self.push("row", Op::Where, &[fits, size, beyond])?;
        let power = self.of_table("power", powers, row)?;
        match negative.filter(|_| exponent % 2 == 1) {
            Some(negative) => self.turned(power, negative),
            None => Ok(power),
        }
    }

    /// x to a computed power.
    pub(super) fn computed(&mut self, x: NodeId, exponent: NodeId) -> Result<NodeId, Reason> {
        // The powers of each exponent one after another, behind what any base has for the exponents 0 and 1.
        let (mut table, mut bounds, mut offsets) = (vec![1.0], vec![0.0; 2], vec![0.0; 2]);
        for exponent in 2..=Self::MOST {
            let powers = powers(exponent);
            bounds.push(exact(last(powers.len()))?);
            offsets.push(exact(Some(table.len()))?);
            table.extend(powers);
        }
        let parities = (0..=Self::MOST).map(|exponent| f32::from(exponent % 2)).collect();
        let (negative, size) = self.size(x)?;
        let exponent = self.index(exponent)?;
        let bound = self.of_table("bound", bounds, exponent)?;
        let offset = self.of_table("offset", offsets, exponent)?;
        let beyond = self.number("beyond", Some(table.len()))?;
        let fits = self.truth("fits", Op::LessOrEqual, &[size, bound])?;
        let place = self.push("place", Op::Add, &[offset, size])?;
        let row = self.push("row", Op::Where, &[fits, place, beyond])?;
        let (zero, one) = (self.number("zero", Some(0))?, self.number("one", Some(1))?);
        let any = self.truth("any", Op::LessOrEqual, &[exponent, one])?;
        let row = self.push("row", Op::Where, &[any, zero, row])?;
        let power = self.of_table("power", table, row)?;
        let first = self.truth("first", Op::Equal, &[exponent, one])?;
        let power = self.push("size", Op::Where, &[first, size, power])?;
        let Some(negative) = negative else { return Ok(power) };
        let odd = self.of_table("odd", parities, exponent)?;
        let turned = self.truth("turned", Op::Min, &[negative, odd])?;
        self.turned(power, turned)
    }

    /// Where x is negative, unless it never is, and its magnitude.
    fn size(&mut self, x: NodeId) -> Result<(Option<NodeId>, NodeId), Reason> {
        if integral::bounds(self.builder, x).is_some_and(|(lo, _)| lo >= 0.0) {
            return Ok((None, x));
        }
        let zero = self.number("zero", Some(0))?;
        let negative = self.truth("negative", Op::Less, &[x, zero])?;
        Ok((Some(negative), self.push("size", Op::Abs, &[x])?))
    }

    /// An exponent as an index: a negative one must not count from the end of a table, and one with a fraction has no
    /// place in it.
    fn index(&mut self, mut exponent: NodeId) -> Result<NodeId, Reason> {
        let none = self.number("none", Some(usize::from(Self::MOST) + 1))?;
        if integral::bounds(self.builder, exponent).is_none() {
            let whole = self.push("whole", Op::Trunc, &[exponent])?;
            let same = self.truth("same", Op::Equal, &[exponent, whole])?;
            exponent = self.push("counted", Op::Where, &[same, whole, none])?;
        }
        if integral::bounds(self.builder, exponent).is_some_and(|(lo, _)| lo >= 0.0) {
            return Ok(exponent);
        }
        let zero = self.number("zero", Some(0))?;
        let negative = self.truth("below", Op::Less, &[exponent, zero])?;
        self.push("exponent", Op::Where, &[negative, none, exponent])
    }

    /// `−x` where it says so, else x.
    fn turned(&mut self, x: NodeId, negative: NodeId) -> Result<NodeId, Reason> {
        let minus = self.push("minus", Op::Neg, &[x])?;
        self.push("signed", Op::Where, &[negative, minus, x])
    }

    fn of_table(&mut self, part: &str, rows: Vec<f32>, at: NodeId) -> Result<NodeId, Reason> {
        let table = Tensor { shape: vec![rows.len()], data: rows };
        let table = self.builder.constant(&format!("{}.{part}.table", self.name), table);
        self.push(part, Op::Gather { axis: 0 }, &[table, at])
    }

    fn number(&mut self, part: &str, value: Option<usize>) -> Result<NodeId, Reason> {
        let value = exact(value)?;
        Ok(self.builder.scalar(&format!("{}.{part}", self.name), value))
    }

    fn truth(&mut self, part: &str, op: Op, inputs: &[NodeId]) -> Result<NodeId, Reason> {
        let id = self.builder.push(&format!("{}.{part}", self.name), op, inputs)?;
        self.builder.elements.entry(id).or_insert(ElementType::Boolean);
        Ok(id)
    }

    fn push(&mut self, part: &str, op: Op, inputs: &[NodeId]) -> Result<NodeId, Reason> {
        let id = self.builder.push(&format!("{}.{part}", self.name), op, inputs)?;
        self.builder.elements.entry(id).or_insert(WHOLE);
        Ok(id)
    }
}

/// The powers of 0, 1, 2 and so on that are below 2^24.
fn powers(exponent: u8) -> Vec<f32> {
    let power = |base: u32| f64::from(base).powi(exponent.into());
    let all = (0_u32..).map(power).take_while(|power| *power < EXACT);
    #[expect(clippy::cast_possible_truncation, reason = "whole numbers below 2^24")]
    all.map(|power| power as f32).collect()
}

fn last(rows: usize) -> Option<usize> {
    rows.checked_sub(1)
}

/// A place in a table, which has far fewer than 2^16 rows.
fn exact(value: Option<usize>) -> Result<f32, Reason> {
    let value = value.and_then(|value| u16::try_from(value).ok());
    value.map(f32::from).ok_or_else(|| "its table of powers is too long".into())
}
