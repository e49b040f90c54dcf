"""What README and book show, as it stands there."""

from __future__ import annotations

import doctest
import importlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Iterator

import numpy as np
import pytest

import provenn

ROOT = Path(__file__).parents[3]


def blocks(page: Path) -> str:
    """The page's Python, one after the other."""
    return "\n".join(re.findall(r"^```python\n(.*?)^```", page.read_text(), re.S | re.M))


def run(script: str, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def folder(tmp_path: Path, models: Path) -> Path:
    shutil.copy(models / "digits_cnn" / "network.onnx", tmp_path)
    shutil.copy(models / "digits.npz", tmp_path)
    return tmp_path


def test_the_books_page_works_as_written(folder: Path) -> None:
    said = run(blocks(ROOT / "docs" / "src" / "python.md"), folder)
    assert "value 0 is NaN" in said and " of " in said


def test_the_packages_readme_works_as_written(folder: Path) -> None:
    given = (
        "import numpy\nobservations = numpy.load('digits.npz')['input'][:50]\n"
        "observation = observations[0]\n"
    )
    assert "output" in run(given + blocks(ROOT / "crates" / "python" / "README.md"), folder)


def test_the_example_proves(tmp_path: Path) -> None:
    script = (ROOT / "crates" / "python" / "examples" / "prove_digit.py").read_text()
    script = script.replace("Path(__file__).parents[3]", f"Path({str(ROOT)!r})")
    assert "verified" in run(script, tmp_path)


def test_the_readme_names_commands_that_there_are() -> None:
    readme = (ROOT / "README.md").read_text()
    commands = re.search(r"### Python\n.*?```bash\n(.*?)```", readme, re.S)
    assert commands is not None
    for path in re.findall(r"(crates/\S+)", commands[1]):
        assert (ROOT / path).exists(), path


def members(thing: type) -> Iterator[tuple[str, object]]:
    """Public methods and properties, those of bases of the package too."""
    for of in thing.__mro__:
        if of.__module__.startswith("provenn"):
            yield from ((name, value) for name, value in vars(of).items() if not name.startswith("_"))


def test_everything_public_is_documented() -> None:
    for name in provenn.__all__:
        thing = getattr(provenn, name)
        assert thing.__doc__, name
        if isinstance(thing, type) and thing.__module__.startswith("provenn"):
            for member, value in members(thing):
                if isinstance(value, property) or callable(getattr(value, "__func__", value)):
                    assert value.__doc__, f"{name}.{member}"
    assert np.__name__ not in provenn.__all__


@pytest.mark.parametrize(
    "module",
    ["_arrays", "_circuit", "_felts", "_files", "_model", "_progress", "_settings", "_srs", "ezkl"],
)
def test_examples_in_docstrings_hold(
    module: str, models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(models / "diabetes_linear", tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    given = {"np": np, "provenn": provenn}
    result = doctest.testmod(importlib.import_module(f"provenn.{module}"), extraglobs=given)
    assert result.attempted and not result.failed


def test_importing_the_package_imports_no_array_library(tmp_path: Path) -> None:
    said = run("import sys, provenn; print('numpy' in sys.modules)", tmp_path)
    assert said.strip() == "False"
