//! Small ONNX files, encoded by hand.

#![allow(dead_code)] // not every test needs a model
/// A length-delimited protobuf field.
fn field(number: u8, content: &[u8]) -> Vec<u8> {
    let length = u8::try_from(content.len() & 0x7f).unwrap();
    let mut bytes = vec![number << 3 | 2];
    match content.len() >> 7 {
        0 => bytes.push(length),
        more => bytes.extend([length | 0x80, u8::try_from(more).unwrap()]),
    }
    bytes.extend(content);
    bytes
}

/// A varint protobuf field.
fn number(number: u8, value: u8) -> Vec<u8> {
    vec![number << 3, value]
}

/// A float tensor's name and type; extents are numbers or symbols, or there is no shape at all.
fn value(name: &str, extents: Option<&[&str]>) -> Vec<u8> {
    let mut tensor = number(1, 1);
    if let Some(extents) = extents {
        let dimension = |extent: &&str| match extent.parse::<u8>() {
            Ok(extent) => field(1, &number(1, extent)),
            Err(_) => field(1, &field(2, extent.as_bytes())),
        };
        tensor.extend(field(2, &extents.iter().flat_map(dimension).collect::<Vec<_>>()));
    }
    [field(1, name.as_bytes()), field(2, &field(1, &tensor))].concat()
}

/// An ONNX model of nodes (operator, name) one after the other.
pub(crate) fn model(nodes: &[(&str, &str)], extents: Option<&[&str]>) -> Vec<u8> {
    model_from("x", nodes, extents)
}

/// The same with another name of the input.
pub(crate) fn model_from(input: &str, nodes: &[(&str, &str)], extents: Option<&[&str]>) -> Vec<u8> {
    let mut graph = vec![];
    let mut source = input.to_owned();
    for (i, (operator, name)) in nodes.iter().enumerate() {
        let target = if i + 1 == nodes.len() { "y".into() } else { format!("t{i}") };
        let node = [
            field(1, source.as_bytes()),
            field(2, target.as_bytes()),
            field(3, name.as_bytes()),
            field(4, operator.as_bytes()),
        ];
        graph.extend(field(1, &node.concat()));
        source = target;
    }
    graph.extend(ends(input, "y", extents));
    file(&graph)
}

/// y = x · w, two numbers that lie in another file.
pub(crate) fn with_weights_in(location: &str) -> Vec<u8> {
    named_output("y", location)
}

/// The same with another name of the output.
pub(crate) fn named_output(output: &str, location: &str) -> Vec<u8> {
    let place = [field(1, b"location"), field(2, location.as_bytes())].concat();
    let weights =
        [number(1, 2), number(2, 1), field(8, b"w"), field(13, &place), number(14, 1)].concat();
    let node = [
        field(1, b"x"),
        field(1, b"w"),
        field(2, output.as_bytes()),
        field(3, b"mul"),
        field(4, b"Mul"),
    ];
    let graph = [field(1, &node.concat()), field(5, &weights)].concat();
    file(&[graph, ends("x", output, Some(&["1", "2"]))].concat())
}

/// Name, input and output of a graph.
fn ends(input: &str, output: &str, extents: Option<&[&str]>) -> Vec<u8> {
    let (input, output) = (value(input, extents), value(output, extents));
    [field(2, b"g"), field(11, &input), field(12, &output)].concat()
}

fn file(graph: &[u8]) -> Vec<u8> {
    let opset = [field(1, b""), number(2, 13)].concat();
    [number(1, 8), field(7, graph), field(8, &opset)].concat()
}
