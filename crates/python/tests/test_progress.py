"""Progress: to a function, a bar, a class of bars; of one call or of all in a block."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import provenn


class Bar:
    """As much of tqdm as is used."""

    made: list["Bar"] = []

    def __init__(self, desc: str = "", total: int | None = None) -> None:
        self.desc, self.total, self.n, self.closed = desc, total, 0, False
        Bar.made.append(self)

    def update(self, n: int) -> None:
        self.n += n

    def close(self) -> None:
        self.closed = True


def test_a_function_is_told_in_order(linear: provenn.Model, models: Path) -> None:
    told: list[tuple[int, int]] = []
    linear.calibrate(
        models / "diabetes_linear" / "calibration.json",
        progress=lambda done, total: told.append((done, total)),
    )
    assert told and told == sorted(told) and all(done <= total for done, total in told)


def test_a_class_of_bars_is_made_and_closed(linear: provenn.Model, circuit: provenn.Circuit) -> None:
    Bar.made.clear()
    with provenn.progress(Bar):
        linear.run(np.zeros((3, 10)))
        circuit.witness(np.zeros(10))
    assert [bar.desc for bar in Bar.made] == ["float model", "witness"]
    assert all(bar.closed and bar.n == bar.total == 1 for bar in Bar.made)


def test_a_bar_of_ones_own_stays_open(calibration: provenn.Calibration) -> None:
    bar = Bar()
    calibration.quantization_error(np.zeros((70, 10)), progress=bar)
    assert bar.n == bar.total == 70 and not bar.closed


def test_a_call_may_be_silent_in_a_block(circuit: provenn.Circuit) -> None:
    def refuse(done: int, total: int) -> None:
        raise AssertionError

    with provenn.progress(refuse):
        circuit.witness(np.zeros(10), progress=False)


def test_what_is_no_progress_is_refused(circuit: provenn.Circuit) -> None:
    wrong: Any = 3
    with pytest.raises(TypeError, match="progress"):
        circuit.witness(np.zeros(10), progress=wrong)
