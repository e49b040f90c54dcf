//! What a node is made of: appends nodes that are named after it.

use tract_onnx::prelude::{DatumType, OutletId};

use super::Importer;
use crate::import::division::Division;
use crate::import::integral;
use crate::import::power;
use crate::import::reason::Reason;
use crate::import::softmax;
use crate::import::volume::{self, Outer};
use crate::import::window;
use crate::{ElementType, NodeId, Op, Tensor};

/// A node in the making.
pub(super) struct Maker<'m, 'a> {
    importer: &'m mut Importer<'a>,
    name: String,
    /// By slot; none where an input is left out.
    inputs: Vec<Option<OutletId>>,
}

impl<'m, 'a> Maker<'m, 'a> {
    pub(super) fn new(
        importer: &'m mut Importer<'a>,
        name: &str,
        inputs: Vec<Option<OutletId>>,
    ) -> Self {
        Maker { importer, name: name.to_owned(), inputs }
    }

    fn part(&self, part: &str) -> String {
        format!("{}.{part}", self.name)
    }

    /// The input at `slot`, which must be there.
    pub(super) fn input(&mut self, slot: usize) -> Result<NodeId, Reason> {
        self.given(slot)?.ok_or_else(|| Reason(format!("its input {slot} is missing")))
    }

    /// The input at `slot`; none where it is left out.
    pub(super) fn given(&mut self, slot: usize) -> Result<Option<NodeId>, Reason> {
        let outlet = self.inputs.get(slot).copied().flatten();
        outlet.map(|outlet| self.importer.wire(outlet)).transpose()
    }

    /// A node's value, where it is constant.
    pub(super) fn value(&self, id: NodeId) -> Option<&Tensor> {
        self.importer.builder.value(id)
    }

    /// A softmax over axes, or its logarithm, which takes the node's own name.
    pub(super) fn softmax(
        &mut self,
        x: NodeId,
        axes: &[usize],
        log: bool,
    ) -> Result<NodeId, Reason> {
        softmax::over(self.importer, &self.name, x, axes, log)
    }

    /// A constant power.
    pub(super) fn power(&mut self, part: &str, x: NodeId, exponent: f32) -> Result<NodeId, Reason> {
        let name = self.part(part);
        power::power(self.importer, &name, x, (exponent, false))
    }

    /// x to a power; of a whole number it is whole.
    pub(super) fn pow(
        &mut self,
        x: NodeId,
        exponent: NodeId,
        whole: bool,
    ) -> Result<NodeId, Reason> {
        power::pow(self.importer, &self.name, [x, exponent], whole)
    }

    /// Whether elements are minus infinity.
    pub(super) fn is_left_out(&mut self, part: &str, x: NodeId) -> Result<NodeId, Reason> {
        let (name, shape) = (self.part(part), self.shape(x));
        softmax::is_left_out(&mut self.importer.builder, &name, x, &shape)
    }

    /// A node's shape.
    pub(super) fn shape(&self, id: NodeId) -> Vec<usize> {
        self.importer.builder.shape(id)
    }

    /// Appends an operator whose shape follows from its inputs.
    pub(super) fn push(&mut self, part: &str, op: Op, inputs: &[NodeId]) -> Result<NodeId, Reason> {
        let name = self.part(part);
        self.importer.builder.push(&name, op, inputs)
    }

    /// Appends a constant.
    pub(super) fn constant(
        &mut self,
        part: &str,
        shape: &[usize],
        data: Vec<f32>,
    ) -> Result<NodeId, Reason> {
        let tensor = Tensor::new(shape.to_vec(), data);
        let tensor = tensor.ok_or("a constant does not fill its shape")?;
        let name = self.part(part);
        Ok(self.importer.builder.constant(&name, tensor))
    }

    /// Appends a constant of whole numbers.
    pub(super) fn wholes(
        &mut self,
        part: &str,
        shape: &[usize],
        values: impl IntoIterator<Item = usize>,
    ) -> Result<NodeId, Reason> {
        self.whole_constant(part, shape, values.into_iter().map(exact).collect())
    }

    /// Appends a constant of whole numbers of either sign.
    pub(super) fn signed(
        &mut self,
        part: &str,
        shape: &[usize],
        values: impl IntoIterator<Item = i64>,
    ) -> Result<NodeId, Reason> {
        let value = |value: i64| {
            let size = exact(usize::try_from(value.unsigned_abs()).ok()?)?;
            Some(if value < 0 { -size } else { size })
        };
        self.whole_constant(part, shape, values.into_iter().map(value).collect())
    }

    fn whole_constant(
        &mut self,
        part: &str,
        shape: &[usize],
        values: Option<Vec<f32>>,
    ) -> Result<NodeId, Reason> {
        let values = values.ok_or("it counts beyond 2^24, which float32 cannot hold exactly")?;
        let id = self.constant(part, shape, values)?;
        self.mark(id);
        Ok(id)
    }

