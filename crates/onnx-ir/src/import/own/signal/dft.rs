//! `DFT`: a product with a constant matrix, whose columns are the real and imaginary parts of each frequency.

use tract_onnx::prelude::DatumType;

use super::super::maker::Maker;
use super::super::site::{Site, axis};
use super::turn::turn;
use super::{length, number};
use crate::evaluate::precision::{count as double, store};
use crate::import::reason::Reason;
use crate::{NodeId, Op};

/// More weights than this are better refused than laid out.
const MOST_WEIGHTS: usize = 1 << 24;

/// What a transformation takes and gives along its axis.
#[derive(Clone, Copy)]
pub(super) struct Plan {
    /// Elements, and how many there are of each: a real part, or an imaginary one too.
    pub(super) taken: usize,
    pub(super) parts: usize,
    /// The same of the result.
    pub(super) made: usize,
    made_parts: usize,
    /// What a whole turn is divided into.
    pub(super) length: usize,
    inverse: bool,
    /// Whether what is taken are the frequencies of a real signal, half of them.
    half: bool,
}

impl Plan {
    /// Real and imaginary parts of so many frequencies of a signal.
    pub(super) fn forward(length: usize, parts: usize, onesided: bool) -> Self {
        let made = if onesided { length / 2 + 1 } else { length };
        Plan { taken: length, parts, made, made_parts: 2, length, inverse: false, half: false }
    }

    /// Refuses what would have too many weights.
    pub(super) fn check(&self) -> Result<(), Reason> {
        let counts = [self.taken, self.parts, self.made, self.made_parts];
        let count = counts.iter().try_fold(1usize, |all, &count| all.checked_mul(count));
        match count.filter(|&count| count <= MOST_WEIGHTS) {
            Some(_) => Ok(()),
            None => Err(Reason(format!(
                "a transformation of length {} takes too many weights: cut the signal into frames",
                self.length
            ))),
        }
    }

    /// How much the part `from` of element `at` counts for the part `to` of result `of`.
    pub(super) fn weight(&self, at: usize, from: usize, of: usize, to: usize) -> f64 {
        let (cos, sin) = turn(at * of, self.length);
        let sin = if self.inverse { sin } else { -sin };
        let scale = if self.inverse { double(self.length) } else { 1.0 };
        // Frequencies that are left out are mirror images of others.
        let twice = self.half && at != 0 && 2 * at != self.length;
        // The product of two complex numbers, part by part.
        let product = match (from, to) {
            (0, 0) | (1, 1) => cos,
            (0, _) => sin,
            _ => -sin,
        };
        // The imaginary part of the lowest and the highest frequency of a real signal does not count.
        match (self.half && !twice && from == 1, twice) {
            (true, _) => 0.0,
            (false, true) => 2.0 * product / scale,
            (false, false) => product / scale,
        }
    }
}

/// The axis, and what happens along it.
fn plan(site: &Site<'_>) -> Result<(usize, Plan), Reason> {
    const AXIS_AS_INPUT: i64 = 20;
    let shape = site.shape(0)?;
    let (&parts, signal) = shape.split_last().ok_or("its input has no axes")?;
    if !matches!(parts, 1 | 2) {
        return Err(Reason(format!("the last axis of its input has {parts} parts, not 1 or 2")));
    }
    let stated = match site.opset {
        ..AXIS_AS_INPUT => Some(site.int("axis", 1)),
        _ => number(site, 2, "axis")?,
    };
    let along = axis(stated.unwrap_or(-2), shape.len())?;
    let extent = *signal.get(along).ok_or("its axis is that of real and imaginary parts")?;
    let stated = length(site, 1, "dft_length")?;
    let (inverse, onesided) = (site.int("inverse", 0) != 0, site.int("onesided", 0) != 0);
    match (onesided, inverse, parts) {
        (true, true, 1) => {
            return Err("an inverse from half of the frequencies takes complex numbers".into());
        }
        (true, false, 2) => {
            return Err("half of the frequencies (onesided) are those of a real signal".into());
        }
        _ => {}
    }
    if !(inverse && onesided) {
        let length = stated.unwrap_or(extent);
        let whole = Plan::forward(length, parts, onesided);
        // What is beyond the signal is zero, what is beyond the length does not count.
        return Ok((along, Plan { taken: extent.min(length), inverse, ..whole }));
    }
    let length = stated.or_else(|| (2 * extent).checked_sub(2)).filter(|&length| length > 0);
    let length = length.ok_or("an inverse of one frequency needs a dft_length")?;
    // What implementations make of more or fewer differs.
    let taken = length / 2 + 1;
    if taken != extent {
        return Err(Reason(format!(
            "an inverse of length {length} takes {taken} frequencies, not {extent}: cut or pad them before"
        )));
    }
    let made_parts = 1;
    Ok((along, Plan { taken, parts, made: length, made_parts, length, inverse, half: true }))
}

pub(in super::super) fn shapes(site: &Site<'_>) -> Result<Vec<(DatumType, Vec<usize>)>, Reason> {
    let (along, plan) = plan(site)?;
    let mut shape = site.shape(0)?.to_vec();
    *shape.get_mut(along).ok_or("it has no such axis")? = plan.made;
    *shape.last_mut().ok_or("its input has no axes")? = plan.made_parts;
    Ok(vec![(site.kind(0)?, shape)])
}

pub(in super::super) fn make(
    site: &Site<'_>,
    maker: &mut Maker<'_, '_>,
) -> Result<Vec<NodeId>, Reason> {
    let (along, plan) = plan(site)?;
    plan.check()?;
    let rank = site.shape(0)?.len();
    // The axis and the parts last.
    let mut order: Vec<usize> = (0..rank - 1).filter(|&axis| axis != along).collect();
    order.extend([along, rank - 1]);
    let x = maker.input(0)?;
    let x = maker.take("signal", x, along, (0..plan.taken).collect())?;
    let x = maker.push("turned", Op::Transpose { perm: order.clone() }, &[x])?;
    let turned = maker.shape(x);
    let lines = turned.get(..rank - 2).unwrap_or(&[]).iter().product();
    let (taken, made) = (plan.taken * plan.parts, plan.made * plan.made_parts);
    let x = maker.reshape("lines", x, &[1, lines, taken])?;
    let mut weights = Vec::with_capacity(taken * made);
    for from in 0..taken {
        for to in 0..made {
            let (at, of) = (from / plan.parts, to / plan.made_parts);
            weights.push(store(plan.weight(at, from % plan.parts, of, to % plan.made_parts)));
        }
    }
    let weights = maker.constant("weights", &[1, taken, made], weights)?;
    let y = maker.push("product", Op::MatMul, &[x, weights])?;
    let mut shape = turned.get(..rank - 2).unwrap_or(&[]).to_vec();
    shape.extend([plan.made, plan.made_parts]);
    let y = maker.reshape("parts", y, &shape)?;
    let mut back = vec![0; rank];
    for (to, &from) in order.iter().enumerate() {
        back.get_mut(from).into_iter().for_each(|place| *place = to);
    }
    Ok(vec![maker.push("turned_back", Op::Transpose { perm: back }, &[y])?])
}
