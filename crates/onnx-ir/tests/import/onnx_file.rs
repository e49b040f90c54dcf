//! Writes small ONNX files.

use prost::Message;
use tract_onnx::pb::attribute_proto::AttributeType;
use tract_onnx::pb::tensor_shape_proto::{Dimension, dimension::Value as Extent};
use tract_onnx::pb::{
    AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, StringStringEntryProto,
    TensorProto, TensorShapeProto, TypeProto, ValueInfoProto, type_proto,
};

const FLOAT: i32 = 1;
const INT64: i32 = 7;

/// A model of `nodes` from `inputs` to the output `y`.
pub struct File(ModelProto);

impl File {
    pub fn new() -> Self {
        let opset = OperatorSetIdProto { domain: String::new(), version: 13 };
        Self(ModelProto {
            ir_version: 8,
            opset_import: vec![opset],
            graph: Some(GraphProto { name: "test".into(), ..GraphProto::default() }),
            ..ModelProto::default()
        })
    }

    fn graph(&mut self) -> &mut GraphProto {
        self.0.graph.as_mut().unwrap()
    }

    /// An input; extents are numbers or symbols, `?` for neither.
    pub fn input(mut self, name: &str, shape: &[&str]) -> Self {
        let dim = shape.iter().map(|extent| match extent.parse() {
            Ok(number) => Some(Extent::DimValue(number)),
            Err(_) if *extent == "?" => None,
            Err(_) => Some(Extent::DimParam((*extent).into())),
        });
        let dim = dim.map(|value| Dimension { value, ..Dimension::default() }).collect();
        let shape = Some(TensorShapeProto { dim });
        let value = value(name, shape);
        self.graph().input.push(value);
        self
    }

    /// An input of another element type.
    pub fn typed_input(self, name: &str, element: i32, shape: &[&str]) -> Self {
        let mut file = self.input(name, shape);
        let input = file.graph().input.last_mut().unwrap();
        let type_proto::Value::TensorType(tensor) =
            input.r#type.as_mut().unwrap().value.as_mut().unwrap();
        tensor.elem_type = element;
        file
    }

    /// Floats that lie in a file of their own.
    pub fn external(mut self, name: &str, shape: &[i64], location: &str) -> Self {
        let entry = StringStringEntryProto { key: "location".into(), value: location.into() };
        self.graph().initializer.push(TensorProto {
            name: name.into(),
            dims: shape.to_vec(),
            data_type: FLOAT,
            data_location: Some(1),
            external_data: vec![entry],
            ..TensorProto::default()
        });
        self
    }

    pub fn input_without_shape(mut self, name: &str) -> Self {
        let value = value(name, None);
        self.graph().input.push(value);
        self
    }

    pub fn floats(mut self, name: &str, shape: &[i64], data: &[f32]) -> Self {
        let raw_data = data.iter().flat_map(|value| value.to_le_bytes()).collect();
        let tensor = TensorProto {
            name: name.into(),
            dims: shape.to_vec(),
            data_type: FLOAT,
            raw_data,
            ..TensorProto::default()
        };
        self.graph().initializer.push(tensor);
        self
    }

    pub fn integers(mut self, name: &str, data: &[i64]) -> Self {
        let dims = vec![i64::try_from(data.len()).unwrap()];
        let tensor = TensorProto {
            name: name.into(),
            dims,
            data_type: INT64,
            int64_data: data.to_vec(),
            ..TensorProto::default()
        };
        self.graph().initializer.push(tensor);
        self
    }

    pub fn node(self, op: &str, name: &str, inputs: &[&str], output: &str) -> Self {
        self.foreign_node("", op, name, inputs, output)
    }

    pub fn foreign_node(
        mut self,
        domain: &str,
        op: &str,
        name: &str,
        inputs: &[&str],
        output: &str,
    ) -> Self {
        self.graph().node.push(NodeProto {
            op_type: op.into(),
            domain: domain.into(),
            name: name.into(),
            input: inputs.iter().map(|&input| input.into()).collect(),
            output: vec![output.into()],
            ..NodeProto::default()
        });
        self
    }

    /// An attribute of integers for the last node.
    pub fn ints(mut self, name: &str, ints: &[i64]) -> Self {
        let attribute = AttributeProto {
            name: name.into(),
            r#type: AttributeType::Ints.into(),
            ints: ints.to_vec(),
            ..AttributeProto::default()
        };
        self.graph().node.last_mut().unwrap().attribute.push(attribute);
        self
    }

