"""The interpreter goes on while steps work, and ends them."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import provenn
from provenn import errors

X = np.linspace(-0.05, 0.05, 10)


def test_two_proofs_at_once(prover: provenn.Prover) -> None:
    inputs = [X * scale for scale in (0.25, 0.5, 0.75, 1.0)]
    with ThreadPoolExecutor(4) as pool:
        proofs = list(pool.map(prover.prove, inputs))
    for x, proof in zip(inputs, proofs, strict=True):
        verified = provenn.verify(proof, prover.key, prover.srs, allow_insecure_srs=True)
        np.testing.assert_allclose(verified.inputs["input"].ravel(), x, atol=1e-3)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_other_threads_run_on(tmp_path: Path) -> None:
    """What the step waits for is written by a thread that needs the interpreter's lock."""
    pipe = tmp_path / "data.json"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_text("[[1, 2]]"))
    writer.start()
    assert provenn.Observations.load(pipe)
    writer.join()


def test_tasks_of_an_event_loop(linear: provenn.Model, models: Path) -> None:
    async def work() -> provenn.Verified:
        data = models / "diabetes_linear" / "calibration.json"
        circuit = await (await linear.calibrate_async(data)).compile_async()
        srs = await provenn.in_thread(provenn.Srs.draw_insecure, circuit.k)
        prover = await circuit.setup_async(srs)
        one, other = await asyncio.gather(prover.prove_async(X), prover.prove_async(-X))
        await provenn.verify_async(one, prover.key, srs, allow_insecure_srs=True)
        return await provenn.verify_async(other, prover.key, srs, allow_insecure_srs=True)

    assert asyncio.run(work())


def test_a_cancelled_task_ends_a_search(models: Path) -> None:
    model = provenn.Model.load(models / "digits_cnn" / "network.onnx")
    told: list[int] = []
    begun, cancelled = threading.Event(), threading.Event()

    def tell(done: int, total: int) -> None:
        told.append(done)
        begun.set()
        cancelled.wait()

    async def work() -> None:
        data = models / "digits_cnn" / "calibration.json"
        task = asyncio.create_task(model.calibrate_async(data, progress=tell))
        await asyncio.to_thread(begun.wait)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        cancelled.set()

    asyncio.run(work())
    # What the search had to tell since then was not listened to.
    assert len(told) == 1


def test_an_exception_of_a_callback_ends_the_search(linear: provenn.Model, models: Path) -> None:
    def stop(done: int, total: int) -> None:
        raise KeyError("enough")

    data = models / "diabetes_linear" / "calibration.json"
    with pytest.raises(KeyError, match="enough"):
        linear.calibrate(data, progress=stop)
    assert linear.calibrate(data)


INTERRUPTED = """
import os, signal, sys
import provenn
model = provenn.Model.load(sys.argv[1] + "/network.onnx")
count = 0
def tell(done, total):
    global count
    count += 1
    if count == 1:
        os.kill(os.getpid(), signal.SIGINT)
try:
    with provenn.progress(tell):
        model.calibrate(sys.argv[1] + "/calibration.json")
except KeyboardInterrupt:
    print("interrupted", count)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of another kind")
def test_an_interrupt_ends_the_step(models: Path) -> None:
    # One whose search takes long enough to tell of.
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, str(models / "shakespeare_gpt")],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split()[0] == "interrupted", done.stderr
    assert int(done.stdout.split()[1]) < 5


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no forks here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_says_so(prover: provenn.Prover) -> None:
    prover.prove(X)
    context: Any = multiprocessing.get_context("fork")
    with context.Pool(1) as pool:
        assert pool.apply(_kind_of_failure) == "ForkedError"


def _kind_of_failure() -> str:
    try:
        provenn.Srs.draw_insecure(4)
    except errors.ProvennError as error:
        return type(error).__name__
    return "none"
