//! Operators that are read here rather than by the analysis, which is told their types and shapes alone.
//!
//! The analysis knows these operators in part, or not at all. Where one depends on an input its node is marked, and
//! stands in the analysed model as it is in the file; what it becomes is said with all shapes known.
//!
//! | file | operators |
//! |---|---|
//! | `site` | what is known of a node: its attributes, and its inputs' types, shapes and constants |
//! | `maker` | what a node is made of |
//! | `fact` | how the analysis sees it |
//! | `fold` | operators that are constants where their inputs are |
//! | `affine_grid` | `AffineGrid` |
//! | `attention`, `order` | `Attention` |
//! | `bits`, `shift`, `bit_cast` | `BitwiseAnd`, `BitwiseOr`, `BitwiseXor`, `BitwiseNot`, `BitShift`, `BitCast` |
//! | `cumulative`, `cum_prod` | `CumSum`, `Hardmax`, `CumProd` |
//! | `det` | `Det` |
//! | `filled` | `ConstantOfShape`, `Range` |
//! | `pad`, `crop` | `Pad`, `CenterCropPad` |
//! | `dot` | `MatMul` of two vectors |
//! | `choose` | `Compress`, `ReverseSequence`, `Trilu` |
//! | `window` | what `ConvTranspose` and pooling read |
//! | `conv`, `causal_conv`, `gathered` | `Conv` with a computed kernel, `CausalConvWithState` |
//! | `linear_attention` | `LinearAttention` |
//! | `conv_transpose`, `max_pool`, `lp_pool` | `ConvTranspose`, `MaxPool` with indices, `MaxUnpool`, `LpPool` |
//! | `col2im`, `grid_sample`, `roi_align` | `Col2Im`, `GridSample`, `RoiAlign` |
//! | `signal` | `DFT`, `STFT`, windows, `MelWeightMatrix` |
//! | `key_mask` | what masks of com.microsoft's attentions say |
//! | `softmax` | `Softmax`, `LogSoftmax` |
//! | `slice`, `tile` | `Slice` with steps, `Tile` |
//! | `tensor_scatter` | `TensorScatter` |
//! | `tf_idf` | `TfIdfVectorizer` |
//! | `space_to_depth`, `unique` | `SpaceToDepth`, `Unique` of a constant |
//! | `resize`, `resize_axis` | `Resize`, `Upsample` |
//! | `gather_nd`, `one_hot`, `scatter` | `GatherND`, `OneHot`, `Scatter`, `ScatterElements`, `ScatterND` |

mod affine_grid;
mod attention;
mod bit_cast;
mod bits;
mod causal_conv;
mod choose;
mod col2im;
mod conv;
mod conv_transpose;
mod crop;
mod cum_prod;
mod cumulative;
mod det;
mod dot;
mod fact;
mod filled;
mod fold;
mod gather_nd;
mod gathered;
mod grid_sample;
mod key_mask;
mod linear_attention;
mod lp_pool;
mod maker;
mod max_pool;
mod one_hot;
mod order;
mod pad;
mod resize;
mod resize_axis;
mod roi_align;
mod scatter;
mod shift;
mod signal;
mod site;
mod slice;
mod softmax;
mod space_to_depth;
mod tensor_scatter;
mod tf_idf;
mod tile;
mod unique;
mod window;

use std::collections::HashSet;
use std::sync::OnceLock;

use tract_onnx::Onnx;
use tract_onnx::model::{OnnxOpRegister, ParsingContext};
use tract_onnx::pb::type_proto::Value as TypeValue;
use tract_onnx::pb::{AttributeProto, GraphProto, ModelProto, NodeProto, ValueInfoProto};
use tract_onnx::prelude::{DatumType, OutletId, TractError, TractResult, TypedNode};
use tract_onnx::tract_hir::infer::InferenceOp;

use super::importer::Importer;
use super::operators;
use super::reason::Reason;
use super::stored::attribute;
use crate::{NodeId, Op};
use fact::Own;
pub(super) use fact::{Refused, value};
pub(super) use key_mask::{KEY_MASK, LEFT_OUT};
use maker::Maker;
use site::{Given, Site};

/// The types and shapes of a node's outputs.
type Shapes = fn(&Site<'_>) -> Result<Vec<(DatumType, Vec<usize>)>, Reason>;

/// What a node's outputs are.
type Make = fn(&Site<'_>, &mut Maker<'_, '_>) -> Result<Vec<NodeId>, Reason>;

/// How an operator is read.
struct Kind {
    name: &'static str,
    /// Inputs that must be constants: shapes depend on their values.
    constants: &'static [(usize, &'static str)],
    shapes: Shapes,
    make: Make,
}

