"""Keras as the oracle: what the reader makes of a saved model must predict what Keras predicts."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from assay.grading.engine import Session
from assay.grading.modelfile import ModelGraph, read

TOLERANCE = 1e-5  # of the largest prediction


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the oracle warn as it likes; only our own warnings are failures."""
    for item in items:
        if item.get_closest_marker("train") and Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings("ignore"))


@pytest.fixture(scope="session")
def keras() -> Iterator[ModuleType]:
    """Keras on TensorFlow; importing it takes seconds, so only tests that ask for it do."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("keras", exc_type=ImportError)


@pytest.fixture
def numbers() -> np.random.Generator:
    return np.random.default_rng(0)


def randomize(model, generator: np.random.Generator) -> None:
    """Give every weight values that could not be mistaken for another's."""
    for weight in model.weights:
        name = weight.path.rsplit("/", 1)[-1]
        if name == "count":
            continue
        values = generator.normal(size=weight.shape) * 0.5
        if "variance" in name:
            values = np.abs(values) + 0.5
        weight.assign(values.astype("float32"))


def predicted(model, inputs) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.asarray(model(inputs if len(inputs) > 1 else inputs[0], training=False))


def own_rounding(model, inputs, wanted: np.ndarray, generator: np.random.Generator) -> float:
    """Return how far Keras's own prediction moves if all numbers move by a rounding error.

    Where a normalization divides by next to nothing, no two orders of summing agree: an answer
    cannot be more exact than its question. Measured over some random moves of inputs and weights.
    """

    def nudged(array: np.ndarray) -> np.ndarray:
        if not np.issubdtype(array.dtype, np.floating):
            return array
        return (array * (1 + 2**-23 * generator.choice([-1, 1], array.shape))).astype(array.dtype)

    weights = model.get_weights()
    moved = 0.0
    for _ in range(8):
        model.set_weights([nudged(weight) for weight in weights])
        now = predicted(model, [nudged(array) for array in inputs])
        moved = max(moved, float(np.nanmax(np.abs(now - wanted))))
    model.set_weights(weights)
    return moved


@pytest.fixture
def agrees(keras, tmp_path: Path, numbers) -> Callable[..., ModelGraph]:
    """Return a function that saves a model in both formats and compares predictions."""

    def compare(
        model, *inputs, new_weights: bool = True, ill_conditioned: bool = False
    ) -> ModelGraph:
        if new_weights:
            randomize(model, numbers)
        wanted = predicted(model, list(inputs))
        finite = np.isfinite(wanted)  # the mean over a sample that is masked altogether is none
        assert finite.any()
        scale = max(float(np.abs(wanted[finite]).max()), 1e-6)
        for extension in ("h5", "keras"):
            path = tmp_path / f"model.{extension}"
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                model.save(path)
            graph = read(path.read_bytes())
            with Session(graph) as session:
                received = session.predict({str(n): array for n, array in enumerate(inputs)})
            assert received.shape == wanted.shape, extension
            assert (np.isfinite(received) == finite).all(), extension
            error = float(np.abs(received - wanted)[finite].max()) / scale
            bound = TOLERANCE
            if ill_conditioned and error >= bound:
                moved = own_rounding(model, list(inputs), wanted, np.random.default_rng(0))
                bound = max(bound, 4 * moved / scale)
            assert error < bound, f"{extension}: off by {error:.1e} of the largest prediction"
        assert graph.parameters == sum(
            int(np.prod(weight.shape))
            for weight in model.weights
            if weight.path.rsplit("/", 1)[-1] != "count"
        )
        return graph

    return compare


@pytest.fixture
def chain(keras, agrees, numbers) -> Callable[..., ModelGraph]:
    """Return a function that compares a stack of layers on random inputs."""

    def compare(shape, *layers, ids: int = 0, samples: int = 3, **options) -> ModelGraph:
        dtype = "int32" if ids else "float32"
        model = keras.Sequential([keras.Input(shape, dtype=dtype), *layers])
        shape = tuple(5 if size is None else size for size in shape)
        if ids:
            x = numbers.integers(0, ids, (samples, *shape)).astype("int32")
        else:
            x = numbers.normal(size=(samples, *shape)).astype("float32")
        return agrees(model, x, **options)

    return compare
