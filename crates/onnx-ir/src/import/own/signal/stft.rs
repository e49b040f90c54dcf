//! `STFT`: frames of a signal, each weighed by a window and transformed.
//!
//! With a constant window that is a convolution, whose strides are from frame to frame; a computed one is multiplied with
//! the frames first.

use tract_onnx::prelude::DatumType;

use super::super::maker::Maker;
use super::super::site::Site;
use super::dft::Plan;
use super::length;
use crate::evaluate::precision::store;
use crate::import::reason::Reason;
use crate::{NodeId, Op, Window};

/// Samples from frame to frame, frames, and what becomes of each.
struct Frames {
    batch: usize,
    samples: usize,
    step: usize,
    count: usize,
    plan: Plan,
}

fn frames(site: &Site<'_>) -> Result<Frames, Reason> {
    let (batch, samples, parts) = match *site.shape(0)? {
        [batch, samples, parts @ (1 | 2)] => (batch, samples, parts),
        // As runtimes have it, too.
        [batch, samples] => (batch, samples, 1),
        _ => return Err("its signal must have a batch, samples, and one or two parts".into()),
    };
    let step = length(site, 1, "frame_step")?.ok_or("its frame_step is missing")?;
    let window = match site.input(2).map(|window| window.shape.as_slice()) {
        None => None,
        Some(&[window]) => Some(window),
        Some(_) => return Err("its window must have one axis".into()),
    };
    let stated = length(site, 3, "frame_length")?;
    let frame = stated.or(window).unwrap_or(samples);
    if window.is_some_and(|window| window != frame) {
        return Err("its window is not as long as its frames".into());
    }
    let rest = samples.checked_sub(frame).filter(|_| frame > 0);
    let count = rest.ok_or("its frames are longer than its signal")? / step + 1;
    let plan = Plan::forward(frame, parts, site.int("onesided", 1) != 0);
    Ok(Frames { batch, samples, step, count, plan })
}

pub(in super::super) fn shapes(site: &Site<'_>) -> Result<Vec<(DatumType, Vec<usize>)>, Reason> {
    let Frames { batch, count, plan, .. } = frames(site)?;
    Ok(vec![(site.kind(0)?, vec![batch, count, plan.made, 2])])
}

pub(in super::super) fn make(
    site: &Site<'_>,
    maker: &mut Maker<'_, '_>,
) -> Result<Vec<NodeId>, Reason> {
    let frames = frames(site)?;
    let Frames { batch, samples, step, count, plan } = frames;
    plan.check()?;
    let (taken, parts, made) = (plan.taken, plan.parts, 2 * plan.made);
    let x = maker.input(0)?;
    let x = maker.reshape("signal", x, &[batch, samples, parts])?;
    let window = maker.given(2)?;
    // [frequencies and parts, parts of the signal, samples]
    let mut weights = Vec::with_capacity(made * parts * taken);
    for to in 0..made {
        for from in 0..parts {
            weights.extend((0..taken).map(|at| store(plan.weight(at, from, to / 2, to % 2))));
        }
    }
    let weights = maker.constant("weights", &[made, parts, 1, taken], weights)?;
    let fixed = window.is_none_or(|window| maker.value(window).is_some());
    let (x, weights, stride) = match window {
        Some(window) if fixed => {
            let weights = maker.push("weighed", Op::Mul, &[weights, window])?;
            (x, weights, step)
        }
        None => (x, weights, step),
        // Frame after frame, each weighed.
        Some(window) => {
            let places = (0..count).flat_map(|frame| frame * step..frame * step + taken);
            let x = maker.take("frames", x, 1, places.collect())?;
            let x = maker.reshape("each", x, &[batch, count, taken, parts])?;
            let window = maker.reshape("window", window, &[taken, 1])?;
            let x = maker.push("weighed", Op::Mul, &[x, window])?;
            (maker.reshape("weighed.signal", x, &[batch, count * taken, parts])?, weights, taken)
        }
    };
    let long = if fixed { samples } else { count * taken };
    let x = maker.push("channels", Op::Transpose { perm: vec![0, 2, 1] }, &[x])?;
    let x = maker.reshape("image", x, &[batch, parts, 1, long])?;
    let window = Window {
        kernel: [1, taken],
        stride: [1, stride],
        dilation: [1, 1],
        pad_before: [0, 0],
        pad_after: [0, 0],
    };
    let y = maker.push("product", Op::Conv { window, groups: 1 }, &[x, weights])?;
    let y = maker.reshape("parts", y, &[batch, plan.made, 2, count])?;
    Ok(vec![maker.push("spectrum", Op::Transpose { perm: vec![0, 3, 1, 2] }, &[y])?])
}