/// Every operator that is read here.
static KINDS: &[Kind] = &[
    Kind {
        name: "AffineGrid",
        constants: &[(1, "size")],
        shapes: affine_grid::shapes,
        make: affine_grid::make,
    },
    Kind { name: "Attention", constants: &[], shapes: attention::shapes, make: attention::make },
    Kind { name: "BitCast", constants: &[], shapes: bit_cast::shapes, make: bit_cast::make },
    Kind { name: "BitShift", constants: &[], shapes: bits::shapes, make: shift::make },
    Kind { name: "BitwiseAnd", constants: &[], shapes: bits::shapes, make: bits::and },
    Kind { name: "BitwiseNot", constants: &[], shapes: site::same_as_first, make: bits::not },
    Kind { name: "BitwiseOr", constants: &[], shapes: bits::shapes, make: bits::or },
    Kind { name: "BitwiseXor", constants: &[], shapes: bits::shapes, make: bits::xor },
    Kind {
        name: "BlackmanWindow",
        constants: &[(0, "size")],
        shapes: signal::taper::shapes,
        make: fold::never,
    },
    Kind {
        name: "CausalConvWithState",
        constants: &[],
        shapes: causal_conv::shapes,
        make: causal_conv::make,
    },
    Kind {
        name: "CenterCropPad",
        constants: &[(1, "shape")],
        shapes: crop::shapes,
        make: crop::make,
    },
    Kind {
        name: "Col2Im",
        constants: &[(1, "image_shape"), (2, "block_shape")],
        shapes: col2im::shapes,
        make: col2im::make,
    },
    Kind {
        name: "Compress",
        constants: &[(1, "condition")],
        shapes: choose::compress_shapes,
        make: choose::compress,
    },
    Kind {
        name: "ConstantOfShape",
        constants: &[(0, "input")],
        shapes: filled::filled_shapes,
        make: fold::never,
    },
    Kind { name: "Conv", constants: &[], shapes: conv::shapes, make: conv::make },
    Kind {
        name: "ConvTranspose",
        constants: &[],
        shapes: conv_transpose::shapes,
        make: conv_transpose::make,
    },
    Kind {
        name: "CumProd",
        constants: &[(1, "axis")],
        shapes: site::same_as_first,
        make: cum_prod::make,
    },
    Kind {
        name: "CumSum",
        constants: &[(1, "axis")],
        shapes: site::same_as_first,
        make: cumulative::cum_sum,
    },
    Kind {
        name: "DFT",
        constants: &[(1, "dft_length"), (2, "axis")],
        shapes: signal::dft::shapes,
        make: signal::dft::make,
    },
    Kind { name: "Det", constants: &[], shapes: det::shapes, make: det::make },
    Kind { name: "GatherND", constants: &[], shapes: gather_nd::shapes, make: gather_nd::make },
    Kind {
        name: "GlobalLpPool",
        constants: &[],
        shapes: lp_pool::global_shapes,
        make: lp_pool::global,
    },
    Kind {
        name: "GridSample",
        constants: &[(1, "grid")],
        shapes: grid_sample::shapes,
        make: grid_sample::make,
    },
    Kind {
        name: "HammingWindow",
        constants: &[(0, "size")],
        shapes: signal::taper::shapes,
        make: fold::never,
    },
    Kind {
        name: "HannWindow",
        constants: &[(0, "size")],
        shapes: signal::taper::shapes,
        make: fold::never,
    },
    Kind {
        name: "Hardmax",
        constants: &[],
        shapes: site::same_as_first,
        make: cumulative::hardmax,
    },
    Kind {
        name: "LinearAttention",
        constants: &[],
        shapes: linear_attention::shapes,
        make: linear_attention::make,
    },
    Kind { name: KEY_MASK, constants: &[], shapes: key_mask::shapes, make: key_mask::make },
    Kind {
        name: "LogSoftmax",
        constants: &[],
        shapes: site::same_as_first,
        make: softmax::log_softmax,
    },
    Kind { name: "LpPool", constants: &[], shapes: lp_pool::shapes, make: lp_pool::make },
    Kind { name: "MatMul", constants: &[], shapes: dot::shapes, make: dot::make },
    Kind { name: "MaxPool", constants: &[], shapes: max_pool::shapes, make: max_pool::make },
    Kind {
        name: "MaxUnpool",
        constants: &[(2, "output_shape")],
        shapes: max_pool::unpool_shapes,
        make: max_pool::unpool,
    },
    Kind {
        name: "MelWeightMatrix",
        constants: &[
            (0, "num_mel_bins"),
            (1, "dft_length"),
            (2, "sample_rate"),
            (3, "lower_edge_hertz"),
            (4, "upper_edge_hertz"),
        ],
        shapes: signal::mel::shapes,
        make: fold::never,
    },
    Kind {
        name: "OneHot",
        constants: &[(1, "depth")],
        shapes: one_hot::shapes,
        make: one_hot::make,
    },
    Kind {
        name: "Pad",
        constants: &[(1, "pads"), (2, "constant_value"), (3, "axes")],
        shapes: pad::shapes,
        make: pad::make,
    },
    Kind {
        name: "Range",
        constants: &[(0, "start"), (1, "limit"), (2, "delta")],
        shapes: filled::range_shapes,
        make: fold::never,
    },
    Kind { name: "Pow", constants: &[], shapes: bits::shapes, make: pow },
    Kind {
        name: "Resize",
        constants: &[(1, "roi, or scales before version 11"), (2, "scales"), (3, "sizes")],
        shapes: resize::shapes,
        make: resize::make,
    },
    Kind {
        name: "ReverseSequence",
        constants: &[(1, "sequence_lens")],
        shapes: site::same_as_first,
        make: choose::reverse_sequence,
    },
    Kind {
        name: "STFT",
        constants: &[(1, "frame_step"), (3, "frame_length")],
        shapes: signal::stft::shapes,
        make: signal::stft::make,
    },
    Kind {
        name: "RoiAlign",
        constants: &[(1, "rois"), (2, "batch_indices")],
        shapes: roi_align::shapes,
        make: roi_align::make,
    },
    Kind {
        name: "Scatter",
        constants: &[],
        shapes: scatter::elements_shapes,
        make: scatter::elements,
    },
    Kind {
        name: "ScatterElements",
        constants: &[],
        shapes: scatter::elements_shapes,
        make: scatter::elements,
    },
    Kind { name: "ScatterND", constants: &[], shapes: scatter::nd_shapes, make: scatter::nd },
    Kind {
        name: "Slice",
        constants: &[(1, "starts"), (2, "ends"), (3, "axes"), (4, "steps")],
        shapes: slice::shapes,
        make: slice::make,
    },
    Kind { name: "Softmax", constants: &[], shapes: site::same_as_first, make: softmax::softmax },
    Kind { name: "Softplus", constants: &[], shapes: site::same_as_first, make: softplus },
    Kind {
        name: "SpaceToDepth",
        constants: &[],
        shapes: space_to_depth::shapes,
        make: space_to_depth::make,
    },
    Kind {
        name: "TensorScatter",
        constants: &[],
        shapes: tensor_scatter::shapes,
        make: tensor_scatter::make,
    },
    Kind { name: "TfIdfVectorizer", constants: &[], shapes: tf_idf::shapes, make: tf_idf::make },
    Kind { name: "Tile", constants: &[(1, "repeats")], shapes: tile::shapes, make: tile::make },
    Kind {
        name: "Trilu",
        constants: &[(1, "k")],
        shapes: site::same_as_first,
        make: choose::trilu,
    },
    Kind { name: "Unique", constants: &[(0, "X")], shapes: unique::shapes, make: unique::make },
    Kind {
        name: "Upsample",
        constants: &[(1, "scales")],
        shapes: resize::shapes,
        make: resize::make,
    },
];

