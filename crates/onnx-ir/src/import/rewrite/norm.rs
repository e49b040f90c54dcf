//! Normalisations that others say: `MeanVarianceNormalization` and `LRN`.

use super::draft::{Draft, number, whole, wholes};
use crate::import::reason::Reason;

/// What is added to the deviation; the operator has no attribute for it.
const LEAST_DEVIATION: f32 = 1e-9;
/// The widest window over channels: more than any model has of these.
const MOST_CHANNELS: i64 = 1 << 16;

/// (x − mean)/(deviation + 10^-9), the deviation being that of differences, which lose nothing to cancellation.
pub(in crate::import::rewrite) fn mean_variance(draft: &mut Draft<'_>) -> Result<(), Reason> {
    let x = draft.input(0).ok_or("an input is missing")?;
    let axes = draft.integers("axes").unwrap_or(&[0, 2, 3]).to_vec();
    let mean = draft.reduce_over("mean", "ReduceMean", x, axes.clone(), true);
    let centred = draft.push("centred", "Sub", &[x, &mean], vec![]);
    let squares = draft.push("squares", "Mul", &[&centred, &centred], vec![]);
    let variance = draft.reduce_over("variance", "ReduceMean", &squares, axes, true);
    let deviation = draft.push("deviation", "Sqrt", &[&variance], vec![]);
    let least = draft.store("least", &[], vec![LEAST_DEVIATION]);
    let divisor = draft.push("divisor", "Add", &[&deviation, &least], vec![]);
    draft.finish(0, "Div", &[&centred, &divisor], vec![]);
    Ok(())
}

/// x·(bias + alpha·m)^-beta, m being the mean of squares over a window of channels, those beyond the ends counting as
/// zero: an average pool over channels.
pub(in crate::import::rewrite) fn local_response(draft: &mut Draft<'_>) -> Result<(), Reason> {
    let x = draft.input(0).ok_or("an input is missing")?;
    let size = draft.integer("size", 0);
    if !(1..=MOST_CHANNELS).contains(&size) {
        return Err(Reason(format!("its size {size} is no number of channels")));
    }
    let (before, after) = ((size - 1) / 2, size / 2);
    let squares = draft.push("squares", "Mul", &[x, x], vec![]);
    // Images of one channel, whose rows are the channels.
    let planes = draft.store_whole("planes", &[3], vec![0, 0, -1]);
    let planes = draft.push("flat", "Reshape", &[&squares, &planes], vec![]);
    let image = draft.unsqueeze("image", &planes, 1);
    let window = vec![
        wholes("kernel_shape", vec![size, 1]),
        wholes("pads", vec![before, 0, after, 0]),
        whole("count_include_pad", 1),
    ];
    let mean = draft.push("mean", "AveragePool", &[&image], window);
    let shape = draft.push("shape", "Shape", &[x], vec![]);
    let mean = draft.push("restored", "Reshape", &[&mean, &shape], vec![]);
    let alpha = draft.store("alpha", &[], vec![draft.float("alpha", 1e-4)]);
    let bias = draft.store("bias", &[], vec![draft.float("bias", 1.0)]);
    let power = draft.store("power", &[], vec![-draft.float("beta", 0.75)]);
    let scaled = draft.push("scaled", "Mul", &[&mean, &alpha], vec![]);
    let moved = draft.push("moved", "Add", &[&scaled, &bias], vec![]);
    let factor = draft.push("factor", "Pow", &[&moved, &power], vec![]);
    draft.finish(0, "Mul", &[x, &factor], vec![]);
    Ok(())
}

/// `SimplifiedLayerNormalization`, which exporters wrote before `RMSNormalization` was a standard operator.
pub(in crate::import::rewrite) fn simplified(draft: &mut Draft<'_>) -> Result<(), Reason> {
    let (x, scale) =
        draft.input(0).zip(draft.input(1)).ok_or("its input or its scale is missing")?;
    if draft.output(1) {
        return Err("its second output is not supported".into());
    }
    let attributes = vec![
        number("epsilon", draft.float("epsilon", 1e-5)),
        whole("axis", draft.integer("axis", -1)),
    ];
    draft.finish(0, "RMSNormalization", &[x, scale], attributes);
    Ok(())
}
