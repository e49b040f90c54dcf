"""Write a model of sequences in the folder format of train.py, with integers for token ids."""

import warnings

import numpy as np
import onnx
import onnxruntime as ort
import torch
from train import HERE, rows, write

OPSET = 17


def export(net, example, name):
    """The inference graph with fixed extents and a batch of 1, and a session that runs it."""
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    path = folder / "network.onnx"
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
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    return model, ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])


def export_newest(net, example, name):
    """The same as the exporter writes it that traces no more, at the opset that it chooses."""
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    path = folder / "network.onnx"
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
    model = without_traces(onnx.load(path))
    onnx.save(model, path)
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
