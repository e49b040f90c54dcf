//! Where a number stands among constants, as a whole number.

use super::super::draft::Draft;
use super::integer;

/// How many constants each element of x is at least, and how many it is larger than: the second is one less where it
/// is one of them. Constants are a tensor that is compared with x and one more axis.
pub(super) fn counts(draft: &mut Draft<'_>, x: &str, constants: &str) -> [String; 2] {
    let wide = draft.unsqueeze("wide", x, -1);
    [("at_least", "GreaterOrEqual"), ("beyond", "Greater")].map(|(part, op_type)| {
        let truth = draft.push(&format!("{part}.truth"), op_type, &[&wide, constants], vec![]);
        let whole = integer(draft, &format!("{part}.whole"), &truth);
        draft.reduce(part, "ReduceSum", &whole, -1, false)
    })
}

/// 2k + 1 for the k-th of sorted constants, and the even number between for what lies between two.
pub(super) fn rank(draft: &mut Draft<'_>, x: &str, constants: &str) -> String {
    let [at_least, beyond] = counts(draft, x, constants);
    draft.push("rank", "Add", &[&at_least, &beyond], vec![])
}
