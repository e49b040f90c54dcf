//! `CausalConvWithState`: each channel convolved with a line of its own, after what was there before.

use tract_onnx::prelude::DatumType;

use super::gathered::{Gathered, product};
use super::maker::Maker;
use super::site::Site;
use crate::import::reason::Reason;
use crate::import::volume::Outer;
use crate::{Function, NodeId, Op, Window};

struct Plan {
    batch: usize,
    channels: usize,
    length: usize,
    taps: usize,
    gated: bool,
}

fn plan(site: &Site<'_>) -> Result<Plan, Reason> {
    let &[batch, channels, length] = site.shape(0)? else {
        return Err("it takes a batch, channels and a length".into());
    };
    let &[outputs, 1, taps] = site.shape(1)? else {
        return Err("its weight must have a line of weights for each channel".into());
    };
    if outputs != channels || taps == 0 {
        return Err("its weight does not fit its channels".into());
    }
    let fits = |slot: usize, shape: &[usize]| {
        site.input(slot).is_none_or(|given| given.shape.as_slice() == shape)
    };
    if !fits(2, &[channels]) || !fits(3, &[batch, channels, taps - 1]) {
        return Err("its bias or its past_state has another shape than its weight asks for".into());
    }
    let gated = match site.word("activation", "none") {
        "none" => false,
        "silu" | "swish" => true,
        other => return Err(Reason(format!("its activation {other} is unknown"))),
    };
    Ok(Plan { batch, channels, length, taps, gated })
}

pub(super) fn shapes(site: &Site<'_>) -> Result<Vec<(DatumType, Vec<usize>)>, Reason> {
    let Plan { batch, channels, length, taps, .. } = plan(site)?;
    let kind = site.kind(0)?;
    Ok(vec![(kind, vec![batch, channels, length]), (kind, vec![batch, channels, taps - 1])])
}

pub(super) fn make(site: &Site<'_>, maker: &mut Maker<'_, '_>) -> Result<Vec<NodeId>, Reason> {
    let Plan { batch, channels, length, taps, gated } = plan(site)?;
    let (x, kernel) = (maker.input(0)?, maker.input(1)?);
    let kept = taps - 1;
    let all = match site.input(3) {
        _ if kept == 0 => x,
        Some(_) => {
            let past = maker.input(3)?;
            maker.push("all", Op::Concat { axis: 2 }, &[past, x])?
        }
        None => {
            let (before, after) = (vec![0, 0, kept], vec![0; 3]);
            maker.push("all", Op::Pad { before, after, value: 0.0 }, &[x])?
        }
    };
    let bias = maker.given(2)?;
    let y = if maker.value(kernel).is_some() {
        let image = maker.reshape("image", all, &[batch, channels, 1, length + kept])?;
        let kernel = maker.reshape("kernel", kernel, &[channels, 1, 1, taps])?;
        let window = Window {
            kernel: [1, taps],
            stride: [1, 1],
            dilation: [1, 1],
            pad_before: [0, 0],
            pad_after: [0, 0],
        };
        let conv = Op::Conv { window, groups: channels };
        let y = maker.biased(conv, [image, kernel], bias, channels)?;
        maker.reshape("line", y, &[batch, channels, length])?
    } else {
        let sources = (0..length).flat_map(|place| (0..taps).map(move |tap| Some(place + tap)));
        let axes = [Outer { places: length, taps, sources: sources.collect() }];
        let kernel = maker.reshape("kernel", kernel, &[channels, 1, taps])?;
        product(maker, Gathered { x: all, kernel, bias, axes: &axes })?
    };
    let y = match gated {
        true => maker.push("swish", Op::Function(Function::Swish { beta: 1.0 }), &[y])?,
        false => y,
    };
    // Of one tap nothing is kept, which nobody can read.
    let present = match kept {
        0 => y,
        _ => maker.take("present", all, 2, (length..length + kept).collect())?,
    };
    Ok(vec![y, present])
}
