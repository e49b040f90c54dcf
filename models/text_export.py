"""Write a model of sequences in the folder format of train.py, with integers for token ids."""

import warnings

import numpy as np
import onnx
import onnxruntime as ort
import torch
from train import HERE, rows, write

OPSET = 17
OBSERVATIONS = 50  # in calibration.json and in expected.json


def export(net, example, name):
    """The inference graph with fixed extents and a batch of 1, and a session that runs it."""
    path = target(name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the TorchScript exporter announces its deprecation
        torch.onnx.export(
            net.eval(),
            (torch.from_numpy(example),),
            str(path),
            dynamo=False,
            opset_version=OPSET,
            input_names=["input"],
            output_names=["output"],
        )
    return checked(path)


def export_newest(net, example, name):
    """The same as the exporter writes it that traces no more, at the opset that it chooses."""
    path = target(name)
    torch.onnx.export(
        net.eval(),
        (torch.from_numpy(example),),
        str(path),
        dynamo=True,
        external_data=False,
        verbose=False,
        input_names=["input"],
        output_names=["output"],
    )
    onnx.save(without_traces(onnx.load(path)), path)
    return checked(path)


def target(name):
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    return folder / "network.onnx"


def checked(path):
    """The model there, and a session that runs it."""
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    return model, ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])


def without_traces(model):
    """Without what the exporter notes of the program at each node, several times the weights, and paths in it."""
    for part in [model, model.graph, *model.graph.node, *model.graph.value_info]:
        del part.metadata_props[:]
        part.doc_string = ""
    for value in [*model.graph.initializer, *model.graph.input, *model.graph.output]:
        del value.metadata_props[:]
    return model


def outputs_of(session, inputs, net):
    """ONNX Runtime's outputs, observation by observation, after a comparison with the network itself."""
    outputs = np.concatenate([session.run(None, {"input": x[None]})[0] for x in inputs])
    with torch.no_grad():
        expected = net(torch.from_numpy(inputs)).numpy()
    np.testing.assert_allclose(outputs, expected, rtol=1e-3, atol=1e-4)
    return outputs


def write_classifier(name, net, exported, train_x, test_x, test_y):
    """Compare an exported classifier with the network on held-out observations, say its score, and write its files."""
    model, session = exported
    logits = outputs_of(session, test_x, net)
    params = sum(p.numel() for p in net.parameters())
    right = 100 * (logits.argmax(1) == test_y).mean()
    print(f"{name}: params {params}, test accuracy {right:.2f} % of {len(test_y)}")
    print(" ", " ".join(node.op_type for node in model.graph.node))
    write_folder(
        name,
        calibration=train_x[:OBSERVATIONS],
        inputs=test_x[:OBSERVATIONS],
        outputs=logits[:OBSERVATIONS],
        labels=test_y[:OBSERVATIONS],
    )


def write_folder(name, calibration, inputs, outputs, labels=None):
    folder = HERE / name
    flat, calibration = (x.reshape(len(x), -1).tolist() for x in (inputs, calibration))
    write(folder / "input.json", {
        "input_data": flat[:1], "input_shapes": [list(inputs.shape[1:])],
    })
    write(folder / "calibration.json", {"input_data": calibration})
    expected = {"input_data": flat, "output_data": rows(outputs, 9)}
    if labels is not None:
        expected["labels"] = labels.tolist()
    write(folder / "expected.json", expected)
