"""What the reader does not cover may go to Keras itself, behind the same lock."""

from __future__ import annotations

import importlib
import json
import os
import sys
from dataclasses import replace

import numpy as np
import pytest

from assay.errors import Refusal
from assay.grading import refusals
from assay.grading.modelfile.writing import h5_file, layer
from assay.grading.sandbox import Enclosure, GradingFault, Runner
from assay.grading.sandbox.locked import LockedHouse
from assay.items.contract import Contract, InputSpec, Limits, OutputKind, OutputSpec

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
keras = pytest.importorskip("keras", reason="the second path needs Keras", exc_type=ImportError)
pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the lock needs Linux"),
    pytest.mark.filterwarnings("ignore"),  # Keras's own
    pytest.mark.train,
]

LIMITS = Limits(
    file_bytes=10_000_000,
    parameters=1_000_000,
    multiply_adds=10**9,
    memory_bytes=3 * 10**9,
    seconds=60.0,
)
SOUND = Contract(
    inputs=(InputSpec(name="wave", shape=(800,), dtype="float32"),),
    output=OutputSpec(shape=(2,), kind=OutputKind.VALUE),
)
WAVES = np.random.default_rng(3).normal(size=(70, 800)).astype(np.float32)


@pytest.fixture(scope="module")
def runner():
    with Runner(threads=2, second_path=True) as runner:
        yield runner


@pytest.fixture(scope="module")
def listener():
    """A model with a layer that the reader does not cover."""
    spectrogram = keras.layers.STFTSpectrogram(
        mode="log", frame_length=64, frame_step=32, fft_length=64
    )
    reshape = keras.layers.Reshape((800, 1))
    keras.utils.set_random_seed(1)
    return keras.Sequential(
        [
            keras.Input((800,), name="wave"),
            reshape,
            spectrogram,
            keras.layers.BatchNormalization(),
            keras.layers.Bidirectional(keras.layers.LSTM(3)),
            keras.Sequential([keras.layers.Dense(3), keras.layers.Dense(2)]),
        ]
    )


@pytest.mark.parametrize("ending", ["h5", "keras"])
def test_a_layer_that_the_reader_does_not_cover_is_run_by_keras(runner, listener, tmp_path, ending):
    file = tmp_path / f"mymodel.{ending}"
    listener.save(file)
    expected = np.asarray(listener(WAVES, training=False))

    predictions = runner.predict(file, {"wave": WAVES}, SOUND, LIMITS)

    assert np.allclose(predictions, expected, rtol=1e-4, atol=1e-5)
    assert runner.inspect(file).layers[1].kind == "STFTSpectrogram"


def test_whole_numbers_are_looked_up(runner, tmp_path):
    model = keras.Sequential(
        [
            keras.Input((3,), dtype="int32", name="codes"),
            keras.layers.IntegerLookup(vocabulary=[10, 20, 30], output_mode="multi_hot"),
            keras.layers.Dense(1),
        ]
    )
    contract = Contract(
        inputs=(InputSpec(name="codes", shape=(3,), dtype="int32"),),
        output=OutputSpec(shape=(1,), kind=OutputKind.VALUE),
    )
    codes = np.array([[10, 20, 7], [30, 30, 30]], np.int32)
    file = tmp_path / "mymodel.keras"
    model.save(file)

    try:
        predictions = runner.predict(file, {"codes": codes}, contract, LIMITS)
    except refusals.UnknownLayer:
        pytest.fail("Keras was not asked")

    assert np.allclose(predictions, np.asarray(model(codes)), rtol=1e-5, atol=1e-6)


def test_without_the_second_path_the_layer_is_named(listener, tmp_path):
    file = tmp_path / "mymodel.keras"
    listener.save(file)

    with Runner() as plain, pytest.raises(refusals.UnknownLayer, match="STFTSpectrogram"):
        plain.predict(file, {"wave": WAVES}, SOUND, LIMITS)


def test_the_task_judges_such_a_model_as_any_other(runner, listener, tmp_path):
    file = tmp_path / "mymodel.keras"
    listener.save(file)
    one = Contract(inputs=SOUND.inputs, output=OutputSpec(shape=(3,), kind=OutputKind.VALUE))
    small = replace(LIMITS, parameters=10)

    with pytest.raises(refusals.WrongOutputShape):
        runner.predict(file, {"wave": WAVES}, one, LIMITS)
    with pytest.raises(refusals.TooManyParameters):
        runner.predict(file, {"wave": WAVES}, SOUND, small)


def uncovered():
    return layer("MelSpectrogram", "mel")


@pytest.mark.parametrize(
    "bad",
    [
        layer("Lambda", "code", function={"class_name": "__lambda__", "config": {"code": "4wEA"}}),
        layer("TFSMLayer", "saved", filepath="/etc"),
        layer("TorchModuleWrapper", "torch", module="gASV"),
        layer("Activation", "get", activation={"module": "keras.utils", "class_name": "function"}),
        layer("Dense", "own", units=1) | {"module": "os", "class_name": "system"},
        layer("Dense", "own", units=1) | {"registered_name": "mine>Dense"},
        layer("TextVectorization", "words", vocabulary="/etc/passwd"),
        layer("StringLookup", "words", vocabulary="/etc/passwd"),
    ],
    ids=lambda bad: bad["class_name"],
)
def test_programs_and_files_are_refused_on_the_second_path_too(runner, tmp_path, bad):
    file = tmp_path / "mymodel.h5"
    file.write_bytes(
        h5_file(
            layer(
                "Sequential",
                "model",
                layers=[layer("InputLayer", "i", batch_shape=[None, 800]), uncovered(), bad],
            ),
            {},
        )
    )

    with pytest.raises(Refusal):
        runner.predict(file, {"wave": WAVES}, SOUND, LIMITS)


def test_the_check_stops_before_keras_does(tmp_path):
    """What the allow-list refuses, Keras is never given: not even to look at."""
    second_path = importlib.import_module("assay.grading.second_path")
    config = json.loads(json.dumps(layer("Lambda", "code", function="x")))

    with pytest.raises(refusals.LambdaLayer):
        second_path.open_model(h5_file(layer("Sequential", "m", layers=[config]), {}), None)


@pytest.mark.slow  # each starts a warm parent with Keras
@pytest.mark.parametrize("enclosure", list(Enclosure))
def test_its_lock_is_tried_like_the_other(enclosure):
    house = LockedHouse(
        threads=1, enclosures=[enclosure], with_landlock=False, attempts=None, second_path=True
    )
    try:
        house.start()
    except GradingFault as fault:
        pytest.skip(f"no {enclosure} here: {fault.detail.splitlines()[0]}")
    try:
        assert house.self_test().is_sandboxed
    finally:
        house.close()
