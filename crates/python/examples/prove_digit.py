"""Proves what a convolutional network sees in a handwritten digit, from the ONNX file to a verified proof."""

from pathlib import Path

import provenn

MODEL = Path(__file__).parents[3] / "models" / "digits_cnn"


def main() -> None:
    model = provenn.Model.load(MODEL / "network.onnx")
    calibration = model.calibrate(MODEL / "calibration.json")
    circuit = calibration.compile()
    srs = provenn.Srs.draw_insecure(circuit.k)  # for tests; Srs.get(circuit.k) fetches a ceremony's
    prover = circuit.setup(srs)
    proof = prover.prove(MODEL / "input.json")
    verified = provenn.verify(proof, prover.verifying_key, srs, allow_insecure_srs=True)
    print(verified)
    print("class  ", verified.outputs["output"].argmax())


if __name__ == "__main__":
    main()
