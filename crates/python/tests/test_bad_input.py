"""Whatever is wrong is an exception of a class that says what, and leaves the objects usable."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import provenn
from provenn import errors

X = np.linspace(-0.05, 0.05, 10)


@pytest.mark.parametrize(
    "x",
    [
        X,
        X[None],
        X.tolist(),
        X.astype(np.float32),
        X.astype(">f8"),
        X.astype(">f4"),
        X.astype(np.longdouble),
        np.repeat(X, 2)[::2],
        X[::-1][::-1],
        np.asfortranarray(np.stack([X, X])[:1]),
        {"input": X},
        (X,),
    ],
    ids=lambda x: getattr(getattr(x, "dtype", None), "str", type(x).__name__),
)
def test_layouts_and_byte_orders_are_one_input(circuit: provenn.Circuit, x: Any) -> None:
    expected = circuit.witness(X).outputs["output"]
    np.testing.assert_allclose(circuit.witness(x).outputs["output"], expected, rtol=1e-3)


def test_whole_numbers_and_truth_values_are_numbers(two_inputs: provenn.Model) -> None:
    ones = two_inputs.run((np.ones(4), np.ones(5)))
    for dtype in (np.int8, np.uint64, np.bool_):
        same = two_inputs.run((np.ones(4, dtype), np.ones(5, dtype)))
        for name, output in ones.items():
            np.testing.assert_array_equal(same[name], output)


@pytest.mark.parametrize(
    ("x", "words"),
    [
        (X.astype(complex), "dtype complex128"),
        (X.astype(str), "dtype <U"),
        (X.astype(object), "dtype object"),
        (np.array(["2020-01-01"] * 10, dtype="M8[D]"), "dtype datetime64"),
        ([[1.0], [1.0, 2.0]], "no array"),
        (np.ma.masked_invalid([np.nan] + [0.0] * 9), "masked"),
        (np.zeros((1, 9)), "expected 10"),
        (np.zeros((1, 11)), "expected 10"),
        (np.zeros((0, 10)), "no observations|lists of values"),
        (np.zeros(()), "expected 10"),
        (np.where(np.arange(10) == 3, np.nan, X), "value 3 is NaN"),
        (np.where(np.arange(10) == 4, np.inf, X), "value 4 is inf"),
        (np.full(10, 1e300), "beyond what a 32-bit float holds"),
        ({"x": X}, "input"),
        ((X, X), "2 arrays"),
        (np.zeros((2, 10)), "say which with index"),
    ],
    ids=str,
)
def test_what_is_no_input_is_refused(prover: provenn.Prover, x: Any, words: str) -> None:
    with pytest.raises(errors.DataError, match=words):
        prover.prove(x)
    with pytest.raises(ValueError):
        prover.witness(x)
    assert prover.mock(X) is None  # type: ignore[func-returns-value]


def test_arrays_of_several_inputs_must_agree(two_inputs: provenn.Model) -> None:
    with pytest.raises(errors.DataError, match="has 3 observations, `x0` has 2"):
        two_inputs.run((np.zeros((2, 4)), np.zeros((3, 5))))
    with pytest.raises(errors.DataError, match="give a dict or a tuple"):
        two_inputs.run(np.zeros(4))


def test_an_observation_that_is_not_there(circuit: provenn.Circuit) -> None:
    for index in (2, -1):
        with pytest.raises(errors.DataError, match="index"):
            circuit.witness(np.zeros((2, 10)), index=index)


def test_a_file_that_is_not_there(tmp_path: Path, linear: provenn.Model) -> None:
    missing = tmp_path / "none"
    for read in (
        provenn.Model.load,
        provenn.Settings.load,
        provenn.Circuit.load,
        provenn.Srs.load,
        provenn.VerifierSrs.load,
        provenn.ProvingKey.load,
        provenn.VerifyingKey.load,
        provenn.Proof.load,
        provenn.Observations.load,
        provenn.digest,
        linear.calibrate,
    ):
        with pytest.raises(errors.MissingFileError, match="none") as caught:
            read(missing)
        assert isinstance(caught.value, FileNotFoundError)


def test_a_file_of_another_kind(tmp_path: Path, prover: provenn.Prover, models: Path) -> None:
    prover.save(tmp_path)
    onnx, data = models / "diabetes_linear/network.onnx", models / "diabetes_linear/input.json"
    for read, path, kind in (
        (provenn.Model.load, tmp_path / "pk.key", errors.ModelError),
        (provenn.Circuit.load, onnx, errors.ArtefactError),
        (provenn.ProvingKey.load, tmp_path / "vk.key", errors.KeyFileError),
        (provenn.VerifyingKey.load, tmp_path / "kzg.srs", errors.KeyFileError),
        (provenn.Srs.load, tmp_path / "pk.key", errors.SrsError),
        (provenn.Settings.load, data, errors.SettingsError),
        (provenn.Proof.load, data, errors.ArtefactError),
        (provenn.Observations.load, onnx, errors.DataError),
        (provenn.digest, data, errors.ArtefactError),
    ):
        with pytest.raises(kind):
            read(path)
    with pytest.raises(errors.FileError):
        prover.srs.save(tmp_path / "no folder" / "kzg.srs")


def test_what_does_not_belong_together(
    linear: provenn.Model, prover: provenn.Prover, two_inputs: provenn.Model
) -> None:
    other = two_inputs.calibrate(two_inputs.random_data(8)).compile()
    keys = other.setup(provenn.Srs.draw_insecure(max(other.k, prover.circuit.k)))
    with pytest.raises(errors.ProveError):
        provenn.Prover(prover.circuit, keys.key, prover.srs).prove(X)
    proof = prover.prove(X)
    with pytest.raises(errors.InvalidProofError, match="verifying key"):
        provenn.verify(proof, keys.verifying_key, keys.srs, allow_insecure_srs=True)
    with pytest.raises(errors.SettingsError, match="digest|model"):
        two_inputs.compile(linear.gen_settings())
    with pytest.raises(errors.SrsError, match="k ="):
        prover.circuit.setup(provenn.Srs.draw_insecure(prover.circuit.k - 1))


def test_arguments_out_of_range(linear: provenn.Model, prover: provenn.Prover) -> None:
    with pytest.raises(errors.SettingsError, match="bits"):
        linear.gen_settings(bits=99)
    with pytest.raises(errors.SettingsError, match="input_visibility|unknown variant"):
        linear.gen_settings(input_visibility="secret")  # type: ignore[arg-type]
    with pytest.raises(errors.SettingsError, match="unknown field `depth`"):
        linear.gen_settings(depth=3)  # type: ignore[call-arg]
    with pytest.raises(errors.SettingsError, match="unknown variant `cheap`"):
        linear.calibrate(np.zeros((3, 10)), target="cheap")  # type: ignore[arg-type]
    with pytest.raises(errors.SettingsError, match="one of both"):
        linear.calibrate(np.zeros((3, 10)), settings=linear.gen_settings(), bits=12)
    with pytest.raises(errors.ProveError, match="own"):
        prover.prove(X, prover="other")  # type: ignore[arg-type]
    with pytest.raises(errors.ProveError, match="max_memory_gib"):
        prover.prove(X, max_memory_gib=-1)
    for k in (0, 99, -1, 1 << 40):
        with pytest.raises(errors.SrsError):
            provenn.Srs.draw_insecure(k)
    with pytest.raises(TypeError):
        provenn.Srs.draw_insecure("9")  # type: ignore[arg-type]


def test_too_little_memory_is_refused_before_the_work(prover: provenn.Prover) -> None:
    with pytest.raises(errors.ProveError, match="memory|MiB|GiB"):
        prover.prove(X, max_memory_gib=1e-6)


def test_a_model_with_unknown_extents(models: Path) -> None:
    with pytest.raises(errors.ModelError, match="rows"):
        provenn.Model.load(models / "diabetes_linear/network.onnx", variables={"rows": 2})


def test_values_beyond_their_ranges_are_told(circuit: provenn.Circuit) -> None:
    with pytest.warns(errors.SaturationWarning):
        witness = circuit.witness(np.full(10, 50.0))
    assert witness.saturation


def test_a_panic_is_an_exception_that_says_where(prover: provenn.Prover) -> None:
    with pytest.raises(errors.InternalError, match=r"work\.rs:\d+.*lanes are 3.*report it"):
        provenn._native._panic("lanes are 3")
    prover.mock(X)


def test_every_exception_is_one_of_the_package() -> None:
    for name in errors.__all__:
        kind = getattr(errors, name)
        assert issubclass(kind, (provenn.ProvennError, errors.ProvennWarning)), name
        assert kind.__doc__
    assert issubclass(provenn.ProvennError, RuntimeError)
