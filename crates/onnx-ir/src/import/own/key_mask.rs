//! The mask of keys of com.microsoft's attentions, as a number to add to scores.
//!
//! `rewrite` writes a node of a name of our own, since the mask's axes say what it means: one number for each image is
//! how many keys there are, two are where they end and begin; else every key has a number, above zero where it is there.

use tract_onnx::prelude::DatumType;

use super::maker::Maker;
use super::site::Site;
use crate::import::reason::Reason;
use crate::{NodeId, Op};

/// The operator that `rewrite` writes; no file has it.
pub(in crate::import) const KEY_MASK: &str = "a mask of keys";
/// What is added where a key is left out.
pub(in crate::import) const LEFT_OUT: &str = "left_out";

const KEY: usize = 1;
const PAST: usize = 2;

/// Images, rows and columns.
fn extents(site: &Site<'_>) -> Result<[usize; 3], Reason> {
    let past = match site.input(PAST).map(|past| past.shape.as_slice()) {
        Some([.., past, _]) => *past,
        _ => 0,
    };
    match (site.shape(0)?, site.shape(KEY)?) {
        (&[count], &[images, keys, _]) if count == images || count == 2 * images => {
            Ok([images, 1, keys + past])
        }
        (&[images, columns], _) => Ok([images, 1, columns]),
        (&[images, rows, columns], _) => Ok([images, rows, columns]),
        (shape, _) => Err(Reason(format!(
            "its mask of shape {shape:?} is not supported: give a number for each key, or how many there are"
        ))),
    }
}

pub(super) fn shapes(site: &Site<'_>) -> Result<Vec<(DatumType, Vec<usize>)>, Reason> {
    let [images, rows, columns] = extents(site)?;
    Ok(vec![(DatumType::F32, vec![images, 1, rows, columns])])
}

pub(super) fn make(site: &Site<'_>, maker: &mut Maker<'_, '_>) -> Result<Vec<NodeId>, Reason> {
    let [images, rows, columns] = extents(site)?;
    let mask = maker.input(0)?;
    let there = match *site.shape(0)? {
        [count] => {
            let places = maker.wholes("places", &[1, 1, 1, columns], 0..columns)?;
            let mut ends = |part: &str, from: usize| {
                let ends = maker.take(part, mask, 0, (from..from + images).collect())?;
                maker.reshape(&format!("{part}.of_image"), ends, &[images, 1, 1, 1])
            };
            let end = ends("end", 0)?;
            let start = (count > images).then(|| ends("start", images)).transpose()?;
            let before = maker.push_truth("before", Op::Less, &[places, end])?;
            match start {
                None => before,
                Some(start) => {
                    let after = maker.push_truth("after", Op::LessOrEqual, &[start, places])?;
                    maker.push_truth("within", Op::Min, &[before, after])?
                }
            }
        }
        _ => {
            let mask = maker.reshape("mask", mask, &[images, 1, rows, columns])?;
            match site.kind(0)? {
                DatumType::Bool => mask,
                _ => {
                    let zero = maker.constant("zero", &[1; 4], vec![0.0])?;
                    maker.push_truth("there", Op::Less, &[zero, mask])?
                }
            }
        }
    };
    let one = maker.constant("one", &[1; 4], vec![1.0])?;
    let size = maker.constant("size", &[1; 4], vec![-site.float(LEFT_OUT, 0.0)])?;
    let away = maker.push("away", Op::Sub, &[there, one])?;
    Ok(vec![maker.push("added", Op::Mul, &[away, size])?])
}
