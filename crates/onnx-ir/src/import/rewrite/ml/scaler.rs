//! `Scaler`: (x − offset)·scale, column by column.

use super::super::draft::Draft;
use super::number;
use crate::import::reason::Reason;

pub(in crate::import::rewrite) fn scaler(draft: &mut Draft<'_>) -> Result<(), Reason> {
    let x = number(draft)?;
    let mut column = |name: &str, default: f32| {
        let values = draft.floats(name).unwrap_or_else(|| vec![default]);
        match values.len() {
            0 => Err(Reason(format!("its attribute {name} is empty"))),
            count => Ok(draft.store(name, &[count], values)),
        }
    };
    let (offset, scale) = (column("offset", 0.0)?, column("scale", 1.0)?);
    let shifted = draft.push("shifted", "Sub", &[&x, &offset], vec![]);
    draft.finish(0, "Mul", &[&shifted, &scale], vec![]);
    Ok(())
}
