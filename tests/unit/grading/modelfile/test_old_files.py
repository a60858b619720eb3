"""Files of older versions of Keras, made by `tests/fixtures/modelfiles/make.py`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from assay.grading import refusals
from assay.grading.engine import Session
from assay.grading.modelfile import read
from assay.grading.modelfile.writing import h5_file, layer, sequential

FOLDER = Path(__file__).resolve().parents[3] / "fixtures" / "modelfiles"
FILES = sorted(path for path in FOLDER.glob("*/*") if path.suffix in {".h5", ".keras"})


def test_there_are_files_of_every_dialect():
    assert {path.parent.name for path in FILES} == {"tf-2.12", "tf-2.13", "tf-2.15", "tf-2.16"}
    assert all(path.stat().st_size < 50_000 for path in FILES)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_it_predicts_what_the_version_predicted_that_wrote_the_file(path):
    with np.load(path.parent / "expected.npz") as expected:
        name = path.stem
        inputs = {key: expected[key] for key in expected.files if key.startswith(f"{name}_input")}
        wanted = expected[f"{name}_output"]

    received = Session(read(path.read_bytes())).predict(inputs)

    assert received == pytest.approx(wanted, abs=1e-5 * float(np.abs(wanted).max()))


# The four spellings that break Keras 3


def test_hdf5_under_the_name_of_the_newer_format_is_read():
    path = FOLDER / "tf-2.12" / "misnamed.keras"

    assert read(path.read_bytes()).kind == "keras-h5"


def test_normalization_with_statistics_of_shape_1_is_read():
    layers = [layer("Normalization", "norm", axis=[-1])]
    weights = {"norm": {"mean": [2.0], "variance": [4.0], "count": 0.0}}
    old = h5_file(sequential(layers, (1,)), weights, version="2.9.0")

    assert Session(read(old)).predict({"x": np.array([[6.0]], "f4")}).tolist() == [[2.0]]


def lstm(name="lstm", **options):
    return layer("LSTM", name, units=1, recurrent_activation="sigmoid", **options)


LSTM_WEIGHTS = {
    "kernel": np.ones((1, 4)),
    "recurrent_kernel": np.ones((1, 4)),
    "bias": np.zeros(4),
}


def test_an_lstm_saved_with_time_major_is_read():
    old = h5_file(sequential([lstm(time_major=False)], (3, 1)), {"lstm": LSTM_WEIGHTS})

    assert Session(read(old)).predict({"x": np.ones((2, 3, 1), "f4")}).shape == (2, 1)


def test_steps_before_samples_are_refused_by_the_options_name():
    old = h5_file(sequential([lstm(time_major=True)], (3, 1)), {"lstm": LSTM_WEIGHTS})

    with pytest.raises(refusals.UnsupportedOption) as caught:
        read(old)

    assert caught.value.params["option"] == "time_major"


def test_both_directions_with_an_inner_layer_by_its_old_name_are_read():
    both = layer("Bidirectional", "both", layer=lstm(name="inner"), merge_mode="concat")
    del both["config"]["layer"]["config"]["trainable"]
    weights = {f"{way}_{k}": v for way in ("f", "b") for k, v in LSTM_WEIGHTS.items()}

    received = Session(read(h5_file(sequential([both], (3, 1)), {"both": weights})))

    assert received.predict({"x": np.ones((2, 3, 1), "f4")}).shape == (2, 2)


def test_batch_input_shape_on_the_first_layer_is_read():
    dense = layer("Dense", "dense", units=1, batch_input_shape=[None, 2])
    config = {"class_name": "Sequential", "config": {"name": "old", "layers": [dense]}}
    old = h5_file(config, {"dense": {"kernel": [[1.0], [2.0]], "bias": [3.0]}}, version="2.4.0")

    graph = read(old)

    assert graph.inputs[0].shape == (2,)
    assert Session(graph).predict({"x": np.ones((1, 2), "f4")}).tolist() == [[6.0]]


def test_layers_in_a_bare_list_are_read():
    dense = layer("Dense", "dense", units=1, batch_input_shape=[None, 2])
    config = {"class_name": "Sequential", "config": [dense]}
    old = h5_file(config, {"dense": {"kernel": [[1.0], [2.0]], "bias": [3.0]}}, version="2.2.2")

    assert Session(read(old)).predict({"x": np.ones((1, 2), "f4")}).tolist() == [[6.0]]


def test_hard_sigmoid_means_what_it_meant_to_the_version_that_wrote_it():
    layers = [layer("Activation", "hard", activation="hard_sigmoid")]
    x = {"x": np.array([[1.0]], "f4")}

    old = Session(read(h5_file(sequential(layers, (1,)), {}, version="2.15.0"))).predict(x)
    new = Session(read(h5_file(sequential(layers, (1,)), {}, version="3.1.0"))).predict(x)

    assert old[0, 0] == pytest.approx(0.7)
    assert new[0, 0] == pytest.approx(1 / 6 + 0.5)
