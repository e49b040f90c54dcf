//! What is known of a node that is read here.

use std::sync::Arc;

use tract_onnx::pb::NodeProto;
use tract_onnx::prelude::{DatumType, Tensor};

use crate::import::attributes::{integer_of, number_of, word_of};
use crate::import::constant;
use crate::import::reason::Reason;
use crate::import::stored::attribute;

/// What is known of one input.
#[derive(Clone, Debug)]
pub(super) struct Given {
    pub(super) shape: Vec<usize>,
    pub(super) kind: DatumType,
    /// Its value, where it is constant.
    pub(super) value: Option<Arc<Tensor>>,
}

/// A node, and what is known of its inputs.
pub(super) struct Site<'a> {
    pub(super) node: &'a NodeProto,
    /// The version of the standard operators that it is read as.
    pub(super) opset: i64,
    /// By slot; none where an input is left out.
    pub(super) inputs: Vec<Option<Given>>,
}

impl Site<'_> {
    /// What is known of an input; none where it is left out.
    pub(super) fn input(&self, slot: usize) -> Option<&Given> {
        self.inputs.get(slot).and_then(Option::as_ref)
    }

    fn needed(&self, slot: usize) -> Result<&Given, Reason> {
        self.input(slot).ok_or_else(|| Reason(format!("its input {slot} is missing")))
    }

    /// The shape of an input that must be there.
    pub(super) fn shape(&self, slot: usize) -> Result<&[usize], Reason> {
        self.needed(slot).map(|given| given.shape.as_slice())
    }

    /// The element type of an input that must be there.
    pub(super) fn kind(&self, slot: usize) -> Result<DatumType, Reason> {
        self.needed(slot).map(|given| given.kind)
    }

    /// The constant that an input is; none where it is left out or depends on the model's inputs.
    pub(super) fn value(&self, slot: usize) -> Option<&Tensor> {
        self.input(slot).and_then(|given| given.value.as_deref())
    }

    /// The whole numbers of a constant input.
    pub(super) fn integers(&self, slot: usize) -> Result<Option<Vec<i64>>, Reason> {
        self.value(slot).map(constant::integers).transpose()
    }

    /// The numbers of a constant input.
    pub(super) fn numbers(&self, slot: usize) -> Result<Option<Vec<f32>>, Reason> {
        self.value(slot).map(|value| Ok(constant::tensor(value)?.data)).transpose()
    }

    /// Whole numbers of a list attribute; none where it is not given.
    pub(super) fn ints(&self, name: &str) -> Option<&[i64]> {
        attribute(self.node, name).map(|found| found.ints.as_slice())
    }

    /// A whole number, or what it is where it is not given.
    pub(super) fn int(&self, name: &str, default: i64) -> i64 {
        integer_of(self.node, name, default)
    }

    /// A number, or what it is where it is not given.
    pub(super) fn float(&self, name: &str, default: f32) -> f32 {
        number_of(self.node, name, default)
    }

    /// A word, or what it is where it is not given.
    pub(super) fn word(&self, name: &str, default: &'static str) -> &str {
        word_of(self.node, name, default)
    }
}

/// One result like the first input.
pub(super) fn same_as_first(site: &Site<'_>) -> Result<Vec<(DatumType, Vec<usize>)>, Reason> {
    Ok(vec![(site.kind(0)?, site.shape(0)?.to_vec())])
}

/// An axis, which may count from the end.
pub(super) fn axis(axis: i64, rank: usize) -> Result<usize, Reason> {
    position(axis, rank).ok_or_else(|| Reason(format!("axis {axis} is none of its {rank}")))
}

/// A position among `count`; a negative one counts from the end.
pub(super) fn position(at: i64, count: usize) -> Option<usize> {
    let end = i64::try_from(count).ok()?;
    let at = if at < 0 { at.checked_add(end)? } else { at };
    usize::try_from(at).ok().filter(|&at| at < count)
}

/// An extent as a number that may be negative in between.
pub(super) fn signed(extent: usize) -> Result<i64, Reason> {
    i64::try_from(extent).map_err(|_| "its extents are too large".into())
}

/// A number that must be an extent.
pub(super) fn extent(value: i64) -> Result<usize, Reason> {
    usize::try_from(value).map_err(|_| Reason(format!("{value} is no extent")))
}