    /// Appends an operator that gives whole numbers.
    pub(super) fn push_whole(
        &mut self,
        part: &str,
        op: Op,
        inputs: &[NodeId],
    ) -> Result<NodeId, Reason> {
        let id = self.push(part, op, inputs)?;
        self.mark(id);
        Ok(id)
    }

    /// Appends an operator that gives truth values.
    pub(super) fn push_truth(
        &mut self,
        part: &str,
        op: Op,
        inputs: &[NodeId],
    ) -> Result<NodeId, Reason> {
        let id = self.push(part, op, inputs)?;
        self.importer.builder.elements.entry(id).or_insert(ElementType::Boolean);
        Ok(id)
    }

    /// Bounds of a node's values, if they are whole numbers whatever the inputs are.
    pub(super) fn bounds(&self, id: NodeId) -> Option<(f64, f64)> {
        integral::bounds(&self.importer.builder, id)
    }

    /// A node of whole numbers as numbers of a type, without the bits that it has no room for.
    pub(super) fn wrapped(&mut self, x: NodeId, kind: DatumType) -> Result<NodeId, Reason> {
        integral::wrapped(self.importer, &self.name, x, kind)
    }

    /// The floor of whole numbers divided by positive ones.
    pub(super) fn floor(&mut self, part: &str, x: NodeId, by: NodeId) -> Result<NodeId, Reason> {
        let name = self.part(part);
        Division { builder: &mut self.importer.builder, name: &name }.floor(x, by)
    }

    /// A power of two as a constant of one number.
    #[expect(clippy::cast_possible_truncation, reason = "f32 holds powers of two")]
    pub(super) fn number(&mut self, part: &str, value: f64) -> Result<NodeId, Reason> {
        let id = self.constant(part, &[], vec![value as f32])?;
        self.mark(id);
        Ok(id)
    }

    fn mark(&mut self, id: NodeId) {
        let whole = ElementType::Integer { bits: 64, signed: true };
        self.importer.builder.elements.entry(id).or_insert(whole);
    }

    /// Appends a `Reshape`.
    pub(super) fn reshape(
        &mut self,
        part: &str,
        x: NodeId,
        shape: &[usize],
    ) -> Result<NodeId, Reason> {
        let name = self.part(part);
        self.importer.builder.reshape(&name, x, shape)
    }

    /// Spatial axes before the last two as channels and images.
    pub(super) fn unfold(&mut self, x: NodeId, outer: &[Outer]) -> Result<NodeId, Reason> {
        volume::unfold(&mut self.importer.builder, &self.name, x, outer)
    }

    /// Images as spatial axes.
    pub(super) fn fold(&mut self, y: NodeId, outer: &[Outer]) -> Result<NodeId, Reason> {
        volume::fold(&mut self.importer.builder, &self.name, y, outer)
    }

    /// A convolution of x with a kernel, and a bias for each channel.
    pub(super) fn biased(
        &mut self,
        op: Op,
        operands: [NodeId; 2],
        bias: Option<NodeId>,
        channels: usize,
    ) -> Result<NodeId, Reason> {
        match bias {
            Some(bias) => {
                let bias = (bias, channels);
                window::biased(self.importer, &self.name, op, operands, bias)
            }
            None => self.push("product", op, &operands),
        }
    }

    /// The slices of an axis at these positions.
    pub(super) fn take(
        &mut self,
        part: &str,
        x: NodeId,
        axis: usize,
        positions: Vec<usize>,
    ) -> Result<NodeId, Reason> {
        let name = self.part(part);
        self.importer.builder.take(&name, x, axis, positions)
    }

    /// Elements by their place in row-major order, in a shape.
    pub(super) fn pick(
        &mut self,
        part: &str,
        x: NodeId,
        places: Vec<usize>,
        shape: &[usize],
    ) -> Result<NodeId, Reason> {
        let len = self.shape(x).iter().product();
        let flat = self.reshape(&format!("{part}.flat"), x, &[len])?;
        let picked = self.take(part, flat, 0, places)?;
        self.reshape(part, picked, shape)
    }

    /// As `pick`; `fill` where there is no place.
    pub(super) fn pick_or(
        &mut self,
        part: &str,
        x: NodeId,
        places: &[Option<usize>],
        fill: f32,
        shape: &[usize],
    ) -> Result<NodeId, Reason> {
        let len = self.shape(x).iter().product();
        let flat = self.reshape(&format!("{part}.flat"), x, &[len])?;
        let fill = self.constant(&format!("{part}.fill"), &[1], vec![fill])?;
        let all = self.push(&format!("{part}.all"), Op::Concat { axis: 0 }, &[flat, fill])?;
        let places = places.iter().map(|place| place.unwrap_or(len)).collect();
        let picked = self.take(part, all, 0, places)?;
        self.reshape(part, picked, shape)
    }
}

/// A whole number, where `f32` holds all up to it.
#[expect(clippy::cast_precision_loss, reason = "the value is small enough")]
fn exact(value: usize) -> Option<f32> {
    (value < 1 << 24).then_some(value as f32)
}
