//! One line per node, for people.

use std::fmt;

use provenn_escape::plain;

use crate::{ElementType, Function, Graph, NodeId, Op};

impl Op {
    /// The ONNX name of the operator; `Input` and `Trunc` have none of their own.
    pub fn name(&self) -> &'static str {
        match self {
            Op::Input { .. } => "Input",
            Op::Constant(_) => "Constant",
            Op::MatMul => "MatMul",
            Op::Conv { .. } => "Conv",
            Op::ConvTranspose { .. } => "ConvTranspose",
            Op::Add => "Add",
            Op::Sub => "Sub",
            Op::Mul => "Mul",
            Op::Div => "Div",
            Op::Relu => "Relu",
            Op::LeakyRelu { .. } => "LeakyRelu",
            Op::PRelu => "PRelu",
            Op::Clip { .. } => "Clip",
            Op::Sigmoid => "Sigmoid",
            Op::Tanh => "Tanh",
            Op::Exp => "Exp",
            Op::Log => "Log",
            Op::Sqrt => "Sqrt",
            Op::Erf => "Erf",
            Op::Gelu { .. } => "Gelu",
            Op::Softplus => "Softplus",
            Op::Function(function) => function.name(),
            Op::Neg => "Neg",
            Op::Abs => "Abs",
            Op::Pow { .. } => "Pow",
            Op::Trunc => "Trunc",
            Op::Round { .. } => "Round",
            Op::MaxPool { .. } => "MaxPool",
            Op::AveragePool { .. } => "AveragePool",
            Op::ReduceSum { .. } => "ReduceSum",
            Op::ReduceMean { .. } => "ReduceMean",
            Op::ReduceMax { .. } => "ReduceMax",
            Op::Max => "Max",
            Op::Min => "Min",
            Op::Less => "Less",
            Op::LessOrEqual => "LessOrEqual",
            Op::Equal => "Equal",
            Op::Where => "Where",
            Op::Gather { .. } => "Gather",
            Op::GatherElements { .. } => "GatherElements",
            Op::TopK { .. } => "TopK",
            Op::Reshape => "Reshape",
            Op::Transpose { .. } => "Transpose",
            Op::Concat { .. } => "Concat",
            Op::Slice { .. } => "Slice",
            Op::Pad { .. } => "Pad",
            Op::Expand => "Expand",
            Op::Take { .. } => "Take",
            Op::Tile { .. } => "Tile",
        }
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "%{}", self.0)
    }
}

/// Writes the operator's parameters, without its weights.
fn parameters(op: &Op, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match op {
        Op::Conv { window, groups } => write!(f, " {window} groups={groups}"),
        Op::ConvTranspose { window, groups, output_padding } => {
            write!(f, " {window} groups={groups} output_padding={output_padding:?}")
        }
        Op::MaxPool { window } => write!(f, " {window}"),
        Op::AveragePool { window, count_include_pad } => {
            write!(f, " {window} count_include_pad={count_include_pad}")
        }
        Op::Input { index } => write!(f, " {index}"),
        Op::LeakyRelu { alpha } => write!(f, " alpha={alpha}"),
        Op::Clip { min, max } => write!(f, " {min}..{max}"),
        Op::Pow { exponent } => write!(f, " {exponent}"),
        Op::Round { rounding, min, max } => write!(f, " {rounding:?} {min}..{max}"),
        Op::ReduceSum { axes } | Op::ReduceMean { axes } | Op::ReduceMax { axes } => {
            write!(f, " axes={axes:?}")
        }
        Op::Transpose { perm } => write!(f, " {perm:?}"),
        Op::Concat { axis } | Op::Gather { axis } | Op::GatherElements { axis } => {
            write!(f, " axis={axis}")
        }
        Op::TopK { axis, largest } => write!(f, " axis={axis} largest={largest}"),
        Op::Gelu { tanh } => write!(f, " tanh={tanh}"),
        Op::Function(Function::Elu { slope, depth, width }) => {
            write!(f, " slope={slope} depth={depth} width={width}")
        }
        Op::Function(Function::Swish { beta }) => write!(f, " beta={beta}"),
        Op::Function(Function::Power { exponent }) => write!(f, " {exponent}"),
        Op::Slice { axis, start, step } => write!(f, " axis={axis} start={start} step={step}"),
        Op::Pad { before, after, value } => {
            write!(f, " before={before:?} after={after:?} value={value}")
        }
        // As many as an axis may have: the shape says how many.
        Op::Take { axis, .. } => write!(f, " axis={axis}"),
        Op::Tile { repeats } => write!(f, " {repeats:?}"),
        Op::Constant(tensor) => match tensor.uniform() {
            Some(value) => write!(f, " {value}"),
            None => Ok(()),
        },
        Op::MatMul
        | Op::Add
        | Op::Sub
        | Op::Mul
        | Op::Div
        | Op::Relu
        | Op::PRelu
        | Op::Sigmoid
        | Op::Tanh
        | Op::Exp
        | Op::Log
        | Op::Sqrt
        | Op::Erf
        | Op::Softplus
        | Op::Function(_)
        | Op::Less
        | Op::LessOrEqual
        | Op::Equal
        | Op::Where
        | Op::Neg
        | Op::Abs
        | Op::Trunc
        | Op::Max
        | Op::Min
        | Op::Reshape
        | Op::Expand => Ok(()),
    }
}

impl fmt::Display for crate::Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kernel, stride, dilation, pad_before, pad_after } = self;
        write!(
            f,
            "kernel={kernel:?} stride={stride:?} dilation={dilation:?} pad={pad_before:?}..{pad_after:?}"
        )
    }
}

impl fmt::Display for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, node) in self.nodes.iter().enumerate() {
            let id = NodeId(index);
            write!(f, "{id:<5} {:<14}{:?}", node.op.name(), node.shape)?;
            for input in &node.inputs {
                write!(f, " {input}")?;
            }
            parameters(&node.op, f)?;
            write!(f, "  # {}", plain(&node.name))?;
            for position in (0..self.outputs.len()).filter(|&i| self.outputs[i] == id) {
                let name = self.output_name(position).unwrap_or_default();
                write!(f, " (output {position}: {})", plain(name))?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for ElementType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ElementType::Float => write!(f, "float"),
            ElementType::Double => write!(f, "double"),
            ElementType::Integer { bits, signed } => {
                write!(f, "{}int{bits}", if *signed { "" } else { "u" })
            }
            ElementType::Boolean => write!(f, "bool"),
        }
    }
}