    /// An attribute of one integer for the last node.
    pub fn int(mut self, name: &str, i: i64) -> Self {
        let attribute = AttributeProto {
            name: name.into(),
            r#type: AttributeType::Int.into(),
            i,
            ..AttributeProto::default()
        };
        self.graph().node.last_mut().unwrap().attribute.push(attribute);
        self
    }

    /// A text attribute for the last node.
    pub fn text(mut self, name: &str, text: &str) -> Self {
        let attribute = AttributeProto {
            name: name.into(),
            r#type: AttributeType::String.into(),
            s: text.into(),
            ..AttributeProto::default()
        };
        self.graph().node.last_mut().unwrap().attribute.push(attribute);
        self
    }

    /// An attribute of words for the last node.
    pub fn texts(mut self, name: &str, texts: &[&str]) -> Self {
        let attribute = AttributeProto {
            name: name.into(),
            r#type: AttributeType::Strings.into(),
            strings: texts.iter().map(|&text| text.into()).collect(),
            ..AttributeProto::default()
        };
        self.graph().node.last_mut().unwrap().attribute.push(attribute);
        self
    }

    /// An attribute of numbers for the last node.
    pub fn reals(mut self, name: &str, floats: &[f32]) -> Self {
        let attribute = AttributeProto {
            name: name.into(),
            r#type: AttributeType::Floats.into(),
            floats: floats.to_vec(),
            ..AttributeProto::default()
        };
        self.graph().node.last_mut().unwrap().attribute.push(attribute);
        self
    }

    /// One more output of the last node.
    pub fn more_output(mut self, name: &str) -> Self {
        self.graph().node.last_mut().unwrap().output.push(name.into());
        self
    }

    /// A subgraph for the last node.
    pub fn subgraph(mut self, name: &str, inner: File) -> Self {
        let attribute = AttributeProto {
            name: name.into(),
            r#type: AttributeType::Graph.into(),
            g: inner.0.graph,
            ..AttributeProto::default()
        };
        self.graph().node.last_mut().unwrap().attribute.push(attribute);
        self
    }

    /// A shape that the file declares for a value within it.
    pub fn declared(mut self, name: &str, shape: &[i64]) -> Self {
        let value = value(name, Some(extents(shape)));
        self.graph().value_info.push(value);
        self
    }

    /// An output before `y`.
    pub fn output(mut self, name: &str) -> Self {
        let output = value(name, None);
        self.graph().output.push(output);
        self
    }

    /// The file's bytes; its output is `y`.
    pub fn bytes(self) -> Vec<u8> {
        self.bytes_declaring(None)
    }

    /// The file's bytes, with a declared shape of its output `y`.
    pub fn bytes_declaring(mut self, shape: Option<&[i64]>) -> Vec<u8> {
        let output = value("y", shape.map(extents));
        self.graph().output.push(output);
        self.0.encode_to_vec()
    }
}

fn extents(shape: &[i64]) -> TensorShapeProto {
    let number =
        |&extent| Dimension { value: Some(Extent::DimValue(extent)), ..Dimension::default() };
    TensorShapeProto { dim: shape.iter().map(number).collect() }
}

fn value(name: &str, shape: Option<TensorShapeProto>) -> ValueInfoProto {
    let tensor = type_proto::Tensor { elem_type: FLOAT, shape };
    let kind =
        TypeProto { value: Some(type_proto::Value::TensorType(tensor)), ..TypeProto::default() };
    ValueInfoProto { name: name.into(), r#type: Some(kind), ..ValueInfoProto::default() }
}

/// Conv, Relu, MaxPool, Reshape, Gemm: a file that visits most of the importer.
pub fn small_cnn() -> Vec<u8> {
    let ramp = |count: u8| -> Vec<f32> { (0..count).map(|i| f32::from(i) / 8.0 - 1.0).collect() };
    File::new()
        .input("x", &["batch_size", "1", "6", "6"])
        .floats("kernel", &[2, 1, 3, 3], &ramp(18))
        .floats("bias", &[2], &ramp(2))
        .integers("flat", &[1, -1])
        .floats("weight", &[8, 3], &ramp(24))
        .node("Conv", "conv", &["x", "kernel", "bias"], "a")
        .ints("kernel_shape", &[3, 3])
        .node("Relu", "relu", &["a"], "b")
        .node("MaxPool", "pool", &["b"], "c")
        .ints("kernel_shape", &[2, 2])
        .ints("strides", &[2, 2])
        .node("Reshape", "reshape", &["c", "flat"], "d")
        .node("Gemm", "gemm", &["d", "weight"], "y")
        .bytes()
}
