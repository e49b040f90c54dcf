"""What notebooks show."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import provenn


def test_the_layout_is_drawn(circuit: provenn.Circuit) -> None:
    html = circuit._repr_html_()
    assert "<svg" in html and "<script" not in html and circuit.inspect()["nodes"]


def test_the_comparison_stands_in_a_frame_of_its_own(
    calibration: provenn.Calibration, tmp_path: Path
) -> None:
    report = calibration.quantization_error(np.zeros((4, 10)))
    html = report._repr_html_()
    assert html.startswith("<iframe srcdoc=") and html.count("<") == 2
    report.save(tmp_path / "report.html")
    assert (tmp_path / "report.html").read_text() == report.html()


def test_the_frontier_is_drawn(calibration: provenn.Calibration) -> None:
    front = calibration.frontier()
    assert "<svg" in front._repr_html_() and len(front.points) == len(front.settings)
    assert front.settings[front.chosen] == calibration.settings