/// Operators of which the analysis ignores attributes, so that it must not compute them of constants either.
const IN_PART: [&str; 15] = [
    "BlackmanWindow",
    "ConstantOfShape",
    "ConvTranspose",
    "DFT",
    "HammingWindow",
    "HannWindow",
    "LpPool",
    "MaxPool",
    "MaxUnpool",
    "MelWeightMatrix",
    "Range",
    "Resize",
    "STFT",
    "SpaceToDepth",
    "Upsample",
];

/// Marks a node of the file as one to be read here.
const MARK: &str = "read as it is";

/// Lets the analysis take marked nodes as they are.
pub(super) fn register(onnx: &mut Onnx) {
    for kind in KINDS {
        onnx.op_register.insert(kind.name, build);
    }
}

/// The analysis takes it apart, and e^x overflows where the function is x.
fn softplus(_: &Site<'_>, maker: &mut Maker<'_, '_>) -> Result<Vec<NodeId>, Reason> {
    let x = maker.input(0)?;
    Ok(vec![maker.push("softplus", Op::Softplus, &[x])?])
}

/// A power by a computed exponent.
fn pow(site: &Site<'_>, maker: &mut Maker<'_, '_>) -> Result<Vec<NodeId>, Reason> {
    let (x, exponent) = (maker.input(0)?, maker.input(1)?);
    Ok(vec![maker.pow(x, exponent, site.kind(0)?.is_integer())?])
}

