"""What Python adds: to start, per call, and to a proof, against the command line.

``python overhead.py MODEL_FOLDER [PROVENN]``: a folder with network.onnx, calibration.json and input.json; the command, if
it is to be compared. Medians; wall seconds need a quiet machine, CPU seconds less so.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Callable

import numpy as np

import provenn

REPEATS = 15


def seconds(call: Callable[[], object], repeats: int = REPEATS) -> float:
    """The median time of a call."""
    times = []
    for _ in range(repeats):
        begun = time.perf_counter()
        call()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def both(call: Callable[[], object]) -> tuple[float, float]:
    """Wall and CPU seconds of a call, its threads and the processes that it waits for."""
    wall, cpu = time.perf_counter(), cpu_seconds()
    call()
    return time.perf_counter() - wall, cpu_seconds() - cpu


def cpu_seconds() -> float:
    """Of this process and those that it waited for."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def importing() -> float:
    """CPU seconds that the import takes in a new interpreter."""
    script = "import time; t = time.process_time(); import provenn; print(time.process_time() - t)"
    runs = (
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
        for _ in range(REPEATS)
    )
    return statistics.median(float(run.stdout) for run in runs)


def main() -> None:
    folder = Path(sys.argv[1])
    print(f"import            {importing() * 1e3:8.2f} ms CPU")
    x = np.zeros((1, 1024))
    slots = [("x", (1, 1024))]
    from provenn._arrays import observations

    print(f"array of 1024     {seconds(lambda: observations(x, slots), 200) * 1e3:8.3f} ms")
    srs = provenn.Srs.draw_insecure(1)
    # A step of its own thread that does next to nothing.
    print(f"empty step        {seconds(lambda: srs._native.truncated(1), 200) * 1e3:8.3f} ms")

    model = provenn.Model.load(folder / "network.onnx")
    calibration = model.calibrate(folder / "calibration.json")
    circuit = calibration.compile()
    prover = circuit.setup(provenn.Srs.draw_insecure(circuit.k))
    witness = prover.witness(folder / "input.json", index=0)
    print(f"prove (in memory) {seconds(lambda: prover.prove(witness)) * 1e3:8.2f} ms  k = {circuit.k}")
    if len(sys.argv) < 3:
        return
    with tempfile.TemporaryDirectory() as place:
        out = Path(place)
        prover.save(out)
        witness.save(out / "witness.json")
        command: list[str | Path] = [
            *(sys.argv[2], "--json", "prove", "-W", out / "witness.json"),
            *("-M", out / "model.compiled", "--pk-path", out / "pk.key"),
            *("--srs-path", out / "kzg.srs", "--proof-path", out / "proof.json"),
        ]

        def by_command() -> None:
            subprocess.run(command, capture_output=True, check=True)

        # The same from files: reading the artefacts, proving, writing the proof.
        def by_python() -> None:
            again = provenn.Prover.load(out / "model.compiled", out / "pk.key", out / "kzg.srs")
            loaded = again.circuit.load_witness(out / "witness.json")
            again.prove(loaded).save(out / "proof.json")

        runs = [(both(by_python), both(by_command)) for _ in range(REPEATS)]
        for i, what in enumerate(("wall", "CPU")):
            python_s, command_s = (statistics.median(run[j][i] for run in runs) for j in (0, 1))
            print(
                f"prove from files  {python_s * 1e3:8.2f} ms {what}, the command "
                f"{command_s * 1e3:8.2f} ms: {python_s / command_s - 1:+.1%}"
            )


if __name__ == "__main__":
    main()
