//! `TopK`: the positions of all elements in order, of which the first are kept, and the elements there.

use tract_onnx::prelude::{OutletId, TypedNode};
use tract_onnx::tract_core::ops::array::Topk;

use super::constant::integers;
use super::importer::Importer;
use super::reason::Reason;
use crate::Op;

impl Importer<'_> {
    /// Both outputs of a `TopK`; `None` if the node is none.
    pub(super) fn top_k(&mut self, node: &TypedNode) -> Option<Result<(), Reason>> {
        let op = node.op_as::<Topk>()?;
        Some(self.both(node, op))
    }

    fn both(&mut self, node: &TypedNode, &Topk { axis, largest, .. }: &Topk) -> Result<(), Reason> {
        let x = self.input(node, 0)?;
        let count = node.inputs.get(1).copied().ok_or("its number of elements is missing")?;
        let count = self.model.outlet_fact(count)?.konst.clone();
        let count = count.ok_or("its number of elements is not a constant")?;
        let mut shape = self.builder.shape(x);
        let extent = *shape.get(axis).ok_or("its axis does not exist")?;
        let count = integers(&count)?.first().and_then(|&count| usize::try_from(count).ok());
        let count = count.filter(|count| (1..=extent).contains(count));
        let count = count.ok_or_else(|| Reason(format!("it takes more than its {extent}")))?;
        shape.splice(axis..=axis, [count]);
        let name = node.name.as_str();
        let builder = &mut self.builder;
        let order = builder.push(&format!("{name}.order"), Op::TopK { axis, largest }, &[x])?;
        let first = Op::Slice { axis, start: 0, step: 1 };
        let indices = builder.push_shaped(&format!("{name}.indices"), first, &[order], &shape)?;
        let sorted =
            builder.push(&format!("{name}.sorted"), Op::GatherElements { axis }, &[x, order])?;
        let first = Op::Slice { axis, start: 0, step: 1 };
        let values = builder.push_shaped(name, first, &[sorted], &shape)?;
        for (slot, id) in [values, indices].into_iter().enumerate() {
            let outlet = OutletId::new(node.id, slot);
            self.wires.insert(outlet, id);
            self.mark_whole(id, self.model.outlet_fact(outlet)?.datum_type)?;
        }
        self.mark_whole(order, self.model.outlet_fact(OutletId::new(node.id, 1))?.datum_type)
    }
}