/// Marks the nodes that depend on an input, and those that the analysis has no words for.
pub(super) fn mark(model: &mut ModelProto) {
    let Some(graph) = model.graph.as_mut() else { return };
    let live = operators::live(graph);
    let vectors = vectors(graph);
    // Whether the second input, a kernel or an exponent, depends on the model's.
    let computed = |node: &NodeProto| node.input.get(1).is_some_and(|name| live.contains(name));
    let computed: Vec<bool> = graph.node.iter().map(computed).collect();
    let live: Vec<bool> = graph.node.iter().map(|node| operators::depends(node, &live)).collect();
    let stepped: Vec<bool> = graph.node.iter().map(|node| slice::is_stepped(graph, node)).collect();
    let known = live.into_iter().zip(stepped).zip(computed);
    for (node, ((live, stepped), computed)) in graph.node.iter_mut().zip(known) {
        let own = KINDS.iter().any(|kind| kind.name == node.op_type)
            && match node.op_type.as_str() {
                "Conv" => computed,
                "MatMul" => node.input.iter().all(|name| vectors.contains(name)),
                "MaxPool" => node.output.len() > 1,
                // Exponents that are constant the analysis finds in functions that are spelt out.
                "Pow" => computed,
                "Slice" => stepped,
                _ => true,
            };
        node.attribute.retain(|found| found.name != MARK);
        let known = foreign().0.contains_key(&node.op_type) && !IN_PART.contains(&&*node.op_type);
        if own && (live || !known) {
            node.attribute
                .push(AttributeProto { name: MARK.to_owned(), ..AttributeProto::default() });
        }
    }
}

/// Inputs and constants of one axis, of two of which the analysis takes no product.
fn vectors(graph: &GraphProto) -> HashSet<String> {
    let rank = |info: &ValueInfoProto| match info.r#type.as_ref()?.value.as_ref()? {
        TypeValue::TensorType(tensor) => tensor.shape.as_ref().map(|shape| shape.dim.len()),
    };
    let inputs = graph.input.iter().filter(|info| rank(info) == Some(1));
    let stored = graph.initializer.iter().filter(|tensor| tensor.dims.len() == 1);
    let stored = stored.map(|tensor| tensor.name.clone());
    inputs.map(|info| info.name.clone()).chain(stored).collect()
}

/// How the analysis reads operators itself.
fn foreign() -> &'static OnnxOpRegister {
    static REGISTER: OnceLock<OnnxOpRegister> = OnceLock::new();
    REGISTER.get_or_init(|| tract_onnx::onnx().op_register)
}

fn build(
    context: &ParsingContext<'_>,
    node: &NodeProto,
) -> TractResult<(Box<dyn InferenceOp>, Vec<String>)> {
    let kind = KINDS.iter().find(|kind| kind.name == node.op_type);
    if let (Some(kind), Some(_)) = (kind, attribute(node, MARK)) {
        let own = Own::new(node, context.onnx_operator_set_version, kind);
        return Ok((Box::new(own), vec![]));
    }
    let build = foreign().0.get(&node.op_type).copied();
    let build = build.ok_or_else(|| TractError::msg("the analysis has no words for it"))?;
    build(context, node)
}

/// All outputs of a node that is read here; `None` if it is none.
pub(super) fn translate(
    importer: &mut Importer<'_>,
    node: &TypedNode,
) -> Option<Result<(), Reason>> {
    let own = node.op_as::<Own>()?.clone();
    Some(all(importer, node, &own))
}

fn all(importer: &mut Importer<'_>, node: &TypedNode, own: &Own) -> Result<(), Reason> {
    let mut known = Vec::with_capacity(node.inputs.len());
    for &outlet in &node.inputs {
        let fact = importer.model.outlet_fact(outlet)?;
        let (kind, value) = (fact.datum_type, fact.konst.clone());
        known.push(Given { shape: importer.shape(outlet)?, kind, value });
    }
    let site = own.site(known);
    let outlets = own.slots(node.inputs.iter().copied());
    let mut maker = Maker::new(importer, &node.name, outlets);
    let made = (own.kind().make)(&site, &mut maker)?;
    for (slot, (at, _)) in own.outputs().enumerate() {
        let id =
            *made.get(at).ok_or_else(|| Reason(format!("its output {at} is not supported")))?;
        let outlet = OutletId::new(node.id, slot);
        let (expected, got) = (importer.shape(outlet)?, importer.builder.shape(id));
        // What has no elements is wired where it is read.
        if expected.contains(&0) {
            continue;
        }
        if expected != got {
            return Err(Reason(format!(
                "its shape should be {expected:?} but comes out as {got:?}"
            )));
        }
        importer.wires.insert(outlet, id);
        importer.mark_whole(id, importer.model.outlet_fact(outlet)?.datum_type)?;
    }
    Ok(())
}
