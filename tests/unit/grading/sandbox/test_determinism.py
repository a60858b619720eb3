"""One file, one mark: the same bytes come out whenever and however a model is run."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from assay.grading import grade
from assay.grading.modelfile.writing import h5_file, layer, sequential
from assay.grading.sandbox import Enclosure, Runner
from assay.items.contract import Contract, InputSpec, Limits, OutputKind, OutputSpec
from assay.items.spec import MetricName, MetricYaml
from assay.items.variant import Split

CONTRACT = Contract(
    inputs=(InputSpec(name="window", shape=(24, 3), dtype="float32"),),
    output=OutputSpec(shape=(4,), kind=OutputKind.CLASS_PROBABILITIES),
)
LIMITS = Limits(
    file_bytes=10_000_000,
    parameters=10_000_000,
    multiply_adds=10_000_000_000,
    memory_bytes=1_000_000_000,
    seconds=60.0,
)
METRIC = MetricYaml(name=MetricName.ACCURACY, cuts=[0.2, 0.22, 0.24, 0.26, 0.28])
RNG = np.random.default_rng(7)
INPUTS = {"window": RNG.normal(size=(2000, 24, 3)).astype(np.float32)}
LABELS = RNG.integers(0, 4, 2000)


def numbers(*shape):
    return RNG.normal(scale=0.3, size=shape)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A model with a convolution, a recurrent layer and a softmax."""
    config = sequential(
        [
            layer("Conv1D", "conv", filters=16, kernel_size=[5], padding="causal"),
            layer("LSTM", "lstm", units=32),
            layer("Dense", "dense", units=4, activation="softmax"),
        ],
        (24, 3),
    )
    weights = {
        "conv": {"kernel": numbers(5, 3, 16), "bias": numbers(16)},
        "lstm": {
            "kernel": numbers(16, 128),
            "recurrent_kernel": numbers(32, 128),
            "bias": numbers(128),
        },
        "dense": {"kernel": numbers(32, 4), "bias": numbers(4)},
    }
    file = tmp_path_factory.mktemp("model") / "mymodel.h5"
    file.write_bytes(h5_file(config, weights))
    return file


def graded(runner, model):
    """Return the bytes of the predictions, and the mark."""
    outcome = grade(
        runner,
        model,
        contract=CONTRACT,
        limits=LIMITS,
        metric=METRIC,
        split=Split(inputs=INPUTS, labels=LABELS),
    )
    return runner.predict(model, INPUTS, CONTRACT, LIMITS).tobytes(), outcome


@pytest.fixture(scope="module")
def first(model):
    with Runner(threads=1) as runner:
        return graded(runner, model)


@pytest.mark.parametrize("threads", [1, 2])
def test_a_hundred_runs_give_one_mark(model, first, threads):
    with Runner(threads=threads) as runner:
        results = {graded(runner, model) for _ in range(50)}

    assert results == {first}


def test_runs_beside_each_other_give_the_same_mark(model, first):
    with Runner(threads=2) as runner, ThreadPoolExecutor(4) as pool:
        results = set(pool.map(lambda _: graded(runner, model), range(12)))

    assert results == {first}


@pytest.mark.parametrize("options", [{}, {"enclosures": [Enclosure.NOTHING]}, {"plain": True}])
def test_a_restart_does_not_change_the_mark(model, first, options):
    results = set()
    for threads in (1, 2):
        with Runner(threads=threads, **options) as runner:
            results.add(graded(runner, model))

    assert results == {first}


def test_samples_do_not_influence_each_other(model, first):
    # A candidate's mark must not depend on who else is in the batch: the
    # predictions of the first half are those of the whole.
    half = {"window": INPUTS["window"][:1000]}
    with Runner() as runner:
        whole = runner.predict(model, INPUTS, CONTRACT, LIMITS)
        part = runner.predict(model, half, CONTRACT, LIMITS)

    assert np.allclose(part, whole[:1000], rtol=1e-5)
