//! `CategoryMapper`, one side of which is always strings.

use super::super::draft::Draft;
use crate::import::reason::Reason;

pub(in crate::import::rewrite) fn category_mapper(_: &mut Draft<'_>) -> Result<(), Reason> {
    Err("it maps strings: encode them before the model".into())
}
